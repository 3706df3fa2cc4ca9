"""Which rows to label: those where predictions differ, drawn with probabilities that are known and so can be undone.

With w and p a teacher's and its student's prediction of a row and y its true label, the row's gain is

    gain = (w - p)(w + p - 2y) = 2 d e,    d = w - p,    e = (w + p) / 2 - y,                           (1)

so a row where both agree cannot move the mean, and a label there is wasted. Rows are drawn with replacement with
probabilities q, and each drawn gain is divided by n q_i, which undoes the choice (`theory.drawn`): the estimator of Hansen
and Hurwitz (1943). Its variance, (sum gain_i^2 / q_i) / n^2 - gain^2 for one draw, is least for q_i proportional to |d_i|
times the root of the mean square of e_i over what y may be, by the inequality of Cauchy and Schwarz. |d| is known before any
label. The second factor is

    e = (error of the nearer one) ± d / 2,

so rows where predictions lie far apart have large e as well. If errors of the nearer one have the standard deviation c / 2
whatever d is, the mean square of e is (d^2 + c^2) / 4, and

    q_i proportional to |d_i| sqrt(d_i^2 + c^2),    c = mean(d^2) / (2 mean|d|).                        (2)

c is a guess, half the mean of |d| where rows are drawn by |d|; a bad one makes intervals longer, not wrong. Terms gain / (n
q) are then as large as the error of the nearer one makes them, however far the other is off. For labels between known ends
(`bounded`), classes above all, q_i is proportional to |d_i|, as if c were infinite: such labels cannot be far off, and all
weigh the same in their interval. Where all rows that differ do so by the same, as of hard 0/1 predictions, there is no
choice. So it is with losses of classes, where d is half of the distance between the least and the largest gain that a row may
have (`class_losses`).

That comparing two models asks for a sampling distribution of its own is from Sawade, Landwehr and Scheffer (2012, Active
Comparison of Prediction Models, NIPS), who derive the one that maximises the power of a test of the two observed risks; (2)
is ours, for a mean in place of a test. Kossen et al. (2021, arXiv 2103.05331) choose rows to test one model and remove the
bias; Zrnic and Candès (2024, arXiv 2403.03208) label where a model is unsure, with intervals for what is estimated by it.

**Several weak models.** The difference of two students' errors is (1) with the one as teacher. Pairs j, teachers with their
students and all two students, share one draw from the mixture q_i = sum_j a_j q_ij, and one label serves them all. Weights
a_j have the sum 1. As q_i is at least a_j q_ij, mean squares of a pair's terms are at most 1 / a_j times those of its own
draw, and about the same where pairs differ on the same rows. Who only wants to choose a teacher gives weight to pairs of
students alone.

**Fixed before.** How many rows are drawn is decided before their labels are seen. Who labels, looks, and draws more until
the answer pleases has no interval at the level that it says; two looks that were planned split the level, `intervals.joint`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import Array, checked_rows, is_real, is_whole, matched, rounding
from .class_labels import Said, class_names, plain, said_of
from .class_losses import SQUARED, checked_loss, ranges

Pair = str | tuple[str, str]
"""A weak model's name for it and its student, two names for their two students."""
Rows = NDArray[np.intp]


