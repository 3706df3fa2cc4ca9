"""Ridge regression on Gaussian features: the fit of given rows, and its mean and second moment over all of them.

Behind each input stands z ~ N(0, I_p), and a function is linear in z: a vector ``(p,)``. The mean square of a function is its
squared length, distances of functions are those of vectors. Features of covariance diag(lambda) and a penalty
penalty * sum_i g_i b_i^2 are these z with *costs* c_i = g_i / lambda_i. A learner with m rows and labels y minimises

    |y - Z b|^2 / m + penalty * sum_i c_i b_i^2,                                                        (1)

without a penalty and with p > m the b of least sum c_i b_i^2 that fits all labels. It is ordinary ridge where costs are
equal, principal components come cheap where c_i rises, and a feature of infinite cost is not seen at all.

**Its deterministic equivalent.** For large m and p the minimiser behaves as if every coordinate were shrunk by itself. With

    a_i = 1 / (1 + tau c_i),     tau (1 - sum_i a_i / m) = penalty,     Omega = sum_i a_i^2 / m,        (2)

labels of a function w with noise sigma give a fit b with mean a_i w_i and second moment

    E b_i^2 = a_i^2 w_i^2 + a_i^2 / (m (1 - Omega)) * (sum_j (1 - a_j)^2 w_j^2 + sigma^2).              (3)

Derivation, in short. As in a regression with endless rows and the penalty tau every coordinate is shrunk by itself; of m rows
each pulls the fit towards its own label by its leverage, sum a / m in the mean, and what is left of tau is the penalty: (2).
The residual of a fresh label has the mean square T = sum_i E (b_i - w_i)^2 + sigma^2, each row moves b_i by about
a_i z_i (residual) / m, so var b_i = a_i^2 T / m and T = sum (1 - a)^2 w^2 + sigma^2 + Omega T, which gives T and (3). Error
and misfit of fits to fits follow: the rows of a student are independent of its teacher's, so w in (3) is the teacher.
The relative error is O(1 / p); notebooks 54, 55 and 59 hold (3) against draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve
from scipy.optimize import brentq

from .arrays import Array
from .misfit import ErrorTriple


class Moments(NamedTuple):
    """``mean (p,)`` and ``second (p,)``, mean of the square, of each coordinate of a function that may be random."""

    mean: Array
    second: Array


def known(function: Array) -> Moments:
    """The moments of a given function ``(p,)``."""
    return Moments(function, function**2)


def fit(features: Array, labels: Array, costs: Array, penalty: float) -> Array:
    """The minimiser of (1) on given rows, ``(p,)`` or ``(p, k)``.

    ``features (m, p)``; ``labels (m,)``, or ``(m, k)`` for several functions at the price of one; ``costs (p,)`` > 0,
    infinite for a feature that is not seen; ``penalty`` >= 0. Raises `scipy.linalg.LinAlgError` where there is no unique one.
    """
    rows, cheap = len(features), 1 / costs
    seen = features if cheap.all() else features[:, cheap > 0]
    if rows >= seen.shape[1]:
        gram = seen.T @ seen
        gram.flat[:: len(gram) + 1] += rows * penalty * costs[cheap > 0]
        fitted = np.zeros((features.shape[1], *labels.shape[1:]))
        fitted[cheap > 0] = solve(gram, seen.T @ labels, assume_a="pos")
        return fitted
    cheap_features = features * cheap
    gram = cheap_features @ features.T
    gram.flat[:: len(gram) + 1] += rows * penalty
    return np.asarray(cheap_features.T @ solve(gram, labels, assume_a="pos"))


@dataclass(frozen=True, eq=False)
class Ridge:
    """A learner: ``costs (p,)`` > 0 or infinite, its number of ``rows`` m >= 1, its ``penalty`` >= 0.

    Without a penalty the number of features of finite cost must differ from m: there the error is infinite (ValueError).
    """

    costs: Array
    rows: int
    penalty: float = 0.0

    def __post_init__(self) -> None:
        if not np.all(self.costs > 0) or self.rows < 1 or not self.penalty >= 0:
            raise ValueError("costs are above 0, rows 1 or more, a penalty 0 or more")
        if self.penalty == 0 and self.rows == np.isfinite(self.costs).sum():
            raise ValueError(f"with {self.rows} rows and features, and no penalty, the error is infinite")

    @cached_property
    def scale(self) -> float:
        """tau of equation (2), >= penalty; 0 for least squares with more rows than features."""
        cheap = 1 / self.costs[np.isfinite(self.costs)]
        count = len(cheap)
        if self.penalty == 0 and count < self.rows:
            return 0.0

        def excess(logarithm: float) -> float:  # rises in tau
            tau = np.exp(logarithm)
            return float(1 - np.sum(cheap / (cheap + tau)) / self.rows - self.penalty / tau)

        low = max(self.penalty, (count / self.rows - 1) * cheap.min())
        high = self.penalty + cheap.sum() / self.rows
        ends = np.log(low) - 1e-9, np.log(high) + 1e-9  # where (2) holds at an end, round-off has either sign
        return float(np.exp(brentq(excess, *ends, xtol=1e-14, rtol=1e-14)))

    @cached_property
    def kept(self) -> Array:
        """a of equation (2): the share that the learner keeps of each coordinate of a function, ``(p,)`` in [0, 1]."""
        return 1 / (1 + self.scale * self.costs) if self.scale else np.isfinite(self.costs).astype(float)

    @cached_property
    def freedom(self) -> float:
        """Omega of equation (2), in [0, 1): squared degrees of freedom for each row."""
        return float(np.sum(self.kept**2) / self.rows)

    def expect(self, function: Moments, noise: float = 0.0) -> Moments:
        """Equation (3): the moments of what it learns from labels of a function; ``noise``: their standard deviation."""
        missed = np.sum((1 - self.kept) ** 2 * function.second) + noise**2
        spread = missed / (self.rows * (1 - self.freedom))
        return Moments(self.kept * function.mean, self.kept**2 * (function.second + spread))

    def draw(self, function: Array, generator: np.random.Generator, noise: float = 0.0) -> Array:
        """What it learns from one draw of its rows and of the noise: a function ``(p,)``."""
        features = generator.normal(size=(self.rows, len(function)))
        labels = features @ function
        if noise:
            labels += noise * generator.normal(size=self.rows)
        return fit(features, labels, self.costs, self.penalty)


def expected_error(truth: Array, learned: Moments) -> float:
    """Mean squared distance of what was learned from a truth ``(p,)``."""
    return float(np.sum(truth**2 - 2 * truth * learned.mean + learned.second))


def expected_triple(truth: Array, teacher: Moments, student: Ridge) -> ErrorTriple:
    """Means of weak error, student error and misfit, for a student with exact labels of a teacher on rows of its own.

    ``teacher``: of `known` for a given one, of `Ridge.expect` for one that learned from labels of the truth ``(p,)``.
    """
    learned = student.expect(teacher)
    misfit = float(np.sum((1 - 2 * student.kept) * teacher.second + learned.second))
    return ErrorTriple(expected_error(truth, teacher), expected_error(truth, learned), misfit)


def drawn_triple(
    truth: Array, teacher: Array | Ridge, student: Ridge, generator: np.random.Generator, noise: float = 0.0
) -> ErrorTriple:
    """The same of one draw: the teacher is a function ``(p,)``, or learns from its rows with so much noise."""
    weak = teacher.draw(truth, generator, noise) if isinstance(teacher, Ridge) else teacher
    strong = student.draw(weak, generator)
    errors = (float(np.sum(apart**2)) for apart in (weak - truth, strong - truth, strong - weak))
    return ErrorTriple(*errors)
