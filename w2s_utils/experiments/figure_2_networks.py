"""The pre-trained networks of Figure 2(a)-(c) that come with the repository: ``data/representations/figure2/``.

Twenty-five seeds of h*, the strong and the weak representation, both kept at six stages of a training as the released
notebook's (inside an epoch task after task, batches of 32, AdamW at 1e-3, 1000 epochs) and after a short one (100 epochs of
pooled batches of 250). A thousand epochs of single precision carry the last bit of a processor into the second digit of a
correlation; with the weights shipped, every processor judges the same networks.

``python -m w2s_utils.experiments.figure_2_networks`` (`make pretrain MODEL=figure2`) trains them again, in about a quarter
of an hour on one core; killed, it goes on.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from .. import runtime
from .figure_2abc import World, start
from .network_training import POOLED, TASK_AFTER_TASK, Schedule, pretrain
from .networks import BlockNetwork

SEEDS = tuple(range(25))
RELEASED = Schedule((10, 50, 100, 300, 600, 1000), TASK_AFTER_TASK, batch_rows=32)
SHORT = Schedule((100,), POOLED, batch_rows=250)
SCHEDULES = {"released": RELEASED, "short": SHORT}
NETWORKS = ("strong", "weak")
WEIGHTS, LOSSES, PROVENANCE = "weights.safetensors", "losses.csv", "provenance.json"
READS = ("data/representations/figure2/provenance.json",)  # it has the sha256 of the other files
_SHOWN_EPOCHS = sorted({round(10 ** (step / 12)) for step in range(37)} | set(RELEASED.epochs))


class NetworksError(ValueError):
    """The shipped networks are missing, damaged or hold no such training."""


def folder() -> Path:
    """Where the shipped networks stand."""
    return runtime.repository() / "data" / "representations" / "figure2"


def worlds(seeds: Sequence[int] = SEEDS, epochs: int = 1000, schedule: str = "released") -> list[World]:
    """The worlds of ``seeds`` (0 to 24) after ``epochs`` of a schedule: released at 10, 50, 100, 300, 600, 1000; short at 100.

    Raises NetworksError for what was not shipped and for files that are missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if not set(seeds) <= set(SEEDS):
        raise NetworksError(
            f"the shipped seeds are {SEEDS[0]} to {SEEDS[-1]}, not {sorted(set(seeds) - set(SEEDS))}"
        )
    if schedule not in SCHEDULES or epochs not in SCHEDULES[schedule].epochs:
        kept = "; ".join(f"{name}: {', '.join(map(str, one.epochs))}" for name, one in SCHEDULES.items())
        raise NetworksError(f"{epochs} epochs of {schedule!r} were not kept. Kept are {kept}")
    try:
        stored = load(_checked(WEIGHTS))
        found = []
        for seed in seeds:
            kinds = ("target", *(f"{schedule}/{epochs}/{network}" for network in NETWORKS))
            found.append(World(seed, *(_network(stored, kind, seed) for kind in kinds)))
    except (SafetensorError, KeyError, IndexError) as error:
        raise NetworksError(f"{WEIGHTS} of figure2 lacks {error}; restore it from git") from error
    return found


def losses() -> list[dict[str, Any]]:
    """Losses of the shipped trainings: ``schedule``, ``network``, ``seed``, ``epoch`` and ``loss``, squared target units.

    Raises NetworksError where the file is missing or damaged.
    """
    rows = csv.DictReader(io.StringIO(_checked(LOSSES).decode("utf-8")))
    return [
        {**row, "seed": int(row["seed"]), "epoch": int(row["epoch"]), "loss": float(row["loss"])}
        for row in rows
    ]


