"""The gain where true labels lie in a known range, as class labels do: intervals that need no row of every kind to be seen.

For a true label y between a and b the gain of a row lies between two numbers that its predictions w and p tell,

    gain = (w - p)(w + p - 2y) = least + size u,    size = 2 |w - p| (b - a),    u in [0, 1],                 (1)

where u says how far y stands on the student's side. Least and size are known of all rows, so only q, the mean of u weighted
by size, is to be found from labelled rows: gain = mean(least) + mean(size) q. Of hard 0/1 labels u is 1 where the student is
right and 0 where its teacher is, and only rows on which they differ count: q is a probability, and has the interval of
Clopper and Pearson. Where sizes vary, `weighted_share` is its like; where labels lie inside their range, as the third of
three classes does, rows count for more, and for less where large ones err more (`worth_of`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, stdtrit

from .arrays import COMPUTED, Array


def weighted_share(
    hits: ArrayLike,
    misses: ArrayLike,
    squares: ArrayLike,
    largest: ArrayLike,
    tail: float,
    worth: ArrayLike = 1.0,
) -> tuple[Array, Array, Array]:
    """Estimate of a share weighted by size, and ends beyond which it lies with about the probability ``tail`` each.

    ``hits``: sum of size times u over labelled rows, ``misses``: of size times 1 - u, ``squares``: of squared sizes;
    ``largest``: the largest size that a row can have, > 0; numbers or ``(n,)`` each, >= 0. For equal sizes and u of 0 and 1
    the ends are those of Clopper and Pearson (1934), which have a beta distribution with the counts of hits and misses, one
    more for what was not seen. Else (sum of sizes)^2 / sum of squares is the number of rows that count, and what was not seen
    is a row of the largest size, as in the interval of Fay and Feuer (1997, Statistics in Medicine 16:791) for weighted sums
    of Poisson counts. That is no proof: notebooks 80 and 83 try it. ``worth``: for how many each of these counts, see
    `worth_of`. The estimate is 1/2 where no labelled row has a size.
    """
    hits, misses, squares, largest, worth = map(
        np.asarray,
        np.broadcast_arrays(
            *(np.asarray(side, dtype=float) for side in (hits, misses, squares, largest, worth))
        ),
    )
    total = hits + misses
    seen = total > 0
    mean_size = np.divide(squares, total, out=np.ones_like(total), where=seen)
    more = np.where(seen, largest / mean_size, 1.0)
    for_it, against = worth * hits / mean_size, worth * misses / mean_size
    with np.errstate(invalid="ignore"):
        low = np.where(seen & (hits > 0), betaincinv(for_it, against + more, tail), 0.0)
        high = np.where(seen & (misses > 0), betaincinv(for_it + more, against, 1 - tail), 1.0)
    return np.divide(hits, total, out=np.full_like(total, 0.5), where=seen), low, high


def worth_of(hits: Array, size: Array, largest: Array) -> Array:
    """For how many rows each counts, ``(...,)``: 1 where u is 0 or 1 and sizes are equal.

    ``hits``, ``size (..., m)``: size times u and size of labelled rows; ``largest (...)`` size of any row. The estimate is a
    ratio of sums, whose squared error is sum of size^2 (u - q)^2 over (sum of sizes)^2 (Cochran 1977, Sampling Techniques,
    section 2.11); `weighted_share` has q (1 - q) for (u - q)^2, as of hits and misses that have nothing to do with size. Rows
    count for more where that is too much, and for less where it is too little. There are two estimates of what it should be,
    and the larger one is taken: the mean of (u - q)^2, weighted by size^2, which knows if large rows err more; and
    q (1 - q) less the mean of u (1 - u), which does not fall because few large rows happen to err alike. In both two more rows
    of the largest size are taken to be at the ends, one of each, as labelled ones may lie between by chance.
    """
    total, squares = size.sum(axis=-1), np.sum(size**2, axis=-1)
    q = np.divide(hits.sum(axis=-1), total, out=np.full_like(total, 0.5), where=total > 0)
    unseen, of_ends = 2 * np.asarray(largest) ** 2, q * (1 - q)
    every = squares + unseen
    about = np.sum((hits - q[..., None] * size) ** 2, axis=-1) + unseen * of_ends
    inside = np.sum(hits * (size - hits), axis=-1)
    variance = np.maximum(about, of_ends * every - inside)
    told = (of_ends > COMPUTED) & (variance > 0)  # else all are hits, or all misses, but for round-off
    return np.divide(of_ends * every, variance, out=np.ones_like(q), where=told)


@dataclass(frozen=True)
class Spans:
    """What (1) needs of all ``rows``; ``a + b`` is that of the rows of both.

    ``sums (..., 3)`` and ``products (..., 3, 3)`` of their `parts` ``about`` some value; ``largest (...)`` |w - p|. Axes in
    front are draws, if there are several.
    """

    rows: int
    sums: Array
    products: Array
    largest: Array
    about: float = 0.0

    def __add__(self, other: Spans) -> Spans:
        sums, products = other._turned(_moved(self.about - other.about))
        return Spans(
            self.rows + other.rows,
            self.sums + sums,
            self.products + products,
            np.maximum(self.largest, other.largest),
            self.about,
        )

    def exchanged(self) -> Spans:
        """With student and teacher in each other's place."""
        return Spans(self.rows, *self._turned(np.diag([-1.0, 1.0, -1.0])), self.largest, self.about)

    def _turned(self, by: Array) -> tuple[Array, Array]:
        """Sums and products of the parts times a matrix ``by (3, 3)``."""
        return self.sums @ by, by.T @ self.products @ by

    @property
    def carrying(self) -> Array:
        """(sum |w - p|)^2 / sum (w - p)^2: how many rows make the mean of |w - p|."""
        sums, squares = self.sums[..., 1], self.products[..., 1, 1]
        return np.divide(sums**2, squares, out=np.zeros_like(squares), where=squares > 0)

    def moments(self, low: float, high: float, share: Array) -> tuple[Array, Array]:
        """Mean over all rows of least + size ``share (draws,)`` for labels from low to high, and its variance over rows."""
        ends = (low - self.about) + (high - self.about)
        parts = (np.full_like(share, -ends), (high - low) * (2 * share - 1), np.ones_like(share))
        weights = np.stack(parts, axis=-1)
        mean = self.sums / self.rows
        spread = self.products / self.rows - mean[..., :, None] * mean[..., None, :]
        variance = np.einsum("...i,...ij,...j->...", weights, spread, weights)
        return np.sum(mean * weights, axis=-1), np.maximum(variance, 0.0)


