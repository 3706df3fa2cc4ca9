"""Interpolation on two levels of features: against least squares on explicit features, and the corners of its formulas."""

import numpy as np
import pytest

from w2s_utils.theory import bilevel
from w2s_utils.theory.bilevel import Ensemble, Powers


def test_counts_and_variances_by_hand():
    found = Ensemble.of(100, Powers(1.5, 0.5, 0.5))
    assert found == pytest.approx((1000, 10, 0.1 * 1000 / 10, 0.9 * 1000 / 990))
    assert found.favoured * found.high + (found.features - found.favoured) * found.low == pytest.approx(1000)
    with pytest.raises(ValueError, match="no unfavoured"):
        Ensemble.of(100, Powers(0.5, 0.1, 0.5))


def test_the_condition_by_hand():
    margin, others = bilevel.condition(Powers(3, 1, 0.1), Powers(1.8, 1.5, 0.1), 1.2)
    assert (margin, others) == (pytest.approx(1.2 + 0.9 - 1.6), True)
    margin, _ = bilevel.condition(Powers(2, 1.7, 0.1), Powers(1.8, 1.5, 0.1), 1.2)
    assert margin == pytest.approx(1.2 - 0.6 - 1.6)


def test_bartlett_has_the_moments_of_a_gram_matrix():
    rng = np.random.default_rng(0)
    drawn = np.array([lower @ lower.T for lower in (bilevel.bartlett(3, 7, rng) for _ in range(20_000))])
    assert drawn.mean(axis=0) == pytest.approx(7 * np.eye(3), abs=0.1)
    assert drawn[:, 0, 0].var() == pytest.approx(14, rel=0.05)
    assert drawn[:, 0, 1].var() == pytest.approx(7, rel=0.05)
    with pytest.raises(ValueError, match="do not interpolate"):
        bilevel.bartlett(3, 2, rng)


def test_the_interpolator_is_that_of_least_squares():
    rng = np.random.default_rng(0)
    explicit, others, labels = (
        rng.normal(size=(6, 2)),
        rng.normal(size=(6, 9)),
        rng.choice([-1.0, 1.0], size=6),
    )
    variances, low = np.array([5.0, 2.0]), 0.3
    lower = np.linalg.cholesky(others @ others.T)
    found, rest = bilevel.interpolated(explicit, variances, low, lower, labels)
    scale = np.sqrt(np.append(variances, np.full(9, low)))
    head = np.linalg.lstsq(np.hstack([explicit, others]) * scale, labels, rcond=None)[0] * scale
    assert found == pytest.approx(head[:2])
    assert rest == pytest.approx(np.linalg.norm(head[2:]))


def test_accuracy_by_angle():
    assert bilevel.angle_accuracy(1.0, 1.0) == pytest.approx(0.75)
    assert bilevel.angle_accuracy(0.0, 1.0) == 0.5
    assert bilevel.angle_accuracy(-1.0, 0.0) == 0.0
