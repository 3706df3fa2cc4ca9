"""The heads of every turn from one pass over the rows, whether they are in memory, in a file or on many machines.

A *table* is some rows with all columns side by side: strong, each weak model's, labels that were given (`Layout`). The first
pass lays each row on the pile of its fold and kind (`heads.piles`); the heads of a turn are found from the piles of its folds,
added up, never from a pile less another. Weak labels are linear in the columns, so the sums hold what students learn from.

Labels that are classes are a column for each, 1 for the true one, and as many predictions: *scores*, with the sum 1, as all
classes of a model share their penalty. What is judged is the nearest probabilities (`class_labels.on_simplex`), which are no
farther from any true label; a student learns from its teacher's scores, which are linear, and from labels that were given as
they are.

Columns are brought to one scale on the training rows of a turn: mean 0, standard deviation 1, and 0 everywhere where a column
is constant there. Nothing is cut off, as what is cut off has no sums; `columns` keeps long tails of descriptors in bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ..heads.linear import LeastSquaresHead, NormBallHead
from ..heads.piles import Pile, Training, spread, sum_of_squares
from ..heads.validated import PENALTIES
from ..runtime import workers
from ..theory.arrays import COMPUTED, Array
from ..theory.certificate import LEAST_LABELS
from .refusal import UnusableData
from .roles import OTHER_LABELS, TEACHING, UNLABELLED, Roles, Turn
from .tally import ALONE, CONSTANT, STUDENT, TEACHER, Candidate

Table = NDArray[np.floating]
Piles = dict[tuple[int, int], Pile]
Marks = tuple[NDArray[np.int32], NDArray[np.int8], Array]
"""Fold and kind ``(r,)`` and true label, ``(r,)`` or ``(r, outputs)`` (NaN where none is used), of some rows."""
Watch = Callable[[int, int, str], object]
"""Called with what is done, of how much, and a word for what it is: for a bar on a terminal."""

WIDE = 512
"""Columns from which turns are solved side by side."""
ROOM_CELLS = 2**26
"""Numbers of the Gram matrices of turns that are solved side by side; each turn needs room for some five of its own."""


@dataclass(frozen=True)
class Layout:
    """Columns of a table, in this order: ``strong`` so many, ``weak``: name -> so many, ``outputs`` for each of ``labels``.

    ``outputs``: numbers of a label, one for each class. ``constant``: whether every turn has true labels for a mean;
    ``alone``: also to fit a strong head to.
    """

    strong: int
    weak: Mapping[str, int]
    labels: tuple[str, ...]
    constant: bool = True
    alone: bool = True
    outputs: int = 1

    def among(self, roles: Roles, head: str) -> Layout:
        """With what true labels there are in training and validation rows of every turn."""
        learn = min(roles.known_rows(turn) for turn in roles.turns)
        choose = min(
            int(roles.counts[turn.validation, 1:].sum()) if turn.validation is not None else 1
            for turn in roles.turns
        )
        enough = learn >= (self.strong + 1 if head == "least squares" else LEAST_LABELS)
        return replace(self, constant=learn > 0, alone=enough and choose > 0)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """In the order of predictions."""
        return (
            Candidate(CONSTANT),
            *(Candidate(role, name) for role in (TEACHER, STUDENT) for name in self.names),
            *((Candidate(ALONE),) if self.alone else ()),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The weak models, those that learn first."""
        return (*self.weak, *self.labels)

    @property
    def width(self) -> int:
        return self.strong + sum(self.weak.values()) + self.outputs * len(self.labels)

    def places(self) -> list[slice]:
        """Of the columns of each weak model, in the order of ``names``."""
        widths = [*self.weak.values(), *(self.outputs for _ in self.labels)]
        ends = self.strong + np.cumsum(widths)
        return [slice(int(end) - width, int(end)) for end, width in zip(ends, widths, strict=True)]


@dataclass(frozen=True)
class TurnHeads:
    """All heads of one turn: candidates predict (z - ``about``)' ``maps`` + ``offsets``.

    ``about (D,)``; ``maps (D, C)`` in target units per unit of a column; ``offsets (C,)``, C the outputs of all candidates;
    ``given``: places among the C of
    labels that are passed on as they are, and ``columns`` that they stand in.
    """

    about: Array
    maps: Array
    offsets: Array
    given: NDArray[np.intp]
    columns: NDArray[np.intp]

    def predict(self, table: Table) -> Array:
        """Predictions ``(r, C)`` of the rows of a ``table (r, D)``."""
        made = (table - self.about) @ self.maps + self.offsets
        made[:, self.given] = table[:, self.columns]
        return np.asarray(made)


