"""The paper's synthetic experiment, Figure 2(a)-(c): its networks for a seed, its panels, one panel's errors.

The three panels differ only in where the weak and the strong representation come from:

    a   realizable: h_s = h*, weak = two pre-trained blocks
    b   not realizable: strong = eight pre-trained blocks, weak = two blocks whose pre-training was stopped early
    c   not realizable: both are h* with noise on every weight, less noise (0.01) on the strong one than on the weak (0.05)

``b full`` is panel b with the weak representation of panel a, pre-trained to the end. Theorem 2 says little unless the
misfit is well above eps: two blocks trained as long as the eight are so good that eps and misfit have one size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import misfit
from .protocol import Head, Parts, run_protocol
from .representations import BlockNetwork, gaussian_inputs, pretrain, random_heads, random_network
from .runtime import seed_stream

PANELS = ("a", "b", "c")
B_FULL = "b full"
TARGET_BLOCKS, STRONG_BLOCKS, WEAK_BLOCKS = 5, 8, 2
STRONG_NOISE, WEAK_NOISE = 0.01, 0.05


@dataclass(frozen=True)
class World:
    """What one seed stands for: the target representation h* and the pre-trained ones.

    ``early_weak`` is ``weak`` at an earlier epoch of the same training.
    """

    seed: int
    target: BlockNetwork
    strong: BlockNetwork
    weak: BlockNetwork
    early_weak: BlockNetwork

    def pair(self, panel: str) -> tuple[BlockNetwork, BlockNetwork]:
        """Weak and strong representation of panel ``a``, ``b``, ``b full`` or ``c``; ValueError for another name."""
        if panel == "a":
            return self.weak, self.target
        if panel == "b":
            return self.early_weak, self.strong
        if panel == B_FULL:
            return self.weak, self.strong
        if panel == "c":
            weak = self.target.perturbed(WEAK_NOISE, seed_stream(self.seed, "perturbation", "weak"))
            return weak, self.target.perturbed(STRONG_NOISE, seed_stream(self.seed, "perturbation", "strong"))
        raise ValueError(f"the panels are {', '.join(PANELS)} and {B_FULL!r}, not {panel!r}")


def pretrained_worlds(
    seeds: Sequence[int], epochs: int, early_epochs: int, tasks: int = 10, rows: int = 2000
) -> tuple[list[World], list[dict[str, Any]]]:
    """The worlds of several seeds, pre-trained side by side on ``tasks`` heads with ``rows`` fresh points each.

    Strong and weak representation train for ``epochs``; ``early_weak`` is the weak one after ``early_epochs``. Returns
    the worlds and the loss curves: rows with the keys ``seed``, ``network`` (``strong`` or ``weak``) and ``epoch``, and
    ``loss`` (see `representations.pretrain`). Every seed has its own target, heads, points and initial values, and its
    world does not depend on which other seeds are asked for. Raises ValueError unless 1 <= early_epochs <= epochs.
    """
    if not 1 <= early_epochs <= epochs:
        raise ValueError(f"the early stop comes after 1 to {epochs} epochs, not after {early_epochs}")
    targets = [random_network(TARGET_BLOCKS, seed_stream(seed, "target")) for seed in seeds]
    heads = [random_heads(tasks, seed_stream(seed, "pre-training heads")) for seed in seeds]
    drawn = [gaussian_inputs(tasks * rows, seed_stream(seed, "pre-training inputs")) for seed in seeds]
    inputs = np.stack(drawn).reshape(len(seeds), tasks, rows, -1)
    labels = np.stack(
        [
            [head.predict(target.features(points[task]))[:, task] for task in range(tasks)]
            for target, head, points in zip(targets, heads, inputs, strict=True)
        ]
    )
    strong_start = [random_network(STRONG_BLOCKS, seed_stream(seed, "strong")) for seed in seeds]
    weak_start = [random_network(WEAK_BLOCKS, seed_stream(seed, "weak")) for seed in seeds]
    strong, strong_curve = pretrain(strong_start, inputs, labels, heads, epochs)
    weak, weak_curve = pretrain(weak_start, inputs, labels, heads, epochs)
    early, _ = pretrain(weak_start, inputs, labels, heads, early_epochs)
    curve = [
        {"seed": seeds[row["member"]], "network": network, "epoch": row["epoch"], "loss": row["loss"]}
        for network, found in (("strong", strong_curve), ("weak", weak_curve))
        for row in found
    ]
    return [World(*one) for one in zip(seeds, targets, strong, weak, early, strict=True)], curve


def panel_errors(
    world: World,
    panel: str,
    rows: int,
    evaluation_rows: int,
    weak_head: Head,
    strong_head: Head,
    tasks: int = 100,
    points_per_task: bool = True,
) -> misfit.ErrorTriple:
    """Errors of ``tasks`` fine-tuning tasks of one panel, arrays ``(tasks,)``, squared target units.

    Each task is a new random head on h*. The weak head is fitted to the truth on ``rows`` points, the student to weak
    labels on ``rows`` others, the errors are measured on ``evaluation_rows`` more. With ``points_per_task`` every task
    draws its own points, as the paper does; without, all tasks share one draw, which is far faster (one solve for all
    tasks) and gives all tasks of a seed the same sampling noise. ``ceiling`` is the error of the strong head fitted to
    the truth: the measured eps of theorem 2.
    """
    weak, strong = world.pair(panel)
    heads = random_heads(tasks, seed_stream(world.seed, "fine-tuning heads"))
    generator = seed_stream(world.seed, "fine-tuning inputs", panel, rows)
    parts = Parts.consecutive(rows, rows, evaluation_rows)
    triples = []
    for group in np.arange(tasks)[:, None] if points_per_task else [np.arange(tasks)]:
        inputs = gaussian_inputs(2 * rows + evaluation_rows, generator)
        truth = heads.predict(world.target.features(inputs))[:, group]
        features = weak.features(inputs), strong.features(inputs)
        triples.append(run_protocol(*features, truth, parts, weak_head, strong_head).triple)
    columns = ("weak_error", "student_error", "misfit", "ceiling")
    return misfit.ErrorTriple(
        **{
            name: np.concatenate([np.atleast_1d(getattr(triple, name)) for triple in triples])
            for name in columns
        }
    )
