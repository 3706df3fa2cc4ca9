"""What to use, will the student gain, by how much, which weak model should label? The answer to what `judge` judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from scipy.stats import mannwhitneyu

from ..theory.arrays import fraction
from ..theory.certificate import GainCertificate
from ..theory.class_losses import ACCURACY, SQUARED
from ..theory.error_sums import MISFIT
from ..theory.error_sums import STUDENT as STUDENT_ERROR
from ..theory.error_sums import WEAK as WEAK_ERROR
from ..theory.intervals import joint
from ..theory.misfit import ErrorTriple
from ..theory.ranking import Ranking, labels_to_decide, ranked, some_more
from .doubts import CHANCE, NOT_RANDOM
from .drawn_labels import DrawnLabels
from .judge import Judged, JudgedFile
from .loss_words import WORDS, Words
from .refusal import UnusableData
from .rows import enumerated
from .tally import ALONE, CONSTANT, STUDENT, TEACHER, Candidate, Tally

FEW = 30
"""Fewer judged labels than this, and intervals from skewed gains may be too short."""
IMITATION = 1e-3
"""A misfit below this part of the weak error is worth a word: the error can then change by some 6 % at most."""
THE_CONSTANT = Candidate(CONSTANT)


@dataclass(frozen=True)
class Answer:
    """What to use, will the student gain, by how much, which weak model should label.

    ``names``: the weak models, least student error first; by these ``triples``: errors and misfit, and ``gains``.
    ``errors``: mean error of every candidate over labelled rows in units of the ``loss``, least first; ``over_constant``: by
    how much it is below that of the constant. ``first``: of least error among those that are not told to be worse than
    another; ``rivals``: those that it is not told from. ``ranking``: None for one weak model. All of it holds together at
    ``level``.
    ``mean_of_truth``: see `Judged`. ``caveats``: sentences.
    """

    names: tuple[str, ...]
    triples: dict[str, ErrorTriple]
    gains: dict[str, GainCertificate]
    errors: dict[Candidate, float]
    over_constant: dict[Candidate, GainCertificate]
    first: Candidate
    rivals: tuple[Candidate, ...]
    ranking: Ranking | None
    level: float
    mean_of_truth: bool
    caveats: tuple[str, ...]
    loss: str = SQUARED

    @property
    def words(self) -> Words:
        """What the loss is called."""
        return WORDS[self.loss]

    @property
    def best(self) -> Candidate | None:
        """``first``, if its error is told to be below all others."""
        return None if self.rivals else self.first

    @property
    def chosen(self) -> bool:
        """Whether the labelled rows are no random part of all, so that nothing holds."""
        return any(NOT_RANDOM in caveat for caveat in self.caveats)

    def described(self, one: Candidate) -> str:
        """A candidate in words."""
        words = {
            CONSTANT: f"a constant, {self._constant} {'true' if self.mean_of_truth else 'weak'} label",
            TEACHER: f"the teacher “{one.name}” itself",
            STUDENT: f"the student of “{one.name}”",
            ALONE: "the strong view with the true labels alone",
        }
        return words[one.role]

    @property
    def _constant(self) -> str:
        return {SQUARED: "the mean", ACCURACY: "the most frequent"}.get(self.loss, "the frequencies of each")

    def headline(self) -> str:
        """What to use, as far as these labels tell."""
        start = "The labelled rows are no random part of all, so this is for rows of their kind only. "
        if self.best is not None:
            found = f"Best of all here: {self.described(self.best)}."
        else:
            rivals = [self.described(one) for one in self.rivals[:3]]
            found = (
                f"Least error on the labelled rows: {self.described(self.first)}; not told from "
                f"{enumerated(rivals, len(self.rivals) - len(rivals))}."
            )
        return start * self.chosen + found

    def gain_sentence(self, name: str) -> str:
        """Does the student of one weak model gain, and more than a constant would; or how many labels would tell?"""
        gain = self.gains[name]
        if not gain.misfit:
            return f"The student of “{name}” repeats its teacher on every row: the gain is 0."
        about = f"its teacher's, by an estimated {abs(gain.gain):.2g}"
        beside = self.over_constant[Candidate(STUDENT, name)].sign
        if gain.sign > 0 and beside > 0:
            return f"The student of “{name}” gains: its {self.words.error} is below {about}."
        if gain.sign > 0:
            constant = "does better" if beside < 0 else "may do as well"
            return f"The student of “{name}” gains, but a constant {constant}: its {self.words.error} is below {about}."
        if gain.sign < 0:
            return f"The student of “{name}” loses: its {self.words.error} is above {about}."
        start, further = f"Cannot tell yet whether the student of “{name}” gains", labels_to_decide(gain)
        if math.isinf(further[0]):
            return f"{start}: true labels for all {gain.rows:,} rows will hardly tell; add rows."
        return f"{start}: some {some_more(further)} {gain.way} labels tell with an even chance, if it gains as it seems now."


def answer(judged: Judged | JudgedFile, level: float = 0.95, drawn: DrawnLabels | None = None) -> Answer:
    """Errors, certificates and ranking of what was judged, with the caveats that the numbers themselves raise.

    ``drawn``: labels of rows that were drawn for these predictions; gains, and who should label, are then from these and the
    random ones, all else from the random ones. Raises UnusableData for a level that is not in (0, 1), and where
    `rank_weak_models` or `certify_gain` cannot answer.
    """
    try:
        sums = judged.tally()
        students = len(sums.names)
        together = students * (students + 1) // 2  # gains, and pairs of students
        # Each over the constant; that the best is best errs only where the true best is told to be worse than some other.
        others = len(sums.candidates) - 1
        statements = together + others + math.ceil(others / 2)
        each = joint(statements, fraction("the level of the intervals", level, statements))
        ahead = {pair: sums.ahead(*pair, each) for pair in permutations(sums.candidates, 2)}
        if drawn is not None:
            ahead |= drawn.ahead(sums, each)
    except ValueError as error:
        raise UnusableData(str(error)) from error
    errors = _errors(sums)
    names = tuple(one.name for one in errors if one.role == STUDENT)
    gains = {name: ahead[Candidate(STUDENT, name), Candidate(TEACHER, name)] for name in names}
    ranking = _ranking(sums, gains, ahead, errors, level) if students > 1 else None
    first = next(
        one for one in errors if all(ahead[one, other].sign >= 0 for other in errors if other != one)
    )
    rivals = tuple(one for one in errors if one != first and ahead[first, one].sign <= 0)
    triples = {
        name: ErrorTriple(
            weak_error=errors[Candidate(TEACHER, name)],
            student_error=errors[Candidate(STUDENT, name)],
            misfit=gains[name].misfit,
        )
        for name in names
    }
    over = {one: ahead[one, THE_CONSTANT] for one in errors if one != THE_CONSTANT}
    caveats = [*judged.notes, *_caveats(judged.notes, sums, triples), *_of_certificates(gains, over)]
    return Answer(
        names=names,
        triples=triples,
        gains=gains,
        errors=errors,
        over_constant=over,
        first=first,
        rivals=rivals,
        ranking=ranking,
        level=level,
        mean_of_truth=judged.mean_of_truth,
        caveats=tuple(caveats),
        loss=judged.loss,
    )


def _errors(sums: Tally) -> dict[Candidate, float]:
    """Mean errors over labelled rows, least first."""
    one, *rest = sums.candidates
    found = {one: float(sums.pairs[one, rest[0]].labelled[:, WEAK_ERROR].mean())}
    found |= {other: float(sums.pairs[one, other].labelled[:, STUDENT_ERROR].mean()) for other in rest}
    return {one: found[one] for one in sorted(found, key=lambda one: found[one])}


def _ranking(
    sums: Tally,
    gains: Mapping[str, GainCertificate],
    ahead: Mapping[tuple[Candidate, Candidate], GainCertificate],
    errors: Mapping[Candidate, float],
    level: float,
) -> Ranking:
    """Of the students, in the order of their errors. Raises UnusableData for two that are the same."""
    student = {name: Candidate(STUDENT, name) for name in gains}
    for one, other in combinations(sums.names, 2):
        if sums.pairs[student[one], student[other]].repeats:
            raise UnusableData(f"{one} and {other} have the same student; drop one of them")
    return ranked(
        {name: errors[Candidate(TEACHER, name)] for name in gains},
        {name: errors[student[name]] for name in gains},
        gains,
        {(one, other): ahead[student[one], student[other]] for one, other in permutations(gains, 2)},
        level,
        tuple(gains),
    )


def _of_certificates(gains: dict[str, GainCertificate], over: dict[Candidate, GainCertificate]) -> list[str]:
    """Gains that hang on few rows, and students that a constant may replace."""
    found = [f"“{name}”: {gain.doubt}" for name, gain in gains.items() if gain.doubt]
    no_better = [f"“{name}”" for name in gains if over[Candidate(STUDENT, name)].sign <= 0]
    if no_better:
        found.append(
            f"Not shown to do better than a constant: the student of {', '.join(no_better)}. A gain may then come from errors "
            "that shrank to the mean, and say nothing of what the strong view knows."
        )
    return found


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
        if sums.loss == SQUARED and triple.misfit < IMITATION * triple.weak_error:
            most = triple.misfit + 2 * math.sqrt(triple.misfit * triple.weak_error)
            found.append(
                f"The student of “{name}” nearly copies its teacher: a misfit of {triple.misfit:.2g} moves an error of "
                f"{triple.weak_error:.3g} by {most:.2g} at most, on the same rows."
            )
        if any(NOT_RANDOM in note for note in notes):
            continue  # said already, of the rows themselves
        pair = sums.pairs[Candidate(TEACHER, name), Candidate(STUDENT, name)]
        with_label, without = pair.labelled[:, MISFIT], sums.others[name]
        if len(without) and mannwhitneyu(with_label, without).pvalue < CHANCE / len(triples):
            found.append(
                f"The misfit of {name} is {with_label.mean():.3g} on labelled rows and {without.mean():.3g} on the others: "
                f"{NOT_RANDOM}"
            )
    return found
