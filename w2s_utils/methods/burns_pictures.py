"""Rows of `burns.rows_of_students` by set and method, and the pictures of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from .. import figures
from . import confidence, method_pictures
from .bench import HARD, NAIVE
from .burns import BALANCED, BOOTSTRAP, EARLY, GRADIENT, LATE, ORACLE
from .confidence import PAPER, RELEASED
from .method_tables import by

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ADDED = (HARD, BALANCED, PAPER, RELEASED, BOOTSTRAP, LATE, EARLY, ORACLE)
"""Methods that are compared with naive training."""
BASE = {method: GRADIENT for method in (BALANCED, PAPER, RELEASED, BOOTSTRAP)}
"""The naive student that each is compared with, the one by the same optimiser; of all others NAIVE."""


def added(rows: pd.DataFrame, data: str, method: str) -> pd.DataFrame:
    """A method's errors less those of naive training, ``(seeds, teachers)``."""
    naive = by(rows, "student_error", data, BASE.get(method, NAIVE))
    return by(rows, "student_error", data, method) - naive


def inherited(rows: pd.DataFrame, data: str, method: str) -> pd.DataFrame:
    """Of the teacher's errors the share that its student makes too, ``(seeds, teachers)``."""
    return by(rows, "inherited", data, method) / by(rows, "weak_error", data, method)


def added_figure(rows: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """`added` of every method and teacher, a panel for each set of ``titles``, whose intervals hold together at 95 %."""
    differences = {
        title: {method: added(rows, data, method) for method in ADDED} for data, title in titles.items()
    }
    return method_pictures.added_figure(differences, "errors, less those of naive training")


def schedules_figure() -> Figure:
    """Alpha of the paper's and of the released schedule against the fraction of the steps, up to .4."""
    figure, axes = plt.subplots(figsize=(7, 3.6))
    grid = np.linspace(0, 0.4, 401)
    for name, colour, line in ((PAPER, figures.BLUE, "-"), (RELEASED, figures.VERMILION, "--")):
        alphas = [confidence.SCHEDULES[name](fraction) for fraction in grid]
        axes.plot(grid, alphas, color=colour, ls=line, label=name)
    axes.axvline(confidence.WARM_UP, color=figures.GREY, lw=0.8, ls=":")
    axes.set(xlabel="fraction of the training steps", ylabel="α", xlim=(0, 0.4))
    figures.legend_below(figure, axes, columns=2)
    return figure


def imitation_figure(rows: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """Errors inherited, and what the confidence loss adds, against the agreement of the naive student with its labels.

    A small mark for each seed and teacher, a large one for each teacher's mean.
    """
    figure, panels = plt.subplots(1, 2, figsize=(11, 4.4))
    for (data, title), colour, shape in zip(titles.items(), figures.PALETTE, "os^", strict=False):
        fit = by(rows, "agreement", data, GRADIENT)
        for axes, y in zip(panels, (inherited(rows, data, GRADIENT), added(rows, data, PAPER)), strict=True):
            axes.plot(fit, y, shape, color=colour, ms=4, alpha=0.25)
            axes.plot(fit.mean(), y.mean(), shape, color=colour, ms=10, mec="black", label=title)
    panels[0].set(ylabel="share of the teacher's errors inherited")
    panels[1].set(ylabel="errors with confidence, less naive")
    panels[1].axhline(0, color="black", lw=0.8)
    for axes in panels:
        axes.set(xlabel="agreement of the naive student with its own weak labels")
    figures.legend_below(figure, *panels, columns=3)
    return figure
