"""The small BERTs that come with the repository: what they are, that they can be read, and damaged ones."""

import json
import shutil

import numpy as np
import pytest

from w2s_utils.data import datasets, shipped_files
from w2s_utils.data.shipped_files import DamagedRepresentation
from w2s_utils.texts import encoder, pretraining, small

TEXTS = ["The dog ran home.", "An unimaginable \U0001f600 word", "x" * 1000, "a b " * 500]


@pytest.fixture
def copied(tmp_path, monkeypatch):
    name = small.named(small.HIDDEN[0])
    shutil.copytree(shipped_files.folder(name), tmp_path / name)
    monkeypatch.setattr(shipped_files, "folder", lambda model: tmp_path / model)
    small.load.cache_clear()
    yield tmp_path / name
    small.load.cache_clear()


@pytest.mark.parametrize("hidden", small.HIDDEN)
def test_a_shipped_model_reads_texts(hidden):
    about = shipped_files.provenance(small.named(hidden))
    assert about["settings"]["hidden"] == hidden and "CC BY-NC-SA" in about["licence"]
    assert (
        about["held_out_loss"] < about["held_out_loss_of_frequencies"] - 0.3
    )  # it learned more than frequencies
    whole = encoder.layers(small.load(hidden), TEXTS)
    assert whole.shape == (len(TEXTS), 3, hidden) and np.isfinite(whole).all()
    alone = np.concatenate([encoder.layers(small.load(hidden), [text]) for text in TEXTS])
    assert encoder.steps_apart(whole, alone) <= 1
    ids = small.load(hidden).loaded[1](TEXTS)
    assert max(map(len, ids)) == encoder.MOST_TOKENS and ids[0][0] == small.SPECIAL.index("[CLS]")


def test_shipped_models_are_small():
    sizes = [
        path.stat().st_size
        for hidden in small.HIDDEN
        for path in shipped_files.folder(small.named(hidden)).iterdir()
    ]
    assert sum(sizes) < 2e6


@pytest.mark.parametrize("file", [small.WEIGHTS, small.VOCABULARY])
def test_a_file_that_is_missing_or_another_is_named(copied, file):
    content = bytearray((copied / file).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / file).write_bytes(content)
    with pytest.raises(
        DamagedRepresentation, match="not the file that was shipped; restore it from git"
    ) as caught:
        encoder.layers(small.load(small.HIDDEN[0]), TEXTS)
    assert str(copied) not in str(caught.value)
    (copied / file).unlink()
    small.load.cache_clear()
    with pytest.raises(DamagedRepresentation, match="is missing"):
        encoder.layers(small.load(small.HIDDEN[0]), TEXTS)


@pytest.mark.parametrize("left", ["", "{", "[]", "{}", '{"files": []}'])
def test_a_damaged_provenance_is_named(copied, left):
    (copied / shipped_files.PROVENANCE).write_text(left)
    with pytest.raises(DamagedRepresentation, match="restore it from git"):
        small.load(small.HIDDEN[0])


def test_weights_of_another_size_make_no_model(copied):
    about = json.loads((copied / shipped_files.PROVENANCE).read_text())
    pieces = json.loads((copied / small.VOCABULARY).read_text())[:100]
    files = {
        small.WEIGHTS: (copied / small.WEIGHTS).read_bytes(),
        small.VOCABULARY: json.dumps(pieces).encode(),
    }
    shipped_files.ship(copied.name, files, about)
    with pytest.raises(DamagedRepresentation, match="make no model"):
        encoder.layers(small.load(small.HIDDEN[0]), TEXTS)


def test_hidden_tokens_are_inner_ones_in_the_share_that_is_said():
    rows = np.tile(np.arange(64) + 100, (500, 1))
    shown, chosen = pretraining.hidden(rows, np.random.default_rng(0), 4096)
    assert not chosen[:, [0, -1]].any() and chosen.mean() == pytest.approx(0.15 * 62 / 64, rel=0.05)
    assert np.array_equal(shown[~chosen], rows[~chosen])
    masked = shown[chosen] == small.SPECIAL.index("[MASK]")
    assert masked.mean() == pytest.approx(0.8, abs=0.02) and shown.min() >= small.SPECIAL.index("[MASK]")


def test_a_size_that_is_none_is_named(capsys):
    with pytest.raises(SystemExit):
        pretraining.main(["33"])
    assert "no model has 33 columns" in capsys.readouterr().err


def test_no_text_of_the_set_is_pre_trained_on():
    if not datasets.reachable("CLEAR"):
        pytest.skip("data unreachable")
    texts = pretraining.corpus()
    about = shipped_files.provenance(small.named(small.HIDDEN[0]))["texts"]
    assert len(texts) == about["count"] and not set(texts) & set(datasets.load("CLEAR").inputs)
