"""Labels of the student in the place of those that a filter threw away.

Shi et al. (2025, arXiv 2503.04249): stage I trains on the rows on which the weak model is consistent, which leaves hard rows
out; in stage II the student of stage I answers the rows that were left out, and those on which *it* is consistent come back.
A softmax head that is asked many times, and draws its answers, gives the first of them with the share of its largest
probability: that is its consistency here.
"""

from __future__ import annotations

from ..experiments.classification import hardened
from ..theory.arrays import Array
from .bench import Trial
from .filters import surest
from .lessons import Lesson


def relabelled(one: Trial, first: Lesson, student: Array) -> Lesson:
    """The lesson of stage II: that of the ``first`` stage, and the half of the other rows that its ``student (n, c)`` is
    surest of, with the classes that the student names."""
    own = one.taught.parts.student_train
    back = surest(own[first.weights[own] == 0], student.max(axis=1))
    labels, weights = first.labels.copy(), first.weights.copy()
    labels[back], weights[back] = hardened(student)[back], 1.0
    return Lesson(labels, weights)
