"""Least squares with Gaussian features: exact means and variances, where everything can be predicted.

Behind each input stands z ~ N(0, I). A function is linear in z and given by its vector ``(latent,)``, so the mean squared
distance of two functions is that of their vectors. A class of linear heads is the span of orthonormal ``columns (latent, d)``.
What a class leaves of a function is independent of its features and acts as noise. With the moments of an inverse Wishart
matrix (von Rosen 1988, Scand. J. Statist. 15, 97-109) all below follows; the derivation is ours, it stands in notebook 21.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from .arrays import Array

MOST_LABELS = 100_000
"""As far as `labels_at_crossing` looks."""


def inverse_moments(dimension: int, rows: float) -> tuple[float, float]:
    """Mean of tr S, and the variance of |delta|^2 for delta ~ N(0, S): S the inverse of X'X, X standard Gaussian rows.

    ``dimension`` d and ``rows`` n, numbers or an array of n; finite for n > d + 3. From the first two moments of an inverse
    Wishart matrix: E tr S = d / (n - d - 1), E tr S^2 = d (n - 1) / c and E (tr S)^2 = d (d (n - d - 2) + 2) / c, with
    c = (n - d)(n - d - 1)(n - d - 3).
    """
    c = (rows - dimension) * (rows - dimension - 1) * (rows - dimension - 3)
    mean = dimension / (rows - dimension - 1)
    squares = 2 * dimension * (rows - 1) / c + dimension * (dimension * (rows - dimension - 2) + 2) / c
    return mean, squares - mean**2


def remainder(columns: Array, vectors: Array) -> Array:
    """What the class of ``columns (latent, d)`` cannot express of ``vectors``, ``(latent,)`` or ``(latent, functions)``."""
    return vectors - columns @ (columns.T @ vectors)


def expected_error(truth: Array, columns: Array, noise: float, labels: float) -> tuple[float, float]:
    """Mean and standard deviation of the error of a head fitted to so many labels, over draws of its labelled rows.

    ``truth (latent,)``; ``noise``: standard deviation of the labels about it; ``labels`` n, a number or an array, above
    d + 3. The mean is eps + (noise^2 + eps) d / (n - d - 1), bias and variance, with eps what the class leaves of the truth.
    """
    epsilon = np.sum(remainder(columns, truth) ** 2)
    mean, variance = inverse_moments(columns.shape[1], labels)
    return epsilon + (noise**2 + epsilon) * mean, (noise**2 + epsilon) * np.sqrt(variance)


def labels_at_crossing(
    truth: Array, large: Array, small: Array, noise: float, deviations: float = 0.0
) -> float:
    """Labels n at which `expected_error` of the class ``large`` falls below that of ``small``: there the roles swap.

    ``deviations``: there log(large / small) is so many times the sum of the two relative standard deviations, not 0. With
    4 / sqrt(repeats) and its negative: the ends of a band of four standard errors for curves measured as means of repeats.
    Raises ValueError if there is none from 4 labels above the larger dimension to MOST_LABELS, so if both hold the truth.
    """

    def log_ratio(labels: float) -> float:
        (a, a_sd), (b, b_sd) = (expected_error(truth, columns, noise, labels) for columns in (large, small))
        return float(np.log(a / b) - deviations * (a_sd / a + b_sd / b))

    least = max(large.shape[1], small.shape[1]) + 4
    start, end = log_ratio(least), log_ratio(MOST_LABELS)
    if not start * end <= 0:
        which = ("large", "small") if start > 0 else ("small", "large")
        raise ValueError(
            f"the two errors do not cross: with any number of labels from {least} to {MOST_LABELS:,} that of the {which[0]} "
            f"class is above that of the {which[1]} one"
        )
    return float(brentq(log_ratio, least, MOST_LABELS))


def expected_triple(
    truth: Array, teacher: Array, student: Array, noise: float, labels: float, unlabelled: int
) -> tuple[float, float, float]:
    """Means of weak error, misfit and gain: a teacher fitted to ``labels``, its student to what it says of other rows.

    ``teacher (latent, d)`` and ``student (latent, k)``: columns of their classes; ``labels``: as in `expected_error`;
    ``unlabelled`` m, the student's rows, above k + 1. With w the teacher, P the projection on the student's class and u the
    mean of |w - Pw|^2: misfit u (1 + k / (m - k - 1)), and gain - misfit -2 <w - Pw, g - Pg> - 2 u k / (m - k - 1), w here in
    the mean, where it is the projection of the truth g on the teacher's class.
    """
    weak_error, _ = expected_error(truth, teacher, noise, labels)
    epsilon = np.sum(remainder(teacher, truth) ** 2)
    known = remainder(student, teacher @ (teacher.T @ truth))  # by the mean teacher, beyond the student
    spread = (noise**2 + epsilon) / (labels - teacher.shape[1] - 1)
    unreachable = known @ known + spread * np.sum(remainder(student, teacher) ** 2)
    share, _ = inverse_moments(student.shape[1], unlabelled)
    misfit = unreachable * (1 + share)
    gap = -2 * known @ remainder(student, truth) - 2 * unreachable * share
    return weak_error, misfit, misfit + gap


def gap_given_teacher(truth: Array, weak: Array, student: Array, unlabelled: int) -> tuple[Array, Array]:
    """Mean and variance ``(teachers,)`` of gain - misfit over draws of the student's rows, for given teachers.

    ``weak (latent, teachers)``: their functions w; ``student (latent, k)``; ``unlabelled`` m, above k + 3. The student is
    Pw + eta with eta ~ N(0, |w - Pw|^2 S), S as in `inverse_moments`, so that gain - misfit is
    -2 <w - Pw, g - Pg> + 2 <eta, g - w> - 2 |eta|^2, and the last two terms are uncorrelated.
    """
    beyond = remainder(student, weak)
    size = np.sum(beyond**2, axis=0)
    toward = np.sum((student.T @ (truth[:, None] - weak)) ** 2, axis=0)
    mean, variance = inverse_moments(student.shape[1], unlabelled)
    expected = -2 * remainder(student, truth) @ beyond - 2 * size * mean
    return expected, 4 * size * toward * mean / student.shape[1] + 4 * size**2 * variance
