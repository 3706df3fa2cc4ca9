"""Roles of rows by two marks each: what they promise of every turn."""

import numpy as np
import pytest

from w2s_utils.own_data.roles import OTHER_LABELS, TEACHING, UNLABELLED, roles


def made(rows=300, share=0.3, folds=5, given=None, teach=True, head="ridge"):
    labelled = np.random.default_rng(0).random(rows) < share
    return labelled, roles(labelled, given, teach, head, folds, 0)


@pytest.mark.parametrize("head", ["ridge", "least squares"])
@pytest.mark.parametrize("folds", [3, 4, 10])
def test_in_each_turn_every_fold_has_one_role(head, folds):
    _, found = made(folds=folds, head=head)
    assert [turn.judged for turn in found.turns] == list(range(folds))
    for turn in found.turns:
        chosen = [] if turn.validation is None else [turn.validation]
        assert sorted([*turn.train, *chosen, turn.judged]) == list(range(folds))
        assert len(chosen) == (head == "ridge")


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_weak_models_learn_from_labelled_rows_up_to_half_of_a_fold(share):
    labelled, found = made(share=share)
    assert ((found.kind == UNLABELLED) == ~labelled).all()
    for fold, counts in enumerate(found.counts):
        inside = found.fold == fold
        assert counts[TEACHING] == min(np.sum(inside & labelled), np.sum(inside) // 2)
        assert (counts == [np.sum(inside & (found.kind == kind)) for kind in range(3)]).all()
    assert (found.kind == OTHER_LABELS).any() == (share > 0.5)


def test_row_numbers_and_counts_agree():
    _, found = made(share=0.7)
    for turn in found.turns:
        parts = found.parts(turn)
        assert (len(parts.weak_train), len(parts.student_train)) == (
            found.weak_rows(turn),
            found.student_rows(turn),
        )
        assert (found.fold[parts.evaluation] == turn.judged).all()
        assert (found.kind[parts.weak_train] == TEACHING).all()


def test_without_a_weak_model_that_learns_students_take_all_rows():
    _, found = made(teach=False)
    assert not (found.kind == TEACHING).any()
    assert all(found.student_rows(turn) == 300 - 2 * 60 for turn in found.turns)


def test_a_split_has_one_turn_and_a_fifth_of_the_training_rows_to_choose_on():
    given = {"train": np.arange(200), "test": np.arange(200, 300)}
    _, found = made(given=given)
    [turn] = found.turns
    parts = found.parts(turn)
    assert len(parts.validation) == 40 and set(parts.evaluation) == set(range(200, 300))
    [alone] = made(given=given, head="norm ball")[1].turns
    assert alone.validation is None and sorted(alone.train) == [0, 1]
