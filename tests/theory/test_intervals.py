"""Intervals: how often they hold the truth, what scipy gives for the same data, and what is refused."""

import math
from itertools import permutations

import numpy as np
import pytest
from scipy import special, stats

from w2s_utils.theory import intervals

TRIALS = 4000
"""Coverage of .95 then has a standard error of .0034, so [.93, .97] is nearly six of them on either side."""


def drawn(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def covered(made, truth):
    """Share of intervals that hold the truth, where all can be made."""
    return np.mean([one.low <= truth <= one.high for one in made])


def pairs(seed, rho, count):
    """TRIALS samples of pairs with correlation rho, (TRIALS, count, 2)."""
    found = drawn(seed, TRIALS, count, 2)
    found[..., 1] = rho * found[..., 0] + math.sqrt(1 - rho**2) * found[..., 1]
    return found


@pytest.mark.parametrize(("count", "sd"), [(3, 1.0), (10, 5.0)])
def test_a_mean_is_held_as_often_as_said(count, sd):
    samples = 2 + sd * drawn(count, TRIALS, count)
    assert 0.93 <= covered([intervals.mean_t(one) for one in samples], 2) <= 0.97
    assert covered([intervals.mean_t(one, 0.5) for one in samples], 2) == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize(("trials", "true"), [(8, 0.5), (60, 0.95), (400, 0.02), (2000, 0.95)])
def test_a_share_is_held_at_least_as_often_as_said_and_no_oftener_than_it_must(trials, true):
    """Exactly, by summing over all that can be seen: no tail is above 2.5 %, and with one more outcome either would be."""
    seen = np.arange(trials + 1)
    low, high = np.array([intervals.share(int(k), trials).ends for k in seen]).T
    chance = stats.binom.pmf(seen, trials, true)
    above, below = chance[low > true], chance[high < true]
    assert above.sum() <= 0.025 < above.sum() + chance[trials - len(above)]
    assert below.sum() <= 0.025 < below.sum() + chance[len(below)]
    counted = np.random.default_rng(trials).binomial(trials, true, TRIALS)
    held = np.mean((low[counted] <= true) & (true <= high[counted]))
    assert held == pytest.approx(1 - above.sum() - below.sum(), abs=0.012)


@pytest.mark.parametrize(
    ("p", "count", "exact"), [(0.5, 6, 0.9688), (0.5, 41, 0.9725), (0.05, 100, 0.9826), (0.9, 60, 0.9716)]
)
def test_a_quantile_is_held_whatever_the_distribution(p, count, exact):
    """Log-normal values and values with steps; coverage is what the binomial gives the innermost ends that it allows."""
    low, high = map(int, intervals.quantile(np.arange(1, count + 1), p).ends)
    below = stats.binom(count, p).cdf
    assert below(low - 1) <= 0.025 < below(low) and 1 - below(high - 1) <= 0.025 < 1 - below(high - 2)
    assert below(high - 1) - below(low - 1) == pytest.approx(exact, abs=5e-5)
    samples = np.exp(2 * drawn(count, TRIALS, count))
    share = covered([intervals.quantile(one, p) for one in samples], math.exp(2 * stats.norm.ppf(p)))
    assert share == pytest.approx(exact, abs=0.012)
    stepped = np.random.default_rng(1).integers(3, size=(1000, count)).astype(float)
    true = math.ceil(3 * p) - 1
    assert covered([intervals.quantile(one, p) for one in stepped], true) >= 0.95


def test_a_median_is_the_middle_quantile_and_moves_with_units():
    values = np.random.default_rng(0).exponential(size=31)
    found = intervals.median(values)
    assert found == intervals.quantile(values, 0.5) and found.estimate == np.median(values)
    assert intervals.median(-values) == pytest.approx((-found.estimate, -found.high, -found.low))
    assert set(found.ends) <= set(values)


@pytest.mark.parametrize(("rho", "count"), [(0.0, 7), (0.8, 7), (-0.6, 30)])
def test_a_correlation_is_held_as_often_as_said(rho, count):
    samples = pairs(count, rho, count)
    assert 0.93 <= covered([intervals.correlation(*one.T) for one in samples], rho) <= 0.97


@pytest.mark.parametrize(("rho", "count"), [(0.0, 7), (-0.8, 7), (0.5, 12), (-0.9, 12), (0.9, 30)])
def test_a_rank_correlation_is_held_as_often_as_said(rho, count):
    """Spearman's of normal pairs is 6 / pi arcsin(r / 2); ranks are coarse at n = 7, so coverage may be above the level."""
    samples = pairs(count, 2 * math.sin(math.pi * rho / 6), count)
    assert 0.93 <= covered([intervals.rank_correlation(*one.T) for one in samples], rho) <= 0.98
    curved = [intervals.rank_correlation(np.exp(3 * x), y**3) for x, y in np.swapaxes(samples[:5], 1, 2)]
    assert curved == [intervals.rank_correlation(*one.T) for one in samples[:5]]


def test_an_order_without_exception_leaves_a_length():
    up, down = np.arange(7.0), -np.arange(7.0)
    found = intervals.rank_correlation(up, down)
    assert found.estimate == found.low == -1 and -0.95 < found.high < -0.7
    assert intervals.rank_correlation(up, up).ends == pytest.approx((-found.high, 1))
    one_swap = intervals.rank_correlation(up, [1, 0, 2, 3, 4, 5, 6])
    assert one_swap.low < -found.high and one_swap.high < 1


@pytest.mark.parametrize("count", [4, 30])
def test_a_ratio_is_held_as_often_as_said(count):
    samples = pairs(3, 0.7, count) * (2.0, 0.5) + (3.0, 4.0)
    assert 0.93 <= covered([intervals.ratio_of_means(*one.T) for one in samples], 3 / 4) <= 0.97


def test_joint_statements_hold_together():
    """Four means of one sample that go together, and the least of them."""
    samples = drawn(0, TRIALS, 12, 4) + drawn(1, TRIALS, 12, 1)
    truth, each = np.array([0, 0, 0.1, 1.0]), intervals.joint(4)
    made = [[intervals.mean_t(column, each) for column in (one + truth).T] for one in samples]
    together = np.mean(
        [all(one.low <= mean <= one.high for one, mean in zip(some, truth, strict=True)) for some in made]
    )
    least = covered([intervals.least_of(some) for some in made], 0)
    largest = covered([intervals.largest_of(some) for some in made], 1)
    assert 0.945 <= together < 0.99 and min(least, largest) >= together
    assert 0.975 <= least <= 0.995 and 0.975 <= largest <= 0.995
    alone = np.mean([[one.low <= 0 <= one.high for one in some[:1]] for some in made])
    assert alone == pytest.approx(each, abs=0.01) and each == 0.9875


SIDES = {"least": (intervals.least_of, 1), "largest": (intervals.largest_of, -1)}


def turned(one, sign):
    """The interval of what has the other sign, for -1."""
    return one if sign > 0 else intervals.Interval(-one.estimate, -one.high, -one.low)


@pytest.mark.parametrize("side", SIDES)
def test_the_extreme_of_unequal_spreads_has_ends_of_different_candidates(side):
    """Neither end is the winner's: a wide candidate may lie lower, and a narrow one that is little higher bounds it above."""
    extreme, sign = SIDES[side]
    winner, wide, narrow = (1.0, 0.7, 1.3), (1.6, -2.0, 5.2), (1.1, 0.9, 1.2)
    made = [turned(intervals.Interval(*one), sign) for one in (winner, wide, narrow)]
    for order in permutations(made):
        assert extreme(order) == turned(intervals.Interval(1.0, -2.0, 1.2), sign)
    assert extreme(made[:1]) == made[0]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("truth", "sds"),
    [
        ((0.0, 0.3, 9.0), (1.0, 0.05, 1.0)),
        ((0.0, 9.0, 9.0), (1.0, 0.1, 3.0)),
        ((0.0, 0.5, 0.5), (0.05, 2.0, 1.0)),
    ],
)
def test_the_extreme_of_unequal_spreads_is_held_as_often_as_it_must(side, truth, sds):
    """The first is the least, of known spreads: wide beside a narrow one, alone, or narrow beside wide ones.

    Each end of it is one candidate's, or rarely another's that errs to the same side, so coverage lies between that of three
    statements and that of one at the level of each, 0.983.
    """
    extreme, sign = SIDES[side]
    half = stats.norm.ppf((1 + intervals.joint(3)) / 2) * np.array(sds)
    estimates = sign * np.array(truth) + np.array(sds) * drawn(3, TRIALS, 3)
    made = [[intervals.Interval(*one) for one in zip(*three, strict=True)]
            for three in zip(estimates, estimates - half, estimates + half, strict=True)]  # fmt: skip
    found = [extreme(some) for some in made]
    assert 0.965 <= covered(found, 0) <= 0.9925
    lengths = np.array([one.high - one.low for one in found])
    alone = np.array([some[0].high - some[0].low for some in made])
    spread = np.array([max(one.high for one in some) - min(one.low for one in some) for some in made])
    assert np.mean(lengths) < 0.8 * np.mean(spread) and np.mean(lengths) > 0.4 * np.mean(alone)
    winner = [min(some, key=lambda one: sign * one.estimate) for some in made]
    if sds[1] < sds[0] < truth[1] + 1 and truth[1] < 1:
        assert covered(winner, 0) < 0.75


