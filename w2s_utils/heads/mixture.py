"""The mixture of given functions nearest to given labels under a Bregman divergence, with a certificate.

The class is the convex hull of k functions on n rows, F_1, ..., F_k, each ``(n,)`` or probabilities ``(n, c)``: softmax heads
are no convex class, their mixtures are. Its element s nearest to the labels w minimises, over weights a >= 0 that sum to 1,

    f(a) = mean D(s, w),     s = sum_j a_j F_j,     the student in the first place.                     (1)

**Certificate.** The *gap* max_j <grad f(a), a - e_j> is linear over the hull, so it is taken at a corner. f is convex, hence
f(a) - min f <= gap, and for every g of the hull <grad phi(s) - grad phi(w), g - s> >= -gap in the mean: gain >= misfit - gap
whatever the solver did (`theory.divergences`, equation 1).

**Solver.** Newton: to second order (1) is a weighted squared distance, whose nearest point of the hull is found exactly
(`linear.hull_weights`); the step towards it goes to the minimum along the line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from ..theory.arrays import Array, readable
from ..theory.divergences import ITAKURA_SAITO, Divergence
from .linear import hull_weights

ACCURACY = 1e-12
"""Gap at which the search ends, in units of the divergence that is minimised; before that where round-off stops it."""
STEPS = 500


@dataclass(frozen=True)
class Mixture:
    """``weights (k,)``, the ``values`` of the mixture on the rows, its ``gap`` >= 0 (the certificate), ``steps`` it took."""

    weights: Array
    values: Array
    gap: float
    steps: int


def nearest_mixture(
    functions: ArrayLike, labels: ArrayLike, divergence: Divergence, forward: bool = False
) -> Mixture:
    """The mixture s of ``functions (k, n)`` or ``(k, n, c)``, k >= 1, that minimises mean D(s, ``labels``), equation (1).

    ``forward``: minimises mean D(labels, s) instead, the order of cross-entropy training, for divergences that are convex in
    their second argument too, all but Itakura-Saito's. The gap is that of this objective; theorem 1 has no use for it.

    Raises TypeError for what are no numbers; ValueError for no functions, values outside the divergence's domain, shapes that
    differ, and labels at infinite divergence from every mixture (0 where functions are not, under a logarithm); with
    ``forward`` also functions at an end of the domain, and the Itakura-Saito divergence, where a gap would certify nothing.
    """
    if forward and divergence is ITAKURA_SAITO:
        raise ValueError(
            f"the {divergence.name} is not convex in its second argument: forward, no gap certifies a minimum"
        )
    table = np.asarray(readable(functions))
    if table.ndim < 2 or not len(table):
        raise ValueError(f"the hull is of functions (k, n) or (k, n, c), one at least, not {table.shape}")
    *given, target = divergence.checked(
        **{f"function {place}": one for place, one in enumerate(table)}, labels=labels
    )
    corners = np.array(given).reshape(len(given), -1)
    problem = _Problem(corners, target.ravel(), len(target), divergence, forward)
    equal = np.full(len(corners), 1 / len(corners))
    if not np.isfinite(problem.value(equal @ corners)):
        raise ValueError(
            f"the {divergence.name} of every mixture is infinite: the labels are at an end of its domain, such as a "
            "probability of 0, where functions are not; keep them off it"
        )
    with np.errstate(divide="ignore"):
        if forward and not np.isfinite(divergence.curvature(corners)).all():
            raise ValueError(
                f"forward, functions lie inside the domain of the {divergence.name}, not at 0 or 1"
            )
    # Entries where all functions agree cannot move: left out, also because a logarithm may end there.
    moving = np.ptp(corners, axis=0) > 0
    problem = replace(problem, corners=np.ascontiguousarray(corners[:, moving]), goal=problem.goal[moving])
    weights, gap, steps = _search(problem, equal)
    return Mixture(weights, np.tensordot(weights, np.array(given), 1), gap, steps)


@dataclass(frozen=True)
class _Problem:
    """Objective (1) for ``corners (k, m)`` and ``goal (m,)``, entries of all ``rows`` one after another."""

    corners: Array
    goal: Array
    rows: int
    divergence: Divergence
    forward: bool

    def value(self, s: Array) -> float:
        pair = (self.goal, s) if self.forward else (s, self.goal)
        return float(self.divergence.between(*pair).sum()) / self.rows

    def slope(self, s: Array) -> Array:
        """Derivative of (1) by each entry of s, times the rows."""
        if self.forward:
            return self.divergence.curvature(s) * (s - self.goal)
        return self.divergence.slope(s) - self.divergence.slope(self.goal)

    def gap(self, weights: Array) -> float:
        if not self.corners.size:
            return 0.0
        s = weights @ self.corners
        with np.errstate(divide="ignore", invalid="ignore"):
            steepest = float(np.max((s - self.corners) @ self.slope(s))) / self.rows
        return np.inf if np.isnan(steepest) else max(steepest, 0.0)


def _search(problem: _Problem, weights: Array) -> tuple[Array, float, int]:
    """Weights, their gap, and how many steps led to them; the last step is the one that round-off does not let lead on."""
    gap, steps = problem.gap(weights), 0
    best = weights, gap
    while gap > ACCURACY * problem.value(weights @ problem.corners) and steps < STEPS:
        towards, steps = _newton(problem, weights), steps + 1
        if (reached := problem.gap(towards)) >= gap:
            towards = _along(problem, weights, towards)
            if towards is weights:
                break
            reached = problem.gap(towards)
        weights, gap = towards, reached
        if gap < best[1]:
            best = weights, gap
    return *best, steps


def _newton(problem: _Problem, weights: Array) -> Array:
    """Weights of the point of the hull that is nearest to where Newton without a hull would go, in the curvature's metric."""
    s = weights @ problem.corners
    root = np.sqrt(problem.divergence.curvature(s))
    points = ((problem.corners - s) * root + problem.slope(s) / root).T
    return hull_weights(np.asarray(np.linalg.qr(points, mode="r")))


def _along(problem: _Problem, weights: Array, towards: Array) -> Array:
    """The weights between two where the objective is least; ``weights`` itself where it does not fall."""
    start, end = weights @ problem.corners, towards @ problem.corners
    step = end - start

    def rising(length: float) -> float:
        with np.errstate(all="ignore"):
            return float(
                np.nan_to_num(
                    problem.slope(start + length * step) @ step, nan=np.inf, posinf=1e300, neginf=-1e300
                )
            )

    if rising(1.0) <= 0:
        return towards
    if rising(0.0) >= 0:
        return weights
    length = brentq(rising, 0.0, 1.0, xtol=1e-15)
    return np.asarray((1 - length) * weights + length * towards)