class OtherPredictions(ValueError):
    """Predictions that rows were not drawn for."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """Rows drawn to be labelled, and what an estimate from their labels needs; of the other rows nothing is kept.

    ``rows (count,)``: row numbers from 0 in the order of drawing, with repeats; ``chances (count,)``: the probability q with
    which a draw takes this row, of ``total`` rows. ``random (m,)``, ``random_chances``: the same of rows that had random
    labels before. ``largest``: by pair in the mixture, the largest |d| / (total q) of any row, in target units.
    ``left_out``: pairs whose predictions are the same. ``checksums``: of the predictions, by ("weak" or "student", name);
    the labels judge these and no others. ``loss`` and ``classes``, none for squared loss: see `certificate.certify_gain`.
    """

    rows: Rows
    chances: Array
    random: Rows
    random_chances: Array
    total: int
    largest: dict[Pair, float]
    left_out: tuple[Pair, ...]
    checksums: dict[tuple[str, str], str]
    loss: str = SQUARED
    classes: tuple[str, ...] = ()

    @property
    def to_label(self) -> Rows:
        """Rows that need a label yet, each once, ascending: drawn, and not among those with random labels."""
        return np.setdiff1d(self.rows, self.random)

    def pair_of(self, weak: Said, student: Said) -> Pair:
        """The pair in the mixture with these predictions, in either order. Raises OtherPredictions."""
        given = {checksum(weak), checksum(student)}
        for pair in self.largest:
            sides = (("weak", pair), ("student", pair)) if isinstance(pair, str) else _students(pair)
            if {self.checksums[side] for side in sides} == given:
                return pair
        if given <= set(self.checksums.values()):
            raise OtherPredictions(
                "rows were not drawn for this pair of predictions, though for each with others"
            )
        raise OtherPredictions(
            "these are not the predictions that rows were drawn for; their labels judge those only, draw again"
        )


def rows_to_label(
    weak: Mapping[str, ArrayLike],
    students: Mapping[str, ArrayLike],
    count: int,
    seed: int,
    labelled: ArrayLike = (),
    weights: Mapping[Pair, float] | None = None,
    bounded: bool = False,
    loss: str = SQUARED,
    classes: Sequence[Any] | None = None,
) -> Drawing:
    """Draw ``count`` rows to label, with replacement, for one or several weak models and the choice among them.

    ``weak``, ``students``: by name, predictions ``(n,)`` in target units on the same rows, on which neither was fitted.
    ``count`` >= 1, decided before any label is seen; repeats count, so `Drawing.to_label` may be fewer. ``seed``: a whole
    number from 0; the rows depend on it and the predictions alone. ``labelled (m,)``: numbers of rows that have labels
    already and were drawn with equal probabilities; their labels can be joined. ``weights``: by pair, a weak model's name
    for it and its student or two names for their students, numbers >= 0 of any sum; pairs without one are left out; None for
    all equal. ``bounded``: true labels lie between known ends, which `drawn.drawn_gain` will be told.

    Raises ValueError where all predictions of all pairs are the same, and TypeError and ValueError for values, names, shapes
    and numbers that are not as said.
    """
    if set(weak) != set(students) or not students:
        raise ValueError(f"weak models each with its student; not {sorted(weak)} and {sorted(students)}")
    if not (is_whole(count) and count >= 1):
        raise ValueError(f"count is a whole number of rows to draw, from 1, not {count!r}")
    if not (is_whole(seed) and seed >= 0):
        raise ValueError(f"the seed is a whole number from 0, not {seed!r}")
    squared = checked_loss(loss) == SQUARED
    sides, names = _checked(weak, students) if squared else _said(weak, students, classes)
    total = len(next(iter(sides.values())))
    shares = _shares(weights, list(students))
    distances: dict[Pair, Array] = {}
    left_out: list[Pair] = []
    for pair in shares:
        distance, same = _distance(pair, sides, loss, len(names))
        if same:
            left_out.append(pair)
        else:
            distances[pair] = distance
    if not distances:
        raise ValueError("predictions are the same in every row, so there is no gain and no row to draw")
    whole = sum(shares[pair] for pair in distances)
    chances = np.zeros(total)
    for pair, distance in distances.items():
        chances += shares[pair] / whole * pair_chances(distance, bounded or not squared)
    rows = _drawn(chances, int(count), int(seed))
    random = _random_rows(labelled, total)
    return Drawing(
        rows=rows,
        chances=chances[rows],
        random=random,
        random_chances=chances[random],
        total=total,
        largest={
            pair: float((distance[distance > 0] / chances[distance > 0]).max() / total)
            for pair, distance in distances.items()
        },
        left_out=tuple(left_out),
        checksums={side: checksum(values) for side, values in sides.items()},
        loss=loss,
        classes=names,
    )


def pair_chances(distance: Array, bounded: bool) -> Array:
    """q of one pair from its |d| ``(..., n)``, not all 0: equation (2), or in proportion to |d|."""
    unit = distance / distance.max(axis=-1, keepdims=True)
    if not bounded:
        middle = np.mean(unit**2, axis=-1, keepdims=True) / (2 * np.mean(unit, axis=-1, keepdims=True))
        unit = unit * np.hypot(unit, middle)
    return np.asarray(unit / unit.sum(axis=-1, keepdims=True))


def checksum(values: Said) -> str:
    """Sha256 of predictions as float64, little-endian, 0 and -0 alike."""
    return hashlib.sha256(np.ascontiguousarray(values + 0.0, dtype="<f8").tobytes()).hexdigest()


def one_task(weak: ArrayLike, student: ArrayLike) -> tuple[Array, Array]:
    """Both ``(n,)`` in float64. Raises as `arrays.matched`, and ValueError for several tasks."""
    weak, student = matched(weak=weak, student=student)
    if weak.ndim != 1:
        raise ValueError(f"rows are drawn for one task: predictions are (n,), not {weak.shape}")
    return weak, student


def _students(pair: tuple[str, str]) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("student", pair[0]), ("student", pair[1])


def _checked(
    weak: Mapping[str, ArrayLike], students: Mapping[str, ArrayLike]
) -> tuple[dict[tuple[str, str], Said], tuple[str, ...]]:
    """What each side says, and no classes."""
    sides: dict[tuple[str, str], Said] = {}
    for name in students:
        sides["weak", name], sides["student", name] = one_task(weak[name], students[name])
    _check_lengths(sides)
    return sides, ()


def _said(
    weak: Mapping[str, ArrayLike], students: Mapping[str, ArrayLike], classes: Sequence[Any] | None
) -> tuple[dict[tuple[str, str], Said], tuple[str, ...]]:
    """What each side says, and the classes by name."""
    given = {
        (role, name): plain(made[name])
        for name in students
        for role, made in (("weak", weak), ("student", students))
    }
    names = class_names(classes, {f"{role} {name}": values for (role, name), values in given.items()})
    sides = {side: said_of(" ".join(side), values, names) for side, values in given.items()}
    _check_lengths(sides)
    return sides, names


def _check_lengths(sides: Mapping[tuple[str, str], Said]) -> None:
    lengths = {f"{role} {name}": len(values) for (role, name), values in sides.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"all weak models are for the same rows, but they have {lengths}")


def _shares(weights: Mapping[Pair, float] | None, names: list[str]) -> dict[Pair, float]:
    """Positive weights by pair."""
    pairs: list[Pair] = [*names, *combinations(names, 2)]
    if weights is None:
        return dict.fromkeys(pairs, 1.0)
    known = {pair if isinstance(pair, str) else frozenset(pair): pair for pair in pairs}
    shares: dict[Pair, float] = {}
    for given, weight in weights.items():
        pair = known.get(given if isinstance(given, str) else frozenset(given))
        if pair is None or pair in shares:
            raise ValueError(f"weights name a pair that there is not, or one twice: {given!r}, of {pairs}")
        if not (is_real(weight) and 0 <= weight < np.inf):
            raise ValueError(f"the weight of a pair is a number >= 0, not {weight!r}")
        if weight > 0:
            shares[pair] = float(weight)
    if not shares:
        raise ValueError("one weight at least is above 0")
    return shares


def _distance(
    pair: Pair, sides: Mapping[tuple[str, str], Said], loss: str, classes: int
) -> tuple[Array, bool]:
    """|d| of every row, and whether it is round-off alone."""
    of_weak = ("weak", pair) if isinstance(pair, str) else _students(pair)[0]
    of_student = ("student", pair) if isinstance(pair, str) else _students(pair)[1]
    one, other = sides[of_weak], sides[of_student]
    if loss != SQUARED:
        half = ranges(one, other, classes, loss).half
        return half, float(half.max()) <= rounding(0.0, 1.0)
    distance = np.abs(one - other)
    largest = float(distance.max())
    if largest > 1e75 or 0 < largest < 1e-75:
        raise ValueError(
            f"differences of {largest:.0e} leave double precision; give the targets another unit"
        )
    return distance, largest <= rounding(float(one.min()), float(one.max()))


def _drawn(chances: Array, count: int, seed: int) -> Rows:
    """By inversion, for which a generator's numbers are all that rows depend on; a row of chance 0 is never met."""
    sums = np.cumsum(chances)
    places = np.random.default_rng(seed).random(count) * sums[-1]
    rows = np.searchsorted(sums, places, side="right")
    return np.minimum(rows, np.flatnonzero(chances)[-1]).astype(np.intp)


def _random_rows(labelled: ArrayLike, total: int) -> Rows:
    return checked_rows(labelled, total)
