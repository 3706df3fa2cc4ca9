"""Rows of somebody's file: how they are named to a reader, and what makes some of them unusable.

Rows are numbered as a spreadsheet numbers them, with the header as row 1, and named by their ids where there are any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..words import short
from .refusal import UnusableData

FIRST_ROW = 2
"""The row below the header, as a spreadsheet numbers it."""

SHOWN = 5
"""Rows, ids or columns that one sentence names."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Names of n rows: ``numbers (n,)`` as a spreadsheet has them, and ``ids (n,)``, texts, where there are any."""

    numbers: NDArray[np.intp]
    ids: NDArray[Any] | None = None

    @classmethod
    def of(cls, count: int, ids: NDArray[Any] | None = None) -> Rows:
        """The first so many rows of a file."""
        return cls(np.arange(FIRST_ROW, FIRST_ROW + count), ids)

    def kept(self, keep: NDArray[np.bool_]) -> Rows:
        """Those where ``keep (n,)`` is true, under their own names."""
        return Rows(self.numbers[keep], None if self.ids is None else self.ids[keep])

    def named(self, places: NDArray[np.intp]) -> str:
        """The rows at these places (at least one), the first five of them by number and id."""
        first, more = places[:SHOWN], len(places) - SHOWN
        said = (
            f"row{'s' if len(places) > 1 else ''} {enumerated([str(n) for n in self.numbers[first]], more)}"
        )
        if self.ids is None:
            return f"{said} (the header is row 1)"
        named = enumerated([shown(name) for name in self.ids[first]], more)
        return f"{said} (the header is row 1; id {named})"


def enumerated(words: Sequence[str], more: int = 0) -> str:
    """ "a", "a and b", "a, b and c", or with ``more`` > 0 "a, b and 7 more"."""
    if more > 0:
        return f"{', '.join(words)} and {more:,} more"
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def shown(value: Any) -> str:
    """A value of a cell as a sentence shows it: Python's own writing, cut where it is long."""
    plain = value.item() if isinstance(value, np.generic) else value
    return short(str(plain) if isinstance(plain, np.generic) else repr(plain))


@dataclass(eq=False)
class Faults:
    """What is wrong with which of n rows: ``found``, words -> mask ``(n,)``, in the order of being noted."""

    rows: Rows
    found: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    def note(self, what: str, mask: NDArray[np.bool_]) -> None:
        """Remember what is wrong with the rows where ``mask (n,)`` is true, if there are any."""
        if mask.any():
            self.found[what] = mask

    @property
    def bad(self) -> NDArray[np.bool_]:
        """Rows with any fault, ``(n,)``."""
        return np.any([np.zeros(len(self.rows.numbers), dtype=bool), *self.found.values()], axis=0)

    def said(self) -> str:
        """Which rows, and what is wrong with how many of them. Needs one fault at least."""
        reasons = [
            f"{what}" + (f" in {mask.sum():,} of them" if len(self.found) > 1 else "")
            for what, mask in self.found.items()
        ]
        return f"{self.rows.named(np.flatnonzero(self.bad))}: {enumerated(reasons[:SHOWN], len(reasons) - SHOWN)}"

    def refuse(self, other: str = "leave out such rows with drop_bad (w2s judge --drop-bad)") -> None:
        """Raises UnusableData, which names all rows with a fault, if there are any; ``other``: a second remedy."""
        count = int(self.bad.sum())
        if count:
            raise UnusableData(
                f"{count:,} of {len(self.rows.numbers):,} rows cannot be used, {self.said()}; mend what is wrong, or {other}"
            )

    def left_out(self, labelled: NDArray[np.bool_]) -> str:
        """The note on rows that were left out, of which those where ``labelled (n,)`` is true had a true label."""
        bad = self.bad
        return (
            f"{bad.sum():,} of {len(bad):,} rows cannot be used and were left out, {np.sum(bad & labelled):,} of them with a "
            f"true label: {self.said()}."
        )
