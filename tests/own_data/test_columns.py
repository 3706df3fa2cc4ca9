"""What people get wrong about their files and columns: one clear sentence each; and what is right is read as it stands."""

import gzip
import io
import sys
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from tiny_checkout import chain

from w2s_utils import runtime
from w2s_utils.own_data.answer import answer
from w2s_utils.own_data.checks import real_numbers
from w2s_utils.own_data.columns import GIVEN, gather
from w2s_utils.own_data.examples import example
from w2s_utils.own_data.files import UnusableData, read_columns
from w2s_utils.own_data.judge import judge

ROWS = 80


def frame(**changes):
    """A small good table; 20 rows have no target. ``changes`` replace or add columns."""
    rng = np.random.default_rng(0)
    strong = rng.normal(size=(ROWS, 3))
    y = strong @ [1.0, -1.0, 0.5] + 0.1 * rng.normal(size=ROWS)
    table = pd.DataFrame({"s1": strong[:, 0], "s2": strong[:, 1], "s3": strong[:, 2]})
    table["w1"], table["w2"] = np.sign(strong[:, 0]), np.sign(strong[:, 1])
    table["guess"] = y + rng.normal(size=ROWS)
    table["y"] = np.where(np.arange(ROWS) % 4 == 0, np.nan, y)
    table["id"] = [f"row-{k}" for k in range(ROWS)]
    table["part"] = np.array(["train", "train", "valid", "test"])[np.arange(ROWS) % 4 - 1]
    table["known"] = table["y"].notna().astype(int)
    table["words"] = [f"text number {k}" for k in range(ROWS)]
    return table.assign(**changes)


CHOICE = {"target": "y", "strong": "s*", "weak": {"small": ["w1", "w2"]}}


def chosen(table=None, **choice):
    columns = {name: values.to_numpy() for name, values in (frame() if table is None else table).items()}
    return gather("mine", columns, **{**CHOICE, **choice})


def holed(name, value, row=5):
    values = frame()[name].to_numpy().astype(object)
    values[row] = value
    return frame(**{name: values})


def with_ids(**places):
    ids = [f"row-{k}" for k in range(ROWS)]
    for row, name in places.items():
        ids[int(row[1:])] = name
    return frame(id=ids)


