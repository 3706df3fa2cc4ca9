"""Findings of notebook 60 from rows whose numbers are known: means, signs, the teacher that is meant, joint intervals."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from w2s_utils.methods import burns, burns_measures, method_tables
from w2s_utils.methods.bench import NAIVE
from w2s_utils.methods.burns import BALANCED, GRADIENT, ORACLE
from w2s_utils.methods.confidence import PAPER, RELEASED
from w2s_utils.theory import intervals
from w2s_utils.theory.intervals import Interval

TEACHERS = {"good": 0.2, "poor": 0.4}
SHIFTS = {
    "good": {PAPER: 0.02, RELEASED: 0.05, BALANCED: 0.01},
    "poor": {PAPER: -0.1, RELEASED: -0.14, BALANCED: -0.08},
}
"""Errors less those of naive training; the oracle has none at all."""
SEEDS = 6


@pytest.fixture(scope="module")
def rows():
    rng, made = np.random.default_rng(0), []
    for seed, teacher, method in product(range(SEEDS), TEACHERS, burns.METHODS):
        student = TEACHERS[teacher] - (0.05 if teacher == "poor" else -0.03)
        student += SHIFTS[teacher].get(method, 0.0) + 0.001 * rng.normal()
        if method == ORACLE:
            student = 0.0
        row = {"data": "A", "seed": seed, "teacher": teacher, "method": method}
        row |= {"weak_error": TEACHERS[teacher], "student_error": student, "alone": 0.3, "ceiling": 0.1}
        made.append(row | {"gain": TEACHERS[teacher] - student})
    return pd.DataFrame(made)


def column(rows, teacher, method, name="student_error"):
    chosen = rows[(rows["teacher"] == teacher) & (rows["method"] == method)]
    return chosen.sort_values("seed")[name].to_numpy()


def test_gaps_are_those_of_the_worst_and_the_best_teacher(rows):
    assert burns_measures.gaps(rows, "A") == ("poor", "good")
    for place, teacher in enumerate(("poor", "good")):
        wanted = intervals.mean_t(column(rows, teacher, PAPER) - column(rows, teacher, GRADIENT))
        assert np.allclose(burns_measures.at_gap(rows, "A", place), wanted)
    wanted = intervals.mean_t(
        column(rows, "poor", PAPER)
        - column(rows, "poor", GRADIENT)
        - column(rows, "good", PAPER)
        + column(rows, "good", GRADIENT)
    )
    assert np.allclose(burns_measures.gap_matters(rows, "A"), wanted)


def test_signs_of_the_warm_up_do_not_cancel_between_teachers(rows):
    found = burns_measures.warm_up(rows, "A")
    assert (
        method_tables.over_teachers(method_tables.less(rows, "student_error", "A", RELEASED, PAPER)).estimate
        < 0.01
    )
    each = intervals.mean_t(column(rows, "poor", RELEASED) - column(rows, "poor", PAPER), intervals.joint(2))
    assert np.allclose(found, (-each.estimate, -each.high, -each.low))


def test_the_worst_gain_is_that_of_one_teacher_at_the_joint_level(rows):
    wanted = intervals.mean_t(column(rows, "good", NAIVE, "gain"), intervals.joint(2))
    assert np.allclose(burns_measures.worst_gain(rows, "A", NAIVE), wanted)
    assert wanted.high < 0 < burns_measures.recovered(rows, "A", NAIVE).low


def test_the_part_of_the_gap_is_a_ratio_of_means_over_teachers(rows):
    gain = np.mean([column(rows, teacher, PAPER, "gain") for teacher in TEACHERS], axis=0)
    found = burns_measures.recovered(rows, "A", PAPER)
    assert found.estimate == pytest.approx(gain.mean() / 0.2)
    with pytest.raises(ValueError):  # no gap
        burns_measures.recovered(rows.assign(ceiling=rows["weak_error"]), "A", PAPER)


def test_more_is_recovered_from_one_teacher_than_from_another(rows):
    wanted = column(rows, "poor", NAIVE, "gain") / 0.3 - column(rows, "good", NAIVE, "gain") / 0.1
    assert np.allclose(burns_measures.recovers_more(rows, "A", "poor", "good"), intervals.mean_t(wanted))


def test_the_oracle_is_no_student_that_may_beat_the_few_labels(rows):
    found = burns_measures.beside_few_labels(rows, "A")
    least = min(
        column(rows, teacher, method).mean() - 0.3
        for teacher in TEACHERS
        for method in burns.METHODS
        if method != ORACLE
    )
    assert found.estimate == pytest.approx(least) and -0.3 < found.low < found.high


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((1.0, -1.0, 3.0), (1.0, 0.0, 3.0)),
        ((-2.0, -3.0, -1.0), (2.0, 1.0, 3.0)),
        ((2.0, 1.0, 3.0), (2.0, 1.0, 3.0)),
    ],
)
def test_the_size_of_an_interval_starts_at_zero_where_that_holds_zero(given, wanted):
    assert burns_measures.size(Interval(*given)) == wanted


def test_the_table_has_every_teacher_with_joint_intervals(rows):
    table = burns_measures.of_each_teacher(rows, ["A"])
    assert list(table.index) == [("A", "good"), ("A", "poor")]
    one = intervals.mean_t(column(rows, "poor", PAPER) - column(rows, "poor", BALANCED), intervals.joint(2))
    assert table.loc[("A", "poor"), "confidence - balanced"] == (
        f"{one.estimate:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"
    )
