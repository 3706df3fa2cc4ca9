"""One data set for regression: inputs, target and named splits, checked when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

PARTS = ("train", "valid", "test")
"""Parts of a split, in the order of ChemBench's files."""


class InvalidDataset(ValueError):
    """Inputs, targets and splits that do not make one data set."""


@dataclass(frozen=True, eq=False)
class RegressionData:
    """A data set whose arrays are read-only once it is made.

    ``ids`` (n,): row numbers from 0 in the file, the numbers that ``splits`` hold. ``inputs``: n SMILES.
    ``targets`` (n,) float64 in ``unit``. ``splits``: name of split -> part (train, valid, test) -> row
    numbers; the parts of a split share no row and together hold every row. ``source``: ``real`` (measured) or
    ``generated`` (by us). Raises InvalidDataset.
    """

    name: str
    title: str
    ids: np.ndarray
    inputs: tuple[str, ...]
    targets: np.ndarray
    unit: str
    splits: Mapping[str, Mapping[str, np.ndarray]]
    source: str

    def __post_init__(self) -> None:
        count = len(self.inputs)
        if count == 0 or self.targets.shape != (count,) or self.ids.shape != (count,):
            raise InvalidDataset(
                f"{self.name}: {count} inputs, but targets of shape {self.targets.shape} and ids of shape "
                f"{self.ids.shape}; they must be equally many, and at least one"
            )
        blank = [row for row, text in enumerate(self.inputs) if not isinstance(text, str) or not text.strip()]
        if blank:
            raise InvalidDataset(
                f"{self.name}: {len(blank)} inputs are empty or no text, the first in row {blank[0]} "
                f"({self.inputs[blank[0]]!r}); drop those rows or correct them"
            )
        unusable = np.flatnonzero(~np.isfinite(self.targets))
        if len(unusable):
            raise InvalidDataset(
                f"{self.name}: {len(unusable)} targets are NaN or infinite, the first in row {unusable[0]}; "
                "drop those rows or correct them"
            )
        if self.source not in ("real", "generated"):
            raise InvalidDataset(f"{self.name}: source is 'real' or 'generated', not {self.source!r}")
        for split, parts in self.splits.items():
            _check_split(f"{self.name}, split {split}", parts, count)
        for array in (
            self.ids,
            self.targets,
            *(rows for parts in self.splits.values() for rows in parts.values()),
        ):
            array.setflags(write=False)


def _check_split(where: str, parts: Mapping[str, np.ndarray], count: int) -> None:
    if tuple(parts) != PARTS:
        raise InvalidDataset(f"{where}: the parts are {', '.join(PARTS)}, not {', '.join(parts)}")
    rows = np.concatenate([np.asarray(parts[part]) for part in PARTS])
    if not np.issubdtype(rows.dtype, np.integer) or rows.min(initial=0) < 0 or rows.max(initial=0) >= count:
        raise InvalidDataset(f"{where}: row numbers are integers from 0 to {count - 1}")
    times = np.bincount(rows, minlength=count)
    if times.max() > 1:
        raise InvalidDataset(
            f"{where}: {np.sum(times > 1)} rows are in two parts or twice in one, such as {times.argmax()}"
        )
    if times.min() < 1:
        raise InvalidDataset(f"{where}: {np.sum(times < 1)} rows are in no part, such as {times.argmin()}")
