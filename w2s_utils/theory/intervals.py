"""Intervals that hold what they say: for a share, a mean, a quantile, a correlation, a ratio, and for several statements.

Each function is for independent units: problems, seeds, splits, weak models, molecules. Which of them are independent is
the caller's to know and to say beside the number. An interval at the confidence c holds the true value in a share c of all
repetitions, at least (`share`, `quantile`, `median`) or exactly where values are normal (`mean_t`, `ratio_of_means`), about
so where pairs are (`correlation`).

**Not here.** A bootstrap of a minimum or a maximum: resamples never go beyond what was seen, and the true one lies there. An
interval for what was chosen by its value, the worst of five or the best of four: choose on other rows, or take every
candidate at the confidence `joint` and read the interval of the extreme off them, `least_of`, `largest_of`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, betaincinv, ndtri, stdtrit

from .arrays import Array, numbers

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """An ``estimate`` and the ends of its interval, in the estimate's unit; ``low <= high``."""

    estimate: float
    low: float
    high: float

    @property
    def ends(self) -> tuple[float, float]:
        """``(low, high)``."""
        return self.low, self.high


class Spread(NamedTuple):
    """How far single values lie apart: their ``median``, and the 5 % and 95 % quantiles. It says nothing of a true value."""

    median: float
    low: float
    high: float


def share(successes: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """A probability, from independent trials: Clopper and Pearson (1934, Biometrika 26:404), which covers at least as said.

    ``successes`` from 0 to ``trials``, whole numbers, trials >= 1. Raises TypeError and ValueError for others.
    """
    tail = _tail(confidence)
    for name, count in (("successes", successes), ("trials", trials)):
        if isinstance(count, bool | np.bool_) or not isinstance(count, int | np.integer):
            raise TypeError(f"{name} is a whole number, not {count!r}")
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(
            f"successes lie from 0 to trials, and there is 1 trial at least; not {successes} of {trials}"
        )
    low = 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, tail))
    high = 1.0 if successes == trials else float(betaincinv(successes + 1, trials - successes, 1 - tail))
    return Interval(successes / trials, low, high)


