"""The gain of a world against a simulation, and its student against the part of its teacher that it can express."""

import numpy as np
import pytest

from w2s_utils import runtime
from w2s_utils.experiments.linear_worlds import (
    BEYOND,
    EXPRESSIBLE,
    SEES,
    few_labels,
    fitted_gain,
    linear_world,
    ranked,
    taught,
    terms,
)


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


def test_four_teachers_are_ranked_and_seldom_wrongly():
    made = [ranked(200, 300, runtime.seed_stream(number, "ranked")) for number in range(40)]
    answers = [one["answer"] for one in made]
    assert set(answers) <= {"right", "wrong", "cannot tell yet"}
    assert answers.count("right") > 5 and answers.count("wrong") <= 3
    assert sum(one["least_mean_right"] for one in made) > 20


@pytest.mark.parametrize("split", [None, "given"])
def test_data_of_few_labels_have_them_where_they_should(world, split):
    table, data = few_labels(world, 600, 60, split, runtime.seed_stream(4, "data"))
    assert len(data.labelled) == (180 if split else 60) and np.isnan(data.targets).sum() == 600 - len(
        data.labelled
    )
    for part in data.splits[split].values() if split else ():
        assert np.isin(part, data.labelled).sum() == 60
    np.testing.assert_array_equal(data.views.strong, table[:, 1:EXPRESSIBLE])
    assert data.views.weak["weak"].shape == (600, 8)


def test_the_gain_of_fitted_heads_is_read_off_their_predictions(world):
    """Heads of known coefficients, other ones in each turn."""
    rng = np.random.default_rng(0)
    table, turns = terms(200, rng), np.split(rng.permutation(200), 4)
    made, gains = {side: np.empty(200) for side in SEES}, []
    for rows in turns:
        errors = {}
        for side, columns in SEES.items():
            head = np.zeros(EXPRESSIBLE + BEYOND)
            head[np.append(0, columns)] = rng.normal(size=len(columns) + 1)
            made[side][rows] = table[rows] @ head
            errors[side] = np.sum((head - world.truth) ** 2)
        gains.append(errors["weak"] - errors["student"])
    assert fitted_gain(world, table, turns, made) == pytest.approx(np.mean(gains))
    assert fitted_gain(world, table, turns[:1], made) == pytest.approx(gains[0])
