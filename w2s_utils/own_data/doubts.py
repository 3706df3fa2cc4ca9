"""What the values of a file say against trusting an answer: fill values, copies of rows, labels that were not drawn at random.

Each is a sentence for the notes of the data set; nothing is refused here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import fdtrc
from scipy.stats import mannwhitneyu

from ..theory.arrays import Array
from .rows import Rows, enumerated

FILLS = np.array([
    1e20, 1e30, 1e36, 9.969209968386869e36, 3.4028234663852886e38, 1.7976931348623157e308, 32767, 32768, 65535, 2147483647,
    2147483648, 2.0**63,
])  # fmt: skip
"""Fill values for missing numbers of well-known formats, without sign; besides them, nines only: 99, 999.9, 9999."""

SAMPLE = 2000
"""Rows that are looked at first; a column that shows nothing there is not looked at again."""

FAR = 8.0
"""Standard deviations, taken from quartiles, beyond which a value can be far from all others."""

FEW_OTHERS, MANY_OTHERS = 20, 100
DISCRETE = 20
"""A column of no more different values than this can make rows equal by chance."""

MOST_STEP = 1e-4
"""Part of the range of targets in whose steps float64 may keep them without a word."""

LEAKING, LEAKING_CLASSES = 10, 50
"""Labelled rows from which a column that follows the target, of numbers and of classes, is no chance."""
COARSE = 5
"""A column of no more different values may be somebody's honest classes."""
COLUMNS_SHOWN = 3
CHANCE = 1e-3
"""Probability, of each test and over all weak models, that labels drawn at random are said to be chosen."""
NOT_RANDOM = "the labelled rows do not look like a random part of all, and then no interval holds."


@np.errstate(over="ignore", invalid="ignore")
def far_values(values: Array) -> list[float]:
    """Values of a column ``(n,)``, finite, that stand far from all others, as fill values and slips of a digit do.

    A known fill value is far where it lies beyond all others by their whole range at least (three times if it stands there
    once). Any other is far beyond 8 standard deviations, from quartiles, where the rest on its side ends at half its distance,
    for a column of 100 rows without tails, or leaves a gap on the logarithmic scale of 5 times (8 times for fewer than 100
    rows) the upper quartile's distance from the median there, which heavy tails hardly do.
    """
    different, counts = np.unique(values, return_counts=True)
    filled = _is_fill(different)
    others = different[~filled]
    found: list[float] = []
    if filled.any() and len(others):
        reach = np.ptp(others) or max(1.0, abs(float(others[0])))
        beyond = np.maximum(different - others[-1], others[0] - different)
        far = filled & (beyond >= np.where(counts > 1, 1.0, 3.0) * reach)
        found = different[far].tolist()
    rest = values[~np.isin(values, found)] if found else values
    for side in (1.0, -1.0):
        found += [side * value for value in _far_above(side * rest)]
    return sorted(found)


def _is_fill(values: Array) -> NDArray[np.bool_]:
    sizes = np.abs(values)
    known = np.isclose(sizes[:, None], FILLS, rtol=1e-6, atol=0).any(axis=1)
    return known | np.array(
        [set(word := f"{size:.8g}".replace(".", "")) == {"9"} and len(word) > 1 for size in sizes]
    )


def _far_above(values: Array) -> list[float]:
    """Up to three values that stand far above all others, the highest first."""
    found: list[float] = []
    for _ in range(3):
        top = float(values.max(initial=-np.inf))
        values = values[values < top]
        if len(values) < FEW_OTHERS or not _is_far(top, values):
            break
        found.append(top)
    return found


def _is_far(top: float, others: Array) -> bool:
    low, middle, high = np.quantile(others, [0.25, 0.5, 0.75])
    sd = (high - low) / 1.349
    above = others[others > middle] - middle
    if not sd > 0 or top - middle < FAR * sd or len(above) < FEW_OTHERS // 2:
        return False
    ratio = (top - middle) / above.max()
    scaled = (others - others.mean()) / others.std()
    if len(others) >= MANY_OTHERS and abs(np.mean(scaled**3)) < 0.7 and np.mean(scaled**4) < 4 and ratio >= 2:
        return True
    half, upper = np.quantile(np.log(above), [0.5, 0.75])
    return bool(np.log(ratio) >= (5 if len(others) >= MANY_OTHERS else 8) * (upper - half) > 0)


def doubtful_targets(targets: Array) -> list[str]:
    """Sentences on true labels ``(m,)`` that are taken for numbers: 0 and 1 alone, fill values, all too far from 0."""
    return (
        _zeros_and_ones(targets)
        + _steps(targets)
        + [
            f"{np.sum(targets == value):,} of {len(targets):,} targets are {value:.12g}, far from all others: if that means "
            "missing, leave those cells empty."
            for value in far_values(targets)
        ]
    )


def _zeros_and_ones(targets: Array) -> list[str]:
    if len(targets) and np.isin(targets, (0, 1)).all():
        return [
            "The true labels are 0 and 1 only, taken for numbers here: if they are classes, say so by the loss, accuracy or "
            "brier (`--loss`)."
        ]
    return []


