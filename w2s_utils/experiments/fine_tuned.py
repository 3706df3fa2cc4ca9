"""Fine-tuning of a whole transformer instead of a head: ``python -m w2s_utils.experiments.fine_tuned`` writes predictions.

Each student starts as the frozen one: a ridge head on MiniLM's last layer, fitted to its labels. Then head and representation
are trained together on the same labels; the epoch with the least error on the validation rows, *against the labels that it is
there to predict*, is kept, the start among them. The predictions are shipped (``data/representations/text-fine-tuned``), for
they cost a quarter of an hour of a core; the tuned models are not.
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from ..data import datasets, shipped_files
from ..data.container import Dataset
from ..heads.validated import ValidatedRidge
from ..texts import minilm, views
from ..theory.arrays import Array
from ..theory.misfit import error_triple
from .crossfit import weak_labels
from .protocol import Parts
from .text_trials import turns

NAME, FILE = "text-fine-tuned", "predictions.safetensors"
READS = ("data/representations/text-fine-tuned/provenance.json",)  # it has the sha256 of the predictions

SETS, TURNS = ("EmoBank", "CLEAR"), 3
TEACHERS = ("embedding", "hashed 256")
LEARNED = (*TEACHERS, "ceiling", "alone")
"""What is fine-tuned: two students, the ceiling, and the strong model on the few labels alone."""

FOLDS, FEW, VALIDATION, STUDENT_ROWS, JUDGED = 6, 200, 100, 300, 300
EPOCHS, BATCH, RATE, TOKENS = 2, 16, 2e-4, 32


@dataclass(frozen=True, eq=False)
class Tuned:
    """One turn of a set on its judged rows: ``truth (m,)``, ``weak (teachers, m)``, and of LEARNED ``frozen`` and ``tuned``
    ``(4, m)``."""

    truth: Array
    weak: Array
    frozen: Array
    tuned: Array


def parts(data: Dataset, turn: int) -> Parts:
    """The rows of one turn: those of `text_trials.turns`, fewer of the student's and of the judged ones."""
    whole = turns(data, FOLDS, FEW, VALIDATION, 0, 0)[turn]
    return replace(
        whole, student_train=whole.student_train[:STUDENT_ROWS], evaluation=whole.evaluation[:JUDGED]
    )


def shipped(data: Dataset, turn: int) -> Tuned:
    """What is shipped for a turn of one of SETS. Raises `shipped_files.DamagedRepresentation`."""
    from safetensors.numpy import load

    kept = load(shipped_files.content(NAME, FILE))[f"{data.name}/{turn}"].astype(np.float64)
    count, learned = len(TEACHERS), len(LEARNED)
    truth = data.targets[parts(data, turn).evaluation]
    return Tuned(truth, kept[:count], kept[count : count + learned], kept[count + learned :])


def tuned_rows(data: Dataset) -> list[dict[str, Any]]:
    """What is shipped for one of SETS as rows: turn, ``learned`` (of LEARNED), ``kind`` frozen or tuned, and errors.

    ``moved``: whether the tuned predictions are others than the frozen ones, or the validation rows kept the start.
    ``error`` |p - g|^2; for students also ``weak_error``, ``misfit``, ``gain`` and ``cross_term``; all over the variance of
    the judged targets. Raises as `shipped`.
    """
    found = []
    for turn in range(TURNS):
        one = shipped(data, turn)
        for kind, learned in product(("frozen", "tuned"), LEARNED):
            made = getattr(one, kind)[LEARNED.index(learned)]
            row: dict[str, Any] = {"data": data.name, "turn": turn, "learned": learned, "kind": kind}
            place = LEARNED.index(learned)
            row["moved"] = not np.array_equal(one.tuned[place], one.frozen[place])
            row["error"] = float(np.mean((made - one.truth) ** 2) / one.truth.var())
            if learned in TEACHERS:
                triple = error_triple(one.truth, one.weak[TEACHERS.index(learned)], made)
                for what in ("weak_error", "misfit", "gain", "cross_term"):
                    row[what] = float(getattr(triple, what)) / float(one.truth.var())
            found.append(row)
    return found


