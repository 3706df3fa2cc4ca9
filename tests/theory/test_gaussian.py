"""Moments of the inverse of a Gram matrix of Gaussian rows, against drawn ones."""

import numpy as np
import pytest

from w2s_utils.theory.gaussian import inverse_moments


@pytest.mark.parametrize(("dimension", "rows"), [(1, 10), (3, 20), (8, 60)])
def test_moments_are_those_of_drawn_rows(dimension, rows):
    rng = np.random.default_rng(dimension)
    draws = 40_000
    x = rng.normal(size=(draws, rows, dimension))
    inverse = np.linalg.inv(np.einsum("rni,rnj->rij", x, x))
    traces = np.trace(inverse, axis1=1, axis2=2)
    mean, variance = inverse_moments(dimension, rows)
    assert traces.mean() == pytest.approx(mean, abs=5 * traces.std() / np.sqrt(draws))
    # |delta|^2 given S has mean tr S and variance 2 tr S^2.
    squares = 2 * np.einsum("rij,rij->r", inverse, inverse) + (traces - mean) ** 2
    assert squares.mean() == pytest.approx(variance, abs=5 * squares.std() / np.sqrt(draws))


def test_one_feature_is_an_inverse_chi_square():
    mean, _ = inverse_moments(1, 12)
    assert mean == pytest.approx(1 / 10)
