"""Gain and misfit by the number of heads: drawn from a certified optimum, and trained jointly."""

import numpy as np
import pytest

from w2s_utils import runtime
from w2s_utils.experiments.divergence_worlds import NETWORK, half_hidden_worlds, mixture_world
from w2s_utils.experiments.k_heads import drawn_heads, floored, trained_jointly
from w2s_utils.experiments.protocol import Parts
from w2s_utils.experiments.softmax_students import forward_kl
from w2s_utils.heads.mixture import nearest_mixture
from w2s_utils.theory.divergences import KL


def test_the_excess_of_one_drawn_head_is_its_divergence_from_the_nearest_mixture():
    world = mixture_world(np.random.default_rng(0), 100, 10, 3, 100)
    rows = drawn_heads(world, [1, 8], 400, np.random.default_rng(1), problem=7)
    assert [row["heads"] for row in rows] == [0, 1, 8] and all(row["problem"] == 7 for row in rows)
    found = nearest_mixture(world.functions, world.weak, KL)
    exact = sum(a * KL.mean(one, found.values) for a, one in zip(found.weights, world.functions, strict=True))
    assert rows[1]["excess"] == pytest.approx(exact, rel=0.1)
    assert 0 < rows[2]["excess"] < rows[1]["excess"] / 4 and rows[1]["excess"] <= 2
    assert rows[0]["violation"] <= found.gap + 1e-12


def test_a_truth_in_the_network_is_learnt_and_one_beside_it_is_not():
    worlds = half_hidden_worlds(runtime.seed_stream(0, "test"), 900, 3, 300)
    parts = Parts(*np.split(np.arange(900), [300, 600, 750]))
    violation = {}
    for inside, world in worlds.items():
        assert world.features.shape == (900, NETWORK[-1]) and world.functions is None
        np.testing.assert_allclose(world.truth.sum(axis=1), 1, atol=1e-12)
        rows = trained_jointly(
            world.features, world.weak, {"truth": world.truth}, parts, [1, 3], 0, inside=inside
        )
        assert [(row["heads"], row["truth"], row["seed"]) for row in rows] == [
            (1, "truth", 0),
            (3, "truth", 0),
        ]
        violation[inside] = rows[0]["misfit"] - rows[0]["gain"]
    assert violation[True] < 0.1 < violation[False]


def test_a_truth_of_point_masses_and_forward_kl():
    world = mixture_world(np.random.default_rng(2), 120, 8, 3, 120)
    labels = np.eye(3)[world.truth.argmax(axis=1)]
    parts = Parts(*np.split(np.arange(120), [30, 60, 90]))
    truths = {"labels": labels, "truth": world.truth}
    rows = trained_jointly(world.features, world.weak, truths, parts, [2], 0, forward_kl)
    assert [row["truth"] for row in rows] == list(truths) and all(np.isfinite(row["gain"]) for row in rows)
    assert rows[0]["misfit"] == rows[1]["misfit"]


def test_floored_probabilities_are_probabilities_off_zero():
    made = floored([[1.0, 0.0], [0.25, 0.75]])
    np.testing.assert_allclose(made.sum(axis=1), 1, atol=1e-15)
    assert made.min() > 0
