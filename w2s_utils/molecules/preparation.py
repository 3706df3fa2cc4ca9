"""From the corpus to the one file that pre-training reads: ``python -m w2s_utils.molecules.preparation`` (``make corpus``).

Builds the corpus where it is not there yet, then computes tokens and descriptors in chunks, each kept as soon as it is done,
and writes ``<corpus>.prepared.npz`` beside it (see `molecules.prepared`).
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import io
import sys
import time
import zipfile
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from .. import runtime
from ..data.registry import ChecksumMismatch, DataUnreachable
from ..data.splits import DamagedFile
from . import chemistry, corpus, prepared
from .prepared import PreparedCorpus
from .tokenizer import MOST_TOKENS, SmilesTokenizer

PROPERTIES = (
    "amw", "NumHeavyAtoms", "NumHeteroatoms", "NumRotatableBonds", "NumHBD", "NumHBA", "NumAmideBonds", "FractionCSP3",
    "NumRings", "NumAromaticRings", "NumAliphaticRings", "NumSaturatedRings", "NumHeterocycles", "NumAromaticHeterocycles",
    "NumSpiroAtoms", "NumBridgeheadAtoms", "labuteASA", "tpsa", "CrippenClogP", "CrippenMR", "chi0v", "chi1v",
    "hallKierAlpha", "kappa1", "kappa2",
)  # fmt: skip
"""Descriptors by RDKit's own names: size, polarity, flexibility, rings, logP, connectivity and shape."""

SLOGP_BINS, PEOE_BINS = 12, 14
UNUSED_SLOGP_BIN = 9  # no atom ever falls into it

NAMES = (
    *PROPERTIES,
    *(f"SlogP_VSA{place}" for place in range(1, SLOGP_BINS + 1) if place != UNUSED_SLOGP_BIN),
    *(f"PEOE_VSA{place}" for place in range(1, PEOE_BINS + 1)),
)
"""The 50 descriptors that pre-training predicts: cheap ones (under a millisecond a molecule together) that say most of what
RDKit's list of 200 says. The last 25 are surface areas by an atom's share of logP or by its partial charge."""

CHUNK_MOLECULES = 20_000
RULES = 1
"""Version of this module's arithmetic: raise it when it changes, and every chunk is made again."""


def pretraining_descriptors(smiles: Sequence[str]) -> NDArray[np.float32]:
    """The descriptors NAMES of some molecules, ``(n, 50)``; a value that RDKit cannot define is 0. Raises InvalidSmiles."""
    return _descriptor_rows(chemistry.parse(smiles))


def _descriptor_rows(parsed: Sequence[Any]) -> NDArray[np.float32]:
    from rdkit.Chem import rdMolDescriptors

    values = np.empty((len(parsed), len(NAMES)), dtype=np.float32)
    with chemistry.quiet():
        for row, molecule in enumerate(parsed):
            slogp = list(rdMolDescriptors.SlogP_VSA_(molecule))
            del slogp[UNUSED_SLOGP_BIN - 1]
            values[row] = [
                *_properties().ComputeProperties(molecule), *slogp, *rdMolDescriptors.PEOE_VSA_(molecule),
            ]  # fmt: skip
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)


