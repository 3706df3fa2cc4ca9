"""Multinomial logistic heads: the softmax head nearest to given classes or probabilities in forward KL, with a certificate.

For c classes, s = softmax(x W + b), and targets w (class numbers are w = 0 and 1), a fit minimises the convex function

    F(W, b) = mean KL(w || s) + penalty * v |W|^2,      v the mean feature variance,                    (1)

so that a penalty has no unit, as in `linear.RidgeHead`. For two classes W holds one direction twice, (-a/2, a/2).

**Certificate.** For any probabilities p, lse(z) >= <p, z> + H(p), H the entropy. If p has the means of w over the rows, the
rest of (1) is minimised over W and b by hand, which gives a lower bound on F at this distance from F(W, b):

    gap = mean KL(p || s) + |2 l W + mean x (p - w)'|^2 / 4 l,     l = penalty * v,                     (2)

so F(W, b) - min F <= gap whatever the solver did. With p = s it is the squared gradient over 4 l: strong convexity. Without a
penalty p must also have the moments mean x p' of w; then gap = mean KL(p || s), and s moved by one Newton step of the logits,
p = s (1 + dz - <s, dz>), has those moments, to round-off. What it misses of them would have to be charged at the size of the
*minimiser's* coefficients, which nothing bounds; it is charged at the size of those that were found. So without a penalty the
gap is a bound up to a heuristic charge for round-off, and no bound far from the minimum.

The solver and the certificate's arithmetic are in `heads.softmax_newton`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from ..theory.arrays import Array, is_real, is_whole, numbers, probabilities
from .base import unmasked
from .softmax_newton import Problem, gap, minimum


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
        last: Problem | None = None
        for penalty in sorted(set(penalties), reverse=True):
            # Without a penalty the class does not change with the units of the columns, so these are brought to one length.
            if last is None or penalty == 0:
                last = Problem.of(features, targets[:, present], equal_lengths=penalty == 0)
            damping = penalty * last.variances
            warm = heads[min(heads)] if heads and penalty > 0 else None
            start = warm._coefficients(last, present) if warm else last.mean_coefficients()
            theta = minimum(last, damping, start)
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
        round-off, and what they miss is charged at the size of the coefficients found: a heuristic charge and no bound, as the
        minimiser's may be larger. Raises as ``fit``.
        """
        check_is_fitted(self)
        features, targets = self._checked(X, y, reset=False)
        present = targets.sum(axis=0) > 0
        if targets[:, ~np.isfinite(self.intercept_)].any():
            return float("inf")
        problem = Problem.of(features, targets[:, present], equal_lengths=self.penalty == 0)
        return gap(problem, self.penalty * problem.variances, self._coefficients(problem, present))

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
        self, penalty: float, problem: Problem, theta: Array, present: NDArray[np.bool_]
    ) -> LogisticHead:
        head = LogisticHead(penalty, self.classes)
        self._copied_to(head)
        weights, intercept = problem.to_features(theta)
        head.coef_ = np.zeros((len(present), weights.shape[1]))
        head.intercept_ = np.full(len(present), -np.inf)
        head.coef_[present], head.intercept_[present] = weights, intercept
        return head

    def _coefficients(self, problem: Problem, present: NDArray[np.bool_]) -> Array:
        return problem.from_features(self.coef_[present], self.intercept_[present])

    def _copied_to(self, other: LogisticHead) -> Any:
        for name, value in vars(self).items():
            if name.endswith("_"):
                setattr(other, name, value)
        return other
