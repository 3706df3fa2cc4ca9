"""Two families of views of a molecule set.

`transformers`: pre-trained representations that come with the repository, the largest model strong, the ladder weak.
`formulas`: RDKit's descriptor list strong, hashed Morgan fingerprints of growing length weak; nothing is trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .. import runtime
from ..data import kept
from ..data.container import Dataset, Views
from ..theory.arrays import Array
from . import chemistry, shipped
from .molbert import LADDER, CheckpointError
from .settings import named


def transformers(data: Dataset, seed: int = 0) -> Views:
    """Pre-trained representations of a set; raises CheckpointError for damaged files or no weak model.

    ``seed``: the pre-training seed of the weak models, one of `settings.LADDER_SEEDS`; the strong model is the same for all.
    A model that is missing or another's is found before any features are computed.
    """
    *others, strongest = shipped.models() or [""]
    weak = [model for model in others if model in LADDER]
    if not weak:
        raise CheckpointError(
            "a strong model and a weak one are needed; restore data/representations from git"
        )
    names = {model: named(model, seed) for model in weak}
    for name in (*names.values(), strongest):
        shipped.provenance(name)
    ladder = {model: shipped.features(name, data) for model, name in names.items()}
    return Views(shipped.features(strongest, data), ladder, strong_name=strongest)


def formulas(data: Dataset, fingerprint_lengths: Sequence[int]) -> Views:
    """Fixed representations of a set: RDKit's descriptors, and Morgan counts in so many columns, shortest first.

    Raises ValueError for fewer than two lengths, one that is named twice, or as `chemistry.check_bits`.
    """
    for length in fingerprint_lengths:
        chemistry.check_bits(length)
    if len(set(fingerprint_lengths)) != len(fingerprint_lengths) or len(fingerprint_lengths) < 2:
        raise ValueError(f"name two fingerprint lengths at least, each once, not {list(fingerprint_lengths)}")
    weak = {
        f"Morgan {length}": chemistry.morgan_counts(data.inputs, length) for length in fingerprint_lengths
    }
    return Views(descriptors(data), weak, strong_name="RDKit's descriptors")


def descriptors(data: Dataset) -> Array:
    """`chemistry.descriptors` of a set, ``(n, d)``: computed once, then read from the cache (``descriptors/``).

    The file's name stands for the molecules, RDKit's version and the code that computes them (`data.kept`). Raises as
    `chemistry.descriptors` does.
    """
    made_of = [
        str(runtime.versions().get("rdkit")),
        Path(chemistry.__file__).read_text("utf-8"),
        *data.inputs,
    ]
    return kept.table("descriptors", made_of, lambda: chemistry.descriptors(data.inputs)[0], len(data.inputs))
