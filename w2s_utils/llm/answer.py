"""What a run says: who errs how often, what each student gains over its teacher and over the few true labels, with intervals.

One seed: intervals are from the judged rows, of a share of errors that of Clopper and Pearson, of a gain `paired_gain`, of a
performance gap recovered Fieller's. Several seeds: each is a unit, and intervals are Student's and Fieller's over seeds, which
redraw the halves, of three at least. All that is said of gains holds together at LEVEL. Beside it stands what somebody with
few labels would be told, the certificate of `theory.certificate`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .. import runtime
from ..experiments.classification import (
    BRIER_SCORE,
    ERRORS,
    LOG_LOSS,
    Judgements,
    class_triple,
    kinds_of_errors,
)
from ..theory.arrays import Array
from ..theory.certificate import GainCertificate, certify_gain
from ..theory.class_losses import ACCURACY
from ..theory.intervals import Interval, joint, ratio_of_means, share
from .intervals import LEAST_SEEDS, LEVEL, over_seeds, paired_gain, sign, told_above_0, written
from .stages import ALONE, CEILING, STUDENT, TEACHER, Run

FEW_JUDGED = 100
LEARNED_FROM = {
    TEACHER: "true labels of half 1",
    STUDENT: "the teacher's labels of half 2",
    CEILING: "true labels of half 2",
    ALONE: "true labels of half 1",
}


@dataclass(frozen=True)
class Standing:
    """One that was judged: its ``role`` and, a student, the ``method`` of its loss; its share of ``errors`` with the interval,
    and by name the means of the other ``losses`` over seeds and rows."""

    role: str
    method: str
    errors: Interval
    losses: Mapping[str, float]


@dataclass(frozen=True)
class Gained:
    """One student, in shares of judged rows: ``gain`` over its teacher, ``over_alone`` over the strong model alone, with
    intervals that hold together; ``misfit``; ``kinds`` of errors (`classification.kinds_of_errors`).

    ``pgr``: its interval, None where it is withheld, as a gap that is not told from 0 has any ratio. ``few``: the certificate
    from some random labelled rows of the first seed, half of them at most, as if the others had no label.
    """

    method: str
    gain: Interval
    over_alone: Interval
    misfit: float
    kinds: Mapping[str, float]
    pgr: Interval | None
    few: GainCertificate

    @property
    def sign(self) -> int:
        """What is told of the gain: 1 above 0, -1 below, 0 neither."""
        return sign(self.gain)


@dataclass(frozen=True)
class Answer:
    """Of a run: ``standings``, teacher first, then students, ceiling and the strong model alone; ``gained`` by each student.

    ``majority``: errors of naming the class that is most frequent in half 1; ``judged``, ``half``: how many rows; ``caveats``:
    sentences.
    """

    standings: tuple[Standing, ...]
    gained: tuple[Gained, ...]
    majority: float
    judged: int
    half: int
    caveats: tuple[str, ...]

    def headline(self) -> str:
        """Whether students beat their teacher, as far as is told."""
        groups = {way: [f"“{one.method}”" for one in self.gained if one.sign == way] for way in (1, 0, -1)}
        for way, words in ((1, "beats its teacher"), (-1, "does worse than its teacher")):
            if len(groups[way]) == len(self.gained):
                return f"The student {words}" + (", with each loss." if len(self.gained) > 1 else ".")
        if not groups[1] and not groups[-1]:
            return "Cannot tell whether the student beats its teacher."
        told = [
            f"{words} with the loss {', '.join(groups[way])}"
            for way, words in (
                (1, "beats its teacher"),
                (-1, "does worse than its teacher"),
                (0, "is not told from it"),
            )
            if groups[way]
        ]
        return f"The student {'; '.join(told)}."

    def pgr_sentence(self) -> str:
        """The performance gap recovered, or why it is withheld."""
        found = {one.method: one.pgr for one in self.gained if one.pgr is not None}
        if not found:
            teacher, ceiling = (self.standing(role).errors.estimate for role in (TEACHER, CEILING))
            why = "no gap is told from 0" if ceiling < teacher else "there is no gap to recover"
            return (
                f"The performance gap recovered is withheld: the ceiling errs in {ceiling:.3f} of the judged rows and the "
                f"teacher in {teacher:.3f}, so {why}."
            )
        told = ", ".join(f"{written(one, 2)} (“{method}”)" for method, one in found.items())
        return f"Performance gap recovered: {told}."

    def control_sentence(self) -> str:
        """Whether the weak model was of use: students beside the strong model alone with the teacher's true labels."""
        alone = self.standing(ALONE).errors.estimate
        words = {1: "does better", -1: "does worse", 0: "is not told from it"}
        signs = [sign(one.over_alone) for one in self.gained]
        if len(set(signs)) == 1:
            told = [f"the student {words[signs[0]]}" + (", with each loss" if len(signs) > 1 else "")]
        else:
            told = [
                f"the student {words[way]} (“{one.method}”)"
                for way, one in zip(signs, self.gained, strict=True)
            ]
        return (
            f"Without any weak label, the strong model alone on the teacher's true labels errs in {alone:.3f}: "
            f"{', '.join(told)}."
        )

    def standing(self, role: str) -> Standing:
        """The one of a role, of students the first."""
        return next(one for one in self.standings if one.role == role)