def provenance() -> dict[str, Any]:
    """How, when and on what the shipped networks were trained. Raises NetworksError."""
    try:
        return dict(json.loads((folder() / PROVENANCE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise NetworksError(
            f"the provenance of figure2 cannot be read ({type(error).__name__}); restore it from git"
        ) from error


def make(target: Path, checkpoints: Path, seeds: Sequence[int] = SEEDS) -> None:
    """Train the networks of ``seeds`` by both schedules and write weights, losses and provenance into ``target``.

    What is under way is kept in ``checkpoints`` and taken up again. Raises `network_training.Diverged`, OSError.
    """
    from safetensors.numpy import save

    begun = start(seeds)
    arrays = _stacked("target", begun.targets, np.float64)
    rows: list[dict[str, Any]] = []
    for name, schedule in SCHEDULES.items():
        for network in NETWORKS:
            print(f"{name}, {network}: {schedule.epochs[-1]} epochs of {len(seeds)} seeds", flush=True)
            place = checkpoints / f"{name}-{network}.safetensors"
            kept, lost = pretrain(getattr(begun, network), begun.problem, schedule, place)
            for epoch, found in kept.items():
                arrays |= _stacked(f"{name}/{epoch}/{network}", found, np.float32)
            rows += [
                {
                    "schedule": name,
                    "network": network,
                    "seed": seed,
                    "epoch": epoch,
                    "loss": f"{lost[epoch - 1, k]:.6g}",
                }
                for k, seed in enumerate(seeds)
                for epoch in _SHOWN_EPOCHS
                if epoch <= schedule.epochs[-1]
            ]
    target.mkdir(parents=True, exist_ok=True)
    with runtime.atomic_file(target / WEIGHTS, "wb") as file:
        file.write(save(arrays))
    with runtime.atomic_file(target / LOSSES) as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    with runtime.atomic_file(target / PROVENANCE) as file:
        file.write(json.dumps(_about(target, seeds), indent=1) + "\n")


def _about(target: Path, seeds: Sequence[int]) -> dict[str, Any]:
    import torch

    return {
        "what": "pre-trained networks of Figure 2(a)-(c), trained by this project on generated points",
        "licence": "that of this repository",
        "seeds": list(seeds),
        "schedules": {name: dict(vars(schedule)) for name, schedule in SCHEDULES.items()},
        "versions": {name: runtime.versions()[name] for name in ("numpy", "torch")},
        "kernels": torch.backends.cpu.get_cpu_capability(),
        "date": datetime.now(UTC).date().isoformat(),
        "files": {name: runtime.sha256(target / name) for name in (WEIGHTS, LOSSES)},
    }


def _stacked(kind: str, networks: Sequence[BlockNetwork], dtype: type) -> dict[str, Any]:
    """Arrays ``(seeds, width, fan_in + 1)`` of every block of a kind of network."""
    blocks = zip(*(network.layers for network in networks), strict=True)
    return {f"{kind}/{place}": np.stack(layers).astype(dtype) for place, layers in enumerate(blocks)}


def _network(stored: dict[str, Any], kind: str, seed: int) -> BlockNetwork:
    places = sum(name.startswith(f"{kind}/") for name in stored)
    if not places:
        raise KeyError(kind)
    return BlockNetwork(tuple(stored[f"{kind}/{place}"][seed].astype(np.float64) for place in range(places)))


def _checked(name: str) -> bytes:
    """Content of a shipped file whose sha256 is the one in the provenance."""
    path = folder() / name
    try:
        if runtime.sha256(path) != provenance()["files"][name]:
            raise NetworksError(
                f"{runtime.shown(path)} is not the file that was shipped; restore it from git"
            )
        return path.read_bytes()
    except (OSError, KeyError, TypeError) as error:
        raise NetworksError(
            f"{runtime.shown(path)} cannot be read ({type(error).__name__}); restore it from git"
        ) from error


def main(arguments: list[str] | None = None) -> int:
    """Train them again and put them among the shipped ones, or into another folder."""
    from ..data import registry

    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.experiments.figure_2_networks", description=runtime.first_line(__doc__)
    )
    parser.add_argument(
        "--output", type=Path, default=folder(), help="folder for the files, instead of the shipped one"
    )
    target = parser.parse_args(arguments).output
    try:
        make(target, registry.cache_folder() / "figure2")
    except (OSError, ArithmeticError) as error:
        print(f"figure2 was not trained: {error}", file=sys.stderr)
        return 1
    print(f"figure2: {runtime.shown(target)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
