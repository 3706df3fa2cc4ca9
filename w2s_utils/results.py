"""Rows with complete keys, and the ledger in which every claim gets its verdict (see `w2s_utils.judgement`).

Under ``build/<profile>/`` (see `w2s_utils.runtime`): ``rows/<name>.csv`` hold measured rows, ``claims/<notebook>.csv``
what one notebook found, ``claims.csv`` the whole ledger. Those depend on nothing but inputs and seeds; seconds are kept
apart, under ``logs/``, and join the ledger as its last column.
"""

from __future__ import annotations

import math
import time
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import judgement, runtime


class RowError(ValueError):
    """Rows that miss a key or repeat one, or a file of rows that is missing or damaged."""


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
    printed as one line. Raises `judgement.ClaimError` for a repeated id.
    """

    def __init__(self, notebook: str, claims: Sequence[str]):
        if isinstance(claims, str) or len(set(claims)) != len(claims) or not claims:
            raise judgement.ClaimError(f"{notebook} declares no claim, or one twice: {list(claims)}")
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
        `judgement.ClaimError` for what `judgement.fault` refuses, as all that record do: here a band without a finite end,
        and what is no number.
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
        """Record a finding on a prediction; its verdict follows from the numbers (see `judgement.finding_verdict`).

        ``prediction``: what is predicted, in words; ``stated_by``: whose prediction it is, of `judgement.STATED_BY`;
        ``predicted``: the range of ``statistic`` that counts as that, (low, high), either end may be infinite, written down
        before the run. ``found`` lies in its ``[low, high]``; ``interval`` says which interval that is (method, level, over
        what). Raises `judgement.ClaimError` for a range without an end, an interval that is not finite or does not hold
        ``found``, or missing words.
        """
        if isinstance(predicted, str) or not _is_pair(predicted):
            raise judgement.ClaimError(f"{claim}: a predicted range is a pair (low, high), not {predicted!r}")
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
        return pd.DataFrame(self._rows.values(), columns=list(judgement.COLUMNS)).drop(columns="seconds")

    def close(self) -> None:
        """Print the number of claims by verdict, after a check that every declared claim has been recorded.

        Raises `judgement.ClaimError` naming the missing.
        """
        missing = [claim for claim in self.declared if claim not in self._rows]
        if missing:
            raise judgement.ClaimError(f"{self.notebook} declared but never recorded: {', '.join(missing)}")
        counts = self.table()["verdict"].value_counts()
        print(
            f"{len(self.declared)} claims: "
            + ", ".join(f"{counts[v]} {v}" for v in judgement.VERDICTS if v in counts)
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
            raise judgement.ClaimError(
                f"{claim} is not among the claims that {self.notebook} declares: {', '.join(self.declared)}"
            )
        if claim in self._rows:
            raise judgement.ClaimError(f"{claim} was recorded already")
        row: dict[Hashable, Any] = {"claim": claim, "where": where, "statistic": statistic, "reason": reason}
        row |= {"prediction": prediction, "stated_by": stated_by, "low": low, "high": high, "found": found}
        row |= {"predicted_low": predicted_low, "predicted_high": predicted_high}
        row = judgement.as_floats(row)  # what is judged is what is written
        if unusable := judgement.unusable(kind, row):
            raise judgement.ClaimError(f"{claim}: {unusable}")
        now = time.perf_counter()
        row |= {"verdict": judgement.following(kind, row), "seconds": now - self._clock}
        self._rows[claim] = {name: row[name] for name in judgement.COLUMNS}
        try:
            self._save()
        except BaseException:
            del self._rows[claim]  # not written, so not recorded
            raise
        self._clock = now
        print(judgement.line(self._rows[claim]))

    def _save(self) -> None:
        frame = pd.DataFrame(self._rows.values(), columns=list(judgement.COLUMNS))
        with runtime.atomic_file(seconds_path(self.notebook)) as file:
            frame[["claim", "seconds"]].to_csv(file, index=False)
        with runtime.atomic_file(claims_path(self.notebook)) as file:
            frame.drop(columns="seconds").to_csv(file, index=False)


def _is_pair(values: Any) -> bool:
    try:
        return np.shape(values) == (2,)
    except ValueError:  # rows of unequal length
        return False


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
