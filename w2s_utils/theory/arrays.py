"""Arrays of predictions and labels: their types, and the checks that all of theory makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Number = float | Array
"""One value, or one for each task ``(tasks,)``."""


def is_whole(value: object) -> bool:
    """Whether this is one whole number, of Python or numpy; no truth value and no span of time is."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64)


def is_real(value: object) -> bool:
    """Whether this is one real number, of Python or numpy; NaN and infinity are."""
    return is_whole(value) or isinstance(value, float | np.floating)


ROUND_OFF = float(np.finfo(np.float64).eps)
STORED = 4 * ROUND_OFF
"""Part of its size that a number loses by being stored, and moved by a few additions."""
COMPUTED = 2**12 * ROUND_OFF
"""Part of the spread of what went in by which results may differ that are the same but for the order of the arithmetic.

Students that are the same but for round-off differ by some ten `ROUND_OFF` of the spread of the labels, whatever the head; by
more only least squares with columns that are collinear to six digits.
"""


def rounding(low: float, high: float) -> float:
    """How far apart two numbers may be that differ only by how they were made, from values between ``low`` and ``high``.

    It grows with their unit, and with their distance from 0 by no more than float64 itself loses there: what is the same, and
    what ties, is so in any unit and at any offset at which values keep their digits.
    """
    return STORED * max(abs(low), abs(high)) + COMPUTED * (high - low)


NEAR = 1e-9
"""How near 0 and 1 a level may come: beyond, quantiles leave double precision."""


def fraction(name: str, value: Any, statements: int = 1) -> float:
    """One number in (0, 1), NEAR off both ends at least, also of each of so many ``statements`` that share it as a level.

    Raises ValueError for all else, also for a number in quotes.
    """
    if not (is_real(value) and NEAR <= value <= 1 - NEAR * statements):
        near = is_real(value) and 0 < value < 1
        said = f", {NEAR * statements:g} off both ends at least" if near else ""
        raise ValueError(f"{name} lies in (0, 1){said}, such as 0.95, not {value!r}")
    return float(value)


def readable(values: Any) -> Any:
    """``values`` as numpy reads them: torch tensors, also in lists, with a gradient, on a device or of short floats.

    All else comes back as it is. Torch is not imported: whoever has a tensor has done so.
    """
    if isinstance(values, list | tuple):
        return [readable(value) for value in values] if any(map(_is_tensor, values)) else values
    if not _is_tensor(values):
        return values
    plain_values = values.detach().cpu()
    try:
        return plain_values.numpy()
    except TypeError:  # bfloat16 and shorter, which numpy lacks; float32 holds them all exactly
        return plain_values.float().numpy()


def _is_tensor(values: Any) -> bool:
    return hasattr(values, "detach") and hasattr(values, "cpu")


def numbers(name: str, values: ArrayLike) -> Array:
    """``values``, as `readable`, in float64.

    Raises TypeError for what are not real numbers, ValueError for NaN, masked values or infinity. What
    float64 can't hold, as some of a longer type, is infinite.
    """
    if np.ma.is_masked(values):
        raise ValueError(f"{name} has masked values; drop those rows first")
    raw = np.asarray(readable(values))
    if raw.dtype.kind not in "fiu":
        raise TypeError(f"{name} holds {raw.dtype} values; real numbers are needed (convert them first)")
    with np.errstate(over="ignore"):  # what is too large for float64 is infinite there
        checked = raw.astype(np.float64, copy=False)
    if not np.isfinite(checked).all():
        raise ValueError(f"{name} holds NaN or infinite values; drop or repair those rows first")
    return checked


SUM_TO_ONE = 1e-6
"""How far from 1 the probabilities of a row may add up to: what float32 loses of them, and no more."""


def probabilities(name: str, values: ArrayLike, off: float = SUM_TO_ONE) -> Array:
    """``values (n, c)``, n >= 1 and c >= 2, as probabilities >= 0, each row divided by its sum, which is 1 but for ``off``.

    Raises as `numbers`; ValueError for another shape, a negative value, or a row with another sum.
    """
    checked = numbers(name, values)
    if checked.ndim != 2 or checked.shape[0] < 1 or checked.shape[1] < 2:
        raise ValueError(
            f"{name} are probabilities (n, classes), with 2 classes at least, not {checked.shape}"
        )
    if checked.min() < 0:
        row = int(np.argmin(checked.min(axis=1)))
        raise ValueError(
            f"{name} are probabilities, so none is negative; row {row} has {checked[row].min():g}"
        )
    sums = checked.sum(axis=1)
    apart = np.abs(sums - 1)
    if apart.max() > off:
        row = int(apart.argmax())
        raise ValueError(
            f"{name} are probabilities, so each row sums to 1; row {row} sums to {sums[row]:g}. Give a column for each class, "
            "and divide by the sum if they are weights"
        )
    return np.asarray(checked / sums[:, None])


