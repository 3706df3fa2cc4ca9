"""A file of somebody else, read without surprises: CSV, Parquet, ``.npz`` or ``.npy`` to named columns.

Whatever is wrong with the file is said in one sentence with the remedy (UnusableData). Nothing is ever unpickled, as a
pickle may run code. What the columns mean is left to `own_data.columns`.
"""

from __future__ import annotations

import csv
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import runtime

Columns = dict[str, NDArray[Any]]

ENDINGS = (".csv", ".parquet", ".npz")
DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


class UnusableData(ValueError):
    """A file, a column or a choice that cannot be used, with the remedy."""


def read_columns(source: str | Path | Mapping[str, str | Path]) -> Columns:
    """Named columns of a file, or of several ``.npy`` files: each ``(n,)`` or ``(n, d)``, as stored, not yet checked.

    ``source``: a path to CSV (commas, header, UTF-8), Parquet (needs pyarrow) or ``.npz``, or {name: path to ``.npy``}.
    A relative path is looked up in the working folder and then in the top folder of the checkout. Raises UnusableData.
    """
    if isinstance(source, Mapping):
        if not source:
            raise UnusableData("no array is named: give {name: path to a .npy file} for each")
        found = {str(name): _npy(located(path)) for name, path in source.items()}
    else:
        path = located(source)
        readers = {".csv": _csv, ".parquet": _parquet, ".npz": _npz}
        if path.suffix.lower() == ".npy":
            raise UnusableData(
                f"{path.name} holds one array, and several are needed: give them by name, "
                f"path=\"{{'strong': '{path.name}', 'weak': ..., 'target': ...}}\", or save them together with np.savez"
            )
        if path.suffix.lower() not in readers:
            raise UnusableData(
                f"{path.name} ends in {path.suffix or 'nothing'!r}, which is not read; save it as one of {', '.join(ENDINGS)}"
            )
        found = readers[path.suffix.lower()](path)
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
    return found


def located(given: str | Path) -> Path:
    if not isinstance(given, str | Path) or not str(given).strip():
        raise UnusableData(f"a path is text such as 'data/mine.csv', not {given!r}")
    path = Path(given).expanduser()
    if max(map(len, path.parts)) > 200:
        raise UnusableData(
            f"a name of {max(map(len, path.parts))} characters is too long for a file; rename it"
        )
    if not path.is_absolute() and not path.exists():
        path = runtime.repository() / path
    if path.is_dir():
        inside = sorted(file.name for file in path.iterdir() if file.suffix.lower() in (*ENDINGS, ".npy"))
        listed = f" (it holds {', '.join(inside[:5])})" if inside else ""
        raise UnusableData(f"{Path(given).name} is a folder; give the path of one file in it{listed}")
    if not path.exists():
        raise UnusableData(
            f"there is no file {given}; a relative path starts at the top folder of the checkout, a whole path works always"
        )
    if not path.stat().st_size:
        raise UnusableData(f"{path.name} is empty (0 bytes); save or copy it again")
    return path


def _csv(path: Path) -> Columns:
    _check_start(path)
    _check_text(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(path, encoding="utf-8-sig", index_col=False, low_memory=False)
    except UnicodeDecodeError as error:
        raise _wrong_encoding(path) from error
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError) as error:
        raise UnusableData(
            f"the rows of {path.name} do not fit its header ({str(error).strip()}); every line needs as many values as the "
            "header has names, and text with a comma in it needs double quotes"
        ) from error
    return {name: frame[name].to_numpy() for name in frame.columns}


def _check_start(path: Path) -> None:
    """Files of other kinds, named CSV, by the bytes that they begin with."""
    with path.open("rb") as file:
        start = file.read(4)
    for mark, kind, remedy in (
        (b"\x1f\x8b", "a gzip archive", "unpack it (gunzip) first"),
        (b"PK\x03\x04", "a zip archive or an Excel workbook", "unpack it, or save the sheet as CSV in UTF-8"),
    ):
        if start.startswith(mark):
            raise UnusableData(f"{path.name} is no CSV text but {kind}; {remedy}")


