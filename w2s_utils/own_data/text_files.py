"""Tables in text files: the delimiter, the header, decimal commas, and lines that do not fit.

A line's number is that of the text file; a text in double quotes may run over several lines.
"""

from __future__ import annotations

import csv
import gzip
import sys
import warnings
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pandas as pd

from .cells import MISSING, Columns, is_missing, plain_name
from .refusal import UnusableData
from .rows import SHOWN, enumerated, shown

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
START_BYTES = 4096
COMMA_NUMBER = r"[-+]?\d*,?\d+(?:[eE][-+]?\d+)?"
THOUSANDS = r"[-+]?[1-9]\d{0,2}(?:,\d{3})+"
POINT_THOUSANDS = r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+"


def text_columns(path: Path, as_text: Collection[str]) -> Columns:
    """Columns of a text file with a header, UTF-8, packed by gzip where its name ends in .gz. Raises UnusableData."""
    _check_start(path)
    try:
        with _long_fields():
            delimiter = _delimiter(path)
            names, count = _checked_lines(path, delimiter)
    except UnicodeDecodeError as error:
        raise _wrong_encoding(path) from error
    except (EOFError, OSError, zlib.error) as error:
        raise UnusableData(f"{path.name} is a damaged gzip archive; save or copy it again") from error
    except csv.Error as error:
        raise UnusableData(
            f"{path.name} is no table in a text file; save it again as CSV in UTF-8"
        ) from error
    words = [name for name in names if name in as_text]
    frame = _frame(path, delimiter, names, count, words)
    if delimiter != ",":
        _read_decimal_commas(path, delimiter, names, count, words, frame)
    return {name: frame[name].to_numpy() for name in frame.columns}


def header_names(where: str, first: Sequence[Any]) -> list[str]:
    """Names of the columns from the cells of a first line; a blank one is called "Unnamed: 1" (2, ...) by its place from 0.

    Raises UnusableData for what is no header.
    """
    names = ["" if is_missing(cell) and not isinstance(cell, str) else plain_name(cell) for cell in first]
    if not any(names):
        raise UnusableData(f"the first line of {where} is blank; it must hold the names of the columns")
    if names[0].startswith("#") or names[0].lower().startswith("sep="):
        raise UnusableData(
            f"the first line of {where} starts with {shown(names[0])}; delete the lines above the names of the columns"
        )
    if all(_is_number(name) for name in names):
        raise UnusableData(f"{where} starts with numbers; its first line must hold the names of the columns")
    check_unique(where, [name for name in names if name])
    return [name or f"Unnamed: {place}" for place, name in enumerate(names)]


