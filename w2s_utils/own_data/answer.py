"""Will the student gain, by how much, and which weak model should label? The answer to what `judge` judged."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import mannwhitneyu

from ..theory.certificate import GainCertificate
from ..theory.misfit import ErrorTriple
from ..theory.ranking import Ranking, labels_to_decide, rank_sums
from .files import UnusableData
from .judge import Judged, JudgedFile
from .tally import Tally

FEW = 30
"""Fewer judged labels than this, and intervals from skewed gains may be too short."""
IMITATION = 1e-3
"""A misfit below this part of the weak error is worth a word: the error can then change by some 6 % at most."""
CHANCE = 1e-3
"""Probability of a false alarm, over all weak models, where labelled rows are compared with the others."""


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


def answer(judged: Judged | JudgedFile, level: float = 0.95, weight: float | None = None) -> Answer:
    """Errors, certificates and ranking of what was judged, with the caveats that the numbers themselves raise.

    ``weight`` as in `certify_gain`: None fits it, 0 takes the labelled rows alone. Raises UnusableData for a level that is not
    in (0, 1), and where `rank_weak_models` or `certify_gain` cannot answer.
    """
    if not (isinstance(level, int | float) and 0 < level < 1):
        raise UnusableData(f"the level of the intervals lies in (0, 1), such as 0.95, not {level!r}")
    ranking: Ranking | None = None
    try:
        sums = judged.tally()
        names = tuple(sums.errors)
        if len(names) > 1:
            ranking = rank_sums(sums.errors, sums.pairs, level, weight)
            names, gains = ranking.names, ranking.gains
        else:
            (name,) = names
            gains = {name: sums.errors[name].certificate(level, weight)}
    except ValueError as error:
        raise UnusableData(str(error)) from error
    triples = {
        name: ErrorTriple(
            weak_error=float(sums.errors[name].labelled[:, 0].mean()),
            student_error=float(sums.errors[name].labelled[:, 1].mean()),
            misfit=sums.errors[name].misfit,
        )
        for name in names
    }
    caveats = [*judged.notes, *_caveats(sums, triples)]
    return Answer(names, triples, gains, ranking, level, tuple(caveats))


def _caveats(sums: Tally, triples: dict[str, ErrorTriple]) -> list[str]:
    """What the numbers themselves say against trusting them."""
    found = []
    if sums.labels < FEW:
        found.append(
            f"Only {sums.labels} true labels were judged: if few rows carry the gain, the interval is too short."
        )
    for name, triple in triples.items():
        if triple.misfit < IMITATION * triple.weak_error:
            most = triple.misfit + 2 * math.sqrt(triple.misfit * triple.weak_error)
            found.append(
                f"The student of “{name}” nearly copies its teacher: a misfit of {triple.misfit:.2g} moves an error of "
                f"{triple.weak_error:.3g} by {most:.2g} at most, on the same rows."
            )
        with_label, without = sums.errors[name].labelled[:, 2], sums.others[name]
        if len(without) and mannwhitneyu(with_label, without).pvalue < CHANCE / len(triples):
            found.append(
                f"The misfit of {name} is {with_label.mean():.3g} on labelled rows and {without.mean():.3g} on the others: "
                "the labelled rows do not look like a random part of all, and then no interval holds."
            )
    return found