def _check_text(path: Path) -> None:
    """The header, and that no line has fewer values than it has names."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            names = [name.strip() for name in next(lines, [])]
            _check_header(path, names)
            for values in lines:
                if 0 < len(values) < len(names):
                    raise UnusableData(
                        f"line {lines.line_num} of {path.name} has {len(values)} values and the header {len(names)} names; "
                        "every line needs as many, with nothing between two commas for what is unknown"
                    )
    except UnicodeDecodeError as error:
        raise _wrong_encoding(path) from error
    except csv.Error as error:
        raise UnusableData(f"{path.name} is no CSV text ({error}); save it again as CSV in UTF-8") from error


def _check_header(path: Path, names: list[str]) -> None:
    if not any(names):
        raise UnusableData(f"the first line of {path.name} is blank; it must hold the names of the columns")
    for delimiter, word in DELIMITERS.items():
        if len(names) == 1 and delimiter in names[0]:
            raise UnusableData(
                f'{path.name} is separated by {word}, not commas; convert it: python -c "import pandas; '
                f"pandas.read_csv('{path.name}', sep={delimiter!r}).to_csv('with_commas.csv', index=False)\" "
                "(with decimal=',' in read_csv if numbers are written 3,14)"
            )
    if all(_is_number(name) for name in names):
        raise UnusableData(
            f"{path.name} starts with numbers; its first line must hold the names of the columns"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnusableData(f"{path.name} has two columns called {twice[0]!r}; rename or drop one")


def _wrong_encoding(path: Path) -> UnusableData:
    with path.open("rb") as file:
        start = file.read(4)
    guess = "UTF-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "WINDOWS-1252"
    return UnusableData(
        f"{path.name} is not UTF-8 but looks like {guess}; convert it: "
        f"iconv -f {guess} -t UTF-8 {path.name} > utf8.csv (Excel: save as 'CSV UTF-8')"
    )


def _parquet(path: Path) -> Columns:
    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except ImportError as error:
        raise UnusableData(
            f"reading {path.name} needs pyarrow, which is not installed: pip install pyarrow, or save the table as CSV"
        ) from error
    except (OSError, ValueError) as error:
        raise UnusableData(f"{path.name} is no readable Parquet file ({error}); save it again") from error
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    frame = frame.reset_index(named) if named else frame
    return {str(name): stacked(frame[name].to_numpy()) for name in frame.columns}


def stacked(values: NDArray[Any]) -> NDArray[Any]:
    """A column of lists that are equally long, as embeddings are kept, as a table; any other as it is."""
    if values.dtype.kind == "O" and all(isinstance(v, np.ndarray | list) for v in values):
        rows = [np.asarray(v) for v in values]
        if len({row.shape for row in rows}) == 1 and rows[0].ndim == 1:
            return np.stack(rows)
    return values


def _npz(path: Path) -> Columns:
    if not zipfile.is_zipfile(path):
        raise UnusableData(f"{path.name} is no archive of arrays; save it again with np.savez")
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: usable(f"{path.name}, {name}", archive[name]) for name in archive.files}
    except UnusableData:
        raise
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise damaged(path, error) from error


def _npy(path: Path) -> NDArray[Any]:
    if path.suffix.lower() != ".npy":
        raise UnusableData(f"{path.name} is no .npy file; save the array with np.save")
    try:
        return usable(path.name, np.load(path, allow_pickle=False))
    except UnusableData:
        raise
    except (ValueError, OSError, EOFError) as error:
        raise damaged(path, error) from error


def usable(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim not in (1, 2):
        raise UnusableData(
            f"{name} has the shape {array.shape}; an array is (n,) or (n, d), a row for each thing"
        )
    return array


def damaged(path: Path, error: Exception) -> UnusableData:
    if "allow_pickle" in str(error):
        return UnusableData(
            f"{path.name} holds pickled Python objects, which can run code when read, so it was not opened; "
            "save plain arrays: np.asarray(values, dtype=float), or dtype=str for text"
        )
    return UnusableData(
        f"{path.name} is no array file that numpy can read ({error}); save it again with np.save or np.savez"
    )


def _name(source: Any) -> str:
    return "the set of arrays" if isinstance(source, Mapping) else Path(source).name


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
