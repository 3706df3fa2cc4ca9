"""The gains of an answer as a drawing that a page or a notebook holds as text (SVG), without a plotting library."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..pages import rendering
from ..theory.certificate import GainCertificate
from .answer import Answer

READS = ("w2s_utils/own_data/templates/gain.svg.j2",)
SHOWN = 8
"""Weak models in the drawing and on the page: what fits one sheet."""
WIDTH, LEFT, RIGHT, ROW, TITLE, BOTTOM = 760, 200, 20, 44, 34, 84
"""The drawing in pixels: all, names on the left, margin on the right, one weak model, what stands above and below them."""
NAME_CHARACTERS = 28
LEAST_STEPS = 4


def gain_picture(answer: Answer, title: str = "") -> str:
    """Gain of each student with its interval, that of the labelled rows alone, and the misfit; least student error on top.

    ``title`` stands above. Returns an ``svg`` element that says in its label what it shows.
    """
    names = answer.names[:SHOWN]
    gains = [answer.gains[name] for name in names]
    low, high = _range(gains)
    top = TITLE if title else 0
    scale = (WIDTH - LEFT - RIGHT) / (high - low)

    def place(value: float) -> float:
        return round(LEFT + (value - low) * scale, 1)

    rows = [
        {
            "name": name if len(name) <= NAME_CHARACTERS else f"{name[: NAME_CHARACTERS - 1]}…",
            "y": top + ROW * (number + 0.5),
            **{part: place(getattr(gain, part)) for part in ("gain", "misfit", *_ENDS)},
        }
        for number, (name, gain) in enumerate(zip(names, gains, strict=True))
    ]
    return rendering.render(
        "gain.svg.j2",
        Path(__file__).parent / "templates",
        width=WIDTH,
        height=top + ROW * len(rows) + BOTTOM,
        left=LEFT,
        top=top,
        bottom=top + ROW * len(rows),
        rows=rows,
        zero=place(0.0),
        ticks=[(place(value), text) for value, text in _ticks(low, high)],
        title=title,
        level=f"gain, {answer.level:.12g} level, all statements together",
        alt=alt_text(answer),
        axis=answer.words.axis,
    )


_ENDS = ("low", "high", "naive_low", "naive_high")


def alt_text(answer: Answer) -> str:
    """What `gain_picture` shows, in words."""
    parts = [
        f"{name} {shown_gain(answer.gains[name])}, misfit {answer.gains[name].misfit:.3g}"
        for name in answer.names[:SHOWN]
    ]
    return f"Gain of the student of each weak model with its {percent(answer.level)} interval: {'; '.join(parts)}."


def shown_gain(gain: GainCertificate, digits: int | None = None) -> str:
    """The gain with its interval, to the digits that the interval warrants; powers of ten where those are many.

    ``digits`` behind the point, where several stand in one table: see `digits_of`.
    """
    shown = _shown((gain.gain, gain.low, gain.high), digits_of([gain]) if digits is None else digits)
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def shown_range(gain: GainCertificate, digits: int) -> str:
    """The interval alone, likewise."""
    return " to ".join(_shown((gain.low, gain.high), digits))


def _shown(values: Sequence[float], digits: int) -> list[str]:
    if digits > 6 or max(map(abs, values)) >= 1e7:
        most = math.floor(math.log10(max(map(abs, values)) or 1.0))
        shown = [f"{value:.{max(2, min(most + digits, 15))}e}" for value in values]
    else:
        shown = [f"{value:,.{max(0, digits)}f}" for value in values]
    return [one.replace("-", "−") for one in shown]


def digits_of(gains: Iterable[GainCertificate]) -> int:
    """Digits behind the point with which the shortest interval shows two digits of its half-width."""
    halves = [gain.half_width for gain in gains if gain.half_width > 0]
    return 1 - math.floor(math.log10(min(halves))) if halves else 3


def percent(level: float) -> str:
    """A level as it is said, to the digits that tell it from 1: 95%, 97.5%, 99.99999%."""
    digits = max(1, math.ceil(-math.log10(1 - level)) - 2)
    return f"{100 * level:.{digits}f}".rstrip("0").rstrip(".") + "%"


def _range(gains: list[GainCertificate]) -> tuple[float, float]:
    """What the drawing spans: all that it shows, and 0, with some space at both ends."""
    values: list[Any] = [getattr(gain, part) for gain in gains for part in ("misfit", *_ENDS)]
    low, high = min(0.0, *values), max(0.0, *values)
    space = 0.05 * (high - low) or 1.0
    return low - space, high + space


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Round values of the range, with what is written at them: steps of 1, 2 or 5 times a power of ten."""
    most = (high - low) / LEAST_STEPS
    power = 10.0 ** math.floor(math.log10(most))
    step = max(factor * power for factor in (1, 2, 5) if factor * power <= most)
    values = step * np.arange(math.ceil(low / step), math.floor(high / step) + 1)
    return [(float(value), f"{value + 0.0:.4g}".replace("-", "−")) for value in values]
