"""Many dampings from one reduction to a band are what each would give alone."""

import numpy as np
import pytest

from w2s_utils.heads.banded import BAND, damped_solutions


def problem(width, rows, tasks=3):
    rng = np.random.default_rng(width)
    table = rng.normal(size=(rows, width)) * np.geomspace(1, 1e-3, width)
    return table.T @ table, rng.normal(size=(width, tasks))


@pytest.mark.parametrize("width", [1, 2, BAND - 1, BAND, BAND + 1, 2 * BAND, 3 * BAND + 7])
def test_each_damping_solves_its_system(width):
    matrix, load = problem(width, 2 * width + 3)
    dampings = np.array([1e-6, 1e-2, 1.0, 100.0]) * matrix.trace() / width
    found = damped_solutions(matrix.copy(), load, dampings)
    assert found.shape == (4, width, 3)
    for damping, made in zip(dampings, found, strict=True):
        expected = np.linalg.solve(matrix + damping * np.eye(width), load)
        np.testing.assert_allclose(made, expected, rtol=1e-7, atol=1e-10 * abs(expected).max())


def test_a_matrix_of_low_rank_with_dead_columns_is_solved():
    matrix, load = problem(150, 40)
    matrix[:, 70:90] = matrix[70:90] = 0.0
    damping = 1e-3 * matrix.trace() / 150
    [found] = damped_solutions(matrix.copy(), load, [damping])
    np.testing.assert_allclose(
        found, np.linalg.solve(matrix + damping * np.eye(150), load), rtol=1e-8, atol=1e-8 * abs(found).max()
    )
    np.testing.assert_allclose(found[70:90], load[70:90] / damping, rtol=1e-12)


def test_the_load_is_left_as_it_was():
    matrix, load = problem(100, 300)
    before = load.copy()
    damped_solutions(matrix, load, [1.0])
    np.testing.assert_array_equal(load, before)
