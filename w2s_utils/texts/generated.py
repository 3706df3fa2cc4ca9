"""A grammar that writes sentences whose target is known, and views that need no model: for machines without texts or weights.

A sentence names a thing, says how something about it was, perhaps that it was not, perhaps how much so. Its target is the
value of the judgement, turned round by "not" and scaled by the degree: a product, which no sum over words expresses.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from .. import runtime
from ..data.container import Dataset, Views
from . import hashed

THINGS = ("film", "book", "meal", "concert", "lecture", "journey", "garden", "museum", "play", "hotel")
PARTS = ("beginning", "end", "idea", "price", "sound", "colour", "service", "pace", "light", "crowd")
TURNS = {"was": 1.0, "seemed": 0.8, "was not": -0.4}
DEGREES = {"": 1.0, "slightly": 0.5, "rather": 0.8, "very": 1.5, "extremely": 2.0}
JUDGEMENTS = {
    "perfect": 2.0, "wonderful": 1.7, "charming": 1.3, "pleasant": 1.0, "decent": 0.5, "plain": 0.0,
    "odd": -0.3, "dull": -0.9, "poor": -1.2, "ugly": -1.5, "awful": -1.8, "hopeless": -2.0,
}  # fmt: skip

NOISE_SD = 0.3
"""Standard deviation of the noise on a target; our choice."""

WORD_WIDTHS, LETTER_WIDTHS, STRONG_WIDTH = (2, 4, 8, 16), (8, 32, 128, 512), 45


def sentences(count: int, seed: int = 0) -> tuple[Dataset, np.ndarray]:
    """A set of ``count`` different sentences, and their targets without noise ``(n,)``.

    Raises ValueError for fewer than 60, or more than the grammar gives.
    """
    every = list(product(THINGS, PARTS, TURNS, DEGREES, JUDGEMENTS))
    if not 60 <= count <= len(every):
        raise ValueError(f"the grammar gives 60 to {len(every)} different sentences, not {count}")
    chosen = runtime.seed_stream(seed, "generated sentences").permutation(len(every))[:count]
    inputs, known = [], []
    for thing, part, turn, degree, judgement in (every[place] for place in chosen):
        inputs.append(" ".join(f"the {part} of this {thing} {turn} {degree} {judgement}".split()))
        known.append(TURNS[turn] * DEGREES[degree] * JUDGEMENTS[judgement])
    values = np.array(known)
    noise = runtime.seed_stream(seed, "generated sentences", "noise").normal(0, NOISE_SD, count)
    title = "generated sentences (nobody's): turn × degree × judgement, plus noise"
    data = Dataset("grammar", title, values + noise, "points", tuple(inputs), source="generated")
    return data, values


def views(data: Dataset) -> Views:
    """Views of any texts that need no model: hashed words strong, fewer of their directions and hashed letters weak."""
    strong, *fewer = hashed.words(data.inputs, (STRONG_WIDTH, *WORD_WIDTHS))
    weak = {f"words {width}": table for width, table in zip(WORD_WIDTHS, fewer, strict=True)}
    weak |= {f"letters {width}": hashed.characters(data.inputs, width) for width in LETTER_WIDTHS}
    return Views(strong, weak, strong_name=f"words {STRONG_WIDTH}")
