"""Molecules that are never learned from, and what a model knows of them."""

from __future__ import annotations

from typing import Any

from .. import runtime
from . import batches
from .batches import PretrainingBatches
from .prepared import PreparedCorpus

HELD_OUT = 5_000
"""Molecules at the end of the prepared file that are never learned from: what is learned is measured on them."""

WATCHED = 1_000
"""How many of them are looked at during a run; all are at its end."""


def split(corpus: PreparedCorpus, molecules: int | None = None) -> tuple[PreparedCorpus, PreparedCorpus]:
    """Molecules to learn from and HELD_OUT others (a tenth of all, where they are few). Raises ValueError below 20."""
    rows = min(molecules or len(corpus), len(corpus))
    orders = int(corpus.provenance.get("orders", 1))
    kept = rows - min(HELD_OUT * orders, rows // 10 // orders * orders)
    if rows < 20 or kept == rows:
        raise ValueError(f"{rows} molecules are too few to learn from and to measure on; prepare 20 at least")
    return corpus.part(0, kept), corpus.part(kept, rows)


def measure(model: Any, corpus: PreparedCorpus, batch_tokens: int = 8192, seed: int = 1) -> dict[str, float]:
    """What a model knows of some molecules: ``held_out_loss``, the loss of pre-training; ``token_accuracy``, the share of
    hidden tokens that it guesses, and ``token_loss``, the cross-entropy of the guess in nats; ``r2`` of the descriptors, in
    quantile levels, the mean over descriptors, and ``r2_<name>`` for each."""
    import torch

    device = next(model.parameters()).device
    right, total, entropy = 0, 0, 0.0
    apart = torch.zeros(len(corpus.names), dtype=torch.float64)
    square = torch.zeros_like(apart)
    sums = torch.zeros_like(apart)
    cut = batches.cut_batches(corpus.lengths, batch_tokens, runtime.seed_stream(seed, "pass", 0))
    data = PretrainingBatches(corpus, len(cut), batch_tokens, seed)
    model.eval()
    with torch.inference_mode():
        for number in range(len(cut)):
            batch = {name: tensor.to(device) for name, tensor in data[number].items()}
            found = model(batch["input_ids"], batch["masked"])
            logits = found["logits"].float()
            right += int((logits.argmax(1) == batch["labels"]).sum())
            total += len(batch["labels"])
            entropy += float(torch.nn.functional.cross_entropy(logits, batch["labels"], reduction="sum"))
            goals, predicted = batch["goals"].double().cpu(), found["predicted"].double().cpu()
            apart += ((predicted - goals) ** 2).sum(0)
            square += (goals**2).sum(0)
            sums += goals.sum(0)
    variance = square - sums**2 / len(corpus)
    r2 = torch.where(variance > 0, 1 - apart / variance.clamp(min=1e-12), torch.nan)
    known = r2[~r2.isnan()]
    return {
        "held_out_loss": entropy / total + float(apart.mean()) / len(corpus),
        "token_accuracy": right / total,
        "token_loss": entropy / total,
        "r2": float(known.mean()),
        **{f"r2_{name}": float(value) for name, value in zip(corpus.names, r2, strict=True)},
    }
