"""Students on soft labels: the arc by hand and by brute force, the law of the errors, and the flow against rows."""

import numpy as np
import pytest

from w2s_utils.theory.soft_labels import (
    best_cosine,
    descended,
    largest_error_cosine,
    population_cosines,
    share_with_gain,
    with_cosine,
)

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("student", "teacher"), [(0.8, 0.3), (0.3, 0.8), (0.9, 0.1), (0.5, 0.5)])
@pytest.mark.parametrize("r", [-0.9, -0.2, 0.02, 0.1, 0.5])
def test_the_best_of_the_arc_by_brute_force(student, teacher, r):
    one = np.array([student, np.sqrt(1 - student**2), 0])
    other = np.array([teacher, *np.sqrt(1 - teacher**2) * np.array([r, np.sqrt(1 - r**2)])])
    parts = np.linspace(0, 1, 200_001)[:, None]
    arc = (1 - parts) * one + parts * other
    cosines = arc[:, 0] / np.linalg.norm(arc, axis=1)
    assert best_cosine(student, teacher, r) == pytest.approx(cosines.max(), abs=1e-9)
    gains = cosines.max() > max(student, teacher) + 1e-12
    assert gains == (r < largest_error_cosine(student, teacher))


def test_the_law_by_hand_and_by_draws():
    assert share_with_gain(0.5, 0.5, 7) == 1  # r < 1 always
    bound = largest_error_cosine(0.8, 0.3)
    assert share_with_gain(0.8, 0.3, 4) == pytest.approx((1 + bound) / 2)  # Beta(1, 1) is uniform
    errors = [with_cosine(cosine, 20_000, 20, RNG)[:, 1:] for cosine in (0.8, 0.3)]
    r = np.sum(errors[0] * errors[1], axis=1) / np.sqrt((1 - 0.64) * (1 - 0.09))
    assert np.mean(r < bound) == pytest.approx(share_with_gain(0.8, 0.3, 20), abs=0.01)


def test_the_way_of_many_rows_is_that_of_endless_ones():
    student, teacher = 2 * with_cosine(0.7, 1, 4, RNG), 1.5 * with_cosine(0.4, 1, 4, RNG)
    rates = np.full(300, 0.1)
    rows = RNG.normal(size=(200_000, 4))
    drawn = descended(rows, student[0], teacher[0], rates)
    exact = population_cosines(student, teacher, np.append(0, rates.cumsum()))[:, 0]
    np.testing.assert_allclose(drawn, exact, atol=5e-3)
    assert exact[0] == pytest.approx(0.7) and exact[-1] == pytest.approx(0.4, abs=0.02)
    r = (student @ teacher.T)[0, 0] / 3 - 0.28
    assert exact.max() == pytest.approx(
        float(best_cosine(0.7, 0.4, r / np.sqrt((1 - 0.49) * (1 - 0.16)))), abs=1e-3
    )
