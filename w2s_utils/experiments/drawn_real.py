"""Real rows on which drawn labels are tried: classes with two logistic heads, and a set of rows as a world to draw from."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ..theory.arrays import Array
from ..theory.drawing import pair_chances
from .label_worlds import Rows, World

PENALTY = 0.01
"""scikit-learn's C, of both heads."""
DRAWS = 20


def taught_classes(
    features: Array, truth: Array, step: int, folds: int, generator: np.random.Generator
) -> Array:
    """Probabilities of class 1 by a teacher and its student, ``(2, n)``, for rows that neither was fitted on.

    ``features (n, d)``, ``truth (n,)`` of 0 and 1. In each of the random ``folds`` the teacher sees every ``step``-th column
    and true labels of half of the other rows; the student sees all columns, and the teacher's classes of the other half.
    """
    fold = generator.permutation(len(truth)) % folds
    made = np.zeros((2, len(truth)))
    for turn in range(folds):
        judged = fold == turn
        own, others = np.array_split(generator.permutation(np.flatnonzero(~judged)), 2)
        teacher, student = (make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY)) for _ in range(2))
        teacher.fit(features[own][:, ::step], truth[own])
        student.fit(features[others], teacher.predict(features[others][:, ::step]))
        made[0, judged] = teacher.predict_proba(features[judged][:, ::step])[:, 1]
        made[1, judged] = student.predict_proba(features[judged])[:, 1]
    return made


def population(sides: Rows, classes: tuple[float, float] | None = None) -> World:
    """Rows of a set, true labels and predictions ``(n,)`` each, as a world that is drawn from with replacement."""
    truth, weak, student = sides

    def draw(rows: int, generator: np.random.Generator) -> Rows:
        chosen = generator.integers(len(truth), size=rows)
        return truth[chosen], weak[chosen], student[chosen]

    return World(draw, float(np.mean((weak - truth) ** 2 - (student - truth) ** 2)), classes)


def rows_to_pay(
    world: World, rows: int, counts: Iterable[int], generator: np.random.Generator
) -> list[float]:
    """How many different rows so many draws meet in the mean, for each of ``counts``: the labels that are paid for.

    Over DRAWS draws of ``rows`` of the world, by the chances of `drawing.pair_chances`.
    """
    _, weak, student = (side.reshape(DRAWS, rows) for side in world.draw(DRAWS * rows, generator))
    chances = pair_chances(np.abs(weak - student), world.classes is not None)
    return [float(np.mean(np.sum(1 - (1 - chances) ** count, axis=1))) for count in counts]


def labels_at(counts: ArrayLike, values: ArrayLike, wanted: float) -> float:
    """The first number of labels at which ``values`` reach down to ``wanted``, all linear in logarithms.

    ``counts``, rising, and ``values``, both > 0: ``(k,)``. The first count where its value is there already, NaN where no
    value is.
    """
    at, size = np.log(np.asarray(counts, dtype=float)), np.log(np.asarray(values, dtype=float))
    below = np.flatnonzero(size <= np.log(wanted))
    if not below.size:
        return float("nan")
    last = below[0]
    if last == 0:
        return float(np.exp(at[0]))
    part = (size[last - 1] - np.log(wanted)) / (size[last - 1] - size[last])
    return float(np.exp((1 - part) * at[last - 1] + part * at[last]))
