"""Pictures of methods side by side: what each adds to naive training, by teacher."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from .. import figures
from ..theory import intervals


def added(axes: Axes, differences: Mapping[str, pd.DataFrame], xlabel: str) -> None:
    """A row for each method: the mean over seeds of a difference to naive training, by teacher, with intervals.

    ``differences``: by method, a row for each seed and a column for each teacher. All intervals of the panel hold together at
    95 %, Student's t over seeds.
    """
    teachers = list(next(iter(differences.values())))
    together = intervals.joint(len(differences) * len(teachers))
    for place, (teacher, colour) in enumerate(zip(teachers, figures.PALETTE, strict=False)):
        found = [intervals.mean_t(one[teacher], together) for one in differences.values()]
        middle, low, high = np.transpose(found)
        at = np.arange(len(found)) + 0.22 * (place - (len(teachers) - 1) / 2)
        axes.errorbar(
            middle,
            at,
            xerr=[middle - low, high - middle],
            fmt="os^"[place % 3],
            color=colour,
            ms=5,
            label=teacher,
        )
    axes.axvline(0, color="black", lw=0.8)
    axes.set(xlabel=xlabel)
    axes.locator_params(axis="x", nbins=5)
    axes.set_yticks(range(len(differences)), list(differences))
    axes.set_ylim(len(differences) - 0.5, -0.5)
