"""Students of one softmax head with other losses than plain cross-entropy: weighted, reversed, adapted to confidence.

The losses are those of `experiments.softmax_students`. Each chooses its own penalty, by the rule of notebook 43: of the four
that every head on this bench tries, the one with the least *loss at hand* on validation rows, by the labels it learns from.
A class that no label names gets a small probability here, and 0 from `heads.logistic`, whose log loss can be infinite.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..experiments.classification import PENALTIES
from ..experiments.softmax_students import Loss, confidence_adaptive, fit_student, forward_kl, reverse_kl
from ..theory.arrays import Array
from .bench import Trial

SMOOTHING = 1e-3
"""Share of equal labels that is mixed into those of the reversed losses, which are infinite at probability 0 (notebook 43)."""


def students(one: Trial, labels: Array, rows: NDArray[np.intp], loss: Loss) -> Array:
    """What students of ``labels (n, c)`` on these ``rows`` say of all rows, one for each of PENALTIES: ``(4, n, c)``.

    A loss may know the rows by their place in ``rows``. Raises as `softmax_students.fit_student`.
    """
    strong = one.taught.strong
    training = (strong[rows], labels[rows])
    return np.array(
        [
            fit_student(training, loss, one.draws("start"), penalty=penalty).predict_proba(strong)
            for penalty in PENALTIES
        ]
    )


def chosen(one: Trial, given: Array, labels: Array, loss: Loss) -> Array:
    """Of ``given (4, n, c)`` the student with the least ``loss`` of ``labels (n, c)`` on validation rows."""
    valid = one.taught.parts.validation
    return np.asarray(min(given, key=lambda s: loss(np.maximum(s[valid], 1e-300), labels[valid])[0]))


def weighted_cross_entropy(weights: Array) -> Loss:
    """Cross-entropy in which each row counts by its weight, ``(n,)``."""
    return partial(_weighted, weights)


def _weighted(weights: Array, s: Array, w: Array) -> tuple[float, Array]:
    return forward_kl(s, weights[:, None] * w)


def smoothed(labels: Array) -> Array:
    """Labels mixed with a share SMOOTHING of equal probabilities."""
    return (1 - SMOOTHING) * labels + SMOOTHING / labels.shape[1]


def _of_probabilities(one: Trial, teacher: str, loss: Loss) -> Array:
    labels = smoothed(one.taught.weak[teacher])
    return chosen(one, students(one, labels, one.taught.parts.student_train, loss), labels, loss)


def reversed_student(one: Trial, teacher: str) -> Array:
    """A `bench.Method`: KL(s || w), with which Yao et al. (2025, arXiv 2502.11107) train a strong model's last layer."""
    return _of_probabilities(one, teacher, reverse_kl)


def adaptive_student(one: Trial, teacher: str) -> Array:
    """A `bench.Method`: cross-entropy on the half of the rows that the teacher is surer of, reversed on the others.

    The confidence-adaptive loss of Xu et al. (2025, arXiv 2505.24313). How its threshold is to be chosen they do not say; the
    median of the teacher's largest probability needs no true label, and splits the rows as the filter by confidence does.
    """
    sure = smoothed(one.taught.weak[teacher])[one.taught.parts.student_train].max(axis=1)
    return _of_probabilities(one, teacher, confidence_adaptive(float(np.median(sure))))
