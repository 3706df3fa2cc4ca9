"""Intervals of what a run says: over the judged rows of one seed, or over seeds, and how they are written.

An interval over seeds needs LEAST_SEEDS of them; with fewer, and where all seeds agree, it has no length. Such a one tells
nothing, and is marked where it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..theory.arrays import Array
from ..theory.intervals import Interval, joint, mean_t, share

LEVEL = 0.95
LEAST_SEEDS = 3
"""Two seeds have one degree of freedom: Student's interval would be 25 standard errors long, or as short as chance has it."""


def sign(found: Interval) -> int:
    """1 where an interval lies above 0, -1 below, 0 for neither; 0 also without a length, where seeds happened to agree."""
    return int(found.low > 0) - int(found.high < 0) if found.low < found.high else 0


def over_seeds(values: Sequence[float], least: float, level: float = LEVEL) -> Interval:
    """Student's interval of a mean over seeds, cut to what can be, [``least``, 1]; without a length below LEAST_SEEDS."""
    mean = float(np.mean(values))
    if len(values) < LEAST_SEEDS:
        return Interval(mean, mean, mean)
    found = mean_t(values, level)
    return Interval(found.estimate, max(found.low, least), min(found.high, 1.0))


def paired_gain(gains: Array, level: float = LEVEL) -> Interval:
    """The mean of ``gains (m,)``, each 1, 0 or -1, over rows like these: it covers at least as said, however few are not 0.

    Mean = (2 q - 1) d, d the share of rows that are not 0 and q the share of 1 among those: both have the interval of Clopper
    and Pearson, q for the number of rows that were found, and hold together (Bonferroni). Where none is not 0, q may be any.
    """
    better, differ = int(np.sum(gains > 0)), int(np.sum(gains != 0))
    each = joint(2, level)
    size = share(differ, len(gains), each)
    low, high = share(better, differ, each).ends if differ else (0.0, 1.0)
    ends = [(2 * q - 1) * d for q in (low, high) for d in size.ends]
    return Interval(float(gains.mean()), min(ends), max(ends))


def told_above_0(gains: Sequence[Array]) -> bool:
    """Whether ``gains``, rows ``(m,)`` of each seed, are told from 0: over seeds, or over the rows of every seed."""
    if sign(over_seeds([float(rows.mean()) for rows in gains], -1.0)) > 0:
        return True
    return all(paired_gain(rows, joint(len(gains))).low > 0 for rows in gains)


def written(found: Interval, digits: int = 3) -> str:
    """An estimate with its ends in brackets, or the word that it has none."""
    estimate, low, high = (f"{value + 0.0:.{digits}f}".replace("-", "−") for value in found)
    return f"{estimate} [{low}, {high}]" if found.low < found.high else f"{estimate} (no interval)"
