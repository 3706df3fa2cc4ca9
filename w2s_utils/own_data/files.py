"""A file of somebody else, read without surprises, to named columns.

Whatever is wrong with the file is said in one sentence with the remedy (UnusableData). Nothing is ever unpickled, as a
pickle may run code. What the columns mean is left to `own_data.columns`.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from .cells import Columns, plain_name, texts
from .frames import arrow_columns, sheet_columns
from .refusal import UnusableData
from .text_files import check_unique, text_columns

__all__ = ["Columns", "UnusableData", "read_columns"]


def read_columns(source: str | Path | Mapping[str, str | Path], as_text: Collection[str] = ()) -> Columns:
    """Named columns of a file, or of several ``.npy`` files: each ``(n,)`` or ``(n, d)``, as stored, not yet checked.

    ``source``: a path, or {name: path to ``.npy``}. Read are text files with a header in UTF-8 (``.csv``, ``.tsv``, ``.txt``;
    commas, semicolons, tabs or vertical bars; also packed, ``.csv.gz``), Parquet and feather (need pyarrow), the first sheet
    of ``.xlsx`` (needs openpyxl) and ``.npz``. A relative path is looked up in the working folder and then in the top folder
    of the checkout, if there is one.

    ``as_text``: columns of ids, texts or other words, read as they are written (007, 1E5, NA), empty where a cell is; a name
    that the file has not does no harm, and `with_texts` reads later what is not named here. Names come in composed Unicode
    without blanks around them. Raises UnusableData.
    """
    words = set(map(plain_name, [as_text] if isinstance(as_text, str) else as_text))
    if isinstance(source, Mapping):
        if not source:
            raise UnusableData("no array is named: give {name: path to a .npy file} for each")
        check_unique("the set of arrays", [plain_name(name) for name in source])
        found = {plain_name(name): _npy(located(path)) for name, path in source.items()}
    else:
        path = located(source)
        found = _reader(path)(path, words)
    without = [name for name, values in found.items() if values.ndim == 2 and not values.shape[1]]
    if without:
        raise UnusableData(f"{without[0]} has no column; an array is (n,) or (n, d) with d of 1 at least")
    lengths = {name: len(values) for name, values in found.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise UnusableData(
            f"the arrays have different numbers of rows ({listed}): row i must be the same thing in each; save them again"
        )
    if not lengths or not next(iter(lengths.values())):
        raise UnusableData(f"{_name(source)} has names but no rows; write the rows below them")
    return FileColumns(
        {name: texts(values) if name in words else values for name, values in found.items()}, source, words
    )


class FileColumns(Columns):
    """Columns that know the ``source`` they were read from, and which of them were read as ``words``."""

    def __init__(self, found: Columns, source: str | Path | Mapping[str, str | Path], words: Collection[str]):
        super().__init__(found)
        self.source, self.words = source, frozenset(words)


def with_texts(columns: Columns, names: Collection[str]) -> Columns:
    """``columns`` with those of the ``names`` as they are written in the file; columns of no file stay as they are."""
    words = set(map(plain_name, names))
    if not isinstance(columns, FileColumns) or not words & set(columns) - columns.words:
        return columns
    again = read_columns(columns.source, words)
    return {**columns, **{name: again[name] for name in words & set(columns)}}


def located(given: str | Path) -> Path:
    if not isinstance(given, str | Path) or not str(given).strip():
        raise UnusableData(f"a path is text such as 'data/mine.csv', not {given!r}")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/+", str(given)):
        raise UnusableData(f"{given} is an address; download the file first, then give the path of the copy")
    try:
        path = Path(given).expanduser()
    except RuntimeError as error:
        raise UnusableData(f"{given} names no user of this machine; give the whole path") from error
    longest = max(map(len, path.parts), default=0)
    if longest > 200 or len(str(path)) > 4000:
        raise UnusableData(f"a name of {longest} characters is too long for a file; rename it")
    if str(path) == "-" and not path.exists():
        raise UnusableData(
            "standard input is not read, as its name does not say what it is; save it first, as mine.csv"
        )
    if not path.is_absolute() and not path.exists():
        path = _in_checkout(path)
    if path.exists() and not os.access(path, os.R_OK):
        raise UnusableData(f"{path.name} may not be read; change its permissions, or copy it")
    if path.is_dir():
        inside = sorted(
            file.name for file in path.iterdir() if file.name.lower().endswith((*READERS, ".npy"))
        )
        listed = f" (it holds {', '.join(inside[:5])})" if inside else ""
        raise UnusableData(f"{Path(given).name} is a folder; give the path of one file in it{listed}")
    if not path.exists():
        raise UnusableData(
            f"there is no file {given}; a relative path starts at the working folder or the top folder of the checkout, a "
            "whole path works always"
        )
    if not path.is_file():
        raise UnusableData(
            f"{path.name} is no regular file but a pipe or a device; save what it gives first, as mine.csv"
        )
    if not path.stat().st_size:
        raise UnusableData(f"{path.name} is empty (0 bytes); save or copy it again")
    return path


def _in_checkout(path: Path) -> Path:
    """The path from the top folder of the checkout; as it is where the package was installed away from one."""
    try:
        return runtime.repository() / path
    except FileNotFoundError:
        return path


def _reader(path: Path) -> Callable[[Path, Collection[str]], Columns]:
    """What reads a file of this ending. Raises UnusableData for others."""
    name = path.name.lower()
    if name.endswith(".npy"):
        raise UnusableData(
            f"{path.name} holds one array, and several are needed: give them by name, "
            f"path=\"{{'strong': '{path.name}', 'weak': ..., 'target': ...}}\", or save them together with np.savez"
        )
    for ending, reader in READERS.items():
        if name.endswith(ending):
            return reader
    raise UnusableData(
        f"{path.name} ends in {path.suffix or 'nothing'!r}, which is not read; save it as one of {', '.join(READERS)}"
    )


def _npz(path: Path, as_text: Collection[str]) -> Columns:
    if not zipfile.is_zipfile(path):
        raise UnusableData(f"{path.name} is no archive of arrays; save it again with np.savez")
    try:
        with np.load(path, allow_pickle=False) as archive:
            check_unique(path.name, [plain_name(name) for name in archive.files])
            return {plain_name(name): usable(f"{path.name}, {name}", archive[name]) for name in archive.files}
    except UnusableData:
        raise
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise damaged(path, error) from error


def _npy(path: Path) -> NDArray[Any]:
    if path.suffix.lower() != ".npy":
        raise UnusableData(f"{path.name} is no .npy file; save the array with np.save")
    try:
        with path.open("rb") as file:
            return usable(path.name, np.load(file, allow_pickle=False))
    except UnusableData:
        raise
    except (ValueError, OSError, EOFError) as error:
        raise damaged(path, error) from error


def usable(name: str, array: Any) -> NDArray[Any]:
    if not isinstance(array, np.ndarray):
        raise UnusableData(f"{name} is no array; save each array with np.save or np.savez")
    if array.ndim not in (1, 2):
        raise UnusableData(
            f"{name} has the shape {array.shape}; an array is (n,) or (n, d), a row for each thing"
        )
    return array


def damaged(path: Path, error: Exception) -> UnusableData:
    with path.open("rb") as file:
        start = file.read(6)
    plain = path.suffix.lower() == ".npy" and start[:1] != b"\x80" and start != b"\x93NUMPY"
    if "allow_pickle" in str(error) and not plain:
        return UnusableData(
            f"{path.name} holds pickled Python objects, which can run code when read, so it was not opened; "
            "save plain arrays: np.asarray(values, dtype=float), or dtype=str for text"
        )
    return UnusableData(f"{path.name} is damaged or no array file; save it again with np.save or np.savez")


def _name(source: Any) -> str:
    return "the set of arrays" if isinstance(source, Mapping) else Path(source).name


READERS: Mapping[str, Callable[[Path, Collection[str]], Columns]] = {
    ".csv": text_columns,
    ".tsv": text_columns,
    ".txt": text_columns,
    ".csv.gz": text_columns,
    ".tsv.gz": text_columns,
    ".txt.gz": text_columns,
    ".parquet": arrow_columns,
    ".feather": arrow_columns,
    ".xlsx": sheet_columns,
    ".npz": _npz,
}
