"""Intervals for the gain from rows with known chances, for several draws at once: what `theory.drawn` does of one.

Of m = m_u + m_d labelled rows m_u were random, and m_d were drawn with probabilities q (`theory.drawing`). Each gives

    t = gain / r,    r_i = n pi_i,    pi_i = (m_u / n + m_d q_i) / m,                                     (1)

and the mean of t is the estimate. Its expectation is sum_i (m_u / n + m_d q_i) gain_i / (m n pi_i), the mean gain of the n
rows. All are weighted by the mixture pi and not each by what it was drawn with: the balance heuristic of Veach and Guibas
(1995), see also Owen and Zhou (2000).

**Variance**, for a statement on rows like these, of which the n are a random part:

    V = var(t) / m + s2 / (n - 1),    s2 = mean(gain^2 / r) - mean(t)^2 + var(t) / m,                     (2)

with m - 1 below in var(t). The variance of an estimate that is unbiased given the n rows is the mean of its variance given
them and the variance of their mean gain. The first: for drawn labels alone var(t) / m, without bias. With random ones it is
too large in the mean by sum_k m_k (mu_k - gain)^2 / (m (m - 1)), mu_k the mean of t over rows chosen in the way k, and by a
little more where random rows are chosen without repeat, so it is conservative. The second: s2, without bias for drawn
labels, estimates the mean of (gain - mean gain)^2 over the n rows. The interval is Student's t, with the degrees of freedom

    V^2 / ((var(t) / m)^2 / (m - 1) + (s2 / (n - 1))^2 / (k - 1)),    k = (sum d^2)^2 / sum d^4,          (3)

of Satterthwaite's kind: k counts the rows that carry the gain, whatever number is labelled.

**A line on the misfit.** Where chances were not made for this pair alone, t varies with what other pairs or random rows have
to do with the choice. So does x = min(d^2, c) / r, of which the mean over all rows is known, and

    mean(t) - b (mean(x) - mean_all(min(d^2, c)))                                                         (4)

is a regression estimator as in `theory.capped`, without bias for a fixed b and with one of the order 1 / m for the slope b
of least squares. For var(t) / m stands the sum of (1/m - (mean(x) - mean_all) u / sum u^2)^2 (residual / (1 - leverage))^2,
with u = x - mean(x) and residuals as if their row had been left out (MacKinnon and White 1985, HC3), for m - 1 in (3) m - 2.
The cap c is the misfit that one in four labelled rows reaches, 8 at least. Without it few rows, blunders of the student, turn
the line, and intervals are too short. Both numbers were chosen on the worlds of `experiments.label_worlds`. Where one row has
half of the leverage, b is 0.

**Labels between known ends** a and b: gain = least + size u as in equation (1) of `theory.bounded`, size / r is the weight
of a labelled row and `bounded.weighted_share` its interval; means of least and size are known over all rows. For rows drawn
by |d| for one pair all weights are equal, and labels that are a or b give the interval of Clopper and Pearson. Others
between, as the middle ones of several classes, vary less, and rows count for more (`bounded.worth_of`). s2 / (n - 1) is added
in quadrature. Where weights vary, share and estimate are ratios with a bias of the order 1 / m.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from .arrays import Array, Number
from .bounded import weighted_share, worth_of

MOST_LEVERAGE = 0.5
REACHING, LEAST_REACHING = 4, 8
"""One in so many labelled rows reaches the cap, and so many at least."""


class Ends(NamedTuple):
    """Estimates and ends, one each for every leading index: two-sided ``low``, ``high``, one-sided ``lower_bound``."""

    estimate: Number
    low: Number
    high: Number
    lower_bound: Number


class Terms(NamedTuple):
    """Labelled rows ``(..., m)`` with any leading axes of draws, and what follows from them ``(...)``.

    ``weak``, ``student``: predictions; ``ratios``: r; ``gains``; ``estimate``; ``of_labels``, ``of_rows``: the two parts of
    the variance (2), ``freedom`` of the first; ``carrying``: k of equation (3).
    """

    weak: Array
    student: Array
    ratios: Array
    gains: Array
    estimate: Number
    of_labels: Number
    of_rows: Number
    freedom: Number
    carrying: Number

    @classmethod
    def of(
        cls,
        weak: Array,
        student: Array,
        truth: Array,
        ratios: Array,
        total: int,
        carrying: Number,
        squares: Array | None = None,
    ) -> Terms:
        """Of ``total`` rows in all; by equation (4) with d^2 of all of them, ``squares (..., n)``.

        The variances of a single label are 0.
        """
        gains = gains_at(weak, student, truth)
        terms = gains / ratios
        line = _mean(terms)
        if squares is not None and terms.shape[-1] > LEAST_REACHING:
            line = _line(terms, (weak - student) ** 2, ratios, squares)
        square = (gains * terms).mean(axis=-1) - line.estimate**2 + line.variance
        of_rows = np.maximum(square, 0.0) / max(total - 1, 1)
        return cls(
            weak, student, ratios, gains, line.estimate, line.variance, of_rows, line.freedom, carrying
        )


class _Estimate(NamedTuple):
    estimate: Array
    variance: Array
    freedom: Array


def _mean(terms: Array) -> _Estimate:
    labels = terms.shape[-1]
    variance = terms.var(axis=-1, ddof=1) / labels if labels > 1 else np.zeros(terms.shape[:-1])
    return _Estimate(
        np.asarray(terms.mean(axis=-1)),
        np.asarray(variance),
        np.full(terms.shape[:-1], max(labels - 1.0, 1.0)),
    )


def _line(terms: Array, here: Array, ratios: Array, squares: Array) -> _Estimate:
    """Equation (4) from t, d^2 and r ``(..., m)`` of labelled rows and d^2 ``(..., n)`` of all."""
    labels, plain = terms.shape[-1], _mean(terms)
    kept = labels - max(LEAST_REACHING, labels // REACHING)
    cap = np.partition(here, kept, axis=-1)[..., kept : kept + 1]
    known, mean = np.minimum(here, cap) / ratios, np.minimum(squares, cap).mean(axis=-1)
    about = known - known.mean(axis=-1, keepdims=True)
    scatter = np.sum(about**2, axis=-1)
    safe = np.where(scatter > 0, scatter, 1.0)
    leverage = 1 / labels + about**2 / safe[..., None]
    told = (scatter > 0) & (leverage.max(axis=-1) < MOST_LEVERAGE)
    slope = np.where(told, np.sum(about * terms, axis=-1) / safe, 0.0)
    distance = known.mean(axis=-1) - mean
    residual = terms - plain.estimate[..., None] - slope[..., None] * about
    left_out = residual / np.where(told[..., None], 1 - leverage, 1.0)
    part = 1 / labels - (distance / safe)[..., None] * about
    return _Estimate(
        np.where(told, plain.estimate - slope * distance, plain.estimate),
        np.where(told, np.sum((part * left_out) ** 2, axis=-1), plain.variance),
        np.where(told, plain.freedom - 1, plain.freedom),
    )


class Between(NamedTuple):
    """Labels between ``a`` and ``b``: over all rows the mean of ``least`` and of ``size``, the ``largest`` size / r of any."""

    a: float
    b: float
    least: Number
    size: Number
    largest: Number

    @classmethod
    def of(cls, weak: Array, student: Array, a: float, b: float, largest: Number) -> Between:
        """Of all rows, ``(..., n)``; ``largest`` |d| / r."""
        least = np.minimum(gains_at(weak, student, a), gains_at(weak, student, b)).mean(axis=-1)
        size = 2 * (b - a) * np.abs(weak - student).mean(axis=-1)
        return cls(a, b, least, size, 2 * (b - a) * largest)


def gains_at(weak: Array, student: Array, truth: Array | float) -> Array:
    """The gain of every row, if these were its true labels."""
    return (weak - student) * (weak + student - 2 * truth)


def mixed_ratios(chances: Array, total: int, random: int) -> Array:
    """r of equation (1) from the chances q ``(..., m)`` of labelled rows, of which so many were random."""
    labels = chances.shape[-1]
    return (random + (labels - random) * total * chances) / labels


def carrying(weak: Array, student: Array) -> Number:
    """k of equation (3), from all rows ``(..., n)``, of which one differs at least."""
    distance = np.abs(weak - student)
    square = (distance / distance.max(axis=-1, keepdims=True)) ** 2
    return np.sum(square, axis=-1) ** 2 / np.sum(square**2, axis=-1)


def t_ends(terms: Terms, level: float) -> Ends:
    """Student's interval from equations (1) to (4), for m >= 2 labels, m >= 3 with a line, that vary."""
    variance = terms.of_labels + terms.of_rows
    parts = terms.of_labels**2 / terms.freedom + terms.of_rows**2 / _freedom(terms)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom, error = variance**2 / parts, np.sqrt(variance)
    both, one = (stdtrit(freedom, side) * error for side in ((1 + level) / 2, level))
    return Ends(terms.estimate, terms.estimate - both, terms.estimate + both, terms.estimate - one)


