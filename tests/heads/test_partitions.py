"""Heads, triples and certificates over partitions: those of all rows in memory, also when a worker dies midway."""

import os
import signal
import time

import numpy as np
import pytest
from sklearn.base import clone

from w2s_utils import runtime
from w2s_utils.heads.linear import ConvexHullHead, LeastSquaresHead, NormBallHead, RidgeHead, row_sums
from w2s_utils.theory import certificate

da = pytest.importorskip("dask.array", reason="Dask is the optional extra `distributed`")
dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed", reason="Dask is the optional extra `distributed`")

from w2s_utils.heads import partitions  # noqa: E402

HEADS = (LeastSquaresHead(), RidgeHead(0.1), NormBallHead(0.5))


@pytest.fixture(scope="module")
def client():
    """Two worker processes on this machine: what is a scheduler's address elsewhere."""
    with (
        dask.config.set({"distributed.worker.daemon": True}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def problem(rows=3000, width=6, tasks=None):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, width)) + 10 * rng.normal(size=width)
    shape = (width,) if tasks is None else (width, tasks)
    y = (x - x.mean(axis=0)) @ rng.normal(size=shape)
    return x.astype(np.float32), y + rng.normal(size=y.shape)


@pytest.mark.parametrize("tasks", [None, 3])
@pytest.mark.parametrize("head", HEADS, ids=lambda head: type(head).__name__)
def test_a_head_over_dask_arrays_is_the_head_of_all_rows(head, tasks):
    x, y = problem(tasks=tasks)
    # Columns are split too, and the targets are cut elsewhere: both are put right.
    features, targets = da.from_array(x, chunks=(700, 4)), da.from_array(y, chunks=450)
    fitted = partitions.fit_partitions(clone(head), features, targets)
    whole = clone(head).fit(x, y)
    np.testing.assert_allclose(fitted.coef_, whole.coef_, rtol=1e-8)
    assert np.shape(fitted.intercept_) == np.shape(whole.intercept_)
    made = partitions.predictions(fitted, features)
    assert made.shape == y.shape
    np.testing.assert_allclose(made.compute(), whole.predict(x), rtol=1e-8)


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
def test_delayed_partitions_and_arrays(parts):
    x, y = problem()
    cuts = np.array_split(np.arange(len(x)), parts)
    fitted = partitions.fit_partitions(
        RidgeHead(0.1), [dask.delayed(x[rows]) for rows in cuts], [y[rows] for rows in cuts]
    )
    np.testing.assert_allclose(fitted.coef_, RidgeHead(0.1).fit(x, y).coef_, rtol=1e-8)


def test_rows_of_unknown_number():
    x, y = problem()
    features, targets = da.from_array(x, chunks=1000), da.from_array(y, chunks=1000)
    bound = np.sort(y[:1000])[-1]  # leaves no row of the first partition
    keep = targets > bound
    fitted = partitions.fit_partitions(LeastSquaresHead(), features[keep], targets[keep])
    np.testing.assert_allclose(
        fitted.coef_, LeastSquaresHead().fit(x[y > bound], y[y > bound]).coef_, rtol=1e-8
    )
    made = partitions.predictions(
        fitted, features[keep]
    ).compute()  # also of the partition that has no row left
    np.testing.assert_allclose(made, fitted.predict(x[y > bound]))
    with pytest.raises(ValueError, match="no partition has a row"):
        partitions.fit_partitions(LeastSquaresHead(), features[targets > np.inf], targets[targets > np.inf])
    with pytest.raises(ValueError, match="compute_chunk_sizes"):
        partitions.partition_error_sums(targets[keep], targets[keep], [], [])


def test_the_certificate_of_all_rows():
    x, y = problem(tasks=2)
    rng = np.random.default_rng(1)
    weak, student = y + rng.normal(size=y.shape), y + 0.5 * rng.normal(size=y.shape)
    arrays = [da.from_array(table, chunks=(800, 1)) for table in (y, weak, student)]
    rows = rng.permutation(len(y))[:60]  # in any order, across all partitions
    sums = partitions.partition_error_sums(arrays[1][:, 0], arrays[2][:, 0], y[rows, 0], rows)
    whole = certificate.certify_gain(weak[:, 0], student[:, 0], y[rows, 0], rows)
    found = certificate.certificate_of(sums)
    for name in ("gain", "low", "high", "lower_bound", "misfit", "rows", "labels"):
        assert getattr(found, name) == pytest.approx(getattr(whole, name), rel=1e-10)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda x, y: partitions.fit_partitions(RidgeHead(), x, y[:-1]), ValueError, "same rows.*3000.*2999"),
        (
            lambda x, y: partitions.fit_partitions(RidgeHead(), x.compute(), y),
            TypeError,
            "not a ndarray.*head.fit",
        ),
        (lambda x, y: partitions.fit_partitions(ConvexHullHead(), x, y), TypeError, "ConvexHullHead cannot"),
        (lambda x, y: partitions.fit_partitions(RidgeHead(), [], []), ValueError, "at least one"),
        (lambda x, y: partitions.fit_partitions(RidgeHead(), [x, x], [y]), ValueError, "'features': 2"),
        (lambda x, y: partitions.fit_partitions(RidgeHead(), x, y * np.nan), ValueError, "NaN"),
        (lambda x, y: partitions.partition_error_sums(y, y, [1.0], [3000]), ValueError, "0 to 2999"),
        (lambda x, y: partitions.partition_error_sums(y, y, [1.0], [0.0]), TypeError, "row numbers"),
        (lambda x, y: partitions.partition_error_sums(y, y, [1.0, 2.0], [5, 5]), ValueError, "twice"),
        (lambda x, y: partitions.partition_error_sums(y, y[:10], [], []), ValueError, "same rows"),
        (
            lambda x, y: partitions.partition_error_sums([y], [y], [1.0], [0]),
            TypeError,
            "weak is a Dask array, not a list; .*concatenate",
        ),
        (
            lambda x, y: partitions.partition_error_sums(y, y.compute(), [1.0], [0]),
            TypeError,
            "student is a Dask array, not a ndarray; .*error_sums",
        ),
    ],
)
def test_bad_input(call, error, message):
    x, y = (da.from_array(table, chunks=1000) for table in problem())
    with pytest.raises(error, match=message):
        call(x, y)


