"""An answer as one HTML page that a person would send to a colleague: what data, the gain, what to do, what to doubt.

The page needs no network and no other file, prints on one sheet of A4, and is readable in the dark and on a phone.
"""

from __future__ import annotations

import base64
import math
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .. import figures, runtime
from ..data.container import Dataset
from ..pages import rendering
from ..theory.certificate import GainCertificate
from ..theory.ranking import labels_to_decide, some
from .answer import Answer
from .judge import Judged

READS = ("w2s_utils/own_data/templates/*", "w2s_utils/pages/templates/*")
SHOWN = 8
"""Weak models on the page: what fits one sheet."""


def gain_figure(answer: Answer, title: str = "") -> Figure:
    """Gain of each student with its interval, that of the labelled rows alone, and the misfit; least student error on top."""
    names = answer.names[:SHOWN]
    figure = Figure(figsize=(8.4, 1.5 + 0.55 * len(names)))  # of no window: there may be no screen
    axes = figure.subplots()
    places = np.arange(len(names))
    gains = [answer.gains[name] for name in names]
    axes.axvline(0, color=figures.GREY, lw=1)
    for place, gain in zip(places, gains, strict=True):
        axes.plot([gain.naive_low, gain.naive_high], [place + 0.16] * 2, color=figures.GREY, lw=2, alpha=0.6)
        axes.plot([gain.low, gain.high], [place, place], color=figures.BLUE, lw=4, solid_capstyle="butt")
    axes.plot([gain.gain for gain in gains], places, "o", color=figures.BLUE, ms=8)
    axes.plot([gain.misfit for gain in gains], places, "D", color=figures.MISFIT, ms=7, mec="white", mew=0.8)
    axes.set_yticks(places, [figures.verbatim(name) for name in names])
    axes.set(ylim=(len(names) - 0.5, -0.5), xlabel="squared target units", title=figures.verbatim(title))
    axes.grid(axis="y", visible=False)
    marks = [
        figures.mark(
            f"gain, {answer.level:.3g} level, all statements together", ls="-", lw=4, ms=8, color=figures.BLUE
        ),
        figures.mark("labelled rows alone", ls="-", lw=2, marker="", alpha=0.6),
        figures.mark("misfit", marker="D", color=figures.MISFIT),
    ]
    figures.legend_below(figure, columns=3, marks=marks)
    return figure


def alt_text(answer: Answer) -> str:
    """What `gain_figure` shows, in words."""
    parts = [
        f"{name} {shown_gain(answer.gains[name])}, misfit {answer.gains[name].misfit:.3g}"
        for name in answer.names[:SHOWN]
    ]
    return f"Gain of the student of each weak model with its {answer.level:.0%} interval: {'; '.join(parts)}."


def shown_gain(gain: GainCertificate) -> str:
    """The gain with its interval, to the digits that the interval warrants; powers of ten where those are many."""
    ends = (gain.gain, gain.low, gain.high)
    digits = max(0, 1 - math.floor(math.log10(gain.half_width))) if gain.half_width > 0 else 3
    if digits > 6 or max(map(abs, ends)) >= 1e7:
        shown = [f"{value:.2e}" for value in ends]
    else:
        shown = [f"{value:,.{digits}f}" for value in ends]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]".replace("-", "−")


def write_page(
    path: Path, data: Dataset, judged: Judged, answer: Answer, head: str = "ridge", seed: int = 0
) -> Path:
    """Write the page and return its path. The same numbers give the same bytes. Raises `runtime.UnwritableFolder`."""
    first = answer.first
    gain, triple = answer.gains[first], answer.triples[first]
    with plt.rc_context():
        figures.style()
        plt.rcParams["savefig.dpi"] = 180
        figure = gain_figure(answer)
        picture = base64.b64encode(figures.png(figure)).decode("ascii")
    learned = f"Each student learned from {judged.student_rows:,} weak labels at least"
    if judged.weak_rows:
        learned += f", each weak model from {judged.weak_rows:,} true ones"
    content = rendering.render(
        "page.html.j2",
        Path(__file__).parent / "templates",
        data=data,
        rows=f"{len(data.targets):,}",
        labels=f"{len(data.true_rows):,}",
        columns=f"{data.views.strong.shape[1] if data.views else 0:,}",
        head=head,
        colour=said if (said := _verdict(answer, first)) in ("gains", "loses") else "open",
        plain=gain.plain,
        sentence=answer.gain_sentence(first),
        gain=shown_gain(gain),
        level=_level(answer),
        level_alone=f"{answer.level:.3g}",
        each=f"{gain.level:.1%}",
        split_level=f"{(1 + answer.level) / 2:g}",
        teacher=f"{math.sqrt(triple.weak_error):.3g}",
        student=f"{math.sqrt(triple.student_error):.3g}",
        choice=answer.ranking.sentence() if answer.ranking else "",
        picture=picture,
        alt=alt_text(answer),
        table=[_row(answer, name) for name in answer.names[:SHOWN]],
        left_out=len(answer.names[SHOWN:]),
        judged=f"{len(judged.rows):,}",
        judged_labels=f"{len(judged.labelled):,}",
        learned=f"{learned}; with other numbers of them the gain is another.",
        caveats=answer.caveats,
        seed=seed,
        versions=runtime.versions(),
    )
    with runtime.atomic_file(path) as file:
        file.write(content)
    return path


def _row(answer: Answer, name: str) -> dict[str, str]:
    triple, gain = answer.triples[name], answer.gains[name]
    errors = {part: f"{getattr(triple, part):,.4g}" for part in ("weak_error", "student_error", "misfit")}
    said, further = _verdict(answer, name), labels_to_decide(gain)
    if 0 < further < math.inf:
        said += f"; some {some(further)} more labels"
    return {"name": name, **errors, "gain": shown_gain(gain), "answer": said}


def _level(answer: Answer) -> str:
    return f"interval at the level {answer.level:.3g}, for all statements of this page together"


def _verdict(answer: Answer, name: str) -> str:
    sign = answer.gains[name].sign
    if sign > 0:
        return "gains" if answer.beside_constant[name] > 0 else "gains, as a constant may"
    return "loses" if sign < 0 else "cannot tell yet"
