"""Worlds of predictions in which intervals for the gain from few labels are tried: easy ones, and those that break them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..theory.arrays import Array

Rows = tuple[Array, Array, Array]
"""True labels, the teacher's and the student's predictions, ``(n,)`` each."""
Drawing = Callable[[int, np.random.Generator], Rows]

BLUNDER = 2.5
"""Standard deviation of a blunder, where true labels have 1."""
MANY_ROWS = 1_000_000


@dataclass(frozen=True)
class Errors:
    """Random errors: ``draw`` gives so many, ``square`` is the mean of their squares, exactly."""

    draw: Callable[[int, np.random.Generator], Array]
    square: float

    def __add__(self, other: Errors) -> Errors:
        """Both at once, unrelated and about 0."""
        return Errors(
            lambda rows, generator: self.draw(rows, generator) + other.draw(rows, generator),
            self.square + other.square,
        )


@dataclass(frozen=True)
class World:
    """Random rows, and the gain of the student over its teacher in the mean over all that can be drawn.

    ``exact``: that gain where it is known; else `gain` takes it from a million rows. ``classes``: least and largest, where
    true labels are classes.
    """

    draw: Drawing
    exact: float | None = None
    classes: tuple[float, float] | None = None

    def gain(self) -> float:
        """In squared units of the true labels, or those of the loss."""
        if self.exact is not None:
            return self.exact
        truth, weak, student = self.draw(MANY_ROWS, np.random.default_rng(0))
        return float(np.mean((weak - truth) ** 2 - (student - truth) ** 2))


def normal(spread: float) -> Errors:
    """Normal errors with this standard deviation."""
    return Errors(lambda rows, generator: spread * generator.normal(size=rows), spread**2)


def heavy(spread: float) -> Errors:
    """Student's t with 3 degrees of freedom, of this standard deviation: their squares have no variance."""
    return Errors(lambda rows, generator: spread / np.sqrt(3) * generator.standard_t(3, size=rows), spread**2)


def lognormal(least: float, spread: float) -> Errors:
    """Errors of either sign, ``least`` times a size whose logarithm is normal with this standard deviation."""
    return Errors(
        lambda rows, generator: least * np.exp(spread * generator.normal(size=rows)) * _sign(rows, generator),
        least**2 * float(np.exp(2 * spread**2)),
    )


def pareto(least: float, power: float) -> Errors:
    """Errors of either sign, of size ``least`` or more; larger ones than x have a share x^-power, power > 2."""
    return Errors(
        lambda rows, generator: least * (1 + generator.pareto(power, size=rows)) * _sign(rows, generator),
        least**2 * power / (power - 2),
    )


def blunders(share: float) -> Errors:
    """None but in a ``share`` of the rows, where it is BLUNDER times a normal number."""

    def draw(rows: int, generator: np.random.Generator) -> Array:
        errors = np.zeros(rows)
        some = np.flatnonzero(generator.random(rows) < share)
        errors[some] = BLUNDER * generator.normal(size=len(some))
        return errors

    return Errors(draw, share * BLUNDER**2)


def apart(teacher: Errors, student: Errors) -> World:
    """Normal true labels; teacher and student err by themselves."""

    def draw(rows: int, generator: np.random.Generator) -> Rows:
        truth = generator.normal(size=rows)
        return truth, truth + teacher.draw(rows, generator), truth + student.draw(rows, generator)

    return World(draw, teacher.square - student.square)


def copying(share: float) -> World:
    """The student repeats its teacher in this share of the rows, and is nearer to the truth in the others."""

    own = apart(normal(1), normal(0.3))

    def draw(rows: int, generator: np.random.Generator) -> Rows:
        truth, weak, other = own.draw(rows, generator)
        return truth, weak, np.where(generator.random(rows) < share, weak, other)

    return World(draw, (1 - share) * own.gain())


def rounded(rows: int, generator: np.random.Generator) -> Rows:
    """Both predictions are whole numbers, so misfits tie; true labels are not."""
    truth, weak, student = apart(normal(1), normal(0.4)).draw(rows, generator)
    return truth, np.round(weak), np.round(student)


def scores(rows: int, generator: np.random.Generator) -> Rows:
    """True labels and a teacher that give one to five points; the student predicts any number between."""
    latent = 3 + generator.normal(size=rows)
    weak = latent + 0.8 * generator.normal(size=rows)
    student = 0.3 + 0.9 * latent + 0.3 * generator.normal(size=rows)
    return np.clip(np.round(latent), 1, 5), np.clip(np.round(weak), 1, 5), np.clip(student, 1, 5)


