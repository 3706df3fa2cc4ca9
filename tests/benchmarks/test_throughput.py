"""Our way of training against the padded one: the same loss, honest counts of tokens and of floating-point operations."""

import numpy as np
import pytest
import torch

from w2s_utils.benchmarks import throughput
from w2s_utils.benchmarks.padded import IGNORED, PaddedBatches, padded_model
from w2s_utils.benchmarks.throughput import OURS, PLAIN
from w2s_utils.molecules import generated, molbert, preparation, prepared
from w2s_utils.molecules.batches import PretrainingBatches
from w2s_utils.molecules.molbert import Size
from w2s_utils.molecules.settings import Settings
from w2s_utils.molecules.tokenizer import MASK, PAD, SPECIAL

SMILES = generated.enumerate_molecules(200, seed=1)
SIZE = Size(16, 2, 2, 32)
SETTINGS = Settings("tiny", steps=1, batch_tokens=256, accumulate=2)


@pytest.fixture(scope="module")
def corpus():
    return preparation.in_memory(SMILES)


@pytest.fixture(scope="module")
def models():
    model = molbert.new_model(SIZE, 50, seed=0).eval()
    return model, padded_model(model).eval()


def test_a_padded_pass_holds_every_molecule_once(corpus):
    data = PaddedBatches(corpus, 40, 9, seed=0)
    passes = -(-len(corpus) // 9)
    assert sorted(np.concatenate([data.rows(number) for number in range(passes)])) == list(range(len(corpus)))
    assert data.rows(passes).tolist() != data.rows(0).tolist()
    again = PaddedBatches(corpus, 40, 9, seed=0)
    assert again.rows(30).tolist() == data.rows(30).tolist()


def test_padded_batches_hide_tokens_of_molecules_only(corpus):
    data = PaddedBatches(corpus, 10, 50, seed=0)
    hidden = tokens = 0
    for number in range(len(data)):
        batch = {name: tensor.numpy() for name, tensor in data[number].items()}
        lengths = corpus.lengths[data.rows(number)]
        assert batch["input_ids"].shape == (len(lengths), lengths.max())
        assert np.array_equal(batch["attention_mask"].sum(axis=1), lengths)
        assert np.all(batch["input_ids"][batch["attention_mask"] == 0] == SPECIAL.index(PAD))
        guessed = batch["labels"] != IGNORED
        assert not guessed[:, 0].any() and not guessed[np.arange(len(lengths)), lengths - 1].any()
        assert np.all(batch["attention_mask"][guessed] == 1)
        masked = batch["input_ids"] == SPECIAL.index(MASK)
        assert np.all(guessed[masked])
        restored = np.where(guessed, batch["labels"], batch["input_ids"])[batch["attention_mask"] == 1]
        rows = [corpus.tokens[corpus.starts[row] :][: corpus.lengths[row]] for row in data.rows(number)]
        assert np.array_equal(restored, np.concatenate(rows))
        hidden, tokens = hidden + guessed.sum(), tokens + (lengths - 2).sum()
    assert abs(hidden / tokens - 0.15) < 4 * np.sqrt(0.15 * 0.85 / tokens)


def test_without_padding_both_ways_have_one_loss(corpus, models):
    import torch

    batch = PretrainingBatches(corpus, 1, 256, seed=0)[0]
    ids = batch["input_ids"]
    labels = torch.full((ids.numel(),), IGNORED)
    labels[batch["masked"]] = batch["labels"]
    ours, padded = models
    with torch.inference_mode():
        one = ours(**batch)["loss"]
        other = padded(ids, torch.ones_like(ids), labels.reshape(ids.shape), batch["goals"])["loss"]
    assert abs(float(one - other)) < 1e-5


def test_padding_changes_no_prediction(corpus, models):
    import torch

    batch = PaddedBatches(corpus, 1, 30, seed=0)[0]
    length = int(batch["attention_mask"][0].sum())
    with torch.inference_mode():
        together = models[1](**batch)
        alone = models[1](**{name: t[:1] if name == "goals" else t[:1, :length] for name, t in batch.items()})
    assert length < batch["input_ids"].shape[1]
    assert np.allclose(together["predicted"][0], alone["predicted"][0], atol=1e-5)
    assert np.allclose(together["logits"][0, :length], alone["logits"][0], atol=1e-5)


def test_operations_are_counted_as_the_layers_have_weights():
    model = molbert.new_model(SIZE, 50, seed=0)
    weights = sum(p.numel() for p in model.encoder.encoder.parameters() if p.ndim == 2)
    lengths = np.array([10, 20])
    assert throughput.flops(SIZE, lengths) == 6 * weights * 30 + 12 * 2 * 16 * (100 + 400)


def test_both_ways_take_turns_and_padding_is_not_counted(corpus, capsys):
    rows = throughput.measure(corpus, SETTINGS, "cpu", rounds=2, steps=2, warm=1)
    assert [row["side"] for row in rows] == [OURS, PLAIN, PLAIN, OURS]
    for row in rows:
        assert row["seconds"] > 0 and row["matrix_flops_per_second"] > 0 and row["device"] == "CPU"
        assert (row["places"] == row["tokens"]) == (row["side"] == OURS) and row["places"] >= row["tokens"]
    found = throughput.summary(rows)
    assert found["padding"][OURS] == 0 < found["padding"][PLAIN] < 1
    for number, ratio in enumerate(throughput.ratios(rows)):
        speed = {row["side"]: row["tokens"] / row["seconds"] for row in rows if row["round"] == number}
        assert np.isclose(ratio, speed[OURS] / speed[PLAIN])
    assert len(throughput.utilisations(rows)) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("wrong", [{"rounds": 0}, {"steps": 0}, {"device": "tpu"}])
def test_what_cannot_be_measured_is_refused(corpus, wrong):
    with pytest.raises(ValueError, match="rounds|device"):
        throughput.measure(corpus, SETTINGS, **{"device": "cpu", **wrong})
    with pytest.raises(ValueError, match="at least one"):
        PaddedBatches(corpus, 1, 0, seed=0)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")])
def test_too_little_memory_says_what_to_do(corpus, monkeypatch, error):
    def out_of_memory(*_):
        raise error

    monkeypatch.setattr(PaddedBatches, "__getitem__", out_of_memory)
    with pytest.raises(throughput.pretraining.NotEnoughMemory, match="--batch-tokens"):
        throughput.measure(corpus, SETTINGS, "cpu", rounds=1, steps=1, warm=1)


def test_the_command_prints_both_ways(corpus, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("W2S_CACHE", str(tmp_path))
    assert throughput.main(["--model", "tiny", "--device", "cpu"]) == 1
    assert "make corpus" in capsys.readouterr().err
    prepared.save(corpus, prepared.path_of("public"))
    asked = ["--model", "tiny", "--device", "cpu", "--rounds", "2", "--steps", "1", "--batch-tokens", "256"]
    assert throughput.main(asked) == 0
    printed = capsys.readouterr().out
    assert "ours / plain" in printed and "nothing is asked" in printed


def test_the_strong_model_is_not_timed_on_a_processor_by_accident(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert throughput.main(["--model", "strong"]) == 1
    assert "about a day" in capsys.readouterr().err
