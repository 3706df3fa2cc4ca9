"""Batches for pre-training: rows of one length, with hidden tokens and descriptor goals, the same for the same seed.

A pass over the corpus shuffles all molecules, groups them by length and cuts the groups into batches of at most so many
tokens, so not one token is padding; then the batches are shuffled. Batch number i of a run depends on the seed and on i alone:
a run that was interrupted goes on with the batch that was next, and several processes can share the numbers among them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from .prepared import LEVELS, PreparedCorpus
from .tokenizer import MASK, SPECIAL

HIDDEN_SHARE = 0.15
"""Share of the tokens of a batch that are to be guessed; of these 80 % are masked, 10 % replaced, 10 % left as they are."""


class PretrainingBatches:
    """Map from a number 0 ... ``count`` - 1 to one batch, a dictionary of torch tensors for `molbert`'s forward.

    ``corpus``: the molecules to learn from; ``batch_tokens``: tokens of the largest batch. Raises ValueError for no batch, or
    batches smaller than a row.
    """

    def __init__(self, corpus: PreparedCorpus, count: int, batch_tokens: int, seed: int):
        if count < 1 or batch_tokens < corpus.lengths.max():
            raise ValueError(
                f"there is at least one batch, and the largest row ({corpus.lengths.max()} tokens) fits into it; "
                f"not {count} batches of {batch_tokens} tokens"
            )
        self.corpus, self.count, self.batch_tokens, self.seed = corpus, count, batch_tokens, seed
        self._goals = standard_goals(corpus)
        self._starts = corpus.starts
        self._pass, self._before = -1, 0  # the pass that is cut, and how many batches came before it
        self._cut: list[NDArray[np.int64]] = []

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> dict[str, Any]:
        import torch

        if not 0 <= number < self.count:
            raise IndexError(number)
        rows = self.rows(number)
        ids = self.corpus.tokens[self._starts[rows][:, None] + np.arange(int(self.corpus.lengths[rows[0]]))]
        generator = runtime.seed_stream(self.seed, "hidden tokens", number)
        shown, places, labels = hide_tokens(ids, len(self.corpus.vocabulary), generator)
        goals = self._goals[np.arange(self._goals.shape[0]), self.corpus.levels[rows]]
        return {
            "input_ids": torch.from_numpy(shown.astype(np.int64)),
            "masked": torch.from_numpy(places),
            "labels": torch.from_numpy(labels.astype(np.int64)),
            "goals": torch.from_numpy(goals),
        }

    def rows(self, number: int) -> NDArray[np.int64]:
        """Numbers of the molecules of batch ``number``, all of one length."""
        if number < self._before:  # a pass before the one that is cut: count from the start again
            self._pass, self._before, self._cut = -1, 0, []
        while number >= self._before + len(self._cut):
            self._pass, self._before = self._pass + 1, self._before + len(self._cut)
            generator = runtime.seed_stream(self.seed, "pass", self._pass)
            self._cut = cut_batches(self.corpus.lengths, self.batch_tokens, generator)
        return self._cut[number - self._before]


def cut_batches(
    lengths: NDArray[np.integer], batch_tokens: int, generator: np.random.Generator
) -> list[NDArray[np.int64]]:
    """One pass: every row once, in batches of rows of one length and at most ``batch_tokens`` tokens, in random order."""
    order = generator.permutation(len(lengths))
    order = order[np.argsort(lengths[order], kind="stable")]
    ends = np.flatnonzero(np.diff(lengths[order])) + 1
    batches = []
    for group in np.split(order, ends):
        size = batch_tokens // int(lengths[group[0]])
        batches += [group[start : start + size] for start in range(0, len(group), size)]
    return [batches[place] for place in generator.permutation(len(batches))]


def hide_tokens(
    ids: NDArray[np.integer], vocabulary: int, generator: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.uint8]]:
    """Rows with some tokens hidden, the places of these in the flattened rows, and what stood there.

    ``ids (rows, length)``: between its start and its end token each row has HIDDEN_SHARE of its tokens hidden, rounded, at
    least one. Of the hidden, 80 % show the mask, 10 % another token drawn at random, 10 % themselves.
    """
    rows, length = ids.shape
    count = max(round(HIDDEN_SHARE * (length - 2)), 1)
    columns = 1 + generator.random((rows, length - 2)).argsort(axis=1)[:, :count]
    places = (np.arange(rows)[:, None] * length + columns).ravel()
    shown = ids.astype(np.uint8).ravel()
    labels = shown[places]
    draw = generator.random(len(places))
    random = generator.integers(len(SPECIAL), vocabulary, len(places))
    shown[places] = np.where(draw < 0.8, SPECIAL.index(MASK), np.where(draw < 0.9, random, labels))
    return shown.reshape(ids.shape), places, labels


def standard_goals(corpus: PreparedCorpus) -> NDArray[np.float32]:
    """What each level of each descriptor stands for in the loss, ``(d, LEVELS)``: mean 0 and variance 1 over the corpus.

    A descriptor with one level only is 0 throughout.
    """
    counts = np.stack([np.bincount(column, minlength=LEVELS) for column in corpus.levels.T])
    shares = counts / len(corpus)
    levels = np.arange(LEVELS)
    mean = shares @ levels
    sd = np.sqrt(np.maximum(shares @ levels**2 - mean**2, 0))
    goals = np.zeros((len(shares), LEVELS), dtype=np.float32)
    varies = sd > 0
    goals[varies] = (levels - mean[varies, None]) / sd[varies, None]
    return goals
