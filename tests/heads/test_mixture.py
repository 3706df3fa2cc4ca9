"""The nearest mixture against other solvers, its certificate, theorem 1 for it, and labels at the end of a logarithm."""

import time

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import softmax

from w2s_utils.heads.linear import ConvexHullHead
from w2s_utils.heads.mixture import nearest_mixture
from w2s_utils.theory.divergences import (
    BRIER,
    GENERALISED_KL,
    ITAKURA_SAITO,
    KL,
    LOGISTIC,
    SQUARED,
)
from w2s_utils.theory.misfit import error_triple

JOINT, SINGLE = (KL, BRIER), (SQUARED, GENERALISED_KL, LOGISTIC, ITAKURA_SAITO)


def problem(seed=0, rows=200, heads=20, classes=3, inside=0.1):
    """Softmax heads ``(k, n, c)`` on one representation, a mixture of them as truth, a weak model outside their hull."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 6))
    hidden = np.tanh(x @ rng.normal(size=(6, 16)))
    functions = softmax(np.einsum("nd,kdc->knc", hidden, rng.normal(size=(heads, 16, classes))), axis=2)
    truth = np.tensordot(rng.dirichlet(np.full(heads, inside)), functions, 1)
    noise = 0.2 * rng.normal(size=truth.shape) + 0.5 * x[:, :3] @ rng.normal(size=(3, classes))
    return functions, truth, softmax(np.log(truth) + noise, axis=1)


def as_single(functions, truth, weak):
    return functions[:, :, 0], truth[:, 0], weak[:, 0]


@pytest.mark.parametrize("divergence", [*JOINT, *SINGLE], ids=lambda one: one.name)
@pytest.mark.parametrize("forward", [False, True])
def test_the_nearest_mixture_against_a_general_optimiser(divergence, forward):
    if forward and divergence is ITAKURA_SAITO:
        pytest.skip("not convex in its second argument")
    given = problem(seed=1, rows=60, heads=5)
    functions, _, weak = given if divergence.joint else as_single(*given)
    found = nearest_mixture(functions, weak, divergence, forward)

    def loss(weights):
        made = np.tensordot(weights, functions, 1)
        made = made / made.sum(axis=1, keepdims=True) if divergence.joint else made
        return divergence.mean(weak, made) if forward else divergence.mean(made, weak)

    other = minimize(
        loss,
        np.full(5, 0.2),
        bounds=[(0, 1)] * 5,
        constraints={"type": "eq", "fun": lambda a: a.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-13, "maxiter": 500},
    )
    assert loss(found.weights) <= other.fun + 1e-12
    np.testing.assert_allclose(found.weights, other.x, atol=1e-3)
    np.testing.assert_allclose(found.values, np.tensordot(found.weights, functions, 1), atol=1e-15)
    assert found.weights.min() >= 0 and found.weights.sum() == pytest.approx(1, abs=1e-14)
    assert 0 <= found.gap < 1e-10


def test_forward_where_no_gap_would_be_a_certificate_is_refused():
    functions, _, weak = as_single(*problem(rows=20, heads=3))
    with pytest.raises(ValueError, match="not convex in its second argument"):
        nearest_mixture(functions, weak, ITAKURA_SAITO, forward=True)


def test_squared_distance_is_the_convex_hull_head():
    functions, _, weak = as_single(*problem(seed=2))
    head = ConvexHullHead().fit(functions.T, weak)
    np.testing.assert_allclose(nearest_mixture(functions, weak, SQUARED).weights, head.coef_, atol=1e-10)


def test_the_gap_is_the_largest_derivative_towards_a_corner():
    functions, _, weak = problem(seed=3)
    found = nearest_mixture(functions, weak, KL)
    for corner in functions:
        towards = KL.cross_terms(corner, weak, found.values).mean()
        assert towards >= -found.gap - 1e-14
    step = 1e-3 * (functions[0] - found.values)
    assert KL.mean(found.values + step, weak) >= KL.mean(found.values, weak) - 1e-3 * found.gap


@pytest.mark.parametrize("seed", range(20))
def test_gain_is_at_least_misfit_where_the_truth_is_in_the_hull(seed):
    rng = np.random.default_rng(seed)
    given = problem(
        seed, rows=int(rng.integers(50, 300)), heads=int(rng.integers(2, 40)), classes=seed % 9 + 2
    )
    for divergence in (*JOINT, *SINGLE):
        functions, truth, weak = given if divergence.joint else as_single(*given)
        found = nearest_mixture(functions, weak, divergence)
        triple = error_triple(truth, weak, found.values, divergence=divergence)
        assert triple.cross_term >= -found.gap - 1e-12
        assert found.gap <= 1e-9


def test_a_label_inside_the_hull_is_found_and_a_corner_too():
    functions, truth, _ = problem(seed=4)
    for divergence in JOINT:
        assert divergence.mean(nearest_mixture(functions, truth, divergence).values, truth) < 1e-12
        assert (
            divergence.mean(nearest_mixture(functions, functions[3], divergence).values, functions[3]) < 1e-12
        )
    one = nearest_mixture(functions[:1], truth, KL)
    assert one.weights.tolist() == [1.0] and one.gap == 0.0
    copies = nearest_mixture(np.concatenate([functions, functions]), truth, KL)
    assert copies.gap < 1e-10 and KL.mean(copies.values, truth) < 1e-12


def test_many_heads_on_many_rows_take_a_second():
    functions, _, weak = problem(seed=5, rows=2000, heads=200)
    began = time.process_time()
    found = nearest_mixture(functions, weak, KL)
    assert time.process_time() - began < 5  # .3 on an idle core
    assert found.gap < 1e-10


@pytest.mark.filterwarnings("error")
def test_zeros_under_a_logarithm():
    sure = np.array([[[1.0, 0.0], [0.5, 0.5]], [[1.0, 0.0], [0.2, 0.8]], [[0.0, 1.0], [0.4, 0.6]]])
    found = nearest_mixture(sure, [[0.3, 0.7], [0.3, 0.7]], KL)
    assert found.gap < 1e-12
    both = nearest_mixture(
        sure[:2], [[1.0, 0.0], [0.3, 0.7]], KL
    )  # all functions are 0 there, and so is the label
    assert np.isfinite(both.gap) and both.values[1, 0] == pytest.approx(0.3)
    with pytest.raises(ValueError, match="every mixture is infinite"):
        nearest_mixture(sure, [[1.0, 0.0], [0.3, 0.7]], KL)
    with pytest.raises(ValueError, match="every mixture is infinite"):
        nearest_mixture(sure[:2], [[0.0, 1.0], [0.3, 0.7]], KL)
    with pytest.raises(ValueError, match="not at 0 or 1"):
        nearest_mixture(sure, [[1.0, 0.0], [0.3, 0.7]], KL, forward=True)
    assert nearest_mixture(sure[:, 1:], [[1.0, 0.0]], KL, forward=True).gap < 1e-10


@pytest.mark.parametrize(
    ("functions", "labels", "divergence", "said"),
    [
        (np.empty((0, 3, 2)), np.full((3, 2), 0.5), KL, "one at least"),
        (np.full(3, 0.5), np.full(3, 0.5), LOGISTIC, "functions"),
        (np.full((2, 3, 2), 0.5), np.full((4, 2), 0.5), KL, "one shape"),
        (np.full((2, 3, 2), 0.6), np.full((3, 2), 0.5), KL, "function 0"),
        (np.full((2, 3, 2), 0.5), np.full((3, 2), 0.6), KL, "labels"),
        (np.full((2, 3), np.nan), np.full(3, 0.5), SQUARED, "NaN"),
        (np.full((2, 3), 0.0), np.full(3, 0.5), ITAKURA_SAITO, "lies in"),
    ],
)
def test_bad_functions_and_labels_are_refused(functions, labels, divergence, said):
    with pytest.raises(ValueError, match=said):
        nearest_mixture(functions, labels, divergence)
