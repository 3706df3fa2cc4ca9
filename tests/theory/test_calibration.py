"""Calibration errors by hand and by brute force, and the two bounds over random and worst cases."""

import itertools

import numpy as np
import pytest

from w2s_utils.theory import calibration
from w2s_utils.theory.divergences import LOGISTIC


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def losses(said, truth):
    return -truth * np.log(said) - (1 - truth) * np.log1p(-said)


@pytest.mark.parametrize("seed", range(5))
def test_the_smooth_error_is_that_of_the_best_function_on_a_grid(seed):
    draw = generator(seed)
    f, y = draw.choice([0.1, 0.4, 0.5, 0.9], 30), draw.integers(0, 2, 30).astype(float)
    steps = np.arange(
        -1, 1.01, 0.1
    )  # values and distances are tenths: the best function has its corners there
    values = np.unique(f)
    excess = np.array([np.sum((y - f)[f == value]) for value in values]) / len(f)
    best = max(
        np.dot(h, excess)
        for h in itertools.product(steps, repeat=len(values))
        if np.all(np.abs(np.diff(h)) <= np.diff(values) + 1e-9)
    )
    assert calibration.smooth_error(f, y) == pytest.approx(best, abs=1e-12)


def test_of_one_value_all_errors_are_the_difference_of_means():
    f, y = np.full(10, 0.3), np.repeat([0.0, 1.0], 5)
    for error in (calibration.smooth_error, calibration.conditional_error):
        assert error(f, y) == pytest.approx(0.2, abs=1e-12)
    assert calibration.group_error(f, y, np.zeros(10)) == pytest.approx(0.2, abs=1e-12)
    assert calibration.group_error(f, y, y) == pytest.approx(0.5 * 0.3 + 0.5 * 0.7, abs=1e-12)


@pytest.mark.parametrize("step", [0.2, 1e-2, 1e-6])
def test_a_student_next_to_a_calibrated_teacher_may_be_as_uncalibrated_as_can_be(step):
    y = np.array([0.0, 1.0])
    teacher, student = np.full(2, 0.5), 0.5 + step * (2 * y - 1)
    difference = LOGISTIC.mean(teacher, student)
    assert difference == pytest.approx(-np.log1p(-4 * step**2) / 2, rel=1e-6)
    assert calibration.conditional_error(teacher, y) == 0
    assert calibration.conditional_error(student, y) == pytest.approx(0.5 - step, abs=1e-12)
    smooth = calibration.smooth_error(student, y) - calibration.smooth_error(teacher, y)
    assert 0 < smooth <= calibration.smooth_reach(difference)


@pytest.mark.parametrize("seed", range(20))
def test_neither_bound_is_passed(seed):
    draw = generator(seed)
    floor, rows = 0.5 * draw.random() + 1e-3, 40
    w, s = floor + (1 - 2 * floor) * draw.beta(0.4, 0.4, (2, rows))
    s = w + draw.random() * (s - w)
    y = draw.integers(0, 2, rows).astype(float)
    d = LOGISTIC.mean(w, s)
    shift = abs(losses(s, y).mean() - losses(w, y).mean())
    assert shift <= np.abs(w - s).mean() / floor + 1e-12
    assert shift <= calibration.log_loss_reach(d, floor) + 1e-12
    apart = abs(calibration.smooth_error(s, y) - calibration.smooth_error(w, y))
    assert apart <= 2 * np.abs(w - s).mean() + 1e-9
    assert apart <= calibration.smooth_reach(d) + 1e-9
    groups = draw.integers(0, 3, rows)
    moved = abs(calibration.group_error(s, y, groups) - calibration.group_error(w, y, groups))
    assert moved <= calibration.smooth_reach(d) / 2 + 1e-12


@pytest.mark.parametrize("floor", [0.05, 0.2, 0.5])
def test_the_first_step_of_the_bound_on_the_loss_is_sharp_and_both_are_not(floor):
    step = 1e-5 * floor
    w, s = floor, floor + step
    shift = np.log(s / w)
    assert shift / (step / floor) == pytest.approx(1, abs=1e-4)
    d = float(LOGISTIC.rows([w], [s])[0])
    whole = shift / calibration.log_loss_reach(d, floor)
    assert whole == pytest.approx(2 * np.sqrt(floor * (1 - floor)), rel=1e-3)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: calibration.smooth_error([0.2, 1.2], [0, 1]), "said holds probabilities"),
        (lambda: calibration.smooth_error([0.2, 0.4], [0, -1]), "truth holds probabilities"),
        (lambda: calibration.conditional_error([[0.2]], [[1.0]]), "probabilities"),
        (lambda: calibration.smooth_error([0.2, np.nan], [0, 1]), "NaN"),
        (lambda: calibration.smooth_error([], []), "at least one row"),
        (lambda: calibration.group_error([0.2, 0.4], [0, 1], [1]), "groups are one for each of 2 rows"),
        (lambda: calibration.smooth_error([0.2], [0.2, 0.3]), "one shape"),
        (lambda: calibration.log_loss_reach(0.1, 0.0), "floor"),
        (lambda: calibration.log_loss_reach(-0.1, 0.1), "divergence is >= 0"),
        (lambda: calibration.smooth_reach(np.nan), "divergence is >= 0"),
    ],
)
def test_what_is_no_probability_or_divergence_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()
