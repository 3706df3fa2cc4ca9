"""Crossings of two curves, the exact gap on a student's own rows, and one turn of few labels."""

import numpy as np
import pytest

from w2s_utils.data.container import Views
from w2s_utils.experiments.crossfit import standardise
from w2s_utils.experiments.few_labels import DIRECTIONS, NONE, RULES, crossing, on_own_rows, one_turn
from w2s_utils.experiments.protocol import Parts
from w2s_utils.heads.linear import LeastSquaresHead, NormBallHead


def test_a_crossing_between_two_counts_is_linear_in_the_logarithm():
    assert crossing([10, 1000], [1.0, -1.0]) == pytest.approx(100)
    assert crossing([10, 100, 1000], [2.0, 1.0, -3.0]) == pytest.approx(10 ** (2 + 1 / 4))


def test_the_last_crossing_counts_and_none_is_an_end_of_the_range():
    assert crossing([1, 10, 100, 1000], [1.0, -1.0, 1.0, -1.0]) == pytest.approx(10**2.5)
    assert (crossing([10, 100], [-1.0, -2.0]), crossing([10, 100], [1.0, 2.0])) == (10, 100)


def test_on_its_own_rows_a_subspace_has_the_exact_gap_and_another_class_has_not():
    rng = np.random.default_rng(0)
    features, weak, goal = rng.normal(size=(50, 4)), rng.normal(size=50), rng.normal(size=50)
    triple, off = on_own_rows(LeastSquaresHead(), features, weak, goal)
    assert off < 1e-12 and abs(triple.cross_term) > 0.01
    assert on_own_rows(NormBallHead(0.01), features, weak, goal)[1] > 1e-3


@pytest.fixture
def turn():
    rng = np.random.default_rng(0)
    strong = rng.normal(size=(200, 5))
    family = Views(strong, {"one": strong[:, :1], "two": strong[:, :2]}, strong_name="five")
    truth = strong.sum(axis=1) + 0.1 * rng.normal(size=200)
    return truth, family, Parts(*np.split(rng.permutation(200), [60, 120, 160]))


@pytest.mark.parametrize("rule", RULES)
def test_a_turn_has_a_row_for_each_direction_model_and_number_of_labels(turn, rule):
    truth, family, parts = turn
    rows = one_turn(rule, truth, family, parts, [10, 40, 100], 20)
    keys = [(row["direction"], row["small"], row["labels"]) for row in rows]
    assert sorted(keys) == sorted((d, s, n) for d in DIRECTIONS for s in ("one", "two") for n in (10, 40))
    for row in rows:
        both = row["cross_student"] + row["cross_class"]
        assert row["gain"] - row["misfit"] == pytest.approx(both, abs=1e-12)


def test_without_penalty_a_turn_is_least_squares_twice_and_the_constant_is_the_mean(turn):
    truth, family, parts = turn
    rows = one_turn(NONE, truth, family, parts, [40], 20)
    [row] = [one for one in rows if (one["direction"], one["small"]) == ("strong-to-weak", "two")]
    training = np.union1d(parts.weak_train, parts.student_train)
    large, small = (standardise(table, training) for table in (family.strong, family.weak["two"]))
    first, own, judged = parts.weak_train[:40], parts.student_train, parts.evaluation
    weak = LeastSquaresHead().fit(large[first], truth[first]).predict(large)
    student = LeastSquaresHead().fit(small[own], weak[own]).predict(small)
    assert row["weak_error"] == pytest.approx(np.mean((weak - truth)[judged] ** 2))
    assert row["student_error"] == pytest.approx(np.mean((student - truth)[judged] ** 2))
    constant = np.mean((weak[own].mean() - truth[judged]) ** 2)
    assert row["constant_gain"] == pytest.approx(row["weak_error"] - constant)


def test_without_a_limit_a_class_that_holds_the_truth_still_holds_it(turn):
    _, family, parts = turn
    truth = family.strong @ np.arange(5.0)
    of_limit = {}
    for limit in (1.0, np.inf):
        rows = one_turn(NONE, truth, family, parts, [40], 20, limit=limit)
        of_limit[limit] = max(row["weak_error"] for row in rows if row["direction"] == "strong-to-weak")
    assert of_limit[np.inf] < 1e-20 < 1e-3 < of_limit[1.0]
