"""Who learns from what, and who is judged where: the role of every row in every turn.

    weak training    rows with true labels; the weak model learns from these labels
    student training all other training rows; the weak model labels them, the student learns from its labels only
    validation       penalties are chosen here: the weak model's on true labels, the student's on weak labels
    judged           rows that no head has seen: misfit on all of them, gain on those that have a true label

Without a split the rows take turns (cross-fitting), so every row is judged once and no label is lost to training alone.
The true labels of judged rows are never used in their own turn; if the labelled rows are a random part of all, so is the
labelled part of each fold, and `certificate.certify_gain` applies.

The roles of a turn follow from two marks of a row, its fold and whether weak models learn from it, so a few bytes for
each row hold them all and sums over the rows of each kind serve every turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..data.container import Dataset
from ..experiments.protocol import Parts
from ..runtime import seed_stream
from ..theory.certificate import LEAST_LABELS
from .columns import GIVEN
from .refusal import UnusableData

UNLABELLED, TEACHING, OTHER_LABELS = range(3)
"""Kinds of rows: without a true label that is used; weak models learn from it; a true label, yet students learn from it."""


@dataclass(frozen=True)
class Turn:
    """Numbers of the folds that train, of the one that penalties are chosen on (None: none), and of the judged one."""

    train: tuple[int, ...]
    validation: int | None
    judged: int


@dataclass(frozen=True)
class Roles:
    """``fold (n,)``: number of each row's fold; ``kind (n,)``: `UNLABELLED`, `TEACHING` or `OTHER_LABELS`; ``turns``.

    ``counts (folds, 3)``: rows of each fold and kind. Where no weak model learns, no row is `TEACHING`.
    """

    fold: NDArray[np.int32]
    kind: NDArray[np.int8]
    turns: tuple[Turn, ...]
    counts: NDArray[np.intp]

    def marks(self, start: int, stop: int) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
        """Fold and kind of the rows from ``start`` up to ``stop``."""
        return self.fold[start:stop], self.kind[start:stop]

    def weak_rows(self, turn: Turn) -> int:
        """Rows that weak models learn from in this turn."""
        return int(self.counts[list(turn.train), TEACHING].sum())

    def known_rows(self, turn: Turn) -> int:
        """Training rows with a true label."""
        return int(self.counts[list(turn.train), TEACHING:].sum())

    def student_rows(self, turn: Turn) -> int:
        """Rows that students learn from in this turn."""
        return int(self.counts[list(turn.train)].sum()) - self.weak_rows(turn)

    def parts(self, turn: Turn) -> Parts:
        """Row numbers of the roles. Without a weak model that learns, ``weak_train`` has no meaning."""
        train = np.isin(self.fold, turn.train)
        judged = np.flatnonzero(self.fold == turn.judged)
        choose = np.flatnonzero(self.fold == (-1 if turn.validation is None else turn.validation))
        if not self.counts[:, TEACHING].any():
            return Parts(np.flatnonzero(train), np.flatnonzero(train), judged, choose, allow_shared=True)
        teaching = self.kind == TEACHING
        return Parts(np.flatnonzero(train & teaching), np.flatnonzero(train & ~teaching), judged, choose)


def turns(data: Dataset, head: str = "ridge", folds: int = 10, seed: int = 0) -> list[Parts]:
    """`roles` of a data set as row numbers, one `protocol.Parts` for each turn. Raises UnusableData."""
    known = np.zeros(len(data.targets), dtype=bool)
    known[data.true_rows] = True
    if data.views is None:
        raise UnusableData(
            f"{data.name} has no views: a strong side and weak models are needed, see `columns.gather`"
        )
    found = roles(known, data.splits.get(GIVEN), bool(data.views.weak), head, folds, seed)
    return [found.parts(turn) for turn in found.turns]


def roles(
    labelled: NDArray[np.bool_],
    given: Mapping[str, NDArray[np.intp]] | None,
    teach: bool,
    head: str,
    folds: int,
    seed: int,
    groups: NDArray[np.intp] | None = None,
) -> Roles:
    """Roles of n rows, ``labelled (n,)``: those whose true label is used. One turn where a split is ``given``.

    ``groups (n,)``: numbers from 0; rows of one group are in one fold.

    ``teach``: some weak model learns; it trains on the labelled training rows, but where more than half of a fold's rows are
    labelled on a random half. Folds have their share of labelled rows. Raises UnusableData.
    """
    if not isinstance(folds, int) or isinstance(folds, bool):
        raise UnusableData(f"folds is a whole number, such as 10, not {folds!r}")
    generator, rows = seed_stream(seed, "roles"), len(labelled)
    fold = np.empty(rows, dtype=np.int32)
    if given is None:
        several = labelled if groups is None else np.bincount(groups, labelled) > 0
        _check_folds(several, teach, folds, "rows" if groups is None else "groups of rows")
        if groups is None:
            fold[_dealt(np.arange(rows), labelled, generator)] = np.arange(rows) % folds
        else:
            of_group = np.empty(len(several), dtype=np.int32)
            of_group[_dealt(np.arange(len(several)), several, generator)] = np.arange(len(several)) % folds
            fold[:] = of_group[groups]
        cycle = [
            Turn(
                tuple(range(folds)[turn + 2 :]) + tuple(range(folds)[max(turn + 2 - folds, 0) : turn]),
                (turn + 1) % folds,
                turn,
            )
            for turn in range(folds)
        ]
    else:
        fold[given["train"]], fold[given["test"]] = 0, 2
        if "valid" in given:
            fold[given["valid"]] = 1
        elif len(given["train"]) < 5:
            raise UnusableData(
                f"{len(given['train'])} training rows are too few to choose a penalty on; mark more as train"
            )
        else:
            fold[_dealt(given["train"], labelled, generator)[::5]] = 1
        tested = int(labelled[given["test"]].sum())
        if tested < LEAST_LABELS:
            raise UnusableData(
                f"{tested} test rows have a true label and a certificate needs {LEAST_LABELS} at least; label more of them"
            )
        cycle = [Turn((0,), 1, 2)]
    if head != "ridge":  # nothing to choose, so these rows train
        cycle = [
            Turn((*turn.train, turn.validation), None, turn.judged)
            for turn in cycle
            if turn.validation is not None
        ]
    kind = np.where(labelled, np.int8(OTHER_LABELS), np.int8(UNLABELLED))
    count = int(fold.max()) + 1
    if teach:
        for number in range(count):
            inside = np.flatnonzero((fold == number) & labelled)
            kind[generator.permutation(inside)[: int(np.sum(fold == number)) // 2]] = TEACHING
    counts = np.bincount(3 * fold.astype(np.intp) + kind, minlength=3 * count).reshape(count, 3)
    found = Roles(fold, kind, tuple(cycle), counts)
    if teach:
        for turn in cycle:
            _check_teaching(found, turn)
    return found


def _check_folds(labelled: NDArray[np.bool_], teach: bool, folds: int, what: str) -> None:
    rows, known, least = len(labelled), int(labelled.sum()), 2 * folds if teach else LEAST_LABELS
    if folds < 3 or rows < 2 * folds:
        raise UnusableData(f"{folds} folds for {rows} {what}: take 3 at least, and 2 {what} for each")
    if known < least:
        raise UnusableData(
            f"{known} {what} have a true label, {folds} folds need {least}; label more, drawn at random"
            + (", or lower folds" if folds > 3 else "")
        )


def _check_teaching(found: Roles, turn: Turn) -> None:
    known = found.weak_rows(turn)
    choose = 0 if turn.validation is None else int(found.counts[turn.validation, 1:].sum())
    if known < LEAST_LABELS or (turn.validation is not None and not choose):
        raise UnusableData(
            f"the weak model has {known} labelled training rows and {choose} to choose its penalty on; it needs "
            f"{LEAST_LABELS} and 1, so label more rows"
        )


def _dealt(
    rows: NDArray[np.intp], labelled: NDArray[np.bool_], generator: np.random.Generator
) -> NDArray[np.intp]:
    """Rows in random order, labelled ones first: dealt out one by one, each hand has its share of them."""
    shuffled = generator.permutation(rows)
    known = labelled[shuffled]
    return np.concatenate([shuffled[known], shuffled[~known]])
