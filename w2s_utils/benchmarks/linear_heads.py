"""Linear heads against scikit-learn's and against one Gram product: seconds, memory, growth with the number of rows.

Every measurement has a process of its own (``python -m w2s_utils.benchmarks.linear_heads JOB ...``), on one thread, so that
the largest memory it ever held is its own. Seconds are processor seconds.

*Gram product*: X'X of the same rows by numpy, in double precision and already in memory as such. A head computes in double
precision whatever it is given, so this product is the least that any exact method of normal equations could take; what
the pass over rows adds is checking them, converting them, removing means, and the products with the targets.
Product and pass take turns, chunk by chunk, so that other load on the machine falls on both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .. import runtime
from ..heads.gram import GramSums
from ..heads.linear import LeastSquaresHead, RidgeHead, row_sums

WIDTH = 256
CHUNK_ROWS = 50_000
GROWTH = {10_000: 21, 100_000: 9, 1_000_000: 3, 10_000_000: 1}
"""Rows of one pass, and how often it is repeated: medians are shown."""
FITTED_ROWS = 200_000
"""Rows of the comparison with scikit-learn, whose heads need all of them in memory, several times over."""
LEAST_SPEED, MOST_MEGABYTES, SLOPE = 0.70, 1500.0, (0.95, 1.05)
"""What we ask: Gram seconds over pass seconds, peak memory of the longest pass, slope of log seconds on log rows."""


def rows() -> list[dict[str, Any]]:
    """The rows of the table: passes of growing length, their slope, and whole fits against scikit-learn's."""
    passes = [apart("passes", count, repeats) for count, repeats in GROWTH.items()]
    return [*map(_pass_row, passes), _slope_row(passes), *_fit_rows()]


def apart(job: str, *arguments: str | int) -> dict[str, Any]:
    """What `passes` or `fit` returns in a fresh process on one thread, and its ``peak_mb``, None where not known."""
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-m", __name__, job, *map(str, arguments)],
        env={**os.environ, **threads},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def passes(count: int, repeats: int, width: int = WIDTH) -> dict[str, Any]:
    """One pass over ``count`` generated rows of float32, ``repeats`` times after one that is not counted.

    Returns medians of ``pass_seconds`` (checks, sums, additions), ``gram_seconds`` and ``solve_seconds``.
    """
    _one_pass(min(count, CHUNK_ROWS), width)
    taken = np.median([_one_pass(count, width) for _ in range(repeats)], axis=0)
    return {
        "rows": count,
        "width": width,
        "repeats": repeats,
        **dict(zip(("pass_seconds", "gram_seconds", "solve_seconds"), map(float, taken), strict=True)),
    }


def fit(name: str, count: int, width: int = WIDTH) -> dict[str, Any]:
    """Seconds of ``fit`` of one of our heads or scikit-learn's on ``count`` rows of float64 in memory, one target."""
    from sklearn.linear_model import LinearRegression, Ridge

    head = {
        type(head).__name__: head for head in (LeastSquaresHead(), RidgeHead(), LinearRegression(), Ridge())
    }[name]
    generator = runtime.seed_stream(0, "benchmark", "fits")
    features, target = generator.standard_normal((count, width)), generator.standard_normal(count)
    return {"seconds": median_seconds(lambda: head.fit(features, target))}


def median_seconds(work: Callable[[], Any], least: float = 2.0, at_most: int = 50) -> float:
    """Median processor seconds of one call after a first one that is not counted; repeated for ``least`` seconds in all."""
    work()
    found: list[float] = []
    while sum(found) < least and len(found) < at_most:
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return float(np.median(found))


