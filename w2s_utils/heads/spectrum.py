"""The spectrum of features, and what targets load on it: all that a linear head needs. Pure numpy, float64.

Up to a billion multiplications (n d^2) it comes from a singular value decomposition: directions down to max(n, d) 2e-16 of
the largest are seen. Beyond that, for tall features, and wherever only sums over rows are kept (`heads.gram`), it comes
from the Gram matrix, at about the cost of that one product: directions down to about 5e-8 sqrt(d) are seen.

**Units.** Columns in different units (one in metres, one in ppm) are of uneven lengths, and a small one must not be mistaken
for a collinear direction, least of all where lengths are squared. Where they are uneven the columns are first brought to one
length, which costs no digit: what is collinear is found there, and a second decomposition of what is kept, back in the
columns' own units, gives directions down to d 2e-16 of the largest, from rows and from sums. *Nearly collinear* columns are
another matter: the digits that tell them apart below 5e-8 are not in sums of squares, whatever the units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr

from ..theory.arrays import ROUND_OFF, STORED, Array
from .gram import GramSums, provisional_mean, sums_of

GRAM_WORK = 1e9
"""Multiplications n d^2 above which tall features go through the Gram matrix."""
UNEVEN = 1e-3
"""Length of the shortest column over that of the longest below which columns are in different units."""


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


def is_tall(rows: int, width: int) -> bool:
    """Whether the spectrum of so many rows comes from their Gram matrix."""
    return rows > 4 * width and rows * width**2 > GRAM_WORK


def spectrum_of(features: Array, labels: Array, centred: bool, equal_lengths: bool = False) -> Spectrum:
    """Spectrum of ``features (n, d)`` and loads of ``labels (n, tasks)``, finite and with n >= 1.

    ``centred``: about the means of the rows; ``equal_lengths``: of the features scaled to one length each (the basis is
    then not orthonormal). Raises ValueError for features whose squares leave double precision.
    """
    rows, width = features.shape
    if is_tall(rows, width):
        return spectrum_of_sums(sums_of(features, labels), centred, equal_lengths)
    shift = provisional_mean(features) if centred else np.zeros(width)
    deviations = features - shift
    feature_mean, target_mean = np.zeros(width), np.zeros(labels.shape[1])
    if centred:
        rest, target_mean = deviations.mean(axis=0), labels.mean(axis=0)
        deviations -= rest
        feature_mean = shift + rest
    lengths = _in_range(np.sqrt(np.einsum("ij,ij->j", deviations, deviations)))
    units, uneven = _units(lengths, feature_mean, rows, equal_lengths)
    table, goals = deviations / units, labels - target_mean
    if rows > 2 * width and labels.shape[1] <= width:
        # Tall: after a rotation of the rows the triangular factor stands for them all, at less than the cost of ``left``.
        triangle = np.asarray(np.linalg.qr(np.hstack([table, goals]), mode="r"))[:width]
        table, goals = triangle[:, :width], triangle[:, width:]
    left, scales, right = np.linalg.svd(table, full_matrices=False)
    basis = right.T / units[:, None]
    noise = np.sqrt(rows) * _rounding(basis, feature_mean)
    kept = (scales > max(rows, width) * ROUND_OFF * scales.max()) & (scales > noise)
    scales, basis, goals = scales[kept], basis[:, kept], left[:, kept].T @ goals
    if uneven:
        scales, basis, goals = _in_their_units(scales, right.T, kept, units, goals)
    mean_variance = float(np.sum(lengths**2)) / (rows * width)
    return Spectrum(
        basis, scales**2, scales[:, None] * goals, feature_mean, target_mean, rows, mean_variance, "svd"
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
    units, uneven = _units(lengths, feature_mean, sums.rows, equal_lengths)
    squares, vectors = np.linalg.eigh(gram / np.outer(units, units))
    basis = vectors / units[:, None]
    noise = sums.rows * _rounding(basis, feature_mean) ** 2
    kept = (squares > 8 * width * ROUND_OFF * squares.max()) & (squares > noise)
    squares, basis = squares[kept], basis[:, kept]
    load = basis.T @ cross
    if uneven:
        scales = np.sqrt(squares)
        scales, basis, goals = _in_their_units(scales, vectors, kept, units, load / scales[:, None])
        squares, load = scales**2, scales[:, None] * goals
    mean_variance = float(np.sum(lengths**2)) / (sums.rows * width)
    return Spectrum(basis, squares, load, feature_mean, target_mean, sums.rows, mean_variance, "gram")


def _units(lengths: Array, feature_mean: Array, rows: int, equal_lengths: bool) -> tuple[Array, bool]:
    """What columns are divided by, infinite for those of rounding alone, and whether `_in_their_units` must follow."""
    alive = lengths > np.sqrt(rows) * STORED * np.abs(feature_mean)
    tall = rows > len(lengths)  # else every direction of the rows is there, and others are a matter of taste
    uneven = not equal_lengths and tall and bool(np.any(lengths[alive] < UNEVEN * lengths.max()))
    return np.where(alive, lengths, np.inf) if equal_lengths or uneven else np.ones(len(lengths)), uneven


def _in_their_units(
    scales: Array, vectors: Array, kept: NDArray[np.bool_], units: Array, goals: Array
) -> tuple[Array, Array, Array]:
    """The spectrum in the columns' own units, from that of columns of one length: singular values, basis ``(d, r)``, goals.

    ``scales (k,)`` and ``goals (k, tasks)`` of the ``kept`` of all d directions, ``vectors (d, d)``.
    """
    own = np.where(np.isfinite(units), units, 0.0)
    left, found, right = np.linalg.svd(scales[:, None] * vectors[:, kept].T * own, full_matrices=False)
    seen = found > len(units) * ROUND_OFF * found.max(initial=0.0)
    basis = right[seen].T
    # The rounding of long columns that are collinear looks like short ones: what is collinear is taken out once more.
    null = vectors[:, ~kept]
    if null.shape[1] and basis.shape[1]:
        _, order = qr(null.T, mode="r", pivoting=True)
        dependent, others = np.split(order, [null.shape[1]])
        made_of = np.linalg.solve(null[dependent].T, null[others].T).T
        made_of[np.abs(made_of) < 1e-7] = 0.0  # a part that no sum of squares would show
        empty = np.zeros_like(null)
        empty[dependent] = np.eye(len(dependent))
        with np.errstate(invalid="ignore"):
            ratio = np.where(made_of != 0, own[dependent] / units[others][:, None], 0.0)
        empty[others] = made_of * ratio
        directions = np.linalg.qr(empty / np.linalg.norm(empty, axis=0))[0]
        for _ in range(2):  # the second time for what the first one's rounding left
            basis = basis - directions @ (directions.T @ basis)
    return found[seen], basis, left[:, seen].T @ goals


def _rounding(basis: Array, feature_mean: Array) -> Array:
    """Root mean square that the rounding of features of this mean may leave along each direction ``(r,)``."""
    return STORED * np.linalg.norm(feature_mean[:, None] * basis, axis=0)


def _in_range(lengths: Array) -> Array:
    largest = lengths.max()
    if not (largest == 0 or 1e-140 < largest < 1e150):
        raise ValueError(
            f"the features have length {largest:.0e}, whose powers leave double precision; standardise them first"
        )
    return lengths
