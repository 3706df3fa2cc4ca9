"""Findings on Burns et al., with intervals over seeds, from rows of `burns.rows_of_students` of one loss, set by set.

Units are seeds. Where the worst or the best of several teachers is taken, the intervals of all hold together (`joint`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..theory import intervals
from ..theory.intervals import Interval
from . import method_tables
from .bench import NAIVE
from .burns import BALANCED, METHODS, ORACLE
from .burns_pictures import added
from .confidence import PAPER, RELEASED
from .method_tables import by

if TYPE_CHECKING:
    import pandas as pd


def each(table: pd.DataFrame) -> list[Interval]:
    """The mean of each column of ``table (seeds, columns)``, all of them together at 95 %."""
    return [intervals.mean_t(table[one], intervals.joint(table.shape[1])) for one in table]


def size(one: Interval) -> Interval:
    """The size of what lies in an interval: from 0 where that holds 0, to its farther end."""
    ends = sorted(map(abs, one.ends))
    return Interval(abs(one.estimate), 0.0 if one.low <= 0 <= one.high else ends[0], ends[1])


def warm_up(rows: pd.DataFrame, data: str) -> Interval:
    """How far the errors of the two schedules lie apart, the largest size over teachers."""
    return intervals.largest_of(map(size, each(_less(rows, data, RELEASED, PAPER))))


def recovered(rows: pd.DataFrame, data: str, method: str) -> Interval:
    """PGR in errors, Fieller's ratio of means over seeds and teachers. Raises ValueError where there is no gap."""
    weak, ceiling, gain = (
        by(rows, one, data, method).mean(axis=1) for one in ("weak_error", "ceiling", "gain")
    )
    return intervals.ratio_of_means(gain, weak - ceiling)


def worst_gain(rows: pd.DataFrame, data: str, method: str) -> Interval:
    """The teacher's errors less its student's, the least over teachers."""
    return intervals.least_of(each(by(rows, "gain", data, method)))


def gaps(rows: pd.DataFrame, data: str) -> tuple[str, str]:
    """The teachers with the most and with the fewest errors."""
    weak = by(rows, "weak_error", data, NAIVE).mean()
    return str(weak.idxmax()), str(weak.idxmin())


def at_gap(rows: pd.DataFrame, data: str, place: int) -> Interval:
    """Errors of the confidence loss less those of naive training, of one teacher of `gaps`."""
    return intervals.mean_t(added(rows, data, PAPER)[gaps(rows, data)[place]])


def gap_matters(rows: pd.DataFrame, data: str) -> Interval:
    """The same of the teacher with the most errors, less that of the one with the fewest."""
    table, (large, small) = added(rows, data, PAPER), gaps(rows, data)
    return intervals.mean_t(table[large] - table[small])


def recovers_more(rows: pd.DataFrame, data: str, teacher: str, other: str) -> Interval:
    """PGR of the naive student with one teacher, less that with another."""
    weak, ceiling, gain = (by(rows, one, data, NAIVE) for one in ("weak_error", "ceiling", "gain"))
    pgr = gain / (weak - ceiling)
    return intervals.mean_t(pgr[teacher] - pgr[other])


def beside_few_labels(rows: pd.DataFrame, data: str) -> Interval:
    """`method_tables.beside_few_labels` of all methods but the oracle."""
    return method_tables.beside_few_labels(rows, data, [one for one in METHODS if one != ORACLE])


def of_each_teacher(rows: pd.DataFrame, sets: Sequence[str]) -> pd.DataFrame:
    """What is judged of the worst teacher or of a mean, of each teacher: text, ``(sets x teachers, columns)``.

    Intervals of one set and column hold together at 95 %.
    """
    import pandas as pd

    def columns(data: str) -> Mapping[str, pd.DataFrame]:
        return {
            "gain, naive": by(rows, "gain", data, NAIVE),
            "gain, confidence": by(rows, "gain", data, PAPER),
            "balanced - naive": added(rows, data, BALANCED),
            "confidence - naive": added(rows, data, PAPER),
            "confidence - balanced": _less(rows, data, PAPER, BALANCED),
            "released - paper": _less(rows, data, RELEASED, PAPER),
        }

    found = {
        (data, teacher): {name: _text(each(table)[place]) for name, table in columns(data).items()}
        for data in sets
        for place, teacher in enumerate(by(rows, "gain", data, NAIVE))
    }
    return pd.DataFrame.from_dict(found, orient="index")


def _text(one: Interval) -> str:
    return f"{one.estimate:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"


def _less(rows: pd.DataFrame, data: str, method: str, other: str) -> pd.DataFrame:
    return method_tables.less(rows, "student_error", data, method, other)
