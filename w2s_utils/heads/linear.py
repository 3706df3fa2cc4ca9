"""Heads: the nearest element of a convex class to given labels, with a certificate that it is the nearest.

Each head is a scikit-learn regressor. Fitting ``features (n, d)`` to ``targets (n,)`` or ``(n, tasks)`` finds, for each
task apart, the element of the class that is nearest in mean square: the projection in the theorems (`theory.misfit`).

    LeastSquaresHead   all linear heads: a subspace
    RidgeHead          the linear heads under a penalty: each result is a projection on the norm ball it lies on
    NormBallHead       linear heads with |coefficients| <= radius: convex, not a subspace
    ConvexHullHead     weighted means of the given feature columns: convex, bounded

**Certificate.** f is the nearest element of a convex class to w if and only if <f - w, g - f> >= 0 for every g of the
class (misfit module, equation 2). ``certificate`` returns the largest violation over the class, divided by mean(w^2), plus
how far f lies outside the class: a number without unit, 0 in exact arithmetic, of the order of round-off in practice.

**Collinear features.** The linear heads work in float64 on the spectrum of the centred features: directions smaller than
the arithmetic can tell from zero are left out, so exact copies and dead units do no harm (the solution of least norm).
LeastSquaresHead, whose class does not change with the units of the features, takes the spectrum of the features scaled to
equal length, so that a small unit is not mistaken for a collinear direction.
*Nearly* collinear directions are kept by LeastSquaresHead, as they belong to the class, and can ruin predictions on fresh
rows: this is what RidgeHead is for. `heads.spectrum` says how the spectrum is found and down to what size.

**More rows than memory.** The linear heads can be solved from sums over rows (`heads.gram`): ``partial_fit`` adds a chunk,
``fit_batches`` reads an iterator of chunks, ``fit_sums`` takes what several machines have summed with `row_sums`. Chunks are
whatever numpy can read: arrays, memmaps, data frames, torch tensors. The result is that of ``fit`` on all rows,
float64 throughout, but for directions too small for sums of squares (`heads.spectrum`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import partial
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import nnls
from sklearn.base import clone

from ..theory.arrays import STORED, Array
from .base import BaseHead
from .gram import GramSums, sums_of
from .spectrum import Spectrum, is_tall, spectrum_of, spectrum_of_sums


class _LinearHead(BaseHead):
    """A linear head, found on the spectrum of the features with a damping that the subclass chooses."""

    fit_intercept: bool
    solver_: str
    sums_: GramSums | partial[GramSums]
    _equal_lengths = False

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Find the nearest element. Features ``X (n, d)``, targets ``y (n,)`` or ``(n, tasks)``, n >= 1; returns self.

        Raises ValueError (NaN, infinity, no rows, differing lengths, a parameter out of range) or TypeError.
        """
        checked, labels, single = self.checked(X, y)
        if is_tall(*checked.shape):
            return self._solve(sums_of(checked, labels, single, self.names))
        self._settle(spectrum_of(checked, labels, self.fit_intercept, self._equal_lengths), single)
        # For `partial_fit`. Few rows are smaller than their sums: copies of them are kept, and summed if rows are added.
        few = len(checked) < checked.shape[1]
        self.sums_ = (
            partial(sums_of, np.array(checked), np.array(labels), single, self.names)
            if few
            else sums_of(checked, labels, single, self.names)
        )
        return self

    def partial_fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Add rows to those of the calls before, and find the nearest element for them all. Arguments as `fit`.

        Keeps sums over the rows, not the rows. Each call solves anew, d^3 multiplications: give it many more
        rows than columns at a time, or use `fit_batches`. Raises as `fit`, and ValueError for other columns than before; the
        head is then as it was.
        """
        sums = getattr(self, "sums_", None)
        if isinstance(sums, partial):
            sums = sums()
        return self._solve(self._added(sums, X, y))

    def fit_batches(self, batches: Iterable[tuple[ArrayLike, ArrayLike]]) -> Self:
        """`fit` to the rows of all pairs (features, targets) that ``batches`` yields, a loader's or a generator's.

        One pass; memory for one batch and the sums. `partial_fit` may then add rows. Raises as `fit`, and ValueError where
        the batches differ in columns or there is none.
        """
        reader = clone(
            self
        )  # takes the columns of the batches, so that this head stays as it was if one of them fails
        sums: GramSums | None = None
        for batch in batches:
            if not (isinstance(batch, tuple | list) and len(batch) == 2):
                raise TypeError(
                    f"each batch is a pair (features, targets), not a {type(batch).__name__}; "
                    "rows that are all in memory go to fit(X, y)"
                )
            sums = reader._added(sums, *batch)
        if sums is None:
            raise ValueError("there was no batch; an iterator that has been read once must be made again")
        return self.fit_sums(sums)

    def fit_sums(self, sums: GramSums) -> Self:
        """`fit` to rows of which only the sums are known: `row_sums`, added up. `partial_fit` may then add rows."""
        if not isinstance(sums, GramSums):
            raise TypeError(f"sums are what row_sums returns, added up, not a {type(sums).__name__}")
        self._solve(sums)
        self.n_features_in_ = len(sums.gram)
        self.__dict__.pop("feature_names_in_", None)
        if sums.names:
            self.feature_names_in_ = np.array(sums.names, dtype=object)
        return self

    def _added(self, sums: GramSums | None, features: ArrayLike, targets: ArrayLike) -> GramSums:
        more = sums_of(*self.checked(features, targets, reset=sums is None), self.names)
        return more if sums is None else sums + more

    def _solve(self, sums: GramSums) -> Self:
        self._settle(spectrum_of_sums(sums, self.fit_intercept, self._equal_lengths), sums.single)
        self.sums_ = sums
        return self

    def _settle(self, spectrum: Spectrum, single: bool) -> Self:
        coefficients = spectrum.coefficients(self._damping(spectrum)).T
        intercept = spectrum.target_mean - coefficients @ spectrum.feature_mean
        self.solver_ = spectrum.solver
        return self._keep(coefficients, intercept, single)

    def _damping(self, spectrum: Spectrum) -> Array | float:
        raise NotImplementedError


class LeastSquaresHead(_LinearHead):
    """All linear heads: the projection on the span of the features (and the constant, with ``fit_intercept``)."""

    _equal_lengths = True

    def __init__(self, fit_intercept: bool = True):
        self.fit_intercept = fit_intercept

    def _damping(self, spectrum: Spectrum) -> float:
        return 0.0

    def _violation(self, features: Array, labels: Array, fitted: Array) -> Array:
        # Over a subspace the violation is unbounded unless zero: it is taken over directions as large as the labels.
        residual = spectrum_of(features, fitted - labels, self.fit_intercept, self._equal_lengths)
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

    ``penalty`` >= 0, one for all tasks or an array ``(tasks,)``, has no unit, so that one value means the same for features of
    any scale. The result is the exact projection on the ball of its own norm, and the certificate is taken over that ball.
    """

    def __init__(self, penalty: float | Array = 1e-6, fit_intercept: bool = True):
        self.penalty = penalty
        self.fit_intercept = fit_intercept

    def _damping(self, spectrum: Spectrum) -> Array | float:
        if isinstance(self.penalty, np.ndarray):
            tasks = spectrum.load.shape[1]
            if self.penalty.shape != (tasks,) or not all(map(_is_penalty, self.penalty.tolist())):
                raise ValueError(
                    f"an array of penalties holds a finite number >= 0 for each of the {tasks} tasks"
                )
        elif not _is_penalty(self.penalty):
            raise ValueError(f"the penalty is a finite number >= 0, not {self.penalty!r}")
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

    def _damping(self, spectrum: Spectrum) -> Array:
        if not (_is_number(self.radius) and self.radius > 0):
            raise ValueError(f"the radius is a finite number > 0, not {self.radius!r}")
        if not spectrum.squares.size:
            return np.zeros(spectrum.load.shape[1])
        # In units of the largest square and of the radius, so that no power leaves the range of the arithmetic.
        unit = spectrum.squares.max()
        squares, loads = spectrum.squares[:, None] / unit, (spectrum.load / unit / self.radius) ** 2
        multiplier = np.zeros(loads.shape[1])
        for _ in range(200):
            norms = np.sqrt(np.sum(loads / (squares + multiplier) ** 2, axis=0))
            outside = norms > 1 + STORED
            if not outside.any():
                break
            slope = np.sum(loads / (squares + multiplier) ** 3, axis=0)
            step = np.divide((norms - 1) * norms**2, slope, out=np.zeros_like(norms), where=outside)
            if np.all(multiplier + step == multiplier):
                break
            multiplier = multiplier + step
        return multiplier * unit

    def _radii(self) -> Array | float:
        return self.radius

    def _outside(self, coefficients: Array) -> Array:
        return np.maximum(np.linalg.norm(coefficients, axis=1) / self.radius - 1, 0.0)


