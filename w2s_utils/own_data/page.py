"""An answer as one HTML page that a person would send to a colleague: what data, the gain, what to do, what to doubt.

The page needs no network and no other file, prints on one sheet of A4, and is readable in the dark and on a phone.
"""

from __future__ import annotations

import math
from pathlib import Path

from .. import runtime
from ..data.container import Dataset
from ..pages import rendering
from ..theory.ranking import labels_to_decide, some
from .answer import Answer
from .judge import Judged, JudgedFile
from .picture import SHOWN, gain_picture, percent, shown_gain

READS = ("w2s_utils/own_data/templates/*", "w2s_utils/pages/templates/*")


def write_page(
    path: Path,
    data: Dataset | JudgedFile,
    judged: Judged | JudgedFile,
    answer: Answer,
    head: str = "ridge",
    seed: int = 0,
) -> Path:
    """Write the page and return its path. The same numbers give the same bytes. Raises `runtime.UnwritableFolder`.

    ``data`` and ``judged`` are both what `large.judge_file` returns, where that read the file.
    """
    first = answer.first
    gain, triple = answer.gains[first], answer.triples[first]
    learned = f"Each student learned from {judged.student_rows:,} weak labels at least"
    if judged.weak_rows:
        learned += f", each weak model from {judged.weak_rows:,} true ones"
    content = rendering.render(
        "page.html.j2",
        Path(__file__).parent / "templates",
        data=data,
        **dict(zip(("rows", "labels", "columns"), (f"{count:,}" for count in sizes(data)), strict=True)),
        head=head,
        colour=said if (said := _verdict(answer, first)) in ("gains", "loses") else "open",
        plain=gain.plain,
        sentence=answer.gain_sentence(first),
        gain=shown_gain(gain),
        level=_level(answer),
        level_alone=f"{answer.level:.12g}",
        each=percent(gain.level),
        split_level=f"{(1 + answer.level) / 2:.12g}",
        teacher=f"{math.sqrt(triple.weak_error):.3g}",
        student=f"{math.sqrt(triple.student_error):.3g}",
        choice=answer.ranking.sentence() if answer.ranking else "",
        picture=gain_picture(answer),
        table=[_row(answer, name) for name in answer.names[:SHOWN]],
        left_out=len(answer.names[SHOWN:]),
        judged=f"{gain.rows:,}",
        judged_labels=f"{gain.labels:,}",
        learned=f"{learned}; with other numbers of them the gain is another.",
        caveats=answer.caveats,
        seed=seed,
        versions=runtime.versions(),
    )
    with runtime.atomic_file(path) as file:
        file.write(content)
    return path


def sizes(data: Dataset | JudgedFile) -> tuple[int, int, int]:
    """How many rows, true labels and columns of the strong view."""
    if isinstance(data, JudgedFile):
        return data.rows, data.labelled, data.columns
    return len(data.targets), len(data.true_rows), data.views.strong.shape[1] if data.views else 0


def _row(answer: Answer, name: str) -> dict[str, str]:
    triple, gain = answer.triples[name], answer.gains[name]
    errors = {part: f"{getattr(triple, part):,.4g}" for part in ("weak_error", "student_error", "misfit")}
    said, further = _verdict(answer, name), labels_to_decide(gain)
    if 0 < further < math.inf:
        said += f"; some {some(further)} more labels"
    return {"name": name, **errors, "gain": shown_gain(gain), "answer": said}


def _level(answer: Answer) -> str:
    return f"interval at the level {answer.level:.12g}, for all statements of this page together"


def _verdict(answer: Answer, name: str) -> str:
    if not answer.gains[name].misfit:
        return "repeats its teacher"
    sign = answer.gains[name].sign
    if sign > 0:
        return (
            "gains" + {1: "", 0: ", as a constant may", -1: ", a constant more"}[answer.beside_constant[name]]
        )
    return "loses" if sign < 0 else "cannot tell yet"
