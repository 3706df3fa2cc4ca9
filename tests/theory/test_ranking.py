"""Which weak model should label: order, simultaneous intervals, and the answer that it cannot be told yet."""

import math
from itertools import combinations

import numpy as np
import pytest

from w2s_utils.theory.certificate import CLASSES, certificate_of, certify_gain
from w2s_utils.theory.error_sums import error_sums, unit_of
from w2s_utils.theory.ranking import labels_to_decide, rank_sums, rank_weak_models, some, some_more


def candidates(errors, rows=2000, seed=0):
    """Students that miss the truth by errors of given root mean squares, each with a teacher that is worse."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=rows)
    students = {f"model {k}": truth + size * rng.normal(size=rows) for k, size in enumerate(errors)}
    weak = {name: student + 0.5 * rng.normal(size=rows) for name, student in students.items()}
    return weak, students, truth


def test_a_clear_order_is_found_and_said():
    weak, students, truth = candidates([1.0, 0.2, 2.0])
    rows = np.arange(150)
    found = rank_weak_models(weak, students, truth[rows], rows)
    assert found.names == ("model 1", "model 0", "model 2") and found.best == "model 1"
    assert (
        found.further_labels == (0, 0) and not found.undecided and "let “model 1” label" in found.sentence()
    )
    off = max(margin.half_width for margin in found.margins.values())
    for name, student in students.items():
        assert found.student_error[name] == pytest.approx(np.mean((student - truth) ** 2), abs=off)
        labelled_weak = np.mean((weak[name][rows] - truth[rows]) ** 2)
        assert found.rule[name] == pytest.approx(labelled_weak - np.mean((weak[name] - student) ** 2))
        alone = certify_gain(weak[name], student, truth[rows], rows, 1 - 0.05 / 6)  # three gains, three pairs
        assert (found.gains[name].low, found.gains[name].high) == (alone.low, alone.high)
    assert set(found.margins) == {("model 1", "model 0"), ("model 1", "model 2")}


@pytest.mark.parametrize("size", [1, 300, 2000])
def test_sums_of_chunks_rank_as_all_rows_do(size):
    weak, students, truth = candidates([1.0, 0.2, 2.0])
    rows = np.arange(0, 2000, 12)
    whole = rank_weak_models(weak, students, truth[rows], rows)
    errors, pairs, unit = {}, {}, unit_of(truth[rows])
    for start in range(0, 2000, size):
        inside = slice(start, start + size)
        known = rows[(rows >= start) & (rows < start + size)]
        about = truth[known], known - start
        for name in students:
            more = error_sums(weak[name][inside], students[name][inside], *about, unit=unit)
            errors[name] = errors[name] + more if name in errors else more
        for one, other in combinations(students, 2):
            more = error_sums(students[other][inside], students[one][inside], *about, unit=unit)
            pairs[one, other] = pairs[one, other] + more if (one, other) in pairs else more
    found = rank_sums(errors, pairs)
    assert (found.names, found.best, found.undecided) == (whole.names, whole.best, whole.undecided)
    assert found.rule == pytest.approx(whole.rule)
    for pair, margin in whole.margins.items():
        assert (found.margins[pair].low, found.margins[pair].high) == pytest.approx((margin.low, margin.high))


def test_two_students_that_differ_in_one_chunk_are_two():
    weak, students, truth = candidates([1.0, 0.2])
    same = error_sums(*[students["model 0"][:500]] * 2, truth[:3], np.arange(3))
    rest = error_sums(students["model 1"][500:], students["model 0"][500:], truth[500:503], np.arange(3))
    assert same.repeats and not rest.repeats and not (same + rest).repeats and not (rest + same).repeats
    errors = {
        name: error_sums(weak[name][:500], students[name][:500], truth[:9], np.arange(9)) for name in weak
    }
    with pytest.raises(ValueError, match="model 0 and model 1 have the same student; drop one"):
        rank_sums(errors, {("model 0", "model 1"): same})


@pytest.mark.parametrize("offset", [0.0, 2.0**31, 2.0**41])
def test_students_far_from_0_are_told_apart_as_near_it(offset):
    """Values of few binary digits, so that the offset costs none: the same numbers, and the same student is the same."""
    weak, students, truth = (
        {name: np.round(values * 2**10) / 2**10 + offset for name, values in side.items()}
        for side in (*candidates([1.0, 0.2])[:2], {"truth": candidates([1.0, 0.2])[2]})
    )
    rows = np.arange(100)
    found = rank_weak_models(weak, students, truth["truth"][rows], rows)
    near = rank_weak_models(
        *({name: values - offset for name, values in side.items()} for side in (weak, students)),
        truth["truth"][rows] - offset,
        rows,
    )
    assert (found.names, found.best, found.further_labels) == (near.names, "model 1", (0, 0))
    for one, other in ((found.margins, near.margins), (found.gains, near.gains)):
        for name, made in one.items():
            assert (made.gain, made.low) == pytest.approx((other[name].gain, other[name].low), rel=1e-7), name
    again = students["model 0"] - offset
    students["model 1"] = (again / 3 + 0.1) * 3 - 0.3 + offset
    with pytest.raises(ValueError, match="the same student"):
        rank_weak_models(weak, students, truth["truth"][rows], rows)


def test_a_student_and_its_teacher_exchanged_have_the_other_gain():
    weak, students, truth = candidates([1.0])
    one, other = weak["model 0"], students["model 0"]
    rows = np.arange(50)
    turned, expected = (
        certificate_of(sums)
        for sums in (
            error_sums(one, other, truth[rows], rows).exchanged(),
            error_sums(other, one, truth[rows], rows),
        )
    )
    assert (turned.gain, turned.low, turned.misfit) == pytest.approx(
        (expected.gain, expected.low, expected.misfit)
    )


def test_what_cannot_be_told_yet_says_how_many_labels_would():
    weak, students, truth = candidates([1.0, 0.93], rows=20_000)
    few = np.arange(40)
    found = rank_weak_models(weak, students, truth[few], few)
    assert found.best is None and len(found.undecided) == 1
    assert 40 < found.further_labels[0] <= found.further_labels[1]
    said = found.sentence()
    assert "Cannot tell yet" in said and f"some {some_more(found.further_labels)} random labels" in said


def test_the_labels_that_decide_are_those_for_a_gain_a_third_of_the_half_width_nearer_or_farther():
    weak, students, truth = candidates([1.0, 0.97], rows=20_000)
    rows, told = np.arange(200), 0
    for one, other in (("model 0", "model 1"), ("model 1", "model 0")):
        now = certify_gain(students[other], students[one], truth[rows], rows)
        assert now.sign == 0
        near, far = abs(now.gain) - now.half_width / 3, abs(now.gain) + now.half_width / 3
        few, many = labels_to_decide(now)
        assert few == now.labels_for(far) and many == (now.labels_for(near) if near > 0 else math.inf)
        told += 1
    assert told == 2
    sure = certify_gain(weak["model 0"], truth, truth[rows], rows)
    assert sure.sign == 1 and labels_to_decide(sure) == (0, 0)
    copied = certify_gain(weak["model 0"], weak["model 0"], truth[rows], rows)
    assert labels_to_decide(copied) == (math.inf, math.inf)


def test_further_labels_give_an_even_chance_where_the_gain_is_what_it_seemed():
    """Labels drawn anew. Of draws picked by what they estimate, more are decided: most estimates that tell nothing are low."""
    rng = np.random.default_rng(0)
    asked = decided = few_decided = many_decided = 0
    for _ in range(150):
        truth, error, other = rng.normal(size=(3, 40_000))
        weak, student = truth + error, truth + math.sqrt(rng.uniform(0.85, 0.97)) * other
        now = certify_gain(weak, student, truth[:200], np.arange(200))
        few, many = labels_to_decide(now)
        if now.gain > 0 and 0 < few <= many < 20_000:
            wanted = np.mean(error**2) - now.gain  # the student's error if the gain is what it seems
            student = truth + (student - truth) * math.sqrt(wanted / np.mean((student - truth) ** 2))
            signs = [
                certify_gain(weak, student, truth[fresh], fresh).sign > 0
                for further in (few, now.labels_for(now.gain), many)
                for fresh in [np.arange(200, 400 + int(further))]
            ]
            asked += 1
            few_decided, decided, many_decided = (
                count + sign for count, sign in zip((few_decided, decided, many_decided), signs, strict=True)
            )
    assert asked >= 40
    assert 0.3 <= decided / asked <= 0.7
    assert few_decided < decided < many_decided


def test_where_there_is_no_gain_labels_that_were_asked_for_rarely_tell_one():
    told = []
    for seed in range(200):
        truth, error, other = np.random.default_rng(seed).normal(size=(3, 20_000))
        now = certify_gain(truth + error, truth + other, truth[:50], np.arange(50))
        few = labels_to_decide(now)[0]
        if 0 < few < 19_000:
            fresh = np.arange(50, 100 + int(few))
            told.append(certify_gain(truth + error, truth + other, truth[fresh], fresh).sign != 0)
    assert len(told) > 100 and np.mean(told) < 0.2


def test_a_number_of_labels_is_said_to_one_digit():
    shown = {1: "10", 14: "10", 16: "20", 96: "100", 204: "200", 951: "1,000", 5976: "6,000"}
    assert {labels: some(labels) for labels in shown} == shown


def test_a_range_of_labels_in_words():
    shown = {
        (40, 340): "40 to 300 more",
        (40, math.inf): "40 or many more",
        (96, 103): "100 more",
        (1, 3): "10 more",
    }
    assert {labels: some_more(labels) for labels in shown} == shown


def test_students_of_hard_labels_are_compared_by_the_rows_on_which_they_differ():
    rng = np.random.default_rng(0)
    truth = (rng.uniform(size=5000) < 0.5).astype(float)
    good, poor = (np.where(rng.uniform(size=5000) < part, 1 - truth, truth) for part in (0.01, 0.2))
    weak = np.where(rng.uniform(size=5000) < 0.3, 1 - truth, truth)
    students, teachers = {"good": good, "poor": poor}, {"good": weak, "poor": weak}
    few, many = np.arange(10), np.arange(400)
    now = rank_weak_models(teachers, students, truth[few], few)
    margin = now.margins[now.names]
    assert margin.kind == CLASSES and margin.low <= 0 and margin.doubt and now.best is None
    assert now.undecided == now.names[1:] and 0 < now.further_labels[0] < math.inf
    assert rank_weak_models(teachers, students, truth[many], many).best == "good"


def test_labels_that_were_asked_for_decide_more_often_than_not():
    asked = decided = 0
    for seed in range(40):
        weak, students, truth = candidates([1.0, 0.85], rows=20_000, seed=seed)
        few = np.arange(60)
        first = rank_weak_models(weak, students, truth[few], few)
        if first.best is None and math.isfinite(first.further_labels[1]):
            asked += 1
            enough = np.arange(60 + int(first.further_labels[1]))
            decided += rank_weak_models(weak, students, truth[enough], enough).best == "model 1"
    assert asked >= 15 and decided / asked > 0.5


def test_students_that_are_equally_good_are_told_apart_no_oftener_than_the_level_says():
    told = 0
    for seed in range(200):
        weak, students, truth = candidates([1.0, 1.0], rows=400, seed=seed)
        rows = np.arange(100)
        told += rank_weak_models(weak, students, truth[rows], rows).best is not None
    assert told / 200 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)


def test_simultaneous_intervals_are_wider_the_more_models():
    weak, students, truth = candidates([1.0, 0.5, 0.7, 0.9, 1.1])
    rows = np.arange(80)
    two = {name: students[name] for name in ("model 0", "model 1")}
    alone = rank_weak_models({name: weak[name] for name in two}, two, truth[rows], rows)
    among = rank_weak_models(weak, students, truth[rows], rows)
    pair = ("model 1", "model 0")
    assert among.margins[pair].half_width > alone.margins[pair].half_width
    assert among.margins[pair].gain == alone.margins[pair].gain


def test_all_margins_and_gains_hold_together_as_often_as_they_say():
    missed = 0
    for seed in range(200):
        weak, students, truth = candidates([1.0, 0.9, 1.1, 1.0], rows=600, seed=seed)
        rows = np.arange(60)
        found = rank_weak_models(weak, students, truth[rows], rows, level=0.9)
        errors = [1.0, 0.81, 1.21, 1.0]
        true = {f"model {k}": error for k, error in enumerate(errors)}
        missed += any(
            not margin.low <= true[other] - true[first] <= margin.high
            for (first, other), margin in found.margins.items()
        ) or any(not gain.low <= 0.25 <= gain.high for gain in found.gains.values())
    assert missed / 200 <= 0.1 + 3 * math.sqrt(0.1 * 0.9 / 200)


def test_errors_are_those_of_labelled_rows_and_names_come_by_their_margins():
    """An error made of margins could fall below 0, as small errors would take over the noise of large ones."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        truth = np.zeros(300)
        students = {f"model {k}": rng.standard_t(4, size=300) for k in range(4)}
        weak = {name: student + 1 for name, student in students.items()}
        rows = np.arange(20)
        found = rank_weak_models(weak, students, truth[rows], rows)
        for name, student in students.items():
            assert found.student_error[name] == pytest.approx(np.mean(student[rows] ** 2))
        ahead = []
        for name in found.names:
            others = [
                rank_weak_models(
                    *({one: side[one] for one in (name, other)} for side in (weak, students)),
                    truth[rows],
                    rows,
                )
                for other in found.names
                if other != name
            ]
            ahead.append(
                sum(one.margins[one.names].gain * (1 if one.names[0] == name else -1) for one in others)
            )
        assert ahead == sorted(ahead, reverse=True)


