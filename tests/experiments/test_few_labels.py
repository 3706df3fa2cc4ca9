"""Crossings of two curves, and the exact gap on a student's own rows."""

import numpy as np
import pytest

from w2s_utils.experiments.few_labels import crossing, on_own_rows
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
