"""Intervals that hold what they say: for a share, a mean, a quantile, a correlation, a ratio, and for several statements.

Each function is for independent units: problems, seeds, splits, weak models, molecules. Which of them are independent is
the caller's to know and to say beside the number. An interval at the confidence c holds the true value in a share c of all
repetitions, at least (`share`, `quantile`, `median`) or exactly where values are normal (`mean_t`, `ratio_of_means`), about
so where pairs are (`correlation`, `rank_correlation`).

**Not here.** A bootstrap of a minimum or a maximum: resamples never go beyond what was seen, and the true one lies there. An
interval for what was chosen by its value, the worst of five or the best of four: choose on other rows, or take every
candidate at the confidence `joint` and read the interval of the extreme off them, `least_of`, `largest_of`.

Values may be of any size: they are brought to order 1 by a power of two, which loses no digit, before anything is squared. An
end that no float64 can hold is a ValueError.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import bdtr, betainc, ndtri, stdtrit

from .arrays import Array, fraction, is_real, is_whole, numbers

CONFIDENCE = 0.95
MOST_TRIALS = 10**12


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

    ``successes`` from 0 to ``trials``, whole numbers, trials from 1 to 10**12, beyond which too few digits are left. Raises
    TypeError and ValueError for others.
    """
    tail = _tail(confidence)
    for name, count in (("successes", successes), ("trials", trials)):
        if not is_whole(count):
            raise TypeError(f"{name} is a whole number, not {count!r}")
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(
            f"successes lie from 0 to trials, and there is 1 trial at least; not {successes} of {trials}"
        )
    if trials > MOST_TRIALS:
        raise ValueError(f"a share has an interval for {MOST_TRIALS:g} trials at most, not {trials}")
    hits, count = int(successes), int(trials)  # narrow integers would overflow
    low, rest = _least_share(hits, count, tail), _least_share(count - hits, count, tail)
    return Interval(hits / count, low, 1 - rest)


def _least_share(hits: int, count: int, tail: float) -> float:
    """The probability at which so many successes or more have the probability ``tail``; 0 for no success.

    By a root finder: at some large counts `scipy.special.betaincinv` gives a number above hits / count.
    """
    if hits == 0:
        return 0.0
    beyond = partial(betainc, float(hits), float(count - hits + 1))
    return float(
        brentq(lambda chance: beyond(chance) - tail, 0.0, 1.0, xtol=1e-300, rtol=1e-15, maxiter=1000)
    )


