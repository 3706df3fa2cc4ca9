"""Full fine-tuning for the notebook on Burns et al.: ``python -m w2s_utils.llm.burns_tuned`` writes predictions.

Small transformers instead of language models, by `llm.stages`: what `make llm` does with the same settings. What fine-tuned
networks say hangs on the last bits of a processor, and to train them takes an hour of a core; so what they said of the judged
rows is shipped (``data/representations/burns-fine-tuned``), the models are not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from ..data import datasets, shipped_files
from ..data.container import Dataset
from ..experiments.classification import Judgements, judged_rows
from ..texts import minilm, small
from ..theory.arrays import Array
from .reading import parts_of
from .settings import METHODS, Settings
from .stages import Stages, short

NAME, FILE = "burns-fine-tuned", "predictions.safetensors"
READS = ("data/representations/burns-fine-tuned/provenance.json",)  # it has the sha256 of the predictions

SET = "SST-2"
SMALL_GAP, LARGE_GAP = "small gap", "large gap"
_SMALL, _LARGER = (small.named(hidden) for hidden in small.HIDDEN)
RUNS = {
    SMALL_GAP: Settings(
        _SMALL,
        _LARGER,
        documents=3332,
        judged=800,
        rate_weak=2e-3,
        rate_strong=2e-3,
        tokens=48,
        seeds=10,
        device="cpu",
    ),
    LARGE_GAP: Settings(
        _LARGER,
        minilm.PACKAGE,
        documents=600,
        judged=800,
        rate_weak=2e-3,
        rate_strong=2e-4,
        tokens=48,
        seeds=4,
        device="cpu",
    ),
}
"""Runs by name: a small BERT teaches one twice as wide, and this one teaches MiniLM; batch, epochs, schedule as released."""
MODELS = ("teacher", *METHODS, "ceiling", "alone")
"""What is shipped of each seed, in this order."""


def as_stored(said: Mapping[str, Array]) -> Array:
    """Log-odds of the second class ``(models, m)`` in float16, from probabilities ``(m, 2)`` of MODELS: no sign is lost."""
    odds = [np.log(said[name][:, 1]) - np.log(said[name][:, 0]) for name in MODELS]
    found = np.array(odds).astype(np.float16)
    tiny = np.finfo(np.float16).tiny
    return np.where((found == 0) & (np.array(odds) != 0), np.sign(odds) * tiny, found).astype(np.float16)


def as_probabilities(stored: Array) -> dict[str, Array]:
    """The probabilities ``(m, 2)`` of MODELS again, from `as_stored`."""
    second = 1 / (1 + np.exp(-stored.astype(np.float64)))
    return {name: np.column_stack([1 - one, one]) for name, one in zip(MODELS, second, strict=True)}


def shipped(data: Dataset, run: str, seed: int) -> Judgements:
    """What is shipped of one seed of RUNS. Raises `shipped_files.DamagedRepresentation`."""
    from safetensors.numpy import load

    kept, weak = load(shipped_files.content(NAME, FILE)), short(RUNS[run].weak)
    said, rows = as_probabilities(kept[f"{run}/{seed}"]), kept[f"{run}/{seed}/rows"]
    truth = np.eye(len(data.classes))[data.targets[rows].astype(np.intp)]
    students = {(weak, method): said[method] for method in METHODS}
    return Judgements(truth, {weak: said["teacher"]}, students, said["ceiling"], said["alone"])


def tuned_rows(data: Dataset) -> list[dict[str, Any]]:
    """What is shipped as rows of `classification.judged_rows`, with ``run`` (of RUNS), ``seed`` and ``method``.

    Raises as `shipped`.
    """
    return [
        {"method" if key == "handed" else key: value for key, value in row.items()}
        for run, settings in RUNS.items()
        for seed in settings.all_seeds
        for row in judged_rows(shipped(data, run, seed), run=run, seed=seed)
    ]


def trained_again(data: Dataset, folder: Path) -> tuple[Array, Array]:
    """The teacher of the small gap's first seed, trained here, and as shipped: probabilities ``(m, 2)`` of the judged rows.

    ``folder`` takes the stage. Raises as `stages.Stages.said` and `shipped`.
    """
    settings = RUNS[SMALL_GAP]
    parts = parts_of(data, settings, settings.seed)
    here = Stages(settings, data, folder, quiet=True).said("teacher", settings.seed, parts).judged
    return here, shipped(data, SMALL_GAP, settings.seed).weak[short(settings.weak)]


def compute(data: Dataset, settings: Settings, seed: int, folder: Path) -> tuple[Array, NDArray[np.int16]]:
    """`as_stored` of one seed, and the judged rows ``(m,)``; stages that are done in ``folder`` are read.

    Raises as `stages.Stages.said`.
    """
    trial = Stages(replace(settings, seeds=1, seed=seed), data, folder, quiet=True).trial(seed)
    found = trial.judgements
    [weak] = found.weak.values()
    students = {method: student for (_, method), student in found.students.items()}
    said = {"teacher": weak, **students, "ceiling": found.ceiling, "alone": found.alone}
    return as_stored(said), trial.parts.evaluation.astype(np.int16)


def main(arguments: list[str] | None = None) -> int:
    """Fine-tune for every seed of RUNS and write the predictions where they are shipped; killed, it goes on."""
    from safetensors.numpy import save

    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.llm.burns_tuned", description=runtime.first_line(__doc__)
    )
    parser.parse_args(arguments)
    data, folder = datasets.load(SET), runtime.build_folder() / NAME
    made: dict[str, Any] = {}
    for run, settings in RUNS.items():
        for seed in settings.all_seeds:
            name = f"{run}/{seed}"
            made[name], made[f"{name}/rows"] = compute(data, settings, seed, folder)
            print(f"{run}, seed {seed}", flush=True)
    about = {
        "settings": {"set": SET, "models": MODELS, "runs": {name: asdict(one) for name, one in RUNS.items()}},
        "model": f"all-MiniLM-L6-v2, weights {minilm.PINNED[minilm.WEIGHTS]} (Apache-2.0); {_SMALL}, {_LARGER}: ours",
        "licence": "numbers about rows of SST-2, which hold no text of it",
        "versions": runtime.versions(),
        "date": datetime.now(UTC).date().isoformat(),
    }
    shipped_files.ship(NAME, {FILE: save(made)}, about)
    return 0


if __name__ == "__main__":
    sys.exit(main())
