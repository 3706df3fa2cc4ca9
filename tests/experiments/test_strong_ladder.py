"""Many strong representations from one Gram matrix: the numbers are those of the protocol."""

import numpy as np
import pytest

from w2s_utils.experiments.crossfit import crossfit_predictions, fold_parts
from w2s_utils.experiments.measured import errors_by_row
from w2s_utils.experiments.strong_ladder import (
    EPSILON,
    GAIN,
    MISFIT,
    STUDENT_ERROR,
    WEAK_ERROR,
    Strong,
    gain_per_misfit,
    jackknife,
    sums_by_fold,
)
from w2s_utils.theory import intervals


@pytest.fixture
def world():
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(120, 12))
    blocks = {"one": hidden @ rng.normal(size=(12, 9)), "two": 1e3 * rng.normal(size=(120, 5)) + 7e3}
    weak = [hidden[:, :3] + rng.normal(size=(120, 3)), hidden[:, 2:7]]
    return weak, blocks, hidden @ rng.normal(size=12) + 0.3 * rng.normal(size=120)


@pytest.mark.parametrize("shared", [True, False])
def test_numbers_are_those_of_the_protocol(world, shared):
    weak, blocks, truth = world
    turns = fold_parts(120, 5, shared, np.random.default_rng(1))
    strongs = {"one": blocks["one"], "both": np.hstack([blocks["two"], blocks["one"]])}
    found = sums_by_fold(weak, blocks, [Strong(("one",)), Strong(("two", "one"))], truth, turns, seed=0).sum(
        axis=1
    )
    for made, table in zip(found, strongs.values(), strict=True):
        predictions = crossfit_predictions(weak, table, truth, turns)
        due = errors_by_row(truth, predictions).sum(axis=0)
        np.testing.assert_allclose(
            made[:, [GAIN, MISFIT, WEAK_ERROR, STUDENT_ERROR]], due, rtol=1e-6, atol=1e-8
        )
        np.testing.assert_allclose(made[:, EPSILON], ((predictions[0, 2] - truth) ** 2).sum(), rtol=1e-6)


def test_all_directions_span_what_the_blocks_span_and_fewer_are_nested(world):
    weak, blocks, truth = world
    turns = fold_parts(120, 4, False, np.random.default_rng(1))
    few, all_of_them = (Strong(("one", "two"), number) for number in (2, 14))
    sums = sums_by_fold(weak, blocks, [few, all_of_them, Strong(("one", "two"))], truth, turns, seed=3)
    epsilon = sums[:, :, 0, EPSILON].sum(axis=1)
    assert epsilon[0] > 2 * epsilon[1]
    assert epsilon[1] == pytest.approx(epsilon[2], rel=0.3)  # other coordinates: the penalty is another one
    again = sums_by_fold(weak, blocks, [few], truth, turns, seed=3)
    np.testing.assert_array_equal(sums[:1], again)


def test_what_is_not_there_is_named(world):
    weak, blocks, truth = world
    turns = fold_parts(120, 4, True, np.random.default_rng(1))
    for strong, message in [
        (Strong(("three",)), "no block three; there are one, two"),
        (Strong(()), "none was named"),
        (Strong(("one",), 10), "10 directions of 9 columns"),
        (Strong(("one",), 0), "0 directions"),
    ]:
        with pytest.raises(ValueError, match=message):
            sums_by_fold(weak, blocks, [strong], truth, turns, 0)
    with pytest.raises(ValueError, match="one weak model"):
        sums_by_fold([], blocks, [Strong(("one",))], truth, turns, 0)


def test_jackknife_is_the_t_interval_of_the_mean_where_misfits_are_equal():
    gains = np.array([0.2, 0.5, 0.1, 0.6])
    groups = np.zeros((4, 5))
    groups[:, GAIN], groups[:, MISFIT] = gains, 1.0
    assert tuple(jackknife(groups)) == pytest.approx(tuple(intervals.mean_t(gains)))
    middle, low, high = intervals.mean_t(gains)
    assert middle == pytest.approx(0.35) and high - middle == pytest.approx(
        3.18245 * gains.std(ddof=1) / 2, rel=1e-4
    )
    assert gain_per_misfit(groups.sum(axis=0)) == pytest.approx(0.35)


def molecules(rng, count, models=7):
    """Errors ``(count, models, 5)`` of molecules that all weak models share, and the ratio of their expected gain and misfit.

    What a molecule adds to all weak models' errors, what each adds of its own and what the student adds are normal; a student
    keeps 0.6 of its teacher's error.
    """
    shared, own, added = (rng.normal(size=(count, width)) for width in (1, models, 1))
    weak = shared + 0.5 * own
    student = 0.6 * weak + 0.5 * added
    found = np.zeros((count, models, 5))
    found[..., GAIN], found[..., MISFIT] = weak**2 - student**2, (student - weak) ** 2
    return found, (1.25 - 0.36 * 1.25 - 0.25) / (0.16 * 1.25 + 0.25)


def folds_of(errors, rng):
    """Sums ``(10, 5)`` over weak models and the molecules of each of ten random folds."""
    return np.array(
        [errors[rows].sum(axis=(0, 1)) for rows in np.array_split(rng.permutation(len(errors)), 10)]
    )


def test_jackknife_holds_the_ratio_as_often_as_said_where_weak_models_share_molecules():
    """Over one partition of 200 molecules and two, as in notebook 35; with weak models as the units it is held rarely."""
    rng, held, trials = np.random.default_rng(0), np.zeros(3), 1500
    for _ in range(trials):
        errors, due = molecules(rng, 200)
        one, other = (jackknife(folds_of(errors, rng)) for _ in range(2))
        by_model = errors.sum(axis=0)
        models = intervals.mean_t(by_model[:, GAIN] / by_model[:, MISFIT])
        ends = (one[1:], np.mean([one[1:], other[1:]], axis=0), models.ends)
        held += [low <= due <= high for low, high in ends]
    assert 0.93 <= held[0] / trials <= 0.97 and 0.93 <= held[1] / trials <= 0.975
    assert held[2] / trials < 0.5


def test_one_value_has_no_interval():
    with pytest.raises(ValueError, match="two"):
        jackknife(np.ones((1, 5)))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("broken", [0.0, np.nan])
def test_a_jackknife_without_misfit_is_refused(broken):
    groups = np.ones((4, 5))
    groups[:, MISFIT] = broken
    with pytest.raises(ValueError, match="misfit"):
        jackknife(groups)
    groups[:, MISFIT] = [1, 0, 0, 0]  # without the first group there is none
    with pytest.raises(ValueError, match="misfit"):
        jackknife(groups)
