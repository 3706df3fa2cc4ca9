"""Lists of rows to label: written for a person to fill in, and read again.

A list is a CSV file: a row number, the columns that a person needs to see, and an empty cell for the label. Beside it stands
an ``.npz`` of the same name with the predictions, which are **frozen**: drawn labels judge these and no others, train nothing
and choose no penalty. So the list comes back alone, and nothing is fitted again.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import runtime
from ..theory.arrays import Array
from ..theory.class_losses import SQUARED
from ..theory.drawing import Drawing, checksum
from .cells import is_missing, plain_name
from .checks import real_numbers
from .class_cells import class_numbers
from .doubts import doubtful_targets
from .drawn_labels import DrawnLabels
from .files import read_columns
from .judge import Judged
from .refusal import UnusableData
from .rows import FIRST_ROW, Rows
from .tally import Candidate

ROW = "row"
KIND = "rows to label of w2s, 1"


@dataclass(frozen=True)
class About:
    """What a page says of the data that a list is from; see `judge.JudgedFile`; ``loss``, ``classes``: see `judge.Judged`."""

    name: str
    title: str
    rows: int
    labelled: int
    columns: int
    head: str
    seed: int
    loss: str = SQUARED
    classes: tuple[str, ...] = ()


def write_list(
    path: Path,
    judged: Judged,
    drawing: Drawing,
    ends: tuple[float, float] | None,
    about: About,
    shown: Mapping[str, NDArray[Any]],
    strong: str,
) -> None:
    """Write the list ``path`` and the ``.npz`` beside it.

    ``shown``: columns ``(n,)`` of all rows that a person needs to see; ``strong``: `fingerprint`. Raises UnusableData where
    there is nothing left to label, where a column is called as that of the row numbers, and where the list would take the
    place of one with labels or of other arrays; `runtime.UnwritableFolder`.
    """
    _check_free(path, about.title)
    if ROW in (plain_name(about.title), *map(plain_name, shown)):
        raise UnusableData(
            f"a list has row numbers in a column {ROW!r}, and this file has one of that name; rename it there"
        )
    places = judged.rows[drawing.to_label]
    if not len(places):
        raise UnusableData("all rows that were drawn have true labels already; there is nothing to label")
    frame = pd.DataFrame({ROW: places + FIRST_ROW} | {name: values[places] for name, values in shown.items()})
    frame[plain_name(about.title)] = ""
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
        "strong": strong,
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


def _check_free(path: Path, target: str) -> None:
    if path.is_file():
        try:
            labels = read_columns(path).get(plain_name(target))
        except UnusableData:
            labels = None
        if labels is None or not all(is_missing(value) for value in labels):
            raise UnusableData(
                f"{path.name} is there and holds labels, or is no list; give another --out, such as more.csv"
            )
    if beside(path).exists() and _rest(beside(path)) is None:
        raise UnusableData(
            f"{beside(path).name} would be replaced, and is no earlier list; give another --out"
        )


def beside(path: Path) -> Path:
    """The file of frozen predictions that belongs to a list."""
    return path.with_suffix(".npz")


def is_list(path: Path) -> bool:
    """Whether a table has the ``.npz`` of a list beside it."""
    try:
        return path.suffix.lower() not in ("", ".npz") and path.is_file() and _rest(beside(path)) is not None
    except OSError:  # what is wrong with the file is said by who reads it
        return False


def _rest(path: Path) -> dict[str, Any] | None:
    """What an ``.npz`` says besides arrays, None where it is none of a list."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            rest = json.loads(str(archive["rest"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
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
    about = About(**rest["about"] | {"classes": tuple(rest["about"].get("classes", ()))})
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
        loss=about.loss,
        classes=about.classes,
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
        loss=about.loss,
        classes=tuple(map(str, range(len(about.classes)))),
    )
    places, labels = _filled(path, plain_name(about.title), judged.rows[drawing.to_label], about.classes)
    labels = labels[np.argsort(places)]
    truth = np.concatenate([labels, judged.truth])
    labelled = np.concatenate([drawing.to_label, judged.labelled])
    ends = tuple(rest["ends"]) if rest["ends"] else None
    notes = [*judged.notes, *([] if about.classes else doubtful_targets(truth))]
    if ends and not about.classes and not (ends[0] <= truth.min() and truth.max() <= ends[1]):
        notes.append(
            f"Labels from {truth.min():.12g} to {truth.max():.12g} came back where random ones lay from {ends[0]:.12g} to "
            f"{ends[1]:.12g}: they are taken as numbers, and the interval is Student's."
        )
        ends = None
    judged = replace(judged, notes=tuple(notes))
    about = replace(about, labelled=len(labelled))
    return DrawnLabels(drawing, judged, truth, labelled, ends), about


def _filled(
    path: Path, target: str, wanted: NDArray[np.intp], classes: tuple[str, ...]
) -> tuple[NDArray[np.intp], Array]:
    """Places in the file of the data and their labels, numbers or numbers of ``classes``, of all ``wanted`` places."""
    columns = {
        plain_name(name): values for name, values in read_columns(path, [target] if classes else []).items()
    }
    for name in (ROW, target):
        if name not in columns:
            raise UnusableData(
                f"{path.name} has no column {name!r}; keep the columns {ROW} and {target!r} as they were written"
            )
    used = np.array(
        [
            not (is_missing(row) and is_missing(label))
            for row, label in zip(columns[ROW], columns[target], strict=True)
        ]
    )
    rows = Rows.of(len(used)).kept(used)  # a spreadsheet may leave empty rows below
    numbers = real_numbers(ROW, columns[ROW][used], rows=rows)
    places = numbers - FIRST_ROW
    strange = np.flatnonzero(~np.isin(places, wanted))
    if len(strange):
        raise UnusableData(
            f"{path.name} has rows that were not drawn, {rows.named(strange)}: take them out, or mend their numbers, as "
            f"labels of other rows have no part in this; if it is all rows, {beside(path).name} may be that of another list"
        )
    values, counts = np.unique(places, return_counts=True)
    if (counts > 1).any():
        raise UnusableData(
            f"row {values[counts > 1][0] + FIRST_ROW:g} stands twice in {path.name}; keep one of the two"
        )
    if classes:
        labels = class_numbers(target, columns[target][used], classes, rows)
    else:
        labels = real_numbers(target, columns[target][used], gaps=True, rows=rows)
    missing = np.union1d(places[np.isnan(labels)], np.setdiff1d(wanted, places)).astype(np.intp)
    if len(missing):
        raise UnusableData(
            f"{len(missing)} of {len(wanted)} rows have no label yet, {Rows.of(int(wanted.max()) + 1).named(missing)}: label "
            "all of them, as rows that are hard to label may be others than the rest"
        )
    return places.astype(np.intp), labels


def _pair(pair: Any) -> str | tuple[str, str]:
    return pair if isinstance(pair, str) else (pair[0], pair[1])


def fingerprint(strong: Array) -> str:
    """Of a strong view ``(n, d)``, whatever labels its file holds."""
    return checksum(strong.ravel())


def refuse_drawn(path: Path, strong: Array, labelled: NDArray[np.intp]) -> None:
    """Raises UnusableData where true labels at the places ``labelled`` are of rows drawn for a list from the same strong view.

    Lists are looked for in the folder of the file ``path`` and in the present one.
    """
    lists = sorted({one.resolve() for folder in (path.parent, Path()) for one in folder.glob("*.npz")})
    known = [(other, rest) for other in lists if (rest := _rest(other)) is not None]
    mark = fingerprint(strong) if known else ""
    for other, rest in known:
        if rest["strong"] != mark:
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
