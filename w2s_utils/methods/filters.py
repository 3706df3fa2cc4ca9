"""Which of its teacher's labels a student is given, and how much each counts: by confidence, by agreement of views, by chance.

Labels are the classes that the teacher names, as answers of language models are. The filter by entropy and the weights by the
same entropies are those of Guo and Yang (2024, arXiv 2406.19032), the filter by confidence is folklore. Where to cut is left
open: here at the median. A half by chance shows what fewer rows do by themselves.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..experiments.classification import hardened
from ..theory.arrays import Array
from .bench import Trial
from .lessons import Lesson, Rows, kept
from .views_of_teachers import Answers


def surest(rows: Rows, certainty: Array) -> Rows:
    """The half of ``rows``, rounded up, with the largest ``certainty (n,)``; of those that tie the first."""
    order = np.argsort(-certainty[rows], kind="stable")
    return rows[order[: (len(rows) + 1) // 2]]


def _lesson(one: Trial, weak: Array, choose: Callable[[Rows], Rows]) -> Lesson:
    """The rows that ``choose`` keeps of the student's, and of the validation rows apart."""
    parts = one.taught.parts
    return kept(hardened(weak), np.concatenate([choose(parts.student_train), choose(parts.validation)]))


def confident(one: Trial, weak: Array) -> Lesson:
    """The half of the rows that the teacher is surest of: ``weak (n, c)``, its largest probability."""
    return _lesson(one, weak, lambda rows: surest(rows, weak.max(axis=1)))


def confident_by_class(one: Trial, weak: Array) -> Lesson:
    """The surest half of the rows of each class that the teacher names, so that the classes it names keep their shares."""
    named, sure = weak.argmax(axis=1), weak.max(axis=1)
    return _lesson(
        one,
        weak,
        lambda rows: np.concatenate([surest(rows[named[rows] == k], sure) for k in np.unique(named[rows])]),
    )


def by_chance(one: Trial, weak: Array) -> Lesson:
    """A random half of the rows."""
    drawn = one.draws("half by chance").random(len(weak))
    return _lesson(one, weak, lambda rows: surest(rows, drawn))


def agreed(one: Trial, weak: Array, found: Answers) -> Lesson:
    """The rows whose answers have an entropy of its median or less: half of the student's at least, and all that tie.

    Where the views agree on half of the rows or more, these are just the rows on which all agree. With two classes the least
    entropies are the largest shares of equal answers, so this is also stage I of Shi et al. (2025, arXiv 2503.04249).
    """
    most = np.median(found.entropy[one.taught.parts.student_train])
    return _lesson(one, weak, lambda rows: rows[found.entropy[rows] <= most])


def by_entropy(weak: Array, found: Answers) -> Lesson:
    """All rows, each with the weight exp(-entropy) of its answers: one over the number of classes that they name in effect."""
    return Lesson(hardened(weak), np.exp(-found.entropy))
