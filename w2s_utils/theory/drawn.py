"""The gain from labels of drawn rows (`theory.drawing`), alone or joined with random ones.

Of m = m_u + m_d labelled rows m_u were random, and m_d were drawn with probabilities q. Each gives the term

    t = gain / r,    r_i = n pi_i,    pi_i = (m_u / n + m_d q_i) / m,                                     (1)

and the mean of t is the estimate. Its expectation is sum_i (m_u / n + m_d q_i) gain_i / (m n pi_i), the mean gain of the n
rows. All are weighted by the mixture pi and not each by what it was drawn with: the balance heuristic of Veach and Guibas
(1995), see also Owen and Zhou (2000).

**Variance**, for a statement on rows like these, of which the n are a random part:

    V = var(t) / m + s2 / (n - 1),    s2 = mean(gain^2 / r) - mean(t)^2 + var(t) / m,                           (2)

with m - 1 below in var(t). The variance of an estimate that is unbiased given the n rows is the mean of its variance given
them and the variance of their mean gain. The first: for drawn labels alone var(t) / m, without bias. With random ones it is
too large in the mean by sum_k m_k (mu_k - gain)^2 / (m (m - 1)), mu_k the mean of t over rows chosen in the way k, and by a
little more where random rows are chosen without repeat, so it is conservative. The second: s2, without bias for drawn
labels, estimates the mean of (gain - mean gain)^2 over the n rows. The interval is Student's t, with the degrees of freedom

    V^2 / ((var(t) / m)^2 / (m - 1) + (s2 / (n - 1))^2 / (k - 1)),    k = (sum d^2)^2 / sum d^4,              (3)

of Satterthwaite's kind: k counts the rows that carry the gain, whatever number is labelled.

**Labels between known ends** a and b: gain = least + size u as in equation (1) of `theory.bounded`, size / r is the weight
of a labelled row and `bounded.weighted_share` its interval; means of least and size are known over all rows. For rows drawn
by |d| for one pair all weights are equal, and labels that are a or b give the interval of Clopper and Pearson. Others
between, as the middle ones of several classes, vary less than it thinks, and it is too long. s2 / (n - 1) is added in
quadrature. Where weights vary, share and estimate are ratios with a bias of the order 1 / m.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from .arrays import Array, Number, checked_labels, fraction, is_real
from .bounded import weighted_share
from .certificate import DRAWN, GainCertificate, TooFewLabels
from .drawing import Drawing, one_task
from .intervals import Interval


@dataclass(frozen=True)
class DrawnGain:
    """The gain of a student over its teacher, from labels of drawn rows, in squared target units.

    ``gain`` in ``[low, high]`` at the two-sided ``level``; ``lower_bound``: the gain is above it, one-sided at the same
    level. ``drawn``, ``random``: how many terms are from drawn and from random rows, repeats counted; ``distinct``: rows
    labelled for them; ``rows``: all; ``carrying``: k of equation (3). ``of_labels``, ``of_rows``: the two parts of the
    variance (2), of which further labels lower the first alone. ``bounded``: the interval is that of labels between known
    ends.
    """

    gain: float
    low: float
    high: float
    lower_bound: float
    level: float
    drawn: int
    random: int
    distinct: int
    rows: int
    carrying: float
    of_labels: float
    of_rows: float
    bounded: bool

    @property
    def interval(self) -> Interval:
        """Estimate and two-sided ends."""
        return Interval(self.gain, self.low, self.high)

    @property
    def sign(self) -> int:
        """What is told of the gain at the level: 1 above 0, -1 below, 0 neither."""
        return int(self.low > 0) - int(self.high < 0)

    @property
    def half_width(self) -> float:
        """Half the length of the two-sided interval."""
        return (self.high - self.low) / 2


def drawn_gain(
    drawing: Drawing,
    weak: ArrayLike,
    student: ArrayLike,
    truth: ArrayLike,
    labelled: ArrayLike,
    level: float = 0.95,
    ends: tuple[float, float] | None = None,
) -> DrawnGain:
    """The gain on rows like these from labels of drawn rows: estimate, two-sided interval, one-sided lower bound.

    ``drawing``: of `drawing.rows_to_label`, its number of rows fixed before. ``weak``, ``student``: predictions ``(n,)`` of
    a pair that it was drawn for, target units; of two students the one taken to err more stands for ``weak``. ``truth``,
    ``labelled``: ``(m,)``, true labels and their row numbers, each row once: all drawn and all random rows of the drawing,
    no others. ``level`` in (0, 1). ``ends``: two numbers between which every true label lies, known before, as 0 and 1 for
    two classes; None where there are none, and also for many labels of several values, where Student's interval is the
    shorter. Formulas: the module.

    Raises OtherPredictions for predictions that rows were not drawn for; TooFewLabels, where there are no ``ends``, for a
    single label and for labels whose terms are all equal; TypeError and ValueError for values, shapes and numbers that are
    not as said.
    """
    level = fraction("the level", level)
    weak, student = one_task(weak, student)
    pair = drawing.pair_of(weak, student)
    rows = np.concatenate([drawing.random, drawing.rows])
    values = _labels(drawing, truth, labelled)[rows]
    far = float(max(np.abs(weak[rows] - values).max(), np.abs(student[rows] - values).max()))
    if far > 1e75:
        raise ValueError(f"errors of {far:.0e} leave double precision; give the targets another unit")
    chances = np.concatenate([drawing.random_chances, drawing.chances])
    ratios = mixed_ratios(chances, drawing.total, len(drawing.random))
    terms = Terms.of(weak[rows], student[rows], values, ratios, drawing.total, carrying(weak, student))
    if ends is None:
        if len(rows) < 2 or not terms.of_labels > 0:
            raise TooFewLabels(
                f"{len(rows)} labels of drawn rows give terms that do not vary, which do not tell how much the gain does: "
                "draw more rows, or say between which ends true labels lie"
            )
        found = t_ends(terms, level)
    else:
        a, b = _checked_ends(ends, values)
        share = len(drawing.rows) / len(rows)
        widest = float(np.abs(weak - student).max())
        largest = widest / (1 - share + share * widest / drawing.largest[pair])
        found = bounded_ends(terms, Between.of(weak, student, a, b, largest), level)
    return DrawnGain(
        gain=float(found.estimate),
        low=float(found.low),
        high=float(found.high),
        lower_bound=float(found.lower_bound),
        level=level,
        drawn=len(drawing.rows),
        random=len(drawing.random),
        distinct=len(np.unique(rows)),
        rows=drawing.total,
        carrying=float(terms.carrying),
        of_labels=float(terms.of_labels),
        of_rows=float(terms.of_rows),
        bounded=ends is not None,
    )


class Ends(NamedTuple):
    """Estimates and ends, one each for every leading index: two-sided ``low``, ``high``, one-sided ``lower_bound``."""

    estimate: Number
    low: Number
    high: Number
    lower_bound: Number


class Terms(NamedTuple):
    """Labelled rows ``(..., m)``, with any leading axes of draws, and the variances of equation (2) ``(...)``.

    ``weak``, ``student``, ``values``: predictions and true labels; ``ratios``: r; ``gains``; ``carrying``: k of equation
    (3).
    """

    weak: Array
    student: Array
    values: Array
    ratios: Array
    gains: Array
    of_labels: Number
    of_rows: Number
    carrying: Number

    @classmethod
    def of(
        cls, weak: Array, student: Array, values: Array, ratios: Array, total: int, carrying: Number
    ) -> Terms:
        """Of ``total`` rows in all. The variances of a single label are 0."""
        gains = gains_at(weak, student, values)
        terms, labels = gains / ratios, gains.shape[-1]
        of_labels = terms.var(axis=-1, ddof=1) / labels if labels > 1 else np.zeros(gains.shape[:-1])
        square = (gains * terms).mean(axis=-1) - terms.mean(axis=-1) ** 2 + of_labels
        return cls(
            weak,
            student,
            values,
            ratios,
            gains,
            of_labels,
            np.maximum(square, 0.0) / max(total - 1, 1),
            carrying,
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
    """Student's interval from equations (1) to (3), for m >= 2 labels that vary."""
    estimate = (terms.gains / terms.ratios).mean(axis=-1)
    variance = terms.of_labels + terms.of_rows
    parts = terms.of_labels**2 / (terms.gains.shape[-1] - 1) + terms.of_rows**2 / _freedom(terms)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom, error = variance**2 / parts, np.sqrt(variance)
    both, one = (stdtrit(freedom, side) * error for side in ((1 + level) / 2, level))
    return Ends(estimate, estimate - both, estimate + both, estimate - one)


