"""Worlds in which the gain is known exactly, and whether intervals from few labels hold there.

Truth, teacher and student are linear in a constant and independent Gaussian features of variance 1, so a function is the
vector of its coefficients and the mean square of one is its squared length. The strong class is linear in the first
EXPRESSIBLE terms and cannot express the other BEYOND.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from ..heads.linear import LeastSquaresHead
from ..theory.arrays import Array
from ..theory.certificate import ErrorSums, error_sums

EXPRESSIBLE, BEYOND = 9, 4
"""Terms: a constant and eight features; four other features."""

INTERVALS: dict[str, dict[str, Any]] = {
    "identity": {"weight": 1.0},
    "best weight": {},
    "bootstrap": {"method": "bootstrap"},
}
"""Kinds of certificate, and what `ErrorSums.certificate` takes for each."""


def terms(rows: int, generator: np.random.Generator) -> Array:
    """A constant and independent Gaussian features of variance 1 for so many random rows, ``(rows, EXPRESSIBLE + BEYOND)``."""
    features = generator.normal(size=(rows, EXPRESSIBLE + BEYOND - 1))
    return np.column_stack([np.ones(rows), features])


@dataclass(frozen=True, eq=False)
class LinearWorld:
    """Coefficients on the terms of ``truth``, teacher (``weak``) and ``student``; ``noise``: standard deviation of labels."""

    truth: Array
    weak: Array
    student: Array
    noise: float

    def labels(self, table: Array, generator: np.random.Generator) -> Array:
        """True labels ``(rows,)`` of rows of terms, ``(rows, EXPRESSIBLE + BEYOND)``, with noise from the generator."""
        return table @ self.truth + self.noise * generator.normal(size=len(table))

    @property
    def gain(self) -> float:
        """Weak error less student error, exactly; label noise moves neither."""
        return float(np.sum((self.weak - self.truth) ** 2) - np.sum((self.student - self.truth) ** 2))

    @property
    def share_told(self) -> float:
        """Squared correlation of gain and misfit over rows, exactly; label noise is one more term."""
        of_weak, of_student = (
            np.append(made - self.truth, -self.noise) for made in (self.weak, self.student)
        )
        apart = np.append(self.weak - self.student, 0)
        gain = (
            _covariance(of_weak, of_weak)
            + _covariance(of_student, of_student)
            - 2 * _covariance(of_weak, of_student)
        )
        both = _covariance(of_weak, apart) - _covariance(of_student, apart)
        return float(both**2 / gain / _covariance(apart, apart))


def linear_world(train_rows: int, generator: np.random.Generator) -> LinearWorld:
    """A random world whose teacher errs in both parts of the truth; its student learns ``train_rows`` weak labels."""
    truth, error = generator.normal(size=(2, EXPRESSIBLE + BEYOND))
    truth[EXPRESSIBLE:] *= generator.uniform(0, 0.5)
    error[:EXPRESSIBLE] *= generator.uniform(0.1, 0.5)
    error[EXPRESSIBLE:] *= generator.uniform(0.1, 1)
    weak = truth + error
    student = taught(weak, train_rows, generator)
    return LinearWorld(truth, weak, student, generator.uniform(0, 1))


def taught(weak: Array, train_rows: int, generator: np.random.Generator) -> Array:
    """Coefficients of a least squares student of the teacher ``weak``, fitted to the labels of so many fresh rows."""
    learned = terms(train_rows, generator)
    head = LeastSquaresHead().fit(learned[:, 1:EXPRESSIBLE], learned @ weak)
    return np.concatenate([[head.intercept_], head.coef_, np.zeros(BEYOND)])


def judged_intervals(
    weak: ArrayLike,
    student: ArrayLike,
    truth: ArrayLike,
    gain: float,
    kinds: Iterable[str],
    level: float,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """For each of ``kinds`` (of INTERVALS), the naive one and the textbook's: ``holds`` the true ``gain``, and its ``width``.

    ``weak``, ``student``: predictions ``(n,)``; ``truth``: true labels of the first rows. ``width`` is relative to the naive
    interval, that of the labelled rows alone; ``bound_holds``: so does the one-sided bound of a certificate.
    """
    sums = error_sums(weak, student, truth, np.arange(len(np.asarray(truth))))
    found: list[dict[str, Any]] = []
    for kind in kinds:
        made = sums.certificate(level, seed=seed, **INTERVALS[kind])
        naive = made.naive_high - made.naive_low
        holds, bound = made.low <= gain <= made.high, made.lower_bound <= gain
        found.append(
            {"kind": kind, "holds": holds, "bound_holds": bound, "width": 2 * made.half_width / naive}
        )
    found.append({"kind": "naive", "holds": made.naive_low <= gain <= made.naive_high, "width": 1.0})
    low, high = textbook_interval(sums, level)
    found.append({"kind": "no row left out", "holds": low <= gain <= high, "width": (high - low) / naive})
    return found


def textbook_interval(sums: ErrorSums, level: float) -> tuple[float, float]:
    """The best weight with the textbook's variance of a regression (Cochran 1977): residuals as they are, no row left out."""
    gains, misfits = sums.labelled[:, 0] - sums.labelled[:, 1], sums.labelled[:, 2]
    about = misfits - misfits.mean()
    slope = about @ gains / (about @ about)
    residual = gains - gains.mean() - slope * about
    labels, distance = len(gains), misfits.mean() - sums.misfit
    variance = residual @ residual / (labels - 2) * (1 / labels + distance**2 / (about @ about))
    error = math.sqrt(variance + slope**2 * sums.scatter / (sums.rows - 1) / sums.rows)
    centre = gains.mean() - slope * distance
    half = float(stdtrit(labels - 2, (1 + level) / 2)) * error
    return centre - half, centre + half


def _covariance(one: Array, other: Array) -> float:
    """Of the squares of two functions, linear in a constant (first) and independent Gaussian terms of variance 1."""
    inner = one[1:] @ other[1:]
    return float(2 * inner**2 + 4 * one[0] * other[0] * inner)
