"""Heads, error triples and certificates over rows that lie in partitions, on one machine or on many, through Dask.

Every result here is a function of sums over rows (`heads.gram`, `theory.error_sums`), so each partition is summed
where it lies and only its sums travel: a ``(d, d)`` matrix, or a few numbers per labelled row. The sums are added in pairs, in
an order that depends on the number of partitions alone; so a worker that dies, whose partitions Dask sums again elsewhere,
changes nothing, not even the last digit (where the machines round alike).

Dask is the optional extra ``distributed``: ``pip install -e '.[distributed]'``. Functions run on the scheduler in force: a
``dask.distributed.Client("tcp://host:8786")`` made before, and otherwise the threads of this process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..theory import error_sums
from ..theory.arrays import checked_labels
from ..theory.error_sums import ErrorSums
from .linear import LeastSquaresHead, NormBallHead, RidgeHead, row_sums

LinearHead = TypeVar("LinearHead", LeastSquaresHead, RidgeHead, NormBallHead)


def fit_partitions(head: LinearHead, features: Any, targets: Any) -> LinearHead:
    """``head`` fitted to the rows of all partitions, as ``head.fit`` would; it is also what is returned.

    ``features (n, d)``, ``targets (n,)`` or ``(n, tasks)``: Dask arrays in chunks of rows, or lists of as many partitions,
    each a Dask delayed object, a future or an array; some may have no row. Raises as ``fit`` does on the rows of a partition,
    and ValueError for partitions that do not pair or have no row between them.
    """
    if not hasattr(head, "fit_sums"):
        raise TypeError(f"a {type(head).__name__} cannot be found from sums over rows; the linear heads can")
    return head.fit_sums(_total(_each(row_sums, _paired(features=features, targets=targets))))


def predictions(head: Any, features: Any) -> Any:
    """Predictions of a fitted head as a Dask array, ``(n,)`` or ``(n, tasks)``, for a Dask array ``features (n, d)``.

    Raises TypeError for features that are no Dask array.
    """
    _check_array("features", features, "rows that are all in memory go to head.predict")
    blocks = features.rechunk({1: -1})
    if np.ndim(head.coef_) == 1:
        return blocks.map_blocks(_predicted, head, drop_axis=1, dtype=float, meta=np.empty(0))
    return blocks.map_blocks(
        _predicted, head, chunks=(blocks.chunks[0], (len(head.coef_),)), dtype=float, meta=np.empty((0, 0))
    )


def partition_error_sums(weak: Any, student: Any, truth: ArrayLike, labelled: ArrayLike) -> ErrorSums:
    """`error_sums.error_sums` over all partitions; `certificate.certificate_of` of it is what `certify_gain` says of all rows.

    ``weak``, ``student (n,)``: Dask arrays; ``truth (m,)`` for the rows numbered ``labelled (m,)``, 0 to n - 1, in memory.
    Raises as there, TypeError for what are no Dask arrays, and ValueError for Dask arrays that do not know their length.
    """
    for name, given in (("weak", weak), ("student", student)):
        _check_array(name, given, "rows that are all in memory go to error_sums.error_sums")
    parts = _paired(weak=weak, student=student)
    ends = np.cumsum(weak.chunks[0])
    if np.isnan(ends).any():
        raise ValueError(
            "row numbers need the lengths of the chunks, which are unknown; call compute_chunk_sizes() first"
        )
    rows, known = checked_labels(truth, labelled, int(ends[-1]))
    place = np.searchsorted(ends, rows, side="right")
    starts = np.append(0, ends[:-1])
    asked = [
        (one, other, known[place == part], rows[place == part] - starts[part])
        for part, (one, other) in enumerate(parts)
    ]
    sums = partial(error_sums.error_sums, unit=error_sums.unit_of(known))
    return _total(_each(sums, asked))


def _check_array(name: str, table: Any, in_memory: str, other: str = "") -> None:
    """Raises TypeError with the remedy for what is no Dask array."""
    if hasattr(table, "chunks") and hasattr(table, "rechunk"):
        return
    if hasattr(table, "to_dask_array"):
        remedy = "of a Dask data frame it is .to_dask_array(lengths=True)"
    elif isinstance(table, list | tuple):
        remedy = "of a list of partitions it is dask.array.concatenate of them, each a Dask array"
    else:
        remedy = in_memory
    raise TypeError(
        f"{name} is {' '.join(filter(None, ['a Dask array', other]))}, not a {type(table).__name__}; {remedy}"
    )


def _predicted(block: NDArray, head: Any) -> NDArray[np.float64]:
    """Also of a block that a filter has left without rows."""
    return head.predict(block) if len(block) else np.empty((0, *np.shape(head.coef_)[:-1]))


def _each(work: Callable[..., Any], parts: Sequence[tuple[Any, ...]]) -> list[Any]:
    """``work`` of the tables of each partition, delayed."""
    from dask.delayed import delayed

    return [delayed(_unless_empty)(work, *tables) for tables in parts]


def _unless_empty(work: Callable[..., Any], *tables: Any) -> Any:
    """``work`` of tables with rows, None where all are empty, as a filter may leave them."""
    return work(*tables) if any(len(table) for table in tables) else None


def _plus(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return one if other is None else other
    return one + other


def _total(parts: Sequence[Any]) -> Any:
    """Sum of delayed sums, in pairs: no machine holds more than a few of them at a time."""
    from dask.delayed import delayed

    add = delayed(_plus)
    while len(parts) > 1:
        pairs = [add(one, other) for one, other in zip(parts[::2], parts[1::2], strict=False)]
        parts = pairs + list(parts[2 * len(pairs) :])
    total = parts[0].compute()
    if total is None:
        raise ValueError("no partition has a row; look at what was filtered out before")
    return total


def _paired(**tables: Any) -> list[tuple[Any, ...]]:
    """Partitions side by side. Dask arrays are cut alike first; a table's columns stay together."""
    for name, table in tables.items():
        if not isinstance(table, list | tuple):
            _check_array(name, table, "rows that are all in memory go to head.fit", "or a list of partitions")
    arrays = {name: table for name, table in tables.items() if hasattr(table, "chunks")}
    if arrays:
        lengths = {name: table.shape[0] for name, table in arrays.items()}
        if len({length for length in lengths.values() if not np.isnan(length)}) > 1:
            raise ValueError(f"all are for the same rows, but their lengths are {lengths}")
        first = next(iter(arrays.values())).chunks[0]
        for name, table in arrays.items():
            cut = {} if np.isnan([*first, *table.chunks[0]]).any() else {0: first}
            whole = table.rechunk({**cut, **({1: -1} if table.ndim == 2 else {})})
            tables[name] = list(whole.to_delayed().ravel())
    counts = {name: len(parts) for name, parts in tables.items()}
    if len(set(counts.values())) > 1 or 0 in counts.values():
        raise ValueError(f"each partition of one goes with one of the others, at least one, not {counts}")
    return list(zip(*tables.values(), strict=True))
