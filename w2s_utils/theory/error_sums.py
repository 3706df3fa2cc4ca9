"""What a certificate needs of rows, in sums that add up: from any chunks, on any machines.

The gain of a row is misfit + cross term (`theory.misfit`, equation 1), so of unlabelled rows the misfit is all that counts,
and of labelled rows both errors. For losses of classes (`class_losses`) the misfit is another, and what is known besides is
between which numbers the gain of a row lies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Array, checked_labels, few_values, group_means, group_numbers, matched, numbers, rounding
from .bounded import Spans, moved, parts, spans
from .class_labels import Labellers, labellers
from .class_losses import SQUARED, errors, ranges
from .misfits import MisfitSums, misfit_sums

MOST_CLASSES, EACH = 10, 4
"""Different values that may be classes, and labels for each that must be there where nobody predicts them."""
WEAK, STUDENT, MISFIT, TRUTH, APART = 0, 1, 2, 3, slice(4, 7)
"""Columns of labelled rows: weak error, student error, misfit, true label, then `bounded.parts` about the value of `Spans`."""


@dataclass(frozen=True)
class ErrorSums:
    """What a certificate needs of some rows; ``a + b`` is that of the rows of both, from any chunks on any machines.

    ``misfits`` and ``over``: of all rows. ``values``: of the teacher and of the student, the different values that are
    predicted, None where they are more than MOST_CLASSES; ``least``, ``most``: the range of both.
    ``labelled (m, 7)``: the columns WEAK, STUDENT, MISFIT, TRUTH and APART of each labelled row. So an unlabelled row costs
    no memory and a labelled one 56 bytes. ``loss``: see `class_losses`; of losses of classes TRUTH is the class's number, and
    APART is 0, d and the middle of least and largest gain, as labels are then between 0 and 1.
    """

    misfits: MisfitSums
    over: Spans
    values: tuple[Array | None, Array | None]
    least: float
    most: float
    labelled: Array
    loss: str = SQUARED

    def __add__(self, other: ErrorSums) -> ErrorSums:
        if not isinstance(other, ErrorSums):
            return NotImplemented
        if self.loss != other.loss:
            raise ValueError(f"sums are of one loss, not of {self.loss} and {other.loss}")
        labelled = other.labelled.copy()
        labelled[:, APART] = moved(labelled[:, APART], self.over.about - other.over.about)
        return ErrorSums(
            self.misfits + other.misfits,
            self.over + other.over,
            (self._shared(other, 0), self._shared(other, 1)),
            min(self.least, other.least),
            max(self.most, other.most),
            np.concatenate([self.labelled, labelled]),
            self.loss,
        )

    def _shared(self, other: ErrorSums, side: int) -> Array | None:
        one, more = self.values[side], other.values[side]
        return None if one is None or more is None else few_values(np.concatenate([one, more]), MOST_CLASSES)

    @property
    def repeats(self) -> bool:
        """Whether the student is its teacher, or one student the other, but for round-off."""
        return self.misfit <= rounding(self.least, self.most) ** 2

    @property
    def rows(self) -> int:
        """How many rows, or groups of rows."""
        return self.over.rows

    @property
    def misfit(self) -> float:
        """Mean over all rows."""
        return self.misfits.mean

    def exchanged(self) -> ErrorSums:
        """With student and teacher in each other's place."""
        turned = np.array([1.0, 1.0, -1.0, 1.0, -1.0])
        labelled = np.column_stack([self.labelled[:, [STUDENT, WEAK]], turned * self.labelled[:, MISFIT:]])
        return replace(self, over=self.over.exchanged(), values=self.values[::-1], labelled=labelled)

    def repeated(self) -> ErrorSums:
        """With the teacher's predictions for the student's."""
        labelled = self.labelled[:, [WEAK, WEAK, MISFIT, TRUTH, 4, 5, 6]] * [1, 1, 0, 1, 0, 0, 0]
        over = replace(
            self.over, sums=0 * self.over.sums, products=0 * self.over.products, largest=np.zeros(())
        )
        return replace(
            self,
            misfits=misfit_sums(np.zeros(1), self.misfits.unit).times(self.rows),
            over=over,
            labelled=labelled,
        )

    def classes(self) -> tuple[float, float] | None:
        """Least and largest class of the labels; None where they are numbers. For the rule see `certificate`."""
        if self.loss != SQUARED:
            return 0.0, 1.0
        shown = few_values(self.labelled[:, TRUTH], MOST_CLASSES)
        if shown is None or len(shown) > max(len(self.labelled) / 2, 2):
            return None
        classes, predicted = shown, False
        for values in self.values:
            if values is None:
                continue
            both = few_values(np.concatenate([values, shown]), MOST_CLASSES)
            if both is not None and len(both) == len(values):  # it predicts all that labels show
                classes, predicted = both if len(both) > len(classes) else classes, True
        if (not predicted or len(classes) < 2) and np.isin(shown, (0, 1)).all() and self._near(0.0, 1.0):
            return 0.0, 1.0
        few = len(shown) <= len(self.labelled) / EACH and (shown == np.round(shown)).all()
        if not predicted and not (few and self._near(float(shown[0]), float(shown[-1]))):
            return None
        hard = all(values is not None for values in self.values)
        if len(classes) == 2 or (len(classes) > 2 and hard):
            return float(classes.min()), float(classes.max())
        return None

    def _near(self, low: float, high: float) -> bool:
        """Whether all predictions lie between these, or beyond by half their distance at most."""
        beyond = (high - low) / 2
        return self.least >= low - beyond and self.most <= high + beyond


