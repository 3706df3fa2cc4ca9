"""Each head against an independent solution, its certificate, and the features that break careless solvers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.utils.estimator_checks import check_estimator

from w2s_utils.heads import spectrum
from w2s_utils.heads.linear import (
    ConvexHullHead,
    LeastSquaresHead,
    NormBallHead,
    RidgeHead,
    path_predictions,
    ridge_path,
)

HEADS = (LeastSquaresHead(), RidgeHead(0.01), NormBallHead(0.5), ConvexHullHead())
LINEAR_HEADS = HEADS[:3]
SEEDS = st.integers(0, 2**32 - 1)


def problem(seed=0, rows=60, width=5, tasks=None):
    """Correlated features with means, noisy labels."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, width)) @ rng.normal(size=(width, width)) + 3 * rng.normal(size=width)
    noise = rng.normal(size=rows if tasks is None else (rows, tasks))
    weights = rng.normal(size=width if tasks is None else (width, tasks))
    return features, features @ weights + 1.0 + 0.3 * noise


@pytest.fixture(params=["svd", "gram"])
def solver(request, monkeypatch):
    """Every linear test runs with both solvers."""
    if request.param == "gram":
        monkeypatch.setattr(spectrum, "GRAM_WORK", 0)
    return request.param


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_least_squares_against_scikit_learn_and_lstsq(solver, fit_intercept):
    x, y = problem(tasks=3)
    head = LeastSquaresHead(fit_intercept).fit(x, y)
    other = LinearRegression(fit_intercept=fit_intercept).fit(x, y)
    np.testing.assert_allclose(head.coef_, other.coef_, rtol=1e-8)
    np.testing.assert_allclose(head.intercept_, other.intercept_, rtol=1e-8)
    design = np.column_stack([x, np.ones(len(x))]) if fit_intercept else x
    solution, *_ = np.linalg.lstsq(design, y, rcond=None)
    np.testing.assert_allclose(head.predict(x), design @ solution, rtol=1e-9, atol=1e-9)
    assert head.solver_ == solver


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("penalty", [1e-6, 0.1, 30.0])
def test_ridge_against_scikit_learn(solver, fit_intercept, penalty):
    x, y = problem(seed=1, tasks=2)
    centred = x - x.mean(axis=0) if fit_intercept else x
    alpha = penalty * len(x) * np.mean(centred**2)
    other = Ridge(alpha=alpha, fit_intercept=fit_intercept, solver="svd").fit(x, y)
    head = RidgeHead(penalty, fit_intercept).fit(x, y)
    np.testing.assert_allclose(head.coef_, other.coef_, rtol=1e-8)
    np.testing.assert_allclose(head.predict(x), other.predict(x), rtol=1e-9, atol=1e-9)


def test_a_penalty_means_the_same_at_any_scale():
    x, y = problem(seed=2)
    small, large = (RidgeHead(0.3).fit(scale * x, y).predict(scale * x) for scale in (1e-5, 1e5))
    np.testing.assert_allclose(small, large, rtol=1e-10)
    assert np.max(np.abs(small - RidgeHead(0.0).fit(x, y).predict(x))) > 0.1


@pytest.mark.parametrize("fit_intercept", [True, False])
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, share=st.floats(0.01, 0.99))
def test_ball_against_bisection_on_the_multiplier(fit_intercept, seed, share):
    x, y = problem(seed=seed, rows=30, width=4)
    xc, yc = (x - x.mean(axis=0), y - y.mean()) if fit_intercept else (x, y)
    ridge = lambda m: np.linalg.solve(xc.T @ xc + m * np.eye(4), xc.T @ yc)  # noqa: E731
    radius = share * np.linalg.norm(ridge(0.0))
    multiplier = brentq(lambda m: np.linalg.norm(ridge(m)) - radius, 0, 1e9, xtol=1e-14, rtol=1e-14)
    head = NormBallHead(radius, fit_intercept).fit(x, y)
    np.testing.assert_allclose(head.coef_, ridge(multiplier), rtol=1e-6, atol=1e-8 * radius)
    assert np.linalg.norm(head.coef_) == pytest.approx(radius, rel=1e-12)
    assert head.certificate(x, y) < 1e-12


def test_ball_against_a_general_optimiser(solver):
    x, y = problem(seed=3)
    head = NormBallHead(0.4).fit(x, y)
    found = minimize(
        lambda v: np.mean((x @ v[:5] + v[5] - y) ** 2),
        np.zeros(6),
        jac=lambda v: 2 * np.append(x, np.ones((60, 1)), axis=1).T @ (x @ v[:5] + v[5] - y) / 60,
        constraints={"type": "ineq", "fun": lambda v: 0.16 - v[:5] @ v[:5], "jac": lambda v: -2 * np.append(v[:5], 0)},
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 1000},
    )  # fmt: skip
    np.testing.assert_allclose(head.coef_, found.x[:5], atol=1e-5)
    assert np.mean((head.predict(x) - y) ** 2) <= found.fun + 1e-10


