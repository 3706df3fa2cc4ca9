"""SMILES to numbers: descriptors, count fingerprints, Delaney's equation.

RDKit is imported inside the functions, so that notebooks without molecules need not have it. Its log lines
are silenced only while we call it. The numbers depend on RDKit's version (`runtime.versions` records it), not
on the number of processes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from .. import runtime
from ..theory.arrays import is_whole
from ..words import short

PARALLEL_FROM = 200
"""Fewer molecules than this are faster in one process than the start of the others."""

MOST_RADIUS = 100
MOST_BITS = 2**20
"""Columns of a fingerprint: with more, a table of some thousand molecules fits into no memory."""


MOST_ATOMS = 250
"""Heavy atoms of a molecule that `descriptors` takes: beyond, Ipc and AvgIpc take a second each, and minutes at 1,000."""


class InvalidSmiles(ValueError):
    """A row that is no molecule: empty, not a string, or refused by RDKit."""


def descriptors(smiles: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """RDKit's whole descriptor list: values ``(n, d)`` float64 and the ``d`` names in alphabetical order.

    No column is left out. Two things differ from RDKit's own numbers. ``Ipc`` grows exponentially with the
    size of the molecule, so ``log(1 + Ipc)`` stands in its column. A value that RDKit cannot define for a
    molecule (partial charges beside a metal atom, for instance: an error, NaN or an infinity) is 0. Each row
    depends on its own molecule only. Computed by ``runtime.workers()`` processes. Raises InvalidSmiles, also for a
    molecule of more than MOST_ATOMS heavy atoms.
    """
    molecules = parse(smiles)  # a bad row is named here, before any process starts
    large = [row for row, molecule in enumerate(molecules) if molecule.GetNumHeavyAtoms() > MOST_ATOMS]
    if large:
        atoms, text = molecules[large[0]].GetNumHeavyAtoms(), short(repr(smiles[large[0]]))
        raise InvalidSmiles(
            f"row {large[0]} is a molecule of {atoms} heavy atoms, {text}, and descriptors take minutes for one of more than "
            f"{MOST_ATOMS}; drop all {len(large)} rows with such a molecule"
        )
    processes = runtime.workers() if len(smiles) >= PARALLEL_FROM else 1
    if processes == 1:
        return _descriptor_rows(smiles), _descriptor_names()
    from joblib import delayed

    size = math.ceil(len(smiles) / (4 * processes))
    chunks = [list(smiles[start : start + size]) for start in range(0, len(smiles), size)]
    blocks = runtime.parallel(delayed(_descriptor_rows)(chunk) for chunk in chunks)
    return np.vstack(blocks), _descriptor_names()


def morgan_counts(smiles: Sequence[str], n_bits: int, radius: int = 2) -> np.ndarray:
    """Hashed Morgan fingerprints ``(n, n_bits)`` float64: how often each neighbourhood of an atom occurs.

    ``radius``: bonds around an atom that its neighbourhood reaches, 0 to 100. Raises InvalidSmiles; ValueError for
    other radii, and as `check_bits`.
    """
    check_bits(n_bits)
    if not is_whole(radius) or not 0 <= radius <= MOST_RADIUS:
        raise ValueError(f"a fingerprint's radius is a whole number from 0 to {MOST_RADIUS}, not {radius!r}")
    from rdkit.Chem import rdFingerprintGenerator

    generator = rdFingerprintGenerator.GetMorganGenerator(radius=int(radius), fpSize=int(n_bits))
    molecules = parse(smiles)
    with quiet():
        return np.array(
            [generator.GetCountFingerprintAsNumPy(molecule) for molecule in molecules], dtype=np.float64
        )


def check_bits(n_bits: int) -> None:
    """Raises ValueError for what is no number of columns that a fingerprint can have."""
    if not is_whole(n_bits) or not 1 <= n_bits <= MOST_BITS:
        raise ValueError(f"a fingerprint's length is a whole number from 1 to {MOST_BITS}, not {n_bits!r}")


def canonical(smiles: Sequence[str]) -> list[str]:
    """RDKit's canonical SMILES (stereo kept), equal for rows of one molecule. Raises InvalidSmiles."""
    from rdkit import Chem

    return [Chem.MolToSmiles(molecule) for molecule in parse(smiles)]


