"""What to label next: rows drawn where teacher and student differ, or random ones, with what each is likely to tell."""

from __future__ import annotations

from ..theory.certificate import DRAWN as DRAWN_LABELS
from ..theory.drawing_plan import planned_half_width
from .answer import Answer
from .drawn_labels import ends_of
from .judge import Judged, JudgedFile
from .tally import STUDENT, TEACHER, Candidate

DRAWN = 40
"""Rows that are proposed."""
WORTH = 0.9
"""Drawn rows are proposed where they bring the half-width below this part of that of as many random ones."""


def advice(judged: Judged | JudgedFile, found: Answer) -> str:
    """A sentence on what to label next where the gain of the student put first is not told yet; empty for others.

    Half-widths are for new labels alone, at the level of each gain.
    """
    gain = found.gains[found.names[0]]
    if (
        gain.sign
        or gain.kind == DRAWN_LABELS
        or found.chosen
        or not isinstance(judged, Judged)
        or judged.groups is not None
    ):
        return ""
    weak, student = (judged.made[Candidate(role, found.names[0])] for role in (TEACHER, STUDENT))
    sums = judged.tally()
    try:
        planned = planned_half_width(
            weak,
            student,
            DRAWN,
            judged.numbered(judged.truth),
            judged.labelled,
            level=gain.level,
            bounded=ends_of(sums) is not None,
            loss=judged.loss,
        )
    except ValueError:  # labels that do not tell a spread, or predictions that are the same
        return ""
    drawn, random = (f"{float(f'{half:.2g}'):,.12g}" for half in planned)
    if planned.drawn > WORTH * planned.random:
        return (
            "To tell, label more rows at random: rows drawn where teacher and student differ would tell no more "
            f"(half-width of {DRAWN} alone some {drawn}, of as many at random {random})."
        )
    return (
        f"To tell, label {DRAWN} rows drawn where teacher and student differ (w2s label): alone they are likely to give a "
        f"half-width of some {drawn}, as many at random {random}."
    )