def test_a_ball_that_does_not_bind_is_least_squares(solver):
    x, y = problem(seed=4, tasks=3)
    free = LeastSquaresHead().fit(x, y)
    norms = np.linalg.norm(free.coef_, axis=1)
    loose = NormBallHead(1.001 * norms.max()).fit(x, y)
    np.testing.assert_allclose(loose.coef_, free.coef_, rtol=1e-9)
    # Between the norms the ball binds for some tasks and not for others.
    between = NormBallHead(float(np.median(norms))).fit(x, y)
    np.testing.assert_allclose(np.linalg.norm(between.coef_, axis=1), np.minimum(norms, np.median(norms)))


@pytest.mark.parametrize("seed", range(5))
def test_hull_against_a_general_optimiser(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(30, 6)), 0.5 * rng.normal(size=30)
    head = ConvexHullHead().fit(x, y)
    found = minimize(
        lambda v: np.mean((x @ v - y) ** 2),
        np.full(6, 1 / 6),
        jac=lambda v: 2 * x.T @ (x @ v - y) / 30,
        bounds=[(0, 1)] * 6,
        constraints={"type": "eq", "fun": lambda v: v.sum() - 1, "jac": lambda v: np.ones(6)},
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 1000},
    )
    np.testing.assert_allclose(head.coef_, found.x, atol=1e-5)
    assert np.mean((head.predict(x) - y) ** 2) <= found.fun + 1e-12
    assert head.coef_.min() >= 0 and head.coef_.sum() == pytest.approx(1, abs=1e-14)


def test_hull_of_a_label_inside_it_is_the_label():
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=(30, 5)), rng.dirichlet(np.ones(5))
    head = ConvexHullHead().fit(x, x @ weights)
    np.testing.assert_allclose(head.coef_, weights, atol=1e-12)


def test_hull_of_a_label_that_is_a_column():
    x = np.random.default_rng(1).normal(size=(30, 5))
    np.testing.assert_allclose(ConvexHullHead().fit(x, x[:, 3]).coef_, np.eye(5)[3], atol=1e-14)


@pytest.mark.parametrize("rows", [1, 4, 40])
def test_hull_with_more_columns_than_rows_and_with_copies(rows):
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(rows, 12)), rng.normal(size=(rows, 3))
    x[:, 6:] = x[:, :6]
    head = ConvexHullHead().fit(x, y)
    half = ConvexHullHead().fit(x[:, :6], y)
    np.testing.assert_allclose(head.predict(x), half.predict(x[:, :6]), atol=1e-12)
    assert np.max(head.certificate(x, y)) < 1e-13


def test_hull_keeps_its_digits_under_a_common_offset():
    rng = np.random.default_rng(3)
    base, offset = np.round(rng.normal(size=(40, 4)), 3), 2.0**27 * rng.choice([-1, 1], size=(40, 1))
    x = base + 0.0
    y = x @ [0.3, 0.7, 0.0, 0.0] + np.round(0.5 * rng.normal(size=40), 3)
    exact = ConvexHullHead().fit(x, y).coef_
    np.testing.assert_allclose(ConvexHullHead().fit(x + offset, y + offset[:, 0]).coef_, exact, atol=1e-6)


@pytest.mark.parametrize("head", HEADS, ids=lambda head: type(head).__name__)
def test_many_targets_are_the_targets_one_by_one(head):
    x, y = problem(seed=5, tasks=4)
    together = clone(head).fit(x, y)
    certificates = together.certificate(x, y)
    assert together.predict(x).shape == (60, 4) and certificates.shape == (4,)
    for task in range(4):
        alone = clone(head).fit(x, y[:, task])
        np.testing.assert_allclose(alone.predict(x), together.predict(x)[:, task], rtol=1e-10, atol=1e-10)
        assert alone.coef_.shape == (5,) and isinstance(alone.intercept_, float)
        assert alone.certificate(x, y[:, task]) == pytest.approx(certificates[task], abs=1e-12)
    one = clone(head).fit(x, y[:, :1])
    assert one.predict(x).shape == (60, 1) and one.certificate(x, y[:, :1]).shape == (1,)


