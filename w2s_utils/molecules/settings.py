"""How each model is pre-trained where nothing else is said."""

from __future__ import annotations

from dataclasses import dataclass

from .molbert import LADDER, SIZES


@dataclass(frozen=True)
class Settings:
    """How one model is pre-trained; together with the prepared file it fixes the result on one kind of device."""

    model: str  # a name of molbert.SIZES
    steps: int  # optimiser steps
    batch_tokens: int = 4096  # tokens of one batch, all its rows of one length
    accumulate: int = 4  # batches, of different lengths, that one optimiser step takes together
    learning_rate: float = 1e-3  # at its peak, after a warm-up of 2 % of the steps; then down to 0 in a line
    seed: int = 0  # of the first weights, the order of the molecules and the hidden tokens
    molecules: int | None = None  # use only the first so many of the prepared file, held-out ones included

    def __post_init__(self) -> None:
        if self.model not in SIZES:
            raise ValueError(f"there is no model {self.model!r}; there are {', '.join(SIZES)}")
        whole = (
            self.steps,
            self.batch_tokens,
            self.accumulate,
            1 if self.molecules is None else self.molecules,
        )
        if min(whole) < 1 or not 0 < self.learning_rate < 1:
            raise ValueError(
                f"steps, tokens, batches and molecules are >= 1, the learning rate is in (0, 1): {self}"
            )


LADDER_SEEDS = (0, 1, 2)
"""Pre-training seeds with which each model of the ladder was trained."""


def named(model: str, seed: int) -> str:
    """Name of the folder of a model that was pre-trained with this seed: the model's own where the seed is 0."""
    return f"{model}-seed{seed}" if seed else model


DEFAULTS = {
    "tiny": Settings("tiny", steps=300, batch_tokens=2048, accumulate=1, learning_rate=5e-3),
    **{
        name: Settings(name, steps=3_000, batch_tokens=1024, accumulate=4, learning_rate=2e-3)
        for name in LADDER
    },
    "small": Settings("small", steps=3_200, batch_tokens=512, accumulate=8, learning_rate=1e-3),
    "medium": Settings("medium", steps=10_500, batch_tokens=32_768, accumulate=1, learning_rate=5e-4),
    "strong": Settings("strong", steps=10_000, batch_tokens=16_384, accumulate=4, learning_rate=2e-4),
}
"""What ``make pretrain`` does where nothing else is said.

``medium`` and ``strong`` read the corpus about five and ten times: they are for a GPU."""

STRENGTH_TARGETS = {"ESOL": 0.65, "FreeSolv": 1.6, "Lipop": 0.75}
"""Test RMSE of a linear head, mean of three splits, that we ask of ``strong``: ours, not numbers of the paper."""
