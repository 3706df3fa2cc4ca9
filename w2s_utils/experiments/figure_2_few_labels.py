"""Section 5.3 and the choice of head on the networks of Figure 2(a)-(c): few labels, swapped roles, heads side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .. import runtime
from ..data.container import Views
from ..theory.arrays import Array
from ..theory.intervals import Interval
from ..theory.misfit import error_triple
from .few_labels import one_turn
from .figure_2abc import World
from .networks import gaussian_inputs, random_heads
from .protocol import Head, Parts, run_protocol, triple_rows
from .released import adamw_predictions


def drawn_tables(
    world: World, panel: str, rows: int, tasks: Sequence[int], what_for: str
) -> tuple[Array, Array, Array]:
    """Weak ``(rows, 16)`` and strong features ``(rows, 16)`` of fresh points, and the truth ``(rows, tasks)``.

    ``tasks``: numbers of fine-tuning tasks (0-based; the heads of notebook 20), which share the points. The points depend on
    the seed, panel, ``what_for`` and tasks. Raises ValueError for another panel than a, b, c or for no task.
    """
    if not len(tasks) or min(tasks) < 0:
        raise ValueError(f"name at least one task, by its number from 0, not {list(tasks)}")
    weak, strong = world.pair(panel)
    heads = random_heads(100, runtime.seed_stream(world.seed, "fine-tuning heads"))
    if max(tasks) >= 100:
        raise ValueError(f"the tasks are 0 to 99, not {max(tasks)}")
    inputs = gaussian_inputs(rows, runtime.seed_stream(world.seed, what_for, panel, *tasks))
    truth = heads.predict(world.target.features(inputs))[:, list(tasks)]
    return weak.features(inputs), strong.features(inputs), truth


def few_label_turns(
    world: World,
    panel: str,
    rules: Sequence[str],
    label_counts: Sequence[int],
    tasks: int,
    rows: int,
    validation_rows: int,
) -> list[dict[str, Any]]:
    """Rows of `few_labels.one_turn` for every task of a panel of one seed, each on points of its own.

    Labels are true and noiseless. Both teachers see the same first n of them, for each n of ``label_counts``; each labels
    ``rows`` other points for the other model; ``rows`` more are judged, and ``rows`` are for validation, of which a teacher
    uses the first ``validation_rows``. Features are standardised and, unlike the molecules', not cut off, for the truth of
    panel a is linear in them. The strong representation is the "large" one of `few_labels.DIRECTIONS`. Keys:
    ``rule``, ``seed``, ``panel``, ``task``, ``direction``, ``labels``. Raises as `drawn_tables`; KeyError for an unknown rule.
    """
    ends = np.cumsum([max(label_counts), rows, rows])
    found = []
    for task in range(tasks):
        weak, strong, truth = drawn_tables(world, panel, int(ends[-1]) + rows, [task], "few labels")
        first, second, third, fourth = np.split(np.arange(len(truth)), ends)
        parts = Parts(first, second, third, fourth)
        family = Views(strong, {"weak": weak})
        keys = {"seed": world.seed, "panel": panel, "task": task}
        for rule in rules:
            turn = one_turn(rule, truth[:, 0], family, parts, label_counts, validation_rows, limit=np.inf)
            found += [{"rule": rule, **keys, **row} for row in turn]
    return found


def _tables_and_parts(
    world: World, panel: str, rows: int, tasks: int
) -> tuple[tuple[Array, Array, Array], Parts]:
    tables = drawn_tables(world, panel, 4 * rows, range(tasks), "heads")
    first, second, third, fourth = np.split(np.arange(4 * rows), 4)
    return tables, Parts(first, second, third, fourth)


def solved_heads(
    world: World, panel: str, heads: Mapping[str, Head | Any], rows: int, tasks: int
) -> list[dict[str, Any]]:
    """Rows of a panel of one seed with each of ``heads``, by name, for weak model and student: solved, not trained.

    ``rows`` points for the weak head, ``rows`` others for the student, for judging, and for validation; all heads and tasks
    share them. Keys ``head``, ``seed``, ``panel``, ``task``; errors as `protocol.triple_rows`. Raises as `drawn_tables`.
    """
    tables, parts = _tables_and_parts(world, panel, rows, tasks)
    found = []
    for name, head in heads.items():
        outcome = run_protocol(*tables, parts, head, head)
        found += triple_rows(outcome.triple, head=name, seed=world.seed, panel=panel)
    return found


def trained_heads(
    worlds: Sequence[World], panels: Sequence[str], rows: int, tasks: int, epochs: int, name: str = "AdamW"
) -> list[dict[str, Any]]:
    """`solved_heads` of several seeds and panels on the same points, by AdamW as released, all of them side by side.

    There is no ceiling. Raises as `drawn_tables` and `released.adamw_side_by_side`.
    """
    members = [(world, panel) for panel in panels for world in worlds]
    drawn = [_tables_and_parts(world, panel, rows, tasks) for world, panel in members]
    parts = drawn[0][1]
    weak, strong, truth = (np.stack([tables[place] for tables, _ in drawn]) for place in range(3))

    weak_labels = adamw_predictions(weak, truth, parts.weak_train, epochs)
    student = adamw_predictions(strong, weak_labels, parts.student_train, epochs)
    found, judged = [], parts.evaluation
    for (world, panel), goal, taught, learnt in zip(members, truth, weak_labels, student, strict=True):
        triple = error_triple(goal[judged], taught[judged], learnt[judged])
        found += triple_rows(triple, head=name, seed=world.seed, panel=panel)
    return found


def cloud(part: pd.DataFrame) -> pd.Series:
    """The three statements of notebook 20 on the tasks of one seed, from their ``gain`` and ``misfit``; no unit."""
    return pd.Series(
        {
            "correlation": part["gain"].corr(part["misfit"]),
            "gain / misfit": part["gain"].sum() / part["misfit"].sum(),
            "gain > 0": (part["gain"] > 0).mean(),
        }
    )


def tasks_needed(ours: pd.DataFrame, rival: pd.DataFrame) -> pd.Series:
    """What the mean change in gain / misfit from one head to another varies with, and how many tasks a seed it needs.

    ``ours``, ``rival``: ``gain`` and ``misfit`` of the same tasks, index (seed, task), as many tasks in each of two seeds or
    more. ``within``: standard deviation of a seed's change due to its tasks, by leaving each out once (jackknife);
    ``between``: that due to all else, which more tasks do not lessen, 0 where the tasks explain all; no unit. ``needed``: the
    number of tasks from which on twice as many shorten an interval over seeds by less than 10 %: its length goes with the root
    of between² + within² tasks / n. Infinite without ``between``. Raises ValueError for rows that do not match or too few.
    """
    if not ours.index.equals(rival.index):
        raise ValueError("both heads have the same tasks of the same seeds, in the same order")
    seeds = ours.index.get_level_values(0).nunique()
    tasks = len(ours) // max(seeds, 1)
    if min(seeds, tasks) < 2 or set(ours.groupby(level=0).size()) != {tasks}:
        raise ValueError("two seeds or more are needed, and the same number of tasks in each, two or more")
    sums = np.array(
        [table[["gain", "misfit"]].to_numpy().reshape(seeds, tasks, 2) for table in (ours, rival)]
    )
    whole = sums.sum(axis=2, keepdims=True)
    change, without = (
        np.subtract(*(part[..., 0] / part[..., 1])) for part in (whole[:, :, 0], whole - sums)
    )  # (seeds,) and (seeds, tasks)
    within = (tasks - 1) * without.var(axis=1).mean()
    between = max(float(change.var(ddof=1) - within), 0.0)
    # 1 - 10 % of a length is 0.81 of its square: between + within tasks / 2n = 0.81 (between + within tasks / n).
    needed = (0.81 - 0.5) / (1 - 0.81) * tasks * within / between if between else np.inf
    return pd.Series({"within": np.sqrt(within), "between": np.sqrt(between), "needed": needed})


def timed(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What the function returns, and the seconds of processor time it took."""
    began = time.process_time()
    return function(*arguments), time.process_time() - began


