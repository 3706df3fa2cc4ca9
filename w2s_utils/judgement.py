"""Verdicts: what a claim's row must hold, which verdict follows from its numbers, and how a row reads as text.

Two kinds of verdict. A **check** judges our own code and exact mathematics against a band: ``pass`` or ``fail``. A **finding**
judges a prediction: its range is written down beside what was found with its interval, and one word of STATED_BY says
whose it is. ``confirmed``: the interval lies inside the range; ``not confirmed``: it lies outside; ``mixed``: it reaches
across an end of the range, so the data do not decide. What nothing predicts is ``reported``. What a row of either kind must
hold stands once, in `fault`: no ledger writes another row, and no other is read back.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

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


class ClaimError(ValueError):
    """A claim that was not declared, was recorded twice, or is not what its kind of claim must be (see `fault`)."""


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
    """Why no ledger can have written a row, in a sentence; None for a row that is as it must be.

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
    if lacking := unusable(kind, row):
        return lacking
    follows = following(kind, row)
    return None if row["verdict"] == follows else f"by its numbers it is {follows!r}, not {row['verdict']!r}"


def _kind(verdict: Any) -> str | None:
    if verdict in CHECKS:
        return "check"
    if verdict in FINDINGS:
        return "finding"
    return verdict if verdict in VERDICTS else None


def following(kind: str, row: Mapping[Hashable, Any]) -> str:
    """The verdict that follows from a row of a kind which is not `unusable`."""
    if kind == "check":
        return check_verdict(row["low"], row["high"], row["found"])
    if kind == "finding":
        return finding_verdict((row["predicted_low"], row["predicted_high"]), row["low"], row["high"])
    return kind


def unusable(kind: str, row: Mapping[Hashable, Any]) -> str | None:
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
