"""One rule for every penalty: least error on validation rows, for each task apart."""

import numpy as np
import pytest
from sklearn.base import clone

from w2s_utils.heads.linear import RidgeHead
from w2s_utils.heads.validated import PENALTIES, ValidatedRidge


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    features, others = rng.normal(size=(30, 6)), rng.normal(size=(12, 6))
    weights = np.column_stack([rng.normal(size=6), np.zeros(6)])
    return features, features @ weights + rng.normal(size=(30, 2)), others, others @ weights


def test_each_task_gets_the_head_that_it_gets_alone(rows):
    features, labels, others, other_labels = rows
    both = ValidatedRidge().choose(features, labels, others, other_labels)
    for task in range(2):
        alone = ValidatedRidge().choose(features, labels[:, task], others, other_labels[:, task])
        np.testing.assert_allclose(both.coef_[task], alone.coef_, atol=1e-12)
        assert both.intercept_[task] == pytest.approx(alone.intercept_, abs=1e-12)
        assert both.penalty[task] == alone.penalty
    assert both.penalty[0] < both.penalty[1] == max(PENALTIES)  # nothing to learn in the second


def test_the_chosen_penalty_errs_least_on_the_validation_rows(rows):
    features, labels, others, other_labels = rows
    chosen = ValidatedRidge().choose(features, labels[:, 0], others, other_labels[:, 0])
    errors = {
        penalty: np.mean(
            (RidgeHead(penalty).fit(features, labels[:, 0]).predict(others) - other_labels[:, 0]) ** 2
        )
        for penalty in PENALTIES
    }
    assert chosen.penalty == min(errors, key=errors.get)


def test_a_penalty_for_each_task_is_that_of_heads_apart(rows):
    features, labels, *_ = rows
    both = clone(RidgeHead(np.array([0.1, 10.0]))).fit(features, labels)
    for task, penalty in enumerate(both.penalty):
        alone = RidgeHead(penalty).fit(features, labels[:, task])
        np.testing.assert_allclose(both.coef_[task], alone.coef_, rtol=1e-12)
    assert max(both.certificate(features, labels)) < 1e-10


@pytest.mark.parametrize(
    "penalty", [np.array([1.0]), np.array([1.0, -1.0]), np.array([1.0, np.nan]), np.ones((2, 1))]
)
def test_penalties_that_do_not_fit_the_tasks_are_refused(rows, penalty):
    with pytest.raises(ValueError, match="each of the 2 tasks"):
        RidgeHead(penalty).fit(rows[0], rows[1])