def lay(table: Table, marks: Marks, piles: Piles) -> None:
    """Lay the rows of a ``table (r, D)`` on the pile of their fold and kind.

    The truth is read where a weak model may learn or be chosen on it, and is then the last column of the pile, or columns.
    """
    fold, kind, truth = marks
    table, order, group = _sorted(table, groups(fold, kind))
    truth = truth[order]
    for number, place in _runs(group):
        rows = table[place]
        piles[divmod(number, 3)].take(
            rows if number % 3 == UNLABELLED else np.column_stack([rows, truth[place]])
        )


def predictions(table: Table, fold: NDArray[np.int32], heads: Mapping[int, TurnHeads]) -> Array:
    """Predictions ``(r, C)`` by the heads of the turn that judges each row's ``fold (r,)``, else NaN."""
    made = np.full((len(table), len(next(iter(heads.values())).offsets)), np.nan)
    table, order, judged_by = _sorted(table, fold)
    for number, place in _runs(judged_by):
        if number in heads:
            made[order[place]] = heads[number].predict(table[place])
    return made


def groups(fold: NDArray[np.int32], kind: NDArray[np.int8]) -> NDArray[np.intp]:
    """A number for each fold and kind, ``(r,)``, in the order of the folds."""
    return 3 * fold.astype(np.intp) + kind


def _sorted(table: Table, group: NDArray[np.integer]) -> tuple[Table, NDArray[np.intp], NDArray[np.integer]]:
    """Table and groups sorted by these, and the order; a table that is in order already is not copied."""
    if np.all(group[1:] >= group[:-1]):
        return table, np.arange(len(group)), group
    order = np.argsort(group, kind="stable")
    return rows_of(table, order), order, group[order]  # in one go: pieces of memory are dear


def _runs(groups: NDArray[np.integer]) -> Iterator[tuple[int, slice]]:
    """Each number in sorted ``groups`` and where it stands."""
    numbers, starts = np.unique(groups, return_index=True)
    for number, start, stop in zip(numbers, starts, [*starts[1:], len(groups)], strict=True):
        yield int(number), slice(start, stop)


def rows_of(table: Table, rows: NDArray[np.intp]) -> Table:
    """A copy of some rows, in the order of the table's memory, by rows or by columns."""
    return np.take(table.T, rows, axis=1).T if table.flags.f_contiguous else np.take(table, rows, axis=0)


def new_piles(counts: NDArray[np.intp], layout: Layout) -> Piles:
    """An empty pile for each fold and kind of ``counts (folds, 3)`` that has rows.

    Rows of a kind are kept as they are if there are no more of it than columns.
    """
    few = counts.sum(axis=0) <= layout.width
    return {
        (fold, kind): Pile(kept=bool(few[kind]))
        for fold, kinds in enumerate(counts)
        for kind, count in enumerate(kinds)
        if count
    }


def added_piles(one: Piles, other: Piles) -> Piles:
    """Piles of the rows of both."""
    return {key: one[key] + other[key] for key in one}


