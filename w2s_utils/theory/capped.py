"""The gain from random true labels: a line on the misfit, which is known of all rows, capped where few labels are.

With y the gains and x the misfits of m labelled rows among n, c a cap, b a slope:

    gain = mean_labelled(y - b min(x, c)) + b mean_all(min(x, c)).                                          (1)

Every fixed b is unbiased where labelled rows are a random part of all. This is prediction-powered inference (Angelopoulos et
al. 2023, Science 382:669) with the capped misfit as the prediction of the gain, and the regression estimator of double
sampling (Cochran 1977, Sampling Techniques, section 12.6) with the slope of least squares, shrunk towards 0 where it is not
told from 0: b = b_0 max(0, 1 - se^2 / b_0^2). Without a cap and with many labels it is PPI++ (Angelopoulos, Duchi and Zrnic
2023, arXiv 2311.01453), and `ppi_py` then gives the same interval.

**The cap** is a misfit that k labelled rows reach, k = 0.6 m^(1/3), one at least, as a line says nothing beyond the rows that
it was drawn through. **The error** S is that of residuals as they would be had their row been left out of the line (MacKinnon
and White 1985, HC3), with that of means over n rows. **The allowance** A is for rows beyond the cap. Of their gain the
labelled rows know next to nothing; it lies between -x and x where the truth lies between teacher and student, and beyond
where it does not:

    A = 1.25 max(1, |b|) mean_all(max(x - c, 0)) without the labelled rows,        half-width = sqrt((t S)^2 + A^2),       (2)

t Student's quantile with m - 2 degrees of freedom. Power, factor and the sum of squares in (2) were chosen on simulated
worlds (heavy tails, blunders of the student, the teacher or both, copying students) as the least that hold there; notebook
80 tries them on fresh draws and on molecules. A line without a cap covers .6 to .9 where .95 is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from .arrays import Array

POWER, PART = 1 / 3, 0.6
"""Of the number of labels: rows that reach the cap."""
ALLOWED = 1.25
MOST_LEVERAGE = 0.9
"""Of one row: beyond, the line is drawn through it, and what it would be without is not known. There is no line then."""
TIED = 1e-6
"""Part of the mean misfit by which capped misfits must vary for a line: below, it would be drawn through round-off."""

Beyond = Callable[[Array], tuple[Array, Array, Array, Array]]
"""For caps ``(draws,)``: over all rows mean and variance of min(misfit, cap), and both of max(misfit - cap, 0)."""


def reaching(labels: int) -> int:
    """How many of so many labelled rows have a misfit at the cap or beyond it."""
    return max(1, round(PART * labels**POWER))


@dataclass(frozen=True)
class Capped:
    """Estimates ``gain (draws,)``, with what makes their intervals, each ``(draws,)``, in squared target units.

    ``error``: S of equation (2), ``of_labels``: the part of its square that falls with more labels; ``allowance``: A;
    ``slope``: b.
    """

    gain: Array
    error: Array
    of_labels: Array
    allowance: Array
    slope: Array
    labels: int

    def reach(self, confidence: float) -> Array:
        """How far an end lies from the estimate, ``(draws,)``, for a ``confidence`` in (0, 1) that it is not passed."""
        return np.hypot(stdtrit(self.labels - 2, confidence) * self.error, self.allowance)


def capped_gain(
    gains: Array, misfits: Array, rows: int, beyond: Beyond, caps_above: Callable[[Array], Array]
) -> Capped:
    """Equation (1) for several draws of labelled rows at once: ``gains``, ``misfits (draws, m)``, of ``rows`` each, m >= 3.

    ``beyond``: what is known of all rows; ``caps_above``: the least caps that may be taken for misfits ``(draws,)``.
    """
    labels = gains.shape[1]
    kept = labels - reaching(labels)
    caps = caps_above(np.partition(misfits, kept, axis=1)[:, kept])
    mean, variance, excess, excess_variance = beyond(caps)
    told = np.minimum(misfits, caps[:, None])
    about = told - told.mean(axis=1, keepdims=True)
    scatter = np.sum(about**2, axis=1)
    scatter = np.where(scatter > labels * (TIED * (mean + excess)) ** 2, scatter, 0.0)
    safe = np.where(scatter > 0, scatter, 1.0)
    leverage = about**2 / safe[:, None]
    told_by_several = (scatter > 0) & (leverage.max(axis=1) <= MOST_LEVERAGE)
    line = np.where(told_by_several, np.sum(about * gains, axis=1) / safe, 0.0)
    from_mean = gains - gains.mean(axis=1, keepdims=True)
    slope_error = np.sum(
        leverage * _left_out(from_mean - line[:, None] * about, 1 / labels + leverage) ** 2, axis=1
    )
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        shrunk = np.where(line != 0, np.maximum(0.0, 1 - slope_error / safe / line**2), 0.0)
    slope = shrunk * line
    residuals = _left_out(from_mean - slope[:, None] * about, 1 / labels + shrunk[:, None] * leverage)
    of_labels = np.sum(residuals**2, axis=1) / (labels * (labels - 1))
    # Labelled rows are among all rows; what the shrunken line leaves varies with the misfit.
    of_rows = slope**2 * variance + 2 * slope * (line - slope) * scatter / (labels - 1)
    allowed = ALLOWED * np.maximum(1.0, abs(slope))
    unknown = excess - np.sum(misfits - told, axis=1) / rows  # of labelled rows the gain is known
    return Capped(
        gain=gains.mean(axis=1) - slope * (told.mean(axis=1) - mean),
        error=np.sqrt(of_labels + (of_rows + allowed**2 * excess_variance) / rows),
        of_labels=of_labels,
        allowance=allowed * np.maximum(unknown, 0.0),
        slope=slope,
        labels=labels,
    )


def _left_out(residuals: Array, leverage: Array) -> Array:
    """Residuals as they would be without their own row."""
    return residuals / np.where(leverage < 1 - 1e-9, 1 - leverage, 1.0)
