"""Row numbers of train, validation and test out of ChemBench's pickles, without running what they name.

A pickle may call any function that it names. Each split file is a pickled pandas Series of three lists, so
pandas and numpy would be called. We read it with stand-ins that only keep what they are given: nothing of
pandas or numpy runs, whatever their version, and a pickle that names anything else is refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .. import runtime
from .container import PARTS

ALLOWED_NAMES = frozenset(
    {
        ("pandas.core.series", "Series"),
        ("pandas.core.internals.managers", "SingleBlockManager"),
        ("pandas.core.indexes.base", "_new_Index"),
        ("pandas.core.indexes.range", "RangeIndex"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("builtins", "slice"),
    }
)


class DamagedFile(ValueError):
    """A file with the right checksum, or none to check, whose content cannot be used."""


class UnsafePickle(ValueError):
    """A pickle that names something beyond the few pandas and numpy names of a split file."""


class _Inert:
    """Stands in for every allowed name: takes any arguments, does nothing, keeps the state it is given."""

    state: Any = None

    def __init__(self, *arguments: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _SplitUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED_NAMES:
            raise UnsafePickle(
                f"the split file asks for {module}.{name}, which no split needs; it was not run"
            )
        return _Inert


def unpickle_split(content: bytes) -> dict[str, np.ndarray]:
    """Row numbers by part out of a pickled pandas Series of three lists of integers.

    Raises UnsafePickle for any name that is not allowed, DamagedFile for a cut or different file.
    """
    try:
        series = _SplitUnpickler(io.BytesIO(content)).load()
        (array,) = series.state["_data"].state[1]  # a manager's state: (axes, blocks' values, ...)
        lists = array.state[4]  # an array's state: (version, shape, dtype, order, elements)
        return _as_rows(dict(zip(PARTS, lists, strict=True)))
    except UnsafePickle:
        raise
    except Exception as error:  # a damaged pickle can fail in nearly any way
        raise DamagedFile(
            f"no pickled Series of three lists of row numbers ({type(error).__name__})"
        ) from error


def read_split(pickled: Path, copy: Path) -> dict[str, np.ndarray]:
    """Row numbers by part, unpickled once and kept as plain text under ``copy``.

    The copy carries the sha256 of the pickle and of its own rows; where either differs it is made again. A
    folder that takes no files costs a warning, nothing else. Raises what `unpickle_split` raises, with the
    file's name.
    """
    content = pickled.read_bytes()
    origin = hashlib.sha256(content).hexdigest()
    if copy.is_file():
        try:
            return _read_copy(copy, origin)
        except (DamagedFile, OSError) as error:
            warnings.warn(f"{copy.name} is made again from the pickle: {error}", stacklevel=2)
    try:
        rows = unpickle_split(content)
    except (UnsafePickle, DamagedFile) as error:
        raise type(error)(f"{pickled.name}: {error}") from error
    try:
        _write_copy(copy, origin, rows)
    except runtime.UnwritableFolder as error:
        warnings.warn(f"the plain-text copy of {pickled.name} is not kept: {error}", stacklevel=2)
    return rows


def _as_rows(lists: Mapping[str, Any]) -> dict[str, np.ndarray]:
    for part, rows in lists.items():
        if not isinstance(rows, list) or not all(type(row) is int and row >= 0 for row in rows):
            raise DamagedFile(f"part {part!r} is no list of row numbers")
    return {part: np.array(rows, dtype=np.int64) for part, rows in lists.items()}


def _digest(lists: Mapping[str, list[int]]) -> str:
    return hashlib.sha256(json.dumps(lists, sort_keys=True).encode()).hexdigest()


def _write_copy(copy: Path, origin: str, rows: Mapping[str, np.ndarray]) -> None:
    lists = {part: values.tolist() for part, values in rows.items()}
    content = {"pickle_sha256": origin, "rows_sha256": _digest(lists), "rows": lists}
    with runtime.atomic_file(copy) as file:
        file.write(json.dumps(content) + "\n")


def _read_copy(copy: Path, origin: str) -> dict[str, np.ndarray]:
    try:
        content = json.loads(copy.read_text(encoding="utf-8"))
        lists, kept, digest = (content["rows"], content["pickle_sha256"], content["rows_sha256"])
        if tuple(lists) != PARTS or digest != _digest(lists):
            raise DamagedFile("its rows are not those that were written")
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFile(f"it is damaged ({error})") from error
    if kept != origin:
        raise DamagedFile("it was made from another pickle")
    return _as_rows(lists)
