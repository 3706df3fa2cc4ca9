"""The gain where true labels lie in a known range, as class labels do: intervals that need no row of every kind to be seen.

For a true label y between a and b the gain of a row lies between two numbers that its predictions w and p tell,

    gain = (w - p)(w + p - 2y) = least + size u,    size = 2 |w - p| (b - a),    u in [0, 1],                 (1)

where u says how far y stands on the student's side. Least and size are known of all rows, so only q, the mean of u weighted
by size, is to be found from labelled rows: gain = mean(least) + mean(size) q. Of hard 0/1 labels u is 1 where the student is
right and 0 where its teacher is, and only rows on which they differ count: q is a probability, and has the interval of
Clopper and Pearson. Where sizes vary, `weighted_share` is its like.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

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
