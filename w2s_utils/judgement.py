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
LONGEST = 100_000  # characters of a text; a CSV is not read back with much more in one cell
FINDINGS = ("confirmed", "mixed", "not confirmed")
VERDICTS = (*FINDINGS, *CHECKS, "reported", "not run")
ENDS_DIGITS, ALL_DIGITS = 4, 17  # significant ones of an end of a band, and of a float that is itself
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


def as_floats(row: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
    """A row with its numbers as the floats that are written. Raises ClaimError for what is none, or beyond all floats."""
    for name in NUMBERS:
        if reason := _no_float(name, row[name]):
            raise ClaimError(f"{row['claim']}: {reason}")
    return {**row, **{name: float(row[name]) for name in NUMBERS}}


def unusable(kind: str, row: Mapping[Hashable, Any]) -> str | None:
    """What a row of a kind lacks, or has and must not have: `fault` but for the verdict."""
    for reason in (
        *(_no_text(name, row[name]) for name in WORDS),
        *(_no_float(name, row[name]) for name in NUMBERS),
    ):
        if reason:
            return reason
    if not row["claim"].strip():
        return "a claim has an id"
    return _of_prediction(kind, row) or (_of_band(row) if kind == "check" else _of_value(kind, row))


def _no_text(name: str, value: Any) -> str | None:
    if not isinstance(value, str):
        return f"{name} is text, not {value!r}"
    if len(value) > LONGEST:
        return f"{name} has {len(value)} characters, more than the {LONGEST} that can be read back"
    try:
        value.encode()
    except UnicodeEncodeError:
        return f"{name} holds half a character, which cannot be written: {value!r}"
    return None


def _no_float(name: str, value: Any) -> str | None:
    # A bool is a number to Python, a string of digits to float(): neither was measured.
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return f"{name} is one real number, not {value!r}"
    try:
        beyond = math.isinf(float(value)) and abs(value) != math.inf
    except OverflowError:
        beyond = True
    return f"{name} is beyond the largest number that is written (1.8e308)" if beyond else None


def _of_prediction(kind: str, row: Mapping[Hashable, Any]) -> str | None:
    ends = [row["predicted_low"], row["predicted_high"]]
    if kind == "finding" and not _is_range(*ends):
        return f"a predicted range needs low <= high and a finite end, not {ends}"
    if kind != "finding" and not all(map(math.isnan, ends)):
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
        return None if all(map(math.isnan, (low, high, found))) else "what was not run has no numbers"
    if all(map(math.isfinite, (low, high, found))) and low <= found <= high:
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
    """What was found, as text: EXACT where `is_exact`, else so many digits; empty where there is nothing.

    A value that failed has as many more as it takes to lie outside its `band` as text.
    """
    if is_exact(row):
        return EXACT
    found = row["found"]
    if math.isnan(found):
        return ""
    if row["verdict"] == "fail" and math.isfinite(found):
        low, high = map(float, _as_text(row["low"], row["high"], found, ENDS_DIGITS))
        while digits < ALL_DIGITS and low <= float(f"{found:.{digits}g}") <= high:
            digits += 1
    return f"{found:.{digits}g}"


def band(row: Mapping[Hashable, Any], digits: int = ENDS_DIGITS) -> str:
    """The band or interval of a claim as text: ``[low, high]``, or one-sided with >= or <=; empty where there is none.

    ``digits``: significant ones of an end, and more where it takes them to tell the ends apart, or to leave ``found`` outside.
    """
    return _ends(row["low"], row["high"], row.get("found", math.nan), digits)


def predicted(row: Mapping[Hashable, Any]) -> str:
    """The range that a finding's prediction allows, in the same way."""
    return _ends(row["predicted_low"], row["predicted_high"], math.nan, ENDS_DIGITS)


def _ends(low: float, high: float, found: float, digits: int) -> str:
    if math.isnan(low) or math.isnan(high):
        return ""
    texts = _as_text(low, high, found, digits)
    if math.isinf(high):
        return f">= {texts[0]}"
    return f"<= {texts[1]}" if math.isinf(low) else f"[{texts[0]}, {texts[1]}]"


def _as_text(low: float, high: float, found: float, digits: int) -> tuple[str, str]:
    """Both ends with so many digits, or more where text would hide that they differ, or that ``found`` lies outside."""
    first = max(digits, 6) if math.isinf(low) or math.isinf(high) else digits
    for count in range(first, ALL_DIGITS + 1):
        texts = f"{low:.{count}g}", f"{high:.{count}g}"
        lower, upper = map(float, texts)
        hidden = (found < low and found >= lower) or (found > high and found <= upper)
        if not hidden and (low == high or _differ(low, high, max(first, count - 1))):
            break
    return texts


def _differ(low: float, high: float, digits: int) -> bool:
    return float(f"{low:.{digits}g}") < float(f"{high:.{digits}g}")
