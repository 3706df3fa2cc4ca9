"""Few labels on the shipped networks of Figure 2, and heads trained side by side."""

import numpy as np
import pandas as pd
import pytest

from w2s_utils.experiments import figure_2_networks
from w2s_utils.experiments.few_labels import DIRECTIONS, NONE, VALIDATED
from w2s_utils.experiments.figure_2_few_labels import (
    cloud,
    drawn_tables,
    few_label_turns,
    live_units,
    seed_medians,
    size_of,
    solved_heads,
    tasks_needed,
    timed,
    trained_heads,
)
from w2s_utils.experiments.figure_2abc import panel_outcomes
from w2s_utils.heads.linear import LeastSquaresHead, RidgeHead
from w2s_utils.heads.validated import ValidatedRidge
from w2s_utils.theory.intervals import Interval


@pytest.fixture(scope="module")
def worlds():
    return figure_2_networks.worlds([0, 1])


def test_the_truth_is_that_of_the_fine_tuning_tasks(worlds):
    [outcome] = panel_outcomes(
        worlds[0], "a", 300, 50, LeastSquaresHead(), LeastSquaresHead(), points_per_task=False
    )
    _, strong, truth = drawn_tables(worlds[0], "a", 40, [3, 7], "test")
    head = outcome.ceiling_head  # in panel a the strong head fitted to the truth is the truth
    assert truth == pytest.approx(strong @ head.coef_[[3, 7]].T + head.intercept_[[3, 7]], rel=1e-6, abs=1e-6)
    for wrong in ([], [-1], [100]):
        with pytest.raises(ValueError, match="task"):
            drawn_tables(worlds[0], "a", 40, wrong, "test")


def test_a_row_for_each_rule_task_direction_and_number_of_labels(worlds):
    rows = few_label_turns(worlds[0], "b", [VALIDATED, NONE], [8, 40], 2, 100, 30)
    keys = {(row["rule"], row["task"], row["direction"], row["labels"]) for row in rows}
    assert len(rows) == len(keys) == 2 * 2 * len(DIRECTIONS) * 2
    assert rows == few_label_turns(worlds[0], "b", [VALIDATED, NONE], [8, 40], 2, 100, 30)


def test_all_heads_are_judged_on_the_same_points(worlds):
    heads = {"ridge": RidgeHead(1e-4), "validated": ValidatedRidge()}
    solved = solved_heads(worlds[1], "c", heads, 300, 3)
    rows = trained_heads(worlds, ["b", "c"], 300, 3, 2)
    assert len(rows) == 2 * 2 * 3
    trained = [row for row in rows if (row["seed"], row["panel"]) == (1, "c")]
    assert [row["task"] for row in trained] == [0, 1, 2] and len(solved) == 6
    for row in (*solved, *trained):
        assert row["gain"] - row["misfit"] == pytest.approx(row["cross_term"], rel=1e-6, abs=1e-9)


def test_a_cloud_of_three_tasks_and_the_time_it_took():
    found, seconds = timed(cloud, pd.DataFrame({"gain": [1.0, 2.0, -1.0], "misfit": [1.0, 2.0, 1.0]}))
    assert found["gain / misfit"] == pytest.approx(0.5) and found["gain > 0"] == pytest.approx(2 / 3)
    assert found["correlation"] == pytest.approx(np.corrcoef([1, 2, -1], [1, 2, 1])[0, 1])
    assert seconds >= 0


def changes(between, within, seeds, tasks, misfit=None):
    """Two heads whose gain / misfit differs by normal changes of a seed and of a task, with those standard deviations."""
    rng = np.random.default_rng(seeds)
    index = pd.MultiIndex.from_product([range(seeds), range(tasks)], names=["seed", "task"])
    rival = pd.DataFrame({"gain": rng.normal(size=len(index)), "misfit": misfit or 1.0}, index=index)
    of_seed = np.repeat(between * rng.normal(size=seeds), tasks)
    change = of_seed + within * rng.normal(size=len(index))
    return rival.assign(gain=rival["gain"] + change * rival["misfit"]), rival


def test_the_tasks_needed_are_those_of_the_true_components():
    """Change of a seed 0.5, of a task 2: needed 0.31 / 0.19 * 16 = 26.1; and there doubling shortens by 10 %."""
    found = tasks_needed(*changes(0.5, 2.0, 4000, 12, misfit=3.0))
    assert found["between"] == pytest.approx(0.5, rel=0.1)
    assert found["within"] == pytest.approx(2 / np.sqrt(12), rel=0.02)
    assert found["needed"] == pytest.approx(0.31 / 0.19 * 16, rel=0.2)
    between, within = found["between"] ** 2, 12 * found["within"] ** 2
    lengths = [np.sqrt(between + within / (times * found["needed"])) for times in (1, 2)]
    assert lengths[1] / lengths[0] == pytest.approx(0.9)


def test_the_tasks_needed_of_the_same_head_and_of_what_does_not_match():
    ours, rival = changes(0.0, 1.0, 5, 4)
    same = tasks_needed(ours, ours)
    assert same["within"] == same["between"] == 0 and np.isinf(same["needed"])
    for wrong in (rival[::-1], rival[:-1]):
        with pytest.raises(ValueError, match="same tasks"):
            tasks_needed(ours, wrong)
    for some in (ours[:4], ours[:-1], ours[::4]):
        with pytest.raises(ValueError, match="two seeds"):
            tasks_needed(some, some)


def test_medians_of_a_seed_are_over_its_tasks():
    keys = {"panel": "a", "rule": NONE, "labels": 8, "seed": 0}
    rows = [
        {**keys, "task": task, "direction": direction, "weak_error": error * 2**task, "gain": 1.0 + task}
        | {"misfit": 2.0, "constant_gain": 0.5, "constant_misfit": 1.0}
        for task in range(3)
        for direction, error in (("strong-to-weak", 3.0), ("weak-to-strong", 1.0))
    ]
    log_ratio, shares = seed_medians(pd.DataFrame(rows))
    assert log_ratio.tolist() == pytest.approx([np.log(3)])
    assert shares.loc[("a", NONE, "strong-to-weak", 8, 0)].tolist() == pytest.approx([1.0, 0.5, 0.5])


@pytest.mark.parametrize(
    "change, size",
    [((0.1, -0.2, 0.4), (0.1, 0, 0.4)), ((-0.3, -0.5, -0.1), (0.3, 0.1, 0.5)), ((2, 1, 3), (2, 1, 3))],
)
def test_the_size_of_a_change(change, size):
    assert size_of(Interval(*change)) == pytest.approx(size)


def test_a_unit_that_is_alive_on_few_rows_does_not_count():
    features = np.zeros((200, 3))
    features[:2, 1], features[:3, 2] = 1.0, 1.0
    assert (live_units(features), live_units(features, 0.0)) == (1, 2)
