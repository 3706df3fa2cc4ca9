"""What people get wrong about columns, each said in one sentence with the remedy (`refusal.UnusableData`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..theory.arrays import Array, rounding
from .cells import Columns, is_missing, numbers, whole
from .refusal import UnusableData
from .rows import SHOWN, Faults, Rows, enumerated, shown

SPLIT_WORDS = {
    "train": "train", "training": "train",
    "valid": "valid", "validation": "valid", "val": "valid", "dev": "valid",
    "test": "test", "testing": "test", "evaluation": "test", "eval": "test",
}  # fmt: skip


def real_numbers(name: str, values: NDArray[Any], gaps: bool = False, rows: Rows | None = None) -> Array:
    """A column as float64, finite (``gaps``: NaN may stand for a missing value). Raises UnusableData, which names all rows."""
    rows = rows or Rows.of(len(values))
    found = numbers(name, values, rows)
    faults = Faults(rows)
    note_numbers(faults, name, np.where(np.isnan(found), 0.0, found) if gaps else found)
    if faults.found:
        what, where = enumerated(list(faults.found)), rows.named(np.flatnonzero(faults.bad))
        raise UnusableData(f"{what}, {where}; {'leave those cells empty' if gaps else 'fill those cells'}")
    return found


def note_numbers(faults: Faults, name: str, values: Array) -> None:
    """Note the rows in which a column ``(n,)`` or ``(n, d)`` is not finite."""
    if not np.isfinite(values).all():
        table = values.reshape(len(values), -1)
        faults.note(f"no number in {name!r}", np.asarray(np.isnan(table).any(axis=1)))
        faults.note(f"an infinite number in {name!r}", np.asarray(np.isinf(table).any(axis=1)))


def numeric_table(columns: Columns, names: Sequence[str], faults: Faults) -> Array:
    """Columns beside each other, ``(n, d)``; what is not finite is noted. One table alone is not copied."""
    parts = [numbers(name, columns[name], faults.rows) for name in names]
    for name, part in zip(names, parts, strict=True):
        note_numbers(faults, name, part)
    return parts[0] if len(parts) == 1 and parts[0].ndim == 2 else np.column_stack(parts)


def texts_of(name: str, values: NDArray[Any], faults: Faults) -> list[str]:
    """A column of texts; empty ones are noted. Raises UnusableData for a column that was read as something else."""
    other = [value for value in values if not isinstance(value, str) and not is_missing(value)]
    if other:
        raise UnusableData(
            f"the column {name!r} was read as other things than text, such as {shown(other[0])}; read it as it is written: "
            f"read_columns(path, as_text=[{name!r}])"
        )
    found = [whole(value) if isinstance(value, str) else "" for value in values]
    faults.note(f"no text in {name!r}", np.array([not text.strip() for text in found], dtype=bool))
    return found


def target_values(name: str, values: NDArray[Any], rows: Rows) -> Array:
    """A target of numbers, NaN where it is missing. Raises UnusableData."""
    try:
        found = real_numbers(str(name), values, gaps=True, rows=rows)
    except UnusableData as error:
        words = [str(value).strip() for value in values.flat if not is_missing(value)]
        if len(set(words)) <= len(words) / 2:
            raise UnusableData(f"{error}; if they name classes, say so: --loss accuracy") from error
        raise
    if np.isnan(found).all():
        raise UnusableData(f"the target {name!r} is empty in every row; some rows need a true label")
    return found


def labelled_rows(targets: Array, name: str, values: NDArray[Any] | None, rows: Rows) -> NDArray[np.intp]:
    """Places whose target is a true label: where the column of marks is 1, or, without one, where there is a target."""
    if values is None:
        return np.flatnonzero(np.isfinite(targets))
    marks = real_numbers(name, values, rows=rows)
    other = np.flatnonzero(~np.isin(marks, (0, 1)))
    if other.size:
        raise UnusableData(
            f"the column {name!r} says which rows have true labels by 1 and 0; it holds other numbers in "
            f"{rows.named(other)}"
        )
    marked = np.flatnonzero(marks == 1)
    absent = marked[np.isnan(targets[marked])]
    if absent.size:
        raise UnusableData(
            f"marked as labelled but without a target: {rows.named(absent)}; write 0 there, or add the targets"
        )
    return marked


def split_parts(values: NDArray[Any], rows: Rows) -> dict[str, NDArray[np.intp]]:
    words = [SPLIT_WORDS.get(str(value).strip().lower()) for value in values]
    wrong = np.flatnonzero([word is None for word in words])
    if wrong.size:
        told = enumerated(
            [shown(value) for value in dict.fromkeys(str(values[place]) for place in wrong)][:SHOWN]
        )
        raise UnusableData(f"the split is {told} in {rows.named(wrong)}; write train, valid or test")
    found = {part: np.flatnonzero([word == part for word in words]) for part in ("train", "valid", "test")}
    found = {part: places for part, places in found.items() if places.size}
    absent = [part for part in ("train", "test") if part not in found]
    if absent:
        raise UnusableData(
            f"the split has no {absent[0]} rows, only {', '.join(found)}; mark some, or leave the split out to cross-fit"
        )
    return found


def check_ids(name: str, rows: Rows, written: bool, parts: Mapping[str, NDArray[np.intp]] | None) -> None:
    """Each row has an id of its own; ``rows`` holds them. ``written``: they were read as texts. Raises UnusableData."""
    reread = "" if written else f", or read ids as they are written: read_columns(path, as_text=[{name!r}])"
    column = pd.Series(rows.ids, dtype=object)
    empty = np.flatnonzero(column.str.strip() == "")
    if empty.size:
        raise UnusableData(
            f"the id {name!r} is missing in {Rows(rows.numbers).named(empty)}; give each row one{reread}"
        )
    several = column[column.duplicated(keep=False)]
    if several.empty:
        return
    same = np.flatnonzero((column == several.iloc[0]).to_numpy())
    one, where = shown(several.iloc[0]), Rows(rows.numbers).named(same)
    for part, places in (parts or {}).items():
        inside = np.isin(same, places)
        if inside.any() and not inside.all():
            raise UnusableData(
                f"the id {one} is in {part} and in another part, {where}; each thing belongs to one part, as results on rows "
                "seen before mean nothing"
            )
    ids = enumerated([shown(value) for value in several.unique()[:SHOWN]], several.nunique() - SHOWN)
    raise UnusableData(
        f"ids that stand more than once: {ids}, the first in {where}; keep one row of each, or average "
        f"them{reread}"
    )


@np.errstate(over="ignore")
def equals(table: NDArray[np.floating], truth: Array, blur: float) -> NDArray[np.bool_]:
    """Which columns of a ``table (m, d)`` are the ``truth (m,)`` but for round-off, by ``blur`` at most, ``(d,)``."""
    return np.asarray((abs(table - truth[:, None]) <= blur).all(axis=0))


def check_values(
    targets: Array,
    known: NDArray[np.intp],
    strong: Array,
    weak: Mapping[str, Array],
    given: Mapping[str, Array],
) -> None:
    """What only the values show: a constant target, the target under another name, one weak model twice."""
    truth = targets[known]
    if known.size < 2:
        raise UnusableData(f"{known.size} rows have a true label; label at least 30 rows, drawn at random")
    if np.ptp(truth) == 0:
        raise UnusableData(
            f"the target is {truth[0] + 0.0:.12g} in every labelled row, so there is nothing to learn; check the column"
        )
    if strong.size and np.ptp(strong, axis=0).max() == 0:
        raise UnusableData("the strong view is the same in every row and teaches nothing; check its columns")
    for name, values in (*weak.items(), *given.items()):
        if np.ptp(values, axis=0).max() == 0:
            raise UnusableData(
                f"the weak model {name!r} sees or says the same in every row and teaches nothing; drop it or check its columns"
            )
    same = rounding(truth.min(), truth.max())
    for features in (strong, *weak.values()):
        if equals(features[known], truth, same).any():
            raise UnusableData(
                "a feature column equals the target in every labelled row; take it out, as it gives the answer away"
            )
    for name, labels in given.items():
        if equals(labels[known, None], truth, same).all():
            raise UnusableData(
                f"the weak labels {name!r} equal the true labels in all {known.size} labelled rows: the weak error is 0 and "
                "nothing is left to gain. If the column is a copy of the truth, drop it; if its labeller is right, use it"
            )
    models = [*weak.items(), *given.items()]
    for place, (one, first) in enumerate(models):
        for other, second in models[place + 1 :]:
            if np.array_equal(first, second):
                raise UnusableData(
                    f"the weak models {one!r} and {other!r} are the same; rename or drop one of them"
                )


def check_said(targets: Array, known: NDArray[np.intp], given: Mapping[str, Array]) -> None:
    """What only the values show of labellers of classes, ``(n, classes)`` each: one class alone, the truth, one twice."""
    truth = targets[known].astype(np.intp)
    for name, table in given.items():
        if np.ptp(table, axis=0).max() == 0:
            raise UnusableData(
                f"the weak labels {name!r} say the same in every row and teach nothing; drop the column or check it"
            )
        if np.array_equal(table[known], np.eye(table.shape[1])[truth]):
            raise UnusableData(
                f"the weak labels {name!r} equal the true labels in all {known.size} labelled rows: the weak error is 0 and "
                "nothing is left to gain. If the column is a copy of the truth, drop it; if its labeller is right, use it"
            )
        for other, second in given.items():
            if other != name and np.array_equal(table, second):
                raise UnusableData(
                    f"the weak models {name!r} and {other!r} are the same; rename or drop one of them"
                )
