"""One style for every figure, alt text on every figure, and the gain-misfit plot that most notebooks need.

Functions take numbers that were measured before, draw on the given axes, and train nothing.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from . import runtime
from .theory import misfit as theory

PALETTE = sns.color_palette("colorblind")
BLUE, ORANGE, GREEN, VERMILION, PURPLE = PALETTE[:5]
GREY = "#666666"
WEAK_ERROR, STUDENT_ERROR, MISFIT = VERMILION, GREEN, ORANGE
"""The three errors have the same colours in every picture of them."""


def style() -> None:
    """Set the style of all figures of a notebook, whatever a matplotlibrc says; call once, before the first figure."""
    plt.rcdefaults()
    sns.set_theme(context="notebook", style="ticks", palette=PALETTE)
    plt.rcParams.update(
        {
            "figure.dpi": 100,
            "savefig.dpi": 100,
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "axes.titlesize": 12,
            "axes.labelsize": 11,
            "legend.fontsize": 10,
            "legend.frameon": False,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#e8e8e8",
            "grid.linewidth": 0.8,
        }
    )


def show(figure: Figure, name: str, alt: str) -> None:
    """Save a figure under ``figures/`` of the profile in force and display it, with its alt text in both places.

    ``name``: file name without ending; ``alt``: what the figure shows, for readers who cannot see it. Writes
    ``<name>.png`` and ``<name>.txt`` (the alt text), then closes the figure. Raises ValueError for an empty alt text.
    """
    from IPython.display import Image, display

    if not alt.strip():
        raise ValueError(f"the figure {name} needs an alt text")
    content = png(figure)
    folder = runtime.build_folder() / "figures"
    with runtime.atomic_file(folder / f"{name}.png", "wb") as file:
        file.write(content)
    with runtime.atomic_file(folder / f"{name}.txt") as file:
        file.write(alt + "\n")
    display(Image(data=content, format="png", alt=alt))


def png(figure: Figure) -> bytes:
    """The figure as PNG bytes, the same bytes for the same numbers; closes the figure."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(figure)
    return buffer.getvalue()


def shades(names: Sequence[Any]) -> dict[Any, tuple[float, ...]]:
    """A colour for each of some names that have an order, the first dark, the last lighter; viridis, short of its yellow."""
    return dict(
        zip(names, map(tuple, plt.get_cmap("viridis")(np.linspace(0, 0.78, len(names)))), strict=True)
    )


def mark(label: str, **style: Any) -> Line2D:
    """An entry of a legend: a grey dot, or what ``style`` says in the words of matplotlib's lines."""
    return Line2D([], [], label=label, **{"ls": "none", "marker": "o", "color": GREY, **style})


def verbatim(name: str) -> str:
    """Somebody else's name for a label: a dollar sign begins no formula, a leading underscore hides no entry."""
    return ("\u200b" if name.startswith("_") else "") + name.replace("$", r"\$")


def legend_below(figure: Figure | SubFigure, *axes: Axes, columns: int, marks: Sequence[Line2D] = ()) -> None:
    """One legend under all panels: the labelled entries of ``axes``, each name once, then ``marks``.

    ``columns``: at most, and fewer where the figure is too narrow for them. A mark takes the place of an entry of its name,
    where axes show one thing in several shapes.
    """
    entries: dict[str, Any] = {}
    for one in axes:
        for handle, label in zip(*one.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    entries |= {str(one.get_label()): one for one in marks}
    for fewer in range(columns, 0, -1):
        legend = figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=fewer)
        if fewer == 1 or legend.get_window_extent().width <= figure.bbox.width:
            break
        legend.remove()


def gain_misfit(
    axes: Axes, misfit: ArrayLike, gain: ArrayLike, label: str | None = None, **marks: Any
) -> Axes:
    """Scatter of gain against misfit, one point per trial, squared target units on both axes.

    ``misfit``, ``gain``: ``(trials,)``; ``marks`` go to matplotlib's scatter. The line gain = misfit is drawn once per
    axes: theorem 1 puts points of a convex class on or above it, those of a subspace on it.
    """
    marks = {"s": 18, "alpha": 0.75, "linewidths": 0, **marks}
    if not any(line.get_gid() == "diagonal" for line in axes.lines):
        axes.axline((1, 1), (2, 2), color=GREY, lw=1.2, zorder=2, label="gain = misfit", gid="diagonal")
    axes.scatter(misfit, gain, label=label, zorder=3, **marks)
    axes.set(xlabel="misfit  |student − weak|²", ylabel="gain  |weak − truth|² − |student − truth|²")
    return axes


def fit_limits(axes: Axes, misfit: ArrayLike, gain: ArrayLike) -> Axes:
    """Linear limits that hold all points and the origin."""
    top = 1.05 * max(np.max(misfit), np.max(gain), 1e-12)
    bottom = min(np.min(gain), 0.0) - 0.03 * top
    axes.set(xlim=(-0.03 * top, top), ylim=(bottom, top))
    return axes


def theorem_2_band(axes: Axes, epsilon: float, top: float, label: str | None = None, **marks: Any) -> Axes:
    """The band misfit ± 2 sqrt(epsilon * misfit) that theorem 2 gives for a subspace, up to misfit ``top``."""
    grid = np.linspace(0, top, 200)
    lower = theory.theorem_2_bound(grid, np.full_like(grid, epsilon))
    axes.fill_between(
        grid, lower, 2 * grid - lower, **{"color": BLUE, "alpha": 0.12, "lw": 0, "label": label, **marks}
    )
    return axes
