"""Piles of rows that linear heads are fitted to and judged on: few rows as they are, many as their sums.

A pile grows block by block and two piles add. Of many rows it holds `gram.GramSums` alone, so its memory is flat in their
number; ``kept`` rows stay rows, which costs less than sums where they are fewer than columns. Everything that a
cross-fitted head needs is additive over piles, so the heads of every turn come from one pass over the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..theory.arrays import STORED, Array
from .banded import damped_solutions
from .gram import GramSums, added, sums_of
from .linear import LeastSquaresHead, NormBallHead
from .spectrum import Spectrum, spectrum_of, spectrum_of_sums

LinearHead = TypeVar("LinearHead", LeastSquaresHead, NormBallHead)

LEAST_SUMMED = 256
"""Rows that wait at least until they are summed: the sums of a few rows cost as much as of many."""
NARROW = 256
"""Columns, or rows, up to which a spectrum costs less than a reduction to a band."""


class Pile:
    """Rows ``(n, D)``, of which ``sums`` holds those that were summed and ``blocks`` the others.

    ``kept``: rows are not summed, however many.
    """

    def __init__(self, kept: bool):
        self.kept = kept
        self.blocks: list[NDArray[np.floating]] = []
        self.sums: GramSums | None = None

    def take(self, rows: NDArray[np.floating]) -> None:
        """Add ``rows (r, D)``."""
        if len(rows):
            self.blocks.append(rows)
            self._settle(max(rows.shape[1], LEAST_SUMMED))
        if self.blocks:  # what waits does not hold on to a table that it is a part of
            self.blocks[-1] = self.blocks[-1].copy(order="K")

    @np.errstate(invalid="ignore", over="ignore")  # values that are no finite numbers show in the sums
    def __add__(self, other: Pile) -> Pile:
        both = Pile(self.kept)
        both.blocks = [*self.blocks, *other.blocks]
        parts = [pile.sums for pile in (self, other) if pile.sums is not None]
        both.sums = added(parts) if parts else None
        if both.blocks:
            both._settle(max(both.blocks[0].shape[1], LEAST_SUMMED))
        return both

    def finished(self) -> Self:
        """This pile when all rows are there: those that wait are summed, or are one table where rows are kept."""
        if self.blocks and self.kept:
            self.blocks = [np.concatenate(self.blocks).astype(np.float64, copy=False)]
        self._settle(1)
        return self

    @property
    def table(self) -> Array:
        """The rows of a finished pile that keeps them."""
        return np.asarray(self.blocks[0], dtype=np.float64)

    @np.errstate(invalid="ignore", over="ignore")
    def _settle(self, least: int) -> None:
        if self.kept or sum(map(len, self.blocks)) < least:
            return
        rows = self.blocks[0] if len(self.blocks) == 1 else np.concatenate(self.blocks)
        origin = None if self.sums is None else self.sums.feature_mean
        more = sums_of(rows, np.empty((len(rows), 0)), origin=origin)
        self.sums, self.blocks = more if self.sums is None else added([self.sums, more]), []

    def __bool__(self) -> bool:
        return bool(self.blocks) or self.sums is not None


@np.errstate(invalid="ignore", over="ignore")
def spread(piles: Sequence[Pile], width: int) -> tuple[Array, Array]:
    """Mean and standard deviation of the first ``width`` columns over all rows of finished ``piles``, ``(width,)`` each.

    The deviation is exactly 0 where a column is constant on these rows, or varies by no more than the rounding of its mean.
    Not finite where squares leave double precision.
    """
    parts = []
    for pile in piles:
        if pile.sums is not None:
            sums = pile.sums
            centre, rest = sums.feature_mean[:width], sums.feature_rest[:width]
            parts.append((sums.rows, centre, rest, sums.gram.diagonal()[:width]))
        else:
            rows = pile.table[:, :width]
            deviations = rows - rows[0]
            rest = deviations.mean(axis=0)
            parts.append((len(rows), rows[0], rest, np.sum((deviations - rest) ** 2, axis=0)))
    count = sum(rows for rows, *_ in parts)
    origin, first = parts[0][1], parts[0][2]
    steps = [(centre - origin) + (rest - first) for _, centre, rest, _ in parts]
    step = sum(part[0] / count * one for part, one in zip(parts, steps, strict=True))
    squares = sum(part[3] + part[0] * (one - step) ** 2 for part, one in zip(parts, steps, strict=True))
    mean = origin + (first + step)
    deviation = np.sqrt(squares / count)
    return mean, np.where(deviation <= STORED * np.abs(mean), 0.0, deviation)


def sum_of_squares(piles: Sequence[Pile], about: Array, maps: Array, offsets: Array) -> Array:
    """Sum over all rows z of finished ``piles`` of ((z - about)' map + offset)^2, ``(m,)``, for ``maps (D, m)``.

    Columns that a pile has beyond D count for nothing.
    """
    found = np.zeros(len(offsets))
    for pile in piles:
        if pile.sums is None:
            found += np.sum(((pile.table[:, : len(maps)] - about) @ maps + offsets) ** 2, axis=0)
            continue
        sums, width = pile.sums, len(maps)
        centre = (sums.feature_mean[:width] - about) + sums.feature_rest[:width]
        spreads = np.einsum("ij,ij->j", maps, sums.gram[:width, :width] @ maps)
        found += np.maximum(spreads, 0.0) + sums.rows * (centre @ maps + offsets) ** 2
    return found


class Training:
    """Standardised columns of the rows of finished ``piles``, and labels that are linear in their columns.

    ``about (D,)``: what is subtracted from the columns; ``inputs``: which columns are features, and ``scale``: what each of
    these is multiplied by, 0 for one that shall not count. Labels ``(n, tasks)``: (z - about)' ``maps (D, tasks)`` +
    ``offsets``. Either ``rows``, features and labels, or ``sums`` is there.
    """

    def __init__(
        self,
        piles: Sequence[Pile],
        about: Array,
        inputs: slice,
        scale: Array,
        maps: Array,
        offsets: Array,
    ):
        width = len(about)
        self.rows: tuple[Array, Array] | None = None
        self.sums: GramSums | None = None
        if all(pile.sums is None for pile in piles):
            table = np.concatenate([pile.table[:, :width] for pile in piles]) - about
            self.rows = (table[:, inputs] * scale, table @ maps + offsets)
            return
        total = added([_narrowed(_summed(pile), width) for pile in piles])
        centre = (total.feature_mean - about) + total.feature_rest
        gram = total.gram[inputs, inputs] * scale
        gram *= scale[:, None]
        none, cross = np.zeros(len(scale)), scale[:, None] * (total.gram[inputs] @ maps)
        self.sums = GramSums(
            total.rows,
            centre[inputs] * scale,
            none,
            centre @ maps + offsets,
            np.zeros(len(offsets)),
            gram,
            cross,
            False,
        )

    @property
    def label_mean(self) -> Array:
        """Mean of the labels, ``(tasks,)``."""
        if self.rows is not None:
            return self.rows[1].mean(axis=0)
        assert self.sums is not None
        return self.sums.target_mean

    def fitted(self, head: LinearHead) -> LinearHead:
        """``head`` fitted to these features and labels; it is also what is returned."""
        if self.rows is not None:
            return head.fit(*self.rows)
        assert self.sums is not None
        return head.fit_sums(self.sums)

    def ridge_path(self, penalties: Sequence[float]) -> tuple[Array, Array]:
        """Coefficients ``(penalties, d, tasks)``, intercepts ``(penalties, tasks)``; penalties > 0 as `linear.RidgeHead`'s."""
        if self.rows is not None:
            features, labels = self.rows
            if min(features.shape) <= NARROW:
                return _spectral_path(spectrum_of(features, labels, centred=True), penalties)
            if len(features) < features.shape[1]:
                return _dual_path(features, labels, penalties)
        sums = self.sums if self.rows is None else sums_of(*self.rows)
        assert sums is not None
        if len(sums.gram) <= NARROW:
            return _spectral_path(spectrum_of_sums(sums, centred=True), penalties)
        made = damped_solutions(sums.gram.copy(), sums.cross, _dampings(sums.gram, len(sums.gram), penalties))
        return made, sums.target_mean - sums.feature_mean @ made


def _spectral_path(spectrum: Spectrum, penalties: Sequence[float]) -> tuple[Array, Array]:
    unit = spectrum.mean_variance * spectrum.rows
    made = np.stack([spectrum.coefficients(penalty * unit) for penalty in penalties])
    return made, spectrum.target_mean - spectrum.feature_mean @ made


def _dual_path(features: Array, labels: Array, penalties: Sequence[float]) -> tuple[Array, Array]:
    """Fewer rows than columns: the coefficients are weights on the rows, found from products of rows."""
    mean, target_mean = features.mean(axis=0), labels.mean(axis=0)
    centred = features - mean
    kernel = centred @ centred.T
    dampings = _dampings(kernel, features.shape[1], penalties)
    made = centred.T @ damped_solutions(kernel, labels - target_mean, dampings)
    return made, target_mean - mean @ made


def _dampings(products: Array, columns: int, penalties: Sequence[float]) -> Array:
    """Penalties in units of squares; any > 0 where no column varies, as all coefficients are 0 then."""
    return np.array(penalties) * (products.trace() / columns or 1.0)


def _summed(pile: Pile) -> GramSums:
    return pile.sums if pile.sums is not None else sums_of(pile.table, np.empty((len(pile.table), 0)))


def _narrowed(sums: GramSums, width: int) -> GramSums:
    """Of the first ``width`` columns."""
    if len(sums.gram) == width:
        return sums
    return GramSums(
        sums.rows,
        sums.feature_mean[:width],
        sums.feature_rest[:width],
        sums.target_mean,
        sums.target_rest,
        sums.gram[:width, :width],
        sums.cross[:width],
        sums.single,
    )
