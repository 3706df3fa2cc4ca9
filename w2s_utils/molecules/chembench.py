"""The paper's three molecule sets, ChemBench's files and splits: ESOL, FreeSolv and Lipop."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from ..data import datasets, registry, splits
from ..data.container import Dataset
from ..data.splits import DamagedFile
from ..theory.arrays import Array
from . import chemistry

SPLITS = ("random122", "random123", "random124")
"""ChemBench's three random splits, named after their seeds."""


@dataclass(frozen=True)
class Described:
    """What must be in a set's files: checked at every load, so kept apart from the files."""

    name: str
    title: str
    target_column: str
    unit: str
    rows: int
    part_sizes: tuple[int, int, int]

    def read(self, paths: Mapping[str, Path]) -> Dataset:
        """The set from its files by registry name. Raises `splits.DamagedFile`, `splits.UnsafePickle`."""
        inputs, targets = _read_table(paths[f"chembench/{self.name}/data"], self)
        parts = {}
        for split in SPLITS:
            file = f"chembench/{self.name}/split-{split}"
            copy = registry.cache_folder() / (registry.entry(file).file + ".json")
            parts[split] = splits.read_split(paths[file], copy)
            sizes = tuple(len(rows) for rows in parts[split].values())
            if sizes != self.part_sizes:
                raise DamagedFile(
                    f"{paths[file].name}: parts of {sizes} rows where {self.part_sizes} are due"
                )
        return Dataset(self.name, self.title, targets, self.unit, inputs, parts)


SETS = (
    Described(
        "ESOL",
        "ESOL: aqueous solubility",
        "measured log solubility in mols per litre",
        "log10 mol/L",
        1128,
        (902, 113, 113),
    ),
    Described("FreeSolv", "FreeSolv: hydration free energy", "expt", "kcal/mol", 642, (513, 64, 65)),
    Described("Lipop", "Lipop: octanol/water distribution at pH 7.4", "exp", "logD", 4200, (3360, 420, 420)),
)
NAMES = tuple(one.name for one in SETS)

for _one in SETS:
    datasets.register(_one.name, _one.read)


def _read_table(path: Path, described: Described) -> tuple[tuple[str, ...], Array]:
    """SMILES (blanks around them removed) and targets of a gzipped CSV. Raises DamagedFile."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            table = pd.read_csv(file, dtype=str, keep_default_na=False)
        inputs = tuple(table["smiles"].str.strip())
        targets = table[described.target_column].to_numpy(dtype=np.float64)
    except KeyError as error:
        raise DamagedFile(f"{path.name} has no column {error}") from error
    except (OSError, EOFError, zlib.error, ValueError) as error:  # pandas' own errors are ValueErrors
        raise DamagedFile(f"{path.name} cannot be read as a gzipped CSV table ({error})") from error
    if len(inputs) != described.rows:
        raise DamagedFile(f"{path.name} has {len(inputs)} rows where {described.rows} are due")
    return inputs, targets


def duplicates_across_splits(data: Dataset) -> pd.DataFrame:
    """Molecules that a set holds more than once (equal canonical SMILES), one row per split.

    Columns: ``split``; ``molecules`` held more than once and ``different_labels``, how many of those have
    unequal targets (both the same for every split); ``pairs`` of rows of one molecule;
    ``pairs_across_parts``, how many lie in two different parts; ``pairs_train_test``, how many in train and
    test.
    """
    groups: dict[str, list[int]] = {}
    for row, text in enumerate(chemistry.canonical(data.inputs)):
        groups.setdefault(text, []).append(row)
    repeated = [rows for rows in groups.values() if len(rows) > 1]
    different = sum(len(np.unique(data.targets[rows])) > 1 for rows in repeated)
    pairs = [pair for rows in repeated for pair in combinations(rows, 2)]
    table = []
    for split, parts in data.splits.items():
        part_of = {row: part for part, rows in parts.items() for row in rows.tolist()}
        between = [{part_of[one], part_of[other]} for one, other in pairs]
        table.append(
            {
                "split": split,
                "molecules": len(repeated),
                "different_labels": different,
                "pairs": len(pairs),
                "pairs_across_parts": sum(len(parts_of_pair) == 2 for parts_of_pair in between),
                "pairs_train_test": sum(parts_of_pair == {"train", "test"} for parts_of_pair in between),
            }
        )
    return pd.DataFrame(table)
