"""Concepts: rates by hand and by draws, beliefs by Bayes' rule, and the best point of a segment by search."""

import numpy as np
import pytest

from w2s_utils.theory import concepts


def test_the_rate_by_hand_and_by_draws():
    right, other, aside = np.eye(3)
    weak = 0.7 * right + 0.5 * aside
    assert concepts.rate(weak, right, other, 0.5, 1 / 3) == pytest.approx(0.7 / 3 / 0.25)
    assert concepts.rate(other, right, other, 0.5, 1 / 3) < 0
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, size=(400_000, 3))
    y = x @ weak + 0.5 * rng.normal(size=len(x))
    ratios = ((y - x @ other) ** 2 - (y - x @ right) ** 2) / (2 * 0.25)
    error = ratios.std() / np.sqrt(len(ratios))
    assert abs(ratios.mean() - concepts.rate(weak, right, other, 0.5, 1 / 3)) < 4 * error


def test_beliefs_are_bayes_rule():
    x, y = np.array([[[1.0], [2.0]]]), np.array([[1.0, 1.0]])
    found = concepts.beliefs(x, y, np.array([[0.0], [1.0]]), 1.0, [1, 2])
    first, both = np.exp([-0.5, 0.0]), np.exp([-1.0, -0.5])
    assert found[:, 0] == pytest.approx(np.array([first / first.sum(), both / both.sum()]))


def test_the_best_point_of_a_segment():
    rng = np.random.default_rng(0)
    for _ in range(20):
        start, end, truth = rng.normal(size=(3, 4))
        shares = np.linspace(0, 1, 10_001)[:, None]
        searched = 0.3 * np.min(np.sum((start + shares * (end - start) - truth) ** 2, axis=1))
        assert concepts.segment_error(start, end, truth, 0.3) == pytest.approx(searched, abs=1e-7)
