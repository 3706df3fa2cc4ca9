"""Will the student gain, by how much, and which weak model should label? The answer to what `judge` judged."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import mannwhitneyu

from ..theory.certificate import GainCertificate, certify_gain
from ..theory.misfit import ErrorTriple, squared_distance
from ..theory.ranking import Ranking, labels_to_decide, rank_weak_models
from .doubts import CHANCE, NOT_RANDOM
from .judge import Judged
from .refusal import UnusableData

FEW = 30
"""Fewer judged labels than this, and intervals from skewed gains may be too short."""
IMITATION = 1e-3
"""A misfit below this part of the weak error is worth a word: the error can then change by some 6 % at most."""


@dataclass(frozen=True)
class Answer:
    """Will the student gain, by how much, which weak model should label: by weak model, in the order of ``names``.

    ``triples``: weak and student error over the judged labels, misfit over all judged rows; ``gains``: certificates that hold
    together at ``level``, with the ranking's margins; ``ranking``: None for one weak model. ``caveats``: sentences.
    """

    names: tuple[str, ...]
    triples: dict[str, ErrorTriple]
    gains: dict[str, GainCertificate]
    ranking: Ranking | None
    level: float
    caveats: tuple[str, ...]

    @property
    def first(self) -> str:
        """The weak model whose student has the least estimated error."""
        return self.ranking.names[0] if self.ranking else self.names[0]

    def gain_sentence(self, name: str) -> str:
        """Does the student of one weak model gain, or how many labels would tell?"""
        gain = self.gains[name]
        about = f"its teacher's, by an estimated {abs(gain.gain):.2g}."
        if gain.low > 0:
            return f"The student of “{name}” gains: its squared error is below {about}"
        if gain.high < 0:
            return f"The student of “{name}” loses: its squared error is above {about}"
        further = labels_to_decide(gain)
        start = f"Cannot tell yet whether the student of “{name}” gains"
        if math.isinf(further):
            return (
                f"{start}: if the gain is the {gain.gain:.2g} that it now seems, true labels for all {gain.rows:,} rows will "
                "hardly tell; add rows."
            )
        return f"{start}: about {further:,.0f} more labelled rows give an even chance at most."


def answer(judged: Judged, level: float = 0.95, weight: float | None = None) -> Answer:
    """Errors, certificates and ranking of what was judged, with the caveats that the numbers themselves raise.

    ``weight`` as in `certify_gain`: None fits it, 0 takes the labelled rows alone. Raises UnusableData for a level that is not
    in (0, 1), and where `rank_weak_models` or `certify_gain` cannot answer.
    """
    if not (isinstance(level, int | float) and 0 < level < 1):
        raise UnusableData(f"the level of the intervals lies in (0, 1), such as 0.95, not {level!r}")
    names, places, truth = tuple(judged.weak), judged.labelled, judged.truth
    ranking: Ranking | None = None
    try:
        if len(names) > 1:
            ranking = rank_weak_models(judged.weak, judged.student, truth, places, level, weight)
            names, gains = ranking.names, ranking.gains
        else:
            (name,) = names
            gains = {
                name: certify_gain(judged.weak[name], judged.student[name], truth, places, level, weight)
            }
    except ValueError as error:
        raise UnusableData(str(error)) from error
    triples = {
        name: ErrorTriple(
            weak_error=squared_distance(judged.weak[name][places], truth),
            student_error=squared_distance(judged.student[name][places], truth),
            misfit=squared_distance(judged.student[name], judged.weak[name]),
        )
        for name in names
    }
    caveats = [*judged.notes, *_caveats(judged, triples)]
    return Answer(names, triples, gains, ranking, level, tuple(caveats))


def _caveats(judged: Judged, triples: dict[str, ErrorTriple]) -> list[str]:
    """What the numbers themselves say against trusting them."""
    found = []
    if len(judged.labelled) < FEW:
        found.append(
            f"Only {len(judged.labelled)} true labels were judged: if few rows carry the gain, the interval is too short."
        )
    rest = np.setdiff1d(np.arange(len(judged.rows)), judged.labelled)
    for name, triple in triples.items():
        if triple.misfit < IMITATION * triple.weak_error:
            most = triple.misfit + 2 * math.sqrt(triple.misfit * triple.weak_error)
            found.append(
                f"The student of “{name}” nearly copies its teacher: a misfit of {triple.misfit:.2g} moves an error of "
                f"{triple.weak_error:.3g} by {most:.2g} at most, on the same rows."
            )
        misfits = (judged.student[name] - judged.weak[name]) ** 2
        with_label, without = misfits[judged.labelled], misfits[rest]
        if any(NOT_RANDOM in note for note in judged.notes):
            continue  # said already, of the rows themselves
        if len(rest) and mannwhitneyu(with_label, without).pvalue < CHANCE / len(triples):
            found.append(
                f"The misfit of {name} is {with_label.mean():.3g} on labelled rows and {without.mean():.3g} on the others: "
                f"{NOT_RANDOM}"
            )
    return found
