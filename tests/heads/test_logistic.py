"""The logistic head against scikit-learn's solver, its certificate, and the targets and features that break careless fits."""

import time

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import check_estimator

from w2s_utils.heads.logistic import LogisticHead
from w2s_utils.heads.softmax_newton import NoMinimiser
from w2s_utils.heads.validated import LOGISTIC_PENALTIES, ValidatedLogistic


def problem(classes=3, seed=0, rows=200, width=5):
    """Correlated features with means; probabilities of a softmax head, and classes drawn from them."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, width)) @ rng.normal(size=(width, width)) + 3 * rng.normal(size=width)
    logits = (features - features.mean(axis=0)) @ rng.normal(size=(width, classes)) / 2
    soft = softmax(logits, axis=1)
    return features, soft, (rng.random((rows, 1)) > soft.cumsum(axis=1)).sum(axis=1)


def others(features, labels, penalty, weights=None, classes=3):
    """scikit-learn's coefficients of the same problem: its penalty is |W|^2 / 2C on a sum, one direction for two classes."""
    total = len(features) if weights is None else weights.sum()
    strength = 2 * penalty * np.mean(features.var(axis=0)) * total
    if weights is not None:  # every row stands once for each class
        strength = 2 * penalty * np.mean(features[: int(total)].var(axis=0)) * total
    model = LogisticRegression(
        C=(2 if classes == 2 else 1) / strength, tol=1e-12, solver="newton-cg", max_iter=10_000
    )
    return model.fit(features, labels, sample_weight=weights)


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("penalty", [1e-5, 1e-2, 1.0])
def test_classes_against_scikit_learn(classes, penalty):
    x, _, y = problem(classes)
    head = LogisticHead(penalty).fit(x, y)
    other = others(x, y, penalty, classes=classes)
    np.testing.assert_allclose(head.predict_proba(x), other.predict_proba(x), atol=1e-6)
    np.testing.assert_array_equal(head.predict(x), other.predict(x))
    assert 0 <= head.certificate(x, y) < 1e-13
    assert head.coef_.shape == (classes, 5) and head.intercept_.shape == (classes,)


@pytest.mark.filterwarnings("ignore")  # scikit-learn's line search ends at round-off
@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("penalty", [1e-4, 0.1])
def test_probabilities_against_scikit_learn_with_weighted_copies(classes, penalty):
    x, soft, _ = problem(classes, seed=1)
    head = LogisticHead(penalty).fit(x, soft)
    copies, numbers = np.vstack([x] * classes), np.repeat(np.arange(classes), len(x))
    other = others(copies, numbers, penalty, soft.T.ravel(), classes)
    np.testing.assert_allclose(head.predict_proba(x), other.predict_proba(x), atol=1e-6)
    assert 0 <= head.certificate(x, soft) < 1e-13


def test_classes_are_probabilities_of_zero_and_one():
    x, _, y = problem()
    by_class, by_table = LogisticHead(0.01).fit(x, y), LogisticHead(0.01).fit(x, np.eye(3)[y])
    np.testing.assert_array_equal(by_class.predict_proba(x), by_table.predict_proba(x))
    named = LogisticHead(0.01).fit(x, np.array(["cat", "dog", "eel"])[y])
    assert named.predict(x).tolist() == np.array(["cat", "dog", "eel"])[by_class.predict(x)].tolist()


@pytest.mark.parametrize("classes", [2, 5])
def test_a_softmax_head_is_found_again_without_penalty(classes):
    x, soft, _ = problem(classes, seed=2)
    head = LogisticHead(0.0).fit(x, soft)
    np.testing.assert_allclose(head.predict_proba(x), soft, atol=1e-10)
    assert 0 <= head.certificate(x, soft) < 1e-14


def test_without_penalty_the_moments_are_those_of_the_targets():
    x, _, y = problem(seed=3)
    head = LogisticHead(0.0).fit(x, y)
    missed = np.column_stack([x, np.ones(len(x))]).T @ (head.predict_proba(x) - np.eye(3)[y]) / len(x)
    assert np.abs(missed).max() < 1e-9
    assert head.certificate(x, y) < 1e-13