class ConvexHullHead(BaseHead):
    """Weighted means of the feature columns: weights >= 0 that sum to 1, no intercept; ``coef_`` are the weights.

    Exact reduction to non-negative least squares (Lawson and Hanson): with P = columns - target, the u >= 0 that
    minimises |P u|^2 + (1 - sum u)^2 is, divided by its sum, the weights of the point of the hull nearest to the target.
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Find the nearest element. Features ``X (n, d)``, targets ``y (n,)`` or ``(n, tasks)``, n >= 1; returns self.

        Raises ValueError (NaN, infinity, no rows, differing lengths) or TypeError.
        """
        checked, labels, single = self.checked(X, y)
        columns = checked.shape[1]
        # Distances survive a shift and a rotation of the rows. The shift keeps the digits that a large common offset
        # would cost; after the rotation the triangular factor stands for all rows.
        origin = checked[:, :1].astype(np.float64)
        shifted = np.column_stack([checked - origin, labels - origin])
        reduced = np.asarray(np.linalg.qr(shifted, mode="r"))
        weights = np.vstack(
            [hull_weights(reduced[:, :columns] - label[:, None]) for label in reduced[:, columns:].T]
        )
        return self._keep(weights, 0.0, single)

    def _violation(self, features: Array, labels: Array, fitted: Array) -> Array:
        residual = fitted - labels
        at_corners = features.T @ residual / len(features)
        return np.mean(residual * fitted, axis=0) - at_corners.min(axis=0)

    def _outside(self, coefficients: Array) -> Array:
        return np.abs(coefficients.sum(axis=1) - 1) + np.maximum(-coefficients.min(axis=1), 0.0)


