"""Bregman divergences: the distances for which gain and misfit are compared as squared distance is (`theory.misfit`).

For a strictly convex function phi, D(p, q) = phi(p) - phi(q) - <grad phi(q), p - q> >= 0, and 0 only at p = q. It is no
metric: the order of its arguments says which of the two is trusted. For truth g, weak model w and student s

    weak error = D(g, w)     student error = D(g, s)     misfit = D(s, w)     gain = weak error - student error

**The identity.** By the definition of D alone, row by row, with no convexity of any class and no fit,

    gain_i = misfit_i + <grad phi(s_i) - grad phi(w_i), g_i - s_i>.                                     (1)

**Convex classes** (Mulgund, Pabbaraju 2025, arXiv 2501.19105). If s is the element of a convex class of functions that
minimises mean D(s, w), *the student in the first place*, then the segment from s to f stays in the class, and the
derivative along it cannot be negative: mean <grad phi(s) - grad phi(w), f - s> >= 0 for all f of the class. Where the truth
is one of them, the mean of (1) is gain >= misfit.

**Means.** Of w_1, ..., w_K the *dual mean* s, grad phi(s) = mean grad phi(w_k), minimises mean_k D(s, w_k), the arithmetic
mean m minimises mean_k D(w_k, m), and by (1), for every f,

    mean_k D(f, w_k) - D(f, s) = mean_k D(s, w_k),     mean_k D(w_k, f) - D(m, f) = mean_k D(w_k, m).   (2)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, kl_div, logit, softmax

from .arrays import Array, Number, matched, numbers, plain, probabilities

Function = Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class Divergence:
    """One divergence, with phi a sum over the entries of its arguments; SQUARED and the others below are all there are.

    ``between(p, q)``, ``slope`` phi', ``curvature`` phi'' and ``inverse`` of phi' (on probabilities of phi' up to a
    constant of the row) check nothing. ``domain(name, values)`` checks values and returns them in float64.
    ``joint``: the columns of ``(n, c)`` are the probabilities of one row and their divergences add up; otherwise each column
    is a task of its own.
    """

    name: str
    between: Callable[[Array, Array], Array]
    slope: Function
    curvature: Function
    inverse: Function
    domain: Callable[[str, ArrayLike], Array]
    joint: bool = False

    def checked(self, **arrays: ArrayLike) -> list[Array]:
        """All in the domain and of one shape, ``(n,)`` or ``(n, tasks)``, or ``(n, c)`` where `joint`. Raises as `rows`."""
        return matched(**{name: self.domain(name, values) for name, values in arrays.items()})

    def rows(self, p: ArrayLike, q: ArrayLike) -> Array:
        """D(p, q) for each row, ``(n,)``, or ``(n, tasks)`` as the arguments: >= 0.

        Under a logarithm 0 log 0 is 0, and D is infinite where q is 0 and p is not. Raises TypeError for what are no numbers,
        ValueError for values outside the domain, NaN, infinity or shapes that differ.
        """
        first, second = self.checked(p=p, q=q)
        apart = np.maximum(self.between(first, second), 0.0)  # round-off next to 0 has either sign
        return np.asarray(apart.sum(axis=1) if self.joint else apart)

    def mean(self, p: ArrayLike, q: ArrayLike) -> Number:
        """Mean of D(p, q) over the rows: a float, or ``(tasks,)``. Raises as `rows`."""
        return plain(np.mean(self.rows(p, q), axis=0))

    def cross_terms(self, truth: ArrayLike, weak: ArrayLike, student: ArrayLike) -> Array:
        """The last term of equation (1), gain - misfit, for each row; any sign.

        Raises as `rows`, and ValueError where phi' of the student or the weak model is infinite and theirs is not one value.
        """
        g, w, s = self.checked(truth=truth, weak=weak, student=student)
        with np.errstate(divide="ignore", invalid="ignore"):
            towards = np.where(s == w, 0.0, self.slope(s) - self.slope(w))
        if not np.isfinite(towards).all():
            row = int(np.argmin(np.isfinite(towards).reshape(len(s), -1).all(axis=1)))
            raise ValueError(
                f"the {self.name} has no finite slope at a value of 0 or 1, as in row {row}; keep predictions off both ends"
            )
        terms = towards * (g - s)
        return np.asarray(terms.sum(axis=1) if self.joint else terms)

    def dual_mean(self, values: ArrayLike) -> Array:
        """The s of ``values (k, n)`` or ``(k, n, c)`` with phi'(s) = mean phi'(w_k), equation (2), ``(n,)`` or ``(n, c)``.

        Raises as `rows`, and ValueError where phi' of a value is infinite.
        """
        checked = [self.domain("values", one) for one in np.asarray(values)]
        with np.errstate(divide="ignore"):
            slopes = np.mean([self.slope(one) for one in checked], axis=0)
        if not np.isfinite(slopes).all():
            raise ValueError(
                f"the {self.name} has no finite slope at a value of 0 or 1; keep predictions off both ends"
            )
        return np.asarray(self.inverse(slopes))


def _squares(p: Array, q: Array) -> Array:
    with np.errstate(over="ignore"):
        squares = (p - q) ** 2
    if not np.isfinite(squares).all():
        raise ValueError("the squared differences leave double precision; give the targets a larger unit")
    return np.asarray(squares)


def _within(low: float, high: float, open_ends: bool) -> Callable[[str, ArrayLike], Array]:
    """The check that values lie between two ends, or strictly between them."""

    def domain(name: str, values: ArrayLike) -> Array:
        checked = numbers(name, values)
        outside = (checked < low) | (checked > high) | (open_ends & ((checked == low) | (checked == high)))
        if outside.any():
            ends = f"({low:g}, {high:g})" if open_ends else f"[{low:g}, {high:g}]"
            raise ValueError(f"{name} lies in {ends} for this divergence, not at {checked[outside][0]:g}")
        return checked

    return domain


def _itakura_saito(p: Array, q: Array) -> Array:
    ratio = p / q
    return np.asarray(ratio - 1 - np.log(ratio))


_SQUARE: tuple[Callable[[Array, Array], Array], Function, Function, Function] = (
    _squares,
    lambda q: 2 * q,
    lambda q: np.full_like(q, 2.0),
    lambda slope: slope / 2,
)
_ENTROPY: tuple[Callable[[Array, Array], Array], Function, Function] = (
    lambda p, q: np.asarray(kl_div(p, q)),
    np.log,
    lambda q: 1 / q,
)

SQUARED = Divergence("squared distance", *_SQUARE, domain=numbers)
"""(p - q)^2 of any numbers, phi = q^2: the distance of the main paper."""
BRIER = Divergence("Brier score", *_SQUARE, domain=probabilities, joint=True)
"""|p - q|^2 of probabilities: squared distance, added up over classes. At a class it is the Brier score."""
KL = Divergence("KL divergence", *_ENTROPY, partial(softmax, axis=1), domain=probabilities, joint=True)
"""sum p log(p / q) of probabilities, phi = sum q log q, in nats. At a class it is the log loss."""
GENERALISED_KL = Divergence("generalised KL divergence", *_ENTROPY, np.exp, domain=_within(0, np.inf, False))
"""p log(p / q) - p + q of numbers >= 0, such as counts."""
LOGISTIC = Divergence(
    "logistic divergence",
    lambda p, q: np.asarray(kl_div(p, q) + kl_div(1 - p, 1 - q)),
    logit,
    lambda q: 1 / (q * (1 - q)),
    expit,
    domain=_within(0, 1, False),
)
"""KL divergence of two classes by the probability of one of them."""
ITAKURA_SAITO = Divergence(
    "Itakura-Saito divergence",
    _itakura_saito,
    lambda q: -1 / q,
    lambda q: 1 / q**2,
    lambda slope: -1 / slope,
    domain=_within(0, np.inf, True),
)
"""p / q - log(p / q) - 1 of numbers > 0, phi = -log q: without unit, as for spectra and variances."""

ALL = (SQUARED, BRIER, KL, GENERALISED_KL, LOGISTIC, ITAKURA_SAITO)