def seed_medians(turns: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """Medians over the tasks of each seed, from the rows of `few_label_turns`.

    First log(strong teacher's error / weak teacher's), by ``panel``, ``rule``, ``labels``, ``seed``. Then, by ``panel``,
    ``rule``, ``direction``, ``labels``, ``seed``: ``share`` gain / misfit, ``constant`` that of the student that learns
    nothing, ``beyond`` the median of the difference.
    """
    of_seed = ["panel", "rule", "labels", "seed"]
    errors = turns.pivot(index=[*of_seed, "task"], columns="direction", values="weak_error")
    ratio = (errors["strong-to-weak"] / errors["weak-to-strong"]).groupby(of_seed)
    log_ratio = ratio.apply(lambda values: float(np.median(np.log(values))))
    share, constant = turns["gain"] / turns["misfit"], turns["constant_gain"] / turns["constant_misfit"]
    table = turns.assign(share=share, constant=constant, beyond=share - constant)
    by = ["panel", "rule", "direction", "labels", "seed"]
    return log_ratio, table.groupby(by)[["share", "constant", "beyond"]].median()


def size_of(change: Interval) -> Interval:
    """The interval of |change| that follows from that of a change: from 0 where the latter holds 0."""
    low, high = sorted(map(abs, change.ends))
    return Interval(abs(change.estimate), 0.0 if change.low <= 0 <= change.high else low, high)


def live_units(features: ArrayLike, share: float = 0.01) -> int:
    """Number of ReLU features ``(n, d)`` that are above 0 on more than ``share`` of the rows."""
    return int((np.mean(np.asarray(features) > 0, axis=0) > share).sum())
