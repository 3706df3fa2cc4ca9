"""Pictures of the map of all notebooks (`experiments.map_rows`): teacher at (0, 0), truth at (1, 0), students anywhere above.

By Thales the half circle over teacher and truth is gain = misfit; circles round the truth are equal gains, (0, 0) has gain 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import figures
from ..theory.arrays import Array
from . import map_rows

SECTIONS: Mapping[str, tuple[str, Any]] = {
    "1": ("theorems and how they fail", figures.BLUE),
    "2": ("synthetic", figures.ORANGE),
    "3": ("molecules", figures.GREEN),
    "4": ("texts, classes, networks", figures.PURPLE),
    "5": ("theory of the papers around", figures.VERMILION),
    "6": ("methods of the papers around", figures.PALETTE[5]),
}
"""Words and colour by the first digit of a notebook's number."""

WHO = {
    "10": "Theorem 1", "11": "Theorem 2", "12": "theorems broken", "13": "same rows", "20": "Figure 2(a–c)",
    "21": "few labels, linear", "22": "few labels, networks", "31": "Figure 2(d–f)", "32": "which weak model",
    "33": "few labels, molecules", "34": "rows of the fit", "35": "stronger classes", "38": "pre-training seeds",
    "40": "texts", "41": "convex mixtures", "44": "classes", "49": "Oh et al.", "51": "Lang et al.", "52": "Medvedev et al.",
    "53": "Dong et al.", "54": "Moniri & Hassani", "55": "Ildiz et al.", "56": "Wu & Sahai", "57": "Shin et al.",
    "58": "Somerstep et al.", "59": "Wu et al.", "60": "confidence losses", "61": "filters", "62": "ensembles",
}  # fmt: skip
"""The notebooks that are drawn, in few words. The two trials of 00 are not."""

LEFT, RIGHT, TOP = -0.3, 2.0, 1.1  # of the pictures
GAINS = {0.0: ("-", 114), 0.5: (":", 71), -1.0: (":", 134)}  # line, and where its label stands, in degrees
LINE = 0.052  # height of a name
NAMES = ((-0.16, "right"), (1.33, "left"))  # where the two columns of names stand


@dataclass(frozen=True)
class Dust:
    """Drawn trials of one notebook, ``x (n,)`` and ``y (n,)``, the ``median`` place of all of its trials, and what share of
    them lies ``beyond`` the picture."""

    x: Array
    y: Array
    median: tuple[float, float]
    beyond: float


def dust(trials: pd.DataFrame, count: int, stream: np.random.Generator) -> dict[str, Dust]:
    """By ``notebook``, those of WHO: at most ``count`` trials, drawn at random.

    ``trials``: as `map_rows.placed` gives them, with a column ``notebook``.
    """
    found = {}
    for notebook, some in trials[trials["notebook"].isin(list(WHO))].groupby("notebook"):
        x, y = map_rows.plane(some)
        kept = stream.permutation(len(some))[:count]
        beyond = float(np.mean((y > TOP) | (x < LEFT) | (x > RIGHT)))
        found[str(notebook)] = Dust(x[kept], y[kept], (float(np.median(x)), float(np.median(y))), beyond)
    return found


def colour(notebook: str) -> Any:
    """Colour of a notebook's section."""
    return SECTIONS[notebook[0]][1]


def frame(axes: Axes, labels: bool = False) -> Axes:
    """Teacher and truth, the circle of Theorem 1, circles of equal gain."""
    angle = np.linspace(0, math.pi, 200)
    for share, (style, degrees) in GAINS.items():
        radius, at = math.sqrt(1 - share), math.radians(degrees)
        line: dict[str, Any] = {"color": figures.GREY, "ls": style, "lw": 1, "zorder": 1}
        axes.plot(1 + radius * np.cos(angle), radius * np.sin(angle), **line)
        if labels:
            words = f"gain {share:+.0%}".replace("-", "−") if share else "gain 0"
            turned: dict[str, Any] = {
                "rotation": degrees - 90,
                "rotation_mode": "anchor",
                "ha": "center",
                "va": "bottom",
            }
            axes.text(1 + radius * math.cos(at), radius * math.sin(at), words, color=figures.GREY, **turned)
    axes.plot(0.5 + 0.5 * np.cos(angle), 0.5 * np.sin(angle), color="black", lw=1.4, zorder=4)
    axes.plot([0, 1], [0, 0], "k", ls="none", marker="s", ms=5, zorder=5, clip_on=False)
    axes.set(aspect="equal", xlim=(LEFT, RIGHT), ylim=(-0.02, TOP))
    axes.grid(visible=False)
    return axes


