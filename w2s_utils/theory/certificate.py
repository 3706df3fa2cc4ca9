"""The gain, with a certificate, from few true labels and many unlabelled rows.

Row by row gain_i = misfit_i + c_i (`theory.misfit`, equation 1). The misfit needs no true label, so it is known of all n
rows; only the cross term c needs the m labelled ones, which must be **a random part of all**. There is one estimator for each
kind of label, and no choice between them:

* **numbers**: a line of gain on misfit, capped where few labels are, with an allowance for what lies beyond (`capped`); *
**classes**, labels of two values, or of few where teacher and student predict classes too: on a row where they differ the
gain lies between two known numbers, and what is to be found is a share (`bounded`). Exact for 0/1 predictions; otherwise it
holds more often than it says where there are more than two classes.

Classes are the values that labelled rows show, and those of a teacher or student whose few values hold them. Labels of 0 and 1
beside predictions from 0 to 1 have the classes 0 and 1, also where the labelled rows show only one. A class that nobody shows
is not known, and an interval says nothing of its rows.

Rows that repeat, several poses of one molecule, sentences of one text: `error_sums` takes their ``groups``, each of which then
counts once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from .arrays import Array, checked_labels, few_values, fraction, group_means, group_numbers, is_real, matched
from .bounded import Spans, bounded_gain, parts, spans
from .capped import ALLOWED, Capped, capped_gain, reaching
from .misfits import MisfitSums, caps_above, misfit_sums

LEAST_LABELS = 4
MOST_CLASSES = 10
ENOUGH_CARRYING = 5
"""Labelled rows on which the gain hangs, to be expected, below which labels that are drawn tell much more."""
NUMBERS, CLASSES = "numbers", "classes"
_WEAK, _STUDENT, _MISFIT, _TRUTH, _APART = 0, 1, 2, 3, slice(4, 7)


class TooFewLabels(ValueError):
    """Fewer labelled rows than an interval needs."""


@dataclass(frozen=True)
class GainCertificate:
    """The gain of a student over its teacher, estimated, in squared target units.

    ``gain`` in ``[low, high]`` at the two-sided ``level``; ``lower_bound``: the gain is above it, one-sided at the same level.
    ``kind`` of the labels, NUMBERS or CLASSES. ``slope``: of the gain on the misfit, and ``widened``: by how much of itself
    the interval is longer than without the allowance for misfits beyond those of labelled rows; both 0 for classes.
    ``misfit``: mean over all ``rows``. ``naive_low``, ``naive_high``: the interval of Student's t from the ``labels`` labelled
    rows alone. ``carrying``: how many labelled rows are to be expected among those on which the gain hangs.
    """

    gain: float
    low: float
    high: float
    lower_bound: float
    level: float
    kind: str
    slope: float
    widened: float
    misfit: float
    labels: int
    rows: int
    naive_low: float
    naive_high: float
    carrying: float
    _half_width: Callable[[int], float] = field(repr=False, compare=False)

    @property
    def sign(self) -> int:
        """What is told of the gain at the level: 1 above 0, -1 below, 0 neither."""
        return int(self.low > 0) - int(self.high < 0)

    @property
    def half_width(self) -> float:
        """Half the length of the two-sided interval."""
        return (self.high - self.low) / 2

    @property
    def doubt(self) -> str:
        """What few rows that carry the gain take from random labels, in a sentence; empty where there are enough."""
        if self.carrying >= ENOUGH_CARRYING or not self.misfit:
            return ""
        return (
            f"The gain hangs on few rows, where teacher and student differ much: of {self.labels:,} random labels only some "
            f"{max(self.carrying, 1):.0f} are to be expected there. Labels that are drawn where they differ tell more."
        )

    def labels_for(self, half_width: float) -> float:
        """How many *further* random labels would bring the half-width down to this, 0 where it is there already.

        If they are like those that are there. ``inf`` where labelling all rows would not do; more rows would be needed then.
        Raises ValueError for a half-width that is not positive.
        """
        if not (is_real(half_width) and half_width > 0):
            raise ValueError(f"a half-width is > 0, in squared target units, not {half_width!r}")
        if self.half_width <= half_width:
            return 0
        now = self._half_width(self.labels)
        scale = self.half_width / now if now > 0 else 1.0
        low, high = self.labels, self.rows
        if scale * self._half_width(high) > half_width:
            return math.inf
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if scale * self._half_width(middle) <= half_width else (middle, high)
        return high - self.labels


@dataclass(frozen=True)
class ErrorSums:
    """What a certificate needs of some rows; ``a + b`` is that of the rows of both, from any chunks on any machines.

    ``misfits`` and ``over``: of all rows. ``values``: of the teacher and of the student, the different values that are
    predicted, None where they are more than MOST_CLASSES; ``least``, ``most``: the range of both. ``labelled (m, 7)``: weak
    error, student error, misfit and true label of each labelled row, then `bounded.parts`. So an unlabelled row costs no
    memory and a labelled one 56 bytes.
    """

    misfits: MisfitSums
    over: Spans
    values: tuple[Array | None, Array | None]
    least: float
    most: float
    labelled: Array

    def __add__(self, other: ErrorSums) -> ErrorSums:
        if not isinstance(other, ErrorSums):
            return NotImplemented
        return ErrorSums(
            self.misfits + other.misfits,
            self.over + other.over,
            (self._shared(other, 0), self._shared(other, 1)),
            min(self.least, other.least),
            max(self.most, other.most),
            np.concatenate([self.labelled, other.labelled]),
        )

    def _shared(self, other: ErrorSums, side: int) -> Array | None:
        one, more = self.values[side], other.values[side]
        return None if one is None or more is None else few_values(np.concatenate([one, more]), MOST_CLASSES)

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
        labelled = np.column_stack([self.labelled[:, [_STUDENT, _WEAK]], turned * self.labelled[:, 2:]])
        labelled[:, _MISFIT], labelled[:, _TRUTH] = self.labelled[:, _MISFIT], self.labelled[:, _TRUTH]
        return ErrorSums(
            self.misfits, self.over.exchanged(), self.values[::-1], self.least, self.most, labelled
        )

    def certificate(self, level: float = 0.95) -> GainCertificate:
        """Estimate and intervals of the gain; arguments and errors as `certify_gain`."""
        level = fraction("the level", level)
        labels = len(self.labelled)
        if labels < LEAST_LABELS:
            raise TooFewLabels(
                f"{labels} labelled rows: an interval needs {LEAST_LABELS} at least; label some more"
            )
        gains = self.labelled[:, _WEAK] - self.labelled[:, _STUDENT]
        naive = stdtrit(labels - 1, (1 + level) / 2) * gains.std(ddof=1) / math.sqrt(labels)
        classes = self._classes()
        found = self._of_numbers(gains, level) if classes is None else self._of_classes(gains, level, classes)
        squares = self.misfits.mean_square if classes is None else self.over.products[1, 1] / self.rows
        size = self.misfit if classes is None else self.over.sums[1] / self.rows
        return GainCertificate(
            **found,
            level=level,
            misfit=self.misfit,
            labels=labels,
            rows=self.rows,
            naive_low=float(gains.mean() - naive),
            naive_high=float(gains.mean() + naive),
            carrying=float(labels * size / squares * size) if squares > 0 else 0.0,
        )

    def _of_numbers(self, gains: Array, level: float) -> dict[str, Any]:
        made = capped_gain(
            gains[None],
            self.labelled[None, :, _MISFIT],
            self.rows,
            self.misfits.beyond,
            caps_above,
        )
        gain, half, below = (
            float(one[0]) for one in (made.gain, made.reach((1 + level) / 2), made.reach(level))
        )
        alone = float(stdtrit(made.labels - 2, (1 + level) / 2) * made.error[0])
        return {
            "kind": NUMBERS,
            "gain": gain,
            "low": gain - half,
            "high": gain + half,
            "lower_bound": gain - below,
            "slope": float(made.slope[0]),
            "widened": half / alone - 1 if alone > 0 else (math.inf if half > 0 else 0.0),
            "_half_width": lambda labels: self._planned(made, labels, level),
        }

    def _planned(self, made: Capped, labels: int, level: float) -> float:
        """Half-width that so many labels would give."""
        now = len(self.labelled)
        of_rows = made.error[0] ** 2 - made.of_labels[0]
        error = math.sqrt(max(made.of_labels[0] * now / labels + of_rows, 0.0))
        slope = max(1.0, abs(made.slope[0]))

        def beyond(count: int) -> float:
            caps = self.misfits.caps_of(self.rows * reaching(count) / (count + 1))
            return float(self.misfits.beyond(caps)[2][0]) * max(1 - count / self.rows, 0.0)

        return math.hypot(stdtrit(labels - 2, (1 + level) / 2) * error, ALLOWED * slope * beyond(labels))

    def _of_classes(self, gains: Array, level: float, classes: tuple[float, float]) -> dict[str, Any]:
        made = bounded_gain(gains, self.labelled[:, _APART], *classes, self.over)
        low, high = made.ends((1 - level) / 2)
        now = len(gains)
        return {
            "kind": CLASSES,
            "gain": float(made.gain),
            "low": float(low),
            "high": float(high),
            "lower_bound": float(made.ends(1 - level)[0]),
            "slope": 0.0,
            "widened": 0.0,
            "_half_width": lambda labels: (
                float(np.subtract(*made.ends((1 - level) / 2, labels / now)[::-1])) / 2
            ),
        }

    def _classes(self) -> tuple[float, float] | None:
        """Least and largest class of the labels; None where they are numbers."""
        shown = np.unique(self.labelled[:, _TRUTH])
        if len(shown) > min(MOST_CLASSES, max(len(self.labelled) / 2, 2)):
            return None
        classes = shown
        for values in self.values:
            if values is not None and np.isin(shown, values).all():
                classes = np.union1d(classes, values)
        if len(classes) < 2 and self.least >= 0 and self.most <= 1 and np.isin(classes, (0, 1)).all():
            classes = np.array([0.0, 1.0])
        hard = all(values is not None for values in self.values)
        if len(classes) == 2 or (len(classes) > 2 and hard):
            return float(classes.min()), float(classes.max())
        return None


def certify_gain(
    weak: ArrayLike,
    student: ArrayLike,
    truth: ArrayLike,
    labelled: ArrayLike,
    level: float = 0.95,
    groups: ArrayLike | None = None,
) -> GainCertificate:
    """The gain on rows like these, from few true labels: estimate, two-sided interval, one-sided lower bound.

    ``weak``, ``student``: predictions ``(n,)`` on all rows, target units; ``truth``: ``(m,)``, true labels of the rows with
    the numbers ``labelled``: ``(m,)``, 0-based, each once, m >= 4, **drawn at random**: with labels where labelling is
    easy, the interval is for rows of that kind. They may not be rows whose true labels the weak model has learned from.
    ``level`` in (0, 1). ``groups (n,)``: numbers or texts; rows of one group count as one, with the means of their labelled
    rows. Formulas and sources: the module.

    Label noise is part of the truth here: it moves weak error and student error alike and leaves their difference unbiased.
    Raises TooFewLabels, TypeError and ValueError for values, shapes and numbers that are not as said.
    """
    return error_sums(weak, student, truth, labelled, groups).certificate(level)


def error_sums(
    weak: ArrayLike,
    student: ArrayLike,
    truth: ArrayLike = (),
    labelled: ArrayLike = (),
    groups: ArrayLike | None = None,
) -> ErrorSums:
    """What `certify_gain` needs of one chunk of rows, to be added to that of others: ``sum(chunks[1:], chunks[0])``.

    Arguments as there, row numbers within the chunk; a chunk may have no label, and holds all rows of its groups. Raises as
    there, but for too few labels.
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
                f"differences of {largest:.0e} leave double precision when squared twice; give the targets another unit"
            )
    apart = parts(weak, student)
    misfits = apart[:, 0] ** 2
    of_labelled = np.column_stack(
        [(weak[rows] - known) ** 2, (student[rows] - known) ** 2, misfits[rows], known, apart[rows]]
    )
    if groups is not None:
        members = group_numbers(groups, len(weak))
        misfits, apart = group_means(misfits[:, None], members)[:, 0], group_means(apart, members)
        of_labelled = group_means(of_labelled, members[rows])
    return ErrorSums(
        misfit_sums(misfits),
        spans(apart),
        (few_values(weak, MOST_CLASSES), few_values(student, MOST_CLASSES)),
        float(min(weak.min(), student.min())),
        float(max(weak.max(), student.max())),
        of_labelled,
    )
