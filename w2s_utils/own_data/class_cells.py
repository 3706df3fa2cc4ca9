"""Cells that name classes: their names, their numbers, and whether a target names any.

A class is called as it stands in the file, but for blanks around it and zeros behind the point of a whole number, which
programs add where cells are empty: 1.0 is 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..theory.arrays import Array
from ..theory.class_losses import ACCURACY, LOSSES, SQUARED
from .cells import MISSING, TRUTH, Columns, is_missing, plain_name, texts
from .choice import column_of
from .refusal import UnusableData
from .rows import Rows, enumerated, shown

MOST_CLASSES = 100
"""Beyond, a column of different words is a text."""
WHOLE = re.compile(r"([-+]?\d+)\.0+")


def loss_of(loss: str, columns: Columns, target: str) -> str:
    """The loss that is meant: as given, or where it is empty, of a target of words that name classes accuracy, else squared.

    Raises UnusableData for what is no loss.
    """
    if loss:
        if loss not in LOSSES:
            raise UnusableData(f"the loss is one of {', '.join(LOSSES)}, not {shown(loss)}")
        return loss
    if not str(target):
        return SQUARED
    cells = [cell for cell in column_of(columns, target, "target") if not is_missing(cell)]
    if not cells or not all(isinstance(cell, str) and not _is_number(cell) for cell in cells):
        return SQUARED
    different = len({plain_name(cell) for cell in cells})
    return ACCURACY if different <= min(MOST_CLASSES, len(cells) / 2) else SQUARED


def _is_number(word: str) -> bool:
    word = word.strip()
    if word.lower() in TRUTH or any(sign.isdigit() for sign in word[:2]) or word[:1] in "<>≤≥~[(":
        return True  # or something like one: an amount with its unit, a date, a list
    try:
        float(word)
    except ValueError:
        return False
    return True


def class_texts(values: NDArray[Any]) -> list[str]:
    """Cells of a column ``(n,)`` as names of classes, empty where there is none."""
    found = []
    for word in texts(values.astype(str).astype(object) if values.dtype.kind == "b" else values).reshape(-1):
        name = plain_name(word)
        whole = WHOLE.fullmatch(name)
        found.append("" if name in MISSING else whole[1] if whole else name)
    return found


def class_numbers(name: str, values: NDArray[Any], classes: Sequence[str], rows: Rows) -> Array:
    """Numbers of the classes that a column ``(n,)`` names, NaN where a cell is empty. Raises UnusableData for others."""
    words = class_texts(values)
    other = np.flatnonzero([bool(word) and word not in classes for word in words])
    if other.size:
        raise UnusableData(
            f"the column {name!r} holds {shown(words[other[0]])}, which is no class, in {rows.named(other)}; there are "
            f"{listed(classes)}"
        )
    found = codes_of(words, classes).astype(np.float64)
    found[[not word for word in words]] = np.nan
    return found


def codes_of(words: Sequence[str], classes: Sequence[str]) -> NDArray[np.intp]:
    """Class numbers; 0 for a missing one."""
    number = {name: place for place, name in enumerate(classes)}
    return np.array([number.get(word, 0) for word in words], dtype=np.intp)


def listed(classes: Iterable[str]) -> str:
    names = [shown(one) for one in classes]
    return enumerated(names[:8], len(names) - 8)
