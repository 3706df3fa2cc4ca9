"""Training against a loop written by hand, and what is said where a device, memory or a batch does not do."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import tiny_models
import torch

from w2s_utils.llm import models, training
from w2s_utils.llm.settings import Settings, WrongSettings, rate_of
from w2s_utils.llm.training import NotEnoughMemory, NotFinite, Recipe, device_of, fit, say
from w2s_utils.methods.confidence import NAIVE, PAPER, RELEASED
from w2s_utils.molecules.checkpoints import UnusableCheckpoint

RATE = 1e-2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_models.causal(tmp_path_factory.mktemp("models") / "causal")


@pytest.fixture(scope="module")
def labelled():
    texts, labels = tiny_models.texts(44, 3)
    soft = np.full((44, 3), 0.1)
    soft[np.arange(44), labels] = 0.8
    return texts, soft


def recipe(method=NAIVE, **changed):
    settings = replace(Settings("weak", "strong", batch=8, device="cpu"), **changed)
    return Recipe(settings, RATE, method, device_of("cpu"), quiet=True)


def by_hand(folder, texts, labels, method, epochs=2, batch=8):
    """The released code's loop: batches in order, Adam, a cosine to 0; ``labels`` are hardened by its own rule."""
    loaded = models.load(folder, labels.shape[1], 1024)
    steps = epochs * -(-len(texts) // batch)
    optimizer = torch.optim.Adam(loaded.model.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    step = 0
    for _ in range(epochs):
        for start in range(0, len(texts), batch):
            logits = torch.stack(
                [
                    loaded.model(
                        input_ids=torch.tensor([row]),
                        attention_mask=torch.ones(1, len(row), dtype=torch.long),
                    )["logits"][0]
                    for row in loaded.numbers(texts[start : start + batch])
                ]
            )
            weak = torch.from_numpy(labels[start : start + batch]).float()
            target = weak
            if method != NAIVE:
                alpha = (
                    0.5 * min(1, 10 * step / steps)
                    if method == PAPER
                    else 0.5 * (step / steps if step / steps <= 0.1 else 1)
                )
                chance = logits.softmax(dim=1).detach()
                second = chance[:, 0] < torch.quantile(chance[:, 0], weak.mean(dim=0)[1])
                target = (1 - alpha) * weak + alpha * torch.stack([~second, second], dim=1).float()
            loss = -(target * logits.log_softmax(dim=1)).sum(dim=1).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
    return loaded


@pytest.mark.parametrize("method", [NAIVE, PAPER, RELEASED])
def test_training_is_the_released_loop(folder, labelled, method, tmp_path):
    texts, soft = labelled
    if method != NAIVE:  # the released rule is for two classes
        soft = np.stack([soft[:, 0], 1 - soft[:, 0]], axis=1)
    known = by_hand(folder, texts, soft, method)
    loaded = models.load(folder, soft.shape[1], 1024)
    log = fit(loaded, texts, soft, recipe(method), tmp_path, "key")
    found, wanted = (say(one, texts, recipe(), tmp_path) for one in (loaded, known))
    np.testing.assert_allclose(found, wanted, atol=2e-4)
    assert np.ptp(found[:, 0]) > 0.01  # it learned something
    assert [row["step"] for row in log] == [3, 6, 9, 12]


def test_fewer_texts_at_a_time_make_the_same_steps(folder, labelled, tmp_path):
    texts, soft = labelled[0][:40], labelled[1][:40]
    said = []
    for at_once in (None, 2):
        loaded = models.load(folder, 3, 1024)
        fit(loaded, texts, soft, recipe(at_once=at_once), tmp_path / str(at_once), "key")
        said.append(say(loaded, texts, recipe(), tmp_path))
    np.testing.assert_allclose(*said, atol=1e-4)


@pytest.mark.parametrize("rows", [600, 43])
def test_fewer_texts_at_a_time_weigh_alike_where_a_batch_is_not_full(folder, tmp_path, rows, monkeypatch):
    """Gradients of every step, of a model that stays as it is: 600 = 18 * 32 + 24, 43 = 32 + 11."""
    texts, labels = tiny_models.texts(rows, 3)
    found = []
    for at_once in (32, 16, 8):
        loaded, sums = models.load(folder, 3, 1024), []
        torch.nn.init.normal_(loaded.model.head.weight, generator=torch.Generator().manual_seed(0))
        weight = loaded.model.head.weight

        def noted(*_, weight=weight, sums=sums, **__):
            sums.append(weight.grad.numpy().copy())

        monkeypatch.setattr(torch.optim.AdamW, "step", noted)
        changed = recipe(batch=32, at_once=at_once)
        log = fit(loaded, texts, np.eye(3)[labels], changed, tmp_path / str(at_once), "key")
        assert len(sums) == 2 * -(-rows // 32)
        found.append((np.array(sums), [row["loss"] for row in log]))
    for sums, losses in found[1:]:
        np.testing.assert_allclose(sums, found[0][0], rtol=0, atol=1e-6)
        np.testing.assert_allclose(losses, found[0][1], rtol=0, atol=1e-6)


def test_numbers_that_are_not_finite_are_refused_with_the_remedy(folder, labelled, tmp_path):
    loaded = models.load(folder, 3, 64)
    next(loaded.model.base.parameters()).data.fill_(np.nan)
    said = "causal says what are no finite numbers {}, at the learning rate 0.01: lower --rate-weak or --rate-strong, or"
    with pytest.raises(NotFinite, match=said.format("after 0 steps")):
        fit(loaded, *labelled, recipe(PAPER), tmp_path, "key")
    with pytest.raises(NotFinite, match=said.format("after training")):
        say(loaded, labelled[0], recipe(), tmp_path)


def test_what_is_said_has_the_order_of_the_texts_and_does_not_depend_on_the_others(
    folder, labelled, tmp_path
):
    texts, soft = labelled
    loaded = models.load(folder, 3, 1024)
    fit(loaded, texts, soft, recipe(), tmp_path, "key")
    whole = say(loaded, texts, recipe(), tmp_path)
    for row in (0, 7):
        np.testing.assert_allclose(say(loaded, [texts[row]], recipe(), tmp_path)[0], whole[row], atol=1e-5)
    np.testing.assert_allclose(say(loaded, texts[::-1], recipe(), tmp_path)[::-1], whole, atol=1e-5)


@pytest.mark.parametrize("lora", [0, 2])
def test_training_goes_on_from_any_checkpoint_to_the_same_model(folder, labelled, tmp_path, lora):
    said = []
    for _ in range(3):
        loaded = models.load(folder, 3, 1024, lora)
        log = fit(loaded, *labelled, recipe(lora=lora), tmp_path, "key")
        said.append(say(loaded, labelled[0], recipe(), tmp_path))
        assert [row["step"] for row in log] == [3, 6, 9, 12]
        if len(said) == 2:  # the second one had nothing to do, the third lost the last steps
            shutil.rmtree(tmp_path / "checkpoint-12")
            assert (tmp_path / "checkpoint-10").is_dir()
    assert np.array_equal(said[0], said[1]) and np.array_equal(said[0], said[2])
    assert np.ptp(said[0][:, 0]) > 0.01


def test_checkpoints_of_another_run_are_not_taken(folder, labelled, tmp_path):
    fit(models.load(folder, 3, 1024), *labelled, recipe(epochs=1), tmp_path, "key")
    with pytest.raises(UnusableCheckpoint, match="checkpoints of a run with other settings"):
        fit(models.load(folder, 3, 1024), *labelled, recipe(), tmp_path, "another key")


FAULTS = [torch.OutOfMemoryError("CUDA out of memory"), MemoryError(), RuntimeError("can't allocate memory")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: type(one).__name__)
def test_too_little_memory_names_batch_and_lora(folder, labelled, tmp_path, monkeypatch, fault):
    def failing(*arguments):
        raise fault

    monkeypatch.setattr(training, "confidence_loss", failing)
    said = "with 8 texts at a time: --at-once 2 takes fewer of the 8 texts.*--lora trains small adapters"
    with pytest.raises(NotEnoughMemory, match=said):
        fit(models.load(folder, 3, 64), *labelled, recipe(), tmp_path, "key")
    with pytest.raises(NotEnoughMemory) as caught:
        fit(models.load(folder, 3, 64), *labelled, recipe(lora=4), tmp_path, "key")
    assert "--lora" not in str(caught.value)


def test_another_fault_is_shown_as_it_is(folder, labelled, tmp_path, monkeypatch):
    def failing(*arguments):
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(training, "confidence_loss", failing)
    with pytest.raises(RuntimeError, match="shapes differ"):
        fit(models.load(folder, 3, 64), *labelled, recipe(), tmp_path, "key")


def test_processes_share_a_batch_evenly():
    settings = Settings("weak", "strong", batch=32)
    assert training.at_once(settings, 1) == 32 and training.at_once(settings, 4) == 8
    assert training.at_once(replace(settings, at_once=4), 4) == 4
    for processes, changed in ((3, {}), (4, {"at_once": 16}), (64, {})):
        with pytest.raises(
            WrongSettings, match=f"{processes} processes with .* do not make up a batch of 32"
        ):
            training.at_once(replace(settings, **changed), processes)


def test_a_gpu_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(WrongSettings, match="there is no GPU that torch can use here"):
        device_of("cuda")
    assert not device_of("auto").gpu


def test_the_rate_goes_by_size():
    assert [rate_of(None, size) for size in (355_000_000, 774_000_000)] == [5e-5, 1e-5]
    assert rate_of(3e-4, 10**9) == 3e-4


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"weak": " "}, "name the weak model"),
        ({"epochs": 0}, "epochs is a whole number >= 1, not 0"),
        ({"documents": 1}, "documents is a whole number >= 2"),
        ({"lora": -1}, "lora is a whole number >= 0"),
        ({"batch": 2.5}, "batch is a whole number"),
        ({"at_once": 5}, "at_once divides the batch of 32"),
        ({"rate_weak": 0.0}, "rate_weak is a learning rate"),
        ({"coefficient": 2.0}, r"coefficient lies in \[0, 1\]"),
        ({"methods": ("naive", "naive")}, "each once"),
        ({"methods": ("other",)}, "losses are some of naive"),
        ({"device": "tpu"}, "the device is one of auto, cpu, cuda"),
        ({"seed": 2**32 - 1, "seeds": 2}, "the last seed is"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused(changed, said):
    with pytest.raises(WrongSettings, match=said):
        Settings(**{"weak": "a", "strong": "b", **changed})
