"""Pictures of molecules: the paper's, gain against misfit, what gain - misfit is made of, and gain / misfit against ε."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .. import figures
from .cross_pictures import BARS, cross_bars
from .run_sets import RunSets

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKERS = "os^DvPX"
"""Shapes of weak models, weakest first."""

MARKS = {
    "small": ("o", figures.BLUE),
    "medium": ("v", figures.GREEN),
    "MiniMol": ("s", figures.ORANGE),
    "descriptors": ("^", figures.VERMILION),
    "MiniMol + descriptors": ("D", figures.PURPLE),
    "MiniMol + descriptors + small": ("P", figures.BLUE),
    "MiniMol + descriptors + medium": ("*", figures.GREEN),
}
"""Strong representations: marker and colour."""

TICKS = (0.2, 0.3, 0.4, 0.6, 1, 1.5, 2, 3, 5, 8, 12, 20)


def width(sets: RunSets) -> float:
    """Inches of a row of panels, one for each set."""
    return max(4.3 * len(sets.loaded), 6.5)


def gain_against_misfit(
    sets: RunSets,
    rows: pd.DataFrame,
    models: Sequence[str],
    size: str,
    shapes: Mapping[str, str] | None = None,
    letters: Mapping[str, str] | None = None,
) -> Figure:
    """One column per data set: above gain against misfit, below gain - misfit of each weak model in its two parts, means.

    ``rows``: of one family and setting, with columns ``data``, ``setting``, ``weak``, ``misfit``, ``gain``, ``cross_term``,
    the noise over molecules of the last two, those of PARTS, and ``split`` or ``repeat``. ``models``: weak models, weakest
    first, one shade each; ``size``: what the number in their names is. With ``shapes``, a marker for each split, one point per
    split and weak model; without, one per weak model, the mean over rounds, each with a shape. Bars are two standard errors
    over molecules, below only without ``shapes``, as splits differ in more. ``letters``: by set.
    """
    import matplotlib.pyplot as plt

    colours = figures.shades(models)
    fig = plt.figure(figsize=(width(sets), 10))
    parts: Any = fig.subfigures(2, 1, height_ratios=[1.08, 1])
    upper, lower = parts
    layout: Any = fig.get_layout_engine()
    layout.set(w_pad=0.1, h_pad=0.1)
    tops = upper.subplots(1, len(sets.loaded), squeeze=False)[0]
    [setting] = rows["setting"].unique()
    for axes, name in zip(tops, sets.loaded, strict=True):
        points = rows[rows["data"] == name] if shapes else over_rounds(rows[rows["data"] == name])
        for place, model in enumerate(models):
            for one in points[points["weak"] == model].to_dict("records"):
                marker = shapes[one["split"]] if shapes else MARKERS[place % len(MARKERS)]
                look: dict[str, Any] = {"color": colours[model], "marker": marker, "s": 60, "alpha": 1}
                figures.gain_misfit(axes, one["misfit"], one["gain"], **look)
                bar: dict[str, Any] = {
                    "elinewidth": 0.8 if shapes else 1.4,
                    "alpha": 0.5 if shapes else 1,
                    "zorder": 2.5,
                }
                bar |= {"ecolor": colours[model], "fmt": "none"}
                axes.errorbar(one["misfit"], one["gain"], BARS * one["gain_noise"], **bar)
        reach = BARS * points["gain_noise"]
        far, ends = points["misfit"].max(), [points["gain"] - reach, points["gain"] + reach]
        low, high = min(np.min(ends), 0.0), max(np.max(ends), far)
        rim = 0.05 * (high - low)
        axes.set(xlim=(-0.06 * far, 1.06 * far), ylim=(low - rim, high + rim))
        axes.axhline(0, color=figures.GREY, lw=0.8)
        letter = (letters or {}).get(name)
        title = f"({letter}) {sets.label(name)}" if letter else sets.label(name)
        unit = sets.squared_unit(name)
        axes.set(title=f"{title}, {setting} rows", xlabel=f"misfit, {unit}", ylabel=f"gain, {unit}")
    if shapes:  # A weak model has its colour in all splits, and a split its shape for all weak models.
        marks = [figures.mark(model, color=colours[model], marker="s", ms=9) for model in models]
        marks += [
            figures.mark(split.replace("random", "split "), marker=shape, ms=7)
            for split, shape in shapes.items()
        ]
    else:
        shown = zip(models, MARKERS, strict=False)
        marks = [figures.mark(model, color=colours[model], marker=shape, ms=7) for model, shape in shown]
    marks.append(figures.mark(f"± {BARS} standard errors", marker="|", ms=14, mew=1.4))
    figures.legend_below(upper, tops[0], columns=6 if shapes else len(marks) + 1, marks=marks)

    bottoms = lower.subplots(1, len(sets.loaded), squeeze=False)[0]
    for axes, name in zip(bottoms, sets.loaded, strict=True):
        means = over_rounds(rows[rows["data"] == name]).set_index("weak").loc[list(models)]
        cross_bars(axes, means, noise=not shapes)
        axes.set_xticks(range(len(models)), [model.replace("-", " ").split()[-1] for model in models])
        axes.set(xlabel=size, ylabel=f"gain − misfit, {sets.squared_unit(name)}")
    figures.legend_below(lower, bottoms[0], columns=3)
    return fig


def gain_against_epsilon(
    sets: RunSets, rows: pd.DataFrame, directions: Mapping[str, int], reduced: str
) -> Figure:
    """Gain / misfit of strong representations against their distance from the truth, one panel for each set.

    ``rows``: of one setting, with columns ``data``, ``setting``, ``strong`` (of MARKS or ``directions``), ``epsilon``,
    ``gain_per_misfit`` with ``low`` and ``high``, ``weak_error``. ``directions``: number of random directions by name, fewest
    first, joined by a line; ``reduced``: of what.
    """
    import matplotlib.pyplot as plt

    fig, panels = plt.subplots(1, len(sets.loaded), figsize=(width(sets), 4.9), squeeze=False)
    [setting] = rows["setting"].unique()
    for axes, name in zip(panels[0], sets.loaded, strict=True):
        part = rows[rows["data"] == name].set_index("strong")
        reach = [part["gain_per_misfit"] - part["low"], part["high"] - part["gain_per_misfit"]]
        bars = {"fmt": "none", "ecolor": "#bbbbbb", "capsize": 3, "lw": 1.2}
        axes.errorbar(part["epsilon"], part["gain_per_misfit"], reach, **bars)
        few = part.loc[list(directions)]
        label = f"{reduced}, so many random directions"
        axes.plot(few["epsilon"], few["gain_per_misfit"], "x-", color=figures.GREY, ms=7, label=label)
        for number, *place in zip(directions.values(), few["epsilon"], few["low"], strict=True):
            marks = {"fontsize": 9, "color": figures.GREY, "ha": "center", "textcoords": "offset points"}
            marks["bbox"] = {"fc": "white", "lw": 0, "pad": 0.5}
            axes.annotate(str(number), place, (0, -13), **marks)
        for strong, (marker, colour) in MARKS.items():
            if strong in part.index:
                one, size = part.loc[strong], 12 if marker == "*" else 8
                marks = {"color": colour, "ms": size, "mec": "white", "label": strong, "ls": "none"}
                axes.plot(one["epsilon"], one["gain_per_misfit"], marker=marker, **marks)
        dots = {"color": figures.GREY, "ls": ":", "lw": 1.4, "label": "mean weak error"}
        axes.axvline(part["weak_error"].mean(), **dots)
        axes.axhline(1, color=figures.GREY, ls="--", lw=1.2, label="gain = misfit")
        axes.axhline(0, color=figures.GREY, lw=0.8)
        low, high = part["epsilon"].min() / 1.12, part["epsilon"].max() * 1.12
        ticks = [tick for tick in TICKS if low <= tick <= high]
        axes.set(xscale="log", xlim=(low, high), title=f"{sets.label(name)}, {setting} rows")
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_xticks([], minor=True)
        axes.set(xlabel=f"ε, ceiling's error, {sets.squared_unit(name)}", ylabel="all gain / all misfit")
        axes.set_ylim(min(-1.35, part["low"].min() - 0.1), max(1.35, part["high"].max() + 0.1))
    figures.legend_below(fig, panels[0, 0], columns=4)
    return fig


def over_rounds(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean of each weak model over its rounds or splits, in order; of the noise, which rounds share, the root mean square."""
    noise = [str(column) for column in rows if str(column).endswith("_noise")]
    squared = rows.assign(**{column: rows[column] ** 2 for column in noise})
    means = squared.groupby("weak", sort=False).mean(numeric_only=True)
    means[noise] = np.sqrt(means[noise])
    return means.reset_index()
