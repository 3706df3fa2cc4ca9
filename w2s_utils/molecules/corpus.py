"""The pre-training corpus: public lists of SMILES, standardised, merged, in one random order, without the target molecules.

`build` writes it under the cache: standardised chunks first, each kept as soon as it is done, so that a
run that was killed goes on where it stopped; then ``<name>.smi.gz``, one SMILES a line, and ``<name>.manifest.json`` with what
was read, left out and kept of every source. The same inputs give the same bytes, whatever the number of processes.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import hashlib
import io
import itertools
import json
import lzma
import tarfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joblib import delayed

from .. import runtime
from ..data import datasets, registry
from ..data.splits import DamagedFile
from . import chembench, chemistry
from .standard_smiles import REASONS, left_out, standardise

CHUNK_LINES = 10_000

RULES = 2
"""Version of the rules of `standard_smiles`: raise it when they change, and every chunk is made again."""


@dataclass(frozen=True)
class Source:
    """One file of the registry: its name, and where its SMILES stand.

    ``columns``: numbers of the columns with SMILES (0-based); ``separator``: between columns, None for blanks; ``header``:
    whether the first line names the columns.
    """

    name: str
    columns: tuple[int, ...] = (0,)
    separator: str | None = None
    header: bool = False


PUBLIC = (
    Source("smiles/chembl22-bimodal"),
    Source("smiles/chembl20-e3fp"),
    Source("smiles/chembl31-s4-mini-train"),
    Source("smiles/chembl31-s4-valid"),
    Source("smiles/chembl-reinvent-randomized-valid"),
    Source("smiles/zinc250k"),
    Source("smiles/muv", (0,), ",", header=True),
    Source("smiles/pubchem100k-rdkit", (0,), "\t"),
    Source("smiles/chembl30-test", (0,), ",", header=True),
    Source("smiles/chembl30-valid", (0,), ",", header=True),
    Source("smiles/chembl30-pairs-mfp0", (1, 3), "\t"),
    Source("smiles/chembl30-pairs-mfp1", (1, 3), "\t"),
    Source("smiles/chembl35-pairs-mfp0", (1, 3), "\t"),
    Source("smiles/chembl35-pairs-mfp1", (1, 3), "\t"),
    Source("smiles/chembl16-chiral"),
)
GUACAMOL = (Source("smiles/guacamol-train"),)

CORPORA = {"public": PUBLIC, "guacamol": GUACAMOL}
"""``public``: the lists that anyone can download piece by piece. ``guacamol``: the paper's corpus, one file."""


class CorpusMissing(FileNotFoundError):
    """The corpus has not been built."""


def folder() -> Path:
    """Folder of corpora and prepared files, in the cache (not created here)."""
    return registry.cache_folder() / "corpus"


def corpus_name(corpus: str, keep_targets: bool) -> str:
    """Name of a corpus' files: ``public``, or ``public-with-targets``. Raises ValueError for an unknown corpus."""
    if corpus not in CORPORA:
        raise ValueError(f"there is no corpus {corpus!r}; there are {', '.join(CORPORA)}")
    return f"{corpus}-with-targets" if keep_targets else corpus


def read_corpus(corpus: str = "public", keep_targets: bool = False) -> tuple[list[str], dict[str, Any]]:
    """The molecules of a built corpus and its manifest. Raises CorpusMissing, or DamagedFile where the sha256 differs."""
    name = corpus_name(corpus, keep_targets)
    listed, manifest = folder() / f"{name}.smi.gz", folder() / f"{name}.manifest.json"
    if not (listed.is_file() and manifest.is_file()):
        raise CorpusMissing(
            f"{runtime.shown(listed)} is not there: build it with `make corpus CORPUS={corpus}`"
        )
    try:
        about = json.loads(manifest.read_text(encoding="utf-8"))
        text = gzip.decompress(listed.read_bytes())
        if hashlib.sha256(text).hexdigest() != about["sha256"]:
            raise DamagedFile("its sha256 is not that of the manifest")
    except (OSError, ValueError, KeyError, EOFError, zlib.error) as error:
        raise DamagedFile(
            f"{runtime.shown(listed)} cannot be used ({error}); delete it and build it again"
        ) from error
    return text.decode().splitlines(), about


def build(corpus: str = "public", keep_targets: bool = False) -> dict[str, Any]:
    """Build a corpus and return its manifest. Chunks that an earlier run made under the same key are used again.

    ``keep_targets``: leave the molecules of the three target sets in (compared without stereo marks). Raises
    `registry.DataUnreachable` naming the file, the url and the ways to supply it, `registry.ChecksumMismatch`, DamagedFile.
    """
    name = corpus_name(corpus, keep_targets)
    merged: dict[str, str] = {}
    counts = {}
    for source in CORPORA[corpus]:
        found, counts[source.name] = _standardised(source)
        before = len(merged)
        merged |= found
        counts[source.name]["new"] = len(merged) - before
    targets = set() if keep_targets else target_molecules()
    kept = sorted((smiles for smiles, flat in merged.items() if flat not in targets), key=_place)
    text = "".join(f"{smiles}\n" for smiles in kept).encode()
    manifest = {
        "corpus": name,
        "molecules": len(kept),
        "sha256": hashlib.sha256(text).hexdigest(),
        "distinct": len(merged),
        "target molecules removed": len(merged) - len(kept),
        "rules": RULES,
        "rdkit": runtime.versions().get("rdkit"),
        "sources": counts,
    }
    with runtime.atomic_file(folder() / f"{name}.smi.gz", "wb") as file:
        file.write(gzip.compress(text, mtime=0))
    with runtime.atomic_file(folder() / f"{name}.manifest.json") as file:
        file.write(json.dumps(manifest, indent=1) + "\n")
    return manifest


