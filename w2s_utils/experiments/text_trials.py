"""Trials on sets of texts: few true labels teach every weak model, its labels teach the strong one; who saw which row.

The rows of a set are cut at random into folds, a *partition*; each fold is judged in one *turn* (`crossfit.few_label_parts`).
Beside the weak models stands ALONE, the strong representation with a head on the same few labels: no student at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from joblib import delayed
from numpy.typing import ArrayLike

from .. import runtime
from ..data import datasets
from ..data.container import Dataset, Views
from ..texts import generated, minilm, regression
from ..texts import views as text_views
from ..theory import intervals
from ..theory.arrays import Array
from ..theory.intervals import Interval
from . import parameters
from .choosing_rules import RULE, compared
from .crossfit import few_label_parts, standardised_predictions
from .protocol import Parts, ladder_rows
from .run_sets import RunSets

ALONE = "strong, few labels alone"
KEYS = ["data", "partition", "turn", "weak"]


def load_sets(
    wanted: Sequence[str],
    generated_count: int,
    seed: int,
    strong_model: str = minilm.PACKAGE,
    turns_of: Callable[[Dataset], object] | None = None,
) -> RunSets:
    """The ``wanted`` sets of `texts.regression` that can be had; ``generated_count`` sentences where none or no model can be.

    ``turns_of``: tried on each of them, so that parts that a set does not have are found at once. Raises what it raises,
    ValueError for what is no list of names of sets, each once, and what `datasets.load` and `minilm.folder` raise for files
    that are there and damaged.
    """
    parameters.each_of(regression.NAMES, data_sets=wanted)
    parameters.whole(60, generated_count=generated_count)
    parameters.whole(0, seed=seed)
    minilm.check_name(strong_model)
    reason = text_views.missing(strong_model)
    measured = () if reason else tuple(name for name in wanted if datasets.reachable(name))
    unreachable = tuple(name for name in wanted if name not in measured)
    loaded = {name: datasets.load(name) for name in measured}
    if not measured:
        loaded = {"grammar": generated.sentences(generated_count, seed)[0]}
    if turns_of:
        for data in loaded.values():
            turns_of(data)
    return RunSets(loaded, measured, unreachable, "sentences", reason or "data unreachable")


def load_views(sets: RunSets, model: str = minilm.PACKAGE) -> dict[str, Views]:
    """Views of each set of the run, by name, computed side by side: `texts.views.ladder`, or `texts.generated.views`."""
    made = runtime.parallel(
        delayed(text_views.ladder)(data, model) if data.source == "real" else delayed(generated.views)(data)
        for data in sets.loaded.values()
    )
    return dict(zip(sets.loaded, made, strict=True))


def turns(data: Dataset, folds: int, few: int, validation: int, partition: int, seed: int) -> list[Parts]:
    """The parts of each turn of a random partition of the rows. Raises as `few_label_parts`."""
    generator = runtime.seed_stream(seed, "few labels", data.name, partition)
    return few_label_parts(len(data.targets), folds, few, validation, generator)


def predictions(views: Views, targets: ArrayLike, parts: Parts) -> Array:
    """Weak model, student and ceiling on the rows judged, ``(weak models + 1, 3, m)``; the last "weak model" is ALONE."""
    return standardised_predictions([*views.weak.values(), views.strong], views.strong, targets, parts)


def all_predictions(
    sets: RunSets, views: Mapping[str, Views], parts: Mapping[str, list[list[Parts]]]
) -> dict[str, list[list[Array]]]:
    """`predictions` by set, partition and turn, in parallel; ``parts``: of each set, for each partition its turns."""
    jobs = [
        (name, partition, turn)
        for name, of_set in parts.items()
        for partition, some in enumerate(of_set)
        for turn in range(len(some))
    ]
    made = runtime.parallel(
        delayed(predictions)(views[name], sets.loaded[name].targets, parts[name][partition][turn])
        for name, partition, turn in jobs
    )
    found = dict(zip(jobs, made, strict=True))
    return {
        name: [[found[name, at, turn] for turn in range(len(some))] for at, some in enumerate(of_set)]
        for name, of_set in parts.items()
    }


def rows_of(
    data: Dataset, models: Sequence[str], parts: list[list[Parts]], made: list[list[Array]]
) -> list[dict]:
    """`protocol.ladder_rows` of every partition and turn of a set, and two columns more.

    ``variance``: of the targets judged; ``shared_error``: the correlation of the weak model's error, w - g, with the
    ceiling's, s - g, over the rows judged, 1 where they err alike.
    """
    found = []
    for partition, (some, of_turns) in enumerate(zip(parts, made, strict=True)):
        for turn, (one, predicted) in enumerate(zip(some, of_turns, strict=True)):
            truth = data.targets[one.evaluation]
            keys = {"data": data.name, "source": data.source, "partition": partition, "turn": turn}
            keys["variance"] = float(truth.var())
            for row, (weak, _, ceiling) in zip(
                ladder_rows(truth, models, predicted, **keys), predicted, strict=True
            ):
                shared = float(np.corrcoef(weak - truth, ceiling - truth)[0, 1])
                found.append(row | {"shared_error": shared})
    return found


def rule_rows(
    data: Dataset, models: Sequence[str], parts: list[list[Parts]], made: list[list[Array]]
) -> list[dict]:
    """Top-1 regret of rules that pick one of the weak ``models``, % of the best student error (`choosing_rules.compared`).

    A rule sees one half of the rows judged, the students are compared on the other half, and the other way round; the mean of
    both, a row for each partition, turn and rule. Of RULE, the least weak error, the largest misfit and a random pick.
    """
    found = []
    for partition, (some, of_turns) in enumerate(zip(parts, made, strict=True)):
        for turn, (one, predicted) in enumerate(zip(some, of_turns, strict=True)):
            errors = _errors(data.targets[one.evaluation], predicted[: len(models)])
            halves = np.array_split(np.arange(errors.shape[-1]), 2)
            regrets: dict[str, list[float]] = {}
            for seen_on, judged_on in (halves, halves[::-1]):
                weak_error, misfit, _ = errors[:, :, seen_on].mean(axis=2)
                seen = {RULE: weak_error - misfit, "weak error": weak_error, "largest misfit": -misfit}
                for made_of in compared(seen, errors[2][:, judged_on].mean(axis=1), models):
                    regrets.setdefault(made_of["rule"], []).append(made_of["regret"])
            keys = {"data": data.name, "partition": partition, "turn": turn}
            found += [
                {**keys, "rule": rule, "regret": float(np.mean(both))} for rule, both in regrets.items()
            ]
    return found


def _errors(truth: Array, predicted: Array) -> Array:
    """Squared weak error, misfit and student error of each row, ``(3, weak models, m)``."""
    weak, student = predicted[:, 0], predicted[:, 1]
    return np.stack([(weak - truth) ** 2, (student - weak) ** 2, (student - truth) ** 2])


def relative_means(rows: pd.DataFrame) -> pd.DataFrame:
    """Means over partitions and turns of a set's rows, a row for each weak model; errors over the variance of the targets."""
    errors = [
        "weak_error",
        "student_error",
        "misfit",
        "gain",
        "cross_term",
        "ceiling",
        "no_projection",
        "not_expressible",
    ]
    relative = rows[["weak", "shared_error"]].join(rows[errors].div(rows["variance"], axis=0))
    return relative.groupby("weak", sort=False).mean()


