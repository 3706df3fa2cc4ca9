"""Which weak model should label: the paper's rule and its rivals, what each makes of `choosing.COLUMNS`, and what it costs.

A rule gives a weak model a number, small is good, and picks the smallest. With weak model w, student p and cross term
c = gain - misfit, weak error - misfit is student error + c and the weak error student error + gain (notebook 36).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from ..theory.arrays import Array
from ..theory.intervals import Interval, correlation, joint, largest_of, mean_t, ratio_of_means
from .choosing import WHOLE

RULE, RIVALS = "weak error − misfit", ("weak error", "largest misfit", "label-free metric", "label-free norm")
ORACLE, RANDOM = "metric, true labels", "random pick"
RULES = (RULE, *RIVALS, ORACLE)

EDGES = (0.0, 0.05, 0.1, 0.2, 0.4, np.inf)
"""Of the bins of |log of the ratio of two weak errors|."""

PART_KEYS = ["data", "kind", "setting", "split", "half"]
"""Of one set of weak models, trained and judged on the same rows."""


@dataclass(frozen=True)
class Pool:
    """Weak models to choose from: the ``kind`` of rows that have them, their names, the column with the label-free metric."""

    kind: str
    models: Sequence[str]
    metric: str = "metric"


def only(rows: pd.DataFrame, **values: Any) -> pd.DataFrame:
    """The rows in which these columns have these values."""
    return rows[(rows[list(values)] == pd.Series(values)).all(axis=1)]


def scores(rows: pd.DataFrame, pool: Pool, other: bool = False) -> tuple[dict[str, Array], Array]:
    """What each of RULES sees of a pool, small is good (rule -> ``(weak models,)``), and the student errors.

    ``rows``: indexed by weak model, with COLUMNS; ``other``: weak error and misfit from the other rows. Raises KeyError for
    a model without a row.
    """
    rows = rows.loc[list(pool.models)]
    misfit, weak_error = (rows[f"{'other_' if other else ''}{what}"] for what in ("misfit", "weak_error"))
    seen = (weak_error - misfit, weak_error, -misfit, rows[pool.metric], rows["norm"], rows["metric_labels"])
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


def rule_rows(on_parts: pd.DataFrame, pools: Mapping[str, Pool]) -> list[dict[str, Any]]:
    """`compared` for each part (PART_KEYS) and each of the pools whose kind it has, on the same rows and on other rows.

    ``on_parts``: rows with `choosing.COLUMNS`, PART_KEYS and ``weak``. All training rows (WHOLE) leave no other rows over.
    """
    found: list[dict[str, Any]] = []
    for keys, rows in on_parts.groupby(PART_KEYS, sort=False):
        about = dict(zip(PART_KEYS, keys, strict=True))
        for name, pool in pools.items():
            if pool.kind != about["kind"]:
                continue
            for other in (False,) if about["half"] == WHOLE else (False, True):
                seen = {"pool": name, "seen_on": "other rows" if other else "same rows"}
                made = compared(*scores(rows.set_index("weak"), pool, other), pool.models)
                found.extend(about | seen | one for one in made)
    return found


def pair_rows(on_parts: pd.DataFrame, pool: Pool, kinds: NDArray[np.str_]) -> list[dict[str, Any]]:
    """`pairs_of` for each half that has other rows, with rules that see those; ``on_parts`` as for `rule_rows`."""
    halves = only(on_parts, kind=pool.kind)
    return [
        {**dict(zip(PART_KEYS, keys, strict=True)), **one}
        for keys, rows in halves[halves["half"] != WHOLE].groupby(PART_KEYS, sort=False)
        for one in pairs_of(*scores(rows.set_index("weak"), pool, other=True), kinds)
    ]


def by_half(rows: pd.DataFrame, column: str) -> Array:
    """``column`` of rows of `rule_rows`, mean over the splits: ``(halves, rules)`` in the order of RULES and RANDOM."""
    return rows.pivot_table(index="half", columns="rule", values=column)[[*RULES, RANDOM]].to_numpy()


def behind_rivals(values: Array) -> dict[str, Interval]:
    """The mean of RULE less that of each other one of RULES, from `by_half`; above 0 where the other costs less.

    Student's t over halves. All of RIVALS hold together at 95 %, and the oracle beside them has the same confidence.
    """
    each = joint(len(RIVALS))
    return {
        other: mean_t(values[:, 0] - values[:, place], each) for place, other in enumerate(RULES[1:], start=1)
    }


def behind_best_rival(values: Array) -> Interval:
    """The mean of RULE less that of the best of RIVALS, from `by_half`; above 0 where a rival costs less.

    The best is known by its values only, so this is read off `behind_rivals`, which hold together.
    """
    found = behind_rivals(values)
    return largest_of([found[rival] for rival in RIVALS])


def named_against_others(on_parts: pd.DataFrame, pool: Pool) -> tuple[int, Array]:
    """The place in the pool of the model that RULE names most often, and how far its student is behind each other one's.

    ``on_parts``: rows of one set and setting, as for `rule_rows`. In each half of each split the rule sees other rows, and the
    student errors are of the rows judged. Second: its student error less that of every other model, % of the least student
    error, ``(halves, weak models - 1)``, mean over the splits; below 0 where it is ahead.
    """
    parts = only(on_parts, kind=pool.kind)
    halves, named, errors = [], [], []
    for (half, _), rows in parts[parts["half"] != WHOLE].groupby(["half", "split"]):
        seen, error = scores(rows.set_index("weak"), pool, other=True)
        halves.append(half)
        named.append(np.argmin(seen[RULE]))
        errors.append(100 * error / error.min())
    model = int(np.bincount(named).argmax())
    of_halves = pd.DataFrame(errors).groupby(np.array(halves), sort=False).mean().to_numpy()
    return model, of_halves[:, [model]] - np.delete(of_halves, model, axis=1)


def behind_best_other(values: Array) -> Interval:
    """How far the named model's student is behind the best other one's in the mean, from `named_against_others`.

    Which of the others is best is known by its values only, so all differences hold together at 95 % (Student's t over
    halves) and the largest is read off them.
    """
    each = joint(values.shape[1])
    return largest_of([mean_t(behind, each) for behind in values.T])


def correlation_of_rule(values: Array) -> Interval:
    """Pearson's correlation of weak error - misfit and student error, Fisher's z over the weak models, 4 at least.

    ``values``: as from `choosing.crossfit_values`, ``(n, weak models, 3)``.
    """
    misfit, weak_error, student_error = values.mean(axis=0).T
    return correlation(weak_error - misfit, student_error)


def misses(values: Array) -> Array:
    """How far weak error - misfit and the weak error are off as estimates of the student error, and how unevenly: ``(4,)``.

    Mean |error| of both over the weak models, then the standard deviation of both errors (cross term and gain), all relative
    to the mean student error; from `choosing.crossfit_values`.
    """
    misfit, weak_error, student_error = values.mean(axis=0).T
    errors = np.array([weak_error - misfit - student_error, weak_error - student_error])
    errors /= student_error.mean()
    return np.concatenate([np.abs(errors).mean(axis=1), errors.std(axis=1)])


def farther_off(values: Array) -> Interval:
    """Mean |error| of weak error - misfit less that of the weak error, as in `misses`; below 0 where the former is closer.

    With an interval over molecules, heads kept (`intervals.ratio_of_means`): the signs of the weak models' mean errors are
    taken as found, so that each molecule has one number. Too short where many of these means are near 0.
    """
    misfit, weak_error, student_error = np.moveaxis(values, -1, 0)
    off_rule, off_simple = weak_error - misfit - student_error, weak_error - student_error
    signed = [off * np.sign(off.mean(axis=0)) for off in (off_rule, off_simple)]
    return ratio_of_means((signed[0] - signed[1]).mean(axis=1), student_error.mean(axis=1))