def target_molecules() -> set[str]:
    """Standard SMILES without stereo marks of the molecules in the three target sets. Raises as `datasets.load`."""
    found = set()
    with chemistry.quiet():
        for name in chembench.NAMES:
            standard = [standardise(text) for text in datasets.load(name).inputs]
            found |= {one[1].flat for one in standard if one}
    return found


def lines_of(content: bytes, source: Source) -> list[str]:
    """The distinct SMILES texts of a source's file, in the order of the file, blanks around them removed.

    ``content`` may be packed: gzip, bzip2, xz, a zip, or a tar in one of the first three, with one file inside. Raises
    DamagedFile.
    """
    try:
        text = _unpacked(content).decode("utf-8")
    except (
        OSError,
        EOFError,
        ValueError,
        zlib.error,
        lzma.LZMAError,
        tarfile.TarError,
        zipfile.BadZipFile,
    ) as error:
        raise DamagedFile(f"the file of {source.name} cannot be unpacked ({error}); delete it") from error
    rows: Iterable[list[str]]
    if source.separator is None:
        rows = (line.split() for line in text.splitlines())
    else:
        rows = csv.reader(io.StringIO(text), delimiter=source.separator)
    found: dict[str, None] = {}
    for row in itertools.islice(rows, int(source.header), None):
        if row:
            if len(row) <= max(source.columns):
                raise DamagedFile(
                    f"the file of {source.name} has a line without column {max(source.columns)}"
                )
            found |= {row[column].strip(): None for column in source.columns if row[column].strip()}
    if not found:
        raise DamagedFile(f"the file of {source.name} holds no line")
    return list(found)


def _standardised(source: Source) -> tuple[dict[str, str], dict[str, int]]:
    """Standard SMILES -> the same without stereo, for all molecules of a source that belong in the corpus, and counts."""
    entry = registry.entry(source.name)
    path = registry.fetch(source.name)
    place = folder() / "standardised" / source.name.removeprefix("smiles/")
    key = f"{entry.sha256} rules {RULES} rdkit {runtime.versions().get('rdkit')} lines {CHUNK_LINES}"
    lines = lines_of(path.read_bytes(), source)
    chunks = [lines[start : start + CHUNK_LINES] for start in range(0, len(lines), CHUNK_LINES)]
    files = [place / f"{number:04d}.json.gz" for number in range(len(chunks))]
    missing = [number for number, file in enumerate(files) if _chunk(file, key) is None]
    started = time.monotonic()
    step = 4 * runtime.workers()
    for done in range(0, len(missing), step):
        batch = missing[done : done + step]
        made = runtime.parallel(delayed(standardise_all)(chunks[number]) for number in batch)
        for number, (pairs, others) in zip(batch, made, strict=True):
            packed = json.dumps({"key": key, "reasons": others, "pairs": pairs}).encode()
            with runtime.atomic_file(files[number], "wb") as output:
                output.write(gzip.compress(packed, 5, mtime=0))
        seconds = time.monotonic() - started
        share = (done + len(batch)) / len(missing)
        print(f"{source.name}: {done + len(batch)}/{len(missing)} chunks, {seconds:.0f} s, "
              f"about {seconds / share - seconds:.0f} s left", flush=True)  # fmt: skip
    found: dict[str, str] = {}
    reasons: Counter[str] = Counter()
    for file in files:
        content = _chunk(file, key)
        if content is None:
            raise DamagedFile(f"{runtime.shown(file)} was changed while the corpus was built; build it again")
        found |= {smiles: flat or smiles for smiles, flat in content["pairs"]}
        reasons.update(content["reasons"])
    counts = {"lines": len(lines), **{reason: reasons[reason] for reason in REASONS}, "molecules": len(found)}
    return found, counts


def standardise_all(lines: Sequence[str]) -> tuple[list[tuple[str, str]], dict[str, int]]:
    """``(smiles, flat)`` of each line that belongs in the corpus, ``flat`` empty where equal; and counts of the others."""
    pairs, reasons = [], Counter[str]()
    with chemistry.quiet():
        for line in lines:
            standard = standardise(line)
            if standard is None:
                reasons["unparsable"] += 1
                continue
            molecule, (smiles, flat) = standard
            if reason := left_out(molecule, smiles):
                reasons[reason] += 1
            else:
                pairs.append((smiles, "" if flat == smiles else flat))
    return pairs, dict(reasons)


def _chunk(file: Path, key: str) -> dict[str, Any] | None:
    """Content of a chunk's file; None where it is missing, damaged or made under another key."""
    try:
        content = json.loads(gzip.decompress(file.read_bytes()))
        return content if content["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zlib.error):
        return None


def _place(smiles: str) -> bytes:
    """What molecules are ordered by: as good as random, the same for ever, and not moved by other molecules."""
    return hashlib.blake2b(smiles.encode(), digest_size=8).digest()


def _unpacked(content: bytes) -> bytes:
    openers = {b"\x1f\x8b": gzip.decompress, b"BZh": bz2.decompress, b"\xfd7zXZ": lzma.decompress}
    for magic, opener in openers.items():
        if content.startswith(magic):
            content = opener(content)
            break
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            [name] = archive.namelist()
            return archive.read(name)
    if content[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            [member] = [one for one in archive if one.isfile()]
            file = archive.extractfile(member)
            assert file is not None  # a plain file always opens
            return file.read()
    return content
