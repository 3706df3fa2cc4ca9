"""What is measured of each weak model: against the protocol run one by one, and against the metric made by hand."""

import numpy as np
import pytest

from w2s_utils.data.container import Dataset, Views
from w2s_utils.experiments.choosing import (
    COLUMNS,
    WHOLE,
    crossfit_rows,
    crossfit_values,
    label_free_numbers,
    part_rows,
    part_values,
)
from w2s_utils.experiments.crossfit import standardise
from w2s_utils.experiments.label_free import label_free, smoother
from w2s_utils.experiments.measured import fold_turns, half_parts, split_parts
from w2s_utils.experiments.protocol import run_protocol
from w2s_utils.heads.validated import ValidatedRidge

ROWS = 90
PLACE = {name: place for place, name in enumerate(COLUMNS)}


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    strong = rng.normal(size=(ROWS, 6))
    weak = {"two": strong[:, :2], "noisy": strong[:, :4] + rng.normal(size=(ROWS, 4))}
    targets = strong @ rng.normal(size=6) + 0.3 * rng.normal(size=ROWS)
    train, valid, test = np.split(rng.permutation(ROWS), [60, 75])
    splits = {"first": {"train": train, "valid": valid, "test": test}}
    return Dataset("problem", "a sum", targets, splits=splits), Views(strong, weak)


def one_by_one(data, views, parts):
    """Misfit, weak error and student error on the evaluation rows, one run of the protocol per weak model."""
    training = np.union1d(parts.weak_train, parts.student_train)
    scaled = standardise(views.strong, training)
    runs = [
        run_protocol(
            standardise(weak, training), scaled, data.targets, parts, ValidatedRidge(), ValidatedRidge()
        )
        for weak in views.weak.values()
    ]
    return [(run.triple.misfit, run.triple.weak_error, run.triple.student_error) for run in runs]


@pytest.mark.parametrize("setting", ["shared", "disjoint"])
def test_errors_on_the_test_part_are_those_of_the_protocol(problem, setting):
    data, views = problem
    found = part_values(data, views, setting, "first", [WHOLE, 3], 1, 0)
    assert found.shape == (2, 2, len(COLUMNS))
    for values, parts in zip(
        found,
        (split_parts(data, "first", setting, 0), half_parts(data, "first", setting, 3, 0)),
        strict=True,
    ):
        np.testing.assert_allclose(values[:, :3], one_by_one(data, views, parts), rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(values[:, 6:], label_free_numbers(data, views, parts, 1))


def test_other_rows_are_the_training_rows_that_a_half_leaves_over(problem):
    data, views = problem
    whole, half = part_values(data, views, "shared", "first", [WHOLE, 3], 1, 0)
    assert np.isnan(whole[:, 3:6]).all()
    parts = half_parts(data, "first", "shared", 3, 0)
    left_over = np.setdiff1d(data.splits["first"]["train"], parts.weak_train)
    assert len(left_over) == 30
    training, choose = parts.weak_train, parts.validation
    for place, weak in enumerate(views.weak.values()):
        table = standardise(weak, training)
        head = ValidatedRidge().choose(
            table[training], data.targets[training], table[choose], data.targets[choose]
        )
        error = np.mean((head.predict(table[left_over]) - data.targets[left_over]) ** 2)
        assert half[place, PLACE["other_weak_error"]] == pytest.approx(error, rel=1e-9)


def test_the_labels_of_the_metric_are_means_of_weak_labels_and_true_ones(problem):
    data, views = problem
    parts = split_parts(data, "first", "disjoint", 0)
    training = np.union1d(parts.weak_train, parts.student_train)
    own, choose = parts.student_train, parts.validation
    tables, heads = [], []
    for weak in views.weak.values():
        tables.append(standardise(weak, training))
        taught, chosen = (tables[-1][rows] for rows in (parts.weak_train, choose))
        heads.append(
            ValidatedRidge().choose(taught, data.targets[parts.weak_train], chosen, data.targets[choose])
        )
    labels = [head.predict(table) for head, table in zip(heads, tables, strict=True)]
    mean, strong = np.mean(labels, axis=0), standardise(views.strong, training)
    student = ValidatedRidge().choose(strong[own], mean[own], strong[choose], mean[choose])
    goals = np.column_stack([labels[0], mean, data.targets])[own]
    found = label_free_numbers(data, views, parts, ladder=1)
    for values, table, head in zip(found, tables, heads, strict=True):
        of_weak = smoother(table[own], float(head.penalty))
        expected = label_free(smoother(strong[own], float(student.penalty)), of_weak, goals)
        np.testing.assert_allclose(values, expected, rtol=1e-9)


def test_by_cross_fitting_every_row_is_judged_by_heads_that_have_not_seen_it(problem):
    data, views = problem
    found = crossfit_values(data, views, "shared", 1, 5, 0)
    assert found.shape == (ROWS, 2, 3)
    for parts in fold_turns(data, 5, "shared", 1, 0):
        expected = one_by_one(data, views, parts)
        np.testing.assert_allclose(found[parts.evaluation].mean(axis=0), expected, rtol=1e-9, atol=1e-12)


def test_rows_keep_model_half_and_value_together():
    values = np.arange(2 * 3 * len(COLUMNS), dtype=float).reshape(2, 3, -1)
    rows = part_rows({"data": "set"}, "first", ["a", "b", "c"], [WHOLE, 0], values)
    assert list(rows[0]) == ["data", "weak", "split", "half", *COLUMNS]
    assert [(row["weak"], row["half"], row["misfit"]) for row in rows] == [
        (model, half, values[turn, place, 0])
        for place, model in enumerate("abc")
        for turn, half in enumerate([WHOLE, 0])
    ]
    judged = np.array([[[1.0, 2, 3], [4, 5, 6]], [[3, 4, 5], [6, 7, 8]]])  # two molecules, two weak models
    assert crossfit_rows({"data": "set"}, 1, ["a", "b"], judged) == [
        {"data": "set", "weak": "a", "round": 1, "misfit": 2, "weak_error": 3, "student_error": 4},
        {"data": "set", "weak": "b", "round": 1, "misfit": 5, "weak_error": 6, "student_error": 7},
    ]
