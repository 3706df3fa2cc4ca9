"""Any SMILES to the one form in which molecules are pre-trained on and represented.

The form: largest fragment, neutral where it can be, RDKit's canonical SMILES. `left_out` says why a molecule
is not of the drug-like kind that pre-training reads: the usual elements, 5 to 70 heavy atoms, at most 128 characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from ..words import short
from . import chemistry

ELEMENTS = frozenset({"H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Se", "Br", "I"})
"""Elements of a molecule that pre-training reads."""

LEAST_ATOMS, MOST_ATOMS = 5, 70
"""Heavy atoms of a molecule that pre-training reads."""

MOST_CHARACTERS = 128
"""Characters of its standard SMILES."""

LONGEST_INPUT = 5_000
"""Characters beyond which a text is refused unread: RDKit takes minutes and gigabytes over such chains."""

REASONS = ("unparsable", "elements", "atoms", "characters")
"""Why a molecule is left out of the corpus, in the order of the checks."""


class Standard(NamedTuple):
    """A molecule in standard form: ``smiles``, and ``flat``, the same without stereo marks and isotopes."""

    smiles: str
    flat: str


def standardise(text: str) -> tuple[Any, Standard] | None:
    """RDKit molecule and standard form of a SMILES; None where RDKit cannot read it. Logs of RDKit are not silenced.

    Largest fragment: most heavy atoms, then largest mass, then first. Neutral: protons are added or taken away where that
    removes a charge; a nitro group or a quaternary nitrogen keeps its charges.
    """
    from rdkit import Chem

    words = text.split()
    molecule = Chem.MolFromSmiles(words[0]) if len(words) == 1 and len(words[0]) <= LONGEST_INPUT else None
    if molecule is None or not molecule.GetNumAtoms():
        return None
    if "." in text:
        molecule = _largest_fragment(molecule)
    if "+" in text or "-" in text:  # a bond may be written "-" too; then nothing happens here
        molecule = _uncharger().uncharge(molecule)
    smiles = Chem.MolToSmiles(molecule)
    marked = any(mark in smiles for mark in "@/\\") or any(a.GetIsotope() for a in molecule.GetAtoms())
    return molecule, Standard(smiles, Chem.MolToSmiles(molecule, isomericSmiles=False) if marked else smiles)


def standard_smiles(smiles: Sequence[str]) -> list[str]:
    """Standard SMILES of each row, of whatever size or elements. Raises `chemistry.InvalidSmiles` naming the first bad row."""
    if isinstance(smiles, str) or not len(smiles):
        chemistry.parse(smiles)  # says what is wrong
    found = []
    with chemistry.quiet():
        for row, text in enumerate(smiles):
            standard = standardise(text) if isinstance(text, str) else None
            if standard is None:
                raise chemistry.InvalidSmiles(
                    f"row {row} is no SMILES of one molecule with at most {LONGEST_INPUT} characters: "
                    f"{short(repr(text))}; drop the row or correct it"
                )
            found.append(standard[1].smiles)
    return found


def left_out(molecule: Any, smiles: str) -> str:
    """Why a standard molecule is not one that pre-training reads, one of REASONS; empty where it is one."""
    if not {atom.GetSymbol() for atom in molecule.GetAtoms()} <= ELEMENTS:
        return "elements"
    if not LEAST_ATOMS <= molecule.GetNumHeavyAtoms() <= MOST_ATOMS:
        return "atoms"
    return "characters" if len(smiles) > MOST_CHARACTERS else ""


def _largest_fragment(molecule: Any) -> Any:
    from rdkit import Chem
    from rdkit.Chem.rdMolDescriptors import CalcExactMolWt

    fragments = Chem.GetMolFrags(molecule, asMols=True)
    return max(fragments, key=lambda one: (one.GetNumHeavyAtoms(), CalcExactMolWt(one)))


@cache
def _uncharger() -> Any:
    from rdkit.Chem.MolStandardize.rdMolStandardize import Uncharger

    return Uncharger()