def test_a_bootstrap_of_a_minimum_misses_the_true_one():
    """Why there is none here: the least of five means, all 0, and the least value that a sample of 50 can have, 0."""
    rng = np.random.default_rng(5)
    missed = np.zeros(2)
    for _ in range(300):
        means, values = rng.normal(size=(50, 5)), rng.uniform(size=50)
        rows = rng.integers(50, size=(200, 50))
        for place, resampled in enumerate((means[rows].mean(axis=1).min(axis=1), values[rows].min(axis=1))):
            low, high = np.quantile(resampled, [0.025, 0.975])
            missed[place] += not low <= 0 <= high
    assert missed[0] / 300 > 0.3 and missed[1] == 300


def test_a_wrong_world_is_told():
    """Data from one truth leave the interval of another, far more often than one time in twenty."""
    rng = np.random.default_rng(6)
    half = [intervals.share(int(k), 100) for k in rng.binomial(100, 0.5, 500)]
    shifted = drawn(7, 500, 20) + 1
    related = pairs(8, 0.9, 20)[:500]
    assert covered(half, 0.8) < 0.01
    assert covered([intervals.mean_t(one) for one in shifted], 0) < 0.05
    assert covered([intervals.median(one) for one in shifted], 0) < 0.1
    assert covered([intervals.correlation(*one.T) for one in related], 0.2) < 0.05
    assert covered([intervals.ratio_of_means(one[:, 0] + 5, one[:, 1] + 5) for one in related], 2) < 0.05


