"""Weak-to-strong where only some rows have true labels: weak models and students of every turn, and their predictions.

Who learns from what stands in `roles`, how the heads of all turns come from one pass over the rows in `turning`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..data.container import Dataset, Views
from ..theory.arrays import Array
from ..theory.class_labels import on_simplex, one_hot
from ..theory.class_losses import ACCURACY, LOG, LOSSES, SQUARED
from ..theory.error_sums import unit_of
from .columns import GIVEN
from .refusal import UnusableData
from .roles import Roles, roles
from .tally import STUDENT, TEACHER, Candidate, Tally, compared, tally
from .turning import Layout, Watch, heads_of, lay, new_piles, predictions

LEAST_RADIUS, MOST_RADIUS = 1e-30, 1e30
HEADS = ("ridge", "least squares", "norm ball")
BLOCK_CELLS = 2**22
"""Numbers of a table that are read and worked on at a time: 32 MB."""


@dataclass(frozen=True)
class Judged:
    """Predictions on the ``rows (m,)`` that were judged: ``made``, candidate -> ``(m,)``, target units, or of classes
    probabilities ``(m, classes)``.

    ``labelled (l,)``: places within them that have a true label, ``truth (l,)``. ``weak_rows``, ``student_rows``: rows that
    one weak head and one student learned from, least over the turns. ``notes``: what a reader of results should know.
    ``groups (m,)``, where there are some: rows of one group count as one. ``mean_of_truth``: the constant is the mean of true
    labels, else of weak ones. ``loss``: of errors, gains and misfits; ``classes``, by name, where it is of classes: ``truth``
    are then their numbers.
    """

    rows: NDArray[np.intp]
    made: dict[Candidate, Array]
    labelled: NDArray[np.intp]
    truth: Array
    weak_rows: int
    student_rows: int
    notes: tuple[str, ...]
    groups: NDArray[np.intp] | None = None
    mean_of_truth: bool = True
    loss: str = SQUARED
    classes: tuple[str, ...] = ()

    @property
    def weak(self) -> dict[str, Array]:
        """Predictions of the teachers, by name."""
        return {one.name: made for one, made in self.made.items() if one.role == TEACHER}

    @property
    def student(self) -> dict[str, Array]:
        """Predictions of their students, by name."""
        return {one.name: made for one, made in self.made.items() if one.role == STUDENT}

    def numbered(self, truth: Array) -> Array | NDArray[np.intp]:
        """True labels as `theory` has them: numbers, or numbers of classes."""
        return truth.astype(np.intp) if self.classes else truth

    def tally(self) -> Tally:
        """What an answer needs of these rows."""
        others = compared(np.setdiff1d(np.arange(len(self.rows)), self.labelled))
        return tally(
            self.made, self.truth, self.labelled, others, unit_of(self.truth), self.groups, self.loss
        )


@dataclass(frozen=True)
class JudgedFile:
    """What was judged row by row without keeping predictions: ``sums`` of all judged rows, the rest as `Judged`.

    ``name`` and ``title`` of the data, its ``rows``, how many of them are ``labelled``, and ``columns`` of the strong view.
    """

    name: str
    title: str
    rows: int
    labelled: int
    columns: int
    sums: Tally
    weak_rows: int
    student_rows: int
    notes: tuple[str, ...]
    mean_of_truth: bool = True
    loss: str = SQUARED
    classes: tuple[str, ...] = ()

    def tally(self) -> Tally:
        """What an answer needs of these rows."""
        return self.sums


def judge(
    data: Dataset,
    head: str = "ridge",
    radius: float = 1.0,
    folds: int = 10,
    seed: int = 0,
    watch: Watch | None = None,
    loss: str = "",
) -> Judged:
    """Fit weak models and students in every turn and predict the judged rows.

    ``head``: ``ridge`` (penalty chosen on validation rows), ``least squares``, or ``norm ball``, whose ``radius`` is in
    standard deviations of the labelled targets that are not judged, per standard deviation of a feature. Columns are
    standardised on the training rows of a turn and, however long their tails, not cut off. ``watch``: see
    `turning.Watch`. ``loss``: of a set of classes ``accuracy``, which also an empty one is, or ``brier``. Raises UnusableData.
    """
    check_head(head, radius)
    if data.views is None:
        raise UnusableData(
            f"{data.name} has no views: a strong side and weak models are needed, see `columns.gather`"
        )
    loss = checked_loss(loss, head, data.classes)
    views, watch, outputs = data.views, watch or unwatched, len(data.classes) or 1
    truth = np.full(len(data.targets), np.nan)
    truth[data.true_rows] = data.targets[data.true_rows]
    layout = Layout(
        views.strong.shape[1],
        {name: table.shape[1] for name, table in views.weak.items()},
        tuple(views.weak_labels),
        outputs=outputs,
    )
    given, groups = data.splits.get(GIVEN), data.groups
    found = roles(np.isfinite(truth), given, bool(views.weak), head, folds, seed, groups)
    layout = layout.among(found, head)
    notes = check_widths(layout, found, head)
    labels = truth if not data.classes else _columns_of(truth, outputs)
    rows, piles, step = len(truth), new_piles(found.counts, layout), max(BLOCK_CELLS // layout.width, 1)
    for start in range(0, rows, step):
        watch(start, rows, "adding up")
        lay(
            _table(views, start, start + step),
            (*found.marks(start, start + step), labels[start : start + step]),
            piles,
        )
    watch(rows, rows, "adding up")
    heads = heads_of(
        {key: pile.finished() for key, pile in piles.items()}, layout, found, truth, head, radius, watch
    )
    made = np.full((rows, outputs * len(layout.candidates)), np.nan)
    for start in range(0, rows, step):
        watch(start, rows, "predicting")
        made[start : start + step] = predictions(
            _table(views, start, start + step), found.fold[start : start + step], heads
        )
    watch(rows, rows, "predicting")
    judged = np.flatnonzero(np.isin(found.fold, list(heads)))
    places = np.flatnonzero(np.isfinite(truth[judged]))
    by_candidate = {
        one: made[judged, outputs * k : outputs * (k + 1)] for k, one in enumerate(layout.candidates)
    }
    by_candidate = {
        one: on_simplex(scores) if data.classes else scores[:, 0] for one, scores in by_candidate.items()
    }
    by_candidate |= {Candidate(STUDENT, name): values[judged] for name, values in views.students.items()}
    return Judged(
        rows=judged,
        made=by_candidate,
        labelled=places,
        truth=truth[judged[places]],
        weak_rows=min(map(found.weak_rows, found.turns)) if views.weak else 0,
        student_rows=min(map(found.student_rows, found.turns)),
        notes=(*data.notes, *notes),
        groups=None if groups is None else groups[judged],
        mean_of_truth=layout.constant,
        loss=loss,
        classes=data.classes,
    )


def checked_loss(loss: str, head: str, classes: Sequence[str]) -> str:
    """The loss that is meant, see `judge`. Raises UnusableData for one that does not fit the target or the head."""
    if loss and loss not in LOSSES:
        raise UnusableData(f"the loss is one of {', '.join(LOSSES)}, not {loss!r}")
    if loss == LOG:
        raise UnusableData(
            "log loss needs students that never say 0, and these heads may: take brier, or certify probabilities that exist "
            "already with w2s certify --loss log"
        )
    if (loss or SQUARED) != SQUARED and not classes:
        raise UnusableData(
            f"the loss {loss} is of classes, and the target was read as numbers; say so when reading it"
        )
    if classes and loss == SQUARED:
        raise UnusableData("the target was read as classes: take the loss accuracy or brier")
    if classes and head == "norm ball":
        raise UnusableData(
            "the norm ball has its radius in units of a target of numbers; of classes take the head ridge or least squares"
        )
    return loss or (ACCURACY if classes else SQUARED)


def _columns_of(truth: Array, classes: int) -> Array:
    """A column for each class, ``(n, classes)``: 1 for the true one; NaN where it is unknown."""
    table = np.full((len(truth), classes), np.nan)
    known = np.isfinite(truth)
    table[known] = one_hot(truth[known].astype(np.intp), classes)
    return table


def check_head(head: str, radius: float) -> None:
    """Raises UnusableData for a head or a radius that `judge` does not know."""
    if head not in HEADS:
        raise UnusableData(f"the head is one of {', '.join(HEADS)}, not {head!r}")
    if not (isinstance(radius, int | float) and LEAST_RADIUS <= radius <= MOST_RADIUS):
        raise UnusableData(f"the radius is a number from {LEAST_RADIUS:g} to {MOST_RADIUS:g}, not {radius!r}")


def check_widths(layout: Layout, found: Roles, head: str) -> tuple[str, ...]:
    """Views with as many columns as rows to learn from: refused for least squares, noted otherwise."""
    student, weak = min(map(found.student_rows, found.turns)), min(map(found.weak_rows, found.turns))
    sides = [("the student", "strong", layout.strong, student)]
    sides += [
        (f"the weak model {name}", f"weak ({name})", width, weak) for name, width in layout.weak.items()
    ]
    notes = []
    for who, group, columns, rows in sides:
        if columns < rows:
            continue
        if head == "least squares":
            raise UnusableData(
                f"{who} has {columns} {group} columns and {rows} rows to learn from: least squares would repeat its "
                "labels exactly. Take the head ridge, fewer columns or more rows"
            )
        notes.append(
            f"{who[0].upper()}{who[1:]} has {columns} columns and only {rows} rows to learn from: "
            f"{'the penalty' if head == 'ridge' else 'the radius'} decides a lot."
        )
    return tuple(notes)


def unwatched(done: int, total: int, what: str) -> None:
    """Nobody looks."""


def _table(views: Views, start: int, stop: int) -> Array:
    tables = [views.strong, *views.weak.values(), *views.weak_labels.values()]
    return np.hstack([table[start:stop].reshape(len(table[start:stop]), -1) for table in tables])
