"""The gain, with a certificate, from few true labels and many unlabelled rows.

Row by row gain_i = misfit_i + c_i (`theory.misfit`, equation 1). The misfit needs no true label, so it is known of all n
rows; only the cross term c needs the m labelled ones, which must be **a random part of all**. There is one estimator for each
kind of label, and no choice between them:

* **numbers**: a line of gain on misfit, capped where few labels are, with an allowance for what lies beyond (`capped`);
* **classes**, labels of two values, or of few where teacher and student predict classes too: on a row where they differ the
  gain lies between two known numbers, and what is to be found is a share (`bounded`).

Labels are taken for classes where a teacher or student whose predictions take few values predicts all that labels show; where
they are 0 and 1, or one of these, and predictions are probabilities or near; and where they are few whole numbers, four
labels for each, and predictions stay near them. Classes are the values that labels show and that such a teacher or student
predicts. A class that nobody shows is not known, and an interval says nothing of its rows.

Rows that repeat, several poses of one molecule, sentences of one text: `error_sums` takes their ``groups``, each of which then
counts once. **Labelled groups must then be a random part of the groups**: labels drawn row by row favour large ones.

**Other losses.** The share of errors, the Brier score and the log loss of class labels or probabilities have the second
estimator, with what the gain of a row may be for each class (`class_losses`): ``loss``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from .arrays import Array, fraction, is_real
from .bounded import bounded_gain
from .capped import ALLOWED, Capped, capped_gain, reaching
from .class_losses import SQUARED, checked_loss
from .error_sums import (
    APART,
    MISFIT,
    STUDENT,
    WEAK,
    ErrorSums,
    class_error_sums,
    error_sums,
    unit_of,
)

LEAST_LABELS = 4
ENOUGH_CARRYING = 5
"""Labelled rows on which the gain hangs, to be expected, below which labels that are drawn tell much more."""
NUMBERS, CLASSES, DRAWN = "numbers", "classes", "drawn"


class TooFewLabels(ValueError):
    """Fewer labelled rows than an interval needs."""


@dataclass(frozen=True)
class GainCertificate:
    """The gain of a student over its teacher, estimated, in squared target units or those of another ``loss``.

    ``gain`` in ``[low, high]`` at the two-sided ``level``; ``lower_bound``: the gain is above it, one-sided at the same level.
    ``kind`` of the labels: NUMBERS or CLASSES, or DRAWN (`drawn`). ``slope``: of the gain on the misfit, and ``widened``: by
    how much of itself the interval is longer than without the allowance for misfits beyond those of labelled rows; both 0 for
    others. ``misfit``: mean over all ``rows``. ``naive_low``, ``naive_high``: the interval of Student's t from the ``labels``
    random labelled rows alone. ``carrying``: how many labelled rows are to be expected among those on which the gain hangs.
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
    loss: str = SQUARED

    @property
    def sign(self) -> int:
        """What is told of the gain at the level: 1 above 0, -1 below, 0 neither."""
        return int(self.low > 0) - int(self.high < 0)

    @property
    def way(self) -> str:
        """How further labels that are counted are found: "random", or "drawn" where rows were drawn."""
        return "drawn" if self.kind == DRAWN else "random"

    @property
    def half_width(self) -> float:
        """Half the length of the two-sided interval."""
        return (self.high - self.low) / 2

    @property
    def doubt(self) -> str:
        """What few rows that carry the gain take from random labels, in a sentence; empty where there are enough."""
        if self.carrying >= ENOUGH_CARRYING or not self.misfit:
            return ""
        expected = f"some {self.carrying:.0f} are" if self.carrying >= 1 else "less than one is"
        return (
            f"The gain hangs on few rows, where teacher and student differ much: of {self.labels:,} random labels {expected} "
            "to be expected there. Labels that are drawn where they differ tell more."
        )

    def labels_for(self, half_width: float) -> float:
        """How many *further* labels would bring the half-width down to this, 0 where it is there already.

        Labels found in the same ``way``, if they are like those that are there. ``inf`` where labelling all rows would not
        do; more rows would be needed then. Raises ValueError for a half-width that is not positive.
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


def certificate_of(sums: ErrorSums, level: float = 0.95) -> GainCertificate:
    """Estimate and intervals of the gain; arguments and errors as `certify_gain`."""
    level = fraction("the level", level)
    if sums.repeats and sums.misfit > 0:  # of what is the same a gain would be told with certainty
        return certificate_of(sums.repeated(), level)
    labels = len(sums.labelled)
    if labels < LEAST_LABELS:
        raise TooFewLabels(
            f"{labels} labelled rows: an interval needs {LEAST_LABELS} at least; label some more"
        )
    gains = sums.labelled[:, WEAK] - sums.labelled[:, STUDENT]
    naive = stdtrit(labels - 1, (1 + level) / 2) * gains.std(ddof=1) / math.sqrt(labels)
    classes = sums.classes()
    found = _of_numbers(sums, gains, level) if classes is None else _of_classes(sums, gains, level, classes)
    squares = sums.misfits.mean_square if classes is None else sums.over.products[1, 1] / sums.rows
    size = sums.misfit if classes is None else sums.over.sums[1] / sums.rows
    return GainCertificate(
        **found,
        level=level,
        misfit=sums.misfit,
        labels=labels,
        rows=sums.rows,
        naive_low=float(gains.mean() - naive),
        naive_high=float(gains.mean() + naive),
        carrying=float(labels * size / squares * size) if squares > 0 else 0.0,
        loss=sums.loss,
    )


def _of_numbers(sums: ErrorSums, gains: Array, level: float) -> dict[str, Any]:
    made = capped_gain(
        gains[None],
        sums.labelled[None, :, MISFIT],
        sums.rows,
        sums.misfits.beyond,
        sums.misfits.caps_above,
    )
    gain, half, below = (float(one[0]) for one in (made.gain, made.reach((1 + level) / 2), made.reach(level)))
    alone = float(stdtrit(made.labels - 2, (1 + level) / 2) * made.error[0])
    return {
        "kind": NUMBERS,
        "gain": gain,
        "low": gain - half,
        "high": gain + half,
        "lower_bound": gain - below,
        "slope": float(made.slope[0]),
        "widened": half / alone - 1 if alone > 0 else (math.inf if half > 0 else 0.0),
        "_half_width": lambda labels: _planned(sums, made, labels, level),
    }


def _planned(sums: ErrorSums, made: Capped, labels: int, level: float) -> float:
    """Half-width that so many labels would give."""
    now = len(sums.labelled)
    of_rows = made.error[0] ** 2 - made.of_labels[0]
    error = math.sqrt(max(made.of_labels[0] * now / labels + of_rows, 0.0))
    slope = max(1.0, abs(made.slope[0]))

    def beyond(count: int) -> float:
        caps = sums.misfits.caps_of(sums.rows * reaching(count) / (count + 1))
        return float(sums.misfits.beyond(caps)[2][0]) * max(1 - count / sums.rows, 0.0)

    return math.hypot(stdtrit(labels - 2, (1 + level) / 2) * error, ALLOWED * slope * beyond(labels))


def _of_classes(sums: ErrorSums, gains: Array, level: float, classes: tuple[float, float]) -> dict[str, Any]:
    made = bounded_gain(gains, sums.labelled[:, APART], *classes, sums.over)
    low, high = made.ends((1 - level) / 2)
    return {
        "kind": CLASSES,
        "gain": float(made.gain),
        "low": float(low),
        "high": float(high),
        "lower_bound": float(made.ends(1 - level)[0]),
        "slope": 0.0,
        "widened": 0.0,
        "_half_width": lambda labels: float(np.subtract(*made.planned((1 - level) / 2, labels)[::-1])) / 2,
    }


def certify_gain(
    weak: ArrayLike,
    student: ArrayLike,
    truth: ArrayLike,
    labelled: ArrayLike,
    level: float = 0.95,
    groups: ArrayLike | None = None,
    loss: str = SQUARED,
    classes: Sequence[Any] | None = None,
) -> GainCertificate:
    """The gain on rows like these, from few true labels: estimate, two-sided interval, one-sided lower bound.

    ``weak``, ``student``: predictions ``(n,)`` on all rows, target units; ``truth``: ``(m,)``, true labels of the rows with
    the numbers ``labelled``: ``(m,)``, 0-based, each once, m >= 4, **drawn at random**: with labels where labelling is
    easy, the interval is for rows of that kind. They may not be rows whose true labels the weak model has learned from.
    ``level`` in (0, 1). ``groups (n,)``: numbers or texts; rows of one group count as one, with the means of their labelled
    rows, and the labelled groups must be drawn at random, whatever their sizes. Formulas and sources: the module.

    ``loss``: ``squared``; or of classes ``accuracy``, the share of errors, ``brier``, the sum of squares over classes, from 0
    to 2, or ``log``, natural logarithms (`class_losses`). Then ``truth`` names classes, by names or whole numbers, and
    ``weak``, ``student`` are such labels ``(n,)`` or probabilities ``(n, c)`` with a column for each of the ``classes``, whose
    names may be left out where they are 0 to c - 1, or where no side has columns. A class that a probability column or a name
    stands for may be the true one of any row; with hard labels it does not matter which there are besides.

    Label noise is part of the truth here: it moves weak error and student error alike and leaves their difference unbiased.
    Raises TooFewLabels, TypeError and ValueError for values, shapes and numbers that are not as said.
    """
    if checked_loss(loss) != SQUARED:
        return certificate_of(class_error_sums(weak, student, truth, labelled, loss, classes, groups), level)
    if classes is not None:
        raise ValueError("squared loss is of numbers; with classes take the loss accuracy, brier or log")
    return certificate_of(error_sums(weak, student, truth, labelled, groups, unit_of(truth)), level)
