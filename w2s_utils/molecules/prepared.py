"""The one file that pre-training reads: molecules as token numbers, and their descriptors as quantiles. Needs numpy alone.

For n molecules in a fixed random order, so that the first k are a random sample of all:

    tokens   uint8, all rows one after another, start and end included
    lengths  uint8 (n,)     tokens of each row
    levels   uint8 (n, d)   descriptor j of a molecule, as the number of the quantile level it falls in: 0 ... LEVELS - 1
    edges    float32 (d, LEVELS - 1): level k of descriptor j holds the values up to edges[j, k]
"""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from ..data import registry
from .tokenizer import SmilesTokenizer

LEVELS = 32
"""Quantile levels of a descriptor: five bits say where in the corpus a molecule stands."""


class PreparedFileError(ValueError):
    """The prepared file is missing, cut off, damaged, or made for another vocabulary."""


@dataclass(frozen=True, eq=False)
class PreparedCorpus:
    """Molecules ready for pre-training; arrays as in the module's text.

    ``names``: the d descriptors. ``vocabulary``: that of the token numbers. ``provenance``: where the molecules come from,
    a JSON object with at least ``corpus_sha256``. Raises PreparedFileError where the arrays do not fit together.
    """

    tokens: NDArray[np.uint8]
    lengths: NDArray[np.uint8]
    levels: NDArray[np.uint8]
    edges: NDArray[np.float32]
    names: tuple[str, ...]
    vocabulary: tuple[str, ...]
    provenance: dict[str, Any]

    def __post_init__(self) -> None:
        n, d = len(self.lengths), len(self.names)
        fits = (
            n > 0
            and self.levels.shape == (n, d)
            and self.edges.shape == (d, LEVELS - 1)
            and self.tokens.shape == (self.lengths.sum(dtype=np.int64),)
            and self.tokens.max(initial=0) < len(self.vocabulary)
            and self.levels.max(initial=0) < LEVELS
            and self.lengths.min(initial=255) > 2
        )
        if not fits:
            raise PreparedFileError("the arrays of the prepared corpus do not fit together; prepare it again")

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def starts(self) -> NDArray[np.int64]:
        """Place of each row's first token, ``(n,)``."""
        return np.cumsum(self.lengths, dtype=np.int64) - self.lengths

    def part(self, start: int, stop: int) -> PreparedCorpus:
        """Molecules ``start`` to ``stop`` (not included): a random sample of all, as the order is random."""
        lengths = self.lengths[start:stop]
        before = int(self.lengths[:start].sum(dtype=np.int64))
        tokens = self.tokens[before : before + int(lengths.sum(dtype=np.int64))]
        return replace(self, tokens=tokens, lengths=lengths, levels=self.levels[start:stop])


def path_of(corpus: str) -> Path:
    """Where the prepared file of a corpus stands, in the cache."""
    return registry.cache_folder() / "corpus" / f"{corpus}.prepared.npz"


def quantile_edges(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Edges ``(d, LEVELS - 1)`` that cut each column of ``values (n, d)`` into LEVELS levels of equal weight.

    A value that many molecules share takes up several levels, of which the lowest is used (see `quantile_levels`).
    """
    shares = np.arange(1, LEVELS) / LEVELS
    return np.quantile(values, shares, axis=0, method="inverted_cdf").T.astype(np.float32)


def quantile_levels(values: NDArray[np.floating], edges: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Level of each value ``(n, d)``: how many edges of its column lie below it."""
    found = [np.searchsorted(edge, column, side="left") for edge, column in zip(edges, values.T, strict=True)]
    return np.stack(found, axis=1).astype(np.uint8)


def save(corpus: PreparedCorpus, path: Path) -> str:
    """Write the prepared file whole or not at all; returns its sha256."""
    about = json.dumps(
        {"names": corpus.names, "vocabulary": corpus.vocabulary, "provenance": corpus.provenance}
    )
    with runtime.atomic_file(path, "wb") as file:
        np.savez_compressed(
            file,
            tokens=corpus.tokens,
            lengths=corpus.lengths,
            levels=np.ascontiguousarray(corpus.levels.T),  # columns compress better than rows
            edges=corpus.edges,
            about=np.frombuffer(about.encode(), dtype=np.uint8),
        )
    return runtime.sha256(path)


def load(path: Path) -> PreparedCorpus:
    """Read a prepared file. Raises PreparedFileError where it is missing, damaged or of another vocabulary."""
    if not path.is_file():
        raise PreparedFileError(
            f"{runtime.shown(path)} is not there: make it with `make corpus` on a machine with RDKit, or copy it from one"
        )
    try:
        with np.load(path, allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            corpus = PreparedCorpus(
                arrays["tokens"],
                arrays["lengths"],
                np.ascontiguousarray(arrays["levels"].T),
                arrays["edges"],
                tuple(about["names"]),
                tuple(about["vocabulary"]),
                about["provenance"],
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise PreparedFileError(
            f"{runtime.shown(path)} is damaged ({error}); delete it and make it again with `make corpus`"
        ) from error
    if corpus.vocabulary != SmilesTokenizer().vocabulary:
        raise PreparedFileError(
            f"{runtime.shown(path)} was made with another vocabulary; make it again with `make corpus`"
        )
    return corpus