def answer(run: Run) -> Answer:
    """What a run says. Raises as `certify_gain`."""
    found = [one.judgements for one in run.trials.values()]
    teacher = next(iter(found[0].weak))
    said = [(TEACHER, "", [one.weak[teacher] for one in found])]
    for method in run.settings.methods:
        said.append((STUDENT, method, [one.students[teacher, method] for one in found]))
    said += [(CEILING, "", [one.ceiling for one in found]), (ALONE, "", [one.alone for one in found])]
    first = next(iter(run.trials.values()))
    made = Answer(
        tuple(_standing(found, *one) for one in said),
        tuple(_gained(run, found, teacher, method) for method in run.settings.methods),
        float(np.mean([_naming_most(run, seed).mean() for seed in run.trials])),
        len(first.parts.evaluation),
        len(first.parts.weak_train),
        run.data.notes,
    )
    return replace(made, caveats=(*made.caveats, *_caveats(run, made)))


def _wrong(truth: Array, said: Array) -> Array:
    """1 for each row of which another class is named than the true one, ``(m,)``."""
    return (truth.argmax(axis=1) != said.argmax(axis=1)).astype(np.float64)


def _standing(found: Sequence[Judgements], role: str, method: str, said: Sequence[Array]) -> Standing:
    wrong = [_wrong(one.truth, table) for one, table in zip(found, said, strict=True)]
    if len(found) == 1:
        errors = share(int(wrong[0].sum()), len(wrong[0]))
    else:
        errors = over_seeds([float(one.mean()) for one in wrong], 0.0)
    losses = {
        loss: float(
            np.mean(
                [
                    class_triple(loss, one.truth, table, table).student_error
                    for one, table in zip(found, said, strict=True)
                ]
            )
        )
        for loss in (BRIER_SCORE, LOG_LOSS)
    }
    return Standing(role, method, errors, losses)


