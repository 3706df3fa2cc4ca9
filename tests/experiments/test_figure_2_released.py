"""Figure 2(b) with the released procedure's choices: AdamW in place of solved heads on the same points."""

import numpy as np
import pytest

from w2s_utils.experiments import figure_2_networks
from w2s_utils.experiments.figure_2_released import ADAMW, SWITCHES, switched, with_adamw
from w2s_utils.experiments.figure_2abc import panel_outcomes
from w2s_utils.experiments.released import AdamWHead
from w2s_utils.heads.linear import RidgeHead

ROWS, TASKS = 60, 3


@pytest.fixture(scope="module")
def worlds():
    return figure_2_networks.worlds([0, 1, 2])


def test_without_a_choice_the_errors_are_those_of_the_protocol(worlds):
    head = RidgeHead(1e-4)
    [one] = panel_outcomes(worlds[0], "b", ROWS, 2 * ROWS, head, head, TASKS, points_per_task=False)
    rows = switched(worlds[0], "here", head, ROWS, TASKS)
    weak, student, ceiling = (part[:ROWS] for part in (one.weak, one.student, one.ceiling))
    gain = ((weak - one.truth[:ROWS]) ** 2 - (student - one.truth[:ROWS]) ** 2).mean(axis=0)
    assert [row["gain"] for row in rows] == pytest.approx(gain)
    assert [row["misfit"] for row in rows] == pytest.approx(((student - weak) ** 2).mean(axis=0))
    assert [row["ceiling"] for row in rows] == pytest.approx(((ceiling - one.truth[:ROWS]) ** 2).mean(axis=0))


def test_a_second_sample_changes_the_misfit_alone_and_own_rows_the_student(worlds):
    head = RidgeHead(1e-4)
    here, own, two, both = (switched(worlds[1], setting, head, ROWS, TASKS) for setting in SWITCHES)
    for one, other in ((here, two), (own, both)):
        assert [row["gain"] for row in one] == [row["gain"] for row in other]
        assert all(a["misfit"] != b["misfit"] for a, b in zip(one, other, strict=True))
    assert all(a["gain"] != b["gain"] for a, b in zip(here, own, strict=True))


def test_side_by_side_is_each_seed_alone_with_adamw_heads(worlds):
    together = with_adamw(worlds[:2], ROWS, TASKS, epochs=3)
    assert {row["setting"] for row in together} == {ADAMW}
    alone = [row for world in worlds[:2] for row in switched(world, "both", AdamWHead(3), ROWS, TASKS)]
    for ours, other in zip(together, alone, strict=True):
        assert (ours["seed"], ours["task"]) == (other["seed"], other["task"])
        for name in ("gain", "misfit", "ceiling"):
            assert ours[name] == pytest.approx(other[name], rel=1e-3, abs=1e-4 * np.abs(other["ceiling"]))


def test_without_a_world_there_is_nothing_to_train():
    with pytest.raises(ValueError, match="one world at least"):
        with_adamw([], ROWS, TASKS, epochs=1)
