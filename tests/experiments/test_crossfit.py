from __future__ import annotations

import numpy as np
import pytest

from w2s_utils.experiments.crossfit import (
    LIMIT,
    crossfit_predictions,
    fold_parts,
    ladder_predictions,
    standardise,
    standardised_predictions,
    train_parts,
)
from w2s_utils.experiments.protocol import OverlappingParts, Parts, run_protocol
from w2s_utils.heads.validated import ValidatedRidge


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_training_rows_get_mean_zero_and_unit_deviation_and_others_nothing_to_say(rng):
    features = rng.normal(3.0, 5.0, (50, 4))
    features[40:] = 1e6
    scaled = standardise(features, np.arange(40), limit=np.inf)
    np.testing.assert_allclose(scaled[:40].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled[:40].std(axis=0), 1)
    assert (standardise(features, np.arange(40))[40:] == LIMIT).all()


def test_columns_that_are_constant_on_training_rows_are_zero_everywhere():
    features = np.ones((10, 3))
    features[:, 1] = 0.1 + 0.2  # not representable, so its standard deviation is rounding
    features[9] = 7.0
    assert (standardise(features, np.arange(9)) == 0).all()


def test_a_column_far_from_0_varies_as_long_as_float64_says_so():
    values = np.random.default_rng(0).normal(size=200)
    table = np.column_stack([values, values + 2.0**37, np.where(values > 0, 0.1 + 0.2, 0.3)])
    found = standardise(table, np.arange(200))
    np.testing.assert_allclose(found[:, 1], found[:, 0], atol=1e-4)
    assert not found[:, 2].any()


def test_each_column_is_scaled_by_itself(rng):
    features = rng.exponential(size=(30, 5))
    both = standardise(features, np.arange(20))
    np.testing.assert_array_equal(standardise(features[:, 1:3], np.arange(20)), both[:, 1:3])


@pytest.mark.parametrize(
    ("features", "rows", "limit", "message"),
    [
        (np.zeros(4), [0], 3.0, "table"),
        (np.array([[np.nan]]), [0], 3.0, "finite"),
        (np.zeros((3, 1)), [], 3.0, "training row"),
        (np.zeros((3, 1)), [3], 3.0, "from 0 to 2"),
        (np.zeros((3, 1)), [-1], 3.0, "from 0 to 2"),
        (np.zeros((3, 1)), [0], 0.0, "limit"),
    ],
)
def test_bad_features_are_named(features, rows, limit, message):
    with pytest.raises(ValueError, match=message):
        standardise(features, rows, limit)


@pytest.mark.parametrize("shared", [True, False])
def test_folds_judge_every_row_once_and_hide_it_from_the_heads(shared, rng):
    found = fold_parts(23, 5, shared, rng)
    judged = np.concatenate([parts.evaluation for parts in found])
    np.testing.assert_array_equal(np.sort(judged), np.arange(23))
    for parts in found:
        training = np.union1d(parts.weak_train, parts.student_train)
        used = np.concatenate([training, parts.validation, parts.evaluation])
        np.testing.assert_array_equal(np.sort(used), np.arange(23))
        assert (len(np.intersect1d(parts.weak_train, parts.student_train)) > 0) == shared
        assert 4 <= len(parts.evaluation) <= 5


@pytest.mark.parametrize("folds", [2, 11])
def test_folds_that_leave_a_part_empty_are_refused(folds, rng):
    with pytest.raises(ValueError, match="3 folds at least"):
        fold_parts(10, folds, True, rng)


def test_halves_are_disjoint_and_overlap_with_other_parts_is_refused(rng):
    parts = train_parts(np.arange(9), [9], [10, 11], False, rng)
    assert (len(parts.weak_train), len(parts.student_train)) == (4, 5)
    with pytest.raises(OverlappingParts):
        train_parts(np.arange(9), [9], [8], True, rng)


