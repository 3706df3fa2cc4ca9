"""The benchmark of heads: what it measures is what it says, in processes of their own; the recorded table is of this code."""

import csv

import numpy as np
import pytest

from w2s_utils import runtime
from w2s_utils.benchmarks import commands, linear_heads
from w2s_utils.heads import linear


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(linear_heads, "GROWTH", {1000: 2, 2000: 1})
    monkeypatch.setattr(linear_heads, "FITTED_ROWS", 400)
    return linear_heads.rows()


def test_every_row_has_its_numbers(tiny):
    assert [row["name"] for row in tiny] == [
        "one_pass_1000x256",
        "one_pass_2000x256",
        "growth_1000_to_2000_rows",
        "least_squares_fit_400x256",
        "ridge_fit_400x256",
    ]
    for row in tiny:
        assert set(row) <= set(commands.COLUMNS) and row["meaning"] and np.isfinite(row["value"])
    for row in tiny[:2] + tiny[3:]:
        assert row["value"] == pytest.approx(row["other_seconds"] / row["ours_seconds"])
    seconds = [row["ours_seconds"] for row in tiny[:2]]
    assert tiny[2]["value"] == pytest.approx(np.log2(seconds[1] / seconds[0]))
    assert [bool(row["bar"]) for row in tiny] == [False, True, True, False, False]


def test_memory_is_that_of_the_job_and_not_of_who_asked():
    held = np.ones(2**27)  # 1 GB in this process
    found = linear_heads.apart("passes", 1000, 1)
    if found["peak_mb"] is None:
        pytest.skip("this system does not say how much memory a process held")
    assert 50 < found["peak_mb"] < held.nbytes / 1e6
    rows = 100_000  # 205 MB of features, in memory at once
    assert linear_heads.apart("fit", "LeastSquaresHead", rows)["peak_mb"] > found["peak_mb"] + 190


def test_a_pass_that_loses_rows_is_no_result(monkeypatch):
    monkeypatch.setattr(linear_heads, "row_sums", lambda x, y: linear.row_sums(x[1:], y[1:]))
    with pytest.raises(AssertionError, match="500 rows by 4"):
        linear_heads.passes(500, 1, width=4)


def test_a_pass_needs_rows():
    with pytest.raises(ValueError, match="one row or more, not 0"):
        linear_heads.passes(0, 1)


def test_the_recorded_table_is_what_is_measured_now():
    with open(
        runtime.repository() / "data" / "reference" / "benchmark.csv", newline="", encoding="utf-8"
    ) as file:
        recorded = list(csv.DictReader(file))
    assert tuple(recorded[0]) == commands.COLUMNS
    names = [row["name"] for row in recorded]
    assert [f"one_pass_{rows}x{linear_heads.WIDTH}" for rows in linear_heads.GROWTH] == names[
        : len(linear_heads.GROWTH)
    ]
    assert {"heads_100_targets_2000x16", "figure_2abc"} < set(names)
    assert all(row["machine"] for row in recorded)
