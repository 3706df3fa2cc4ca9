"""True labels that stand in a second file, joined to the rows of the first by an id."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .cells import Columns, plain_name, texts
from .choice import column_of, existing
from .refusal import UnusableData
from .rows import SHOWN, Rows, enumerated, shown


def joined(columns: Columns, labels: Columns, ids: str, target: str) -> Columns:
    """``columns`` and, as the column ``target``, what ``labels`` has for the rows of the same id; missing for all others.

    ``ids``: the column of ids, in both; they are compared as texts without blanks around them, so read both files with the ids
    as text (`files.read_columns`). Other columns of ``labels`` are left out. Raises UnusableData: a missing id or one that
    stands twice, an id in ``labels`` that ``columns`` has not, a target that stands in both.
    """
    if not ids:
        raise UnusableData("labels from a second file need ids: name the column of ids that both files have")
    if plain_name(target) in map(plain_name, columns):
        raise UnusableData(
            f"the target {target!r} stands in both files; take the column out of one, so that it is clear which labels count"
        )
    name = existing(labels, str(target))
    values = column_of(labels, target, "target in the file of labels")
    places = {word: place for place, word in enumerate(_keys(columns, ids, "first file"))}
    keys = _keys(labels, ids, "file of labels")
    unknown = [key for key in keys if key not in places]
    if unknown:
        told = enumerated([shown(key) for key in unknown[:SHOWN]], len(unknown) - SHOWN)
        raise UnusableData(
            f"{len(unknown):,} of {len(keys):,} ids of the file of labels are not in the first file: {told}; correct them, or "
            "take their rows out"
        )
    count = len(next(iter(columns.values())))
    found = np.full(count, np.nan, dtype=object)
    found[[places[key] for key in keys]] = values
    numeric = values.dtype.kind in "fiu"
    return {**columns, name: found.astype(np.float64) if numeric else found}


def _keys(columns: Columns, ids: str, where: str) -> list[str]:
    """The ids of one file as texts, each there once."""
    values: NDArray = texts(column_of(columns, ids, f"id in the {where}"))
    keys = [str(value).strip() for value in values]
    rows = Rows.of(len(keys))
    empty = np.flatnonzero([not key for key in keys])
    if empty.size:
        raise UnusableData(f"the {where} has no id in {rows.named(empty)}; give each row one")
    seen: dict[str, int] = {}
    twice = [place for place, key in enumerate(keys) if seen.setdefault(key, place) != place]
    if twice:
        told = enumerated([shown(key) for key in dict.fromkeys(keys[place] for place in twice)][:SHOWN])
        again = rows.named(np.array(twice))
        raise UnusableData(
            f"in the {where} the id stands above already in {again}, such as {told}; keep one row of each id"
        )
    return keys
