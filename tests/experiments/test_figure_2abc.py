"""The synthetic experiment: a world is its seed alone, panels are what they say, realizable means realizable."""

import numpy as np
import pytest

from w2s_utils.experiments import figure_2abc
from w2s_utils.experiments.network_training import TASK_AFTER_TASK, Schedule
from w2s_utils.heads.linear import LeastSquaresHead
from w2s_utils.theory import intervals


def trained(seeds, epochs=(2, 3)):
    """Worlds of the last stage, and the losses, of a small pre-training."""
    schedule = Schedule(epochs, TASK_AFTER_TASK, 32)
    kept, losses = figure_2abc.pretrained_worlds(figure_2abc.start(seeds, tasks=2, rows=250), schedule)
    return kept[epochs[-1]], losses


@pytest.fixture(scope="module")
def worlds():
    return trained([0, 1])


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first.layers, second.layers, strict=True))


def test_a_world_depends_on_its_seed_alone(worlds):
    (alone,), _ = trained([1])
    assert same(worlds[0][1].target, alone.target)
    for name in ("target", "strong", "weak"):
        # Batched products of other sizes may add in another order.
        for a, b in zip(getattr(worlds[0][1], name).layers, getattr(alone, name).layers, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)
        assert not same(getattr(worlds[0][0], name), getattr(alone, name))


def test_curves_have_one_row_per_seed_network_and_epoch(worlds):
    keys = {(row["seed"], row["network"], row["epoch"]) for row in worlds[1]}
    assert keys == {(s, n, e) for s in (0, 1) for n in ("strong", "weak") for e in (1, 2, 3)}
    assert len(worlds[1]) == len(keys)


@pytest.mark.parametrize("points_per_task", [True, False])
def test_only_panel_a_is_realizable(worlds, points_per_task):
    head = LeastSquaresHead()
    for panel in figure_2abc.PANELS:
        outcomes = figure_2abc.panel_outcomes(worlds[0][0], panel, 60, 40, head, head, 3, points_per_task)
        rows = figure_2abc.panel_rows(outcomes, panel=panel)
        assert [row["task"] for row in rows] == [0, 1, 2]
        assert all(row["misfit"] > 1e-6 for row in rows)
        assert all(row["ceiling"] < 1e-18 for row in rows) == (panel == "a")
        for row in rows:
            assert row["cross_student"] + row["cross_class"] == pytest.approx(
                row["gain"] - row["misfit"], abs=1e-12
            )


def test_own_rows_are_those_of_the_weak_model(worlds):
    head = LeastSquaresHead()
    arguments = (worlds[0][0], "b", 60, 40, head, head, 2)
    (fresh,) = figure_2abc.panel_outcomes(*arguments, points_per_task=False)
    (own,) = figure_2abc.panel_outcomes(*arguments, points_per_task=False, own_rows=True)
    np.testing.assert_array_equal(own.weak, fresh.weak)
    assert np.abs(own.student - fresh.student).max() > 1e-6


def test_panel_c_perturbs_the_strong_representation_less(worlds):
    world = worlds[0][0]
    weak, strong = world.pair("c")
    sizes = [
        np.std(
            np.concatenate([(a - b).ravel() for a, b in zip(net.layers, world.target.layers, strict=True)])
        )
        for net in (weak, strong)
    ]
    assert sizes == pytest.approx([0.05, 0.01], rel=0.1)


def test_bad_names_are_refused(worlds):
    with pytest.raises(ValueError, match="panels are"):
        worlds[0][0].pair("d")


def test_a_share_of_tasks_that_is_1_in_every_seed_has_an_interval_over_seeds():
    found = figure_2abc.statement("gain > 0", [1.0] * 24 + [0.95])
    assert found == intervals.share(25, 25) and found.low < 1
    assert figure_2abc.statement("gain > 0", [0.94] * 10 + [0.95] * 15) == intervals.share(15, 25)
    values = [0.1, 0.5, 0.2, 0.9, 0.4, 0.3, 0.8]
    assert figure_2abc.statement("correlation", values) == intervals.median(values)
    with pytest.raises(KeyError, match="gain is none of"):
        figure_2abc.statement("gain", values)


@pytest.mark.parametrize("reached", range(26))
def test_half_of_the_seeds_and_the_median_are_one_statement(reached):
    values = [1.0] * reached + [0.9] * (25 - reached)
    share, median = (figure_2abc.statement(what, values) for what in ("gain > 0", "correlation"))
    assert (share.estimate >= 0.5) == (median.estimate >= figure_2abc.BETTER_IN)
    assert (share.high < 0.5) == (median.high < figure_2abc.BETTER_IN)
    assert (share.low >= 0.5) == (median.low >= figure_2abc.BETTER_IN)
