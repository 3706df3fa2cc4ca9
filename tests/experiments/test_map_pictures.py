"""The pictures of the map hold what they are given, also where that is one notebook or nothing."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from w2s_utils.experiments import map_pictures as pictures
from w2s_utils.experiments.map_rows import SOURCES


@pytest.fixture
def axes():
    yield plt.figure().subplots()
    plt.close("all")


def trials(**by_notebook):
    rows = [
        {"notebook": name[2:], "imitability": m, "direction": c}
        for name, some in by_notebook.items()
        for m, c in some
    ]
    return pd.DataFrame(rows, columns=["notebook", "imitability", "direction"])


def test_dust_is_drawn_from_the_notebooks_that_have_a_name():
    many = [(0.25, 1.0)] * 9 + [(25.0, 0.0)]
    found = pictures.dust(trials(nb10=many, nb99=many), 4, np.random.default_rng(0))
    assert list(found) == ["10"] and found["10"].x.shape == (4,)
    assert found["10"].median == pytest.approx((0.5, 0.0)) and found["10"].beyond == pytest.approx(0.1)


def test_every_drawn_notebook_has_rows_and_a_section():
    numbers = {source.notebook for source in SOURCES}
    assert set(pictures.WHO) == numbers - {"00"}
    assert {notebook[0] for notebook in pictures.WHO} == set(pictures.SECTIONS)


@pytest.mark.parametrize(
    "shown", [{}, {"nb10": [(0.2, 0.4)]}, {"nb31": [(0.1, 0.1)], "nb34": [(0.1, 0.1)], "nb52": [(1.0, 1.0)]}]
)
def test_names_stand_apart_beside_the_map(axes, shown):
    pictures.draw_map(axes, pictures.dust(trials(**shown), 5, np.random.default_rng(0)))
    names = [text for text in axes.texts if text.get_text().strip()[:2].isdecimal()]
    assert len(names) == len(shown)
    left = sorted(text.get_position()[1] for text in names if text.get_ha() == "right")
    assert all(np.diff(left) > 0.9 * pictures.LINE)


@pytest.mark.parametrize("count", [1, 4])
def test_panels_are_as_many_as_asked_for(count):
    figure, axes = pictures.panels(count, 3, 2.0)
    assert len(axes) == count == sum(one.get_visible() for one in figure.axes)
    plt.close(figure)


def test_a_path_from_beyond_begins_at_the_rim(axes):
    for height, marker in ((1.5, "^"), (0.5, "o")):
        pictures.draw_path(axes, pd.DataFrame({"x": [0.5, 0.6], "y": [height, 0.2]}), "black")
        start = axes.lines[-2]
        assert start.get_marker() == marker and start.get_ydata()[0] == min(height, 0.9)


def test_conditions_show_the_share_outside(axes):
    row = {"asked": "c = √m", "5%": -0.1, "50%": 0.0, "95%": 0.1, "outside": 0.25}
    pictures.draw_conditions(axes, pd.DataFrame({"one": row, "two": {**row, "asked": ""}}).T)
    assert [text.get_text() for text in axes.texts] == ["25%", "25%", "outside"]
