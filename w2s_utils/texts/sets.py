"""What the sets of texts share: tables read as they are written, each text once, and as many rows as features are cheap for.

A transformer reads some 30 to 300 texts a second on one core, so a set holds a random part of its source's texts, the same for
everybody: LONG texts of a paragraph or more, SHORT ones of a sentence. What was left out stands in the set's notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .. import runtime
from ..data.container import Dataset
from ..data.splits import DamagedFile
from ..theory.arrays import Array
from .inputs import PAIR, mended

SHORT, LONG = 5000, 1800
"""Most rows of a set whose texts are sentences, or paragraphs: its features then take under a minute on one core."""


def table(path: Path, rows: int, columns: Sequence[str], **options: Any) -> pd.DataFrame:
    """The ``columns`` of a file of separated values, every cell as text: what reads "None" or "NA" is a word.

    ``rows``: how many are due; ``options`` go to pandas. Raises DamagedFile for a file that cannot be read so.
    """
    reading: dict[str, Any] = {"dtype": str, "keep_default_na": False, "encoding": "utf-8"} | options
    try:
        found = pd.read_csv(path, **reading)
        found = found[list(columns)]
    except KeyError as error:
        raise DamagedFile(f"{path.name} lacks a column of {', '.join(columns)}: {error}") from error
    except (OSError, ValueError) as error:  # pandas' own errors and those of decoding are ValueErrors
        raise DamagedFile(f"{path.name} cannot be read as a table ({error})") from error
    if len(found) != rows:
        raise DamagedFile(f"{path.name} has {len(found)} rows where {rows} are due")
    return found


def numbers(path: Path, values: ArrayLike, low: float, high: float) -> Array:
    """A column as numbers ``(n,)``, all of them from ``low`` to ``high``. Raises DamagedFile."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except ValueError as error:
        raise DamagedFile(f"{path.name} has a target that is no number ({error})") from error
    outside = ~((found >= low) & (found <= high))  # NaN is outside, too
    if outside.any():
        raise DamagedFile(f"{path.name} has a target outside {low:g} to {high:g}: {found[outside][0]:g}")
    return found


def lines(path: Path, rows: int, encoding: str = "utf-8") -> list[str]:
    """The lines of a text file. Raises DamagedFile where it is none or has another number of them."""
    try:
        # Not splitlines: some texts hold characters that it takes for line ends.
        found = path.read_text(encoding=encoding).removesuffix("\n").split("\n")
    except (OSError, ValueError) as error:
        raise DamagedFile(f"{path.name} cannot be read as text ({error})") from error
    if len(found) != rows:
        raise DamagedFile(f"{path.name} has {len(found)} lines where {rows} are due")
    return found


def made(
    name: str,
    title: str,
    unit: str,
    texts: Sequence[str],
    targets: Array,
    most: int,
    classes: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Dataset:
    """The set of these texts: blanks around them removed, empty ones dropped, each text once, ``most`` of them by seed 0.

    Texts are the same where they differ in blanks only, a pair's sentences in either order; the first one stays. ``notes``:
    what was done before. Rows keep the order of the source. Raises `container.InvalidDataset`.
    """
    cleaned = [PAIR.join(part.strip() for part in mended(text).split(PAIR)) for text in texts]
    first: dict[Any, int] = {}
    empty = differing = 0
    for row, text in enumerate(cleaned):
        sentences = tuple(sorted(" ".join(part.split()) for part in text.split(PAIR)))
        if not all(sentences):
            empty += 1
        elif first.setdefault(sentences, row) != row:
            differing += bool(targets[first[sentences]] != targets[row])
    kept = np.array(sorted(first.values()), dtype=np.intp)
    repeated = len(cleaned) - empty - len(kept)
    said = list(notes)
    if empty:
        said.append(f"{empty} rows without a text were left out")
    if repeated:
        said.append(
            f"{repeated} repeated texts were left out, {differing} of them with another target than the first"
        )
    if len(kept) > most:
        said.append(f"{most:,} of {len(kept):,} texts were drawn, the same for everybody")
        order = runtime.seed_stream(0, "rows of a set of texts", name).permutation(len(kept))
        kept = np.sort(kept[order[:most]])
    inputs = tuple(cleaned[row] for row in kept)
    return Dataset(name, title, targets[kept], unit, inputs, notes=tuple(said), classes=classes)