@pytest.mark.parametrize("penalty", [0.0, 1e-3, 1.0])
def test_the_certificate_bounds_the_excess_loss(penalty):
    x, soft, _ = problem(seed=4)
    best = LogisticHead(penalty).fit(x, soft)
    variance = np.mean(x.var(axis=0))

    def loss(head):
        fit = -np.mean(np.sum(soft * head.predict_log_proba(x), axis=1))
        return fit + penalty * variance * np.sum(head.coef_**2)

    rng = np.random.default_rng(0)
    for size in (1e-6, 1e-4, 1e-2, 1.0):
        moved = clone(best).fit(x, soft)
        step = rng.normal(size=best.coef_.shape)
        moved.coef_ = best.coef_ + size * (step - step.mean(axis=0))
        excess = loss(moved) - loss(best)
        assert excess <= moved.certificate(x, soft) + 1e-15
        assert excess > 0 or size < 1e-5


def test_separable_classes_need_a_penalty():
    x = np.vstack([np.eye(3), -np.eye(3)])
    y = [0, 0, 0, 1, 1, 1]
    with pytest.raises(NoMinimiser, match="give a penalty > 0"):
        LogisticHead(0.0).fit(x, y)
    rng = np.random.default_rng(0)
    with pytest.raises(NoMinimiser):
        LogisticHead(0.0).fit(rng.normal(size=(30, 40)), rng.integers(0, 3, 30))
    head = LogisticHead(1e-6).fit(x, y)
    assert head.predict(x).tolist() == y and head.certificate(x, y) < 1e-12


def test_an_absent_class_gets_probability_zero():
    x, soft, y = problem(seed=5)
    y = np.where(y == 1, 2, y)
    head = LogisticHead(0.01, classes=4).fit(x, y)
    made = head.predict_proba(x)
    assert made.shape == (200, 4) and not made[:, [1, 3]].any() and set(head.predict(x)) <= {0, 2}
    np.testing.assert_allclose(made[:, [0, 2]], LogisticHead(0.01).fit(x, y).predict_proba(x), atol=1e-12)
    assert head.certificate(x, y) < 1e-13
    assert head.certificate(x, np.column_stack([soft, np.zeros(200)])) == np.inf
    table = np.column_stack([soft[:, :2] / soft[:, :2].sum(axis=1, keepdims=True), np.zeros(200)])
    assert not LogisticHead(0.01).fit(x, table).predict_proba(x)[:, 2].any()


@pytest.mark.parametrize(
    ("targets", "classes", "said"),
    [
        ([0, 0, 0, 0], None, "one class alone"),
        ([[1, 0]] * 4, None, "one class alone"),
        ([0, 1, 2, 1], 2, "none of the 2 classes"),
        ([0, -1, 1, 1], 2, "none of the 2 classes"),
        ([[0.5, 0.5]] * 3 + [[0.5, 0.4]], None, "sums to 0.9"),
        ([[0.5, 0.5]] * 3 + [[1.5, -0.5]], None, "none is negative"),
        ([[0.5, 0.5]] * 3 + [[np.nan, 0.5]], None, "NaN"),
        ([[0.5, 0.5]] * 4, 3, "2 columns, there are 3 classes"),
        ([0, 1, 0], None, "4 rows"),
        ([0.5, 0.2, 0.1, 0.7], None, "continuous"),
        ([0, 1, np.nan, 1], None, "NaN"),
        ([0, 1, 0, 1], 1, "a number of classes >= 2"),
    ],
)
def test_bad_targets_are_refused(targets, classes, said):
    with pytest.raises(ValueError, match=said):
        LogisticHead(classes=classes).fit(np.eye(4), targets)


@pytest.mark.parametrize("penalty", [-1.0, np.nan, np.inf, "1", True])
def test_bad_penalties_are_refused(penalty):
    with pytest.raises(ValueError, match="penalties are finite numbers"):
        LogisticHead(penalty).fit(np.eye(4), [0, 1, 0, 1])


def test_other_targets_than_those_of_the_fit_are_refused():
    x, soft, y = problem(seed=6)
    head = LogisticHead().fit(x, y)
    with pytest.raises(ValueError, match="none of the 3 classes"):
        head.certificate(x, y + 1)
    with pytest.raises(ValueError, match="2 columns, there are 3"):
        head.certificate(x, soft[:, :2] / soft[:, :2].sum(axis=1, keepdims=True))


@pytest.mark.parametrize("penalty", [0.0, 1e-2])
def test_units_and_shifts_of_all_features_change_nothing(penalty):
    x, soft, _ = problem(seed=7)
    expected = LogisticHead(penalty).fit(x, soft).predict_proba(x)
    for moved in (1e-6 * x, 1e6 * x, np.round(x * 2**20) / 2**20 + 2.0**20):
        head = LogisticHead(penalty).fit(moved, soft)
        np.testing.assert_allclose(head.predict_proba(moved), expected, atol=1e-6)
        assert head.certificate(moved, soft) < 1e-12


