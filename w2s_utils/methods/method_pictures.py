"""Pictures of methods side by side: what each adds to naive training, by set and teacher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from .. import figures
from ..theory import intervals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def added_figure(differences: Mapping[str, Mapping[str, pd.DataFrame]], xlabel: str) -> Figure:
    """A panel for each title, in it a row for each method: the mean over seeds of a difference to naive training, by teacher.

    ``differences``: by title and method, the same methods in every panel, a row for each seed and a column for each teacher.
    All intervals of a panel hold together at 95 %, Student's t over seeds.
    """
    methods = list(next(iter(differences.values())))
    size = (max(4.6 * len(differences), 7), 0.45 * len(methods) + 1.6)
    figure, panels = plt.subplots(1, len(differences), figsize=size, sharey=True, squeeze=False)
    for axes, (title, of_panel) in zip(panels[0], differences.items(), strict=True):
        _added(axes, title, of_panel)
        axes.set(title=title, xlabel=xlabel)
    panels[0, 0].set_yticks(range(len(methods)), methods)
    panels[0, 0].set_ylim(len(methods) - 0.5, -0.5)
    figures.legend_below(figure, *panels[0], columns=3)
    return figure


def _added(axes: Axes, title: str, differences: Mapping[str, pd.DataFrame]) -> None:
    teachers = list(next(iter(differences.values())))
    together = intervals.joint(len(differences) * len(teachers))
    for place, (teacher, colour) in enumerate(zip(teachers, figures.PALETTE, strict=False)):
        found = [intervals.mean_t(one[teacher], together) for one in differences.values()]
        middle, low, high = np.transpose(found)
        axes.errorbar(
            middle,
            np.arange(len(found)) + 0.22 * (place - (len(teachers) - 1) / 2),
            xerr=[middle - low, high - middle],
            fmt="os^"[place % 3],
            color=colour,
            ms=5,
            label=f"{title}: {teacher}",
        )
    axes.axvline(0, color="black", lw=0.8)
    axes.xaxis.set_major_locator(
        MaxNLocator(4, steps=[1, 2, 5, 10], min_n_ticks=3)
    )  # longer labels would touch
