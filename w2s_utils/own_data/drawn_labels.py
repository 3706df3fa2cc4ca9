"""Labels of rows that were drawn where predictions differ, and what they say. Lists of such rows stand in `lists`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..theory.arrays import Array
from ..theory.certificate import GainCertificate
from ..theory.drawing import Drawing, rows_to_label
from ..theory.drawn import as_certificate, drawn_gain
from .judge import Judged
from .refusal import UnusableData
from .tally import STUDENT, TEACHER, Candidate, Tally


@dataclass(frozen=True, eq=False)
class DrawnLabels:
    """A ``drawing`` for the predictions of ``judged``, and all true labels that belong to it: ``truth``, ``labelled (m,)``.

    ``ends``: between which true labels lie, where they are classes.
    """

    drawing: Drawing
    judged: Judged
    truth: Array
    labelled: NDArray[np.intp]
    ends: tuple[float, float] | None

    def ahead(self, sums: Tally, level: float) -> dict[tuple[Candidate, Candidate], GainCertificate]:
        """By how much the error of the second is larger, for each pair that rows were drawn for, in both orders."""
        found = {}
        for pair in self.drawing.largest:
            one, other = (
                (Candidate(TEACHER, pair), Candidate(STUDENT, pair))
                if isinstance(pair, str)
                else (Candidate(STUDENT, pair[0]), Candidate(STUDENT, pair[1]))
            )
            for worse, better in ((one, other), (other, one)):
                made = drawn_gain(
                    self.drawing,
                    self.judged.made[worse],
                    self.judged.made[better],
                    self.judged.numbered(self.truth),
                    self.labelled,
                    level,
                    self.ends,
                )
                found[better, worse] = as_certificate(made, sums.ahead(better, worse, level))
        return found


def draw(judged: Judged, count: int, seed: int, ends: tuple[float, float] | None, only: str = "") -> Drawing:
    """Draw rows of ``judged``, places among them, for all gains and all pairs of students, or ``only`` one model's gain.

    Raises UnusableData.
    """
    if judged.groups is not None:
        raise UnusableData(
            "rows repeat, or several are of one thing, and labels are drawn row by row; keep one row of each first"
        )
    if only and only not in judged.weak:
        raise UnusableData(f"there is no weak model {only!r}; there are {', '.join(judged.weak)}")
    try:
        return rows_to_label(
            judged.weak,
            judged.student,
            count,
            seed,
            judged.labelled,
            weights={only: 1.0} if only else None,
            bounded=ends is not None,
            loss=judged.loss,
        )
    except ValueError as error:
        raise UnusableData(str(error)) from error


def ends_of(sums: Tally) -> tuple[float, float] | None:
    """Least and largest class of true labels, None where they are numbers for some pair of teacher and student."""
    found = [sums.pairs[Candidate(TEACHER, name), Candidate(STUDENT, name)].classes() for name in sums.names]
    classes = [one for one in found if one is not None]
    if len(classes) < len(found):
        return None
    return min(low for low, _ in classes), max(high for _, high in classes)
