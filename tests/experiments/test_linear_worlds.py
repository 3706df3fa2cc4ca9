"""The gain of a world against a simulation, and its student against the part of its teacher that it can express."""

import numpy as np
import pytest

from w2s_utils import runtime
from w2s_utils.experiments.linear_worlds import BEYOND, EXPRESSIBLE, linear_world, taught, terms


@pytest.fixture
def world():
    return linear_world(500, runtime.seed_stream(0, "world"))


def test_the_gain_is_that_of_many_rows(world):
    generator = runtime.seed_stream(1, "rows")
    table = terms(1_000_000, generator)
    y = world.labels(table, generator)
    gains = (table @ world.weak - y) ** 2 - (table @ world.student - y) ** 2
    assert gains.mean() == pytest.approx(world.gain, abs=5 * gains.std() / np.sqrt(len(gains)))


def test_labels_are_the_truth_and_noise_of_the_given_size(world):
    table = terms(200_000, runtime.seed_stream(5, "rows"))
    off = world.labels(table, runtime.seed_stream(6, "noise")) - table @ world.truth
    error = world.noise / np.sqrt(len(off))
    assert abs(off.mean()) < 5 * error and off.std() == pytest.approx(world.noise, abs=5 * error)


def test_a_student_is_the_expressible_part_of_its_teacher_up_to_sampling(world):
    many = taught(world.weak, 200_000, runtime.seed_stream(2, "many"))
    np.testing.assert_allclose(many[:EXPRESSIBLE], world.weak[:EXPRESSIBLE], atol=0.02)
    assert (many[EXPRESSIBLE:] == 0).all() and len(many) == EXPRESSIBLE + BEYOND
