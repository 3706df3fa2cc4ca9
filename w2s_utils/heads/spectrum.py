"""The spectrum of features, and what targets load on it: all that a linear head needs. Pure numpy, float64.

Up to a billion multiplications (n d^2) it comes from a singular value decomposition: directions down to max(n, d) 2e-16 of
the largest are seen. Beyond that, for tall features, and wherever only sums over rows are kept (`heads.gram`), it comes
from the Gram matrix, at about the cost of that one product: directions down to about 5e-8 sqrt(d) are seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..theory.arrays import Array
from .gram import GramSums, provisional_mean, sums_of

GRAM_WORK = 1e9
"""Multiplications n d^2 above which tall features go through the Gram matrix."""
ROUND_OFF = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Spectrum:
    """Centred features X = U S V' and what the targets load on them: all that a linear head needs.

    ``basis`` V ``(d, r)``, of orthonormal columns unless the features were scaled to equal length; ``squares`` S^2
    ``(r,)``, all > 0; ``load`` = V' X' Y ``(r, tasks)``; means over the rows; ``mean_variance`` of the features.
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


def spectrum_of(features: Array, labels: Array, centred: bool, equal_lengths: bool = False) -> Spectrum:
    """Spectrum of ``features (n, d)`` and loads of ``labels (n, tasks)``, finite and with n >= 1.

    ``centred``: about the means of the rows; ``equal_lengths``: of the features scaled to one length each (the basis is
    then not orthonormal). Raises ValueError for features whose squares leave double precision.
    """
    rows, width = features.shape
    if rows > 4 * width and rows * width**2 > GRAM_WORK:
        return spectrum_of_sums(sums_of(features, labels), centred, equal_lengths)
    shift = provisional_mean(features) if centred else np.zeros(width)
    deviations = features - shift
    feature_mean, target_mean = np.zeros(width), np.zeros(labels.shape[1])
    if centred:
        rest, target_mean = deviations.mean(axis=0), labels.mean(axis=0)
        deviations -= rest
        feature_mean = shift + rest
    lengths = _in_range(np.sqrt(np.einsum("ij,ij->j", deviations, deviations)))
    units = np.where(lengths > 0, lengths, 1.0) if equal_lengths else np.ones(width)
    table, goals = deviations / units, labels - target_mean
    if rows > 2 * width and labels.shape[1] <= width:
        # Tall: after a rotation of the rows the triangular factor stands for them all, at less than the cost of ``left``.
        triangle = np.asarray(np.linalg.qr(np.hstack([table, goals]), mode="r"))[:width]
        table, goals = triangle[:, :width], triangle[:, width:]
    left, scales, right = np.linalg.svd(table, full_matrices=False)
    basis = right.T / units[:, None]
    noise = np.sqrt(rows) * _rounding(basis, feature_mean)
    kept = (scales > max(rows, width) * ROUND_OFF * scales.max()) & (scales > noise)
    load = scales[kept, None] * (left[:, kept].T @ goals)
    mean_variance = float(np.sum(lengths**2)) / (rows * width)
    return Spectrum(
        basis[:, kept], scales[kept] ** 2, load, feature_mean, target_mean, rows, mean_variance, "svd"
    )


def spectrum_of_sums(sums: GramSums, centred: bool, equal_lengths: bool = False) -> Spectrum:
    """Spectrum of the rows that were summed; arguments and errors as `spectrum_of`."""
    gram, cross, feature_mean, target_mean = sums.gram, sums.cross, sums.feature_mean, sums.target_mean
    width = len(gram)
    if not centred:  # about zero
        gram = gram + sums.rows * np.outer(feature_mean, feature_mean)
        cross = cross + sums.rows * np.outer(feature_mean, target_mean)
        feature_mean, target_mean = np.zeros_like(feature_mean), np.zeros_like(target_mean)
    lengths = _in_range(np.sqrt(np.maximum(gram.diagonal(), 0.0)))
    units = np.where(lengths > 0, lengths, 1.0) if equal_lengths else np.ones(width)
    squares, vectors = np.linalg.eigh(gram / np.outer(units, units))
    basis = vectors / units[:, None]
    noise = sums.rows * _rounding(basis, feature_mean) ** 2
    kept = (squares > 8 * width * ROUND_OFF * squares.max()) & (squares > noise)
    load = basis[:, kept].T @ cross
    mean_variance = float(np.sum(lengths**2)) / (sums.rows * width)
    return Spectrum(
        basis[:, kept], squares[kept], load, feature_mean, target_mean, sums.rows, mean_variance, "gram"
    )


def _rounding(basis: Array, feature_mean: Array) -> Array:
    """Root mean square that the rounding of features of this mean may leave along each direction ``(r,)``."""
    return 4 * ROUND_OFF * np.linalg.norm(feature_mean[:, None] * basis, axis=0)


def _in_range(lengths: Array) -> Array:
    largest = lengths.max()
    if not (largest == 0 or 1e-140 < largest < 1e150):
        raise ValueError(
            f"the features have length {largest:.0e}, whose powers leave double precision; standardise them first"
        )
    return lengths
