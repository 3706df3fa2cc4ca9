"""What is done with weak labels, one trial: filters, weights, relabelling, other losses, all judged beside naive students."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..experiments.class_sets import ClassSet
from ..experiments.classification import PENALTIES, hardened
from ..theory.arrays import Array
from . import bench, filters
from .bench import HARD, NAIVE, Trial
from .lessons import THIRDS, Lesson, margin, quality, thirds, whole
from .relabelling import relabelled
from .softmax_losses import adaptive_student, reversed_student
from .views_of_teachers import Answers, answers

CHANCE, CONFIDENT, BY_CLASS = "half by chance", "confident half", "confident half of each class"
ENTROPY, WEIGHTS, STAGE_2 = "entropy filter", "weights by entropy", "relabelled (stage II)"
REVERSED, ADAPTIVE = "reverse KL", "confidence-adaptive CE"
OF_CLASSES = (CHANCE, CONFIDENT, BY_CLASS, ENTROPY, WEIGHTS, STAGE_2)
"""Methods that hand on the teacher's classes; the other two, its probabilities."""
METHODS = (NAIVE, HARD, *OF_CLASSES, REVERSED, ADAPTIVE)
FIFTHS = 5
TAUGHT_BY = {"SST-2": ("lexicon", "layer 3"), "TREC-6": ("hashed 32", "layer 3")}
"""Of `class_sets.TEACHERS` those that are asked here, to save time."""


class LabelRows(NamedTuple):
    """Rows of one trial, each with data, seed and teacher.

    ``students``: as of `bench.student_rows`; ``lessons``: `lessons.quality`, by method; ``thirds``: errors by method and third
    of the judged rows, by the ceiling's margin; ``penalties``: errors by method and penalty, and `Lesson.criteria`;
    ``entropies``: of the student's rows by fifth, from the least entropy on, the share of right labels.
    """

    students: list[dict[str, Any]]
    lessons: list[dict[str, Any]]
    thirds: list[dict[str, Any]]
    penalties: list[dict[str, Any]]
    entropies: list[dict[str, Any]]


def teachers_of(one: ClassSet, noises: Sequence[float]) -> tuple[str, ...]:
    """The teachers that are asked: of images one for each of ``noises``, of texts those of TAUGHT_BY."""
    return TAUGHT_BY.get(one.data.name) or tuple(f"noise {noise:g}" for noise in noises)


def label_rows(one: ClassSet, noises: Sequence[float], columns: int, seed: int) -> LabelRows:
    """All rows of one seed of a set. Raises as `bench.trial` and the methods."""
    cut = bench.trial(one, noises, columns, seed)
    keys = {"data": one.data.name, "seed": seed}
    made: dict[str, dict[str, Array]] = {}
    found = LabelRows([], [], [], [], [])
    for teacher in teachers_of(one, noises):
        weak = cut.taught.weak[teacher]
        of_teacher = {**keys, "teacher": teacher}
        asked = answers(cut, teacher)
        given, of_lessons, by_penalty = students_of_lessons(cut, weak, asked)
        own = cut.taught.parts.student_train
        made[teacher] = {
            NAIVE: cut.taught.strong_head(weak, own),
            **given,
            REVERSED: reversed_student(cut, teacher),
            ADAPTIVE: adaptive_student(cut, teacher),
        }
        found.lessons.extend(
            {**of_teacher, "method": method, **quality(cut, lesson)} for method, lesson in of_lessons.items()
        )
        found.penalties.extend({**of_teacher, **row} for row in _by_penalty(cut, of_lessons, by_penalty))
        found.thirds.extend({**of_teacher, **row} for row in _by_third(cut, made[teacher]))
        found.entropies.extend({**of_teacher, **row} for row in _by_entropy(cut, weak, asked))
    found.students.extend(bench.student_rows(cut, made, **keys))
    return found


def students_of_lessons(
    cut: Trial, weak: Array, asked: Answers
) -> tuple[dict[str, Array], dict[str, Lesson], dict[str, Array]]:
    """By method, HARD and OF_CLASSES: the student ``(n, c)``, its lesson and its students by penalty ``(4, n, c)``.

    ``weak (n, c)``: the teacher's probabilities; ``asked``: what its views answer.
    """
    of_lessons = {
        HARD: whole(hardened(weak)),
        CHANCE: filters.by_chance(cut, weak),
        CONFIDENT: filters.confident(cut, weak),
        BY_CLASS: filters.confident_by_class(cut, weak),
        ENTROPY: filters.agreed(cut, weak, asked),
        WEIGHTS: filters.by_entropy(weak, asked),
    }
    by_penalty = {method: lesson.students(cut) for method, lesson in of_lessons.items()}
    first = of_lessons[ENTROPY]
    of_lessons[STAGE_2] = relabelled(cut, first, first.chosen(cut, by_penalty[ENTROPY]))
    by_penalty[STAGE_2] = of_lessons[STAGE_2].students(cut)
    given = {method: lesson.chosen(cut, by_penalty[method]) for method, lesson in of_lessons.items()}
    return given, of_lessons, by_penalty


def _errors(given: Array, labels: Array, rows: Any) -> float:
    return float(np.mean(given[rows].argmax(axis=1) != labels[rows].argmax(axis=1)))


def _by_penalty(
    cut: Trial, of_lessons: Mapping[str, Lesson], by_penalty: Mapping[str, Array]
) -> list[dict[str, Any]]:
    truth, judged = cut.taught.truth, cut.taught.parts.evaluation
    return [
        {
            "method": method,
            "penalty": penalty,
            "student_error": _errors(given, truth, judged),
            **of_lessons[method].criteria(cut, given),
        }
        for method, students in by_penalty.items()
        for penalty, given in zip(PENALTIES, students, strict=True)
    ]


def _by_third(cut: Trial, made: Mapping[str, Array]) -> list[dict[str, Any]]:
    judged = cut.taught.parts.evaluation
    of_row = thirds(margin(cut.ceiling[judged]))
    return [
        {
            "method": method,
            "third": third,
            "student_error": _errors(given, cut.taught.truth, judged[of_row == third]),
        }
        for method, given in made.items()
        for third in THIRDS
    ]


def _by_entropy(cut: Trial, weak: Array, asked: Answers) -> list[dict[str, Any]]:
    """Of each fifth: mean entropy and share of right labels; of all rows: ``told``, how well the least entropy and the largest
    probability tell right labels from wrong, the area under the ROC curve."""
    from sklearn.metrics import roc_auc_score

    own = cut.taught.parts.student_train
    right = weak[own].argmax(axis=1) == cut.taught.truth[own].argmax(axis=1)
    entropy, sure = asked.entropy[own], weak[own].max(axis=1)
    told = {
        "told": float(roc_auc_score(right, -entropy)),
        "told by confidence": float(roc_auc_score(right, sure)),
    }
    parts = np.array_split(np.argsort(entropy, kind="stable"), FIFTHS)
    return [
        {"fifth": fifth, "entropy": float(entropy[some].mean()), "right": float(right[some].mean()), **told}
        for fifth, some in enumerate(parts)
    ]