def mean_t(values: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """The mean of what ``values (n,)`` were drawn from, one value a unit: Student's t with n - 1 degrees of freedom, n >= 2.

    Exact where values are normal; skewed ones need tens of units. Values that are all equal give no length, which says only
    that no unit differed. Raises ValueError for fewer than 2 values, NaN or another
    shape, TypeError for what are no numbers.
    """
    drawn, tail = _units("values", values, 2), _tail(confidence)
    mean, half = drawn.mean(), -stdtrit(len(drawn) - 1, tail) * drawn.std(ddof=1) / math.sqrt(len(drawn))
    return Interval(float(mean), float(mean - half), float(mean + half))


def quantile(values: ArrayLike, p: float, confidence: float = CONFIDENCE) -> Interval:
    """The ``p``-quantile, p in (0, 1), of what ``values (n,)`` were drawn from, whatever its distribution.

    The ends are two of the sorted values, the innermost with a binomial tail of (1 - confidence) / 2 or less beyond each
    (Conover 1999, Practical Nonparametric Statistics, section 3.2), so coverage is at least as said. With too few values the
    smallest or largest is no end yet, and ValueError says how many are needed, 6 for a median at 95 %. Else as `mean_t`.
    """
    drawn, tail = np.sort(_units("values", values, 1)), _tail(confidence)
    if not 0 < p < 1:
        raise ValueError(f"a quantile's p lies in (0, 1), not {p!r}")
    count = len(drawn)
    at_most = bdtr(np.arange(count), count, p)  # P(k values or fewer lie below the quantile)
    low = int(np.searchsorted(at_most, tail, side="right"))  # so many k are improbably few
    high = int(np.searchsorted(at_most, 1 - tail, side="left")) + 1
    if low == 0 or high > count:
        needed = math.ceil(math.log(tail) / math.log(max(p, 1 - p)))
        raise ValueError(
            f"{count} values have no interval for the {p:g}-quantile at {confidence:g}; {needed} are needed"
        )
    return Interval(float(np.quantile(drawn, p)), float(drawn[low - 1]), float(drawn[high - 1]))


def median(values: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """The median of what ``values (n,)`` were drawn from; n >= 6 at 95 %. Source and errors: `quantile`."""
    return quantile(values, 0.5, confidence)


def spread(values: ArrayLike) -> Spread:
    """The range of the middle nine tenths of ``values (n,)``, n >= 2: a description, not an interval. Raises as `mean_t`."""
    low, middle, high = np.quantile(_units("values", values, 2), [0.05, 0.5, 0.95])
    return Spread(float(middle), float(low), float(high))


def correlation(x: ArrayLike, y: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """Pearson's correlation, from n >= 4 independent pairs, ``x (n,)`` and ``y (n,)``: Fisher's z, variance 1 / (n - 3).

    Fisher (1921, Metron 1:3); for pairs that are about normal. A correlation of 1 or -1 has an interval of no length. Raises
    ValueError for fewer pairs, different lengths, NaN or a constant side, TypeError for what are no numbers.
    """
    tail = _tail(confidence)
    one, other = _pairs(x=x, y=y, least=4)
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        raise ValueError("a constant side has no correlation")
    found = float(np.clip(np.corrcoef(one, other)[0, 1], -1, 1))
    with np.errstate(divide="ignore"):
        centre, half = np.arctanh(found), -ndtri(tail) / math.sqrt(len(one) - 3)
    return Interval(found, float(np.tanh(centre - half)), float(np.tanh(centre + half)))


def ratio_of_means(
    numerators: ArrayLike, denominators: ArrayLike, confidence: float = CONFIDENCE
) -> Interval:
    """Mean of the numerators over mean of the denominators, ``(n,)`` each, n >= 2 units that give one of each.

    Fieller (1954, JRSS B 16:175): all r at which the mean of numerator - r denominator is not told from 0 by Student's t,
    n - 1 degrees of freedom; exact where pairs are normal. Raises ValueError where the denominators' own mean is not told
    from 0, for then some arbitrarily large r are among them; else as `correlation`.
    """
    tail = _tail(confidence)
    above, below = _pairs(numerators=numerators, denominators=denominators, least=2)
    count = len(above)
    square = float(stdtrit(count - 1, tail)) ** 2 / count
    (_, both), (_, of_below) = square * np.cov(above, below)
    top, bottom = above.mean(), below.mean()
    leading = bottom**2 - of_below
    if leading <= 0:
        raise ValueError(
            f"the mean of the denominators, {bottom:g}, is not told from 0: the ratio has no bounded interval"
        )
    ratio, slope = top / bottom, both / of_below if of_below else 0.0
    # The discriminant as two variances: its textbook form subtracts numbers that agree in nearly all digits.
    about_ratio, about_slope = (square * np.var(above - r * below, ddof=1) for r in (ratio, slope))
    root = math.sqrt(max(bottom**2 * about_ratio - of_below * about_slope, 0.0))
    middle = top * bottom - both
    low, high = (middle - root) / leading, (middle + root) / leading
    return Interval(float(ratio), float(min(low, ratio)), float(max(high, ratio)))


def joint(statements: int, confidence: float = CONFIDENCE) -> float:
    """The confidence of each of so many statements with which all hold together at ``confidence``, whatever ties them.

    Bonferroni: 1 - (1 - confidence) / statements. Raises TypeError for no whole number, ValueError for fewer than 1.
    """
    _tail(confidence)
    if isinstance(statements, bool) or not isinstance(statements, int | np.integer):
        raise TypeError(f"statements is a whole number, not {statements!r}")
    if statements < 1:
        raise ValueError(f"there is one statement at least, not {statements}")
    return 1 - (1 - confidence) / statements


def least_of(candidates: Sequence[Interval]) -> Interval:
    """The least true value of several, from intervals that hold together (`joint`): the least of each of the three numbers.

    If every candidate lies in its interval, the least of them lies between the least low and the least high end. The
    estimate is too low in the mean, as it is the smallest of several that vary. Raises ValueError for no candidate.
    """
    if not candidates:
        raise ValueError("the least of nothing")
    return Interval(*(min(one[place] for one in candidates) for place in range(3)))


def largest_of(candidates: Sequence[Interval]) -> Interval:
    """The largest true value of several, in the same way as `least_of`; its estimate is too high in the mean."""
    if not candidates:
        raise ValueError("the largest of nothing")
    return Interval(*(max(one[place] for one in candidates) for place in range(3)))


def _tail(confidence: float) -> float:
    """Probability beyond each end."""
    if (
        isinstance(confidence, bool)
        or not isinstance(confidence, int | float | np.number)
        or not 0 < confidence < 1
    ):
        raise ValueError(f"the confidence lies in (0, 1), such as 0.95, not {confidence!r}")
    return float(1 - confidence) / 2


def _units(name: str, values: ArrayLike, least: int) -> Array:
    checked = numbers(name, values)
    if checked.ndim != 1 or len(checked) < least:
        raise ValueError(f"{name} are (n,), one for each of {least} units at least, not {checked.shape}")
    return checked


def _pairs(least: int, **sides: ArrayLike) -> tuple[Array, Array]:
    one, other = (_units(name, values, least) for name, values in sides.items())
    if len(one) != len(other):
        raise ValueError(
            f"{' and '.join(sides)} are of the same units, but there are {len(one)} and {len(other)}"
        )
    return one, other
