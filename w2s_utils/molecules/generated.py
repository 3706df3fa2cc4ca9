"""Molecules that we generate: our scaffolds with our substituents, and a set of them for machines without measured data."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np

from .. import runtime
from ..data.container import PARTS, Dataset
from . import chemistry
from .chembench import SPLITS

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

NOISE_SD = 0.5
"""Standard deviation of the noise on the generated set's target, log10 mol/L; our choice."""


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


def embedded_molecules(count: int = 2000, seed: int = 0) -> Dataset:
    """The set we generate where real data cannot be had; its title says so.

    Inputs from `enumerate_molecules`; target = Delaney's equation
    (`chemistry.delaney_log_solubility`) plus independent Gaussian noise of standard deviation NOISE_SD; three
    random splits of ChemBench's proportions (80, 10 and 10 percent). Raises ValueError for a ``count`` below
    10 or above what the enumeration gives.
    """
    if count < 10:
        raise ValueError(f"three parts of 80, 10 and 10 percent need at least 10 molecules, not {count}")
    inputs = tuple(enumerate_molecules(count, seed))
    noise = runtime.seed_stream(seed, "embedded", "noise").normal(0.0, NOISE_SD, count)
    cuts = [count * 8 // 10, count * 9 // 10]
    parts = {}
    for split in SPLITS:
        order = runtime.seed_stream(seed, "embedded", split).permutation(count)
        parts[split] = {part: np.sort(rows) for part, rows in zip(PARTS, np.split(order, cuts), strict=True)}
    return Dataset(
        name="embedded",
        title=f"generated molecules (not measured): Delaney's equation plus noise of sd {NOISE_SD}",
        inputs=inputs,
        targets=chemistry.delaney_log_solubility(inputs) + noise,
        unit="log10 mol/L",
        splits=parts,
        source="generated",
    )