def error_sums(
    weak: ArrayLike,
    student: ArrayLike,
    truth: ArrayLike = (),
    labelled: ArrayLike = (),
    groups: ArrayLike | None = None,
    unit: float = 1.0,
) -> ErrorSums:
    """What `certify_gain` needs of one chunk of rows, to be added to that of others: ``sum(chunks[1:], chunks[0])``.

    Arguments as there, row numbers within the chunk; a chunk may have no label, and holds all rows of its groups. ``unit``:
    see `unit_of`; the same for all chunks. Raises as there, but for too few labels.
    """
    weak, student = matched(weak=weak, student=student)
    if weak.ndim != 1:
        raise ValueError(
            f"a certificate is for one task: predictions are (n,), not {weak.shape}; go column by column"
        )
    rows, known = checked_labels(truth, labelled, len(weak))
    for difference in (student - weak, weak[rows] - known, student[rows] - known):
        largest = abs(difference).max(initial=0.0)
        if largest > 1e75 or 0 < largest < 1e-75:
            raise ValueError(
                f"differences near 1e{math.floor(math.log10(largest))} leave double precision when squared twice; give the "
                "targets another unit"
            )
    about = float(weak.mean())
    apart = parts(weak, student, about)
    misfits = apart[:, 0] ** 2
    of_labelled = np.column_stack(
        [(weak[rows] - known) ** 2, (student[rows] - known) ** 2, misfits[rows], known, apart[rows]]
    )
    if groups is not None:
        members = group_numbers(groups, len(weak))
        misfits, apart = group_means(misfits[:, None], members)[:, 0], group_means(apart, members)
        of_labelled = group_means(of_labelled, members[rows])
    return ErrorSums(
        misfit_sums(misfits, unit**2),
        spans(apart, about),
        (few_values(weak, MOST_CLASSES), few_values(student, MOST_CLASSES)),
        float(min(weak.min(), student.min())),
        float(max(weak.max(), student.max())),
        of_labelled,
    )


def class_error_sums(
    weak: ArrayLike,
    student: ArrayLike,
    truth: ArrayLike,
    labelled: ArrayLike,
    loss: str,
    classes: Sequence[Any] | None = None,
    groups: ArrayLike | None = None,
) -> ErrorSums:
    """`error_sums` for a ``loss`` of classes; labels and ``classes`` as `class_labels.labellers`, which says what raises.

    ValueError also where log loss meets a probability of 0. Chunks that are to be added need ``classes``.
    """
    return sums_of_labellers(labellers(weak, student, truth, labelled, classes), loss, groups)


def sums_of_labellers(found: Labellers, loss: str, groups: ArrayLike | None = None) -> ErrorSums:
    """`class_error_sums` of labels that were read."""
    rows, known = found.rows, ranges(found.weak, found.student, len(found.classes), loss)
    misfits, apart = known.misfit, np.column_stack([np.zeros_like(known.half), known.half, known.middle])
    of_labelled = np.column_stack([
        errors(found.weak[rows], found.truth, loss), errors(found.student[rows], found.truth, loss), misfits[rows],
        found.truth, apart[rows],
    ])  # fmt: skip
    if groups is not None:
        members = group_numbers(groups, len(misfits))
        misfits, apart = group_means(misfits[:, None], members)[:, 0], group_means(apart, members)
        of_labelled = group_means(of_labelled, members[rows])
    return ErrorSums(misfit_sums(misfits), spans(apart), (None, None), 0.0, 1.0, of_labelled, loss)


def unit_of(truth: ArrayLike) -> float:
    """The standard deviation of true labels ``(m,)``; 1 where they are equal, or no numbers.

    Sums in this unit answer alike whatever the unit of the target.
    """
    try:
        known = numbers("the truth", truth)
    except (TypeError, ValueError):  # said by what reads the labels
        return 1.0
    spread = float(np.std(known)) if known.size else 0.0
    return spread if 1e-75 < spread < 1e75 else 1.0
