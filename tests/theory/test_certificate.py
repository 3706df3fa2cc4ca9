"""The gain from few true labels: numbers and classes, chunks, groups, units, what further labels would bring, bad input."""

import math
from functools import partial, reduce
from itertools import pairwise
from operator import add

import numpy as np
import pytest
from scipy.special import stdtrit
from scipy.stats import t

from w2s_utils.theory.bounded import bounded_gain, parts, spans
from w2s_utils.theory.capped import ALLOWED, capped_gain
from w2s_utils.theory.certificate import (
    CLASSES,
    ENOUGH_CARRYING,
    LEAST_LABELS,
    NUMBERS,
    TooFewLabels,
    certificate_of,
    certify_gain,
)
from w2s_utils.theory.error_sums import MOST_CLASSES, error_sums, unit_of
from w2s_utils.theory.misfits import caps_above

SHOWN = (
    "gain",
    "low",
    "high",
    "lower_bound",
    "slope",
    "widened",
    "misfit",
    "naive_low",
    "naive_high",
    "carrying",
)


def problem(rows=2000, seed=0, shared=0.3):
    """Truth, weak and student; the student drops part of the teacher's error and part of what it had right."""
    rng = np.random.default_rng(seed)
    truth, noise, lost = rng.normal(size=(3, rows))
    weak = truth + noise + shared * lost
    return truth, weak, weak - 0.8 * noise + shared * lost


def hard(rows=600, seed=0, disagree=0.2):
    """Truth, teacher and student of 0 and 1; where the two disagree each is right half of the time: the true gain is 0."""
    rng = np.random.default_rng(seed)
    truth = (rng.uniform(size=rows) < 0.5).astype(float)
    apart, right = rng.uniform(size=rows) < disagree, rng.uniform(size=rows) < 0.5
    return truth, np.where(apart & ~right, 1 - truth, truth), np.where(apart & right, 1 - truth, truth)


def soft(rows=600, seed=0):
    """Labels of 0 and 1, a hard teacher, probabilities of the student."""
    truth, weak, student = hard(rows, seed)
    return (
        truth,
        weak,
        np.clip(0.1 + 0.8 * student + 0.05 * np.random.default_rng(seed).normal(size=rows), 0, 1),
    )


def kinds(rows=600):
    return {"numbers": problem(rows), "hard labels": hard(rows), "probabilities": soft(rows)}


def gains_of(truth, weak, student):
    return (weak - truth) ** 2 - (student - truth) ** 2


def same(one, other, rel=1e-9, **scales):
    assert (one.kind, one.labels, one.rows, one.level) == (other.kind, other.labels, other.rows, other.level)
    for name in SHOWN:
        expected = getattr(other, name) * scales.get(name, 1.0)
        assert getattr(one, name) == pytest.approx(expected, rel=rel, abs=1e-12 * scales.get("gain", 1.0)), (
            name
        )


@pytest.mark.parametrize("labels", [4, 30, 300])
def test_numbers_get_the_capped_line_and_classes_the_weighted_share(labels):
    for truth, weak, student in kinds().values():
        rows, gains = np.arange(labels), gains_of(truth, weak, student)[None]
        found = certify_gain(weak, student, truth[rows], rows)
        if found.kind == NUMBERS:
            misfits = (weak - student) ** 2

            def beyond(caps, misfits=misfits):
                told = np.minimum(misfits, caps)
                return tuple(np.array([f(v)]) for v in (told, misfits - told) for f in (np.mean, np.var))

            caps = partial(caps_above, unit=np.var(truth[rows]))
            made = capped_gain(gains[:, :labels], misfits[None, :labels], 600, beyond, caps)
            ends = [
                made.gain - made.reach(0.975),
                made.gain + made.reach(0.975),
                made.gain - made.reach(0.95),
            ]
            alone = stdtrit(labels - 2, 0.975) * made.error[0]
            assert found.slope == pytest.approx(made.slope[0])
            assert found.widened == pytest.approx(made.reach(0.975)[0] / alone - 1, abs=1e-9)
        else:
            apart = parts(weak, student)[None]
            made = bounded_gain(gains[:, :labels], apart[:, :labels], 0, 1, spans(apart))
            ends = [*made.ends(0.025), made.ends(0.05)[0]]
            assert found.slope == found.widened == 0
        assert found.gain == pytest.approx(made.gain[0])
        assert [found.low, found.high, found.lower_bound] == pytest.approx([float(end[0]) for end in ends])


