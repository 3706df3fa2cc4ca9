"""Which weak model should label? The paper's rule with certificates, and "cannot tell yet" as a possible answer.

The rule: take the weak model with the least weak error - misfit, an estimate of its student's error (exact where the
strong class holds the truth). Whether it chose right needs true labels, and few will do: for the students p_j and p_k of
two weak models

    |p_j - y|^2 - |p_k - y|^2

is the gain of p_k over p_j, and what `certificate.certify_gain` says of a student and its teacher holds for any two
predictions. The disagreement of the two students is their misfit, known on all rows.

All pairs are compared at once and every student with its teacher, each at the level `intervals.joint` of them all, so with
the given probability no interval misses, whichever of them the data pick out. That is for labels whose number was fixed
before. Who labels more and looks again has two looks, and the level is to be split: 1 - (1 - level) / 2 at each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from numpy.typing import ArrayLike

from .arrays import fraction
from .certificate import GainCertificate, certificate_of
from .class_losses import SQUARED, checked_loss
from .error_sums import STUDENT, WEAK, ErrorSums, class_error_sums, error_sums, unit_of
from .intervals import joint


@dataclass(frozen=True)
class Ranking:
    """Weak models by the sum of the margins of their students, the largest first.

    ``names``: the order. ``student_error``: the mean over labelled rows; ``rule``: weak error - misfit; both in squared target
    units, by name. ``margins``: by (first, other), how
    much larger the error of the other's student is; ``gains``: by name, of each student over its teacher. All margins
    and gains hold together at ``level``. ``best``: the first, if every margin is above 0, else None. ``undecided``: the
    others whose margin may be 0. ``further_labels``: the most that `labels_to_decide` says of them.
    """

    names: tuple[str, ...]
    student_error: dict[str, float]
    rule: dict[str, float]
    gains: dict[str, GainCertificate]
    margins: dict[tuple[str, str], GainCertificate]
    level: float
    best: str | None
    undecided: tuple[str, ...]
    further_labels: tuple[float, float]

    def sentence(self) -> str:
        """The answer in words."""
        if self.best is not None:
            return (
                f"Of these {len(self.names)}, let “{self.best}” label: its student has the least error, at the level "
                f"{self.level:.12g}."
            )
        rivals = ", ".join(f"“{name}”" for name in self.undecided)
        start = f"Cannot tell yet whether “{self.names[0]}” or {rivals} should label"
        if math.isinf(self.further_labels[0]):
            return f"{start}: if they are as close as now seems, true labels on these rows will hardly tell; add rows."
        return (
            f"{start}: some {some_more(self.further_labels)} {next(iter(self.margins.values())).way} labels tell each with an "
            "even chance, as far apart as they seem now."
        )


def rank_weak_models(
    weak: Mapping[str, ArrayLike],
    students: Mapping[str, ArrayLike],
    truth: ArrayLike,
    labelled: ArrayLike,
    level: float = 0.95,
    loss: str = SQUARED,
    classes: Sequence[Any] | None = None,
) -> Ranking:
    """Rank weak models by the errors of their students, from few true labels.

    ``weak``, ``students``: by name, at least two, predictions ``(n,)`` on the same rows, which neither was fitted on;
    ``truth``, ``labelled``: ``(m,)``, ``loss``, ``classes``: as for `certificate.certify_gain`, which also says what raises.
    Raises ValueError for names that differ, for fewer than two models, or for two models with the same student.
    """
    level = fraction("the level", level)
    if set(weak) != set(students) or len(students) < 2:
        raise ValueError(
            f"two weak models at least, each with its student; not {sorted(weak)} and {sorted(students)}"
        )
    squared, unit = checked_loss(loss) == SQUARED, unit_of(truth)

    def sums(one: ArrayLike, other: ArrayLike) -> ErrorSums:
        if squared:
            return error_sums(one, other, truth, labelled, unit=unit)
        return class_error_sums(one, other, truth, labelled, loss, classes)

    errors = {name: sums(weak[name], students[name]) for name in students}
    pairs = {(one, other): sums(students[other], students[one]) for one, other in combinations(students, 2)}
    return rank_sums(errors, pairs, level)


def rank_sums(
    errors: Mapping[str, ErrorSums],
    pairs: Mapping[tuple[str, str], ErrorSums],
    level: float = 0.95,
) -> Ranking:
    """`rank_weak_models` from sums over rows: of each student and its teacher, by name, and of each two students.

    ``pairs``: by names, each pair in the order of ``errors``, with the other student as teacher of the one. Raises as there.
    """
    for (one, other), sums in pairs.items():
        if sums.repeats:
            raise ValueError(f"{one} and {other} have the same student; drop one of them")
    # The two intervals of a pair, one for whichever comes out first, are mirror images and count once.
    each = joint(len(pairs) + len(errors), level)
    margins = {pair: certificate_of(sums, each) for pair, sums in pairs.items()}
    margins |= {(other, one): certificate_of(sums.exchanged(), each) for (one, other), sums in pairs.items()}
    weak_error, student_error = (
        {name: float(sums.labelled[:, column].mean()) for name, sums in errors.items()}
        for column in (WEAK, STUDENT)
    )
    gains = {name: certificate_of(sums, each) for name, sums in errors.items()}
    return ranked(weak_error, student_error, gains, margins, level)


def ranked(
    weak_error: Mapping[str, float],
    student_error: Mapping[str, float],
    gains: Mapping[str, GainCertificate],
    margins: Mapping[tuple[str, str], GainCertificate],
    level: float,
    order: Sequence[str] = (),
) -> Ranking:
    """The ranking from errors of labelled rows by name, ``gains``, and ``margins`` of every two students in both orders.

    All of ``gains`` and ``margins`` hold together at ``level``. ``order``: of the names; else by the sum of margins.
    """
    ahead = {name: sum(margins[name, other].gain for other in gains if other != name) for name in gains}
    names = tuple(order) or tuple(sorted(gains, key=lambda name: -ahead[name]))
    first = names[0]
    undecided = tuple(name for name in names[1:] if margins[first, name].sign <= 0)
    return Ranking(
        names=names,
        student_error={name: student_error[name] for name in names},
        rule={name: weak_error[name] - gains[name].misfit for name in names},
        gains={name: gains[name] for name in names},
        margins={(first, name): margins[first, name] for name in names[1:]},
        level=level,
        best=None if undecided else first,
        undecided=undecided,
        further_labels=_most([labels_to_decide(margins[first, name]) for name in undecided]),
    )


def _most(ranges: list[tuple[float, float]]) -> tuple[float, float]:
    few, many = ([found[end] for found in ranges] for end in (0, 1))
    return max(few, default=0), max(many, default=0)


def labels_to_decide(gain: GainCertificate) -> tuple[float, float]:
    """From how many to how many further random labels tell the sign with an even chance, as far as is known now.

    The first if the gain is farther from 0 than it seems by a third of the half-width, the last if it is nearer by as much.
    ``(0, 0)`` where it is told now, ``inf`` where labels for all rows would not do.
    """
    if gain.sign:
        return 0, 0
    seen, off = abs(gain.gain), gain.half_width / 3
    if not off:
        return math.inf, math.inf
    few, many = gain.labels_for(seen + off), gain.labels_for(seen - off) if seen > off else math.inf
    return max(few, 1), max(many, 1)


def some_more(labels: tuple[float, float]) -> str:
    """A range of `labels_to_decide` in words, of which the first is finite: "40 to 300 more", "40 or many more"."""
    few, many = labels
    if math.isinf(many):
        return f"{some(few)} or many more"
    return f"{some(few)} more" if some(few) == some(many) else f"{some(few)} to {some(many)} more"


def some(labels: float) -> str:
    """A number of further labels, to the one digit that it is worth at best: 10, 300, 2,000."""
    digit = 10 ** max(math.floor(math.log10(labels)), 1)
    return f"{max(round(labels / digit), 1) * digit:,.0f}"