@pytest.mark.parametrize("head", HEADS, ids=lambda head: type(head).__name__)
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_certificate_vanishes_at_the_nearest_element_only(head, seed):
    x, y = problem(seed=seed, rows=40)
    fitted = clone(head).fit(x, y)
    assert 0 <= fitted.certificate(x, y) < 1e-12
    rng = np.random.default_rng(seed)
    # Another point, of the same class where it has coefficients: for the hull other weights, for the others a rotated head.
    if isinstance(head, ConvexHullHead):
        fitted.coef_ = rng.dirichlet(np.ones(5))
    else:
        direction = rng.normal(size=5)
        fitted.coef_ = (np.linalg.norm(fitted.coef_) or 1.0) * direction / np.linalg.norm(direction)
    assert fitted.certificate(x, y) > 1e-4


def test_certificate_sees_a_small_error_a_wrong_intercept_and_a_point_outside_the_class():
    x, y = problem(seed=6)
    for head in LINEAR_HEADS:
        fitted = clone(head).fit(x, y)
        fitted.intercept_ += 1e-3
        assert fitted.certificate(x, y) > 1e-5
    fitted = LeastSquaresHead().fit(x, y)
    fitted.coef_ = fitted.coef_ + 1e-6
    assert fitted.certificate(x, y) > 1e-9
    outside = NormBallHead(0.5).fit(x, y)
    free = LeastSquaresHead().fit(x, y)
    outside.coef_, outside.intercept_ = free.coef_, free.intercept_  # no error at all, but not in the ball
    assert outside.certificate(x, y) == pytest.approx(np.linalg.norm(free.coef_) / 0.5 - 1)
    hull = ConvexHullHead().fit(x, y)
    hull.coef_ = 2 * hull.coef_
    assert hull.certificate(x, y) >= 1
    with pytest.raises(ValueError, match="1 tasks, the targets have 2"):
        hull.certificate(x, np.column_stack([y, y]))


def test_certificate_is_the_largest_violation_over_the_class():
    """Against brute force over many points of the ball and all corners of the hull, at points that are not nearest."""
    x, y = problem(seed=7, rows=50, width=2)
    ball = NormBallHead(0.5, fit_intercept=False).fit(x, y)
    ball.coef_ = np.array([0.3, -0.2])
    angles = np.linspace(0, 2 * np.pi, 20_001)
    points = x @ (0.5 * np.stack([np.cos(angles), np.sin(angles)]))
    f = ball.predict(x)
    violation = -((f - y) @ (points - f[:, None])).min() / len(x)
    assert ball.certificate(x, y) == pytest.approx(violation / np.mean(y**2), rel=1e-6)
    hull = ConvexHullHead().fit(x, y)
    hull.coef_ = np.array([0.25, 0.75])
    f = hull.predict(x)
    violation = max(-np.mean((f - y) * (x[:, j] - f)) for j in range(2))
    assert hull.certificate(x, y) == pytest.approx(max(violation, 0) / np.mean(y**2), rel=1e-12)


def test_copies_constants_and_dead_units_do_no_harm(solver):
    x, y = problem(seed=8)
    clean = LeastSquaresHead().fit(x, y).predict(x)
    awkward = np.column_stack(
        [x, x[:, 0], 2 * x[:, 1] - x[:, 2], np.zeros(60), np.full(60, 0.1), np.full(60, 1e10)]
    )
    head = LeastSquaresHead().fit(awkward, y)
    np.testing.assert_allclose(head.predict(awkward), clean, rtol=1e-8, atol=1e-7)
    assert np.max(np.abs(head.coef_)) < 100
    assert head.certificate(awkward, y) < 1e-12
    fresh = awkward + 0.1 * np.random.default_rng(0).normal(size=awkward.shape) * (
        np.ptp(awkward, axis=0) > 0
    )
    assert np.max(np.abs(head.predict(fresh))) < 1e3
    ball = NormBallHead(0.5).fit(awkward, y)
    assert ball.certificate(awkward, y) < 1e-8


@pytest.mark.parametrize("head", LINEAR_HEADS, ids=lambda head: type(head).__name__)
def test_nothing_but_constant_features_predicts_the_mean(solver, head):
    rng = np.random.default_rng(9)
    y = rng.normal(size=60)
    constant = np.full((60, 4), 0.1) * [1, 3, 1e8, 0]
    rounded = constant * (1 + 1e-16 * rng.integers(-2, 3, size=(60, 4)))  # the same up to the last bits
    for x in (constant, rounded):
        fitted = clone(head).fit(x, y)
        np.testing.assert_array_equal(fitted.coef_, 0)
        np.testing.assert_allclose(fitted.predict(x), y.mean())


