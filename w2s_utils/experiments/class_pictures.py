"""Pictures of trials with classes: which rows are used by whom, and what became of the teachers' errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from .. import figures
from .classification import Sizes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

USES = {
    "taught": ("teacher's true labels", figures.VERMILION),
    "validation": ("penalties", figures.GREY),
    "labelled": ("labelled by the teacher", figures.ORANGE),
    "judged": ("judged", figures.BLUE),
}
LEARNERS = {
    "teacher, strong head alone": ("taught",),
    "student": ("labelled",),
    "ceiling (true labels)": ("labelled",),
}
KINDS = {
    "inherited": ("inherited: the same wrong class", figures.VERMILION),
    "changed": ("changed: another wrong class", figures.ORANGE),
    "new": ("new: the teacher was right", figures.PURPLE),
}


def uses_of_rows(sizes: Mapping[str, Sizes]) -> Figure:
    """A bar of rows for each set, in the order of use, with who learns from which above the first."""
    figure, axes = plt.subplots(figsize=(11, 1.6 + 0.55 * len(sizes)))
    names = list(sizes)[::-1]
    starts = np.zeros(len(names))
    for use, (title, colour) in USES.items():
        counts = np.array([getattr(sizes[name], use) for name in names])
        axes.barh(names, counts, left=starts, color=colour, height=0.6, label=title)
        starts += counts
    axes.set(xlabel="rows")
    axes.grid(axis="y", visible=False)
    first, height = sizes[names[-1]], len(names) - 0.55
    ends = np.cumsum([first.taught, first.validation, first.labelled])
    spans = [
        (0, ends[0], "teacher; strong alone"),
        (ends[1], ends[2], "student (weak labels); ceiling (true)"),
    ]
    for start, end, who in spans:
        axes.annotate(
            "", (start, height), (end, height), arrowprops={"arrowstyle": "|-|,widthA=.3,widthB=.3"}
        )
        axes.text(start, height + 0.12, who, fontsize=9, va="bottom")
    axes.set_ylim(-0.5, height + 0.7)
    figures.legend_below(figure, axes, columns=4)
    return figure


def kinds(rows: pd.DataFrame) -> Figure:
    """Bars of `classification.kinds_of_errors`, means over seeds, by set and teacher, with ceiling and the few labels alone."""
    columns = ["corrected", *KINDS, "ceiling", "alone"]
    means = rows.groupby(["data", "teacher"], sort=False)[columns].mean()[::-1]
    places = np.arange(len(means)) + 0.5 * np.cumsum(
        [
            0,
            *(
                a != b
                for a, b in zip(means.index[1:].get_level_values(0), means.index[:-1].get_level_values(0))
            ),
        ]
    )
    figure, axes = plt.subplots(figsize=(11, 1.5 + 0.42 * len(means)))
    axes.barh(places, -means["corrected"], color=figures.GREEN, label="corrected", height=0.75)
    start = np.zeros(len(means))
    for kind, (title, colour) in KINDS.items():
        axes.barh(places, means[kind], left=start, color=colour, label=title, height=0.75)
        start += means[kind].to_numpy()
    axes.plot(means["ceiling"], places, "|", color="black", ms=16, mew=2, label="errors of the ceiling")
    axes.plot(
        means["alone"],
        places,
        "D",
        color="black",
        mfc="white",
        ms=7,
        label="errors of the strong head on the few labels",
    )
    axes.axvline(0, color="black", lw=0.8)
    axes.set_yticks(places, [f"{data}, {teacher}" for data, teacher in means.index])
    axes.grid(axis="y", visible=False)
    axes.set(xlabel="share of the judged rows: corrected (left of 0), the student's errors (right of 0)")
    figures.legend_below(figure, axes, columns=3)
    return figure
