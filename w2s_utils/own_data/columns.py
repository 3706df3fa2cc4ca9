"""Columns of somebody's file to one checked data set: strong features, weak models, targets, which of them are true labels.

A weak model is either *features*, to which a head is fitted on true labels, or *labels* that something gave already. All that
people get wrong is checked here and said in one sentence with the remedy (`files.UnusableData`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from ..data.container import Dataset, Views
from ..experiments.crossfit import standardise
from ..molecules import chemistry
from ..theory.arrays import Array
from .checks import (
    check_groups,
    check_ids,
    check_uses,
    check_values,
    column_names,
    column_of,
    is_given,
    labelled_rows,
    numeric_table,
    real_numbers,
    some_names,
    split_parts,
    target_values,
    texts_of,
)
from .files import Columns, UnusableData

Names = str | Sequence[str]

GIVEN = "given"
"""The split of a set that comes with one."""

TEXT_COLUMNS, WEAK_TEXT_COLUMNS = 512, (16, 64)
FINGERPRINT_COLUMNS = (64, 256)


def gather(
    name: str,
    columns: Columns,
    target: str,
    strong: Names = (),
    weak: Names | Mapping[str, Names] = (),
    weak_labels: Names = (),
    text: str = "",
    smiles: str = "",
    labelled: str = "",
    ids: str = "",
    split: str = "",
) -> Dataset:
    """The data set that these names pick from ``columns`` (of `files.read_columns`).

    ``strong``, ``weak``: names of numeric columns, ``*`` stands for any characters; ``weak``: {model: names}, or names for one
    model; ``weak_labels``: columns of labels, one weak model each. ``text`` or ``smiles``: the column that takes the place of
    ``strong`` and ``weak``, see `text_features` and `molecule_features`. ``labelled``: column of 0 and 1, else the rows with a
    target are the labelled ones. Empty: not used. Raises UnusableData.
    """
    text, smiles, labelled, ids, split = map(given_name, (text, smiles, labelled, ids, split))
    targets = target_values(target, column_of(columns, target, "target"))
    labelling = column_names(columns, weak_labels, "weak_labels")
    special = {
        what: column for what, column in (("labelled", labelled), ("id", ids), ("split", split)) if column
    }
    if text or smiles:
        if (text and smiles) or is_given(strong) or is_given(weak):
            raise UnusableData(
                "text, smiles, or strong and weak columns: give one of the three, as each makes both views"
            )
        groups = {"text" if text else "smiles": [text or smiles]}
        check_uses(target, groups, labelling, special)
        chosen = texts_of(text or smiles, column_of(columns, text or smiles, "text" if text else "smiles"))
        features, weak_features = text_features(chosen) if text else molecule_features(chosen)
    else:
        groups = named_groups(columns, strong, weak)
        check_uses(target, groups, labelling, special)
        features, *others = (numeric_table(columns, names) for names in groups.values())
        weak_features = {
            what.removeprefix("weak, "): table for what, table in zip(list(groups)[1:], others, strict=True)
        }
    given = {
        word(column): real_numbers(column, column_of(columns, column, "weak labels")) for column in labelling
    }
    if not weak_features and not given:
        raise UnusableData(
            "there is no weak model: name columns under weak, or a column of labels under weak_labels"
        )
    known = labelled_rows(targets, columns, labelled)
    parts = split_parts(column_of(columns, split, "split")) if split else None
    if ids:
        check_ids(ids, column_of(columns, ids, "id"), parts)
    check_values(targets, known, features, weak_features, given)
    return dataset(word(name), str(target), targets, known, Views(features, weak_features, given), parts)


def named_groups(
    columns: Mapping[str, Any], strong: Names, weak: Names | Mapping[str, Names]
) -> dict[str, list[str]]:
    """Names of the columns of each side: of "strong", then of "weak, MODEL" for each weak model. Raises UnusableData."""
    if isinstance(weak, Mapping):
        by_model = {word(name): names for name, names in weak.items()}
        if len(by_model) < len(weak):
            raise UnusableData(f"two weak models have one name, among {list(weak)}; rename one")
    else:
        by_model = {"weak": weak} if is_given(weak) else {}
    groups = {"strong": column_names(columns, strong, "strong")}
    groups |= {
        f"weak, {model}": column_names(columns, names, f"weak ({model})") for model, names in by_model.items()
    }
    for what, names in groups.items():
        if not names:
            raise UnusableData(f"the group {what} has no column; name at least one, of {some_names(columns)}")
    check_groups(groups)
    return groups


def dataset(
    name: str,
    target: str,
    targets: Array,
    labelled: NDArray[np.intp],
    views: Views,
    parts: Mapping[str, NDArray[np.intp]] | None = None,
) -> Dataset:
    """Somebody's rows as a `Dataset` without inputs; ``parts``: the split that comes with them, called GIVEN."""
    return Dataset(
        name, target, targets, views=views, labelled=labelled, splits={GIVEN: parts} if parts else {}
    )


