"""How often intervals for the gain hold where it is known, and how long they are: many draws of rows at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

from ..theory.arrays import Array
from ..theory.bounded import bounded_gain, parts, spans
from ..theory.capped import capped_gain
from ..theory.misfits import caps_above
from .label_worlds import Rows, World

CELLS = 200_000
"""Rows of all draws that are worked on at a time: what a processor has at hand."""


@dataclass(frozen=True)
class Ends:
    """Ends ``low``, ``high`` of two-sided intervals and one-sided lower ``bound``, ``(draws,)`` each, squared target units."""

    low: Array
    high: Array
    bound: Array


Interval = Callable[[Rows, int, float], Ends]
"""Of true labels and predictions ``(draws, n)`` each, how many of the first rows are labelled, and the level."""


def plain(rows: Rows, labels: int, level: float) -> Ends:
    """Student's t from the labelled rows alone."""
    gains = _gains(rows, labels)
    error = gains.std(axis=1, ddof=1) / math.sqrt(labels)
    return _around(gains.mean(axis=1), lambda confidence: stdtrit(labels - 1, confidence) * error, level)


def line(rows: Rows, labels: int, level: float) -> Ends:
    """The regression estimator (Cochran 1977): a line of gain on misfit to the end, its error with each row left out (HC3)."""
    gains, misfits = _gains(rows, labels), (rows[1] - rows[2]) ** 2
    told, count = misfits[:, :labels], misfits.shape[1]
    about = told - told.mean(axis=1, keepdims=True)
    scatter = np.sum(about**2, axis=1)
    slope = np.divide(np.sum(about * gains, axis=1), scatter, out=np.zeros_like(scatter), where=scatter > 0)
    per_row = np.divide(about, scatter[:, None], out=np.zeros_like(about), where=scatter[:, None] > 0)
    from_mean = gains - gains.mean(axis=1, keepdims=True)
    kept = 1 - 1 / labels - per_row * about
    left_out = np.where(kept > 1e-9, (from_mean - slope[:, None] * about) / np.maximum(kept, 1e-9), 0.0)
    distance = told.mean(axis=1) - misfits.mean(axis=1)
    shares = 1 / labels - distance[:, None] * per_row
    error = np.sqrt(np.sum((shares * left_out) ** 2, axis=1) + slope**2 * misfits.var(axis=1) / count)
    gain = gains.mean(axis=1) - slope * distance
    return _around(gain, lambda confidence: stdtrit(labels - 2, confidence) * error, level)


def of_numbers(rows: Rows, labels: int, level: float) -> Ends:
    """What `certificate.certify_gain` says of true labels that are numbers."""
    misfits = (rows[1] - rows[2]) ** 2
    made = capped_gain(
        _gains(rows, labels),
        misfits[:, :labels],
        misfits.shape[1],
        lambda caps: _beyond(misfits, caps),
        caps_above,
    )
    return _around(made.gain, made.reach, level)


def of_classes(low: float, high: float) -> Interval:
    """What `certificate.certify_gain` says of classes from ``low`` to ``high``."""

    def found(rows: Rows, labels: int, level: float) -> Ends:
        apart = parts(rows[1], rows[2])
        made = bounded_gain(_gains(rows, labels), apart[:, :labels], low, high, spans(apart))
        return Ends(*made.ends((1 - level) / 2), made.ends(1 - level)[0])

    return found


def certified(world: World) -> Interval:
    """The interval that `certificate.certify_gain` has for the labels of this world."""
    return of_numbers if world.classes is None else of_classes(*world.classes)


def tried(
    world: World,
    kinds: dict[str, Interval],
    counts: Iterable[int],
    draws: int,
    generator: np.random.Generator,
    level: float = 0.95,
    rows_for: Callable[[int], int] = lambda labels: max(2000, 20 * labels),
) -> list[dict[str, Any]]:
    """Each of ``kinds`` with each of the ``counts`` of labels on as many ``draws`` of rows: how often it ``held`` the gain.

    ``rows_for``: how many rows a draw has with so many labels; those of fewer labels are the first of those of more.
    ``bound_held``: so many one-sided bounds. ``length``: the median; both intervals at ``level``.
    """
    gain, counts = world.gain(), sorted(counts)
    sizes = {labels: rows_for(labels) for labels in counts}
    most = max(sizes.values())
    made: dict[tuple[str, int], list[Ends]] = {(kind, labels): [] for labels in counts for kind in kinds}
    for start in range(0, draws, max(CELLS // most, 1)):
        now = min(max(CELLS // most, 1), draws - start)
        drawn = [side.reshape(now, most) for side in world.draw(now * most, generator)]
        for kind, labels in made:
            truth, weak, student = (side[:, : sizes[labels]] for side in drawn)
            made[kind, labels].append(kinds[kind]((truth, weak, student), labels, level))
    found = []
    for (kind, labels), ends in made.items():
        low, high, bound = (
            np.concatenate([getattr(e, side) for e in ends]) for side in ("low", "high", "bound")
        )
        found.append(
            {
                "labels": labels,
                "kind": kind,
                "draws": draws,
                "held": int(np.sum((low <= gain) & (gain <= high))),
                "bound_held": int(np.sum(bound <= gain)),
                "length": float(np.median(high - low)),
            }
        )
    return found


def _around(centre: Array, reach: Callable[[float], Array], level: float) -> Ends:
    half = reach((1 + level) / 2)
    return Ends(centre - half, centre + half, centre - reach(level))


def _gains(rows: Rows, labels: int) -> Array:
    truth, weak, student = (side[:, :labels] for side in rows)
    return (weak - truth) ** 2 - (student - truth) ** 2


def _beyond(misfits: Array, caps: Array) -> tuple[Array, Array, Array, Array]:
    told = np.minimum(misfits, caps[:, None])
    excess = misfits - told
    return told.mean(axis=1), told.var(axis=1), excess.mean(axis=1), excess.var(axis=1)
