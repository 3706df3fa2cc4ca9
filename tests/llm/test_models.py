"""Any model of a folder with a head on top: what the head reads, padding and dropout, LoRA, and folders that are refused."""

import json
import shutil

import numpy as np
import pytest
import tiny_models
import torch
from transformers import AutoModel, AutoTokenizer

from w2s_utils.llm import folders, models
from w2s_utils.llm.folders import UnusableModel
from w2s_utils.llm.settings import WrongSettings
from w2s_utils.texts import minilm, small
from w2s_utils.texts.encoder import layers

TEXTS = ["a good film", "it was a very bad and dull book of that day", "poor"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {
        "causal": tiny_models.causal(folder / "causal"),
        "encoder": tiny_models.encoder(folder / "encoder"),
    }


@pytest.fixture
def copy(kept, tmp_path):
    return {kind: shutil.copytree(folder, tmp_path / kind) for kind, folder in kept.items()}


def hidden(folder, text):
    """The last states of one text alone, as transformers gives them, ``(tokens, hidden)``."""
    tokens = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    model = AutoModel.from_pretrained(folder).eval()
    with torch.no_grad():
        return model(input_ids=tokens["input_ids"]).last_hidden_state[0]


def batch(loaded, texts):
    rows = loaded.numbers(texts)
    longest = max(map(len, rows)) + 2
    ids = torch.tensor([row + [loaded.pad] * (longest - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    return {"input_ids": ids, "attention_mask": mask}


@pytest.mark.parametrize("kind", ["causal", "encoder"])
def test_the_head_reads_the_last_token_of_causal_models_and_the_mean_of_encoders(kept, kind):
    loaded = models.load(kept[kind], 3, 1024)
    torch.nn.init.normal_(loaded.model.head.weight)
    with torch.no_grad():
        logits = loaded.model.train()(**batch(loaded, TEXTS))["logits"]  # in training, too: no dropout
    for text, found in zip(TEXTS, logits, strict=True):
        states = hidden(kept[kind], text)
        vector = states[-1] if kind == "causal" else states.mean(dim=0)
        torch.testing.assert_close(found, loaded.model.head.weight.detach() @ vector, atol=1e-5, rtol=1e-4)
    assert loaded.pooling == (models.LAST if kind == "causal" else models.MEAN)


@pytest.mark.parametrize("kind", ["causal", "encoder"])
def test_a_new_head_says_all_classes_alike_and_has_no_bias(kept, kind):
    loaded = models.load(kept[kind], 6, 1024)
    assert (loaded.model(**batch(loaded, TEXTS))["logits"] == 0).all()
    assert [name for name, _ in loaded.model.named_parameters() if "head" in name] == ["head.weight"]
    assert loaded.trained - loaded.parameters == loaded.model.head.weight.numel()
    assert not any("pooler" in name for name, _ in loaded.model.named_parameters())


def test_texts_are_cut_where_asked_and_where_the_model_ends(kept):
    long = "good " * 200
    for kind, folder in kept.items():
        assert {len(models.load(folder, 2, most).numbers([long])[0]) for most in (8, 1024)} == {8, 32}, kind


@pytest.mark.parametrize("kind", ["causal", "encoder"])
def test_lora_trains_adapters_and_saves_nothing_else(kept, kind):
    loaded = models.load(kept[kind], 2, 1024, lora=2, seed=1)
    whole = {name: one.clone() for name, one in loaded.model.named_parameters()}
    torch.nn.init.normal_(loaded.model.head.weight)
    optimizer = torch.optim.Adam(loaded.model.parameters(), lr=0.1)
    for _ in range(2):
        loaded.model(**batch(loaded, TEXTS))["logits"].square().sum().backward()
        optimizer.step()
    moved = {name for name, one in loaded.model.named_parameters() if not torch.equal(one, whole[name])}
    assert moved and all("lora" in name or name == "head.weight" for name in moved)
    assert set(loaded.model.state_dict()) >= moved
    assert (
        sum(one.numel() for one in loaded.model.state_dict().values()) == loaded.trained < loaded.parameters
    )
    same = models.load(kept[kind], 2, 1024, lora=2, seed=1).model.state_dict()
    other = models.load(kept[kind], 2, 1024, lora=2, seed=2).model.state_dict()
    first = models.load(kept[kind], 2, 1024, lora=2, seed=1).model.state_dict()
    assert all(torch.equal(one, same[name]) for name, one in first.items())
    assert not all(torch.equal(one, other[name]) for name, one in first.items())


def test_a_frozen_model_may_be_kept_in_short_floats(kept):
    loaded = models.load(kept["causal"], 2, 1024, lora=2, half=True)
    kinds = {one.dtype for one in loaded.model.parameters() if not one.requires_grad}
    assert kinds == {torch.bfloat16}
    assert {one.dtype for one in loaded.model.parameters() if one.requires_grad} == {torch.float32}
    assert loaded.model(**batch(loaded, TEXTS))["logits"].dtype == torch.float32


def test_a_model_is_known_by_what_its_files_hold(kept, tmp_path):
    again = shutil.copytree(kept["causal"], tmp_path / "again")
    assert folders.identity(again) == folders.identity(kept["causal"]) != folders.identity(kept["encoder"])
    other = shutil.copytree(kept["causal"], tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "note": "x"}))
    assert folders.identity(other) != folders.identity(again)


def test_our_small_models_are_folders_that_say_what_they_said_before(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_BUILD", str(tmp_path))
    folder = folders.located("text-small-32")
    assert folder == folders.located("text-small-32") == tmp_path / "models" / "text-small-32"
    known = layers(small.load(32), TEXTS)[:, -1].astype(np.float32)
    found = np.array([hidden(folder, text).mean(dim=0).numpy() for text in TEXTS])
    np.testing.assert_allclose(found, known, atol=2e-2)
    assert models.load(folder, 2, 1024).most == 128


@pytest.mark.skipif(bool(minilm.missing()), reason=minilm.missing())
def test_minilm_is_a_folder_too(tmp_path):
    folder = folders.save_minilm(tmp_path / "minilm")
    known = layers(minilm.load(), TEXTS)[:, -1].astype(np.float32)
    found = np.array([hidden(folder, text).mean(dim=0).numpy() for text in TEXTS])
    np.testing.assert_allclose(found, known, atol=2e-2)


def removed(name):
    return lambda folder: (folder / name).unlink()


def rewritten(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def without_a_tensor(folder):
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors[next(name for name in tensors if "mlp" in name)]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def of_another_shape(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "n_positions": 2 * tiny_models.TOKENS}))


def no_tokenizer(folder):
    for path in folder.glob("tokenizer*"):
        path.unlink()


BAD = [
    (removed("config.json"), "the folder causal is no model: it has no config.json"),
    (removed("model.safetensors"), "the folder causal has no weights"),
    (rewritten("config.json", b"{}"), "no model that transformers reads"),
    (rewritten("config.json", b"x"), "no model that transformers reads"),
    (rewritten("model.safetensors", b"x" * 99), "the weights of causal cannot be loaded"),
    (without_a_tensor, "lack 1 of the model's tensors, such as .*mlp"),
    (of_another_shape, r"do not fit its config.json: wpe.weight has shape \(32, 16\) instead of \(64, 16\)"),
    (no_tokenizer, "has no tokenizer that transformers reads"),
    (rewritten("tokenizer.json", b"{}"), "has no tokenizer that transformers reads"),
]


@pytest.mark.parametrize(("damage", "said"), BAD, ids=[said[-20:] for _, said in BAD])
def test_a_folder_that_is_no_model_is_refused_in_a_sentence(copy, damage, said):
    damage(copy["causal"])
    with pytest.raises(UnusableModel, match=said) as caught:
        models.load(folders.located(str(copy["causal"])), 2, 64)
    assert "\n" not in str(caught.value) and str(copy["causal"].parent) not in str(caught.value)


@pytest.mark.parametrize("part", ["AutoConfig", "AutoModel", "AutoTokenizer"])
def test_code_that_comes_with_a_model_is_not_run(copy, tmp_path, monkeypatch, part):
    monkeypatch.setattr("builtins.input", lambda *_: "y")  # what somebody would say who were asked
    folder, ran = copy["causal"], tmp_path / "ran"
    (folder / "own.py").write_text(f"open({str(ran)!r}, 'w').close()\nclass Own: pass\n")
    path = folder / ("tokenizer_config.json" if part == "AutoTokenizer" else "config.json")
    said = json.loads(path.read_text()) | {"auto_map": {part: "own.Own"}}
    if part == "AutoTokenizer":
        said |= {"auto_map": {part: ["own.Own", None]}, "tokenizer_class": "Own"}
    else:
        said |= {"model_type": "own", "architectures": ["Own"]} if part == "AutoConfig" else {}
    path.write_text(json.dumps(said))
    try:
        models.load(folders.located(str(folder)), 2, 64)  # transformers may know such a model by itself
    except UnusableModel as error:
        assert "\n" not in str(error) and "code of its own, which is never run here" in str(error)
    else:
        assert part != "AutoConfig"
    assert not ran.exists()


def test_a_model_with_two_halves_is_refused(tmp_path):
    from transformers import T5Config

    T5Config(d_model=8, num_layers=1, d_ff=8, num_heads=1).save_pretrained(tmp_path / "t5")
    (tmp_path / "t5" / "model.safetensors").write_bytes(b"x")
    with pytest.raises(UnusableModel, match=r"t5 \(t5\) is no causal model and no encoder"):
        models.load(folders.located(str(tmp_path / "t5")), 2, 64)


def test_a_tokenizer_of_another_model_is_refused(copy, kept):
    shutil.copy(kept["causal"] / "tokenizer.json", copy["encoder"] / "tokenizer.json")
    with pytest.raises(UnusableModel, match="has tokens that its model lacks; they do not belong together"):
        models.load(copy["encoder"], 2, 64).numbers(tiny_models.texts(100, 3)[0])


def test_a_text_without_a_token_is_named(kept):
    with pytest.raises(UnusableModel, match="makes no token of the text ''"):
        models.load(kept["causal"], 2, 64).numbers(["good", ""])


def test_a_name_that_is_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    for name, said in (
        (tmp_path / "file", "file is a file"),
        (tmp_path / "none", "there is no folder"),
        ("./x", "no folder ./x"),
    ):
        with pytest.raises(UnusableModel, match=said):
            folders.located(str(name))


def test_a_folder_that_is_called_by_a_point_has_its_name(tmp_path, monkeypatch):
    from w2s_utils.llm.stages import short

    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnusableModel, match=f"the folder {tmp_path.name} is no model"):
        folders.located(".")
    assert short(".") == tmp_path.name and short("owner/gpt@abc") == "gpt"


def test_a_model_that_no_hub_has_is_refused_with_the_ways_out(monkeypatch):
    import huggingface_hub
    from huggingface_hub.errors import LocalEntryNotFoundError, RepositoryNotFoundError

    asked = []

    class Api:
        def model_info(self, name, revision, timeout):
            asked.append((name, revision))
            raise fault

    def snapshot(name, revision, **named):
        asked.append((name, revision, named["local_files_only"]))
        raise LocalEntryNotFoundError("nothing kept")

    monkeypatch.setattr(huggingface_hub, "HfApi", Api)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    fault = ConnectionError("no network")
    with pytest.raises(
        UnusableModel, match="someone/gpt is no folder here and cannot be had from a hub.*text-small-32"
    ):
        folders.located("someone/gpt")
    assert asked == [("someone/gpt", None), ("someone/gpt", None, True)]
    fault = RepositoryNotFoundError.__new__(RepositoryNotFoundError)
    with pytest.raises(UnusableModel, match="neither a folder nor a model of the hub is called gpt9@abc"):
        folders.located("gpt9@abc")
    assert asked[-1] == ("gpt9", "abc")


def test_a_model_of_a_hub_is_taken_at_the_commit_it_has(monkeypatch, kept):
    from types import SimpleNamespace

    import huggingface_hub

    class Api:
        def model_info(self, name, revision, timeout):
            return SimpleNamespace(sha="c" * 40, siblings=[SimpleNamespace(rfilename="model.safetensors")])

    def snapshot(name, revision, allow_patterns, local_files_only):
        assert (name, revision, local_files_only) == ("someone/gpt", "c" * 40, False)
        assert "*.bin" not in allow_patterns and not any(one.endswith(".py") for one in allow_patterns)
        return str(kept["causal"])

    monkeypatch.setattr(huggingface_hub, "HfApi", Api)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    assert folders.located("someone/gpt") == kept["causal"]


@pytest.mark.parametrize("missing", ["transformers", "peft"])
def test_what_is_not_installed_is_named(kept, monkeypatch, missing):
    from w2s_utils.llm import settings

    found = settings.find_spec
    monkeypatch.setattr(settings, "find_spec", lambda name: None if name == missing else found(name))
    with pytest.raises(WrongSettings, match=rf"{missing} not installed: pip install 'w2s-utils\[llm\]'"):
        models.load(folders.located(str(kept["causal"])), 2, 64, lora=2)
