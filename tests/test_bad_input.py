"""One table of bad inputs: each raises a named error, and its message says what is wrong or what to do.

Damaged data files are in test_datasets.py, unknown parameters and broken notebooks in test_chain.py.
"""

import math
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from w2s_utils import figures, results, runtime
from w2s_utils.chain.catalogue import declared_claims
from w2s_utils.chain.claims import collect_claims
from w2s_utils.experiments.protocol import OverlappingParts, Parts, run_protocol, triple_rows
from w2s_utils.experiments.resampling import bootstrap_interval
from w2s_utils.heads.linear import ConvexHullHead, LeastSquaresHead, NormBallHead, RidgeHead, ridge_path
from w2s_utils.heads.validated import ValidatedRidge
from w2s_utils.judgement import ClaimError
from w2s_utils.results import Ledger, RowError
from w2s_utils.theory import misfit

X = np.random.default_rng(0).normal(size=(20, 3))
Y = X @ [1.0, 2.0, 3.0]
NAN, INF = math.nan, math.inf
HOLED = np.where(np.arange(20) == 7, NAN, Y)
ENDLESS = np.where(np.arange(20) == 7, INF, Y)
WORDS = np.array(["high", "low"] * 10)
MIXED = np.array([1.5, "low"] * 10, dtype=object)
PARTS = Parts(np.arange(5), np.arange(5, 10), np.arange(10, 15), np.arange(15, 20))


def protocol(weak=X, strong=X, targets=Y, parts=PARTS, head=None):
    head = head or LeastSquaresHead()
    return run_protocol(weak, strong, targets, parts, head, head)


def claim(**changes):
    values = {"claim": "a", "where": "Thm 1", "statistic": "slope", "found": 1.0, "low": 0.9, "high": 1.1}
    Ledger("10_x", ["a"]).claim(**{**values, **changes})


def report(**changes):
    values = {"claim": "a", "where": "Thm 1", "statistic": "slope", "found": 1.0, "low": 0.9, "high": 1.1}
    Ledger("10_x", ["a"]).report(**{**values, "reason": "no theory", **changes})


def claim_twice():
    ledger = Ledger("10_x", ["a"])
    ledger.not_run("a", "Thm 1", "slope", reason="data unreachable")
    ledger.claim("a", "Thm 1", "slope", 1.0, low=0)


def rows_file(content):
    path = runtime.build_folder() / "rows" / "table.csv"
    runtime.make_folder(path.parent)
    path.write_bytes(content)
    results.load_rows("table", keys=["seed"])


def source(content):
    path = runtime.make_folder(runtime.build_folder()) / "10_x.py"
    path.write_text(content)
    return path


def collect_twice():
    first, second = source('Ledger("10_x", ["a"])'), runtime.build_folder() / "11_y.py"
    second.write_text('Ledger("11_y", ["a"])')
    collect_claims([first, second])


def with_file_for_folder(monkeypatch, action):
    blocked = runtime.make_folder(runtime.build_folder().parent) / "a_file"
    blocked.write_text("")
    monkeypatch.setenv("W2S_BUILD", str(blocked))
    action()


def unwritable_rows(monkeypatch):
    with_file_for_folder(monkeypatch, lambda: results.save_rows("table", [{"seed": 1}], keys=["seed"]))


def unwritable_ledger(monkeypatch):
    with_file_for_folder(monkeypatch, lambda: Ledger("10_x", ["a"]))


def unwritable_figure(monkeypatch):
    with_file_for_folder(monkeypatch, lambda: figures.show(plt.figure(), "x", "An empty panel."))


def wrong_workers(monkeypatch):
    monkeypatch.setenv("W2S_WORKERS", "many")
    runtime.workers()


def no_workers(monkeypatch):
    monkeypatch.setenv("W2S_WORKERS", "0")
    runtime.workers()