def test_features_of_very_different_units(solver):
    """A feature in a small unit is in the class as much as one in a large unit."""
    x, y = problem(seed=10)
    expected = LeastSquaresHead().fit(x, y).predict(x)
    mixed = x * [1e12, 1e-12, 1.0, 1e6, 1e-3]
    head = LeastSquaresHead().fit(mixed, y)
    np.testing.assert_allclose(head.predict(mixed), expected, rtol=1e-7, atol=1e-7)
    assert head.certificate(mixed, y) < 1e-12


@pytest.mark.parametrize("scale", [1e-100, 1e100])
def test_features_of_huge_and_tiny_scale(solver, scale):
    x, y = problem(seed=11)
    for head, scaled in (
        (LeastSquaresHead(), LeastSquaresHead()),
        (RidgeHead(0.1), RidgeHead(0.1)),
        (NormBallHead(0.5), NormBallHead(0.5 / scale)),
    ):
        found = scaled.fit(scale * x, y)
        np.testing.assert_allclose(found.predict(scale * x), head.fit(x, y).predict(x), rtol=1e-8, atol=1e-8)
        assert found.certificate(scale * x, y) < 1e-12


def test_features_with_large_means(solver):
    x, y = problem(seed=12, rows=400)
    expected = LeastSquaresHead().fit(x, y).predict(x)
    moved = np.round(x * 2**20) / 2**20 + 2.0**27  # about 1e8, without new rounding
    for head, atol in ((LeastSquaresHead(), 1e-5), (RidgeHead(1e-9), 1e-5)):
        fitted = head.fit(moved, y)
        np.testing.assert_allclose(fitted.predict(moved), expected, atol=atol)
    ball, other = NormBallHead(0.5).fit(moved, y), NormBallHead(0.5).fit(x, y)
    np.testing.assert_allclose(ball.coef_, other.coef_, atol=1e-5)


def test_copies_with_large_means_are_seen_as_copies(solver):
    """Rounding at 1e8 makes two multiples of one column differ by 1e-8: that is no direction to fit noise along."""
    rng = np.random.default_rng(13)
    z = rng.normal(size=2000)
    x = np.column_stack([1e8 + z, 3e8 + 3 * z])
    head = LeastSquaresHead().fit(x, z + rng.normal(size=2000))
    assert np.max(np.abs(head.coef_)) < 2


def test_both_solvers_agree(monkeypatch):
    x, y = problem(seed=14, rows=5000, width=20, tasks=3)
    x = np.round(x * 2**20) / 2**20 + 2.0**20
    for head in LINEAR_HEADS:
        monkeypatch.setattr(spectrum, "GRAM_WORK", 1e9)
        by_svd = clone(head).fit(x, y)
        monkeypatch.setattr(spectrum, "GRAM_WORK", 0)
        by_gram = clone(head).fit(x, y)
        assert (by_svd.solver_, by_gram.solver_) == ("svd", "gram")
        np.testing.assert_allclose(by_gram.predict(x), by_svd.predict(x), rtol=1e-7, atol=1e-6)


def test_rows_sorted_so_that_the_first_chunk_is_unlike_the_rest(monkeypatch):
    monkeypatch.setattr(spectrum, "GRAM_WORK", 0)
    x, y = problem(seed=15, rows=4000)
    order = np.argsort(x[:, 0])
    head = LeastSquaresHead().fit(x[order], y[order])
    np.testing.assert_allclose(head.coef_, LinearRegression().fit(x, y).coef_, rtol=1e-9)


def test_a_wide_problem_is_interpolated():
    x, y = problem(seed=16, rows=10, width=30)
    np.testing.assert_allclose(LeastSquaresHead().fit(x, y).predict(x), y, rtol=1e-9, atol=1e-9)
    single = LeastSquaresHead().fit(x[:1], y[:1])
    np.testing.assert_allclose(single.predict(x[:1]), y[:1])


def test_constant_target_is_fitted_by_the_intercept():
    x, _ = problem(seed=17)
    y = np.full(60, 0.1)
    for head in LINEAR_HEADS:
        fitted = clone(head).fit(x, y)
        np.testing.assert_allclose(fitted.coef_, 0, atol=1e-15)
        np.testing.assert_allclose(fitted.predict(x), y, rtol=1e-14)
        assert fitted.certificate(x, y) < 1e-14