def test_the_interval_beside_it_is_student_s_of_the_labelled_rows_alone():
    for truth, weak, student in kinds().values():
        gains = gains_of(truth, weak, student)[:50]
        half = stdtrit(49, 0.95) * gains.std(ddof=1) / math.sqrt(50)
        found = certify_gain(weak, student, truth[:50], np.arange(50), level=0.9)
        assert (found.naive_low, found.naive_high) == pytest.approx(
            (gains.mean() - half, gains.mean() + half)
        )
        assert found.misfit == pytest.approx(np.mean((weak - student) ** 2), rel=1e-12)


def test_a_higher_level_is_wider_and_one_sided_bounds_are_nearer():
    for truth, weak, student in kinds().values():
        found = [certify_gain(weak, student, truth[:40], np.arange(40), level) for level in (0.5, 0.9, 0.99)]
        for narrow, wide in pairwise(found):
            assert wide.low < narrow.low < narrow.gain < narrow.high < wide.high and wide.gain == narrow.gain
        for one in found:
            assert one.low < one.lower_bound < one.gain
        both, one = (certify_gain(weak, student, truth[:40], np.arange(40), level) for level in (0.9, 0.95))
        assert both.low == pytest.approx(one.lower_bound)


def test_what_is_told_of_the_sign():
    truth, weak, student = problem()
    rows = np.arange(200)
    assert certify_gain(weak, student, truth[rows], rows).sign == 1
    assert certify_gain(student, weak, truth[rows], rows).sign == -1
    assert certify_gain(weak, weak - student, truth[:5], np.arange(5)).sign == 0


def test_unlabelled_rows_shorten_the_interval_where_misfit_tells_the_gain():
    """Gains that are three times the misfit, as for a student halfway to the truth whose errors have an end."""
    rng = np.random.default_rng(0)
    truth, error = rng.normal(size=20_000), rng.uniform(-1, 1, size=20_000)
    found = certify_gain(truth + error, truth + error / 2, truth[:100], np.arange(100))
    assert found.slope == pytest.approx(3, rel=0.01) and found.gain == pytest.approx(0.25, abs=0.01)
    assert 2 * found.half_width < 0.3 * (found.naive_high - found.naive_low)


@pytest.mark.parametrize("cuts", [[100, 101], [300], list(range(50, 600, 50))], ids=["three", "two", "many"])
def test_chunks_add_up_in_any_order(cuts):
    for truth, weak, student in kinds().values():
        rows = np.array([3, 20, 21, 120, 130, 250, 251, 299, *range(400, 440)])
        chunks, unit = [], unit_of(truth[rows])
        for a, b in zip([0, *cuts], [*cuts, 600], strict=True):
            inside = rows[(rows >= a) & (rows < b)]
            chunks.append(error_sums(weak[a:b], student[a:b], truth[inside], inside - a, unit=unit))
        whole = certify_gain(weak, student, truth[rows], rows)
        same(certificate_of(reduce(add, chunks)), whole)
        same(certificate_of(reduce(add, chunks[::-1])), whole)
        same(certificate_of(chunks[-1] + reduce(add, chunks[:-1])), whole)


def test_sums_know_no_other_sums():
    with pytest.raises(TypeError):
        error_sums([0.0, 1.0], [1.0, 1.0]) + 1


def test_the_order_of_rows_and_of_labels_is_nothing():
    rng = np.random.default_rng(0)
    for truth, weak, student in kinds().values():
        rows, order = np.arange(0, 600, 9), rng.permutation(600)
        whole = certify_gain(weak, student, truth[rows], rows)
        places = np.argsort(order)[rng.permutation(rows)]
        same(certify_gain(weak[order], student[order], truth[order][places], places), whole)


