"""Losses of classes, and why one interval serves them all: what the gain of a row would be for each class.

Let w and p be the probabilities of c classes that teacher and student give to a row, a label being a probability of 1, and y
its true class. For each loss the gain is known for every y that may be, and only which y it is needs a label:

| loss | error | gain(y) | misfit |
| --- | --- | --- | --- |
| `accuracy` | 1 - p_y | p_y - w_y | \\|w - p\\|_1 / 2 |
| `brier` | \\|p - e_y\\|^2, the columns of squares added up | \\|w\\|^2 - \\|p\\|^2 - 2 (w_y - p_y) | \\|w - p\\|^2 |
| `log` | -log p_y | log p_y - log w_y | KL(p \\|\\| w) = sum_k p_k log(p_k / w_k) |

For accuracy w and p stand for what is said: 1 for the most probable class, shared where several tie. There the gain is -1, 0
or 1, but for ties, and 0 where teacher and student agree; the misfit is how often they do not. Of Brier score and log loss
the misfit is the gain that would be seen if labels came with the student's probabilities, sum_k p_k gain(k); of the Brier
score gain = misfit + cross term is the identity of `theory.misfit` in each column.

**The interval** is that of `bounded`: the gain lies between its least and its largest value over classes, which are known of
all rows, and a share is to be found. With

    d = (largest - least) / 2,    s = 1 + (largest + least) / (largest - least),    t(y) = (largest - gain(y)) / (2 d)

gain(y) = d (s - 2 t), which is the gain of squared loss for the two numbers (s + d) / 2 and (s - d) / 2 and a label t between
0 and 1 (`drawing`, equation 1). So certificates, drawn rows and plans of any loss are those of numbers between known ends:
`stand_ins`. 0 lies between least and largest (the mean of gain(k) with weights p is not negative, with weights w not
positive), so s is between 0 and 2. With two classes t is 0 or 1, and of hard labels the interval is that of Clopper and
Pearson (1934), joined with the error of means over rows; with more classes t may lie between, and `bounded.worth_of` says by
how much less it varies. Where few labelled rows are of those on which the gain hangs, all of these hold more often than they
say: what was not seen is allowed for. A line on the misfit (`capped`) would be shorter, but wrong where it matters: a student
that is sure in most rows has a log loss that few rows make, and their misfit does not show it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import Array
from .class_labels import Labellers, Said, one_hot

SQUARED, ACCURACY, BRIER, LOG = "squared", "accuracy", "brier", "log"
LOSSES = (SQUARED, ACCURACY, BRIER, LOG)
OF_CLASSES = (ACCURACY, BRIER, LOG)
CELLS = 2**20
"""Probabilities that are worked on at a time."""


class Ranges(NamedTuple):
    """``least`` and ``largest`` gain of each row over the classes, and its ``misfit``, ``(n,)`` each, in units of the loss."""

    least: Array
    largest: Array
    misfit: Array

    @property
    def half(self) -> Array:
        """d of the module's equation, >= 0: 0 where nothing can be gained or lost."""
        return (self.largest - self.least) / 2

    @property
    def middle(self) -> Array:
        """The gain halfway."""
        return (self.largest + self.least) / 2


def checked_loss(loss: str) -> str:
    """Raises ValueError for what is no loss."""
    if loss not in LOSSES:
        raise ValueError(f"the loss is one of {', '.join(LOSSES)}, not {loss!r}")
    return loss


def check_logarithms(what: str, said: Said) -> None:
    """Raises ValueError where a logarithm of 0 would be taken."""
    if said.ndim == 1:
        raise ValueError(
            f"log loss is of probabilities, and {what} holds labels: a wrong one would cost infinitely much; take accuracy "
            "or brier"
        )
    none = ~(said > 0).all(axis=1)
    if none.any():
        raise ValueError(
            f"log loss takes logarithms, and {what} gives a class the probability 0 in {none.sum():,} of {len(said):,} rows, "
            f"row {int(none.argmax())} first: mix in some of the even odds, such as 0.99 p + 0.01 / {said.shape[1]}, decided "
            "before labels are seen as it moves the answer, or take brier, which needs none"
        )


