"""The minimum of a softmax head's penalised loss and a bound on what is left above it: the arithmetic of `heads.logistic`.

Newton in the coordinates of the features' spectrum, each brought to variance one, where gradients have no unit and badly
scaled or collinear columns do no harm. Each step is found by conjugate gradients, preconditioned by the curvature that all
classes share, which for two classes is all there is: one factorisation, one step. Equations are those of `heads.logistic`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, helmert
from scipy.special import kl_div, logsumexp, softmax

from ..theory.arrays import Array
from .spectrum import spectrum_of

GRADIENT = 1e-11
"""Norm of the gradient at which a fit ends, in coordinates of variance one: no unit, of order 1 at the start."""
STEPS = 200
STILL_MOVING = 1e-3
"""Size of the last Newton step of the logits above which there is no minimiser: at one, steps vanish."""


class NoMinimiser(ValueError):
    """Without a penalty some classes are separable, and coefficients grow without end."""


@dataclass(frozen=True)
class Problem:
    """Rows in coordinates of variance one with a column of ones, ``rows (n, r + 1)``, and targets ``(n, c)``.

    ``basis (d, r)``: coordinates are (X - mean) basis; ``inverse (r, d)``: the way back. ``contrasts (c - 1, c)``: an
    orthonormal basis of the logits that sum to zero over the classes, for a common one changes nothing.
    ``variances (r + 1,)``: what a penalty without unit is multiplied by.
    """

    rows: Array
    targets: Array
    basis: Array
    inverse: Array
    mean: Array
    contrasts: Array
    variances: Array

    @classmethod
    def of(cls, features: Array, targets: Array, equal_lengths: bool) -> Problem:
        spectrum = spectrum_of(features, np.zeros((len(features), 1)), True, equal_lengths)
        scales = np.sqrt(spectrum.squares / spectrum.rows)
        basis = spectrum.basis / scales
        inverse = np.asarray(np.linalg.pinv(basis)) if equal_lengths else spectrum.basis.T * scales[:, None]
        rows = np.column_stack([(features - spectrum.feature_mean) @ basis, np.ones(len(features))])
        variances = np.append(spectrum.mean_variance / scales**2, 0.0)
        return cls(rows, targets, basis, inverse, spectrum.feature_mean, helmert(targets.shape[1]), variances)

    def mean_coefficients(self) -> Array:
        """Coefficients ``(r + 1, c - 1)`` of the head that says the mean of the targets."""
        theta = np.zeros((self.rows.shape[1], len(self.contrasts)))
        theta[-1] = self.contrasts @ np.log(self.targets.mean(axis=0))
        return theta

    def from_features(self, weights: Array, intercept: Array) -> Array:
        """Coefficients ``(r + 1, c - 1)`` of a head with ``weights (c, d)`` and ``intercept (c,)``."""
        shared = weights.T @ self.contrasts.T
        return np.vstack([self.inverse @ shared, intercept @ self.contrasts.T + self.mean @ shared])

    def to_features(self, theta: Array) -> tuple[Array, Array]:
        """Weights ``(c, d)`` and intercept ``(c,)`` of coefficients ``(r + 1, c - 1)``."""
        weights = self.basis @ theta[:-1] @ self.contrasts
        return weights.T, theta[-1] @ self.contrasts - self.mean @ weights

    def gradient(self, s: Array, theta: Array, damping: Array) -> Array:
        moments = self.rows.T @ ((s - self.targets) @ self.contrasts.T) / len(s)
        return moments + 2 * damping[:, None] * theta

    def moved(self, s: Array, step: Array) -> Array:
        """How much s changes with a step of the coefficients, to first order: ``(n, c)``."""
        logits = self.rows @ step @ self.contrasts
        return s * (logits - np.sum(s * logits, axis=1, keepdims=True))

    def loss(self, theta: Array, damping: Array) -> float:
        """(1) but for the entropy of the targets, which no head can change."""
        logits = self.rows @ theta @ self.contrasts
        fit = np.mean(logsumexp(logits, axis=1) - np.sum(self.targets * logits, axis=1))
        return float(fit + np.sum(damping[:, None] * theta**2))

    def probabilities(self, theta: Array) -> Array:
        return np.asarray(softmax(self.rows @ theta @ self.contrasts, axis=1))


def minimum(problem: Problem, damping: Array, theta: Array) -> Array:
    """Coefficients of the minimum, by Newton steps that are halved until the loss falls enough. Raises NoMinimiser."""
    for _ in range(STEPS):
        s = problem.probabilities(theta)
        gradient = problem.gradient(s, theta, damping)
        size = float(np.linalg.norm(gradient))
        step = _newton_step(problem, s, gradient, damping, accuracy=min(0.1, size))
        if size <= GRADIENT:
            if not damping.any() and np.abs(problem.rows @ step).max() > STILL_MOVING:
                break
            return np.asarray(theta + step)
        slope, length = float(np.sum(gradient * step)), 1.0
        if slope < -1e-13:  # below, values of the loss are round-off, and the whole step is right
            before = problem.loss(theta, damping)
            while (
                problem.loss(theta + length * step, damping) > before + 1e-4 * length * slope
                and length > 1e-10
            ):
                length /= 2
        theta = theta + length * step
    raise NoMinimiser(
        "without a penalty (or with one near 0) these classes can be told apart without error, so that coefficients grow "
        "without end; give a penalty > 0, such as 1e-6"
    )


def _newton_step(problem: Problem, s: Array, gradient: Array, damping: Array, accuracy: float) -> Array:
    """-H^-1 gradient to a relative residual, by preconditioned conjugate gradients; H the Hessian of (1) at s."""
    shared = (1 - np.sum(s**2, axis=1)) / (len(problem.contrasts) * len(s))
    weighted = problem.rows * np.sqrt(shared)[:, None]
    curvature = weighted.T @ weighted
    curvature[np.diag_indices_from(curvature)] += 2 * damping + 1e-14 * np.trace(curvature) + 1e-290
    try:
        factor = cho_factor(curvature, overwrite_a=True, check_finite=False)
    except LinAlgError as error:
        raise NoMinimiser("the curvature vanishes; give a penalty > 0, such as 1e-6") from error
    step, residual = np.zeros_like(gradient), -gradient
    direction = solved = cho_solve(factor, residual, check_finite=False)
    product = float(np.sum(residual * solved))
    goal = accuracy * np.linalg.norm(gradient)
    for _ in range(10 * gradient.size):
        moved = problem.moved(s, direction) @ problem.contrasts.T
        curved = problem.rows.T @ moved / len(s) + 2 * damping[:, None] * direction
        along = float(np.sum(direction * curved))
        if along <= 0:
            break
        step, residual = step + product / along * direction, residual - product / along * curved
        if np.linalg.norm(residual) <= goal:
            break
        solved = cho_solve(factor, residual, check_finite=False)
        product, before = float(np.sum(residual * solved)), product
        direction = solved + product / before * direction
    return step if np.any(step) else direction


def gap(problem: Problem, damping: Array, theta: Array) -> float:
    """Equation (2) at coefficients ``theta``."""
    s = problem.probabilities(theta)
    p = s
    if not damping.any():
        p = s + problem.moved(
            s, _newton_step(problem, s, problem.gradient(s, theta, damping), damping, 1e-12)
        )
        if p.min() < 0:
            return float("inf")
    # A constant q mixed in, p <- (1 - t) p + t q, gives p the means of the targets; t is as small as it can be.
    wanted, found = problem.targets.mean(axis=0), p.mean(axis=0)
    t = float(np.max((found - wanted) / found))
    if t > 0:
        p = (1 - t) * p + (wanted - (1 - t) * found)
    missed = problem.gradient(p, theta, damping)[:-1]
    divergence = float(np.mean(np.sum(np.maximum(kl_div(np.maximum(p, 0.0), s), 0.0), axis=1)))
    if damping.any():
        return divergence + float(np.sum(missed**2 / (4 * damping[:-1, None])))
    return divergence + float(np.linalg.norm(missed) * np.linalg.norm(theta))
