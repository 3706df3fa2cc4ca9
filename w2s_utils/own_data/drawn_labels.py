"""Rows to label, drawn where predictions differ: a list for a person to fill in, and what its labels say.

The list is a CSV file: a row number, the columns that a person needs to see, and an empty cell for the label. Beside it
stands an ``.npz`` of the same name with the predictions, which are **frozen**: drawn labels judge these and no others, train
nothing and choose no penalty. So the list comes back alone, and nothing is fitted again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import runtime
from ..theory.arrays import Array
from ..theory.certificate import GainCertificate
from ..theory.drawing import Drawing, rows_to_label
from ..theory.drawn import as_certificate, drawn_gain
from .checks import real_numbers
from .files import read_columns
from .judge import Judged
from .refusal import UnusableData
from .rows import FIRST_ROW, Rows
from .tally import STUDENT, TEACHER, Candidate, Tally

ROW = "row"
KIND = "rows to label of w2s, 1"


@dataclass(frozen=True, eq=False)
class DrawnLabels:
    """A ``drawing`` for the predictions of ``judged``, and all true labels that belong to it: ``truth``, ``labelled (m,)``.

    ``ends``: between which true labels lie, where they are classes.
    """

    drawing: Drawing
    judged: Judged
    truth: Array
    labelled: NDArray[np.intp]
    ends: tuple[float, float] | None

    def ahead(self, sums: Tally, level: float) -> dict[tuple[Candidate, Candidate], GainCertificate]:
        """By how much the error of the second is larger, for each pair that rows were drawn for, in both orders."""
        found = {}
        for pair in self.drawing.largest:
            one, other = (
                (Candidate(TEACHER, pair), Candidate(STUDENT, pair))
                if isinstance(pair, str)
                else (Candidate(STUDENT, pair[0]), Candidate(STUDENT, pair[1]))
            )
            for worse, better in ((one, other), (other, one)):
                made = drawn_gain(
                    self.drawing,
                    self.judged.made[worse],
                    self.judged.made[better],
                    self.truth,
                    self.labelled,
                    level,
                    self.ends,
                )
                found[better, worse] = as_certificate(made, sums.ahead(better, worse, level))
        return found


@dataclass(frozen=True)
class About:
    """What a page says of the data that a list is from; see `judge.JudgedFile`."""

    name: str
    title: str
    rows: int
    labelled: int
    columns: int
    head: str
    seed: int


def draw(judged: Judged, count: int, seed: int, ends: tuple[float, float] | None, only: str = "") -> Drawing:
    """Draw rows of ``judged``, places among them, for all gains and all pairs of students, or ``only`` one model's gain.

    Raises UnusableData.
    """
    if judged.groups is not None:
        raise UnusableData(
            "rows repeat, or several are of one thing, and labels are drawn row by row; keep one row of each first"
        )
    if only and only not in judged.weak:
        raise UnusableData(f"there is no weak model {only!r}; there are {', '.join(judged.weak)}")
    try:
        return rows_to_label(
            judged.weak,
            judged.student,
            count,
            seed,
            judged.labelled,
            weights={only: 1.0} if only else None,
            bounded=ends is not None,
        )
    except ValueError as error:
        raise UnusableData(str(error)) from error


def ends_of(sums: Tally) -> tuple[float, float] | None:
    """Least and largest class of true labels, None where they are numbers for some pair of teacher and student."""
    found = [sums.pairs[Candidate(TEACHER, name), Candidate(STUDENT, name)].classes() for name in sums.names]
    classes = [one for one in found if one is not None]
    if len(classes) < len(found):
        return None
    return min(low for low, _ in classes), max(high for _, high in classes)


def write_list(
    path: Path,
    judged: Judged,
    drawing: Drawing,
    ends: tuple[float, float] | None,
    about: About,
    shown: Mapping[str, NDArray[Any]],
) -> None:
    """Write the list ``path`` and the ``.npz`` beside it; ``shown``: columns ``(n,)`` of all rows that a person needs to see.

    Raises UnusableData where there is nothing left to label, `runtime.UnwritableFolder`.
    """
    places = judged.rows[drawing.to_label]
    if not len(places):
        raise UnusableData("all rows that were drawn have true labels already; there is nothing to label")
    frame = pd.DataFrame({ROW: places + FIRST_ROW} | {name: values[places] for name, values in shown.items()})
    frame[about.title] = ""
    arrays: dict[str, Any] = {
        "rows": judged.rows,
        "labelled": judged.labelled,
        "truth": judged.truth,
        "drawn": drawing.rows,
        "chances": drawing.chances,
        "random": drawing.random,
        "random_chances": drawing.random_chances,
        "made": np.array(list(judged.made.values())),
    }
    rest = {
        "kind": KIND,
        "about": asdict(about),
        "candidates": [list(one) for one in judged.made],
        "largest": [[pair, size] for pair, size in drawing.largest.items()],
        "left_out": list(drawing.left_out),
        "checksums": [[*side, mark] for side, mark in drawing.checksums.items()],
        "ends": ends,
        "shown": list(shown),
        "notes": list(judged.notes),
        "weak_rows": judged.weak_rows,
        "student_rows": judged.student_rows,
        "mean_of_truth": judged.mean_of_truth,
    }
    with runtime.atomic_file(beside(path), "wb") as file:
        np.savez(file, rest=np.array(json.dumps(rest)), **arrays)
    with runtime.atomic_file(path) as file:
        frame.to_csv(file, index=False)


def beside(path: Path) -> Path:
    """The file of frozen predictions that belongs to a list."""
    return path.with_suffix(".npz")


def is_list(path: Path) -> bool:
    """Whether a CSV file has the ``.npz`` of a list beside it."""
    try:
        return path.suffix.lower() == ".csv" and path.is_file() and _rest(beside(path)) is not None
    except OSError:  # what is wrong with the file is said by who reads it
        return False


def _rest(path: Path) -> dict[str, Any] | None:
    """What an ``.npz`` says besides arrays, None where it is none of a list."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            rest = json.loads(str(archive["rest"]))
    except (OSError, ValueError, KeyError, EOFError):
        return None
    return rest if isinstance(rest, dict) and rest.get("kind") == KIND else None


