"""What the notebooks declare and what their runs have recorded: the whole ledger of a profile, ``claims.csv``.

A row that is read, of a run or of the reference, is believed only where a `results.Ledger` can have written it, by
`judgement.fault`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from .. import judgement, results, runtime
from .catalogue import entry_of

LEDGER, PROVENANCE = "claims.csv", "provenance.json"
COLUMNS = ("notebook", "paper", *judgement.COLUMNS)
REFERENCE_COLUMNS = COLUMNS[:-1]  # without seconds, which differ from run to run
RECORDED_COLUMNS = judgement.COLUMNS[:-1]
DIGITS = 6  # significant ones of a number in the reference
NEVER_RECORDED = "did not get this far"
NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|inf)")  # as a ledger writes one

Row = dict[Hashable, Any]


def collect_claims(notebooks: Sequence[Path]) -> pd.DataFrame:
    """The whole ledger of the profile in force, one row per declared claim, also written to ``claims.csv``.

    ``notebooks``: the sources (``.py``), in order; one that declares no claim is passed over. A declared claim without
    a recorded verdict is ``not run``, whatever the cause. Raises `judgement.ClaimError` as `recorded_claims`.
    """
    ledger = recorded_claims(notebooks)
    with runtime.atomic_file(runtime.build_folder() / LEDGER) as file:
        ledger.to_csv(file, index=False, columns=list(COLUMNS))
    return ledger


def recorded_claims(notebooks: Sequence[Path]) -> pd.DataFrame:
    """The same, written nowhere.

    Raises `judgement.ClaimError` for a claim that two notebooks declare, and for a file of claims that no ledger can have
    written. Seconds are no evidence: they are NaN where no finite number from 0 on can be read.
    """
    rows = []
    for entry in map(entry_of, notebooks):
        recorded = _recorded(entry.name) if entry.claims else {}
        seconds = _seconds(entry.name) if recorded else {}
        for claim in entry.claims:
            row = recorded.get(claim) or not_run(claim, f"{entry.name} {NEVER_RECORDED}")
            known = {"notebook": entry.name, "paper": entry.paper, "seconds": seconds.get(claim, math.nan)}
            rows.append(row | known)
    ledger = pd.DataFrame(rows, columns=list(COLUMNS))
    repeated = ledger.loc[ledger["claim"].duplicated(), "claim"].tolist()
    if repeated:
        raise judgement.ClaimError(f"claims declared by two notebooks: {', '.join(repeated)}")
    return ledger


def damaged(notebooks: Sequence[Path]) -> dict[Path, str]:
    """The notebooks whose claims `recorded_claims` refuses each alone, with its sentence."""
    found = {}
    for notebook in notebooks:
        try:
            recorded_claims([notebook])
        except judgement.ClaimError as error:
            found[notebook] = str(error)
    return found


def for_reference(ledger: pd.DataFrame) -> pd.DataFrame:
    """Rows of a ledger as `data/reference` keeps them, as text: six digits, "exact" for round-off, no seconds.

    So a run on another processor changes nothing in a check but what it found to be another number. Where a verdict does not
    follow from six digits, an end being that near to another, the row has as many as it takes.
    """
    rows = [_as_text(row) for row in ledger.to_dict("records")]
    return pd.DataFrame(rows, columns=list(REFERENCE_COLUMNS), dtype=str)


def read_reference(path: Path) -> pd.DataFrame:
    """A reference ledger, with `judgement.NUMBERS` as numbers; an exact ``found`` is 0.

    Raises as `reference_rows`.
    """
    return parsed_reference(reference_rows(path))


def reference_rows(path: Path) -> list[Row]:
    """Rows of a reference ledger, every cell as it is written there.

    Raises `judgement.ClaimError` where it is missing, damaged or edited: where it has other columns, the same claim twice, a
    row that `judgement.fault` refuses, its verdict not following from its digits among them, or, where its provenance stands
    beside it, other bytes than `pairs.publish` wrote (line ends apart).
    """
    try:
        rows = _text_rows(path, REFERENCE_COLUMNS)
        _of_reference(rows)
        if path.with_name(PROVENANCE).is_file():
            _check_unedited(path)
    except (OSError, ValueError) as error:
        raise judgement.ClaimError(
            f"{runtime.shown(path)} is missing or damaged ({_reason(error)}); take it back from git, or run `make publish`"
        ) from error
    return rows


def parsed_reference(rows: Sequence[Row]) -> pd.DataFrame:
    """The table of rows of text as `for_reference` makes them. Raises ValueError with the first fault."""
    return pd.DataFrame(_of_reference(rows), columns=list(REFERENCE_COLUMNS))


def read_provenance(path: Path) -> dict[str, Any]:
    """What `pairs.publish` wrote about a reference ledger: its sha256, and by which versions each notebook ran.

    Raises `judgement.ClaimError` where the file is missing or holds something else.
    """
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        ledger = about.get(LEDGER) if isinstance(about, dict) else None
        if not isinstance(ledger, dict) or not isinstance(ledger.get("sha256"), str):
            raise ValueError(f"it has no sha256 of {LEDGER}")
        if not isinstance(about.get("notebooks"), dict):
            raise ValueError("it has no notebooks by name")
    except (OSError, ValueError) as error:
        raise judgement.ClaimError(
            f"{runtime.shown(path)} is missing or damaged ({_reason(error)}); take it back from git, or run `make publish`"
        ) from error
    return about


def shipped_run() -> pd.DataFrame | None:
    """The reference ledger of this checkout, for comparison with a run at full values; None at others, or without one.

    Raises as `read_reference`.
    """
    path = runtime.repository() / "data" / "reference" / LEDGER
    return read_reference(path) if runtime.profile() == "full" and path.is_file() else None


def moved(ledger: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Findings and reported values that this run found outside the interval of the reference run.

    Both as `recorded_claims` and `read_reference` give them. One row each: ``claim``, ``found`` here, and ``reference``,
    ``low``, ``high``, what the reference run found and its interval. What was found is compared at the six digits that the
    reference keeps, so each end counts as its own last digit knows it.
    """
    measured = (*judgement.FINDINGS, "reported")
    kept = reference.loc[reference["verdict"].isin(measured), ["claim", "low", "high", "found"]]
    here = ledger.loc[ledger["verdict"].isin(measured), ["claim", "found"]]
    both = here.merge(kept.rename(columns={"found": "reference"}), on="claim")
    found, low, high = (both[name].map(_rounded) for name in ("found", "low", "high"))
    outside = (found < low) | (found > high)
    return both.loc[outside, ["claim", "found", "reference", "low", "high"]].reset_index(drop=True)


