"""The paper's synthetic experiment, Figure 2(a)-(c): its networks for a seed, its panels, the outcomes of a panel.

The three panels differ only in where the weak and the strong representation come from:

    a   realizable: h_s = h*, weak = two pre-trained blocks
    b   not realizable: strong = eight pre-trained blocks, weak = weak = two pre-trained blocks
    c   not realizable: both are h* with noise on every weight, less noise (0.01) on the strong one than on the weak (0.05)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..runtime import seed_stream
from ..theory import intervals, misfit
from ..theory.arrays import Array
from ..theory.intervals import Interval
from .network_training import Problem, Schedule, pretrain
from .networks import BlockNetwork, LinearHeads, gaussian_inputs, random_heads, random_network
from .protocol import Head, Outcome, Parts, run_protocol, triple_rows

PANELS = ("a", "b", "c")
TARGET_BLOCKS, STRONG_BLOCKS, WEAK_BLOCKS = 5, 8, 2
STRONG_NOISE, WEAK_NOISE = 0.01, 0.05
BETTER = "gain > 0"
BETTER_IN = (
    0.95  # from this share of its tasks on, the student of a seed beats its teacher in nearly every one
)
PREDICTED = {"correlation": (0.9, math.inf), "gain / misfit": (0.9, 1.1), BETTER: (0.5, math.inf)}
"""The ranges of what `statement` gives that count as the statements of Figure 2 on a panel."""


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


@dataclass(frozen=True)
class Start:
    """Before pre-training: the targets h* of several seeds, what is learnt of them, initial values of both networks."""

    seeds: tuple[int, ...]
    targets: list[BlockNetwork]
    problem: Problem
    strong: list[BlockNetwork]
    weak: list[BlockNetwork]

    def worlds(self, strong: Sequence[BlockNetwork], weak: Sequence[BlockNetwork]) -> list[World]:
        """The seeds' worlds with these networks."""
        return [World(*one) for one in zip(self.seeds, self.targets, strong, weak, strict=True)]


def start(seeds: Sequence[int], tasks: int = 10, rows: int = 2000) -> Start:
    """What the pre-training of ``seeds`` starts from: ``tasks`` random heads on h* with ``rows`` fresh points each.

    Every seed has its own target, heads, points and initial values, whichever other seeds are asked for.
    """
    targets = [random_network(TARGET_BLOCKS, seed_stream(seed, "target")) for seed in seeds]
    heads = tuple(random_heads(tasks, seed_stream(seed, "pre-training heads")) for seed in seeds)
    drawn = [gaussian_inputs(tasks * rows, seed_stream(seed, "pre-training inputs")) for seed in seeds]
    inputs = np.stack(drawn).reshape(len(seeds), tasks, rows, -1)
    labels = np.stack(
        [
            [head.predict(target.features(points[task]))[:, task] for task in range(tasks)]
            for target, head, points in zip(targets, heads, inputs, strict=True)
        ]
    )
    return Start(
        tuple(seeds),
        targets,
        Problem(inputs, labels, heads),
        [random_network(STRONG_BLOCKS, seed_stream(seed, "strong")) for seed in seeds],
        [random_network(WEAK_BLOCKS, seed_stream(seed, "weak")) for seed in seeds],
    )


def pretrained_worlds(
    start: Start, schedule: Schedule
) -> tuple[dict[int, list[World]], list[dict[str, Any]]]:
    """Pre-train the strong and the weak networks of all seeds side by side, both by the same schedule.

    Returns the worlds at each of ``schedule.epochs`` and the losses: rows with the keys ``seed``, ``network``
    (``strong`` or ``weak``) and ``epoch`` (from 1), and ``loss`` (see `network_training.pretrain`).
    """
    strong, strong_losses = pretrain(start.strong, start.problem, schedule)
    weak, weak_losses = pretrain(start.weak, start.problem, schedule)
    rows = [
        {"seed": seed, "network": network, "epoch": epoch, "loss": float(loss)}
        for network, losses in (("strong", strong_losses), ("weak", weak_losses))
        for epoch, by_seed in enumerate(losses, 1)
        for seed, loss in zip(start.seeds, by_seed, strict=True)
    ]
    return {epoch: start.worlds(strong[epoch], weak[epoch]) for epoch in schedule.epochs}, rows


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
    drawn = np.split(np.arange(2 * rows + evaluation_rows), [rows, 2 * rows])
    parts = Parts(drawn[0], drawn[0] if own_rows else drawn[1], drawn[2], allow_shared=own_rows)
    count = 2 * rows + evaluation_rows
    for points in fresh_points(world, panel, rows, count, tasks, points_per_task):
        yield run_protocol(*points, parts, weak_head, strong_head)


def fresh_points(
    world: World, panel: str, rows: int, count: int, tasks: int, points_per_task: bool
) -> Iterator[tuple[Array, Array, Array]]:
    """Weak and strong features ``(count, 16)`` of fresh points and the truth ``(count, tasks)``, for `panel_outcomes`.

    One draw for each task, with a truth ``(count, 1)``, or one for all; the draws depend on the seed, panel and ``rows``.
    """
    weak, strong = world.pair(panel)
    heads = random_heads(tasks, seed_stream(world.seed, "fine-tuning heads"))
    generator = seed_stream(world.seed, "fine-tuning inputs", panel, rows)
    for group in np.arange(tasks)[:, None] if points_per_task else [np.arange(tasks)]:
        inputs = gaussian_inputs(count, generator)
        of_target = world.target.features(inputs)
        of_strong = of_target if strong is world.target else strong.features(inputs)
        truth = LinearHeads(heads.weights[group], heads.intercepts[group]).predict(of_target)
        yield weak.features(inputs), of_strong, truth


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


def statement(what: str, values: ArrayLike) -> Interval:
    """One number of a panel over its seeds, with a 95 % interval, to be held against PREDICTED.

    ``what``: a key of PREDICTED; ``values (seeds,)``: over the tasks of each seed the correlation of gain and misfit, all
    gain / all misfit, or the share of tasks with gain > 0. The first two give their median over seeds, from order
    statistics, 6 seeds at least. The share is 1 in most seeds, where a median has an interval of no length, so it gives the
    share of seeds that have BETTER_IN or more, after Clopper and Pearson: that is one half at least where the median is
    BETTER_IN at least. Raises KeyError for another ``what``, and as `intervals.median`.
    """
    if what not in PREDICTED:
        raise KeyError(f"{what} is none of {', '.join(PREDICTED)}")
    median = intervals.median(values)
    if what != BETTER:
        return median
    reached = np.asarray(values) >= BETTER_IN
    return intervals.share(int(reached.sum()), len(reached))
