"""Worlds of classes in which intervals for accuracy, Brier score and log loss are tried: labels, and probabilities of classes.

A world of any loss is one of `label_worlds`: teacher, student and true label are replaced by the numbers of
`class_losses.as_numbers`, whose gain of squared loss is the gain of that loss, row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..theory.arrays import Array
from ..theory.class_labels import Labellers, Said
from ..theory.class_losses import ACCURACY, BRIER, LOG, as_numbers, errors, ranges
from . import label_worlds
from .label_worlds import Rows, World

RATES = (0.35, 0.25, 0.2, 0.12, 0.08)
"""How often each of five classes is the true one."""


class Classed(NamedTuple):
    """Of n rows the true class ``truth (n,)`` and what teacher and student say: class numbers or probabilities."""

    truth: NDArray[np.intp]
    weak: Said
    student: Said


Drawn = Callable[[int, np.random.Generator], Classed]


def of_loss(draw: Drawn, classes: int, loss: str) -> World:
    """The world of these rows, whose gain is in units of the ``loss``."""
    names = tuple(map(str, range(classes)))

    def numbers(rows: int, generator: np.random.Generator) -> Rows:
        truth, weak, student = draw(rows, generator)
        weak, student, label = as_numbers(Labellers(names, weak, student, truth, np.arange(rows)), loss)
        return label, weak, student

    return World(numbers, classes=(0, 1))


def with_misfit(draw: Drawn, classes: int, loss: str) -> World:
    """The same rows as numbers whose squared loss has the gain and the misfit of the ``loss``: for what draws a line on it."""
    names = tuple(map(str, range(classes)))

    def numbers(rows: int, generator: np.random.Generator) -> Rows:
        truth, weak, student = draw(rows, generator)
        known = ranges(weak, student, len(names), loss)
        gains, far = errors(weak, truth, loss) - errors(student, truth, loss), np.sqrt(known.misfit)
        label = np.divide(known.misfit - gains, 2 * far, out=np.zeros(rows), where=far > 0)
        return label, far, np.zeros(rows)

    return World(numbers)


def of_numbers(world: World) -> Drawn:
    """A world of `label_worlds` whose true labels are 0 and 1 or more classes, as labels, or else as probabilities of 1."""

    def draw(rows: int, generator: np.random.Generator) -> Classed:
        truth, *sides = world.draw(rows, generator)
        hard = all((side % 1 == 0).all() for side in sides)
        said = [side.astype(np.intp) if hard else np.column_stack([1 - side, side]) for side in sides]
        return Classed(truth.astype(np.intp), *said)

    return draw


def labels(right: Sequence[float], shared: float, rates: Sequence[float] = RATES) -> Drawn:
    """Two labellers that are ``right`` in these shares of the rows they take for themselves; they say the same in the others.

    ``shared``: the share of rows in which the student repeats its teacher. A wrong label is the class that follows the true
    one in six of ten cases, else any other.
    """

    def said(truth: NDArray[np.intp], share: float, generator: np.random.Generator) -> NDArray[np.intp]:
        count = len(rates)
        other = (truth + generator.integers(1, count, size=len(truth))) % count
        wrong = np.where(generator.random(len(truth)) < 0.6, (truth + 1) % count, other)
        return np.where(generator.random(len(truth)) < share, truth, wrong)

    def draw(rows: int, generator: np.random.Generator) -> Classed:
        truth = generator.choice(len(rates), size=rows, p=rates)
        weak, own = (said(truth, share, generator) for share in right)
        return Classed(truth, weak, np.where(generator.random(rows) < shared, weak, own))

    return draw


def odds(classes: int, shared: float, sure: float = 1.0, hard: bool = False) -> Drawn:
    """Probabilities from log odds: true ones, a teacher with noise, and a student that shares this part of the noise.

    ``sure``: what the student multiplies its log odds by; 1 is honest but for its noise, 3 far too sure. ``hard``: the
    teacher gives labels alone.
    """

    def draw(rows: int, generator: np.random.Generator) -> Classed:
        true = 1.5 * generator.normal(size=(rows, classes))
        noise, own = generator.normal(size=(2, rows, classes))
        chances = softmax(true)
        truth = (chances.cumsum(axis=1) < generator.random((rows, 1))).sum(axis=1).clip(max=classes - 1)
        weak = softmax(true + 1.2 * noise)
        student = softmax(sure * (0.9 * true + 1.2 * shared * noise + 0.3 * own))
        return Classed(truth, weak.argmax(axis=1) if hard else weak, student)

    return draw


def softmax(scores: Array) -> Array:
    """Probabilities ``(n, c)`` of log odds."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def sure(share: float, classes: int = 2) -> Drawn:
    """A teacher that gives .8 to its class, right as often, and a student that gives .99 and is wrong in this share of rows.

    Where it is, nothing tells: the misfit of those rows is that of all others where the two agree.
    """

    def draw(rows: int, generator: np.random.Generator) -> Classed:
        truth = generator.integers(classes, size=rows)
        other = [(truth + generator.integers(1, classes, size=rows)) % classes for _ in range(2)]
        weak = np.where(generator.random(rows) < 0.8, truth, other[0])
        student = np.where(generator.random(rows) < share, other[1], truth)
        return Classed(truth, _given(weak, 0.8, classes), _given(student, 0.99, classes))

    return draw


