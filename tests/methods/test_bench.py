"""The bench gives what the protocol of notebook 44 gives, and keeps methods and teachers apart."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from w2s_utils.experiments import class_sets
from w2s_utils.experiments.classification import HANDED_ON, Sizes, judged_rows
from w2s_utils.methods import bench


@pytest.fixture(scope="module")
def one():
    return class_sets.load("digits", Sizes(taught=60, validation=60, labelled=150, judged=300))


def student(hand_on):
    return lambda trial, name: trial.taught.strong_head(
        hand_on(trial.taught.weak[name]), trial.taught.parts.student_train
    )


def test_students_of_labels_are_those_of_the_protocol_for_classes(one):
    found = bench.method_rows(
        bench.trial(one, [0.0, 0.2], 40, 3),
        {name: student(how) for name, how in HANDED_ON.items()},
        data="digits",
    )
    known = judged_rows(one.judged([0.0, 0.2], 40, 3), data="digits")
    assert_frame_equal(pd.DataFrame(found).rename(columns={"method": "handed"}), pd.DataFrame(known))
    assert len(found) == 2 * 2 * 3


def test_teachers_can_be_chosen_and_a_copy_of_the_teacher_gains_nothing(one):
    made = bench.trial(one, [0.0, 0.2], 40, 3)
    rows = bench.method_rows(made, {"copy": lambda trial, name: trial.taught.weak[name]}, ["noise 0.2"])
    assert {row["teacher"] for row in rows} == {"noise 0.2"}
    assert max(abs(row["gain"]) + row["misfit"] for row in rows) == 0


def test_students_that_are_made_have_the_same_rows_and_their_agreement(one):
    cut = bench.trial(one, [0.0, 0.2], 40, 3)
    own, weak = cut.taught.parts.student_train, cut.taught.weak
    flipped = {
        name: np.where(np.isin(np.arange(len(weak[name])), own[:30])[:, None], 1 - weak[name], weak[name])
        for name in weak
    }
    made = {name: {"copy": weak[name], "other": flipped[name]} for name in weak}
    found = bench.student_rows(cut, made, data="digits")
    known = bench.method_rows(
        cut, {"copy": lambda _, name: weak[name], "other": lambda _, name: flipped[name]}, data="digits"
    )
    assert [{key: row[key] for key in known[0]} for row in found] == known
    assert {row["agreement"] for row in found if row["method"] == "copy"} == {1.0}
    assert {row["agreement"] for row in found if row["method"] == "other"} == {0.8}  # 30 rows of 150
    with pytest.raises(KeyError):
        bench.student_rows(cut, {"noise 0.2": {"copy": weak["noise 0.2"]}, "noise 0": {}})
    with pytest.raises(KeyError):
        bench.student_rows(cut, {"nobody": {"copy": weak["noise 0.2"]}})


def test_draws_belong_to_seed_and_purpose(one):
    made = bench.trial(one, [0.0], 40, 3)
    assert made.draws("votes", 1).random() == made.draws("votes", 1).random()
    assert made.draws("votes", 1).random() != made.draws("votes", 2).random()
