"""What is done with weak labels: views of a teacher, lessons and their quality, filters, relabelling, other losses."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from w2s_utils.experiments import class_sets
from w2s_utils.experiments.classification import PENALTIES, Sizes, hardened
from w2s_utils.experiments.softmax_students import reverse_kl
from w2s_utils.methods import bench, filters, label_trials, lessons, softmax_losses
from w2s_utils.methods.bench import HARD, NAIVE
from w2s_utils.methods.label_trials import CHANCE, ENTROPY, METHODS, OF_CLASSES, STAGE_2
from w2s_utils.methods.lessons import Lesson
from w2s_utils.methods.relabelling import relabelled
from w2s_utils.methods.views_of_teachers import VIEWS, Answers, answers

TEACHER = "noise 0.2"


@pytest.fixture(scope="module")
def one():
    return class_sets.load("digits", Sizes(taught=60, validation=60, labelled=120, judged=300))


@pytest.fixture(scope="module")
def cut(one):
    return bench.trial(one, [0.2], 30, 3)


@pytest.fixture(scope="module")
def weak(cut):
    return cut.taught.weak[TEACHER]


@pytest.fixture(scope="module")
def asked(cut):
    return answers(cut, TEACHER)


@pytest.fixture(scope="module")
def found_rows(one):
    return label_trials.label_rows(one, [0.0, 0.2], 20, 5)


def small(weak, truth=None, ceiling=None, strong=None):
    """A trial of few rows, all of them the student's, and to choose penalties on."""
    rows = np.arange(len(weak))
    parts = SimpleNamespace(student_train=rows, validation=rows)
    taught = SimpleNamespace(parts=parts, truth=truth, strong=strong)
    return SimpleNamespace(
        taught=taught, ceiling=ceiling, draws=lambda *purpose: np.random.default_rng(len(purpose))
    )


def masses(*classes, count=2):
    return np.eye(count)[list(classes)]


def test_shares_and_entropy_of_answers_by_hand():
    views = np.array([[[0.9, 0.1], [0.6, 0.4]], [[0.8, 0.2], [0.3, 0.7]]])
    found = Answers.of(views)
    np.testing.assert_allclose(found.shares, [[1, 0], [0.5, 0.5]])
    np.testing.assert_allclose(found.entropy, [0, np.log(2)])


def test_views_are_drawn_once_a_trial_and_agree_with_their_teacher_mostly(cut, weak, asked):
    np.testing.assert_array_equal(asked.shares, answers(cut, TEACHER).shares)
    np.testing.assert_allclose(asked.shares.sum(axis=1), 1)
    np.testing.assert_allclose(asked.shares * VIEWS, np.round(asked.shares * VIEWS), atol=1e-9)
    assert 0.5 < np.mean(asked.shares.argmax(axis=1) == weak.argmax(axis=1)) < 1
    assert asked.entropy.min() >= 0 and 0 < asked.entropy.max() <= np.log(VIEWS)


def test_views_know_no_true_label_but_the_teachers_own(one):
    data = one.data
    shuffled = np.array(data.targets)
    first = bench.trial(one, [0.2], 30, 3)
    parts = first.taught.parts
    others = np.setdiff1d(np.arange(len(shuffled)), np.union1d(parts.weak_train, parts.validation))
    shuffled[others] = np.random.default_rng(0).permutation(shuffled[others])
    truth = np.eye(10)[shuffled.astype(int)]
    lying = dataclasses.replace(first, taught=dataclasses.replace(first.taught, truth=truth))
    np.testing.assert_array_equal(answers(first, TEACHER).shares, answers(lying, TEACHER).shares)


def test_filters_keep_what_they_say():
    weak = np.array([[0.9, 0.1], [0.55, 0.45], [0.8, 0.2], [0.35, 0.65], [0.3, 0.7], [0.7, 0.3]])
    found = Answers(np.array([[1, 0], [0.5, 0.5], [1, 0], [0.25, 0.75], [0, 1], [0, 1]]))
    trial = small(weak)
    keep = {
        "confident": filters.confident(trial, weak),
        "by class": filters.confident_by_class(trial, weak),
        "agreed": filters.agreed(trial, weak, found),
    }
    assert {name: np.flatnonzero(one.weights).tolist() for name, one in keep.items()} == {
        "confident": [0, 2, 4],  # .7 twice: the first
        "by class": [0, 2, 4],  # two of the four that are named 0, one of the two that are named 1
        "agreed": [0, 2, 4, 5],  # all that tie at the median
    }
    weights = filters.by_entropy(weak, found).weights
    np.testing.assert_allclose(weights[:2], [1, 0.5])
    assert (weights[[0, 2, 4, 5]] == 1).all() and 0.5 < weights[3] < 1
    for lesson in keep.values():
        np.testing.assert_array_equal(lesson.labels, hardened(weak))


