"""Tables and pictures of the students of notebook 60, from rows whose numbers are known."""

from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from w2s_utils.methods import bench, burns, burns_pictures, confidence, method_tables

TEACHERS = ("poor", "better")
SHIFT = {burns.GRADIENT: 0.01, burns.PAPER: -0.1, bench.HARD: 0.05}
"""Errors less those of the convex naive student."""


@pytest.fixture(scope="module")
def rows():
    made = []
    for data, seed, (place, teacher), method in product(
        ("A", "B"), range(4), enumerate(TEACHERS), burns.METHODS
    ):
        weak = 0.4 - 0.1 * place
        student = weak - 0.02 * (seed % 2) + SHIFT.get(method, 0.0)
        row = {"data": data, "seed": seed, "teacher": teacher, "method": method, "weak_error": weak}
        row |= {"student_error": student, "inherited": weak / 2, "agreement": 0.7 + 0.1 * place}
        made.append(row)
    return pd.DataFrame(made)


def test_tables_have_seeds_and_teachers_in_their_order(rows):
    table = method_tables.by(rows, "weak_error", "B", bench.NAIVE)
    assert list(table.columns) == list(TEACHERS) and list(table.index) == [0, 1, 2, 3]
    assert np.allclose(table, [[0.4, 0.3]] * 4)
    assert np.allclose(burns_pictures.inherited(rows, "A", burns.PAPER), 0.5)


def test_each_method_is_compared_with_the_naive_student_of_its_optimiser(rows):
    assert np.allclose(burns_pictures.added(rows, "A", burns.PAPER), -0.11)
    assert np.allclose(burns_pictures.added(rows, "A", bench.HARD), 0.05)
    assert np.allclose(burns_pictures.added(rows, "A", burns.LATE), 0)


def test_the_pictures_show_every_set_and_mark_zero(rows):
    rng = np.random.default_rng(0)
    noisy = rows.assign(student_error=rows["student_error"] + 0.01 * rng.normal(size=len(rows)))
    figure = burns_pictures.added_figure(noisy, {"A": "first", "B": "second"})
    assert [axes.get_title() for axes in figure.axes] == ["first", "second"]
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == list(burns_pictures.ADDED)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [f"{title}: {teacher}" for title in ("first", "second") for teacher in TEACHERS]
    plt.close(figure)
    figure = burns_pictures.imitation_figure(noisy, {"A": "first", "B": "second"})
    large = [line for line in figure.axes[0].lines if line.get_markersize() == 10]
    assert [line.get_label() for line in large] == ["first", "second"]
    assert np.allclose(large[0].get_xdata(), [0.7, 0.8]) and np.allclose(large[0].get_ydata(), 0.5)
    plt.close(figure)


def test_the_picture_of_the_schedules_has_both_and_they_meet_after_the_warm_up():
    figure = burns_pictures.schedules_figure()
    paper, released = (line.get_ydata() for line in figure.axes[0].lines[:2])
    grid = figure.axes[0].lines[0].get_xdata()
    assert np.array_equal(paper == released, (grid > confidence.WARM_UP) | (grid == 0))
    plt.close(figure)