def not_run(claim: str, reason: str) -> Row:
    """The row of a claim that nothing has recorded."""
    empty: Row = {**dict.fromkeys(judgement.WORDS, ""), **dict.fromkeys(judgement.NUMBERS, math.nan)}
    return empty | {"claim": claim, "verdict": "not run", "reason": reason}


def _recorded(notebook: str) -> dict[str, Row]:
    """The claims that a notebook has recorded, by id, with NaN where there is no number."""
    path = results.claims_path(notebook)
    if not path.is_file():
        return {}
    try:
        rows = [_parsed(row) for row in _text_rows(path, RECORDED_COLUMNS)]
        _check_rows(rows)
    except ValueError as error:
        raise judgement.ClaimError(
            f"{runtime.shown(path)} was damaged or edited, or is of an earlier version ({error}); "
            f"delete it and run {notebook} again"
        ) from error
    return {row["claim"]: row for row in rows}


def _seconds(notebook: str) -> dict[str, float]:
    """The seconds that the claims of a notebook took, as far as their file can be read."""
    try:
        rows = _text_rows(results.seconds_path(notebook), ("claim", "seconds"))
    except (OSError, ValueError):
        return {}
    read = {row["claim"]: _number(row["seconds"]) for row in rows}
    return {claim: s for claim, s in read.items() if isinstance(s, float) and 0 <= s < math.inf}


