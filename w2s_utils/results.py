"""Rows with complete keys, and the ledger in which every claim gets its verdict.

Two kinds of verdict. A **check** judges our own code and exact mathematics against a band: ``pass`` or ``fail``. A **finding**
judges a prediction: its range is written down beside what was found with its interval, and one word of STATED_BY says
whose it is. ``confirmed``: the interval lies inside the range; ``not confirmed``: it lies outside; ``mixed``: it reaches
across an end of the range, so the data do not decide. What nothing predicts is ``reported``. What a row of either kind must
hold stands once, in `fault`: the ledger writes no other row, and no other is read back.

Under ``build/<profile>/`` (see `w2s_utils.runtime`): ``rows/<name>.csv`` hold measured rows, ``claims/<notebook>.csv``
what one notebook found, ``claims.csv`` the whole ledger. Those depend on nothing but inputs and seeds; seconds are kept
apart, under ``logs/``, and join the ledger as its last column.
"""

from __future__ import annotations

import math
import numbers
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
    "stated_by",
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
WORDS = ("claim", "where", "prediction", "stated_by", "statistic", "reason")
NUMBERS = ("predicted_low", "predicted_high", "low", "high", "found")
STATED_BY = ("the paper", "a reading", "ours")
"""Whose prediction a finding judges. ``the paper``: the paper or its released notebook states it, and the range that counts as
it is ours; ``a reading``: it is read into the paper, or out of what others say of it; ``ours``: the paper does not ask."""
CHECKS = ("pass", "fail")
FINDINGS = ("confirmed", "mixed", "not confirmed")
VERDICTS = (*FINDINGS, *CHECKS, "reported", "not run")
ROUND_OFF, ROUND_OFF_BAND = 1e-10, 1e-8
EXACT = f"exact (< {ROUND_OFF:g})"
"""How a value is written that is round-off in a band for round-off: its digits mean nothing and differ by processor."""


class RowError(ValueError):
    """Rows that miss a key or repeat one, or a file of rows that is missing or damaged."""