def bounded_ends(terms: Terms, whole: Between, level: float) -> Ends:
    """Interval for labels between known ends."""
    weights = 2 * (whole.b - whole.a) * np.abs(terms.weak - terms.student) / terms.ratios
    least = np.minimum(*(gains_at(terms.weak, terms.student, end) for end in (whole.a, whole.b)))
    hits = np.clip((terms.gains - least) / terms.ratios, 0, weights)  # but for round-off it is between them
    sums = (hits.sum(axis=-1), (weights - hits).sum(axis=-1), (weights**2).sum(axis=-1), whole.largest)
    share, low, high = weighted_share(*sums, (1 - level) / 2)
    bound = weighted_share(*sums, 1 - level)[1]

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


def _labels(drawing: Drawing, truth: ArrayLike, labelled: ArrayLike) -> Array:
    """True labels of all rows ``(n,)``, NaN where there is none; all that are needed are there and no others."""
    rows, known = checked_labels(truth, labelled, drawing.total)
    needed = np.union1d(drawing.rows, drawing.random)
    missing, more = np.setdiff1d(needed, rows), np.setdiff1d(rows, needed)
    if len(missing):
        raise ValueError(
            f"{len(missing)} of the {len(needed)} rows to label have no true label, row {missing[0]} among them: label all, "
            "as rows that are hard to label may be others than the rest"
        )
    if len(more):
        raise ValueError(
            f"{len(more)} labelled rows were not drawn, row {more[0]} among them: leave them out; random ones are joined if "
            "`rows_to_label` is told of them, which draws the same rows again"
        )
    values = np.full(drawing.total, np.nan)
    values[rows] = known
    return values


