"""Public molecules merged into one corpus, and the one file that pre-training reads."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import numpy as np
import pytest

from w2s_utils.data import registry
from w2s_utils.data.splits import DamagedFile
from w2s_utils.molecules import chemistry, corpus, generated, preparation, prepared
from w2s_utils.molecules.corpus import Source, lines_of
from w2s_utils.molecules.prepared import (
    LEVELS,
    PreparedCorpus,
    PreparedFileError,
    quantile_edges,
    quantile_levels,
)
from w2s_utils.molecules.tokenizer import SmilesTokenizer

LISTED = generated.enumerate_molecules(60, seed=3)
EXTRA = ["CCO", "C(", "CCCCCO.[Na+]", "CCCCC[Hg]C", "C" * 80, "OCCCCC"]


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A corpus of two sources in a cache of its own, without target molecules but for one."""
    monkeypatch.setenv("W2S_CACHE", str(tmp_path))
    monkeypatch.setenv("W2S_WORKERS", "1")
    files = {"smiles/a": "\n".join([*LISTED[:40], *EXTRA]), "smiles/b": "\n".join(LISTED[30:])}
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    entry = registry.Entry("", "", "", "0", 1, "", "", "")
    monkeypatch.setattr(registry, "entry", lambda name: entry)
    monkeypatch.setattr(registry, "fetch", lambda name: tmp_path / name)
    monkeypatch.setitem(corpus.CORPORA, "public", (Source("smiles/a"), Source("smiles/b")))
    monkeypatch.setattr(corpus, "target_molecules", lambda: {LISTED[0]})
    monkeypatch.setattr(corpus, "CHUNK_LINES", 16)
    monkeypatch.setattr(preparation, "CHUNK_MOLECULES", 25)
    return tmp_path


def packed_tar(text):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("x.txt")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return buffer.getvalue()


def packed_zip(text):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x.txt", text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "pack",
    [bytes, gzip.compress, bz2.compress, lzma.compress, packed_tar, packed_zip],
    ids=lambda f: f.__name__,
)
def test_a_file_is_read_however_it_is_packed(pack):
    assert lines_of(pack(b"\nCCO id-1\nCCN id-2\nCCO id-3\n"), Source("x")) == ["CCO", "CCN"]