def prepare(name: str, keep_targets: bool = False, count: int | None = None, orders: int = 1) -> Path:
    """Write the prepared file of a built corpus, of its first ``count`` molecules or all; returns its path.

    ``orders``: rows per molecule. The first is its standard SMILES, the others begin at a random atom and take the branches
    in random order. Raises what `corpus.read_corpus` raises.
    """
    smiles, manifest = corpus.read_corpus(name, keep_targets)
    smiles = smiles[:count]
    stem = corpus.corpus_name(name, keep_targets)
    place = corpus.folder() / "prepared" / stem
    chunks = [smiles[start : start + CHUNK_MOLECULES] for start in range(0, len(smiles), CHUNK_MOLECULES)]
    files = [place / f"{number:04d}.npz" for number in range(len(chunks))]
    keys = [_key(chunk, orders) for chunk in chunks]
    missing = [number for number in range(len(chunks)) if _read(files[number], keys[number]) is None]
    started = time.monotonic()
    step = 2 * runtime.workers()
    for done in range(0, len(missing), step):
        batch = missing[done : done + step]
        made = runtime.parallel(delayed(_chunk)(chunks[number], orders) for number in batch)
        for number, arrays in zip(batch, made, strict=True):
            with runtime.atomic_file(files[number], "wb") as output:
                np.savez_compressed(output, key=np.frombuffer(keys[number], dtype=np.uint8), **arrays)
        seconds, share = time.monotonic() - started, (done + len(batch)) / len(missing)
        print(f"prepared {done + len(batch)}/{len(missing)} chunks, {seconds:.0f} s, "
              f"about {seconds / share - seconds:.0f} s left", flush=True)  # fmt: skip
    parts = []
    for file, key in zip(files, keys, strict=True):
        part = _read(file, key)
        if part is None:
            raise DamagedFile(
                f"{runtime.shown(file)} was changed while the corpus was prepared; run it again"
            )
        parts.append(part)
    rows = sum(len(part["lengths"]) for part in parts)
    made_of = {"corpus": stem, "corpus_sha256": manifest["sha256"], "corpus_molecules": manifest["molecules"],
               "molecules": rows // orders, "orders": orders, "rdkit": manifest["rdkit"]}  # fmt: skip
    path = prepared.path_of(stem)
    prepared.save(_assembled(parts, made_of), path)
    return path


def in_memory(smiles: Sequence[str]) -> PreparedCorpus:
    """A few standard SMILES, at least one, as `prepare` would save them, without a file.

    Raises `chemistry.InvalidSmiles`, and `tokenizer.UnusableSmiles` for one that is too long.
    """
    chemistry.parse(smiles)
    digest = hashlib.sha256("\n".join(smiles).encode()).hexdigest()
    return _assembled([_chunk(smiles, 1)], {"corpus_sha256": digest, "molecules": len(smiles)})


def _assembled(parts: Sequence[dict[str, NDArray[Any]]], made_of: dict[str, Any]) -> PreparedCorpus:
    """Chunks put together; the descriptors' quantiles are those of all of them."""
    values = np.concatenate([part["values"] for part in parts])
    edges = prepared.quantile_edges(values)
    return PreparedCorpus(
        tokens=np.concatenate([part["tokens"] for part in parts]),
        lengths=np.concatenate([part["lengths"] for part in parts]),
        levels=prepared.quantile_levels(values, edges),
        edges=edges,
        names=NAMES,
        vocabulary=SmilesTokenizer().vocabulary,
        provenance=made_of,
    )


def _chunk(smiles: Sequence[str], orders: int) -> dict[str, NDArray[Any]]:
    from rdkit import Chem

    tokenizer = SmilesTokenizer()
    with chemistry.quiet():
        # Of a million SMILES that RDKit wrote there are a few that it does not read: they are left out.
        read = [(text, molecule) for text in smiles if (molecule := Chem.MolFromSmiles(text)) is not None]
    rows = [
        np.array(row, dtype=np.uint8)
        for text, molecule in read
        for row in _in_orders(text, molecule, orders, tokenizer)
    ]
    return {
        "tokens": np.concatenate(rows),
        "lengths": np.array([len(row) for row in rows], dtype=np.uint8),
        "values": np.repeat(_descriptor_rows([molecule for _, molecule in read]), orders, axis=0),
    }


def _in_orders(smiles: str, molecule: Any, orders: int, tokenizer: SmilesTokenizer) -> list[list[int]]:
    """Token rows of one molecule: its standard SMILES, then others; one that is too long gives way to the standard one."""
    from rdkit import Chem

    rows = [tokenizer.encode(smiles)]
    if orders > 1:
        seed = zlib.crc32(smiles.encode())
        for other in Chem.MolToRandomSmilesVect(molecule, orders - 1, randomSeed=seed):
            tokens = len(tokenizer.tokens(other)) + 2
            rows.append(tokenizer.encode(other) if tokens <= MOST_TOKENS else rows[0])
    return rows


def _key(smiles: Sequence[str], orders: int) -> bytes:
    """What a chunk depends on, as a digest."""
    digest = hashlib.sha256("\n".join(smiles).encode())
    digest.update(
        f"{RULES} {orders} {runtime.versions().get('rdkit')} {NAMES} {SmilesTokenizer().vocabulary}".encode()
    )
    return digest.digest()


def _read(file: Path, key: bytes) -> dict[str, NDArray[Any]] | None:
    """A chunk's arrays; None where the file is missing, damaged or made under another key."""
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        return found if found.pop("key").tobytes() == key else None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None


@cache
def _properties() -> Any:
    from rdkit.Chem import rdMolDescriptors

    return rdMolDescriptors.Properties(PROPERTIES)


def main(arguments: list[str] | None = None) -> int:
    """Build and prepare a corpus, and print what came out; 1 where a file cannot be had or used."""
    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.molecules.preparation", description=runtime.first_line(__doc__)
    )
    parser.add_argument("--corpus", default="public", choices=corpus.CORPORA)
    parser.add_argument(
        "--keep-targets", action="store_true", help="leave the molecules of the target sets in"
    )
    parser.add_argument("--molecules", type=int, help="prepare only the first so many, a random sample")
    parser.add_argument(
        "--orders", type=int, default=1, help="rows per molecule: 1, or more with atoms in random order"
    )
    asked = parser.parse_args(arguments)
    if min(asked.orders, 1 if asked.molecules is None else asked.molecules) < 1:
        parser.error("--molecules and --orders are numbers >= 1")
    try:
        manifest = corpus.build(asked.corpus, asked.keep_targets)
        print(f"{manifest['corpus']}: {manifest['molecules']} molecules, "
              f"{manifest['target molecules removed']} of the target sets removed")  # fmt: skip
        path = prepare(asked.corpus, asked.keep_targets, asked.molecules, asked.orders)
    except (DataUnreachable, ChecksumMismatch, DamagedFile, runtime.UnwritableFolder) as error:
        print(f"the corpus cannot be built: {error}", file=sys.stderr)
        return 1
    print(f"{runtime.shown(path)}: {path.stat().st_size / 1e6:.1f} MB, sha256 {runtime.sha256(path)}")
    return 0


if __name__ == "__main__":
    # Worker processes find functions by their module's name, which "__main__" is not for them.
    sys.exit(importlib.import_module("w2s_utils.molecules.preparation").main())