def test_scipy_has_the_same():
    x, y = pairs(9, 0.5, 12)[0].T
    for k, n in ((0, 5), (3, 7), (7, 7), (950, 1000)):
        same = stats.binomtest(k, n).proportion_ci(0.9, method="exact")
        assert intervals.share(k, n, 0.9).ends == pytest.approx((same.low, same.high))
    same = stats.ttest_1samp(x, 0).confidence_interval(0.99)
    assert intervals.mean_t(x, 0.99).ends == pytest.approx((same.low, same.high))
    low, high = stats.t.interval(0.95, 11, x.mean(), stats.sem(x))
    assert intervals.mean_t(x) == pytest.approx((x.mean(), low, high))
    same = stats.pearsonr(x, y).confidence_interval(0.95)
    assert intervals.correlation(x, y).ends == pytest.approx((same.low, same.high))
    tied = np.round(x)
    same = stats.spearmanr(tied, y).statistic
    found = intervals.rank_correlation(tied, y)
    half = stats.norm.ppf(0.975) * math.sqrt((1 + same**2 / 2) / 9)
    ends = np.tanh(np.arctanh(same) + [-half, half])
    assert found == pytest.approx((same, *ends))
    same = stats.quantile_test(x, p=0.3).confidence_interval(0.9)
    assert intervals.quantile(x, 0.3, 0.9).ends == pytest.approx((same.low, same.high))


def test_a_ratio_ends_where_student_t_stops_telling():
    above, below = pairs(10, 0.4, 9)[0].T + [[2.0], [6.0]]
    for end in intervals.ratio_of_means(above, below).ends:
        assert stats.ttest_1samp(above - end * below, 0).pvalue == pytest.approx(0.05)
    constant = intervals.ratio_of_means(above, np.full(9, 2.0))
    assert constant == pytest.approx(np.array(intervals.mean_t(above)) / 2)


