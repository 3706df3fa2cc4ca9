"""Rows drawn for losses of classes: chances, the mean over draws, hard labels as before, joined labels, plans, bad labels."""

import numpy as np
import pytest

from w2s_utils.theory.certificate import certify_gain
from w2s_utils.theory.class_losses import ACCURACY, BRIER, LOG, OF_CLASSES, errors, ranges
from w2s_utils.theory.drawing import OtherPredictions, rows_to_label
from w2s_utils.theory.drawing_plan import planned_half_width
from w2s_utils.theory.drawn import as_certificate, drawn_gain


def soft(rows=400, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    odds = rng.normal(size=(rows, classes))
    made = [np.exp(odds * k + rng.normal(size=odds.shape)) for k in (0.5, 1.5)]
    weak, student = (one / one.sum(axis=1, keepdims=True) for one in made)
    return odds.argmax(axis=1), weak, student


def drawn(weak, student, loss, count=40, seed=0, **more):
    return rows_to_label({"a": weak}, {"a": student}, count, seed, loss=loss, **more)


def told(found, weak, student, truth, **more):
    rows = np.union1d(found.rows, found.random)
    return drawn_gain(found, weak, student, truth[rows], rows, **more)


@pytest.mark.parametrize("loss", OF_CLASSES)
def test_rows_are_drawn_by_how_much_their_class_decides_and_the_mean_over_draws_is_the_gain(loss):
    y, w, p = soft(60)
    half = ranges(w, p, 3, loss).half
    found = drawn(w, p, loss)
    np.testing.assert_allclose(found.chances, (half / half.sum())[found.rows])
    assert found.loss == loss and found.classes == ("0", "1", "2")
    gains = errors(w, y, loss) - errors(p, y, loss)
    made = [told(drawn(w, p, loss, 200, seed), w, p, y) for seed in range(200)]
    error = np.std([one.gain for one in made]) / np.sqrt(200)
    assert np.mean([one.gain for one in made]) == pytest.approx(gains.mean(), abs=4 * error)
    assert np.mean([one.low <= gains.mean() <= one.high for one in made]) > 0.95
    assert all(one.bounded for one in made)


def test_hard_labels_of_two_classes_are_drawn_and_judged_as_numbers_between_ends():
    y, w, p = soft(classes=2)
    y, w, p = y.astype(float), w.argmax(1).astype(float), p.argmax(1).astype(float)
    squared = rows_to_label({"a": w}, {"a": p}, 30, 3, bounded=True)
    names = np.array(["no", "yes"])[[w.astype(int), p.astype(int), y.astype(int)]]
    found = drawn(names[0], names[1], ACCURACY, 30, 3)
    np.testing.assert_array_equal(found.rows, squared.rows)
    one, other = told(squared, w, p, y, ends=(0, 1)), told(found, names[0], names[1], names[2])
    assert [one.gain, one.low, one.high] == pytest.approx([other.gain, other.low, other.high])
    assert planned_half_width(names[0], names[1], 30, spread=0.5, loss=ACCURACY) == pytest.approx(
        planned_half_width(w, p, 30, spread=0.5, bounded=True)
    )


def test_a_class_that_nobody_said_may_come_back_of_hard_labels():
    _, w, p = soft(classes=2)
    w, p = np.array(["a", "b"])[w.argmax(1)], np.array(["a", "b"])[p.argmax(1)]
    found = drawn(w, p, ACCURACY)
    truth = np.where(np.arange(400) % 3 == 0, "c", w)
    assert told(found, w, p, truth).gain < 0
    with pytest.raises(ValueError, match="outside the classes, such as 'c'"):
        soft_rows = soft(classes=2)
        found = drawn(*soft_rows[1:], BRIER, classes=["a", "b"])
        told(found, *soft_rows[1:], truth)


@pytest.mark.parametrize("loss", OF_CLASSES)
def test_random_labels_are_joined_and_plans_come_near_what_comes(loss):
    y, w, p = soft(2000)
    random = np.arange(60)
    found = drawn(w, p, loss, 80, labelled=random)
    made = told(found, w, p, y)
    alone = certify_gain(w, p, y[random], random, loss=loss)
    assert made.random == 60 and made.drawn == 80 and made.half_width < alone.half_width
    whole = as_certificate(made, alone)
    assert whole.loss == loss and whole.misfit == alone.misfit
    planned = planned_half_width(w, p, 80, y[random], random, loss=loss)
    new = told(drawn(w, p, loss, 80), w, p, y)
    assert 0.4 < planned.drawn / new.half_width < 2.5


def test_two_weak_models_and_others_that_rows_were_not_drawn_for():
    y, w, p = soft()
    _, v, q = soft(seed=1)
    found = rows_to_label({"a": w, "b": v}, {"a": p, "b": q}, 60, 0, loss=BRIER)
    assert set(found.largest) == {"a", "b", ("a", "b")}
    rows = np.unique(found.rows)
    one, other = (drawn_gain(found, *pair, y[rows], rows) for pair in ((p, q), (q, p)))
    assert [one.gain, one.low] == pytest.approx([-other.gain, -other.high])
    with pytest.raises(OtherPredictions):
        drawn_gain(found, w, np.roll(p, 1, axis=0), y[rows], rows)
    with pytest.raises(ValueError, match="same in every row"):
        drawn(w, w, BRIER)
    with pytest.raises(ValueError, match="same rows"):
        rows_to_label({"a": w}, {"a": p[:-1]}, 5, 0, loss=BRIER)
    with pytest.raises(ValueError, match="log loss"):
        drawn(w.argmax(1), p, LOG)
    with pytest.raises(ValueError, match="each row sums to 1"):
        drawn(w * 2, p, BRIER)
