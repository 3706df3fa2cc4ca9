"""SMILES to numbers: descriptors, count fingerprints, Delaney's equation; and molecules that we enumerate.

RDKit is imported inside the functions, so that notebooks without molecules need not have it. Its log lines
are silenced only while we call it. The numbers depend on RDKit's version (`runtime.versions` records it), not
on the number of processes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from .. import runtime

PARALLEL_FROM = 200
"""Fewer molecules than this are faster in one process than the start of the others."""

SHOWN_CHARACTERS = 60

# A site is a ring-closure number: "c1%91ccccc1" joined to "O%91C" by a dot is anisole. Sites sit on carbon,
# so that every substituent fits every scaffold.
SCAFFOLDS = (
    "c1%91ccc%92cc1", "c1%91cc%92ccc1", "c1%91c%92cccc1", "n1c%91ccc%92c1", "n1c%91cccc%921",
    "n1c%91ncc%92c1", "o1c%91ccc%921", "s1c%91ccc%921", "s1c%91nc%92c1", "n1(C)c%91nc%92c1",
    "n1(C)nc%91cc%921", "c1%91ccc2cc%92ccc2c1", "c1%91ccc%92c2ccccc12", "[nH]1cc%91c2cc%92ccc12",
    "n1c%91cc%92c2ccccc12", "o1c%91cc2cc%92ccc12", "c1%91ccc(cc1)-c1ccc%92cc1", "c1%91ccc(cc1)Oc1ccc%92cc1",
    "c1%91ccc(cc1)Cc1ccc%92cc1", "c1%91ccc2cc3cc%92ccc3cc2c1", "C1%91CCC%92CC1", "C1%91CCC%92C1",
    "C1%91CN(C)CC%92C1", "C1%91OCCC%92C1", "C1%91CCC2CC%92CCC2C1", "C1%912CC3CC(C1)CC%92(C3)C2", "C%91C%92",
    "C%91CCC%92", "C%91CCCCC%92", "C%91CCCCCCCCC%92", "C%91OCCOC%92", "c1%91ccc(cc1)C(=O)Nc1ccc%92cc1",
    "c1%91ccc(cc1)C(=O)OCC%92", "c1%91ccc(cc1)CCNC(=O)C%92", "O=C(NC%91)NC%92", "c1%91ccc(cc1)N1CCOC%92C1",
)  # fmt: skip
SUBSTITUENTS = (
    "[H]{}", "F{}", "Cl{}", "Br{}", "C{}", "C{}C", "C{}CC", "C{}(C)C", "C{}(C)(C)C", "C{}CCCCC", "C{}(F)(F)F",
    "C{}#N", "O{}", "O{}C", "O{}CC", "O{}CCOC", "C{}O", "C{}CO", "N{}", "N{}(C)C", "C{}(=O)O", "C{}(=O)OC",
    "C{}(=O)C", "C{}(=O)N", "N{}C(C)=O", "S{}(C)(=O)=O", "S{}C", "[N+]{}(=O)[O-]", "c1{}ccccc1",
    "C{}c1ccccc1",
)  # fmt: skip


class InvalidSmiles(ValueError):
    """A row that is no molecule: empty, not a string, or refused by RDKit."""


def descriptors(smiles: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """RDKit's whole descriptor list: values ``(n, d)`` float64 and the ``d`` names in alphabetical order.

    No column is left out. Two things differ from RDKit's own numbers. ``Ipc`` grows exponentially with the
    size of the molecule, so ``log(1 + Ipc)`` stands in its column. A value that RDKit cannot define for a
    molecule (partial charges beside a metal atom, for instance: an error, NaN or an infinity) is 0. Each row
    depends on its own molecule only. Computed by ``runtime.workers()`` processes. Raises InvalidSmiles.
    """
    parse(smiles)  # a bad row is named here, before any process starts
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

    ``radius``: bonds around an atom that its neighbourhood reaches. Raises InvalidSmiles; ValueError for
    ``n_bits < 1`` or ``radius < 0``.
    """
    if n_bits < 1 or radius < 0:
        raise ValueError(
            f"a fingerprint needs n_bits >= 1 and radius >= 0, not n_bits={n_bits}, radius={radius}"
        )
    from rdkit.Chem import rdFingerprintGenerator

    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=n_bits)
    molecules = parse(smiles)
    with quiet():
        return np.array(
            [generator.GetCountFingerprintAsNumPy(molecule) for molecule in molecules], dtype=np.float64
        )


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


def enumerate_molecules(count: int = 2000, seed: int = 0) -> list[str]:
    """``count`` different molecules (canonical SMILES): our scaffolds, each with two of our substituents.

    The combinations are taken in an order drawn under ``seed``. Raises ValueError when ``count`` is below 1
    or above what the combinations give.
    """
    from rdkit import Chem

    if count < 1:
        raise ValueError(f"the number of molecules is >= 1, not {count}")
    pairs = list(combinations_with_replacement(SUBSTITUENTS, 2))
    pairs += [(second, first) for first, second in pairs if first != second]
    order = runtime.seed_stream(seed, "molecules", "enumerate").permutation(len(SCAFFOLDS) * len(pairs))
    found: dict[str, None] = {}  # keeps the order of arrival
    for place in order:
        scaffold, (first, second) = (SCAFFOLDS[place // len(pairs)], pairs[place % len(pairs)])
        joined = f"{scaffold}.{first.format('%91')}.{second.format('%92')}"
        found[Chem.MolToSmiles(Chem.MolFromSmiles(joined))] = None
        if len(found) == count:
            return list(found)
    raise ValueError(
        f"the scaffolds and substituents give {len(found)} different molecules, not {count}; ask for fewer"
    )


@contextmanager
def quiet() -> Iterator[None]:
    """RDKit writes no log lines inside the block."""
    from rdkit import rdBase

    with rdBase.BlockLogs():
        yield


def parse(smiles: Sequence[str]) -> list[Any]:
    """RDKit molecules of the rows. Raises InvalidSmiles with the number (from 0) and text of the first bad
    row.
    """
    from rdkit import Chem

    if isinstance(smiles, str):
        raise InvalidSmiles("one string where a list of SMILES strings is needed; write [smiles]")
    if len(smiles) == 0:
        raise InvalidSmiles("no SMILES at all: the list is empty")
    molecules = []
    with quiet():
        for row, text in enumerate(smiles):
            if not isinstance(text, str):
                raise InvalidSmiles(
                    f"row {row} is no string but {short(repr(text))}; drop the row or write its SMILES"
                )
            # RDKit would take what follows a blank for the molecule's name
            molecule = Chem.MolFromSmiles(text.strip()) if len(text.split()) == 1 else None
            if molecule is None:
                raise InvalidSmiles(
                    f"row {row} is no valid SMILES: {short(repr(text))}; drop the row or correct it"
                )
            molecules.append(molecule)
    return molecules


def short(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}... ({len(text)} characters)"


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
