"""Texts and classes from names and files, the questions of the hub's sets, and halves."""

import sys
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import tiny_models

from w2s_utils.data import datasets
from w2s_utils.llm import hub_sets, reading
from w2s_utils.llm.settings import Settings, WrongSettings
from w2s_utils.own_data.refusal import UnusableData

SMALL = Settings("weak", "strong", documents=100, judged=30)


def table(path, **columns):
    frame = pd.DataFrame(columns)
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path, index=False)
    return str(path)


def test_two_columns_of_a_file_are_texts_and_classes(tmp_path):
    found = reading.documents(str(tiny_models.write_csv(tmp_path / "mine.csv", 60, 3)))
    assert found.classes == ("negative", "neither", "positive") and found.name == "mine"
    texts, labels = tiny_models.texts(60, 3)
    names = ("negative", "positive", "neither")
    assert list(found.inputs) == texts
    assert [found.classes[int(one)] for one in found.targets] == [names[one] for one in labels]


def test_parquet_numbers_and_other_names_of_columns(tmp_path):
    path = table(tmp_path / "mine.parquet", body=["a", "b", "c"], stars=[10, 2, 2])
    found = reading.documents(path, text="body", label="stars")
    assert found.classes == ("2", "10") and found.targets.tolist() == [1, 0, 0]


def test_a_text_that_reads_like_a_missing_value_is_one(tmp_path):
    found = reading.documents(table(tmp_path / "mine.csv", text=["NA", "007", "1E5"], label=["a", "b", "a"]))
    assert found.inputs == ("NA", "007", "1E5")


def test_a_test_file_is_judged_and_nothing_else(tmp_path):
    train, test = (tiny_models.write_csv(tmp_path / f"{name}.csv", 50, seed=k) for k, name in enumerate("ab"))
    data = reading.documents(str(train), test=str(test))
    parts = reading.parts_of(data, SMALL, 0)
    assert set(parts.evaluation) <= set(range(50, 100)) and len(parts.evaluation) == 30
    assert max(*parts.weak_train, *parts.student_train) < 50 and len(parts.weak_train) == 25


def test_texts_that_stand_twice_are_told(tmp_path):
    train = table(tmp_path / "train.csv", text=["a b", "c", "d"], label=[0, 1, 1])
    test = table(tmp_path / "test.csv", text=["a  b", "e"], label=[0, 1])
    [note] = reading.documents(train, test=test).notes
    assert note.startswith("1 of 2 test texts stand among the training texts too")
    [note] = reading.documents(table(tmp_path / "x.csv", text=["a", "a", "b"], label=[0, 0, 1])).notes
    assert note.startswith("1 of 3 texts stand in an earlier row too")


WRONG = [
    ({"text": ["a", "b"], "target": [0, 1]}, "there is no column 'label'"),
    ({"words": ["a", "b"], "label": [0, 1]}, "there is no column 'text'"),
    ({"text": ["a", "b"], "label": ["x", "x"]}, "the label is 'x' in every row"),
    ({"text": ["a"] * 200, "label": range(200)}, "has 200 different values, and classes are 100 at most"),
    ({"text": ["a", " ", "c"], "label": [0, 1, 1]}, "row 3 .*the text in 'text' is empty"),
    (
        {"text": ["a", "b", "c"], "label": ["x", "NA", "y"]},
        "row 3 .*the words NA, None, nan, null count as empty",
    ),
    ({"text": ["a", "b", "c"], "label": ["x", None, "y"]}, "row 3 .*the label in 'label' is empty"),
]


