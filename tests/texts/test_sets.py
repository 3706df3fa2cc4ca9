"""The sets of texts as their files hold them, and files that are not what they should be."""

import csv
import json

import numpy as np
import pandas as pd
import pytest

from w2s_utils.data import datasets
from w2s_utils.data.container import InvalidDataset
from w2s_utils.data.splits import DamagedFile
from w2s_utils.texts import classification, inputs, regression, sets

ROWS = {"EmoBank": 5000, "CLEAR": 1800, "ASAP": 1800, "French books": 1800, "STS-B": 2500}
ROWS |= dict.fromkeys(classification.NAMES, 5000)
RANGES = {"EmoBank": (1.2, 4.6), "CLEAR": (-3.7, 1.72), "French books": (0.5, 5), "STS-B": (0, 5)}


@pytest.mark.parametrize("name", ROWS)
def test_a_set_as_its_files_hold_it(name):
    if not datasets.reachable(name):
        pytest.skip("data unreachable")
    data = datasets.load(name)
    assert len(data.targets) == ROWS[name] and len(set(data.inputs)) == ROWS[name]
    assert inputs.checked(data.inputs) == list(data.inputs)
    assert all(text == text.strip() for text in data.inputs) and data.notes
    low, high = RANGES.get(name, (-5, 5))
    assert low <= data.targets.min() and data.targets.max() <= high
    assert (inputs.halves(data.inputs) is not None) == (name == "STS-B")
    assert bool(data.classes) == (name in classification.NAMES)
    again = datasets.load(name)
    assert again.inputs == data.inputs and np.array_equal(again.targets, data.targets)


def test_classes_are_called_what_their_questions_ask_for():
    if not datasets.reachable("TREC-6"):
        pytest.skip("data unreachable")
    data = datasets.load("TREC-6")
    starts = {"human": "Who ", "number": "How many ", "location": "What country "}
    for name, start in starts.items():
        of = [row for row, text in enumerate(data.inputs) if text.startswith(start)]
        numbers = data.targets[of].astype(int)
        assert data.classes[np.bincount(numbers).argmax()] == name


def registered(tmp_path, contents):
    """Paths by registry name of files with these contents, text or bytes."""
    paths = {}
    for name, content in contents.items():
        path = tmp_path / name.replace("/", "_")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths[name] = path
    return paths


def emobank(tmp_path, text, rows=None):
    lines = ["id,split,V,A,D,text", *(text if rows is None else [*text, *rows])]
    return regression.emobank(registered(tmp_path, {"text/EmoBank/table": "\n".join(lines) + "\n"}))


def filler(count, start=0):
    return [f"{k},train,3.0,3,3,sentence number {k}" for k in range(start, start + count)]


def test_a_text_none_stays_text_and_repeats_and_gaps_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(sets, "SHORT", 20_000)
    monkeypatch.setattr(regression, "SHORT", 20_000)
    odd = ["a,train,2.0,3,3,None", "b,train,2.5,3,3,  None ", "c,train,2.0,3,3,NA", "d,train,2.0,3,3,   "]
    data = emobank(tmp_path, odd, filler(10_058))
    assert data.inputs[:2] == ("None", "NA") and data.targets[0] == 2.0
    assert data.notes == (
        "1 rows without a text were left out",
        "1 repeated texts were left out, 1 of them with another target than the first",
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (filler(10), "10 rows where 10062 are due"),
        ([*filler(10_061), "x,train,high,3,3,text"], "no number"),
        ([*filler(10_061), "x,train,,3,3,text"], "no number"),
        ([*filler(10_061), "x,train,nan,3,3,text"], "outside 1 to 5"),
        ([*filler(10_061), "x,train,7,3,3,text"], "outside 1 to 5: 7"),
    ],
)
def test_a_damaged_emobank(tmp_path, rows, said):
    with pytest.raises(DamagedFile, match=said):
        emobank(tmp_path, rows)


@pytest.mark.parametrize(
    "content", [b"", b"id,split,V\n1,train,3\n", b"\xff\xfe\x00id", b"a,V,text\n1,2\n1,2,3,4,5\n"]
)
def test_what_is_no_table_is_named(tmp_path, content):
    with pytest.raises(DamagedFile, match="text_EmoBank_table"):
        regression.emobank(registered(tmp_path, {"text/EmoBank/table": content}))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"no workbook"])
def test_what_is_no_workbook_is_named(tmp_path, content):
    with pytest.raises(DamagedFile, match="workbook"):
        regression.clear(registered(tmp_path, {"text/CLEAR/table": content}))


def test_a_workbook_without_a_column_or_with_few_rows_is_named(tmp_path):
    path = tmp_path / "x.xlsx"
    for columns, said in (
        (["Excerpt"], "lacks a column"),
        (["Excerpt", "BT_easiness", "License"], "1 rows where 4724"),
    ):
        pd.DataFrame([[1] * len(columns)], columns=columns).to_excel(path, index=False)
        with pytest.raises(DamagedFile, match=said):
            regression.clear({"text/CLEAR/table": path})


def essays(tmp_path, monkeypatch, columns="essay\tdomain1_score"):
    monkeypatch.setattr(regression, "ASAP_ROWS", (2,) * 8)
    body = '"He said ""no""\t{}\nplain, with a "quote\t{}\n'
    contents = {
        f"text/ASAP/prompt{k}": f"{columns}\n"
        + body.format(k, k + 2).replace("plain", f"plain {k}").replace("He", f"He {k}")
        for k in range(1, 9)
    }
    return regression.asap(registered(tmp_path, contents))