def test_edges():
    assert intervals.share(0, 3).low == 0 and intervals.share(3, 3).high == 1
    assert intervals.mean_t([2, 2]) == (2, 2, 2)
    assert intervals.correlation([1, 2, 3, 4], [2, 4, 6, 8]) == pytest.approx((1, 1, 1))
    found = intervals.spread(np.arange(101))
    assert found == pytest.approx((50, 5, 95)) and not isinstance(found, intervals.Interval)
    assert intervals.joint(1) == 0.95 and intervals.joint(2, 0.9) == pytest.approx(0.95)


def exactly(one, other, tolerance=1e-12):
    assert tuple(one) == pytest.approx(tuple(other), rel=tolerance)


@pytest.mark.parametrize("scale", [2.0**-1000, 1e-200, 1e200, 2.0**1000])
def test_units_move_no_interval_however_large_or_small(scale):
    x, y = pairs(11, 0.6, 9)[0].T + [[3.0], [4.0]]
    exactly(intervals.correlation(scale * x, y), intervals.correlation(x, y))
    exactly(intervals.correlation(x, scale * y), intervals.correlation(x, y))
    exactly(intervals.mean_t(scale * x), scale * np.array(intervals.mean_t(x)))
    exactly(intervals.ratio_of_means(scale * x, scale * y), intervals.ratio_of_means(x, y))
    exactly(intervals.ratio_of_means(scale * x, y), scale * np.array(intervals.ratio_of_means(x, y)))
    exactly(intervals.ratio_of_means(x, scale * y), np.array(intervals.ratio_of_means(x, y)) / scale)
    exactly(intervals.median(scale * x), scale * np.array(intervals.median(x)))
    exactly(intervals.spread(scale * x), scale * np.array(intervals.spread(x)))


def test_a_large_offset_costs_no_digits():
    """Steps of 2**-20 on an offset of 2**30: each value is exact, so the intervals are those without the offset."""
    x, y = np.round(pairs(12, 0.6, 9)[0].T * 2**20) / 2**20
    offset = 2.0**30
    exactly(intervals.correlation(offset + x, y - offset), intervals.correlation(x, y))
    middle, low, high = intervals.mean_t(x)
    found = intervals.mean_t(offset + x)
    assert found.high - found.low == pytest.approx(high - low, rel=1e-6)
    assert found.estimate - offset == pytest.approx(middle, abs=1e-6)
    # To first order the ratio of two large means is 1 + (mean of x - y) / offset.
    found = intervals.ratio_of_means(offset + x, offset + y)
    first_order = np.array(intervals.mean_t(x - y)) / offset
    assert np.array(found) - 1 == pytest.approx(first_order, rel=1e-4)


@pytest.mark.parametrize("value", [0.1, -1e-17 / 3, 1e200 / 3, 1e-310, 0.0])
@pytest.mark.parametrize("count", [2, 3, 10])
def test_equal_values_have_no_length(value, count):
    assert intervals.mean_t([value] * count) == (value, value, value)
    ratio = intervals.ratio_of_means([value] * count, [0.3] * count)
    assert ratio.low == ratio.high == pytest.approx(value / 0.3)
    assert intervals.median([value] * 9) == (value, value, value)


def test_the_largest_numbers_are_no_infinity():
    most = 1.7e308
    assert intervals.median([most] * 3 + [-most] * 3) == (0, -most, most)
    assert intervals.median([most] * 4 + [-most] * 3) == (most, -most, most)
    assert intervals.spread([-most, most]) == pytest.approx((0, -0.9 * most, 0.9 * most))
    assert intervals.correlation([-most, 0, 1, most], [0, 1, 1, 2]).estimate > 0.9
    assert intervals.median([1e-20] * 6 + [most]) == (1e-20, 1e-20, most)


