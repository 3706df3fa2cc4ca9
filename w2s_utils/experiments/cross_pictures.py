"""What gain - misfit is made of, as bars: the cross term of each weak model in its two parts (`theory.misfit`, equation 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .. import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PARTS = {
    "student is not the projection  2<p − w, s − p>": ("no_projection", figures.BLUE, ""),
    "not expressible by the fitted ceiling  2<p − w, g − s>": ("not_expressible", figures.ORANGE, "///"),
}
"""The two parts of the cross term: label, column of the rows, colour, hatching."""

BARS = 2
"""Standard errors on each side of an error bar."""


def cross_bars(axes: Axes, means: pd.DataFrame, noise: bool = True) -> None:
    """Stacked bars of PARTS and their sum, at the places 0, 1, ... for the rows of ``means``.

    ``means``: of one weak model a row, with the columns of PARTS, ``cross_term`` and, for bars of BARS standard errors,
    ``cross_term_noise``.
    """
    x, stacked = np.arange(len(means)), {True: np.zeros(len(means)), False: np.zeros(len(means))}
    for label, (column, colour, hatch) in PARTS.items():
        height = means[column].to_numpy()
        base = np.where(height > 0, stacked[True], stacked[False])
        axes.bar(x, height, bottom=base, color=colour, hatch=hatch, ec="white", width=0.7, label=label)
        stacked[True] += np.maximum(height, 0)
        stacked[False] += np.minimum(height, 0)
    label = "gain − misfit, their sum"
    axes.plot(x, means["cross_term"], "D", color="black", mec="white", ms=7, label=label, zorder=4)
    if noise:
        black: dict[str, Any] = {"fmt": "none", "ecolor": "black", "elinewidth": 1.4, "zorder": 3}
        axes.errorbar(x, means["cross_term"], BARS * means["cross_term_noise"], **black)
    axes.axhline(0, color=figures.GREY, lw=1)
    axes.grid(visible=False, axis="x")
