"""The overlap experiment: the fit against scikit-learn, exact accuracies, and the choice of sources."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from w2s_utils.experiments import overlap_trials
from w2s_utils.experiments.overlap_trials import KINDS


@pytest.mark.parametrize("strength", [0.01, 1.0, 100.0])
def test_the_fit_is_that_of_scikit_learn(strength):
    rng = np.random.default_rng(0)
    features, classes = rng.normal(size=(60, 5)), rng.choice([-1.0, 1.0], size=60)
    weights, intercept = overlap_trials.logistic(features, classes, strength)
    other = LogisticRegression(C=strength, tol=1e-10, max_iter=10_000).fit(features, classes)
    assert weights == pytest.approx(other.coef_[0], abs=1e-5)
    assert intercept == pytest.approx(other.intercept_[0], abs=1e-5)


def test_one_class_and_separable_points():
    weights, intercept = overlap_trials.logistic(np.ones((3, 2)), np.ones(3), 1.0)
    assert not weights.any() and intercept == 1.0
    features = np.array([[-1.0], [-2.0], [1.0], [2.0]])
    weights, intercept = overlap_trials.logistic(features, np.sign(features[:, 0]), 1e6)
    assert weights[0] > 5 and abs(intercept) < 1e-6


def test_a_trial_has_zeroed_blocks_and_its_exact_accuracy_is_near_the_measured():
    rng = np.random.default_rng(0)
    drawn, classes, kind = overlap_trials.points(dict.fromkeys(KINDS, 5), np.ones(40), rng)
    assert not drawn[kind == "hard", :20].any() and not drawn[kind == "easy", 20:].any()
    assert set(classes) == {-1.0, 1.0} and np.all(drawn[kind == "overlap"] != 0)
    rows = overlap_trials.trial(0, 60, 0)
    for row in rows:
        assert row["student_error"] == pytest.approx(1 - row["overall"], abs=0.06)
        assert row["gain"] <= row["misfit"] + 1e-12
    assert rows == overlap_trials.trial(0, 60, 0)


def test_ucb_tries_all_and_settles_on_the_best_source():
    shares = np.array([0.1, 0.2, 0.6])
    chosen = overlap_trials.upper_confidence(shares, 200, 20, np.random.default_rng(0))
    assert sorted(chosen[:3]) == [0, 1, 2]
    assert np.mean(chosen[100:] == 2) > 0.9