def ranges(weak: Said, student: Said, classes: int, loss: str) -> Ranges:
    """What is known of the gain of all rows. Raises ValueError where log loss meets a probability of 0."""
    if loss == LOG:
        check_logarithms("weak", weak)
        check_logarithms("student", student)
    if weak.ndim == student.ndim == 1:
        differ = (weak != student).astype(float)
        size = differ if loss == ACCURACY else 2 * differ
        return Ranges(-size, size, size)
    found = np.empty((3, len(weak)))
    step = max(CELLS // classes, 1)
    for start in range(0, len(weak), step):
        place = slice(start, start + step)
        w, p = one_hot(weak[place], classes), one_hot(student[place], classes)
        if loss == ACCURACY:
            w, p = most_probable(w), most_probable(p)
            misfit = abs(w - p).sum(axis=1) / 2
        elif loss == BRIER:
            misfit = np.sum((w - p) ** 2, axis=1)
        else:
            misfit = np.maximum(np.sum(p * (np.log(p) - np.log(w)), axis=1), 0.0)
        gains = _gains(w, p, loss)
        found[:, place] = gains.min(axis=1), gains.max(axis=1), misfit
    return Ranges(*found)


def _gains(w: Array, p: Array, loss: str) -> Array:
    """Gain of each row for each class, ``(r, c)``."""
    if loss == ACCURACY:
        return p - w
    if loss == BRIER:
        return np.asarray(np.sum((w - p) * (w + p), axis=1, keepdims=True) - 2 * (w - p))
    return np.asarray(np.log(p) - np.log(w))


def errors(said: Said, truth: NDArray[np.intp], loss: str) -> Array:
    """Error ``(m,)`` of what is said of rows with the true classes ``truth (m,)``."""
    if said.ndim == 1:
        return (1.0 if loss == ACCURACY else 2.0) * (said != truth)
    table, rows = np.asarray(said, dtype=np.float64), np.arange(len(truth))
    if loss == ACCURACY:
        return np.asarray(1 - most_probable(table)[rows, truth])
    if loss == BRIER:
        return np.asarray(np.sum(table**2, axis=1) - 2 * table[rows, truth] + 1)
    return np.asarray(-np.log(table[rows, truth]))


def most_probable(table: Array) -> Array:
    """What is said of each row of ``table (r, c)``: 1 for the most probable class, shared evenly where several tie."""
    top = (table == table.max(axis=1, keepdims=True)).astype(float)
    return np.asarray(top / top.sum(axis=1, keepdims=True))


def stand_ins(known: Ranges) -> tuple[Array, Array]:
    """Two numbers for each row, ``(n,)`` each, whose gain of squared loss is that of the row; see the module."""
    half = known.half
    s = 1 + np.divide(known.middle, half, out=np.zeros_like(half), where=half > 0)
    return (s + half) / 2, (s - half) / 2


def stand_in_labels(gains: Array, known: Ranges, rows: NDArray[np.intp]) -> Array:
    """t between 0 and 1 of labelled ``rows (m,)`` with these ``gains (m,)``; 1/2 where nothing can be gained."""
    half = known.half[rows]
    t = np.divide(known.largest[rows] - gains, 2 * half, out=np.full_like(half, 0.5), where=half > 0)
    return np.clip(t, 0.0, 1.0)


def as_numbers(found: Labellers, loss: str) -> tuple[Array, Array, Array]:
    """Stand-ins ``(n,)`` for teacher and student, and labels between 0 and 1 ``(m,)`` for the true ones; see the module."""
    known, rows = ranges(found.weak, found.student, len(found.classes), loss), found.rows
    gains = errors(found.weak[rows], found.truth, loss) - errors(found.student[rows], found.truth, loss)
    return *stand_ins(known), stand_in_labels(gains, known, rows)