@pytest.mark.parametrize("labels", [8, 60, 600])
def test_two_predictions_exchanged_turn_the_interval_around(labels):
    for truth, weak, student in kinds().values():
        rows = np.arange(labels)
        one = certify_gain(weak, student, truth[rows], rows)
        other = certify_gain(student, weak, truth[rows], rows)
        sums = error_sums(weak, student, truth[rows], rows, unit=unit_of(truth[rows]))
        same(certificate_of(sums.exchanged()), other)
        assert (other.gain, other.low, other.high) == pytest.approx(
            (-one.gain, -one.high, -one.low), abs=1e-12
        )
        assert (other.slope, other.widened) == pytest.approx((-one.slope, one.widened), abs=1e-9)


SQUARED = ("gain", "low", "high", "lower_bound", "misfit", "naive_low", "naive_high")


@pytest.mark.parametrize("unit", [1e-60, 0.3, 4.0, 1e60])
def test_another_unit_of_the_target_squares_into_every_number(unit):
    for kind, (truth, weak, student) in kinds().items():
        rows = np.arange(60)
        found = certify_gain(weak, student, truth[rows], rows)
        scaled = certify_gain(unit * weak, unit * student, unit * truth[rows], rows)
        assert scaled.kind == found.kind, kind
        same(scaled, found, **dict.fromkeys(SQUARED, unit**2))


@pytest.mark.parametrize("shift", [-1.0, 1 / 3, 2000.0])
def test_a_shifted_target_leaves_the_numbers_alone(shift):
    for truth, weak, student in kinds().values():
        rows = np.arange(60)
        found = certify_gain(weak, student, truth[rows], rows)
        same(certify_gain(weak + shift, student + shift, truth[rows] + shift, rows), found, rel=1e-7)


@pytest.mark.parametrize("shift", [2.0**31, -(2.0**41)])
def test_classes_far_from_0_have_the_interval_that_they_have_near_it(shift):
    """Also from chunks that lie apart: sums of w + p, which tell the gain, would lose all their digits there."""
    truth, weak, student = hard()
    rows = np.arange(60)
    near = certify_gain(weak, student, truth[rows], rows)
    moved = [side + shift for side in (weak, student, truth)]
    same(certify_gain(moved[0], moved[1], moved[2][rows], rows), near)
    order = np.argsort(weak, kind="stable")
    cuts = np.split(order, [int(np.sum(weak == 0))])
    unit = unit_of(moved[2][rows])
    chunks = [
        error_sums(
            moved[0][part], moved[1][part], moved[2][part[part < 60]], np.flatnonzero(part < 60), unit=unit
        )
        for part in cuts
    ]
    same(certificate_of(chunks[0] + chunks[1]), near)
    same(certificate_of(chunks[1] + chunks[0]), near)
    alike = np.flatnonzero(truth == 1)[:30]  # labels that have no spread
    same(
        certify_gain(moved[0], moved[1], moved[2][alike], alike),
        certify_gain(weak, student, truth[alike], alike),
    )


def test_where_all_rows_are_labelled_nothing_lies_beyond():
    truth, weak, student = problem(rows=80)
    found = certify_gain(weak, student, truth, np.arange(80))
    assert found.gain == pytest.approx(gains_of(truth, weak, student).mean())
    assert found.widened == pytest.approx(0, abs=1e-9)
    assert certify_gain(weak, student, truth[:10], np.arange(10)).widened > 1e-4


@pytest.mark.filterwarnings("error")
def test_a_student_that_repeats_its_teacher():
    truth, weak, other = problem(rows=1000)
    rows = np.arange(50)
    for teacher in (weak, (weak > 0).astype(float)):
        found = certify_gain(teacher, teacher, truth[rows], rows)
        assert (found.gain, found.low, found.high, found.sign, found.misfit) == (0, 0, 0, 0, 0)
        assert found.doubt == "" and found.carrying == 0
    mostly = np.where(np.arange(1000) < 900, weak, other)  # none of the labelled rows tells of the others
    found = certify_gain(weak, mostly, truth[rows], rows)
    assert found.gain == found.slope == 0 and (found.naive_low, found.naive_high) == (0, 0)
    assert found.high == -found.low == pytest.approx(ALLOWED * np.mean((weak - mostly) ** 2), rel=0.2)
    assert found.widened > 0.5 and found.doubt