def check_unique(where: str, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnusableData(f"{where} has two columns called {twice[0]!r}; rename or drop one")


def _check_start(path: Path) -> None:
    """Files of other kinds, by the bytes that they begin with."""
    with path.open("rb") as file:
        start = file.read(START_BYTES)
    if path.suffix.lower() == ".gz":
        if not start.startswith(b"\x1f\x8b"):
            raise UnusableData(f"{path.name} is no gzip archive; take .gz off its name if it is plain text")
        return
    for mark, kind, remedy in (
        (b"\x1f\x8b", "a gzip archive", f"rename it to {path.name}.gz, or unpack it"),
        (b"PK\x03\x04", "a zip archive or an Excel workbook", "unpack it, or rename the workbook to .xlsx"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save it as .xlsx or as CSV in UTF-8"),
        (b"PAR1", "a Parquet file", "rename it to .parquet"),
    ):
        if start.startswith(mark):
            raise UnusableData(f"{path.name} is no text but {kind}; {remedy}")
    if start.count(0) > len(start) / 4 and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnusableData(
            f"{path.name} is no text in UTF-8, as many of its bytes are 0; if it is UTF-16, convert it: "
            f"iconv -f UTF-16LE -t UTF-8 {path.name} > utf8.csv"
        )


@contextmanager
def _long_fields() -> Iterator[None]:
    """Texts of any length are read inside the block; the module csv stops at 131,072 characters by itself."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _opened(path: Path) -> IO[str]:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _delimiter(path: Path) -> str:
    """The delimiter of the header line; between several, the one that the next line has as often, then the most frequent."""
    found = {}
    for delimiter in DELIMITERS:
        with _opened(path) as file:
            lines = csv.reader(file, delimiter=delimiter)
            header, below = next(lines, []), next(lines, [])
        if len(header) > 1:
            found[delimiter] = (len(header) == len(below), len(header))
    if "\t" in found and path.name.lower().endswith((".tsv", ".tsv.gz")):
        return "\t"
    if not found:
        _check_blanks(path)
        return ","
    return max(found, key=found.__getitem__)


def _check_blanks(path: Path) -> None:
    """Refuse a table whose columns have nothing but blanks between them."""
    with _opened(path) as file:
        header, below = file.readline().split(), file.readline().split()
    if len(header) > 1 and len(header) == len(below) and any(map(_is_number, below)):
        raise UnusableData(
            f'the columns of {path.name} have blanks between them; save it with commas: python -c "import pandas; '
            f"pandas.read_csv('{path.name}', sep=r'\\s+').to_csv('with_commas.csv', index=False)\""
        )


def _checked_lines(path: Path, delimiter: str) -> tuple[list[str], int]:
    """Names of the columns, and the rows down to the last that is not blank, as every one of them fits the header."""
    count = rows = 0
    wrong: dict[int, int] = {}
    with _opened(path) as file:
        lines = csv.reader(file, delimiter=delimiter)
        names = header_names(path.name, next(lines, []))
        for values in lines:
            rows += 1
            if len(values) > 1 or (values and values[0].strip()):
                count = rows
                if len(values) != len(names):
                    wrong[lines.line_num] = len(values)
    if wrong:
        first, many = next(iter(wrong.items()))
        where = enumerated([str(line) for line in list(wrong)[:SHOWN]], len(wrong) - SHOWN)
        remedy = f"text with {_word_for(delimiter)} in it needs double quotes"
        if many < len(names):
            remedy = f"leave nothing between two {DELIMITERS[delimiter]} for what is unknown"
        elif len(wrong) == rows and set(wrong.values()) == {len(names) + 1}:
            remedy = "name the first column if it names the rows, or take the last delimiter of each line out"
        wrong_lines = "1 line" if len(wrong) == 1 else f"{len(wrong):,} lines"
        raise UnusableData(
            f"the header of {path.name} has {len(names):,} names and {wrong_lines} another number of values: line {where}, "
            f"with {many:,} in line {first}; {remedy}"
        )
    return names, count


def _word_for(delimiter: str) -> str:
    return {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}[delimiter]


def _frame(
    path: Path, delimiter: str, names: list[str], count: int, words: list[str], decimal: str = "."
) -> pd.DataFrame:
    """The rows as pandas reads them, the columns ``words`` as they are written."""
    missing: dict[str, Any] = {}
    if words:
        others = {name: sorted(MISSING) for name in names if name not in words}
        missing = {"keep_default_na": False, "na_values": others, "dtype": dict.fromkeys(words, str)}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                path,
                sep=delimiter,
                decimal=decimal,
                header=0,
                names=names,
                nrows=count,
                skip_blank_lines=False,
                encoding="utf-8-sig",
                compression="gzip" if path.suffix.lower() == ".gz" else None,
                index_col=False,
                low_memory=False,
                **missing,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError) as error:
        what = (
            "a double quote opens a text and none closes it"
            if "EOF" in str(error)
            else "its lines differ in length"
        )
        raise UnusableData(
            f"{path.name} cannot be cut into columns: {what}; write a double quote inside a text twice"
        ) from error
    blank = [name for name in names if name.startswith("Unnamed: ") and frame[name].isna().all()]
    return frame.drop(columns=blank)


def _read_decimal_commas(
    path: Path, delimiter: str, names: list[str], count: int, words: list[str], frame: pd.DataFrame
) -> None:
    """Put numbers for the columns of ``frame`` that are written 3,14, if that is plain; else they stay words.

    It is plain once one cell of the file has a comma that cannot stand between thousands. Raises UnusableData where numbers
    with points that may be thousands (1.234) stand beside them.
    """
    found, plain = {}, False
    for name in frame.columns:
        if name in words or pd.api.types.is_numeric_dtype(frame[name]):
            continue
        cells = frame[name].dropna().astype(str).str.strip()
        with_comma = cells[cells.str.contains(",", regex=False)]
        if len(with_comma) and cells.str.fullmatch(COMMA_NUMBER).all():
            found[name] = frame[name].astype("str").str.strip().str.replace(",", ".", regex=False)
            plain |= not with_comma.str.fullmatch(THOUSANDS).all()
    if not plain:
        return
    again = _frame(path, delimiter, names, count, words, decimal=",")
    for name, cells in found.items():
        frame[name] = pd.to_numeric(cells)
    for name in frame.columns:
        if name in words or name in found or not pd.api.types.is_float_dtype(frame[name]):
            continue
        if not pd.api.types.is_numeric_dtype(again[name]):
            pointed = again[name].dropna().astype(str).str.strip()
            pointed = pointed[pointed.str.contains(".", regex=False)]
            if len(pointed) and pointed.str.fullmatch(POINT_THOUSANDS).all():
                raise UnusableData(
                    f"{path.name} writes numbers with a decimal comma in {next(iter(found))!r}, so {shown(pointed.iloc[0])} "
                    f"in {name!r} may be thousands or decimals; write all numbers with a decimal point and no thousands"
                )


def _wrong_encoding(path: Path) -> UnusableData:
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        start = file.read(4)
    guess = "UTF-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "WINDOWS-1252"
    unpack, name = (
        ("", path.name) if path.suffix.lower() != ".gz" else ("unpack it (gunzip), then ", path.stem)
    )
    return UnusableData(
        f"{path.name} is not UTF-8 but looks like {guess}; {unpack}convert it: "
        f"iconv -f {guess} -t UTF-8 {name} > utf8.csv (Excel: save as 'CSV UTF-8')"
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
