"""Pictures of trials on texts, a panel for each set: gain against misfit, its cross term, gain / misfit, and who errs.

``means``: set -> `text_trials.relative_means`, errors over the variance of the targets; ``looks``: of each weak model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from .. import figures
from ..theory.intervals import Interval
from .cross_pictures import cross_bars
from .run_sets import RunSets
from .text_trials import ALONE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS = 3
"""Panels side by side."""

Looks = Mapping[str, Mapping[str, Any]]
Means = Mapping[str, pd.DataFrame]

OVER_VARIANCE = "/ variance of the targets"


def looks(models: Sequence[str], layers: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Marker and colour of each weak model: the ``layers`` of one transformer in shades, the others by their first word."""
    shades = figures.shades(layers)
    kinds = list(dict.fromkeys(model.split()[0] for model in models if model not in shades))
    colours = dict(
        zip(kinds, [figures.ORANGE, figures.VERMILION, figures.PURPLE, figures.BLUE], strict=False)
    )
    found: dict[str, dict[str, Any]] = {}
    for model in [*layers, *(model for model in models if model not in shades)]:
        kind = model.split()[0]
        alike = sum(one.split()[0] == kind for one in found)
        marker = "o" if model in shades else "s^DvP*X"[alike % 7]
        found[model] = {"color": shades.get(model) or colours[kind], "marker": marker}
    return found


def panels(sets: RunSets, height: float) -> tuple[Figure, dict[str, Axes]]:
    """A figure with a panel for each set, ACROSS in a row, ``height`` inches each."""
    import matplotlib.pyplot as plt

    down, across = math.ceil(len(sets.loaded) / ACROSS), min(len(sets.loaded), ACROSS)
    size = (max(4.5 * across, 6.5), height * down)
    figure, grid = plt.subplots(down, across, figsize=size, squeeze=False)
    for axes in grid.flat[len(sets.loaded) :]:
        axes.set_axis_off()
    found = dict(zip(sets.loaded, grid.flat, strict=False))
    for name, axes in found.items():
        axes.set_title(sets.label(name))
    return figure, found


def gain_against_misfit(sets: RunSets, means: Means, looks: Looks) -> Figure:
    """One point per weak model, with the line gain = misfit."""
    figure, found = panels(sets, 4.2)
    for name, axes in found.items():
        points = means[name].loc[list(looks)]
        scatter(axes, points, looks, s=60, alpha=1)
        axes.set(xlabel=f"misfit {OVER_VARIANCE}", ylabel=f"gain {OVER_VARIANCE}")
    legend(figure, next(iter(found.values())), looks, 7)
    return figure


def scatter(axes: Axes, points: pd.DataFrame, looks: Looks, **marks: Any) -> None:
    """Gain against misfit of ``points``, whose index is their weak model."""
    for model, look in looks.items():
        one = points[points.index == model]
        figures.gain_misfit(axes, one["misfit"], one["gain"], **look, **marks)
    far, low = points["misfit"].max(), min(points["gain"].min(), 0.0)
    high = max(points["gain"].max(), far)
    rim = 0.06 * (high - low)
    axes.set(xlim=(-0.06 * far, 1.06 * far), ylim=(low - rim, high + rim))
    axes.axhline(0, color=figures.GREY, lw=0.8)


def legend(figure: Figure, axes: Axes, looks: Looks, columns: int) -> None:
    """One legend for all weak models, and what else is labelled on ``axes``."""
    marks = [figures.mark(model, **{"ls": "none", "ms": 7, **look}) for model, look in looks.items()]
    figures.legend_below(figure, axes, columns=columns, marks=marks)


def cross_terms(sets: RunSets, means: Means, looks: Looks) -> Figure:
    """Gain - misfit of each weak model in its two parts, see `cross_pictures`."""
    figure, found = panels(sets, 4.6)
    for name, axes in found.items():
        cross_bars(axes, means[name].loc[list(looks)], noise=False)
        _name_places(axes, looks)
        axes.set(ylabel=f"gain − misfit, {OVER_VARIANCE}")
    figures.legend_below(figure, next(iter(found.values())), columns=3)
    return figure


