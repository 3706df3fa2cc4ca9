"""Batches, model and loop of pre-training, at sizes of seconds."""

import json
import shutil

import numpy as np
import pytest

from w2s_utils.molecules import generated, molbert, preparation, pretraining
from w2s_utils.molecules.batches import PretrainingBatches, cut_batches, hide_tokens, standard_goals
from w2s_utils.molecules.checkpoints import UnusableCheckpoint
from w2s_utils.molecules.held_out import split
from w2s_utils.molecules.molbert import CheckpointError, Size
from w2s_utils.molecules.settings import Settings
from w2s_utils.molecules.tokenizer import MASK, SPECIAL, UnknownVocabulary, UnusableSmiles

SMILES = generated.enumerate_molecules(300, seed=1)
SETTINGS = Settings("tiny", steps=20, batch_tokens=1024, accumulate=1, learning_rate=5e-3)


@pytest.fixture(scope="module")
def corpus():
    return preparation.in_memory(SMILES)


@pytest.fixture(scope="module")
def model():
    return molbert.new_model(Size(16, 2, 2, 32), 50, seed=0)


def test_a_pass_holds_every_row_once_and_not_one_token_of_padding(corpus):
    cut = cut_batches(corpus.lengths, 512, np.random.default_rng(0))
    assert sorted(np.concatenate(cut)) == list(range(len(corpus)))
    for rows in cut:
        assert len(set(corpus.lengths[rows])) == 1 and corpus.lengths[rows].sum(dtype=int) <= 512


def test_a_batch_depends_on_its_number_and_the_seed_alone(corpus):
    one, other = (PretrainingBatches(corpus, 200, 512, seed) for seed in (0, 0))
    for number in (150, 3, 199, 0):
        first, second = one[number], other[number]
        assert all((first[name] == second[name]).all() for name in first)
    third = PretrainingBatches(corpus, 200, 512, 1)
    assert any(one.rows(n).tolist() != third.rows(n).tolist() for n in range(5))


def test_hidden_tokens_are_the_stated_share():
    generator = np.random.default_rng(0)
    ids = np.full((500, 42), 10, dtype=np.uint8)
    shown, places, labels = hide_tokens(ids, 74, generator)
    assert len(places) == 500 * 6 and np.all(labels == 10)  # 15 % of 40
    assert np.all(shown[:, [0, -1]] == 10)
    masked = np.mean(shown.ravel()[places] == SPECIAL.index(MASK))
    assert 0.77 < masked < 0.83
    untouched = np.delete(shown.ravel(), places)
    assert np.all(untouched == 10)


def test_goals_have_mean_zero_and_variance_one(corpus):
    goals = standard_goals(corpus)
    values = goals[np.arange(len(goals)), corpus.levels]
    varies = values.std(axis=0) > 0
    assert np.abs(values.mean(axis=0)).max() < 1e-5 and np.allclose(values.std(axis=0)[varies], 1, atol=1e-4)


def test_batches_smaller_than_a_row_are_refused(corpus):
    with pytest.raises(ValueError, match="largest row"):
        PretrainingBatches(corpus, 1, 8, 0)


def test_a_representation_does_not_depend_on_its_neighbours(model):
    alone = np.concatenate([molbert.represent(model, [text]) for text in SMILES[:20]])
    together = molbert.represent(model, SMILES[:20][::-1])[::-1]
    assert alone.shape == (20, 16) and np.allclose(alone, together, atol=1e-5)


def test_a_text_that_is_no_smiles_is_refused(model):
    with pytest.raises(UnusableSmiles):
        molbert.represent(model, ["CCO", ""])


def test_a_model_comes_back_from_its_files(model, tmp_path):
    molbert.save(model, tmp_path)
    again = molbert.load(tmp_path)
    assert np.array_equal(molbert.represent(again, SMILES[:9]), molbert.represent(model, SMILES[:9]))


