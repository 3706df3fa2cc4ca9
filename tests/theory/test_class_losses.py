"""Losses of classes: gains by hand, their ranges and stand-ins, certificates beside those of squared loss, bad labels."""

import numpy as np
import pytest

from w2s_utils.theory import intervals
from w2s_utils.theory.certificate import CLASSES, TooFewLabels, certify_gain
from w2s_utils.theory.class_labels import in_order, labellers, on_simplex, one_hot, said_of
from w2s_utils.theory.class_losses import (
    ACCURACY,
    BRIER,
    LOG,
    OF_CLASSES,
    errors,
    most_probable,
    ranges,
    stand_in_labels,
    stand_ins,
)
from w2s_utils.theory.error_sums import class_error_sums
from w2s_utils.theory.misfit import cross_terms
from w2s_utils.theory.ranking import rank_weak_models

SHOWN = ("gain", "low", "high", "lower_bound", "misfit", "naive_low", "naive_high", "carrying")
M = np.arange(60)


def soft(rows=400, classes=3, seed=0):
    """Truth, and probabilities of a teacher and of a student that share odds."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(size=(rows, classes))
    made = [np.exp(odds * k + rng.normal(size=odds.shape)) for k in (0.5, 1.5)]
    weak, student = (one / one.sum(axis=1, keepdims=True) for one in made)
    return odds.argmax(axis=1), weak, student


def hard(rows=400, classes=3, seed=0):
    truth, weak, student = soft(rows, classes, seed)
    return truth, weak.argmax(axis=1), student.argmax(axis=1)


def same(one, other, times=1.0, rel=1e-9):
    for name in SHOWN:
        scale = 1.0 if name == "carrying" else times
        assert getattr(one, name) == pytest.approx(scale * getattr(other, name), rel=rel, abs=1e-12), name


def test_errors_gains_and_misfits_worked_out_by_hand():
    w, p, y = np.array([[0.5, 0.3, 0.2]]), np.array([[0.1, 0.7, 0.2]]), np.array([1])
    log = np.log
    by_hand = {
        ACCURACY: (1.0, 0.0, 1.0, (-1.0, 1.0)),
        BRIER: (0.25 + 0.49 + 0.04, 0.01 + 0.09 + 0.04, 0.16 + 0.16, (-0.96, 0.64)),
        LOG: (-log(0.3), -log(0.7), 0.1 * log(0.2) + 0.7 * log(7 / 3), (log(0.2), log(7 / 3))),
    }
    for loss, (weak_error, student_error, misfit, (least, largest)) in by_hand.items():
        known = ranges(w, p, 3, loss)
        assert errors(w, y, loss) == pytest.approx(weak_error) and errors(p, y, loss) == pytest.approx(
            student_error
        )
        assert [known.misfit[0], known.least[0], known.largest[0]] == pytest.approx([misfit, least, largest])


@pytest.mark.parametrize("loss", OF_CLASSES)
@pytest.mark.parametrize("made", [soft, hard], ids=["probabilities", "labels"])
@pytest.mark.parametrize("classes", [2, 3, 7])
def test_a_gain_lies_in_its_range_whatever_the_class_and_stand_ins_have_it_too(loss, made, classes):
    if loss == LOG and made is hard:
        return
    _, weak, student = made(300, classes)
    known, rows = ranges(weak, student, classes, loss), np.arange(300)
    w, p = stand_ins(known)
    assert (known.misfit >= 0).all() and (known.least <= 1e-12).all() and (known.largest >= -1e-12).all()
    assert ((w + p) > -1e-12).all() and ((w + p) < 2 + 1e-12).all()
    mean = np.zeros(300)
    for k in range(classes):
        y = np.full(300, k)
        gains = errors(weak, y, loss) - errors(student, y, loss)
        assert (gains >= known.least - 1e-12).all() and (gains <= known.largest + 1e-12).all()
        t = stand_in_labels(gains, known, rows)
        np.testing.assert_allclose((w - t) ** 2 - (p - t) ** 2, gains, atol=1e-12)
        mean += gains * one_hot(student, classes)[:, k]
    if loss != ACCURACY or made is hard:  # the gain that the student expects of itself
        np.testing.assert_allclose(mean, known.misfit, atol=1e-12)


def test_brier_is_the_identity_of_misfit_with_columns_added_up():
    y, w, p = soft()
    truth, known = one_hot(y, 3), ranges(w, p, 3, BRIER)
    cross = cross_terms(truth, w, p).sum(axis=1)
    np.testing.assert_allclose(errors(w, y, BRIER) - errors(p, y, BRIER), known.misfit + cross, atol=1e-12)


def test_blocks_and_labels_beside_probabilities_change_nothing(monkeypatch):
    y, w, p = soft(100)
    said = w.argmax(axis=1)
    for loss in (ACCURACY, BRIER):
        whole = ranges(said, p, 3, loss)
        np.testing.assert_allclose(whole, ranges(one_hot(said, 3), p, 3, loss))
        monkeypatch.setattr("w2s_utils.theory.class_losses.CELLS", 20)
        np.testing.assert_allclose(ranges(said, p, 3, loss), whole)
        monkeypatch.undo()
        both = ranges(said, p.argmax(axis=1), 3, loss)
        np.testing.assert_allclose(both, ranges(one_hot(said, 3), one_hot(p.argmax(axis=1), 3), 3, loss))


def test_classes_that_tie_share_what_is_said_in_any_order_of_columns():
    table = np.array([[0.4, 0.4, 0.2], [0.2, 0.6, 0.2]])
    np.testing.assert_allclose(most_probable(table), [[0.5, 0.5, 0], [0, 1, 0]])
    y, w, p = soft()
    w = np.round(w, 1) + 1e-3
    w /= w.sum(axis=1, keepdims=True)
    turned = [2, 0, 1]
    place = np.argsort(turned)
    for loss in OF_CLASSES:
        one = certify_gain(w, p, y[M], M, loss=loss)
        same(certify_gain(w[:, turned], p[:, turned], place[y[M]], M, loss=loss), one)


def test_of_two_classes_brier_is_twice_squared_and_hard_labels_are_the_same_for_all():
    y, w, p = soft(classes=2)
    squared = certify_gain(w[:, 1], p[:, 1], y[M], M)
    assert squared.kind == CLASSES
    brier = certify_gain(w, p, y[M], M, loss=BRIER)
    same(brier, squared, 2.0)
    same(certify_gain(w[:, 1], p[:, 1], y[M], M, loss=BRIER), brier)
    assert (brier.loss, squared.loss, brier.kind) == (BRIER, "squared", CLASSES)
    for half in (0.5 * brier.half_width, 0.9 * brier.half_width):
        assert brier.labels_for(half) == squared.labels_for(half / 2)
    y, w, p = hard(classes=2)
    squared = certify_gain(w, p, y[M], M)
    same(certify_gain(w, p, y[M], M, loss=ACCURACY), squared)
    same(certify_gain(w, p, y[M], M, loss=BRIER), squared, 2.0)
    words = np.array(["no", "yes"])
    same(certify_gain(words[w], words[p], words[y[M]], M, loss=ACCURACY), squared)


def test_of_many_classes_a_row_with_a_third_one_lies_halfway():
    y, w, p = hard(classes=6)
    found = certify_gain(w, p, y[M], M, loss=ACCURACY)
    differ, rows = (w != p), (w != p)[M]
    right, wrong = np.sum(rows & (p[M] == y[M])), np.sum(rows & (w[M] == y[M]))
    assert 0 < right + wrong < rows.sum()
    assert found.gain == pytest.approx(differ.mean() * (right - wrong) / rows.sum())
    assert found.misfit == pytest.approx(differ.mean())
    assert found.carrying == pytest.approx(60 * differ.mean())
    halves = 0.5 * (rows.sum() - right - wrong)
    known = intervals.share(0, 1)  # the ends of a share hold the halves inside
    assert found.low < found.gain < found.high and known.low == 0 and halves > 0


@pytest.mark.parametrize("loss", OF_CLASSES)
def test_chunks_groups_and_exchange(loss):
    y, w, p = soft()
    names, whole = ["a", "b", "c"], certify_gain(w, p, y[M], M, loss=loss)
    letters = np.array(names)[y]
    first = class_error_sums(w[:50], p[:50], letters[M[:50]], M[:50], loss, names)
    rest = class_error_sums(w[50:], p[50:], letters[50:60], np.arange(10), loss, names)
    from w2s_utils.theory.certificate import certificate_of

    same(certificate_of(first + rest), whole)
    turned = certificate_of((first + rest).exchanged())
    assert [turned.gain, turned.low, turned.high] == pytest.approx([-whole.gain, -whole.high, -whole.low])
    same(certify_gain(w, p, y[M], M, groups=np.arange(400), loss=loss), whole)
    twice = np.repeat(np.arange(400), 2)
    rows = np.arange(120)
    again = certify_gain(w[twice], p[twice], y[twice][rows], rows, groups=twice, loss=loss)
    same(again, whole)
    with pytest.raises(ValueError, match="of one loss"):
        first + class_error_sums(w, p, y[M], M, ACCURACY if loss == BRIER else BRIER)


def test_a_student_that_repeats_its_teacher_gains_nothing():
    y, w, _ = soft()
    for loss in OF_CLASSES:
        found = certify_gain(w, w * (1 + 1e-16), y[M], M, loss=loss)
        assert (found.gain, found.low, found.high, found.misfit) == (0, 0, 0, 0)


def test_weak_models_are_ranked_by_a_loss_of_classes():
    y, w, p = soft(2000)
    noise = np.random.default_rng(5).dirichlet(np.ones(3), 2000)
    weak, students = {"good": w, "bad": noise}, {"good": p, "bad": 0.8 * noise + 0.2 * p}
    rows = np.arange(200)
    for loss in OF_CLASSES:
        found = rank_weak_models(weak, students, y[rows], rows, loss=loss)
        assert found.best == "good" and found.gains["good"].loss == loss
        assert found.student_error["bad"] == pytest.approx(
            errors(students["bad"][rows], y[rows], loss).mean()
        )
    with pytest.raises(ValueError, match="one of squared"):
        rank_weak_models(weak, students, y[rows], rows, loss="hinge")


def test_a_thousand_classes():
    rng = np.random.default_rng(0)
    truth = rng.integers(1000, size=20_000)
    weak, student = (
        np.where(rng.random(20_000) < k, truth, rng.integers(1000, size=20_000)) for k in (0.5, 0.7)
    )
    found = certify_gain(weak, student, truth[:100], np.arange(100), loss=ACCURACY, classes=range(1000))
    assert found.low < np.mean(student == truth) - np.mean(weak == truth) < found.high
    names = np.array([f"class {k} 🙂" for k in range(1000)])
    same(certify_gain(names[weak], names[student], names[truth[:100]], np.arange(100), loss=ACCURACY), found)


def test_log_loss_of_a_sure_student_is_not_certain_though_no_labelled_row_shows_its_mistakes():
    """30 rows on which it is right say little of the rows on which it would lose much."""
    rng = np.random.default_rng(1)
    y = (rng.random(2000) < 0.5).astype(int)
    sure = np.where(rng.random(2000) < 0.97, y, 1 - y)
    weak = np.where(y[:, None] == [0, 1], 0.7, 0.3)
    student = np.where(sure[:, None] == [0, 1], 0.999, 0.001)
    rows = np.flatnonzero(sure == y)[:30]
    found = certify_gain(weak, student, y[rows], rows, loss=LOG)
    true = np.mean(errors(weak, y, LOG) - errors(student, y, LOG))
    assert found.naive_low > true > found.low


def test_scores_are_projected_on_the_nearest_probabilities():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(200, 5))
    found = on_simplex(scores)
    assert (found >= 0).all() and np.abs(found.sum(axis=1) - 1).max() < 1e-12
    for k in range(
        5
    ):  # never farther from a corner than the scores, and nearest by the variational inequality
        corner = np.eye(5)[k]
        assert (np.sum((found - corner) ** 2, 1) <= np.sum((scores - corner) ** 2, 1) + 1e-12).all()
        assert (np.sum((scores - found) * (corner - found), axis=1) <= 1e-12).all()
    np.testing.assert_allclose(on_simplex(found), found, atol=1e-15)
    assert (found.argmax(axis=1) == scores.argmax(axis=1)).all()
    np.testing.assert_allclose(
        on_simplex(np.array([[1 / 3, 1 / 3, 1 / 3], [5, 0, 0]])), [[1 / 3] * 3, [1, 0, 0]]
    )


def test_rounded_probabilities_are_mended_and_names_are_put_in_order():
    mended = said_of("weak", np.array([[0.33, 0.33, 0.33], [0.5, 0.25, 0.25]]), "abc")
    np.testing.assert_allclose(mended[0], [1 / 3] * 3)
    assert in_order(["10", "9", "-1"]) == ("-1", "9", "10") and in_order(["b", "10", "a"]) == ("10", "a", "b")
    found = labellers(["10", "9"], [9, 10], [10.0, 9], [1, 0])
    assert found.classes == ("9", "10") and found.truth.tolist() == [1, 0] and found.weak.tolist() == [1, 0]
    assert labellers([True, False], ["True", "False"], ["True"], [0]).classes == ("False", "True")


NAN = float("nan")
P = np.full((8, 2), 0.5)
L = np.array([0, 1] * 4)
FOUR = np.arange(4)


@pytest.mark.parametrize(
    "weak, student, truth, more, said",
    [
        (P * 1.3, P, L[:4], {}, "row 0 sums to 1.3"),
        (P - [0.6, -0.6], P, L[:4], {}, "none is negative"),
        (np.where(P > 0, NAN, 0), P, L[:4], {}, "NaN"),
        (P, P, [0, 1, 2, 1], {}, "outside the classes, such as '2'"),
        (P, P, ["no", "yes", "no", "no"], {}, "outside the classes, such as 'no'"),
        (P, P, ["no", "maybe", "no", "no"], {"classes": ["no", "yes"]}, "such as 'maybe'"),
        (P, np.full((8, 3), 1 / 3), L[:4], {}, "a column for each of 3 classes"),
        (P[:, :1] * 2, P[:, :1] * 2, [0] * 4, {}, "one class only"),
        (L * 0, L * 0, [0] * 4, {}, "one class only, '0'"),
        (["pos", "neg"] * 4, ["pos", "neg"] * 4, ["p", "n", "p", "n"], {}, "none of the classes of truth"),
        (L + 0.5, L, L[:4] + 1, {}, "no class"),
        (L, L, [0.5, 1, 0, 1], {}, "no class"),
        (L, L, [None, 1, 0, 1], {}, "names no class"),
        (np.ma.masked_less(L, 1), L, L[:4], {}, "masked"),
        (L, L, L[:4], {"classes": "01"}, "list of names"),
        (L, L, L[:4], {"classes": [0, 1, 1]}, "one twice"),
        (L, L, L[:4], {"classes": [0]}, "one class only"),
        (L, L[:7], L[:4], {}, "same rows"),
        (L, L, L[:3], {}, "one true label for each"),
        (L, P, L[:4], {"loss": LOG}, "labels: a wrong one"),
        ([[1, 0]] * 8, P, L[:4], {"loss": LOG}, "probability 0 in 8 of 8 rows"),
        (L, L, L[:4], {"loss": "hinge"}, "one of squared, accuracy, brier, log"),
        (L, L, L[:4], {"loss": "squared", "classes": [0, 1]}, "squared loss is of numbers"),
    ],
)  # fmt: skip
def test_bad_labels_are_named(weak, student, truth, more, said):
    with pytest.raises((ValueError, TypeError), match=said):
        certify_gain(
            weak, student, truth, FOUR[: len(truth)] if len(truth) != 3 else FOUR, **{"loss": BRIER} | more
        )


def test_too_few_labels_and_a_loss_of_logarithms_that_says_where_the_zero_is():
    with pytest.raises(TooFewLabels):
        certify_gain(L, L[::-1], L[:3], FOUR[:3], loss=ACCURACY)
    zero = P.copy()
    zero[5] = [0, 1]
    with pytest.raises(
        ValueError, match=r"student gives a class the probability 0 in 1 of 8 rows, row 5 first"
    ):
        certify_gain(P, zero, L[:4], FOUR, loss=LOG)
