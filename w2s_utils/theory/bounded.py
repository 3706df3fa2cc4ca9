"""The gain where true labels lie in a known range, as class labels do: intervals that need no row of every kind to be seen.

For a true label y between a and b the gain of a row lies between two numbers that its predictions w and p tell,

    gain = (w - p)(w + p - 2y) = least + size u,    size = 2 |w - p| (b - a),    u in [0, 1],                 (1)

where u says how far y stands on the student's side. Least and size are known of all rows, so only q, the mean of u weighted
by size, is to be found from labelled rows: gain = mean(least) + mean(size) q. Of hard 0/1 labels u is 1 where the student is
right and 0 where its teacher is, and only rows on which they differ count: q is a probability, and has the interval of
Clopper and Pearson. Where sizes vary, `weighted_share` is its like.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, ndtri

from .arrays import Array


def weighted_share(
    hits: ArrayLike, misses: ArrayLike, squares: ArrayLike, largest: ArrayLike, tail: float
) -> tuple[Array, Array, Array]:
    """Estimate of a share weighted by size, and ends beyond which it lies with about the probability ``tail`` each.

    ``hits``: sum of size times u over labelled rows, ``misses``: of size times 1 - u, ``squares``: of squared sizes;
    ``largest``: the largest size that a row can have, > 0; numbers or ``(n,)`` each, >= 0. For equal sizes and u of 0 and 1
    the ends are those of Clopper and Pearson (1934), which have a beta distribution with the counts of hits and misses, one
    more for what was not seen. Else (sum of sizes)^2 / sum of squares is the number of rows that count, and what was not seen
    is a row of the largest size, as in the interval of Fay and Feuer (1997, Statistics in Medicine 16:791) for weighted sums
    of Poisson counts. That is no proof: notebook 80 tries it. The estimate is 1/2 where no labelled row has a size.
    """
    hits, misses, squares, largest = map(
        np.asarray,
        np.broadcast_arrays(*(np.asarray(side, dtype=float) for side in (hits, misses, squares, largest))),
    )
    total = hits + misses
    seen = total > 0
    mean_size = np.divide(squares, total, out=np.ones_like(total), where=seen)
    more = np.where(seen, largest / mean_size, 1.0)
    for_it, against = hits / mean_size, misses / mean_size
    with np.errstate(invalid="ignore"):
        low = np.where(seen & (hits > 0), betaincinv(for_it, against + more, tail), 0.0)
        high = np.where(seen & (misses > 0), betaincinv(for_it + more, against, 1 - tail), 1.0)
    return np.divide(hits, total, out=np.full_like(total, 0.5), where=seen), low, high


@dataclass(frozen=True)
class Spans:
    """What (1) needs of all ``rows``; ``a + b`` is that of the rows of both.

    ``sums (..., 3)`` and ``products (..., 3, 3)`` of w - p, |w - p| and (w - p)(w + p); ``largest (...)`` |w - p|. Axes in
    front are draws, if there are several.
    """

    rows: int
    sums: Array
    products: Array
    largest: Array

    def __add__(self, other: Spans) -> Spans:
        return Spans(
            self.rows + other.rows,
            self.sums + other.sums,
            self.products + other.products,
            np.maximum(self.largest, other.largest),
        )

    def exchanged(self) -> Spans:
        """With student and teacher in each other's place."""
        turned = np.array([-1.0, 1.0, -1.0])
        return Spans(self.rows, turned * self.sums, turned * self.products * turned[:, None], self.largest)

    def moments(self, low: float, high: float, share: Array) -> tuple[Array, Array]:
        """Mean over all rows of least + size ``share (draws,)`` for labels from low to high, and its variance over rows."""
        parts = (np.full_like(share, -(low + high)), (high - low) * (2 * share - 1), np.ones_like(share))
        weights = np.stack(parts, axis=-1)
        mean = self.sums / self.rows
        spread = self.products / self.rows - mean[..., :, None] * mean[..., None, :]
        variance = np.einsum("...i,...ij,...j->...", weights, spread, weights)
        return np.sum(mean * weights, axis=-1), np.maximum(variance, 0.0)


def spans(table: Array) -> Spans:
    """Of `parts` of all rows, ``(..., n, 3)``."""
    products = np.swapaxes(table, -1, -2) @ table
    return Spans(table.shape[-2], table.sum(axis=-2), products, table[..., 1].max(axis=-1, initial=0.0))


def parts(weak: Array, student: Array) -> Array:
    """w - p, |w - p| and (w - p)(w + p) of each row, ``(..., n, 3)``."""
    apart = weak - student
    return np.stack([apart, abs(apart), apart * (weak + student)], axis=-1)


@dataclass(frozen=True)
class Bounded:
    """Estimates ``gain (draws,)`` where labels lie from ``low`` to ``high``, in squared target units.

    ``hits``, ``misses``, ``squares (draws,)``: see `weighted_share`; ``over``: what is known of all rows.
    """

    gain: Array
    low: float
    high: float
    hits: Array
    misses: Array
    squares: Array
    over: Spans

    def ends(self, tail: float, times: float = 1.0) -> tuple[Array, Array]:
        """Ends beyond which the gain lies with the probability ``tail`` each, at most.

        ``times``: with so many times the labels, if they are like these.
        """
        hits, misses, squares = (times * side for side in (self.hits, self.misses, self.squares))
        largest = 2 * (self.high - self.low) * self.over.largest
        share, least, most = weighted_share(hits, misses, squares, np.where(largest > 0, largest, 1.0), tail)
        low, high = (self.over.moments(self.low, self.high, end)[0] for end in (least, most))
        # Means over n rows are not those over all that could be drawn.
        of_rows = -ndtri(tail) * np.sqrt(self.over.moments(self.low, self.high, share)[1] / self.over.rows)
        return self.gain - np.hypot(self.gain - low, of_rows), self.gain + np.hypot(high - self.gain, of_rows)


def bounded_gain(gains: Array, apart: Array, low: float, high: float, over: Spans) -> Bounded:
    """The gain by (1) for several draws of labelled rows at once.

    ``gains (draws, m)`` of labelled rows, ``apart (draws, m, 3)``: `parts` of their predictions; true labels lie from
    ``low`` to ``high``; ``over``: of all rows.
    """
    size = 2 * (high - low) * apart[..., 1]
    least = apart[..., 2] - (low + high) * apart[..., 0] - size / 2
    hits = np.clip(gains - least, 0.0, size)  # what lies beyond does so by round-off
    hit, missed, squares = hits.sum(axis=-1), (size - hits).sum(axis=-1), (size**2).sum(axis=-1)
    share = np.divide(hit, hit + missed, out=np.full_like(hit, 0.5), where=squares > 0)
    return Bounded(over.moments(low, high, share)[0], low, high, hit, missed, squares, over)