# name: (what is done, the error, what its message says)
CASES = {
    # the error triple
    "NaN in a prediction": (lambda: misfit.squared_distance(Y, HOLED), ValueError, "b holds NaN.*drop or repair"),
    "infinity in the truth": (lambda: misfit.error_triple(ENDLESS, Y, Y), ValueError, "truth holds NaN or inf"),
    "NaN in the ceiling": (lambda: misfit.error_triple(Y, Y, Y, HOLED), ValueError, "ceiling holds NaN"),
    "text predictions": (lambda: misfit.squared_distance(Y, WORDS), TypeError, "real numbers are needed.*convert"),
    "object predictions": (lambda: misfit.squared_distance(Y, MIXED), TypeError, "object.*convert"),
    "complex predictions": (lambda: misfit.squared_distance(Y, Y + 1j), TypeError, "complex128.*real numbers"),
    "truth values for numbers": (lambda: misfit.squared_distance(Y, Y > 0), TypeError, "bool.*real numbers"),
    "no rows": (lambda: misfit.squared_distance(Y[:0], Y[:0]), ValueError, "at least one row"),
    "a single number": (lambda: misfit.squared_distance(1.0, 2.0), ValueError, r"\(n,\) or \(n, tasks\)"),
    "three axes": (lambda: misfit.cross_terms(*np.zeros((3, 2, 2, 2))), ValueError, r"\(n,\) or \(n, tasks\)"),
    "a column for a row": (lambda: misfit.squared_distance(Y, Y[:, None]), ValueError, "one shape"),
    "one row too few": (lambda: misfit.exact_gap(Y, Y, Y, Y[:-1]), ValueError, "weak_projection.*19"),
    "squares too large": (lambda: misfit.squared_distance(1e200 * Y, Y), ValueError, "larger unit"),
    "negative epsilon": (lambda: misfit.theorem_2_bound(1.0, -1e-9), ValueError, "neither is negative"),
    "negative misfit": (lambda: misfit.theorem_2_bound([-1.0], 1.0), ValueError, "neither is negative"),
    "NaN epsilon": (lambda: misfit.theorem_2_bound(1.0, NAN), ValueError, "epsilon holds NaN"),
    "recovery without ceiling": (lambda: misfit.error_triple(Y, Y, Y).pgr, ValueError, "needs a ceiling: pass"),
    # heads
    "NaN in the features": (
        lambda: LeastSquaresHead().fit(np.where(X > 1, NAN, X), Y), ValueError, "X contains NaN"),
    "infinity in the features": (
        lambda: RidgeHead().fit(np.where(X > 1, INF, X), Y), ValueError, "X contains infinity"),
    "NaN in the targets": (lambda: NormBallHead().fit(X, HOLED), ValueError, "y contains NaN"),
    "infinity in the targets": (lambda: ConvexHullHead().fit(X, ENDLESS), ValueError, "y contains infinity"),
    "text targets": (lambda: LeastSquaresHead().fit(X, WORDS), TypeError, "hold text; convert"),
    "numbers written as text": (lambda: RidgeHead().fit(X, Y.astype(str)), TypeError, "hold text; convert"),
    "object targets": (lambda: ConvexHullHead().fit(X, MIXED), ValueError, "could not convert string"),
    "complex targets": (lambda: LeastSquaresHead().fit(X, Y + 1j), ValueError, "Complex data not supported"),
    "complex features": (lambda: LeastSquaresHead().fit(X + 1j, Y), ValueError, "Complex data not supported"),
    "features in one axis": (lambda: LeastSquaresHead().fit(Y, Y), ValueError, "Reshape your data"),
    "targets in three axes": (lambda: RidgeHead().fit(X, Y.reshape(20, 1, 1)), ValueError, "dim 3"),
    "targets of other rows": (lambda: ConvexHullHead().fit(X, Y[:-1]), ValueError, r"\[20, 19\]"),
    "no rows to fit": (lambda: LeastSquaresHead().fit(X[:0], Y[:0]), ValueError, r"0 sample\(s\).*minimum of 1"),
    "no features to fit": (lambda: ConvexHullHead().fit(X[:, :0], Y), ValueError, r"0 feature\(s\).*minimum of 1"),
    "features too large": (lambda: LeastSquaresHead().fit(1e160 * X, Y), ValueError, "standardise them"),
    "features too small": (lambda: NormBallHead().fit(1e-160 * X, Y), ValueError, "standardise them"),
    "negative penalty": (lambda: RidgeHead(-1.0).fit(X, Y), ValueError, "penalty is a finite number >= 0, not -1"),
    "NaN penalty": (lambda: RidgeHead(NAN).fit(X, Y), ValueError, "penalty is a finite number"),
    "text penalty": (lambda: RidgeHead("small").fit(X, Y), ValueError, "penalty is a finite number.*'small'"),
    "no penalty": (lambda: ridge_path(X, Y, []), ValueError, "at least one penalty"),
    "radius 0": (lambda: NormBallHead(0).fit(X, Y), ValueError, "radius is a finite number > 0, not 0"),
    "negative radius": (lambda: NormBallHead(-1).fit(X, Y), ValueError, "radius is a finite number > 0, not -1"),
    "infinite radius": (lambda: NormBallHead(INF).fit(X, Y), ValueError, "radius is a finite number"),
    "prediction before the fit": (lambda: RidgeHead().predict(X), ValueError, "not fitted yet. Call 'fit'"),
    "prediction from fewer features": (
        lambda: RidgeHead().fit(X, Y).predict(X[:, :2]), ValueError, "2 features, but RidgeHead is expecting 3"),
    "certificate for other tasks": (
        lambda: RidgeHead().fit(X, Y).certificate(X, np.c_[Y, Y]), ValueError, "fitted on 1 tasks.*have 2"),
    # parts and protocol
    "overlapping parts": (
        lambda: Parts([0, 1], [2, 3], [3, 4]), OverlappingParts, "student_train and evaluation share 1 rows"),
    "weak model on the rows it labels": (lambda: Parts([0, 1], [1, 2], [3]), OverlappingParts, "each row to one"),
    "validation that is trained on": (
        lambda: Parts([0], [1], [2], [1], allow_shared=True), OverlappingParts, "student_train and validation"),
    "an empty part": (lambda: Parts([0], [], [2]), ValueError, "part student_train is empty"),
    "a repeated row": (lambda: Parts([0, 0], [1], [2]), ValueError, "weak_train names a row twice"),
    "a negative row": (lambda: Parts([0], [1], [-1]), ValueError, "evaluation.*0-based integers"),
    "row numbers with a point": (lambda: Parts([0.0], [1.0], [2.0]), ValueError, "weak_train.*0-based integers"),
    "a mask for row numbers": (lambda: Parts([True, False], [1], [2]), ValueError, "0-based integers"),
    "a row that is not there": (
        lambda: protocol(parts=Parts([0], [1], [20])), ValueError, "ask for row 20, but there are 20 rows"),
    "a validation row that is not there": (
        lambda: protocol(parts=Parts([0], [1], [2], [99])), ValueError, "ask for row 99"),
    "features of other rows": (lambda: protocol(weak=X[:-1]), ValueError, "19, 20 and 20 rows.*same order"),
    "NaN in the truth of the protocol": (lambda: protocol(targets=HOLED), ValueError, "contains NaN"),
    "text truth in the protocol": (lambda: protocol(targets=WORDS), TypeError, "hold text; convert"),
    "no validation rows": (
        lambda: protocol(parts=Parts([0, 1], [2, 3], [4]), head=ValidatedRidge()), ValueError, "parts have none"),
    "no penalties to choose from": (lambda: protocol(head=ValidatedRidge([])), ValueError, "at least one penalty"),
    # rows
    "no row to save": (lambda: results.save_rows("t", [], keys=["seed"]), RowError, "not one row"),
    "a missing key": (
        lambda: results.save_rows("t", [{"seed": 1}], keys=["seed", "split"]), RowError, "lack the key.*split"),
    "no keys": (lambda: results.save_rows("t", [{"seed": 1}], keys=[]), RowError, "none were named"),
    "a key without value": (
        lambda: results.save_rows("t", [{"seed": 1}, {"split": 2}], keys=["seed"]), RowError, "seed have empty"),
    "a repeated key": (
        lambda: results.save_rows("t", [{"seed": 1, "v": 1}, {"seed": 1, "v": 2}], keys=["seed"]),
        RowError, "two rows have the key"),
    "numbers saved as text": (
        lambda: results.save_rows("t", [{"seed": "01"}], keys=["seed"]), RowError, "make them numbers"),
    "rows that were never saved": (
        lambda: results.load_rows("t", keys=["seed"]), RowError, "run the notebook that writes them"),
    "an empty file of rows": (lambda: rows_file(b""), RowError, "cut off; delete it and run its notebook"),
    "a header alone": (lambda: rows_file(b"seed,value\n"), RowError, "not one row"),
    "rows cut in the middle": (lambda: rows_file(b"seed,value\n1,0.5\n2,0."), RowError, "cut off; delete it"),
    "rows that are not text": (lambda: rows_file(b"seed\n\xff\xfe\x00\n"), RowError, "delete it and run"),
    "rows with too many fields": (
        lambda: rows_file(b"seed,value\n1,2\n1,2,3\n"), RowError, "delete it and run its notebook"),
    "rows without their key": (lambda: rows_file(b"value\n1\n"), RowError, "lack the key columns seed"),
    # claims
    "no claims": (lambda: Ledger("10_x", []), ClaimError, "declares no claim"),
    "a claim declared twice": (lambda: Ledger("10_x", ["a", "a"]), ClaimError, "one twice"),
    "an undeclared claim": (lambda: claim(claim="b"), ClaimError, "b is not among the claims.*: a"),
    "a repeated claim": (claim_twice, ClaimError, "recorded already"),
    "low above high": (lambda: claim(low=2, high=1), ClaimError, "low <= high"),
    "no band": (lambda: claim(low=-INF, high=INF), ClaimError, "at least one finite end"),
    "NaN in a band": (lambda: claim(low=NAN), ClaimError, "low <= high"),
    "a report without reason": (lambda: report(reason=" "), ClaimError, "reason why there is no band"),
    "a report without interval": (lambda: report(low=NAN), ClaimError, "finite value inside a finite interval"),
    "a report of NaN": (lambda: report(found=NAN), ClaimError, "use not_run"),
    "not run without reason": (
        lambda: Ledger("10_x", ["a"]).not_run("a", "", "", reason=""), ClaimError, "say why"),
    "claims left out": (lambda: Ledger("10_x", ["a", "b"]).close(), ClaimError, "never recorded: a, b"),
    "claims that are computed": (
        lambda: declared_claims(source('Ledger("10_x", [c for c in "ab"])')), ClaimError, "literal list"),
    "claims as one text": (
        lambda: declared_claims(source('Ledger("10_x", "ab")')), ClaimError, "literal list"),
    "a notebook without ledger": (lambda: declared_claims(source("x = 1")), ClaimError, "opens no Ledger"),
    "a claim in two notebooks": (collect_twice, ClaimError, "two notebooks: a"),
    "an interval from one row": (
        lambda: bootstrap_interval([1.0], np.mean, 0), ValueError, "at least two rows"),
    "level 1.5": (lambda: bootstrap_interval(Y, np.mean, 0, level=1.5), ValueError, r"in \(0, 1\), not 1.5"),
    "NaN in an interval": (lambda: bootstrap_interval(HOLED, np.mean, 0), ValueError, "drop rows with NaN"),
    "an interval for two numbers": (
        lambda: bootstrap_interval(X, lambda v: v.mean(axis=0), 0), ValueError, "not one finite number"),
    # seeds, settings, folders, figures
    "seed -1": (lambda: runtime.seed_stream(-1, "x"), ValueError, r"from 0 to 2\^32 - 1, not -1"),
    "seed 1.5": (lambda: runtime.seed_stream(1.5, "x"), ValueError, "integer.*not 1.5"),
    "seed True": (lambda: runtime.seed_stream(True, "x"), ValueError, "integer.*not True"),
    "seed of text": (lambda: runtime.seed_stream("7", "x"), ValueError, "integer.*not '7'"),
    "seed 2^32": (lambda: runtime.seed_stream(2**32, "x"), ValueError, "integer from 0 to"),
    "workers in words": (wrong_workers, ValueError, "W2S_WORKERS is a number of processes >= 1, not 'many'"),
    "no workers": (no_workers, ValueError, "W2S_WORKERS is a number of processes >= 1, not '0'"),
    "rows into a build folder that is a file": (unwritable_rows, runtime.UnwritableFolder, "writable, or point W2S_BUILD"),
    "a ledger there": (unwritable_ledger, runtime.UnwritableFolder, "make it writable, or point W2S_BUILD"),
    "a figure there": (unwritable_figure, runtime.UnwritableFolder, "make it writable, or point W2S_BUILD"),
    "a figure without alt text": (lambda: figures.show(plt.figure(), "x", ""), ValueError, "needs an alt text"),
    "a band of negative epsilon": (
        lambda: figures.theorem_2_band(plt.figure().gca(), -1.0, 1.0), ValueError, "neither is negative"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def build(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_BUILD", str(tmp_path / "build"))
    yield tmp_path / "build"
    plt.close("all")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_a_named_error_that_says_what_to_do(name, monkeypatch, tmp_path):
    action, error, message = CASES[name]
    arguments = (monkeypatch,) if action.__code__.co_argcount else ()
    with pytest.raises(error, match=message) as caught:
        action(*arguments)
    assert str(tmp_path) not in str(caught.value)


def test_bad_rows_are_not_written(build):
    for rows in ([], [{"seed": 1}, {"seed": 1}], [{"seed": None}], [{"seed": "1"}]):
        with pytest.raises(RowError):
            results.save_rows("table", rows, keys=["seed"])
    assert not list(Path(build).rglob("*.csv"))


def test_a_value_that_is_not_a_number_fails_its_claim():
    ledger = Ledger("10_x", ["nan", "inf"])
    ledger.claim("nan", "Thm 1", "slope", NAN, low=0)
    ledger.claim("inf", "Thm 1", "slope", INF, low=0)
    assert list(ledger.table()["verdict"]) == ["fail", "fail"]


@pytest.mark.filterwarnings("error")
def test_a_constant_target_works_and_leaves_nothing_to_gain():
    """Not an error: all models say the constant, all errors are 0, and the gap to recover is not a number."""
    for constant in (0.0, 7.3):
        outcome = protocol(targets=np.full(20, constant))
        for row in triple_rows(outcome.triple):
            assert all(abs(value) < 1e-25 for value in row.values())
        assert outcome.student == pytest.approx(np.full(5, constant))
        assert outcome.student_head.certificate(X[PARTS.student_train], np.full(5, constant)) < 1e-14
        assert math.isnan(misfit.ErrorTriple(0.0, 0.0, 0.0, 0.0).pgr)