def ratios(sets: RunSets, measured: Mapping[str, Mapping[str, Interval]], looks: Looks) -> Figure:
    """Gain / misfit with its interval, open where it has none; ``measured``: set -> weak model -> interval."""
    figure, found = panels(sets, 4.4)
    for name, axes in found.items():
        for place, (model, look) in enumerate(looks.items()):
            one = measured[name][model]
            bounded = not math.isnan(one.low)
            axes.plot([place, place], one.ends, color=look["color"], lw=1.6)
            face: dict[str, Any] = (
                {"mec": "white"} if bounded else {"mfc": "white", "mec": look["color"], "mew": 1.5}
            )
            axes.plot(place, one.estimate, **{"ms": 7, **look, **face})
        axes.axhline(1, color=figures.GREY, ls="--", lw=1.2, label="gain = misfit")
        axes.axhline(0, color=figures.GREY, lw=0.8)
        _name_places(axes, looks)
        axes.set(ylabel="gain / misfit")
    figures.legend_below(
        figure,
        next(iter(found.values())),
        columns=2,
        marks=[figures.mark("no bounded interval", mfc="white", ms=7)],
    )
    return figure


WHEN = {
    "ceiling": "ceiling's error / teacher's error",
    "shared_error": "correlation of the teacher's error with the ceiling's",
}
"""What gain / misfit is drawn against: column, label."""


def when(sets: RunSets, means: Means, looks: Looks) -> Figure:
    """Gain / misfit of every teacher of every set against the two of WHEN."""
    import matplotlib.pyplot as plt

    figure, grid = plt.subplots(1, 2, figsize=(13, 5), sharey=True)
    for axes, (column, label) in zip(grid, WHEN.items(), strict=True):
        for colour, marker, (name, table) in zip(figures.PALETTE, "os^Dv", means.items(), strict=False):
            points = table.loc[list(looks)]
            ratio = points["gain"] / points["misfit"]
            across = points[column] / points["weak_error"] if column == "ceiling" else points[column]
            look: dict[str, Any] = {"color": colour, "marker": marker, "s": 45, "label": sets.label(name)}
            axes.scatter(across, ratio, **look)
        axes.axhline(1, color=figures.GREY, ls="--", lw=1.2, label="gain = misfit")
        axes.axhline(0, color=figures.GREY, lw=0.8)
        axes.set(xlabel=label)
    grid[0].axvline(1, color=figures.GREY, ls=":", lw=1.4, label="teacher as good as the ceiling")
    grid[0].set(ylabel="gain / misfit")
    figures.legend_below(figure, grid[0], columns=7)
    return figure


def alone(sets: RunSets, means: Means, looks: Looks) -> Figure:
    """Error of each weak model and of its student, beside the strong model on the few labels alone and the ceiling."""
    figure, found = panels(sets, 4.6)
    for name, axes in found.items():
        table = means[name].loc[list(looks)]
        x, weak, student = range(len(table)), table["weak_error"], table["student_error"]
        axes.plot(x, weak, "o", mfc="white", mec=figures.WEAK_ERROR, mew=1.6, ms=7, label="weak model")
        axes.plot(x, student, "o", color=figures.STUDENT_ERROR, ms=7, label="its student")
        axes.vlines(x, weak, student, color=figures.GREY, lw=1, zorder=1)
        few: dict[str, Any] = {"color": figures.BLUE, "lw": 2, "label": "strong model, the few labels alone"}
        axes.axhline(means[name]["weak_error"][ALONE], **few)
        dots: dict[str, Any] = {"color": figures.GREY, "ls": ":", "lw": 1.6, "label": "ceiling"}
        axes.axhline(table["ceiling"].mean(), **dots)
        _name_places(axes, looks)
        axes.set(ylabel=f"error {OVER_VARIANCE}")
    figures.legend_below(figure, next(iter(found.values())), columns=4)
    return figure


def _name_places(axes: Axes, looks: Looks) -> None:
    axes.set_xticks(range(len(looks)), list(looks), rotation=60, ha="right")
    axes.grid(visible=False, axis="x")
