"""The paper's synthetic experiment, Figure 2(a)-(c): its networks for a seed, its panels, the outcomes of a panel.

The three panels differ only in where the weak and the strong representation come from:

    a   realizable: h_s = h*, weak = two pre-trained blocks
    b   not realizable: strong = eight pre-trained blocks, weak = weak = two pre-trained blocks
    c   not realizable: both are h* with noise on every weight, less noise (0.01) on the strong one than on the weak (0.05)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..runtime import seed_stream
from ..theory import misfit
from .networks import BlockNetwork, gaussian_inputs, pretrain, random_heads, random_network
from .protocol import Head, Outcome, Parts, run_protocol, triple_rows

PANELS = ("a", "b", "c")
TARGET_BLOCKS, STRONG_BLOCKS, WEAK_BLOCKS = 5, 8, 2
STRONG_NOISE, WEAK_NOISE = 0.01, 0.05


@dataclass(frozen=True)
class World:
    """What one seed stands for: the target representation h* and the two pre-trained ones."""

    seed: int
    target: BlockNetwork
    strong: BlockNetwork
    weak: BlockNetwork

    def pair(self, panel: str) -> tuple[BlockNetwork, BlockNetwork]:
        """Weak and strong representation of panel ``a``, ``b`` or ``c``; ValueError for another name."""
        if panel == "a":
            return self.weak, self.target
        if panel == "b":
            return self.weak, self.strong
        if panel == "c":
            weak = self.target.perturbed(WEAK_NOISE, seed_stream(self.seed, "perturbation", "weak"))
            return weak, self.target.perturbed(STRONG_NOISE, seed_stream(self.seed, "perturbation", "strong"))
        raise ValueError(f"the panels are {', '.join(PANELS)}, not {panel!r}")


def pretrained_worlds(
    seeds: Sequence[int], epochs: int, weak_epochs: int | None = None, tasks: int = 10, rows: int = 2000
) -> tuple[list[World], list[dict[str, Any]]]:
    """The worlds of several seeds, pre-trained side by side on ``tasks`` heads with ``rows`` fresh points each.

    The strong representation trains for ``epochs``, the weak one for ``weak_epochs`` (the same number unless given).
    Returns the worlds and the loss curves: rows with the keys ``seed``, ``network`` (``strong`` or ``weak``) and
    ``epoch``, and ``loss`` (see `networks.pretrain`). Every seed has its own target, heads, points and initial
    values, and its world does not depend on which other seeds are asked for.
    """
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
    weak, weak_curve = pretrain(weak_start, inputs, labels, heads, weak_epochs or epochs)
    curve = [
        {"seed": seeds[row["member"]], "network": network, "epoch": row["epoch"], "loss": row["loss"]}
        for network, found in (("strong", strong_curve), ("weak", weak_curve))
        for row in found
    ]
    return [World(*one) for one in zip(seeds, targets, strong, weak, strict=True)], curve


def panel_outcomes(
    world: World,
    panel: str,
    rows: int,
    evaluation_rows: int,
    weak_head: Head,
    strong_head: Head,
    tasks: int = 100,
    points_per_task: bool = True,
    own_rows: bool = False,
) -> Iterator[Outcome]:
    """Outcomes of the ``tasks`` fine-tuning tasks of one panel, in order: each task is a new random head on h*.

    The weak head is fitted to the truth on ``rows`` points, the student to weak labels on ``rows`` others (with
    ``own_rows``: on the same, as released), the errors are measured on ``evaluation_rows`` more. With
    ``points_per_task`` every task draws its own points, as in the paper, and has an outcome to itself; without, all tasks
    share one draw and one outcome, which is far faster and gives all tasks of a seed the same sampling noise.
    """
    weak, strong = world.pair(panel)
    heads = random_heads(tasks, seed_stream(world.seed, "fine-tuning heads"))
    generator = seed_stream(world.seed, "fine-tuning inputs", panel, rows)
    drawn = np.split(np.arange(2 * rows + evaluation_rows), [rows, 2 * rows])
    parts = Parts(drawn[0], drawn[0] if own_rows else drawn[1], drawn[2], allow_shared=own_rows)
    for group in np.arange(tasks)[:, None] if points_per_task else [np.arange(tasks)]:
        inputs = gaussian_inputs(2 * rows + evaluation_rows, generator)
        truth = heads.predict(world.target.features(inputs))[:, group]
        yield run_protocol(
            weak.features(inputs), strong.features(inputs), truth, parts, weak_head, strong_head
        )


def panel_rows(outcomes: Iterable[Outcome], **keys: Any) -> list[dict[str, Any]]:
    """One row per task: the keys, ``task``, and as `protocol.triple_rows`; with the two parts of the cross term.

    ``ceiling``, the error of the strong head fitted to the truth, is the measured eps of theorem 2. ``cross_student`` and
    ``cross_class`` are the parts of `misfit.cross_parts`, with the ceiling for the nearest element.
    """
    found: list[dict[str, Any]] = []
    for outcome in outcomes:
        own, beyond = misfit.cross_parts(outcome.truth, outcome.weak, outcome.student, outcome.ceiling)
        for row, student_part, class_part in zip(
            triple_rows(outcome.triple), np.atleast_1d(own), np.atleast_1d(beyond), strict=True
        ):
            row |= {
                "task": len(found),
                "cross_student": float(student_part),
                "cross_class": float(class_part),
            }
            found.append({**keys, **row})
    return found