@pytest.mark.parametrize("damage", ["missing", "cut", "empty", "config", "size", "vocabulary"])
def test_a_damaged_model_is_named(model, tmp_path, damage):
    molbert.save(model, tmp_path)
    weights = tmp_path / molbert.WEIGHTS
    if damage == "missing":
        weights.unlink()
    elif damage in ("cut", "empty"):
        weights.write_bytes(weights.read_bytes()[:1000] if damage == "cut" else b"")
    elif damage == "config":
        (tmp_path / molbert.CONFIG).write_text("{}")
    elif damage == "size":
        (tmp_path / molbert.CONFIG).write_text(
            json.dumps({"hidden": 32, "layers": 2, "heads": 2, "intermediate": 32, "descriptors": 50})
        )
    else:
        (tmp_path / molbert.VOCABULARY_FILE).write_text(json.dumps([*SPECIAL, "C"]))
    with pytest.raises(UnknownVocabulary if damage == "vocabulary" else CheckpointError):
        molbert.load(tmp_path)


@pytest.mark.parametrize("sizes", [(0, 1, 1, 1), (10, 2, 3, 8), (8, 2, 2, 1.5)])
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="multiple of heads"):
        Size(*sizes)


def test_parameters_are_counted(model):
    assert molbert.parameters(Size(16, 2, 2, 32)) == sum(p.numel() for p in model.parameters())
    assert 4.5e6 < molbert.parameters(molbert.SIZES["small"]) < 5.5e6
    assert 84e6 < molbert.parameters(molbert.SIZES["strong"]) < 88e6


class Killed(BaseException):
    """Stands for a kill: no handler of the loop catches it."""


def test_a_run_that_was_killed_ends_where_the_undisturbed_one_does(corpus, tmp_path, monkeypatch):
    pretraining.pretrain(corpus, SETTINGS, tmp_path / "whole", "cpu", quiet=True)
    read = PretrainingBatches.__getitem__

    def until(self, number):
        if number == 13 and self.batch_tokens == 1024:  # measuring reads larger batches
            raise Killed
        return read(self, number)

    monkeypatch.setattr(PretrainingBatches, "__getitem__", until)
    with pytest.raises(Killed):
        pretraining.pretrain(corpus, SETTINGS, tmp_path / "killed", "cpu", quiet=True)
    assert not (tmp_path / "killed" / molbert.WEIGHTS).exists()
    started = []

    def noted(self, number):
        if self.batch_tokens == 1024:
            started.append(number)
        return read(self, number)

    monkeypatch.setattr(PretrainingBatches, "__getitem__", noted)
    pretraining.pretrain(corpus, SETTINGS, tmp_path / "killed", "cpu", quiet=True)
    assert started[0] >= 11 and not (tmp_path / "killed" / "checkpoints").exists()
    whole, killed = (
        json.loads((tmp_path / name / "provenance.json").read_text())["final"]["held_out_loss"]
        for name in ("whole", "killed")
    )
    assert abs(killed - whole) < 0.01 * whole


def killed_at(batch, corpus, folder, patch):
    """Leave in ``folder`` what a run killed at a batch leaves."""
    read = PretrainingBatches.__getitem__

    def until(self, number):
        if number == batch and self.batch_tokens == SETTINGS.batch_tokens:  # measuring reads larger batches
            raise Killed
        return read(self, number)

    patch.setattr(PretrainingBatches, "__getitem__", until)
    with pytest.raises(Killed):
        pretraining.pretrain(corpus, SETTINGS, folder, "cpu", quiet=True)


