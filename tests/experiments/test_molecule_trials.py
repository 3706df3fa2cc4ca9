"""Trials against the protocol run by hand; noise of a test part against test parts drawn at random."""

import numpy as np
import pytest

from w2s_utils import runtime
from w2s_utils.data.container import Views
from w2s_utils.experiments.crossfit import standardise
from w2s_utils.experiments.measured import half_parts, split_parts
from w2s_utils.experiments.molecule_trials import (
    Trial,
    all_predictions,
    gap_noise,
    predictions,
    shared_error,
    trial_rows,
)
from w2s_utils.experiments.protocol import run_protocol
from w2s_utils.heads.validated import ValidatedRidge
from w2s_utils.molecules import chembench, generated
from w2s_utils.theory.misfit import error_triple

SPLIT = chembench.SPLITS[0]


@pytest.fixture(scope="module")
def data():
    return generated.embedded_molecules(60)


@pytest.fixture(scope="module")
def views(data):
    draw = np.random.default_rng(0).normal
    strong = data.targets[:, None] + draw(size=(60, 5))
    return Views(strong, {"one": strong[:, :2] + draw(size=(60, 2)), "two": draw(size=(60, 3))})


@pytest.mark.parametrize("half", [None, 1])
def test_a_trial_on_a_split_is_the_protocol_on_its_parts(data, views, half):
    trial = Trial(data.name, "made up", "disjoint", split=SPLIT, half=half)
    parts = (
        split_parts(data, SPLIT, "disjoint", 0)
        if half is None
        else half_parts(data, SPLIT, "disjoint", half, 0)
    )
    made = predictions(trial, data, views, 5, 0)
    rows = trial_rows(trial, data, list(views.weak), made)
    training = np.union1d(parts.weak_train, parts.student_train)
    strong = standardise(views.strong, training)
    for found, row, (model, features) in zip(made, rows, views.weak.items(), strict=True):
        weak = standardise(features, training)
        outcome = run_protocol(weak, strong, data.targets, parts, ValidatedRidge(), ValidatedRidge())
        np.testing.assert_allclose(found, [outcome.weak, outcome.student, outcome.ceiling], atol=1e-8)
        assert row["weak"] == model and row["source"] == "generated" and row.get("half") == half
        assert row["misfit"] == pytest.approx(outcome.triple.misfit)
        assert row["gain"] == pytest.approx(outcome.triple.gain)
        assert row["no_projection"] + row["not_expressible"] == pytest.approx(row["cross_term"])


def test_cross_fitting_judges_every_molecule(data, views):
    trial = Trial(data.name, "made up", "shared", repeat=0)
    made = predictions(trial, data, views, 5, 0)
    assert made.shape == (2, 3, 60) and np.isfinite(made).all()
    row, _ = trial_rows(trial, data, list(views.weak), made)
    assert row["weak_error"] == pytest.approx(error_triple(data.targets, *made[0]).weak_error)
    assert row["repeat"] == 0 and "split" not in row
    [noise, _] = gap_noise(data.targets, [made], 20).itertuples()
    assert row["cross_term_noise"] == pytest.approx(noise.noise_of_all)
    gains = (made[0, 0] - data.targets) ** 2 - (made[0, 1] - data.targets) ** 2
    assert row["gain_noise"] == pytest.approx(gains.std(ddof=1) / np.sqrt(60))


def test_trials_in_parallel_are_those_made_one_by_one(data, views):
    trials = [Trial("set", "made up", setting, repeat=0) for setting in ("shared", "disjoint")]
    made = all_predictions(trials, {"set": data}, {"made up": {"set": views}}, 5, 0, np.inf)
    assert set(made) == set(trials)
    for trial in trials:
        np.testing.assert_array_equal(made[trial], predictions(trial, data, views, 5, 0, np.inf))


@pytest.mark.parametrize("places", [{}, {"split": SPLIT, "repeat": 0}, {"half": 0}, {"half": 0, "repeat": 0}])
def test_a_trial_that_says_not_what_it_judges_is_refused(places):
    with pytest.raises(ValueError, match="a trial has a split"):
        Trial("set", "made up", "shared", **places)


def test_a_teacher_that_errs_as_the_ceiling_does_is_told_from_one_that_errs_the_other_way():
    draw = runtime.seed_stream(0, "errors").normal
    truth, off = draw(size=40), draw(size=(2, 40))
    rounds = [[[truth + one, truth, truth + 2 * one], [truth - one, truth, truth + one]] for one in off]
    np.testing.assert_allclose(shared_error(truth, rounds), [1, -1])


def test_noise_of_a_split_is_the_scatter_of_random_test_parts():
    generator = runtime.seed_stream(0, "noise")
    truth, (weak, student) = generator.normal(size=50), generator.normal(size=(2, 50))
    [noise] = gap_noise(truth, [[[weak, student, truth]]], 20).itertuples()
    terms = 2 * (student - weak) * (truth - student)
    drawn = [generator.permutation(terms)[:20].mean() for _ in range(20_000)]
    assert noise.mean == pytest.approx(terms.mean()) == pytest.approx(np.mean(drawn), abs=0.02)
    assert noise.noise_of_a_split == pytest.approx(np.std(drawn), rel=0.02)
    assert noise.noise_of_all == pytest.approx(np.std(terms, ddof=1) / np.sqrt(50))


def test_a_test_part_of_all_molecules_has_no_noise_and_a_larger_one_is_refused():
    truth = np.arange(4.0)
    rounds = np.zeros((1, 1, 3, 4))
    assert gap_noise(truth, rounds, 4)["noise_of_a_split"].tolist() == [0]
    with pytest.raises(ValueError, match="1 to 4 molecules"):
        gap_noise(truth, rounds, 5)
