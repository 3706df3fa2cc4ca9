"""Tables and pictures of methods side by side, from rows whose numbers are known."""

from itertools import pairwise, product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from w2s_utils.methods import method_pictures, method_tables
from w2s_utils.theory import intervals

TEACHERS = ("poor", "better")
ADDS = {"naive": 0.0, "good": -0.1, "bad": 0.05}


@pytest.fixture(scope="module")
def rows():
    noise = np.random.default_rng(0)
    made = []
    for data, seed, (place, teacher), method in product("AB", range(5), enumerate(TEACHERS), ADDS):
        weak = 0.4 - 0.1 * place
        student = weak - 0.05 + ADDS[method] + 0.01 * noise.normal()
        row = {"data": data, "seed": seed, "teacher": teacher, "method": method, "weak_error": weak}
        row |= {"student_error": student, "gain": weak - student, "ceiling": 0.1 + 0.01 * seed, "alone": 0.3}
        made.append(row)
    return pd.DataFrame(made)


def errors(rows, data, method, teacher):
    some = rows[(rows["data"] == data) & (rows["method"] == method) & (rows["teacher"] == teacher)]
    return some["student_error"].to_numpy()


def test_tables_have_seeds_and_teachers_in_their_order(rows):
    table = method_tables.by(
        rows.sample(frac=1, random_state=1).sort_values("teacher"), "weak_error", "B", "good"
    )
    assert list(table.index) == list(range(5)) and list(table) == ["better", "poor"]
    table = method_tables.by(rows, "student_error", "B", "good")
    assert list(table) == list(TEACHERS)
    np.testing.assert_array_equal(table["poor"], errors(rows, "B", "good", "poor"))
    less = method_tables.less(rows, "student_error", "B", "good", "naive")
    np.testing.assert_allclose(
        less["better"], errors(rows, "B", "good", "better") - errors(rows, "B", "naive", "better")
    )
    assert -0.12 < less.mean().mean() < -0.08


def test_teachers_are_averaged_within_a_seed(rows):
    table = method_tables.by(rows, "student_error", "A", "good")
    by_hand = (errors(rows, "A", "good", "poor") + errors(rows, "A", "good", "better")) / 2
    assert method_tables.over_teachers(table) == pytest.approx(intervals.mean_t(by_hand))
    wider, narrower = (method_tables.over_teachers(table, confidence) for confidence in (0.99, 0.95))
    assert wider.low < narrower.low < narrower.high < wider.high


def test_pgr_is_a_ratio_of_means_and_withheld_where_the_ceiling_does_not_beat_the_teacher(rows):
    one = rows[(rows["data"] == "A") & (rows["method"] == "good") & (rows["teacher"] == "poor")]
    by_hand = (0.4 - errors(rows, "A", "good", "poor").mean()) / (0.4 - 0.12)
    assert method_tables.recovered(one) == pytest.approx(by_hand)
    assert np.isnan(method_tables.recovered(one.assign(ceiling=0.4 + 0.01 * (one["seed"] - 2))))  # not told
    assert np.isnan(method_tables.recovered(one.assign(ceiling=0.6 + 0.01 * one["seed"])))  # told: worse


def test_the_least_beside_few_labels_is_of_all_methods_and_teachers(rows):
    found = method_tables.beside_few_labels(rows, "A", ADDS)
    together = intervals.joint(6)
    each = [
        intervals.mean_t(errors(rows, "A", method, teacher) - 0.3, together)
        for method, teacher in product(ADDS, TEACHERS)
    ]
    assert found == pytest.approx(intervals.least_of(each))
    assert found.estimate == pytest.approx(errors(rows, "A", "good", "better").mean() - 0.3)
    assert method_tables.beside_few_labels(rows, "A", ["bad"]).estimate > found.estimate


def test_the_picture_has_a_panel_for_each_title_and_ticks_that_do_not_touch(rows):
    panels = {
        title: {
            method: method_tables.less(rows, "student_error", data, method, "naive") * scale
            for method in ("good", "bad")
        }
        for title, data, scale in (("first", "A", 1), ("second", "B", 0.3))
    }
    figure = method_pictures.added_figure(panels, "errors, less naive")
    figure.canvas.draw()
    assert [axes.get_title() for axes in figure.axes] == list(panels)
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["good", "bad"]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [f"{title}: {teacher}" for title in panels for teacher in TEACHERS]
    for axes, of_panel in zip(figure.axes, panels.values(), strict=True):
        bars = axes.containers[0]
        np.testing.assert_allclose(
            bars.lines[0].get_xdata(), [one["poor"].mean() for one in of_panel.values()]
        )
        [[low, _], [high, _]] = bars.lines[2][0].get_segments()[0]
        assert (low, high) == pytest.approx(
            intervals.mean_t(of_panel["good"]["poor"], intervals.joint(4)).ends
        )
        boxes = [text.get_window_extent() for text in axes.get_xticklabels()]
        shown = [box for box in boxes if axes.bbox.x0 - 1 <= (box.x0 + box.x1) / 2 <= axes.bbox.x1 + 1]
        assert len(shown) >= 3 and all(one.x1 < other.x0 for one, other in pairwise(shown))
    top, bottom = sorted(figure.axes[0].get_ylim())
    assert figure.axes[0].yaxis_inverted() and top < 0 and bottom > 1
    plt.close(figure)
