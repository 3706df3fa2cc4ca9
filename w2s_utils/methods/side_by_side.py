"""All methods that were measured on the bench, beside the naive student and the strong head on the few labels, pair by pair.

Notebooks save `bench.method_rows`; where two of them ran the same set, seed and teacher, their students had the same rows,
teachers and strong representation, so differences within a seed are differences of methods.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .. import results
from ..experiments.classification import ERRORS
from ..theory import intervals
from ..theory.intervals import Interval
from .bench import NAIVE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..experiments.run_sets import RunSets

TRIAL = ["data", "seed", "teacher"]
KEYS = (*TRIAL, "method", "loss")
SIDES = ["weak_error", "student_error", "ceiling", "alone"]
KINDS = ["corrected", "inherited", "changed", "new"]


def load(tables: Iterable[str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """The rows of errors of these saved tables that can be read, with their notebook's number, and why others cannot."""
    found, missing = [], {}
    for name in tables:
        try:
            rows = results.load_rows(name, list(KEYS))
        except results.RowError as error:
            missing[name] = str(error)
            continue
        found.append(rows[rows["loss"] == ERRORS].assign(notebook=name[:2]))
    nothing = pd.DataFrame(columns=[*KEYS, *SIDES, *KINDS, "misfit", "notebook"])
    return pd.concat(found, ignore_index=True) if found else nothing, missing


def disagreement(rows: pd.DataFrame) -> float:
    """Largest difference of the errors that two notebooks give for one method of one trial; 0 where none is in two."""
    both = rows.groupby([*TRIAL, "method"])[[*SIDES, "misfit"]]
    return float((both.max() - both.min()).to_numpy().max()) if len(rows) else 0.0


def on_common_trials(rows: pd.DataFrame, least: int = 2) -> pd.DataFrame:
    """One row for each method and trial, of the trials of a set that all its methods share.

    A method that shares fewer than ``least`` seeds of a set with the naive student is left out there, as are teachers that
    the naive student was not asked about.
    """
    once = rows.drop_duplicates([*TRIAL, "method"])
    kept = []
    for _, of_set in once.groupby("data", sort=False):
        table = of_set.pivot(index=["seed", "teacher"], columns="method", values="student_error")
        if NAIVE not in table:
            continue
        table = table[table[NAIVE].notna()]
        seeds = table.notna().groupby("seed").any().sum()
        shared = table[seeds.index[seeds >= least]].dropna()
        chosen = of_set.set_index(["seed", "teacher"]).index.isin(shared.index)
        kept.append(of_set[chosen & of_set["method"].isin(shared.columns)])
    return pd.concat(kept, ignore_index=True) if kept else once.iloc[:0]


def by_seed(rows: pd.DataFrame, beside: str) -> dict[str, pd.DataFrame]:
    """For each set: errors of each method less those ``beside``, ``(seeds, methods)``, mean over the teachers of a seed.

    ``beside``: a method, or the column ``"alone"``, the strong head on the few true labels.
    """
    found = {}
    for name, of_set in rows.groupby("data", sort=False):
        errors = of_set.pivot(index=["seed", "teacher"], columns="method", values="student_error")
        if beside in errors:
            reference = errors[beside]
        else:
            reference = of_set.drop_duplicates(["seed", "teacher"]).set_index(["seed", "teacher"])[beside]
        found[str(name)] = errors.sub(reference, axis=0).groupby("seed").mean()
    return found


def together(table: pd.DataFrame, leave: Sequence[str] = ()) -> dict[str, Interval]:
    """By method: the interval of its mean over seeds of ``table (seeds, methods)``; all of them hold together at 95 %."""
    chosen = [method for method in table if method not in leave]
    each = intervals.joint(max(len(chosen), 1))
    return {str(method): intervals.mean_t(table[method], each) for method in chosen}


def verdicts(found: Mapping[str, Interval]) -> pd.Series:
    """Of each method: better (fewer errors), worse, or open, by whether its interval excludes 0."""
    words = {
        method: "better" if one.high < 0 else "worse" if one.low > 0 else "open"
        for method, one in found.items()
    }
    return pd.Series(words, dtype=str)


def forest(run: RunSets, measured: Mapping[str, Mapping[str, Interval]], beside: str) -> Figure:
    """A panel for each set: every method's difference in errors, points of 100 rows, with its interval; left is better."""
    import matplotlib.pyplot as plt

    from .. import figures

    order = list(dict.fromkeys(method for of_set in measured.values() for method in of_set))
    figure, panels = plt.subplots(
        1, len(measured), figsize=(4 + 3 * len(measured), 1.4 + 0.36 * len(order)), sharey=True, squeeze=False
    )
    looks = {"better": figures.PALETTE[0], "worse": figures.PALETTE[1], "open": figures.GREY}
    for axes, (name, of_set) in zip(panels[0], measured.items(), strict=True):
        word = verdicts(of_set)
        for method, one in of_set.items():
            place, colour = order.index(method), looks[word[method]]
            axes.plot([100 * one.low, 100 * one.high], [place, place], color=colour, lw=2)
            axes.plot(100 * one.estimate, place, "o", color=colour, ms=5)
        axes.axvline(0, color="black", lw=0.8)
        axes.set(title=run.label(name), xlabel=f"errors − {beside} (points)")
    panels[0, 0].set_yticks(range(len(order)), order)
    panels[0, 0].invert_yaxis()
    marks = [figures.mark(word, color=colour) for word, colour in looks.items()]
    figures.legend_below(figure, *panels[0], columns=3, marks=marks)
    return figure


def means(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean over seeds and teachers by set and method: errors of all sides, kinds of errors, PGR of the mean errors.

    PGR = (weak - student) / (weak - ceiling) is NaN where the ceiling is not below the teacher.
    """
    table = rows.groupby(["data", "method"], sort=False)[[*SIDES, *KINDS]].mean()
    gap = table["weak_error"] - table["ceiling"]
    return table.assign(pgr=((table["weak_error"] - table["student_error"]) / gap).where(gap > 0, np.nan))
