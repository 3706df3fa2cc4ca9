"""The one container of a checked data set: rows with a target, their inputs, their splits, and the two views of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..theory.arrays import Array

PARTS = ("train", "valid", "test")
"""Parts of a split, in the order of ChemBench's files."""


class InvalidDataset(ValueError):
    """Inputs, targets, splits and views that do not make one data set."""


@dataclass(frozen=True, eq=False)
class Views:
    """The two sides of n rows: ``strong (n, d)``, called ``strong_name``, and the weak models.

    ``weak``: name -> features ``(n, d_w)``, to which a head is fitted; ``weak_labels``: name -> labels ``(n,)`` that it gave
    already, in target units, of classes probabilities ``(n, classes)``. ``students``: weak model -> the same of a student of
    it that is not to be fitted.
    Raises InvalidDataset for tables of differing numbers of rows, or one name twice.
    """

    strong: Array
    weak: Mapping[str, Array]
    weak_labels: Mapping[str, Array] = field(default_factory=dict)
    strong_name: str = "strong"
    students: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given = (*self.weak_labels.values(), *self.students.values())
        rows = {len(table) for table in (self.strong, *self.weak.values(), *given)}
        if len(rows) != 1 or len(set(self.names)) != len(self.names):
            raise InvalidDataset(
                f"views describe the same rows and each weak model has a name of its own, not {sorted(rows)} rows and "
                f"{', '.join(self.names)}"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The weak models, those with features first."""
        return (*self.weak, *self.weak_labels)


@dataclass(frozen=True, eq=False)
class Dataset:
    """n rows in the order of their file, whose arrays are read-only once it is made.

    ``targets`` (n,) float64 in ``unit``; ``title`` says what they are. ``inputs``: n texts, such as SMILES; none where the
    rows are known by their views alone. ``splits``: name of split -> part (train, perhaps valid, test) -> row numbers from 0;
    the parts of a split share no row and together hold every row. ``labelled``: the rows whose target is used as a true label,
    all where it is None; the targets of other rows may be NaN. ``source``: ``real`` (measured) or ``generated`` (by us).
    ``notes``: sentences, what a reader of results should know of how the rows were read. ``groups (n,)``: numbers from 0; rows
    of one group are of one thing and count once. ``classes``: names of two classes at least, in the order of their numbers;
    targets are then whole numbers from 0. Raises InvalidDataset.
    """

    name: str
    title: str
    targets: Array
    unit: str = ""
    inputs: tuple[str, ...] = ()
    splits: Mapping[str, Mapping[str, NDArray[np.intp]]] = field(default_factory=dict)
    source: str = "real"
    views: Views | None = None
    labelled: NDArray[np.intp] | None = None
    notes: tuple[str, ...] = ()
    groups: NDArray[np.intp] | None = None
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", _numbers(self.name, self.targets))
        count = len(self.targets)
        rows = {len(self.inputs) or count, len(self.views.strong) if self.views else count, count}
        if count == 0 or len(rows) != 1:
            raise InvalidDataset(
                f"{self.name}: {len(self.inputs)} inputs, targets of shape {self.targets.shape}"
                + (f" and views of {len(self.views.strong)} rows" if self.views else "")
                + "; they must be equally many, and at least one"
            )
        blank = [row for row, text in enumerate(self.inputs) if not isinstance(text, str) or not text.strip()]
        if blank:
            raise InvalidDataset(
                f"{self.name}: {len(blank)} inputs are empty or no text, the first in row {blank[0]} "
                f"({self.inputs[blank[0]]!r}); drop those rows or correct them"
            )
        if self.groups is not None and self.groups.shape != (count,):
            raise InvalidDataset(f"{self.name}: groups are one for each of {count} rows")
        if self.labelled is not None:
            _check_rows(f"{self.name}, labelled rows", self.labelled, count)
        unusable = self.true_rows[~np.isfinite(self.targets[self.true_rows])]
        if len(unusable):
            raise InvalidDataset(
                f"{self.name}: {len(unusable)} targets are NaN or infinite, the first in row {unusable[0]}; "
                "drop those rows or correct them"
            )
        if self.classes:
            _check_classes(self.name, self.classes, self.targets[self.true_rows])
        if self.source not in ("real", "generated"):
            raise InvalidDataset(f"{self.name}: source is 'real' or 'generated', not {self.source!r}")
        for split, parts in self.splits.items():
            _check_split(f"{self.name}, split {split}", parts, count)
        for array in (self.targets, *(rows for parts in self.splits.values() for rows in parts.values())):
            array.setflags(write=False)

    @property
    def ids(self) -> NDArray[np.intp]:
        """Row numbers ``(n,)`` from 0, the numbers that ``splits`` and ``labelled`` hold."""
        return np.arange(len(self.targets))

    @property
    def true_rows(self) -> NDArray[np.intp]:
        """The rows whose target is used as a true label, ``(m,)``."""
        return self.ids if self.labelled is None else self.labelled


def _numbers(name: str, targets: Any) -> Array:
    """Targets as a copy in float64, so that the caller's array stays writable."""
    try:
        found = np.array(targets, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidDataset(f"{name}: targets are numbers, one for each row ({error})") from error
    if found.ndim != 1:
        raise InvalidDataset(f"{name}: targets of shape {found.shape}; they must be equally many as rows")
    return found


def _check_classes(name: str, classes: tuple[str, ...], numbers: Array) -> None:
    if len(classes) < 2 or len(set(classes)) != len(classes):
        raise InvalidDataset(
            f"{name}: classes are two at least, each with a name of its own, not {list(classes)}"
        )
    strange = numbers[~np.isin(numbers, np.arange(len(classes)))]
    if len(strange):
        raise InvalidDataset(
            f"{name}: targets are numbers of classes, from 0 to {len(classes) - 1}, not {strange[0]:g}"
        )


def _check_rows(where: str, rows: NDArray[np.intp], count: int) -> None:
    if not np.issubdtype(np.asarray(rows).dtype, np.integer) or len(np.unique(rows)) != len(rows):
        raise InvalidDataset(f"{where}: row numbers are integers from 0 to {count - 1}, each once")
    if len(rows) and (np.min(rows) < 0 or np.max(rows) >= count):
        raise InvalidDataset(f"{where}: row numbers are integers from 0 to {count - 1}, each once")


def _check_split(where: str, parts: Mapping[str, NDArray[np.intp]], count: int) -> None:
    if tuple(parts) not in (PARTS, ("train", "test")):
        raise InvalidDataset(f"{where}: the parts are {', '.join(PARTS)}, not {', '.join(parts)}")
    rows = np.concatenate([np.asarray(one) for one in parts.values()])
    if not np.issubdtype(rows.dtype, np.integer) or rows.min(initial=0) < 0 or rows.max(initial=0) >= count:
        raise InvalidDataset(f"{where}: row numbers are integers from 0 to {count - 1}")
    times = np.bincount(rows, minlength=count)
    if times.max() > 1:
        raise InvalidDataset(
            f"{where}: {np.sum(times > 1)} rows are in two parts or twice in one, such as {times.argmax()}"
        )
    if times.min() < 1:
        raise InvalidDataset(f"{where}: {np.sum(times < 1)} rows are in no part, such as {times.argmin()}")