def given_name(name: Any) -> str:
    """A column's name as text, "" for none; a column may be called 0."""
    return "" if name is None else str(name)


def word(name: Any) -> str:
    """A name of a model or a set, which reads as a word also where it is a number: "64" as "no. 64"."""
    return f"no. {name}" if re.fullmatch(r"[\d.,eE+\-]*", str(name)) else str(name)


def text_features(texts: Sequence[str]) -> tuple[Array, dict[str, Array]]:
    """Hashed counts of 1 to 3 characters within words, unit length: 512 columns strong, 16 and 64 weak; nothing is learned."""
    from sklearn.feature_extraction.text import HashingVectorizer

    def hashed(width: int) -> Array:
        made = HashingVectorizer(analyzer="char_wb", ngram_range=(1, 3), n_features=width).transform(texts)
        return np.asarray(made.toarray(), dtype=np.float64)

    return hashed(TEXT_COLUMNS), {f"{width} hashed columns": hashed(width) for width in WEAK_TEXT_COLUMNS}


def molecule_features(smiles: Sequence[str]) -> tuple[Array, dict[str, Array]]:
    """RDKit's descriptors strong, Morgan counts in 64 and 256 columns weak (`chemistry`). Raises UnusableData.

    In standard deviations over all rows and cut off at `crossfit.LIMIT` of them: a descriptor can lie hundreds out in one row.
    No label has a part in it.
    """
    try:
        weak = {f"Morgan {width}": chemistry.morgan_counts(smiles, width) for width in FINGERPRINT_COLUMNS}
        strong, rows = chemistry.descriptors(smiles)[0], np.arange(len(smiles))
        return standardise(strong, rows), {name: standardise(table, rows) for name, table in weak.items()}
    except ImportError as error:
        raise UnusableData("SMILES need RDKit, which is not installed: pip install rdkit") from error
    except chemistry.InvalidSmiles as error:
        raise UnusableData(f"{error} (row 0 is the first below the header)") from error


def example(name: str, revealed: int, seed: int) -> Dataset:
    """A real set that comes with scikit-learn, with ``revealed`` random rows as the labelled ones; all targets are there.

    ``diabetes``: 442 patients, progression of the disease after a year; strong, ten measurements; weak, a form with boxes:
    some of them as above or below the median, or by quarters. ``digits``: 1,797 images, the digit as a number; strong, all 64
    pixels; weak, squares of the image as inked or not. Rounding is what the strong view cannot copy. Raises UnusableData.
    """
    from sklearn import datasets

    makers = {"diabetes": _diabetes, "digits": _digits}
    if name not in makers:
        raise UnusableData(f"the embedded sets are {', '.join(makers)}, not {name!r}")
    loaded = makers[name](datasets)
    rows = len(loaded[0])
    if not 1 <= revealed <= rows:
        raise UnusableData(
            f"{name} has {rows} rows, so from 1 to {rows} labels can be revealed, not {revealed}"
        )
    known = np.sort(runtime.seed_stream(seed, "revealed", name).permutation(rows)[:revealed])
    targets, strong, weak, target = loaded
    return dataset(name, target, targets, known, Views(strong, weak))


def _diabetes(datasets: Any) -> tuple[Array, Array, dict[str, Array], str]:
    found = datasets.load_diabetes(scaled=False)
    column = dict(zip(found.feature_names, found.data.T, strict=True))

    def boxes(names: Sequence[str], cuts: Sequence[float]) -> Array:
        marks = [np.searchsorted(np.quantile(column[name], cuts), column[name]) for name in names]
        return np.column_stack(marks).astype(np.float64)

    weak = {
        "form, two boxes": boxes(["bmi", "bp", "s5"], [0.5]),
        "form, four boxes": boxes(["bmi", "bp", "s5"], [0.25, 0.5, 0.75]),
        "age and sex": boxes(["age", "sex"], [0.25, 0.5, 0.75]),
    }
    return found.target, found.data, weak, "progression after a year"


def _digits(datasets: Any) -> tuple[Array, Array, dict[str, Array], str]:
    found = datasets.load_digits()
    images = found.images

    def inked(side: int) -> Array:
        pooled = images.reshape(len(images), 8 // side, side, 8 // side, side).mean(axis=(2, 4))
        return (pooled > np.median(pooled, axis=0)).reshape(len(images), -1).astype(np.float64)

    weak = {"quarters inked": inked(4), "16 squares inked": inked(2)}
    return found.target.astype(np.float64), found.data, weak, "digit"
