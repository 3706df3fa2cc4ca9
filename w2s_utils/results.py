"""Rows with complete keys, and the ledger in which every claim gets its verdict.

Two kinds of verdict. A **check** judges our own code and exact mathematics against a band: ``pass`` or ``fail``. A **finding**
judges a claim of a paper: the range that the claim predicts is written down beside what was found with its interval.
``confirmed``: the interval lies inside the range; ``not confirmed``: it lies outside; ``mixed``: it reaches across an
end of the range, so the data do not decide. What nothing predicts is ``reported``.

Under ``build/<profile>/`` (see `w2s_utils.runtime`): ``rows/<name>.csv`` hold measured rows, ``claims/<notebook>.csv``
what one notebook found, ``claims.csv`` the whole ledger. Those depend on nothing but inputs and seeds; seconds are kept
apart, under ``logs/``, and join the ledger as its last column.
"""

from __future__ import annotations

import math
import time
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import runtime

COLUMNS = (
    "claim",
    "where",
    "prediction",
    "predicted_low",
    "predicted_high",
    "statistic",
    "low",
    "high",
    "found",
    "verdict",
    "reason",
    "seconds",
)
CHECKS = ("pass", "fail")
FINDINGS = ("confirmed", "mixed", "not confirmed")
VERDICTS = (*FINDINGS, *CHECKS, "reported", "not run")
ROUND_OFF, ROUND_OFF_BAND = 1e-10, 1e-8
EXACT = f"exact (< {ROUND_OFF:g})"
"""How a value is written that is round-off in a band for round-off: its digits mean nothing and differ by processor."""


class RowError(ValueError):
    """Rows that miss a key or repeat one, or a file of rows that is missing or damaged."""


class ClaimError(ValueError):
    """A claim that was not declared, was recorded twice, or has no usable band."""


