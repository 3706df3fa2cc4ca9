"""Cells of a column to numbers or to texts, whatever kind of file they come from."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..theory.arrays import Array
from .refusal import UnusableData
from .rows import Rows, shown

Columns = dict[str, NDArray[Any]]
"""Name -> ``(n,)`` or ``(n, d)``, all of the same rows."""

MISSING = frozenset({
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
    "NaN", "None", "n/a", "nan", "null",
})  # fmt: skip
"""Words for a missing number, those of pandas.read_csv."""

NUMBERS = (Real, Decimal, np.number, np.bool_)
LISTS = (list, tuple, np.ndarray)
TRUTH = {"true": 1.0, "false": 0.0}
DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}.*|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.*")
MOST_CATEGORIES = 20


def plain_name(name: Any) -> str:
    """A column's name as names are compared: composed Unicode, no blanks around it."""
    return unicodedata.normalize("NFC", str(name)).strip()


def texts(values: NDArray[Any]) -> NDArray[Any]:
    """Each cell as text, of the same shape: what is missing is empty, a whole number has no decimals."""
    if values.dtype.kind in "iu":
        return values.astype(str).astype(object)
    return np.array([_text(value) for value in values.flat], dtype=object).reshape(values.shape)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if is_absent(value):
        return ""
    if isinstance(value, float | np.floating):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value)


def is_absent(value: Any) -> bool:
    """None, NaN, NaT or NA; a list or an array is a value."""
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))