def test_a_class_named_seldom_is_not_filtered_away(cut, weak):
    own = cut.taught.parts.student_train
    named = np.bincount(weak[own].argmax(axis=1), minlength=10)
    lesson = filters.confident_by_class(cut, weak)
    kept = np.bincount(weak[own][lesson.weights[own] > 0].argmax(axis=1), minlength=10)
    np.testing.assert_array_equal(kept, (named + 1) // 2)


def test_half_by_chance_does_not_look_at_the_labels(cut, weak):
    first, other = filters.by_chance(cut, weak), filters.by_chance(cut, weak[:, ::-1])
    np.testing.assert_array_equal(first.weights, other.weights)
    parts = cut.taught.parts
    assert first.weights[parts.student_train].sum() == 60 and first.weights[parts.validation].sum() == 30
    assert first.weights.sum() == 90


def test_quality_by_hand():
    truth, said = masses(0, 0, 0, 1, 1, 1), masses(0, 0, 1, 1, 1, 0)
    sure = np.array([0.6, 0.9, 0.95, 0.7, 0.55, 0.8])
    ceiling = np.column_stack([sure, 1 - sure])
    found = lessons.quality(small(said, truth, ceiling), Lesson(said, np.array([1, 1, 1, 0.5, 0, 0])))
    assert found["kept"] == pytest.approx(3.5 / 6) and found["precision"] == pytest.approx(2.5 / 3.5)
    assert found["imbalance"] == pytest.approx(3 / 3.5 - 0.5)
    # hard: rows 4 and 0; middle: 3 and 5; easy: 1 and 2
    assert (found["kept, hard"], found["kept, middle"], found["kept, easy"]) == (0.5, 0.25, 1)
    assert (found["precision, hard"], found["precision, middle"], found["precision, easy"]) == (1, 1, 0.5)
    nothing = lessons.quality(small(said, truth, ceiling), lessons.kept(said, np.array([1, 2])))
    assert np.isnan(nothing["precision, hard"])


def test_thirds_are_of_equal_size_whatever_ties():
    assert lessons.thirds(np.array([3.0, 1, 2, 5, 4, 0])).tolist() == [
        "middle", "hard", "middle", "easy", "easy", "hard"
    ]  # fmt: skip
    assert np.unique(lessons.thirds(np.zeros(9)), return_counts=True)[1].tolist() == [3, 3, 3]
    np.testing.assert_allclose(lessons.margin(np.array([[0.2, 0.5, 0.3], [1, 0, 0]])), [0.2, 1])


def test_equal_weights_are_the_head_of_the_protocol_whatever_their_size(cut, weak):
    labels = hardened(weak)
    newton = cut.taught.strong_head(labels, cut.taught.parts.student_train)
    for size in (1.0, 7.0):
        lesson = Lesson(labels, np.full(len(labels), size))
        np.testing.assert_allclose(lesson.chosen(cut, lesson.students(cut)), newton, atol=1e-3)


def test_a_weight_of_two_is_a_row_twice(cut, weak):
    own = cut.taught.parts.student_train
    weights = np.ones(len(weak))
    weights[own[:40]] = 2
    heavy = Lesson(weak, weights).students(cut)
    twice = softmax_losses.students(
        cut, weak, np.append(own, own[:40]), softmax_losses.weighted_cross_entropy(np.ones(160))
    )
    # A penalty is relative to the variance of the features, which is that of the rows as they are given.
    table = cut.taught.strong
    ratio = table[np.append(own, own[:40])].var(axis=0).mean() / table[own].var(axis=0).mean()
    assert abs(ratio - 1) < 0.05
    np.testing.assert_allclose(heavy[1:], twice[1:], atol=0.03)
    assert np.abs(heavy - lessons.whole(weak).students(cut))[1:].max() > 0.03


def test_criteria_are_the_losses_of_their_rules(cut, weak):
    valid = cut.taught.parts.validation
    lesson = filters.confident(cut, weak)
    given = lesson.students(cut)
    found = [lesson.criteria(cut, one) for one in given]
    np.testing.assert_array_equal(
        lesson.chosen(cut, given), given[np.argmin([one[lessons.BY_WEAK] for one in found])]
    )
    logs = -np.log(given[2][valid])
    named, true = weak[valid].argmax(axis=1), cut.taught.truth[valid].argmax(axis=1)
    rows, sure = np.arange(len(valid)), lesson.weights[valid] == 1
    assert sure.sum() == 30
    assert found[2][lessons.BY_WEAK] == pytest.approx(logs[rows, named].mean())
    assert found[2][lessons.BY_LESSON] == pytest.approx(logs[rows, named][sure].mean())
    assert found[2][lessons.BY_TRUE] == pytest.approx(logs[rows, true].mean())


def test_rows_without_weight_teach_nothing(cut, weak):
    own = cut.taught.parts.student_train
    changed = hardened(weak)
    changed[own[60:]] = changed[own[60:]][:, ::-1]
    first, other = (lessons.kept(table, own[:60]).students(cut) for table in (hardened(weak), changed))
    np.testing.assert_array_equal(first, other)


def test_relabelling_brings_back_the_surer_half_of_the_rest_with_the_students_classes():
    first = lessons.kept(masses(0, 0, 1, 1, 0), np.array([0]))
    student = np.array([[0.1, 0.9], [0.4, 0.6], [0.9, 0.1], [0.45, 0.55], [0.05, 0.95]])
    found = relabelled(small(student), first, student)
    np.testing.assert_array_equal(found.weights, [1, 0, 1, 0, 1])
    np.testing.assert_array_equal(found.labels[[0, 2, 4]], masses(0, 0, 1))
    np.testing.assert_array_equal(first.labels, masses(0, 0, 1, 1, 0))


def test_a_loss_chooses_its_own_penalty_by_itself(cut, weak):
    labels = softmax_losses.smoothed(weak)
    np.testing.assert_allclose(labels.sum(axis=1), 1)
    assert labels.min() >= softmax_losses.SMOOTHING / 10
    given = softmax_losses.students(cut, labels, cut.taught.parts.student_train, reverse_kl)
    assert given.shape == (len(PENALTIES), *weak.shape)
    valid = cut.taught.parts.validation
    at_hand = [np.sum(s[valid] * np.log(s[valid] / labels[valid])) for s in given]
    found = softmax_losses.reversed_student(cut, TEACHER)
    np.testing.assert_array_equal(found, given[np.argmin(at_hand)])
    # Reversed, a student is surer than one of plain cross-entropy on the same rows.
    assert (
        found.max(axis=1).mean()
        > cut.taught.strong_head(weak, cut.taught.parts.student_train).max(axis=1).mean()
    )


def test_the_adaptive_loss_is_reversed_where_the_teacher_is_unsure(cut, weak):
    sure = hardened(weak)
    certain = softmax_losses.adaptive_student(
        SimpleNamespace(taught=_with(cut.taught, sure), draws=cut.draws), TEACHER
    )
    plain = softmax_losses.smoothed(sure)
    given = softmax_losses.students(cut, plain, cut.taught.parts.student_train, softmax_losses.forward_kl)
    # All are as sure as the median, so all rows have plain cross-entropy.
    np.testing.assert_array_equal(
        certain, softmax_losses.chosen(cut, given, plain, softmax_losses.forward_kl)
    )


def _with(taught, weak):
    return dataclasses.replace(taught, weak={TEACHER: weak})


def test_rows_of_a_trial_have_every_method_once_and_agree_with_each_other(found_rows):
    found = found_rows
    students = pd.DataFrame(found.students)
    assert (
        students.groupby(["teacher", "loss"])["method"].apply(tuple).map(set).map(len).eq(len(METHODS)).all()
    )
    assert not students.duplicated(["teacher", "method", "loss"]).any()
    errors = students[students["loss"] == "errors"].set_index(["teacher", "method"])["student_error"]
    by_third = pd.DataFrame(found.thirds).groupby(["teacher", "method"])["student_error"].mean()
    np.testing.assert_allclose(
        by_third.loc[errors.index], errors, atol=1e-12
    )  # 300 rows, thirds of equal size
    by_penalty = pd.DataFrame(found.penalties)
    assert set(by_penalty["method"]) == {HARD, *OF_CLASSES}
    for (teacher, method), some in by_penalty.groupby(["teacher", "method"]):
        assert errors[teacher, method] in some["student_error"].to_numpy()
    quality = pd.DataFrame(found.lessons).set_index(["teacher", "method"])
    assert quality["kept"].xs(CHANCE, level=1).eq(0.5).all() and quality["kept"].xs(HARD, level=1).eq(1).all()
    kept = quality["kept"].unstack()
    np.testing.assert_allclose(
        kept[STAGE_2], kept[ENTROPY] + np.ceil((1 - kept[ENTROPY]) * 60) / 120, atol=1e-9
    )
    told = pd.DataFrame(found.entropies)
    right = 1 - told.groupby("teacher")["right"].mean()  # fifths of 24 rows each
    all_labels = 1 - quality["precision"].xs(HARD, level=1)
    np.testing.assert_allclose(right, all_labels.loc[right.index], atol=1e-12)
    assert told["told"].between(0.5, 1).all()


def test_naive_students_are_those_of_the_bench(one, found_rows):
    cut = bench.trial(one, [0.0, 0.2], 20, 5)
    own = cut.taught.parts.student_train
    known = bench.method_rows(
        cut,
        {
            NAIVE: lambda trial, name: trial.taught.strong_head(trial.taught.weak[name], own),
            HARD: lambda trial, name: trial.taught.strong_head(hardened(trial.taught.weak[name]), own),
        },
    )
    mine = [row for row in found_rows.students if row["method"] in (NAIVE, HARD)]
    assert set(mine[0]) == {*known[0], "data", "seed", "agreement"}
    for ours, theirs in zip(mine, known, strict=True):
        if np.isfinite(
            theirs["student_error"]
        ):  # of a class that no label names Newton's head is sure to be never right
            assert ours["student_error"] == pytest.approx(theirs["student_error"], abs=1e-3)
