"""Which rows a student learns from: those on which it agrees with its teacher, or those on which a crowd of teachers does not.

*Agreement*: keep a row if the teacher names the class that the strong model names, too, after a few true labels. What is kept
is what the strong model said anyway: the teacher chooses rows and tells nothing new. *Disagreement*, after what CrowdSelect
does with answers of language models (Li et al. 2025, arXiv 2503.01836): rows on which heterogeneous teachers disagree are
taken first, from each cluster of the strong representation as many as its share.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..theory.arrays import Array

Rows = NDArray[np.intp]


def agreed(rows: Rows, one: Array, other: Array) -> Rows:
    """Those of ``rows`` on which two tables of probabilities ``(n, c)`` name the same class."""
    return rows[one[rows].argmax(axis=1) == other[rows].argmax(axis=1)]


def votes(tables: ArrayLike) -> Array:
    """Shares ``(n, c)`` of teachers that name each class, from their probabilities ``(teachers, n, c)``."""
    named = np.asarray(tables).argmax(axis=2)
    return np.asarray((named[:, :, None] == np.arange(np.shape(tables)[2])).mean(axis=0))


def disagreement(shares: Array) -> Array:
    """Probability ``(n,)`` that two teachers, drawn with replacement, name different classes: 1 - sum of squared shares."""
    return np.asarray(1 - np.sum(shares**2, axis=1))


def clusters(table: Array, count: int, generator: np.random.Generator) -> Rows:
    """The cluster ``(n,)`` of each row of ``table (n, d)``, by k-means from random rows."""
    from sklearn.cluster import KMeans

    seed = int(generator.integers(2**31))
    return np.asarray(KMeans(count, n_init=1, random_state=seed).fit(table).labels_, dtype=np.intp)


def chosen(order: ArrayLike, budget: int, groups: Rows | None = None) -> Rows:
    """``budget`` places of the largest ``order (n,)``, in rising order; with ``groups (n,)`` from each its share of them.

    Shares are rounded down, and what is missing goes to the groups with the largest remainders. Raises ValueError for a budget
    above n.
    """
    values = np.asarray(order)
    if budget > len(values):
        raise ValueError(f"{budget} rows cannot be chosen among {len(values)}")
    groups = np.zeros(len(values), dtype=np.intp) if groups is None else groups
    sizes = np.bincount(groups)
    exact = budget * sizes / len(values)
    quota = np.floor(exact).astype(int)
    quota[np.argsort(quota - exact, kind="stable")[: budget - quota.sum()]] += 1
    falling = np.argsort(-values, kind="stable")
    taken = [falling[groups[falling] == k][:some] for k, some in enumerate(quota)]
    return np.sort(np.concatenate(taken))
