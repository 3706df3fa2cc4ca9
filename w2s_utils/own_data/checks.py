"""What people get wrong about columns, each said in one sentence with the remedy (`files.UnusableData`).

Rows are counted from 1, the first below the header.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..molecules.chemistry import short
from ..theory.arrays import Array
from .files import Columns, UnusableData

SPLIT_WORDS = {
    "train": "train", "training": "train",
    "valid": "valid", "validation": "valid", "val": "valid", "dev": "valid",
    "test": "test", "testing": "test", "evaluation": "test", "eval": "test",
}  # fmt: skip


def column_of(columns: Columns, wanted: Any, what: str) -> NDArray[Any]:
    if not str(wanted):
        raise UnusableData(f"name the {what} column, of {some_names(columns)}")
    values = columns[existing(columns, str(wanted))]
    if values.ndim == 2 and values.shape[1] != 1:
        raise UnusableData(f"{wanted} has {values.shape[1]} columns, but the {what} is one")
    return values.reshape(-1)


def existing(columns: Mapping[str, Any], wanted: str) -> str:
    if wanted in columns:
        return wanted
    lower = {name.lower(): name for name in columns}
    near = [lower[name] for name in difflib.get_close_matches(wanted.lower().strip(), lower, n=3, cutoff=0.6)]
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {some_names(columns)}"
    raise UnusableData(f"there is no column {wanted!r}; {hint}")


def some_names(columns: Mapping[str, Any]) -> str:
    names = list(columns)
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def is_given(names: Any) -> bool:
    return bool(str(names)) if not isinstance(names, Sequence | Mapping) else bool(names)


def column_names(columns: Mapping[str, Any], names: Any, what: str) -> list[str]:
    """Column names, with each ``*`` spelled out."""
    if isinstance(names, Mapping):
        raise UnusableData(f"{what} is a list of column names, not {names!r}")
    found: list[str] = []
    for name in [names] if not isinstance(names, Sequence) or isinstance(names, str) else names:
        if "*" in (wanted := str(name)):
            pattern = re.compile(".*".join(map(re.escape, wanted.split("*"))), re.DOTALL)
            matching = [column for column in columns if pattern.fullmatch(column)]
            if not matching:
                raise UnusableData(f"no column matches {wanted!r} ({what}); there are {some_names(columns)}")
            found += matching
        elif wanted:
            found.append(existing(columns, wanted))
    twice = next((name for name in found if found.count(name) > 1), None)
    if twice is not None:
        raise UnusableData(f"{what} names the column {twice!r} twice; name it once")
    return found


def check_groups(groups: Mapping[str, list[str]]) -> None:
    for what, names in groups.items():
        both = [name for name in names if what != "strong" and name in groups["strong"]]
        if both:
            raise UnusableData(
                f"the column {both[0]!r} is both strong and {what}; put it in one group, as a student that sees "
                "what its teacher sees can copy it"
            )


def check_uses(
    target: str, groups: Mapping[str, list[str]], labelling: list[str], special: Mapping[str, str]
) -> None:
    uses = {**groups, "weak_labels": labelling}
    for what, names in uses.items():
        if str(target) in names:
            raise UnusableData(
                f"the target {target!r} is also among the {what} columns, so the answer would be given away; take it out there"
            )
        for role, column in special.items():
            if column in names:
                raise UnusableData(
                    f"the {role} column {column!r} is also among the {what} columns; take it out there"
                )


def real_numbers(name: str, values: NDArray[Any], gaps: bool = False) -> Array:
    """A column as float64, finite (``gaps``: NaN may stand for a missing value)."""
    held = [v for v in values.flat if not pd.isna(v)] if values.dtype.kind == "O" else []
    if values.dtype.kind == "b" or any(isinstance(v, bool | np.bool_) for v in held):
        raise UnusableData(f"the column {name!r} holds True and False; write 1 and 0")
    strange = [type(v).__name__ for v in held if not isinstance(v, Real | Decimal | str)]
    if values.dtype.kind not in "fiuOUST" or strange:
        kind = strange[0] if strange else values.dtype
        raise UnusableData(
            f"the column {name!r} holds {kind} values; write numbers (a date as days since a date)"
        )
    if values.dtype.kind in "fiu":
        numbers = values.astype(np.float64)
    else:
        flat = pd.Series(values.reshape(-1))
        if held:  # what pandas knows as missing, a date among them, is missing
            flat = flat.where(flat.notna(), None)
        converted = pd.to_numeric(flat, errors="coerce")
        wrong = np.flatnonzero((converted.isna() & flat.notna()).to_numpy())
        if wrong.size:
            shown = str(flat.iloc[wrong[0]])
            comma = ""
            if re.fullmatch(r"-?\d+,\d+", shown):
                comma = ", with a point in place of the decimal comma"
            if re.fullmatch(r"-?\d{1,3}(,\d{3})+", shown):
                comma = ", without commas between thousands, or with a point if this is a decimal comma"
            raise UnusableData(
                f"the column {name!r} holds {short(repr(shown))} in row {_row(wrong[0], values)}, which is no number; write "
                f"numbers{comma}, or leave the column out"
            )
        numbers = converted.to_numpy(dtype=np.float64).reshape(values.shape)
    bad = ~np.isfinite(numbers) if not gaps else np.isinf(numbers)
    if bad.any():
        rows = np.unique(np.flatnonzero(bad.reshape(-1)) // max(1, numbers.size // len(numbers)))
        kind = "an infinite number" if np.isinf(numbers).any() else "no number"
        raise UnusableData(
            f"the column {name!r} holds {kind} in {len(rows)} rows, first in row {rows[0] + 1}; fill or drop those rows"
        )
    return numbers


def _row(place: int, values: NDArray[Any]) -> int:
    """Number of a row from 1, of a flat place."""
    return int(place) // max(1, values.size // len(values)) + 1


def numeric_table(columns: Columns, names: Sequence[str]) -> Array:
    return np.column_stack([real_numbers(name, columns[name]) for name in names])


def texts_of(name: str, values: NDArray[Any]) -> list[str]:
    wrong = [row for row, value in enumerate(values) if not isinstance(value, str) or not value.strip()]
    if wrong:
        raise UnusableData(
            f"the column {name!r} has no text in {len(wrong)} rows, first in row {wrong[0] + 1}; fill or drop those rows"
        )
    return [str(value) for value in values]


def target_values(name: str, values: NDArray[Any]) -> Array:
    numbers = real_numbers(str(name), values, gaps=True)
    if np.isnan(numbers).all():
        raise UnusableData(f"the target {name!r} is empty in every row; some rows need a true label")
    return numbers


def labelled_rows(targets: Array, columns: Columns, labelled: str) -> NDArray[np.intp]:
    if not labelled:
        return np.flatnonzero(np.isfinite(targets))
    raw = column_of(columns, labelled, "labelled")
    marks = raw.astype(np.float64) if raw.dtype.kind == "b" else real_numbers(labelled, raw)
    if not np.isin(marks, (0, 1)).all():
        raise UnusableData(
            f"the column {labelled!r} says which rows have true labels by 1 and 0; it holds other numbers"
        )
    rows = np.flatnonzero(marks == 1)
    absent = rows[np.isnan(targets[rows])]
    if absent.size:
        raise UnusableData(
            f"row {absent[0] + 1} is marked as labelled but has no target, and so are {len(absent) - 1} more; write 0 there"
        )
    return rows


def split_parts(values: NDArray[Any]) -> dict[str, NDArray[np.intp]]:
    words = [SPLIT_WORDS.get(str(value).strip().lower()) for value in values]
    if None in words:
        row = words.index(None)
        raise UnusableData(f"the split of row {row + 1} is {str(values[row])!r}; write train, valid or test")
    found = {part: np.flatnonzero([word == part for word in words]) for part in ("train", "valid", "test")}
    found = {part: rows for part, rows in found.items() if rows.size}
    absent = [part for part in ("train", "test") if part not in found]
    if absent:
        raise UnusableData(
            f"the split has no {absent[0]} rows, only {', '.join(found)}; mark some, or leave the split out to cross-fit"
        )
    return found


def check_ids(name: str, values: NDArray[Any], parts: Mapping[str, NDArray[np.intp]] | None) -> None:
    column = pd.Series(values)
    if column.isna().any():
        raise UnusableData(
            f"the id {name!r} is missing in row {int(column.isna().to_numpy().argmax()) + 1}; give each row one"
        )
    twice = column[column.duplicated(keep=False)]
    if twice.empty:
        return
    same = np.flatnonzero((column == twice.iloc[0]).to_numpy())
    for part, rows in (parts or {}).items():
        inside = np.isin(same, rows)
        if inside.any() and not inside.all():
            raise UnusableData(
                f"the id {twice.iloc[0]!r} is in {part} and in another part (rows {same[0] + 1} and {same[-1] + 1}); "
                "each thing belongs to one part, as results on rows seen before mean nothing"
            )
    raise UnusableData(
        f"the id {twice.iloc[0]!r} stands in rows {same[0] + 1} and {same[1] + 1}, and {twice.nunique()} ids stand more "
        "than once; keep one row of each, or average them"
    )


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
            f"the target is {truth[0]:g} in every labelled row, so there is nothing to learn; check the column"
        )
    for name, values in (*weak.items(), *given.items()):
        if np.ptp(values, axis=0).max() == 0:
            raise UnusableData(
                f"the weak model {name!r} sees or says the same in every row and teaches nothing; drop it or check its columns"
            )
    for features in (strong, *weak.values()):
        if (features[known] == truth[:, None]).all(axis=0).any():
            raise UnusableData(
                "a feature column equals the target in every labelled row; take it out, as it gives the answer away"
            )
    for name, labels in given.items():
        if np.array_equal(labels[known], truth):
            raise UnusableData(
                f"the weak labels {name!r} equal the true labels in all {known.size} labelled rows: the weak error is 0 and "
                "nothing is left to gain. If the column is a copy of the truth, drop it; if its labeller is right, use it"
            )
    models = [*weak.items(), *given.items()]
    for place, (one, first) in enumerate(models):
        for other, second in models[place + 1 :]:
            if one == other or np.array_equal(first, second):
                raise UnusableData(
                    f"the weak models {one!r} and {other!r} are the same; rename or drop one of them"
                )
