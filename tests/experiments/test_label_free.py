"""The label-free metric and its smoothers, against explicit matrices and against heads."""

import numpy as np
import pytest

from w2s_utils.experiments.label_free import label_free, projected, smoothed, smoother
from w2s_utils.heads.linear import RidgeHead


def matrix(one, rows):
    """A smoother as a matrix on centred labels."""
    return np.column_stack([smoothed(one, column - column.mean()) for column in np.eye(rows)])


@pytest.mark.parametrize("penalty", [1e-9, 0.1, 10.0])
def test_a_smoother_does_what_the_ridge_head_does(penalty):
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(30, 4)), rng.normal(size=30)
    made = labels.mean() + smoothed(smoother(features, penalty), labels - labels.mean())
    np.testing.assert_allclose(made, RidgeHead(penalty).fit(features, labels).predict(features), rtol=1e-9)


def test_the_metric_and_the_norm_are_those_of_the_matrices():
    rng = np.random.default_rng(1)
    goals = rng.normal(size=(25, 2))
    strong, weak = (smoother(rng.normal(size=(25, width)), 0.05) for width in (8, 3))
    product = matrix(strong, 25) @ (np.eye(25) - matrix(weak, 25))
    centred = goals - goals.mean(axis=0)
    found = label_free(strong, weak, goals)
    np.testing.assert_allclose(found[:2], np.mean((product @ centred) ** 2, axis=0), rtol=1e-9)
    assert found[2] == pytest.approx(np.linalg.norm(product, 2), rel=1e-9)


def test_with_projections_the_metric_is_student_error_less_ceiling_error():
    rng = np.random.default_rng(2)
    strong, weak, truth = rng.normal(size=(40, 6)), rng.normal(size=(40, 3)), rng.normal(size=40)
    student, ceiling = projected(strong, projected(weak, truth)), projected(strong, truth)
    difference = np.mean((student - truth) ** 2) - np.mean((ceiling - truth) ** 2)
    metric, _ = label_free(smoother(strong, 0.0), smoother(weak, 0.0), truth[:, None])
    assert metric == pytest.approx(difference, rel=1e-9)
