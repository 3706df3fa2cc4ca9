"""The regression estimator behind a certificate: equations (1) and (2) of `certificate`, for several draws at once."""

from __future__ import annotations

import math

import numpy as np

from .arrays import Array

RESAMPLES = 2000
LEAST_CARRYING = 10
LEAST_MOVING = 5


class Estimate:
    """Gain and standard error for several draws of labelled rows: ``gains``, ``misfits (draws, m)``, ``means (draws,)``.

    ``variance_of_mean``: of the mean misfit over all ``rows``.
    """

    def __init__(
        self,
        gains: Array,
        misfits: Array,
        means: Array,
        variance_of_mean: float,
        rows: int,
        weight: float | None,
    ):
        labels = gains.shape[1]
        about = misfits - misfits.mean(axis=1, keepdims=True)
        scatter = np.sum(about**2, axis=1)
        safe = np.where(scatter > 0, scatter, 1.0)
        leverage = 1 / labels + about**2 / safe[:, None]
        # Where all misfits are equal, or one row alone decides the slope, the data say nothing of a best weight: it is 0.
        open_to_data = (scatter > 0) & (leverage.max(axis=1) < 1 - 1e-9) & (weight is None)
        slope = np.sum(about * gains, axis=1) / safe
        self.weight = np.where(open_to_data, slope, weight or 0.0)
        distance = misfits.mean(axis=1) - means
        self.gain = gains.mean(axis=1) - self.weight * distance
        residual = gains - gains.mean(axis=1, keepdims=True) - self.weight[:, None] * about
        share = 1 / labels - distance[:, None] * about / safe[:, None]
        left_out = residual / np.where(open_to_data[:, None], 1 - leverage, 1.0)
        self.of_labels = np.where(
            open_to_data,
            np.sum((share * left_out) ** 2, axis=1),
            np.sum(residual**2, axis=1) / (labels * (labels - 1)),
        )
        shared = np.sum(residual * about, axis=1) / (labels - 1) / rows
        self.of_all_rows = self.weight**2 * variance_of_mean + 2 * self.weight * shared
        self.error = np.sqrt(np.maximum(self.of_labels + self.of_all_rows, 0.0))


def enough(gains: Array, misfit: float, spread: float) -> float:
    """Labels from which both counts of rows that carry the gain are as large as they need be; 0 without a misfit.

    ``gains (m,)`` of the labelled rows; ``misfit``, ``spread``: mean and standard deviation of the misfits of all rows.
    """
    if not misfit > 0:
        return 0.0
    carrying = 1 / (1 + (spread / misfit) ** 2)  # of each labelled row, to be expected
    squares = (gains - gains.mean()) ** 2
    if not squares.any():
        return LEAST_CARRYING / carrying
    squares /= squares.max()  # whose squares stay in the range of the arithmetic
    moving = np.sum(squares) ** 2 / np.sum(squares**2) / len(gains)
    return float(max(LEAST_CARRYING / carrying, LEAST_MOVING / moving))


def resampled_tails(
    gains: Array,
    misfits: Array,
    mean: float,
    variance_of_mean: float,
    rows: int,
    gain: float,
    weight: float | None,
    level: float,
    seed: int,
) -> list[float]:
    """Quantiles of (gain* - gain) / error* with their sign turned, for the low end, the lower bound and the high end.

    ``gains``, ``misfits (m,)`` of the labelled rows, which are drawn again; the ``mean`` misfit of the other rows, of many, is
    drawn from its normal distribution. ``gain``: the estimate itself.
    """
    generator = np.random.default_rng(seed)
    labels = len(gains)
    share, others = labels / rows, max(rows - labels, 1)
    of_others = (rows * mean - misfits.sum()) / others
    spread = math.sqrt(variance_of_mean * rows / others)
    pivots = []
    chunk = max(1, 2_000_000 // labels)
    for start in range(0, RESAMPLES, chunk):
        draws = generator.integers(labels, size=(min(chunk, RESAMPLES - start), labels))
        means = share * misfits[draws].mean(axis=1)
        means += (1 - share) * generator.normal(of_others, spread, size=len(draws))
        again = Estimate(gains[draws], misfits[draws], means, variance_of_mean, rows, weight)
        with np.errstate(divide="ignore", invalid="ignore"):
            pivots.append((again.gain - gain) / again.error)
    found = np.concatenate(pivots)
    found = found[np.isfinite(found)]
    if not found.size:  # all labelled rows are equal
        return [0.0, 0.0, 0.0]
    return list(-np.quantile(found, [(1 + level) / 2, level, (1 - level) / 2]))
