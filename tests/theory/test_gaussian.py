"""Moments, errors, gaps and crossings of least squares with Gaussian features: against simulations and closed forms."""

import numpy as np
import pytest

from w2s_utils.theory.gaussian import (
    expected_error,
    expected_triple,
    gap_given_teacher,
    inverse_moments,
    labels_at_crossing,
    remainder,
)

LATENT, NOISE, LABELS, UNLABELLED, DRAWS = 6, 0.7, 18, 24, 40_000


@pytest.mark.parametrize(("dimension", "rows"), [(1, 10), (3, 20), (8, 60)])
def test_moments_are_those_of_drawn_rows(dimension, rows):
    rng = np.random.default_rng(dimension)
    draws = 40_000
    x = rng.normal(size=(draws, rows, dimension))
    inverse = np.linalg.inv(np.einsum("rni,rnj->rij", x, x))
    traces = np.trace(inverse, axis1=1, axis2=2)
    mean, variance = inverse_moments(dimension, rows)
    assert traces.mean() == pytest.approx(mean, abs=5 * traces.std() / np.sqrt(draws))
    # |delta|^2 given S has mean tr S and variance 2 tr S^2.
    squares = 2 * np.einsum("rij,rij->r", inverse, inverse) + (traces - mean) ** 2
    assert squares.mean() == pytest.approx(variance, abs=5 * squares.std() / np.sqrt(draws))


def test_one_feature_is_an_inverse_chi_square():
    mean, _ = inverse_moments(1, 12)
    assert mean == pytest.approx(1 / 10)


@pytest.fixture(scope="module")
def world():
    """A truth and two classes, of dimensions 3 and 2, in no special position to each other."""
    rng = np.random.default_rng(0)
    bases = (np.linalg.qr(rng.normal(size=(LATENT, d)))[0] for d in (3, 2))
    return rng.normal(size=LATENT), *bases


def fitted(rng, columns, rows, functions, noise):
    """Vectors (draws, latent) of least squares fits to values of ``functions (draws, latent)`` on fresh rows, with noise."""
    z = rng.normal(size=(DRAWS, rows, LATENT))
    values = np.einsum("rnl,rl->rn", z, functions) + noise * rng.normal(size=(DRAWS, rows))
    x = z @ columns
    normal = np.einsum("rni,rnj->rij", x, x)
    return np.linalg.solve(normal, np.einsum("rni,rn->ri", x, values)[..., None])[..., 0] @ columns.T


def agrees(values, expected):
    """The mean over draws is the expected one within five standard errors, and these are small beside it."""
    error = values.std() / np.sqrt(DRAWS)
    assert values.mean() == pytest.approx(expected, abs=5 * error) and error < 0.05 * abs(expected)


def test_a_class_leaves_what_is_orthogonal_to_it(world):
    truth, columns, _ = world
    nearest, *_ = np.linalg.lstsq(columns, truth, rcond=None)
    np.testing.assert_allclose(remainder(columns, truth), truth - columns @ nearest, atol=1e-12)


def test_errors_misfit_and_gain_are_those_of_fits_to_drawn_rows(world):
    truth, teacher, student = world
    rng = np.random.default_rng(1)
    weak = fitted(rng, teacher, LABELS, np.tile(truth, (DRAWS, 1)), NOISE)
    strong = fitted(rng, student, UNLABELLED, weak, 0.0)
    weak_error = np.sum((weak - truth) ** 2, axis=1)
    gain = weak_error - np.sum((strong - truth) ** 2, axis=1)
    mean, sd = expected_error(truth, teacher, NOISE, LABELS)
    agrees(weak_error, mean)
    agrees((weak_error - mean) ** 2, sd**2)
    expected = expected_triple(truth, teacher, student, NOISE, LABELS, UNLABELLED)
    for values, value in zip((weak_error, np.sum((strong - weak) ** 2, axis=1), gain), expected, strict=True):
        agrees(values, value)


def test_the_gap_of_given_teachers_is_that_of_students_on_drawn_rows(world):
    truth, _, student = world
    rng = np.random.default_rng(2)
    teachers = truth[:, None] + rng.normal(size=(LATENT, 2))
    means, variances = gap_given_teacher(truth, teachers, student, UNLABELLED)
    for weak, mean, variance in zip(teachers.T, means, variances, strict=True):
        strong = fitted(rng, student, UNLABELLED, np.tile(weak, (DRAWS, 1)), 0.0)
        errors = [np.sum((made - truth) ** 2, axis=-1) for made in (weak, strong)]
        gap = errors[0] - errors[1] - np.sum((strong - weak) ** 2, axis=1)
        agrees(gap, mean)
        agrees((gap - mean) ** 2, variance)


def test_a_crossing_with_a_constant_error_has_a_closed_form():
    """A class of nothing errs by |truth|^2; one that holds the truth by noise^2 d / (n - d - 1), which is equal at one n."""
    axes, truth = np.eye(4), np.array([0.3, 0.4, 0, 0])
    found = labels_at_crossing(truth, axes[:, :3], axes[:, :0], noise=2.0)
    assert found == pytest.approx(3 + 1 + 3 * 4 / 0.25)


@pytest.mark.parametrize("deviations", [0.2, -0.2])
def test_a_band_of_a_crossing_counts_standard_deviations(deviations):
    """With one feature the error is noise^2 chi-square(1) / chi-square(n): its two moments are elementary."""
    n = labels_at_crossing(np.array([0.1]), np.eye(1), np.eye(1)[:, :0], 1.0, deviations)
    mean, square = 1 / (n - 2), 3 / ((n - 2) * (n - 4))
    assert np.log(mean / 0.01) == pytest.approx(deviations * np.sqrt(square - mean**2) / mean)
    assert (n < 2 + 1 / 0.01) == (deviations > 0)


@pytest.mark.parametrize(
    ("large", "small", "words"),
    [
        (3, 1, r"do not cross: .* from 7 to 100,000 that of the large class is above that of the small one"),
        (1, 3, r"do not cross: .* that of the small class is above that of the large one"),
    ],
)
def test_where_both_classes_hold_the_truth_nothing_crosses_and_a_sentence_says_so(large, small, words):
    with pytest.raises(ValueError, match=words):
        labels_at_crossing(np.array([1.0, 0, 0]), np.eye(3)[:, :large], np.eye(3)[:, :small], noise=1.0)


def test_without_bias_the_gain_changes_sign_at_one_number_of_rows_whatever_is_shared():
    axes, dimension = np.eye(9), 4
    for shared in (1, 3):
        student, teacher = axes[:, :dimension], axes[:, dimension - shared : 2 * dimension - shared]
        gains = [expected_triple(np.zeros(9), teacher, student, 1.0, 20, rows)[2] for rows in (8, 9, 10)]
        assert gains[0] < 0 < gains[2] and gains[1] == pytest.approx(0, abs=1e-15)
        inherited = shared + (dimension - shared) * dimension / (10 - dimension - 1)
        assert gains[2] == pytest.approx((dimension - inherited) / (20 - dimension - 1))
