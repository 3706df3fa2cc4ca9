"""The capped line: equation (1) and its error against plain loops, what lies beyond the cap, and how often intervals hold."""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.special import stdtrit

from w2s_utils.theory.capped import ALLOWED, capped_gain, reaching


def rows(count=400, seed=0, heavy=True):
    """Gains and misfits of a student that drops most of its teacher's error, with blunders of its own where ``heavy``."""
    rng = np.random.default_rng(seed)
    error, own = rng.normal(size=(2, count))
    left = 0.3 * own + heavy * np.where(rng.random(count) < 0.05, 3 * rng.normal(size=count), 0)
    return error**2 - left**2, (error - left) ** 2


def beyond(misfits):
    """What `capped_gain` asks of all rows, without bins."""

    def found(caps):
        told = np.minimum(misfits, caps[:, None])
        return (
            told.mean(axis=1),
            told.var(axis=1),
            (misfits - told).mean(axis=1),
            (misfits - told).var(axis=1),
        )

    return found


def made(gains, misfits, labels):
    """Of the first rows, with the cap at a misfit itself."""
    return capped_gain(
        gains[None, :labels], misfits[None, :labels], len(gains), beyond(misfits), lambda caps: caps
    )


def cap_of(misfits, labels):
    return np.sort(misfits[:labels])[-reaching(labels)]


def test_few_labelled_rows_reach_the_cap_and_one_at_least():
    assert [reaching(labels) for labels in (4, 15, 30, 100, 300, 1000)] == [1, 1, 2, 3, 4, 6]


def test_a_fixed_slope_and_cap_are_unbiased_over_all_draws_of_labels():
    """Equation (1), in the mean over every choice of 3 among 9 rows, whatever slope and cap."""
    gains, misfits = rows(9)
    for slope, cap in ((0.0, 1.0), (1.0, 0.5), (-2.3, 1.1), (4.0, np.inf)):
        told = np.minimum(misfits, cap)
        estimates = [
            (gains[chosen] - slope * told[chosen]).mean() + slope * told.mean()
            for chosen in map(list, combinations(range(9), 3))
        ]
        assert np.mean(estimates) == pytest.approx(gains.mean(), rel=1e-12)


@pytest.mark.parametrize("labels", [4, 15, 30, 100])
@pytest.mark.parametrize("heavy", [False, True])
def test_the_estimate_is_equation_1_with_the_slope_of_least_squares_shrunk(labels, heavy):
    """Its squared standard error by leaving each row out in fact (HC3), b = b_0 max(0, 1 - se^2 / b_0^2)."""
    for seed in range(5):
        gains, misfits = rows(seed=seed, heavy=heavy)
        found, told = made(gains, misfits, labels), np.minimum(misfits, cap_of(misfits, labels))
        x, y = told[:labels], gains[:labels]
        line = np.polyfit(x, y, 1)[0]
        left_out = [
            y[i] - np.polyval(np.polyfit(np.delete(x, i), np.delete(y, i), 1), x[i]) for i in range(labels)
        ]
        about = x - x.mean()
        square = np.sum(about**2 * np.square(left_out)) / np.sum(about**2) ** 2
        slope = line * max(0.0, 1 - square / line**2)
        assert found.slope[0] == pytest.approx(slope, rel=1e-8, abs=1e-12)
        assert found.gain[0] == pytest.approx((y - slope * x).mean() + slope * told.mean(), rel=1e-9)


@pytest.mark.parametrize("labels", [15, 60])
def test_residuals_are_those_of_a_shrunken_line_without_their_row(labels):
    """The shrunken slope is that of ridge with a penalty; fitted again without each row, it leaves these residuals."""
    gains, misfits = rows(heavy=False)
    found, x = made(gains, misfits, labels), np.minimum(misfits, cap_of(misfits, labels))[:labels]
    y = gains[:labels]
    about = x - x.mean()
    scatter, line = about @ about, about @ y / (about @ about)
    assert 0 < found.slope[0] < line
    penalty = scatter * (line / found.slope[0] - 1)
    residuals = []
    for i in range(labels):
        others, goals = np.delete(x, i), np.delete(y, i)
        centred = others - others.mean()
        slope = centred @ goals / (centred @ centred + penalty)
        residuals.append(y[i] - goals.mean() - slope * (x[i] - others.mean()))
    assert found.of_labels[0] == pytest.approx(np.sum(np.square(residuals)) / labels / (labels - 1), rel=1e-9)


