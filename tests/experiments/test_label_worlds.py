"""Worlds in which intervals are tried: exact gains against many rows, and what the name of each world promises."""

import numpy as np
import pytest

from w2s_utils.experiments.label_worlds import (
    REPEATED,
    WORLDS,
    blunders,
    heavy,
    lognormal,
    normal,
    pareto,
    population,
)
from w2s_utils.theory.certificate import CLASSES, NUMBERS, certify_gain

ROWS = 200_000


def drawn(name, seed=1, rows=ROWS):
    return WORLDS[name].draw(rows, np.random.default_rng(seed))


@pytest.mark.parametrize("name", WORLDS)
def test_the_gain_is_that_of_other_rows(name):
    """Within five standard errors; those without a variance have no such error, and errors of that size are tried below."""
    world, (truth, weak, student) = WORLDS[name], drawn(name)
    assert truth.shape == weak.shape == student.shape == (ROWS,) and np.isfinite([truth, weak, student]).all()
    gains = (weak - truth) ** 2 - (student - truth) ** 2
    if "heavy" in name or "Pareto" in name:
        assert np.median(gains) > 0
    else:
        assert gains.mean() == pytest.approx(world.gain(), abs=5 * gains.std() * np.sqrt(1 / ROWS + 1e-6))
    again = world.draw(50, np.random.default_rng(1))
    np.testing.assert_array_equal(again, world.draw(50, np.random.default_rng(1)))


@pytest.mark.parametrize(
    "errors, mean_square",
    [(normal(0.7), 0.49), (lognormal(0.5, 0.8), 0.25 * np.exp(1.28)), (blunders(0.02), 0.125)],
)
def test_errors_have_the_square_that_they_say(errors, mean_square):
    found = errors.draw(2_000_000, np.random.default_rng(0))
    assert errors.square == pytest.approx(mean_square)
    assert np.mean(found**2) == pytest.approx(mean_square, rel=0.02) and abs(found.mean()) < 0.01
    both = errors + normal(1)
    assert both.square == pytest.approx(1 + mean_square)
    assert np.mean(both.draw(500_000, np.random.default_rng(0)) ** 2) == pytest.approx(both.square, rel=0.02)


def test_errors_without_a_variance_of_their_squares_have_the_tails_that_they_say():
    """Shares beyond some sizes; a mean of their squares would not settle."""
    draws = np.abs(pareto(0.5, 2.5).draw(500_000, np.random.default_rng(0)))
    assert draws.min() >= 0.5 and pareto(0.5, 2.5).square == pytest.approx(0.25 * 2.5 / 0.5)
    for times in (2, 5):
        assert np.mean(draws > 0.5 * times) == pytest.approx(times**-2.5, rel=0.05)
    draws = heavy(0.5).draw(500_000, np.random.default_rng(0))
    assert np.quantile(draws, 0.975) == pytest.approx(
        0.5 / np.sqrt(3) * 3.1824, rel=0.02
    )  # t, 3 degrees of freedom


def test_students_copy_agree_and_doubt_as_often_as_the_names_say():
    for percent in (50, 90, 99):
        _, weak, student = drawn(f"copies {percent} %")
        assert np.mean(weak == student) == pytest.approx(percent / 100, abs=0.005)
    for name in (
        "hard, agree 80 %",
        "hard, agree 95 %",
        "five classes, agree 80 %",
        "five classes, agree 95 %",
    ):
        truth, weak, student = drawn(name)
        agree = int(name.split()[-2]) / 100
        assert np.mean(weak == student) == pytest.approx(agree, abs=0.005)
        right = np.mean(student[weak != student] == truth[weak != student])
        assert right == pytest.approx(0.65 if name.startswith("hard") else 0.5, abs=0.02)
        assert set(np.unique(truth)) == set(range(int(WORLDS[name].classes[1]) + 1))
    truth, weak, student = drawn("confident, doubts 5 %")
    assert np.mean((student > 0.3) & (student < 0.7)) == pytest.approx(0.05, abs=0.005)
    assert np.mean(weak == truth) == pytest.approx(0.75, abs=0.01)


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("labels", [15, 100])
def test_labels_are_taken_for_what_the_world_says_they_are(name, labels):
    for seed in range(10):
        truth, weak, student = drawn(name, seed, rows=2000)
        found = certify_gain(weak, student, truth[:labels], np.arange(labels))
        assert found.kind == (NUMBERS if WORLDS[name].classes is None else CLASSES)


def test_rows_that_repeat_do_so_four_times():
    truth, weak, student = REPEATED.draw(10, np.random.default_rng(0))
    assert len(truth) == 10
    for side in (truth, weak, student):
        assert (side[:4] == side[0]).all() and (side[4:8] == side[4]).all() and side[0] != side[4]
    assert REPEATED.gain() == 0.75


def test_a_population_is_all_that_there_is():
    rng = np.random.default_rng(0)
    sides = rng.normal(size=(3, 50))
    world = population(*sides)
    drawn = np.stack(world.draw(4000, rng))
    assert {tuple(row) for row in drawn.T} == {tuple(row) for row in sides.T}
    assert world.gain() == pytest.approx(np.mean((sides[1] - sides[0]) ** 2 - (sides[2] - sides[0]) ** 2))
