"""Random features: harmonic parts by quadrature, teachers and flows against sums over sampled inputs, and the bound."""

import itertools

import numpy as np
import pytest

from w2s_utils.theory.random_features import (
    Flow,
    ReluTeacher,
    harmonics,
    least_student_error,
    legendre,
    linear_flow,
    linear_weak_error,
    on_sphere,
    relu_kernel,
    relu_parts,
    relu_spectrum,
)

RNG = np.random.default_rng(0)


def test_harmonics_and_polynomials_of_the_ordinary_sphere():
    assert [harmonics(3, degree) for degree in range(4)] == [1, 3, 5, 7]
    assert [harmonics(4, degree) for degree in range(4)] == [1, 4, 9, 16]
    t = np.linspace(-1, 1, 7)
    expected = [np.ones(7), t, (3 * t**2 - 1) / 2, (5 * t**3 - 3 * t) / 2]
    for found, right in zip(itertools.islice(legendre(3, t), 4), expected, strict=True):
        np.testing.assert_allclose(found, right, atol=1e-15)


@pytest.mark.parametrize("dimension", [3, 16, 32])
def test_the_parts_of_the_kernel_add_up_to_it(dimension):
    sizes, rates = relu_parts(dimension, 40)
    assert sizes[1] == pytest.approx(1 / 4, rel=1e-9)  # <x_1, relu(u.x)> = u_1 / 2
    assert sizes.sum() == pytest.approx(1 / 2, rel=1e-2) and (sizes >= 0).all() and sizes[3] == 0
    t = np.array([-0.5, 0.1, 0.7])
    total = sum(size * p for size, p in zip(sizes, legendre(dimension, t), strict=False))
    np.testing.assert_allclose(total, relu_kernel(t), atol=2e-4)
    assert (np.diff(rates[[0, 1, 2, 4, 6]]) < 0).all()


def test_a_part_of_the_kernel_by_quadrature():
    """On the ordinary sphere t is uniform on [-1, 1]: mu_4 = sqrt(3) / 2 times the integral of t P_4 over [0, 1], -1 / 48."""
    assert relu_parts(3, 5)[1][4] == pytest.approx((np.sqrt(3) / 2 / 48) ** 2)


def test_a_teacher_is_the_projection_of_the_truth_and_parts_hold_all_of_it():
    d, units = 4, on_sphere(12, 4, RNG)
    teacher = ReluTeacher.of(units)
    x = np.sqrt(d) * on_sphere(400_000, d, RNG)
    features = np.maximum(x @ units.T, 0)
    fitted = np.linalg.lstsq(features, x[:, 0], rcond=None)[0]
    assert teacher.weak_error == pytest.approx(np.mean((features @ fitted - x[:, 0]) ** 2), rel=0.02)
    flow = teacher.endless()
    start, end = flow.at(np.array([0.0, 1e12])).student_error
    assert start == 1 and end == pytest.approx(teacher.weak_error)
    assert flow.at(np.array([0.0])).weak_error[0] == pytest.approx(teacher.weak_error)


def test_a_finite_student_is_gradient_descent_in_small_steps():
    teacher, units = ReluTeacher.of(on_sphere(6, 5, RNG)), on_sphere(20, 5, RNG)
    flow = teacher.of_student(*relu_spectrum(units), units)
    gram, cross = relu_kernel(units @ units.T), relu_kernel(units @ teacher.units.T) @ teacher.weights
    weights, step = np.zeros(20), 0.01
    for _ in range(3000):
        weights -= step / 20 * (gram @ weights - cross)
    error = 1 - weights @ units[:, 0] + weights @ gram @ weights
    misfit = 1 - teacher.weak_error - 2 * weights @ cross + weights @ gram @ weights
    found = flow.at(np.array([30.0]))
    assert found.student_error[0] == pytest.approx(error, rel=1e-3)
    assert found.misfit[0] == pytest.approx(misfit, rel=1e-3)


def test_the_linear_teacher_has_its_law_and_its_parts():
    rows, beyond, ratio = 3, 8, 0.2
    errors, energies = [], []
    for _ in range(4000):
        units = RNG.normal(size=(beyond + 1, rows))
        units[1:] *= np.sqrt(ratio)
        basis = np.linalg.qr(units)[0]
        projection = basis @ basis[0]
        errors.append(1 - projection[0])
        energies.append(np.sum(projection[1:] ** 2) - linear_flow(errors[-1], ratio).energies[1])
    assert np.abs(energies).max() < 1e-12
    law = linear_weak_error(RNG.chisquare(rows, 200_000), RNG.chisquare(beyond - rows + 1, 200_000), ratio)
    assert np.mean(errors) == pytest.approx(law.mean(), abs=4 * np.std(errors) / np.sqrt(4000))
    assert np.var(errors) == pytest.approx(law.var(), rel=0.1)


def test_the_bound_is_reached_by_the_nearest_point_of_the_ball_and_never_passed():
    for error in (0.01, 0.3, 0.9):
        weak = np.array([1 - error, np.sqrt(error * (1 - error))])
        truth = np.array([1.0, 0.0])
        nearest = weak / 2 + np.linalg.norm(weak) / 2 * (truth - weak / 2) / np.linalg.norm(truth - weak / 2)
        assert np.sum((nearest - truth) ** 2) == pytest.approx(float(least_student_error(np.array(error))))
        flow = linear_flow(error, 1e-3)
        best = flow.at(np.array([flow.best_time()])).student_error[0]
        assert best >= least_student_error(np.array(error)) * (1 - 1e-12)


def test_the_best_time_is_the_least_of_a_fine_grid():
    flow = Flow(np.array([1.0, 0.1, 0.0]), np.array([0.5, 0.2, 0.1]), np.array([0.6, 0.0, 0.05]))
    errors = flow.at(np.geomspace(1e-2, 1e3, 100_000)).student_error
    assert flow.at(np.array([flow.best_time()])).student_error[0] == pytest.approx(errors.min(), rel=1e-8)
