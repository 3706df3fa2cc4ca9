"""The label-free metric ||P_s (I - P_w) y||^2 / n of Xue, Li and Mirzasoleiman (2025, arXiv 2502.00620), with ridge smoothers.

How much of some labels the strong representation can express and the weak one cannot. With projections, true labels and the
rows of the fit it is student error - ceiling error; notebook 36 checks this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..heads.linear import LeastSquaresHead
from ..heads.spectrum import spectrum_of
from ..theory.arrays import Array

Smoother = tuple[Array, Array]
"""Orthonormal columns U ``(n, r)`` and factors ``(r,)`` in [0, 1]: S y = mean + U (factors * U'y)."""


def projected(features: ArrayLike, goal: ArrayLike) -> Array:
    """The nearest linear head's values on the same rows, the orthogonal projection of ``goal``; ``(n,)`` or ``(n, tasks)``."""
    return LeastSquaresHead().fit(features, goal).predict(features)


def smoother(features: Array, penalty: float) -> Smoother:
    """What a ridge head of this penalty (`linear.RidgeHead`) does to labels of these rows; ``features (n, d)``."""
    spectrum = spectrum_of(features, np.zeros((len(features), 1)), True)
    columns = (features - spectrum.feature_mean) @ spectrum.basis / np.sqrt(spectrum.squares)
    damping = penalty * spectrum.mean_variance * spectrum.rows
    return columns, spectrum.squares / (spectrum.squares + damping)


def smoothed(one: Smoother, labels: Array) -> Array:
    """S y for labels of mean 0, ``(n,)``."""
    columns, factors = one
    return np.asarray(columns @ (factors * (columns.T @ labels)))


def label_free(strong: Smoother, weak: Smoother, goals: Array) -> Array:
    """The metric for each column of ``goals (n, k)``, in squared goal units, and the norm ||S_s (I - S_w)||: ``(k + 1,)``."""
    (basis, kept), (columns, factors) = strong, weak
    centred = goals - goals.mean(axis=0)
    dropped = centred - columns @ (factors[:, None] * (columns.T @ centred))
    seen = kept[:, None] * (basis.T @ dropped)
    cosines = basis.T @ columns
    squared = np.eye(len(kept)) - cosines * (2 * factors - factors**2) @ cosines.T  # U_s' (I - S_w)^2 U_s
    largest = np.linalg.eigvalsh(kept[:, None] * squared * kept)[-1]
    return np.append((seen**2).sum(axis=0) / len(goals), np.sqrt(max(largest, 0.0)))
