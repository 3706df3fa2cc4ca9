"""Accuracies on two blocks: against draws, and at the corners."""

import numpy as np
import pytest
from scipy.special import ndtr

from w2s_utils.theory.overlap import block_accuracy, mean_difference_accuracy


def test_accuracy_of_a_linear_classifier_against_draws():
    rng = np.random.default_rng(0)
    theta, weights = rng.uniform(size=(2, 5))
    classes = rng.choice([-1.0, 1.0], size=200_000)
    drawn = classes[:, None] * theta + 2 * rng.normal(size=(len(classes), 5))
    said = np.sign(drawn @ weights + 0.7)
    assert block_accuracy(weights, 0.7, theta, 2.0) == pytest.approx(np.mean(said == classes), abs=0.004)


def test_corners():
    theta = np.array([3.0, 4.0])
    assert block_accuracy(theta, 0.0, theta, 2.0) == pytest.approx(ndtr(2.5))
    assert block_accuracy(np.zeros(2), 1.0, theta, 2.0) == 0.5
    with pytest.raises(ValueError, match="are \\(d,\\)"):
        block_accuracy(np.ones(3), 0.0, theta, 2.0)
    # Labels without information, and so many right ones that only theta is left.
    assert mean_difference_accuracy(30, 0.5, 1.0, 20) == pytest.approx(0.5)
    assert mean_difference_accuracy(20_000, 1.0, 1.0, 20) == pytest.approx(ndtr(1.0), abs=1e-3)


@pytest.mark.parametrize(("count", "dimension"), [(8, 2), (30, 12)])
def test_mean_difference_against_draws(count, dimension):
    rng, theta = np.random.default_rng(1), np.full(dimension, 0.6)
    labels = rng.choice([1.0, -1.0], p=[0.8, 0.2], size=(4000, count))
    students = labels.sum(axis=1)[:, None] * theta + np.sqrt(count) * rng.normal(size=(4000, dimension))
    accuracy = ndtr(students @ theta / np.linalg.norm(students, axis=1))
    expected = mean_difference_accuracy(count, 0.8, float(np.linalg.norm(theta)), dimension)
    assert abs(accuracy.mean() - expected) < 4 * accuracy.std() / np.sqrt(len(accuracy))
