"""Tables in Parquet, feather and Excel files, through pandas and the package that each needs."""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .cells import Columns, is_absent, plain_name
from .refusal import UnusableData
from .text_files import check_unique, header_names


def arrow_columns(path: Path, as_text: Collection[str]) -> Columns:
    """Columns of a Parquet or feather file, which need pyarrow; those of equally long lists as tables. Raises UnusableData."""
    kind = "Parquet" if path.suffix.lower() == ".parquet" else "feather"
    frame = _arrow_frame(path, kind)
    check_unique(path.name, [plain_name(name) for name in frame.columns])
    words = [name for name in frame.columns if plain_name(name) in as_text]
    # Whole numbers with gaps become floats, which lose the last digits of long ids, so texts are read apart.
    apart = _arrow_frame(path, kind, columns=words, dtype_backend="numpy_nullable") if words else frame
    return {
        plain_name(name): apart[name].to_numpy(dtype=object)
        if name in words
        else stacked(frame[name].to_numpy())
        for name in frame.columns
    }


def _arrow_frame(path: Path, kind: str, **options: Any) -> pd.DataFrame:
    """The file with its named index as columns."""
    try:
        if kind == "Parquet":
            frame = pd.read_parquet(path, engine="pyarrow", **options)
        else:
            frame = pd.read_feather(path, **options)
    except ImportError as error:
        raise UnusableData(
            f"reading {path.name} needs pyarrow, which is not installed: pip install pyarrow, or save the table as CSV"
        ) from error
    except (OSError, ValueError, KeyError, NotImplementedError) as error:
        raise UnusableData(f"{path.name} is no readable {kind} file; save it again") from error
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    return frame.reset_index(named) if named else frame


def stacked(values: NDArray[Any]) -> NDArray[Any]:
    """A column of lists that are equally long, as embeddings are kept, as a table, NaN for a missing one; else as it is."""
    if values.dtype.kind != "O":
        return values
    held = np.array([isinstance(value, np.ndarray | list) and len(value) > 0 for value in values], dtype=bool)
    if not held.any() or not all(is_absent(v) or isinstance(v, np.ndarray | list) for v in values[~held]):
        return values
    rows = [np.asarray(value) for value in values[held]]
    if len({row.shape for row in rows}) > 1 or rows[0].ndim != 1 or rows[0].dtype.kind not in "fiub":
        return values
    if held.all():
        return np.stack(rows)
    table = np.full((len(values), len(rows[0])), np.nan)
    table[held] = rows
    return table


def sheet_columns(path: Path, as_text: Collection[str]) -> Columns:
    """Columns of the first sheet of an Excel workbook, names in its first row; needs openpyxl. Raises UnusableData."""
    try:
        sheet = pd.read_excel(
            path, sheet_name=0, header=None, dtype=object, na_filter=False, engine="openpyxl"
        )
    except ImportError as error:
        raise UnusableData(
            f"reading {path.name} needs openpyxl, which is not installed: pip install openpyxl, or save the sheet as CSV"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise UnusableData(
            f"{path.name} is no readable Excel workbook; save it again as .xlsx without a password, or as CSV in UTF-8"
        ) from error
    if sheet.empty:
        raise UnusableData(f"the first sheet of {path.name} is empty; put the table there")
    names = header_names(path.name, sheet.iloc[0].tolist())
    found = {}
    for place, name in enumerate(names):
        cells = sheet[place].to_numpy()[1:]
        empty = np.array([is_absent(cell) or cell == "" for cell in cells], dtype=bool)
        if name.startswith("Unnamed: ") and empty.all():
            continue
        found[name] = _numeric(cells, empty)
    return found


def _numeric(cells: NDArray[Any], empty: NDArray[np.bool_]) -> NDArray[Any]:
    """Cells of a sheet as numbers where all that are not empty are numbers; NaN for an empty one."""
    kinds = {type(cell) for cell in cells[~empty]}
    if not kinds or not kinds <= {int, float}:
        return cells
    if not empty.any() and kinds == {int} and max(map(abs, cells)) < 2**63:
        return cells.astype(np.int64)
    return np.where(empty, np.nan, cells).astype(np.float64)
