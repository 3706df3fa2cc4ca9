"""Misfits in bins: means beyond a cap are exact, sums add up, and bins are the same for every chunk and at any size."""

from functools import reduce
from operator import add

import numpy as np
import pytest

from w2s_utils.theory.misfits import KEPT_BITS, MisfitSums, added, caps_above, misfit_sums

SMALLEST = 5e-324
WIDTH = 2.0**-KEPT_BITS
"""Of a bin, relative to the power of two below it."""


def spread(rows=5000, seed=0):
    """Misfits over many powers of ten, with ties and zeros of either sign."""
    rng = np.random.default_rng(seed)
    made = np.exp(4 * rng.normal(size=rows))
    made[::7] = made[3]
    made[::11], made[5::11] = 0.0, -0.0
    return made


def direct(misfits, cap):
    told = np.minimum(misfits, cap)
    return told.mean(), told.var(), (misfits - told).mean(), (misfits - told).var()


def test_means_beyond_a_cap_are_those_of_the_misfits_themselves():
    misfits = spread()
    asked = np.concatenate([[0.0, misfits.max()], np.quantile(misfits, [0.1, 0.5, 0.9, 0.99, 0.999])])
    caps = caps_above(asked)
    found = misfit_sums(misfits).beyond(caps)
    for place, cap in enumerate(caps):
        expected = direct(misfits, cap)
        scales = (misfits.mean(), np.mean(misfits**2)) * 2
        for one, other, scale in zip(found, expected, scales, strict=True):
            assert one[place] == pytest.approx(other, rel=1e-9, abs=1e-12 * scale)


def test_a_cap_between_edges_would_not_be_exact():
    """The test above can fail: beyond a cap that is no edge, a bin is taken as a whole."""
    misfits = np.linspace(1.0, 1.0 + 0.9 * WIDTH, 50)
    cap = np.array([1.0 + 0.5 * WIDTH])
    assert misfit_sums(misfits).beyond(cap)[2][0] != pytest.approx(direct(misfits, cap[0])[2], rel=0.1)


@pytest.mark.parametrize("size", [0.0, SMALLEST, 1e-310, 1e-150, 0.3, 1.0, 255.99, 1e150, 1e307])
def test_a_cap_lies_above_what_asked_for_it_by_a_bin_at_most(size):
    misfits = size * np.array([1.0, 1.01, 1.2, 1.9])
    caps = caps_above(misfits)
    assert (caps > misfits).all()
    assert (caps <= misfits * (1 + WIDTH) + 2.0 ** (52 - KEPT_BITS) * SMALLEST).all()
    np.testing.assert_array_equal(caps_above(-np.zeros(2)), caps_above(np.zeros(2)))


def test_zeros_are_one_bin_whatever_their_sign():
    sums = misfit_sums(np.array([0.0, -0.0, -0.0, 2.0]))
    assert len(sums.places) == 2 and list(sums.sums[0]) == [3, 1] and sums.rows == 4
    mean, variance, excess, _ = sums.beyond(caps_above(np.zeros(1)))
    assert mean[0] == pytest.approx(0, abs=1e-300) and variance[0] == 0 and excess[0] == 0.5
    nothing = misfit_sums(np.zeros(3))
    assert (
        nothing.mean == 0 and [float(part[0]) for part in nothing.beyond(caps_above(np.zeros(1)))] == [0] * 4
    )


def test_sizes_at_the_ends_of_what_certificates_take_keep_their_means():
    """Differences from 1e-75 to 1e75 are squared once for the misfit and once more here."""
    for misfits in (
        np.array([1e150, 2e150, 3e149]),
        np.array([1e-150, 2e-150, 3e-149]),
        np.array([1e-150, 1e150]),
    ):
        sums = misfit_sums(misfits)
        assert sums.mean == pytest.approx(misfits.mean(), rel=1e-14)
        assert sums.mean_square == pytest.approx(np.mean(misfits**2), rel=1e-14)
        cap = caps_above(np.sort(misfits)[-2:-1])
        assert sums.beyond(cap)[2][0] == pytest.approx(direct(misfits, cap[0])[2], rel=1e-9)


@pytest.mark.parametrize("pieces", [1, 2, 5, 113])
def test_any_chunking_gives_the_same_numbers(pieces):
    """Whole numbers are added without round-off, so the sums are equal to the last bit; others but for round-off."""
    whole = np.floor(spread()).clip(max=2.0**20)
    for misfits, same in ((whole, np.testing.assert_array_equal), (spread(), close)):
        chunks = np.array_split(np.random.default_rng(1).permutation(misfits), pieces)
        together, found = misfit_sums(misfits), reduce(add, map(misfit_sums, chunks))
        np.testing.assert_array_equal(found.places, together.places)
        np.testing.assert_array_equal(found.sums[0], together.sums[0])
        same(found.sums, together.sums)
        assert found.rows == len(misfits) and (np.diff(found.places) > 0).all()


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_so_many_times_the_rows_are_those_rows_so_many_times():
    misfits = np.array([0.0, 1.0, 5.0])
    repeated, times = misfit_sums(np.repeat(misfits, 4)), misfit_sums(misfits).times(4)
    np.testing.assert_array_equal(repeated.sums, times.sums)
    assert isinstance(times, MisfitSums) and times.mean == misfits.mean()


@pytest.mark.parametrize("unit", [1e-40, 0.3, 7.0, 1e39])
def test_in_another_unit_everything_is_that_many_times_as_much(unit):
    """Bins are of misfits divided by the unit, so none of them changes its place."""
    misfits = spread()
    plain, other = misfit_sums(misfits), misfit_sums(unit * misfits, unit)
    np.testing.assert_array_equal(other.sums[0], plain.sums[0])
    asked = np.quantile(misfits, [0.1, 0.5, 0.99])
    caps = other.caps_above(unit * asked)
    np.testing.assert_allclose(caps, unit * plain.caps_above(asked), rtol=1e-14)
    np.testing.assert_allclose(caps_above(unit * asked, np.full(3, unit)), caps, rtol=1e-14)
    np.testing.assert_allclose(other.caps_of(50), unit * plain.caps_of(50), rtol=1e-14)
    powers = (unit, unit**2, unit, unit**2)
    for found, expected, power in zip(
        other.beyond(caps), plain.beyond(caps_above(asked)), powers, strict=True
    ):
        np.testing.assert_allclose(found / power, expected, rtol=1e-9, atol=1e-12 * plain.mean_square)
    assert (other + other).unit == other.times(3).unit == unit
    with pytest.raises(ValueError, match="different units"):
        added((plain, other))


@pytest.mark.parametrize("rows", [0, 0.5, 1, 3, 49.9, 4999, 5000, 1e9])
def test_the_cap_of_so_many_rows_is_the_least_that_they_reach_beyond(rows):
    misfits = spread()
    candidates = np.unique(caps_above(misfits))
    beyond = np.array([np.sum(misfits >= cap) for cap in candidates])
    [found] = misfit_sums(misfits).caps_of(rows)
    assert found == candidates[beyond <= rows].min()
