"""Worlds of classes: stand-ins have the gain of the loss, certificates agree with `certify_gain`, names keep their promise."""

import numpy as np
import pytest

from w2s_utils.experiments.class_worlds import (
    CLASS_WORLDS,
    labels,
    odds,
    of_loss,
    of_numbers,
    softmax,
    with_misfit,
)
from w2s_utils.experiments.label_coverage import CERTIFICATE, kinds_for, tried
from w2s_utils.experiments.label_worlds import hard, probabilities
from w2s_utils.theory.certificate import certify_gain
from w2s_utils.theory.class_losses import ACCURACY, BRIER, LOG, errors, ranges


@pytest.mark.parametrize(
    "draw, classes, losses",
    [
        (of_numbers(hard(0.8)), 2, (ACCURACY, BRIER)),
        (of_numbers(probabilities(0.3)), 2, (ACCURACY, BRIER, LOG)),
        (labels((0.6, 0.8), 0.2), 5, (ACCURACY, BRIER)),
        (odds(4, 0.5), 4, (ACCURACY, BRIER, LOG)),
        (odds(4, 0.5, hard=True), 4, (ACCURACY, BRIER)),
    ],
)
def test_a_world_of_a_loss_has_its_gain_and_its_certificate(draw, classes, losses):
    truth, weak, student = draw(2000, np.random.default_rng(3))
    rows = np.arange(50)
    for loss in losses:
        world = of_loss(draw, classes, loss)
        label, one, other = numbers = world.draw(2000, np.random.default_rng(3))
        gains = errors(weak, truth, loss) - errors(student, truth, loss)
        np.testing.assert_allclose((one - label) ** 2 - (other - label) ** 2, gains, atol=1e-12)
        found = certify_gain(weak, student, truth[:50], rows, loss=loss, classes=range(classes))
        ends = kinds_for(world)[CERTIFICATE](tuple(side[None] for side in numbers), 50, 0.95)
        made = [float(end[0]) for end in ends]
        assert made == pytest.approx([found.low, found.high, found.lower_bound])


def test_numbers_with_the_misfit_of_a_loss_have_its_gain_too():
    for draw, classes, loss in ((odds(4, 0.5), 4, LOG), (labels((0.6, 0.8), 0.2), 5, ACCURACY)):
        truth, weak, student = draw(500, np.random.default_rng(1))
        label, one, other = with_misfit(draw, classes, loss).draw(500, np.random.default_rng(1))
        gains = errors(weak, truth, loss) - errors(student, truth, loss)
        np.testing.assert_allclose((one - label) ** 2 - (other - label) ** 2, gains, atol=1e-10)
        np.testing.assert_allclose(
            (one - other) ** 2, ranges(weak, student, classes, loss).misfit, atol=1e-12
        )


def test_labellers_are_right_as_often_as_they_say_and_wrong_as_the_next_class_mostly():
    truth, weak, student = labels((0.6, 0.8), 0.0)(100_000, np.random.default_rng(0))
    assert [np.mean(weak == truth), np.mean(student == truth)] == pytest.approx([0.6, 0.8], abs=0.01)
    assert np.mean(weak == (truth + 1) % 5) == pytest.approx(0.4 * (0.6 + 0.4 / 4), abs=0.01)
    assert np.mean(labels((0.6, 0.8), 0.7)(100_000, np.random.default_rng(0))[2] == weak) > 0.7


def test_a_student_that_is_too_sure_loses_in_log_loss_what_it_gains_in_accuracy():
    gains = {loss: CLASS_WORLDS["five, student too sure", loss].gain() for loss in (ACCURACY, LOG)}
    assert gains[ACCURACY] > 0.05 and gains[LOG] < -0.1
    assert np.abs(softmax(np.array([[1e3, 0.0], [0, 0]])).sum(axis=1) - 1).max() < 1e-15


def test_intervals_hold_where_hardly_a_labelled_row_tells():
    """The student is right wherever the two differ, in one row of eighty: no label shows it, and the rows are few too."""
    world = CLASS_WORLDS["two, hard teacher, doubts 5 %", ACCURACY]
    [found, _] = tried(world, kinds_for(world), [30], 400, np.random.default_rng(0), rows_for=lambda _: 2000)
    assert found["held"] >= 0.92 * 400
