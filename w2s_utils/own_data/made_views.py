"""Views of texts and of molecules, where a file has no columns of features: nothing in them is learned from the rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..experiments.crossfit import standardise
from ..molecules import chemistry
from ..texts import hashed
from ..theory.arrays import Array
from .refusal import UnusableData
from .rows import Faults

TEXT_COLUMNS, WEAK_TEXT_COLUMNS = 512, (16, 64)
FINGERPRINT_COLUMNS = (64, 256)


def text_features(texts: Sequence[str]) -> tuple[Array, dict[str, Array]]:
    """Hashed counts of 1 to 3 characters within words, unit length: 512 columns strong, 16 and 64 weak; nothing is learned."""
    weak = {f"{width} hashed columns": hashed.characters(texts, width) for width in WEAK_TEXT_COLUMNS}
    return hashed.characters(texts, TEXT_COLUMNS), weak


def molecule_features(smiles: Sequence[str]) -> tuple[Array, dict[str, Array]]:
    """RDKit's descriptors strong, Morgan counts in 64 and 256 columns weak (`chemistry`). Raises InvalidSmiles.

    In standard deviations over all rows and cut off at `crossfit.LIMIT` of them: a descriptor can lie hundreds out in one row.
    No label has a part in it.
    """
    weak = {f"Morgan {width}": chemistry.morgan_counts(smiles, width) for width in FINGERPRINT_COLUMNS}
    strong, rows = chemistry.descriptors(smiles)[0], np.arange(len(smiles))
    return standardise(strong, rows), {name: standardise(table, rows) for name, table in weak.items()}


def note_molecules(faults: Faults, name: str, smiles: Sequence[str]) -> None:
    """Note the rows that hold text, but no molecule that `molecule_features` describes."""
    try:
        for what, places in chemistry.unusable(smiles).items():
            mask = np.zeros(len(smiles), dtype=bool)
            mask[places] = True
            faults.note(f"{what} in {name!r}", mask & ~faults.bad)
    except ImportError as error:
        raise UnusableData("SMILES need RDKit, which is not installed: pip install rdkit") from error
