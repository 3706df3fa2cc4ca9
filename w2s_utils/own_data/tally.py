"""Sums over judged rows from which everything is answered: of arrays in memory, or added up chunk by chunk.

An unlabelled row costs no memory, a labelled one some dozens of bytes for each two candidates. Only a comparison of ranks,
whether labelled rows look like a random part of all, needs misfits of unlabelled rows: of `COMPARED` random ones at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..runtime import seed_stream
from ..theory.arrays import Array
from ..theory.certificate import GainCertificate, certificate_of
from ..theory.class_labels import Labellers
from ..theory.class_losses import SQUARED, ranges
from ..theory.error_sums import ErrorSums, error_sums, sums_of_labellers

COMPARED = 20_000
CONSTANT, TEACHER, STUDENT, ALONE = "constant", "teacher", "student", "alone"


class Candidate(NamedTuple):
    """What may be used for predictions: CONSTANT, the mean true label; a TEACHER, by ``name``; its STUDENT; the strong view
    with the true labels ALONE.
    """

    role: str
    name: str = ""


@dataclass(frozen=True)
class Tally:
    """Of some judged rows; ``a + b`` is that of the rows of both.

    ``pairs``: of each two ``candidates``, in their order, the first in the teacher's place; ``others``: by weak model, misfits
    of the unlabelled rows that are compared.
    """

    candidates: tuple[Candidate, ...]
    pairs: dict[tuple[Candidate, Candidate], ErrorSums]
    others: dict[str, Array]

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.candidates,
            {pair: sums + other.pairs[pair] for pair, sums in self.pairs.items()},
            {name: np.concatenate([misfits, other.others[name]]) for name, misfits in self.others.items()},
        )

    def ahead(self, one: Candidate, other: Candidate, level: float) -> GainCertificate:
        """By how much the error of the ``other`` is larger than that of the ``one``."""
        sums = self.pairs.get((other, one)) or self.pairs[one, other].exchanged()
        return certificate_of(sums, level)

    @property
    def names(self) -> tuple[str, ...]:
        """The weak models."""
        return tuple(self.others)

    @property
    def loss(self) -> str:
        """Whose errors these are."""
        return next(iter(self.pairs.values())).loss

    @property
    def rows(self) -> int:
        """Rows, or groups of rows, that were judged."""
        return next(iter(self.pairs.values())).rows

    @property
    def labels(self) -> int:
        """Those of them with a true label."""
        return len(next(iter(self.pairs.values())).labelled)


def compared(unlabelled: NDArray[np.intp]) -> NDArray[np.intp]:
    """The rows among the ``unlabelled`` judged ones whose misfits are kept, in their order: all, or so many random ones."""
    if len(unlabelled) <= COMPARED:
        return unlabelled
    return np.sort(seed_stream(0, "compared").choice(unlabelled, COMPARED, replace=False))


def tally(
    made: Mapping[Candidate, Array],
    truth: Array,
    labelled: NDArray[np.intp],
    kept: NDArray[np.intp],
    unit: float,
    groups: NDArray[np.intp] | None = None,
    loss: str = SQUARED,
) -> Tally:
    """Of predictions ``(m,)`` by candidate, m >= 1; ``truth`` of the places ``labelled``; ``kept``: places that are compared.

    ``unit``: of all labelled rows, see `error_sums.unit_of`; ``groups (m,)``: rows of one group count as one. With a ``loss``
    of classes predictions are probabilities ``(m, classes)`` and ``truth`` numbers of classes.
    """

    def sums(one: Candidate, other: Candidate) -> ErrorSums:
        if loss == SQUARED:
            return error_sums(made[one], made[other], truth, labelled, groups, unit)
        names = tuple(map(str, range(made[one].shape[1])))
        said = Labellers(names, made[one], made[other], truth.astype(np.intp), labelled)
        return sums_of_labellers(said, loss, groups)

    def misfits(name: str) -> Array:
        weak, student = (made[Candidate(role, name)][kept] for role in (TEACHER, STUDENT))
        if loss == SQUARED:
            return (student - weak) ** 2
        return ranges(weak, student, weak.shape[1], loss).misfit

    return Tally(
        tuple(made),
        {(one, other): sums(one, other) for one, other in combinations(made, 2)},
        {one.name: misfits(one.name) for one in made if one.role == TEACHER},
    )


def in_pairs(tallies: Sequence[Tally]) -> Tally:
    """Sum of at least one, in pairs, so that labelled rows are copied few times."""
    while len(tallies) > 1:
        added = [one + other for one, other in zip(tallies[::2], tallies[1::2], strict=False)]
        tallies = [*added, *tallies[2 * len(added) :]]
    return tallies[0]
