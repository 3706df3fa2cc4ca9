"""Piles of rows: kept or summed, in whatever blocks they come, they give the same heads, errors and spreads."""

import pickle

import numpy as np
import pytest

from w2s_utils.heads.linear import LeastSquaresHead, NormBallHead, RidgeHead
from w2s_utils.heads.piles import NARROW, Pile, Training, spread, sum_of_squares

PENALTIES = (1e-4, 1e-1, 10.0)


def rows(count=900, width=6, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, width)) * np.geomspace(1, 1e3, width) + 50 * rng.normal(size=width)


def pile_of(table, kept, size=10**6):
    pile = Pile(kept)
    for start in range(0, len(table), size):
        pile.take(table[start : start + size])
    return pile.finished()


def cut(table, kept, ends=(300, 420)):
    return [pile_of(part, kept, 70) for part in np.split(table, ends)]


@pytest.mark.parametrize("kept", [True, False])
def test_a_pile_holds_rows_or_their_sums(kept):
    pile = pile_of(rows(), kept, 100)
    assert (pile.sums is None) == kept and bool(pile.blocks) == kept
    assert not Pile(kept)


@pytest.mark.parametrize("kept", [True, False])
def test_spread_is_that_of_all_rows(kept):
    table = rows()
    mean, deviation = spread(cut(table, kept), 5)
    np.testing.assert_allclose(mean, table[:, :5].mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(deviation, table[:, :5].std(axis=0), rtol=1e-12)


@pytest.mark.parametrize("kept", [True, False])
def test_a_constant_column_has_no_spread_at_all(kept):
    table = rows()
    table[:, 2] = 0.1
    table[:300, 3] = 1e9 / 3
    assert spread(cut(table, kept), 6)[1][2] == 0.0
    assert spread(cut(table, kept)[:1], 6)[1][3] == 0.0
    assert spread(cut(table, kept), 6)[1][3] > 0


@pytest.mark.parametrize("kept", [True, False])
def test_squares_are_those_of_the_rows(kept):
    table, rng = rows(), np.random.default_rng(1)
    about, maps, offsets = table.mean(axis=0)[:5], rng.normal(size=(5, 3)), rng.normal(size=3)
    expected = (((table[:, :5] - about) @ maps + offsets) ** 2).sum(axis=0)
    np.testing.assert_allclose(sum_of_squares(cut(table, kept), about, maps, offsets), expected, rtol=1e-12)


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize(("count", "width"), [(900, 6), (150, 400), (700, NARROW + 50)])
def test_a_path_is_that_of_ridge_heads(kept, count, width):
    table = np.hstack([rows(count, width), rows(count, 3, 1)])
    about, scale = table.mean(axis=0), 1 / table.std(axis=0)[:width]
    maps, offsets = np.zeros((width + 3, 2)), np.array([1.0, -2.0])
    maps[[width, width + 2], [0, 1]] = 1.0
    training = Training(cut(table, kept, (50, 90)), about, slice(0, width), scale, maps, offsets)
    features, labels = (table - about)[:, :width] * scale, (table - about) @ maps + offsets
    found, intercepts = training.ridge_path(PENALTIES)
    np.testing.assert_allclose(training.label_mean, labels.mean(axis=0), rtol=1e-10)
    for penalty, coefficients, intercept in zip(PENALTIES, found, intercepts, strict=True):
        head = RidgeHead(penalty).fit(features, labels)
        made = features @ coefficients + intercept
        np.testing.assert_allclose(made, head.predict(features), atol=1e-9 * labels.std())


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("head", [LeastSquaresHead(), NormBallHead(0.5)], ids=["least squares", "norm ball"])
def test_other_heads_are_those_of_the_rows(kept, head):
    table = rows()
    about, scale, maps = table.mean(axis=0), 1 / table.std(axis=0)[:4], np.eye(6)[:, 5:]
    fitted = Training(cut(table, kept), about, slice(0, 4), scale, maps, np.zeros(1)).fitted(head)
    expected = type(head)(**head.get_params()).fit((table - about)[:, :4] * scale, (table - about) @ maps)
    np.testing.assert_allclose(fitted.coef_, expected.coef_, rtol=1e-8)


@pytest.mark.parametrize("width", [10, NARROW + 20])
def test_features_that_do_not_vary_have_no_coefficient(width):
    table = np.ones((600, width + 1))
    table[:, -1] = np.arange(600)
    maps = np.eye(width + 1)[:, -1:]
    for kept in (True, False):
        training = Training(
            [pile_of(table, kept)], table.mean(axis=0), slice(0, width), np.zeros(width), maps, np.zeros(1)
        )
        assert not training.ridge_path(PENALTIES)[0].any()


@pytest.mark.parametrize("kept", [True, False])
def test_piles_add_and_travel(kept):
    table = rows()
    one, other = (Pile(kept) for _ in range(2))
    one.take(table[:400])
    other.take(table[400:])
    both = (pickle.loads(pickle.dumps(one)) + other + Pile(kept)).finished()
    np.testing.assert_allclose(spread([both], 6), spread([pile_of(table, kept)], 6), rtol=1e-12)
