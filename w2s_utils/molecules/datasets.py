"""Molecule sets with a target: the paper's three (ChemBench's files and splits) and one that we generate.

``python -m w2s_utils.molecules.datasets`` says where each set was found; with ``--strict`` a missing set is an error
and the three ways to supply it are printed.
"""

from __future__ import annotations

import argparse
import gzip
import os
import sys
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .. import runtime
from ..data import registry, splits
from ..data.container import PARTS, InvalidDataset, RegressionData
from ..data.registry import ChecksumMismatch, DataUnreachable, RegistryError, fetch
from ..data.splits import DamagedFile, UnsafePickle
from . import chemistry

__all__ = [
    "PARTS", "SPLITS", "ChecksumMismatch", "DamagedFile", "DataUnreachable", "InvalidDataset",
    "RegistryError", "RegressionData", "SetStatus", "UnsafePickle", "duplicates_across_splits",
    "embedded_molecules", "fetch", "load", "names", "problems", "reachable", "state", "status",
]  # fmt: skip

SPLITS = ("random122", "random123", "random124")
"""ChemBench's three random splits, named after their seeds."""

NOISE_SD = 0.5
"""Standard deviation of the noise on the embedded set's target, log10 mol/L; our choice."""


@dataclass(frozen=True)
class _Described:
    """What must be in a set's files: checked at every load, so kept apart from the files."""

    title: str
    target_column: str
    unit: str
    rows: int
    part_sizes: tuple[int, int, int]


SETS: Mapping[str, _Described] = {
    "ESOL": _Described(
        "ESOL: aqueous solubility",
        "measured log solubility in mols per litre",
        "log10 mol/L",
        1128,
        (902, 113, 113),
    ),
    "FreeSolv": _Described("FreeSolv: hydration free energy", "expt", "kcal/mol", 642, (513, 64, 65)),
    "Lipop": _Described("Lipop: octanol/water distribution at pH 7.4", "exp", "logD", 4200, (3360, 420, 420)),
}


def names() -> tuple[str, ...]:
    """Names of the real sets."""
    return tuple(SETS)


def load(name: str) -> RegressionData:
    """A real set with its three splits, found by `registry.locate` and checked.

    Raises RegistryError (unknown name, or one that the key of the running notebook does not cover: ``W2S_SETS``);
    ChecksumMismatch, DataUnreachable (from `registry.locate`); DamagedFile or UnsafePickle (right checksum, unusable
    content); InvalidDataset.
    """
    described = _described(name)
    covered = os.environ.get("W2S_SETS")
    if covered is not None and name not in covered.split(","):
        raise RegistryError(
            f"the notebook loads {name} without naming it, so a change of {name} would not run it again: "
            "write the name into its text, or ask datasets.names()"
        )
    paths = {file: fetch(file) for file in _files(name)}
    inputs, targets = _read_table(paths.pop(f"chembench/{name}/data"), described)
    parts = {}
    for split, (file, path) in zip(SPLITS, paths.items(), strict=True):
        copy = registry.cache_folder() / (registry.entry(file).file + ".json")
        parts[split] = splits.read_split(path, copy)
        sizes = tuple(len(rows) for rows in parts[split].values())
        if sizes != described.part_sizes:
            raise DamagedFile(f"{path.name}: parts of {sizes} rows where {described.part_sizes} are due")
    return RegressionData(
        name, described.title, np.arange(len(inputs)), inputs, targets, described.unit, parts, source="real"
    )


def _described(name: str) -> _Described:
    if name not in SETS:
        raise RegistryError(f"no data set is called {name!r}; there are {', '.join(SETS)}")
    return SETS[name]


def _files(name: str) -> list[str]:
    """Registry names of a set's files: the table, then its splits in the order of SPLITS."""
    return [f"chembench/{name}/data", *(f"chembench/{name}/split-{split}" for split in SPLITS)]


def _read_table(path: Path, described: _Described) -> tuple[tuple[str, ...], np.ndarray]:
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


class SetStatus(NamedTuple):
    """``source``: mirror, cache, downloaded or unreachable; ``message``: one line for a reader."""

    dataset: str
    source: str
    message: str


