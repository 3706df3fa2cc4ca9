"""Few labels, turns that share none, and what is read off them."""

import numpy as np
import pandas as pd
import pytest

from w2s_utils.data import datasets
from w2s_utils.experiments import text_pictures, text_trials
from w2s_utils.experiments.choosing_rules import RANDOM, RULE
from w2s_utils.experiments.crossfit import few_label_parts
from w2s_utils.experiments.text_trials import ALONE
from w2s_utils.texts import minilm
from w2s_utils.theory import intervals


@pytest.fixture(autouse=True)
def nothing_outside(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_CACHE", str(tmp_path))
    monkeypatch.setenv("W2S_WORKERS", "1")
    monkeypatch.setattr(datasets, "reachable", lambda name: False)


@pytest.fixture
def run():
    sets = text_trials.load_sets(["EmoBank", "STS-B"], 400, 0)
    views = text_trials.load_views(sets)
    parts = {
        name: [text_trials.turns(data, 4, 40, 20, p, 0) for p in range(2)]
        for name, data in sets.loaded.items()
    }
    made = text_trials.all_predictions(sets, views, parts)
    data = sets.loaded["grammar"]
    models = [*views["grammar"].weak, ALONE]
    return sets, data, models, parts["grammar"], made["grammar"]


def test_turns_share_no_judged_row_and_no_true_label():
    parts = few_label_parts(100, 4, 15, 10, np.random.default_rng(0))
    for what in ("evaluation", "weak_train", "validation"):
        rows = np.concatenate([getattr(one, what) for one in parts])
        assert len(np.unique(rows)) == len(rows)
    labelled = [np.concatenate([one.weak_train, one.validation]) for one in parts]
    assert len(np.unique(np.concatenate(labelled))) == 100
    for one in parts:
        sizes = [
            len(getattr(one, what)) for what in ("weak_train", "validation", "evaluation", "student_train")
        ]
        assert sizes == [15, 10, 25, 50] and not one.allow_shared
        every = np.concatenate([one.weak_train, one.validation, one.evaluation, one.student_train])
        assert sorted(every) == list(range(100))
    rest = few_label_parts(100, 4, 5, 5, np.random.default_rng(0))[0]
    assert len(rest.student_train) == 65  # what is left of the labelled fold is the student's


@pytest.mark.parametrize(
    ("rows", "folds", "few", "validation"),
    [(100, 2, 5, 5), (100, 4, 20, 6), (100, 4, 0, 5), (100, 4, 5, 0), (2, 3, 1, 1)],
)
def test_folds_that_do_not_hold_the_labels_are_refused(rows, folds, few, validation):
    with pytest.raises(ValueError, match="do not hold"):
        few_label_parts(rows, folds, few, validation, np.random.default_rng(0))


def test_a_grammar_stands_in_and_findings_are_not_run(run):
    sets, data, models, parts, made = run
    assert data.source == "generated" and "GENERATED sentences" in sets.heading and sets.measured == ()
    assert sets.why_not("EmoBank") and len(models) == 9
    rows = pd.DataFrame(text_trials.rows_of(data, models, parts, made))
    assert len(rows) == 2 * 4 * 9 and not rows.duplicated(text_trials.KEYS).any()
    np.testing.assert_allclose(
        rows["gain"] - rows["misfit"], rows["no_projection"] + rows["not_expressible"], atol=1e-12
    )
    alone = rows[rows["weak"] == ALONE]
    assert (
        alone["misfit"] < 1e-3 * alone["weak_error"]
    ).all()  # a student of the strong model itself repeats it
    assert rows["shared_error"].between(-1, 1).all()


def test_what_a_missing_model_says_is_the_reason(monkeypatch):
    monkeypatch.setattr(minilm, "missing", lambda model: "the weights are not installed: do this")
    sets = text_trials.load_sets(["EmoBank"], 60, 0)
    assert sets.why_not("EmoBank") == "the weights are not installed: do this" and "do this" in sets.heading


@pytest.mark.parametrize("wanted", [[], ["EmoBank", "EmoBank"], ["SST-2"], "EmoBank", None])
def test_what_is_no_list_of_sets_is_refused(wanted):
    with pytest.raises(
        ValueError, match="^data_sets is a list of some of EmoBank, CLEAR, ASAP, French books, STS-B"
    ):
        text_trials.load_sets(wanted, 60, 0)


def test_numbers_that_are_read_off_the_turns(run):
    _, data, models, parts, made = run
    rows = pd.DataFrame(text_trials.rows_of(data, models, parts, made))
    weak = models[:-1]
    whole, one = text_trials.slack(rows, weak), rows[rows["partition"] == 0].groupby("turn")
    only = text_trials.slack(rows[rows["partition"] == 0], weak)
    expected = (
        one["cross_term"].sum() - one.apply(lambda of: of.loc[of["weak"] == ALONE, "cross_term"].sum())
    ).sum()
    total = (
        one["weak_error"].sum() - one.apply(lambda of: of.loc[of["weak"] == ALONE, "weak_error"].sum())
    ).sum()
    assert only.estimate == pytest.approx(expected / total)
    both = [text_trials.slack(rows[rows["partition"] == p], weak) for p in (0, 1)]
    np.testing.assert_allclose(whole, np.mean(both, axis=0))
    each = text_trials.each_gain_per_misfit(rows, weak)
    assert list(each) == weak
    behind = text_trials.behind_alone(rows, weak)
    means = rows.groupby("weak")[["student_error", "weak_error"]].mean()
    assert (
        behind.low
        <= behind.estimate
        <= means.loc[weak, "student_error"].min() / means.loc[ALONE, "weak_error"] - 1 + 0.05
    )


def test_rules_see_other_rows_than_the_students_are_compared_on(run):
    _, data, models, parts, made = run
    rows = pd.DataFrame(text_trials.rule_rows(data, models[:-1], parts, made))
    assert set(rows["rule"]) == {RULE, "weak error", "largest misfit", RANDOM} and (rows["regret"] >= 0).all()
    assert len(rows) == 2 * 4 * 4
    means = rows.groupby("rule")["regret"].mean()
    assert means["weak error"] < means[RANDOM]


def test_an_average_of_intervals_covers_as_often_as_one():
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        rows = rng.normal(size=60)
        of_partitions = [
            intervals.mean_t(rng.permutation(rows).reshape(6, 10).mean(axis=1)) for _ in range(3)
        ]
        found = intervals.averaged(of_partitions)
        covered.append(found.low <= 0 <= found.high)
    assert 0.93 <= np.mean(covered) <= 0.99
    with pytest.raises(ValueError, match="no interval"):
        intervals.averaged([intervals.Interval(0, 1, 2)])


def test_pictures_have_a_panel_for_each_set_and_a_look_for_each_model(run):
    sets, data, models, parts, made = run
    rows = pd.DataFrame(text_trials.rows_of(data, models, parts, made))
    means = {"grammar": text_trials.relative_means(rows)}
    looks = text_pictures.looks(models[:-1], [])
    assert list(looks) == models[:-1] and len({(one["color"], one["marker"]) for one in looks.values()}) == 8
    each = {"grammar": text_trials.each_gain_per_misfit(rows, models[:-1])}
    for figure in (
        text_pictures.gain_against_misfit(sets, means, looks),
        text_pictures.cross_terms(sets, means, looks),
        text_pictures.ratios(sets, each, looks),
        text_pictures.alone(sets, means, looks),
        text_pictures.when(sets, means, looks),
    ):
        assert figure.axes[0].get_ylabel()
    layered = text_pictures.looks(["a 1", "layer 1", "layer 2"], ["layer 1", "layer 2"])
    assert list(layered) == ["layer 1", "layer 2", "a 1"] and layered["layer 1"]["marker"] == "o"
