"""The heads of every turn from one pass over the rows, whether they are in memory, in a file or on many machines.

A *table* is some rows with all columns side by side: strong, each weak model's, labels that were given (`Layout`). The first
pass lays each row on the pile of its fold and kind (`heads.piles`); the heads of a turn are found from the piles of its folds,
added up, never from a pile less another. Weak labels are linear in the columns, so the sums hold what students learn from.

Columns are brought to one scale on the training rows of a turn: mean 0, standard deviation 1, and 0 everywhere where a column
is constant there. Nothing is cut off, as what is cut off has no sums; `columns` keeps long tails of descriptors in bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ..heads.linear import LeastSquaresHead, NormBallHead
from ..heads.piles import Pile, Training, spread, sum_of_squares
from ..heads.validated import PENALTIES
from ..runtime import workers
from ..theory.arrays import Array
from .refusal import UnusableData
from .roles import OTHER_LABELS, TEACHING, UNLABELLED, Roles, Turn

Table = NDArray[np.floating]
Piles = dict[tuple[int, int], Pile]
Marks = tuple[NDArray[np.int32], NDArray[np.int8], Array]
"""Fold, kind and true label (NaN where none is used) of some rows, ``(r,)`` each."""
Watch = Callable[[int, int, str], object]
"""Called with what is done, of how much, and a word for what it is: for a bar on a terminal."""

WIDE = 512
"""Columns from which turns are solved side by side."""
ROOM_CELLS = 2**26
"""Numbers of the Gram matrices of turns that are solved side by side; each turn needs room for some five of its own."""
TIE = 1e-12
"""Errors of penalties that differ by less, relative to that of a constant, differ by rounding: the larger penalty is taken."""


@dataclass(frozen=True)
class Layout:
    """Columns of a table, in this order: ``strong`` so many, ``weak``: name -> so many, one for each of ``labels``."""

    strong: int
    weak: Mapping[str, int]
    labels: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The weak models, those that learn first."""
        return (*self.weak, *self.labels)

    @property
    def width(self) -> int:
        return self.strong + sum(self.weak.values()) + len(self.labels)

    def places(self) -> list[slice]:
        """Of the columns of each weak model, in the order of ``names``."""
        widths = [*self.weak.values(), *(1 for _ in self.labels)]
        ends = self.strong + np.cumsum(widths)
        return [slice(int(end) - width, int(end)) for end, width in zip(ends, widths, strict=True)]


@dataclass(frozen=True)
class TurnHeads:
    """All heads of one turn: weak models predict (z - ``about``)' ``weak`` + ``weak_offset``, students likewise.

    ``about (D,)``; ``weak``, ``student (D, k)`` in target units per unit of a column; offsets ``(k,)``; ``constant (k,)``: the
    means of the weak labels that the students learned from; ``given (l,)``: the columns of labels, the last l of the k, which
    are passed on as they are.
    """

    about: Array
    weak: Array
    weak_offset: Array
    student: Array
    student_offset: Array
    constant: Array
    given: NDArray[np.intp]

    def predict(self, table: Table) -> tuple[Array, Array]:
        """Weak and student predictions ``(r, k)`` of the rows of a ``table (r, D)``."""
        deviations = table - self.about
        weak, student = (
            deviations @ self.weak + self.weak_offset,
            deviations @ self.student + self.student_offset,
        )
        if len(self.given):
            weak[:, -len(self.given) :] = table[:, self.given]
        return weak, student


def lay(table: Table, marks: Marks, piles: Piles) -> None:
    """Lay the rows of a ``table (r, D)`` on the pile of their fold and kind.

    The truth is read where a weak model may learn or be chosen on it, and is then the last column of the pile.
    """
    fold, kind, truth = marks
    table, order, group = _sorted(table, groups(fold, kind))
    truth = truth[order]
    for number, place in _runs(group):
        rows = table[place]
        piles[divmod(number, 3)].take(
            rows if number % 3 == UNLABELLED else np.column_stack([rows, truth[place]])
        )


def predictions(
    table: Table, fold: NDArray[np.int32], heads: Mapping[int, TurnHeads]
) -> tuple[Array, Array, Array]:
    """Weak and student predictions and constants ``(r, k)`` of the turn that judges each row's ``fold (r,)``, else NaN."""
    tasks = len(next(iter(heads.values())).weak_offset)
    weak, student, constant = np.full((3, len(table), tasks), np.nan)
    table, order, judged_by = _sorted(table, fold)
    for number, place in _runs(judged_by):
        if number in heads:
            weak[order[place]], student[order[place]] = heads[number].predict(table[place])
            constant[order[place]] = heads[number].constant
    return weak, student, constant


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
    weak, offset = np.zeros((width, len(places))), np.zeros(len(places))
    # The last column of rows with a true label is that label, as it stands.
    about_labels, true_label = np.append(about, 0.0), np.append(np.zeros(width), 1.0)[:, None]
    for number, place in enumerate(places[: len(layout.weak)]):
        learn, judge = of(turn.train, (TEACHING,)), of(choose, (TEACHING, OTHER_LABELS))
        found = _fitted(
            learn, judge, about_labels, place, scale[place], true_label, np.zeros(1), head, length
        )
        weak[place, number], offset[number] = found[0][:, 0], found[1][0]
    given = np.array([place.start for place in places[len(layout.weak) :]], dtype=np.intp)
    weak[given, len(layout.weak) + np.arange(len(given))] = 1.0
    offset[len(layout.weak) :] = about[given]
    learn = of(turn.train, (UNLABELLED, OTHER_LABELS))
    strong, student = slice(0, layout.strong), np.zeros_like(weak)
    student[strong], student_offset, constant = _fitted(
        learn, of(choose, every), about, strong, scale[strong], weak, offset, head, length
    )
    return TurnHeads(about, weak, offset, student, student_offset, constant, given)


def _fitted(
    learn: list[Pile],
    choose: list[Pile],
    about: Array,
    inputs: slice,
    scale: Array,
    labels: Array,
    offsets: Array,
    head: str,
    length: float,
) -> tuple[Array, Array, Array]:
    """Coefficients ``(d, k)`` per unit of a column, intercepts and means of the labels ``(k,)``, by label; see `Training`."""
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
    errors = sum_of_squares(choose, about, maps.reshape(len(labels), -1), constants.ravel()).reshape(
        -1, tasks
    )
    least = errors[:tried].min(axis=0) + TIE * errors[tried]
    best = tried - 1 - np.argmax((errors[:tried] <= least)[::-1], axis=0)
    return path[best, :, np.arange(tasks)].T, intercepts[best, np.arange(tasks)], training.label_mean
