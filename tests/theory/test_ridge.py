"""Ridge on Gaussian features: fits against a plain solver, moments against hand values, a root, and draws."""

import numpy as np
import pytest

from w2s_utils.theory.agreement import z_score
from w2s_utils.theory.ridge import Ridge, drawn_triple, expected_error, expected_triple, fit, known

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("rows", [8, 5, 3])  # more rows than features, as many, fewer
@pytest.mark.parametrize("penalty", [0.3, 0.0])
def test_a_fit_is_least_squares_with_a_row_for_each_penalty(rows, penalty):
    if penalty == 0 and rows == 5:
        return  # a square system: nothing to choose
    features, labels, costs = RNG.normal(size=(rows, 5)), RNG.normal(size=(rows, 2)), RNG.uniform(0.5, 2, 5)
    stretched = features / np.sqrt(costs)
    more = np.vstack([stretched, np.sqrt(rows * penalty) * np.eye(5)])
    expected = np.linalg.lstsq(more, np.vstack([labels, np.zeros((5, 2))]), rcond=None)[0]
    np.testing.assert_allclose(fit(features, labels, costs, penalty), expected / np.sqrt(costs)[:, None])


def test_a_feature_of_infinite_cost_is_not_there():
    costs = np.array([1.0, np.inf, 2.0, np.inf])
    for rows in (10, 3, 2):
        features, labels = RNG.normal(size=(rows, 4)), RNG.normal(size=rows)
        fitted = fit(features, labels, costs, 0.1)
        assert (fitted[[1, 3]] == 0).all()
        np.testing.assert_allclose(
            fitted[[0, 2]], fit(features[:, [0, 2]], labels, costs[[0, 2]], 0.1), atol=1e-12
        )
    short = Ridge(costs[[0, 2]], 20, 0.1)
    assert list(Ridge(costs, 20, 0.1).kept) == pytest.approx([short.kept[0], 0, short.kept[1], 0])


def test_least_squares_and_the_shortest_fit_by_hand():
    """Ten features of one cost: of 40 rows nothing is shrunk, of 4 without a penalty a share of 4 / 10 is kept."""
    many, few = Ridge(np.full(10, 3.0), 40), Ridge(np.full(10, 3.0), 4)
    assert (many.kept == 1).all() and many.freedom == 0.25
    assert few.kept == pytest.approx(np.full(10, 0.4)) and few.freedom == pytest.approx(0.4)
    truth = np.eye(10)[0]
    assert expected_error(truth, many.expect(known(truth), 2.0)) == pytest.approx(4 * 10 / (40 - 10))
    bias, noise = 1 - 0.4, 4 * 4 / (10 - 4)  # |b|^2 (1 - m / p) and sigma^2 m / (p - m)
    assert expected_error(truth, few.expect(known(truth), 2.0)) == pytest.approx(bias + noise)


@pytest.mark.parametrize("rows", [30, 100, 300])
@pytest.mark.parametrize("penalty", [1e-9, 0.1, 50.0])
def test_the_scale_solves_its_equation(rows, penalty):
    costs = np.concatenate([np.arange(1, 100.0) ** 2, [np.inf]])
    found = Ridge(costs, rows, penalty)
    assert found.scale * (1 - found.kept.sum() / rows) == pytest.approx(penalty, rel=1e-7, abs=1e-12)
    assert 0 < found.freedom < 1 and found.scale >= penalty


def test_a_small_penalty_is_no_penalty():
    costs = np.arange(1, 201.0) ** 1.5
    for rows in (50, 300):
        np.testing.assert_allclose(Ridge(costs, rows, 1e-13).kept, Ridge(costs, rows).kept, rtol=1e-6)


@pytest.mark.parametrize(
    ("costs", "rows", "penalty"), [([0.0, 1], 5, 1), ([1, 1], 0, 1), ([1, 1], 5, -1), ([1, 1, np.inf], 2, 0)]
)
def test_what_is_no_learner_is_refused(costs, rows, penalty):
    with pytest.raises(ValueError):
        Ridge(np.array(costs, dtype=float), rows, penalty)


@pytest.mark.parametrize(("rows", "penalty"), [((150, 90), (0.05, 0.4)), ((60, 40), (0.0, 0.0))])
def test_errors_and_misfit_are_those_of_draws(rows, penalty):
    p = 120
    truth = RNG.normal(size=p) / np.arange(1, p + 1)
    costs = np.arange(1, p + 1.0)
    teacher, student = (Ridge(c, m, k) for c, m, k in zip((costs, np.ones(p)), rows, penalty, strict=True))
    drawn = [drawn_triple(truth, teacher, student, RNG, 0.5) for _ in range(200)]
    expected = expected_triple(truth, teacher.expect(known(truth), 0.5), student)
    for name in ("weak_error", "student_error", "misfit"):
        assert abs(z_score([getattr(one, name) for one in drawn], getattr(expected, name))) < 4
    alone = drawn_triple(truth, truth, student, RNG)
    assert alone.weak_error == 0 and alone.student_error == alone.misfit
