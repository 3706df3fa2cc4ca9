"""Gain and told share of a world against a simulation; the textbook's interval against a regression by another library."""

import numpy as np
import pytest
from scipy import stats

from w2s_utils import runtime
from w2s_utils.experiments.linear_worlds import (
    BEYOND,
    EXPRESSIBLE,
    judged_intervals,
    linear_world,
    taught,
    terms,
    textbook_interval,
)
from w2s_utils.theory.certificate import error_sums


@pytest.fixture
def world():
    return linear_world(500, runtime.seed_stream(0, "world"))


def test_gain_and_told_share_are_those_of_many_rows(world):
    generator = runtime.seed_stream(1, "rows")
    table = terms(1_000_000, generator)
    y = world.labels(table, generator)
    w, p = table @ world.weak, table @ world.student
    gains, misfits = (w - y) ** 2 - (p - y) ** 2, (w - p) ** 2
    error = gains.std() / np.sqrt(len(gains))
    assert gains.mean() == pytest.approx(world.gain, abs=5 * error)
    assert np.corrcoef(gains, misfits)[0, 1] ** 2 == pytest.approx(world.share_told, abs=0.01)


def test_labels_are_the_truth_and_noise_of_the_given_size(world):
    table = terms(200_000, runtime.seed_stream(5, "rows"))
    off = world.labels(table, runtime.seed_stream(6, "noise")) - table @ world.truth
    error = world.noise / np.sqrt(len(off))
    assert abs(off.mean()) < 5 * error and off.std() == pytest.approx(world.noise, abs=5 * error)


def test_a_student_is_the_expressible_part_of_its_teacher_up_to_sampling(world):
    many = taught(world.weak, 200_000, runtime.seed_stream(2, "many"))
    np.testing.assert_allclose(many[:EXPRESSIBLE], world.weak[:EXPRESSIBLE], atol=0.02)
    assert (many[EXPRESSIBLE:] == 0).all() and len(many) == EXPRESSIBLE + BEYOND


def test_the_textbook_interval_is_that_of_a_regression_line_at_the_mean(world):
    """With very many unlabelled rows the centre is the line's value at the mean misfit, its error that of a fitted mean."""
    generator = runtime.seed_stream(3, "rows")
    table = terms(400_000, generator)
    w, p, y = table @ world.weak, table @ world.student, (table @ world.truth)[:30]
    low, high = textbook_interval(error_sums(w, p, y, np.arange(30)), 0.9)
    gains, misfits = (w[:30] - y) ** 2 - (p[:30] - y) ** 2, (w[:30] - p[:30]) ** 2
    line, at = stats.linregress(misfits, gains), np.mean((w - p) ** 2)
    spread = np.sqrt(np.sum((gains - line.intercept - line.slope * misfits) ** 2) / 28)
    error = spread * np.sqrt(1 / 30 + (at - misfits.mean()) ** 2 / np.sum((misfits - misfits.mean()) ** 2))
    assert (low + high) / 2 == pytest.approx(line.intercept + line.slope * at, rel=1e-9)
    assert (high - low) / 2 == pytest.approx(stats.t.ppf(0.95, 28) * error, rel=0.02)


def test_each_kind_of_interval_is_judged_once(world):
    generator = runtime.seed_stream(4, "rows")
    table = terms(300, generator)
    y = (table @ world.truth)[:40]
    rows = judged_intervals(
        table @ world.weak, table @ world.student, y, world.gain, ["identity", "best weight"], 0.95
    )
    assert [row["kind"] for row in rows] == ["identity", "best weight", "naive", "no row left out"]
    far = judged_intervals(table @ world.weak, table @ world.student, y, world.gain + 1e6, ["identity"], 0.95)
    assert not any(row["holds"] for row in far) and rows[2]["width"] == 1.0
