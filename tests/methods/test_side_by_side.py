"""Methods are compared on the trials that they share, pair by pair, and a word is said only where 0 is excluded."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from w2s_utils import results, runtime
from w2s_utils.experiments.class_sets import load_sets
from w2s_utils.methods import side_by_side
from w2s_utils.methods.bench import NAIVE
from w2s_utils.theory.intervals import Interval, joint, mean_t


def row(method, seed, error, teacher="t", **other):
    kept = {
        "weak_error": 0.4,
        "misfit": 0.1,
        "ceiling": 0.1,
        "alone": 0.25,
        "loss": "errors",
        "data": "digits",
    }
    kinds = {"corrected": 0.1, "inherited": 0.2, "changed": 0.1, "new": 0.0}
    return {
        "seed": seed,
        "teacher": teacher,
        "method": method,
        "student_error": error,
        **kept,
        **kinds,
        **other,
    }


@pytest.fixture
def rows():
    naive = [row(NAIVE, seed, 0.3 + seed / 100, teacher) for seed in range(4) for teacher in "tu"]
    better = [row("better", seed, 0.2 + seed / 90, teacher) for seed in range(4) for teacher in "tu"]
    once = [row("seldom", 0, 0.0)]
    partly = [row("partly", seed, 0.31, "t") for seed in range(4)]
    return pd.DataFrame([*naive, *better, *once, *partly])


def test_saved_rows_are_read_as_errors_and_what_is_missing_is_told(tmp_path, monkeypatch, rows):
    monkeypatch.setattr(runtime, "build_folder", lambda: tmp_path)
    results.save_rows("60_some", pd.concat([rows, rows.assign(loss="log loss")]), list(side_by_side.KEYS))
    found, missing = side_by_side.load(["60_some", "61_none"])
    assert len(found) == len(rows) and set(found["notebook"]) == {"60"} and list(missing) == ["61_none"]
    nothing, _ = side_by_side.load(["61_none"])
    assert (
        nothing.empty
        and side_by_side.on_common_trials(nothing).empty
        and side_by_side.disagreement(nothing) == 0
    )


def test_two_notebooks_that_differ_are_noticed(rows):
    again = rows[rows["method"] == NAIVE].assign(notebook="61")
    assert side_by_side.disagreement(pd.concat([rows, again])) == 0
    again["student_error"] += 1e-3
    assert side_by_side.disagreement(pd.concat([rows, again])) == pytest.approx(1e-3)


def test_only_trials_that_all_methods_share_count(rows):
    found = side_by_side.on_common_trials(rows, least=3)
    assert set(found["method"]) == {NAIVE, "better", "partly"}  # "seldom" has one seed
    assert set(found["teacher"]) == {"t"}  # "partly" knows no other teacher
    everybody = side_by_side.on_common_trials(rows[rows["method"] != "partly"], least=3)
    assert set(everybody["teacher"]) == {"t", "u"} and len(everybody) == 16
    assert side_by_side.on_common_trials(rows[rows["method"] != NAIVE]).empty


def test_differences_are_paired_by_seed_and_averaged_over_teachers(rows):
    some = side_by_side.on_common_trials(rows[rows["method"] != "partly"], least=3)
    some.loc[(some["teacher"] == "u") & (some["method"] == "better"), "student_error"] -= 0.1
    table = side_by_side.by_seed(some, NAIVE)["digits"]
    seeds = np.arange(4)
    np.testing.assert_allclose(table["better"], -0.15 + seeds / 90 - seeds / 100)
    assert (table[NAIVE] == 0).all()
    alone = side_by_side.by_seed(some, "alone")["digits"]
    np.testing.assert_allclose(alone[NAIVE], 0.05 + seeds / 100)
    assert side_by_side.together(table, leave=[NAIVE]) == {"better": mean_t(table["better"])}
    assert side_by_side.together(alone)["better"] == mean_t(alone["better"], joint(2))


def test_a_word_is_said_only_where_zero_is_excluded():
    ends = {"a": (-2, -1), "b": (1, 2), "c": (-1, 1), "d": (-1, 0), "e": (0, 0)}
    found = side_by_side.verdicts({name: Interval(sum(pair) / 2, *pair) for name, pair in ends.items()})
    assert dict(found) == {"a": "better", "b": "worse", "c": "open", "d": "open", "e": "open"}


def test_recovered_gap_is_withheld_where_the_ceiling_is_not_better(rows):
    some = rows[rows["method"] == NAIVE]
    assert side_by_side.means(some)["pgr"].item() == pytest.approx((0.4 - 0.315) / 0.3)
    assert np.isnan(side_by_side.means(some.assign(ceiling=0.4))["pgr"].item())


def test_forest_names_every_method_once_and_places_it_by_its_points():
    run, _ = load_sets(["digits"])
    measured = {"digits": {"a": Interval(-0.02, -0.03, -0.01), "b": Interval(0.0, -0.01, 0.01)}}
    figure = side_by_side.forest(run, measured, "naive")
    [axes] = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    ends = [line.get_xdata() for line in axes.lines]
    np.testing.assert_allclose(ends[0], [-3, -1])
    np.testing.assert_allclose(ends[1], [-2])
    plt.close(figure)