def _text_rows(path: Path, columns: Sequence[str]) -> list[Row]:
    """Rows of a CSV, every cell as it is written there.

    Raises ValueError for other columns, a row that is too short or too long, a last line that is cut off, and what is no CSV.
    """
    text = path.read_bytes().decode("utf-8")
    if not text.endswith("\n"):
        raise ValueError("its last line is cut off")
    try:
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error as error:
        raise ValueError(str(error)) from error
    if tuple(header) != tuple(columns):
        raise ValueError("it has other columns")
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"the row {row[:2]} has {len(row)} cells where {len(header)} are due")
    return [Row(zip(header, row, strict=True)) for row in rows]


def _parsed(row: Row) -> Row:
    """A row of text with its numbers as floats; text that is no number stays, for `judgement.fault` to name."""
    return {name: _number(text) if name in judgement.NUMBERS else text for name, text in row.items()}


def _number(text: str) -> float | str:
    """NaN for an empty cell, and what no ledger writes as a number (1_0, blanks, 1e999) as it is."""
    if not text:
        return math.nan
    if not NUMBER.fullmatch(text):
        return text
    value = float(text)
    return text if math.isinf(value) and not text.endswith("inf") else value


def _check_unedited(path: Path) -> None:
    """Raises ValueError where a reference ledger is not the one of its provenance, and for a damaged provenance."""
    written = path.read_bytes()
    as_published = (written, written.replace(b"\r\n", b"\n"))  # git may have changed its line ends
    known = read_provenance(path.with_name(PROVENANCE))[LEDGER]["sha256"]
    if known not in [hashlib.sha256(content).hexdigest() for content in as_published]:
        raise ValueError(f"it was edited after it was published: its sha256 is not that of {PROVENANCE}")


def _reason(error: Exception) -> str:
    """An error as text, without the path that the system adds."""
    return (error.strerror or "") if isinstance(error, OSError) else str(error)


def _check_rows(rows: Sequence[Row]) -> None:
    """Raises ValueError for a claim that stands there twice, and for a row that `judgement.fault` refuses."""
    seen = set()
    for row in rows:
        if reason := judgement.fault(row):
            raise ValueError(f"{row['claim']}: {reason}")
        if row["claim"] in seen:
            raise ValueError(f"{row['claim']} stands there twice")
        seen.add(row["claim"])


def _of_reference(rows: Sequence[Row]) -> list[Row]:
    """Rows of the reference, from its text. Raises ValueError as `_check_rows`, and for an "exact" in the wrong place."""
    parsed = [
        _parsed({**row, "found": "0" if row["found"] == judgement.EXACT else row["found"]}) for row in rows
    ]
    _check_rows(parsed)
    for text, row in zip(rows, parsed, strict=True):
        if (text["found"] == judgement.EXACT) != judgement.is_exact(row):
            raise ValueError(
                f"{row['claim']}: found is {judgement.EXACT!r} where round-off passed, and there only"
            )
    return parsed


def _as_text(row: Row) -> dict[str, str]:
    written = {name: str(row[name]) for name in REFERENCE_COLUMNS if name not in judgement.NUMBERS}
    for digits in range(DIGITS, 18):  # with 17 a float is itself
        values: Row = {name: _rounded(row[name], digits) for name in judgement.NUMBERS}
        if judgement.fault(row | values) is None:
            break
    written |= {
        name: "" if math.isnan(values[name]) else f"{values[name]:.{digits}g}" for name in judgement.NUMBERS
    }
    return written | ({"found": judgement.EXACT} if judgement.is_exact(row | values) else {})


def _rounded(value: float, digits: int = DIGITS) -> float:
    return float(f"{value:.{digits}g}")
