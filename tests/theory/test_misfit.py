"""The error triple and the theorems, on arrays and on projections whose formulas are known in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.isotonic import isotonic_regression

from w2s_utils.theory import misfit

ROWS = 40


VALUES = st.floats(-1e3, 1e3, allow_subnormal=False)
SHAPES = st.integers(1, 20) | st.tuples(st.integers(1, 9), st.integers(1, 4))
THREE_ARRAYS = SHAPES.flatmap(
    lambda shape: st.tuples(*(arrays(np.float64, shape, elements=VALUES) for _ in range(3)))
)


def subspace(rng):
    basis, _ = np.linalg.qr(rng.normal(size=(ROWS, int(rng.integers(1, 12)))))
    return lambda f: basis @ (basis.T @ f)


def ball(rng):
    radius = rng.uniform(0.2, 3.0)
    return lambda f: f * min(1.0, radius / np.sqrt(np.mean(f**2)))


def box(rng):
    low, high = np.sort(rng.normal(size=(2, ROWS)), axis=0)
    return lambda f: np.clip(f, low, high)


def half_space(rng):
    normal, offset = rng.normal(size=ROWS), rng.normal()
    return lambda f: f - normal * max(0.0, normal @ f - offset) / (normal @ normal)


def monotone(rng):
    order = rng.permutation(ROWS)
    back = np.argsort(order)
    return lambda f: isotonic_regression(f[order])[back]


CLASSES = (subspace, ball, box, half_space, monotone)


@given(THREE_ARRAYS)
def test_gain_is_misfit_plus_cross_term_for_any_three_arrays(values):
    truth, weak, student = values
    pointwise = misfit.cross_terms(truth, weak, student)
    gain = (weak - truth) ** 2 - (student - truth) ** 2
    # 4 products, each rounded in units of the largest square.
    rounding = 1e-14 * (1 + np.max(np.abs(values)) ** 2)
    np.testing.assert_allclose(pointwise, gain - (student - weak) ** 2, rtol=0, atol=rounding)
    triple = misfit.error_triple(truth, weak, student)
    np.testing.assert_allclose(triple.cross_term, pointwise.mean(axis=0), rtol=0, atol=rounding)
    np.testing.assert_allclose(triple.gain, gain.mean(axis=0), rtol=0, atol=rounding)
    assert np.all(np.asarray(triple.misfit) >= 0)


@pytest.mark.parametrize("convex_class", CLASSES)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_theorem_1_on_exact_projections(convex_class, seed):
    rng = np.random.default_rng(seed)
    project = convex_class(rng)
    truth, weak = project(2 * rng.normal(size=ROWS)), 2 * rng.normal(size=ROWS)
    triple = misfit.error_triple(truth, weak, project(weak))
    slack = misfit.theorem_1_slack(triple)
    assert slack >= -1e-12 * (1 + triple.weak_error)
    if convex_class is subspace:
        assert slack == pytest.approx(0, abs=1e-12 * (1 + triple.weak_error))


@pytest.mark.parametrize("convex_class", CLASSES)
@given(seed=st.integers(0, 2**32 - 1), noise=st.sampled_from([0.01, 0.3, 3.0]))
@settings(max_examples=60)
def test_theorem_2_on_exact_projections(convex_class, seed, noise):
    rng = np.random.default_rng(seed)
    project = convex_class(rng)
    truth = project(2 * rng.normal(size=ROWS)) + noise * rng.normal(size=ROWS)
    weak = 2 * rng.normal(size=ROWS)
    nearest, student = project(truth), project(weak)
    triple = misfit.error_triple(truth, weak, student)
    epsilon = misfit.squared_distance(truth, nearest)
    rounding = 1e-12 * (1 + triple.weak_error + epsilon)
    assert triple.gain >= misfit.theorem_2_bound(triple.misfit, epsilon) - rounding
    if convex_class is subspace:
        assert abs(triple.cross_term) <= 2 * np.sqrt(triple.misfit * epsilon) + rounding
        gap = misfit.exact_gap(truth, weak, nearest, student)
        assert gap == pytest.approx(triple.cross_term, abs=rounding)


def test_the_inequalities_can_fail_where_the_class_is_not_convex():
    """The nearest of two points: the truth is one of them, and the student still loses to its teacher."""
    truth, other = np.array([0.0, 0.0]), np.array([3.0, 0.0])
    weak = np.array([1.6, 0.0])
    triple = misfit.error_triple(truth, weak, other)
    assert triple.misfit < misfit.squared_distance(weak, truth)  # the other point is the nearer one
    assert misfit.theorem_1_slack(triple) < -4
    assert triple.gain < misfit.theorem_2_bound(triple.misfit, 0.0)


def test_exact_gap_is_for_subspaces_only():
    truth, weak = np.array([0.5]), np.array([2.0])
    project = lambda f: np.clip(f, 0.0, 1.0)  # noqa: E731
    triple = misfit.error_triple(truth, weak, project(weak))
    assert misfit.exact_gap(truth, weak, project(truth), project(weak)) == 0.0
    assert triple.cross_term == pytest.approx(1.0)


def test_theorem_2_bound_by_hand():
    assert misfit.theorem_2_bound(4.0, 0.25) == pytest.approx(4 - 2 * 1.0)
    assert misfit.theorem_2_bound(0.0, 9.0) == 0.0
    np.testing.assert_allclose(misfit.theorem_2_bound([1.0, 4.0], 1.0), [-1.0, 0.0])
    assert misfit.theorem_2_bound(1e-200, 1e-200) == pytest.approx(-1e-200, rel=1e-12)


def test_performance_gap_recovered():
    triple = misfit.ErrorTriple(weak_error=4.0, student_error=2.0, misfit=1.0, ceiling=0.0)
    assert triple.pgr == pytest.approx(0.5)
    assert misfit.ErrorTriple(4.0, 4.0, 0.0, 1.0).pgr == 0.0
    assert misfit.ErrorTriple(4.0, 1.0, 3.0, 1.0).pgr == 1.0
    assert np.isnan(misfit.ErrorTriple(1.0, 1.0, 0.0, 1.0).pgr)
    assert np.isnan(misfit.ErrorTriple(1.0, 1.0, 0.0, 2.0).pgr)
    many = misfit.ErrorTriple(*(np.array(v) for v in ([4.0, 1.0], [2.0, 1.0], [1.0, 0.0], [0.0, 3.0])))
    np.testing.assert_array_equal(many.pgr, [0.5, np.nan])


def test_many_tasks_are_the_tasks_one_by_one():
    rng = np.random.default_rng(0)
    truth, weak, student, ceiling = rng.normal(size=(4, 30, 5))
    ceiling = truth + 0.1 * ceiling
    together = misfit.error_triple(truth, weak, student, ceiling)
    gap = misfit.exact_gap(truth, weak, ceiling, student)
    for task in range(5):
        columns = [values[:, task] for values in (truth, weak, student, ceiling)]
        alone = misfit.error_triple(*columns)
        for name in ("weak_error", "student_error", "misfit", "ceiling", "gain", "cross_term", "pgr"):
            assert getattr(together, name)[task] == pytest.approx(getattr(alone, name), rel=1e-13, abs=1e-14)
        assert gap[task] == pytest.approx(misfit.exact_gap(columns[0], columns[1], columns[3], columns[2]))
        assert isinstance(alone.gain, float) and isinstance(alone.pgr, float)


def test_nothing_is_broadcast():
    with pytest.raises(ValueError, match=r"one shape.*\(3, 1\)"):
        misfit.squared_distance(np.zeros(3), np.zeros((3, 1)))
    with pytest.raises(ValueError, match="one shape"):
        misfit.error_triple(np.zeros(3), np.zeros(3), np.zeros(3), ceiling=np.zeros((3, 1)))
    with pytest.raises(ValueError, match="same tasks"):
        misfit.theorem_2_bound(np.ones(3), np.ones((3, 1)))


def test_inputs_of_other_kinds_are_measured_in_double_precision():
    a, b = np.array([1e4, 1.0], dtype=np.float32), [10_001, 1]
    assert misfit.squared_distance(a, b) == 0.5
    assert misfit.squared_distance(np.array([0, 200], dtype=np.uint8), [1, 199]) == 1.0  # no wrap-around


def test_sampling_agrees_with_theory():
    """x standard Gaussian, weak = x'a, truth = x'b with b in the student's class, student = the part of a in it.

    (x'c)^2 has mean |c|^2 and variance 2 |c|^4; for u = student - weak and v = truth - student, orthogonal here, the cross
    term 2 (x'u)(x'v) has mean 0 and variance 4 |u|^2 |v|^2. Five standard errors: a false alarm in 2 million.
    """
    rows, rng = 200_000, np.random.default_rng(1)
    x = rng.normal(size=(rows, 4))
    a, b = np.array([1.0, -0.5, 0.8, 0.3]), np.array([0.4, 0.9, 0.0, 0.0])
    p = np.where(np.arange(4) < 2, a, 0.0)
    triple = misfit.error_triple(x @ b, x @ a, x @ p)
    expected = {"weak_error": a - b, "student_error": p - b, "misfit": p - a}
    for name, c in expected.items():
        error = c @ c * np.sqrt(2 / rows)
        assert abs(getattr(triple, name) - c @ c) < 5 * error, name
        assert abs(getattr(triple, name) - 1.1 * c @ c) > 5 * error, name  # ten per cent off would be seen
    error = 2 * np.linalg.norm(p - a) * np.linalg.norm(b - p) / np.sqrt(rows)
    assert abs(triple.cross_term) < 5 * error
    assert np.std(misfit.cross_terms(x @ b, x @ a, x @ p)) / np.sqrt(rows) == pytest.approx(error, rel=0.02)
