"""A set with classes and one teacher of it: what any experiment on students needs, whatever the set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from ..heads.validated import ValidatedLogistic
from ..theory.arrays import Array
from .class_sets import ClassSet
from .classification import PENALTIES, class_parts
from .crossfit import standardise
from .protocol import Parts, fitted, said


@dataclass(frozen=True)
class Taught:
    """All n rows: ``strong (n, d)`` of mean 0 and variance 1, the teacher's probabilities and the ``truth``, ``(n, c)``.

    ``truth`` are point masses. ``ceiling (n, c)``: the strong head with the true labels of the student's rows. ``parts``: who
    may use which rows; the teacher learnt from the true labels of ``weak_train``.
    """

    strong: Array
    weak: Array
    truth: Array
    ceiling: Array
    parts: Parts

    def rows(self, some: NDArray[np.intp]) -> tuple[Array, Array]:
        """Features and the teacher's probabilities of some rows, as `softmax_students.fit_student` takes them."""
        return self.strong[some], self.weak[some]


def taught(one: ClassSet, teacher: str, noises: list[float], columns: int, seed: int) -> Taught:
    """A set, a teacher out of its views, and their parts, all by ``seed``; arguments and errors as `ClassSet.judged`."""
    parts = class_parts(
        one.data.targets, one.sizes, runtime.seed_stream(seed, "parts of classes", one.data.name), one.tested
    )
    views = one.views(noises, columns, seed)
    training = np.union1d(parts.weak_train, parts.student_train)
    classes = len(one.data.classes)
    truth = np.asarray(one.data.targets[:, None] == np.arange(classes), dtype=np.float64)
    head = ValidatedLogistic(PENALTIES, classes)
    strong, weak = (standardise(table, training, np.inf) for table in (views.strong, views.weak[teacher]))
    return Taught(
        strong,
        said(fitted(head, weak, truth, parts.weak_train, parts.validation), weak),
        truth,
        said(fitted(head, strong, truth, parts.student_train, parts.validation), strong),
        parts,
    )