@np.errstate(over="ignore")
def _steps(targets: Array) -> list[str]:
    """A sentence on targets whose last digits float64 has not kept, or none."""
    distance, reach = float(abs(targets).max()), float(np.ptp(targets))
    step = float(np.spacing(distance))
    if step < MOST_STEP * reach or (step <= 1 and not (targets % 1).any()):
        return []
    return [
        f"Targets around {distance:.12g} are kept in steps of {step:.2g}, and the largest is {reach:.2g} above the least: "
        "take one number off all of them, and off weak labels, before you write the file, so that their digits are kept."
    ]


def doubtful_cells(tables: Sequence[tuple[Sequence[str], Array]], rows: Rows) -> list[str]:
    """A sentence on cells that may be fill values or slips, in tables ``(n, d)`` with names for their columns, or none."""
    found: dict[str, str] = {}
    for names, table in tables:
        for place in _suspects(table):
            for value in far_values(table[:, place]):
                where = rows.named(np.flatnonzero(table[:, place] == value))
                found.setdefault(f"{names[place]} {value}", f"{value:.12g} in {names[place]}, {where}")
    if not found:
        return []
    told = enumerated(list(found.values())[:COLUMNS_SHOWN], len(found) - COLUMNS_SHOWN)
    return [
        f"Values far from all others of their column: {told}. If they mean missing, leave those cells empty; if they are "
        "slips, mend them."
    ]


@np.errstate(over="ignore", invalid="ignore")
def _suspects(table: Array) -> list[int]:
    """Columns with far values among some rows, spread over the table, and the largest and the smallest of each column."""
    some = table[np.unique(np.linspace(0, len(table) - 1, SAMPLE).astype(np.intp))]
    if len(some) < len(table):
        some = np.vstack([some, table.min(axis=0), table.max(axis=0)])
    low, middle, high = np.quantile(some, [0.25, 0.5, 0.75], axis=0)
    ends = np.stack([some.min(axis=0), some.max(axis=0)])
    far = (np.abs(ends - middle) >= FAR * (high - low) / 1.349).any(axis=0) & (high > low)
    filled = _is_fill(ends.reshape(-1)).reshape(ends.shape).any(axis=0)
    return [int(place) for place in np.flatnonzero(far | filled) if far_values(some[:, place])]


def leaks(tables: Sequence[tuple[Sequence[str], Array]], truth: Array) -> list[str]:
    """A sentence on columns that are the target under a line, or rounded, or none.

    ``tables (l, d)`` of the labelled rows with names for their columns, ``truth (l,)``: of LEAKING rows at least; of classes,
    DISCRETE values or fewer, LEAKING_CLASSES, as few may be right by chance, and rounding says nothing.
    """
    discrete = len(np.unique(truth)) <= DISCRETE
    if len(truth) < (LEAKING_CLASSES if discrete else LEAKING):
        return []
    found = []
    about = truth - truth.mean()
    for names, table in tables:
        spread = table - table.mean(axis=0)
        sizes = np.sqrt(np.sum(spread**2, axis=0) * (about @ about))
        follows = np.abs(about @ spread) >= (1 - 1e-10) * np.where(sizes > 0, sizes, np.inf)
        for place, name in enumerate(names):
            if follows[place]:
                found.append(f"{name} is a straight line of the target")
            elif not discrete and (unit := _rounded(table[:, place], truth)) is not None:
                found.append(f"{name} is the target rounded to {unit:g}")
    if not found:
        return []
    told = enumerated(found[:COLUMNS_SHOWN], len(found) - COLUMNS_SHOWN)
    return [
        f"In every labelled row {told}: such a column gives the answer away; take it out, unless it is what it seems."
    ]


def _rounded(values: Array, truth: Array) -> float | None:
    """What ``truth`` is rounded to where that gives ``values``, several different ones; None where nothing does."""
    for unit in 10.0 ** np.arange(2, -7, -1):
        steps = np.round(values / unit)
        whole = len(np.unique(steps)) > COARSE and (np.abs(values / unit - steps) < 1e-6).all()
        if whole and (np.abs(values - truth) <= 0.5 * unit * (1 + 1e-9)).all():
            return float(unit)
    return None


