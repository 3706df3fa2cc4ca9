"""Weak-to-strong where only some rows have true labels: who learns from what, and who is judged where.

Every row has one role in a turn (`turns`):

    weak training    rows with true labels; the weak model learns from these labels
    student training all other training rows; the weak model labels them, the student learns from its labels only
    validation       penalties are chosen here: the weak model's on true labels, the student's on weak labels
    judged           rows that no head has seen: misfit on all of them, gain on those that have a true label

Without a split the rows take turns (cross-fitting), so every row is judged once and no label is lost to training alone.
The true labels of judged rows are never used in their own turn; if the labelled rows are a random part of all, so is the
labelled part of each fold, and `certificate.certify_gain` applies. Features are put on one scale by `crossfit.standardise`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..data.container import Dataset, Views
from ..experiments.crossfit import rotations, standardise
from ..experiments.protocol import Parts
from ..heads.linear import LeastSquaresHead, NormBallHead
from ..heads.validated import ValidatedRidge
from ..runtime import seed_stream
from ..theory.arrays import Array
from ..theory.certificate import LEAST_LABELS
from .columns import GIVEN
from .refusal import UnusableData

HEADS = ("ridge", "least squares", "norm ball")


@dataclass(frozen=True)
class Judged:
    """Predictions on the ``rows (m,)`` that were judged: ``weak`` and ``student``, each name -> ``(m,)``, target units.

    ``labelled (l,)``: places within them that have a true label, ``truth (l,)``. ``weak_rows``, ``student_rows``: rows that
    one weak head and one student learned from, least over the turns. ``notes``: what a reader of results should
    know, those of the data set first.
    """

    rows: NDArray[np.intp]
    weak: dict[str, Array]
    student: dict[str, Array]
    labelled: NDArray[np.intp]
    truth: Array
    weak_rows: int
    student_rows: int
    notes: tuple[str, ...]


def turns(data: Dataset, head: str = "ridge", folds: int = 10, seed: int = 0) -> list[Parts]:
    """The roles of the rows, one `protocol.Parts` for each turn; one turn where the data come with a split.

    The weak model trains on the labelled training rows, or on a random half of the training rows if more are labelled. Folds
    have their share of labelled rows. Without a weak model that learns, ``weak_train`` has no meaning. Raises UnusableData.
    """
    if not isinstance(folds, int) or isinstance(folds, bool):
        raise UnusableData(f"folds is a whole number, such as 10, not {folds!r}")
    generator = seed_stream(seed, "roles")
    views, given = _views(data), data.splits.get(GIVEN)
    if given is None:
        least = 2 * folds if views.weak else LEAST_LABELS
        if folds < 3 or len(data.targets) < 2 * folds:
            raise UnusableData(
                f"{folds} folds for {len(data.targets)} rows: take 3 at least, and 2 rows for each"
            )
        if len(data.true_rows) < least:
            raise UnusableData(
                f"{len(data.true_rows)} rows have a true label, {folds} folds need {least}; label more rows, drawn at random"
                + (", or lower folds" if folds > 3 else "")
            )
        sets = list(rotations(_dealt(np.arange(len(data.targets)), data.true_rows, folds, generator)))
    else:
        train, judged = given["train"], given["test"]
        if "valid" in given:
            choose = given["valid"]
        else:
            if len(train) < 5:
                raise UnusableData(
                    f"{len(train)} training rows are too few to choose a penalty on; mark more as train"
                )
            choose, *others = _dealt(train, data.true_rows, 5, generator)
            train = np.concatenate(others)
        sets = [(train, choose, judged)]
        tested = len(np.intersect1d(judged, data.true_rows))
        if tested < LEAST_LABELS:
            raise UnusableData(
                f"{tested} test rows have a true label and a certificate needs {LEAST_LABELS} at least; label more of them"
            )
    return [_roles(data, *one, head, generator) for one in sets]


def judge(data: Dataset, head: str = "ridge", radius: float = 1.0, folds: int = 10, seed: int = 0) -> Judged:
    """Fit weak models and students in every turn and predict the judged rows.

    ``head``: ``ridge`` (penalty chosen on validation rows), ``least squares``, or ``norm ball``, whose ``radius`` is in
    standard deviations of the labelled targets that are not judged, per standard deviation of a feature. Raises UnusableData.
    """
    if head not in HEADS:
        raise UnusableData(f"the head is one of {', '.join(HEADS)}, not {head!r}")
    if not (isinstance(radius, int | float) and math.isfinite(radius) and radius > 0):
        raise UnusableData(f"the radius is a finite number > 0, not {radius!r}")
    roles = turns(data, head, folds, seed)
    notes = _check_widths(data, roles, head)
    views = _views(data)
    names, rows = views.names, len(data.targets)
    found = np.full((2, len(names), rows), np.nan)
    for parts in roles:
        learn, choose, seen = parts.student_train, parts.validation, parts.evaluation
        unit = np.setdiff1d(data.true_rows, seen)
        if head == "norm ball" and len(unit) < 2:
            raise UnusableData(
                "the norm ball takes its radius from 2 labelled rows at least that are not judged; label some, or take ridge"
            )
        length = radius * float(np.std(data.targets[unit])) if len(unit) else math.nan
        labels = np.column_stack(
            [_weak_predictions(data, table, parts, head, length) for table in views.weak.values()]
            + list(views.weak_labels.values())
        )
        strong = _scaled(views.strong, np.concatenate([parts.weak_train, learn]))
        student = _fitted(strong, labels, learn, choose, head, length)
        found[0][:, seen], found[1][:, seen] = labels[seen].T, student[seen].T
    judged = np.sort(np.concatenate([parts.evaluation for parts in roles]))
    places = np.flatnonzero(np.isin(judged, data.true_rows))
    return Judged(
        rows=judged,
        weak={name: found[0, k, judged] for k, name in enumerate(names)},
        student={name: found[1, k, judged] for k, name in enumerate(names)},
        labelled=places,
        truth=data.targets[judged[places]],
        weak_rows=min(len(parts.weak_train) for parts in roles) if views.weak else 0,
        student_rows=min(len(parts.student_train) for parts in roles),
        notes=(*data.notes, *notes),
    )


def _views(data: Dataset) -> Views:
    if data.views is None:
        raise UnusableData(
            f"{data.name} has no views: a strong side and weak models are needed, see `columns.gather`"
        )
    return data.views


def _dealt(
    rows: NDArray[np.intp], labelled: NDArray[np.intp], hands: int, generator: np.random.Generator
) -> list[NDArray[np.intp]]:
    """Rows dealt out at random into so many hands, labelled ones first, so that each has its share of them."""
    shuffled = generator.permutation(rows)
    known = np.isin(shuffled, labelled)
    order = np.concatenate([shuffled[known], shuffled[~known]])
    return [order[start::hands] for start in range(hands)]


def _roles(
    data: Dataset,
    train: NDArray[np.intp],
    choose: NDArray[np.intp],
    judged: NDArray[np.intp],
    head: str,
    generator: np.random.Generator,
) -> Parts:
    if head != "ridge":  # nothing to choose, so these rows train
        train, choose = np.concatenate([train, choose]), choose[:0]
    if not _views(data).weak:
        return Parts(train, train, judged, choose, allow_shared=True)
    known = generator.permutation(np.intersect1d(train, data.true_rows))[: len(train) // 2]
    if len(known) < LEAST_LABELS or (head == "ridge" and not np.isin(choose, data.true_rows).any()):
        raise UnusableData(
            f"the weak model has {len(known)} labelled training rows and {np.isin(choose, data.true_rows).sum()} to choose "
            f"its penalty on; it needs {LEAST_LABELS} and 1, so label more rows"
        )
    return Parts(known, np.setdiff1d(train, known), judged, choose)


def _scaled(table: Array, rows: NDArray[np.intp]) -> Array:
    """`standardise`, which takes a spread that is tiny beside the values for round-off: large offsets go first."""
    return standardise(table - table[0], rows)


def _weak_predictions(data: Dataset, table: Array, parts: Parts, head: str, length: float) -> Array:
    scaled = _scaled(table, np.concatenate([parts.weak_train, parts.student_train]))
    choose = np.intersect1d(parts.validation, data.true_rows)
    return _fitted(scaled, data.targets[:, None], parts.weak_train, choose, head, length)[:, 0]


def _fitted(
    features: Array,
    labels: Array,
    learn: NDArray[np.intp],
    choose: NDArray[np.intp],
    head: str,
    length: float,
) -> Array:
    """Predictions ``(n, k)`` of one head for each column of ``labels (n, k)``."""
    if head == "ridge":
        chosen = ValidatedRidge().choose(features[learn], labels[learn], features[choose], labels[choose])
        return chosen.predict(features)
    fitted = LeastSquaresHead() if head == "least squares" else NormBallHead(length)
    return fitted.fit(features[learn], labels[learn]).predict(features)


def _check_widths(data: Dataset, roles: list[Parts], head: str) -> tuple[str, ...]:
    """Views with as many columns as rows to learn from: refused for least squares, noted otherwise."""
    student = min(len(parts.student_train) for parts in roles)
    weak = min(len(parts.weak_train) for parts in roles)
    views = _views(data)
    sides = [("the student", "strong", views.strong.shape[1], student)]
    sides += [
        (f"the weak model {name}", f"weak ({name})", table.shape[1], weak)
        for name, table in views.weak.items()
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
