"""Real rows for drawn labels, the choice among weak models, and repeated looks: small cases with known answers."""

import math

import numpy as np
import pytest

from w2s_utils.experiments.drawing_trials import drawn_ends, drawn_interval, enumerated, ever_told
from w2s_utils.experiments.drawn_choice import DRAWN, ENDS, OWN_WRONG, RANDOM, labels_to_name, named, problems
from w2s_utils.experiments.drawn_real import (
    labels_at,
    misused,
    population,
    rows_to_pay,
    taught_classes,
)
from w2s_utils.experiments.label_worlds import WORLDS
from w2s_utils.theory.drawing import pair_chances, rows_to_label
from w2s_utils.theory.drawn import drawn_gain


@pytest.mark.parametrize("ends, random", [(None, 0), ((0.0, 1.0), 0), (None, 12), ((0.0, 1.0), 12)])
def test_ends_of_a_draw_are_those_of_the_function_for_one(ends, random):
    generator = np.random.default_rng(3)
    truth = (generator.random(200) < 0.5).astype(float) if ends else generator.normal(size=200)
    weak, student = generator.random((2, 200)) if ends else truth + generator.normal(size=(2, 200))
    drawing = rows_to_label(
        {"it": weak}, {"it": student}, 40, 1, labelled=np.arange(random), bounded=ends is not None
    )
    rows = np.union1d(drawing.rows, np.arange(random))
    one = drawn_gain(drawing, weak, student, truth[rows], rows, ends=ends)
    chances = pair_chances(np.abs(weak - student), ends is not None)[None]
    among = np.concatenate([np.arange(random), drawing.rows])[None]
    many = drawn_ends((truth[None], weak[None], student[None]), chances, among, 0.95, ends, random)
    found = [float(side[0]) for side in (many.estimate, many.low, many.high, many.lower_bound)]
    np.testing.assert_allclose(found, [one.gain, one.low, one.high, one.lower_bound], rtol=1e-9)


def test_all_draws_of_few_rows_are_right_in_the_mean():
    assert max(enumerated(np.random.default_rng(7)).values()) < 1e-12


def test_a_later_look_keeps_the_signs_of_earlier_ones():
    few, more = (
        ever_told(WORLDS["misfit tells nothing"], 300, stops, 200, 0.95, np.random.default_rng(0))
        for stops in ([60], [15, 30, 60])
    )
    assert (more >= few).all() and more.sum() > few.sum()


def test_labels_are_read_off_from_where_on_values_stay_below():
    assert labels_at([10, 40, 160], [4.0, 2.0, 1.0], math.sqrt(2)) == pytest.approx(80)
    assert labels_at([10, 40, 160], [0.0, 2.0, 1.0], math.sqrt(2)) == pytest.approx(
        80
    )  # a length of 0 tells nothing
    assert labels_at([10, 40], [1.0, 0.5], 2) == pytest.approx(10) and math.isnan(
        labels_at([10, 40], [4.0, 2.0], 1)
    )


def test_rows_of_a_set_are_a_world_with_its_gain_and_repeats_are_paid_once():
    truth, weak, student = np.array([0.0, 1, 1, 0]), np.array([0.0, 0, 1, 0]), np.array([0.0, 1, 1, 0])
    world = population((truth, weak, student), (0, 1))
    assert world.gain() == 0.25
    drawn = np.stack(world.draw(400, np.random.default_rng(0)))
    assert set(map(tuple, drawn.T)) == {(0, 0, 0), (1, 0, 1), (1, 1, 1)}
    one, all_of_them = rows_to_pay(world, 400, [1, 10**5], np.random.default_rng(0))
    assert one == pytest.approx(1) and 90 < all_of_them < 110  # those that differ, one in four


def test_heads_are_judged_on_rows_that_they_have_not_seen():
    generator = np.random.default_rng(0)
    truth, noise = (generator.random(300) < 0.5).astype(float), generator.normal(size=(300, 60))
    right = np.mean((taught_classes(noise, truth, 2, 5, np.random.default_rng(1)) > 0.5) == truth, axis=1)
    assert (np.abs(right - 0.5) < 0.13).all()  # of noise nothing is known, whatever was learned by heart
    told = np.mean(
        (taught_classes(noise + 3 * truth[:, None], truth, 2, 5, generator) > 0.5) == truth, axis=1
    )
    assert (told > 0.9).all()


def test_labels_of_drawn_rows_misused_ones_miss_the_gain():
    found = [misused(WORLDS["misfit tells much"], 500, 100, k, np.random.default_rng(k)) for k in range(30)]
    assert sum(one["plain holds"] for one in found) < 5 < 25 < sum(one["drawn holds"] for one in found)


@pytest.mark.parametrize("kind", ENDS)
def test_the_first_student_is_the_best_and_the_wrong_one_is_hardly_ever_ahead(kind):
    truth, students = problems(kind, 3, 50, 1000, np.random.default_rng(0))
    errors = [float(np.mean((one - truth) ** 2)) for one in students]
    assert errors[0] < 0.9 * min(errors[1:])
    if kind == "hard":
        assert errors[1] - errors[0] == pytest.approx(0.9 * (OWN_WRONG[1] - OWN_WRONG[0]), abs=0.01)
    found = named(kind, 2, [20, 800], 50, 1000, np.random.default_rng(0))
    assert found[DRAWN, 20] < 40 and found[DRAWN, 800] > 45 and found[RANDOM, 800] >= 40


def test_drawn_intervals_are_as_coverage_takes_them():
    world = WORLDS["hard, agree 80 %"]
    rows = tuple(side.reshape(20, 300) for side in world.draw(6000, np.random.default_rng(0)))
    found = drawn_interval(np.random.default_rng(1), world.classes, 10)(rows, 40, 0.95)
    assert found.low.shape == (20,) and (found.low <= found.bound).all() and (found.bound < found.high).all()


def test_labels_that_name_the_right_one_have_an_interval():
    middle, low, high = labels_to_name([25, 100, 400, 1600], [0, 150, 240, 250], 250)
    assert 100 < low < middle < high < 1600
