"""Patches: what points look like, exact accuracy of linear networks, the gradient by differences, and one short training."""

import numpy as np
import pytest

from w2s_utils.experiments import patch_networks
from w2s_utils.experiments.patch_networks import BOTH, EASY, HARD, Student, World

SMALL = World(12, 0.4, (0.3, 0.3, 0.4), 0.1)


def test_points_have_the_signals_of_their_kind():
    drawn = patch_networks.points(400, SMALL, np.random.default_rng(0))
    assert drawn.patches.dtype == np.float32 and set(drawn.kinds) == {EASY, HARD, BOTH}
    easy, hard = drawn.kinds != HARD, drawn.kinds != EASY
    assert np.array_equal(drawn.patches[easy, 0, 0], 2.5 * drawn.classes[easy])
    assert not drawn.patches[easy, 0, 1:].any()
    signal = drawn.patches[hard, 1]
    assert np.allclose(np.abs(signal[:, 1]), 3.5 * (drawn.classes[hard] > 0))
    assert np.allclose(np.abs(signal[:, 2]), 3.5 * (drawn.classes[hard] < 0))


def test_exact_accuracy_of_a_linear_network():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=12).astype(np.float32)
    weights[0] = 2.0
    drawn = patch_networks.points(200_000, SMALL, rng)
    right = np.sign(patch_networks.linear_scores(weights, drawn.patches)) == drawn.classes
    assert patch_networks.linear_accuracy(weights, SMALL) == pytest.approx(right.mean(), abs=0.004)


def test_the_gradient_is_that_of_the_loss():
    rng = np.random.default_rng(0)
    drawn, student = patch_networks.points(50, SMALL, rng), Student(SMALL, rng)
    student.filters = student.filters.astype(np.float64)

    def loss():
        return np.mean(np.logaddexp(0, -drawn.classes * student.scores(drawn.patches)))

    gradient = student.gradient(drawn.patches, drawn.classes)
    for place in ((0, 0), (1, 5), (2, 19), (7, 12)):
        ends = []
        for side in (-1e-5, 2e-5):
            student.filters[place] += side
            ends.append(loss())
        student.filters[place] -= 1e-5
        assert gradient[place] == pytest.approx((ends[1] - ends[0]) / 2e-5, rel=1e-3, abs=1e-6)


def test_a_short_training_gains_and_is_repeated():
    rows = patch_networks.run(0, "test", 1, SMALL, 600, 600, 1000, [0, 10])
    assert [row["step"] for row in rows] == [0, 10] and rows[1]["gain"] > 0.02
    assert rows[1]["gain"] <= rows[1]["misfit"] + 1e-9 and abs(rows[1]["weak_z"]) < 4
    assert rows == patch_networks.run(0, "test", 1, SMALL, 600, 600, 1000, [0, 10])
