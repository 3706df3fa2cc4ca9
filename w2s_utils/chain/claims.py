"""What the notebooks declare and what their runs have recorded: the whole ledger of a profile, ``claims.csv``."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from .. import results, runtime
from .catalogue import entry_of

LEDGER = "claims.csv"
COLUMNS = ("notebook", "paper", *results.COLUMNS)
REFERENCE_COLUMNS = COLUMNS[:-1]  # without seconds, which differ from run to run
NUMBERS = ("predicted_low", "predicted_high", "low", "high", "found")
NEVER_RECORDED = "did not get this far"


def collect_claims(notebooks: Sequence[Path]) -> pd.DataFrame:
    """The whole ledger of the profile in force, one row per declared claim, also written to ``claims.csv``.

    ``notebooks``: the sources (``.py``), in order; one that declares no claim is passed over. A declared claim without
    a recorded verdict is ``not run``, whatever the cause.
    """
    ledger = recorded_claims(notebooks)
    with runtime.atomic_file(runtime.build_folder() / LEDGER) as file:
        ledger.to_csv(file, index=False, columns=list(COLUMNS))
    return ledger


def recorded_claims(notebooks: Sequence[Path]) -> pd.DataFrame:
    """The same, written nowhere."""
    tables = []
    for entry in map(entry_of, notebooks):
        if not entry.claims:
            continue
        declared = pd.DataFrame({"notebook": entry.name, "paper": entry.paper, "claim": entry.claims})
        table = declared.merge(_recorded(entry.name), on="claim", how="left")
        missing = table["verdict"].isna()
        for name in ("reason", "prediction"):
            table[name] = table[name].fillna("").astype(object)
        table.loc[missing, "verdict"] = "not run"
        table.loc[missing, "reason"] = f"{entry.name} {NEVER_RECORDED}"
        tables.append(table)
    ledger = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))
    repeated = ledger.loc[ledger["claim"].duplicated(), "claim"].tolist()
    if repeated:
        raise results.ClaimError(f"claims declared by two notebooks: {', '.join(repeated)}")
    return ledger


def for_reference(ledger: pd.DataFrame) -> pd.DataFrame:
    """Rows of a ledger as `data/reference` keeps them, as text: six digits, "exact" for round-off, no seconds.

    So a run on another processor changes nothing in a check but what it found to be another number.
    """
    rows = [
        {name: "" if pd.isna(row[name]) else str(row[name]) for name in REFERENCE_COLUMNS}
        | {name: "" if pd.isna(row[name]) else f"{row[name]:.6g}" for name in NUMBERS}
        | ({"found": results.EXACT} if results.is_exact(row) else {})
        for row in ledger.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=list(REFERENCE_COLUMNS), dtype=str)


def read_reference(path: Path) -> pd.DataFrame:
    """A reference ledger, with ``low``, ``high`` and ``found`` as numbers; an exact ``found`` is 0.

    Raises `results.ClaimError` where it is missing or damaged.
    """
    try:
        ledger = pd.read_csv(path, dtype=str, keep_default_na=False)
        if tuple(ledger.columns) != REFERENCE_COLUMNS or not ledger["verdict"].isin(results.VERDICTS).all():
            raise ValueError("other columns, or a verdict that is none")
        ledger["found"] = ledger["found"].replace(results.EXACT, "0")
        for name in NUMBERS:
            ledger[name] = [float(text or "nan") for text in ledger[name]]
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise results.ClaimError(
            f"{runtime.shown(path)} is missing or damaged ({error}); take it back from git, or run `make publish`"
        ) from error
    return ledger


def shipped_run() -> pd.DataFrame | None:
    """The reference ledger of this checkout, for comparison with a run at full values; None at others, or without one.

    Raises as `read_reference`.
    """
    path = runtime.repository() / "data" / "reference" / LEDGER
    return read_reference(path) if runtime.profile() == "full" and path.is_file() else None


def moved(ledger: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Findings and reported values that this run found outside the interval of the reference run.

    Both as `recorded_claims` and `read_reference` give them. One row each: ``claim``, ``found`` here, and ``reference``,
    ``low``, ``high``, what the reference run found and its interval.
    """
    measured = (*results.FINDINGS, "reported")
    kept = reference.loc[reference["verdict"].isin(measured), ["claim", "low", "high", "found"]]
    here = ledger.loc[ledger["verdict"].isin(measured), ["claim", "found"]]
    both = here.merge(kept.rename(columns={"found": "reference"}), on="claim")
    # The reference keeps six digits, so its ends are known no better.
    slack = 1e-5 * both[["low", "high"]].abs().max(axis=1)
    outside = (both["found"] < both["low"] - slack) | (both["found"] > both["high"] + slack)
    return both.loc[outside, ["claim", "found", "reference", "low", "high"]].reset_index(drop=True)


def _recorded(notebook: str) -> pd.DataFrame:
    empty = pd.DataFrame(columns=list(results.COLUMNS))
    if not results.claims_path(notebook).is_file():
        return empty
    text = dict.fromkeys(("claim", "where", "prediction", "statistic", "verdict", "reason"), str)
    try:
        claims = pd.read_csv(results.claims_path(notebook), dtype=text, keep_default_na=False, na_values=[""])
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise results.ClaimError(
            f"{runtime.shown(results.claims_path(notebook))} cannot be read; delete it and run {notebook}"
        ) from error
    _check_verdicts(notebook, claims)
    if not results.seconds_path(notebook).is_file():
        return claims.assign(seconds=math.nan)
    seconds = pd.read_csv(results.seconds_path(notebook), dtype=text, keep_default_na=False, na_values=[""])
    return claims.merge(seconds, on="claim", how="left")


def _check_verdicts(notebook: str, claims: pd.DataFrame) -> None:
    """A file of claims is believed as far as its verdicts follow from its numbers."""
    known = set(results.COLUMNS) - {"seconds"} == set(claims.columns)
    for row in claims.to_dict("records") if known else [{}]:
        if not row or row["verdict"] != _verdict(row):
            place = runtime.shown(results.claims_path(notebook))
            raise results.ClaimError(
                f"{place} was damaged or edited (at {row.get('claim', 'its columns')}); delete it and run {notebook} again"
            )


def _verdict(row: Mapping[Hashable, Any]) -> str | None:
    """The verdict that follows from a row's numbers; None for a word that is no verdict."""
    if row["verdict"] in results.CHECKS and math.isnan(row["predicted_low"]):
        return results.check_verdict(row["low"], row["high"], row["found"])
    if row["verdict"] in results.FINDINGS:
        ends = (row["predicted_low"], row["predicted_high"])
        return results.finding_verdict(ends, row["low"], row["high"])
    return row["verdict"] if row["verdict"] in ("reported", "not run") else None
