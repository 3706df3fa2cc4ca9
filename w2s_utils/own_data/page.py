"""An answer as one HTML page that a person would send to a colleague: what data, the gain, what to do, what to doubt.

The page needs no network and no other file, prints on one sheet of A4, and is readable in the dark and on a phone.
"""

from __future__ import annotations

import math
from pathlib import Path

from .. import runtime
from ..data.container import Dataset
from ..pages import rendering
from ..theory.certificate import NUMBERS
from ..theory.class_losses import SQUARED
from ..theory.misfit import ErrorTriple
from ..theory.ranking import labels_to_decide, some_more
from .advice import advice
from .answer import Answer
from .judge import Judged, JudgedFile
from .lists import About
from .picture import SHOWN, digits_of, gain_picture, percent, shown_gain, shown_range
from .rows import enumerated
from .tally import STUDENT, Candidate

CLASSES = 8
"""Names of classes on the page."""
READS = ("w2s_utils/own_data/templates/*", "w2s_utils/pages/templates/*")


def write_page(
    path: Path,
    data: Dataset | JudgedFile | About,
    judged: Judged | JudgedFile,
    answer: Answer,
    head: str = "ridge",
    seed: int = 0,
) -> Path:
    """Write the page and return its path. The same numbers give the same bytes. Raises `runtime.UnwritableFolder`.

    ``data`` and ``judged`` are both what `large.judge_file` returns, where that read the file; ``data`` is what
    `drawn_labels.read_list` says of it, where labels of drawn rows came back.
    """
    first = answer.names[0]
    gain, triple = answer.gains[first], answer.triples[first]
    learned = f"Each student learned from {judged.student_rows:,} weak labels at least"
    if judged.weak_rows:
        learned += f", each weak model from {judged.weak_rows:,} true ones"
    numbers = any(one.kind == NUMBERS for one in answer.gains.values())
    content = rendering.render(
        "page.html.j2",
        Path(__file__).parent / "templates",
        data=data,
        **dict(zip(("rows", "labels", "columns"), (f"{count:,}" for count in sizes(data)), strict=True)),
        head=head,
        colour=_colour(answer),
        headline=answer.headline(),
        sentence=answer.gain_sentence(first),
        advice=advice(judged, answer),
        gain=shown_gain(gain),
        level=_level(answer),
        level_alone=f"{answer.level:.12g}",
        each=percent(gain.level),
        split_level=f"{(1 + answer.level) / 2:.12g}",
        words=answer.words,
        typical=_typical(answer, triple),
        choice=answer.ranking.sentence() if answer.ranking else "",
        picture=gain_picture(answer),
        table=[_row(answer, name) for name in answer.names[:SHOWN]],
        candidates=[_candidate(answer, one) for one in answer.errors],
        left_out=len(answer.names[SHOWN:]),
        numbers=numbers,
        classes=any(one.kind != NUMBERS for one in answer.gains.values()),
        squared=answer.loss == SQUARED,
        class_names=enumerated(
            [f"“{one}”" for one in judged.classes[:CLASSES]], len(judged.classes) - CLASSES
        ),
        judged=f"{gain.rows:,}",
        judged_labels=f"{gain.labels:,}",
        grouped=judged_in_groups(judged),
        learned=f"{learned}; with other numbers of them the gain is another.",
        caveats=answer.caveats,
        seed=seed,
        versions=runtime.versions(),
    )
    with runtime.atomic_file(path) as file:
        file.write(content)
    return path


def sizes(data: Dataset | JudgedFile | About) -> tuple[int, int, int]:
    """How many rows, true labels and columns of the strong view."""
    if not isinstance(data, Dataset):
        return data.rows, data.labelled, data.columns
    return len(data.targets), len(data.true_rows), data.views.strong.shape[1] if data.views else 0


def judged_in_groups(judged: Judged | JudgedFile) -> bool:
    """Whether rows of one thing counted once."""
    return isinstance(judged, Judged) and judged.groups is not None


def _typical(answer: Answer, triple: ErrorTriple) -> str:
    if answer.loss == SQUARED:
        teacher, student = math.sqrt(triple.weak_error), math.sqrt(triple.student_error)
        return f"Typical error, the root mean square: teacher {teacher:.3g}, student {student:.3g}."
    return f"{answer.words.error.capitalize()}: teacher {triple.weak_error:.3g}, student {triple.student_error:.3g}."


def _row(answer: Answer, name: str) -> dict[str, str]:
    gain = answer.gains[name]
    said, further = _verdict(answer, name), labels_to_decide(gain)
    if 0 < further[0] < math.inf:
        said += f"; {some_more(further)} labels"
    slope = f"{gain.slope:.2f}".replace("-", "−") if gain.kind == NUMBERS else "–"
    return {
        "name": name,
        "misfit": f"{gain.misfit:,.4g}",
        "gain": shown_gain(gain, digits_of(answer.gains.values())),
        "slope": slope,
        "widened": _widened(gain.widened) if gain.kind == NUMBERS else "–",
        "answer": said,
    }


def _widened(share: float) -> str:
    return "all of it" if math.isinf(share) else f"{share:.0%}"


def _candidate(answer: Answer, one: Candidate) -> dict[str, str]:
    if one not in answer.over_constant:
        over = "–"
    else:
        over = shown_range(answer.over_constant[one], digits_of(answer.over_constant.values()))
    said = "the best" if one == answer.best else "the first" if one == answer.first else ""
    if one in answer.rivals:
        said = "not told from it"
    words = answer.described(one)
    return {
        "name": words[0].upper() + words[1:],
        "error": f"{answer.errors[one]:,.4g}",
        "over": over,
        "answer": said,
    }


def _colour(answer: Answer) -> str:
    """Green where a student gains and is told to be the best of all; red where the student put first loses."""
    sign = answer.gains[answer.names[0]].sign
    if sign < 0 and not answer.chosen:
        return "loses"
    student = answer.best is not None and answer.best.role == STUDENT
    return "gains" if sign > 0 and student and not answer.chosen else "open"


def _level(answer: Answer) -> str:
    return f"interval at the level {answer.level:.12g}, for all statements of this page together"


def _verdict(answer: Answer, name: str) -> str:
    if not answer.gains[name].misfit:
        return "repeats its teacher"
    sign = answer.gains[name].sign
    if sign > 0:
        beside = answer.over_constant[Candidate(STUDENT, name)].sign
        return "gains" + {1: "", 0: ", as a constant may", -1: ", a constant more"}[beside]
    return "loses" if sign < 0 else "cannot tell yet"
