"""What the two notebooks on swapped roles share: who teaches whom, where two models cross, a student's own rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..theory.arrays import Array
from ..theory.misfit import ErrorTriple, error_triple, exact_gap

DIRECTIONS = {"weak-to-strong": ("small", "large"), "strong-to-weak": ("large", "small")}
"""Teacher and student of each."""


def crossing(at: Sequence[float], log_ratios: ArrayLike) -> float:
    """Label count at which log(large error / small error) falls through 0, linear in log n; else an end of the range.

    ``at``: label counts, rising; ``log_ratios``: one value for each.
    """
    values = np.asarray(log_ratios)
    above = np.flatnonzero(values > 0)
    if not above.size:
        return float(at[0])
    last = above[-1]
    if last == len(at) - 1:
        return float(at[-1])
    share = values[last] / (values[last] - values[last + 1])
    return float(np.exp((1 - share) * np.log(at[last]) + share * np.log(at[last + 1])))


def on_own_rows(head: Any, features: ArrayLike, weak: Array, goal: Array) -> tuple[ErrorTriple, float]:
    """Triple of a student of a subspace on its own rows, with the truth's projection as ceiling; how far gain - misfit is off.

    ``head``: unfitted, of a subspace; ``features (n, d)``, ``weak (n,)``, ``goal (n,)``. The second value is the distance of
    gain - misfit from `misfit.exact_gap`, relative to the weak error: round-off, if theorem 2 is right.
    """
    fitted, nearest = head.fit(features, np.column_stack([weak, goal])).predict(features).T
    triple = error_triple(goal, weak, fitted, nearest)
    off = np.abs(triple.cross_term - exact_gap(goal, weak, nearest, fitted)) / triple.weak_error
    return triple, float(off)