@pytest.mark.parametrize("offset", [0.0, 3e9])
@pytest.mark.parametrize("classes", [False, True])
def test_a_student_that_is_its_teacher_but_for_round_off_gains_nothing(offset, classes):
    """Its errors differ from the teacher's in the last digits, all one way: a sign would be told with certainty."""
    rng = np.random.default_rng(0)
    truth = (rng.integers(3, size=600) if classes else rng.normal(size=600)) + offset
    weak = truth + np.abs(rng.normal(size=600))
    student = np.nextafter(weak, truth)
    found = certify_gain(weak, student, truth[:90], np.arange(90))
    assert (found.gain, found.low, found.high, found.sign, found.misfit) == (0, 0, 0, 0, 0)
    assert not error_sums(weak, weak - 1e-3, truth[:90], np.arange(90)).repeats


@pytest.mark.parametrize("offset", [0.0, 1 / 3, 3e9])
def test_one_gain_in_all_rows_is_one_wherever_the_target_stands(offset):
    """Teacher and student are off by a constant each: no misfit varies, so nothing is left open, whatever the last digits."""
    truth = np.random.default_rng(0).normal(size=300) + offset
    found = certify_gain(truth + 1.0, truth + 0.6, truth[:50], np.arange(50))
    assert found.gain == pytest.approx(0.64, abs=1e-6) and found.half_width < 1e-6 and found.slope == 0


def test_a_student_off_its_teacher_by_a_constant_has_the_interval_of_its_labels():
    """Misfits differ in their last digits: a line through them has any slope, and an interval of any length."""
    truth, weak, _ = problem(rows=200_000)
    rng = np.random.default_rng(0)
    for _ in range(20):
        rows = rng.choice(len(truth), 30, replace=False)
        found = certify_gain(weak, weak - 1 / 3, truth[rows], rows)
        assert found.slope == 0 and found.gain == pytest.approx((found.naive_low + found.naive_high) / 2)
        assert 2 * found.half_width == pytest.approx(found.naive_high - found.naive_low, rel=0.1)


@pytest.mark.parametrize("times", [2, 4])
def test_rows_that_stand_several_times_count_once_where_groups_say_so(times):
    for truth, weak, student in kinds().values():
        rows = np.arange(0, 600, 12)
        once = certify_gain(weak, student, truth[rows], rows)
        names = np.array([f"thing {k}" for k in range(600)])
        many = [np.repeat(side, times) for side in (weak, student, truth, names)]
        known = (times * rows[:, None] + np.arange(times)).ravel()
        same(certify_gain(many[0], many[1], many[2][known], known, groups=many[3]), once)
        one_each = times * rows + 1
        same(certify_gain(many[0], many[1], many[2][one_each], one_each, groups=many[3]), once)
        ignored = certify_gain(many[0], many[1], many[2][known], known)
        assert ignored.half_width < once.half_width / math.sqrt(times) * 1.3  # as if each were news


def test_groups_of_any_size_count_as_one_row_of_means():
    """Numbers: gains and misfits of a group are means over its rows; a group is labelled if one of its rows is."""
    truth, weak, student = problem(rows=900)
    groups = np.random.default_rng(0).integers(0, 300, size=900)
    rows = np.flatnonzero(groups < 60)
    means = [
        [side[groups == g].mean() for g in np.unique(groups)]
        for side in ((weak - student) ** 2, gains_of(truth, weak, student))
    ]
    misfits, gains = np.array(means)
    labels = len(np.unique(groups[rows]))

    def beyond(caps):
        told = np.minimum(misfits, caps)
        return tuple(np.array([f(v)]) for v in (told, misfits - told) for f in (np.mean, np.var))

    caps = partial(caps_above, unit=np.var(truth[rows]))
    made = capped_gain(gains[None, :labels], misfits[None, :labels], len(misfits), beyond, caps)
    found = certify_gain(weak, student, truth[rows], rows, groups=groups)
    assert (found.labels, found.rows) == (labels, len(misfits))
    assert (found.gain, found.half_width) == pytest.approx((made.gain[0], made.reach(0.975)[0]))
    assert found.misfit == pytest.approx(misfits.mean())


