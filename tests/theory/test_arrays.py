"""What all of theory takes for numbers."""

import numpy as np
import pytest

from w2s_utils.theory.arrays import (
    few_values,
    fraction,
    group_means,
    group_numbers,
    is_real,
    is_whole,
    matched,
    numbers,
    probabilities,
    rounding,
)
from w2s_utils.theory.certificate import certify_gain
from w2s_utils.theory.intervals import mean_t
from w2s_utils.theory.misfit import error_triple, squared_distance
from w2s_utils.theory.ranking import rank_weak_models


def test_numbers_come_in_float64():
    for values in ([1, 2], np.float16([1, 2]), np.array([1, 2], np.longdouble)):
        found = numbers("values", values)
        assert found.dtype == np.float64 and list(found) == [1, 2]


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(float).max, reason="no longer type than float64")
def test_what_is_too_large_for_float64_is_refused_as_infinite():
    large = np.array(["1e4000", "1"], dtype=np.longdouble)
    with pytest.raises(ValueError, match="values holds NaN or infinite values"):
        numbers("values", large)
    with pytest.raises(ValueError, match="^one holds"):
        matched(one=-large, other=[1, 2])


@pytest.mark.parametrize(
    ("value", "whole", "real"),
    [
        (3, True, True),
        (np.int8(3), True, True),
        (3.0, False, True),
        (np.longdouble(3), False, True),
        (float("nan"), False, True),
        (True, False, False),
        (np.True_, False, False),
        (np.complex128(3), False, False),
        (np.timedelta64(3, "s"), False, False),
        ("3", False, False),
        (None, False, False),
        ([3], False, False),
    ],
)
def test_one_number_is_told_from_what_is_none(value, whole, real):
    assert (is_whole(value), is_real(value)) == (whole, real)


def test_a_fraction_is_one_number_between_0_and_1():
    assert [fraction("it", value) for value in (0.5, np.float32(0.25))] == [0.5, 0.25]
    for bad in ("0.95", None, 0, 1, 95, True, float("nan"), [0.5], 1j):
        with pytest.raises(ValueError, match=r"it lies in \(0, 1\), such as 0\.95"):
            fraction("it", bad)


@pytest.mark.parametrize("kind", ["bfloat16", "gradient", "half", "eighth", "list", "list of gradients"])
def test_tensors_are_numbers_wherever_numbers_are_asked_for(kind):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    eighths = (
        np.round(8 * rng.normal(size=(3, 60)).clip(-1.8, 1.8)) / 8
    )  # which every type here holds exactly
    made = {
        "bfloat16": lambda row: torch.tensor(row).bfloat16(),
        "gradient": lambda row: torch.tensor(row, requires_grad=True),
        "half": lambda row: torch.tensor(row).half(),
        "eighth": lambda row: torch.tensor(np.round(4 * row) / 4).to(torch.float8_e4m3fn),
        "list": lambda row: list(torch.tensor(row)),
        "list of gradients": lambda row: list(torch.tensor(row, requires_grad=True)),
    }[kind]
    if kind == "eighth":
        eighths = np.round(4 * eighths) / 4
    truth, weak, student = eighths
    t, w, s = map(made, eighths)
    rows = np.arange(40)
    assert numbers("t", t).tolist() == truth.tolist()
    assert squared_distance(t, w) == squared_distance(truth, weak)
    assert error_triple(t, w, s) == error_triple(truth, weak, student)
    assert mean_t(t) == mean_t(truth)
    assert certify_gain(w, s, t[:40], torch.arange(40)) == certify_gain(weak, student, truth[:40], rows)
    ranked = rank_weak_models({"a": w, "b": w}, {"a": s, "b": t}, made(weak[:40]), rows)
    assert ranked == rank_weak_models({"a": weak, "b": weak}, {"a": student, "b": truth}, weak[:40], rows)


