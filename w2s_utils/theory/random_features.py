"""A student of endless or many random features, trained by gradient flow on what a teacher of few of them says.

**The flow.** A student that is linear in its features starts from 0 and follows the gradient of |f - w|^2 / 2, the population
loss on its teacher w, until the time T. Along each eigenfunction of its kernel, of eigenvalue lambda_j, it has then learned

    P_j f = (1 - exp(-lambda_j T)) P_j w,                                                               (1)

so errors need three numbers of each part: its rate lambda_j, the energy |P_j w|^2, and the overlap <P_j g, w> with the truth.

**The limit.** That no such student is better than quadratic is a theorem of Medvedev, Lyu, Yu, Arora, Li, Srebro (2025, arXiv
2503.02877); the form with its constant and the proof are ours. Let w be the projection of g, |g| = 1, on any features, with
the error L = |w - g|^2, so that <w, g> = |w|^2 = 1 - L. A student f = A w with 0 <= A <= I, as (1) at any T, obeys
<f, w - f> >= 0: it lies in the ball with the diameter from 0 to w. The distance of g from that ball is

    |f - g| >= (sqrt(1 + 3 L) - sqrt(1 - L)) / 2,   whose square is L^2 + O(L^3):                       (2)

no student of this kind is better than quadratic.

**ReLU units** relu(u.x), u a unit vector, x uniform on the sphere of radius sqrt(d). Two of them at the angle a have the
inner product K(cos a) = (sin a + (pi - a) cos a) / (2 pi), and x_1 has u_1 / 2 with one. K = sum k_l P_l in Legendre
polynomials of dimension d, P_l(1) = 1; part l of a unit is its harmonic of degree l. Endless random units have the kernel K
too, with eigenvalue k_l / N_l, N_l the number of harmonics of degree l.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb, pi

import numpy as np
from scipy.linalg import eigh, solve
from scipy.special import gammaln

from .arrays import Array
from .misfit import ErrorTriple

DEGREES = 13
"""Harmonic degrees that are taken one by one, from 0; all higher ones together learn at the rate of the next even degree."""
TIMES = 200


def least_student_error(weak_error: Array) -> Array:
    """The square of equation (2), for weak errors in [0, 1]."""
    return np.asarray((np.sqrt(1 + 3 * weak_error) - np.sqrt(1 - weak_error)) ** 2 / 4)


@dataclass(frozen=True, eq=False)
class Flow:
    """A teacher in the parts of its student's kernel: ``rates``, ``energies`` and ``overlaps``, ``(parts,)`` each.

    The truth has length 1. A part of rate 0 is outside the student's features.
    """

    rates: Array
    energies: Array
    overlaps: Array

    def at(self, times: Array) -> ErrorTriple:
        """Errors at ``times (k,)``, by equation (1), ``(k,)`` each."""
        left = np.exp(-np.multiply.outer(times, self.rates))
        student = 1 - 2 * (1 - left) @ self.overlaps + (1 - left) ** 2 @ self.energies
        weak = 1 - 2 * self.overlaps.sum() + self.energies.sum()
        return ErrorTriple(np.full(len(times), weak), student, left**2 @ self.energies)

    def best_time(self) -> float:
        """The time of least student error: an oracle, which knows the truth. By three grids, each finer."""
        fastest, slowest = self.rates.max(), self.rates[self.rates > 0].min()
        grid = np.geomspace(1e-2 / fastest, 1e2 / slowest, TIMES)
        for _ in range(3):
            k = int(np.argmin(self.at(grid).student_error))
            grid = np.geomspace(grid[max(k - 1, 0)], grid[min(k + 1, TIMES - 1)], TIMES)
        return float(grid[int(np.argmin(self.at(grid).student_error))])


def linear_flow(weak_error: float, ratio: float) -> Flow:
    """Linear units on x ~ N(0, diag(1, psi, ..., psi)), truth x_1, a student of endless units; ``ratio`` psi.

    A projection with the error L has 1 - L along the truth, and the energy (1 - L) L in the psi-directions.
    """
    along = 1 - weak_error
    return Flow(np.array([1.0, ratio]), np.array([along**2, along * weak_error]), np.array([along, 0.0]))


def linear_weak_error(top: Array, rest: Array, ratio: float) -> Array:
    """L of a teacher of M linear units: 1 / (1 + q), q = ``top`` / (psi ``rest``), chi-squares of M and D - M + 1.

    Unit i is (r_i, sqrt(psi) b_i), all coordinates standard normal, b in D > M dimensions. The projection of x_1 has
    q / (1 + q) of it, with q = r'(psi B'B)^-1 r, and r'r / r'(B'B)^-1 r is chi-square of D - M + 1, independent of r.
    """
    return np.asarray(1 / (1 + top / (ratio * rest)))


def relu_kernel(cosines: Array) -> Array:
    """K of the inner products of unit vectors, any shape."""
    clipped = np.clip(cosines, -1, 1)
    angles = np.arccos(clipped)
    return np.asarray((np.sin(angles) + (pi - angles) * clipped) / (2 * pi))


def harmonics(dimension: int, degree: int) -> int:
    """N_l, the number of harmonics of a degree on the sphere in d >= 3 dimensions."""
    lower = comb(degree + dimension - 3, dimension - 1) if degree >= 2 else 0
    return comb(degree + dimension - 1, dimension - 1) - lower


def legendre(dimension: int, cosines: Array) -> Iterator[Array]:
    """P_0, P_1, ... of dimension d at ``cosines``, without end."""
    before, now = np.zeros_like(cosines), np.ones_like(cosines)
    degree = 0
    while True:
        yield now
        following = (2 * degree + dimension - 2) * cosines * now - degree * before
        before, now = now, following / (degree + dimension - 2) if degree else cosines.copy()
        degree += 1


def relu_parts(dimension: int, degrees: int) -> tuple[Array, Array]:
    """k_l and the eigenvalues k_l / N_l for the first degrees >= 2, ``(degrees,)`` each; odd ones above 1 are 0. d >= 3.

    The eigenvalue is the square of mu_l = E relu(sqrt(d) t) P_l(t), t one coordinate of the unit sphere: mu_0 = E relu,
    mu_1 = 1 / (2 sqrt(d)), and for even l, by the formula of Rodrigues, mu_l / mu_(l-2) = -(l - 3) / (l + d - 1).
    """
    means = np.zeros(degrees)
    means[0] = (
        np.sqrt(dimension) * np.exp(gammaln(dimension / 2) - gammaln((dimension + 1) / 2)) / (2 * np.sqrt(pi))
    )
    means[1] = 1 / (2 * np.sqrt(dimension))
    for degree in range(2, degrees, 2):
        means[degree] = -means[degree - 2] * (degree - 3) / (degree + dimension - 1)
    counts = np.array([harmonics(dimension, degree) for degree in range(degrees)], dtype=float)
    return counts * means**2, means**2


@dataclass(frozen=True, eq=False)
class ReluTeacher:
    """The projection of x_1 on ReLU ``units (M, d)``, rows of length 1, d >= 3; raises LinAlgError where two are equal."""

    units: Array
    weights: Array

    @classmethod
    def of(cls, units: Array) -> ReluTeacher:
        """The best output layer on these units, over the whole sphere."""
        return cls(units, solve(relu_kernel(units @ units.T), units[:, 0] / 2, assume_a="pos"))

    @property
    def weak_error(self) -> float:
        """L = 1 - <w, g>."""
        return float(1 - self.weights @ self.units[:, 0] / 2)

    def endless(self) -> Flow:
        """Its parts for a student of endless units: harmonic degrees, and what lies beyond them."""
        dimension = self.units.shape[1]
        sizes, rates = relu_parts(dimension, DEGREES + 2)
        cosines, along = self.units @ self.units.T, 1 - self.weak_error
        forms = (self.weights @ p @ self.weights for p in legendre(dimension, cosines))
        energies = sizes[:DEGREES] * np.fromiter(forms, float, DEGREES)
        known = np.flatnonzero(rates[:DEGREES] > 0)
        overlaps = np.where(known == 1, along, 0.0)
        energies = energies[known]
        return Flow(
            np.append(rates[known], rates[DEGREES + 1]),
            np.append(energies, max(along - energies.sum(), 0.0)),
            np.append(overlaps, 0.0),
        )

    def of_student(self, values: Array, vectors: Array, student_units: Array) -> Flow:
        """Its parts for a student of some units: ``values (K,)`` and ``vectors (K, K)`` from `relu_spectrum`, time / K."""
        towards_teacher = vectors.T @ (relu_kernel(student_units @ self.units.T) @ self.weights)
        towards_truth = vectors.T @ (student_units[:, 0] / 2)
        energies, overlaps = towards_teacher**2 / values, towards_teacher * towards_truth / values
        along = 1 - self.weak_error
        return Flow(
            np.append(values / len(values), 0.0),
            np.append(energies, along - energies.sum()),
            np.append(overlaps, along - overlaps.sum()),
        )


def relu_spectrum(units: Array) -> tuple[Array, Array]:
    """Eigenvalues and eigenvectors of the Gram matrix of ReLU units ``(K, d)``."""
    values, vectors = eigh(relu_kernel(units @ units.T), driver="evd", check_finite=False)
    return values, vectors


def on_sphere(count: int, dimension: int, generator: np.random.Generator) -> Array:
    """Random unit vectors, ``(count, dimension)``."""
    drawn = generator.normal(size=(count, dimension))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))