def doubting(share: float, classes: int) -> Drawn:
    """A teacher of labels, right in three of four rows; its student gives .97 to the same, but doubts a share of the rows.

    There it gives .4 to the true class and as much as the others leave to each of them.
    """

    def draw(rows: int, generator: np.random.Generator) -> Classed:
        truth = generator.integers(classes, size=rows)
        other = (truth + generator.integers(1, classes, size=rows)) % classes
        weak = np.where(generator.random(rows) < 0.75, truth, other)
        doubts = generator.random((rows, 1)) < share
        return Classed(
            truth, weak, np.where(doubts, _given(truth, 0.4, classes), _given(weak, 0.97, classes))
        )

    return draw


def _given(said: NDArray[np.intp], chance: float, classes: int) -> Array:
    """Probabilities ``(n, classes)``: this one for what is said, and the rest for the others alike."""
    table = np.full((len(said), classes), (1 - chance) / (classes - 1))
    table[np.arange(len(said)), said] = chance
    return table


LABELLERS: dict[str, tuple[Drawn, int]] = {
    "two classes, agree 50 %": (of_numbers(label_worlds.hard(0.5)), 2),
    "two classes, agree 80 %": (of_numbers(label_worlds.hard(0.8)), 2),
    "two classes, agree 95 %": (of_numbers(label_worlds.hard(0.95)), 2),
    "five classes, agree 80 %": (of_numbers(label_worlds.classes(0.8)), 5),
    "five classes, agree 95 %": (of_numbers(label_worlds.classes(0.95)), 5),
    "five classes, by themselves": (labels((0.6, 0.75), 0.0), 5),
    "twenty classes": (labels((0.6, 0.75), 0.5, (0.05,) * 20), 20),
}
CHANCES: dict[str, tuple[Drawn, int]] = {
    "two, probabilities": (of_numbers(label_worlds.probabilities(0.3)), 2),
    "two, probabilities, close": (of_numbers(label_worlds.probabilities(0.8)), 2),
    "two, sure student": (sure(0.03), 2),
    "three, sure student": (sure(0.03, 3), 3),
    "five, probabilities": (odds(5, 0.3), 5),
    "five, probabilities, close": (odds(5, 0.8), 5),
    "five, student too sure": (odds(5, 0.3, 3.0), 5),
}
HARD_TEACHER: dict[str, tuple[Drawn, int]] = {
    "two, hard teacher, doubts 5 %": (of_numbers(label_worlds.confident(0.05, 0.0)), 2),
    "three, hard teacher, doubts 10 %": (doubting(0.1, 3), 3),
    "five, hard teacher": (odds(5, 0.3, hard=True), 5),
}
CLASS_WORLDS: dict[tuple[str, str], World] = {
    **{
        (name, ACCURACY): of_loss(*one, ACCURACY)
        for name, one in {**LABELLERS, **CHANCES, **HARD_TEACHER}.items()
    },
    **{(name, BRIER): of_loss(*one, BRIER) for name, one in {**CHANCES, **HARD_TEACHER}.items()},
    **{(name, LOG): of_loss(*one, LOG) for name, one in CHANCES.items()},
}
"""By name and loss. Of hard labels the Brier score is twice the share of errors, and log loss infinite."""
