"""Worlds of predictions in which intervals for the gain from few labels are tried: easy ones, and those that break intervals.

A world draws true labels, a teacher's and its student's predictions of so many rows. Its gain is that of the population of
rows that is drawn from it once (`Population`), of which a draw takes some rows, and of these some labels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..theory.arrays import Array

Rows = tuple[Array, Array, Array]
"""True labels, the teacher's and the student's predictions, ``(n,)`` each."""
World = Callable[[int, np.random.Generator], Rows]
Errors = Callable[[int, np.random.Generator], Array]

BLUNDER = 2.5
"""Standard deviation of a blunder, where true labels have 1."""


@dataclass(frozen=True)
class Population:
    """Rows that draws are taken from: ``truth``, ``weak``, ``student (n,)``."""

    truth: Array
    weak: Array
    student: Array

    @property
    def gains(self) -> Array:
        """Of each row, ``(n,)``: its weak error less its student error."""
        return (self.weak - self.truth) ** 2 - (self.student - self.truth) ** 2

    @property
    def gain(self) -> float:
        """Of all rows."""
        return float(self.gains.mean())


def population(name: str, rows: int, generator: np.random.Generator) -> Population:
    """So many rows of the world of this name in WORLDS."""
    return Population(*WORLDS[name](rows, generator))


def normal(spread: float) -> Errors:
    """Errors with this standard deviation."""
    return lambda rows, generator: spread * generator.normal(size=rows)


def heavy(spread: float) -> Errors:
    """Student's t with 3 degrees of freedom, of this standard deviation: their squares have no variance."""
    return lambda rows, generator: spread / np.sqrt(3) * generator.standard_t(3, size=rows)


def lognormal(rows: int, generator: np.random.Generator) -> Array:
    """Errors of either sign whose size has a standard deviation of 1.2 on a logarithmic scale."""
    return 0.5 * np.exp(1.2 * generator.normal(size=rows)) * generator.choice([-1.0, 1.0], size=rows)


def pareto(rows: int, generator: np.random.Generator) -> Array:
    """Errors of either sign, at least 0.5, whose tail falls like x^-2.5: their squares have no variance."""
    return 0.5 * (1 + generator.pareto(2.5, size=rows)) * generator.choice([-1.0, 1.0], size=rows)


def blunders(share: float) -> Errors:
    """None but in a ``share`` of the rows, where it is BLUNDER times a normal number."""
    return lambda rows, generator: np.where(
        generator.random(rows) < share, BLUNDER * generator.normal(size=rows), 0.0
    )


def apart(teacher: Errors, student: Errors) -> World:
    """Normal true labels; teacher and student err by themselves."""

    def world(rows: int, generator: np.random.Generator) -> Rows:
        truth = generator.normal(size=rows)
        return truth, truth + teacher(rows, generator), truth + student(rows, generator)

    return world


def both(one: Errors, other: Errors) -> Errors:
    """The sum of two kinds of error."""
    return lambda rows, generator: one(rows, generator) + other(rows, generator)


def copying(share: float) -> World:
    """The student repeats its teacher in this share of the rows, and is nearer to the truth in the others."""

    def world(rows: int, generator: np.random.Generator) -> Rows:
        truth, weak, other = apart(normal(1), normal(0.3))(rows, generator)
        return truth, weak, np.where(generator.random(rows) < share, weak, other)

    return world


def rounded(rows: int, generator: np.random.Generator) -> Rows:
    """Both predictions are whole numbers, so misfits tie; true labels are not."""
    truth, weak, student = apart(normal(1), normal(0.4))(rows, generator)
    return truth, np.round(weak), np.round(student)


def scores(rows: int, generator: np.random.Generator) -> Rows:
    """True labels and a teacher that give one to five points; the student predicts any number between."""
    latent = 3 + generator.normal(size=rows)
    weak = latent + 0.8 * generator.normal(size=rows)
    student = 0.3 + 0.9 * latent + 0.3 * generator.normal(size=rows)
    return np.clip(np.round(latent), 1, 5), np.clip(np.round(weak), 1, 5), np.clip(student, 1, 5)


def hard(agreement: float) -> World:
    """0 and 1 for all three: teacher and student agree in this share of the rows; where not, the student is right in 65 %."""

    def world(rows: int, generator: np.random.Generator) -> Rows:
        truth = (generator.random(rows) < 0.4).astype(float)
        agree = generator.random(rows) < agreement
        right = generator.random(rows) < np.where(agree, 0.85, 0.65)
        student = np.where(right, truth, 1 - truth)
        return truth, np.where(agree, student, 1 - student), student

    return world


