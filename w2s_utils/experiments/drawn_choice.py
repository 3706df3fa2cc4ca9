"""Which weak model should label, from random labels or from drawn ones: problems in which the right answer is known.

Each problem has students of several weak models, the first of which errs least. Errors have a part that all share and one of
their own. **Hard**: labels of 0 and 1; all are wrong in SHARED_WRONG of the rows, else each by itself, the first in
OWN_WRONG[0] of the rows and the others in OWN_WRONG[1]. **Numbers**: normal errors, in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from ..theory import intervals
from ..theory.arrays import Array
from ..theory.drawing import pair_chances
from ..theory.intervals import joint
from .drawing_trials import drawn_ends, inverted
from .drawn_real import labels_at
from .label_coverage import of_classes, of_numbers

SHARED_WRONG, OWN_WRONG = 0.1, (0.03, 0.08)
SHARED_SPREAD, OWN_SPREAD = 0.5, (0.3, 0.5)
RANDOM, DRAWN = "random", "drawn"
ENDS = {"hard": (0.0, 1.0), "numbers": None}
"""By kind of labels."""


def problems(
    kind: str, models: int, draws: int, rows: int, generator: np.random.Generator
) -> tuple[Array, list[Array]]:
    """True labels ``(draws, rows)`` and the predictions of each student, the best first."""
    shape = (draws, rows)
    if kind == "hard":
        truth = (generator.random(shape) < 0.5).astype(float)
        all_wrong = generator.random(shape) < SHARED_WRONG
        wrong = [all_wrong | (generator.random(shape) < OWN_WRONG[min(k, 1)]) for k in range(models)]
        return truth, [np.where(one, 1 - truth, truth) for one in wrong]
    truth = generator.normal(size=shape)
    shared = truth + SHARED_SPREAD * generator.normal(size=shape)
    return truth, [shared + OWN_SPREAD[min(k, 1)] * generator.normal(size=shape) for k in range(models)]


def named(
    kind: str,
    models: int,
    counts: Iterable[int],
    draws: int,
    rows: int,
    generator: np.random.Generator,
    level: float = 0.95,
) -> dict[tuple[str, int], int]:
    """By RANDOM or DRAWN and number of labels: in how many of so many problems the right one is named.

    That is where it is told to be ahead of every other, at the level of `intervals.joint` of all pairs. Rows are drawn for
    all pairs of students alike.
    """
    truth, students = problems(kind, models, draws, rows, generator)
    pairs, ends = list(combinations(students, 2)), ENDS[kind]
    each = joint(len(pairs), level)
    chances = np.mean([pair_chances(np.abs(one - other), ends is not None) for one, other in pairs], axis=0)
    of_random = of_numbers if ends is None else of_classes(*ends)
    best, *others = students
    found: dict[tuple[str, int], int] = {}
    for labels in counts:
        among = inverted(chances, labels, generator)
        told = {RANDOM: np.ones(draws, dtype=bool), DRAWN: np.ones(draws, dtype=bool)}
        for other in others:
            sides = (truth, other, best)
            told[RANDOM] &= of_random(sides, labels, each).low > 0
            told[DRAWN] &= drawn_ends(sides, chances, among, each, ends, shared=len(pairs) > 1).low > 0
        found |= {(way, labels): int(right.sum()) for way, right in told.items()}
    return found


def labels_to_name(counts: Sequence[int], right: ArrayLike, tried: int, share: float = 0.9) -> Array:
    """Labels with which the right one is named in this share of problems: estimate and ends, ``(3,)``, NaN beyond the last.

    ``right``: in how many of the ``tried`` problems it was, for each of ``counts``. The ends are those of Clopper and Pearson
    for all counts, 97.5 % for all of them together.
    """
    each = joint(2 * len(counts))
    shares = [intervals.share(int(one), tried, each) for one in np.asarray(right)]
    sides = np.array([(one.estimate, one.high, one.low) for one in shares]).T
    return np.array([labels_at(counts, 2 - side, 2 - share) for side in sides])