def test_badly_scaled_collinear_and_constant_columns_do_no_harm():
    x, soft, _ = problem(seed=8)
    mixed = x * [1e10, 1e-10, 1.0, 1e5, 1e-3]
    head = LogisticHead(0.0).fit(mixed, soft)
    np.testing.assert_allclose(head.predict_proba(mixed), soft, atol=1e-6)
    awkward = np.column_stack([x, x[:, 0], 2 * x[:, 1] - x[:, 2], np.zeros(200), np.full(200, 0.1)])
    for penalty in (0.0, 1e-4):
        head = LogisticHead(penalty).fit(awkward, soft)
        assert head.certificate(awkward, soft) < 1e-12 and np.abs(head.coef_).max() < 100
    np.testing.assert_allclose(LogisticHead(0.0).fit(awkward, soft).predict_proba(awkward), soft, atol=1e-8)


def test_constant_features_leave_the_shares_of_the_classes():
    _, soft, _ = problem(seed=9)
    for penalty in (0.0, 0.1):
        made = LogisticHead(penalty).fit(np.full((200, 2), 3.0), soft).predict_proba(np.full((1, 2), 3.0))
        np.testing.assert_allclose(made[0], soft.mean(axis=0), atol=1e-12)


def test_a_path_is_the_separate_fits():
    x, soft, _ = problem(seed=10)
    frame = pd.DataFrame(x, columns=list("abcde"))
    penalties = (1e-3, 0.0, 10.0, 1e-3)
    for penalty, head in zip(penalties, LogisticHead().path(frame, soft, penalties), strict=True):
        assert head.penalty == penalty
        alone = LogisticHead(penalty).fit(frame, soft)
        np.testing.assert_allclose(head.predict_proba(frame), alone.predict_proba(frame), atol=1e-9)
        assert head.certificate(frame, soft) < 1e-13
    with pytest.raises(ValueError, match="one at least"):
        LogisticHead().path(x, soft, [])


def test_the_chosen_penalty_has_the_least_log_loss_on_the_validation_rows():
    x, soft, y = problem(seed=11, rows=120, width=20)
    chosen = ValidatedLogistic().choose(x[:60], y[:60], x[60:], soft[60:])
    losses = {
        penalty: -np.mean(
            np.sum(soft[60:] * LogisticHead(penalty).fit(x[:60], y[:60]).predict_log_proba(x[60:]), axis=1)
        )
        for penalty in LOGISTIC_PENALTIES
    }
    assert chosen.penalty == min(losses, key=losses.get)
    assert LOGISTIC_PENALTIES[0] < chosen.penalty < LOGISTIC_PENALTIES[-1]


def test_validation_rows_of_a_class_that_was_never_seen_do_not_decide():
    x, _, y = problem(seed=12, rows=120)
    seen = np.where(y[:60] == 2, 0, y[:60])
    chosen = ValidatedLogistic(classes=3).choose(x[:60], seen, x[60:], y[60:])
    assert chosen.predict_proba(x).shape == (120, 3) and LOGISTIC_PENALTIES[0] < chosen.penalty
    with pytest.raises(ValueError, match="rows"):
        ValidatedLogistic(classes=3).choose(x[:60], seen, x[60:], y[61:])


def test_large_fits_take_no_longer_than_some_times_scikit_learn():
    rng = np.random.default_rng(0)
    for rows, width, classes in ((4000, 384, 2), (1000, 300, 10)):
        x = rng.normal(size=(rows, width)) * np.geomspace(3, 0.05, width)
        y = (x @ rng.normal(size=(width, classes)) + 2 * rng.gumbel(size=(rows, classes))).argmax(axis=1)
        theirs = LogisticRegression(C=1 / (2e-4 * x.var(axis=0).mean() * rows), tol=1e-6, max_iter=5000)
        began = time.process_time()
        head = LogisticHead(1e-4).fit(x, y)
        middle = time.process_time()
        theirs.fit(x, y)
        assert middle - began < 20 * (time.process_time() - middle)  # some 1 to 6 times, to round-off
        assert head.certificate(x, y) < 1e-13


@pytest.mark.filterwarnings("ignore")
def test_the_head_is_a_scikit_learn_classifier():
    found = check_estimator(LogisticHead(), on_skip=None)
    assert sum(check["status"] == "passed" for check in found) > 30
