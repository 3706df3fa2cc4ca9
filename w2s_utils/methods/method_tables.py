"""Numbers of methods side by side, from rows as of `bench.student_rows`: by seed and teacher, with intervals over seeds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..theory import intervals
from ..theory.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd


def by(rows: pd.DataFrame, column: str, data: str, method: str) -> pd.DataFrame:
    """A column of one method's rows on one set, ``(seeds, teachers)``, teachers as they stand; ``rows`` of one loss."""
    chosen = rows[(rows["data"] == data) & (rows["method"] == method)]
    table = chosen.pivot(index="seed", columns="teacher", values=column)
    return table[list(dict.fromkeys(chosen["teacher"]))]


def less(rows: pd.DataFrame, column: str, data: str, method: str, other: str) -> pd.DataFrame:
    """A column of one method less that of another, ``(seeds, teachers)``."""
    return by(rows, column, data, method) - by(rows, column, data, other)


def recovered(of_student: pd.DataFrame) -> float:
    """PGR in errors: of the gap between teacher and ceiling the part that a student recovers, a ratio of means over seeds.

    NaN where the ceiling does not beat the teacher, by the 95 % interval of the gap. ``of_student``: rows of one student,
    a row for each of 2 seeds at least.
    """
    gap = of_student["weak_error"] - of_student["ceiling"]
    if intervals.mean_t(gap).low <= 0:
        return math.nan
    return float(of_student["gain"].mean() / gap.mean())


def over_teachers(table: pd.DataFrame, confidence: float = intervals.CONFIDENCE) -> Interval:
    """The mean of ``table (seeds, teachers)``, whose units are seeds: teachers are averaged within a seed."""
    return intervals.mean_t(table.mean(axis=1), confidence)


def beside_few_labels(rows: pd.DataFrame, data: str, methods: Iterable[str]) -> Interval:
    """Errors of a student less those of the strong head on the few true labels alone: the least over methods and teachers.

    All of them hold together at 95 %.
    """
    tables = [by(rows, "student_error", data, method) - by(rows, "alone", data, method) for method in methods]
    differences = [table[teacher] for table in tables for teacher in table]
    together = intervals.joint(len(differences))
    return intervals.least_of(intervals.mean_t(one, together) for one in differences)
