"""Teachers and students beside each other: what moves, in one case by hand and in random ones."""

import numpy as np
import pytest

from w2s_utils.experiments.calibrated import bins, errors_of, moved, moved_rows, random_pairs
from w2s_utils.experiments.classification import HARD, PROBABILITIES, Judgements


def test_a_copy_moves_nothing():
    said, truth = np.array([0.2, 0.7, 0.7]), np.array([0.0, 1.0, 0.0])
    found = moved(said, said, *(errors_of(said, truth, [0, 0, 1]) for _ in range(2)))
    for error in ("loss", "smooth", "binned", "grouped"):
        assert found[f"weak_{error}"] == found[f"student_{error}"]
    assert (found["difference"], found["loss_reach"], found["smooth_reach"]) == (0, 0, 0)
    assert found["floor"] == pytest.approx(0.2)
    assert found["weak_loss"] == pytest.approx(-np.log([0.8, 0.7, 0.3]).mean())
    assert found["weak_binned"] == pytest.approx((0.2 + abs(1 - 1.4)) / 3)
    assert found["weak_grouped"] == pytest.approx((abs(1 - 0.9) + 0.7) / 3)


def test_bins_are_ten_of_equal_width():
    said = np.array([0.0, 0.099, 0.1, 0.55, 0.999, 1.0])
    assert bins(said).tolist() == [0, 0, 1, 5, 9, 9]


def test_random_pairs_keep_off_both_ends_by_their_floor():
    rows = random_pairs(9, 30, [0.1, 0.3], np.random.default_rng(0))
    assert [row["least"] for row in rows] == [0.1] * 9 + [0.3] * 9
    assert all(row["floor"] >= row["least"] - 1e-12 for row in rows)


@pytest.mark.parametrize(("classes", "expected"), [(2, [1]), (3, [0, 1, 2])])
def test_each_class_is_taken_against_the_rest_and_of_two_only_one(classes, expected):
    draw = np.random.default_rng(1)
    tables = draw.dirichlet(np.ones(classes), size=(4, 20))
    truth = np.eye(classes)[draw.integers(0, classes, 20)]
    students = {("t", PROBABILITIES): tables[1], ("t", HARD): tables[2]}
    rows = moved_rows(Judgements(truth, {"t": tables[0]}, students, tables[3], tables[3]), seed=0)
    assert [row["class"] for row in rows if row["handed"] == HARD] == expected
    assert len(rows) == 2 * len(expected)
    weak, student = (table[:, expected[0]] for table in tables[:2])
    errors = (errors_of(said, truth[:, expected[0]], tables[0].argmax(axis=1)) for said in (weak, student))
    again = moved(weak, student, *errors)
    assert {key: rows[0][key] for key in again} == again
