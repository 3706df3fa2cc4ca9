"""Sums over rows: what heads make of them is what they make of the rows, however these were cut, ordered or shifted."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import LinearRegression

from w2s_utils.heads import gram
from w2s_utils.heads.linear import (
    ConvexHullHead,
    LeastSquaresHead,
    NormBallHead,
    RidgeHead,
    path_predictions,
    ridge_path,
    row_sums,
)
from w2s_utils.heads.validated import ValidatedRidge

HEADS = (LeastSquaresHead(), RidgeHead(0.1), NormBallHead(0.5))
each_head = pytest.mark.parametrize("head", HEADS, ids=lambda head: type(head).__name__)


def problem(rows=2000, width=5, tasks=None, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, width)) + rng.normal(size=width)
    y = x @ rng.normal(size=(width,) if tasks is None else (width, tasks)) + 2
    return x, y + rng.normal(size=y.shape)


def pieces(x, y, size):
    return ((x[start : start + size], y[start : start + size]) for start in range(0, len(x), size))


def added(head, batches):
    for features, targets in batches:
        head.partial_fit(features, targets)
    return head


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("tasks", [None, 1, 40])
@each_head
def test_chunks_give_the_head_of_all_rows(head, tasks, dtype, fit_intercept):
    x, y = problem(tasks=tasks)
    x, head = x.astype(dtype), clone(head).set_params(fit_intercept=fit_intercept)
    whole = clone(head).fit(x, y)
    for streamed in (added(clone(head), pieces(x, y, 300)), clone(head).fit_batches(pieces(x, y, 77))):
        scale = np.max(np.abs(whole.coef_))
        np.testing.assert_allclose(streamed.coef_, whole.coef_, rtol=1e-8, atol=1e-10 * scale)
        np.testing.assert_allclose(streamed.predict(x), whole.predict(x), rtol=1e-8, atol=1e-9)
        assert streamed.coef_.dtype == np.float64 and np.shape(streamed.intercept_) == np.shape(
            whole.intercept_
        )
        assert np.max(streamed.certificate(x, y)) < 1e-10


def test_the_sums_are_exact_sums():
    """Against rational arithmetic, with means a million times the spread."""
    rng = np.random.default_rng(1)
    x = (1e6 * np.array([1.0, -3.0]) + rng.normal(size=(60, 2))).astype(np.float32)
    y = 1e6 + rng.normal(size=(60, 1))
    table = [[Fraction(float(v)) for v in row] for row in np.hstack([x.astype(float), y])]
    mean = [sum(column) / 60 for column in zip(*table, strict=True)]
    exact = lambda i, j: float(sum((r[i] - mean[i]) * (r[j] - mean[j]) for r in table))  # noqa: E731
    parts = [gram.sums_of(x[rows], y[rows]) for rows in np.array_split(np.arange(60), 13)]
    by_column = gram.sums_of(np.asfortranarray(x), y)
    for found in (
        gram.sums_of(x, y),
        by_column,
        sum(parts[1:], parts[0]),
        gram.added(parts),
        gram.added([by_column]),
    ):
        np.testing.assert_allclose(
            found.gram, [[exact(i, j) for j in (0, 1)] for i in (0, 1)], rtol=1e-9, atol=1e-9
        )
        np.testing.assert_allclose(found.cross[:, 0], [exact(i, 2) for i in (0, 1)], rtol=1e-9, atol=1e-8)
        np.testing.assert_allclose(
            [*found.feature_mean, *found.target_mean], [float(m) for m in mean], rtol=1e-15
        )
    rest = [float(m - Fraction(float(kept))) for m, kept in zip(mean[:2], found.feature_mean, strict=True)]
    np.testing.assert_allclose(found.feature_rest, rest, atol=1e-13)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cuts=st.lists(st.integers(1, 199), max_size=8))
def test_any_cut_in_any_order_gives_the_same_sums(seed, cuts):
    x, y = problem(rows=200, tasks=2, seed=seed)
    parts = [row_sums(x[rows], y[rows]) for rows in np.split(np.arange(200), sorted(set(cuts)))]
    order = np.random.default_rng(seed).permutation(len(parts))
    found = parts[order[0]]
    for place in order[1:]:
        found = found + parts[place]
    whole = row_sums(x, y)
    assert found.rows == 200
    np.testing.assert_allclose(found.gram, whole.gram, rtol=1e-11, atol=1e-11 * np.max(whole.gram))
    np.testing.assert_allclose(found.cross, whole.cross, rtol=1e-11, atol=1e-11 * np.max(np.abs(whole.cross)))
    np.testing.assert_allclose(found.feature_mean, whole.feature_mean, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("size", [1, 100, 5000])
def test_large_means_and_a_first_chunk_unlike_the_rest(size):
    """Exact inputs: integers about 2^30, and a first chunk far away from the others."""
    rng = np.random.default_rng(2)
    base = rng.integers(-1000, 1000, size=(5000, 4)).astype(float)
    y = base @ [1.0, -2.0, 0.5, 3.0] + rng.normal(size=5000)
    shifted = base + 2.0**30
    expected = LinearRegression().fit(base, y).coef_
    found = LeastSquaresHead().fit_batches(pieces(shifted, y, size))
    np.testing.assert_allclose(found.coef_, expected, rtol=1e-8)
    order = np.argsort(base[:, 0])
    found = LeastSquaresHead().fit_batches(pieces(shifted[order], y[order], size))
    np.testing.assert_allclose(found.coef_, expected, rtol=1e-8)


@pytest.mark.parametrize("size", [3, 250])
def test_copies_with_large_means_are_seen_as_copies_over_many_chunks(size):
    rng = np.random.default_rng(3)
    z = rng.normal(size=6000)
    x = np.column_stack([1e8 + z, 3e8 + 3 * z, np.full(6000, 0.1)])
    head = LeastSquaresHead().fit_batches(pieces(x, z + rng.normal(size=6000), size))
    assert np.max(np.abs(head.coef_)) < 2 and head.coef_[2] == 0


def test_whatever_numpy_can_read(tmp_path):
    torch = pytest.importorskip("torch")
    x, y = problem()
    x32 = x.astype(np.float32)
    mapped = np.memmap(tmp_path / "features.bin", dtype=np.float32, mode="w+", shape=x.shape)
    mapped[:] = x32
    whole = RidgeHead(0.1).fit(x32, y).coef_

    class Foreign:
        def __init__(self, values):
            self.values = values

        def __array__(self, dtype=None, copy=None):
            return np.asarray(self.values, dtype=dtype)

    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.tensor(x32), torch.tensor(y)), batch_size=128
    )
    frames = ((pd.DataFrame(a, columns=list("abcde")), pd.Series(b)) for a, b in pieces(x32, y, 500))
    foreign = ((Foreign(a), Foreign(b)) for a, b in pieces(x32, y, 500))
    for batches in (pieces(mapped, y, 512), loader, frames, foreign):
        np.testing.assert_allclose(RidgeHead(0.1).fit_batches(batches).coef_, whole, rtol=1e-8)


def test_fit_starts_anew_partial_fit_adds_and_sums_go_on():
    x, y = problem()
    head = RidgeHead(0.1).partial_fit(x[:500], y[:500])
    np.testing.assert_allclose(head.coef_, RidgeHead(0.1).fit(x[:500], y[:500]).coef_, rtol=1e-8)
    head.partial_fit(x[500:], y[500:])
    np.testing.assert_allclose(head.coef_, RidgeHead(0.1).fit(x, y).coef_, rtol=1e-8)
    np.testing.assert_array_equal(head.fit(x[:9], y[:9]).coef_, RidgeHead(0.1).fit(x[:9], y[:9]).coef_)
    head.partial_fit(x[9:], y[9:])
    np.testing.assert_allclose(head.coef_, RidgeHead(0.1).fit(x, y).coef_, rtol=1e-8)
    few = x[:4].copy()
    wide = RidgeHead(0.1).fit(few, y[:4])
    few[:] = 0  # a buffer that is filled anew does not change what was learned
    np.testing.assert_allclose(
        wide.partial_fit(x[4:], y[4:]).coef_, RidgeHead(0.1).fit(x, y).coef_, rtol=1e-8
    )
    head.fit_sums(row_sums(x[:500], y[:500])).partial_fit(x[500:], y[500:])
    np.testing.assert_allclose(head.coef_, RidgeHead(0.1).fit(x, y).coef_, rtol=1e-8)
    head.fit_batches(pieces(x[:900], y[:900], 90))
    assert head.sums_.rows == 900


def test_one_pass_of_sums_serves_all_heads_and_parameters():
    x, y = problem(tasks=3)
    sums = row_sums(x, y)
    for head in (LeastSquaresHead(False), RidgeHead(1e-3), RidgeHead(10.0), NormBallHead(0.2)):
        np.testing.assert_allclose(clone(head).fit_sums(sums).coef_, clone(head).fit(x, y).coef_, rtol=1e-8)


X, Y = problem(rows=40)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda head: head.partial_fit(X[:, :3], Y), ValueError, "3 features.*5 features"),
        (lambda head: head.partial_fit(X, np.column_stack([Y, Y])), ValueError, "same columns"),
        (lambda head: head.partial_fit(X, Y[:, None]), ValueError, "same columns"),
        (lambda head: head.partial_fit(X, Y[:-1]), ValueError, "inconsistent numbers"),
        (lambda head: head.partial_fit(X * np.nan, Y), ValueError, "NaN"),
        (lambda head: head.partial_fit(X[:0], Y[:0]), ValueError, "0 sample"),
        (lambda head: head.partial_fit(1e200 * X, Y), ValueError, "standardise"),
        (lambda head: head.partial_fit(X, ["a"] * 40), (TypeError, ValueError), "text|convert"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")
def test_bad_rows_leave_the_head_as_it_was(call, error, message):
    head = RidgeHead(0.1).partial_fit(X, Y)
    before = head.coef_.copy()
    with pytest.raises(error, match=message):
        call(head)
    np.testing.assert_array_equal(head.coef_, before)
    assert head.sums_.rows == 40
    head.partial_fit(X, Y)
    np.testing.assert_allclose(head.coef_, before, rtol=1e-9)


@pytest.mark.parametrize(
    "batches, error, message",
    [
        ([], ValueError, "no batch"),
        (X, TypeError, "each batch is a pair.*ndarray"),
        ([(X, Y, Y)], TypeError, "each batch is a pair"),
        ([(X, Y), (X[:, :2], Y)], ValueError, "2 features"),
    ],
)
def test_bad_batches(batches, error, message):
    with pytest.raises(error, match=message):
        RidgeHead().fit_batches(batches)


def test_columns_are_told_apart_by_their_names():
    table = pd.DataFrame(X, columns=list("abcde"))
    turned = table[list("edcba")]
    sums = row_sums(table[:20], Y[:20]) + row_sums(table[20:], Y[20:])
    head = RidgeHead(0.1).fit_sums(sums)
    np.testing.assert_allclose(head.predict(table), RidgeHead(0.1).fit(table, Y).predict(table), rtol=1e-8)
    for call in (
        lambda: sums + row_sums(turned, Y),
        lambda: head.partial_fit(turned, Y),
        lambda: head.predict(turned),
        lambda: RidgeHead().fit_batches([(table, Y), (turned, Y)]),
    ):
        with pytest.raises(ValueError, match="same columns in one order|feature names"):
            call()
    assert (sums + row_sums(X, Y)).names == tuple("abcde")  # arrays have no names to differ by


def test_a_batch_that_fails_leaves_the_head_and_its_columns_as_they_were():
    table = pd.DataFrame(X, columns=list("abcde"))
    head = RidgeHead(0.1).fit(table, Y)
    before = head.predict(table)

    def failing():
        yield table[list("edc")], Y
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError, match="disk"):
        head.fit_batches(failing())
    np.testing.assert_array_equal(head.predict(table), before)


def test_tensors_are_read_whatever_they_carry():
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(X, dtype=torch.float64, requires_grad=True)
    np.testing.assert_allclose(
        RidgeHead(0.1).partial_fit(tensor, Y).coef_, RidgeHead(0.1).fit(X, Y).coef_, rtol=1e-8
    )
    short = torch.tensor(X).to(torch.bfloat16)
    expected = RidgeHead(0.1).fit(short.float().numpy(), Y).coef_
    head = RidgeHead(0.1).partial_fit(short, Y)
    np.testing.assert_allclose(head.coef_, expected, rtol=1e-8)
    np.testing.assert_array_equal(head.predict(short), head.predict(short.float().numpy()))
    np.testing.assert_array_equal(head.predict(tensor), head.predict(X))
    assert head.certificate(short, Y) == head.certificate(short.float().numpy(), Y)
    paths = ridge_path(short, Y, [0.1, 1.0])
    np.testing.assert_array_equal(
        path_predictions(paths, short), path_predictions(paths, short.float().numpy())
    )
    np.testing.assert_array_equal(
        ConvexHullHead().fit(short, tensor[:, 0]).coef_,
        ConvexHullHead().fit(short.float().numpy(), X[:, 0]).coef_,
    )
    chosen = ValidatedRidge().choose(short, tensor[:, 0], tensor, short[:, 0])
    assert np.isfinite(chosen.predict(short)).all()


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: RidgeHead().partial_fit(np.ma.masked_greater(X, 1), Y), ValueError, "features have masked"),
        (lambda: RidgeHead().fit(X, np.ma.masked_greater(Y, 0)), ValueError, "targets have masked"),
        (lambda: RidgeHead().fit(X, np.arange(40).astype("datetime64[D]")), TypeError, "hold dates"),
        (lambda: RidgeHead().fit_sums(None), TypeError, "what row_sums returns"),
        (lambda: row_sums(X, Y) + 0, TypeError, "unsupported operand"),
    ],
)
def test_what_is_no_table_of_numbers(call, error, message):
    with pytest.raises(error, match=message):
        call()


SCALES = [1.0, 1e-4, 1e-7, 1e-8, 1e-10, 1e-12]


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("scale", [*SCALES, *(1 / scale for scale in SCALES)])
def test_a_column_in_other_units_is_not_lost(scale, centred):
    """From rows and from sums: a change of unit changes the coefficient and nothing else where nothing binds."""
    rng = np.random.default_rng(42)
    x, z, noise = rng.normal(size=(3, 300))
    y = 2 * x + z + 0.1 * noise
    features = np.column_stack([x * scale, z])
    expected = LeastSquaresHead(centred).fit(np.column_stack([x, z]), y).coef_
    for head in (LeastSquaresHead(centred), RidgeHead(0.0, centred), NormBallHead(1e30, centred)):
        for fitted in (clone(head).fit(features, y), clone(head).partial_fit(features, y)):
            np.testing.assert_allclose(fitted.coef_ * [scale, 1], expected, rtol=1e-9)
    copied = np.column_stack([features, features])
    loss = 1e-9 + 1e-15 * max(scale, 1 / scale)  # what long columns round to is not told from short ones
    for head in (RidgeHead(0.0, centred), NormBallHead(1e30, centred)):
        for fitted in (clone(head).fit(copied, y), clone(head).partial_fit(copied, y)):
            halves = fitted.coef_ * [scale, 1, scale, 1]
            np.testing.assert_allclose(halves, np.tile(expected, 2) / 2, rtol=loss)


def test_uneven_columns_bind_and_shrink_from_sums_as_from_rows():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 6)) + rng.normal(size=(400, 1)) + 2
    y = x @ np.full(6, 2.0) + 0.1 * rng.normal(size=400)
    uneven = x * 10.0 ** np.array([0, -3, -5, -7, -2, -9])
    free = np.linalg.norm(LeastSquaresHead().fit(uneven, y).coef_)
    heads = [RidgeHead(penalty) for penalty in (1e-15, 1e-10, 1e-6, 1.0)]
    heads += [NormBallHead(part * free) for part in (1e-9, 1e-5, 1e-2, 0.5)]
    for head in heads:
        rows, sums = clone(head).fit(uneven, y), clone(head).partial_fit(uneven, y)
        np.testing.assert_allclose(rows.predict(uneven), sums.predict(uneven), rtol=1e-6)


def test_a_column_of_rounding_alone_does_not_hide_the_others():
    """0.1 + 0.2 in one row and 0.3 in another: constant but for the last digit, and far shorter than all other columns."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    y = x @ [1.0, 2.0, 3.0]
    almost = np.where(rng.uniform(size=200) < 0.5, 0.1 + 0.2, 0.3)
    table = np.column_stack([x, almost])
    for head in (RidgeHead(0.0), NormBallHead(1e3), LeastSquaresHead()):
        for fitted in (clone(head).fit(table, y), clone(head).partial_fit(table, y)):
            np.testing.assert_allclose(fitted.coef_, [1, 2, 3, 0], rtol=1e-6, atol=1e-9)
