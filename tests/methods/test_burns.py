"""Students of the notebook on Burns et al.: the optimiser against the convex head, stops against brute force, limits."""

import numpy as np
import pytest
from scipy.special import log_softmax

from w2s_utils.experiments import class_sets
from w2s_utils.experiments.classification import PENALTIES, Sizes
from w2s_utils.heads.logistic import LogisticHead
from w2s_utils.heads.validated import ValidatedLogistic
from w2s_utils.methods import bench, burns, confidence

TEACHER = "noise 0.2"


@pytest.fixture(scope="module")
def digits():
    return class_sets.load("digits", Sizes(taught=60, validation=60, labelled=150, judged=300))


@pytest.fixture(scope="module")
def one(digits):
    return bench.trial(digits, [0.0, 0.2], 40, 3)


@pytest.fixture(scope="module")
def made(digits, one):
    return burns.students(one, TEACHER, burns.tables_between(digits), steps=40)


def test_the_steps_end_at_the_convex_head(one):
    world = one.taught
    weak, rows = world.weak[TEACHER], world.parts.student_train
    *_, weights = burns.descent(world.strong, weak, rows, 1e-2, steps=2000)
    head = LogisticHead(1e-2, weak.shape[1]).fit(world.strong[rows], weak[rows])
    found = log_softmax(world.strong @ weights[:-1] + weights[-1], axis=1)
    assert np.abs(found - head.predict_log_proba(world.strong)).max() < 1e-7


def test_the_loss_falls_from_zero_and_naive_students_are_near_each_other(made, one):
    assert np.abs(made[burns.GRADIENT] - made[bench.NAIVE]).mean() < 0.01
    world = one.taught
    weak, rows = world.weak[TEACHER], world.parts.student_train
    first, *_, last = burns.descent(world.strong, weak, rows, 1e-2, steps=40)

    def loss(weights):
        logs = log_softmax(world.strong[rows] @ weights[:-1] + weights[-1], axis=1)
        return -np.mean(np.sum(weak[rows] * logs, axis=1)) + 1e-2 * world.strong[rows].var(
            axis=0
        ).mean() * np.sum(weights[:-1] ** 2)

    assert loss(last) < loss(first) < np.log(weak.shape[1])


def test_confidence_ends_where_its_own_labels_are_mixed_in(one):
    world = one.taught
    weak, rows = world.weak[TEACHER], world.parts.student_train
    *_, before, last = burns.descent(world.strong, weak, rows, 1e-2, confidence.warm_up, steps=3000)
    logits = world.strong[rows] @ last[:-1] + last[-1]
    goal = confidence.mixed_labels(logits, weak[rows], 0.5)
    head = LogisticHead(1e-2, weak.shape[1]).fit(world.strong[rows], goal)
    found = log_softmax(logits, axis=1)
    assert np.abs(before - last).max() < 1e-9  # it has come to rest
    assert np.abs(found - head.predict_log_proba(world.strong[rows])).max() < 1e-6


def test_a_schedule_of_zero_is_the_naive_loss(one):
    world = one.taught
    given = (world.strong, world.weak[TEACHER], world.parts.student_train, 1e-2)
    *_, naive = burns.descent(*given, steps=30)
    *_, other = burns.descent(*given, confidence.schedule(confidence.PAPER, 0.0), steps=30)
    assert np.array_equal(naive, other)


def test_stops_are_the_best_steps_for_their_labels(made, one):
    world, weak = one.taught, one.taught.weak[TEACHER]
    rows = world.parts.validation

    def log_loss(name, labels):
        return -np.sum(labels[rows] * np.log(made[name][rows]))

    assert log_loss(burns.EARLY, weak) <= min(log_loss(name, weak) for name in (burns.LATE, burns.ORACLE))
    assert log_loss(burns.ORACLE, world.truth) <= min(
        log_loss(name, world.truth) for name in (burns.LATE, burns.EARLY)
    )


def test_with_nobody_in_between_bootstrapping_is_naive_training_on_the_teacher(one, made):
    alone = burns.students(one, TEACHER, {}, steps=40)
    assert np.array_equal(alone[burns.BOOTSTRAP], alone[burns.GRADIENT])
    assert not np.array_equal(made[burns.BOOTSTRAP], made[burns.GRADIENT])
    assert np.array_equal(alone[burns.PAPER], made[burns.PAPER])


def test_naive_students_are_those_of_the_protocol_and_all_are_probabilities(made, one):
    world = one.taught
    weak, parts = world.weak[TEACHER], world.parts
    assert np.array_equal(made[bench.NAIVE], world.strong_head(weak, parts.student_train))
    head = ValidatedLogistic(PENALTIES, weak.shape[1]).choose(
        *(table[rows] for rows in (parts.student_train, parts.validation) for table in (world.strong, weak))
    )
    assert np.array_equal(made[bench.NAIVE], head.predict_proba(world.strong))
    assert tuple(made) == burns.METHODS
    for table in made.values():
        assert table.shape == weak.shape and np.allclose(table.sum(axis=1), 1) and table.min() >= 0


def test_the_balanced_student_has_the_class_shares_of_the_weak_labels_and_the_logits_of_the_naive_one(
    made, one
):
    weak, own = one.taught.weak[TEACHER], one.taught.parts.student_train
    named = np.bincount(made[burns.BALANCED][own].argmax(axis=1), minlength=weak.shape[1])
    assert np.array_equal(named, confidence.shares(weak[own]))
    offsets = np.log(made[burns.BALANCED]) - np.log(made[burns.GRADIENT])
    relative = offsets - offsets[:, :1]  # of each class to the first: the same for every row
    assert np.abs(relative - relative[0]).max() < 1e-8 and np.abs(relative[0]).max() > 1e-3


def test_rows_say_how_far_a_student_agrees_with_its_teacher_on_its_own_rows(digits, one, made):
    rows = burns.rows_of_students(digits, burns.tables_between(digits), [0.0, 0.2], 40, 3, steps=40)
    assert len(rows) == 2 * len(burns.METHODS) * 3
    own, weak = one.taught.parts.student_train, one.taught.weak[TEACHER]
    judged = one.taught.parts.evaluation
    for row in rows:
        assert row["data"] == "digits" and row["seed"] == 3
        if row["teacher"] == TEACHER:
            says = made[row["method"]]
            assert row["agreement"] == np.mean(says[own].argmax(axis=1) == weak[own].argmax(axis=1))
            naive = made[bench.NAIVE][judged].argmax(axis=1)
            assert row["apart"] == np.mean(says[judged].argmax(axis=1) != naive)
            assert row["apart"] > 0 or row["method"] in (bench.NAIVE, burns.GRADIENT)
