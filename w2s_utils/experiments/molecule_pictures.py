"""The paper's picture of molecules: gain against misfit, and what gain - misfit is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .. import figures
from .measured import MoleculeSets

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PARTS = {
    "student is not the projection  2<p − w, s − p>": ("no_projection", figures.BLUE),
    "not expressible by the fitted ceiling  2<p − w, g − s>": ("not_expressible", figures.ORANGE),
}
"""The two parts of the cross term: label, column of the rows, colour."""


def width(sets: MoleculeSets) -> float:
    """Inches of a row of panels, one for each set."""
    return max(4.3 * len(sets.loaded), 6.5)


def gain_against_misfit(
    sets: MoleculeSets,
    rows: pd.DataFrame,
    models: Sequence[str],
    size: str,
    shapes: Mapping[str, str] | None = None,
    letters: Mapping[str, str] | None = None,
) -> Figure:
    """One column per data set: above gain against misfit, below gain - misfit of each weak model in its two parts, means.

    ``rows``: of one family and setting, with columns ``data``, ``setting``, ``weak``, ``misfit``, ``gain``, ``cross_term``,
    those of PARTS, and ``split`` or ``repeat``. ``models``: weak models, weakest first, one colour each; ``size``: what the
    number in their names is. One point per split, with a marker from ``shapes``, or else per round. ``letters``: by set.
    """
    import matplotlib.pyplot as plt

    colours = figures.shades(models)
    fig, panels = plt.subplots(2, len(sets.loaded), figsize=(width(sets), 9.2), squeeze=False)
    layout: Any = fig.get_layout_engine()
    layout.set(w_pad=0.1, h_pad=0.1)
    [setting] = rows["setting"].unique()
    for above, below, name in zip(*panels, sets.loaded, strict=True):
        part, unit = rows[rows["data"] == name], sets.squared_unit(name)
        for (model, turn), points in part.groupby(["weak", "split" if shapes else "repeat"], sort=False):
            marks = {"color": colours[model], "marker": shapes[turn] if shapes else "o", "s": 34}
            figures.gain_misfit(above, points["misfit"], points["gain"], label=model, **marks)
        figures.fit_limits(above, part["misfit"], part["gain"])
        above.axhline(0, color=figures.GREY, lw=0.8)
        letter = (letters or {}).get(name)
        title = f"({letter}) {sets.label(name)}" if letter else sets.label(name)
        above.set(title=f"{title}, {setting} rows", xlabel=f"misfit, {unit}", ylabel=f"gain, {unit}")
        means = part.groupby("weak", sort=False).mean(numeric_only=True).loc[list(models)]
        x, stacked = np.arange(len(models)), {True: np.zeros(len(models)), False: np.zeros(len(models))}
        for label, (column, colour) in PARTS.items():
            height = means[column].to_numpy()
            base = np.where(height > 0, stacked[True], stacked[False])
            below.bar(x, height, bottom=base, color=colour, width=0.7, label=label)
            stacked[True] += np.maximum(height, 0)
            stacked[False] += np.minimum(height, 0)
        below.plot(x, means["cross_term"], "D", color="black", ms=6, label="gain − misfit, their sum")
        below.axhline(0, color=figures.GREY, lw=1)
        below.set_xticks(x, [model.replace("-", " ").split()[-1] for model in models])
        below.set(xlabel=size, ylabel=f"gain − misfit, {unit}")
    # A weak model has its colour in all splits, and a split its shape for all weak models.
    marks_below = [figures.mark(model, color=colours[model]) for model in models]
    marks_below += [figures.mark(split, marker=shape) for split, shape in (shapes or {}).items()]
    figures.legend_below(fig, *panels[:, 0], columns=3, marks=marks_below)
    return fig