def matched(**arrays: ArrayLike) -> list[Array]:
    """All in float64, of one shape, ``(n,)`` or ``(n, tasks)``, n >= 1. Raises as `numbers`; ValueError for other shapes."""
    checked = {name: numbers(name, values) for name, values in arrays.items()}
    shapes = {name: array.shape for name, array in checked.items()}
    if len(set(shapes.values())) > 1:
        raise ValueError(f"all must have one shape, for the same rows, but they have {shapes}")
    shape = next(iter(shapes.values()))
    if len(shape) not in (1, 2) or 0 in shape:
        raise ValueError(f"predictions are (n,) or (n, tasks) with at least one row, not {shape}")
    return list(checked.values())


def checked_rows(labelled: ArrayLike, count: int) -> NDArray[np.intp]:
    """Numbers of the labelled rows, ``(m,)``, of ``count`` rows in all. Raises as `certificate.certify_gain`."""
    rows = np.asarray(readable(labelled))
    if rows.size == 0:
        rows = rows.astype(np.intp)
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        raise TypeError(
            f"labelled holds row numbers (m,), whole numbers from 0, not {rows.dtype} {rows.shape}; "
            "of a mask they are np.flatnonzero(mask)"
        )
    if rows.size and (rows.min() < 0 or rows.max() >= count):
        raise ValueError(f"labelled names rows from {rows.min()} to {rows.max()}, there are 0 to {count - 1}")
    if len(np.unique(rows)) != len(rows):
        raise ValueError("labelled names a row twice; average its labels or drop one")
    return rows.astype(np.intp, copy=False)


def checked_labels(truth: ArrayLike, labelled: ArrayLike, count: int) -> tuple[NDArray[np.intp], Array]:
    """Numbers of the labelled rows and their true labels, ``(m,)`` each, of ``count`` rows in all.

    Raises as `certificate.certify_gain`.
    """
    rows, truth = checked_rows(labelled, count), readable(truth)
    known = numbers("truth", truth) if rows.size or np.size(truth) else np.zeros(0)
    if known.shape != rows.shape:
        raise ValueError(f"one true label for each labelled row: {rows.shape} rows, {known.shape} labels")
    return rows, known


def plain(values: Array) -> Number:
    """A float where there is one value only."""
    return float(values) if np.ndim(values) == 0 else values


def few_values(values: Array, most: int) -> Array | None:
    """The different values of ``values (n,)`` but for round-off, rising; None where they are more than ``most``."""
    if (
        len(values) > 4 * most and few_values(values[: 4 * most], most) is None
    ):  # nearly always, and found at once
        return None
    found = np.unique(values)
    if len(found) > 1:
        found = found[np.diff(found, prepend=-np.inf) > rounding(found[0], found[-1])]
    return found if len(found) <= most else None


def group_numbers(groups: ArrayLike, rows: int) -> NDArray[np.intp]:
    """The group of each row as a number, ``(rows,)``, from numbers or texts, none missing. Raises ValueError."""
    given = np.asarray(groups)
    if given.shape != (rows,):
        raise ValueError(f"groups are one for each of {rows} rows, not {given.shape}")
    missing = given.dtype.kind == "f" and not np.isfinite(given).all()
    if given.dtype.kind == "O":
        missing = not all(isinstance(one, str | bool) or (is_real(one) and np.isfinite(one)) for one in given)
        given = given.astype(str)
    if missing or given.dtype.kind not in "iubfUS":
        raise ValueError("a group is a number or a text, and every row belongs to one")
    return np.unique(given, return_inverse=True)[1]


def group_means(table: Array, members: NDArray[np.intp]) -> Array:
    """Means ``(groups, columns)`` of ``table (r, columns)`` over the rows of each group of ``members (r,)``."""
    present, places, counts = np.unique(members, return_inverse=True, return_counts=True)
    sums = np.zeros((len(present), table.shape[1]))
    np.add.at(sums, places, table)
    return np.asarray(sums / counts[:, None])
