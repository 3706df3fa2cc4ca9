"""Will the student gain, by how much, and which weak model should label? The answer to what `judge` judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scipy.stats import mannwhitneyu

from ..theory.arrays import fraction
from ..theory.certificate import PLAIN, THIN, ErrorSums, GainCertificate, TooFewLabels
from ..theory.intervals import joint
from ..theory.misfit import ErrorTriple
from ..theory.ranking import Ranking, labels_to_decide, rank_sums, some
from .doubts import CHANCE, NOT_RANDOM
from .judge import Judged, JudgedFile
from .refusal import UnusableData
from .tally import Tally

FEW = 30
"""Fewer judged labels than this, and intervals from skewed gains may be too short."""
IMITATION = 1e-3
"""A misfit below this part of the weak error is worth a word: the error can then change by some 6 % at most."""


@dataclass(frozen=True)
class Answer:
    """Will the student gain, by how much, which weak model should label: by weak model, in the order of ``names``.

    ``triples``: weak and student error over the judged labels, misfit over all judged rows; ``gains``: certificates that hold
    together at ``level``, with the ranking's margins and what ``beside_constant`` says; ``ranking``: None for one weak model.
    ``beside_constant``: of each student against the mean of the weak labels that it learned from, 1 where its error is told to
    be below, -1 above, 0 neither: a student that is not better than a constant may gain, but knows nothing of the strong view.
    ``caveats``: sentences.
    """

    names: tuple[str, ...]
    triples: dict[str, ErrorTriple]
    gains: dict[str, GainCertificate]
    ranking: Ranking | None
    beside_constant: dict[str, int]
    level: float
    caveats: tuple[str, ...]

    @property
    def first(self) -> str:
        """The weak model whose student has the least estimated error."""
        return self.ranking.names[0] if self.ranking else self.names[0]

    def gain_sentence(self, name: str) -> str:
        """Does the student of one weak model gain, and more than a constant would; or how many labels would tell?"""
        gain = self.gains[name]
        if not gain.misfit:
            return f"The student of “{name}” repeats its teacher on every row: the gain is 0."
        about = f"its teacher's, by an estimated {abs(gain.gain):.2g}"
        if gain.sign > 0 and self.beside_constant[name] > 0:
            return f"The student of “{name}” gains: its squared error is below {about}."
        if gain.sign > 0 and self.beside_constant[name] < 0:
            return (
                f"The student of “{name}” gains, but a constant does better: its squared error is below {about}, and above "
                "that of the mean weak label on every row."
            )
        if gain.sign > 0:
            return (
                f"The student of “{name}” gains, but a constant may do as well: its squared error is below {about}, and not "
                "shown to be below that of the mean weak label on every row."
            )
        if gain.sign < 0:
            return f"The student of “{name}” loses: its squared error is above {about}."
        further = labels_to_decide(gain)
        start = f"Cannot tell yet whether the student of “{name}” gains"
        if gain.thin:
            few = f"{start}: too few of the rows that carry the gain have a true label"
            if math.isinf(further):
                return f"{few}, and all {gain.rows:,} rows are too few; add rows."
            return f"{few}; label some {some(further)} more rows, drawn at random."
        if math.isinf(further):
            return (
                f"{start}: if the gain is the {gain.gain:.2g} that it now seems, true labels for all {gain.rows:,} rows will "
                "hardly tell; add rows."
            )
        return (
            f"{start}: if the gain is the {gain.gain:.2g} that it now seems, some {some(further)} more labelled rows tell "
            "with an even chance; if it is smaller, more."
        )


def answer(judged: Judged | JudgedFile, level: float = 0.95, weight: float | None = None) -> Answer:
    """Errors, certificates and ranking of what was judged, with the caveats that the numbers themselves raise.

    ``weight`` as in `certify_gain`: None fits it, 0 takes the labelled rows alone. Raises UnusableData for a level that is not
    in (0, 1), and where `rank_weak_models` or `certify_gain` cannot answer.
    """
    ranking: Ranking | None = None
    try:
        sums = judged.tally()
        names = tuple(sums.errors)
        ranked = len(names) * (len(names) + 1) // 2  # pairs and gains
        level = fraction("the level of the intervals", level, ranked + len(names))
        if len(names) > 1:
            together = 1 - (1 - level) * ranked / (ranked + len(names))
            ranked_alone = rank_sums(sums.errors, sums.pairs, together, weight)
            ranking = replace(ranked_alone, level=level)  # with what is said of constants
            names, gains = ranking.names, ranking.gains
        else:
            (name,) = names
            gains = {name: sums.errors[name].certificate(joint(2, level), weight)}
        beside = {name: _told(sums.beside[name], gains[name].level, weight) for name in names}
    except ValueError as error:
        raise UnusableData(str(error)) from error
    triples = {
        name: ErrorTriple(
            weak_error=float(sums.errors[name].labelled[:, 0].mean()),
            student_error=float(sums.errors[name].labelled[:, 1].mean()),
            misfit=gains[name].misfit,
        )
        for name in names
    }
    caveats = [*judged.notes, *_caveats(judged.notes, sums, triples), *_told_by_certificates(gains, beside)]
    return Answer(names, triples, gains, ranking, beside, level, tuple(caveats))


def _told(beside: ErrorSums, level: float, weight: float | None) -> int:
    """Whether the student's error is told to be below the constant's (1), above it (-1) or neither."""
    try:
        return beside.certificate(level, weight).sign
    except TooFewLabels:
        return 0


def _told_by_certificates(gains: dict[str, GainCertificate], beside: dict[str, int]) -> list[str]:
    """Hard labels, of which only the labelled rows tell, and students that a constant may replace."""
    found = []
    if any(gain.plain for gain in gains.values()):
        found.append(PLAIN)
    thin = [name for name, gain in gains.items() if gain.thin]
    if thin:
        found.append(f"For {_quoted(thin)}, {THIN}.")
    no_better = [name for name, sign in beside.items() if sign <= 0]
    if no_better:
        found.append(
            f"Not shown to do better than a constant, the mean weak label on every row: the student of {_quoted(no_better)}. "
            "A gain may then come from errors that shrank to the mean, and say nothing of what the strong view knows."
        )
    return found


def _quoted(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _caveats(notes: Sequence[str], sums: Tally, triples: dict[str, ErrorTriple]) -> list[str]:
    """What the numbers themselves say against trusting them."""
    found = []
    if sums.labels < FEW:
        found.append(
            f"Only {sums.labels} true labels were judged: if few rows carry the gain, the interval is too short."
        )
    for name, triple in triples.items():
        if not triple.misfit:
            found.append(f"The student of “{name}” repeats its teacher on every row, but for round-off.")
            continue
        if triple.misfit < IMITATION * triple.weak_error:
            most = triple.misfit + 2 * math.sqrt(triple.misfit * triple.weak_error)
            found.append(
                f"The student of “{name}” nearly copies its teacher: a misfit of {triple.misfit:.2g} moves an error of "
                f"{triple.weak_error:.3g} by {most:.2g} at most, on the same rows."
            )
        if any(NOT_RANDOM in note for note in notes):
            continue  # said already, of the rows themselves
        with_label, without = sums.errors[name].labelled[:, 2], sums.others[name]
        if len(without) and mannwhitneyu(with_label, without).pvalue < CHANCE / len(triples):
            found.append(
                f"The misfit of {name} is {with_label.mean():.3g} on labelled rows and {without.mean():.3g} on the others: "
                f"{NOT_RANDOM}"
            )
    return found
