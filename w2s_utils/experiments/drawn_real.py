"""Real rows on which drawn labels are tried: classes with two logistic heads, and a set of rows as a world to draw from."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ..theory.arrays import Array
from ..theory.certificate import certify_gain
from ..theory.drawing import pair_chances, rows_to_label
from ..theory.drawn import drawn_gain
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
    Raises ValueError, scikit-learn's, where a teacher names one class alone.
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


def misused(
    world: World, rows: int, count: int, seed: int, generator: np.random.Generator
) -> dict[str, float]:
    """What intervals say of labels of ``count`` drawn rows, of so many rows of the world, if they are taken for random ones.

    Of the ``drawn`` interval, which knows better, the certificate and the ``plain`` one: the ``mean`` that each is about, and
    1 where it ``holds`` the gain of the world at 95 %, else 0.
    """
    truth, weak, student = world.draw(rows, generator)
    drawing = rows_to_label({"it": weak}, {"it": student}, count, seed, bounded=world.classes is not None)
    labelled = drawing.to_label
    wrong = certify_gain(weak, student, truth[labelled], labelled)
    right = drawn_gain(drawing, weak, student, truth[labelled], labelled, ends=world.classes)
    low, high = wrong.naive_low, wrong.naive_high
    found = {"gain": world.gain()}
    for name, ends, mean in (
        ("drawn", (right.low, right.high), right.gain),
        ("certificate", (wrong.low, wrong.high), wrong.gain),
        ("plain", (low, high), (low + high) / 2),
    ):
        found |= {f"{name}, mean": mean, f"{name} holds": float(ends[0] <= found["gain"] <= ends[1])}
    return found


def labels_at(counts: ArrayLike, values: ArrayLike, wanted: float) -> float:
    """The number of labels from which on ``values`` stay at ``wanted`` or below, linear in logarithms between two counts.

    ``counts``, rising, and ``values``, both > 0 but where a length is 0: ``(k,)``. The first count where all values are there
    already, NaN where the last is not.
    """
    with np.errstate(divide="ignore"):
        at, size = np.log(np.asarray(counts, dtype=float)), np.log(np.asarray(values, dtype=float))
    above = np.flatnonzero(size > np.log(wanted))
    if not above.size:
        return float(np.exp(at[0]))
    last = above[-1]
    if last == len(at) - 1:
        return float("nan")
    part = (size[last] - np.log(wanted)) / (size[last] - size[last + 1])
    return float(np.exp((1 - part) * at[last] + part * at[last + 1]))
