"""Jointly trained heads: the gradient, one head against the convex fit, and labels that they cannot take."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import softmax

from w2s_utils import runtime
from w2s_utils.experiments.divergence_worlds import head_world, mixture_world
from w2s_utils.experiments.joint_heads import _objective, fit_joint
from w2s_utils.heads.logistic import LogisticHead
from w2s_utils.theory.divergences import KL, LOGISTIC


@pytest.mark.parametrize("forward", [False, True])
@pytest.mark.parametrize("heads", [1, 4])
def test_the_gradient_is_that_of_the_loss(forward, heads):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(30, 4)), softmax(rng.normal(size=(30, 3)), axis=1)
    objective = _objective((x, w), heads, forward)
    point = rng.normal(size=5 * 3 * heads + heads)
    numeric = approx_fprime(point, lambda at: objective(at)[0], 1e-6)
    np.testing.assert_allclose(objective(point)[1], numeric, atol=1e-6)


def test_one_forward_head_is_the_logistic_head():
    world = head_world(np.random.default_rng(1), 200, 3)
    found = fit_joint(
        (world.features, world.weak), 1, np.random.default_rng(2), forward=True, steps=2000
    ).predict_proba(world.features)
    convex = LogisticHead(0.0).fit(world.features, world.weak).predict_proba(world.features)
    assert KL.mean(world.weak, found) - KL.mean(world.weak, convex) < 1e-7


def test_more_heads_come_nearer_and_the_loss_is_what_is_predicted():
    world = mixture_world(np.random.default_rng(3), 150, 10, 3, 150)
    rows = (world.features, world.weak)
    losses = []
    for heads in (1, 5):
        made = fit_joint(rows, heads, np.random.default_rng(4)).predict_proba(world.features)
        np.testing.assert_allclose(made.sum(axis=1), 1, atol=1e-12)
        losses.append(KL.mean(made, world.weak))
    assert losses[1] < losses[0]


def test_validation_rows_stop_the_imitation_and_float32_comes_near():
    stream = np.random.default_rng(5)
    world = mixture_world(stream, 200, 10, 3, 100)
    noisy = softmax(np.log(world.weak) + stream.normal(size=world.weak.shape), axis=1)
    rows, others = (
        (world.features[some].astype(np.float32), noisy[some]) for some in (slice(100), slice(100, None))
    )
    last = fit_joint(rows, 20, np.random.default_rng(6), steps=200)
    best = fit_joint(rows, 20, np.random.default_rng(6), steps=200, validation=others)
    loss = {
        which: KL.mean(found.predict_proba(others[0]), others[1])
        for which, found in (("last", last), ("best", best))
    }
    assert loss["best"] < loss["last"]
    assert best.predict_proba(others[0]).dtype == np.float64


def test_labels_of_probability_zero_need_forward_kl():
    x, w = np.eye(3), np.eye(3)
    with pytest.raises(ValueError, match="keep them off 0"):
        fit_joint((x, w), 2, np.random.default_rng(0))
    assert fit_joint(
        (x, w), 2, np.random.default_rng(0), forward=True, steps=5
    ).mixing.sum() == pytest.approx(1)
    with pytest.raises(ValueError, match="sums to"):
        fit_joint((x, 2 * w), 2, np.random.default_rng(0))


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