def _checked_ends(ends: tuple[float, float], values: Array) -> tuple[float, float]:
    if not (isinstance(ends, tuple) and len(ends) == 2 and all(map(is_real, ends))):
        raise TypeError(f"ends are two numbers (a, b) between which true labels lie, not {ends!r}")
    a, b = map(float, ends)
    if not (-np.inf < a < b < np.inf):
        raise ValueError(f"ends are finite, the lower one first, not {ends!r}")
    if values.min() < a or values.max() > b:
        raise ValueError(
            f"true labels lie from {values.min():g} to {values.max():g}, beyond the ends {a:g} and {b:g}"
        )
    return a, b


def as_certificate(found: DrawnGain, random: GainCertificate) -> GainCertificate:
    """The same as a certificate; ``random``: of the same pair from the random labels alone, for what these tell."""
    labels = found.drawn + found.random

    def half_width(count: int) -> float:
        return found.half_width * math.sqrt(
            (found.of_labels * labels / count + found.of_rows) / (found.of_labels + found.of_rows)
        )

    return GainCertificate(
        gain=found.gain,
        low=found.low,
        high=found.high,
        lower_bound=found.lower_bound,
        level=found.level,
        kind=DRAWN,
        slope=0.0,
        widened=0.0,
        misfit=random.misfit,
        labels=labels,
        rows=found.rows,
        naive_low=random.naive_low,
        naive_high=random.naive_high,
        carrying=float(labels),
        _half_width=half_width,
    )
