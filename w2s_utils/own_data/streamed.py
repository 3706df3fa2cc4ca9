"""What only the values of all rows show, looked for while they stream by: the doubts of `checks.check_values`."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from ..theory.arrays import Array
from .checks import check_values, equals
from .turning import Layout, Table, rows_of


class Doubts:
    """Of some rows of a table; ``a + b`` is that of the rows of both.

    ``varies (D,)``: columns that hold two values; ``equals (D,)``: that are the true label wherever there is one, but for
    ``blur``, what rounding explains; ``twins``: pairs of weak models, by place, that hold the same columns.
    """

    def __init__(self, layout: Layout, blur: float):
        self.layout, self.blur = layout, blur
        self.first: Array | None = None
        self.varies = np.zeros(layout.width, dtype=bool)
        self.equals = np.ones(layout.width, dtype=bool)
        widths = [place.stop - place.start for place in layout.places()]
        self.twins = {
            pair for pair in combinations(range(len(widths)), 2) if widths[pair[0]] == widths[pair[1]]
        }

    def look(self, table: Table, truth: Array) -> None:
        """Look at a ``table (r, D)`` whose true labels are ``truth (r,)``, NaN where there is none."""
        if self.first is None:
            self.first = table[0].astype(np.float64)
        for column in np.flatnonzero(~self.varies):
            self.varies[column] = bool((table[:, column] != self.first[column]).any())
        known = np.flatnonzero(np.isfinite(truth))
        self.equals &= equals(rows_of(table, known), truth[known], self.blur)
        places = self.layout.places()
        self.twins = {
            (one, other)
            for one, other in self.twins
            if np.array_equal(table[:, places[one]], table[:, places[other]])
        }

    def __add__(self, other: Doubts) -> Doubts:
        both = Doubts(self.layout, self.blur)
        both.first = other.first if self.first is None else self.first
        both.varies = self.varies | other.varies
        if self.first is not None and other.first is not None:
            both.varies |= self.first != other.first
        both.equals, both.twins = self.equals & other.equals, self.twins & other.twins
        return both


def check_doubts(found: Doubts, layout: Layout, truth: Array) -> None:
    """Raises what `checks.check_values` raises of the whole table, of which ``truth (l,)`` are the true labels.

    Each side is replaced by the simplest that the same can be said of, so there is one sentence for what is said.
    """
    places, labels = layout.places(), len(layout.weak)
    generator = np.random.default_rng(0)

    def simplest(place: slice) -> Array:
        other = generator.normal(size=len(truth)) if found.varies[place].any() else np.zeros(len(truth))
        return np.column_stack([other, truth]) if found.equals[place].any() else other[:, None]

    sides = [simplest(place) for place in places]
    for one, other in found.twins:
        sides[other] = sides[one]
    given = {
        name: truth if found.equals[place.start] else side[:, 0]
        for name, place, side in zip(layout.labels, places[labels:], sides[labels:], strict=True)
    }
    weak = dict(zip(layout.weak, sides[:labels], strict=True))
    check_values(truth, np.arange(len(truth)), simplest(slice(0, layout.strong)), weak, given)
