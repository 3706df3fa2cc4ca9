"""The error triple, the gain and the misfit, and what the theorems say of them. Pure numpy.

Notation of the paper (Charikar, Pabbaraju, Shiragur 2024), for functions on the same rows: truth g = f* o h*, weak model
w = f_w o h_w, student p = f_sw o h_s (the strong model fitted on the weak labels), and s, the element of the strong class
that is nearest to the truth. Distances are mean squares over rows, <a, b> = mean(a b) and |a|^2 = <a, a>:

    weak error = |w - g|^2     student error = |p - g|^2     misfit = |p - w|^2     gain = weak error - student error

**The identity.** For any three numbers, (w - g)^2 = ((w - p) + (p - g))^2 gives

    gain_i = misfit_i + 2 (p_i - w_i)(g_i - p_i),                                                       (1)

so gain and misfit differ by the *cross term* alone, whatever the class, the fit or the rows.

**Theorem 1.** Let p be the element of a convex class V that is nearest to w. Then for every f in V the segment from p to f
stays in V, and the derivative of |p + t (f - p) - w|^2 at t = 0 cannot be negative:

    <p - w, f - p> >= 0   for all f in V.                                                               (2)

If the truth lies in V, f = g turns the cross term into something that is never negative: gain >= misfit. If V is a
subspace, p - (f - p) lies in V too, (2) holds with equality, and gain = misfit.

**Theorem 2, with explicit constants.** If the truth is outside V, at squared distance eps = |g - s|^2, split
g - p = (s - p) + (g - s): the first part is covered by (2) with f = s, the second by Cauchy-Schwarz:

    gain - misfit = 2 <p - w, s - p> + 2 <p - w, g - s> >= -2 sqrt(misfit * eps).                        (3)

For a subspace the first part is zero: gain - misfit = -2 <w - p, g - s> exactly, hence |gain - misfit| <= 2 sqrt(misfit eps).
(2) and (3) hold on the rows on which p was found; on fresh rows they hold up to sampling error, (1) holds everywhere.

Other distances than the squared one have (1) and theorem 1 too, with the arguments in one order: `theory.divergences`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Array, Number, matched, numbers, plain
from .divergences import SQUARED, Divergence


@dataclass(frozen=True)
class ErrorTriple:
    """The three errors on one set of rows, in squared target units or a divergence's; floats, or arrays ``(tasks,)``.

    ``weak_error`` |w - g|^2, ``student_error`` |p - g|^2, ``misfit`` |p - w|^2, or D(g, w), D(g, p), D(p, w), all >= 0;
    ``ceiling``: the error of the strong model fitted on the truth, where it is known. Errors may be infinite, where a model
    gives a probability of 0 to what happens; a difference of two infinite ones raises ValueError.
    """

    weak_error: Number
    student_error: Number
    misfit: Number
    ceiling: Number | None = None

    @property
    def gain(self) -> Number:
        """weak error - student error; positive where the student beats its teacher."""
        return _difference(self.weak_error, self.student_error)

    @property
    def cross_term(self) -> Number:
        """gain - misfit = mean of 2 (p - w)(g - p), equation (1)."""
        return _difference(self.gain, self.misfit)

    @property
    def pgr(self) -> Number:
        """Performance gap recovered, gain / (weak error - ceiling): 0 at the teacher's error, 1 at the ceiling.

        NaN where the ceiling is not below the weak error, for there is no gap then. Raises ValueError without a ceiling.
        """
        if self.ceiling is None:
            raise ValueError(
                "the performance gap recovered needs a ceiling: pass the ceiling model's predictions"
            )
        gap = np.asarray(_difference(self.weak_error, self.ceiling), dtype=float)
        recovered = np.full(gap.shape, np.nan)
        np.divide(self.gain, gap, out=recovered, where=gap > 0)
        return plain(recovered)


def squared_distance(a: ArrayLike, b: ArrayLike) -> Number:
    """Mean squared distance d(a, b) = mean (a - b)^2 between two predictions on the same rows.

    ``a``, ``b``: ``(n,)`` or ``(n, tasks)``, target units, n >= 1. Returns squared target units, >= 0: a float, or
    ``(tasks,)``. Raises TypeError for values that are not real numbers, ValueError for differing shapes (nothing is
    broadcast), no rows, NaN, infinity, or differences too large to be squared (above 1e150).
    """
    return SQUARED.mean(*matched(a=a, b=b))


def error_triple(
    truth: ArrayLike,
    weak: ArrayLike,
    student: ArrayLike,
    ceiling: ArrayLike | None = None,
    divergence: Divergence = SQUARED,
) -> ErrorTriple:
    """Weak error, student error and misfit on the same rows; with ``ceiling`` (predictions) its error too.

    All arguments ``(n,)`` or ``(n, tasks)``, target units, one shape for all; probabilities ``(n, c)`` for some divergences.
    Errors are D(truth, prediction), the misfit D(student, weak). Raises as `divergences.Divergence.rows`.
    """
    given = {"truth": truth, "weak": weak, "student": student}
    if ceiling is not None:
        given["ceiling"] = ceiling
    checked = dict(zip(given, divergence.checked(**given), strict=True))
    truth, weak, student = checked["truth"], checked["weak"], checked["student"]
    return ErrorTriple(
        weak_error=divergence.mean(truth, weak),
        student_error=divergence.mean(truth, student),
        misfit=divergence.mean(student, weak),
        ceiling=divergence.mean(truth, checked["ceiling"]) if "ceiling" in checked else None,
    )


def cross_terms(truth: ArrayLike, weak: ArrayLike, student: ArrayLike) -> Array:
    """The cross term row by row, 2 (p_i - w_i)(g_i - p_i) = gain_i - misfit_i, equation (1).

    Arguments ``(n,)`` or ``(n, tasks)``; returns the same shape, squared target units, any sign. Raises as
    `squared_distance`.
    """
    return SQUARED.cross_terms(truth, weak, student)


def _difference(first: Number, second: Number) -> Number:
    """``first`` - ``second``; raises ValueError where both are infinite, for then it has no value."""
    if np.any(np.isinf(first) & (np.asarray(first) == second)):
        raise ValueError(
            "two errors are infinite, and their difference has no value: some model gives a probability of 0 to what "
            "happens; keep its predictions off 0 and 1"
        )
    return first - second


def cross_parts(
    truth: ArrayLike, weak: ArrayLike, student: ArrayLike, nearest: ArrayLike
) -> tuple[Number, Number]:
    """The two halves of the mean cross term in equation (3): 2 <p - w, s - p> and 2 <p - w, g - s>.

    ``nearest`` s: the element of the strong class that stands for the truth (its projection, or the fitted ceiling);
    arguments ``(n,)`` or ``(n, tasks)``. The first part is the student's own: on its training rows >= 0 for a convex
    class and 0 for a subspace, on fresh rows what finitely many rows and a penalty cost. The second is the class's: what
    the weak model gets right and the strong class cannot express makes it negative. They add up to gain - misfit. Raises
    as `squared_distance`.
    """
    truth, weak, student, nearest = matched(truth=truth, weak=weak, student=student, nearest=nearest)
    towards = 2 * (student - weak)
    return plain(np.mean(towards * (nearest - student), axis=0)), plain(
        np.mean(towards * (truth - nearest), axis=0)
    )


def theorem_1_slack(triple: ErrorTriple) -> Number:
    """gain - misfit, which theorem 1 says is >= 0 for a convex class that holds the truth (0 for a subspace)."""
    return triple.gain - triple.misfit


def theorem_2_bound(misfit: ArrayLike, epsilon: ArrayLike) -> Number:
    """Lower bound on the gain for a convex class at squared distance ``epsilon`` from the truth, equation (3).

    misfit - 2 sqrt(epsilon * misfit); ``misfit``, ``epsilon``: >= 0, squared target units, floats or ``(tasks,)``.
    Raises ValueError for negative values, NaN, infinity, or arrays of two shapes.
    """
    misfit, epsilon = numbers("misfit", misfit), numbers("epsilon", epsilon)
    if misfit.ndim and epsilon.ndim and misfit.shape != epsilon.shape:
        raise ValueError(
            f"misfit and epsilon are for the same tasks, but have shapes {misfit.shape} and {epsilon.shape}"
        )
    if np.any(misfit < 0) or np.any(epsilon < 0):
        raise ValueError("misfit and epsilon are mean squares, so neither is negative")
    return plain(misfit - 2 * np.sqrt(epsilon) * np.sqrt(misfit))


def exact_gap(
    truth: ArrayLike, weak: ArrayLike, truth_projection: ArrayLike, weak_projection: ArrayLike
) -> Number:
    """gain - misfit for a subspace, -2 <w - p, g - s>: what is left of equation (3) without Cauchy-Schwarz.

    ``truth`` g, ``weak`` w, and their projections s and p on the subspace; ``(n,)`` or ``(n, tasks)``, target units.
    Returns squared target units. Raises as `squared_distance`.
    """
    truth, weak, nearest, student = matched(
        truth=truth, weak=weak, truth_projection=truth_projection, weak_projection=weak_projection
    )
    return plain(-2 * np.mean((weak - student) * (truth - nearest), axis=0))
