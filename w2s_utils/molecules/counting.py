"""Guesses of hidden tokens from counts alone, to compare a pre-trained model with, and how guesses are judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import runtime
from ..theory.arrays import Array
from . import batches, chemistry, standard_smiles
from .prepared import PreparedCorpus
from .tokenizer import SmilesTokenizer

Guesses = Callable[[Mapping[str, Any]], dict[str, Array]]
"""From a batch of `batches.PretrainingBatches` to probabilities ``(hidden tokens, vocabulary)``, by predictor."""

FREQUENCIES, LEFT, BOTH = "token frequencies", "left neighbour", "both neighbours"
"""p(x_i), p(x_i | x_{i-1}) and p(x_i | x_{i-1}, x_{i+1})."""


def usable(smiles: Iterable[str], seed: int) -> list[str]:
    """Standard SMILES of the molecules that are of the kind that pre-training reads, each once, in a drawn order."""
    with chemistry.quiet():
        read = [one for one in map(standard_smiles.standardise, smiles) if one is not None]
        found = {standard.smiles: mol for mol, standard in read}
    kept = [text for text, mol in found.items() if not standard_smiles.left_out(mol, text)]
    return [kept[place] for place in runtime.seed_stream(seed, "usable molecules").permutation(len(kept))]


def count_tokens(token_rows: Iterable[NDArray[np.integer]]) -> Guesses:
    """The three counting predictors from rows of token numbers, start and end included.

    Each is smoothed by one count from the next simpler one, so that a pair never seen costs little.
    """
    size = len(SmilesTokenizer())
    triples = np.zeros((size, size, size))  # left neighbour, token, right neighbour
    for row in token_rows:
        np.add.at(triples, (row[:-2], row[1:-1], row[2:]), 1)
    alone = (triples.sum((0, 2)) + 1) / (triples.sum() + size)
    after, before = _smoothed(triples.sum(2), alone), _smoothed(triples.sum(0).T, alone)
    between = _smoothed(triples, (after[:, :, None] + before.T[None]) / 2)

    def predict(batch: Mapping[str, Any]) -> dict[str, Array]:
        shown, places = batch["input_ids"].numpy().ravel(), batch["masked"].numpy()
        left, right = shown[places - 1], shown[places + 1]
        return {
            FREQUENCIES: np.tile(alone, (len(places), 1)),
            LEFT: after[left],
            BOTH: between[left, :, right],
        }

    return predict


def judged(predict: Guesses, corpus: PreparedCorpus) -> pd.DataFrame:
    """Every hidden token of a corpus, as `held_out.measure` hides them, under every predictor.

    Columns: ``predictor``, ``molecule`` (its number), ``token`` (what it is), ``right``: the likeliest guess is, and ``loss``,
    -log p(truth) in nats.
    """
    cut = batches.cut_batches(corpus.lengths, 8192, runtime.seed_stream(1, "pass", 0))
    data = batches.PretrainingBatches(corpus, len(cut), 8192, seed=1)
    parts = []
    for number in range(len(cut)):
        batch, rows = data[number], data.rows(number)
        truth = batch["labels"].numpy()
        about = {"molecule": rows[batch["masked"].numpy() // batch["input_ids"].shape[1]], "token": truth}
        for name, chances in predict(batch).items():
            right, loss = chances.argmax(1) == truth, -np.log(chances[np.arange(len(truth)), truth])
            parts.append(pd.DataFrame({"predictor": name, **about, "right": right, "loss": loss}))
    return pd.concat(parts, ignore_index=True)


def _smoothed(counts: Array, simpler: Array) -> Array:
    """Relative frequencies along axis 1, with one count from a simpler predictor added."""
    return np.asarray((counts + simpler) / (counts.sum(axis=1, keepdims=True) + 1))