def heads_of(
    piles: Piles, layout: Layout, roles: Roles, truth: Array, head: str, radius: float, watch: Watch
) -> dict[int, TurnHeads]:
    """The heads of each turn, by the fold that it judges, from finished piles. ``truth (n,)``: NaN where it is not used."""
    lengths = [radius * _unit(truth, roles, turn) if head == "norm ball" else 0.0 for turn in roles.turns]
    found: dict[int, TurnHeads] = {}

    def solve(turn: Turn, length: float) -> None:
        found[turn.judged] = _turn_heads(piles, layout, turn, head, length)
        watch(len(found), len(roles.turns), "fitting")

    watch(0, len(roles.turns), "fitting")
    at_once = min(workers(), len(roles.turns), ROOM_CELLS // layout.width**2)
    if layout.width < WIDE or at_once < 2:
        for turn, length in zip(roles.turns, lengths, strict=True):
            solve(turn, length)
        return found
    # Turns side by side on one processor each: small products in between would leave most of several idle.
    with threadpool_limits(1), ThreadPoolExecutor(at_once) as pool:
        list(pool.map(solve, roles.turns, lengths))
    return found


def _unit(truth: Array, roles: Roles, turn: Turn) -> float:
    """Standard deviation of the true labels of rows that are not judged."""
    known = truth[(roles.fold != turn.judged) & np.isfinite(truth)]
    if len(known) < 2:
        raise UnusableData(
            "the norm ball takes its radius from 2 labelled rows at least that are not judged; label some, or take ridge"
        )
    return float(np.std(known))


def _turn_heads(piles: Piles, layout: Layout, turn: Turn, head: str, length: float) -> TurnHeads:
    width, places = layout.width, layout.places()

    def of(folds: Iterable[int | None], kinds: Sequence[int]) -> list[Pile]:
        return [piles[key] for fold in folds for kind in kinds if (key := (fold, kind)) in piles]

    every = (UNLABELLED, TEACHING, OTHER_LABELS)
    choose = (turn.validation,)
    about, deviation = spread(of(turn.train, every), width)
    if not (np.isfinite(about).all() and np.isfinite(deviation).all()):
        raise UnusableData(
            "a column is so large that its squares leave double precision; give it another unit"
        )
    scale = np.divide(1.0, deviation, out=np.zeros(width), where=deviation > 0)
    outputs, fitted = layout.outputs, layout.outputs * len(layout.weak)
    weak, offset = np.zeros((width, outputs * len(places))), np.zeros(outputs * len(places))
    given = np.concatenate([np.arange(0), *(np.r_[place] for place in places[len(layout.weak) :])]).astype(
        np.intp
    )
    # Labels are taken less their mean: however far from 0 they are, products keep their digits.
    midst = np.append(np.zeros(fitted), about[given])
    if layout.weak:
        learn, judge = of(turn.train, (TEACHING,)), of(choose, (TEACHING, OTHER_LABELS))
        midst[:fitted] = np.tile(spread(learn, width + outputs)[0][-outputs:], len(layout.weak))
    # The last columns of rows with a true label are that label.
    about_labels, true_label = np.append(about, midst[:outputs]), np.eye(width + outputs, outputs, -width)
    for number, place in enumerate(places[: len(layout.weak)]):
        at = slice(outputs * number, outputs * (number + 1))
        weak[place, at], offset[at], _ = _fitted(
            learn,
            judge,
            about_labels,
            place,
            scale[place],
            true_label,
            np.zeros(outputs),
            outputs,
            head,
            length,
        )
    weak[given, fitted + np.arange(len(given))] = 1.0
    learn = of(turn.train, (UNLABELLED, OTHER_LABELS))
    strong, student = slice(0, layout.strong), np.zeros_like(weak)
    student[strong], student_offset, _ = _fitted(
        learn, of(choose, every), about, strong, scale[strong], weak, offset, outputs, head, length
    )
    known = of(turn.train, (TEACHING, OTHER_LABELS))
    mean = (
        spread(known, width + outputs)[0][-outputs:]
        if layout.constant
        else about[given].reshape(-1, outputs).mean(axis=0)
    )
    maps = [np.zeros((width, outputs)), weak, student]
    offsets = [mean, offset + midst, student_offset + midst]
    if layout.alone:
        alone, intercept, _ = _fitted(
            known,
            of(choose, (TEACHING, OTHER_LABELS)),
            np.append(about, mean),
            strong,
            scale[strong],
            true_label,
            np.zeros(outputs),
            outputs,
            head,
            length,
        )
        maps.append(np.zeros((width, outputs)))
        maps[-1][strong] = alone
        offsets.append(intercept + mean)
    places_given = outputs + fitted + np.arange(len(given))
    return TurnHeads(about, np.hstack(maps), np.concatenate(offsets), places_given, given)


def _fitted(
    learn: list[Pile],
    choose: list[Pile],
    about: Array,
    inputs: slice,
    scale: Array,
    labels: Array,
    offsets: Array,
    outputs: int,
    head: str,
    length: float,
) -> tuple[Array, Array, Array]:
    """Coefficients ``(d, k)`` per unit of a column, intercepts and means of the labels ``(k,)``, by label; see `Training`.

    So many ``outputs`` beside each other are of one label and share a penalty.
    """
    training = Training(learn, about, inputs, scale, labels, offsets)
    if head != "ridge":
        fitted = training.fitted(LeastSquaresHead() if head == "least squares" else NormBallHead(length))
        return scale[:, None] * fitted.coef_.T, fitted.intercept_, training.label_mean
    path, intercepts = training.ridge_path(PENALTIES)
    path *= scale[:, None]
    tried, _, tasks = path.shape
    # The last of what is compared is the constant: the mean of the labels that were learned from.
    maps = np.repeat(-labels[:, None], tried + 1, axis=1)
    maps[inputs, :tried] += np.moveaxis(path, 1, 0)
    constants = np.vstack([intercepts, training.label_mean]) - offsets
    errors = sum_of_squares(choose, about, maps.reshape(len(labels), -1), constants.ravel())
    errors = errors.reshape(tried + 1, -1, outputs).sum(axis=2)
    # Errors that differ by less than rounding, of that of the constant, tie: the larger penalty is taken.
    least = errors[:tried].min(axis=0) + COMPUTED * errors[tried]
    best = np.repeat(tried - 1 - np.argmax((errors[:tried] <= least)[::-1], axis=0), outputs)
    return path[best, :, np.arange(tasks)].T, intercepts[best, np.arange(tasks)], training.label_mean
