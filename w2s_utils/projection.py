"""Heads: the nearest element of a convex class to given labels, with a certificate that it is the nearest.

Each head is a scikit-learn regressor. Fitting ``features (n, d)`` to ``targets (n,)`` or ``(n, tasks)`` finds, for each
task apart, the element of the class that is nearest in mean square: the projection in the theorems (`w2s_utils.misfit`).

    LeastSquaresHead   all linear heads: a subspace
    RidgeHead          the linear heads under a penalty: each result is a projection on the norm ball it lies on
    NormBallHead       linear heads with |coefficients| <= radius: convex, not a subspace
    ConvexHullHead     weighted means of the given feature columns: convex, bounded

**Certificate.** f is the nearest element of a convex class to w if and only if <f - w, g - f> >= 0 for every g of the
class (misfit module, equation 2). ``certificate`` returns the largest violation over the class, divided by mean(w^2): a
number without unit, 0 in exact arithmetic, of the order of round-off in practice.

**Collinear features.** The linear heads work in float64 on the spectrum of the centred features: directions smaller than
the arithmetic can tell from zero are left out, so exact copies and dead units do no harm (the solution of least norm).
*Nearly* collinear directions are kept by LeastSquaresHead, as they belong to the class, and can ruin predictions on fresh
rows: this is what RidgeHead is for. Up to a billion multiplications the spectrum comes from a singular value
decomposition (directions down to 1e-13 of the largest are seen); beyond that, for tall features, from the Gram matrix,
summed over chunks of rows, at about the cost of that one product (down to 1e-7). ``solver_`` says which it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

Array = NDArray[np.float64]

GRAM_WORK = 1e9
"""Multiplications n d^2 above which tall features go through the Gram matrix."""
CHUNK_ROWS = 1024
ROUND_OFF = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class _Spectrum:
    """Centred features X = U S V' and what the targets load on them: all that a linear head needs.

    ``basis`` V ``(d, r)``; ``squares`` S^2 ``(r,)``, all > 0; ``load`` = V' X' Y ``(r, tasks)``; means over the rows.
    """

    basis: Array
    squares: Array
    load: Array
    feature_mean: Array
    target_mean: Array
    rows: int
    mean_variance: float
    solver: str

    def coefficients(self, damping: Array | float) -> Array:
        """argmin |Y - X w|^2 + damping |w|^2, ``(d, tasks)``; damping a number or ``(tasks,)``, in units of S^2."""
        return self.basis @ (self.load / (self.squares[:, None] + damping))


class _Head(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """What all heads share: input checks, prediction, the shape of results for one task and for many."""

    coef_: Array
    intercept_: Any

    def predict(self, features: ArrayLike) -> Array:
        """Predictions ``(n,)`` or ``(n, tasks)``, target units, for ``features (n, d)``."""
        check_is_fitted(self)
        checked = validate_data(self, features, reset=False, dtype=[np.float64, np.float32])
        return checked @ self.coef_.T + self.intercept_

    def certificate(self, features: ArrayLike, targets: ArrayLike) -> Array | float:
        """Largest violation of <f - w, g - f> >= 0 over the class, relative to mean(w^2): >= 0, one per task.

        ``features``, ``targets``: the rows the head was fitted on (on others it says how far the head is from the
        nearest element there). Raises ValueError as ``fit`` does, and if the number of tasks differs.
        """
        check_is_fitted(self)
        checked, labels, single = self._checked(features, targets, reset=False)
        coefficients = np.atleast_2d(self.coef_)
        if len(coefficients) != labels.shape[1]:
            raise ValueError(
                f"the head was fitted on {len(coefficients)} tasks, the targets have {labels.shape[1]}"
            )
        fitted = checked @ coefficients.T + self.intercept_
        scale = np.mean(labels**2, axis=0)
        violation = np.maximum(self._violation(checked, labels, fitted), 0.0) / np.where(
            scale > 0, scale, 1.0
        )
        return float(violation[0]) if single else violation

    def _violation(self, features: Array, labels: Array, fitted: Array) -> Array:
        raise NotImplementedError

    def _checked(
        self, features: ArrayLike, targets: ArrayLike, reset: bool = True
    ) -> tuple[Array, Array, bool]:
        checked, labels = validate_data(
            self,
            features,
            targets,
            reset=reset,
            multi_output=True,
            y_numeric=True,
            dtype=[np.float64, np.float32],
        )
        labels = np.asarray(labels, dtype=np.float64)
        return checked, labels.reshape(len(labels), -1), labels.ndim == 1

    def _keep(self, coefficients: Array, intercept: Array | float, single: bool) -> Self:
        self.coef_ = coefficients[0] if single else coefficients
        self.intercept_ = float(np.ravel(intercept)[0]) if single else intercept
        return self

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.single_output = True
        return tags


class _LinearHead(_Head):
    """A linear head, found on the spectrum of the features with a damping that the subclass chooses."""

    fit_intercept: bool
    solver_: str

    def fit(self, features: ArrayLike, targets: ArrayLike) -> Self:
        """Find the nearest element. ``features (n, d)``, ``targets (n,)`` or ``(n, tasks)``, n >= 1; returns self.

        Raises ValueError (NaN, infinity, no rows, differing lengths, a parameter out of range) or TypeError.
        """
        checked, labels, single = self._checked(features, targets)
        return self._settle(_spectrum(checked, labels, self.fit_intercept), single)

    def _settle(self, spectrum: _Spectrum, single: bool) -> Self:
        coefficients = spectrum.coefficients(self._damping(spectrum)).T
        intercept = spectrum.target_mean - coefficients @ spectrum.feature_mean
        self.solver_ = spectrum.solver
        return self._keep(coefficients, intercept, single)

    def _damping(self, spectrum: _Spectrum) -> Array | float:
        raise NotImplementedError


class LeastSquaresHead(_LinearHead):
    """All linear heads: the projection on the span of the features (and the constant, with ``fit_intercept``)."""

    def __init__(self, fit_intercept: bool = True):
        self.fit_intercept = fit_intercept

    def _damping(self, spectrum: _Spectrum) -> float:
        return 0.0

    def _violation(self, features: Array, labels: Array, fitted: Array) -> Array:
        # Over a subspace the violation is unbounded unless zero: it is taken over directions as large as the labels.
        residual = _spectrum(features, fitted - labels, self.fit_intercept)
        inside = (
            np.sum(residual.load**2 / residual.squares[:, None], axis=0) / residual.rows
            + residual.target_mean**2
        )
        return np.sqrt(inside * np.mean(labels**2, axis=0))


class _BallHead(_LinearHead):
    def _radii(self) -> Array | float:
        raise NotImplementedError

    def _violation(self, features: Array, labels: Array, fitted: Array) -> Array:
        # <f - w, g - f> is linear in the coefficients of g, so its minimum over the ball is at one known point.
        residual = fitted - labels
        mean = residual.mean(axis=0) if self.fit_intercept else np.zeros(labels.shape[1])
        slope = features.T @ (residual - mean) / len(features)
        at_f = np.einsum("td,dt->t", np.atleast_2d(self.coef_), slope)
        over_ball = self._radii() * np.linalg.norm(slope, axis=0) + at_f
        return over_ball + np.abs(mean) * np.sqrt(np.mean(labels**2, axis=0))


class RidgeHead(_BallHead):
    """Linear heads under a penalty: argmin mean (y - x'w - b)^2 + penalty * v |w|^2, v the mean feature variance.

    ``penalty`` >= 0 has no unit, so that one value means the same for features of any scale. The result is the exact
    projection on the ball of its own norm, and the certificate is taken over that ball.
    """

    def __init__(self, penalty: float = 1e-6, fit_intercept: bool = True):
        self.penalty = penalty
        self.fit_intercept = fit_intercept

    def _damping(self, spectrum: _Spectrum) -> float:
        if not 0 <= self.penalty < np.inf:
            raise ValueError(f"the penalty is a number >= 0, not {self.penalty}")
        return self.penalty * spectrum.mean_variance * spectrum.rows

    def _radii(self) -> Array | float:
        return np.linalg.norm(np.atleast_2d(self.coef_), axis=1)


class NormBallHead(_BallHead):
    """Linear heads with |coefficients| <= ``radius`` (> 0, target units per feature unit); the intercept is free.

    Exact: where the ball binds, the multiplier m solves the secular equation |w(m)| = radius, w(m) the ridge solution
    with damping m. Newton on 1/|w(m)|, which is concave and increasing in m, comes up to the root from m = 0 without
    overshooting.
    """

    def __init__(self, radius: float = 1.0, fit_intercept: bool = True):
        self.radius = radius
        self.fit_intercept = fit_intercept

    def _damping(self, spectrum: _Spectrum) -> Array:
        if not 0 < self.radius < np.inf:
            raise ValueError(f"the radius is a number > 0, not {self.radius}")
        squares, loads = spectrum.squares[:, None], spectrum.load**2
        multiplier = np.zeros(loads.shape[1])
        for _ in range(200):
            norms = np.sqrt(np.sum(loads / (squares + multiplier) ** 2, axis=0))
            outside = norms > self.radius * (1 + 4 * ROUND_OFF)
            if not outside.any():
                break
            slope = np.sum(loads / (squares + multiplier) ** 3, axis=0)
            step = np.divide(
                (norms / self.radius - 1) * norms**2, slope, out=np.zeros_like(norms), where=outside
            )
            if np.all(multiplier + step == multiplier):
                break
            multiplier = multiplier + step
        return multiplier

    def _radii(self) -> Array | float:
        return self.radius


class ConvexHullHead(_Head):
    """Weighted means of the feature columns: weights >= 0 that sum to 1, no intercept; ``coef_`` are the weights.

    Exact reduction to non-negative least squares (Lawson and Hanson): with P = columns - target, the u >= 0 that
    minimises |P u|^2 + (1 - sum u)^2 is, divided by its sum, the weights of the point of the hull nearest to the target.
    """

    def fit(self, features: ArrayLike, targets: ArrayLike) -> Self:
        """Find the nearest element. ``features (n, d)``, ``targets (n,)`` or ``(n, tasks)``, n >= 1; returns self.

        Raises ValueError (NaN, infinity, no rows, differing lengths) or TypeError.
        """
        checked, labels, single = self._checked(features, targets)
        columns = checked.shape[1]
        # Distances survive a rotation of the rows, so the triangular factor stands for all of them.
        reduced: Array = np.linalg.qr(np.column_stack([checked, labels]), mode="r")
        weights = np.vstack(
            [_hull_weights(reduced[:, :columns] - label[:, None]) for label in reduced[:, columns:].T]
        )
        return self._keep(weights, 0.0, single)

    def _violation(self, features: Array, labels: Array, fitted: Array) -> Array:
        residual = fitted - labels
        at_corners = features.T @ residual / len(features)
        return np.mean(residual * fitted, axis=0) - at_corners.min(axis=0)


def ridge_path(
    features: ArrayLike, targets: ArrayLike, penalties: Sequence[float], fit_intercept: bool = True
) -> list[RidgeHead]:
    """One fitted RidgeHead per penalty, from one decomposition. Arguments and errors as `RidgeHead`."""
    heads = [RidgeHead(penalty, fit_intercept) for penalty in penalties]
    if not heads:
        raise ValueError("name at least one penalty")
    checked, labels, single = heads[0]._checked(features, targets)
    spectrum = _spectrum(checked, labels, fit_intercept)
    for head in heads:
        head.n_features_in_ = checked.shape[1]
        head._settle(spectrum, single)
    return heads


def _spectrum(features: Array, labels: Array, centred: bool) -> _Spectrum:
    rows, width = features.shape
    if rows > 4 * width and rows * width**2 > GRAM_WORK:
        return _spectrum_by_gram(features, labels, centred)
    feature_mean = features.mean(axis=0, dtype=np.float64) if centred else np.zeros(width)
    target_mean = labels.mean(axis=0) if centred else np.zeros(labels.shape[1])
    deviations = features - feature_mean
    left, scales, right = np.linalg.svd(deviations, full_matrices=False)
    # Centring leaves round-off of the size of the uncentred features behind; what is not above it carries nothing.
    floor = (
        max(rows, width)
        * ROUND_OFF
        * max(scales.max(), np.linalg.norm(feature_mean) * np.sqrt(rows) * centred)
    )
    kept = scales > floor
    load = scales[kept, None] * (left[:, kept].T @ (labels - target_mean))
    mean_variance = float(np.sum(scales**2)) / (rows * width)
    return _Spectrum(
        right[kept].T, scales[kept] ** 2, load, feature_mean, target_mean, rows, mean_variance, "svd"
    )


def _spectrum_by_gram(features: Array, labels: Array, centred: bool) -> _Spectrum:
    rows, width = features.shape
    # Moments are summed about a provisional mean: about zero, a large mean would cost all digits of the variance.
    shift = features[:CHUNK_ROWS].mean(axis=0, dtype=np.float64) if centred else np.zeros(width)
    target_shift = labels[:CHUNK_ROWS].mean(axis=0) if centred else np.zeros(labels.shape[1])
    gram, cross = np.zeros((width, width)), np.zeros((width, labels.shape[1] + 1))
    target_total = np.zeros(labels.shape[1])
    buffer = np.empty((CHUNK_ROWS, width))
    for start in range(0, rows, CHUNK_ROWS):
        y = labels[start : start + CHUNK_ROWS] - target_shift
        x = np.subtract(features[start : start + CHUNK_ROWS], shift, out=buffer[: len(y)])
        gram += x.T @ x
        cross += x.T @ np.column_stack([y, np.ones(len(y))])  # the last column sums the features
        target_total += y.sum(axis=0)
    cross, total = cross[:, :-1], cross[:, -1]
    mean, target_mean = (total / rows, target_total / rows) if centred else (0 * total, 0 * target_total)
    gram -= rows * np.outer(mean, mean)
    cross -= rows * np.outer(mean, target_mean)
    squares, basis = np.linalg.eigh(gram)
    kept = squares > 8 * width * ROUND_OFF * max(squares.max(), 0.0)
    return _Spectrum(
        basis[:, kept],
        squares[kept],
        basis[:, kept].T @ cross,
        shift + mean,
        target_shift + target_mean,
        rows,
        float(np.trace(gram)) / (rows * width),
        "gram",
    )


def _hull_weights(points: Array) -> Array:
    scale = np.linalg.norm(points, axis=0).min()
    if scale == 0:  # the label is one of the columns
        weights = np.zeros(points.shape[1])
        weights[np.argmin(np.linalg.norm(points, axis=0))] = 1.0
        return weights
    system = np.vstack([points / scale, np.ones(points.shape[1])])
    weights, _ = nnls(system, np.append(np.zeros(len(points)), 1.0), maxiter=100 * points.shape[1])
    return weights / weights.sum()
