"""Sums over judged rows from which everything is answered: of arrays in memory, or added up chunk by chunk.

An unlabelled row costs no memory, a labelled one some dozens of bytes. Only a comparison of ranks, whether labelled rows look
like a random part of all, needs misfits of unlabelled rows: of `COMPARED` random ones at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..runtime import seed_stream
from ..theory.arrays import Array
from ..theory.certificate import ErrorSums, error_sums

COMPARED = 20_000


@dataclass(frozen=True)
class Tally:
    """Of some judged rows; ``a + b`` is that of the rows of both.

    ``errors``: of each student and its teacher, by name; ``beside``: of each student and the constant that learned from the
    same labels; ``pairs``: of each two students, in the order of ``errors``, the other in the teacher's place;
    ``others``: by name, misfits of the unlabelled rows that are compared.
    """

    errors: dict[str, ErrorSums]
    beside: dict[str, ErrorSums]
    pairs: dict[tuple[str, str], ErrorSums]
    others: dict[str, Array]

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            {name: sums + other.errors[name] for name, sums in self.errors.items()},
            {name: sums + other.beside[name] for name, sums in self.beside.items()},
            {pair: sums + other.pairs[pair] for pair, sums in self.pairs.items()},
            {name: np.concatenate([misfits, other.others[name]]) for name, misfits in self.others.items()},
        )

    @property
    def rows(self) -> int:
        """Rows that were judged."""
        return next(iter(self.errors.values())).rows

    @property
    def labels(self) -> int:
        """Those of them with a true label."""
        return len(next(iter(self.errors.values())).labelled)


def compared(unlabelled: NDArray[np.intp]) -> NDArray[np.intp]:
    """The rows among the ``unlabelled`` judged ones whose misfits are kept, in their order: all, or so many random ones."""
    if len(unlabelled) <= COMPARED:
        return unlabelled
    return np.sort(seed_stream(0, "compared").choice(unlabelled, COMPARED, replace=False))


def tally(
    weak: Mapping[str, Array],
    student: Mapping[str, Array],
    constant: Mapping[str, Array],
    truth: Array,
    labelled: NDArray[np.intp],
    kept: NDArray[np.intp],
) -> Tally:
    """Of predictions ``(m,)`` by name, m >= 1; ``constant``: the mean of the labels that a student learned from; ``truth`` of
    the places ``labelled``; ``kept``: places that are compared.
    """
    return Tally(
        {name: error_sums(weak[name], student[name], truth, labelled) for name in weak},
        {name: error_sums(constant[name], student[name], truth, labelled) for name in weak},
        {
            (one, other): error_sums(student[other], student[one], truth, labelled)
            for one, other in combinations(student, 2)
        },
        {name: (student[name][kept] - weak[name][kept]) ** 2 for name in weak},
    )


def in_pairs(tallies: Sequence[Tally]) -> Tally:
    """Sum of at least one, in pairs, so that labelled rows are copied few times."""
    while len(tallies) > 1:
        added = [one + other for one, other in zip(tallies[::2], tallies[1::2], strict=False)]
        tallies = [*added, *tallies[2 * len(added) :]]
    return tallies[0]