def copies(
    tables: Sequence[Array], targets: Array, known: NDArray[np.intp]
) -> tuple[list[str], NDArray[np.intp] | None]:
    """A sentence on rows that are equal in all ``tables (n, d)``, or none; and numbers of the different rows, ``(n,)``.

    Where no column has more than 20 different values, rows can be equal by chance: then only labelled rows count whose targets
    are equal too, and none if targets have no more different values; they are named, but no groups.
    """
    tables, rows, by_chance = list(tables), np.arange(len(targets)), False
    if not any(_varied(table) for table in tables):
        if len(np.unique(targets[known])) <= DISCRETE:
            return [], None
        tables, rows, by_chance = [*tables, targets[:, None]], known, True
    total = len(rows)
    # Rows that differ in some columns, as nearly all do, need no look at the others.
    rows = rows[_repeated(_marks([table[:, :: max(1, table.shape[1] // 8)][rows] for table in tables]))]
    marks = _marks([table[rows] for table in tables])
    again = _repeated(marks)
    many, once = int(again.sum()), len(np.unique(marks[again]))
    if not many:
        return [], None
    found = f"{many:,} of {total:,} rows are duplicates, equal in features and weak labels, of {once:,} different ones"
    if by_chance:
        return [f"{found}: copies tell nothing new, so intervals are too short; keep one row of each."], None
    groups = np.arange(len(targets))
    groups[rows] = rows[np.unique(marks, return_index=True)[1]][np.unique(marks, return_inverse=True)[1]]
    return [f"{found}: each of these counts once."], np.unique(groups, return_inverse=True)[1]


def _varied(table: Array) -> bool:
    """Has any column more than 20 different values, among the first rows?"""
    some = np.sort(table[:SAMPLE], axis=0)
    return bool((np.diff(some, axis=0) != 0).sum(axis=0).max(initial=0) >= DISCRETE)


def labelled_by_row(members: NDArray[np.intp], known: NDArray[np.intp]) -> list[str]:
    """A sentence where groups of rows ``members (n,)`` that have a label are larger or smaller than others, or none."""
    sizes = np.bincount(members)
    labelled = np.isin(np.arange(len(sizes)), members[known])
    if (
        labelled.all()
        or not labelled.any()
        or mannwhitneyu(sizes[labelled], sizes[~labelled]).pvalue >= CHANCE
    ):
        return []
    return [
        f"Things with a true label have {sizes[labelled].mean():.3g} rows in the mean, others {sizes[~labelled].mean():.3g}: "
        f"labels were not drawn thing by thing, and {NOT_RANDOM}"
    ]


def _marks(tables: Sequence[Array]) -> NDArray[np.uint64]:
    """A number for each row of some tables ``(n, d)`` side by side, ``(n,)``: the same for equal rows."""
    marks = np.zeros(len(tables[0]), dtype=np.uint64)
    weight = np.random.default_rng(0)
    for table in tables:
        for column in table.T:
            hashed = pd.util.hash_array(
                np.ascontiguousarray(column) + 0.0, categorize=False
            )  # + 0.0: -0.0 is 0.0
            marks += hashed * (weight.integers(2**63, dtype=np.uint64) * np.uint64(2) + np.uint64(1))
    return marks


def _repeated(marks: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which ``marks (n,)`` stand more than once."""
    return pd.Series(marks).duplicated(keep=False).to_numpy()


def chosen_labels(strong: Array, given: Mapping[str, Array], known: NDArray[np.intp]) -> list[str]:
    """A sentence where the strong view ``(n, d)`` or weak labels ``(n,)`` tell labelled rows from others at sight, or none.

    The mark of being labelled is regressed on ranks, and squared ranks, of the first principal directions and of weak labels;
    an F test says how often labels drawn at random would be told as well. At most 10,000 rows are looked at.
    """
    count = len(strong)
    others = np.setdiff1d(np.arange(count), known)
    if min(len(known), len(others)) < 20:
        return []
    some = np.concatenate([_spread(known, 2500), _spread(others, 7500)])
    labelled = np.isin(some, known).astype(np.float64)
    directions = min(10, int(labelled.sum()) // 10, strong.shape[1])
    views = np.column_stack(
        [_directions(strong[some], directions), *(values[some] for values in list(given.values())[:5])]
    )
    ranks = 2 * (pd.DataFrame(views).rank().to_numpy() - 0.5) / len(some) - 1
    shown = np.column_stack([ranks, ranks**2])
    centred, mark = shown - shown.mean(axis=0), labelled - labelled.mean()
    fitted, _, rank, _ = np.linalg.lstsq(centred, mark, rcond=1e-8)
    explained = float(np.sum((centred @ fitted) ** 2))
    left = len(some) - 1 - int(rank)
    if rank < 1 or left < 1:
        return []
    ratio = (explained / rank) / (max(float(mark @ mark) - explained, 1e-12) / left)
    if fdtrc(rank, left, ratio) >= CHANCE:
        return []
    return [
        "The strong view or the weak labels tell the labelled rows from the others at sight (a test that errs once in 1,000 "
        f"files whose labels are random): {NOT_RANDOM}"
    ]


def _spread(places: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """At most so many of the places, evenly spread over them."""
    return places[np.unique(np.linspace(0, len(places) - 1, min(most, len(places))).astype(np.intp))]


def _directions(table: Array, count: int) -> Array:
    """The first principal directions of a table ``(n, d)`` on one scale, ``(n, count)`` or as many as vary."""
    from sklearn.decomposition import PCA

    with np.errstate(
        all="ignore"
    ):  # numbers such as 1e300 and 1e-310 overflow and vanish, and say no more here
        spread = table.std(axis=0)
        scaled = np.nan_to_num((table - table.mean(axis=0)) / np.where(spread > 0, spread, 1.0))
        scaled = scaled[:, np.ptp(scaled, axis=0) > 1e-12]
        count = min(count, scaled.shape[1])
        return np.asarray(PCA(count, random_state=0).fit_transform(scaled)) if count else scaled