def spans(table: Array, about: float = 0.0) -> Spans:
    """Of `parts` about that value of all rows, ``(..., n, 3)``."""
    products = np.swapaxes(table, -1, -2) @ table
    return Spans(
        table.shape[-2], table.sum(axis=-2), products, table[..., 1].max(axis=-1, initial=0.0), about
    )


def parts(weak: Array, student: Array, about: float = 0.0) -> Array:
    """w - p, |w - p| and (w - p)(w + p) of each row, ``(..., n, 3)``, with w and p counted from ``about``.

    That is a value among them, where they lie far from 0: w + p would lose its digits.
    """
    apart = weak - student
    return np.stack([apart, abs(apart), apart * ((weak - about) + (student - about))], axis=-1)


def moved(table: Array, by: float) -> Array:
    """`parts`, ``(..., n, 3)``, about a value that is larger ``by`` so much."""
    return table @ _moved(by)


def _moved(by: float) -> Array:
    matrix = np.eye(3)
    matrix[0, 2] = -2 * by
    return matrix


@dataclass(frozen=True)
class Bounded:
    """What tells the gain where labels lie from ``low`` to ``high``.

    ``hits``, ``misses``, ``squares``, ``worth (draws,)``: see `weighted_share`; ``over``: what is known of all rows.
    """

    low: float
    high: float
    hits: Array
    misses: Array
    squares: Array
    over: Spans
    worth: ArrayLike = 1.0

    @property
    def gain(self) -> Array:
        """Estimates ``(draws,)``, in squared target units."""
        return self.over.moments(self.low, self.high, self.share)[0]

    def ends(self, tail: float) -> tuple[Array, Array]:
        """Ends beyond which the gain lies with the probability ``tail`` each, about or at most, see `weighted_share`."""
        return self._ends(tail, self.hits, self.misses, self.squares)

    def planned(self, tail: float, labels: int) -> tuple[Array, Array]:
        """`ends` that so many labels would have if the share stays what it is: on which rows it hangs is known of all rows.

        So it tells also where no labelled row is one of those.
        """
        width = 2 * (self.high - self.low)
        total = labels * width * self.over.sums[..., 1] / self.over.rows
        squares = labels * width**2 * self.over.products[..., 1, 1] / self.over.rows
        return self._ends(tail, total * self.share, total * (1 - self.share), squares)

    @property
    def share(self) -> Array:
        """q of the labelled rows, 1/2 where none has a size."""
        total = self.hits + self.misses
        return np.divide(self.hits, total, out=np.full_like(total, 0.5), where=total > 0)

    def _ends(self, tail: float, hits: Array, misses: Array, squares: Array) -> tuple[Array, Array]:
        largest = 2 * (self.high - self.low) * self.over.largest
        share, least, most = weighted_share(
            hits, misses, squares, np.where(largest > 0, largest, 1.0), tail, self.worth
        )
        # Means over n rows are not those over all that could be drawn, and may come from few rows.
        quantile = -stdtrit(np.maximum(self.over.carrying - 1, 1.0), tail)
        (low, low_variance), (high, high_variance) = (
            self.over.moments(self.low, self.high, end) for end in (least, most)
        )
        gain, rows = self.gain, self.over.rows
        below, above = (quantile * np.sqrt(one / rows) for one in (low_variance, high_variance))
        # Where labels say nothing the ends are all that may be, and are not off by chance: rows come on top.
        none = hits + misses == 0
        return (
            np.where(none, low - below, gain - np.hypot(gain - low, below)),
            np.where(none, high + above, gain + np.hypot(high - gain, above)),
        )


def bounded_gain(gains: Array, apart: Array, low: float, high: float, over: Spans) -> Bounded:
    """The gain by (1) for several draws of labelled rows at once.

    ``gains (draws, m)`` of labelled rows, ``apart (draws, m, 3)``: `parts` of their predictions; true labels lie from
    ``low`` to ``high``; ``over``: of all rows, about the same value.
    """
    size = 2 * (high - low) * apart[..., 1]
    least = apart[..., 2] - ((low - over.about) + (high - over.about)) * apart[..., 0] - size / 2
    hits = np.clip(gains - least, 0.0, size)  # what lies beyond does so by round-off
    hit, missed, squares = hits.sum(axis=-1), (size - hits).sum(axis=-1), (size**2).sum(axis=-1)
    worth = worth_of(hits, size, 2 * (high - low) * over.largest)
    return Bounded(low, high, hit, missed, squares, over, worth)