def whole(text: str) -> str:
    """A text whose lone halves of characters, which only arrays can hold, are question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def is_missing(value: Any) -> bool:
    """Does a cell that should hold a number or a text hold nothing, or a word for nothing?"""
    return is_absent(value) or (isinstance(value, str) and value.strip() in MISSING)


def numbers(name: str, values: NDArray[Any], rows: Rows | None = None) -> Array:
    """A column as float64 of its own shape, no copy if it is that already: NaN for what is missing; True is 1 and False 0.

    ``rows``: their names, the first rows of a file if None. Raises UnusableData where a cell is no number.
    """
    rows = rows or Rows.of(len(values))
    if values.dtype.kind in "fiub":
        with np.errstate(over="ignore"):  # a long double beyond float64 is infinite, and said to be
            return values.astype(np.float64, copy=False)
    if values.dtype.kind in "mM":
        raise _of_kind(name, "dates or times", "write each as the days since a date")
    if values.dtype.kind == "c":
        raise _of_kind(name, "complex numbers", "give the real and the imaginary part a column each")
    if values.dtype.kind not in "OUST":
        raise _of_kind(name, "records", "give each part a column of numbers")
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    cells = values.reshape(-1).astype(object)
    strings = np.array([isinstance(cell, str) for cell in cells], dtype=bool)
    if not all(is_absent(cell) or isinstance(cell, NUMBERS) for cell in cells[~strings]):
        raise _strange(name, cells, rows)
    found = np.full(len(cells), np.nan)
    found[~strings] = [_number(cell) for cell in cells[~strings]]
    if strings.any():
        words = [whole(cell).strip() for cell in cells[strings]]
        read = pd.to_numeric(pd.Series(words, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
        truth = np.array([TRUTH.get(word.lower(), np.nan) for word in words])
        found[strings] = np.where(np.isnan(truth), read, truth)
        absent = np.array([word in MISSING for word in words])
        wrong = np.flatnonzero(strings)[np.isnan(found[strings]) & ~absent]
        if wrong.size:
            raise _words(name, cells, wrong, max(1, values.size // len(values)), rows)
    return found.reshape(values.shape)


def _number(cell: Any) -> float:
    """NaN for nothing; infinity for a whole number beyond float64, which is refused as one of either sign."""
    try:
        return math.nan if is_absent(cell) else float(cell)
    except OverflowError:
        return math.inf


def _of_kind(name: str, kind: str, remedy: str) -> UnusableData:
    return UnusableData(f"the column {name!r} holds {kind}; {remedy}, or leave the column out")


def _strange(name: str, cells: NDArray[Any], rows: Rows) -> UnusableData:
    """What a column of neither numbers nor words holds."""
    held = [cell for cell in cells if not is_absent(cell) and not isinstance(cell, (*NUMBERS, str))]
    if all(isinstance(cell, LISTS) for cell in held):
        return of_lists(name, list_lengths(cells), rows)
    kind = type(held[0]).__name__
    if kind in (
        "date",
        "datetime",
        "time",
        "timedelta",
        "Timestamp",
        "Timedelta",
        "datetime64",
        "timedelta64",
    ):
        return _of_kind(name, "dates or times", "write each as the days since a date")
    if isinstance(held[0], complex | np.complexfloating):
        return _of_kind(name, "complex numbers", "give the real and the imaginary part a column each")
    return _of_kind(name, f"values of the kind {kind}", "write numbers")


def list_lengths(cells: NDArray[Any]) -> NDArray[np.intp]:
    """How many numbers each of some ``cells (n,)`` holds as a list, ``(n,)``; 0 where there is no list, or an empty one."""
    return np.array([np.size(cell) if isinstance(cell, LISTS) else 0 for cell in cells], dtype=np.intp)


def of_lists(name: str, lengths: NDArray[np.intp], rows: Rows) -> UnusableData:
    """What is wrong with a column of lists of these ``lengths (n,)``, 0 for what is missing: two of them, or no numbers."""
    different, counts = np.unique(lengths[lengths > 0], return_counts=True)
    if len(different) < 2:
        return _of_kind(name, "lists of other things than numbers", "write lists of equally many numbers")
    most = different[counts.argmax()]
    odd = np.flatnonzero((lengths > 0) & (lengths != most))
    return UnusableData(
        f"the column {name!r} holds lists of {most} numbers, but of others, such as {lengths[odd[0]]}, in "
        f"{rows.named(odd)}; make them equally long, or leave those cells empty"
    )


def _words(name: str, cells: NDArray[Any], wrong: NDArray[np.intp], width: int, rows: Rows) -> UnusableData:
    """Words where numbers belong: what they may be, and the remedy for that."""
    where = np.unique(wrong // width)
    first = str(cells[wrong[0]]).strip()
    if where.tolist() == [0] and width == 1 and len(cells) > 2 and not re.match(r"[-+<>≤≥~]?[\d.,]", first):
        return UnusableData(
            f"the column {name!r} holds {shown(first)} in {rows.named(where)} and numbers below it; if that is a row of "
            "units, delete the row"
        )
    words = [str(cells[place]).strip() for place in wrong]
    kinds = list(dict.fromkeys(words))
    remedy = "write numbers, leave those cells empty, or leave the column out"
    if DATE.fullmatch(first):
        remedy = "write a date as the days since a date, or leave the column out"
    elif first.startswith(("[", "(")):
        remedy = "give each number of a list a column of its own, or save the table as Parquet with a column of lists"
    elif re.fullmatch(r"[-+]?\d{1,3}([,.' ]\d{3})+", first):
        remedy = (
            "write numbers without marks between thousands, or with a point if the mark is a decimal comma"
        )
    elif re.fullmatch(r"[-+]?\d*,\d+([eE][-+]?\d+)?", first):
        remedy = "write numbers with a point in place of the decimal comma"
    elif re.fullmatch(r"[-+]?\d{1,3}([.,' ]\d{3})+[.,]\d+", first):
        remedy = "write numbers without marks between thousands, with a point before the decimals"
    elif first.endswith("%"):
        remedy = "write 0.15 for 15 %, or leave the column out"
    elif first[:1] in "<>≤≥~":
        remedy = "leave a cell empty where there is no exact number, or leave the column out"
    elif 1 < len(kinds) <= MOST_CATEGORIES and len(kinds) < len(words) and len(words) > len(cells) / 2:
        remedy = "give each category a column of 1 and 0 (pandas.get_dummies), or leave the column out"
    return UnusableData(
        f"the column {name!r} holds {shown(first)}, which is no number, in {len(where):,} of {len(rows.numbers):,} rows, "
        f"{rows.named(where)}; {remedy}"
    )
