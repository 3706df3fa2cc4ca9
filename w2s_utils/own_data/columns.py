"""Columns of somebody's file to one checked data set: strong features, weak models, targets, which of them are true labels.

A weak model is either *features*, to which a head is fitted on true labels, or *labels* that something gave already. All that
people get wrong is checked here and said in one sentence with the remedy (`refusal.UnusableData`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.container import Dataset, Views
from ..theory.arrays import Array
from ..theory.class_labels import one_hot
from ..theory.class_losses import SQUARED
from .cells import Columns, numbers, texts
from .checks import (
    check_ids,
    check_said,
    check_values,
    labelled_rows,
    note_numbers,
    numeric_table,
    split_parts,
    target_values,
    texts_of,
)
from .choice import (
    WEAK,
    Names,
    as_word,
    check_uses,
    column_labels,
    column_of,
    existing,
    groups_of,
)
from .class_cells import loss_of
from .class_columns import Labelled, columns_of_labellers, patterns_of, read_classes
from .doubts import (
    chosen_labels,
    copies,
    doubtful_cells,
    doubtful_targets,
    labelled_by_row,
    leaks,
)
from .files import with_texts
from .made_views import molecule_features, note_molecules, text_features
from .refusal import UnusableData
from .rows import Faults, Rows, enumerated

GIVEN = "given"
"""The split of a set that comes with one."""
STUDENT_OF = "the student of "
"""Before a weak model's name where its student's columns are named."""


def gather(
    name: str,
    columns: Columns,
    target: str,
    strong: Names = (),
    weak: Names | Mapping[str, Names] = (),
    weak_labels: Names | Mapping[str, Names] = (),
    students: Mapping[str, Names] | None = None,
    text: str = "",
    smiles: str = "",
    labelled: str = "",
    ids: str = "",
    split: str = "",
    group: str = "",
    drop_bad: bool = False,
    loss: str = "",
) -> Dataset:
    """The data set that these names pick from ``columns`` (of `files.read_columns`; ids, texts, SMILES and split as written).

    ``strong``, ``weak``: names of numeric columns, as a list or between commas, ``*`` stands for any characters; ``weak``:
    {model: names}, or names for one model; ``weak_labels``: columns of labels, one weak model each, or {model: column}.
    ``text`` or ``smiles``: the column that takes the place of ``strong``, and where there are no labels of ``weak`` too, see
    `made_views`. ``labelled``: column of 0 and 1, else the rows with a target are the labelled ones. ``group``: a column that
    is equal for rows of one thing, which count once, as rows do that are equal in all views. ``students``: {model: column} of
    predictions that a student of this weak model made already, of rows that it has not learned from. Empty: not used.

    ``loss``: ``squared``, of numbers, or ``accuracy`` or ``brier``, of classes; empty: accuracy where the target's words name
    classes. Of classes a column of labels, or of a student, holds names, and {model: columns} may have a column of
    probabilities for each class, see `class_columns.read_classes`.

    Rows without a usable feature, text, molecule or weak label are refused, all by name, or with ``drop_bad`` left out, which
    the notes of the data set then say. Raises UnusableData.
    """
    text, smiles, labelled, ids, split, group = map(given_name, (text, smiles, labelled, ids, split, group))
    columns = with_texts(columns, [name for name in (text, smiles, ids, split, group) if name])
    goal = column_of(columns, target, "target")
    rows = Rows.of(len(goal), texts(column_of(columns, ids, "id")) if ids else None)
    faults, loss = Faults(rows), loss_of(loss, columns, target)
    labelling = columns_of_labellers(columns, weak_labels, "weak_labels")
    pupils = columns_of_labellers(columns, students or {}, "a student")
    labels = None
    if loss == SQUARED:
        targets = target_values(target, goal, rows)
    else:
        of_pupils = {f"{STUDENT_OF}{model}": some for model, some in pupils.items()}
        patterns = patterns_of(weak_labels) | {
            f"{STUDENT_OF}{model}": pattern for model, pattern in patterns_of(students).items()
        }
        labels = read_classes(columns, target, labelling | of_pupils, faults, patterns)
        targets = labels.targets
    known = labelled_rows(
        targets, labelled, column_of(columns, labelled, "labelled") if labelled else None, rows
    )
    if labels:
        labels.check(known)
    groups = groups_of(columns, strong, weak, text, smiles)
    roles = {"labelled": labelled, "id": ids, "split": split, "group": group}
    named_roles = {role: column for role, column in roles.items() if column}
    check_uses(target, groups, [name for some in labelling.values() for name in some], named_roles)

    picked = _Picked(rows, targets, known)
    if text or smiles:
        picked.inputs = texts_of(
            text or smiles, column_of(columns, text or smiles, next(iter(groups))), faults
        )
        if smiles:
            note_molecules(faults, smiles, picked.inputs)
    else:
        picked.tables = {what: numeric_table(columns, names, faults) for what, names in groups.items()}
    for model, some in labelling.items():
        picked.given[model] = _said(labels, model, columns, some, "weak labels", faults)
    for model, some in pupils.items():
        picked.students[as_word(model)] = _said(
            labels, f"{STUDENT_OF}{model}", columns, some, "a student", faults
        )
    things = texts(column_of(columns, group, "group")) if group else np.array([])
    if group:
        faults.note(f"no entry in {group!r}", np.array([not one.strip() for one in things], dtype=bool))
    keep, notes = ~faults.bad, list(labels.notes) if labels else []
    if not keep.all():
        if drop_bad and not keep.any():
            raise UnusableData(f"no row can be used: {enumerated(list(faults.found))}; mend what is wrong")
        if not drop_bad:
            faults.refuse()
        notes.append(faults.left_out(np.isin(np.arange(len(targets)), known)))
        picked = picked.kept(keep)

    views = picked.views(text_features if text else molecule_features)
    parts = split_parts(column_of(columns, split, "split")[keep], picked.rows) if split else None
    if ids:
        written = all(isinstance(value, str) for value in columns[existing(columns, ids)].flat)
        check_ids(ids, picked.rows, written, parts)
    check_values(picked.targets, picked.known, views.strong, views.weak, {} if labels else views.weak_labels)
    if labels:
        check_said(picked.targets, picked.known, views.weak_labels)
    else:
        notes += doubtful_targets(picked.targets[picked.known])
    named = {} if picked.inputs else {what: column_labels(columns, names) for what, names in groups.items()}
    notes += doubtful_cells(
        [*((named[what], picked.tables[what]) for what in named), *picked.labels()], picked.rows
    )
    known = picked.known
    seen = [(named[what], picked.tables[what][known]) for what in named]
    notes += leaks(
        [*seen, *((names, table[known]) for names, table in picked.labels())], picked.targets[known]
    )
    said, members = copies(
        [views.strong, *views.weak.values(), *(_columns(values) for values in picked.given.values())],
        picked.targets,
        picked.known,
    )
    notes += said
    if group:
        members = np.unique(things[keep].astype(str), return_inverse=True)[1]
        members = (
            None if len(np.unique(members)) == len(members) else members
        )  # each row is a thing of its own
    notes += chosen_labels(views.strong, views.weak_labels, picked.known)
    if members is not None:
        notes += labelled_by_row(members, picked.known)
    if members is not None and parts:
        notes += _in_two_parts(members, parts)
    return dataset(
        as_word(name),
        str(target),
        picked.targets,
        picked.known,
        views,
        parts,
        tuple(notes),
        members,
        labels.classes if labels else (),
    )


def _said(
    labels: Labelled | None,
    labeller: str,
    columns: Columns,
    names: list[str],
    what: str,
    faults: Faults,
) -> Array:
    """What one labeller says: numbers ``(n,)``, or probabilities ``(n, classes)``. Raises UnusableData."""
    if labels is not None:
        return one_hot(labels.said[labeller], len(labels.classes))
    if len(names) != 1 or (columns[names[0]].ndim == 2 and columns[names[0]].shape[1] > 1):
        raise UnusableData(
            f"{labeller!r} is one column of numbers, not several; of classes, with a column of probabilities for each, say "
            "which loss: --loss accuracy"
        )
    values = numbers(names[0], column_of(columns, names[0], what), faults.rows)
    note_numbers(faults, names[0], values)
    return values


def _columns(values: Array) -> Array:
    return values.reshape(len(values), -1)


def _in_two_parts(members: NDArray[np.intp], parts: Mapping[str, NDArray[np.intp]]) -> list[str]:
    """A sentence on groups, or copies, that a split does not keep together, or none."""
    judged = np.unique(members[parts["test"]])
    seen = np.unique(np.concatenate([members[rows] for part, rows in parts.items() if part != "test"]))
    both = len(np.intersect1d(judged, seen))
    return (
        [
            f"{both:,} of {len(judged):,} things in the test part also stand in another: what was learned there is judged "
            "too kindly."
        ]
        if both
        else []
    )


@dataclass
class _Picked:
    """What names pick from n rows: ``targets (n,)``, places ``known`` of true labels, and what views are made of.

    ``inputs``: n texts or SMILES, none where there are ``tables``, group of columns -> ``(n, d)``; ``given``: name of a
    labeller -> ``(n,)``, of classes ``(n, classes)``; ``students`` likewise.
    """

    rows: Rows
    targets: Array
    known: NDArray[np.intp]
    inputs: list[str] = field(default_factory=list)
    tables: dict[str, Array] = field(default_factory=dict)
    given: dict[str, Array] = field(default_factory=dict)
    students: dict[str, Array] = field(default_factory=dict)

    def kept(self, keep: NDArray[np.bool_]) -> _Picked:
        """The rows where ``keep (n,)`` is true."""
        return _Picked(
            self.rows.kept(keep),
            self.targets[keep],
            np.flatnonzero(np.isin(np.arange(len(keep)), self.known)[keep]),
            list(compress(self.inputs, keep)),
            {what: table[keep] for what, table in self.tables.items()},
            {column: values[keep] for column, values in self.given.items()},
            {model: values[keep] for model, values in self.students.items()},
        )

    def labels(self) -> list[tuple[list[str], Array]]:
        """Weak labels that are numbers, as tables of one column with its name."""
        return [
            ([repr(column)], values[:, None]) for column, values in self.given.items() if values.ndim == 1
        ]

    def views(self, made: Callable[[Sequence[str]], tuple[Array, dict[str, Array]]]) -> Views:
        """Both views: the tables, or what ``made`` makes of the inputs. Raises UnusableData."""
        if self.inputs:
            strong, weak = made(self.inputs)
            weak = {} if self.given else weak  # labels that exist are what is asked about
        else:
            strong = self.tables["strong"]
            weak = {what.removeprefix(WEAK): table for what, table in self.tables.items() if what != "strong"}
        if not weak and not self.given:
            raise UnusableData(
                "there is no weak model: name columns under weak, or a column of labels under weak_labels"
            )
        labels = {as_word(column): values for column, values in self.given.items()}
        both = [name for name in labels if name in weak]
        if both:
            raise UnusableData(
                f"{both[0]!r} is a weak model with columns and a column of weak labels; give the model another name"
            )
        models = (*weak, *labels)
        if unknown := [model for model in self.students if model not in models]:
            raise UnusableData(
                f"there is no weak model {unknown[0]!r} whose student could be given; there are {enumerated(models)}"
            )
        return Views(strong, weak, labels, students=self.students)


def dataset(
    name: str,
    target: str,
    targets: Array,
    labelled: NDArray[np.intp],
    views: Views,
    parts: Mapping[str, NDArray[np.intp]] | None = None,
    notes: tuple[str, ...] = (),
    groups: NDArray[np.intp] | None = None,
    classes: tuple[str, ...] = (),
) -> Dataset:
    """Somebody's rows as a `Dataset` without inputs; ``parts``: the split that comes with them, called GIVEN."""
    return Dataset(
        name,
        target,
        targets,
        views=views,
        labelled=labelled,
        splits={GIVEN: parts} if parts else {},
        notes=notes,
        groups=groups,
        classes=classes,
    )


def given_name(name: Any) -> str:
    """A column's name as text, "" for none; a column may be called 0."""
    return "" if name is None else str(name)