def test_columns_and_header():
    text = b"id\tone\tid\ttwo\nx\tCC\ty\tCN\n"
    assert lines_of(text, Source("x", (1, 3), "\t", header=True)) == ["CC", "CN"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x1f\x8bxx", b"PKxx", b"\xff\xfe"])
def test_a_damaged_file_is_named(content):
    with pytest.raises(DamagedFile, match="smiles/x"):
        lines_of(content, Source("smiles/x"))


def test_a_line_without_its_column_is_named():
    with pytest.raises(DamagedFile, match="column 3"):
        lines_of(b"a\tb\n", Source("x", (1, 3), "\t"))


def test_the_corpus_counts_what_it_leaves_out(toy):
    manifest = corpus.build()
    counts = manifest["sources"]["smiles/a"]
    assert counts["unparsable"] == 1 and counts["elements"] == 1 and counts["atoms"] == 2
    assert counts["lines"] == 46 and manifest["target molecules removed"] == 1
    found, again = corpus.read_corpus()
    assert again == manifest and len(found) == len(set(found)) == manifest["molecules"]
    assert LISTED[0] not in found and "CCCCCO" in found
    with_targets = corpus.build(keep_targets=True)
    assert with_targets["molecules"] == manifest["molecules"] + 1


def test_a_corpus_is_resumed_from_its_chunks_and_comes_out_the_same(toy, monkeypatch):
    first = corpus.build()
    chunks = sorted((toy / "corpus" / "standardised").rglob("*.gz"))
    chunks[0].unlink()
    chunks[1].write_bytes(chunks[1].read_bytes()[:20])
    made = []
    whole = corpus.standardise_all
    monkeypatch.setattr(corpus, "standardise_all", lambda lines: made.append(len(lines)) or whole(lines))
    assert corpus.build() == first and len(made) == 2


def test_a_corpus_that_is_missing_or_damaged_is_named(toy):
    with pytest.raises(corpus.CorpusMissing, match="make corpus"):
        corpus.read_corpus()
    with pytest.raises(ValueError, match="no corpus"):
        corpus.read_corpus("other")
    corpus.build()
    path = toy / "corpus" / "public.smi.gz"
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(DamagedFile, match="build it again"):
        corpus.read_corpus()


@pytest.mark.parametrize("orders", [1, 3])
def test_the_prepared_file_holds_every_molecule(toy, orders):
    corpus.build()
    ready = prepared.load(preparation.prepare("public", orders=orders))
    smiles, manifest = corpus.read_corpus()
    assert len(ready) == orders * len(smiles) and ready.provenance["corpus_sha256"] == manifest["sha256"]
    tokenizer = SmilesTokenizer()
    rows = [
        tokenizer.decode(ready.tokens[start : start + length])
        for start, length in zip(ready.starts, ready.lengths, strict=True)
    ]
    assert rows[::orders] == smiles
    assert chemistry.canonical(rows) == [text for text in smiles for _ in range(orders)]
    assert len(set(rows)) > len(smiles) if orders > 1 else True


def test_preparing_again_uses_the_chunks_that_are_whole(toy, monkeypatch):
    corpus.build()
    path = preparation.prepare("public")
    first = path.read_bytes()
    chunks = sorted((toy / "corpus" / "prepared").rglob("*.npz"))
    chunks[0].write_bytes(chunks[0].read_bytes()[:100])
    made, whole = [], preparation._chunk
    monkeypatch.setattr(preparation, "_chunk", lambda *asked: made.append(asked) or whole(*asked))
    assert preparation.prepare("public").read_bytes() == first
    assert len(made) == 1 < len(chunks)


def test_descriptors_are_rdkits_own():
    values = preparation.pretraining_descriptors(["CCO", "c1ccccc1O"])
    table, names = chemistry.descriptors(["CCO", "c1ccccc1O"])
    for ours, theirs in (
        ("amw", "MolWt"),
        ("CrippenClogP", "MolLogP"),
        ("tpsa", "TPSA"),
        ("PEOE_VSA1", "PEOE_VSA1"),
    ):
        column = values[:, preparation.NAMES.index(ours)]
        assert np.allclose(column, table[:, names.index(theirs)], rtol=1e-5)


def test_levels_of_a_continuous_column_are_equally_full():
    values = np.random.default_rng(0).normal(size=(6400, 2)).astype(np.float32)
    levels = quantile_levels(values, quantile_edges(values))
    assert np.all(np.bincount(levels[:, 0]) == 6400 // LEVELS)
    order = values[:, 1].argsort()
    assert np.all(np.diff(levels[order, 1].astype(int)) >= 0)


def test_a_constant_column_has_one_level():
    values = np.zeros((50, 1), dtype=np.float32)
    assert set(quantile_levels(values, quantile_edges(values)).ravel()) == {0}


def test_prepared_files_that_cannot_be_used_are_named(toy):
    with pytest.raises(PreparedFileError, match="make corpus"):
        prepared.load(prepared.path_of("public"))
    corpus.build()
    path = preparation.prepare("public")
    ready = prepared.load(path)
    content = path.read_bytes()
    for damaged in (content[: len(content) // 2], b"", b"PK" + content[2:200]):
        path.write_bytes(damaged)
        with pytest.raises(PreparedFileError, match="make it again"):
            prepared.load(path)
    other = PreparedCorpus(
        ready.tokens, ready.lengths, ready.levels, ready.edges, ready.names, (*ready.vocabulary, "x"), {}
    )
    prepared.save(other, path)
    with pytest.raises(PreparedFileError, match="another vocabulary"):
        prepared.load(path)