def test_quotes_in_essays_close_nowhere_and_scores_are_of_their_prompt(tmp_path, monkeypatch):
    data = essays(tmp_path, monkeypatch)
    assert data.inputs[:2] == ('He 1 said ""no"', 'plain 1, with a "quote')
    np.testing.assert_array_equal(data.targets, [-1, 1] * 8)
    with pytest.raises(DamagedFile, match="lacks a column of essay, domain1_score"):
        essays(tmp_path, monkeypatch, "essay\tscore")


def reviews(tmp_path, monkeypatch, lines):
    monkeypatch.setattr(regression, "FRENCH_ROWS", {"babelio": len(lines), "critiqueslibres": 1})
    other = json.dumps({"reader_review": "Très bien", "rating": 4})
    return regression.french_books(
        registered(
            tmp_path,
            {"text/French books/babelio": "\n".join(lines), "text/French books/critiqueslibres": other},
        )
    )


def test_reviews_beyond_the_scale_or_without_text_are_left_out_and_counted(tmp_path, monkeypatch):
    given = [("Bof", 2), ("Génial \U0001f600", 5.5), ("", 3), ("cass\ud83d\u00e9", 1.5), ("None", 3)]
    data = reviews(
        tmp_path, monkeypatch, [json.dumps({"reader_review": text, "rating": stars}) for text, stars in given]
    )
    assert data.inputs == (
        "Bof",
        "cass\ufffdé",
        "None",
        "Très bien",
    )  # half a surrogate pair is a lost character
    assert data.targets.tolist() == [2, 1.5, 3, 4]
    assert data.notes[:2] == ("1 ratings above 5 stars were left out", "1 rows without a text were left out")


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"rating": 3}',
        '{"reader_review": "x", "rating": "three"}',
        '{"reader_review": "x", "rating": null}',
    ],
)
def test_what_is_no_review_is_named(tmp_path, monkeypatch, line):
    with pytest.raises(DamagedFile, match="babelio"):
        reviews(tmp_path, monkeypatch, [line])


def test_a_pair_is_one_input_and_counts_once_in_either_order(tmp_path, monkeypatch):
    monkeypatch.setattr(regression, "STSB_ROWS", {"train": 4, "dev": 1, "test": 1})
    rows = [("A man.", "A boy.", 1), ("A boy.", "A man.", 2), ('"Yes, sir."', "No", 0), ("None", "NA", 5)]
    lines = ["".join(_line(row)) for row in rows]
    contents = {"train": "".join(lines), "dev": _line(("A man.", "A dog.", 3)), "test": _line((" ", "x", 3))}
    data = regression.stsb(
        registered(tmp_path, {f"text/STS-B/{part}": text for part, text in contents.items()})
    )
    first, second = inputs.halves(data.inputs)
    assert first == ["A man.", '"Yes, sir."', "None", "A man."] and second == ["A boy.", "No", "NA", "A dog."]
    assert data.targets.tolist() == [1, 0, 5, 3]
    assert "1 rows without a text" in data.notes[0] and "1 repeated texts" in data.notes[1]
    assert data.notes[2].startswith("1 of 8 sentences stand in another pair too")


def _line(row):
    quoted = ['"' + str(cell).replace('"', '""') + '"' for cell in row]
    return ",".join(quoted) + "\n"


def test_labelled_lines(tmp_path, monkeypatch):
    title, classes, _, encoding = classification.LABELLED["TREC-6"]
    monkeypatch.setitem(
        classification.LABELLED, "TREC-6", (title, classes, {"train": 2, "test": 1}, encoding)
    )

    def read(train):
        contents = {"text/TREC-6/train": train, "text/TREC-6/test": b"3 Who ?\n"}
        return classification.labelled_lines("TREC-6", registered(tmp_path, contents))

    data = read("5 How many \u0085 caf\u00e9s ?\n0 None\n".encode("latin-1"))
    assert data.inputs == ("How many \u0085 cafés ?", "None", "Who ?") and data.targets.tolist() == [5, 0, 3]
    for wrong in (b"6 What ?\n0 x\n", b"x\n0 x\n", b"0\n0 x\n", b"\n0 x\n"):
        with pytest.raises(DamagedFile, match="without a class from 0 to 5"):
            read(wrong)
    with pytest.raises(DamagedFile, match="1 lines where 2 are due"):
        read(b"0 x\n")


def test_news_have_a_title_and_no_backslash(tmp_path):
    rows = [[1 + k % 4, f"Title {k}", f"a\\b {k}"] for k in range(7600)]
    path = tmp_path / "test.csv"
    with open(path, "w", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    data = classification.ag_news({"text/AG News/test": path})
    assert data.inputs[0].startswith("Title ") and ". a b " in data.inputs[0]
    assert set(data.targets) == {0, 1, 2, 3} and data.classes[1] == "sports"
    path.write_text(path.read_text().replace('"4"', '"5"'))
    with pytest.raises(DamagedFile, match="outside 1 to 4: 5"):
        classification.ag_news({"text/AG News/test": path})


def test_only_blanks_make_no_set():
    with pytest.raises(InvalidDataset):
        sets.made("x", "x", "", [" ", ""], np.zeros(2), 10)
