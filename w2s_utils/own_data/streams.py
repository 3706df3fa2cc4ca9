"""Files that are read some rows at a time: Parquet, one file or a folder of several, and ``.npz``.

A stream knows the names and widths of its columns and its number of rows before any row is read, gives one column of all
rows, or a table of some columns for a *piece* of the rows, block by block. Streams and pieces can be sent to other machines
that see the same files. What cannot be read is said in one sentence (UnusableData).
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .cells import list_lengths, numbers
from .files import damaged, located, usable
from .frames import stacked
from .refusal import UnusableData
from .turning import Table

BATCH_CELLS = 2**24
"""Numbers of a Parquet file that are decoded at a time: 64 MB of float32. Decoding few rows of many columns is slow."""
BUFFER_BYTES = 2**18
"""Read at a time from the pages of one Parquet column."""
LARGE_BYTES = 2**29
"""Half a gigabyte: in memory a table takes several times as much while it is judged."""
FIRST_ROWS = 2**8
"""Rows that tell how long the lists of a column are."""
PIECE_ROWS = 2**17
"""Rows of a piece at least, where the file has as many: small row groups go together."""


@dataclass(frozen=True)
class Piece:
    """Rows from ``start`` up to ``stop`` of all, which are in ``groups`` of the file ``file`` of the stream."""

    file: int
    groups: tuple[int, ...]
    start: int
    stop: int


class Stream(Protocol):
    """What `large.judge_file` reads from."""

    name: str
    widths: dict[str, int]
    rows: int
    pieces: list[Piece]

    def column(self, name: str) -> NDArray[Any]:
        """One column of all rows, ``(n,)`` or ``(n, d)``."""

    def blocks(self, piece: Piece, names: Sequence[str], size: int) -> Iterator[tuple[int, list[NDArray]]]:
        """Numbers of the first row and the columns ``names`` of at most ``size`` rows at a time."""


class ParquetStream:
    """Row groups of Parquet files with the same columns, in the order of their names; row groups are never read whole."""

    def __init__(self, paths: Sequence[Path]):
        self.paths = list(paths)
        self.name = self.paths[0].stem if len(self.paths) == 1 else self.paths[0].parent.name
        self.pieces: list[Piece] = []
        self.rows = 0
        columns: dict[str, Any] = {}
        for number, path in enumerate(self.paths):
            file = _opened(path)
            # What pandas numbers rows with is no column of the user.
            kinds = {
                field.name: field.type
                for field in file.schema_arrow
                if not field.name.startswith("__index_level_")
            }
            if number and kinds.keys() != columns.keys():
                other = sorted(kinds.keys() ^ columns.keys())
                raise UnusableData(
                    f"{path.name} has not the columns of {self.paths[0].name}: {', '.join(other[:5])} stand in one of "
                    "the two; write both files with the same columns"
                )
            columns = columns or kinds
            self._add_pieces(
                number, [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)]
            )
        if not self.rows:
            raise UnusableData(f"{self.name} has names but no rows; write the rows below them")
        self.widths: dict[str, int] = {}
        for name, kind in columns.items():
            self.widths[name] = self._width(name, kind)

    def column(self, name: str) -> NDArray[Any]:
        parts = []
        for path in self.paths:
            with _readable(path):
                parts.append(_array(_opened(path).read([name]).column(0)))
        return np.concatenate(parts)

    def blocks(self, piece: Piece, names: Sequence[str], size: int) -> Iterator[tuple[int, list[NDArray]]]:
        path, start = self.paths[piece.file], piece.start
        cells = sum(
            self.widths.get(name, BATCH_CELLS) for name in names
        )  # of an unknown width little is read
        decoded = max(BATCH_CELLS // cells // size, 1) * size
        with _readable(path):
            batches = _opened(path).iter_batches(
                batch_size=decoded, row_groups=list(piece.groups), columns=list(names)
            )
            for batch in batches:
                read = (_array(batch.column(batch.schema.get_field_index(name))) for name in names)
                columns = [self._filled(name, values) for name, values in zip(names, read, strict=True)]
                for place in range(0, batch.num_rows, size):
                    yield start + place, [values[place : place + size] for values in columns]
                start += batch.num_rows

    def _filled(self, name: str, values: NDArray[Any]) -> NDArray[Any]:
        """Rows of a column of lists in which all are missing, as a table of NaN; others as they are."""
        width = self.widths.get(name, 1)
        if width == 1 or values.dtype.kind != "O" or values.ndim > 1 or list_lengths(values).any():
            return values
        return np.full((len(values), width), np.nan)

    def _add_pieces(self, number: int, counts: Sequence[int]) -> None:
        groups: list[int] = []
        start = self.rows
        for group, count in enumerate(counts):
            groups.append(group)
            self.rows += count
            if self.rows - start >= PIECE_ROWS or (group == len(counts) - 1 and self.rows > start):
                self.pieces.append(Piece(number, tuple(groups), start, self.rows))
                groups, start = [], self.rows

    def _width(self, name: str, kind: Any) -> int:
        """Of a column of lists their length, as in most of the first rows that have any."""
        import pyarrow.types as types

        if types.is_fixed_size_list(kind):
            return int(kind.list_size)
        if not (types.is_list(kind) or types.is_large_list(kind)):
            return 1
        for piece in self.pieces:
            for _, (values,) in self.blocks(piece, [name], FIRST_ROWS):
                if values.ndim == 2:
                    return values.shape[1]
                lengths = list_lengths(values)
                if lengths.any():
                    return int(np.bincount(lengths[lengths > 0]).argmax())
        return 1


class NpzStream:
    """Arrays of an ``.npz``, mapped where they are stored as they are (np.savez); compressed ones are read whole."""

    def __init__(self, path: Path):
        if not zipfile.is_zipfile(path):
            raise UnusableData(f"{path.name} is no archive of arrays; save it again with np.savez")
        self.path, self.name = path, path.stem
        try:
            with zipfile.ZipFile(path) as archive:
                members = archive.infolist()
            arrays = {member.filename.removesuffix(".npy"): self._array(member) for member in members}
        except UnusableData:
            raise
        except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise damaged(path, error) from error
        lengths = {name: len(values) for name, values in arrays.items()}
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise UnusableData(
                f"the arrays have different numbers of rows ({listed}): row i must be the same thing in each; save them again"
            )
        self.rows = next(iter(lengths.values()), 0)
        if not self.rows:
            raise UnusableData(f"{path.name} has names but no rows; write the rows below them")
        self._arrays = arrays
        self.widths = {
            name: values.shape[1] if values.ndim == 2 else 1 for name, values in self._arrays.items()
        }
        self.pieces = [
            Piece(0, (), start, min(start + PIECE_ROWS, self.rows))
            for start in range(0, self.rows, PIECE_ROWS)
        ]

    def __reduce__(self) -> tuple[type[NpzStream], tuple[Path]]:
        return NpzStream, (self.path,)  # whoever gets it maps the file again

    def column(self, name: str) -> NDArray[Any]:
        return np.array(self._arrays[name])

    def blocks(self, piece: Piece, names: Sequence[str], size: int) -> Iterator[tuple[int, list[NDArray]]]:
        for start in range(piece.start, piece.stop, size):
            stop = min(start + size, piece.stop)
            yield start, [self._arrays[name][start:stop] for name in names]

    def _array(self, member: zipfile.ZipInfo) -> NDArray[Any]:
        name = member.filename.removesuffix(".npy")
        if member.compress_type != zipfile.ZIP_STORED:
            with np.load(self.path, allow_pickle=False) as archive:
                return usable(f"{self.path.name}, {name}", archive[name])
        with self.path.open("rb") as file:
            file.seek(member.header_offset + 26)  # of the lengths of the name and of what stands behind it
            name_length, extra_length = np.frombuffer(file.read(4), "<u2")
            file.seek(int(name_length) + int(extra_length), 1)
            version = np.lib.format.read_magic(file)
            read = (
                np.lib.format.read_array_header_1_0
                if version == (1, 0)
                else np.lib.format.read_array_header_2_0
            )
            shape, by_column, kind = read(file)
            if kind.hasobject:
                raise ValueError("allow_pickle=False")
            place = file.tell()
        if not np.prod(shape):
            return usable(f"{self.path.name}, {name}", np.empty(shape, kind))
        order: Any = "F" if by_column else "C"
        return usable(
            f"{self.path.name}, {name}", np.memmap(self.path, kind, "r", place, shape, order).view(np.ndarray)
        )


def stream_of(source: str | Path | Sequence[str | Path]) -> ParquetStream | NpzStream:
    """A stream of a Parquet file, of several, of all in a folder, or of an ``.npz``. Raises UnusableData."""
    if isinstance(source, str | Path) and Path(source).expanduser().is_dir():
        paths = sorted(Path(source).expanduser().absolute().glob("*.parquet"))
        if not paths:
            raise UnusableData(
                f"the folder {source} holds no .parquet file; write the parts there, or give the path of one file"
            )
        return ParquetStream(paths)
    paths = [located(one).absolute() for one in ([source] if isinstance(source, str | Path) else source)]
    endings = {path.suffix.lower() for path in paths}
    if endings == {".parquet"}:
        return ParquetStream(paths)
    if endings == {".npz"} and len(paths) == 1:
        return NpzStream(paths[0])
    raise UnusableData(
        "what is read some rows at a time is Parquet, one file or several, or one .npz; save the table as Parquet"
    )


def is_large(path: Path) -> bool:
    """Whether a file is to be read some rows at a time: a folder, or a Parquet file or ``.npz`` of more than LARGE_BYTES."""
    path = Path(os.path.expanduser(path))
    if os.path.isdir(path):  # which is False, and no error, for a name that is too long
        return True
    ending = path.suffix.lower()
    if ending not in (".parquet", ".npz") or not os.path.isfile(path):
        return False
    if ending == ".npz":
        return path.stat().st_size > LARGE_BYTES
    try:
        metadata = _opened(path).metadata
    except UnusableData:  # said by what reads it
        return False
    return sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups)) > LARGE_BYTES


def table_of(columns: Sequence[NDArray], names: Sequence[str], rows: NDArray[np.intp]) -> Table:
    """``rows (r,)`` of columns side by side as ``(r, D)``, in columns; float32 where all are, else float64.

    Raises as `cells.numbers`.
    """
    plain = [
        values if values.dtype.kind == "f" and values.dtype.itemsize > 2 else numbers(name, values)
        for name, values in zip(names, columns, strict=True)
    ]
    widths = [values.shape[1] if values.ndim == 2 else 1 for values in plain]
    kind = np.float32 if all(values.dtype == np.float32 for values in plain) else np.float64
    table = np.empty((sum(widths), len(rows)), dtype=kind)
    for stop, width, values in zip(np.cumsum(widths), widths, plain, strict=True):
        if values.ndim == 1 and values.dtype == kind:
            np.take(values, rows, out=table[stop - 1], mode="clip")  # other modes copy once more
        else:
            table[stop - width : stop] = values.reshape(len(values), width)[rows].T
    return table.T


def _opened(path: Path) -> Any:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise UnusableData(
            f"reading {path.name} needs pyarrow, which is not installed: pip install pyarrow, or save the table as CSV"
        ) from error
    with _readable(path):
        return pyarrow.parquet.ParquetFile(path, buffer_size=BUFFER_BYTES, pre_buffer=False)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except UnusableData:
        raise
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())
        raise UnusableData(f"{path.name} is no readable Parquet file ({said}); save it again") from error


def _array(values: Any) -> NDArray[Any]:
    """A column of Arrow as numpy, lists that are equally long as a table."""
    import pyarrow
    import pyarrow.types as types

    if isinstance(values, pyarrow.ChunkedArray):
        values = values.combine_chunks()
        if isinstance(values, pyarrow.ChunkedArray):  # too large for one
            return np.concatenate([_array(chunk) for chunk in values.chunks])
    if types.is_dictionary(values.type):
        values = values.dictionary_decode()
    lists = (
        types.is_list(values.type)
        or types.is_large_list(values.type)
        or types.is_fixed_size_list(values.type)
    )
    if lists and not values.null_count and types.is_primitive(values.type.value_type):
        flat = values.flatten().to_numpy(zero_copy_only=False)
        if len(values) and len(flat) % len(values) == 0:
            lengths = values.value_lengths() if hasattr(values, "value_lengths") else None
            if lengths is None or len(lengths.unique()) == 1:
                return flat.reshape(len(values), -1)
    return stacked(values.to_numpy(zero_copy_only=False))