def compute(data: Dataset, turn: int) -> Array:
    """Predictions of one turn on its judged rows, ``(teachers + 2 LEARNED, m)``: weak models, frozen, tuned."""
    rows = parts(data, turn)
    found = views.ladder(data)
    labels = weak_labels([found.weak[teacher] for teacher in TEACHERS], data.targets, rows)
    frozen, tuned = [], []
    for place, learned in enumerate(LEARNED):
        goal = labels[place] if learned in TEACHERS else data.targets
        own = rows.weak_train if learned == "alone" else rows.student_train
        before, after = _tuned(data.inputs, goal, own, rows, seed=turn)
        frozen.append(before)
        tuned.append(after)
        print(f"{data.name}, turn {turn}: {learned}", flush=True)
    return np.array([*(one[rows.evaluation] for one in labels), *frozen, *tuned])


def _tuned(
    texts: Sequence[str], goal: Array, own: NDArray[np.intp], rows: Parts, seed: int
) -> tuple[Array, Array]:
    """Predictions on the judged rows before and after fine-tuning to ``goal (n,)`` on the rows ``own``."""
    import torch

    torch.manual_seed(seed)
    source, numbers = minilm.load().loaded
    model = copy.deepcopy(source)
    ids = [one[: TOKENS - 1] + one[-1:] if len(one) > TOKENS else one for one in numbers(texts)]

    def pooled(chosen: Sequence[int]) -> Any:
        length = max(len(ids[row]) for row in chosen)
        padded = torch.tensor([ids[row] + [0] * (length - len(ids[row])) for row in chosen])
        mask = torch.tensor([[1.0] * len(ids[row]) + [0.0] * (length - len(ids[row])) for row in chosen])
        states = model(input_ids=padded, attention_mask=mask.long()).last_hidden_state
        return (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)

    def over(chosen: NDArray[np.intp], read: Any) -> Array:
        order = sorted(chosen.tolist(), key=lambda row: len(ids[row]))
        with torch.inference_mode():
            made = torch.cat([read(order[start : start + 64]) for start in range(0, len(order), 64)]).numpy()
        place = {row: at for at, row in enumerate(order)}
        return np.asarray(made[[place[row] for row in chosen.tolist()]], dtype=np.float64)

    model.eval()
    choose, judged = rows.validation, rows.evaluation
    head = ValidatedRidge().choose(over(own, pooled), goal[own], over(choose, pooled), goal[choose])
    linear = torch.nn.Linear(len(head.coef_), 1)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(head.coef_[None].astype(np.float32)))
        linear.bias.fill_(float(head.intercept_))

    def predicted(chosen: Sequence[int]) -> Any:
        return linear(pooled(chosen))[:, 0]

    scale = float(goal[own].std())
    steps = EPOCHS * (STUDENT_ROWS // BATCH)  # as many for the few labels alone as for a student
    optimizer = torch.optim.AdamW([*model.parameters(), *linear.parameters()], lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    before = best = over(judged, predicted)
    least = float(np.mean((over(choose, predicted) - goal[choose]) ** 2))
    draws = runtime.seed_stream(seed, "fine-tuning")
    for step in range(steps):
        chosen = draws.choice(own, BATCH, replace=False).tolist()
        loss = ((predicted(chosen) - torch.from_numpy(goal[chosen]).float()) / scale).square().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if (step + 1) % (steps // EPOCHS) == 0:
            error = float(np.mean((over(choose, predicted) - goal[choose]) ** 2))
            if error < least:
                least, best = error, over(judged, predicted)
    return before, best


def main(arguments: list[str] | None = None) -> int:
    """Fine-tune for every turn of SETS and write the predictions where they are shipped."""
    from safetensors.numpy import save

    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.experiments.fine_tuned", description=runtime.first_line(__doc__)
    )
    parser.parse_args(arguments)
    about = {
        "settings": {"sets": SETS, "turns": TURNS, "teachers": TEACHERS, "learned": LEARNED, "tokens": TOKENS}
        | {"epochs": EPOCHS, "batch": BATCH, "rate": RATE, "student_rows": STUDENT_ROWS, "judged": JUDGED},
        "model": f"all-MiniLM-L6-v2, weights {minilm.PINNED[minilm.WEIGHTS]} (Apache-2.0)",
        "licence": "predictions about EmoBank's texts CC BY-SA 4.0, about CLEAR's CC BY-NC-SA 4.0, as the sets",
        "versions": runtime.versions(),
        "date": datetime.now(UTC).date().isoformat(),
    }
    made: dict[str, Array] = {}
    for turn, name in product(range(TURNS), SETS):
        made[f"{name}/{turn}"] = compute(datasets.load(name), turn).astype(np.float16)
        shipped_files.ship(NAME, {FILE: save(made)}, about)
    return 0


if __name__ == "__main__":
    sys.exit(main())