@pytest.mark.parametrize("shared", [True, False])
def test_the_ladder_gives_the_numbers_of_one_protocol_per_weak_model(shared, rng):
    strong, weak = rng.normal(size=(90, 12)), [rng.normal(size=(90, width)) for width in (2, 5)]
    targets = strong @ rng.normal(size=12) + weak[1][:, 0] + 0.1 * rng.normal(size=90)
    for parts in fold_parts(90, 5, shared, rng):
        found = ladder_predictions(weak, strong, targets, parts)
        for features, predictions in zip(weak, found, strict=True):
            outcome = run_protocol(features, strong, targets, parts, ValidatedRidge(), ValidatedRidge())
            expected = [outcome.weak, outcome.student, outcome.ceiling]
            np.testing.assert_allclose(predictions, expected, rtol=0, atol=1e-10)


def test_a_ladder_without_validation_rows_is_refused(rng):
    parts = Parts.consecutive(4, 4, 4)
    with pytest.raises(ValueError, match="validation"):
        ladder_predictions([np.zeros((12, 1))], np.zeros((12, 1)), np.zeros(12), parts)


def test_representations_are_scaled_on_the_rows_that_train_either_model(rng):
    strong, weak = rng.exponential(5.0, (60, 6)), [rng.exponential(2.0, (60, 3))]
    targets = rng.normal(size=60)
    for parts in fold_parts(60, 4, False, rng):
        training = np.union1d(parts.weak_train, parts.student_train)
        scaled = standardise(weak[0], training, 1.5), standardise(strong, training, 1.5)
        expected = ladder_predictions([scaled[0]], scaled[1], targets, parts)
        np.testing.assert_array_equal(standardised_predictions(weak, strong, targets, parts, 1.5), expected)


def test_cross_fitting_puts_each_turn_where_its_rows_are(rng):
    strong, weak, targets = rng.normal(size=(40, 5)), [rng.normal(size=(40, 2))], rng.normal(size=40)
    turns = fold_parts(40, 4, True, rng)
    found = crossfit_predictions(weak, strong, targets, turns)
    for parts in turns:
        np.testing.assert_array_equal(
            found[:, :, parts.evaluation], standardised_predictions(weak, strong, targets, parts)
        )


@pytest.mark.parametrize("chosen", [[0, 1, 2], [0, 0, 1, 2, 3]])
def test_turns_that_do_not_judge_each_row_once_are_refused(chosen, rng):
    turns = fold_parts(12, 4, True, rng)
    with pytest.raises(ValueError, match="exactly one turn"):
        crossfit_predictions(
            [np.zeros((12, 1))], np.zeros((12, 1)), np.zeros(12), [turns[place] for place in chosen]
        )


@pytest.mark.parametrize(("weak", "strong"), [((), 12), ((12,), 24), ((11,), 12)])
def test_tables_of_differing_lengths_and_an_empty_ladder_are_refused(weak, strong, rng):
    parts = fold_parts(12, 3, True, rng)[0]
    with pytest.raises(ValueError, match="as many rows of every representation as targets"):
        standardised_predictions([np.zeros((n, 1)) for n in weak], np.zeros((strong, 2)), np.zeros(12), parts)


def test_no_turns_judge_no_row():
    with pytest.raises(ValueError, match="exactly one turn"):
        crossfit_predictions([np.zeros((3, 1))], np.zeros((3, 1)), np.zeros(3), [])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_strong_feature_that_is_not_finite_is_refused_wherever_it_stands(value, rng):
    strong, truth = rng.normal(size=(30, 4)), rng.normal(size=30)
    parts = fold_parts(30, 5, True, rng)[0]
    strong[parts.evaluation[0], 2] = value
    with pytest.raises(ValueError, match="NaN|infinity"):
        ladder_predictions([rng.normal(size=(30, 2))], strong, truth, parts)


def test_tensors_give_what_their_numbers_give(rng):
    torch = pytest.importorskip("torch")
    weak, strong, truth = rng.normal(size=(60, 2)), rng.normal(size=(60, 4)), rng.normal(size=60)
    turns = fold_parts(60, 5, False, rng)
    expected = crossfit_predictions([weak], strong, truth, turns)
    held = [torch.tensor(table, requires_grad=True) for table in (weak, strong, truth)]
    np.testing.assert_array_equal(crossfit_predictions([held[0]], held[1], held[2], turns), expected)
    assert np.isfinite(standardise(held[1].bfloat16(), np.arange(30))).all()
