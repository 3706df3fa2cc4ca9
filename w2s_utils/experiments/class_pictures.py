"""Pictures of trials with classes: which rows are used by whom, and what became of the teachers' errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from .. import figures
from .classification import Sizes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TRUE, FROM_TEACHER, JUDGED = "learns from true labels", "learns from the teacher's labels", "is judged"
LEARNERS = {
    "teacher": {"taught": TRUE, "validation": TRUE},
    "student": {"validation": FROM_TEACHER, "labelled": FROM_TEACHER},
    "ceiling": {"validation": TRUE, "labelled": TRUE},
    "strong head\non the few labels": {"taught": TRUE, "validation": TRUE},
}
"""Who uses which of the rows of `classification.Sizes`, and with whose labels."""
COLOURS = {TRUE: figures.BLUE, FROM_TEACHER: figures.ORANGE, JUDGED: "#cccccc"}
USES = {
    "taught": "few true\nlabels",
    "validation": "choose\npenalties",
    "labelled": "labelled by\nthe teacher",
    "judged": "judged",
}
KINDS = {
    "inherited": ("inherited: the same wrong class", figures.VERMILION),
    "changed": ("changed: another wrong class", figures.ORANGE),
    "new": ("new: the teacher was right", figures.PURPLE),
}


def uses_of_rows(sizes: Sizes) -> Figure:
    """The rows of one set from left to right, a lane for each learner: which of them it uses, and with whose labels."""
    counts = np.array([getattr(sizes, use) for use in USES])
    starts = dict(zip(USES, np.cumsum(counts) - counts, strict=True))
    widths = dict(zip(USES, counts, strict=True))
    figure, axes = plt.subplots(figsize=(11, 3.4))
    for lane, used in enumerate(LEARNERS.values()):
        for use, labels in (used | {"judged": JUDGED}).items():
            axes.barh(lane, widths[use], left=starts[use], height=0.6, color=COLOURS[labels], label=labels)
    for use, title in USES.items():
        axes.axvline(starts[use], color=figures.GREY, lw=0.8, ls=":")
        middle = starts[use] + widths[use] / 2
        axes.text(middle, -0.5, f"{title}\n{widths[use]:,} rows", ha="center", va="bottom", fontsize=9)
    axes.set_yticks(range(len(LEARNERS)), list(LEARNERS))
    axes.set(ylim=(len(LEARNERS) - 0.5, -1.7), xlim=(0, counts.sum()), xlabel="rows")
    axes.grid(visible=False)
    figures.legend_below(figure, axes, columns=3)
    return figure


def kinds(rows: pd.DataFrame) -> Figure:
    """Bars of `classification.kinds_of_errors`, means over seeds, by set and teacher; ceiling and few labels alone beside."""
    columns = ["corrected", *KINDS, "ceiling", "alone"]
    means = rows.groupby(["data", "teacher"], sort=False)[columns].mean()[::-1]
    sets = means.index.get_level_values("data")
    places = np.arange(len(means)) + 0.5 * np.cumsum(np.append(0, sets[1:] != sets[:-1]))
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
