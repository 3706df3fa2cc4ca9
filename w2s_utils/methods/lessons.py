"""What a student is given: a label for each row, and how much the row counts. Filters, weights and relabelling are lessons.

A filter is a lesson whose weights are 0 and 1. Every student's penalty is chosen by one rule, on all validation rows with
their labels, whatever they weigh; what other rules would choose, `criteria` tells. How good a lesson is, `quality` says with
true labels, which judge and teach nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..experiments.softmax_students import forward_kl
from ..theory.arrays import Array
from . import softmax_losses
from .bench import Trial

Rows = NDArray[np.intp]
THIRDS = ("hard", "middle", "easy")
RULES = BY_WEAK, BY_LESSON, BY_TRUE = "by weak labels", "by the lesson", "by true labels"
"""What may choose a penalty, of which only the last needs true labels."""


@dataclass(frozen=True)
class Lesson:
    """``labels (n, c)``, probabilities, and ``weights (n,)``, >= 0: of all rows; the student's own count, and of
    validation rows the labels alone."""

    labels: Array
    weights: Array

    def students(self, one: Trial) -> Array:
        """What students of this lesson say of all rows, for each of PENALTIES: ``(4, n, c)``.

        Weights are brought to mean 1 over the rows that have any, so that a penalty means the same for all lessons. Raises as
        `softmax_losses.students`.
        """
        own = one.taught.parts.student_train
        rows = own[self.weights[own] > 0]
        weights = self.weights[rows] / self.weights[rows].mean()
        return softmax_losses.students(one, self.labels, rows, softmax_losses.weighted_cross_entropy(weights))

    def chosen(self, one: Trial, given: Array) -> Array:
        """Of these students the one with the least cross-entropy on validation rows, ``(n, c)``."""
        return softmax_losses.chosen(one, given, self.labels, forward_kl)

    def criteria(self, one: Trial, given: Array) -> dict[str, float]:
        """By rule a mean log loss of one student ``given (n, c)`` on validation rows, nats; the least chooses the penalty.

        ``by weak labels``: on all of them, as `chosen` does; ``by the lesson``: each by its weight; ``by true labels``.
        """
        valid = one.taught.parts.validation
        logs = np.log(np.maximum(given[valid], 1e-300))
        of_label, of_truth = (
            -np.sum(table[valid] * logs, axis=1) for table in (self.labels, one.taught.truth)
        )
        return {
            BY_WEAK: float(of_label.mean()),
            BY_LESSON: float(np.average(of_label, weights=self.weights[valid])),
            BY_TRUE: float(of_truth.mean()),
        }


def whole(labels: Array) -> Lesson:
    """All rows, each once."""
    return Lesson(labels, np.ones(len(labels)))


def kept(labels: Array, rows: Rows) -> Lesson:
    """These ``rows`` alone."""
    return Lesson(labels, np.isin(np.arange(len(labels)), rows).astype(np.float64))


def margin(probabilities: Array) -> Array:
    """How far the most probable class is ahead of the next, ``(n,)``, from 0 to 1."""
    second, first = np.sort(probabilities, axis=1)[:, -2:].T
    return np.asarray(first - second)


def thirds(ease: Array) -> NDArray[np.str_]:
    """Which of THIRDS each row belongs to, ``(n,)``, by the rank of its ``ease (n,)``; of equal ones the first is harder."""
    ranks = np.empty(len(ease), dtype=np.intp)
    ranks[np.argsort(ease, kind="stable")] = np.arange(len(ease))
    return np.array(THIRDS)[3 * ranks // len(ease)]


def quality(one: Trial, lesson: Lesson) -> dict[str, float]:
    """How good the labels of a lesson are, by true labels of the student's rows, each row by its weight.

    ``kept``: mean weight; ``precision``: share of right labels; ``imbalance``: total variation, half the sum of absolute
    differences, between the shares of classes in the lesson and those of all the rows, each by *true* class. ``kept, hard``
    and ``precision, hard``, and so on for each of THIRDS, by the ceiling's `margin`: NaN where nothing of a third is kept.
    """
    own = one.taught.parts.student_train
    truth, weights = one.taught.truth[own], lesson.weights[own]
    right = (lesson.labels[own].argmax(axis=1) == truth.argmax(axis=1)).astype(np.float64)
    third = thirds(margin(one.ceiling[own]))
    shares = weights @ truth / weights.sum()
    found = {
        "kept": float(weights.mean()),
        "precision": float(weights @ right / weights.sum()),
        "imbalance": float(np.abs(shares - truth.mean(axis=0)).sum() / 2),
    }
    for name in THIRDS:
        some = third == name
        total = weights[some].sum()
        found[f"kept, {name}"] = float(weights[some].mean())
        found[f"precision, {name}"] = float(weights[some] @ right[some] / total) if total else np.nan
    return found