def _one_pass(count: int, width: int) -> tuple[float, float, float]:
    generator = runtime.seed_stream(0, "benchmark", "passes")
    weights = generator.normal(size=width)
    gram = np.zeros((width, width))
    sums: GramSums | None = None
    passing, multiplying = 0.0, 0.0
    for start in range(0, count, CHUNK_ROWS):
        features = generator.standard_normal((min(CHUNK_ROWS, count - start), width), dtype=np.float32)
        target = features @ weights + generator.standard_normal(len(features))
        begin = time.process_time()
        more = row_sums(features, target)
        sums = more if sums is None else sums + more
        passing += time.process_time() - begin
        double = features.astype(np.float64)
        begin = time.process_time()
        gram += double.T @ double
        multiplying += time.process_time() - begin
    if sums is None:
        raise ValueError(f"a pass is over one row or more, not {count}")
    begin = time.process_time()
    head = LeastSquaresHead().fit_sums(sums)
    solving = time.process_time() - begin
    # A pass that lost rows would be fast. Noise of one per row leaves the weights this near.
    if sums.rows != count or not np.allclose(head.coef_, weights, atol=8 / np.sqrt(count)):
        raise AssertionError(f"{count} rows by {width}: the head is not that of these rows")
    return passing, multiplying, solving


def _pass_row(found: dict[str, Any]) -> dict[str, Any]:
    longest = found["rows"] == max(GROWTH)
    return {
        "name": f"one_pass_{found['rows']}x{found['width']}",
        "value": found["gram_seconds"] / found["pass_seconds"],
        "meaning": "Gram product / our pass",
        "bar": f">= {LEAST_SPEED}; peak < {MOST_MEGABYTES:.0f} MB" if longest else "",
        "ours_seconds": found["pass_seconds"],
        "other_seconds": found["gram_seconds"],
        "ours_peak_mb": found["peak_mb"],
        "note": (
            f"float32 rows in chunks of {min(CHUNK_ROWS, found['rows'])}, median of {found['repeats']}; solving the head "
            f"afterwards {1e3 * found['solve_seconds']:.0f} ms; the peak holds a chunk in double precision for the product"
        ),
    }


def _slope_row(found: list[dict[str, Any]]) -> dict[str, Any]:
    logs = np.log([part["rows"] for part in found])
    slopes = {
        name: float(np.polyfit(logs, np.log([part[f"{name}_seconds"] for part in found]), 1)[0])
        for name in ("pass", "gram")
    }
    return {
        "name": f"growth_{found[0]['rows']}_to_{found[-1]['rows']}_rows",
        "value": slopes["pass"],
        "meaning": "slope of log seconds on log rows",
        "bar": f"{SLOPE[0]} to {SLOPE[1]}",
        "note": f"our pass; the Gram product itself {slopes['gram']:.3f}",
    }


def _fit_rows() -> list[dict[str, Any]]:
    pairs = {
        "least_squares": ("LeastSquaresHead", "LinearRegression"),
        "ridge": ("RidgeHead", "Ridge"),
    }
    table = []
    for name, (ours, other) in pairs.items():
        our, their = apart("fit", ours, FITTED_ROWS), apart("fit", other, FITTED_ROWS)
        table.append(
            {
                "name": f"{name}_fit_{FITTED_ROWS}x{WIDTH}",
                "value": their["seconds"] / our["seconds"],
                "meaning": f"scikit-learn's {other} / ours",
                "bar": "",
                "ours_seconds": our["seconds"],
                "other_seconds": their["seconds"],
                "ours_peak_mb": our["peak_mb"],
                "other_peak_mb": their["peak_mb"],
                "note": "float64 rows in memory, one target; the peaks include the rows themselves",
            }
        )
    return table


def _peak_megabytes() -> float | None:
    """The most memory that this process ever held, where the system says it (Linux)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next((line for line in status.read_text().splitlines() if line.startswith("VmHWM:")), None)
    return int(line.split()[1]) * 1024 / 1e6 if line else None


JOBS: dict[str, Callable[..., dict[str, Any]]] = {"passes": passes, "fit": fit}

if __name__ == "__main__":
    job, *given = sys.argv[1:]
    arguments = [int(one) if one.isdigit() else one for one in given]
    result = JOBS[job](*arguments)
    print(json.dumps({**result, "peak_mb": _peak_megabytes()}))
