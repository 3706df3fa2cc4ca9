"""The synthetic experiment: a world is its seed alone, panels are what they say, realizable means realizable."""

import numpy as np
import pytest

from w2s_utils import synthetic
from w2s_utils.projection import LeastSquaresHead


@pytest.fixture(scope="module")
def worlds():
    return synthetic.pretrained_worlds([0, 1], epochs=3, early_epochs=2, tasks=2, rows=250)


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first.layers, second.layers, strict=True))


def test_a_world_depends_on_its_seed_alone(worlds):
    (alone,), _ = synthetic.pretrained_worlds([1], epochs=3, early_epochs=2, tasks=2, rows=250)
    for name in ("target", "strong", "weak", "early_weak"):
        assert same(getattr(worlds[0][1], name), getattr(alone, name))
        assert not same(getattr(worlds[0][0], name), getattr(alone, name))


def test_early_weak_is_a_prefix_of_the_weak_training(worlds):
    (prefix,), _ = synthetic.pretrained_worlds([0], epochs=2, early_epochs=2, tasks=2, rows=250)
    assert same(prefix.weak, worlds[0][0].early_weak)
    assert not same(worlds[0][0].weak, worlds[0][0].early_weak)


def test_curves_have_one_row_per_seed_network_and_epoch(worlds):
    keys = {(row["seed"], row["network"], row["epoch"]) for row in worlds[1]}
    assert keys == {(s, n, e) for s in (0, 1) for n in ("strong", "weak") for e in (1, 2, 3)}
    assert len(worlds[1]) == len(keys)


@pytest.mark.parametrize("points_per_task", [True, False])
def test_only_panel_a_is_realizable(worlds, points_per_task):
    head = LeastSquaresHead()
    for panel in (*synthetic.PANELS, synthetic.B_FULL):
        errors = synthetic.panel_errors(worlds[0][0], panel, 60, 40, head, head, 3, points_per_task)
        assert errors.misfit.shape == errors.gain.shape == (3,)
        assert np.all(errors.misfit > 1e-6)
        assert np.all(errors.ceiling < 1e-18) == (panel == "a")


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


def test_bad_names_and_numbers_are_refused(worlds):
    with pytest.raises(ValueError, match="panels are"):
        worlds[0][0].pair("d")
    with pytest.raises(ValueError, match="early stop"):
        synthetic.pretrained_worlds([0], epochs=2, early_epochs=3)