def row_sums(features: ArrayLike, targets: ArrayLike) -> GramSums:
    """What the linear heads need of some rows, for `fit_sums`: of several chunks, machines or days, add them with ``+``.

    Arguments as `LeastSquaresHead.fit`, which they are checked as; one `GramSums` serves all linear heads and parameters.
    """
    reader = LeastSquaresHead()
    return sums_of(*reader.checked(features, targets), reader.names)


def ridge_path(
    features: ArrayLike, targets: ArrayLike, penalties: Sequence[float], fit_intercept: bool = True
) -> list[RidgeHead]:
    """One fitted RidgeHead per penalty, from one decomposition. Arguments and errors as `RidgeHead`."""
    heads = [RidgeHead(penalty, fit_intercept) for penalty in penalties]
    if not heads:
        raise ValueError("name at least one penalty")
    checked, labels, single = heads[0].checked(features, targets)
    spectrum = spectrum_of(checked, labels, fit_intercept)
    for head in heads:
        head.n_features_in_ = checked.shape[1]
        if hasattr(heads[0], "feature_names_in_"):
            head.feature_names_in_ = heads[0].feature_names_in_
        head._settle(spectrum, single)
    return heads


def path_predictions(heads: Sequence[RidgeHead], features: ArrayLike) -> Array:
    """Predictions of all heads of one `ridge_path`, ``(heads, n)`` or ``(heads, n, tasks)``, for ``features (n, d)``."""
    checked = heads[0].checked_features(features)
    coefficients = np.stack([head.coef_ for head in heads])  # (heads, d) or (heads, tasks, d)
    intercepts = np.stack([np.asarray(head.intercept_) for head in heads])
    made = checked @ coefficients.reshape(-1, checked.shape[1]).T + intercepts.ravel()
    return np.moveaxis(made.reshape(len(checked), *intercepts.shape), 0, 1)


def _is_penalty(value: Any) -> bool:
    return _is_number(value) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and math.isfinite(value)


def hull_weights(points: Array) -> Array:
    """Weights ``(k,)`` >= 0 that sum to 1 of the point of the hull of the columns of ``points (rows, k)`` nearest to 0."""
    scale = np.linalg.norm(points, axis=0).min()
    if scale == 0:  # the label is one of the columns
        weights = np.zeros(points.shape[1])
        weights[np.argmin(np.linalg.norm(points, axis=0))] = 1.0
        return weights
    system = np.vstack([points / scale, np.ones(points.shape[1])])
    weights, _ = nnls(system, np.append(np.zeros(len(points)), 1.0), maxiter=100 * points.shape[1])
    return weights / weights.sum()
