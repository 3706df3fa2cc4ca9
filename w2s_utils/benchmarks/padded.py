"""The usual way to pre-train, to compare with: padded rows, an attention mask, guesses made at every place."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from ..molecules.batches import HIDDEN_SHARE, standard_goals
from ..molecules.prepared import PreparedCorpus
from ..molecules.tokenizer import MASK, PAD, SPECIAL

IGNORED = -100
"""Label of a place that is not to be guessed, as torch's cross-entropy has it."""


class PaddedBatches:
    """Batch ``number`` holds ``rows`` random molecules, padded to the longest of them.

    A map like `batches.PretrainingBatches`; a pass takes each molecule once, the last batch of a pass may be smaller.
    """

    def __init__(self, corpus: PreparedCorpus, count: int, rows: int, seed: int):
        if count < 1 or rows < 1:
            raise ValueError(
                f"there is at least one batch of at least one row, not {count} batches of {rows} rows"
            )
        self.corpus, self.count, self.seed = corpus, count, seed
        self.size = min(rows, len(corpus))
        self._goals = standard_goals(corpus)
        self._starts = corpus.starts
        self._pass, self._order = -1, np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> dict[str, Any]:
        import torch

        if not 0 <= number < self.count:
            raise IndexError(number)
        rows = self.rows(number)
        lengths = self.corpus.lengths[rows].astype(np.int64)
        columns = np.arange(int(lengths.max()))
        real = columns < lengths[:, None]
        shown = np.full(real.shape, SPECIAL.index(PAD), dtype=np.int64)
        starts = self._starts[rows][:, None]
        shown[real] = self.corpus.tokens[(starts + columns)[real]]
        generator = runtime.seed_stream(self.seed, "hidden tokens", number)
        inside = (columns > 0) & (columns < lengths[:, None] - 1)
        hidden = inside & (generator.random(real.shape) < HIDDEN_SHARE)
        labels = np.where(hidden, shown, IGNORED)
        draw = generator.random(real.shape)
        shown[hidden & (draw < 0.8)] = SPECIAL.index(MASK)
        random = generator.integers(len(SPECIAL), len(self.corpus.vocabulary), real.shape)
        replaced = hidden & (draw >= 0.8) & (draw < 0.9)
        shown[replaced] = random[replaced]
        goals = self._goals[np.arange(len(self._goals)), self.corpus.levels[rows]]
        return {
            "input_ids": torch.from_numpy(shown),
            "attention_mask": torch.from_numpy(real.astype(np.int64)),
            "labels": torch.from_numpy(labels),
            "goals": torch.from_numpy(goals),
        }

    def rows(self, number: int) -> NDArray[np.int64]:
        """Numbers of the molecules of batch ``number``."""
        batches = -(-len(self.corpus) // self.size)
        if self._pass != number // batches:
            self._pass = number // batches
            self._order = runtime.seed_stream(self.seed, "pass", self._pass).permutation(len(self.corpus))
        start = number % batches * self.size
        return self._order[start : start + self.size]


def padded_model(model: Any) -> Any:
    """A `molbert` model that takes padded rows: the same weights and loss, with a mask and guesses at every place."""
    return _padded_class()(model)


@cache
def _padded_class() -> Any:
    import torch
    from transformers.utils.generic import ModelOutput

    class PaddedMolBert(torch.nn.Module):
        """What `padded_model` returns."""

        def __init__(self, model: Any):
            super().__init__()
            self.model = model

        def forward(
            self,
            input_ids: torch.Tensor,
            attention_mask: torch.Tensor,
            labels: torch.Tensor,
            goals: torch.Tensor,
        ) -> Any:
            encoded = self.model.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            kept = attention_mask.unsqueeze(-1).to(encoded.dtype)
            pooled = (encoded * kept).sum(dim=1) / kept.sum(dim=1)
            embeddings = self.model.encoder.embeddings.word_embeddings.weight
            logits = self.model.transform(encoded) @ embeddings.T + self.model.token_bias
            token_loss = torch.nn.functional.cross_entropy(
                logits.flatten(0, 1).float(), labels.flatten(), ignore_index=IGNORED
            )
            predicted = self.model.descriptors(pooled)
            loss = token_loss + torch.nn.functional.mse_loss(predicted.float(), goals)
            return ModelOutput(loss=loss, logits=logits, predicted=predicted)

    return PaddedMolBert
