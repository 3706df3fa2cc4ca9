"""Multinomial logistic heads: the softmax head nearest to given classes or probabilities in forward KL, with a certificate.

For c classes, s = softmax(x W + b), and targets w (class numbers are w = 0 and 1), a fit minimises the convex function

    F(W, b) = mean KL(w || s) + penalty * v |W|^2,      v the mean feature variance,                    (1)

so that a penalty has no unit, as in `linear.RidgeHead`. For two classes W holds one direction twice, (-a/2, a/2).

**Certificate.** For any probabilities p, lse(z) >= <p, z> + H(p), H the entropy. If p has the means of w over the rows, the
rest of (1) is minimised over W and b by hand, which gives a lower bound on F at this distance from F(W, b):

    gap = mean KL(p || s) + |2 l W + mean x (p - w)'|^2 / 4 l,     l = penalty * v,                     (2)

so F(W, b) - min F <= gap whatever the solver did. With p = s it is the squared gradient over 4 l: strong convexity. Without a
penalty p must also have the moments mean x p' of w; then gap = mean KL(p || s), and s moved by one Newton step of the logits,
p = s (1 + dz - <s, dz>), has those moments.

**Solver.** Newton in the coordinates of the features' spectrum, each brought to variance one, where gradients have no unit
and badly scaled or collinear columns do no harm. Each step is found by conjugate gradients, preconditioned by the
curvature that all classes share, which for two classes is all there is: one factorisation, one step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve, helmert
from scipy.special import kl_div, log_softmax, logsumexp, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from ..theory.arrays import Array, is_real, is_whole, numbers, probabilities
from .base import unmasked
from .spectrum import spectrum_of

GRADIENT = 1e-11
"""Norm of the gradient at which a fit ends, in coordinates of variance one: no unit, of order 1 at the start."""
STEPS = 200
STILL_MOVING = 1e-3
"""Size of the last Newton step of the logits above which there is no minimiser: at one, steps vanish."""


class NoMinimiser(ValueError):
    """Without a penalty some classes are separable, and coefficients grow without end."""


class LogisticHead(ClassifierMixin, BaseEstimator):
    """Multinomial logistic regression on classes or probabilities, equation (1); the intercept is free of penalty.

    ``penalty``: a finite number >= 0, without unit. ``classes``: how many there are, where targets are numbers from 0 and some
    class may be missing; None takes those that occur. A class without any weight gets probability 0, the limit of its
    vanishing intercept. ``coef_ (c, d)``, ``intercept_ (c,)``, ``classes_ (c,)``.
    """

    classes_: NDArray[Any]
    coef_: Array
    intercept_: Array

    def __init__(self, penalty: float = 1e-3, classes: int | None = None):
        self.penalty = penalty
        self.classes = classes

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Minimise (1). ``X (n, d)``; ``y``: classes ``(n,)`` (numbers or names) or probabilities ``(n, c)``; returns self.

        Raises ValueError: NaN, infinity, no rows, differing lengths, targets that are no probabilities or outside the classes,
        one class alone, a penalty out of range; NoMinimiser; TypeError.
        """
        return self.path(X, y, [self.penalty])[0]._copied_to(self)

    def path(self, X: ArrayLike, y: ArrayLike, penalties: Sequence[float]) -> list[LogisticHead]:
        """One fitted head per penalty, in their order, from one decomposition and warm starts. Raises as `fit`."""
        features, targets = self._checked(X, y, reset=True)
        wrong = [one for one in penalties if not (is_real(one) and np.isfinite(one) and one >= 0)]
        if wrong or not len(penalties):
            raise ValueError(f"penalties are finite numbers >= 0, one at least, not {wrong or penalties!r}")
        present = targets.sum(axis=0) > 0
        if present.sum() < 2:
            raise ValueError("the targets hold one class alone: at least 2 classes are needed to fit a head")
        heads: dict[float, LogisticHead] = {}
        last: _Problem | None = None
        for penalty in sorted(set(penalties), reverse=True):
            # Without a penalty the class does not change with the units of the columns, so these are brought to one length.
            if last is None or penalty == 0:
                last = _Problem.of(features, targets[:, present], equal_lengths=penalty == 0)
            damping = penalty * last.variances
            start = None if penalty == 0 else heads.get(min(heads, default=-1.0))
            theta = _minimum(last, damping, last.coordinates(start, present))
            heads[penalty] = self._head(penalty, last, theta, present)
        return [heads[penalty] for penalty in penalties]

    def predict_log_proba(self, X: ArrayLike) -> Array:
        """Logarithms of `predict_proba`, also where that is too small for a number; -inf for a class without weight."""
        check_is_fitted(self)
        checked = validate_data(
            self, unmasked("the features", X), reset=False, dtype=[np.float64, np.float32]
        )
        return np.asarray(log_softmax(checked @ self.coef_.T + self.intercept_, axis=1))

    def predict_proba(self, X: ArrayLike) -> Array:
        """Probabilities ``(n, c)`` of the classes, in the order of ``classes_``, for the features ``X (n, d)``."""
        return np.exp(self.predict_log_proba(X))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The most probable class ``(n,)``, as ``classes_`` names it; the first one of several."""
        found = self.predict_log_proba(X)
        return np.asarray(self.classes_[found.argmax(axis=1)])

    def certificate(self, X: ArrayLike, y: ArrayLike) -> float:
        """Upper bound (2) on F - min F, in nats: >= 0; infinity where no bound was found, as at coefficients far from it.

        ``X``, ``y``: features and targets of the rows that the head was fitted on. Without a penalty the moments are met to
        round-off, and what they miss is charged at the size of the coefficients. Raises as ``fit``.
        """
        check_is_fitted(self)
        features, targets = self._checked(X, y, reset=False)
        present = targets.sum(axis=0) > 0
        if targets[:, ~np.isfinite(self.intercept_)].any():
            return float("inf")
        problem = _Problem.of(features, targets[:, present], equal_lengths=self.penalty == 0)
        return _gap(problem, self.penalty * problem.variances, problem.coordinates(self, present))

    def table(self, y: ArrayLike) -> Array:
        """Targets as ``fit`` takes them, as probabilities ``(n, c)`` of ``classes_``. Raises ValueError as ``fit`` does."""
        labels = np.asarray(unmasked("the targets", y))
        count = len(self.classes_)
        if labels.ndim == 2 and labels.shape[1] > 1:
            if labels.shape[1] != count:
                raise ValueError(f"the targets have {labels.shape[1]} columns, there are {count} classes")
            return probabilities("the targets", labels)
        column = column_or_1d(labels, warn=True)
        if column.dtype.kind == "f":
            column = numbers("the targets", column)
        check_classification_targets(column)
        outside = column[~np.isin(column, self.classes_)]
        if len(outside):
            raise ValueError(f"the targets hold {outside[0]!r}, which is none of the {count} classes")
        return (column[:, None] == self.classes_).astype(np.float64)

    def _checked(self, X: ArrayLike, y: ArrayLike, reset: bool) -> tuple[Array, Array]:
        """Features ``(n, d)`` and targets ``(n, c)`` as `table` has them; with ``reset`` the classes are set."""
        if self.classes is not None and not (is_whole(self.classes) and self.classes >= 2):
            raise ValueError(f"classes is a number of classes >= 2 or None, not {self.classes!r}")
        if y is None:
            raise ValueError("a head requires y to be passed, but the target y is None")
        features, labels = unmasked("the features", X), np.asarray(unmasked("the targets", y))
        features = validate_data(self, features, reset=reset, dtype=[np.float64, np.float32])
        if labels.ndim == 0 or len(labels) != len(features):
            raise ValueError(
                f"features and targets have {len(features)} rows and {labels.shape}, not equally many"
            )
        if reset:
            columns = labels.shape[1] if labels.ndim == 2 and labels.shape[1] > 1 else None
            count = self.classes or columns
            self.classes_ = np.unique(labels) if count is None else np.arange(count)
        return features, self.table(labels)

    def _head(
        self, penalty: float, problem: _Problem, theta: Array, present: NDArray[np.bool_]
    ) -> LogisticHead:
        head = LogisticHead(penalty, self.classes)
        self._copied_to(head)
        weights = problem.basis @ theta[:-1] @ problem.contrasts
        head.coef_ = np.zeros((len(present), len(weights)))
        head.coef_[present] = weights.T
        head.intercept_ = np.full(len(present), -np.inf)
        head.intercept_[present] = theta[-1] @ problem.contrasts - problem.mean @ weights
        return head

    def _copied_to(self, other: LogisticHead) -> Any:
        for name, value in vars(self).items():
            if name.endswith("_"):
                setattr(other, name, value)
        return other


@dataclass(frozen=True)
class _Problem:
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
    def of(cls, features: Array, targets: Array, equal_lengths: bool) -> _Problem:
        spectrum = spectrum_of(features, np.zeros((len(features), 1)), True, equal_lengths)
        scales = np.sqrt(spectrum.squares / spectrum.rows)
        basis = spectrum.basis / scales
        inverse = np.asarray(np.linalg.pinv(basis)) if equal_lengths else spectrum.basis.T * scales[:, None]
        rows = np.column_stack([(features - spectrum.feature_mean) @ basis, np.ones(len(features))])
        variances = np.append(spectrum.mean_variance / scales**2, 0.0)
        return cls(rows, targets, basis, inverse, spectrum.feature_mean, helmert(targets.shape[1]), variances)

    def coordinates(self, head: LogisticHead | None, present: NDArray[np.bool_]) -> Array:
        """Coefficients ``(r + 1, c - 1)`` of a head, or of the one that says the mean of the targets."""
        if head is None:
            theta = np.zeros((self.rows.shape[1], len(self.contrasts)))
            theta[-1] = self.contrasts @ np.log(self.targets.mean(axis=0))
            return theta
        weights = head.coef_[present].T @ self.contrasts.T
        intercept = head.intercept_[present] @ self.contrasts.T + self.mean @ weights
        return np.vstack([self.inverse @ weights, intercept])

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


def _minimum(problem: _Problem, damping: Array, theta: Array) -> Array:
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


def _newton_step(problem: _Problem, s: Array, gradient: Array, damping: Array, accuracy: float) -> Array:
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


def _gap(problem: _Problem, damping: Array, theta: Array) -> float:
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