def test_checkpoints_of_another_run_are_not_taken_for_ones_own(corpus, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        killed_at(5, corpus, tmp_path, patch)
    other = Settings("tiny", steps=21, batch_tokens=1024, accumulate=1, learning_rate=5e-3)
    with pytest.raises(UnusableCheckpoint, match="delete them"):
        pretraining.pretrain(corpus, other, tmp_path, "cpu", quiet=True)


def step(place):
    return int(place.name.split("-")[1])


def weights(folder):
    return (folder / molbert.WEIGHTS).read_bytes()


@pytest.fixture(scope="module")
def cut_off(corpus, tmp_path_factory):
    """What a run killed at its eighth batch leaves, and the weights of one that was not killed."""
    folder = tmp_path_factory.mktemp("runs")
    pretraining.pretrain(corpus, SETTINGS, folder / "whole", "cpu", quiet=True)
    with pytest.MonkeyPatch.context() as patch:
        killed_at(8, corpus, folder / "killed", patch)
    return folder / "killed", weights(folder / "whole")


FILES = (
    "model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json", "training_args.bin"
)  # fmt: skip


@pytest.mark.parametrize("damage", ["cut", "gone", "another"])
@pytest.mark.parametrize("name", FILES)
def test_a_checkpoint_that_is_not_as_written_is_named_and_the_one_before_it_does(
    corpus, cut_off, tmp_path, name, damage
):
    left, whole = cut_off
    shutil.copytree(left, tmp_path / "run")
    earlier, last = sorted((tmp_path / "run" / "checkpoints").iterdir(), key=step)[-2:]
    content = (last / name).read_bytes()
    if damage == "cut":
        (last / name).write_bytes(content[: len(content) // 2])
    elif damage == "gone":
        (last / name).unlink()
    else:
        (last / name).write_bytes((earlier / name).read_bytes() + b" ")
    with pytest.raises(
        UnusableCheckpoint, match=f"{name} of .*delete this checkpoint to go on from the one before"
    ):
        pretraining.pretrain(corpus, SETTINGS, tmp_path / "run", "cpu", quiet=True)
    if name == "scheduler.pt":
        shutil.rmtree(last)
        pretraining.pretrain(corpus, SETTINGS, tmp_path / "run", "cpu", quiet=True)
        assert weights(tmp_path / "run") == whole


def test_strange_names_and_folders_without_a_seal_are_no_checkpoints(corpus, cut_off, tmp_path):
    left, whole = cut_off
    shutil.copytree(left, tmp_path / "run")
    kept = tmp_path / "run" / "checkpoints"
    last = max(kept.iterdir(), key=step)
    shutil.copytree(last, kept / f"{last.name} (copy)")
    shutil.copytree(last, kept / "checkpoint-best")
    (kept / "checkpoint-5.zip").write_bytes(b"PK")
    (kept / "checkpoint-99").mkdir()
    pretraining.pretrain(corpus, SETTINGS, tmp_path / "run", "cpu", quiet=True)
    assert weights(tmp_path / "run") == whole


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"another key"])
def test_a_seal_that_is_not_ours_is_another_run_s(corpus, cut_off, tmp_path, content):
    shutil.copytree(cut_off[0], tmp_path / "run")
    last = max((tmp_path / "run" / "checkpoints").iterdir(), key=step)
    (last / "key.txt").write_bytes(content)
    with pytest.raises(UnusableCheckpoint, match="delete them"):
        pretraining.pretrain(corpus, SETTINGS, tmp_path / "run", "cpu", quiet=True)


def test_too_little_memory_says_what_to_do(corpus, tmp_path, monkeypatch):
    def out_of_memory(*_):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(PretrainingBatches, "__getitem__", out_of_memory)
    with pytest.raises(pretraining.NotEnoughMemory, match="halve --batch-tokens"):
        pretraining.pretrain(corpus, SETTINGS, tmp_path, "cpu", quiet=True)


def test_few_molecules_and_other_models_are_refused(corpus, tmp_path):
    with pytest.raises(ValueError, match="too few"):
        split(corpus, molecules=10)
    with pytest.raises(ValueError, match="no model"):
        Settings("other", steps=1)
    with pytest.raises(ValueError, match="learning rate"):
        Settings("tiny", steps=1, learning_rate=2.0)
    with pytest.raises(ValueError, match="device"):
        pretraining.pretrain(corpus, SETTINGS, tmp_path, "tpu")


def test_the_command_names_a_missing_file(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("W2S_CACHE", str(tmp_path))
    assert pretraining.main(["--model", "tiny", "--device", "cpu"]) == 1
    assert "make corpus" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
