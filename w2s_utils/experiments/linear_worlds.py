"""Worlds in which the gain is known exactly and students are fitted.

Truth, teacher and student are linear in a constant and independent Gaussian features of variance 1, so a function is the
vector of its coefficients and the mean square of one is its squared length. The strong class is linear in the first
EXPRESSIBLE terms and cannot express the other BEYOND.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.container import PARTS, Dataset, Views
from ..heads.linear import LeastSquaresHead
from ..theory.arrays import Array
from ..theory.misfit import squared_distance
from ..theory.ranking import rank_weak_models

EXPRESSIBLE, BEYOND = 9, 4
"""Terms: a constant and eight features; four other features."""
SEES = {"weak": np.arange(5, EXPRESSIBLE + BEYOND), "student": np.arange(1, EXPRESSIBLE)}
"""Terms that the heads of `few_labels` are given, beside the constant."""


def terms(rows: int, generator: np.random.Generator) -> Array:
    """A constant and independent Gaussian features of variance 1 for so many random rows, ``(rows, EXPRESSIBLE + BEYOND)``."""
    features = generator.normal(size=(rows, EXPRESSIBLE + BEYOND - 1))
    return np.column_stack([np.ones(rows), features])


@dataclass(frozen=True, eq=False)
class LinearWorld:
    """Coefficients on the terms of ``truth``, teacher (``weak``) and ``student``; ``noise``: standard deviation of labels."""

    truth: Array
    weak: Array
    student: Array
    noise: float

    def labels(self, table: Array, generator: np.random.Generator) -> Array:
        """True labels ``(rows,)`` of rows of terms, ``(rows, EXPRESSIBLE + BEYOND)``, with noise from the generator."""
        return table @ self.truth + self.noise * generator.normal(size=len(table))

    @property
    def gain(self) -> float:
        """Weak error less student error, exactly; label noise moves neither."""
        return float(np.sum((self.weak - self.truth) ** 2) - np.sum((self.student - self.truth) ** 2))


def linear_world(train_rows: int, generator: np.random.Generator) -> LinearWorld:
    """A random world whose teacher errs in both parts of the truth; its student learns ``train_rows`` weak labels."""
    truth, error = generator.normal(size=(2, EXPRESSIBLE + BEYOND))
    truth[EXPRESSIBLE:] *= generator.uniform(0, 0.5)
    error[:EXPRESSIBLE] *= generator.uniform(0.1, 0.5)
    error[EXPRESSIBLE:] *= generator.uniform(0.1, 1)
    weak = truth + error
    student = taught(weak, train_rows, generator)
    return LinearWorld(truth, weak, student, generator.uniform(0, 1))


def taught(weak: Array, train_rows: int, generator: np.random.Generator) -> Array:
    """Coefficients of a least squares student of the teacher ``weak``, fitted to the labels of so many fresh rows."""
    learned = terms(train_rows, generator)
    head = LeastSquaresHead().fit(learned[:, 1:EXPRESSIBLE], learned @ weak)
    return np.concatenate([[head.intercept_], head.coef_, np.zeros(BEYOND)])


def ranked(labels: int, train_rows: int, generator: np.random.Generator) -> dict[str, Any]:
    """Four teachers of a random world, ranked from so many ``labels`` of 20 times as many rows.

    The teachers' errors are those of one, larger or smaller. ``answer``: "right", "wrong" or "cannot tell yet";
    ``least_mean_right``: whether the student of least labelled error is the best.
    """
    world = linear_world(train_rows, generator)
    table = terms(20 * labels, generator)
    weak, students, errors = {}, {}, {}
    for name in ("a", "b", "c", "d"):
        error = (world.weak - world.truth) * generator.uniform(0.5, 1.5)
        teacher = world.truth + error + 0.1 * generator.normal(size=len(error))
        student = taught(teacher, train_rows, generator)
        weak[name], students[name] = table @ teacher, table @ student
        errors[name] = float(np.sum((student - world.truth) ** 2))
    known = world.labels(table[:labels], generator)
    best = rank_weak_models(weak, students, known, np.arange(labels)).best
    right = min(errors, key=lambda name: errors[name])
    naive = min(students, key=lambda name: float(squared_distance(students[name][:labels], known)))
    answer = "cannot tell yet" if best is None else "right" if best == right else "wrong"
    return {"answer": answer, "least_mean_right": naive == right}


def few_labels(
    world: LinearWorld, rows: int, labels: int, split: str | None, generator: np.random.Generator
) -> tuple[Array, Dataset]:
    """Rows of terms, and the data set that they make: a weak model and a student see some of the features each.

    ``labels`` of all rows are known; where a ``split`` of this name is made, so many of its test and of its training rows.
    """
    table, order = terms(rows, generator), generator.permutation(rows)
    cuts = np.array_split(order, [rows // 2, 3 * rows // 5]) if split else [order]
    known = np.sort(np.concatenate([part[:labels] for part in cuts]))
    targets = np.full(rows, np.nan)
    targets[known] = world.labels(table[known], generator)
    splits = {split: dict(zip(PARTS, map(np.sort, cuts), strict=True))} if split else {}
    views = Views(table[:, SEES["student"]], {"weak": table[:, SEES["weak"]]})
    return table, Dataset(
        "few labels", "made", targets, splits=splits, source="generated", views=views, labelled=known
    )


def fitted_gain(
    world: LinearWorld, table: Array, turns: Iterable[NDArray[np.intp]], made: Mapping[str, Array]
) -> float:
    """The gain of fitted heads, exactly, in the mean over ``turns``, each the rows that its heads judge.

    ``made``: what ``weak`` and ``student`` predict on all rows of the ``table``; linear within a turn, so a few rows tell the
    head's coefficients.
    """
    gains = []
    for rows in turns:
        errors = {}
        for side, columns in SEES.items():
            off, seen = -world.truth, np.append(0, columns)
            off[seen] += np.linalg.lstsq(table[np.ix_(rows, seen)], made[side][rows], rcond=None)[0]
            errors[side] = off @ off
        gains.append(errors["weak"] - errors["student"])
    return float(np.mean(gains))