def test_groups_of_one_row_are_no_groups_and_bad_groups_are_named():
    truth, weak, student = problem(rows=40)
    rows = np.arange(20)
    alone = certify_gain(weak, student, truth[rows], rows)
    for groups in (np.arange(40)[::-1], [f"g{k}" for k in range(40)], np.arange(40) / 7):
        same(certify_gain(weak, student, truth[rows], rows, groups=groups), alone)
    for groups, words in ((np.arange(39), "for each of 40 rows"), ([math.nan] * 40, "a number or a text")):
        with pytest.raises(ValueError, match=words):
            certify_gain(weak, student, truth[rows], rows, groups=groups)
    with pytest.raises(TooFewLabels, match="3 labelled"):
        certify_gain(weak, student, truth[rows], rows, groups=np.minimum(np.arange(40), 2))


def classes_of(weak, student, truth):
    """Least and largest class that are inferred, and None for numbers."""
    return error_sums(weak, student, truth, np.arange(len(truth))).classes()


def test_labels_that_somebody_predicts_are_classes():
    """Somebody whose predictions take few values, all values of the labels among them; the other may be of any kind."""
    rng = np.random.default_rng(0)
    varied, two, five = rng.normal(size=200), rng.integers(0, 2, size=200), rng.integers(1, 6, size=200)
    assert classes_of(two, 1 - two, np.zeros(50)) == (0, 1)  # what a hard teacher says, also if no label does
    assert classes_of(5 + two, varied, np.full(50, 5)) == (5, 6)
    assert classes_of(five, five[::-1], five[:50]) == (1, 5)
    assert classes_of(five, five[::-1], np.minimum(five[:50], 4)) == (1, 5)
    assert classes_of(five, varied, five[:50]) is None  # ratings beside a student that predicts any number
    assert classes_of(five, five[::-1], np.full(50, 7)) is None  # one value that nobody predicts
    many = rng.integers(0, MOST_CLASSES + 1, size=200)
    assert classes_of(many, many[::-1], np.arange(50) % (MOST_CLASSES + 1)) is None
    assert classes_of(many % 10, many[::-1] % 10, np.arange(50) % 10) == (0, 9)
    twice = np.repeat(two, 2)  # groups whose rows have the same label keep it
    sums = error_sums(twice, 1 - twice, twice[:80], np.arange(80), groups=np.arange(400) // 2)
    assert sums.classes() == (0, 1)


def test_labels_of_0_and_1_beside_probabilities_are_classes_also_if_one_is_not_shown():
    rng = np.random.default_rng(0)
    share, two = rng.random(200), rng.integers(0, 2, size=50)
    for labels in (np.zeros(50), np.ones(50), two):
        assert classes_of(share, share[::-1], labels) == (0, 1)
        assert classes_of(1.4 * share, share[::-1] - 0.4, labels) == (0, 1)  # near them
        assert classes_of(5 * share, share[::-1], labels) is None  # no probabilities
    assert classes_of(np.ones(200), np.zeros(200), np.zeros(50)) == (0, 1)  # one prediction each
    assert classes_of(share, share[::-1], np.full(50, 0.5)) is None


def test_few_whole_numbers_that_predictions_stay_near_are_classes():
    rng = np.random.default_rng(0)
    share, two, three = rng.random(200), rng.integers(0, 2, size=200), rng.integers(0, 3, size=200)
    assert classes_of(3 + 4 * share, 3 + 4 * share[::-1], 3.0 + 4 * two[:50]) == (3, 7)
    assert classes_of(3 + 12 * share, 3 + 4 * share[::-1], 3.0 + 4 * two[:50]) is None
    assert classes_of(3 + 4 * share, 3 + 4 * share[::-1], 3.5 + 4 * two[:50]) is None  # no whole numbers
    assert classes_of(3 + 4 * share, 3 + 4 * share[::-1], 3.0 + 4 * two[:7]) is None  # four labels for each
    assert classes_of(2 * share, 2 * share[::-1], three[:50]) is None  # three, and none predicts classes


@pytest.mark.parametrize("shift", [0, 2000])
def test_classes_are_those_of_all_chunks(shift):
    """A chunk that shows one class, or lies all on one side, adds to one that shows another."""
    truth, weak, student = (side + shift for side in hard(rows=300))
    order = np.argsort(truth, kind="stable")
    truth, weak, student = truth[order], weak[order], student[order]
    rows = np.arange(0, 300, 5)
    cut = int(np.sum(truth == shift))
    first, rest = rows[rows < cut], rows[rows >= cut]
    sums = error_sums(weak[:cut], student[:cut], truth[first], first)
    sums += error_sums(weak[cut:], student[cut:], truth[rest], rest - cut)
    assert sums.classes() == (shift, shift + 1)
    same(certificate_of(sums), certify_gain(weak, student, truth[rows], rows), rel=1e-7)


def test_labels_that_all_agree_leave_room_for_others():
    """The teacher says 1 and the student 0 everywhere: ten labels of 0 do not say that all are, and the share is known to be
    that of Clopper and Pearson."""
    found = certify_gain(np.ones(500), np.zeros(500), np.zeros(10), np.arange(10))
    assert found.kind == CLASSES and (found.naive_low, found.naive_high) == (1, 1)
    assert found.low == pytest.approx(2 * 0.025 ** (1 / 10) - 1) and found.high == found.gain == 1
    few = certify_gain(np.ones(500), np.zeros(500), np.eye(10)[0], np.arange(10))
    assert few.low < 0.2 and few.gain == pytest.approx(0.8) and 0.8 < few.high < 1


def test_a_hard_student_that_differs_on_no_labelled_row_may_gain_all_or_lose_all_there():
    truth, weak, _ = hard(rows=400)
    student = weak.copy()
    student[300:] = 1 - student[300:]
    found = certify_gain(weak, student, truth[:50], np.arange(50))
    # How many rows of all differ is known but for chance.
    of_rows = t.ppf(0.975, 99) * np.sqrt(0.25 * 0.75 / 400)
    assert (found.gain, found.low, found.high) == pytest.approx((0, -0.25 - of_rows, 0.25 + of_rows))
    few = certify_gain(weak, student, truth[:10], np.arange(10))
    assert found.doubt == "" and found.carrying == 12.5 and few.doubt and few.carrying == 2.5


def test_the_doubt_says_how_many_labels_are_to_be_expected_where_the_gain_hangs():
    """Of 100 labels, as many as rows that differ: m times the squared mean misfit over the mean of its square."""
    truth, weak, other = problem(rows=10_000)
    for every, doubted in ((10, False), (30, True), (2000, True)):
        student = np.where(np.arange(10_000) % every == 0, weak - 0.5, weak)
        found = certify_gain(weak, student, truth[:100], np.arange(100))
        assert found.carrying == pytest.approx(100 / every, rel=0.02)
        assert bool(found.doubt) == doubted == (found.carrying < ENOUGH_CARRYING)
    assert "of 100 random labels less than one is to be expected there" in found.doubt
    assert (
        "some 3 are to be"
        in certify_gain(
            weak, np.where(np.arange(10_000) % 30 == 0, weak - 0.5, weak), truth[:100], np.arange(100)
        ).doubt
    )
    assert certify_gain(weak, other, truth[:100], np.arange(100)).doubt == ""


@pytest.mark.parametrize("kind", ["numbers", "hard labels", "probabilities"])
def test_further_labels_bring_what_was_said(kind):
    makers = {"numbers": problem, "hard labels": hard, "probabilities": soft}
    truth, weak, student = makers[kind](rows=50_000)
    rows = np.arange(200)
    found = certify_gain(weak, student, truth[rows], rows)
    wanted = found.half_width / 2
    more = found.labels_for(wanted)
    assert 300 < more < 1500
    enough = np.arange(200 + more)
    assert certify_gain(weak, student, truth[enough], enough).half_width == pytest.approx(wanted, rel=0.2)
    assert found.labels_for(found.half_width) == 0 and found.labels_for(0.999 * found.half_width) <= 20
    asked = [found.labels_for(part * found.half_width) for part in (0.9, 0.7, 0.5, 0.3)]
    assert asked == sorted(asked) and len(set(asked)) == 4
    assert found.labels_for(1e-6) == math.inf
    for bad in (0, -1, math.nan, "1"):
        with pytest.raises(ValueError, match="half-width"):
            found.labels_for(bad)


def test_where_all_rows_would_not_do_more_rows_are_needed():
    truth, weak, student = problem(rows=300)
    found = certify_gain(weak, student, truth[:100], np.arange(100))
    of_all = certify_gain(weak, student, truth, np.arange(300)).half_width
    assert found.labels_for(0.8 * of_all) == math.inf and found.labels_for(1.3 * of_all) < 200


BAD = {
    "one label short": (lambda t, w, s: certify_gain(w, s, t[:3], [0, 1, 2]), TooFewLabels, "3 labelled"),
    "a mask": (lambda t, w, s: certify_gain(w, s, t[:5], np.arange(40) < 5), TypeError, "flatnonzero"),
    "fractions": (lambda t, w, s: certify_gain(w, s, t[:2], [0.0, 1.5]), TypeError, "row numbers"),
    "outside": (lambda t, w, s: certify_gain(w, s, t[:5], [0, 1, 2, 3, 40]), ValueError, "0 to 39"),
    "negative": (lambda t, w, s: certify_gain(w, s, t[:5], [0, 1, 2, 3, -1]), ValueError, "from -1"),
    "twice": (lambda t, w, s: certify_gain(w, s, t[:5], [0, 1, 2, 3, 3]), ValueError, "twice"),
    "lengths": (lambda t, w, s: certify_gain(w, s, t[:4], np.arange(5)), ValueError, "one true label"),
    "labels without rows": (lambda t, w, s: certify_gain(w, s, t[:4], []), ValueError, "one true label"),
    "NaN": (lambda t, w, s: certify_gain(w, s, t[:5] * np.nan, np.arange(5)), ValueError, "NaN"),
    "text": (lambda t, w, s: certify_gain(w, s, list("abcde"), np.arange(5)), TypeError, "real numbers"),
    "shapes": (lambda t, w, s: certify_gain(w, s[:9], t[:5], np.arange(5)), ValueError, "one shape"),
    "tasks": (lambda t, w, s: certify_gain(w[:, None], s[:, None], t[:5], np.arange(5)), ValueError, "one task"),
    "level": (lambda t, w, s: certify_gain(w, s, t[:5], np.arange(5), level=95), ValueError, "level"),
    "too large": (lambda t, w, s: certify_gain(w * 1e80, s * 1e80, t[:5], np.arange(5)), ValueError, "another unit"),
    "too small": (lambda t, w, s: certify_gain(*(1e-85 * v for v in (w, s, t[:5])), np.arange(5)), ValueError, "another unit"),
    "level in quotes": (lambda t, w, s: certify_gain(w, s, t[:5], np.arange(5), level="0.95"), ValueError, "such as 0.95"),
    "no level": (lambda t, w, s: certify_gain(w, s, t[:5], np.arange(5), level=None), ValueError, "such as 0.95"),
}  # fmt: skip


@pytest.mark.parametrize("call, error, words", BAD.values(), ids=BAD)
def test_bad_input_is_named(call, error, words):
    truth, weak, student = problem(rows=40)
    with pytest.raises(error, match=words):
        call(truth, weak, student)


def test_the_least_number_of_labels_is_enough():
    for truth, weak, student in kinds().values():
        rows = np.arange(LEAST_LABELS)
        found = certify_gain(weak, student, truth[rows], rows)
        assert math.isfinite(found.low) and found.low <= found.gain <= found.high and found.low < found.high
