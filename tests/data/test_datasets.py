"""No network and no mirror needed: a small registry with its own files stands in for both."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import pickle
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from w2s_utils import runtime
from w2s_utils.data import datasets, registry, splits
from w2s_utils.data.container import PARTS, InvalidDataset
from w2s_utils.data.registry import ChecksumMismatch, DataUnreachable, RegistryError
from w2s_utils.data.splits import DamagedFile, UnsafePickle
from w2s_utils.molecules import corpus
from w2s_utils.molecules.chembench import SPLITS, Described

HOST = "data.invalid"
ROWS = 20
TABLE = "smiles,y\n" + "".join(f"{'C' * (row + 1)} ,{row / 4}\n" for row in range(ROWS))
LISTS = [list(range(16)), [16, 17], [18, 19]]
NAMES = ["chembench/Toy/data", *(f"chembench/Toy/split-{split}" for split in SPLITS)]
CSV, SPLIT = "chembench/Toy/Toy.csv.gz", "chembench/Toy/Toy.random122.ind.pkl"


def global_name(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def split_pickle(lists: object) -> bytes:
    """A split file with the names and the nesting of ChemBench's (today's pandas pickles a Series otherwise)."""
    elements = pickle.dumps(lists, protocol=2, fix_imports=False)[2:-1]
    dtype = global_name("numpy", "dtype") + b"\x8c\x02O8\x89\x88\x87R"
    array = global_name("numpy.core.multiarray", "_reconstruct") + global_name("numpy", "ndarray")
    array += b"K\x00\x85C\x01b\x87R" + b"(K\x01K\x03\x85" + dtype + b"\x89" + elements + b"tb"
    manager = (
        global_name("pandas.core.internals.managers", "SingleBlockManager") + b")\x81(]]" + array + b"atb"
    )
    return (
        b"\x80\x04" + global_name("pandas.core.series", "Series") + b")\x81}(\x8c\x05_data" + manager + b"ub."
    )


class Toy:
    """A registry of one set in a folder, with a mirror that holds its files."""

    def __init__(self, folder: Path) -> None:
        self.registry, self.mirror, self.cache = folder / "registry.csv", folder / "mirror", folder / "cache"
        self.files = {CSV: gzip.compress(TABLE.encode(), mtime=0)}
        for split in SPLITS:
            self.files[f"chembench/Toy/Toy.{split}.ind.pkl"] = split_pickle(LISTS)
        self.write()

    def write(self) -> None:
        """Bring registry and mirror up to date with ``files``, checksums included."""
        with open(self.registry, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([field.name for field in fields(registry.Entry)])
            for (path, content), name in zip(self.files.items(), NAMES, strict=True):
                digest = hashlib.sha256(content).hexdigest()
                writer.writerow([name, path, f"https://{HOST}/{path}", digest, len(content), "", "", ""])
        for path, content in self.files.items():
            self.put(self.mirror, path, content)

    @staticmethod
    def put(folder: Path, path: str, content: bytes) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """No test reaches the network; the list collects the urls that were asked for."""
    asked: list[str] = []

    class Refusing:
        def __init__(self, **options):
            pass

        def __call__(self, url, output, pooch):
            asked.append(url)
            raise ConnectionError("no route")

    monkeypatch.setattr("pooch.HTTPDownloader", Refusing)
    monkeypatch.setattr(registry, "_failed_hosts", set())
    return asked


@pytest.fixture
def toy(tmp_path, monkeypatch):
    described = Described("Toy", "Toy: a toy", "y", "none", ROWS, (16, 2, 2))
    monkeypatch.setitem(datasets._readers, "Toy", described.read)
    toy = Toy(tmp_path)
    monkeypatch.setattr(registry, "registry_file", lambda: toy.registry)
    monkeypatch.setenv("W2S_DATA_MIRROR", str(toy.mirror))
    monkeypatch.setenv("W2S_CACHE", str(toy.cache))
    return toy


def serve(monkeypatch, toy, answer=lambda content: content):
    class Serving:
        def __init__(self, **options):
            assert options["timeout"][0] <= 10

        def __call__(self, url, output, pooch):
            output.write(answer(toy.files[url.removeprefix(f"https://{HOST}/")]))

    monkeypatch.setattr("pooch.HTTPDownloader", Serving)


# where a file comes from


def test_load_from_the_mirror(toy):
    data = datasets.load("Toy")
    assert data.inputs == tuple("C" * (row + 1) for row in range(ROWS))  # the blank behind each is gone
    np.testing.assert_array_equal(data.targets, np.arange(ROWS) / 4)
    np.testing.assert_array_equal(data.ids, np.arange(ROWS))
    assert (data.source, data.unit, tuple(data.splits)) == ("real", "none", SPLITS)
    for parts in data.splits.values():
        assert [rows.tolist() for rows in parts.values()] == LISTS
    assert datasets.status() == [("Toy", "mirror", "4 files, checksums right")]


def test_arrays_are_read_only(toy):
    data = datasets.load("Toy")
    with pytest.raises(ValueError, match="read-only"):
        data.targets[0] = 1.0


def test_the_cache_comes_after_the_mirror_and_before_the_network(toy, monkeypatch, offline):
    for path, content in toy.files.items():
        toy.put(toy.cache, path, content)
    assert datasets.status()[0].source == "mirror"
    monkeypatch.delenv("W2S_DATA_MIRROR")
    assert datasets.status()[0].source == "cache"
    (toy.cache / CSV).unlink()
    assert datasets.status()[0].source == "unreachable"
    assert offline == [f"https://{HOST}/{CSV}"]


def test_a_download_is_checked_kept_and_not_repeated(toy, monkeypatch, offline):
    monkeypatch.delenv("W2S_DATA_MIRROR")
    serve(monkeypatch, toy)
    assert datasets.status()[0].source == "downloaded"
    assert (toy.cache / CSV).read_bytes() == toy.files[CSV]
    assert datasets.status()[0].source == "cache"
    assert datasets.load("Toy").targets.shape == (ROWS,)


def test_a_wrong_download_is_not_kept(toy, monkeypatch):
    monkeypatch.delenv("W2S_DATA_MIRROR")
    serve(monkeypatch, toy, answer=lambda content: b"<html>please log in</html>")
    with pytest.raises(ChecksumMismatch, match="was not kept"):
        datasets.load("Toy")
    assert not toy.cache.exists() or not any(path.is_file() for path in toy.cache.rglob("*"))


@pytest.mark.parametrize("place", ["mirror", "cache"])
def test_a_wrong_file_is_an_error_even_when_another_place_has_the_right_one(toy, monkeypatch, place):
    wrong, right = (toy.mirror, toy.cache) if place == "mirror" else (toy.cache, toy.mirror)
    toy.put(right, CSV, toy.files[CSV])
    toy.put(wrong, CSV, toy.files[CSV] + b"x")
    if place == "cache":
        monkeypatch.delenv("W2S_DATA_MIRROR")
        serve(monkeypatch, toy)
    with pytest.raises(ChecksumMismatch) as caught:
        datasets.load("Toy")
    message = str(caught.value)
    right_sum, wrong_sum = (hashlib.sha256(toy.files[CSV] + more).hexdigest() for more in (b"", b"x"))
    assert CSV in message and right_sum in message and wrong_sum in message
    assert ("replace it" if place == "mirror" else "delete it") in message
    with pytest.raises(ChecksumMismatch):
        datasets.reachable("Toy")


def test_unreachable_names_file_url_and_three_ways(toy, monkeypatch):
    monkeypatch.delenv("W2S_DATA_MIRROR")
    with pytest.raises(DataUnreachable) as caught:
        datasets.load("Toy")
    message = str(caught.value)
    for said in (
        CSV,
        f"https://{HOST}/{CSV}",
        "W2S_DATA_MIRROR",
        "put the file into",
        "online",
        "ConnectionError",
    ):
        assert said in message
    assert str(toy.cache) not in message  # no machine path
    assert not datasets.reachable("Toy")
    monkeypatch.delenv("W2S_CACHE")
    monkeypatch.setattr(registry, "cache_folder", lambda: toy.cache)
    with pytest.raises(DataUnreachable, match=f"data/cache/{CSV}"):
        registry.fetch("chembench/Toy/data")


def test_a_silent_host_is_asked_once_a_process(toy, monkeypatch, offline):
    monkeypatch.delenv("W2S_DATA_MIRROR")
    assert len(datasets.problems("Toy")) == 4
    assert len(offline) == 1


def test_a_refusal_by_the_host_does_not_condemn_the_host(toy, monkeypatch):
    monkeypatch.delenv("W2S_DATA_MIRROR")

    class NotFound(OSError):
        class response:
            status_code = 404

    def answer(content):
        raise NotFound

    serve(monkeypatch, toy, answer)
    assert all("answered 404" in problem for problem in datasets.problems("Toy"))
    serve(monkeypatch, toy)
    assert datasets.reachable("Toy")


def test_a_mirror_without_the_file_or_without_its_folder_is_passed_over(toy, monkeypatch, offline):
    for path, content in toy.files.items():
        toy.put(toy.cache, path, content)
    (toy.mirror / CSV).unlink()
    assert datasets.status()[0].source == "cache"
    monkeypatch.setenv("W2S_DATA_MIRROR", str(toy.mirror / "nowhere"))
    with pytest.warns(UserWarning, match="W2S_DATA_MIRROR names no folder"):
        assert datasets.load("Toy").source == "real"


def test_a_download_that_cannot_be_kept_says_which_folder(toy, monkeypatch):
    monkeypatch.delenv("W2S_DATA_MIRROR")
    serve(monkeypatch, toy)
    toy.cache.write_text("a file where the folder should be")
    with pytest.raises(runtime.UnwritableFolder, match="W2S_CACHE"):
        datasets.load("Toy")
    assert not datasets.reachable("Toy")


def test_unknown_names(toy):
    for ask in (datasets.load, datasets.reachable, registry.fetch):
        with pytest.raises(RegistryError, match="Tox"):
            ask("Tox")


def replaced(old: str, new: str):
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    "damage",
    [
        replaced("sha256", "md5"),
        replaced("Toy/split-random122", "Toy/data"),
        replaced(f"{len(split_pickle(LISTS))},,,", "many,,,"),
        lambda text: text.rstrip()[:-3] + "\n",
        lambda text: "",
    ],
    ids=["column", "repeated name", "bytes", "cut", "empty"],
)
def test_a_damaged_registry(toy, damage):
    toy.registry.write_text(damage(toy.registry.read_text()))
    with pytest.raises(RegistryError, match="restore it, from git or by a new installation"):
        datasets.load("Toy")


# what is in a file


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (gzip.compress(TABLE.encode())[:-20], DamagedFile, "gzipped CSV"),
        (TABLE.encode(), DamagedFile, "gzipped CSV"),
        (b"", DamagedFile, "gzipped CSV"),
        (gzip.compress(b""), DamagedFile, "gzipped CSV"),
        (gzip.compress(b"\xff\xfe\x00"), DamagedFile, "gzipped CSV"),
        (gzip.compress(TABLE.replace("smiles,y", "smiles,z").encode()), DamagedFile, "no column 'y'"),
        (gzip.compress(TABLE.replace("C ,0.0", "C ,low").encode()), DamagedFile, "gzipped CSV"),
        (gzip.compress(TABLE.replace("C ,0.0", "C ,").encode()), DamagedFile, "gzipped CSV"),
        (gzip.compress(TABLE.replace("C ,0.0\n", "").encode()), DamagedFile, "19 rows where 20 are due"),
        (gzip.compress(TABLE.replace("C ,0.0", "C ,nan").encode()), InvalidDataset, "first in row 0"),
        (gzip.compress(TABLE.replace("C ,0.0", "C ,inf").encode()), InvalidDataset, "first in row 0"),
    ],
    ids=[
        "truncated",
        "no gzip",
        "no bytes",
        "no text",
        "no UTF-8",
        "column",
        "word",
        "gap",
        "row",
        "NaN",
        "infinite",
    ],
)
def test_a_table_with_the_right_checksum_can_still_be_unusable(toy, content, error, said):
    toy.files[CSV] = content
    toy.write()
    with pytest.raises(error, match=said):
        datasets.load("Toy")


@pytest.mark.parametrize(
    "content",
    [
        split_pickle(LISTS)[:-30],
        split_pickle(LISTS)[:1],
        b"",
        b"not a pickle",
        pickle.dumps(LISTS),
        split_pickle(LISTS[:2]),
        split_pickle([[0.5], [1], [2]]),
        split_pickle([[-1], [1], [2]]),
        split_pickle([[True], [1], [2]]),
    ],
    ids=[
        "truncated",
        "one byte",
        "empty",
        "text",
        "bare lists",
        "two lists",
        "fraction",
        "negative",
        "truth value",
    ],
)
def test_damaged_splits(toy, content):
    toy.files[SPLIT] = content
    toy.write()
    with pytest.raises(DamagedFile, match=f"{Path(SPLIT).name}: no pickled Series of three lists"):
        datasets.load("Toy")
    assert not (toy.cache / f"{SPLIT}.json").exists()


def test_a_split_with_parts_of_other_sizes(toy):
    toy.files[SPLIT] = split_pickle([LISTS[0], [16], [17, 18, 19]])
    toy.write()
    with pytest.raises(DamagedFile, match=r"parts of \(16, 1, 3\) rows where \(16, 2, 2\) are due"):
        datasets.load("Toy")


@pytest.mark.parametrize(
    "lists", [[LISTS[0], [16, 15], [18, 19]], [LISTS[0], [16, 16], [18, 19]], [LISTS[0], [16, 17], [18, 20]]]
)
def test_splits_that_overlap_repeat_or_point_outside(toy, lists):
    toy.files[SPLIT] = split_pickle(lists)
    toy.write()
    with pytest.raises(InvalidDataset, match="random122"):
        datasets.load("Toy")


class Malice:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def test_a_malicious_pickle_is_refused_and_not_run(toy, tmp_path):
    mark = tmp_path / "was here"
    evil = [Malice(os.mkdir, str(mark)), Malice(eval, f"__import__('os').mkdir({str(mark)!r})")]
    for content in [
        *map(pickle.dumps, evil),
        *(split_pickle([LISTS[0], [16, one], LISTS[2]]) for one in evil),
    ]:
        toy.files[SPLIT] = content
        toy.write()
        with pytest.raises(UnsafePickle, match="not run"):
            datasets.load("Toy")
        assert not mark.exists()
    pickle.loads(pickle.dumps(evil[0]))  # the trap works: an ordinary reader falls into it
    assert mark.exists()


@pytest.mark.parametrize(
    "name", [("numpy", "load"), ("pandas", "read_pickle"), ("builtins", "getattr"), ("os", "system")]
)
def test_near_names_are_refused_too(name):
    with pytest.raises(UnsafePickle, match=name[1]):
        splits.unpickle_split(b"\x80\x04" + global_name(*name) + b".")


def test_a_dotted_name_does_not_reach_through_an_allowed_one():
    word = b"\x8c\x06numpy.\x8c\x07ndarray"
    with pytest.raises(UnsafePickle):
        splits.unpickle_split(b"\x80\x04\x8c\x05numpy\x8c\x0cndarray.dump\x93.")
    with pytest.raises(UnsafePickle):
        splits.unpickle_split(b"\x80\x04" + word + b"\x93.")


# the plain-text copy of a split


def test_the_pickle_is_read_once(toy, monkeypatch):
    first = datasets.load("Toy")
    monkeypatch.setattr(splits, "unpickle_split", lambda content: pytest.fail("unpickled again"))
    again = datasets.load("Toy")
    for split in SPLITS:
        for part in PARTS:
            np.testing.assert_array_equal(first.splits[split][part], again.splits[split][part])


@pytest.mark.parametrize(
    "damage",
    [replaced("16, 17", "18, 17"), lambda text: text[:40], lambda text: "[]", lambda text: "\0"],
    ids=["rows moved", "cut", "other JSON", "no JSON"],
)
def test_a_damaged_copy_is_noticed_and_made_again(toy, damage):
    datasets.load("Toy")
    copy = toy.cache / f"{SPLIT}.json"
    good = copy.read_text()
    copy.write_text(damage(good))
    with pytest.warns(UserWarning, match="made again"):
        data = datasets.load("Toy")
    assert data.splits["random122"]["valid"].tolist() == [16, 17]
    assert copy.read_text() == good


def test_a_copy_of_another_pickle_is_noticed(toy):
    datasets.load("Toy")
    toy.files[SPLIT] = split_pickle([LISTS[0], [18, 19], [16, 17]])
    toy.write()
    with pytest.warns(UserWarning, match="another pickle"):
        assert datasets.load("Toy").splits["random122"]["valid"].tolist() == [18, 19]
    assert json.loads((toy.cache / f"{SPLIT}.json").read_text())["rows"]["valid"] == [18, 19]


def test_without_a_writable_cache_the_mirror_still_serves(toy):
    toy.cache.write_text("a file where the folder should be")  # binds for root too
    with pytest.warns(UserWarning, match="copy of .* is not kept"):
        data = datasets.load("Toy")
    assert data.splits["random122"]["test"].tolist() == [18, 19]


# the checked data set itself


def test_command(toy, monkeypatch, capsys):
    assert datasets.main(["--strict"]) == 0
    assert capsys.readouterr().out.split()[:2] == ["Toy", "mirror"]
    monkeypatch.delenv("W2S_DATA_MIRROR")
    assert datasets.main([]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1 and "unreachable" in said.out and said.err == ""
    assert datasets.main(["--strict"]) == 1
    said = capsys.readouterr().err
    for path in toy.files:
        assert path in said and f"https://{HOST}/{path}" in said
    assert said.count("Three ways to supply it") == 4


# the committed registry


def test_the_committed_registry_names_every_file_of_every_set():
    listed = registry.entries()
    wanted = [file for name in datasets.names() for file in datasets.files(name)]
    assert len(wanted) == 12 + 24 + 12  # molecules, texts, images
    wanted += [source.name for sources in corpus.CORPORA.values() for source in sources]
    assert sorted(listed) == sorted(wanted)
    for entry in listed.values():
        algorithm, _, digest = entry.sha256.rpartition(":")
        assert len(digest) == {"": 64, "md5": 32}[algorithm]
        assert entry.url.startswith("https://") and entry.licence and entry.citation
        if entry.name != "smiles/guacamol-train":  # its host numbers files
            assert entry.url.endswith(Path(entry.file).name)


@pytest.mark.parametrize("right", [True, False])
def test_a_file_may_be_pinned_by_its_md5(tmp_path, monkeypatch, right):
    monkeypatch.setenv("W2S_DATA_MIRROR", str(tmp_path))
    (tmp_path / "x.txt").write_bytes(b"CCO" if right else b"CCN")
    pinned = "md5:" + hashlib.md5(b"CCO", usedforsecurity=False).hexdigest()
    entry = registry.Entry("x", "x.txt", "https://example.org/x.txt", pinned, 3, "", "", "")
    monkeypatch.setattr(registry, "entry", lambda name: entry)
    if right:
        assert registry.locate("x").source == "mirror"
    else:
        with pytest.raises(registry.ChecksumMismatch, match="expected md5"):
            registry.locate("x")