def test_a_worker_that_is_killed_midway_changes_nothing(client, tmp_path):
    x, y = problem(rows=4000, tasks=2)
    cuts = np.array_split(np.arange(len(x)), 8)

    def partition(number, deadly):
        time.sleep(0.05)
        mark = tmp_path / "killed"
        if deadly and number == 5 and not mark.exists():
            mark.write_text(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        return x[cuts[number]]

    def fitted(deadly):
        parts = [dask.delayed(partition)(number, deadly) for number in range(8)]
        return partitions.fit_partitions(RidgeHead(0.1), parts, [y[rows] for rows in cuts])

    before = fitted(deadly=False)
    after = fitted(deadly=True)
    assert (tmp_path / "killed").exists()
    np.testing.assert_array_equal(after.coef_, before.coef_)
    np.testing.assert_array_equal(after.intercept_, before.intercept_)
    assert after.sums_.rows == 4000
    np.testing.assert_allclose(before.coef_, RidgeHead(0.1).fit(x, y).coef_, rtol=1e-8)


def test_sweeps_run_on_the_cluster_through_joblib(client):
    joblib = pytest.importorskip("joblib")

    def job(number):
        return number, os.getpid()

    client.wait_for_workers(2, timeout=60)  # a cluster of one worker would leave the jobs to this process
    with joblib.parallel_config("dask"):
        found = runtime.parallel(joblib.delayed(job)(number) for number in range(20))
    assert [number for number, _ in found] == list(range(20))
    assert {process for _, process in found} <= set(client.run(os.getpid).values())


def test_sums_travel_and_add_in_any_grouping(client):
    x, y = problem()
    first, second, third = client.gather(client.map(row_sums, np.split(x, 3), np.split(y, 3)))
    one, other = (first + second) + third, first + (second + third)
    np.testing.assert_allclose(one.gram, other.gram, rtol=1e-12)
    np.testing.assert_allclose(RidgeHead().fit_sums(one).coef_, RidgeHead().fit_sums(other).coef_, rtol=1e-10)


def test_what_has_no_chunks_is_named_with_the_remedy():
    x, y = problem(rows=60)
    head = RidgeHead().fit(x, y)
    with pytest.raises(TypeError, match=r"features is a Dask array, not a ndarray; .*head\.predict"):
        partitions.predictions(head, x)
    with pytest.raises(TypeError, match="not a list; of a list of partitions it is dask.array.concatenate"):
        partitions.predictions(head, [x])
    frames = pytest.importorskip("dask.dataframe")
    pandas = pytest.importorskip("pandas")
    frame = frames.from_pandas(pandas.DataFrame(x), npartitions=2)
    remedy = r"to_dask_array\(lengths=True\)"
    for call in (
        lambda: partitions.predictions(head, frame),
        lambda: partitions.fit_partitions(RidgeHead(), frame, frame[0]),
        lambda: partitions.partition_error_sums(frame[0], frame[1], [1.0], [0]),
    ):
        with pytest.raises(TypeError, match=remedy):
            call()
    fitted = partitions.fit_partitions(
        RidgeHead(), frame.to_dask_array(lengths=True), frame[0].to_dask_array(lengths=True)
    )
    np.testing.assert_allclose(fitted.coef_, RidgeHead().fit(x, x[:, 0]).coef_, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("chunks", [100, 200, 900])
def test_classes_over_partitions_are_those_of_all_rows(chunks):
    """Also where a partition shows one class alone: rows are sorted by their label."""
    rng = np.random.default_rng(0)
    truth = np.sort((rng.uniform(size=900) < 0.5).astype(float))
    weak, student = (np.where(rng.uniform(size=900) < part, 1 - truth, truth) for part in (0.3, 0.2))
    rows = np.arange(0, 900, 9)
    sums = partitions.partition_error_sums(
        da.from_array(weak, chunks=chunks), da.from_array(student, chunks=chunks), truth[rows], rows
    )
    found, whole = (
        certificate.certificate_of(sums),
        certificate.certify_gain(weak, student, truth[rows], rows),
    )
    assert found.kind == whole.kind == certificate.CLASSES
    for name in ("gain", "low", "high", "carrying", "labels"):
        assert getattr(found, name) == pytest.approx(getattr(whole, name), rel=1e-10)