class ClaimError(ValueError):
    """A claim that was not declared, was recorded twice, or is not what its kind of claim must be (see `fault`)."""


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
        self._rows: dict[str, dict[Hashable, Any]] = {}
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
        fails. The band comes from theory or from several seeds of an earlier run, never from the run that it judges. Raises
        ClaimError for what `fault` refuses, as all that record do: here a band without a finite end, and what is no number.
        """
        self._record("check", claim, where, statistic, low, high, found)

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
        *,
        stated_by: str,
    ) -> None:
        """Record a finding on a prediction; its verdict follows from the numbers (see `finding_verdict`).

        ``prediction``: what is predicted, in words; ``stated_by``: whose prediction it is, of STATED_BY; ``predicted``: the
        range of ``statistic`` that counts as that, (low, high), either end may be infinite, written down before the run.
        ``found`` lies in its ``[low, high]``; ``interval`` says which interval that is (method, level, over what). Raises
        ClaimError for a range without an end, an interval that is not finite or does not hold ``found``, or missing words.
        """
        if isinstance(predicted, str) or np.shape(predicted) != (2,):
            raise ClaimError(f"{claim}: a predicted range is a pair (low, high), not {predicted!r}")
        row = (claim, where, statistic, low, high, found, interval, prediction, stated_by, *predicted)
        self._record("finding", *row)

    def report(
        self, claim: str, where: str, statistic: str, found: float, low: float, high: float, reason: str
    ) -> None:
        """Record a measurement for which nothing predicts a band; low and high are its own interval, which holds ``found``.

        ``reason``: why there is no band and what the interval is (method, level, over what). Raises as `finding`.
        """
        self._record("reported", claim, where, statistic, low, high, found, reason)

    def not_run(
        self,
        claim: str,
        where: str,
        statistic: str,
        reason: str,
        prediction: str = "",
        *,
        stated_by: str = "",
    ) -> None:
        """Record that a claim could not be judged, and why; for a finding with the ``prediction`` and whose it is."""
        nothing = (math.nan, math.nan, math.nan)
        self._record("not run", claim, where, statistic, *nothing, reason, prediction, stated_by)

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
        kind: str,
        claim: str,
        where: str,
        statistic: str,
        low: float,
        high: float,
        found: float,
        reason: str = "",
        prediction: str = "",
        stated_by: str = "",
        predicted_low: float = math.nan,
        predicted_high: float = math.nan,
    ) -> None:
        if claim not in self.declared:
            raise ClaimError(
                f"{claim} is not among the claims that {self.notebook} declares: {', '.join(self.declared)}"
            )
        if claim in self._rows:
            raise ClaimError(f"{claim} was recorded already")
        row: dict[Hashable, Any] = {"claim": claim, "where": where, "statistic": statistic, "reason": reason}
        row |= {"prediction": prediction, "stated_by": stated_by, "low": low, "high": high, "found": found}
        row |= {"predicted_low": predicted_low, "predicted_high": predicted_high}
        if unusable := _unusable(kind, row):
            raise ClaimError(f"{claim}: {unusable}")
        row |= {name: float(row[name]) for name in NUMBERS}
        now = time.perf_counter()
        row |= {"verdict": _verdict(kind, row), "seconds": now - self._clock}
        self._clock = now
        self._rows[claim] = {name: row[name] for name in COLUMNS}
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
    """The interval [low, high] inside the predicted range is ``confirmed``, outside ``not confirmed``, else ``mixed``.

    An interval of no length confirms nothing: all units agreed, which says that a difference is rare and not how rare, and a
    range may end right beside them. Inside the range it is ``mixed``. Raises ClaimError for NaN and ends in the wrong order.
    """
    for ends in (predicted, (low, high)):
        if not ends[0] <= ends[1]:
            raise ClaimError(f"a range and an interval have low <= high, not {list(ends)}")
    if high < predicted[0] or low > predicted[1]:
        return "not confirmed"
    return "confirmed" if predicted[0] <= low < high <= predicted[1] else "mixed"


def fault(row: Mapping[Hashable, Any]) -> str | None:
    """Why a `Ledger` cannot have written a row, in a sentence; None for a row that is as it must be.

    ``row``: COLUMNS but seconds, numbers as floats, NaN where there is none. This is the rule for every row, whether a ledger
    records it or a file holds it:

    - A check has a band with a finite end, and neither prediction nor reason.
    - A finding has a prediction in words, a word of STATED_BY, and a range with a finite end; it has a finite interval that
      holds a finite value, and says which interval that is.
    - A reported value has such an interval and such a reason, and no prediction.
    - What was not run has a reason and no number; of a prediction it has the words and whose it is, or neither.
    - The verdict is the one that follows from the numbers.
    """
    kind = _kind(row["verdict"])
    if kind is None:
        return f"{row['verdict']!r} is no verdict"
    if unusable := _unusable(kind, row):
        return unusable
    follows = _verdict(kind, row)
    return None if row["verdict"] == follows else f"by its numbers it is {follows!r}, not {row['verdict']!r}"


def _kind(verdict: Any) -> str | None:
    if verdict in CHECKS:
        return "check"
    if verdict in FINDINGS:
        return "finding"
    return verdict if verdict in VERDICTS else None


def _verdict(kind: str, row: Mapping[Hashable, Any]) -> str:
    """The verdict that follows from a row of a kind which is not `_unusable`."""
    if kind == "check":
        return check_verdict(row["low"], row["high"], row["found"])
    if kind == "finding":
        return finding_verdict((row["predicted_low"], row["predicted_high"]), row["low"], row["high"])
    return kind


def _unusable(kind: str, row: Mapping[Hashable, Any]) -> str | None:
    """What a row of a kind lacks, or has and must not have: `fault` but for the verdict."""
    for name in WORDS:
        if not isinstance(row[name], str):
            return f"{name} is text, not {row[name]!r}"
    for name in NUMBERS:
        # A bool is a number to Python, a string of digits to float(): neither was measured.
        if isinstance(row[name], bool) or not isinstance(row[name], numbers.Real):
            return f"{name} is one real number, not {row[name]!r}"
    if not row["claim"].strip():
        return "a claim has an id"
    return _of_prediction(kind, row) or (_of_band(row) if kind == "check" else _of_value(kind, row))


def _of_prediction(kind: str, row: Mapping[Hashable, Any]) -> str | None:
    ends = [row["predicted_low"], row["predicted_high"]]
    if kind == "finding" and not _is_range(*ends):
        return f"a predicted range needs low <= high and a finite end, not {ends}"
    if kind != "finding" and not np.isnan(ends).all():
        return f"only a finding has a predicted range, not what is {_named(kind)}"
    if kind == "finding" and not row["prediction"].strip():
        return "say what is predicted, in words"
    if kind in ("check", "reported") and (row["prediction"] or row["stated_by"]):
        return f"only a finding has a prediction, not what is {_named(kind)}"
    if (kind == "finding" or row["prediction"] or row["stated_by"]) and not (
        row["prediction"].strip() and row["stated_by"] in STATED_BY
    ):
        return f"stated_by says whose the prediction is, of {', '.join(STATED_BY)}, not {row['stated_by']!r}"
    return None


def _of_band(row: Mapping[Hashable, Any]) -> str | None:
    if row["reason"]:
        return "a check has no reason: its band says all"
    if not _is_range(row["low"], row["high"]):
        return f"a band needs low <= high and at least one finite end, not {[row['low'], row['high']]}"
    return None


def _of_value(kind: str, row: Mapping[Hashable, Any]) -> str | None:
    low, high, found = row["low"], row["high"], row["found"]
    if not row["reason"].strip():
        return {
            "finding": "say which interval this is",
            "reported": "say the reason why there is no band, and which interval this is",
            "not run": "say why it was not run",
        }[kind]
    if kind == "not run":
        return None if np.isnan([low, high, found]).all() else "what was not run has no numbers"
    if np.isfinite([low, high, found]).all() and low <= found <= high:
        return None
    return (
        f"it needs a finite value inside a finite interval, not {found} in {[low, high]} "
        "(use not_run where nothing could be measured)"
    )


def _named(kind: str) -> str:
    return "a check" if kind == "check" else kind


def _is_range(low: float, high: float) -> bool:
    return bool(low <= high and not (math.isinf(low) and math.isinf(high)))


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
