"""Labels that name classes, and probabilities of classes: read, checked, and brought to one form.

What a labeller *says* of n rows is an array of class numbers ``(n,)`` from 0, or of probabilities ``(n, classes)``. Classes
are known by their names; a class that is a whole number is called as it is written, "3".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import Array, checked_rows, numbers, probabilities, readable

Said = NDArray[np.intp] | Array
"""Class numbers ``(n,)``, or probabilities ``(n, classes)``."""

ROUNDED, MOST_ROUNDED = 0.005, 0.05
"""How far a sum of probabilities may be from 1 for each class, as digits behind the second may be cut, and in all."""
BINARY = ("0", "1")


class Labellers(NamedTuple):
    """The ``classes`` by name, what teacher and student say of n rows, and ``truth (m,)``, class numbers of ``rows (m,)``."""

    classes: tuple[str, ...]
    weak: Said
    student: Said
    truth: NDArray[np.intp]
    rows: NDArray[np.intp]


def labellers(
    weak: ArrayLike,
    student: ArrayLike,
    truth: ArrayLike,
    labelled: ArrayLike,
    classes: Sequence[Any] | None = None,
) -> Labellers:
    """All labels in one form.

    ``weak``, ``student``: of n rows each, names or whole numbers ``(n,)``, or probabilities ``(n, c)``, a column for each
    class; of classes 0 and 1 also probabilities of 1 ``(n,)``. ``truth``: names or whole numbers of the rows ``labelled
    (m,)``. ``classes``: names of all classes in the order of the columns; None: numbers from 0 where there are columns, else
    whatever labels name, in order. Raises TypeError and ValueError for what are no such labels, for labels outside the
    classes, for one class alone, and for probabilities that are negative or whose sums are not 1.
    """
    sides = {"weak": plain(weak), "student": plain(student)}
    known = plain(truth)
    names = class_names(classes, {**sides, "truth": known})
    said = {what: said_of(what, values, names) for what, values in sides.items()}
    if len(said["weak"]) != len(said["student"]) or not len(said["weak"]):
        raise ValueError(
            f"weak and student are of the same rows, one at least, not {len(said['weak'])} and {len(said['student'])}"
        )
    rows = checked_rows(labelled, len(said["weak"]))
    if known.ndim != 1 or len(known) != len(rows):
        raise ValueError(f"one true label for each labelled row: {rows.shape} rows, {known.shape} labels")
    return Labellers(names, said["weak"], said["student"], numbered("truth", known, names), rows)


def plain(values: ArrayLike) -> NDArray[Any]:
    """As numpy reads it; masked values raise ValueError."""
    if np.ma.is_masked(values):
        raise ValueError("labels have masked values; drop those rows first")
    return np.asarray(readable(values))


def class_names(classes: Sequence[Any] | None, labels: dict[str, NDArray[Any]]) -> tuple[str, ...]:
    """The classes by name, two at least: as given, or as `labellers` finds them in arrays of labels and probabilities."""
    widths = {what: values.shape[1] for what, values in labels.items() if values.ndim == 2}
    if classes is not None:
        if isinstance(classes, str) or np.ndim(classes) != 1:
            raise TypeError(f"classes are a list of names, such as ('no', 'yes'), not {classes!r}")
        names = tuple(map(str, named("classes", plain(list(classes)))))
        if len(set(names)) != len(names):
            raise ValueError(f"classes name one twice: {', '.join(names)}")
    elif widths:
        names = tuple(map(str, range(max(widths.values()))))
    elif any(_fractional(values) for values in labels.values()):
        names = BINARY
    else:
        found = [np.unique(named(what, values)) for what, values in labels.items() if values.size]
        names = in_order(np.unique(np.concatenate(found)) if found else [])
        if "truth" in labels:
            _check_shared(labels, names)
    if len(names) < 2:
        raise ValueError(
            f"there is one class only, {', '.join(map(repr, names)) or 'or none'}: nothing to tell apart; if others can "
            "occur, name them all in classes"
        )
    wrong = {what: width for what, width in widths.items() if width != len(names)}
    if wrong:
        raise ValueError(
            f"probabilities have a column for each of {len(names)} classes, but there are {wrong}"
        )
    return names


def _check_shared(labels: dict[str, NDArray[Any]], names: Sequence[str]) -> None:
    """Raises ValueError where truth and a side have no class in common, as "pos" and "positive" have not."""
    truth = labels["truth"]
    for what, values in labels.items():
        if truth.size and values.size and not np.isin(named(what, values), named("truth", truth)).any():
            raise ValueError(
                f"{what} says none of the classes of truth, among {', '.join(map(repr, names[:8]))}: write them alike in "
                "both, or name all in classes if that is meant"
            )


def in_order(names: Sequence[str] | NDArray[Any]) -> tuple[str, ...]:
    """Different names sorted: whole numbers by their size, others by their letters."""
    texts = list(map(str, names))
    whole = all(text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() for text in texts)
    return tuple(sorted(texts, key=(lambda text: (int(text), text)) if whole else None))


def _fractional(values: NDArray[Any]) -> bool:
    """Whether these are numbers from 0 to 1 of which some lie between."""
    if values.ndim != 1 or values.dtype.kind != "f":
        return False
    return bool((values % 1 != 0).any() and (values >= 0).all() and (values <= 1).all())


def named(what: str, values: NDArray[Any]) -> NDArray[Any]:
    """Labels ``(n,)`` as names. Raises TypeError and ValueError for what names no class."""
    if values.ndim != 1:
        raise ValueError(f"{what} has one label for each row, not {values.shape}")
    if values.dtype.kind == "f":
        if not (np.isfinite(values).all() and (values % 1 == 0).all()):
            raise ValueError(
                f"{what} holds numbers that are no class; classes are names or whole numbers, probabilities need a column "
                "for each class"
            )
        return values.astype(np.int64).astype(str)
    if values.dtype.kind in "iubU":
        return values.astype(str)
    cells = values.astype(object)
    strange = [cell for cell in cells if not isinstance(cell, str | bool | int | np.integer | np.bool_)]
    if values.dtype.kind not in "OST" or strange:
        held = f"{strange[0]!r}" if strange else f"{values.dtype} values"
        raise TypeError(f"{what} holds {held}, which names no class; drop or repair those rows first")
    return cells.astype(str)


def numbered(what: str, values: NDArray[Any], names: Sequence[str]) -> NDArray[np.intp]:
    """Class numbers ``(n,)`` of labels. Raises ValueError for those outside the classes."""
    if not values.size:
        return np.zeros(len(values), dtype=np.intp)
    shown, places = np.unique(named(what, values), return_inverse=True)
    number = {name: place for place, name in enumerate(names)}
    outside = [str(name) for name in shown if name not in number]
    if outside:
        listed = ", ".join(map(repr, names[:8])) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        raise ValueError(
            f"{what} has labels outside the classes, such as {outside[0]!r}; there are {listed}; name all of them in "
            "classes, in the order of columns"
        )
    return np.array([number[str(name)] for name in shown], dtype=np.intp)[places]


def said_of(what: str, values: NDArray[Any], names: Sequence[str]) -> Said:
    """What one labeller says; see `labellers`."""
    if values.ndim == 2:
        return _said_probabilities(what, values)
    if tuple(names) == BINARY and _fractional(values):
        of_one = numbers(what, values)
        return _said_probabilities(what, np.column_stack([1 - of_one, of_one]))
    return numbered(what, values, names)


def _said_probabilities(what: str, values: ArrayLike) -> Array:
    """As `arrays.probabilities`; sums that are off by what digits behind the second may cost are mended."""
    return probabilities(what, values, min(ROUNDED * np.shape(values)[1], MOST_ROUNDED) + 1e-9)


def one_hot(said: Said, classes: int) -> Array:
    """Probabilities ``(n, classes)`` of what a labeller says; a label has the probability 1."""
    if said.ndim == 2:
        return np.asarray(said, dtype=np.float64)
    table = np.zeros((len(said), classes))
    table[np.arange(len(said)), said.astype(np.intp)] = 1.0
    return table


def on_simplex(scores: Array) -> Array:
    """The probabilities ``(n, c)`` nearest to ``scores (n, c)``: Euclidean projection on the simplex.

    It is as near to any true label as the scores or nearer (the simplex is convex and holds it), and keeps their order.
    """
    falling = -np.sort(-scores, axis=1)
    above = (np.cumsum(falling, axis=1) - 1) / np.arange(1, scores.shape[1] + 1)
    kept = np.sum(falling > above, axis=1)
    return np.maximum(scores - above[np.arange(len(scores)), kept - 1][:, None], 0.0)
