"""Which weak model should label: what rules can see of each weak model of a pool, measured on molecules.

It stands in columns, COLUMNS: misfit, weak error and student error on the rows on which the student is judged, the same on
other rows (``other_``), and the label-free numbers on the student's own rows. What rules make of them: `choosing_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..data.container import Dataset, Views
from ..heads.validated import ValidatedRidge
from ..theory.arrays import Array
from .crossfit import crossfit_predictions, standardise, standardised_predictions
from .label_free import label_free, smoother
from .measured import MISFIT, STUDENT_ERROR, WEAK_ERROR, errors_by_row, fold_turns, half_parts, split_parts
from .protocol import Parts

WHOLE = -1
"""The number of a half that stands for all training rows."""

ERRORS = [MISFIT, WEAK_ERROR, STUDENT_ERROR]
COLUMNS = [
    *(f"{rows}{error}" for rows in ("", "other_") for error in ("misfit", "weak_error", "student_error")),
    *("metric_ladder", "metric", "metric_labels", "norm"),
]


def label_free_numbers(data: Dataset, views: Views, parts: Parts, ladder: int) -> Array:
    """The four last of COLUMNS for each weak model, on the student's rows: ``(weak models, 4)``.

    Labels: the mean of the weak labels of the first ``ladder`` models, of all, and the true ones, to compare with.
    """
    taught, own, choose = parts.weak_train, parts.student_train, parts.validation
    training = np.union1d(taught, own)
    full = standardise(views.strong, training)
    tables = [standardise(features, training) for features in views.weak.values()]
    truth = data.targets
    heads = [
        ValidatedRidge().choose(table[taught], truth[taught], table[choose], truth[choose])
        for table in tables
    ]
    labels = np.column_stack([head.predict(table) for head, table in zip(heads, tables, strict=True)])
    goals = np.column_stack([labels[:, :ladder].mean(axis=1), labels.mean(axis=1), truth])
    shared = ValidatedRidge().choose(full[own], goals[own, 1], full[choose], goals[choose, 1])
    of_strong = smoother(full[own], float(shared.penalty))
    return np.array(
        [
            label_free(of_strong, smoother(table[own], float(head.penalty)), goals[own])
            for head, table in zip(heads, tables, strict=True)
        ]
    )


def part_values(
    data: Dataset, views: Views, setting: str, split: str, numbers: Sequence[int], ladder: int, seed: int
) -> Array:
    """COLUMNS of each weak model for each half in ``numbers`` (WHOLE: all training rows): ``(halves, weak models, columns)``.

    Other rows are those of the split's training rows that the half leaves over; NaN for WHOLE. ``setting``: of SHARED;
    ``ladder``: see `label_free_numbers`. Errors in squared target units.
    """
    found, weak = [], list(views.weak.values())
    for half in numbers:
        whole, where = half == WHOLE, (data, split, setting)
        parts = split_parts(*where, seed) if whole else half_parts(*where, half, seed)
        left_over = np.setdiff1d(data.splits[split]["train"], [*parts.weak_train, *parts.student_train])
        judged = replace(parts, evaluation=np.concatenate([parts.evaluation, left_over]))
        made = standardised_predictions(weak, views.strong, data.targets, judged)
        errors = errors_by_row(data.targets[judged.evaluation], made)[:, :, ERRORS]
        on_test = errors[: len(parts.evaluation)].mean(axis=0)
        elsewhere = np.full_like(on_test, np.nan) if whole else errors[len(parts.evaluation) :].mean(axis=0)
        found.append(np.hstack([on_test, elsewhere, label_free_numbers(data, views, parts, ladder)]))
    return np.array(found)


def crossfit_values(data: Dataset, views: Views, setting: str, number: int, folds: int, seed: int) -> Array:
    """ERRORS of each row in round ``number`` of cross-fitting, in squared target units: ``(n, weak models, 3)``."""
    turns = fold_turns(data, folds, setting, number, seed)
    made = crossfit_predictions(list(views.weak.values()), views.strong, data.targets, turns)
    return errors_by_row(data.targets, made)[:, :, ERRORS]


def part_rows(
    about: Mapping[str, Any], split: str, models: Sequence[str], numbers: Sequence[int], values: Array
) -> list[dict[str, Any]]:
    """The ``values`` of `part_values` as rows: ``about``, weak model, split, half, COLUMNS. ``models``: their names."""
    return [
        {**about, "weak": model, "split": split, "half": half, **dict(zip(COLUMNS, of_half, strict=True))}
        for model, of_model in zip(models, values.swapaxes(0, 1), strict=True)
        for half, of_half in zip(numbers, of_model, strict=True)
    ]


def crossfit_rows(
    about: Mapping[str, Any], number: int, models: Sequence[str], values: Array
) -> list[dict[str, Any]]:
    """The ``values`` of `crossfit_values`, mean over molecules, as rows: ``about``, weak model, round, three errors."""
    return [
        {
            **about,
            "weak": model,
            "round": number,
            **dict(zip(COLUMNS[:3], values[:, place].mean(axis=0), strict=True)),
        }
        for place, model in enumerate(models)
    ]
