"""Columns that hold classes: names in one column, or probabilities in a column for each class, to what `theory` calls said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..theory.arrays import Array
from ..theory.class_labels import MOST_ROUNDED, ROUNDED, Said, in_order
from .cells import MISSING, Columns, numbers, plain_name
from .choice import column_names, column_of, is_given
from .class_cells import MOST_CLASSES, class_texts, codes_of, listed
from .files import with_texts
from .refusal import UnusableData
from .rows import SHOWN, Faults, enumerated, shown

ONE = ("0", "1")
"""Classes of which one column of numbers may be the probability of the second."""

Columned = Mapping[str, list[str]]
"""By name of a labeller, its columns: one of labels, or one for each class."""


@dataclass(frozen=True)
class Labelled:
    """The ``classes`` by name; ``targets (n,)``, their numbers, NaN where unknown; what each labeller ``said``; ``notes``."""

    classes: tuple[str, ...]
    targets: Array
    said: dict[str, Said]
    notes: tuple[str, ...]

    def check(self, known: NDArray[np.intp]) -> None:
        """Raises UnusableData where the rows ``known (m,)``, whose target is a true label, are all of one class."""
        shown_ones = np.unique(self.targets[known])
        if len(shown_ones) == 1:
            raise UnusableData(
                f"the target is {shown(self.classes[int(shown_ones[0])])} in every labelled row, so there is nothing to tell "
                "apart; check the column"
            )


def columns_of_labellers(
    columns: Columns, wanted: Sequence[str] | str | Mapping[str, Any], what: str
) -> dict[str, list[str]]:
    """By name of a labeller its columns: of names each column is one; {name: columns} has several, one for each class."""
    if isinstance(wanted, Mapping):
        return {str(name): column_names(columns, some, what) for name, some in wanted.items()}
    return {name: [name] for name in column_names(columns, wanted, what)} if is_given(wanted) else {}


def patterns_of(wanted: Any) -> dict[str, str]:
    """By name of a labeller the one pattern with a star that its columns were given by, where they were."""
    if not isinstance(wanted, Mapping):
        return {}
    single = {
        name: some if isinstance(some, str) else (some[0] if len(some) == 1 else "")
        for name, some in wanted.items()
    }
    return {str(name): some for name, some in single.items() if some.count("*") == 1}


def read_classes(
    columns: Columns,
    target: str,
    labellers: Columned,
    faults: Faults,
    patterns: Mapping[str, str] | None = None,
    most: int = MOST_CLASSES,
) -> Labelled:
    """The true labels and what ``labellers`` say, in one numbering of the classes.

    Classes are all that are named: by true labels, by labels, and by columns of probabilities, each called as what stands for
    the star of its labeller's pattern, or ends in the name of a class. Of classes 0 and 1 one column of numbers between may
    be the probability of 1. Rows without a label, and probabilities that are none, are noted in ``faults``. Raises
    UnusableData.
    """
    patterns = patterns or {}
    labelling = {
        name: some[0]
        for name, some in labellers.items()
        if len(some) == 1 and not _is_table(columns, some[0])
    }
    chances = [name for name, column in labelling.items() if _fractional(columns[column])]
    read = with_texts(
        columns, [target, *(column for name, column in labelling.items() if name not in chances)]
    )
    truth = class_texts(column_of(read, target, "target"))
    words = {
        name: class_texts(read[column].reshape(-1))
        for name, column in labelling.items()
        if name not in chances
    }
    found = {word for some in (truth, *words.values()) for word in some if word}
    if not any(truth):
        raise UnusableData(f"the target {target!r} is empty in every row; some rows need a true label")
    tables = {name: some for name, some in labellers.items() if name not in labelling}
    starred = {name: _of_stars(patterns[name], some) for name, some in tables.items() if name in patterns}
    found |= {one for some in starred.values() for one in some}
    if chances and found <= set(ONE):
        found |= set(ONE)
    classes = in_order(list(found))
    _check_classes(classes, most)
    said: dict[str, Said] = {}
    for name in labellers:
        if name in words:
            faults.note(
                f"no label in {labelling[name]!r}", np.array([not word for word in words[name]], dtype=bool)
            )
            said[name] = codes_of(words[name], classes)
        elif name in chances:
            said[name] = _of_one(columns, labelling[name], classes, faults)
        else:
            order = starred.get(name) or _by_ending(columns, name, tables[name], classes)
            said[name] = _table(columns, name, tables[name], order, classes, faults)
    codes = codes_of(truth, classes).astype(np.float64)
    codes[[not word for word in truth]] = np.nan
    return Labelled(classes, codes, said, tuple(_doubts(target, read, truth, classes, words)))


def _is_table(columns: Columns, name: str) -> bool:
    return columns[name].ndim == 2 and columns[name].shape[1] > 1


def _fractional(values: NDArray[Any]) -> bool:
    """Whether a column holds numbers of which some are not whole."""
    return bool(values.dtype.kind == "f" and (values[np.isfinite(values)] % 1 != 0).any())


def _of_stars(pattern: str, names: Sequence[str]) -> list[str]:
    """What stands for the star, in the order of the columns."""
    before, after = plain_name(pattern).split("*")
    return [
        class_texts(np.array([name[len(before) : len(name) - len(after)]], dtype=object))[0] or name
        for name in map(plain_name, names)
    ]


def _by_ending(columns: Columns, labeller: str, names: Sequence[str], classes: Sequence[str]) -> list[str]:
    """The class whose name each column ends in, the longest where there are several. Raises UnusableData."""
    if len(names) == 1:  # an array with a column for each class, in the order of whole numbers
        width = columns[names[0]].shape[1]
        if width == len(classes) and list(classes) == [str(k) for k in range(width)]:
            return list(classes)
        raise UnusableData(
            f"{names[0]!r} has {width} columns for the classes {listed(classes)}: name a column for each, such as "
            f"{labeller}={labeller}_*"
        )
    found = []
    for name in map(plain_name, names):
        ends = [one for one in classes if name.endswith(one)]
        if not ends:
            raise UnusableData(
                f"the column {name!r} of {labeller!r} ends in no class; there are {listed(classes)}; call columns of "
                f"probabilities by the class, such as {labeller}_{classes[0]}, or leave it out"
            )
        found.append(max(ends, key=len))
    return found


def _table(
    columns: Columns,
    labeller: str,
    names: Sequence[str],
    order: Sequence[str],
    classes: Sequence[str],
    faults: Faults,
) -> Array:
    """Probabilities ``(n, classes)``; rows that are none are noted, and hold even odds. Raises UnusableData."""
    absent = [one for one in classes if one not in order]
    if absent:
        raise UnusableData(
            f"{labeller!r} has columns for {listed(order)}, and no column for the class {shown(absent[0])}: write classes "
            "alike, or add a column, of 0 if it never says so"
        )
    if len(set(order)) < len(order):
        raise UnusableData(
            f"two columns of {labeller!r} are for one class, among {', '.join(names[:SHOWN])}; leave one out"
        )
    raw = np.column_stack([numbers(name, columns[name], faults.rows) for name in names])
    table = raw[:, [list(order).index(one) for one in classes]]
    return _probabilities(labeller, table, faults)


def _of_one(columns: Columns, name: str, classes: Sequence[str], faults: Faults) -> Array:
    """Probabilities of 0 and 1 from those of 1."""
    if tuple(classes) != ONE:
        raise UnusableData(
            f"the column {name!r} holds numbers that name no class; there are {listed(classes)}; give probabilities in a "
            "column for each class, such as gpt=p_gpt_*"
        )
    of_one = numbers(name, columns[name], faults.rows).reshape(-1)
    return _probabilities(name, np.column_stack([1 - of_one, of_one]), faults)


def _probabilities(labeller: str, table: Array, faults: Faults) -> Array:
    sums = table.sum(axis=1)
    none = np.asarray(~np.isfinite(table).all(axis=1))
    negative = np.asarray(~none & (table < 0).any(axis=1))
    off = np.asarray(~none & ~negative & (abs(sums - 1) > min(ROUNDED * table.shape[1], MOST_ROUNDED) + 1e-9))
    faults.note(f"no probability of {labeller!r}", none)
    faults.note(f"a negative probability of {labeller!r}", negative)
    faults.note(f"probabilities of {labeller!r} whose sum is not 1", off)
    bad = none | negative | off
    table = np.where(bad[:, None], 1 / table.shape[1], table)
    return np.asarray(table / table.sum(axis=1, keepdims=True))


def _check_classes(classes: Sequence[str], most: int) -> None:
    if len(classes) > most:
        raise UnusableData(
            f"target and labels name {len(classes):,} classes, such as {listed(classes[:3])}, and {most} are the most; merge "
            "rare ones, or take --loss squared if they are numbers"
        )


def _doubts(
    target: str,
    read: Columns,
    truth: Sequence[str],
    classes: Sequence[str],
    words: Mapping[str, Sequence[str]],
) -> list[str]:
    found = []
    for name, values in {target: column_of(read, target, "target")}.items():
        none = [
            plain_name(cell)
            for cell in values
            if isinstance(cell, str) and cell.strip() and plain_name(cell) in MISSING
        ]
        if none:
            found.append(
                f"{len(none):,} cells of {name!r} are {shown(none[0])}, which counts as missing: call the class by another "
                "name if it is one."
            )
    folded: dict[str, list[str]] = {}
    for one in classes:
        folded.setdefault(one.casefold(), []).append(one)
    alike = [enumerated(list(map(shown, some))) for some in folded.values() if len(some) > 1]
    if alike:
        found.append(
            f"Classes that differ in capitals alone: {enumerated(alike[:SHOWN])}; write them alike if they are one."
        )
    shown_ones = set(truth)
    never = [one for one in classes if one not in shown_ones]
    if never:
        found.append(
            f"No true label is {enumerated([shown(one) for one in never[:SHOWN]], len(never) - SHOWN)}, though labellers say "
            "so: taken for classes that may be the true ones."
        )
    for name, some in words.items():
        if not set(some) & shown_ones - {""}:
            raise UnusableData(
                f"{name!r} says none of the classes of {target!r}, but {listed(sorted({word for word in some if word})[:3])}"
                "; write classes alike in both"
            )
    return found
