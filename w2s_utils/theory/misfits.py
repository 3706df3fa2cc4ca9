"""How misfits are spread over many rows, in sums that add up: what of them lies beyond any cap.

A bin is a 32nd of a power of two wide: the first bits of a number are its place, so bins are the same on every machine and
for every chunk. A cap is an upper edge of a bin, some per cent above the misfit that asked for it at most, and then all means
below are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .arrays import Array, Number

KEPT_BITS = 5
"""Of the 52 behind the leading one."""
INSIDE = 1 + 2.0 ** -(KEPT_BITS + 2)
"""What an edge is multiplied by to be well inside the bin above it, whatever its last digit."""
_SHIFT = 52 - KEPT_BITS


@dataclass(frozen=True)
class MisfitSums:
    """Of some rows: ``places (k,)`` of bins, rising, and ``sums (3, k)``: misfits in each, their sum and sum of squares.

    ``unit``: what misfits are divided by to find their bin, so that bins do not depend on the unit of the target.
    """

    places: NDArray[np.int64]
    sums: Array
    unit: float

    def __add__(self, other: MisfitSums) -> MisfitSums:
        return added((self, other))

    def times(self, count: int) -> MisfitSums:
        """Of so many times these rows."""
        return MisfitSums(self.places, count * self.sums, self.unit)

    @property
    def rows(self) -> int:
        """How many misfits."""
        return int(self.sums[0].sum())

    @property
    def mean(self) -> float:
        """Of all misfits."""
        return float(self.sums[1].sum() / self.rows)

    @property
    def mean_square(self) -> float:
        """Of all misfits."""
        return float(self.sums[2].sum() / self.rows)

    def caps_above(self, misfits: Array) -> Array:
        """The upper edges of the bins of ``misfits (draws,)``, >= 0, above them by some per cent at most."""
        return caps_above(misfits, self.unit)

    def caps_of(self, rows: float) -> Array:
        """The least cap that so many misfits, or fewer, lie above, ``(1,)``."""
        from_above = np.cumsum(self.sums[0][::-1])
        place = int(np.searchsorted(from_above, rows, side="right"))
        return self.unit * _edges(self.places[::-1][min(place, len(self.places) - 1)][None])

    def beyond(self, caps: Array) -> tuple[Array, Array, Array, Array]:
        """For ``caps (draws,)`` of the two above: mean and variance of min(misfit, cap), and of max(misfit - cap, 0)."""
        above = self.places >= _places(caps / self.unit * INSIDE)[:, None]
        count, total, squares = np.einsum("ik,dk->id", self.sums, above)
        excess = np.maximum(total - count * caps, 0.0) / self.rows
        excess_square = np.maximum(squares - 2 * caps * total + count * caps**2, 0.0) / self.rows
        mean = self.mean - excess
        mean_square = self.mean_square - (squares - count * caps**2) / self.rows
        return (
            mean,
            np.maximum(mean_square - mean**2, 0.0),
            excess,
            np.maximum(excess_square - excess**2, 0.0),
        )


def misfit_sums(misfits: Array, unit: float = 1.0) -> MisfitSums:
    """Of ``misfits (n,)``, >= 0 and finite; ``unit`` > 0."""
    places, inverse = np.unique(_places(misfits / unit), return_inverse=True)
    sums = [
        np.bincount(inverse, weights, minlength=len(places))
        for weights in (np.ones_like(misfits), misfits, misfits**2)
    ]
    return MisfitSums(places, np.array(sums), unit)


def caps_above(misfits: Array, unit: Number = 1.0) -> Array:
    """Upper edges of bins, see `MisfitSums.caps_above`."""
    return unit * _edges(_places(misfits / unit))


def added(parts: Sequence[MisfitSums]) -> MisfitSums:
    """Of the rows of all parts. Raises ValueError where their units differ."""
    if len({part.unit for part in parts}) > 1:
        raise ValueError("sums of misfits are in different units; give all chunks the same")
    places, inverse = np.unique(np.concatenate([part.places for part in parts]), return_inverse=True)
    sums = np.zeros((3, len(places)))
    for row, values in zip(sums, np.concatenate([part.sums for part in parts], axis=1), strict=True):
        np.add.at(row, inverse, values)
    return MisfitSums(places, sums, parts[0].unit)


def _places(misfits: Array) -> NDArray[np.int64]:
    return np.abs(misfits).view(np.int64) >> _SHIFT  # abs, as -0.0 has a sign


def _edges(places: NDArray[np.int64]) -> Array:
    return ((places + 1) << _SHIFT).view(np.float64)
