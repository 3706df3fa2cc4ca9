"""Which weak model should label: the paper's rule and its rivals, and what each of them sees and costs.

What a rule sees of a weak model stands in columns, COLUMNS: misfit, weak error and student error on the rows on which the
student is judged, the same on other rows (``other_``), and the label-free numbers on the student's own rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from ..data.container import Dataset
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

RULE, RIVALS = "weak error − misfit", ("weak error", "largest misfit", "label-free metric", "label-free norm")
ORACLE, RANDOM = "metric, true labels", "random pick"
RULES = (RULE, *RIVALS, ORACLE)

EDGES = (0.0, 0.05, 0.1, 0.2, 0.4, np.inf)
"""Of the bins of |log of the ratio of two weak errors|."""


def label_free_numbers(
    data: Dataset, strong: Array, weak: Sequence[Array], parts: Parts, ladder: int
) -> Array:
    """The four last of COLUMNS for each weak model, on the student's rows: ``(weak models, 4)``.

    Labels: the mean of the weak labels of the first ``ladder`` models, of all, and the true ones, to compare with.
    """
    taught, own, choose = parts.weak_train, parts.student_train, parts.validation
    training = np.union1d(taught, own)
    full, tables = standardise(strong, training), [standardise(features, training) for features in weak]
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
    data: Dataset,
    strong: Array,
    weak: Sequence[Array],
    setting: str,
    split: str,
    numbers: Sequence[int],
    ladder: int,
    seed: int,
) -> Array:
    """COLUMNS of each weak model for each half in ``numbers`` (WHOLE: all training rows): ``(halves, weak models, columns)``.

    Other rows are those of the split's training rows that the half leaves over; NaN for WHOLE.
    """
    found = []
    for half in numbers:
        whole, where = half == WHOLE, (data, split, setting)
        parts = split_parts(*where, seed) if whole else half_parts(*where, half, seed)
        left_over = np.setdiff1d(data.splits[split]["train"], [*parts.weak_train, *parts.student_train])
        judged = replace(parts, evaluation=np.concatenate([parts.evaluation, left_over]))
        made = standardised_predictions(weak, strong, data.targets, judged)
        errors = errors_by_row(data.targets[judged.evaluation], made)[:, :, ERRORS]
        on_test = errors[: len(parts.evaluation)].mean(axis=0)
        elsewhere = np.full_like(on_test, np.nan) if whole else errors[len(parts.evaluation) :].mean(axis=0)
        found.append(np.hstack([on_test, elsewhere, label_free_numbers(data, strong, weak, parts, ladder)]))
    return np.array(found)


def crossfit_values(
    data: Dataset, strong: Array, weak: Sequence[Array], setting: str, number: int, folds: int, seed: int
) -> Array:
    """ERRORS of each row in one round of cross-fitting: ``(n, weak models, 3)``."""
    turns = fold_turns(data, folds, setting, number, seed)
    return errors_by_row(data.targets, crossfit_predictions(weak, strong, data.targets, turns))[:, :, ERRORS]


def scores(
    rows: pd.DataFrame, models: Sequence[str], metric: str, other: bool = False
) -> tuple[dict[str, Array], Array]:
    """What each of RULES sees of the ``models``, small is good (rule -> ``(weak models,)``), and the student errors.

    ``rows``: indexed by weak model, with COLUMNS; ``metric``: the column of the label-free metric; ``other``: weak error and
    misfit from the other rows.
    """
    rows = rows.loc[list(models)]
    misfit, weak_error = (rows[f"{'other_' if other else ''}{what}"] for what in ("misfit", "weak_error"))
    seen = (weak_error - misfit, weak_error, -misfit, rows[metric], rows["norm"], rows["metric_labels"])
    found = {rule: score.to_numpy() for rule, score in zip(RULES, seen, strict=True)}
    return found, rows["student_error"].to_numpy()


def compared(seen: Mapping[str, Array], student_error: Array, models: Sequence[str]) -> list[dict[str, Any]]:
    """One record per rule and one for a random pick: Spearman correlation, top-1 regret in percent and squared units, pick.

    *Top-1 regret*: the student error of the picked weak model less that of the best; of a random pick, its mean.
    """
    best = student_error.min()
    regrets: list[dict[str, Any]] = [{"rule": RANDOM, "regret": 100 * (student_error.mean() / best - 1)}]
    for rule, score in seen.items():
        excess = student_error[np.argmin(score)] - best
        rank = spearmanr(score, student_error).statistic
        regrets.append({"rule": rule, "regret": 100 * excess / best, "squared": excess, "spearman": rank})
        regrets[-1]["picked"] = models[int(np.argmin(score))]
    return regrets


def pairs_of(
    seen: Mapping[str, Array], student_error: Array, kinds: NDArray[np.str_]
) -> list[dict[str, Any]]:
    """How many pairs of weak models each rule orders right, and the summed relative regret of its choices, in percent.

    By distance of the weak errors (``bin``, the number of an interval of EDGES) and by the ``kinds`` of the two weak models.
    """
    first, second = np.array(list(combinations(range(len(student_error)), 2))).T
    both = np.array([" / ".join(pair) for pair in zip(kinds[first], kinds[second], strict=True)])
    logs, worse = np.log(seen["weak error"]), student_error[first] - student_error[second]
    places = np.digitize(np.abs(logs[first] - logs[second]), EDGES) - 1
    excess = 100 * np.abs(worse) / np.minimum(student_error[first], student_error[second])
    counted = []
    for rule, score in seen.items():
        right = (score[first] - score[second]) * worse > 0
        for place, kind in product(np.unique(places), np.unique(both)):
            here = (places == place) & (both == kind)
            sums = {"pairs": here.sum(), "right": right[here].sum(), "regret": excess[here & ~right].sum()}
            counted.append({"rule": rule, "bin": place, "kinds": kind, **sums})
    return counted
