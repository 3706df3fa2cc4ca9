"""Arrays of predictions and labels: their types, and the checks that all of theory makes of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Number = float | Array
"""One value, or one for each task ``(tasks,)``."""


def numbers(name: str, values: ArrayLike) -> Array:
    """``values`` in float64. Raises TypeError for what are not real numbers, ValueError for NaN, infinity or masked values."""
    if np.ma.is_masked(values):
        raise ValueError(f"{name} has masked values; drop those rows first")
    raw = np.asarray(values)
    if raw.dtype.kind not in "fiu":
        raise TypeError(f"{name} holds {raw.dtype} values; real numbers are needed (convert them first)")
    if not np.isfinite(raw).all():
        raise ValueError(f"{name} holds NaN or infinite values; drop or repair those rows first")
    return raw.astype(np.float64, copy=False)


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


def plain(values: Array) -> Number:
    """A float where there is one value only."""
    return float(values) if np.ndim(values) == 0 else values
