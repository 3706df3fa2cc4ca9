"""Rows with complete keys, and the ledger in which every claim gets its verdict.

Under ``build/<profile>/`` (see `w2s_utils.runtime`): ``rows/<name>.csv`` hold measured rows, ``claims/<notebook>.csv``
what one notebook found, ``claims.csv`` the whole ledger. Those depend on nothing but inputs and seeds; seconds are kept
apart, under ``logs/``, and join the ledger as its last column.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import runtime

COLUMNS = ("claim", "where", "statistic", "low", "high", "found", "verdict", "reason", "seconds")
VERDICTS = ("pass", "fail", "not run", "reported")
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


def bootstrap_interval(
    values: np.ndarray, statistic: Callable, seed: int, level: float = 0.95, resamples: int = 2000
) -> tuple[float, float]:
    """Percentile bootstrap interval of ``statistic(values[rows])``, rows drawn with replacement.

    ``values``: ``(n, ...)``, n >= 2; ``level`` in (0, 1). Resamples on which the statistic is not finite (a correlation
    of a constant) are left out. Raises ValueError for fewer than two rows, a level outside (0, 1), or values on which the
    statistic itself is not one finite number.
    """
    values = np.asarray(values)
    if len(values) < 2:
        raise ValueError("an interval needs at least two rows")
    if not 0 < level < 1:
        raise ValueError(f"the level lies in (0, 1), not {level}")
    if np.ndim(whole := statistic(values)) or not np.isfinite(whole):
        raise ValueError(
            f"the statistic of all values is {whole}, not one finite number: drop rows with NaN first"
        )
    draws = runtime.seed_stream(seed, "bootstrap").integers(len(values), size=(resamples, len(values)))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.array([statistic(values[draw]) for draw in draws])
    low, high = np.quantile(found[np.isfinite(found)], [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


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
        inside = math.isfinite(found) and low <= found <= high
        self._record(claim, where, statistic, low, high, found, "pass" if inside else "fail", "")

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

    def not_run(self, claim: str, where: str, statistic: str, reason: str) -> None:
        """Record that a claim could not be judged, and why."""
        if not reason.strip():
            raise ClaimError(f"{claim}: say why it was not run")
        self._record(claim, where, statistic, math.nan, math.nan, math.nan, "not run", reason)

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
    ) -> None:
        if claim not in self.declared:
            raise ClaimError(
                f"{claim} is not among the claims that {self.notebook} declares: {', '.join(self.declared)}"
            )
        if claim in self._rows:
            raise ClaimError(f"{claim} was recorded already")
        now = time.perf_counter()
        values = (claim, where, statistic, low, high, found, verdict, reason, now - self._clock)
        self._clock = now
        self._rows[claim] = dict(zip(COLUMNS, values, strict=True))
        self._save()
        print(line(self._rows[claim]))

    def _save(self) -> None:
        frame = pd.DataFrame(self._rows.values(), columns=list(COLUMNS))
        with runtime.atomic_file(seconds_path(self.notebook)) as file:
            frame[["claim", "seconds"]].to_csv(file, index=False)
        with runtime.atomic_file(claims_path(self.notebook)) as file:
            frame.drop(columns="seconds").to_csv(file, index=False)


def line(row: Mapping[Hashable, Any]) -> str:
    """One claim as one line of text, for logs and notebooks."""
    if row["verdict"] == "not run":
        return f"[not run]  {row['claim']}: {row['reason']}"
    word = "interval" if row["verdict"] == "reported" else "band"
    return f"[{row['verdict']}]  {row['claim']}: {row['statistic']} = {shown(row)}, {word} {band(row)}"


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
    low, high = row["low"], row["high"]
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