def _gained(run: Run, found: Sequence[Judgements], teacher: str, method: str) -> Gained:
    """One student over all seeds."""
    level = joint(2 * len(run.settings.methods), LEVEL)
    weak = [one.weak[teacher] for one in found]
    student = [one.students[teacher, method] for one in found]
    triples = [
        class_triple(ERRORS, one.truth, w, s, one.ceiling)
        for one, w, s in zip(found, weak, student, strict=True)
    ]
    kinds = [kinds_of_errors(one.truth, w, s) for one, w, s in zip(found, weak, student, strict=True)]
    gains = [
        [_wrong(one.truth, w) - _wrong(one.truth, s) for one, w, s in zip(found, side, student, strict=True)]
        for side in (weak, [one.alone for one in found])
    ]
    if len(found) == 1:
        gain, over_alone = (paired_gain(rows, level) for [rows] in gains)
    else:
        gain, over_alone = (over_seeds([float(rows.mean()) for rows in side], -1.0, level) for side in gains)
    gaps = [_wrong(one.truth, w) - _wrong(one.truth, one.ceiling) for one, w in zip(found, weak, strict=True)]
    truth = found[0].truth
    draws = runtime.seed_stream(run.settings.seed, "labelled rows of the certificate")
    few = np.sort(draws.permutation(len(truth))[: min(run.settings.labels, len(truth) // 2)])
    return Gained(
        method,
        gain,
        over_alone,
        float(np.mean([one.misfit for one in triples])),
        {name: float(np.mean([one[name] for one in kinds])) for name in kinds[0]},
        _pgr(gains[0], gaps),
        _certified(truth, weak[0], student[0], few, level),
    )


def _certified(
    truth: Array, weak: Array, student: Array, labelled: np.ndarray, level: float
) -> GainCertificate:
    return certify_gain(
        weak,
        student,
        truth.argmax(axis=1)[labelled],
        labelled,
        level,
        loss=ACCURACY,
        classes=range(truth.shape[1]),
    )


def _pgr(gains: Sequence[Array], gaps: Sequence[Array]) -> Interval | None:
    """Gain over gap: units are rows, of several seeds seeds; None where the ceiling is not told to be below the teacher,
    as two seeds tell nothing."""
    above, below = (
        side[0] if len(side) == 1 else np.array([rows.mean() for rows in side]) for side in (gains, gaps)
    )
    if not below.mean() > 0 or 1 < len(gains) < LEAST_SEEDS:
        return None
    try:
        return ratio_of_means(above, below)
    except ValueError:  # a gap that is not told from 0
        return None


def _naming_most(run: Run, seed: int) -> Array:
    """1 for each judged row ``(m,)`` of which the class that is most frequent in half 1 is not the true one."""
    targets, parts = run.data.targets.astype(int), run.trials[seed].parts
    most = np.bincount(targets[parts.weak_train], minlength=len(run.data.classes)).argmax()
    return np.asarray(targets[parts.evaluation] != most, dtype=np.float64)


def _by(role: str, found: Judgements) -> Array:
    """What the teacher or the ceiling says of the judged rows."""
    return next(iter(found.weak.values())) if role == TEACHER else found.ceiling


def _caveats(run: Run, made: Answer) -> list[str]:
    found = []
    weak, strong = (next(iter(run.trials.values())).about[role]["identity"] for role in (TEACHER, CEILING))
    if weak == strong:
        found.append(
            "Weak and strong model are the same: a gain is one from the halves or the loss, not from strength."
        )
    targets = run.data.targets
    alike = {
        run.data.classes[int(targets[one.parts.evaluation[0]])]
        for one in run.trials.values()
        if len(np.unique(targets[one.parts.evaluation])) == 1
    }
    for name in sorted(alike):
        found.append(
            f"All judged rows are of one class, “{name}”: who names it always makes no error, whatever it has learned."
        )
    for role, words in () if alike else ((TEACHER, "teacher"), (CEILING, "ceiling")):
        if not told_above_0(
            [
                _naming_most(run, seed) - _wrong(one.judgements.truth, _by(role, one.judgements))
                for seed, one in run.trials.items()
            ]
        ):
            found.append(
                f"The {words} errs in {made.standing(role).errors.estimate:.3f} of the judged rows, and naming the most "
                f"frequent class always in {made.majority:.3f}: it is not told to have learned anything. More documents or "
                "epochs, or a higher learning rate, may help."
            )
    if made.judged < FEW_JUDGED:
        found.append(f"Only {made.judged} rows were judged: intervals are long, and one row weighs much.")
    cut = {
        short: about["cut"]
        for trial in run.trials.values()
        for short, about in trial.about.items()
        if about["cut"] > 0
    }
    if cut:
        who, most = max(cut.items(), key=lambda one: one[1])
        found.append(
            f"Texts were cut where a model or --tokens ends: {most:.1%} of those of the {who}, most of all."
        )
    if len(run.trials) == 1:
        found.append(
            "One seed: intervals say what other judged rows would change, not what other halves or another training would; "
            "--seeds 3 or more says that."
        )
    elif len(run.trials) < LEAST_SEEDS:
        found.append(
            f"{len(run.trials)} seeds: no interval is given over fewer than {LEAST_SEEDS}, so no gain is told."
        )
    else:
        found.append(
            "Intervals are over seeds, which redraw the halves, not the set they are drawn from. Where all seeds agree there "
            "is no interval, and nothing is told."
        )
    return found