@pytest.mark.parametrize("head", HEADS, ids=lambda head: type(head).__name__)
def test_other_containers_give_the_same_head(head, tmp_path):
    x, y = problem(seed=18)
    x32, y32 = x.astype(np.float32), y.astype(np.float32)
    plain = clone(head).fit(x32.astype(np.float64), y32.astype(np.float64))
    single = clone(head).fit(x32, y32)
    assert single.coef_.dtype == single.predict(x32).dtype == np.float64
    np.testing.assert_allclose(single.coef_, plain.coef_, rtol=1e-12, atol=1e-14)

    reference = clone(head).fit(x, y).predict(x)
    mapped = np.memmap(tmp_path / "features.bin", dtype=np.float64, mode="w+", shape=x.shape)
    mapped[:] = x
    frame, series = pd.DataFrame(x, columns=list("abcde")), pd.Series(y)
    for features, labels in (
        (mapped, y),
        (frame, series),
        (np.asfortranarray(x), y),
        (x.tolist(), y.tolist()),
    ):
        np.testing.assert_allclose(clone(head).fit(features, labels).predict(features), reference, rtol=1e-9)
    with pytest.raises(ValueError, match="feature names"):
        clone(head).fit(frame, series).predict(frame[list("edcba")])


def test_inputs_are_left_as_they_were(solver):
    x, y = problem(seed=19)
    before = x.copy(), y.copy()
    for head in HEADS:
        clone(head).fit(x, y).certificate(x, y)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(y, before[1])


@pytest.mark.filterwarnings("error")
def test_ridge_path_is_the_separate_fits(solver):
    x, y = problem(seed=20, tasks=2)
    frame = pd.DataFrame(x, columns=list("abcde"))
    penalties = (0.0, 1e-4, 1.0, 100.0)
    for penalty, head in zip(penalties, ridge_path(frame, y, penalties), strict=True):
        alone = RidgeHead(penalty).fit(frame, y)
        assert head.penalty == penalty
        np.testing.assert_array_equal(head.predict(frame), alone.predict(frame))
        np.testing.assert_array_equal(head.certificate(frame, y), alone.certificate(frame, y))


@pytest.mark.parametrize("tasks", [None, 2])
def test_predictions_of_a_path_are_those_of_its_heads(tasks):
    x, y = problem(seed=21, tasks=tasks)
    heads = ridge_path(x, y, (0.0, 1e-2, 10.0))
    made = path_predictions(heads, x[:7])
    np.testing.assert_allclose(made, [head.predict(x[:7]) for head in heads], rtol=1e-13)
    with pytest.raises(ValueError, match="features"):
        path_predictions(heads, x[:7, :2])
    with pytest.raises(ValueError, match="NaN"):
        path_predictions(heads, np.full_like(x[:7], np.nan))


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("equal_lengths", [True, False])
@pytest.mark.parametrize("rows, tasks", [(40, 3), (14, 3), (8, 3), (40, 9)])
def test_tall_or_not_the_spectrum_gives_the_solution_of_least_squares(rows, tasks, equal_lengths, centred):
    """Tall features with few targets go through a triangle first, the others do not; one column is a copy, one constant."""
    rng = np.random.default_rng(22)
    x, y = rng.normal(size=(rows, 6)) + 3, rng.normal(size=(rows, tasks))
    x[:, 4], x[:, 5] = x[:, 1], 7.0
    found = spectrum.spectrum_of(x, y, centred, equal_lengths)
    table, goals = (x - x.mean(axis=0), y - y.mean(axis=0)) if centred else (x, y)
    assert len(found.squares) == np.linalg.matrix_rank(table)
    expected = table @ np.linalg.lstsq(table, goals)[0]
    np.testing.assert_allclose(table @ found.coefficients(0.0), expected, rtol=1e-9, atol=1e-11)
    if not equal_lengths:
        scales = np.linalg.svd(table, compute_uv=False)[: len(found.squares)]
        np.testing.assert_allclose(np.sort(found.squares)[::-1], scales**2, rtol=1e-11)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "head",
    [LeastSquaresHead(), RidgeHead(), NormBallHead(), ConvexHullHead()],
    ids=lambda h: type(h).__name__,
)
def test_heads_are_scikit_learn_estimators(head):
    found = check_estimator(head, on_skip=None)
    assert sum(check["status"] == "passed" for check in found) > 30


def test_arguments_have_the_names_of_scikit_learn():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 3)), rng.normal(size=30)
    for head in (LeastSquaresHead(), RidgeHead(), NormBallHead(), ConvexHullHead()):
        fitted = head.fit(X=x, y=y)
        np.testing.assert_array_equal(fitted.predict(X=x), fitted.predict(x))
        assert fitted.certificate(X=x, y=y) == fitted.certificate(x, y)
        if hasattr(head, "partial_fit"):
            np.testing.assert_allclose(clone(head).partial_fit(X=x, y=y).coef_, fitted.coef_)
