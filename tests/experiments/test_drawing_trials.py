"""Intervals from drawn rows in the worlds that break intervals: coverage and length, against bars written before."""

import math

import numpy as np
import pytest

from w2s_utils.experiments.drawing_trials import inverted, trial
from w2s_utils.experiments.label_worlds import WORLDS

DRAWS = 400
ENDS = {name: (0.0, 1.0) for name in WORLDS if name.startswith(("hard", "confident", "probabilities"))}
RARE = {"lognormal teacher": 0.2, "Pareto teacher": 0.0, "copies 99 %": 0.2}
"""Where a few rows of a thousand decide the gain of the world: no labels of the thousand tell it.

By how much the plain interval from as many random labels holds more rarely, at least."""


def run(name, labels, rows=1000, draws=DRAWS, random=0, others=0):
    generator = np.random.default_rng(labels)
    return trial(WORLDS[name], rows, labels, draws, generator, ENDS.get(name), random, others)


def bar(share, draws=DRAWS):
    """What a true coverage of this share falls below once in a thousand trials."""
    return share - 3.1 * math.sqrt(share * (1 - share) / draws)


@pytest.mark.parametrize("name", WORLDS)
def test_intervals_from_thirty_drawn_labels_hold_in_every_world(name):
    found = run(name, 30)
    assert found.here >= bar(0.92)
    if name in RARE:
        assert found.two >= found.plain_two + RARE[name]
    else:
        assert found.two >= bar(0.92) and found.one >= bar(0.92)


@pytest.mark.parametrize("name", [name for name in WORLDS if name.startswith("hard")])
def test_hard_labels_hold_from_fifteen_on(name):
    found = run(name, 15)
    assert found.two >= bar(0.94) and found.one >= bar(0.94)


@pytest.mark.parametrize(
    "name", ["misfit tells much", "each blunders 5 %", "five points", "hard, agree 80 %"]
)
@pytest.mark.parametrize("random, others", [(10, 0), (30, 0), (0, 4), (10, 4)])
def test_they_hold_when_random_labels_are_joined_or_other_pairs_share_the_draw(name, random, others):
    found = run(name, 40, random=random, others=others)
    assert found.two >= bar(0.92) and found.one >= bar(0.92)


@pytest.mark.parametrize(
    "name, most",
    [("misfit tells much", 0.45), ("hard, agree 95 %", 0.3), ("probabilities", 0.9), ("copies 50 %", 0.4)],
)
def test_they_are_shorter_than_the_plain_interval(name, most):
    found = run(name, 30, rows=4000, draws=200)
    assert found.length <= most


def test_rows_are_drawn_with_the_chances_of_each_draw():
    chances = np.array([[0.0, 0.5, 0.5, 0.0], [0.25, 0.0, 0.0, 0.75]])
    found = inverted(chances, 4000, np.random.default_rng(0))
    counts = np.stack([np.bincount(rows, minlength=4) for rows in found]) / 4000
    np.testing.assert_allclose(counts, chances, atol=4 * math.sqrt(0.25 / 4000))
    assert not counts[chances == 0].any()