COLUMNS = {
    "a column that is not there": (lambda: chosen(target="Y2"), "no column 'Y2'; did you mean"),
    "a column like no other": (lambda: chosen(target="price"), "no column 'price'; there are s1, s2"),
    "no target named": (lambda: chosen(target=""), "name the target column"),
    "a pattern without a match": (lambda: chosen(strong="t_*"), r"no column matches 't_\*'"),
    "words in a numeric column": (lambda: chosen(holed("s2", "tall")),
        "'s2' holds 'tall', which is no number, in 1 of 80 rows, row 7"),
    "a decimal comma": (lambda: chosen(holed("s2", "3,14")), "a point in place of the decimal comma"),
    "words for a target": (lambda: chosen(holed("y", "high")), "'y' holds"),
    "NaN in a feature": (lambda: chosen(holed("s1", np.nan)),
        "1 of 80 rows cannot be used, row 7 .the header is row 1.: no number in 's1'; mend"),
    "infinity in a feature": (lambda: chosen(holed("w1", np.inf)), "an infinite number in 'w1'"),
    "infinity in the target": (lambda: chosen(holed("y", np.inf)),
        "an infinite number in 'y', row 7 .*leave those cells empty"),
    "NaN in weak labels": (lambda: chosen(holed("guess", np.nan), weak_labels="guess"), "no number in 'guess'"),
    "None among features": (lambda: chosen(frame(s1=[None, *frame()["s1"][1:].astype(object)])), "no number in 's1'"),
    "dates for numbers": (lambda: chosen(frame(s1=pd.date_range("2020", periods=ROWS))), "days since a date"),
    "an empty target": (lambda: chosen(frame(y=np.nan)), "'y' is empty in every row"),
    "times with a zone": (
        lambda: chosen(frame(y=pd.date_range("2020", periods=ROWS, tz="UTC").where(np.arange(ROWS) < 40).astype(object))),
        "'y' holds dates or times; write each as the days"),
    "objects for numbers": (lambda: chosen(holed("s1", 1j)), "'s1' holds complex numbers"),
    "commas between thousands": (lambda: chosen(holed("s2", "1,234,567")), "without marks between thousands"),
    "a weak view that is constant": (lambda: chosen(frame(w1=1.0), weak="w1"), "'weak' sees or says the same in every row"),
    "weak labels that are constant": (lambda: chosen(frame(guess=3.0), weak_labels="guess"), "'guess' sees or says the same"),
    "two names that are one": (lambda: chosen(weak={1: "w1", "1": "w2"}), "two weak models have one name"),
    "a column called 0 without 0 and 1": (lambda: chosen(frame(**{"0": 2}), labelled=0), "by 1 and 0"),
    "folds that are no number": (lambda: judge(chosen(), folds="ten"), "folds is a whole number, such as 10, not 'ten'"),
    "folds that are no whole number": (lambda: judge(chosen(), folds=5.0), "folds is a whole number"),
    "a level of 95": (lambda: answer(judge(chosen(), folds=4), level=95), r"lies in \(0, 1\), such as 0.95, not 95"),
    "a level in words": (lambda: answer(judge(chosen(), folds=4), level="high"), "not 'high'"),
    "two models that see the same": (
        lambda: answer(judge(chosen(frame(w3=3 * frame()["s1"] + 1, w4=frame()["s1"]), strong=["s2", "s3"],
            weak={"a": "w3", "b": "w4"}), folds=4)), "have the same student; drop one"),
    "a constant target": (lambda: chosen(frame(y=2.5)), "the target is 2.5 in every labelled row"),
    "one label": (lambda: chosen(frame(y=[1.0] + [np.nan] * (ROWS - 1))), "1 rows have a true label; label at least"),
    "the target among the features": (lambda: chosen(strong=["s1", "y"]), "'y' is also among the strong columns"),
    "the target under another name": (lambda: chosen(frame(s3=frame()["y"].fillna(0))), "equals the target in every"),
    "the id among the features": (lambda: chosen(frame(s4=range(ROWS)), ids="s4"), "the id column 's4' is also among"),
    "a column in both groups": (lambda: chosen(weak=["w1", "s1"]), "'s1' is both strong and weak"),
    "a column twice in a group": (lambda: chosen(strong=["s1", "s1"]), "names the column 's1' twice"),
    "no strong column": (lambda: chosen(strong=[]), "the group strong has no column"),
    "a weak model without columns": (lambda: chosen(weak={"small": []}), "the group weak, small has no column"),
    "no weak model": (lambda: chosen(weak={}), "there is no weak model"),
    "text and columns": (lambda: chosen(text="words"), "give one of the three"),
    "a text that is missing": (
        lambda: chosen(holed("words", np.nan), text="words", strong="", weak=""), "row 7 .*: no text in 'words'"),
    "a text that is no molecule": (lambda: chosen(smiles="words", strong="", weak=""), "no valid SMILES"),
    "weak labels that are the truth": (
        lambda: chosen(frame(guess=frame()["y"].fillna(0)), weak_labels="guess"), "equal the true labels in all 60"),
    "one weak model twice": (lambda: chosen(weak={"a": "w1", "b": "w1"}), "'a' and 'b' are the same"),
    "a weak model called as labels are": (
        lambda: chosen(weak={"guess": "w1"}, weak_labels="guess"), "'guess' is a weak model with columns and a column"),
    "an id twice": (lambda: chosen(with_ids(r3="row-2"), ids="id"),
        "ids that stand more than once: 'row-2', the first in rows 4 and 5"),
    "no id": (lambda: chosen(with_ids(r3=None), ids="id"), "'id' is missing in row 5"),
    "an id in two parts": (
        lambda: chosen(with_ids(r4="row-3"), ids="id", split="part"), "'row-3' is in valid and in another part, rows 5 and 6"),
    "one part only": (lambda: chosen(frame(part="train"), split="part"), "has no test rows, only train"),
    "an unknown part": (lambda: chosen(frame(part="holdout"), split="part"),
        "the split is 'holdout' in rows 2, 3, 4, 5, 6 and 75 more .*; write train, valid or test"),
    "marks that are not 0 and 1": (lambda: chosen(frame(known=2), labelled="known"), "by 1 and 0"),
    "a mark without a target": (lambda: chosen(frame(known=1), labelled="known"),
        "marked as labelled but without a target: rows 2, 6, 10, 14, 18 and 15 more"),
    "too few labels for the folds": (
        lambda: judge(chosen(frame(y=frame()["y"].where(np.arange(ROWS) < 12)))), "rows have a true label, 10 folds need 20"),
    "too few test labels": (
        lambda: judge(chosen(frame(y=frame()["y"].where(frame()["part"] != "test")), split="part")), "0 test rows have"),
    "an unknown head": (lambda: judge(chosen(), head="lasso"), "ridge, least squares, norm ball, not 'lasso'"),
    "a radius of 0": (lambda: judge(chosen(), head="norm ball", radius=0), "radius is a number from 1e-30 to 1e.30, not 0"),
    "one fold": (lambda: judge(chosen(), folds=1), "1 folds for 80 rows: take 3 at least"),
    "fewer rows than features": (
        lambda: judge(chosen(text="words", strong="", weak=""), head="least squares"), "512 strong .*Take the head ridge"),
    "an unknown example": (lambda: example("iris", 10, 0), "diabetes, digits, not 'iris'"),
    "more labels than rows": (lambda: example("diabetes", 500, 0), "442 rows"),
}  # fmt: skip


