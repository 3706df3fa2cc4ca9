"""Labels from a second file are joined by an id, or it is said why they cannot be."""

import numpy as np
import pytest

from w2s_utils.own_data.columns import gather
from w2s_utils.own_data.files import UnusableData, read_columns
from w2s_utils.own_data.joining import joined

FIRST = {"id": np.array(["007", "7", "NA", "1E5"], dtype=object), "s": np.arange(4.0)}


def labels(ids=("NA", "007"), **columns):
    return {"id": np.array(ids, dtype=object), **(columns or {"y": np.array([1.5, 2.5])})}


def test_labels_go_to_the_rows_of_their_ids():
    found = joined(FIRST, labels(), "id", "y")
    np.testing.assert_array_equal(found["y"], [2.5, np.nan, 1.5, np.nan])
    assert list(found) == ["id", "s", "y"] and found["s"] is FIRST["s"]


def test_ids_that_are_numbers_on_one_side_meet_their_texts():
    first = {"id": np.array([7, 8]), "s": np.arange(2.0)}
    found = joined(first, labels(("8", " 7 ")), "id", "y")
    np.testing.assert_array_equal(found["y"], [2.5, 1.5])


def test_labels_that_are_words_or_gaps_are_kept_for_the_check_of_the_target():
    found = joined(FIRST, labels(y=np.array(["1.5", None], dtype=object)), "id", "y")
    assert found["y"][2] == "1.5" and found["y"][0] is None
    truth = joined(FIRST, labels(y=np.array([True, False])), "id", "y")
    assert truth["y"][2] is True or truth["y"][2] == np.True_


WRONG = {
    "ids that the first file has not": (
        FIRST, labels([f"x{k}" for k in range(7)], y=np.arange(7.0)),
        "7 of 7 ids of the file of labels are not in the first file: 'x0', 'x1', 'x2', 'x3', 'x4' and 2 more; correct them"),
    "an id twice in the labels": (
        FIRST, labels(["NA", "NA"]), "in the file of labels the id stands above already in row 3 .*such as 'NA'"),
    "an id twice in the first file": (
        {"id": np.array(["a", "b", "a", "a"])}, labels(["a", "b"]),
        "in the first file the id stands above already in rows 4 and 5 .*'a'"),
    "an empty id in the labels": (FIRST, labels(["NA", ""]), "the file of labels has no id in row 3 "),
    "an empty id in the first file": (
        {"id": np.array(["a", None], dtype=object)}, labels(["a"]), "first file has no id in row 3 "),
    "a target in both": (
        {**FIRST, " y": np.arange(4.0)}, labels(), "the target 'y' stands in both files; take the column out"),
    "no ids in the first file": ({"s": np.arange(2.0)}, labels(), "there is no column 'id'; there are s"),
    "no ids in the labels": (FIRST, {"y": np.arange(2.0)}, "there is no column 'id'; there are y"),
    "no target in the labels": (FIRST, labels(y2=np.arange(2.0)), "there is no column 'y'; did you mean 'y2'"),
    "a table of targets": (FIRST, labels(y=np.ones((2, 3))), "y has 3 columns, but the target in the file of labels is one"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_labels_that_cannot_be_joined_get_their_sentence(case):
    first, second, message = WRONG[case]
    with pytest.raises(UnusableData, match=message):
        joined(first, second, "id", "y")


def test_joining_needs_a_column_of_ids():
    with pytest.raises(UnusableData, match="name the column of ids"):
        joined(FIRST, labels(), "", "y")


def test_two_files_to_one_data_set(tmp_path):
    rng = np.random.default_rng(0)
    strong, known = rng.normal(size=(60, 2)), rng.permutation(60)[:30]
    lines = [f"{k:03d},{a},{b},{np.sign(a)}" for k, (a, b) in enumerate(strong)]
    (tmp_path / "rows.csv").write_text("\n".join(["id,s1,s2,w", *lines]))
    (tmp_path / "labels.tsv").write_text(
        "\n".join(["y\tid", *(f"{strong[k].sum()}\t{k:03d}" for k in known)])
    )
    rows, more = (read_columns(tmp_path / name, as_text=["id"]) for name in ("rows.csv", "labels.tsv"))
    data = gather("two", joined(rows, more, "id", "y"), "y", "s1,s2", {"w": "w"}, ids="id")
    np.testing.assert_array_equal(data.labelled, np.sort(known))
    np.testing.assert_allclose(data.targets[data.labelled], strong[data.labelled].sum(axis=1), rtol=1e-12)
