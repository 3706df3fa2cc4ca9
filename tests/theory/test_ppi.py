"""The line of `theory.capped` without its cap is PPI++, the power-tuned mean of prediction-powered inference.

Angelopoulos, Duchi and Zrnic 2023 (arXiv 2311.01453). Their predictions are the misfits, their labels the gains; they part
rows into m labelled and n - m others where we speak of all n, so their factor is ours times (n - m) / n. Ours adds what few
labels need: the quantile of t, residuals without their own row, a shrunken slope. All three vanish with many labels.
"""

import importlib.util

import numpy as np
import pytest
from scipy.stats import norm, t

from w2s_utils.theory.capped import capped_gain

INSTALLED = importlib.util.find_spec("ppi_py") is not None
HINT = "the optional extra is not installed: pip install 'w2s-utils[compare]'"
compared = pytest.mark.skipif(not INSTALLED, reason=HINT)


def world(labels, rows, seed):
    """Gains and misfits of Gaussian errors, the first ``labels`` of ``rows`` labelled, and the line without a cap."""
    error, left = np.random.default_rng(seed).normal(size=(2, rows)) * [[1.0], [0.5]]
    gains, misfits = error**2 - left**2, (error - left) ** 2
    nothing = np.zeros(1)
    line = capped_gain(
        gains[None, :labels],
        misfits[None, :labels],
        rows,
        lambda caps: (misfits.mean(keepdims=True), misfits.var(keepdims=True), nothing, nothing),
        lambda told: np.full(len(told), np.inf),
    )
    return gains[:labels], misfits[:labels], misfits[labels:], line


@pytest.mark.parametrize("labels", [5, 30, 300, 1999])
@pytest.mark.parametrize("seed", range(3))
def test_the_estimate_is_theirs_with_the_factor_of_the_other_rows(labels, seed):
    gains, labelled, others, line = world(labels, 2000, seed)
    factor = line.slope[0] * len(others) / 2000
    theirs = gains.mean() + factor * (others.mean() - labelled.mean())
    assert line.gain[0] == pytest.approx(theirs, abs=1e-12)


def test_the_interval_is_theirs_where_labels_are_many_and_longer_where_they_are_few():
    longer = {}
    for labels in (15, 150, 20_000):
        gains, labelled, others, line = world(labels, 3 * labels, 0)
        factor = line.slope[0] * len(others) / (3 * labels)
        variance = factor**2 * others.var() / len(others) + (gains - factor * labelled).var() / labels
        longer[labels] = line.reach(0.975)[0] / (norm.ppf(0.975) * np.sqrt(variance))
    assert longer[20_000] == pytest.approx(1, abs=1e-3)  # what is left falls with 1 / labels
    assert longer[15] > t.ppf(0.975, 13) / norm.ppf(0.975) and 1 < longer[150] < 1.1


@compared
@pytest.mark.parametrize("labels", [15, 150, 20_000])
def test_their_package_says_the_same(labels):
    """With our factor the same centre and, where labels are many, the same ends; with its own factor nearly so."""
    from ppi_py import ppi_mean_ci, ppi_mean_pointestimate

    gains, labelled, others, line = world(labels, 3 * labels, 0)
    factor, half = line.slope[0] * len(others) / (3 * labels), line.reach(0.975)[0]
    assert ppi_mean_pointestimate(gains, labelled, others, lam=factor) == pytest.approx(line.gain, abs=1e-12)
    if labels == 20_000:
        ours = line.gain[0] + half * np.array([-1, 1])
        for given, near in (
            (factor, 1e-3),
            (None, 5 / np.sqrt(labels)),
        ):  # slopes differ by some 1 / sqrt(labels)
            ends = np.ravel(ppi_mean_ci(gains, labelled, others, alpha=0.05, lam=given))
            assert ends == pytest.approx(ours, abs=near * half)
