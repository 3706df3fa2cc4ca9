"""Classes under the protocol: several teachers of one strong representation, what they hand on, and every loss of it.

Heads are multinomial logistic ones, fitted to probabilities, so a student can be given its teacher's probabilities or only the
class that it names. Who uses which rows, and true labels of which, is in `class_parts`. Beside each student stand the ceiling
(the strong head with true labels of all the student's rows) and the strong head with the teacher's few true labels alone.

Three losses, each with its misfit (`theory.divergences`): the share of errors, the Brier score |p - e_y|^2 and the log loss
-log p_y; misfits are the share of rows on which student and teacher name different classes, |s - w|^2 and KL(s || w). For
errors the misfit bounds the gain, for a row that is corrected, or newly wrong, is one on which they differ:

    gain = corrected - new,    |gain| <= misfit.                                                            (1)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..data.container import Views
from ..heads.validated import ValidatedLogistic
from ..theory.arrays import Array
from ..theory.divergences import BRIER, KL
from ..theory.misfit import ErrorTriple, error_triple
from .crossfit import standardise
from .protocol import Parts, fitted, said, triple_rows

PROBABILITIES, HARD = "probabilities", "hard labels"
PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)
"""Tried for each head, one per decade."""


def hardened(labels: ArrayLike) -> Array:
    """The most probable class of each row as a point mass, the first of several: ``(n, c)`` both."""
    table = np.asarray(labels)
    return np.asarray(table.argmax(axis=1)[:, None] == np.arange(table.shape[1]), dtype=np.float64)


HANDED_ON: dict[str, Callable[[Array], Array]] = {PROBABILITIES: np.asarray, HARD: hardened}
"""What a student gets of its teacher's probabilities."""


ERRORS, BRIER_SCORE, LOG_LOSS = "errors", "Brier score", "log loss"
LOSSES = (ERRORS, BRIER_SCORE, LOG_LOSS)


def class_triple(
    loss: str, truth: ArrayLike, weak: ArrayLike, student: ArrayLike, ceiling: ArrayLike | None = None
) -> ErrorTriple:
    """The error triple of one of LOSSES on the same rows, all arguments ``(n, c)``: point masses, and probabilities.

    Errors are a share of rows, Brier scores lie from 0 to 2, log losses are in nats. Raises as `misfit.error_triple`.
    """
    if loss != ERRORS:
        divergence = BRIER if loss == BRIER_SCORE else KL
        return error_triple(truth, weak, student, ceiling, divergence)
    others = None if ceiling is None else hardened(ceiling)
    found = error_triple(
        hardened(truth), hardened(weak), hardened(student), others, BRIER
    )  # 2 where classes differ
    halves = (found.weak_error / 2, found.student_error / 2, found.misfit / 2)
    return ErrorTriple(*halves, None if found.ceiling is None else found.ceiling / 2)


def kinds_of_errors(truth: Array, weak: Array, student: Array) -> dict[str, float]:
    """Shares of all rows: what became of the teacher's errors, and which are the student's own. Arguments ``(n, c)``.

    ``corrected``: the teacher errs and the student does not; ``inherited``: both name the same wrong class; ``changed``: both
    err, differently; ``new``: the student alone errs. The first three add up to the teacher's errors, the last three to the
    student's.
    """
    y, said, answered = (table.argmax(axis=1) for table in (truth, weak, student))
    kinds = {
        "corrected": (said != y) & (answered == y),
        "inherited": (said != y) & (answered == said),
        "changed": (said != y) & (answered != y) & (answered != said),
        "new": (said == y) & (answered != y),
    }
    return {kind: float(rows.mean()) for kind, rows in kinds.items()}


@dataclass(frozen=True)
class Sizes:
    """Rows of each use: ``taught``, the teacher's own; ``validation``; ``labelled``, which the teacher labels for its student;
    ``judged``, at most."""

    taught: int
    validation: int
    labelled: int
    judged: int


def class_parts(
    targets: ArrayLike, sizes: Sizes, generator: np.random.Generator, tested: ArrayLike | None = None
) -> Parts:
    """Random parts of the rows of ``targets (n,)``, numbers of classes.

    True labels are used of ``weak_train`` and ``validation``, by teachers and by the strong head alone; the student uses its
    teacher's labels of ``student_train`` and ``validation``. Rows ``tested``, where given, are judged and nothing else. Parts
    are drawn until every class of ``targets`` is among the teacher's rows. Raises ValueError where there are too few rows or
    classes are too rare for that.
    """
    numbers = np.asarray(targets)
    pool = np.arange(len(numbers)) if tested is None else np.setdiff1d(np.arange(len(numbers)), tested)
    used = sizes.taught + sizes.validation + sizes.labelled
    if used + (tested is None) > len(pool):
        raise ValueError(f"{used} rows are to be learned from, and some to be judged; there are {len(pool)}")
    for _ in range(1000):
        order = generator.permutation(pool)
        taught, validation, labelled, rest = np.split(
            order, np.cumsum([sizes.taught, sizes.validation, sizes.labelled])
        )
        if len(np.unique(numbers[taught])) == len(np.unique(numbers)):
            judged = rest if tested is None else generator.permutation(np.asarray(tested))
            return Parts(taught, labelled, judged[: sizes.judged], validation)
    raise ValueError(f"among {sizes.taught} rows there is hardly ever one of each class; take more")


