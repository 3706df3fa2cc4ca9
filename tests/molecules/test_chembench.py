"""The three measured sets: what their files hold, and molecules that they hold twice.

Tests of the real files are skipped where W2S_DATA_MIRROR is not set.
"""

import os
import warnings

import numpy as np
import pytest

from w2s_utils import runtime
from w2s_utils.data import datasets
from w2s_utils.data.container import PARTS, Dataset
from w2s_utils.molecules.chembench import NAMES, SPLITS, duplicates_across_splits

pytest.importorskip("rdkit")

MIRROR = os.environ.get("W2S_DATA_MIRROR")


def test_duplicates_are_counted_by_molecule_and_by_split():
    splits = {"one": ([0, 1, 3], [4], [2]), "two": ([0, 1, 2], [3], [4])}
    data = Dataset(
        "made",
        "made",
        np.array([1.0, 1.0, 2.0, 0.0, 0.0]),
        inputs=("CCO", "OCC", "C(C)O", "CC", "C"),
        splits={name: dict(zip(PARTS, map(np.array, parts), strict=True)) for name, parts in splits.items()},
    )
    found = duplicates_across_splits(data)
    assert found.to_dict("records") == [
        dict(split="one", molecules=1, different_labels=1, pairs=3, pairs_across_parts=2, pairs_train_test=2),
        dict(split="two", molecules=1, different_labels=1, pairs=3, pairs_across_parts=0, pairs_train_test=0),
    ]


@pytest.fixture
def mirror(monkeypatch, tmp_path):
    if not MIRROR:
        pytest.skip("W2S_DATA_MIRROR is not set")
    monkeypatch.setenv("W2S_CACHE", str(tmp_path))


@pytest.mark.parametrize(
    ("name", "lowest", "highest", "repeated", "different", "across"),
    [
        ("ESOL", -11.6, 1.58, 11, 6, [4, 2, 5]),
        ("FreeSolv", -25.47, 3.43, 0, 0, [0, 0, 0]),
        ("Lipop", -1.5, 4.5, 0, 0, [0, 0, 0]),
    ],
)
def test_real_sets(mirror, name, lowest, highest, repeated, different, across):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data, again = datasets.load(name), datasets.load(name)
    assert (data.targets.min(), data.targets.max()) == (lowest, highest)
    assert not any(text != text.strip() for text in data.inputs)
    found = duplicates_across_splits(data)
    assert set(found["molecules"]) == {repeated} and set(found["different_labels"]) == {different}
    assert found["pairs_across_parts"].tolist() == across
    for split in SPLITS:
        np.testing.assert_array_equal(data.splits[split]["test"], again.splits[split]["test"])


def test_the_readme_of_the_data_says_what_the_files_hold(mirror):
    text = (runtime.repository() / "data" / "README.md").read_text(encoding="utf-8")
    for name in NAMES:
        data = datasets.load(name)
        (line,) = [line for line in text.splitlines() if line.startswith(f"| {name} |")]
        assert f"| {len(data.inputs)} |" in line
        assert f"{data.targets.min():.2f} to {data.targets.max():.2f}" in line
        assert f"| {data.targets.mean():.2f} | {data.targets.std():.2f} |" in line
