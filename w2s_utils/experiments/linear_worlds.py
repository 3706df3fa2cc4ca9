"""Worlds in which the gain is known exactly and students are fitted.

Truth, teacher and student are linear in a constant and independent Gaussian features of variance 1, so a function is the
vector of its coefficients and the mean square of one is its squared length. The strong class is linear in the first
EXPRESSIBLE terms and cannot express the other BEYOND.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..heads.linear import LeastSquaresHead
from ..theory.arrays import Array

EXPRESSIBLE, BEYOND = 9, 4
"""Terms: a constant and eight features; four other features."""


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
