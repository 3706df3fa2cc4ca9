"""Texts with a class each, from a name or a file, and who learns from which of them.

Rows are halved by a seed: half 1 is the teacher's, with true labels; half 2 is the student's, with the teacher's; the ceiling
has true labels of half 2, the strong model alone those of half 1. A set without test rows of its own gives a third for them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .. import runtime
from ..data import datasets
from ..data.container import Dataset
from ..experiments.protocol import Parts
from ..own_data.cells import texts as as_texts
from ..own_data.choice import column_of
from ..own_data.class_cells import MOST_CLASSES, class_texts
from ..own_data.files import read_columns
from ..own_data.refusal import UnusableData
from ..own_data.rows import Faults, Rows, enumerated, shown
from ..texts import classification
from ..texts.inputs import mended
from ..theory.class_labels import in_order
from . import hub_sets
from .settings import Settings

SOURCE = "source"
"""Name of the split of sets that have test rows of their own."""
LEAST_HALF, LEAST_JUDGED = 8, 10
"""Rows below which a half, or what is judged, says nothing."""
DRAWS = 100
"""How often parts are drawn until each class that is judged is in both halves."""
NAMED = {name.lower(): name for name in (*hub_sets.HUB_SETS, *classification.NAMES)}
"""The sets that go by name, whatever the case."""


def documents(source: str, text: str = "text", label: str = "label", test: str = "") -> Dataset:
    """Texts and their classes. ``source``: one of NAMED, or a file that `own_data.files` reads (CSV, Parquet, ...), with a
    column ``text`` and a column ``label`` of classes; ``test``: a file like it with the test rows.

    A set of ours or of the hub is as its room says. Of a file each row needs both cells. Raises UnusableData, and as
    `datasets.load` and `hub_sets.load`.
    """
    name = NAMED.get(source.strip().lower())
    if name is None:
        return _of_files(source, text, label, test)
    if test:
        raise UnusableData(f"{name} has its test rows already; a test file goes with a file of your own")
    return hub_sets.load(name) if name in hub_sets.HUB_SETS else datasets.load(name)


def _of_files(source: str, text: str, label: str, test: str) -> Dataset:
    if not source.strip():
        raise UnusableData(
            f"name the data: one of {', '.join(NAMED.values())}, or a file with texts and labels"
        )
    if not Path(source).suffix and not Path(source).expanduser().exists():
        raise UnusableData(
            f"no set is called {source!r} and there is no such file; sets are {', '.join(NAMED.values())}, files end in .csv, "
            ".parquet and the like"
        )
    if text == label:
        raise UnusableData(
            f"the texts and the labels are both the column {text!r}; name two columns, with --text and --label"
        )
    parts = [_cells(source, text, label)] + ([_cells(test, text, label)] if test else [])
    inputs, labels = ([cell for part in parts for cell in part[side]] for side in (0, 1))
    classes = in_order(list(set(labels)))
    if len(classes) > MOST_CLASSES:
        raise UnusableData(
            f"the column {label!r} has {len(classes):,} different values, and classes are {MOST_CLASSES} at most; is it the "
            "column of labels? Name another with --label"
        )
    if len(classes) < 2:
        raise UnusableData(
            f"the label is {shown(classes[0])} in every row, so there is nothing to tell apart; check the column {label!r}"
        )
    number = {one: place for place, one in enumerate(classes)}
    cut = len(parts[0][0])
    splits = {SOURCE: {"train": np.arange(cut), "test": np.arange(cut, len(inputs))}} if test else {}
    return Dataset(
        Path(source).stem,
        f"the column {label!r} of {Path(source).name}",
        np.array([number[one] for one in labels], dtype=np.float64),
        inputs=tuple(inputs),
        splits=splits,
        notes=_again(inputs, cut if test else 0),
        classes=classes,
    )


def _cells(source: str, text: str, label: str) -> tuple[list[str], list[str]]:
    """Texts and names of classes of one file."""
    columns = read_columns(source, as_text=(text, label))
    faults = Faults(Rows.of(len(next(iter(columns.values())))))
    inputs = [mended(str(cell)) for cell in as_texts(column_of(columns, text, "text"))]
    labels = class_texts(column_of(columns, label, "label"))
    faults.note(f"the text in {text!r} is empty", np.array([not one.strip() for one in inputs]))
    faults.note(
        f"the label in {label!r} is empty (the words NA, None, nan, null count as empty)",
        np.array([not one for one in labels]),
    )
    faults.refuse(f"leave such rows out of {Path(source).name}")
    return inputs, labels


def _again(inputs: list[str], start: int) -> tuple[str, ...]:
    """A note on texts that stand in several rows: in training and test rows from ``start`` on, or anywhere."""
    plain = [" ".join(one.split()) for one in inputs]
    seen = set(plain[:start])
    again = sum(one in seen for one in plain[start:]) if start else len(plain) - len(set(plain))
    where = "test texts stand among the training texts too" if start else "texts stand in an earlier row too"
    many = f"{again:,} of {len(plain) - start:,} {where}: who has learned them is judged by memory there"
    return (many,) if again else ()


def parts_of(data: Dataset, settings: Settings, seed: int) -> Parts:
    """``weak_train``, half 1; ``student_train``, half 2; ``evaluation``, the judged rows; all in an order drawn by ``seed``.

    Each class that is judged is in both halves. Raises UnusableData for too few rows, and classes that are too rare.
    """
    order = runtime.seed_stream(seed, "halves of documents", data.name)
    split = data.splits.get(SOURCE)
    for _ in range(DRAWS):
        if split is None:
            pool, tested = np.split(order.permutation(data.ids), [len(data.ids) - len(data.ids) // 3])
        else:
            pool, tested = (order.permutation(split[part]) for part in ("train", "test"))
        tested = tested[: settings.judged]
        half = min(settings.documents, len(pool)) // 2
        if half < LEAST_HALF or len(tested) < LEAST_JUDGED:
            raise UnusableData(
                f"{data.name} gives halves of {half} rows and {len(tested)} test rows; {LEAST_HALF} and {LEAST_JUDGED} are "
                "the least, and some hundreds are wanted"
            )
        halves = pool[:half], pool[half : 2 * half]
        lacking = [np.setdiff1d(data.targets[tested], data.targets[one]) for one in halves]
        if not any(map(len, lacking)):
            return Parts(*halves, tested)
    names = [shown(data.classes[int(one)]) for one in np.union1d(*lacking)]
    raise UnusableData(
        f"test rows are of {enumerated(names[:5], len(names) - 5)}, which no row of a half of {half:,} shows: take more "
        "documents, or leave such rows out"
    )
