"""Softmax students: the gradient of each loss, one head against the convex fit, and labels that they cannot take."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import softmax

from w2s_utils import runtime
from w2s_utils.experiments.divergence_worlds import head_world, mixture_world
from w2s_utils.experiments.softmax_students import (
    _objective,
    confidence_adaptive,
    fit_student,
    forward_kl,
    reverse_cross_entropy,
    reverse_kl,
)
from w2s_utils.heads.logistic import LogisticHead
from w2s_utils.theory.divergences import KL, LOGISTIC

LOSSES = (forward_kl, reverse_kl, reverse_cross_entropy, confidence_adaptive(0.5))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("heads", [1, 4])
def test_the_gradient_is_that_of_the_loss(loss, heads):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(30, 4)), softmax(rng.normal(size=(30, 3)), axis=1)
    objective = _objective((x, w), loss, heads, 0.1)
    point = rng.normal(size=5 * 3 * heads + heads)
    numeric = approx_fprime(point, lambda at: objective(at)[0], 1e-6)
    np.testing.assert_allclose(objective(point)[1], numeric, atol=1e-6)


def test_losses_are_what_they_are_called():
    rng = np.random.default_rng(1)
    s, w = rng.dirichlet(np.ones(3), size=(2, 20))
    assert reverse_kl(s, w)[0] == pytest.approx(KL.rows(s, w).sum())
    assert forward_kl(s, w)[0] == pytest.approx(KL.rows(w, s).sum() - np.sum(w * np.log(w)))
    assert reverse_cross_entropy(s, w)[0] == pytest.approx(KL.rows(s, w).sum() - np.sum(s * np.log(s)))
    assert confidence_adaptive(0.0)(s, w)[0] == pytest.approx(forward_kl(s, w)[0])
    assert confidence_adaptive(1.1)(s, w)[0] == pytest.approx(reverse_cross_entropy(s, w)[0])
    sure = w.max(axis=1) >= 0.6
    both = forward_kl(s[sure], w[sure])[0] + reverse_cross_entropy(s[~sure], w[~sure])[0]
    assert confidence_adaptive(0.6)(s, w)[0] == pytest.approx(both)


@pytest.mark.parametrize("penalty", [0.0, 0.01])
def test_one_forward_head_is_the_logistic_head(penalty):
    world = head_world(np.random.default_rng(1), 200, 3)
    rows = (world.features, world.weak)
    found = fit_student(rows, forward_kl, np.random.default_rng(2), penalty=penalty, steps=2000)
    convex = LogisticHead(penalty).fit(*rows).predict_proba(world.features)
    np.testing.assert_allclose(found.predict_proba(world.features), convex, atol=1e-4)


def test_more_heads_come_nearer():
    world = mixture_world(np.random.default_rng(3), 150, 10, 3, 150)
    rows, losses = (world.features, world.weak), []
    for heads in (1, 5):
        made = fit_student(rows, reverse_kl, np.random.default_rng(4), heads).predict_proba(world.features)
        np.testing.assert_allclose(made.sum(axis=1), 1, atol=1e-12)
        losses.append(KL.mean(made, world.weak))
    assert losses[1] < losses[0]


def test_validation_rows_stop_the_imitation():
    stream = np.random.default_rng(5)
    world = mixture_world(stream, 200, 10, 3, 100)
    noisy = softmax(np.log(world.weak) + stream.normal(size=world.weak.shape), axis=1)
    rows, others = (
        (world.features[some].astype(np.float32), noisy[some]) for some in (slice(100), slice(100, None))
    )
    last = fit_student(rows, reverse_kl, np.random.default_rng(6), 20, steps=200)
    best = fit_student(rows, reverse_kl, np.random.default_rng(6), 20, steps=200, validation=others)
    made = [found.predict_proba(others[0]) for found in (best, last)]
    assert KL.mean(made[0], others[1]) < KL.mean(made[1], others[1])
    assert made[0].dtype == np.float64


def test_labels_of_probability_zero_need_forward_kl():
    x, w = np.eye(3), np.eye(3)
    for loss in (reverse_kl, reverse_cross_entropy):
        with pytest.raises(ValueError, match="keep them off 0"):
            fit_student((x, w), loss, np.random.default_rng(0))
    found = fit_student((x, w), forward_kl, np.random.default_rng(0), heads=2, steps=5)
    assert found.mixing.sum() == pytest.approx(1)
    with pytest.raises(ValueError, match="sums to"):
        fit_student((x, 2 * w), forward_kl, np.random.default_rng(0))


def test_worlds_hold_their_truth_and_parts_of_them_fit_together():
    world = mixture_world(runtime.seed_stream(0, "test"), 40, 8, 3, 20)
    assert world.functions.shape == (8, 40, 3) and world.truth.shape == world.weak.shape == (40, 3)
    np.testing.assert_allclose(world.truth.sum(axis=1), 1, atol=1e-12)
    single = world.rows(slice(10)).part(LOGISTIC)
    assert single.functions.shape == (8, 10) and single.truth.shape == (10,)
    assert world.part(KL) is world
    one = head_world(runtime.seed_stream(0, "test"), 50, 4)
    fitted = LogisticHead(0.0).fit(one.features, one.truth)
    np.testing.assert_allclose(fitted.predict_proba(one.features), one.truth, atol=1e-9)
