"""Files larger than memory, judged as `judge` judges what is in memory: the same folds, roles, penalties and numbers.

Two passes over the rows, some thousand at a time. The first adds up each fold (`turning`); the heads of all turns follow from
these sums; the second predicts each row by the heads that have not seen it and adds up errors and misfits (`tally`). Read
beforehand and kept is one number or two for each row: the target, and the columns that mark labelled rows and a split.

The same sums may come from the workers of a Dask cluster, which must see the file under the same path: each sums its pieces of
the file, and what travels is a matrix of the columns for each fold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..runtime import workers
from ..theory.arrays import Array, rounding
from ..theory.error_sums import unit_of
from .cells import list_lengths, numbers, of_lists, texts
from .checks import (
    check_ids,
    check_values,
    labelled_rows,
    note_numbers,
    split_parts,
    target_values,
)
from .choice import WEAK, Names, as_word, check_uses, column_names, column_of, existing, groups_of
from .cluster import Told, client_of
from .columns import given_name
from .doubts import doubtful_targets
from .judge import BLOCK_CELLS, JudgedFile, check_head, check_widths, unwatched
from .refusal import UnusableData
from .roles import Roles, roles
from .rows import Faults, Rows
from .streamed import Doubts, check_doubts
from .streams import PIECE_ROWS, Piece, Stream, stream_of, table_of
from .tally import Candidate, Tally, compared, in_pairs, tally
from .turning import (
    WIDE,
    Layout,
    Piles,
    Table,
    TurnHeads,
    Watch,
    added_piles,
    groups,
    heads_of,
    lay,
    new_piles,
    predictions,
    rows_of,
)

AT_ONCE = 2
"""Pieces that are read side by side: each takes half a gigabyte, most of it what Parquet needs to read many columns."""

NOT_LOOKED_FOR = (
    "The file was read some rows at a time: copies of rows, fill values among the features, and whether the strong view tells "
    "the labelled rows from the others were not looked for."
)


@dataclass(frozen=True)
class Reading:
    """How a stream becomes tables: ``names`` of the columns that are read, their ``order`` in a table, and its ``layout``."""

    stream: Stream
    names: tuple[str, ...]
    order: NDArray[np.intp]
    layout: Layout

    def tables(self, piece: Piece, group: NDArray[np.integer]) -> Iterator[tuple[NDArray[np.intp], Table]]:
        """Places of some rows within the piece and their table, block by block, each sorted by ``group (r,)`` of the rows.

        The sort costs nothing here, where rows are copied into a table anyway. Raises UnusableData.
        """
        size = max(BLOCK_CELLS // len(self.order), 1)
        in_order = np.array_equal(self.order, np.arange(len(self.order)))
        for start, columns in self.stream.blocks(piece, self.names, size):
            made = [self.numbers(name, values) for name, values in zip(self.names, columns, strict=True)]
            start -= piece.start
            rows = np.argsort(group[start : start + len(columns[0])], kind="stable")
            table = table_of(made, self.names, rows)
            yield start + rows, table if in_order else rows_of(table.T, self.order).T

    def numbers(self, name: str, values: NDArray[Any]) -> Array:
        """Some rows of a column as numbers; what is not finite shows in the sums. Raises UnusableData."""
        lists = values.dtype.kind == "O" and values.ndim == 1 and list_lengths(values).any()
        if lists or values.size != self.stream.widths[name] * len(values):
            raise self._of_lists(name)
        if values.dtype.kind == "f":
            return values
        try:
            return numbers(name, values)
        except UnusableData:
            numbers(name, self.stream.column(name))  # says which row of all it is
            raise

    def _of_lists(self, name: str) -> UnusableData:
        """What is wrong with a column of lists, found row by row."""
        lengths = np.zeros(self.stream.rows, dtype=np.intp)
        for piece in self.stream.pieces:
            for start, (values,) in self.stream.blocks(piece, [name], PIECE_ROWS):
                table = values.ndim == 2 and values.dtype.kind == "f"
                found = values.shape[1] * ~np.isnan(values).all(axis=1) if table else list_lengths(values)
                lengths[start : start + len(values)] = found
        return of_lists(name, lengths, Rows.of(len(lengths)))


@dataclass(frozen=True)
class Summed:
    """What the first pass found in some rows; ``a + b`` is that of the rows of both."""

    piles: Piles
    doubts: Doubts

    def __add__(self, other: Summed) -> Summed:
        return Summed(added_piles(self.piles, other.piles), self.doubts + other.doubts)


@dataclass(frozen=True)
class Share:
    """The rows of a piece: ``fold``, ``kind (r,)``, true labels ``truth (l,)`` of the rows at the places ``known (l,)``."""

    piece: Piece
    fold: NDArray[np.int32]
    kind: NDArray[np.int8]
    known: NDArray[np.intp]
    truth: Array

    def labels(self) -> Array:
        """True labels ``(r,)``, NaN where none is used."""
        found = np.full(len(self.fold), np.nan)
        found[self.known] = self.truth
        return found


def judge_file(
    source: str | Path | Sequence[str | Path],
    target: str,
    strong: Names,
    weak: Names | Mapping[str, Names] = (),
    weak_labels: Names = (),
    labelled: str = "",
    ids: str = "",
    split: str = "",
    head: str = "ridge",
    radius: float = 1.0,
    folds: int = 10,
    seed: int = 0,
    scheduler: str = "",
    watch: Watch | None = None,
) -> JudgedFile:
    """`columns.gather` and `judge.judge` of a file that need not fit in memory; what is returned goes to `answer.answer`.

    ``source``: a Parquet file, several, a folder of them, or an ``.npz``. ``scheduler``: address of a Dask scheduler, such as
    ``tcp://host:8786``; empty: this process. Other arguments as there. Raises UnusableData.
    """
    check_head(head, radius)
    watch, stream = watch or unwatched, stream_of(source)
    labelled, ids, split = map(given_name, (labelled, ids, split))
    groups = groups_of(stream.widths, strong, weak, "", "")
    labelling = column_names(stream.widths, weak_labels, "weak_labels")
    if len(groups) == 1 and not labelling:
        raise UnusableData(
            "there is no weak model: name columns under weak, or a column of labels under weak_labels"
        )
    special = {
        what: column for what, column in (("labelled", labelled), ("id", ids), ("split", split)) if column
    }
    check_uses(target, groups, labelling, special)
    named = Rows.of(stream.rows, texts(_one(stream, ids, "id")) if ids else None)
    targets = target_values(target, _one(stream, target, "target"), named)
    marks = _one(stream, labelled, "labelled") if labelled else None
    known = labelled_rows(targets, labelled, marks, named)
    given = split_parts(_one(stream, split, "split"), named) if split else None
    if ids:
        check_ids(ids, named, True, given)
    del named
    check_values(targets, known, np.empty((stream.rows, 0)), {}, {})
    truth = np.full(stream.rows, np.nan)
    truth[known] = targets[known]
    doubts = doubtful_targets(targets[known])
    del targets
    for name in labelling:
        if stream.widths[name] != 1:
            column_of({name: np.empty((1, stream.widths[name]))}, name, "weak labels")
    reading = _reading(stream, groups, labelling)
    layout = reading.layout
    found = roles(np.isfinite(truth), given, bool(layout.weak), head, folds, seed)
    layout = layout.among(found, head)
    notes = check_widths(layout, found, head)
    shares = [_share(piece, found, truth) for piece in stream.pieces]
    with client_of(scheduler) as client:
        told = Told(watch, stream.rows, client, min(workers(), AT_ONCE) if layout.width < WIDE else 1)
        blur = rounding(float(np.nanmin(truth)), float(np.nanmax(truth)))
        summed = told.total("adding up", _summed, [(reading, share, found.counts, blur) for share in shares])
        piles = {key: pile.finished() for key, pile in summed.piles.items()}
        _check_numbers(reading, piles)
        check_doubts(summed.doubts, layout, truth[known])
        heads = heads_of(piles, layout, found, truth, head, radius, watch)
        del piles, summed
        kept = np.zeros(stream.rows, dtype=bool)
        judged = np.isin(found.fold, list(heads))
        kept[compared(np.flatnonzero(judged & np.isnan(truth)))] = True
        same = (heads, layout.candidates, unit_of(truth[judged & np.isfinite(truth)]))
        jobs = [(reading, share, kept[share.piece.start : share.piece.stop], *same) for share in shares]
        try:
            sums = told.total("predicting", _tallied, jobs)
        except ValueError as error:  # a target in an unusable unit, as `answer` says it of what is in memory
            raise UnusableData(str(error)) from error
    return JudgedFile(
        name=stream.name,
        title=str(target),
        rows=stream.rows,
        labelled=len(known),
        columns=layout.strong,
        sums=sums,
        weak_rows=min(map(found.weak_rows, found.turns)) if layout.weak else 0,
        student_rows=min(map(found.student_rows, found.turns)),
        notes=(NOT_LOOKED_FOR, *doubts, *notes),
        mean_of_truth=layout.constant,
    )


def _one(stream: Stream, wanted: str, what: str) -> NDArray[Any]:
    """A single column of all rows; raises as `column_of`."""
    if not str(wanted):
        column_of(dict.fromkeys(stream.widths, np.empty(0)), wanted, what)
    name = existing(stream.widths, str(wanted))
    return column_of({name: stream.column(name)}, name, what)


def _reading(stream: Stream, groups: Mapping[str, list[str]], labelling: Sequence[str]) -> Reading:
    """Each column is read once, also where several weak models see it."""
    used = [*(name for names in groups.values() for name in names), *labelling]
    names = tuple(dict.fromkeys(used))
    ends = dict(zip(names, np.cumsum([stream.widths[name] for name in names]), strict=True))
    order = np.concatenate([np.arange(ends[name] - stream.widths[name], ends[name]) for name in used])
    widths = [sum(stream.widths[name] for name in names) for names in groups.values()]
    weak = dict(zip([what.removeprefix(WEAK) for what in groups][1:], widths[1:], strict=True))
    labels = tuple(as_word(name) for name in labelling)
    twice = [name for name in labels if name in weak]
    if twice:
        raise UnusableData(f"two weak models have one name, {twice[0]!r}; rename one of them")
    return Reading(stream, names, order, Layout(widths[0], weak, labels))


def _share(piece: Piece, found: Roles, truth: Array) -> Share:
    labels = truth[piece.start : piece.stop]
    known = np.flatnonzero(np.isfinite(labels))
    return Share(piece, *found.marks(piece.start, piece.stop), known, labels[known])


def _summed(
    told: Callable[[int], object], reading: Reading, share: Share, counts: NDArray[np.intp], same: float
) -> Summed:
    piles, doubts = new_piles(counts, reading.layout), Doubts(reading.layout, same)
    labels = share.labels()
    for rows, table in reading.tables(share.piece, groups(share.fold, share.kind)):
        lay(table, (share.fold[rows], share.kind[rows], labels[rows]), piles)
        doubts.look(table, labels[rows])
        told(len(table))
    return Summed(piles, doubts)


def _tallied(
    told: Callable[[int], object],
    reading: Reading,
    share: Share,
    kept: NDArray[np.bool_],
    heads: Mapping[int, TurnHeads],
    candidates: tuple[Candidate, ...],
    unit: float,
) -> Tally | None:
    labels, found = share.labels(), []
    for rows, table in reading.tables(share.piece, share.fold):
        in_file = np.argsort(rows)
        made = predictions(table, share.fold[rows], heads)[in_file]
        told(len(table))
        rows = rows[in_file]
        judged = np.flatnonzero(np.isin(share.fold[rows], list(heads)))
        if not len(judged):
            continue
        truth = labels[rows[judged]]
        known = np.flatnonzero(np.isfinite(truth))
        by_candidate = dict(zip(candidates, made[judged].T, strict=True))
        found.append(tally(by_candidate, truth[known], known, np.flatnonzero(kept[rows[judged]]), unit))
    return in_pairs(found) if found else None


def _check_numbers(reading: Reading, piles: Piles) -> None:
    """Values that are no finite numbers have spoiled the sums of their columns; the sentence counts them."""
    width = reading.layout.width
    spoiled = np.zeros(width, dtype=bool)
    for pile in piles.values():
        seen = pile.table if pile.sums is None else pile.sums.feature_mean[None]
        spoiled |= ~np.isfinite(seen[:, :width]).all(axis=0)
    if not spoiled.any():
        return
    owners = np.repeat(reading.names, [reading.stream.widths[name] for name in reading.names])[reading.order]
    name = str(owners[spoiled][0])
    rows = np.zeros(reading.stream.rows)
    for piece in reading.stream.pieces:
        for start, (values,) in reading.stream.blocks(piece, [name], PIECE_ROWS):
            rows[start : start + len(values)] = (
                reading.numbers(name, values).reshape(len(values), -1).sum(axis=1)
            )
    faults = Faults(Rows.of(len(rows)))
    note_numbers(faults, name, rows)
    faults.refuse("leave such rows out beforehand")
