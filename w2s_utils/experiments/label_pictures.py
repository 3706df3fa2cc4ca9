"""Pictures of intervals for the gain: one draw and its lines, many draws, and how often they hold in many worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import figures
from ..theory import intervals
from ..theory.arrays import Array
from ..theory.capped import reaching
from ..theory.certificate import certify_gain
from .label_coverage import ALONE, CERTIFICATE, LINE, Ends
from .label_worlds import Rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLES = {CERTIFICATE: (figures.BLUE, "o", 6), LINE: (figures.GREEN, "x", 6), ALONE: (figures.GREY, "^", 5)}
"""Kinds of interval: colour, marker and its size."""
WIDE = 13.0


def lines_of_one_draw(axes: Axes, rows: Rows, labels: int) -> None:
    """Gain against misfit of ``rows``, ``(n,)`` each, the first ``labels`` of them labelled, with both lines."""
    truth, weak, student = rows
    gains, misfits = (weak - truth) ** 2 - (student - truth) ** 2, (weak - student) ** 2
    known, of_known = misfits[:labels], gains[:labels]
    cap = np.sort(known)[-reaching(labels)]
    slope = certify_gain(weak, student, truth[:labels], np.arange(labels)).slope
    grid = np.linspace(0, misfits.max(), 300)
    capped = of_known.mean() + slope * (np.minimum(grid, cap) - np.minimum(known, cap).mean())
    look: dict[str, Any] = {"ms": 3, "alpha": 0.4, "zorder": 1}
    axes.plot(misfits[labels:], gains[labels:], ".", color=figures.GREY, label="rows without a label", **look)
    axes.plot(known, of_known, "o", color="black", ms=5, label=f"{labels} labelled rows", zorder=3)
    straight = np.polyval(np.polyfit(known, of_known, 1), grid)
    axes.plot(grid, straight, color=STYLES[LINE][0], lw=2, label=LINE)
    axes.plot(grid, capped, color=STYLES[CERTIFICATE][0], lw=2, label="capped line")
    axes.axvline(cap, color=STYLES[CERTIFICATE][0], lw=1, ls=":", label="cap")
    axes.set(xlabel="misfit of a row, squared units of the target", ylabel="gain of a row, squared units")


def intervals_of_draws(axes: Axes, ends: Ends, gain: float, colour: Any) -> NDArray[np.bool_]:
    """One interval for each draw, and the true ``gain``. Returns which of them miss it, ``(draws,)``."""
    missed = (ends.low > gain) | (ends.high < gain)
    for some, shade, width in ((~missed, colour, 1.5), (missed, figures.VERMILION, 2.5)):
        places = np.flatnonzero(some)
        axes.hlines(places, ends.low[places], ends.high[places], color=shade, lw=width)
    axes.axvline(gain, color="black", lw=1.5, label="true gain")
    axes.set(xlabel="gain, squared units", ylabel="draw")
    return missed


def coverage_by_world(found: pd.DataFrame, level: float, height: float, least: float) -> Figure:
    """Shares of intervals that hold: a row for each world of `label_coverage.tried`, a panel for each number of labels.

    ``height``: inches; shares below ``least`` are drawn at the rim, as open marks.
    """
    import matplotlib.pyplot as plt

    worlds, counts = list(dict.fromkeys(found["world"])), sorted(set(found["labels"]))
    figure, grid = plt.subplots(
        1, len(counts), figsize=(WIDE, height), sharey=True, sharex=True, squeeze=False
    )
    for axes, labels in zip(grid[0], counts, strict=True):
        axes.axvline(100 * level, color="black", lw=1, ls="--", label=f"{100 * level:g} %, what is said")
        for kind, (colour, marker, size) in STYLES.items():
            rows = found[(found["kind"] == kind) & (found["labels"] == labels)]
            if not len(rows):
                continue
            shares = rows["held"].to_numpy() / rows["draws"].to_numpy()
            places = np.array([worlds.index(world) for world in rows["world"]])
            look = {"color": colour, "ms": size, "ls": "none"}
            below = shares < least
            axes.plot(100 * shares[~below], places[~below], marker, label=kind, **look)
            axes.plot(np.full(below.sum(), 100 * least), places[below], marker, mfc="none", **look)
        axes.set(title=f"{labels} labels", xlim=(100 * least - 1.5, 101), xlabel="intervals that hold, %")
    grid[0][0].set_yticks(range(len(worlds)), worlds)
    grid[0][0].set_ylim(len(worlds) - 0.5, -0.5)
    figures.legend_below(figure, grid[0][0], columns=4)
    return figure


def coverage_by_case(
    found: pd.DataFrame, worlds: Sequence[str], cases: Sequence[str], level: float
) -> Figure:
    """Shares that hold with their own intervals over draws: a panel for each of ``worlds``, a row for each of ``cases``."""
    import matplotlib.pyplot as plt

    figure, grid = plt.subplots(1, len(worlds), figsize=(WIDE, 3.4), sharey=True, sharex=True, squeeze=False)
    for axes, world in zip(grid[0], worlds, strict=True):
        axes.axvline(100 * level, color="black", lw=1, ls="--", label=f"{100 * level:g} %, what is said")
        for beside, kind in ((-0.12, CERTIFICATE), (0.12, ALONE)):
            rows = (
                found[(found["world"] == world) & (found["kind"] == kind)].set_index("case").loc[list(cases)]
            )
            middle, low, high = 100 * _shares(rows)
            look = {"fmt": STYLES[kind][1], "color": STYLES[kind][0], "ms": 6, "lw": 1.8, "label": kind}
            axes.errorbar(middle, np.arange(len(cases)) + beside, xerr=[middle - low, high - middle], **look)
        axes.set(title=world, xlim=(-3, 103), ylim=(len(cases) - 0.5, -0.5), xlabel="intervals that hold, %")
    grid[0][0].set_yticks(range(len(cases)), cases)
    figures.legend_below(figure, grid[0][0], columns=3)
    return figure


def as_labels_come(drawn: Mapping[str, Rows], counts: Sequence[int], gains: Mapping[str, float]) -> Figure:
    """Intervals against the number of labels: a panel for each world, of whose rows the first are labelled.

    ``gains``: true ones, by world. Intervals of few labels may go on beyond the rim.
    """
    import matplotlib.pyplot as plt

    figure, grid = plt.subplots(1, len(drawn), figsize=(11, 4.8), squeeze=False)
    for axes, (name, (truth, weak, student)) in zip(grid[0], drawn.items(), strict=True):
        made = [certify_gain(weak, student, truth[:m], np.arange(m)) for m in counts]
        ends = {
            ALONE: np.array([(one.naive_low, one.naive_high) for one in made]),
            CERTIFICATE: np.array([(one.low, one.high) for one in made]),
        }
        for (kind, pairs), beside in zip(ends.items(), (0.97, 1.03), strict=True):
            low, high = pairs.T
            look = {"fmt": STYLES[kind][1], "color": STYLES[kind][0], "ms": 5.5, "lw": 2, "label": kind}
            axes.errorbar(np.array(counts) * beside, (low + high) / 2, (high - low) / 2, **look)
        misfit, half = made[0].misfit, 8 * made[-1].half_width
        axes.axhline(gains[name], color="black", lw=1.5, label="true gain", zorder=1)
        axes.axhline(misfit, color=figures.MISFIT, lw=1.5, ls="--", label="misfit, no labels needed")
        axes.axhline(0, color=figures.GREY, lw=0.8, ls=":")
        axes.set(xscale="log", xlabel="true labels", ylabel="gain, squared units of the target", title=name)
        axes.set_ylim(gains[name] - half, max(gains[name] + half, 1.05 * misfit))
        axes.xaxis.set_major_formatter("{x:g}")
    figures.legend_below(figure, grid[0][0], columns=4)
    return figure


def _shares(rows: pd.DataFrame) -> Array:
    """Estimate, low and high end ``(3, rows)``."""
    pairs = zip(rows["held"], rows["draws"], strict=True)
    return np.array([intervals.share(int(held), int(draws)) for held, draws in pairs]).T