def panels(count: int, columns: int, height: float) -> tuple[Figure, list[Axes]]:
    """So many small maps in rows of ``columns``, each row of that ``height`` in inches."""
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    size = (12.5, height * rows)
    figure, grid = plt.subplots(rows, columns, figsize=size, sharex=True, sharey=True, squeeze=False)
    for axes in grid.flat[count:]:
        axes.set_visible(False)
    for axes in grid.flat[max(count - columns, 0) : count]:
        axes.tick_params(labelbottom=True)  # also above a place that is empty
    figure.supxlabel("share of the way from teacher to truth", fontsize=11)
    figure.supylabel("change that is no help", fontsize=11)
    return figure, [frame(axes) for axes in grid.flat[:count]]


def draw_map(axes: Axes, found: Mapping[str, Dust]) -> Axes:
    """All notebooks on one map: dust, medians, and names in two columns beside it, in the order of heights."""
    frame(axes, labels=True)
    order = sorted(found, key=lambda notebook: found[notebook].median[1])
    for notebook in order:
        axes.scatter(
            found[notebook].x, found[notebook].y, s=5, color=colour(notebook), alpha=0.22, lw=0, zorder=2
        )
    for column, (place, align) in enumerate(NAMES):
        some = [notebook for notebook in order if (found[notebook].median[0] >= 0.25) == bool(column)]
        steps = LINE * np.arange(len(some))
        heights = steps + np.maximum.accumulate([found[one].median[1] for one in some] - steps)
        for notebook, height in zip(some, heights, strict=True):
            x, y = found[notebook].median
            marks: dict[str, Any] = {"color": colour(notebook), "zorder": 6}
            axes.plot([x, place], [y, height], lw=0.8, alpha=0.7, **marks)
            axes.plot(x, y, "o", ms=9, mec="white", **marks)
            words = f" {notebook} {WHO[notebook]} "
            axes.text(place, height, words, ha=align, va="center", fontsize=10, weight="bold", **marks)
    for words, x, y, align in (
        ("teacher", -0.02, 0.02, "right"),
        ("truth", 1.02, 0.02, "left"),
        ("gain = misfit", 0.5, 0.44, "center"),
    ):
        axes.text(x, y, words, ha=align, fontsize=11, weight="bold", zorder=7)
    axes.set(
        xlim=(-0.75, 1.8),
        xticks=[0, 0.5, 1],
        xlabel="share of the way from teacher to truth,  c √m",
        ylabel="change that is no help,  √(m (1 − c²))",
    )
    return axes


def draw_path(axes: Axes, path: pd.DataFrame, colour: Any) -> Axes:
    """On one of `panels` a line through the rows of ``path`` (x, y), from an open mark to a full one.

    A start beyond the panel is a triangle at its rim.
    """
    axes.set(ylim=(-0.03, 0.95), xlim=(LEFT, 1.5))
    (first, height), last = path[["x", "y"]].iloc[0], path[["x", "y"]].iloc[-1]
    axes.plot(path["x"], path["y"], "-", color=colour, lw=2, zorder=5)
    marker = "o" if height < 0.9 else "^"
    axes.plot(first, min(height, 0.9), marker, mfc="white", mec=colour, mew=2, ms=8, zorder=6)
    axes.plot(*last, "o", color=colour, ms=8, zorder=6)
    return axes


def draw_conditions(axes: Axes, table: pd.DataFrame) -> Axes:
    """A line for each row: 5, 50 and 95 % of c - sqrt(m), blue where ``asked`` says what Theorem 1 asks, and ``outside``."""
    beside: dict[str, Any] = {"ha": "right", "va": "center", "transform": axes.get_yaxis_transform()}
    for place, row in enumerate(table.to_dict("records")):
        line = figures.BLUE if row["asked"] else figures.ORANGE
        axes.plot([row["5%"], row["95%"]], [place, place], color=line, lw=4, solid_capstyle="round")
        axes.plot(row["50%"], place, "o", color="white", mec=line, mew=2, ms=8)
        axes.text(1.02, place, f"{row['outside']:.0%}", **beside)
    axes.axvline(0, color="black", lw=1.2)
    axes.text(1.02, -0.9, "outside", fontweight="bold", **beside)
    axes.set_yticks(range(len(table)), table.index)
    axes.set(
        ylim=(len(table) - 0.4, -1.3),
        xlabel="c − √m:   outside the circle, gain < misfit   |   inside, gain > misfit",
    )
    axes.grid(axis="y", visible=False)
    return axes
