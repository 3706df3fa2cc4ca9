"""Regions, lost rows and scores by hand; mixed labels flip where the threshold says; rewards reach only rewarded rows."""

import numpy as np
import pandas as pd
import pytest

from w2s_utils.data.container import Views
from w2s_utils.experiments.classification import Sizes, class_parts, taught
from w2s_utils.methods import conflict
from w2s_utils.methods.conflict import BOTH, NEITHER, STRONG_ALONE, WEAK_ALONE


def of_truth(*probabilities):
    """Two classes, the true one first."""
    first = np.array(probabilities)
    return np.column_stack([first, 1 - first])


TRUTH = np.eye(2)[[0] * 6]
STRONG = of_truth(0.9, 0.75, 0.8, 0.7, 0.2, 0.74)
WEAK = of_truth(0.6, 0.74, 0.75, 0.9, 0.1, 0.3)
BEFORE = of_truth(0.9, 0.9, 0.6, 0.6, 0.1, 0.2)
AFTER = of_truth(0.4, 0.8, 0.3, 0.45, 0.1, 0.9)


def world(columns=6, rows=400, seed=0):
    draw = np.random.default_rng(seed)
    strong = draw.normal(size=(rows, columns))
    numbers = (strong[:, :2].sum(axis=1) + 0.3 * draw.normal(size=rows) > 0).astype(float)
    views = Views(strong, {"weak": strong[:, :1] + draw.normal(size=(rows, 1))})
    return taught(views, numbers, 2, class_parts(numbers, Sizes(40, 60, 200, 100), draw))


def right_of(one, said):
    return conflict.right(said, one.truth)[one.parts.evaluation].mean()


def test_every_row_lies_in_one_region():
    found = conflict.regions(TRUTH, STRONG, WEAK)
    assert {name: np.flatnonzero(rows).tolist() for name, rows in found.items()} == {
        STRONG_ALONE: [0, 1],
        BOTH: [2],
        WEAK_ALONE: [3],
        NEITHER: [4, 5],
    }
    assert sum(found.values()).tolist() == [1] * 6
    lower = conflict.regions(TRUTH, STRONG, WEAK, threshold=0.7)
    assert lower[STRONG_ALONE].tolist() == [True, False, False, False, False, True]


def test_counts_and_scores_by_hand():
    counts = conflict.lost_and_won(TRUTH, STRONG, WEAK, BEFORE, AFTER)
    assert (counts["lost"], counts["won"], counts["at risk"], counts["rows"]) == (3, 1, 4, 6)
    errors = [np.mean(~conflict.right(said, TRUTH)) for said in (BEFORE, AFTER)]
    assert counts["lost"] - counts["won"] == pytest.approx(6 * (errors[1] - errors[0]))
    assert [counts[f"{name}, lost"] for name in conflict.REGIONS] == [1, 1, 1, 0]
    assert [counts[f"{name}, at risk"] for name in conflict.REGIONS] == [2, 1, 1, 0]
    assert [counts[f"{name}, rows"] for name in conflict.REGIONS] == [2, 1, 1, 2]
    [row] = conflict.scored(pd.DataFrame([counts])).to_dict("records")
    assert (row["of_lost"], row["of_known"], row["rate"]) == pytest.approx((1 / 3, 1 / 2, 1 / 2))
    assert (row["chance"], row["chance_known"]) == pytest.approx((2 / 4, 2 / 3))


def test_a_score_at_so_many_lost_rows_lies_between_two_weights():
    path = pd.DataFrame({"lost": [10, 8, 30], "strong alone, lost": [9, 8, 13]})
    assert conflict.score_at(path, 5) == pytest.approx(0.9)  # a share of the mildest conflict's
    assert conflict.score_at(path, 10) == pytest.approx(0.9)
    assert conflict.score_at(path, 19) == pytest.approx((8 + 5 * 11 / 22) / 19)
    assert conflict.score_at(path, 30) == pytest.approx(13 / 30)
    assert np.isnan([conflict.score_at(path, 0), conflict.score_at(path, 31)]).all()