def bounded_ends(terms: Terms, whole: Between, level: float) -> Ends:
    """Interval for labels between known ends."""
    weights = 2 * (whole.b - whole.a) * np.abs(terms.weak - terms.student) / terms.ratios
    least = np.minimum(*(gains_at(terms.weak, terms.student, end) for end in (whole.a, whole.b)))
    hits = np.clip((terms.gains - least) / terms.ratios, 0, weights)  # but for round-off it is between them
    sums = (hits.sum(axis=-1), (weights - hits).sum(axis=-1), (weights**2).sum(axis=-1), whole.largest)
    worth = worth_of(hits, weights, np.asarray(whole.largest))
    share, low, high = weighted_share(*sums, (1 - level) / 2, worth)
    bound = weighted_share(*sums, 1 - level, worth)[1]

    def away(distance: Array, side: float) -> Array:
        of_rows = stdtrit(_freedom(terms), side) * np.sqrt(terms.of_rows)
        return np.asarray(np.hypot(whole.size * distance, of_rows))

    estimate, both = whole.least + whole.size * share, (1 + level) / 2
    return Ends(
        estimate,
        estimate - away(share - low, both),
        estimate + away(high - share, both),
        estimate - away(share - bound, level),
    )


def _freedom(terms: Terms) -> Number:
    return np.maximum(terms.carrying - 1, 1.0)
