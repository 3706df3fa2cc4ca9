"""The shipped networks of Figure 2: whole, those that the code trains, refused when damaged."""

import json
import shutil

import numpy as np
import pytest

from w2s_utils.experiments import figure_2_networks as shipped
from w2s_utils.experiments import figure_2abc
from w2s_utils.experiments.network_training import TASK_AFTER_TASK, Schedule


def test_every_stage_of_every_seed_is_there_and_finite():
    for schedule, plan in shipped.SCHEDULES.items():
        for epochs in plan.epochs:
            worlds = shipped.worlds(epochs=epochs, schedule=schedule)
            assert [world.seed for world in worlds] == list(shipped.SEEDS)
            for world in worlds:
                blocks = [len(getattr(world, name).layers) for name in ("target", "strong", "weak")]
                assert blocks == [
                    figure_2abc.TARGET_BLOCKS,
                    figure_2abc.STRONG_BLOCKS,
                    figure_2abc.WEAK_BLOCKS,
                ]
                assert all(np.isfinite(layer).all() for layer in (*world.strong.layers, *world.weak.layers))


def test_targets_are_those_of_the_seed_to_the_bit():
    start = figure_2abc.start([0, 7], tasks=1, rows=1)
    for world, target in zip(shipped.worlds([0, 7]), start.targets, strict=True):
        for kept, drawn in zip(world.target.layers, target.layers, strict=True):
            np.testing.assert_array_equal(kept, drawn)


def test_losses_fall_and_end_losses_are_there():
    found = {
        (row["schedule"], row["network"], row["seed"], row["epoch"]): row["loss"] for row in shipped.losses()
    }
    for network in shipped.NETWORKS:
        for seed in shipped.SEEDS:
            assert 0 < found["released", network, seed, 1000] < found["released", network, seed, 1]
            assert ("short", network, seed, 100) in found


def test_one_shipped_stage_is_what_the_code_trains():
    """Ten epochs of one weak network, on this processor: nearly the same losses."""
    start = figure_2abc.start([3])
    kept, losses = figure_2abc.pretrain(start.weak, start.problem, Schedule((10,), TASK_AFTER_TASK, 32))
    expected = {
        row["epoch"]: row["loss"]
        for row in shipped.losses()
        if (row["schedule"], row["network"], row["seed"]) == ("released", "weak", 3)
    }
    for epoch in (1, 2, 5, 10):  # the first epochs differ by round-off that has had little time to grow
        assert losses[epoch - 1, 0] == pytest.approx(expected[epoch], rel=0.02)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([25],), "0 to 24"),
        (([0], 20), "were not kept"),
        (([0], 100, "long"), "were not kept"),
        (([0], 10, "short"), "were not kept"),
    ],
)
def test_what_was_not_shipped_is_named(arguments, message):
    with pytest.raises(shipped.NetworksError, match=message):
        shipped.worlds(*arguments)


def test_damage_is_noticed(tmp_path, monkeypatch):
    copy = tmp_path / "figure2"
    shutil.copytree(shipped.folder(), copy)
    monkeypatch.setattr(shipped, "folder", lambda: copy)
    weights = copy / shipped.WEIGHTS
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + b"x")
    with pytest.raises(shipped.NetworksError, match="not the file that was shipped"):
        shipped.worlds([0])
    weights.unlink()
    with pytest.raises(shipped.NetworksError, match="cannot be read"):
        shipped.worlds([0])
    (copy / shipped.PROVENANCE).write_text("{")
    with pytest.raises(shipped.NetworksError, match="provenance"):
        shipped.losses()


def test_networks_can_be_made_again(tmp_path, monkeypatch):
    small = {"released": Schedule((1, 2), TASK_AFTER_TASK, 20), "short": Schedule((1,), batch_rows=20)}
    monkeypatch.setattr(shipped, "SCHEDULES", small)
    start = figure_2abc.start
    monkeypatch.setattr(shipped, "start", lambda seeds: start(seeds, tasks=2, rows=30))
    shipped.make(tmp_path / "made", tmp_path / "state", seeds=(0, 1))
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path / "made")
    [world] = shipped.worlds([1], 2)
    assert len(world.strong.layers) == 8 and len(shipped.losses()) == 2 * 2 * (2 + 1)
    about = json.loads((tmp_path / "made" / shipped.PROVENANCE).read_text())
    assert about["seeds"] == [0, 1] and set(about["files"]) == {shipped.WEIGHTS, shipped.LOSSES}
