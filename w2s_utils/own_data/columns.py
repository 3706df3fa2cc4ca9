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
from ..experiments.crossfit import standardise
from ..molecules import chemistry
from ..texts import hashed
from ..theory.arrays import Array
from .cells import Columns, numbers, texts
from .checks import (
    check_ids,
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
    column_names,
    column_of,
    existing,
    groups_of,
)
from .doubts import (
    chosen_labels,
    copies,
    doubtful_cells,
    doubtful_targets,
    labelled_by_row,
    leaks,
)
from .files import with_texts
from .refusal import UnusableData
from .rows import Faults, Rows, enumerated

GIVEN = "given"
"""The split of a set that comes with one."""

TEXT_COLUMNS, WEAK_TEXT_COLUMNS = 512, (16, 64)
FINGERPRINT_COLUMNS = (64, 256)


def gather(
    name: str,
    columns: Columns,
    target: str,
    strong: Names = (),
    weak: Names | Mapping[str, Names] = (),
    weak_labels: Names = (),
    students: Mapping[str, str] | None = None,
    text: str = "",
    smiles: str = "",
    labelled: str = "",
    ids: str = "",
    split: str = "",
    group: str = "",
    drop_bad: bool = False,
) -> Dataset:
    """The data set that these names pick from ``columns`` (of `files.read_columns`; ids, texts, SMILES and split as written).

    ``strong``, ``weak``: names of numeric columns, as a list or between commas, ``*`` stands for any characters; ``weak``:
    {model: names}, or names for one model; ``weak_labels``: columns of labels, one weak model each. ``text`` or ``smiles``:
    the column that takes the place of ``strong`` and ``weak``, see `text_features` and `molecule_features`. ``labelled``:
    column of 0 and 1, else the rows with a target are the labelled ones. ``group``: a column that is equal for rows of one
    thing, which count once, as rows do that are equal in all views. ``students``: {model: column} of predictions that a
    student of this weak model made already, of rows that it has not learned from. Empty: not used.

    Rows without a usable feature, text, molecule or weak label are refused, all by name, or with ``drop_bad`` left out, which
    the notes of the data set then say. Raises UnusableData.
    """
    text, smiles, labelled, ids, split, group = map(given_name, (text, smiles, labelled, ids, split, group))
    columns = with_texts(columns, [name for name in (text, smiles, ids, split, group) if name])
    goal = column_of(columns, target, "target")
    rows = Rows.of(len(goal), texts(column_of(columns, ids, "id")) if ids else None)
    targets = target_values(target, goal, rows)
    known = labelled_rows(
        targets, labelled, column_of(columns, labelled, "labelled") if labelled else None, rows
    )
    labelling = column_names(columns, weak_labels, "weak_labels")
    groups = groups_of(columns, strong, weak, text, smiles)
    roles = {"labelled": labelled, "id": ids, "split": split, "group": group}
    check_uses(target, groups, labelling, {role: column for role, column in roles.items() if column})

    picked = _Picked(rows, targets, known)
    faults = Faults(rows)
    if text or smiles:
        picked.inputs = texts_of(
            text or smiles, column_of(columns, text or smiles, next(iter(groups))), faults
        )
        if smiles:
            _note_molecules(faults, smiles, picked.inputs)
    else:
        picked.tables = {what: numeric_table(columns, names, faults) for what, names in groups.items()}
    for column in labelling:
        values = picked.given[column] = numbers(column, column_of(columns, column, "weak labels"), rows)
        note_numbers(faults, column, values)
    things = texts(column_of(columns, group, "group")) if group else np.array([])
    if group:
        faults.note(f"no entry in {group!r}", np.array([not one.strip() for one in things], dtype=bool))
    for model, column in (students or {}).items():
        values = picked.students[as_word(model)] = numbers(
            column, column_of(columns, column, "a student"), rows
        )
        note_numbers(faults, column, values)
    keep, notes = ~faults.bad, []
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
    check_values(picked.targets, picked.known, views.strong, views.weak, views.weak_labels)
    named = {} if picked.inputs else {what: column_labels(columns, names) for what, names in groups.items()}
    notes += doubtful_targets(picked.targets[picked.known])
    notes += doubtful_cells(
        [*((named[what], picked.tables[what]) for what in named), *picked.labels()], picked.rows
    )
    known = picked.known
    seen = [(named[what], picked.tables[what][known]) for what in named]
    notes += leaks(
        [*seen, *((names, table[known]) for names, table in picked.labels())], picked.targets[known]
    )
    said, members = copies(
        [views.strong, *views.weak.values(), *(table for _, table in picked.labels())],
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
        as_word(name), str(target), picked.targets, picked.known, views, parts, tuple(notes), members
    )


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

    ``inputs``: n texts or SMILES, none where there are ``tables``, group of columns -> ``(n, d)``; ``given``: column of weak
    labels -> ``(n,)``.
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
        """Weak labels as tables of one column with its name."""
        return [([repr(column)], values[:, None]) for column, values in self.given.items()]

    def views(self, made: Callable[[Sequence[str]], tuple[Array, dict[str, Array]]]) -> Views:
        """Both views: the tables, or what ``made`` makes of the inputs. Raises UnusableData."""
        if self.inputs:
            strong, weak = made(self.inputs)
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


def _note_molecules(faults: Faults, name: str, smiles: Sequence[str]) -> None:
    """Note the rows that hold text, but no molecule that `molecule_features` describes."""
    try:
        for what, places in chemistry.unusable(smiles).items():
            mask = np.zeros(len(smiles), dtype=bool)
            mask[places] = True
            faults.note(f"{what} in {name!r}", mask & ~faults.bad)
    except ImportError as error:
        raise UnusableData("SMILES need RDKit, which is not installed: pip install rdkit") from error


def dataset(
    name: str,
    target: str,
    targets: Array,
    labelled: NDArray[np.intp],
    views: Views,
    parts: Mapping[str, NDArray[np.intp]] | None = None,
    notes: tuple[str, ...] = (),
    groups: NDArray[np.intp] | None = None,
) -> Dataset:
    """Somebody's rows as a `Dataset` without inputs; ``parts``: the split that comes with them, called GIVEN."""
    splits = {GIVEN: parts} if parts else {}
    return Dataset(
        name, target, targets, views=views, labelled=labelled, splits=splits, notes=notes, groups=groups
    )


def given_name(name: Any) -> str:
    """A column's name as text, "" for none; a column may be called 0."""
    return "" if name is None else str(name)


def text_features(texts: Sequence[str]) -> tuple[Array, dict[str, Array]]:
    """Hashed counts of 1 to 3 characters within words, unit length: 512 columns strong, 16 and 64 weak; nothing is learned."""
    weak = {f"{width} hashed columns": hashed.characters(texts, width) for width in WEAK_TEXT_COLUMNS}
    return hashed.characters(texts, TEXT_COLUMNS), weak


def molecule_features(smiles: Sequence[str]) -> tuple[Array, dict[str, Array]]:
    """RDKit's descriptors strong, Morgan counts in 64 and 256 columns weak (`chemistry`). Raises InvalidSmiles.

    In standard deviations over all rows and cut off at `crossfit.LIMIT` of them: a descriptor can lie hundreds out in one row.
    No label has a part in it.
    """
    weak = {f"Morgan {width}": chemistry.morgan_counts(smiles, width) for width in FINGERPRINT_COLUMNS}
    strong, rows = chemistry.descriptors(smiles)[0], np.arange(len(smiles))
    return standardise(strong, rows), {name: standardise(table, rows) for name, table in weak.items()}
