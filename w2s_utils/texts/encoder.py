"""Texts through a transformer: every layer's representation, the mean of a layer over the tokens of a text.

Rows of one batch have one length, longest first, so that nothing is padded and a text's numbers do not depend on its
neighbours. torch and transformers are imported when a model is loaded.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data import kept
from .inputs import checked

MOST_TOKENS = 128
"""Where a text is cut, special tokens included: the length that all-MiniLM-L6-v2 was trained at."""

BATCH_TOKENS = 4096

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Encoder:
    """A transformer that is loaded where it is needed, which is not where its features are in the cache.

    ``name``: for tables; ``identity``: a text that stands for weights and tokens, equal for equal ones; ``layers`` above the
    embedding; ``load``: gives a model of transformers', and what turns texts into its token numbers.
    """

    name: str
    identity: str
    layers: int
    load: Callable[[], tuple[Any, Callable[[Sequence[str]], list[list[int]]]]]

    @cached_property
    def loaded(self) -> tuple[Any, Callable[[Sequence[str]], list[list[int]]]]:
        """What ``load`` gives, loaded once."""
        return self.load()


def layers(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float16]:
    """The embedding's and every layer's representation, ``(n, layers + 1, hidden)``, row i for text i; no dropout.

    A text is cut at MOST_TOKENS tokens. The result depends on neither the order of the texts nor on what else is among them,
    up to the last step of float16 (`steps_apart`). Progress goes to the log, level INFO. Raises UnusableText.
    """
    import torch

    model, numbers = encoder.loaded
    rows = numbers(checked(texts))
    by_length: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        by_length.setdefault(len(row), []).append(place)
    found = np.empty((len(rows), encoder.layers + 1, model.config.hidden_size), dtype=np.float16)
    model.eval()
    done = 0
    with torch.inference_mode():
        for length, places in sorted(by_length.items(), reverse=True):
            step = max(BATCH_TOKENS // length, 1)
            for start in range(0, len(places), step):
                chosen = places[start : start + step]
                made = model(
                    input_ids=torch.tensor([rows[place] for place in chosen]), output_hidden_states=True
                )
                means = [layer.mean(dim=1) for layer in made.hidden_states]
                found[chosen] = torch.stack(means, dim=1).numpy().astype(np.float16)
                done += len(chosen)
                log.info("%s: %d of %d texts", encoder.name, done, len(rows))
    return found


def represented(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float16]:
    """`layers` of these texts, computed once and then read from the cache (``texts/``), whatever their order.

    Raises UnusableText.
    """
    different = sorted(set(checked(texts)))
    recipe = f"{encoder.identity}, mean of each layer over {MOST_TOKENS} tokens at most, float16"
    made = kept.table(
        "texts",
        [recipe, *map(repr, different)],
        lambda: layers(encoder, different),
        len(different),
        np.float16,
    )
    places = {text: place for place, text in enumerate(different)}
    rows = made.reshape(len(different), encoder.layers + 1, -1)
    return rows[[places[text] for text in texts]]


def steps_apart(known: NDArray[np.float16], made: NDArray[np.float16]) -> float:
    """Largest distance of two tables ``(n, ...)`` in float16 steps, 2^-10 of the largest entry of a row; NaN where one is NaN.

    Every entry is a sum of terms of that size, so single precision errs relative to it; rounding then adds one step at most.
    Raises ValueError for tables of two shapes.
    """
    if known.shape != made.shape:
        raise ValueError(f"tables of two shapes, {known.shape} and {made.shape}, cannot be compared")
    one, other = (np.asarray(side, dtype=np.float64).reshape(len(side), -1) for side in (known, made))
    steps = np.finfo(np.float16).eps * np.abs(one).max(axis=1, keepdims=True)
    return float(np.max(np.abs(one - other) / steps))
