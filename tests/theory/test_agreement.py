"""z-scores of cells: by hand, and of a theory that is right and one that is not."""

import numpy as np
import pytest

from w2s_utils.theory.agreement import BAND, FARTHEST, agreement, z_score


def test_a_score_by_hand():
    assert z_score([1, 2, 3], 1.0) == pytest.approx(np.sqrt(3))
    assert agreement([3, -4]) == pytest.approx((np.sqrt(12.5), 4))


def test_a_right_theory_agrees_and_one_that_is_off_by_half_a_deviation_does_not():
    rng = np.random.default_rng(0)
    cells = rng.normal(2.0, size=(50, 100))
    right, wrong = (agreement(z_score(cell, expected) for cell in cells) for expected in (2.0, 2.5))
    assert BAND[0] < right.root_mean_square < BAND[1] and right.largest < FARTHEST
    assert wrong.root_mean_square > BAND[1] and wrong.largest > FARTHEST


@pytest.mark.parametrize("values", [[1.0], [[1.0, 2.0]], [2.0, 2.0], [1.0, np.nan]])
def test_what_has_no_standard_error_is_refused(values):
    with pytest.raises(ValueError):
        z_score(values, 0.0)


def test_no_cell_is_refused():
    with pytest.raises(ValueError, match="no cell"):
        agreement([])
    with pytest.raises(ValueError):
        agreement([np.inf])