@dataclass(frozen=True)
class Judgements:
    """What everybody says of the judged rows: probabilities ``(m, c)``, of ``truth`` point masses.

    ``weak``: by teacher; ``students``: by teacher and what it handed on (of HANDED_ON); ``ceiling`` and ``alone``: the strong
    head with all true labels, and with the teacher's few.
    """

    truth: Array
    weak: Mapping[str, Array]
    students: Mapping[tuple[str, str], Array]
    ceiling: Array
    alone: Array


@dataclass(frozen=True)
class Taught:
    """All n rows before any student: ``strong (n, d)`` standardised, ``truth (n, c)`` point masses, and who may use which.

    ``weak (n, c)`` by teacher: probabilities, learned from the true labels of ``parts.weak_train``.
    """

    strong: Array
    weak: Mapping[str, Array]
    truth: Array
    parts: Parts

    def strong_head(self, labels: Array, rows: NDArray[np.intp]) -> Array:
        """What the strong head says of all rows ``(n, c)`` after ``labels (n, c)`` of these ``rows``."""
        return _said(self.strong, labels, rows, self.parts)

    @property
    def ceiling(self) -> Array:
        """The strong head with the true labels of the student's rows, ``(n, c)``."""
        return self.strong_head(self.truth, self.parts.student_train)


def _said(table: Array, labels: Array, rows: NDArray[np.intp], parts: Parts) -> Array:
    head = ValidatedLogistic(PENALTIES, labels.shape[1])
    return said(fitted(head, table, labels, rows, parts.validation), table)


def taught(views: Views, targets: ArrayLike, classes: int, parts: Parts) -> Taught:
    """Fit the teachers. ``views``: n rows; ``targets (n,)``: numbers from 0 to ``classes`` - 1. No feature is cut off.

    Raises as `protocol.run_protocol`."""
    truth = np.asarray(np.asarray(targets)[:, None] == np.arange(classes), dtype=np.float64)
    training = np.union1d(parts.weak_train, parts.student_train)
    weak = {
        name: _said(standardise(table, training, np.inf), truth, parts.weak_train, parts)
        for name, table in views.weak.items()
    }
    return Taught(standardise(views.strong, training, np.inf), weak, truth, parts)


def judgements(world: Taught) -> Judgements:
    """Fit students, ceiling and the strong head alone, and ask all about the rows that are judged.

    The numbers are those of `protocol.run_protocol` for each teacher, with one ceiling for all. Raises as that does.
    """
    judged, own, few = world.parts.evaluation, world.parts.student_train, world.parts.weak_train
    students = {
        (name, handed): world.strong_head(hand_on(labels), own)[judged]
        for name, labels in world.weak.items()
        for handed, hand_on in HANDED_ON.items()
    }
    return Judgements(
        truth=world.truth[judged],
        weak={name: labels[judged] for name, labels in world.weak.items()},
        students=students,
        ceiling=world.ceiling[judged],
        alone=world.strong_head(world.truth, few)[judged],
    )


def judged_rows(found: Judgements, **keys: Any) -> list[dict[str, Any]]:
    """One row for each student and loss: the keys, teacher, ``handed``, ``loss``; the three errors, gain, cross term, ceiling.

    ``pgr``: NaN where the ceiling is not below the teacher; like gain and cross term also where the student's log loss is
    infinite, as of one that never saw a class; ``alone``: the loss of the strong head with the few true labels;
    `kinds_of_errors`, whatever the loss.
    """
    rows = []
    for (teacher, handed), student in found.students.items():
        weak = found.weak[teacher]
        kinds = kinds_of_errors(found.truth, weak, student)
        for loss in LOSSES:
            triple = class_triple(loss, found.truth, weak, student, found.ceiling)
            alone = class_triple(loss, found.truth, weak, found.alone).student_error
            [row] = triple_rows(triple, **keys, teacher=teacher, handed=handed, loss=loss)
            row |= {"pgr": triple.pgr, "alone": alone, **kinds}
            if not np.isfinite(triple.student_error):
                row |= {"gain": np.nan, "cross_term": np.nan, "pgr": np.nan}
            rows.append(row)
    return rows