def test_what_rounding_explains_knows_units_and_offsets():
    """Sums in another order differ by less, values that float64 tells apart by more, wherever they stand."""
    rng = np.random.default_rng(0)
    for offset in (0.0, 3e9, -3e12):
        values = rng.normal(size=1000) + offset
        low, high = values.min(), values.max()
        orders = [rng.permutation(values).mean() for _ in range(50)]
        assert np.ptp(orders) <= rounding(low, high) < max(1e-11, 16 * np.spacing(abs(offset)))
        assert rounding(1e6 * low, 1e6 * high) == pytest.approx(1e6 * rounding(low, high))


def test_few_values_are_counted_but_for_round_off_and_many_are_none():
    values = np.array([2.0, 1.0, 1.0 + 1e-14, 5.0, 1.0 - 1e-14, 5.0])
    assert few_values(values, 3) == pytest.approx([1, 2, 5]) and few_values(values, 2) is None
    assert list(few_values(np.array([7.0]), 1)) == [7] and list(few_values(np.array([]), 1)) == []
    late = np.concatenate([np.zeros(1000), np.arange(4.0)])  # beyond what is looked at first
    assert few_values(late, 3) is None and list(few_values(late, 4)) == [0, 1, 2, 3]


@pytest.mark.parametrize("offset", [0.0, 1e6, -3e9])
def test_values_that_float64_tells_apart_are_several_wherever_they_stand(offset):
    assert len(few_values(np.array([0.0, 1.0, 0.5]) + offset, 5)) == 3


def test_groups_are_numbered_from_numbers_and_texts():
    for groups in (
        ["b", "a", "b", "c"],
        [2.5, -1.0, 2.5, 7.0],
        [10, 2, 10, 300],
        np.array(["b", "a", "b", "c"], dtype=object),
    ):
        assert list(group_numbers(groups, 4)) == [1, 0, 1, 2]
    assert list(group_numbers([True, False, True], 3)) == [1, 0, 1]


@pytest.mark.parametrize(
    "groups, words",
    [
        ([1, 2], r"one for each of 3 rows, not \(2,\)"),
        ([[1], [2], [3]], r"one for each of 3 rows, not \(3, 1\)"),
        ("abc", r"one for each of 3 rows, not \(\)"),
        ([1.0, np.nan, 2.0], "a number or a text"),
        ([1j, 2j, 3j], "a number or a text"),
        (np.array(["a", None, "b"], dtype=object), "every row belongs to one"),
        (np.array(["a", np.nan, 2], dtype=object), "every row belongs to one"),
    ],
)
def test_what_are_no_groups_is_named(groups, words):
    with pytest.raises(ValueError, match=words):
        group_numbers(groups, 3)


def test_means_of_groups_are_over_the_rows_that_are_there():
    table = np.arange(10.0).reshape(5, 2)
    found = group_means(table, np.array([7, 3, 7, 9, 3]))
    np.testing.assert_array_equal(found, [table[[1, 4]].mean(0), table[[0, 2]].mean(0), table[3]])
    assert group_means(np.zeros((0, 2)), np.zeros(0, dtype=int)).shape == (0, 2)


def test_probabilities_are_checked_and_sum_to_one():
    given = np.array([[0.2, 0.8], [1.0, 0.0]], dtype=np.float32)
    made = probabilities("p", given)
    assert made.dtype == np.float64 and np.abs(made.sum(axis=1) - 1).max() < 1e-15
    for table, said in (
        ([0.5, 0.5], "not \\(2,\\)"),
        ([[1.0]], "2 classes at least"),
        (np.empty((0, 2)), "2 classes at least"),
        ([[0.6, 0.6]], "row 0 sums to 1.2"),
        ([[0.5, 0.5], [1.1, -0.1]], "row 1 has -0.1"),
        ([[np.nan, 1.0]], "NaN"),
    ):
        with pytest.raises(ValueError, match=said):
            probabilities("p", table)
    with pytest.raises(TypeError, match="real numbers"):
        probabilities("p", [["a", "b"]])
