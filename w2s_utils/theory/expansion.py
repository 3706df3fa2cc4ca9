"""Expansion on finite graphs: bounds on a student's error on rows that its teacher labels, and on rows that it does not.

Rows have weights, a true class of two, a teacher's class or none, and neighbours. For one true class i, S is what the teacher
labels, S_good and S_bad where it is right and wrong, alpha = P(S_bad | S), T what it does not label. A function f is *robust*
on a row where it says the same on all of its neighbours: the set R(f), its complement R'. Sets A and B have a (c, q) expansion
for a family of sets when P(N(U) | A) >= c P(U | B) for each U in it with P(U | B) > q; N(U) are all neighbours of U.

Source: Lang, Sontag, Vijayaraghavan (2024), arXiv 2405.16043, theorems 4.1, 4.2, B.1, B.2. Each proof counts how often f
disagrees with the teacher. Where f is right and robust on a set V of S_good, its neighbours in S_bad are right too, and each
of those disagrees; with two classes and e = P(f != teacher | S) that is

    P(f wrong | S) = e - alpha + 2 P(S_bad, f wrong | S) <= e + alpha - 2 alpha c P(V | S_good).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import Array

UNLABELLED = -1
"""What stands in the place of a teacher's class where it gives none."""


class Rates(NamedTuple):
    """Largest c of one class, in [0, 1]: S_good to S_bad, T to S_good (mistakes), T to S_bad (what is right)."""

    correction: float
    mistakes: float
    rights: float


class Graph(NamedTuple):
    """``weights (n,)`` of sum 1, ``truth (n,)`` of 0, 1, ``teacher (n,)`` also `UNLABELLED`, ``neighbours (n, n)``."""

    weights: Array
    truth: NDArray[np.integer]
    teacher: NDArray[np.integer]
    neighbours: NDArray[np.bool_]

    def robust(self, said: NDArray[np.integer]) -> NDArray[np.bool_]:
        """R(f) of functions ``said (functions, n)``, classes 0 and 1: ``(functions, n)``."""
        beside = self.neighbours.astype(float)
        ones = said @ beside.T  # how many neighbours get class 1
        return np.where(said == 1, ones == beside.sum(axis=1), ones == 0)

    def share(self, inside: NDArray[np.bool_], of: NDArray[np.bool_]) -> Array:
        """P(inside | of) for sets ``inside (..., n)`` and one set ``of (n,)``; raises ValueError where that has no weight."""
        whole = self.weights[of].sum()
        if not whole > 0:
            raise ValueError("a share of a set without weight")
        return np.asarray((inside & of) @ self.weights / whole)

    def parts(self, which: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """S_good, S_bad and T of class ``which``, each ``(n,)``."""
        own, told = self.truth == which, self.teacher != UNLABELLED
        right = self.teacher == self.truth
        return own & told & right, own & told & ~right, own & ~told

    def rate(
        self, sets: NDArray[np.bool_], to: NDArray[np.bool_], among: NDArray[np.bool_], q: float
    ) -> float:
        """Largest c in [0, 1] with P(N(U) | to) >= c P(U | among) for each of ``sets (k, n)`` with P(U | among) > q."""
        held = self.share(sets, among)
        reached = self.share((sets & among).astype(float) @ self.neighbours.astype(float) > 0, to)
        counted = held > q
        return float(np.min(reached[counted] / held[counted], initial=1.0))

    def rates(self, said: NDArray[np.integer], which: int, q: float) -> Rates:
        """The three rates of class ``which`` for the class of functions ``said (functions, n)``."""
        good, bad, beyond = self.parts(which)
        robust, right = self.robust(said), said == self.truth
        return Rates(
            self.rate(robust & right, bad, good, q),
            self.rate(robust & ~right, good, beyond, q),
            self.rate(robust & right, bad, beyond, q),
        )


def corrected(alpha: float, c: float, disagreement: Array, loose: Array) -> Array:
    """Theorem 4.1: bound on P(f wrong | S) from ``disagreement`` P(f != teacher | S) and ``loose`` P(R' | S), any shape.

    Holds where `corrected_applies`. ``alpha`` < 1/2.
    """
    return np.asarray(2 * alpha / (1 - 2 * alpha) * loose + disagreement + alpha * (1 - 1.5 * c))


def corrected_applies(alpha: float, c: float, q: float, either: Array) -> NDArray[np.bool_]:
    """Conditions of theorem 4.1; ``either``: P(f != teacher or not robust | S). False for alpha >= 1/2 and c = 0."""
    return (c > 0) & (q < 0.75 * (1 - 2 * alpha)) & (np.asarray(either) <= (1 - alpha + 3 * c * alpha) / 4)


def corrected_tightly(alpha: float, c: float, disagreement: Array, loose: Array) -> Array:
    """Theorem B.1, which needs P(f right and robust | S_good) > q: with c' = c / (1 - alpha + c alpha),

    P(f wrong | S) <= (e - alpha (2 c' - 1) + 2 c' alpha P(R' | S)) / (1 - 2 c' alpha).

    An equality for c = 1 and R' empty, (e - alpha) / (1 - 2 alpha), where f and teacher err independently. ``alpha`` < 1/2.
    """
    scaled = c / (1 - alpha + c * alpha)
    return np.asarray(
        (disagreement - alpha * (2 * scaled - 1) + 2 * scaled * alpha * loose) / (1 - 2 * scaled * alpha)
    )


def covered(
    alpha: float, mistakes: float, rights: float, q: float, disagreement: Array, loose: Array
) -> Array:
    """Theorem B.2: bound on P(f wrong | T) with two rates, c1 of ``mistakes`` and c2 of ``rights``; ``loose`` is P(R' | T).

    With both equal to c it is theorem 4.2. Infinite where c1 (1 - alpha) <= c2 alpha, so that nothing follows. Holds where
    `covered_applies`.
    """
    below = mistakes - (mistakes + rights) * alpha
    if below <= 0:
        return np.full(np.shape(disagreement), np.inf)
    robust = np.maximum(q, (disagreement - rights * alpha) / below)
    return np.asarray((1 + rights * alpha / below) * loose + robust)


def covered_applies(alpha: float, c: float, q: float, disagreement: Array, loose: Array) -> NDArray[np.bool_]:
    """Condition of theorem 4.2 for one rate c: P(f != teacher | S) + P(R' | T) < c (1 - q - alpha); and alpha < 1/2."""
    return (alpha < 0.5) & (np.asarray(disagreement) + loose < c * (1 - q - alpha))
