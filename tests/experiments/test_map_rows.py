"""Places on the map by hand and from predictions; rows that are no triangle show; missing and unlisted rows are named."""

import numpy as np
import pandas as pd
import pytest

from w2s_utils import results
from w2s_utils.experiments import map_rows
from w2s_utils.theory.misfit import error_triple


@pytest.fixture(autouse=True)
def build(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_BUILD", str(tmp_path))


def rows_of(triple, **more):
    errors = {name: np.atleast_1d(getattr(triple, name)) for name in (*map_rows.ERRORS, "gain")}
    return pd.DataFrame({**errors, **more})


def random_rows(count=50):
    draws = np.random.default_rng(0)
    truth, weak, student = draws.normal(size=(3, 30, count)) * np.array([1.0, 0.1, 2.0])[:, None, None]
    return rows_of(error_triple(truth, weak, student)), truth, weak, student


@pytest.mark.parametrize(
    ("student", "imitability", "direction", "share"),
    [
        ((0.0, 1.0), 1.0, 0.0, -1.0),  # as far as the truth, at a right angle
        ((0.5, 0.5), 0.5, np.sqrt(0.5), 0.5),  # on the circle: gain = misfit
        ((1.0, 0.0), 1.0, 1.0, 1.0),  # the truth
        ((-1.0, 0.0), 1.0, -1.0, -3.0),  # the other way
        ((0.5, 0.0), 0.25, 1.0, 0.75),  # half the way, inside
    ],
)
def test_places_by_hand(student, imitability, direction, share):
    weak, truth = np.zeros(2), np.array([1.0, 0.0])
    placed = map_rows.placed(rows_of(error_triple(truth, weak, np.array(student)))).iloc[0]
    assert placed[list(map_rows.PLACE)].tolist() == pytest.approx([imitability, direction, share])
    assert map_rows.gain_share(imitability, direction) == pytest.approx(share)
    corner = map_rows.plane(placed.to_frame().T.astype(float))
    assert [one[0] for one in corner] == pytest.approx([student[0], abs(student[1])], abs=1e-7)


def test_the_direction_is_the_cosine_of_the_predictions():
    rows, truth, weak, student = random_rows()
    change, lack = student - weak, truth - weak
    cosine = np.sum(change * lack, 0) / np.linalg.norm(change, axis=0) / np.linalg.norm(lack, axis=0)
    placed = map_rows.placed(rows)
    assert placed["direction"].to_numpy() == pytest.approx(cosine)
    assert max(map_rows.inconsistency(placed).values()) < 1e-12


def test_shares_of_wrong_classes_stand_where_functions_with_values_of_plus_and_minus_one_do():
    truth, weak, student = np.sign(np.random.default_rng(1).normal(size=(3, 40, 20)))
    shares = {
        name: np.mean(one != other, axis=0)
        for name, one, other in zip(
            map_rows.ERRORS, (weak, student, student), (truth, truth, weak), strict=True
        )
    }
    place = map_rows.placed(pd.DataFrame(shares))[[*map_rows.PLACE]]
    squared = map_rows.placed(rows_of(error_triple(truth, weak, student)))[[*map_rows.PLACE]]
    pd.testing.assert_frame_equal(place, squared)


def test_means_over_trials_have_a_place_too():
    rows, *_ = random_rows()
    mean = map_rows.placed(rows.mean().to_frame().T)
    assert abs(mean["direction"].iloc[0]) <= 1 and map_rows.inconsistency(mean)["surface"] < 1e-12


def test_no_place_is_better_than_the_circle_at_its_direction():
    m, c = np.meshgrid(np.linspace(0, 2, 201), np.linspace(0, 1, 101))
    assert np.all(map_rows.gain_share(m, c) <= c**2 + 1e-12)
    assert map_rows.gain_share(c**2, c) == pytest.approx(c**2)


def test_without_a_students_error_the_gain_takes_its_place_and_no_weak_error_has_no_place():
    rows, *_ = random_rows()
    pd.testing.assert_frame_equal(
        map_rows.placed(rows.drop(columns="student_error"))[[*map_rows.PLACE]],
        map_rows.placed(rows)[[*map_rows.PLACE]],
    )
    assert len(map_rows.placed(rows.assign(weak_error=0.0))) == 0
    assert len(map_rows.placed(rows.assign(weak_error=np.nan))) == 0


def test_a_student_that_imitates_has_no_direction_and_stands_on_its_teacher():
    weak, truth = np.zeros(2), np.array([1.0, 0.0])
    placed = map_rows.placed(rows_of(error_triple(truth, weak, np.array([0.0, 1e-8]))))
    assert placed["direction"].isna().all() and map_rows.plane(placed)[0][0] == 0.0
    assert map_rows.inconsistency(placed) == {"surface": 0.0, "cosine": 0.0, "negative": 0.0}


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize(
    ("column", "factor", "what"),
    [("gain", 1.1, "surface"), ("misfit", 40.0, "cosine"), ("misfit", -1.0, "negative")],
)
def test_rows_that_are_no_triangle_show(column, factor, what):
    rows, *_ = random_rows()
    rows["gain"] += 0.1
    rows["student_error"] -= 0.1 * (column != "gain")
    rows[column] *= factor
    assert map_rows.inconsistency(map_rows.placed(rows))[what] > 1e-3


def test_each_source_stands_once_with_keys_and_a_notebook():
    names = [source.rows for source in map_rows.SOURCES]
    assert len(set(names)) == len(names) and not set(names) & set(map_rows.LEFT_OUT)
    assert all(source.keys and source.notebook.isdecimal() for source in map_rows.SOURCES)


def test_missing_rows_are_named_and_others_taken_by_what_they_are_of():
    rows, *_ = random_rows(4)
    part = rows.assign(problem=range(4), divergence=["squared distance", "KL divergence"] * 2, loss="reverse")
    results.save_rows("41_mixtures", part, keys=["problem"])
    found, missing = map_rows.load_all()
    assert list(found) == ["41_mixtures"] and found["41_mixtures"]["problem"].tolist() == [0, 2]
    assert len(missing) == len(map_rows.SOURCES) - 1 and "10_problems" in missing["10_problems"]
    [source] = [one for one in map_rows.SOURCES if one.rows == "41_mixtures"]
    assert len(map_rows.load(source, {"divergence": ("KL divergence",)})) == 2
    assert len(map_rows.load(source, {})) == 4


def test_rows_with_a_misfit_that_nobody_listed_are_named():
    rows, *_ = random_rows(4)
    results.save_rows("99_new", rows.assign(trial=range(4)), keys=["trial"])
    results.save_rows("98_other", [{"trial": 0, "accuracy": 0.5}], keys=["trial"])
    assert map_rows.unlisted() == ["99_new"]