@pytest.mark.parametrize(("columns", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(tmp_path, columns, said):
    with pytest.raises(UnusableData, match=said) as caught:
        reading.documents(table(tmp_path / "mine.csv", **columns))
    assert "\n" not in str(caught.value)


def test_names_that_are_nothing_are_refused(tmp_path):
    with pytest.raises(
        UnusableData, match="no set is called 'sst3' and there is no such file; sets are sciq, .*SST-2"
    ):
        reading.documents("sst3")
    with pytest.raises(UnusableData, match="there is no file none.csv"):
        reading.documents("none.csv")
    with pytest.raises(UnusableData, match="name the data"):
        reading.documents(" ")
    with pytest.raises(UnusableData, match="sciq has its test rows already"):
        reading.documents("sciq", test="x.csv")


def test_halves_are_drawn_by_seed_and_a_third_is_judged(tmp_path):
    data = reading.documents(str(tiny_models.write_csv(tmp_path / "mine.csv", 90)))
    one, same, other = (reading.parts_of(data, SMALL, seed) for seed in (0, 0, 1))
    assert np.array_equal(one.weak_train, same.weak_train) and np.array_equal(one.evaluation, same.evaluation)
    assert set(one.weak_train) != set(other.weak_train) and set(one.evaluation) != set(other.evaluation)
    assert (len(one.weak_train), len(one.student_train), len(one.evaluation)) == (30, 30, 30)
    few = reading.parts_of(data, Settings("a", "b", documents=40, judged=11), 0)
    assert (len(few.weak_train), len(few.student_train), len(few.evaluation)) == (20, 20, 11)


def test_too_few_rows_are_refused(tmp_path):
    data = reading.documents(str(tiny_models.write_csv(tmp_path / "mine.csv", 21)))
    with pytest.raises(
        UnusableData, match="mine gives halves of 7 rows and 7 test rows; 8 and 10 are the least"
    ):
        reading.parts_of(data, SMALL, 0)


def test_a_class_of_the_test_rows_that_no_half_shows_is_named(tmp_path):
    train = table(tmp_path / "train.csv", text=[f"t{k}" for k in range(60)], label=["x", "y"] * 30)
    test = table(tmp_path / "test.csv", text=[f"u{k}" for k in range(12)], label=["x", "y", "new"] * 4)
    with pytest.raises(UnusableData, match="test rows are of 'new', which no row of a half of 30 shows"):
        reading.parts_of(reading.documents(train, test=test), SMALL, 0)


def test_a_rare_class_is_in_both_halves(tmp_path):
    labels = ["rare" if k < 6 else "often" for k in range(90)]
    path = table(tmp_path / "mine.csv", text=[f"t{k}" for k in range(90)], label=labels)
    data = reading.documents(path)
    for seed in range(20):
        parts = reading.parts_of(data, SMALL, seed)
        judged = set(data.targets[parts.evaluation])
        assert judged <= set(data.targets[parts.weak_train]) & set(data.targets[parts.student_train])


SCIQ = [
    {
        "question": f"q{k}",
        "correct_answer": "right",
        "distractor1": "w1",
        "distractor2": "w2",
        "distractor3": "w3",
    }
    for k in range(400)
]
COSMOS = [
    {"context": "c", "question": "q", "label": k % 4}
    | {f"answer{place}": "None of the above choices ." if place == 3 else f"a{place}" for place in range(4)}
    for k in range(400)
]
BOOLQ = [{"passage": "p", "question": f"q{k}", "answer": k % 3 == 0} for k in range(30)]
AMAZON = [{"title": "t", "content": f"c{k}", "label": k % 2} for k in range(30)]


def test_questions_of_science_are_right_in_half_of_the_rows():
    data = hub_sets.questions("sciq", {"train": SCIQ, "test": SCIQ[:50]})
    assert data.classes == ("wrong", "right") and len(data.splits["source"]["test"]) == 50
    for text, right in zip(data.inputs, data.targets, strict=True):
        assert text.startswith("Q: q") and text.endswith(" A: right") == bool(right)
    assert 0.4 < data.targets.mean() < 0.6
    assert {text[-2:] for text in data.inputs if not text.endswith("right")} == {"w1", "w2", "w3"}
    again = hub_sets.questions("sciq", {"train": SCIQ, "test": SCIQ[:50]})
    assert again.inputs == data.inputs


def test_none_of_the_above_is_never_right():
    data = hub_sets.questions("cosmos_qa", {"train": COSMOS, "test": []})
    for place, (text, right) in enumerate(zip(data.inputs, data.targets, strict=True)):
        answer = text.partition("\nAnswer: ")[2]
        assert text.startswith("Context: c\nQuestion: q\n")
        assert not (right and "None of the above" in answer)
        assert (answer == f"a{place % 4}") == bool(right)


def test_the_others_are_as_they_are():
    boolq = hub_sets.questions("boolq", {"train": BOOLQ, "test": []})
    assert boolq.inputs[0] == "Passage: p\nQuestion: q0" and boolq.targets.tolist() == [
        k % 3 == 0 for k in range(30)
    ]
    amazon = hub_sets.questions(
        "amazon_polarity", {"train": AMAZON, "test": [{"title": "", "content": " ", "label": 1}]}
    )
    assert amazon.inputs[1] == "t c1" and amazon.targets[1] == 1
    assert "1 rows without a text or a class were left out" in amazon.notes


@pytest.fixture
def hub(monkeypatch):
    """A stand-in for `datasets` that gives what it was asked for."""
    asked = []

    def load_dataset(repository, revision, data_files):
        asked.append((repository, revision, data_files))
        return {"train": AMAZON * 2, "test": AMAZON}

    stand_in = ModuleType("datasets")
    stand_in.load_dataset = load_dataset
    logging = ModuleType("datasets.utils.logging")
    logging.set_verbosity_error = lambda: None
    monkeypatch.setitem(sys.modules, "datasets", stand_in)
    monkeypatch.setitem(sys.modules, "datasets.utils", ModuleType("datasets.utils"))
    monkeypatch.setitem(sys.modules, "datasets.utils.logging", logging)
    monkeypatch.setattr("w2s_utils.llm.settings.find_spec", lambda name: object())
    return asked


def test_sets_of_a_hub_are_asked_for_at_their_revisions(hub):
    data = reading.documents("Amazon_Polarity")
    [(repository, revision, files)] = hub
    assert (
        repository == "fancyzhx/amazon_polarity" and len(revision) == 40 and set(files) == {"train", "test"}
    )
    assert len(data.inputs) == 90 and revision in data.notes[0]
    for one in hub_sets.HUB_SETS.values():
        assert set(one.revision) <= set("0123456789abcdef") and len(one.revision) == 40
        assert one.revision in hub_sets.__doc__ and one.repository in hub_sets.__doc__


def test_a_hub_without_an_answer_is_told(hub, monkeypatch):
    def failing(*arguments, **named):
        raise ConnectionError("no network")

    monkeypatch.setattr(sys.modules["datasets"], "load_dataset", failing)
    with pytest.raises(
        UnusableData, match="sciq cannot be had: allenai/sciq at revision 2c94ad3e gave ConnectionError"
    ):
        reading.documents("sciq")


def test_without_the_extra_a_hub_is_not_asked(monkeypatch):
    monkeypatch.setattr("w2s_utils.llm.settings.find_spec", lambda name: None)
    with pytest.raises(WrongSettings, match=r"datasets not installed: pip install 'w2s-utils\[llm\]'"):
        reading.documents("boolq")


def test_the_sets_of_the_registry_are_read_as_everywhere():
    if not datasets.reachable("SST-2"):
        pytest.skip("data unreachable")
    data = reading.documents("sst-2")
    assert data.inputs == datasets.load("SST-2").inputs
    assert len(reading.parts_of(data, Settings("a", "b"), 0).evaluation) == len(data.inputs) // 3