def test_shares_of_nothing_are_missing():
    counts = conflict.lost_and_won(TRUTH, STRONG, WEAK, BEFORE, BEFORE)
    row = conflict.scored(pd.DataFrame([counts])).iloc[0]
    assert np.isnan(row["of_lost"]) and np.isnan(row["of_known"]) and row["rate"] == 0


def test_rows_lost_at_random_have_the_chance_level():
    draw = np.random.default_rng(0)
    said = of_truth(*draw.uniform(size=400))
    weak, before = of_truth(*draw.uniform(size=400)), of_truth(*draw.uniform(size=400))
    truth = np.eye(2)[np.zeros(400, dtype=int)]
    made = []
    for _ in range(300):
        after = np.where((draw.random(400) < 0.3)[:, None], before[:, ::-1], before)
        made.append(conflict.lost_and_won(truth, said, weak, before, after))
    means = conflict.scored(pd.DataFrame(made)).mean()
    assert means["of_lost"] == pytest.approx(means["chance"], abs=0.01)
    assert means["of_known"] == pytest.approx(means["chance_known"], abs=0.02)


def test_only_rewarded_rows_are_mixed_and_rows_stay_probabilities():
    rewarded = np.array([True, False, True, False, False, False])
    found = conflict.with_reward(WEAK, conflict.another_class(TRUTH), rewarded, 0.5)
    assert found[:, 0].tolist() == [0.3, 0.74, 0.375, 0.9, 0.1, 0.3]
    assert found.sum(axis=1) == pytest.approx(1)
    assert conflict.another_class(np.eye(3)).tolist() == np.eye(3)[[1, 2, 0]].tolist()
    for weight in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match="from 0 to 1"):
            conflict.with_reward(WEAK, TRUTH, rewarded, weight)


@pytest.mark.parametrize(("weight", "share"), [(0.2, 0.5), (0.5, 0.5), (1.0, 0.3), (0.9, 0.5)])
def test_mean_labels_flip_where_the_threshold_says(weight, share):
    grid = np.linspace(0.5, 1, 2000)[1:]
    labels, truth = of_truth(*grid), np.eye(2)[np.zeros(len(grid), dtype=int)]
    every = np.ones(len(grid), dtype=bool)
    mean = share * conflict.with_reward(labels, conflict.another_class(truth), every, weight)
    mean = mean + (1 - share) * labels
    flipped = mean[:, 0] < 0.5
    assert (flipped == (grid < conflict.loses_below(weight, share))).mean() > 0.999
    assert conflict.loses_below(0.5, 2 / 3) == pytest.approx(conflict.KNOWN)
    assert conflict.loses_below(1, 1) == np.inf


def test_students_with_and_without_a_second_objective():
    one, weights = world(), [0.0, 0.5]
    before, made = conflict.students(
        one, one.weak["weak"], 0.5, np.random.default_rng(1), weights, coins=weights
    )
    assert list(made) == [("again", 0), ("conflict", 0), ("conflict", 0.5), ("coin", 0), ("coin", 0.5)]
    assert made["conflict", 0.0] == pytest.approx(before, abs=1e-9)
    assert made["coin", 0.0] == pytest.approx(before, abs=1e-9)
    assert 0 < np.abs(made["again", 0.0] - before).max() < 0.5
    assert right_of(one, made["conflict", 0.5]) <= right_of(one, before)
    assert right_of(one, made["conflict", 0.5]) < right_of(one, made["coin", 0.5])
    _, full = conflict.students(one, one.weak["weak"], 1.0, np.random.default_rng(1), [1.0])
    assert right_of(one, full["conflict", 1.0]) < 0.2


def test_a_reward_for_errors_alone_needs_errors():
    one = world()
    labels = one.weak["weak"]
    before = one.strong_head(labels, one.parts.student_train)
    assert conflict.entrenched(one, labels, before, 0.0, 2) == pytest.approx(before, abs=1e-9)
    never_wrong = conflict.entrenched(one, labels, one.truth, 0.9, 1)
    assert never_wrong == pytest.approx(before, abs=1e-9)
    assert conflict.entrenched(one, labels, before, 0.9, 0) is before
    rewarded = conflict.entrenched(one, labels, before, 0.9, 2)
    assert conflict.right(rewarded, one.truth).mean() < conflict.right(before, one.truth).mean()
