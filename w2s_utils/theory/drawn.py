"""The gain from labels of drawn rows (`theory.drawing`), alone or joined with random ones: estimate and interval.

Rows that were drawn for one pair give the estimator of Hansen and Hurwitz, without bias. Where the draw was shared with
other pairs or random labels are joined, a line on the misfit is added, but for labels of few values, whose gains jump.
Formulas, variances and sources: `theory.drawn_terms`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Array, checked_labels, few_values, fraction, is_real
from .certificate import DRAWN, GainCertificate, TooFewLabels
from .class_labels import labellers, named, plain
from .class_losses import SQUARED, as_numbers
from .drawing import Drawing, one_task
from .drawn_terms import Between, Terms, bounded_ends, carrying, mixed_ratios, t_ends
from .intervals import Interval

HARD_VALUES = 10
"""True labels of so many values or fewer jump, if there are twice as many labels at least."""
SAME = 1e-9
"""Part of the largest term by which terms may differ through round-off alone."""


@dataclass(frozen=True)
class DrawnGain:
    """The gain of a student over its teacher, from labels of drawn rows, in squared target units.

    ``gain`` in ``[low, high]`` at the two-sided ``level``; ``lower_bound``: the gain is above it, one-sided at the same
    level. ``drawn``, ``random``: how many terms are from drawn and from random rows, repeats counted; ``distinct``: rows
    labelled for them; ``rows``: all; ``carrying``: k of `drawn_terms`, equation (3), how many rows carry the gain.
    ``of_labels``, ``of_rows``: the two parts of the variance (2), of which further labels lower the first alone.
    ``bounded``: the interval is that of labels between known ends.
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
    shorter. Formulas: `drawn_terms`. Of rows drawn for a loss of classes ``truth`` names classes and ``ends`` are not asked
    for; the gain is in units of that loss.

    Raises OtherPredictions for predictions that rows were not drawn for; TooFewLabels, where there are no ``ends``, for a
    single label and for labels whose terms are all equal; TypeError and ValueError for values, shapes and numbers that are
    not as said.
    """
    level = fraction("the level", level)
    if drawing.loss == SQUARED:
        weak, student = one_task(weak, student)
        pair = drawing.pair_of(weak, student)
    else:
        found = labellers(weak, student, truth, labelled, _classes(drawing, weak, student, truth))
        pair = drawing.pair_of(found.weak, found.student)
        weak, student, truth = as_numbers(found, drawing.loss)
        ends = (0.0, 1.0)
    rows = np.concatenate([drawing.random, drawing.rows])
    values = _labels(drawing, truth, labelled)[rows]
    far = float(max(np.abs(weak[rows] - values).max(), np.abs(student[rows] - values).max()))
    if far > 1e75:
        raise ValueError(f"errors of {far:.0e} leave double precision; give the targets another unit")
    chances = np.concatenate([drawing.random_chances, drawing.chances])
    ratios = mixed_ratios(chances, drawing.total, len(drawing.random))
    shared = len(drawing.largest) > 1 or len(drawing.random) > 0
    hard = few_values(values, min(HARD_VALUES, len(values) // 2)) is not None
    terms = Terms.of(
        weak[rows],
        student[rows],
        values,
        ratios,
        drawing.total,
        carrying(weak, student),
        (weak - student) ** 2 if shared and not hard and ends is None else None,
    )
    if ends is None:
        each = terms.gains / ratios
        if np.ptp(each) <= SAME * np.abs(each).max():
            raise TooFewLabels(
                f"{len(rows)} labels of drawn rows give terms that do not vary, which do not tell how much the gain does: "
                "draw more rows, or say between which ends true labels lie"
            )
        made = t_ends(terms, level)
    else:
        a, b = _checked_ends(ends, values)
        share = len(drawing.rows) / len(rows)
        widest = float(np.abs(weak - student).max())
        largest = widest / (1 - share + share * widest / drawing.largest[pair])
        made = bounded_ends(terms, Between.of(weak, student, a, b, largest), level)
    return DrawnGain(
        gain=float(made.estimate),
        low=float(made.low),
        high=float(made.high),
        lower_bound=float(made.lower_bound),
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


def _classes(drawing: Drawing, weak: ArrayLike, student: ArrayLike, truth: ArrayLike) -> tuple[str, ...]:
    """Those of the drawing; where both sides are labels also others that come back, as none of them moves a chance."""
    if np.ndim(weak) == np.ndim(student) == 1 and np.size(truth):
        shown = map(str, np.unique(named("truth", plain(truth))))
        return (*drawing.classes, *(name for name in shown if name not in drawing.classes))
    return drawing.classes


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
        if not found.of_labels:  # all labels say the same, and the ends of a share near as labels come
            return found.half_width * labels / count
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
        loss=random.loss,
    )
