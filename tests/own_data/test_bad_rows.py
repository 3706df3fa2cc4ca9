"""Rows that cannot be used are all named at once, or left out and said; names of columns are found as people write them."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from w2s_utils import runtime
from w2s_utils.own_data.answer import answer
from w2s_utils.own_data.checks import real_numbers
from w2s_utils.own_data.choice import column_names
from w2s_utils.own_data.columns import gather
from w2s_utils.own_data.files import UnusableData, read_columns
from w2s_utils.own_data.judge import judge

ROWS = 120


def columns(**changes):
    rng = np.random.default_rng(0)
    strong = rng.normal(size=(ROWS, 3))
    y = strong @ [1.0, -1.0, 0.5] + 0.1 * rng.normal(size=ROWS)
    found = {f"s{k}": strong[:, k] for k in range(3)} | {
        "w": np.sign(strong[:, 0]),
        "guess": y + rng.normal(size=ROWS),
    }
    found |= {
        "y": np.where(np.arange(ROWS) % 3 == 0, np.nan, y),
        "id": np.array([f"r{k}" for k in range(ROWS)], dtype=object),
    }
    return found | changes


def holed(name, rows, value=np.nan, **others):
    values = columns()[name].copy()
    values[rows] = value
    return columns(**{name: values}, **others)


def chosen(table, **choice):
    return gather("mine", table, **{"target": "y", "strong": "s*", "weak": "w", **choice})


def test_all_bad_rows_are_named_as_a_spreadsheet_counts_and_by_id():
    table = holed("s1", [3, 10, 11, 50, 51, 52, 119])
    with pytest.raises(UnusableData) as caught:
        chosen(table)
    assert str(caught.value).startswith(
        "7 of 120 rows cannot be used, rows 5, 12, 13, 52, 53 and 2 more (the header is row 1): "
    )
    with pytest.raises(
        UnusableData,
        match=r"\(the header is row 1; id 'r3', 'r10', 'r11', 'r50', 'r51' and 2 more\): no number in 's1'",
    ):
        chosen(table, ids="id")


def test_every_kind_of_fault_is_said_in_one_sentence():
    guess = columns()["guess"].copy()
    guess[7] = np.inf
    with pytest.raises(
        UnusableData,
        match="2 of 120 .*rows 5 and 9 .*: no number in 's1' in 1 of them and an infinite number in 'guess'",
    ):
        chosen(holed("s1", [3], guess=guess), weak_labels="guess")


def test_bad_rows_are_left_out_and_said():
    bad = [3, 4, 60]
    data = chosen(holed("s1", bad, guess=columns()["guess"]), weak_labels="guess", ids="id", drop_bad=True)
    kept = np.setdiff1d(np.arange(ROWS), bad)
    whole = chosen(columns(), weak_labels="guess")
    np.testing.assert_array_equal(data.views.strong, whole.views.strong[kept])
    np.testing.assert_array_equal(data.views.weak["weak"], whole.views.weak["weak"][kept])
    np.testing.assert_array_equal(data.views.weak_labels["guess"], whole.views.weak_labels["guess"][kept])
    np.testing.assert_array_equal(kept[data.labelled], np.setdiff1d(whole.labelled, bad))
    [note] = data.notes
    assert note.startswith(
        "3 of 120 rows cannot be used and were left out, 1 of them with a true label: rows 5, 6 and 62 "
    )
    assert "id 'r3', 'r4' and 'r60'" in note


def test_the_rows_left_out_are_a_caveat_of_the_answer():
    judged = judge(chosen(holed("s1", [3]), drop_bad=True), folds=4)
    assert "were left out" in judged.notes[0] and answer(judged).caveats[0] == judged.notes[0]


def test_nothing_is_said_where_nothing_is_left_out():
    assert chosen(columns(), drop_bad=True).notes == chosen(columns()).notes == ()


def test_what_is_wrong_with_the_rows_kept_is_named_by_their_own_numbers():
    ids = columns()["id"].copy()
    ids[20] = ids[10]
    with pytest.raises(UnusableData, match="'r10', the first in rows 12 and 22 "):
        chosen(holed("s1", [3, 4], id=ids), ids="id", drop_bad=True)
    ids[4] = ""
    with pytest.raises(UnusableData, match="is missing in row 6 "):
        chosen(columns(id=ids), ids="id")
    parts = np.array(["train", "test"] * 60, dtype=object)
    parts[[3, 50]] = "hold-out"
    with pytest.raises(UnusableData, match="split is 'hold-out' in row 52 "):
        chosen(holed("s1", [3], part=parts), split="part", drop_bad=True)


def test_a_split_keeps_its_rows_when_others_are_left_out():
    parts = np.array((["train"] * 3 + ["test"]) * 30, dtype=object)
    data = chosen(holed("s1", [0, 3], part=parts), split="part", drop_bad=True)
    kept = np.delete(parts, [0, 3])
    for part, rows in data.splits["given"].items():
        assert set(kept[rows]) == {part}


def test_a_file_of_bad_rows_alone_is_refused():
    with pytest.raises(UnusableData, match="no row can be used: no number in 's1'"):
        chosen(columns(s1=np.full(ROWS, np.nan)), drop_bad=True)


def test_words_are_no_bad_rows():
    """A word may mean something, such as a limit of detection, so its row is not left out without a look."""
    with pytest.raises(UnusableData, match="'<0.5', which is no number"):
        chosen(columns(s1=np.array(["<0.5"] + ["1", "2"] * 59 + ["3"])), drop_bad=True)


@pytest.mark.parametrize("value", ["", "  ", None, np.nan])
def test_rows_without_text_are_bad_rows(value):
    words = np.array([f"review {k}" for k in range(ROWS)], dtype=object)
    words[[5, 9]] = value
    table = columns(words=words)
    with pytest.raises(
        UnusableData, match="2 of 120 rows cannot be used, rows 7 and 11 .*: no text in 'words'"
    ):
        chosen(table, text="words", strong="", weak="")
    data = chosen(table, text="words", strong="", weak="", drop_bad=True)
    assert len(data.targets) == ROWS - 2 and "rows 7 and 11" in data.notes[0]


def test_texts_that_look_like_numbers_or_nothing_are_texts(tmp_path):
    words = ["NA", "null", "None", "007", "1E5", "true"] + [f"{k}" for k in range(6, ROWS)]
    frame = pd.DataFrame({"words": words, "y": columns()["y"]})
    frame.to_csv(tmp_path / "x.csv", index=False)
    data = gather("x", read_columns(tmp_path / "x.csv", as_text=["words"]), "y", text="words")
    assert len(data.targets) == ROWS
    with pytest.raises(
        UnusableData, match=r"read as other things than text, such as 0; .*as_text=\['words'\]"
    ):
        gather("x", columns(words=np.arange(ROWS)), "y", text="words")


def test_rows_without_a_molecule_are_bad_rows():
    pytest.importorskip("rdkit")
    smiles = np.array(["C" * (1 + k % 9) + "NO"[k % 2] for k in range(ROWS)], dtype=object)
    smiles[[10, 100]], smiles[40], smiles[41] = "N#[N+2]=NCC", "C" * 600, ""
    table = columns(smiles=smiles)
    with pytest.raises(UnusableData) as caught:
        chosen(table, smiles="smiles", strong="", weak="")
    said = str(caught.value)
    assert "4 of 120 rows cannot be used, rows 12, 42, 43 and 102 " in said
    for reason in (
        "no text in 'smiles' in 1",
        "no valid SMILES in 'smiles' in 2",
        "more than 250 heavy atoms in 'smiles' in 1",
    ):
        assert reason in said
    data = chosen(table, smiles="smiles", strong="", weak="", drop_bad=True)
    assert len(data.views.strong) == len(data.views.weak["Morgan 64"]) == ROWS - 4


def test_names_between_commas_are_several_columns():
    data = chosen(columns(), strong="s0, s2", weak={"both": "w,s1", "one": ["w"]}, weak_labels="guess")
    np.testing.assert_array_equal(data.views.strong, np.column_stack([columns()["s0"], columns()["s2"]]))
    assert data.views.weak["both"].shape == (ROWS, 2)
    table = {"a,b": np.ones(2), "a": np.ones(2), "b": np.ones(2), "s, 1": np.ones(2)}
    assert column_names(table, "a,b", "strong") == ["a,b"] and column_names(table, "b,a", "strong") == [
        "b",
        "a",
    ]
    assert column_names(table, "s,*", "strong") == ["s, 1"] and column_names(table, "b,s*", "strong") == [
        "b",
        "s, 1",
    ]
    assert column_names(table, ["a,b"], "strong") == ["a,b"]


@pytest.mark.parametrize("header", ["y [mg/L]", "y (mg/L)", "Y, dry", "y/K", "y_mean"])
def test_a_name_with_its_unit_is_hinted_at(header):
    table = columns()
    table[header] = table.pop("y")
    with pytest.raises(UnusableData) as caught:
        chosen(table)
    assert f"there is no column 'y'; did you mean {header!r}" in str(caught.value)


def test_names_are_found_in_either_form_of_an_umlaut_and_with_blanks():
    table = columns()
    table["gro\u0308ße"] = table.pop("y")
    assert len(chosen(table, target=" größe ").targets) == ROWS


def test_ids_that_reading_has_made_equal_are_told_to_be_read_as_written(tmp_path):
    ids = ["007", "7", *(f"{k}" for k in range(100, 98 + ROWS))]
    pd.DataFrame({**columns(), "id": ids}).to_csv(tmp_path / "x.csv", index=False)
    with pytest.raises(
        UnusableData, match=r"more than once: '7', .*or read ids as they are written: .*as_text=\['id'\]"
    ):
        chosen(dict(read_columns(tmp_path / "x.csv")), ids="id")  # which do not know their file
    assert len(chosen(read_columns(tmp_path / "x.csv"), ids="id").targets) == ROWS


def test_an_id_is_shown_as_it_is_written():
    ids = np.arange(ROWS)
    ids[5] = 4
    with pytest.raises(UnusableData, match="ids that stand more than once: '4', the first in rows 6 and 7 "):
        chosen(columns(id=ids), ids="id")


def test_true_and_false_are_numbers_everywhere():
    table = columns(s1=columns()["s1"] > 0, known=np.isfinite(columns()["y"]))
    data = chosen(table, labelled="known")
    np.testing.assert_array_equal(data.views.strong[:, 1], table["s1"].astype(float))
    np.testing.assert_array_equal(data.labelled, np.flatnonzero(table["known"]))
    words = np.where(table["known"], "True", "false").astype(object)
    np.testing.assert_array_equal(chosen(columns(known=words), labelled="known").labelled, data.labelled)
    np.testing.assert_array_equal(real_numbers("t", np.array(["TRUE", "false"])), [1, 0])


def test_what_no_cell_should_hold_is_still_said_in_a_sentence():
    odd = {
        "sets for ids": (
            {"id": np.array([{k % 5} for k in range(ROWS)])},
            {"ids": "id"},
            r"more than once: '\{0\}', '\{1\}'",
        ),
        "a number beyond float64": (
            {"s1": np.array([10**400] + [1] * 119, dtype=object)},
            {},
            "infinite number in 's1'",
        ),
        "records for ids": (
            {"id": np.ones(ROWS, dtype=[("a", int), ("b", float)])},
            {"ids": "id"},
            "than once: '.1, 1.0.'",
        ),
        "half a character": (
            {"s1": np.array(["\udc80"] * ROWS)},
            {},
            "which is no number, in 120 of 120 rows",
        ),
        "long doubles": (
            {"t": np.ones(ROWS, dtype=np.longdouble)},
            {"text": "t", "strong": "", "weak": ""},
            "as 1.0;",
        ),
        "days": (
            {"t": np.arange(ROWS).astype("M8[D]")},
            {"text": "t", "strong": "", "weak": ""},
            "such as datetime.date",
        ),
    }
    for changes, choice, message in odd.values():
        with pytest.raises(UnusableData, match=message):
            chosen(columns(**changes), **choice)
    halves = np.array([f"\udc80 and word {k}" for k in range(ROWS)])
    assert chosen(columns(t=halves), text="t", strong="", weak="").views.strong.any()


@pytest.mark.parametrize(
    "address", ["https://a.org/x.csv", "s3://bucket/x.parquet", "file:///x.csv", "hf://datasets/a/x.csv"]
)
def test_an_address_is_told_to_be_downloaded(address):
    with pytest.raises(
        UnusableData, match="is an address; download the file first, then give the path of the copy"
    ):
        read_columns(address)


def test_a_relative_path_away_from_a_checkout_starts_at_the_working_folder(tmp_path, monkeypatch):
    def nowhere():
        raise FileNotFoundError("no checkout")

    monkeypatch.setattr(runtime, "repository", nowhere)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("a\n1\n")
    assert read_columns("x.csv")["a"].tolist() == [1]
    with pytest.raises(UnusableData, match="there is no file y.csv"):
        read_columns("y.csv")


def test_one_table_is_not_copied():
    table = np.random.default_rng(0).normal(size=(ROWS, 4))
    data = gather("x", {"s": table, "w": table[:, :2] + 1, "y": table.sum(axis=1)}, "y", "s", "w")
    assert np.shares_memory(data.views.strong, table)


def test_a_table_of_text_needs_no_package_beyond_the_core(tmp_path):
    """Away from the extras: what reads other files, draws or knows molecules is asked for only where it is needed."""
    (tmp_path / "x.csv").write_text(
        "t,s,w,y\n" + "".join(f"t{k},{k * k % 17},{k % 3},{k}\n" for k in range(40))
    )
    code = (
        "import sys\n"
        "for name in ('pyarrow', 'openpyxl', 'rdkit', 'transformers', 'nbformat'): sys.modules[name] = None\n"
        "from w2s_utils.own_data.columns import gather\n"
        "from w2s_utils.own_data.files import read_columns\n"
        "columns = read_columns(sys.argv[1], as_text=['t'])\n"
        "print(len(gather('x', columns, 'y', 's', 'w').targets), len(gather('x', columns, 'y', text='t').targets))\n"
        "gather('x', columns, 'y', smiles='t')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "x.csv")], capture_output=True, text=True, check=False
    )
    assert ended.stdout.split() == ["40", "40"], ended.stderr
    assert ended.stderr.strip().endswith("SMILES need RDKit, which is not installed: pip install rdkit")