@pytest.mark.parametrize("trials", [10**9, 10**12])
def test_a_share_of_very_many_trials(trials):
    """Near an end the number of successes is Poisson's, whose exact interval is that of gamma; in the middle it is normal."""
    for few in (0, 1, 3, 1000):
        low = special.gammaincinv(few, 0.025) / trials if few else 0.0
        high = special.gammaincinv(few + 1, 0.975) / trials
        exactly(intervals.share(few, trials).ends, (low, high), 1e-4)
        exactly(1 - np.array(intervals.share(trials - few, trials).ends), (high, low), 1e-3)
    half = intervals.share(trials // 2, trials)
    due = (stats.norm.ppf(0.975) + 1 / math.sqrt(trials)) / 2 / math.sqrt(trials)
    assert (0.5 - half.low, half.high - 0.5) == pytest.approx((due, due), rel=1e-6)


def test_a_share_of_narrow_integers_is_that_of_wide_ones():
    assert intervals.share(np.int8(0), np.int8(127)) == intervals.share(0, 127)
    assert intervals.share(np.int8(127), np.int8(127)) == intervals.share(127, 127)


HOLED = [1.0, math.nan, 2.0, 3.0]
REFUSED = {
    "NaN": (lambda: intervals.mean_t(HOLED), ValueError, "NaN"),
    "NaN in a pair": (lambda: intervals.correlation([1, 2, 3, 4], HOLED), ValueError, "y holds NaN"),
    "words": (lambda: intervals.median(["a"] * 9), TypeError, "real numbers"),
    "truth values": (lambda: intervals.mean_t([True, False]), TypeError, "real numbers"),
    "a table": (lambda: intervals.spread(np.ones((3, 2))), ValueError, r"\(n,\), one for each of 2"),
    "one value": (lambda: intervals.mean_t([1.0]), ValueError, "2 units at least"),
    "no value": (lambda: intervals.median([]), ValueError, "1 units at least"),
    "five for a median": (lambda: intervals.median(range(5)), ValueError, "5 values .* 6 are needed"),
    "20 for a small quantile": (lambda: intervals.quantile(range(20), 0.05), ValueError, "72 are needed"),
    "p of 5": (lambda: intervals.quantile(range(20), 5), ValueError, r"p lies in \(0, 1\), not 5"),
    "a level of 95": (lambda: intervals.mean_t([1, 2], 95), ValueError, r"\(0, 1\), such as 0.95, not 95"),
    "three pairs": (lambda: intervals.correlation([1, 2, 3], [1, 2, 4]), ValueError, "4 units"),
    "unequal sides": (lambda: intervals.ratio_of_means([1, 2], [1, 2, 3]), ValueError, "2 and 3"),
    "a constant side": (lambda: intervals.correlation([1] * 5, range(5)), ValueError, "constant"),
    "a ratio to 0": (lambda: intervals.ratio_of_means([1, 2], [-1, 1.1]), ValueError, "not told from 0"),
    "more than all": (lambda: intervals.share(4, 3), ValueError, "not 4 of 3"),
    "no trial": (lambda: intervals.share(0, 0), ValueError, "1 trial"),
    "half a success": (lambda: intervals.share(0.5, 3), TypeError, "whole number, not 0.5"),
    "no statement": (lambda: intervals.joint(0), ValueError, "one statement"),
    "1.5 statements": (lambda: intervals.joint(1.5), TypeError, "whole number"),
    "no candidate for the largest": (lambda: intervals.largest_of([]), ValueError, "nothing"),
    "a mean without an end": (lambda: intervals.mean_t([1.7e308, -1.7e308]), ValueError, "another unit"),
    "a ratio too large": (lambda: intervals.ratio_of_means([1e200, 2e200], [1e-200] * 2), ValueError, "unit"),
    "a ratio too small": (lambda: intervals.ratio_of_means([1e-200] * 2, [1e200] * 2), ValueError, "unit"),
    "a ratio to large ones": (lambda: intervals.ratio_of_means([1, 2], [-1e200, 1e200]), ValueError, "told"),
    "infinity": (lambda: intervals.median([math.inf] * 9), ValueError, "infinite"),
    "constant up to its last digit": (
        lambda: intervals.correlation([0.1] * 5, range(5)),
        ValueError,
        "const",
    ),
    "too many trials": (lambda: intervals.share(1, 10**13), ValueError, r"1e\+12 trials at most"),
    "a small p": (lambda: intervals.quantile([1, 2], 1e-20), ValueError, "are needed"),
    "10**20 statements": (lambda: intervals.joint(10**20), ValueError, "no number below 1"),
    "10**400 statements": (lambda: intervals.joint(10**400), ValueError, "no number below 1"),
    "no candidate": (lambda: intervals.least_of([]), ValueError, "nothing"),
    "no candidate of a generator": (lambda: intervals.least_of(iter(())), ValueError, "nothing"),
    "p as text": (lambda: intervals.quantile(range(20), "0.5"), TypeError, "p is a number in .* not '0.5'"),
    "no p": (lambda: intervals.quantile(range(20), None), TypeError, "not None"),
    "several p": (lambda: intervals.quantile(range(20), [0.5]), TypeError, r"not \[0.5\]"),
    "a complex p": (lambda: intervals.quantile(range(20), np.complex128(0.5)), TypeError, "p is a number"),
    "p next to 1": (lambda: intervals.quantile([1, 2], 1 - 1e-16), ValueError, "0.9999999999999999-quantile"),
    "p next to 0": (lambda: intervals.quantile([1, 2], 5e-324), ValueError, "no number of values is enough"),
    "a complex level": (lambda: intervals.mean_t([1, 2], np.complex128(0.5)), ValueError, "such as 0.95"),
    "a level of time": (lambda: intervals.joint(2, np.timedelta64(1, "s")), ValueError, "such as 0.95"),
    "successes of time": (lambda: intervals.share(np.timedelta64(1, "s"), 3), TypeError, "whole number"),
    "a true statement": (lambda: intervals.joint(np.True_), TypeError, "whole number"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_wrong_is_said(what):
    call, error, said = REFUSED[what]
    with pytest.raises(error, match=said):
        call()


@pytest.mark.parametrize("extreme", [intervals.least_of, intervals.largest_of])
@pytest.mark.parametrize(
    "broken",
    [
        (math.nan, 0, 1), (0, math.nan, 1), (0, -1, math.nan), (0, 1, -1), (math.inf, 0, 2), (math.inf, 0, math.inf),
        (5, 0, 2), (-1, 0, 2), (0, 1), (0, 0, 1, 1), (1, None, 2), ("1", "0", "2"), None, 1.0,
    ],
)  # fmt: skip
def test_what_is_no_interval_is_refused_at_any_place(extreme, broken):
    good = intervals.Interval(0.5, 0.0, 1.0)
    for place in range(3):
        some = [good, good]
        some.insert(place, broken)
        with pytest.raises(ValueError, match="a candidate is no interval"):
            extreme(some)


@pytest.mark.parametrize("count", [4, 382_000, 500_000, 1_000_000])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_order_without_exception_of_however_many_reaches_the_end_with_a_length(count, sign):
    one = np.arange(float(count))
    found = intervals.rank_correlation(one, sign * one**3)
    assert found.estimate == sign and sign in found.ends and found.low < found.high
    assert min(np.abs(found.ends)) < 1


def test_one_exception_among_very_many_pairs_leaves_the_estimate_inside():
    for count in (1000, 382_000, 500_000, 1_000_000):
        one = np.arange(float(count))
        other = np.r_[1.0, 0.0, one[2:]]
        for sign in (1, -1):
            found = intervals.rank_correlation(one, sign * other)
            assert found.low <= found.estimate <= found.high and found.low < found.high


def test_a_quantile_at_a_long_p_is_that_at_the_short_one():
    assert intervals.quantile(range(20), np.longdouble("0.5")) == intervals.quantile(range(20), 0.5)


def test_candidates_may_come_one_after_another():
    some = [intervals.Interval(0.5, 0.0, 1.0), intervals.Interval(0.25, 0.125, 3.0)]
    assert intervals.least_of(one for one in some) == (0.25, 0.0, 1.0)
    assert intervals.largest_of(one for one in some) == (0.5, 0.125, 3.0)


def test_a_ratio_without_noise_has_an_interval_that_holds_it_and_no_length():
    generator = np.random.default_rng(6)
    for _ in range(500):
        below, ratio = generator.normal(5, 0.5, 6), generator.normal()
        found = intervals.ratio_of_means(ratio * below, below)
        assert found.low <= found.estimate <= found.high
        assert found.high - found.low < 1e-12
