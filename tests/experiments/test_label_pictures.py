"""Pictures of intervals: what is drawn where, in words of the picture's own parts."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from w2s_utils.experiments import label_pictures
from w2s_utils.experiments.label_coverage import ALONE, CERTIFICATE, LINE, Ends
from w2s_utils.experiments.label_worlds import WORLDS
from w2s_utils.theory.capped import reaching


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_intervals_that_miss_are_told_apart():
    axes = plt.figure().subplots()
    low = np.array([0.0, 2.0, -3.0])
    missed = label_pictures.intervals_of_draws(axes, Ends(low, low + 1.5, low), 1.0, "blue")
    assert list(missed) == [False, True, True]
    held, others = axes.collections
    assert [len(lines.get_segments()) for lines in (held, others)] == [1, 2]


def test_lines_of_one_draw_part_at_the_cap():
    axes = plt.figure().subplots()
    rows = WORLDS["misfit tells"].draw(500, np.random.default_rng(0))
    label_pictures.lines_of_one_draw(axes, rows, 30)
    lines = {line.get_label(): line.get_data() for line in axes.lines}
    misfits = np.sort((rows[1] - rows[2])[:30] ** 2)
    cap = lines["cap"][0][0]
    assert cap == misfits[-reaching(30)]
    grid, capped = lines["capped line"]
    assert np.ptp(capped[grid > cap]) == pytest.approx(0) and np.diff(capped[grid < cap]).min() > 0
    assert np.diff(lines[LINE][1]).min() > 0
    assert len(lines["30 labelled rows"][0]) == 30 and len(lines["rows without a label"][0]) == 470


def test_shares_below_the_rim_are_open_marks_on_it():
    rows = [
        {"world": world, "labels": labels, "kind": kind, "held": held, "draws": 100}
        for world, held in (("one", 30), ("other", 90))
        for labels in (15, 30)
        for kind in (CERTIFICATE, ALONE)
    ]
    figure = label_pictures.coverage_by_world(pd.DataFrame(rows), 0.95, 3, 0.4)
    assert [axes.get_title() for axes in figure.axes] == ["15 labels", "30 labels"]
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["one", "other"]
    [_, inside, below, *_] = figure.axes[0].lines
    assert (list(inside.get_xdata()), list(inside.get_ydata())) == ([90], [1])
    assert (list(below.get_xdata()), list(below.get_ydata())) == ([40], [0])
    assert below.get_markerfacecolor() == "none"


def test_cases_have_their_rows_in_the_order_asked_for():
    rows = [
        {"world": "one", "case": case, "kind": kind, "held": held, "draws": 50}
        for case, held in (("b", 10), ("a", 50))
        for kind in (CERTIFICATE, ALONE)
    ]
    figure = label_pictures.coverage_by_case(pd.DataFrame(rows), ["one"], ["a", "b"], 0.95)
    [axes] = figure.axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b"]
    assert list(axes.containers[0].lines[0].get_xdata()) == [100, 20]


def test_as_labels_come_intervals_shorten():
    drawn = {name: WORLDS[name].draw(2000, np.random.default_rng(0)) for name in ("misfit tells", "ties")}
    figure = label_pictures.as_labels_come(drawn, [10, 1000], dict.fromkeys(drawn, 0.9))
    assert [axes.get_title() for axes in figure.axes] == list(drawn)
    for axes in figure.axes:
        for container in axes.containers:
            few, many = (np.ptp(segment[:, 1]) for segment in container.lines[2][0].get_segments())
            assert many < few
