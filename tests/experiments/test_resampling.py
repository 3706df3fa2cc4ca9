"""The bootstrap: covers as often as it says, takes pairs, repeats with its seed."""

import math

import numpy as np
import pytest

from w2s_utils import runtime
from w2s_utils.experiments.resampling import bootstrap_interval


def test_bootstrap_interval_covers_as_often_as_it_says():
    """The mean of 50 normal values, 1000 times. A percentile interval for the mean is as long as a normal one with the
    standard deviation divided by n, not n - 1, so the expected coverage is that of a t statistic within
    1.96 sqrt(49/50): .942. Over 1000 trials its standard error is .0074; three of them, plus .01 for the resampling.
    """
    trials, size = 1000, 50
    samples = runtime.seed_stream(0, "coverage").normal(size=(trials, size))
    covered = 0
    for seed, sample in enumerate(samples):
        low, high = bootstrap_interval(sample, np.mean, seed, resamples=200)
        covered += low <= 0 <= high
    assert abs(covered / trials - 0.942) < 3 * math.sqrt(0.942 * 0.058 / trials) + 0.01
    narrow = bootstrap_interval(samples[0], np.mean, 0, level=0.5)
    wide = bootstrap_interval(samples[0], np.mean, 0, level=0.99)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
    deviation = samples[0].std() / np.sqrt(size)
    assert narrow[1] - narrow[0] == pytest.approx(2 * 0.6745 * deviation, rel=0.15)


def test_bootstrap_interval_of_pairs_and_its_seed():
    pairs = runtime.seed_stream(1, "pairs").normal(size=(20, 2))
    pairs[:, 1] += 2 * pairs[:, 0]
    correlation = lambda rows: np.corrcoef(rows.T)[0, 1]  # noqa: E731
    low, high = bootstrap_interval(pairs, correlation, seed=2)
    assert -1 <= low <= correlation(pairs) <= high <= 1
    assert (low, high) == bootstrap_interval(pairs, correlation, seed=2)
    assert (low, high) != bootstrap_interval(pairs, correlation, seed=3)
    two = np.array([[0.0, 0.0], [1.0, 1.0]])  # half of the resamples have no correlation
    assert bootstrap_interval(two, correlation, seed=0) == pytest.approx((1.0, 1.0))