def save_rows(name: str, rows: Iterable[dict] | pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Write ``rows/<name>.csv`` atomically and return the rows as written.

    ``keys``: the columns that identify a row; each must be present, filled, and unique taken together. Floats are
    written so that reading gives back the same bits. Raises RowError (nothing is written then), also for numbers written
    as text, which would come back as numbers.
    """
    frame = pd.DataFrame(rows)
    _check_keys(name, frame, keys)
    narrow = frame.select_dtypes("float32").columns
    frame[narrow] = frame[narrow].astype(np.float64)
    for column in frame.select_dtypes(["object", "str"]):
        if pd.to_numeric(frame[column], errors="coerce").notna().all():
            raise RowError(f"{name}: the column {column} holds numbers as text; make them numbers")
    with runtime.atomic_file(_rows_path(name)) as file:
        frame.to_csv(file, index=False)
    return frame


def load_rows(name: str, keys: Sequence[str]) -> pd.DataFrame:
    """Read ``rows/<name>.csv`` of the profile in force. Raises RowError where it is missing, empty or damaged."""
    path = _rows_path(name)
    if not path.is_file():
        raise RowError(f"no rows {runtime.shown(path)}: run the notebook that writes them first")
    try:
        if not path.read_bytes().endswith(b"\n"):
            raise RowError(f"{runtime.shown(path)} is cut off; delete it and run its notebook again")
        # Only what save_rows leaves empty is missing: a representation may well be called "None".
        frame = pd.read_csv(path, keep_default_na=False, na_values=[""])
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise RowError(
            f"{runtime.shown(path)} cannot be read ({error}); delete it and run its notebook again"
        ) from error
    _check_keys(name, frame, keys)
    return frame


class Ledger:
    """The claims of one notebook, declared first and recorded one by one.

    ``notebook``: its name, e.g. ``10_theorem_1``; ``claims``: every id that the notebook is going to record, as a literal
    list, so that the report knows what is missing when a run stops early. Each recorded claim is written at once and
    printed as one line. Raises ClaimError for a repeated id.
    """

    def __init__(self, notebook: str, claims: Sequence[str]):
        if isinstance(claims, str) or len(set(claims)) != len(claims) or not claims:
            raise ClaimError(f"{notebook} declares no claim, or one twice: {list(claims)}")
        self.notebook = notebook
        self.declared = tuple(claims)
        self._rows: dict[str, dict] = {}
        self._clock = time.perf_counter()
        self._save()

    def claim(
        self,
        claim: str,
        where: str,
        statistic: str,
        found: float,
        low: float = -math.inf,
        high: float = math.inf,
    ) -> None:
        """Record a claim with a band: ``pass`` when low <= found <= high, else ``fail``.

        ``where``: place in the paper; ``statistic``: what ``found`` measures, with its unit. A value that is not finite
        fails. The band comes from theory or from several seeds of an earlier run, never from the run that it judges.
        """
        if not low <= high or (math.isinf(low) and math.isinf(high)):
            raise ClaimError(
                f"{claim}: a band needs low <= high and at least one finite end, not [{low}, {high}]"
            )
        if isinstance(found, bool | str):
            raise ClaimError(f"{claim}: what was found is a number, not {found!r}")
        found = float(found)
        self._record(claim, where, statistic, low, high, found, check_verdict(low, high, found), "")

    def finding(
        self,
        claim: str,
        where: str,
        prediction: str,
        predicted: tuple[float, float],
        statistic: str,
        found: float,
        low: float,
        high: float,
        interval: str,
    ) -> None:
        """Record a finding on a claim of a paper; its verdict follows from the numbers (see `finding_verdict`).

        ``prediction``: what the paper says, in words; ``predicted``: the range of ``statistic`` that counts as that, (low,
        high), either end may be infinite, written down before the run. ``found`` lies in its ``[low, high]``;
        ``interval`` says which interval that is (method, level, over what). Raises ClaimError for a range without an end, an
        interval that is not finite or does not hold ``found``, or missing words.
        """
        ends = (float(predicted[0]), float(predicted[1]))
        found, low, high = float(found), float(low), float(high)
        if not ends[0] <= ends[1] or (math.isinf(ends[0]) and math.isinf(ends[1])):
            raise ClaimError(
                f"{claim}: a predicted range needs low <= high and a finite end, not {list(ends)}"
            )
        if not (np.isfinite([found, low, high]).all() and low <= found <= high):
            raise ClaimError(
                f"{claim}: a finding needs a finite value inside a finite interval, not {found} in [{low}, {high}] "
                "(use not_run where nothing could be measured)"
            )
        if not (prediction.strip() and interval.strip()):
            raise ClaimError(f"{claim}: say what the paper predicts and which interval this is")
        verdict = finding_verdict(ends, low, high)
        self._record(claim, where, statistic, low, high, found, verdict, interval, prediction, ends)

    def report(
        self, claim: str, where: str, statistic: str, found: float, low: float, high: float, reason: str
    ) -> None:
        """Record a measurement for which nothing predicts a band; low and high are its own interval.

        ``reason``: why there is no band and what the interval is (method, level, over what).
        """
        found = float(found)
        if not (np.isfinite([found, low, high]).all() and low <= high and reason.strip()):
            raise ClaimError(
                f"{claim}: a reported value needs a finite value and interval, and the reason why it has no band; "
                f"not {found}, [{low}, {high}], {reason!r} (use not_run where nothing could be measured)"
            )
        self._record(claim, where, statistic, low, high, found, "reported", reason)

    def not_run(self, claim: str, where: str, statistic: str, reason: str, prediction: str = "") -> None:
        """Record that a claim could not be judged, and why; ``prediction``: what a finding would have been held against."""
        if not reason.strip():
            raise ClaimError(f"{claim}: say why it was not run")
        nothing = (math.nan, math.nan, math.nan)
        self._record(claim, where, statistic, *nothing, "not run", reason, prediction)

    def table(self) -> pd.DataFrame:
        """The recorded claims, one row each, without seconds."""
        return pd.DataFrame(self._rows.values(), columns=list(COLUMNS)).drop(columns="seconds")

    def close(self) -> None:
        """Print the number of claims by verdict, after a check that every declared claim has been recorded.

        Raises ClaimError naming the missing.
        """
        missing = [claim for claim in self.declared if claim not in self._rows]
        if missing:
            raise ClaimError(f"{self.notebook} declared but never recorded: {', '.join(missing)}")
        counts = self.table()["verdict"].value_counts()
        print(
            f"{len(self.declared)} claims: " + ", ".join(f"{counts[v]} {v}" for v in VERDICTS if v in counts)
        )

    def _record(
        self,
        claim: str,
        where: str,
        statistic: str,
        low: float,
        high: float,
        found: float,
        verdict: str,
        reason: str,
        prediction: str = "",
        predicted: tuple[float, float] = (math.nan, math.nan),
    ) -> None:
        if claim not in self.declared:
            raise ClaimError(
                f"{claim} is not among the claims that {self.notebook} declares: {', '.join(self.declared)}"
            )
        if claim in self._rows:
            raise ClaimError(f"{claim} was recorded already")
        now = time.perf_counter()
        seconds, self._clock = now - self._clock, now
        before = (claim, where, prediction, *predicted, statistic)
        self._rows[claim] = dict(
            zip(COLUMNS, (*before, low, high, found, verdict, reason, seconds), strict=True)
        )
        self._save()
        print(line(self._rows[claim]))

    def _save(self) -> None:
        frame = pd.DataFrame(self._rows.values(), columns=list(COLUMNS))
        with runtime.atomic_file(seconds_path(self.notebook)) as file:
            frame[["claim", "seconds"]].to_csv(file, index=False)
        with runtime.atomic_file(claims_path(self.notebook)) as file:
            frame.drop(columns="seconds").to_csv(file, index=False)


def check_verdict(low: float, high: float, found: float) -> str:
    """``pass`` where ``found`` is finite and lies in [low, high], else ``fail``."""
    return "pass" if math.isfinite(found) and low <= found <= high else "fail"


def finding_verdict(predicted: tuple[float, float], low: float, high: float) -> str:
    """The interval [low, high] inside the predicted range is ``confirmed``, outside ``not confirmed``, else ``mixed``."""
    if predicted[0] <= low and high <= predicted[1]:
        return "confirmed"
    return "not confirmed" if high < predicted[0] or low > predicted[1] else "mixed"


def line(row: Mapping[Hashable, Any]) -> str:
    """One claim as one line of text, for logs and notebooks."""
    if row["verdict"] == "not run":
        return f"[not run]  {row['claim']}: {row['reason']}"
    word = "band" if row["verdict"] in CHECKS else "interval"
    text = f"[{row['verdict']}]  {row['claim']}: {row['statistic']} = {shown(row)}, {word} {band(row)}"
    return f"{text}; predicted {predicted(row)}" if row["verdict"] in FINDINGS else text


def is_exact(row: Mapping[Hashable, Any]) -> bool:
    """Whether a claim passed whose band is for round-off, ``found`` below ROUND_OFF in ``<= ROUND_OFF_BAND`` or narrower."""
    within = row["verdict"] == "pass" and row["low"] == -math.inf and 0 < row["high"] <= ROUND_OFF_BAND
    return bool(within and abs(row["found"]) < ROUND_OFF)


def shown(row: Mapping[Hashable, Any], digits: int = 6) -> str:
    """What was found, as text: EXACT where `is_exact`, else so many digits; empty where there is nothing."""
    if is_exact(row):
        return EXACT
    return "" if math.isnan(row["found"]) else f"{row['found']:.{digits}g}"


def band(row: Mapping[Hashable, Any]) -> str:
    """The band of a claim as text: ``[low, high]``, or one-sided with >= or <=; empty where there is none."""
    return _ends(row["low"], row["high"])


def predicted(row: Mapping[Hashable, Any]) -> str:
    """The range that a finding's prediction allows, in the same way."""
    return _ends(row["predicted_low"], row["predicted_high"])


def _ends(low: float, high: float) -> str:
    if math.isnan(low) or math.isnan(high):
        return ""
    if math.isinf(high):
        return f">= {low:g}"
    return f"<= {high:g}" if math.isinf(low) else f"[{low:.4g}, {high:.4g}]"


def _check_keys(name: str, frame: pd.DataFrame, keys: Sequence[str]) -> None:
    if frame.empty:
        raise RowError(f"{name}: there is not one row")
    absent = [key for key in keys if key not in frame.columns]
    if absent or not keys:
        raise RowError(f"{name}: the rows lack the key columns {', '.join(absent) or '(none were named)'}")
    unfilled = [key for key in keys if frame[key].isna().any()]
    if unfilled:
        raise RowError(f"{name}: the key columns {', '.join(unfilled)} have empty values")
    if frame.duplicated(list(keys)).any():
        twice = frame.loc[frame.duplicated(list(keys)), list(keys)].iloc[0].to_dict()
        raise RowError(f"{name}: two rows have the key {twice}")


def _rows_path(name: str) -> Path:
    return runtime.build_folder() / "rows" / f"{name}.csv"


def claims_path(notebook: str) -> Path:
    """File of the claims that one notebook recorded, in the profile in force."""
    return runtime.build_folder() / "claims" / f"{notebook}.csv"


def seconds_path(notebook: str) -> Path:
    """File of the seconds that they took, in the profile in force."""
    return runtime.build_folder() / "logs" / f"{notebook}.seconds.csv"