@pytest.mark.parametrize("labels", [15, 60])
def test_the_error_has_that_of_means_over_all_rows_and_the_allowance_what_lies_beyond(labels):
    gains, misfits = rows()
    found, cap = made(gains, misfits, labels), cap_of(misfits, labels)
    told, excess, slope = np.minimum(misfits, cap), np.maximum(misfits - cap, 0), found.slope[0]
    line = np.polyfit(told[:labels], gains[:labels], 1)[0]
    allowed = ALLOWED * max(1, abs(slope))
    of_rows = slope**2 * told.var() + 2 * slope * (line - slope) * told[:labels].var(ddof=1)
    square = found.of_labels[0] + (of_rows + allowed**2 * excess.var()) / len(gains)
    assert found.error[0] == pytest.approx(math.sqrt(square), rel=1e-9)
    unlabelled = excess.copy()
    unlabelled[:labels] = 0
    assert found.allowance[0] == pytest.approx(allowed * unlabelled.mean(), rel=1e-9)
    for confidence in (0.9, 0.975):
        reach = math.hypot(stdtrit(labels - 2, confidence) * found.error[0], found.allowance[0])
        assert found.reach(confidence)[0] == pytest.approx(reach, rel=1e-12)


def test_where_all_rows_have_labels_nothing_lies_beyond():
    gains, misfits = rows(60)
    found = made(gains, misfits, 60)
    assert found.allowance[0] == pytest.approx(0, abs=1e-12)
    assert found.gain[0] == pytest.approx(gains.mean())
    assert found.error[0] >= gains.std(ddof=1) / math.sqrt(60) * 0.99


def test_a_line_to_the_mean_of_all_rows_leaves_their_variance():
    """Labelled rows are among all rows: with a line that is told well and no cap in the way, the error is that of a mean."""
    rng = np.random.default_rng(0)
    misfits = rng.uniform(1, 2, size=50)
    gains = 3 * misfits + 0.5 * rng.normal(size=50)
    assert made(gains, misfits, 50).error[0] == pytest.approx(gains.std(ddof=1) / math.sqrt(50), rel=0.02)


def test_several_draws_at_once_are_each_by_itself():
    gains, misfits = np.stack([rows(seed=seed) for seed in range(6)], axis=1)

    def of_all(caps):
        told = np.minimum(misfits, caps[:, None])
        return told.mean(1), told.var(1), (misfits - told).mean(1), (misfits - told).var(1)

    together = capped_gain(gains[:, :30], misfits[:, :30], 400, of_all, lambda caps: caps)
    for draw in range(6):
        alone = made(gains[draw], misfits[draw], 30)
        for name in ("gain", "error", "of_labels", "allowance", "slope"):
            assert getattr(together, name)[draw] == pytest.approx(getattr(alone, name)[0], rel=1e-12), name


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("noise", [0, 1e-16, 1e-12, 1e-9])
def test_no_line_is_drawn_through_round_off(noise):
    """A student that is its teacher but for a constant: misfits differ in their last digits, and so would the slope be any."""
    rng = np.random.default_rng(0)
    for seed in range(20):
        gains = np.random.default_rng(seed).normal(size=2000)
        found = made(gains, 0.25 * (1 + noise * rng.normal(size=2000)), 30)
        assert found.slope[0] == 0 and found.gain[0] == gains[:30].mean()
        assert found.error[0] == pytest.approx(gains[:30].std(ddof=1) / math.sqrt(30) / (1 - 1 / 30))
    assert made(gains, 0.25 * (1 + 1e-4 * gains), 30).slope[0] > 1e4  # what varies more may tell


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("noise", [0, 1e-32])
def test_where_labelled_rows_copy_the_cap_is_0_and_the_allowance_all_misfit(noise):
    rng = np.random.default_rng(0)
    misfits = noise * rng.random(500)
    misfits[100:] += 0.5 * rng.random(400)
    found = made(np.sqrt(misfits) * rng.normal(size=500) * (misfits > 0.001), misfits, 100)
    assert found.gain[0] == found.slope[0] == 0
    assert found.allowance[0] == pytest.approx(ALLOWED * misfits.mean())


def test_a_row_that_the_line_must_pass_through_has_no_residual():
    """One labelled row alone has a misfit: no other row tells the slope, so what is left of it is left out."""
    gains, misfits = np.zeros(20), np.zeros(20)
    gains[0], misfits[0] = 2.0, 1.0
    found = made(gains, misfits, 10)
    assert found.slope[0] == pytest.approx(2) and found.of_labels[0] == pytest.approx(0, abs=1e-30)
    assert np.isfinite(found.error[0])
