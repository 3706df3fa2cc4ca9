"""What the released notebook does otherwise in Figure 2(b), switched back choice by choice, on the same points throughout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..theory.arrays import Array
from .figure_2abc import World, fresh_points, panel_outcomes
from .protocol import Head
from .released import adamw_predictions

OWN_ROWS, TWO_SAMPLES = "own rows", "two samples"
SWITCHES: dict[str, tuple[str, ...]] = {
    "here": (),
    OWN_ROWS: (OWN_ROWS,),
    TWO_SAMPLES: (TWO_SAMPLES,),
    "both": (OWN_ROWS, TWO_SAMPLES),
}
"""By name: weak labels on the points on which the weak head was fitted; misfit on other points than the gain."""
ADAMW = "both, AdamW heads"


def switched(world: World, setting: str, head: Head, rows: int, tasks: int) -> list[dict[str, Any]]:
    """Rows of panel b of one seed in a ``setting`` of SWITCHES, with ``head`` for all three heads.

    ``rows`` points for the weak head, for the student, for gain and ceiling, and for the misfit with TWO_SAMPLES; all
    ``tasks`` share them. Keys ``setting``, ``seed``, ``panel``, ``task``; errors in squared target units. Raises KeyError for
    another setting, and what the heads raise.
    """
    choices = SWITCHES[setting]
    options = {"points_per_task": False, "own_rows": OWN_ROWS in choices}
    [one] = panel_outcomes(world, "b", rows, 2 * rows, head, head, tasks, **options)
    two_samples = TWO_SAMPLES in choices
    return _rows(world.seed, setting, one.truth, one.weak, one.student, one.ceiling, two_samples)


def with_adamw(worlds: Sequence[World], rows: int, tasks: int, epochs: int) -> list[dict[str, Any]]:
    """`switched` with both choices and heads as released, the worlds side by side: rows of the setting ADAMW.

    ``epochs`` >= 1 of AdamW for each head. Raises ValueError for no world, else as `released.adamw_side_by_side`.
    """
    if not worlds:
        raise ValueError("AdamW heads need one world at least, and there is none")
    drawn = [next(fresh_points(world, "b", rows, 4 * rows, tasks, points_per_task=False)) for world in worlds]
    weak, strong, truth = (np.stack(tables) for tables in zip(*drawn, strict=True))
    learn, judge = np.arange(rows), slice(2 * rows, 4 * rows)
    both = adamw_predictions(np.concatenate([weak, strong]), np.concatenate([truth, truth]), learn, epochs)
    taught, ceiling = np.split(both, 2)
    student = adamw_predictions(strong, taught, learn, epochs)
    judged = [part[:, judge] for part in (truth, taught, student, ceiling)]
    found = []
    for world, g, w, p, s in zip(worlds, *judged, strict=True):
        found += _rows(world.seed, ADAMW, g, w, p, s, two_samples=True)
    return found


def _rows(
    seed: int, setting: str, truth: Array, weak: Array, student: Array, ceiling: Array, two_samples: bool
) -> list[dict[str, Any]]:
    """Rows from truth and predictions ``(2 rows, tasks)``: the first half for gain and ceiling."""
    first, second = np.split(np.arange(len(truth)), 2)
    of_misfit = second if two_samples else first
    errors = [np.mean((one - truth)[first] ** 2, axis=0) for one in (weak, student, ceiling)]
    misfit = np.mean((student - weak)[of_misfit] ** 2, axis=0)
    about = {"setting": setting, "seed": seed, "panel": "b"}
    return [
        {**about, "task": task, "gain": w - s, "misfit": m, "ceiling": c}
        for task, (w, s, c, m) in enumerate(zip(*errors, misfit, strict=True))
    ]