def read_list(path: Path) -> tuple[DrawnLabels, About]:
    """A list that was filled in, in any order of its rows. Raises UnusableData, which names what is missing or wrong."""
    rest = _rest(beside(path))
    if rest is None:
        raise UnusableData(
            f"{beside(path).name} is not beside {path.name}, or damaged: it holds the predictions that these rows were drawn "
            "for; put it back, or draw again with w2s label"
        )
    about = About(**rest["about"])
    with np.load(beside(path), allow_pickle=False) as archive:
        kept = {name: archive[name] for name in archive.files if name != "rest"}
    candidates = [Candidate(*one) for one in rest["candidates"]]
    judged = Judged(
        rows=kept["rows"],
        made=dict(zip(candidates, kept["made"], strict=True)),
        labelled=kept["labelled"],
        truth=kept["truth"],
        weak_rows=rest["weak_rows"],
        student_rows=rest["student_rows"],
        notes=tuple(rest["notes"]),
        mean_of_truth=rest["mean_of_truth"],
    )
    drawing = Drawing(
        rows=kept["drawn"],
        chances=kept["chances"],
        random=kept["random"],
        random_chances=kept["random_chances"],
        total=len(judged.rows),
        largest={_pair(pair): size for pair, size in rest["largest"]},
        left_out=tuple(map(_pair, rest["left_out"])),
        checksums={(role, name): mark for role, name, mark in rest["checksums"]},
    )
    places, labels = _filled(path, about.title, judged.rows[drawing.to_label])
    order = np.argsort(places)
    truth = np.concatenate([labels[order], judged.truth])
    labelled = np.concatenate([drawing.to_label, judged.labelled])
    ends = tuple(rest["ends"]) if rest["ends"] else None
    about = replace(about, labelled=len(labelled))
    return DrawnLabels(drawing, judged, truth, labelled, ends), about


def _filled(path: Path, target: str, wanted: NDArray[np.intp]) -> tuple[NDArray[np.intp], Array]:
    """Places in the file of the data and their labels, of all ``wanted`` places."""
    columns = read_columns(path)
    for name in (ROW, target):
        if name not in columns:
            raise UnusableData(
                f"{path.name} has no column {name!r}; keep the columns {ROW} and {target!r} as they were written"
            )
    numbers = real_numbers(ROW, columns[ROW])
    rows, places = Rows.of(len(numbers)), numbers - FIRST_ROW
    strange = np.flatnonzero(~np.isin(places, wanted))
    if len(strange):
        raise UnusableData(
            f"{path.name} has rows that were not drawn, {rows.named(strange)}: take them out, or mend their numbers; labels "
            "of other rows have no part in this"
        )
    values, counts = np.unique(places, return_counts=True)
    if (counts > 1).any():
        raise UnusableData(
            f"row {values[counts > 1][0] + FIRST_ROW:g} stands twice in {path.name}; keep one of the two"
        )
    labels = real_numbers(target, columns[target], gaps=True)
    missing = np.union1d(places[np.isnan(labels)], np.setdiff1d(wanted, places)).astype(np.intp)
    if len(missing):
        raise UnusableData(
            f"{len(missing)} of {len(wanted)} rows have no label yet, {Rows.of(int(wanted.max()) + 1).named(missing)}: label "
            "all of them, as rows that are hard to label may be others than the rest"
        )
    return places.astype(np.intp), labels


def _pair(pair: Any) -> str | tuple[str, str]:
    return pair if isinstance(pair, str) else (pair[0], pair[1])


def refuse_drawn(path: Path, labelled: NDArray[np.intp]) -> None:
    """Raises UnusableData where true labels of the file ``path``, at the places ``labelled``, are of rows drawn for a list.

    Lists are looked for in the folder of the file and in the present one.
    """
    for other in sorted(
        {found.resolve() for folder in (path.parent, Path()) for found in folder.glob("*.npz")}
    ):
        rest = _rest(other)
        if rest is None or rest["about"]["name"] != path.name.split(".")[0]:
            continue
        with np.load(other, allow_pickle=False) as archive:
            drawn = archive["rows"][np.setdiff1d(archive["drawn"], archive["random"])]
        both = np.intersect1d(drawn, labelled)
        if len(both):
            raise UnusableData(
                f"{path.name} holds true labels of {len(both)} rows that were drawn for {other.stem}.csv, "
                f"{Rows.of(int(labelled.max()) + 1).named(both)}: they are no random part of all, and judge the predictions "
                f"that they were drawn for; fill in {other.stem}.csv and judge that, or delete {other.name} if you know better"
            )