def delaney_log_solubility(smiles: Sequence[str]) -> np.ndarray:
    """Delaney's ESOL estimate of log10 aqueous solubility (mol/L), ``(n,)`` float64.

    ``0.16 - 0.63 cLogP - 0.0062 MW + 0.066 RB - 0.74 AP`` (Delaney 2004, J. Chem. Inf. Comput. Sci. 44:1000)
    with RDKit's Crippen logP for cLogP, the molecular weight in g/mol, the number of rotatable bonds, and AP
    = aromatic atoms / heavy atoms. Raises InvalidSmiles.
    """
    from rdkit.Chem import Descriptors

    of = dict(Descriptors.descList)
    estimates = []
    for molecule in parse(smiles):
        aromatic = sum(atom.GetIsAromatic() for atom in molecule.GetAtoms())
        estimates.append(
            0.16
            - 0.63 * of["MolLogP"](molecule)
            - 0.0062 * of["MolWt"](molecule)
            + 0.066 * of["NumRotatableBonds"](molecule)
            - 0.74 * aromatic / max(molecule.GetNumHeavyAtoms(), 1)
        )
    return np.array(estimates, dtype=np.float64)


@contextmanager
def quiet() -> Iterator[None]:
    """RDKit writes no log lines inside the block."""
    from rdkit import rdBase

    with rdBase.BlockLogs():
        yield


def parse(smiles: Sequence[str]) -> list[Any]:
    """RDKit molecules of the rows. Raises InvalidSmiles with the number (from 0) and text of the first bad row and the
    numbers of the others.
    """
    if isinstance(smiles, str):
        raise InvalidSmiles("one string where a list of SMILES strings is needed; write [smiles]")
    if len(smiles) == 0:
        raise InvalidSmiles("no SMILES at all: the list is empty")
    with quiet():
        molecules = [_molecule(text) if isinstance(text, str) else None for text in smiles]
    bad = [row for row, molecule in enumerate(molecules) if molecule is None]
    if bad:
        text = smiles[bad[0]]
        what = "no valid SMILES:" if isinstance(text, str) else "no string but"
        listed = ", ".join(map(str, bad[1:6])) + (f" and {len(bad) - 6} more" if len(bad) > 6 else "")
        others = f", and so are rows {listed}" if listed else ""
        raise InvalidSmiles(
            f"row {bad[0]} is {what} {short(repr(text))}{others}; drop the row{'s' if listed else ''} or write the SMILES"
        )
    return molecules


def unusable(smiles: Sequence[str]) -> dict[str, list[int]]:
    """What keeps rows (numbers from 0) from having descriptors: "no valid SMILES", "more than 250 heavy atoms"."""
    found: dict[str, list[int]] = {}
    with quiet():
        for row, text in enumerate(smiles):
            molecule = _molecule(text)
            if molecule is None:
                found.setdefault("no valid SMILES", []).append(row)
            elif molecule.GetNumHeavyAtoms() > MOST_ATOMS:
                found.setdefault(f"more than {MOST_ATOMS} heavy atoms", []).append(row)
    return found


def _molecule(text: str) -> Any:
    """RDKit's molecule of one SMILES, None where there is none; RDKit would take what follows a blank for a name."""
    from rdkit import Chem

    return Chem.MolFromSmiles(text.strip()) if len(text.split()) == 1 else None


@cache
def _descriptor_names() -> tuple[str, ...]:
    from rdkit.Chem import Descriptors

    return tuple(sorted(name for name, _ in Descriptors.descList))


def _descriptor_rows(smiles: Sequence[str]) -> np.ndarray:
    """The descriptor block of some rows, one process: ``(n, d)``, finite."""
    from rdkit.Chem import Descriptors

    functions = dict(Descriptors.descList)
    values = np.empty((len(smiles), len(functions)))
    molecules = parse(smiles)
    with quiet():
        for row, molecule in enumerate(molecules):
            for column, name in enumerate(_descriptor_names()):
                values[row, column] = _value(functions[name], molecule)
    ipc = _descriptor_names().index("Ipc")
    values[:, ipc] = np.log1p(values[:, ipc])
    values[~np.isfinite(values)] = 0.0
    return values


def _value(function: Any, molecule: Any) -> float:
    try:
        return float(function(molecule))
    except (ArithmeticError, IndexError, RuntimeError, ValueError):
        return math.nan
