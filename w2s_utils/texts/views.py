"""The views of a set of texts: a transformer's last layer strong; lower layers, small ones, hashed words, a lexicon weak.

``python -m w2s_utils.texts.views`` computes the features of every set that can be had, once, into the cache; with
``--compare`` it computes them again and says how far they are from those that were kept.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

import numpy as np

from .. import runtime
from ..data import datasets
from ..data.container import Dataset, Views
from ..theory.arrays import Array
from . import classification, hashed, lexicon, minilm, regression, small
from .encoder import layers, represented, steps_apart
from .inputs import halves

HASHED_WIDTHS = (8, 32, 256)
LAST, EMBEDDING = "last layer", "embedding"


def missing(model: str = minilm.PACKAGE) -> str:
    """Why there are no views, with the remedy; empty where there are. Raises as `minilm.folder`."""
    return "; ".join(filter(None, (minilm.missing(model), lexicon.missing())))


def ladder(data: Dataset, model: str = minilm.PACKAGE) -> Views:
    """The views of a set of texts or of pairs of sentences, ``(n, d)`` each; all but labels are used.

    Strong: the last layer of ``model`` (of `minilm`). Weak: hashed words in HASHED_WIDTHS columns, the lexicon, the last layer
    of `small` BERTs, the embedding and every layer below the last. A pair has `joined` of its sentences' features. Raises as
    `minilm.load` and `small.load`, UnusableText, and ImportError where there is no lexicon.
    """
    encoder = minilm.load(model)
    last = f"layer {encoder.layers}"

    def tables(texts: Sequence[str]) -> dict[str, Array]:
        found = {
            f"hashed {width}": one
            for width, one in zip(HASHED_WIDTHS, hashed.words(texts, HASHED_WIDTHS), strict=True)
        }
        found["lexicon"] = lexicon.scores(texts)
        for hidden in small.HIDDEN:
            found[f"small {hidden}"] = represented(small.load(hidden), texts)[:, -1].astype(np.float32)
        deep = represented(encoder, texts).astype(np.float32).swapaxes(0, 1)
        return found | {f"layer {place}" if place else EMBEDDING: one for place, one in enumerate(deep)}

    weak = of_inputs(data.inputs, tables)
    strong = weak.pop(last)
    return Views(strong, weak, strong_name=f"{encoder.name}, {last}")


def of_inputs(inputs: Sequence[str], tables: Callable[[Sequence[str]], dict[str, Array]]) -> dict[str, Array]:
    """``tables`` of texts by name, and for pairs of sentences those of both sentences `joined`. Raises UnusableText."""
    pairs = halves(inputs)
    if pairs is None:
        return tables(inputs)
    first, second = pairs
    of_both = tables([*first, *second])
    return {name: joined(table[: len(first)], table[len(first) :]) for name, table in of_both.items()}


def joined(first: Array, second: Array) -> Array:
    """Features of pairs ``(n, 2 d)`` from those of their sentences u, v ``(n, d)``, scaled to length 1: |u - v|, then u v.

    The sum of the last d columns is the cosine. The order of two sentences does not matter.
    """
    u, v = (
        side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        for side in (first, second)
    )
    return np.hstack([np.abs(u - v), u * v])


def main(arguments: list[str] | None = None) -> int:
    """Compute the features of the sets; 1 where they cannot be had, or with ``--compare`` are not those that were kept."""
    names = (*regression.NAMES, *classification.NAMES)
    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.texts.views", description=runtime.first_line(__doc__)
    )
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(names)}; all, if none is named")
    parser.add_argument("--compare", action="store_true", help="compute again, and compare")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.sets if name not in names]:
        parser.error(f"no set is called {unknown[0]!r}; there are {', '.join(names)}")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if reason := missing():
        print(reason, file=sys.stderr)
        return 1
    far = False
    for name in asked.sets or names:
        if not datasets.reachable(name):
            print(f"{name}: data unreachable")
            continue
        data, encoder = datasets.load(name), minilm.load()
        ladder(data)
        texts = [text for side in halves(data.inputs) or (data.inputs,) for text in side]
        apart = ""
        if asked.compare:
            steps = steps_apart(represented(encoder, texts), layers(encoder, texts))
            far |= not steps <= 1
            apart = f", computed again: {steps:.2g} float16 steps apart"
        print(f"{name}: features of {len(set(texts)):,} different texts{apart}")
    return int(far)


if __name__ == "__main__":
    sys.exit(main())