@pytest.mark.filterwarnings("error")
def test_students_that_no_labelled_row_tells_apart_cannot_be_told_yet():
    weak, students, truth = candidates([1.0, 1.0])
    same = students["model 0"].copy()
    same[500:600] += 1
    pair = {"model 0": students["model 0"], "model 1": same}
    found = rank_weak_models(weak, pair, truth[:30], np.arange(30))
    margin = found.margins[found.names]
    assert found.best is None and margin.gain == 0 and margin.low == -margin.high < 0
    assert "Cannot tell yet" in found.sentence()


def test_bad_input_is_named():
    weak, students, truth = candidates([1.0, 0.5])
    rows = np.arange(50)
    with pytest.raises(ValueError, match="two weak models"):
        rank_weak_models({"model 0": weak["model 0"]}, {"model 0": students["model 0"]}, truth[rows], rows)
    with pytest.raises(ValueError, match="each with its student"):
        rank_weak_models(
            weak, {"other": students["model 0"], "model 1": students["model 1"]}, truth[rows], rows
        )
    same = {name: students["model 0"] for name in students}
    with pytest.raises(ValueError, match="the same student"):
        rank_weak_models(weak, same, truth[rows], rows)
    with pytest.raises(ValueError, match="level"):
        rank_weak_models(weak, students, truth[rows], rows, level=1.5)
    with pytest.raises(ValueError, match="level"):
        rank_weak_models(weak, students, truth[rows], rows, level=-1.0)
