"""What so many labels would bring, before they are bought: of drawn rows, and of random ones beside them.

With r = n q (`theory.drawing`) a drawn row gives the term gain / r. Its second moment is the mean of gain^2 / r over all
rows, so random labels, if there are some, tell it without a drawn one: each stands for the part r of the draws. Without
labels gain = 2 d e, and a guess of the root mean square of e is needed, the same for all rows; it scales both half-widths
alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from .arrays import Array, checked_labels, fraction, is_real, is_whole
from .certificate import LEAST_LABELS, TooFewLabels
from .class_labels import labellers
from .class_losses import SQUARED, as_numbers, checked_loss
from .drawing import one_task, pair_chances
from .drawn_terms import carrying, gains_at


class Planned(NamedTuple):
    """Half-widths to expect from as many labels, in squared target units: of ``drawn`` rows, and of ``random`` ones' mean."""

    drawn: float
    random: float


def planned_half_width(
    weak: ArrayLike,
    student: ArrayLike,
    count: int,
    truth: ArrayLike = (),
    labelled: ArrayLike = (),
    spread: float | None = None,
    level: float = 0.95,
    bounded: bool = False,
    loss: str = SQUARED,
    classes: Sequence[Any] | None = None,
) -> Planned:
    """Half-widths of the two-sided intervals that ``count`` >= 2 labels are likely to give, for a pair with its own draw.

    ``weak``, ``student``: predictions ``(n,)``, target units. Either ``truth``, ``labelled``: ``(m,)``, true labels and row
    numbers of rows with equal probabilities, m >= 4; or ``spread`` > 0: the root mean square of true label less the mean of
    the two predictions, target units. For labels and predictions between ends a and b it is b - a at most, and (b - a) / 2
    for hard predictions of two classes. ``bounded``, ``loss``, ``classes``: as for `drawing.rows_to_label`; of a loss of
    classes half-widths are in its units, and the spread is between 1/2, where two classes are as likely, and 1. Both are
    Student's intervals.

    **What it is worth.** From few random labels it is as uncertain as their spread, by a factor of 2 or so, and only rows
    among them where the two differ count. With a ``spread`` the ratio of both half-widths does not depend on it, and takes e
    to be as large where predictions are near as where they are far, which makes the drawn one too long where the student is
    the better.

    Raises TooFewLabels where labels do not tell a spread, ValueError where predictions are the same in every row or neither
    or both of labels and spread are given, TypeError and ValueError for others that are not as said.
    """
    level = fraction("the level", level)
    if checked_loss(loss) != SQUARED:
        found = labellers(weak, student, truth, labelled, classes)
        (weak, student, truth), bounded = as_numbers(found, loss), True
    weak, student = one_task(weak, student)
    if not (is_whole(count) and count >= 2):
        raise ValueError(f"count is a whole number of labels, from 2, not {count!r}")
    rows, known = checked_labels(truth, labelled, len(weak))
    if (spread is None) == (len(rows) == 0):
        raise ValueError("a plan needs random labels or a spread, one of the two")
    distance = np.abs(weak - student)
    if not distance.any():
        raise ValueError("predictions are the same in every row, so there is no gain and no row to draw")
    ratios = len(weak) * pair_chances(distance, bounded)
    if spread is None:
        of_term, of_gain = _from_labels(gains_at(weak[rows], student[rows], known), ratios[rows])
    else:
        if not (is_real(spread) and 0 < spread < np.inf):
            raise ValueError(f"the spread is a number > 0, in target units, not {spread!r}")
        apart = distance > 0
        of_term = 4 * spread**2 * float(np.sum(distance[apart] ** 2 / ratios[apart])) / len(weak)
        of_gain = 4 * spread**2 * float(np.mean(distance**2))
    of_labels, of_rows = of_term / count, of_gain / len(weak)
    rest = max(float(carrying(weak, student)) - 1, 1.0)
    freedom = (of_labels + of_rows) ** 2 / (of_labels**2 / (count - 1) + of_rows**2 / rest)
    side = (1 + level) / 2
    return Planned(
        float(stdtrit(freedom, side) * np.sqrt(of_labels + of_rows)),
        float(stdtrit(count - 1, side) * np.sqrt(of_gain / count)),
    )


def _from_labels(gains: Array, ratios: Array) -> tuple[float, float]:
    """Variance of a drawn row's term and of a random row's gain, from random rows ``(m,)``."""
    weights = ratios / (ratios.sum() or 1.0)
    counting = 1 / (np.sum(weights**2) or 1.0)
    if len(gains) < LEAST_LABELS or counting < 2:
        raise TooFewLabels(
            f"a plan needs {LEAST_LABELS} random labels at least, and two predictions that differ in several of their rows; "
            "give a spread instead"
        )
    terms = np.divide(gains, ratios, out=np.zeros_like(gains), where=ratios > 0)
    about = terms - np.sum(weights * terms)
    of_term = float(np.sum(weights * about**2) / (1 - 1 / counting))
    if not of_term > 0:
        raise TooFewLabels("these random labels do not tell how much the gain varies; give a spread instead")
    return of_term, float(gains.var(ddof=1))