def mean_t(values: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """The mean of what ``values (n,)`` were drawn from, one value a unit: Student's t with n - 1 degrees of freedom, n >= 2.

    Exact where values are normal; skewed ones need tens of units. Values that are all equal give no length, which says only
    that no unit differed. Raises ValueError for fewer than 2 values, NaN or another
    shape, TypeError for what are no numbers.
    """
    drawn, tail = _units("values", values, 2), _tail(confidence)
    start, rest, exponent = _scaled(drawn)
    mean, half = start + rest.mean(), -stdtrit(len(rest) - 1, tail) * rest.std(ddof=1) / math.sqrt(len(rest))
    return _unscaled(mean, mean - half, mean + half, exponent)


def quantile(values: ArrayLike, p: float, confidence: float = CONFIDENCE) -> Interval:
    """The ``p``-quantile, p in (0, 1), of what ``values (n,)`` were drawn from, whatever its distribution.

    The ends are two of the sorted values, the innermost with a binomial tail of (1 - confidence) / 2 or less beyond each
    (Conover 1999, Practical Nonparametric Statistics, section 3.2), so coverage is at least as said. With too few values the
    smallest or largest is no end yet, and ValueError says how many are needed, 6 for a median at 95 %. Else as `mean_t`.
    """
    drawn, tail = np.sort(_units("values", values, 1)), _tail(confidence)
    if not is_real(p):
        raise TypeError(f"a quantile's p is a number in (0, 1), not {p!r}")
    p = float(p)
    if not 0 < p < 1:
        raise ValueError(f"a quantile's p lies in (0, 1), not {p!r}")
    count = len(drawn)
    at_most = bdtr(np.arange(count), count, p)  # P(k values or fewer lie below the quantile)
    low = int(np.searchsorted(at_most, tail, side="right"))  # so many k are improbably few
    high = int(np.searchsorted(at_most, 1 - tail, side="left")) + 1
    if low == 0 or high > count:
        needed = np.ceil(math.log(tail) / max(math.log(p), math.log1p(-p)))
        raise ValueError(
            f"{count} values have no interval for the {p}-quantile at {confidence:g}; "
            + (f"{needed:.15g} are needed" if np.isfinite(needed) else "no number of values is enough")
        )
    return Interval(float(_quantiles(drawn, p)), float(drawn[low - 1]), float(drawn[high - 1]))


def median(values: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """The median of what ``values (n,)`` were drawn from; n >= 6 at 95 %. Source and errors: `quantile`."""
    return quantile(values, 0.5, confidence)


def spread(values: ArrayLike) -> Spread:
    """The range of the middle nine tenths of ``values (n,)``, n >= 2: a description, not an interval. Raises as `mean_t`."""
    low, middle, high = _quantiles(_units("values", values, 2), [0.05, 0.5, 0.95])
    return Spread(float(middle), float(low), float(high))


def correlation(x: ArrayLike, y: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """Pearson's correlation, from n >= 4 independent pairs, ``x (n,)`` and ``y (n,)``: Fisher's z, variance 1 / (n - 3).

    Fisher (1921, Metron 1:3); for pairs that are about normal. A correlation of 1 or -1 has an interval of no length. Raises
    ValueError for fewer pairs, different lengths, NaN or a constant side, TypeError for what are no numbers.
    """
    tail = _tail(confidence)
    one, other = _pairs(x=x, y=y, least=4)
    one, other = _scaled(one).rest, _scaled(other).rest
    if not (one.any() and other.any()):
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
    above, below = (
        _scaled(side) for side in _pairs(numerators=numerators, denominators=denominators, least=2)
    )
    count = len(above.rest)
    square = float(stdtrit(count - 1, tail)) ** 2 / count
    (_, both), (_, of_below) = square * np.cov(above.rest, below.rest)
    top, bottom = (side.start + side.rest.mean() for side in (above, below))
    leading = bottom**2 - of_below
    if leading <= 0:
        mean = np.ldexp(bottom, below.exponent)
        raise ValueError(
            f"the mean of the denominators, {mean:g}, is not told from 0: the ratio has no bounded interval"
        )
    ratio, slope = top / bottom, both / of_below if of_below else 0.0
    # The discriminant as two variances: its textbook form subtracts numbers that agree in nearly all digits.
    about_ratio, about_slope = (square * np.var(above.rest - r * below.rest, ddof=1) for r in (ratio, slope))
    root = math.sqrt(max(bottom**2 * about_ratio - of_below * about_slope, 0.0))
    # (shift ± root) / leading is added to the ratio, so that its digits are not those of a difference of large numbers.
    shift = ratio * of_below - both
    low, high = ratio + (shift - root) / leading, ratio + (shift + root) / leading
    return _unscaled(ratio, min(low, ratio), max(high, ratio), above.exponent - below.exponent)


def joint(statements: int, confidence: float = CONFIDENCE) -> float:
    """The confidence of each of so many statements with which all hold together at ``confidence``, whatever ties them.

    Bonferroni: 1 - (1 - confidence) / statements. Raises TypeError for no whole number, ValueError for fewer than 1 and for so
    many that no confidence below 1 is high enough.
    """
    _tail(confidence)
    if not is_whole(statements):
        raise TypeError(f"statements is a whole number, not {statements!r}")
    if statements < 1:
        raise ValueError(f"there is one statement at least, not {statements}")
    each = float(1 - (1 - confidence) / float(min(statements, 10**300)))
    if each == 1:
        raise ValueError(f"{statements} statements need a confidence each that no number below 1 can hold")
    return each


def least_of(candidates: Iterable[Interval]) -> Interval:
    """The least true value of several, from intervals that hold together (`joint`): the least of each of the three numbers.

    If every candidate lies in its interval, the least of them lies between the least low and the least high end. The
    estimate is too low in the mean, as it is the smallest of several that vary. Raises ValueError for no candidate, and for
    one that is not three numbers, finite, the estimate between the ends.
    """
    return Interval(*map(min, zip(*_candidates("least", candidates), strict=True)))


def largest_of(candidates: Iterable[Interval]) -> Interval:
    """The largest true value of several, in the same way as `least_of`; its estimate is too high in the mean."""
    return Interval(*map(max, zip(*_candidates("largest", candidates), strict=True)))


def averaged(repetitions: Iterable[Interval]) -> Interval:
    """One value's interval from repetitions that share data, such as random partitions of the same rows: mean of each number.

    A mean of estimates that err alike varies no more than one of them, whatever ties them; so it is covered as often as by
    one repetition's interval, where errors are about normal, and more often where repetitions differ. Raises as `least_of`.
    """
    return Interval(*(float(np.mean(ends)) for ends in zip(*_candidates("mean", repetitions), strict=True)))


def _candidates(which: str, candidates: Iterable[Interval]) -> list[Interval]:
    """The candidates, where each of them is an interval: NaN would win or lose by its place in the list."""
    found = list(candidates)
    if not found:
        raise ValueError(f"the {which} of nothing")
    for one in found:
        try:
            estimate, low, high = map(float, numbers("a candidate", one))
            held = low <= estimate <= high
        except (TypeError, ValueError):
            held = False
        if not held:
            raise ValueError(f"a candidate is no interval, estimate and ends: {one}; drop it, and say so")
    return found


def rank_correlation(x: ArrayLike, y: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """Spearman's rank correlation, from n >= 4 independent pairs: Fisher's z with variance (1 + r^2 / 2) / (n - 3).

    Bonett and Wright (2000, Psychometrika 65:23), for correlations up to 0.95 in size; nearer to 1 it lies too near to 0 and
    covers less, 0.90 at 0.98 and n = 12. Ranks move in steps, and an order without exception only says that the correlation is
    beyond the last one: then the centre is half a step inside, 6 / (n (n^2 - 1)), and the interval reaches to the end of the
    scale. Raises as `correlation`.
    """
    tail = _tail(confidence)
    one, other = (_ranks(side) for side in _pairs(x=x, y=y, least=4))
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        raise ValueError("a constant side has no correlation")
    count = len(one)
    rising, falling = np.array_equal(one, other), np.array_equal(one, count + 1 - other)
    # Of very many pairs no rounded correlation tells whether an order has an exception.
    found = float(rising) - falling or float(np.clip(np.corrcoef(one, other)[0, 1], -1, 1))
    inside = min(1 - 6 / (count * (count**2 - 1)), math.nextafter(1, 0))
    centre = math.atanh(min(max(found, -inside), inside))
    half = -ndtri(tail) * math.sqrt((1 + found**2 / 2) / (count - 3))
    low = min(
        math.tanh(centre - half), math.nextafter(found, -1)
    )  # of very many pairs, one step of the number
    high = max(math.tanh(centre + half), math.nextafter(found, 1))
    return Interval(found, -1.0 if found <= -inside else low, 1.0 if found >= inside else high)


def _tail(confidence: float) -> float:
    """Probability beyond each end."""
    return (1 - fraction("the confidence", confidence)) / 2


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


class _Scaled(NamedTuple):
    """Values as ``(start + rest) 2**exponent``: the largest size is 1/2 to 1, and ``rest (n,)`` is 0 for the least value."""

    start: float
    rest: Array
    exponent: int


def _scaled(values: Array) -> _Scaled:
    exponent = int(np.frexp(np.abs(values).max())[1])
    unit = np.ldexp(values, -exponent)
    start = float(unit.min())
    return _Scaled(start, unit - start, exponent)


def _unscaled(estimate: float, low: float, high: float, exponent: int) -> Interval:
    """The interval of three numbers times ``2**exponent``. Raises ValueError where float64 can't hold one of them."""
    scaled = np.array([estimate, low, high])
    with np.errstate(over="ignore", under="ignore"):
        found = np.ldexp(scaled, exponent)
    if not np.isfinite(found).all() or ((found == 0) & (scaled != 0)).any():
        raise ValueError("an end of the interval is too large or too small for a number; choose another unit")
    return Interval(*map(float, found))


def _quantiles(values: Array, p: float | list[float]) -> Array:
    """`numpy.quantile`, also where two neighbours of opposite sign lie further apart than the largest number."""
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.quantile(values, p)
    return np.where(np.isfinite(found), found, 2 * np.quantile(values / 2, p))


def _ranks(values: Array) -> Array:
    """Ranks from 1 on, of equal values their mean."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place])