@pytest.mark.parametrize("case", COLUMNS)
def test_a_wrong_column_gets_its_sentence(case):
    action, message = COLUMNS[case]
    with pytest.raises(UnusableData, match=message) as caught:
        action()
    assert "\n" not in str(caught.value)


def saved(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


GOOD = b"a,b\n1,2\n3,4\n"
FILES = {
    "missing file": ("x.csv", None, "there is no file"),
    "a folder": ("", None, "is a folder; give the path of one file"),
    "empty file": ("x.csv", b"", "0 bytes"),
    "header only": ("x.csv", b"a,b\n", "names but no rows"),
    "blank first line": ("x.csv", b"\na,b\n1,2\n", "first line of x.csv is blank"),
    "no header": ("x.csv", b"1,2\n3,4\n", "starts with numbers"),
    "Latin-1": ("x.csv", "a,größe\n1,2\n".encode("latin-1"), "not UTF-8 but looks like WINDOWS-1252.*iconv"),
    "Latin-1 in a late row": ("x.csv", GOOD + "5,ü\n".encode("latin-1"), "not UTF-8"),
    "UTF-16": ("x.csv", "a,b\n1,2\n".encode("utf-16"), "looks like UTF-16"),
    "a name twice": ("x.csv", b"a,a\n1,2\n", "two columns called 'a'"),
    "a longer row": ("x.csv", GOOD + b"1,2,3\n",
        "x.csv has 2 names and 1 line another number of values: line 4, with 3 in line 4; text with a comma"),
    "a shorter row": ("x.csv", GOOD + b"5\n",
        "has 2 names and 1 line another number of values: line 4, with 1 in line 4; leave nothing"),
    "gzip": ("x.csv", gzip.compress(GOOD), "no text but a gzip archive; rename it to x.csv.gz, or unpack it"),
    "a workbook": ("x.csv", b"PK\x03\x04rest", "an Excel workbook; unpack it, or rename the workbook to .xlsx"),
    "no columns": ("x.npz", saved(a=np.ones((3, 0)), b=np.ones(3)), "a has no column"),
    "an endless name": ("x" * 240 + ".csv", None, "244 characters is too long for a file"),
    "a longer first row": ("x.csv", b"a,b\n1,2,3\n", "name the first column if it names the rows"),
    "unknown ending": ("x.xls", GOOD, "ends in '.xls', which is not read"),
    "no ending": ("x", GOOD, "ends in 'nothing'"),
    "one array alone": ("x.npy", GOOD, "holds one array, and several are needed"),
    "no zip": ("x.npz", b"abc", "no archive of arrays"),
    "a pickle in an archive": ("x.npz", saved(a=np.array([{}], dtype=object)), "pickled Python objects.*not opened"),
    "mixed lengths": ("x.npz", saved(a=np.ones(3), b=np.ones(4)), "different numbers of rows .a 3, b 4."),
    "three axes": ("x.npz", saved(a=np.ones((3, 2, 2))), r"shape \(3, 2, 2\)"),
    "a number for an array": ("x.npz", saved(a=np.float64(3)), r"shape \(\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_wrong_file_gets_its_sentence(case, tmp_path):
    name, content, message = FILES[case]
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnusableData, match=message) as caught:
        read_columns(path)
    assert "\n" not in str(caught.value)


def test_an_array_that_is_not_in_the_archive_is_named(tmp_path):
    np.savez(tmp_path / "x.npz", strong=np.ones((3, 2)), target=np.arange(3.0))
    with pytest.raises(UnusableData, match="no column 'weaker'; there are strong, target"):
        gather("x", read_columns(tmp_path / "x.npz"), "target", "strong", "weaker")


def test_a_pickled_array_is_never_opened(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(UnusableData, match="can run code"):
        read_columns({"a": tmp_path / "x.npy"})
    with pytest.raises(UnusableData, match="no array is named"):
        read_columns({})


def test_parquet_without_pyarrow_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UnusableData, match="needs pyarrow, which is not installed: pip install pyarrow"):
        read_columns(tmp_path / "x.parquet")


def test_parquet_is_read_as_csv_is(tmp_path):
    pytest.importorskip("pyarrow")
    frame().to_parquet(tmp_path / "x.parquet")
    frame().to_csv(tmp_path / "x.csv", index=False)
    one, other = (gather("x", read_columns(tmp_path / name), **CHOICE) for name in ("x.parquet", "x.csv"))
    np.testing.assert_allclose(one.views.strong, other.views.strong, rtol=1e-14)
    np.testing.assert_array_equal(one.labelled, other.labelled)
    (tmp_path / "y.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(UnusableData, match="no readable Parquet file"):
        read_columns(tmp_path / "y.parquet")


def test_parquet_with_an_index_and_embeddings(tmp_path):
    pytest.importorskip("pyarrow")
    table = frame()
    table["embedding"] = list(table[["s1", "s2", "s3"]].to_numpy())
    table.set_index("id").to_parquet(tmp_path / "x.parquet")
    found = gather("x", read_columns(tmp_path / "x.parquet"), "y", "embedding", "w1", ids="id")
    np.testing.assert_array_equal(found.views.strong, table[["s1", "s2", "s3"]].to_numpy())


def test_a_missing_time_is_no_label_and_a_decimal_is_a_number():
    values = np.array([Decimal("1.5"), None, pd.NaT, 2, "3"], dtype=object)
    np.testing.assert_array_equal(real_numbers("y", values, gaps=True), [1.5, np.nan, np.nan, 2, 3])


def test_names_may_be_numbers_and_only_the_star_is_special():
    table = frame(**{"0": frame()["known"], "x[1]_a": frame()["s1"], "x1_a": frame()["s2"]})
    found = chosen(table, strong="x[1]_*", weak={64: "w1", "16": "w2"}, labelled=0)
    np.testing.assert_array_equal(found.views.strong[:, 0], table["s1"])
    assert found.views.names == ("no. 64", "no. 16") and len(found.labelled) == 60


def test_a_large_offset_costs_nothing():
    table = frame()
    moved = table.assign(s1=np.round(table["s1"] * 2**20) + 2.0**40)
    near = table.assign(s1=np.round(table["s1"] * 2**20) / 2**20)
    one, other = (judge(chosen(t), folds=4).student["small"] for t in (moved, near))
    np.testing.assert_allclose(one, other, rtol=1e-6)


def test_csv_and_arrays_give_the_same_data(tmp_path):
    table = frame()
    table.to_csv(tmp_path / "x.csv", index=False, encoding="utf-8-sig")  # as Excel writes it
    for name in ("s", "w"):
        np.save(tmp_path / f"{name}.npy", table.filter(regex=f"^{name}[0-9]").to_numpy())
    np.save(tmp_path / "y.npy", table["y"])
    one = gather("x", read_columns(tmp_path / "x.csv"), **CHOICE, ids="id", split="part", labelled="known")
    arrays = read_columns({name: str(tmp_path / f"{name}.npy") for name in ("s", "w", "y")})
    other = gather("x", arrays, "y", "s", {"small": "w"})
    np.testing.assert_array_equal(one.views.strong, other.views.strong)
    np.testing.assert_array_equal(one.views.weak["small"], other.views.weak["small"])
    np.testing.assert_array_equal(one.labelled, np.flatnonzero(table["y"].notna()))
    assert sum(map(len, one.splits[GIVEN].values())) == ROWS and not other.splits
    assert one.views.names == ("small",)


def test_text_features_depend_on_their_own_row_only():
    whole, part = (
        chosen(text="words", strong="", weak=""),
        chosen(frame()[:40], text="words", strong="", weak=""),
    )
    np.testing.assert_array_equal(whole.views.strong[:40], part.views.strong)
    assert whole.views.strong.shape == (ROWS, 512) and [t.shape[1] for t in whole.views.weak.values()] == [
        16,
        64,
    ]


def test_molecules_are_described():
    pytest.importorskip("rdkit")
    smiles = [("C" * (1 + k % 9)) + ("O" if k % 2 else "N") for k in range(ROWS)]
    found = chosen(frame(words=smiles), smiles="words", strong="", weak="")
    assert found.views.strong.shape[1] > 150 and list(found.views.weak) == ["Morgan 64", "Morgan 256"]
    for table in (found.views.strong, *found.views.weak.values()):  # no tail is long, whatever the labels
        assert abs(table).max() <= 3 and abs(table).max() > 1


@pytest.mark.slow
def test_a_strangers_table_takes_one_command(tmp_path):
    frame().to_csv(tmp_path / "mine.csv", index=False)
    choice = [
        f"path={tmp_path / 'mine.csv'}",
        "target=y",
        "strong=s*",
        "weak={'small': ['w1', 'w2'], 'tiny': 'w1'}",
    ]
    choice += ["weak_labels=guess", "ids=id", "labelled=known", "folds=5"]
    injected = [part for one in choice for part in ("-p", one)]
    ended = chain(
        runtime.repository(), tmp_path / "build", "run", "81_your_own_data", "--profile", "lab", *injected
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    page = (tmp_path / "build" / "your_data_mine.html").read_text(encoding="utf-8")
    assert "80 rows, of which 60 have a true label" in page and "guess" in page
    ended = chain(
        runtime.repository(),
        tmp_path / "build",
        "run",
        "81_your_own_data",
        "--profile",
        "lab",
        *injected,
        "-p",
        "target=z",
    )
    assert ended.returncode == 1 and "no column 'z'" in ended.stdout


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "xlsx"])
def test_ids_and_texts_are_as_written_whether_or_not_the_reading_named_them(tmp_path, ending):
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(generator.normal(size=(80, 2)), columns=["s", "w"])
    frame["y"] = frame["s"] + frame["w"]
    frame["id"] = ["007", "7", "NA", "1E5", "100000", *(f"r{k}" for k in range(75))]
    path = tmp_path / f"a.{ending}"
    if ending == "xlsx":
        frame.to_excel(path, index=False)
    elif ending == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
    for columns in (read_columns(path), read_columns(path, ["id"])):
        data = gather("a", columns, "y", "s", {"w": "w"}, ids="id")
        assert len(data.targets) == 80 and not data.notes
    texts = gather("a", read_columns(path), "y", text="id")
    assert texts.views.strong.shape[0] == 80