def problems(name: str) -> list[str]:
    """What keeps each file of a set from being had, one message a file; empty when all are there."""
    return _locate_all(name)[1]


def reachable(name: str) -> bool:
    """Whether every file of a set can be had (what is missing is downloaded).

    A missing file raises nothing. A file that is there and is not the pinned one raises ChecksumMismatch, so that nothing
    stands in for it in silence; an unknown set raises RegistryError.
    """
    _described(name)
    try:
        for file in _files(name):
            registry.locate(file)
    except (DataUnreachable, runtime.UnwritableFolder):
        return False
    return True


def state() -> dict[str, dict[str, Any]]:
    """By real set, what a result can depend on: whether it is ``reachable``, and its ``rows`` of the registry.

    Raises ChecksumMismatch and RegistryError as `reachable` does.
    """
    return {
        name: {
            "reachable": reachable(name),
            "rows": [asdict(registry.entry(file)) for file in _files(name)],
        }
        for name in SETS
    }


def status() -> list[SetStatus]:
    """Where each real set was found; a set in several places counts under the farthest one."""
    found = []
    for name in SETS:
        sources, faults = _locate_all(name)
        if faults:
            first = faults[0].splitlines()[0].removesuffix(" Three ways to supply it:")
            message = f"{len(faults)} of {len(sources) + len(faults)} files cannot be had: {first}"
            found.append(SetStatus(name, "unreachable", message))
        else:
            farthest = max(sources, key=("mirror", "cache", "downloaded").index)
            found.append(SetStatus(name, farthest, f"{len(sources)} files, checksums right"))
    return found


def _locate_all(name: str) -> tuple[list[str], list[str]]:
    """Sources of the files of a set that were found, and messages for those that were not."""
    _described(name)
    sources, faults = [], []
    for file in _files(name):
        try:
            sources.append(registry.locate(file).source)
        except (ChecksumMismatch, DataUnreachable, runtime.UnwritableFolder) as error:
            faults.append(str(error))
    return sources, faults


def duplicates_across_splits(data: RegressionData) -> pd.DataFrame:
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


def embedded_molecules(count: int = 2000, seed: int = 0) -> RegressionData:
    """The set we generate where real data cannot be had; its title says so.

    Inputs from `chemistry.enumerate_molecules`; target = Delaney's equation
    (`chemistry.delaney_log_solubility`) plus independent Gaussian noise of standard deviation NOISE_SD; three
    random splits of ChemBench's proportions (80, 10 and 10 percent). Raises ValueError for a ``count`` below
    10 or above what the enumeration gives.
    """
    if count < 10:
        raise ValueError(f"three parts of 80, 10 and 10 percent need at least 10 molecules, not {count}")
    inputs = tuple(chemistry.enumerate_molecules(count, seed))
    noise = runtime.seed_stream(seed, "embedded", "noise").normal(0.0, NOISE_SD, count)
    cuts = [count * 8 // 10, count * 9 // 10]
    parts = {}
    for split in SPLITS:
        order = runtime.seed_stream(seed, "embedded", split).permutation(count)
        parts[split] = {part: np.sort(rows) for part, rows in zip(PARTS, np.split(order, cuts), strict=True)}
    return RegressionData(
        name="embedded",
        title=f"generated molecules (not measured): Delaney's equation plus noise of sd {NOISE_SD}",
        ids=np.arange(count),
        inputs=inputs,
        targets=chemistry.delaney_log_solubility(inputs) + noise,
        unit="log10 mol/L",
        splits=parts,
        source="generated",
    )


def main(arguments: list[str] | None = None) -> int:
    """Print one line per set; with ``--strict`` return 1 and print the remedies when a set is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.molecules.datasets", description="Where each data set is found."
    )
    parser.add_argument("--strict", action="store_true", help="exit 1 when a set cannot be had")
    strict = parser.parse_args(arguments).strict
    missing = []
    for name, source, message in status():
        print(f"{name:10} {source:12} {message}")
        if source == "unreachable":
            missing.append(name)
    if not (strict and missing):
        return 0
    for name in missing:
        print(f"\n{name}:", *problems(name), sep="\n", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