def classes(agreement: float) -> World:
    """Five classes, rare ones among them, as numbers from 0 to 4.

    Teacher and student agree in this share of the rows; where not, the student is right in half, the teacher in 30 %.
    """

    def world(rows: int, generator: np.random.Generator) -> Rows:
        truth = generator.choice(5, size=rows, p=[0.5, 0.2, 0.15, 0.1, 0.05])
        wrong = (truth + generator.integers(1, 5, size=rows)) % 5
        agreed = np.where(generator.random(rows) < 0.85, truth, wrong)
        who = generator.choice(3, size=rows, p=[0.5, 0.3, 0.2])  # the student is right, the teacher, neither
        weak = np.choose(who, [wrong, truth, (truth + 1) % 5])
        student = np.choose(who, [truth, wrong, (truth + 2) % 5])
        agree = generator.random(rows) < agreement
        return (
            truth.astype(float),
            np.where(agree, agreed, weak).astype(float),
            np.where(agree, agreed, student).astype(float),
        )

    return world


def confident(share: float, jitter: float) -> World:
    """A hard teacher, right in three of four rows; its student says the same as 0.97 or 0.03, and doubts a share of the rows.

    There it leans to the truth. ``jitter``: standard deviation of what is added to its probabilities.
    """

    def world(rows: int, generator: np.random.Generator) -> Rows:
        truth = (generator.random(rows) < 0.5).astype(float)
        weak = np.where(generator.random(rows) < 0.75, truth, 1 - truth)
        student = np.where(weak == 1, 0.97, 0.03)
        student = np.where(generator.random(rows) < share, 0.4 + 0.2 * truth, student)
        return truth, weak, np.clip(student + jitter * generator.normal(size=rows), 0, 1)

    return world


def probabilities(shared: float) -> World:
    """Both give probabilities of a class 0 or 1; the student shares this part of its teacher's error in log odds."""

    def world(rows: int, generator: np.random.Generator) -> Rows:
        odds = 1.5 * generator.normal(size=rows)
        truth = (generator.random(rows) < _probability(odds)).astype(float)
        error = generator.normal(size=rows)
        own = 0.3 * generator.normal(size=rows)
        return truth, _probability(odds + 1.2 * error), _probability(0.9 * odds + 1.2 * shared * error + own)

    return world


def repeated(rows: int, generator: np.random.Generator) -> Rows:
    """Every row stands four times, one after the other."""
    things = apart(normal(1), normal(0.5))(-(-rows // 4), generator)
    truth, weak, student = (np.repeat(side, 4)[:rows] for side in things)
    return truth, weak, student


def _probability(odds: Array) -> Array:
    return 1 / (1 + np.exp(-odds))


WORLDS: dict[str, World] = {
    "misfit tells": apart(normal(1), normal(0.2)),
    "misfit tells much": apart(normal(1), normal(0.3)),
    "misfit tells nothing": apart(normal(1), normal(1)),
    "heavy student": apart(normal(1), heavy(0.5)),
    "heavy both": apart(heavy(1), heavy(0.5)),
    "lognormal teacher": apart(lognormal, normal(0.3)),
    "Pareto teacher": apart(pareto, normal(0.3)),
    **{
        f"{who} blunders {percent} %": apart(
            both(normal(0.8), blunders(teacher * percent / 100)),
            both(normal(0.3), blunders(student * percent / 100)),
        )
        for who, teacher, student in (("student", 0, 1), ("teacher", 1, 0), ("each", 1, 1))
        for percent in (1, 2, 5)
    },
    **{f"copies {percent} %": copying(percent / 100) for percent in (50, 90, 99)},
    "ties": rounded,
    "five points": scores,
    **{f"hard, agree {percent} %": hard(percent / 100) for percent in (80, 95, 99)},
    **{f"five classes, agree {percent} %": classes(percent / 100) for percent in (80, 95)},
    **{f"confident, doubts {percent} %": confident(percent / 100, 0.0) for percent in (2, 5, 10)},
    "confident, no ties": confident(0.05, 0.01),
    "probabilities": probabilities(0.3),
    "probabilities, close": probabilities(0.8),
}
"""By name. `repeated` is apart from them, as its rows are no random rows."""
