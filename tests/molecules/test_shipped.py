"""Representations that come with the repository: what they are, and that they can be made again."""

import json
import shutil
from dataclasses import asdict, replace

import numpy as np
import pytest

from w2s_utils.data import datasets
from w2s_utils.molecules import generated, molbert, settings, shipped
from w2s_utils.molecules.molbert import CheckpointError
from w2s_utils.molecules.standard_smiles import standard_smiles

MODELS = shipped.models()
EVERY = [*MODELS, *shipped.BESIDE]


def set_or_skip(name):
    if not datasets.reachable(name):
        pytest.skip("data unreachable")
    return datasets.load(name)


def replace_inputs(data, count):
    """The set with its first molecules only."""
    return replace(data, inputs=data.inputs[:count], targets=data.targets[:count], splits={})


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The smallest shipped model in a folder that may be damaged."""
    place = tmp_path / MODELS[0]
    shutil.copytree(shipped.folder(MODELS[0]), place)
    monkeypatch.setattr(shipped, "folder", lambda model: tmp_path / model)
    return place


def test_the_whole_ladder_is_there():
    assert set(molbert.LADDER) <= set(MODELS)


def test_models_beside_the_family_are_there_and_taken_by_nobody_unasked():
    assert set(shipped.BESIDE) <= set(molbert.SIZES) and not set(shipped.BESIDE) & set(MODELS)
    assert MODELS[-1] == "small"
    assert all(shipped.folder(model).is_dir() for model in shipped.BESIDE)


@pytest.mark.parametrize("model", EVERY)
def test_settings_are_those_that_the_model_was_trained_with(model):
    asked = shipped.provenance(model)["settings"]
    assert asked == asdict(settings.DEFAULTS[model])


@pytest.mark.parametrize("seed", [seed for seed in settings.LADDER_SEEDS if seed])
@pytest.mark.parametrize("model", molbert.LADDER)
def test_the_ladder_comes_with_every_seed(model, seed):
    name = settings.named(model, seed)
    about, first = shipped.provenance(name), shipped.provenance(model)
    assert about["settings"] == asdict(replace(settings.DEFAULTS[model], seed=seed))
    assert about["corpus"] == first["corpus"] and about["tokens"] != first["tokens"]
    assert set(about["files"]) == {path.name for path in shipped.folder(name).iterdir()} - {
        shipped.PROVENANCE
    }


def test_other_seeds_are_other_models_computed_from_their_weights():
    data = replace_inputs(set_or_skip("FreeSolv"), 20)
    model = next(iter(molbert.LADDER))
    found = [shipped.computed(settings.named(model, seed), data) for seed in settings.LADDER_SEEDS]
    assert all(one.shape == (20, molbert.SIZES[model].hidden) and np.isfinite(one).all() for one in found)
    assert min(np.abs(found[a] - found[b]).max() for a, b in ((0, 1), (0, 2), (1, 2))) > 0.01
    assert np.array_equal(shipped.features(settings.named(model, 1), data), found[1])


def test_the_repository_stays_small():
    files = [path for path in shipped.folder("x").parent.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 90e6


@pytest.mark.parametrize("model", EVERY)
def test_provenance_says_where_a_model_comes_from(model):
    about = shipped.provenance(model)
    assert about["size"] == {**molbert.SIZES[model].__dict__}
    assert about["settings"]["model"] == model and about["tokens"] > 0 and about["passes"] > 0
    assert len(about["corpus"]["corpus_sha256"]) == 64 and len(about["code_sha256"]) == 64
    assert set(about["files"]) == {path.name for path in shipped.folder(model).iterdir()} - {
        shipped.PROVENANCE
    }


@pytest.mark.parametrize("model", MODELS)
def test_features_come_again_from_the_weights(model):
    data = set_or_skip("FreeSolv")
    kept, made = shipped.features(model, data), shipped.computed(model, data)
    assert kept.shape == (642, molbert.SIZES[model].hidden)
    # Another processor adds in another order, which can move a value to the neighbouring float16.
    assert shipped.steps_apart(kept, made) <= 1


@pytest.mark.parametrize("model", shipped.BESIDE)
def test_without_weights_there_are_features_of_measured_sets_only(model):
    measured, made_up = set_or_skip("FreeSolv"), generated.embedded_molecules(10)
    assert shipped.reachable(model, measured) and not shipped.reachable(model, made_up)
    assert shipped.features(model, measured).shape == (642, molbert.SIZES[model].hidden)
    with pytest.raises(CheckpointError, match=f"without weights.*make pretrain MODEL={model}"):
        shipped.features(model, made_up)


def test_a_weight_that_differs_by_a_hundredth_is_noticed():
    """The tolerance of the test above is not so wide that it lets another model pass."""
    import torch

    data = set_or_skip("FreeSolv")
    changed = molbert.load(shipped.folder("small"))
    with torch.no_grad():
        max(changed.parameters(), key=torch.numel).mul_(1.01)
    made = molbert.represent(changed, standard_smiles(data.inputs))
    assert shipped.steps_apart(shipped.features("small", data), made) > 1


def test_steps_are_of_the_scale_of_the_row():
    kept = np.array([[1000.0, 1e-9], [1.0, 0.5]])
    assert shipped.steps_apart(kept, kept) == 0
    assert shipped.steps_apart(kept, kept + [[0.5, -0.5], [0, 0]]) == pytest.approx(0.512)
    assert shipped.steps_apart(kept, kept + [[0, 0], [0, 0.5]]) == pytest.approx(512)
    assert np.isnan(shipped.steps_apart(kept, kept * np.nan))
    with pytest.raises(ValueError, match="two shapes"):
        shipped.steps_apart(kept, kept[:1])


def test_generated_molecules_are_represented_on_the_spot():
    data = generated.embedded_molecules(30)
    found = shipped.features(MODELS[0], data)
    assert found.shape == (30, molbert.SIZES[MODELS[0]].hidden) and np.isfinite(found).all()


@pytest.mark.parametrize("name", [molbert.WEIGHTS, shipped.FEATURES, molbert.CONFIG, molbert.VOCABULARY_FILE])
@pytest.mark.parametrize("damage", ["cut", "missing"])
def test_a_damaged_file_is_named(copied, name, damage):
    data = set_or_skip("FreeSolv") if name == shipped.FEATURES else generated.embedded_molecules(10)
    path = copied / name
    path.write_bytes(path.read_bytes()[:20]) if damage == "cut" else path.unlink()
    with pytest.raises(CheckpointError, match=r"restore it from git"):
        shipped.features(MODELS[0], data)


def test_a_set_with_another_number_of_rows_is_refused(copied):
    data = set_or_skip("FreeSolv")
    object.__setattr__(data, "inputs", data.inputs[:-1])
    with pytest.raises(CheckpointError, match="641"):
        shipped.features(MODELS[0], data)


def test_a_model_that_is_not_there_is_named():
    with pytest.raises(CheckpointError, match="shipped model 'other'"):
        shipped.provenance("other")


def test_shipping_rounds_the_weights_and_writes_what_they_give(copied, tmp_path):
    data = set_or_skip("FreeSolv")
    before = (copied / shipped.FEATURES).read_bytes()
    source = tmp_path / "source"
    shutil.copytree(copied, source)
    shutil.rmtree(copied)
    shipped.ship(source, MODELS[0])
    about = json.loads((copied / shipped.PROVENANCE).read_text())
    assert set(about["files"]) == {path.name for path in copied.iterdir()} - {shipped.PROVENANCE}
    assert shipped.features(MODELS[0], data).shape[0] == 642
    assert len((copied / shipped.FEATURES).read_bytes()) == len(before)


def test_nothing_to_ship_says_so(tmp_path, capsys):
    assert shipped.main(["--source", str(tmp_path)]) == 1
    assert "make pretrain" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["null", "[1, 2]", "{", '{"files": []}', '{"files": null}'])
def test_a_damaged_provenance_is_named(copied, content):
    (copied / shipped.PROVENANCE).write_text(content)
    with pytest.raises(CheckpointError, match="restore it from git"):
        shipped.computed(MODELS[0], generated.embedded_molecules(10))


def test_a_model_whose_provenance_is_gone_is_missed_and_not_passed_over(copied):
    (copied / shipped.PROVENANCE).unlink()
    assert MODELS[0] in shipped.models()
    with pytest.raises(CheckpointError, match="No such file") as caught:
        shipped.features(MODELS[0], generated.embedded_molecules(10))
    assert str(copied) not in str(caught.value)


def copy_of(tmp_path, monkeypatch, model, name):
    """The shipped ``model`` in a folder that is called ``name``, the only one there is."""
    shutil.copytree(shipped.folder(model), tmp_path / name)
    monkeypatch.setattr(shipped, "folder", lambda model: tmp_path / model)
    return tmp_path / name


@pytest.mark.parametrize(
    ("model", "name"),
    [("ladder-8", "ladder-8-seed1"), ("ladder-8-seed2", "ladder-8"), ("ladder-8", "ladder-12"), ("small", "medium")],
)  # fmt: skip
def test_a_folder_that_holds_another_model_is_refused(tmp_path, monkeypatch, model, name):
    source = copy_of(tmp_path, monkeypatch, model, name)
    plain, _, seed = model.partition("-seed")
    for read in (shipped.provenance, lambda name: shipped.features(name, generated.embedded_molecules(10))):
        with pytest.raises(
            CheckpointError, match=f"folder {name} holds {plain}, seed {seed or 0}; restore it from git"
        ):
            read(name)
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(shipped.datasets, "load", lambda name: None)
    with pytest.raises(CheckpointError, match=f"holds {plain}"):
        shipped.ship(source, name)
    assert sorted(tmp_path.rglob("*")) == before


LACKING = [(gone, None) for gone in ("final", "settings", "size", "tokens", "device", "parameters")]
LACKING += [(gone, left) for gone in ("final", "settings", "size") for left in ({}, [])]


@pytest.mark.parametrize(("gone", "left"), LACKING)
def test_a_provenance_that_lacks_something_says_what(tmp_path, monkeypatch, gone, left):
    place = copy_of(tmp_path, monkeypatch, "ladder-8", "ladder-8") / shipped.PROVENANCE
    about = json.loads(place.read_text())
    del about[gone]
    place.write_text(json.dumps(about | ({} if left is None else {gone: left})))
    for read in (shipped.provenance, shipped.described):
        with pytest.raises(
            CheckpointError, match=f"provenance of the model ladder-8 lacks {gone}.*restore it from git"
        ):
            read("ladder-8")
