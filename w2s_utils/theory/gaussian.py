"""Least squares with Gaussian features: exact means and variances, where everything can be predicted."""

from __future__ import annotations


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