def hard(agreement: float) -> World:
    """0 and 1 for all three: teacher and student agree in this share of the rows; where not, the student is right in 65 %."""

    def draw(rows: int, generator: np.random.Generator) -> Rows:
        truth = (generator.random(rows) < 0.4).astype(float)
        agree = generator.random(rows) < agreement
        right = generator.random(rows) < np.where(agree, 0.85, 0.65)
        student = np.where(right, truth, 1 - truth)
        return truth, np.where(agree, student, 1 - student), student

    return World(draw, classes=(0, 1))


def classes(agreement: float) -> World:
    """Five classes, rare ones among them, as numbers from 0 to 4.

    Teacher and student agree in this share of the rows; where not, the student is right in half, the teacher in 30 %.
    """

    def draw(rows: int, generator: np.random.Generator) -> Rows:
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

    return World(draw, classes=(0, 4))


def confident(share: float, jitter: float) -> World:
    """A hard teacher, right in three of four rows; its student says the same as 0.97 or 0.03, and doubts a share of the rows.

    There it leans to the truth. ``jitter``: standard deviation of what is added to its probabilities.
    """

    def draw(rows: int, generator: np.random.Generator) -> Rows:
        truth = (generator.random(rows) < 0.5).astype(float)
        weak = np.where(generator.random(rows) < 0.75, truth, 1 - truth)
        student = np.where(weak == 1, 0.97, 0.03)
        student = np.where(generator.random(rows) < share, 0.4 + 0.2 * truth, student)
        return truth, weak, np.clip(student + jitter * generator.normal(size=rows), 0, 1)

    return World(draw, classes=(0, 1))


def probabilities(shared: float) -> World:
    """Both give probabilities of a class 0 or 1; the student shares this part of its teacher's error in log odds."""

    def draw(rows: int, generator: np.random.Generator) -> Rows:
        odds = 1.5 * generator.normal(size=rows)
        truth = (generator.random(rows) < _probability(odds)).astype(float)
        error = generator.normal(size=rows)
        own = 0.3 * generator.normal(size=rows)
        return truth, _probability(odds + 1.2 * error), _probability(0.9 * odds + 1.2 * shared * error + own)

    return World(draw, classes=(0, 1))


def repeated(rows: int, generator: np.random.Generator) -> Rows:
    """Every row stands four times, one after the other."""
    things = apart(normal(1), normal(0.5)).draw(-(-rows // 4), generator)
    truth, weak, student = (np.repeat(side, 4)[:rows] for side in things)
    return truth, weak, student


def population(truth: Array, weak: Array, student: Array) -> World:
    """These rows ``(n,)`` are all that there are, drawn with replacement."""

    def draw(rows: int, generator: np.random.Generator) -> Rows:
        places = generator.integers(len(truth), size=rows)
        return truth[places], weak[places], student[places]

    return World(draw, float(np.mean((weak - truth) ** 2 - (student - truth) ** 2)))


def _sign(rows: int, generator: np.random.Generator) -> Array:
    return generator.choice([-1.0, 1.0], size=rows)


def _probability(odds: Array) -> Array:
    return 1 / (1 + np.exp(-odds))


WORLDS: dict[str, World] = {
    "misfit tells": apart(normal(1), normal(0.2)),
    "misfit tells much": apart(normal(1), normal(0.3)),
    "misfit tells nothing": apart(normal(1), normal(1)),
    "heavy student": apart(normal(1), heavy(0.5)),
    "heavy both": apart(heavy(1), heavy(0.5)),
    "lognormal teacher": apart(lognormal(0.5, 1.2), normal(0.3)),
    "Pareto teacher": apart(pareto(0.5, 2.5), normal(0.3)),
    **{
        f"{who} blunders {percent} %": apart(
            normal(0.8) + blunders(teacher * percent / 100),
            normal(0.3) + blunders(student * percent / 100),
        )
        for who, teacher, student in (("student", 0, 1), ("teacher", 1, 0), ("each", 1, 1))
        for percent in (1, 2, 5)
    },
    **{f"copies {percent} %": copying(percent / 100) for percent in (50, 90, 99)},
    "ties": World(rounded),
    "five points": World(scores),
    **{f"hard, agree {percent} %": hard(percent / 100) for percent in (80, 95, 99)},
    **{f"five classes, agree {percent} %": classes(percent / 100) for percent in (80, 95)},
    **{f"confident, doubts {percent} %": confident(percent / 100, 0.0) for percent in (2, 5, 10)},
    "confident, no ties": confident(0.05, 0.01),
    "probabilities": probabilities(0.3),
    "probabilities, close": probabilities(0.8),
}
"""By name; `REPEATED` is apart from them, as its rows are no random rows."""
REPEATED = World(repeated, 1 - 0.5**2)
