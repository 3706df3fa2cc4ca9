"""Time and memory, ours against other ways: ``make benchmark`` prints the table and writes ``build/benchmark/benchmark.csv``.

The linear heads against scikit-learn's and against one Gram product (`benchmarks.linear_heads`), many targets in one solve,
and Figure 2(a)-(c) against the released procedure. All on one thread; seconds are processor seconds, which other programs on a
busy machine do not stretch as much as those of the wall. The released procedure would take hours: its steps are timed in
PyTorch, at its batch size and on arrays of its sizes, and multiplied by the number of steps that it takes. What could be
argued about is decided in its favour: its features are computed once, its batches are plain index look-ups, and drawing its
data costs nothing.
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from .. import runtime
from ..experiments import figure_2abc
from ..experiments.network_training import Schedule
from ..experiments.protocol import Head
from ..experiments.released import AdamWHead
from ..heads.linear import LeastSquaresHead, RidgeHead
from . import linear_heads
from .linear_heads import median_seconds

COLUMNS = (
    "name",
    "value",
    "meaning",
    "bar",
    "ours_seconds",
    "other_seconds",
    "ours_peak_mb",
    "other_peak_mb",
    "note",
    "machine",
)
SEEDS = range(5)
TASKS, ROWS, BATCH, EPOCHS, PRETRAINING_TASKS = 100, 2000, 32, 1000, 10
PRETRAINING_EPOCHS = 100
HEADS_PER_TASK = 3
"""Heads fitted per task and panel, on both sides: weak model, student, ceiling."""


def main() -> None:
    """Measure everything, print the table and write it; with ``--record`` as the copy that is shipped too."""
    parser = argparse.ArgumentParser(prog="w2s_utils.benchmarks", description=main.__doc__)
    parser.add_argument("--record", action="store_true", help="write data/reference/benchmark.csv too")
    record = parser.parse_args().record
    import torch

    torch.set_num_threads(1)
    with threadpool_limits(limits=1):
        rows = [*linear_heads.rows(), heads_row(), figure_row()]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).assign(machine=f"{os.cpu_count()} cores, one used")
    places = [runtime.repository() / "build" / "benchmark" / "benchmark.csv"]
    if record:
        places.append(runtime.repository() / "data" / "reference" / "benchmark.csv")
    print(
        table[["name", "value", "meaning", "bar", "ours_peak_mb", "other_peak_mb"]].to_string(
            index=False, na_rep=""
        )
    )
    for place in places:
        with runtime.atomic_file(place) as file:
            table.to_csv(file, index=False, float_format="%.4g")
        print(f"written to {runtime.shown(place)}")


def figure_row() -> dict[str, Any]:
    """Figure 2(a)-(c) for five seeds, with pre-training, at the paper's sizes."""
    head = RidgeHead(1e-4)
    start = time.process_time()
    begun = figure_2abc.start(SEEDS, PRETRAINING_TASKS, ROWS)
    kept, _ = figure_2abc.pretrained_worlds(begun, Schedule((PRETRAINING_EPOCHS,)))
    worlds = kept[PRETRAINING_EPOCHS]
    pretraining = time.process_time() - start
    errors = {
        (world.seed, panel): _panel(world, panel, head, points_per_task=True)
        for world in worlds
        for panel in figure_2abc.PANELS
    }
    ours = time.process_time() - start
    steps = EPOCHS * PRETRAINING_TASKS * -(-ROWS // BATCH)
    head_steps = EPOCHS * -(-ROWS // BATCH) * TASKS * len(figure_2abc.PANELS) * HEADS_PER_TASK
    strong, weak = (
        _pretraining_step(blocks) for blocks in (figure_2abc.STRONG_BLOCKS, figure_2abc.WEAK_BLOCKS)
    )
    fitting = _head_step()
    released = steps * (strong + weak) + head_steps * fitting
    return {
        "name": "figure_2abc",
        "value": len(worlds) * released / ours,
        "meaning": "released procedure, extrapolated / ours",
        "bar": "",
        "ours_seconds": ours,
        "other_seconds": len(worlds) * released,
        "note": (
            f"{len(worlds)} seeds; per seed: ours {ours / len(worlds):.2f} s (pre-training "
            f"{pretraining / len(worlds):.2f}), released {released:.0f} s, extrapolated from {1e3 * strong:.3f} and "
            f"{1e3 * weak:.3f} ms per pre-training step ({steps} each) and {1e3 * fitting:.3f} ms per head step "
            f"({head_steps}); corr(gain, misfit), least over seeds, ours: {_correlations(errors)}; "
            f"seed 0 with heads trained as released: {_correlations(_released_errors(worlds[0]))}"
        ),
    }


def heads_row() -> dict[str, Any]:
    """100 targets on 2000 x 16 features in one solve, against one solve per target."""
    generator = runtime.seed_stream(0, "benchmark", "heads")
    features, targets = generator.normal(size=(ROWS, 16)), generator.normal(size=(ROWS, TASKS))

    def one_by_one() -> None:
        for target in targets.T:
            LeastSquaresHead().fit(features, target)

    ours = median_seconds(lambda: LeastSquaresHead().fit(features, targets))
    other = median_seconds(one_by_one)
    return {
        "name": "heads_100_targets_2000x16",
        "value": other / ours,
        "meaning": "one solve per target / one for all",
        "bar": "",
        "ours_seconds": ours,
        "other_seconds": other,
        "note": "LeastSquaresHead both times",
    }


def _released_errors(world: figure_2abc.World) -> dict[tuple[int, str], pd.DataFrame]:
    """The panels of one seed with heads trained as released, all tasks side by side on shared points."""
    head = AdamWHead(epochs=EPOCHS, batch_rows=BATCH)
    return {
        (world.seed, panel): _panel(world, panel, head, points_per_task=False) for panel in figure_2abc.PANELS
    }


def _panel(world: figure_2abc.World, panel: str, head: Head, points_per_task: bool) -> pd.DataFrame:
    outcomes = figure_2abc.panel_outcomes(world, panel, ROWS, ROWS, head, head, TASKS, points_per_task)
    return pd.DataFrame(figure_2abc.panel_rows(outcomes))


def _correlations(errors: dict[tuple[int, str], pd.DataFrame]) -> str:
    least = {
        panel: min(e["gain"].corr(e["misfit"]) for (_, name), e in errors.items() if name == panel)
        for panel in figure_2abc.PANELS
    }
    return ", ".join(f"({panel}) {value:.4f}" for panel, value in least.items())


def _pretraining_step(blocks: int) -> float:
    """Seconds of one PyTorch step on a representation of ``blocks`` blocks below one frozen head."""
    import torch

    torch.manual_seed(0)
    fans = [8] + [16] * (blocks - 1)
    layers = [part for fan in fans for part in (torch.nn.Linear(fan, 16), torch.nn.ReLU())]
    head = torch.nn.Linear(16, 1).requires_grad_(False)
    return _torch_step(torch.nn.Sequential(*layers, head), list(torch.nn.Sequential(*layers).parameters()), 8)


def _head_step() -> float:
    """Seconds of one PyTorch step on one linear head with 16 features."""
    import torch

    torch.manual_seed(0)
    head = torch.nn.Linear(16, 1)
    return _torch_step(head, list(head.parameters()), 16)


def _torch_step(model: Any, trained: list[Any], width: int) -> float:
    import torch

    points, goals = torch.randn(ROWS, width), torch.randn(ROWS, 1)
    optimizer, loss_of = torch.optim.AdamW(trained, lr=1e-3), torch.nn.MSELoss()

    def epoch() -> None:
        order = torch.randperm(ROWS)
        for rows in order.split(BATCH):
            loss = loss_of(model(points[rows]), goals[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return median_seconds(epoch) / -(-ROWS // BATCH)
