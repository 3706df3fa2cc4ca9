"""What does not make one data set is refused when it is made."""

import numpy as np
import pytest

from w2s_utils.data.container import Dataset, InvalidDataset, Views


def made(**changes) -> Dataset:
    parts = {"train": np.arange(3), "valid": np.array([3]), "test": np.array([4])}
    values = {
        "name": "made",
        "title": "made",
        "inputs": ("C",) * 5,
        "targets": np.arange(5.0),
        "unit": "none",
        "splits": {"one": parts},
        "source": "real",
    }
    return Dataset(**{**values, **changes})


def parts(train, valid, test) -> dict:
    return {"one": {"train": np.array(train), "valid": np.array(valid), "test": np.array(test)}}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"targets": np.array([0.0, 1.0, np.nan, 3.0, 4.0])}, "first in row 2"),
        ({"targets": np.array([0.0, 1.0, 2.0, np.inf, 4.0])}, "first in row 3"),
        ({"targets": np.arange(4.0)}, "equally many"),
        ({"targets": np.zeros((5, 1))}, "equally many"),
        ({"inputs": ("C",) * 6}, "equally many"),
        ({"views": Views(np.zeros((6, 1)), {})}, "views of 6 rows; they must be equally many"),
        ({"inputs": (), "targets": np.empty(0)}, "at least one"),
        ({"inputs": ("C", "CC", "", "N", "O")}, "1 inputs are empty or no text, the first in row 2"),
        (
            {"inputs": ("C", float("nan"), None, "N", "O")},
            "2 inputs are empty or no text, the first in row 1",
        ),
        ({"targets": ["high", "low", "x", "y", "z"]}, "targets are numbers"),
        ({"labelled": np.array([0, 5])}, "labelled rows: row numbers are integers from 0 to 4"),
        ({"labelled": np.array([1, 1])}, "each once"),
        ({"labelled": np.array([0.0, 1.0])}, "each once"),
        ({"source": "guessed"}, "'real' or 'generated'"),
        ({"splits": parts([0, 1, 2], [2], [3, 4])}, "in two parts or twice in one, such as 2"),
        ({"splits": parts([0, 1, 1], [2], [3, 4])}, "in two parts or twice in one, such as 1"),
        ({"splits": parts([0, 1], [2], [3])}, "in no part, such as 4"),
        ({"splits": parts([0, 1, 2], [3], [5])}, "from 0 to 4"),
        ({"splits": parts([0, 1, 2], [3], [-1])}, "from 0 to 4"),
        ({"splits": parts([0, 1, 2], [3], [4.0])}, "integers"),
        ({"splits": {"one": {"train": np.arange(5)}}}, "train, valid, test"),
        ({"classes": ("no", "yes")}, "from 0 to 1, not 2"),
        ({"classes": ("one",)}, "two at least"),
        ({"classes": ("a", "b", "b", "c", "d")}, "a name of its own"),
        ({"classes": tuple("abcde"), "targets": np.arange(5) + 0.5}, "from 0 to 4, not 0.5"),
    ],
)
def test_what_does_not_fit_together_is_refused(changes, said):
    made()
    with pytest.raises(InvalidDataset, match=said):
        made(**changes)


def test_targets_of_classes_are_their_numbers_and_rows_without_a_true_label_may_lack_one():
    numbers = np.array([0.0, 1.0, np.nan, 1.0, 0.0])
    assert made(classes=("no", "yes"), targets=numbers, labelled=np.array([0, 1])).classes == ("no", "yes")


@pytest.mark.parametrize("text", ["None", "NA", "nan", "null"])
def test_an_input_that_spells_a_missing_value_is_text(text):
    assert made(inputs=("C", text, "CC", "N", "O")).inputs[1] == text


def test_rows_without_a_true_label_may_lack_a_target():
    targets = np.array([0.0, np.nan, 2.0, np.nan, 4.0])
    assert made(targets=targets, labelled=np.array([0, 2])).true_rows.tolist() == [0, 2]
    with pytest.raises(InvalidDataset, match="first in row 3"):
        made(targets=targets, labelled=np.array([2, 3]))
    np.testing.assert_array_equal(made().true_rows, made().ids)


def test_the_targets_of_the_caller_stay_writable():
    targets = [0.0, 1.0, 2.0, 3.0, 4.0]
    assert made(targets=targets).targets.dtype == np.float64
    mine = np.arange(5.0)
    made(targets=mine)
    mine[0] = 7.0


def test_rows_may_be_known_by_their_views_alone():
    views = Views(np.zeros((5, 2)), {"small": np.zeros((5, 1))}, {"crowd": np.zeros(5)})
    found = made(inputs=(), views=views, splits={"given": {"train": np.arange(3), "test": np.array([3, 4])}})
    assert found.views.names == ("small", "crowd") and found.views.strong_name == "strong"


@pytest.mark.parametrize(
    ("weak", "labels"),
    [({"a": np.zeros((4, 1))}, {}), ({}, {"a": np.zeros(4)}), ({"a": np.zeros((5, 1))}, {"a": np.zeros(5)})],
)
def test_views_of_other_rows_or_with_one_name_twice_are_refused(weak, labels):
    with pytest.raises(InvalidDataset, match="views describe the same rows"):
        Views(np.zeros((5, 2)), weak, labels)
