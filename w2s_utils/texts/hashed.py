"""Texts without a model: hashed letters, and hashed words reduced to their main directions. No label has a part in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..data import kept
from ..theory.arrays import Array
from .inputs import checked

WORD_COLUMNS = 2**14


def characters(texts: Sequence[str], width: int) -> Array:
    """Hashed counts of 1 to 3 characters within words, ``(n, width)``, rows of length 1; each depends on its text only."""
    from sklearn.feature_extraction.text import HashingVectorizer

    made = HashingVectorizer(analyzer="char_wb", ngram_range=(1, 3), n_features=width).transform(texts)
    return np.asarray(made.toarray(), dtype=np.float64)


def words(texts: Sequence[str], widths: Sequence[int]) -> list[Array]:
    """Hashed words reduced to so many columns, ``(n, width)`` for each of ``widths``: the main directions of all texts.

    Words are lower case, of two letters at least, hashed into WORD_COLUMNS; a text's counts have length 1. The singular
    directions are those of the different texts given, whatever their order; a text without a word is 0. Computed once, then
    read from the cache (``texts/``). Raises UnusableText, and ValueError for no fewer columns than different texts.
    """
    different = sorted(set(checked(texts)))
    most = max(widths)
    if most >= len(different):
        raise ValueError(
            f"{len(different)} different texts have no {most} main directions; ask for fewer columns"
        )
    recipe = f"hashed words, {WORD_COLUMNS} columns, {most} singular directions"
    made = kept.table(
        "texts", [recipe, *map(repr, different)], lambda: _reduced(different, most), len(different)
    )
    places = {text: place for place, text in enumerate(different)}
    rows = made[[places[text] for text in texts]]
    return [rows[:, :width] for width in widths]


def _reduced(texts: Sequence[str], width: int) -> Array:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import HashingVectorizer

    counts = HashingVectorizer(n_features=WORD_COLUMNS).transform(texts)
    return np.asarray(TruncatedSVD(width, random_state=0, n_iter=5).fit_transform(counts), dtype=np.float64)