def by_turn(rows: pd.DataFrame, column: str) -> list[pd.DataFrame]:
    """A column of one set's rows for each partition: a row for each turn, a column for each weak model."""
    return [
        some.pivot(index="turn", columns="weak", values=column)[list(dict.fromkeys(some["weak"]))]
        for _, some in rows.groupby("partition")
    ]


def over_turns(values: Sequence[ArrayLike], confidence: float = intervals.CONFIDENCE) -> Interval:
    """The mean of a number that each turn gives, from ``(turns,)`` for each partition.

    Student's t over the turns of a partition, which share neither a judged row nor a true label, averaged over partitions
    (`intervals.averaged`). Raises as `intervals.mean_t`.
    """
    return intervals.averaged(intervals.mean_t(one, confidence) for one in values)


def ratio_over_turns(
    above: Sequence[ArrayLike], below: Sequence[ArrayLike], confidence: float = intervals.CONFIDENCE
) -> Interval:
    """The same for a ratio of means (Fieller). Raises as `intervals.ratio_of_means`."""
    return intervals.averaged(
        intervals.ratio_of_means(one, other, confidence) for one, other in zip(above, below, strict=True)
    )


def gain_per_misfit(rows: pd.DataFrame, models: Sequence[str]) -> Interval:
    """All gain of these weak models over all their misfit, on one set. Raises as `ratio_over_turns`."""
    return ratio_over_turns(_summed(rows, "gain", models), _summed(rows, "misfit", models))


def slack(rows: pd.DataFrame, models: Sequence[str]) -> Interval:
    """All (gain - misfit) of these weak models over all their weak error, on one set. Raises as `ratio_over_turns`."""
    return ratio_over_turns(_summed(rows, "cross_term", models), _summed(rows, "weak_error", models))


def _summed(rows: pd.DataFrame, column: str, models: Sequence[str]) -> list[Array]:
    """The sum over these weak models for each turn, ``(turns,)`` for each partition."""
    return [table[list(models)].sum(axis=1).to_numpy() for table in by_turn(rows, column)]


def each_gain_per_misfit(rows: pd.DataFrame, models: Sequence[str]) -> dict[str, Interval]:
    """`gain_per_misfit` of each of these weak models; ends are NaN where its misfit is not told from 0 in some partition."""
    found = {}
    for model in models:
        try:
            found[model] = gain_per_misfit(rows, [model])
        except ValueError:
            gain, misfit = (np.sum(_summed(rows, column, [model])) for column in ("gain", "misfit"))
            found[model] = Interval(float(gain / misfit), math.nan, math.nan)
    return found


def lower_less_upper(rows: pd.DataFrame, layers: Sequence[str]) -> Interval:
    """All gain / all misfit of the lower half of the ``layers`` less that of the upper half, mean over turns, on one set."""
    middle = len(layers) // 2
    differences = []
    for gain, misfit in zip(by_turn(rows, "gain"), by_turn(rows, "misfit"), strict=True):
        lower, upper = (
            gain[list(half)].sum(axis=1) / misfit[list(half)].sum(axis=1)
            for half in (layers[:middle], layers[middle:])
        )
        differences.append((lower - upper).to_numpy())
    return over_turns(differences)


def behind_alone(rows: pd.DataFrame, models: Sequence[str]) -> Interval:
    """The least of (student error - error of ALONE) / mean error of ALONE over these weak models, on one set.

    Above 0 where no student beats the strong model on the few labels alone. Which one is least is known by its value only, so
    every one has its interval, all hold together, and the least is read off them (`intervals.least_of`).
    """
    alone = [table[ALONE].to_numpy() for table in by_turn(rows, "weak_error")]
    students = by_turn(rows, "student_error")
    each = intervals.joint(len(models))
    return intervals.least_of(
        ratio_over_turns(
            [table[model].to_numpy() - of for table, of in zip(students, alone, strict=True)], alone, each
        )
        for model in models
    )
