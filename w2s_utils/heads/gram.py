"""Sums over rows from which a linear head can be solved for, and which can be added. Pure numpy, float64.

Of any rows these are their number, the means of features and targets, and the sums of products of deviations from the means.
They take the memory of a ``(d, d)`` matrix, however many rows they stand for, and the sums of two sets of rows make those of
both (Chan, Golub and LeVeque 1983, The American Statistician 37:242): with s the step between the means,

    S = S_a + S_b + (n_a n_b / n) s s'.                                                                  (1)

Nothing is subtracted in (1), so no digits are lost, whatever the means, and in whatever order chunks come. A mean is kept as
a number and the part of it below double precision: else thousands of additions would let it wander by more than the last
digit, and large means would hide that two features are copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..theory.arrays import Array

BLOCK_CELLS = 2**19
"""Numbers that are converted to float64 at a time: 4 MB, which stay in the processor's cache for the product."""
SAMPLE_ROWS = 1024


@dataclass(frozen=True)
class GramSums:
    """What a linear head needs of some rows; ``a + b`` is that of the rows of both, from any chunks on any machines.

    ``rows`` n; ``feature_mean (d,)``, ``target_mean (tasks,)``; ``gram (d, d)``, ``cross (d, tasks)``: sums over the rows of
    products of deviations from the means, features with features and with targets. ``feature_rest``, ``target_rest``: what the
    means are beyond double precision. ``single``: the targets were ``(n,)``, not ``(n, tasks)``. ``names`` of the
    features, where they came with names.
    """

    rows: int
    feature_mean: Array
    feature_rest: Array
    target_mean: Array
    target_rest: Array
    gram: Array
    cross: Array
    single: bool
    names: tuple[str, ...] | None = None

    def __add__(self, other: GramSums) -> GramSums:
        """Equation (1). Raises ValueError where the other rows have other features or another number of targets."""
        if not isinstance(other, GramSums):
            return NotImplemented
        if self._shape != other._shape:
            raise ValueError(
                f"all rows have the same columns, but some have {self._described} and others {other._described}"
            )
        if self.names and other.names and self.names != other.names:
            raise ValueError(
                f"all rows have the same columns in one order, but some have {', '.join(self.names)} and others "
                f"{', '.join(other.names)}"
            )
        rows = self.rows + other.rows
        share = other.rows / rows
        step = (other.feature_mean - self.feature_mean) + (other.feature_rest - self.feature_rest)
        target_step = (other.target_mean - self.target_mean) + (other.target_rest - self.target_rest)
        weighted = self.rows * share * step[:, None]
        return GramSums(
            rows,
            *_sum_and_rest(self.feature_mean, self.feature_rest + share * step),
            *_sum_and_rest(self.target_mean, self.target_rest + share * target_step),
            self.gram + other.gram + weighted * step,
            self.cross + other.cross + weighted * target_step,
            self.single,
            self.names or other.names,
        )

    @property
    def _shape(self) -> tuple[int, int, bool]:
        return *self.cross.shape, self.single

    @property
    def _described(self) -> str:
        features, tasks = self.cross.shape
        return f"{features} features and {'one target (n,)' if self.single else f'targets (n, {tasks})'}"


def sums_of(
    features: NDArray[np.floating],
    labels: Array,
    single: bool = False,
    names: tuple[str, ...] | None = None,
    origin: Array | None = None,
) -> GramSums:
    """Sums of ``features (n, d)``, float32 or float64, and ``labels (n, tasks)``: finite, n >= 1; ``names`` of features.

    One pass, block by block, so that features on disk (a memmap) are never in memory as a whole. ``origin (d,)``: near the
    mean of the features where other rows have shown it; no other digits come of it.
    """
    rows, width = features.shape
    # Deviations from a provisional mean: about zero, a large mean would cost all digits of the variance.
    origin = provisional_mean(features) if origin is None else origin
    target_origin = provisional_mean(labels)
    gram, cross = np.zeros((width, width)), np.zeros((width, labels.shape[1]))
    total, target_total = np.zeros(width), np.zeros(labels.shape[1])
    size = min(max(BLOCK_CELLS // width, SAMPLE_ROWS), rows)
    by_column = (
        features.flags.f_contiguous and not features.flags.c_contiguous
    )  # then so is what is multiplied
    buffer, ones = np.empty((size, width), order="F" if by_column else "C"), np.ones(size)
    for start in range(0, rows, size):
        y = labels[start : start + size] - target_origin
        x = np.subtract(features[start : start + size], origin, out=buffer[: len(y)])
        gram += x.T @ x
        cross += x.T @ y
        total += ones[: len(y)] @ x
        target_total += y.sum(axis=0)
    offset, target_offset = total / rows, target_total / rows
    return GramSums(
        rows,
        *_sum_and_rest(origin, offset),
        *_sum_and_rest(target_origin, target_offset),
        gram - np.outer(total, offset),
        cross - np.outer(total, target_offset),
        single,
        names,
    )


def added(parts: Sequence[GramSums]) -> GramSums:
    """The sums of all rows of at least one part; as ``+`` between them, in one go, which saves passes over large matrices."""
    first, rows = parts[0], sum(part.rows for part in parts)
    shares = np.array([part.rows for part in parts]) / rows
    steps, target_steps = (
        np.array(
            [
                (getattr(part, mean) - getattr(first, mean)) + (getattr(part, rest) - getattr(first, rest))
                for part in parts
            ]
        )
        for mean, rest in (("feature_mean", "feature_rest"), ("target_mean", "target_rest"))
    )
    step, target_step = shares @ steps, shares @ target_steps
    weighted = rows * shares[:, None] * (steps - step)
    gram, cross = weighted.T @ (steps - step), weighted.T @ (target_steps - target_step)
    for part in parts:
        gram += part.gram
        cross += part.cross
    return GramSums(
        rows,
        *_sum_and_rest(first.feature_mean, first.feature_rest + step),
        *_sum_and_rest(first.target_mean, first.target_rest + target_step),
        gram,
        cross,
        first.single,
        first.names,
    )


def provisional_mean(table: NDArray[np.floating]) -> Array:
    """Near the mean of each column of ``(n, d)``, and exactly the value of a constant one, which so leaves nothing behind.

    From rows spread over all of them, because the first ones may be unlike the rest.
    """
    first = table[0].astype(np.float64)
    return first + (table[:: -(-len(table) // SAMPLE_ROWS)] - first).mean(axis=0)


def _sum_and_rest(large: Array, small: Array) -> tuple[Array, Array]:
    """Their sum in double precision, and what that leaves out (Knuth's exact sum of two)."""
    total = large + small
    part = total - large
    return total, (large - (total - part)) + (small - part)
