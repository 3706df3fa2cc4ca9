"""Where errors go when a second objective conflicts with the weak labels: what strong and weak model know, and what is lost.

A model *knows* a row if it gives the true class the probability KNOWN or more. Two models cut the rows in four REGIONS: the
weak model is the teacher, the strong one the student's head trained on the truth. A row is *lost* if the student is right
without the second objective and wrong with it. The score of Yang et al. (2024, arXiv 2406.11431) is the share of the lost
rows that the strong model knows and the weak one does not. It says where rows are lost; why, no share can say.

The second objective gives some rows a reward for a class of its own. With the conflict weight l, in [0, 1], a rewarded row
has the label

    (1 - l) w + l b,        w the teacher's probabilities, b the preferred class,                          (1)

so a student of a convex loss stays one. If a share r of the rows is rewarded at random, of two classes for the wrong one, and
a student can but say the mean label of rows that look alike, the true class has the probability (1 - r l) w_y, and the row is
lost exactly where w_y, above 1/2 before, is

    w_y < 1 / (2 (1 - r l)):                                                                               (2)

where the teacher is unsure. For r l < 1/3 that is below KNOWN, whatever the student is or wants.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..experiments.classification import Taught
from ..theory.arrays import Array

if TYPE_CHECKING:
    import pandas as pd

KNOWN = 0.75
"""Probability of the true class from which on a model knows a row: the confidence threshold of the released code."""

STRONG_ALONE, BOTH, WEAK_ALONE, NEITHER = "strong alone", "both", "weak alone", "neither"
REGIONS = (STRONG_ALONE, BOTH, WEAK_ALONE, NEITHER)
"""Who knows a row."""

Rows = NDArray[np.bool_]


def knows(said: ArrayLike, truth: ArrayLike, threshold: float = KNOWN) -> Rows:
    """Of which rows a model knows the class, ``(n,)``: its probabilities ``said (n, c)``, point masses ``truth (n, c)``."""
    return np.asarray((np.asarray(said) * np.asarray(truth)).sum(axis=1) >= threshold)


def regions(truth: Array, strong: Array, weak: Array, threshold: float = KNOWN) -> dict[str, Rows]:
    """The rows of each of REGIONS, ``(n,)`` each; every row lies in one. Arguments ``(n, c)``, see `knows`."""
    of_strong, of_weak = knows(strong, truth, threshold), knows(weak, truth, threshold)
    return {
        STRONG_ALONE: of_strong & ~of_weak,
        BOTH: of_strong & of_weak,
        WEAK_ALONE: ~of_strong & of_weak,
        NEITHER: ~of_strong & ~of_weak,
    }


def right(said: ArrayLike, truth: ArrayLike) -> Rows:
    """Rows on which the most probable class is the true one, ``(n,)``; arguments ``(n, c)``."""
    return np.asarray(np.asarray(said).argmax(axis=1) == np.asarray(truth).argmax(axis=1))


def lost_and_won(
    truth: Array, strong: Array, weak: Array, before: Array, after: Array, threshold: float = KNOWN
) -> dict[str, float]:
    """Counts of rows: ``lost`` and ``won`` by the second objective, ``at risk`` (right before), all and by region.

    ``before``, ``after``: what the student says without and with it; all arguments ``(n, c)``. The student's errors grow by
    lost - won.
    """
    was, now = right(before, truth), right(after, truth)
    found = {"lost": (was & ~now).sum(), "won": (now & ~was).sum(), "at risk": was.sum(), "rows": len(was)}
    for name, rows in regions(truth, strong, weak, threshold).items():
        found |= {f"{name}, rows": rows.sum(), f"{name}, at risk": (was & rows).sum()}
        found |= {f"{name}, lost": (was & ~now & rows).sum()}
    return {name: int(count) for name, count in found.items()}


def scored(counts: pd.DataFrame) -> pd.DataFrame:
    """Rows of `lost_and_won` with the score in three forms and two chance levels, NaN for a share of nothing.

    ``of_lost``: share of the lost rows that lie in STRONG_ALONE; ``of_known``: the same of lost rows that the strong model
    knows; ``rate``: share of that region's rows at risk that are lost. ``chance`` and ``chance_known``: what the first two are
    in the mean if as many of the rows at risk are lost at random.
    """
    hit, at_risk = counts[f"{STRONG_ALONE}, lost"], counts[f"{STRONG_ALONE}, at risk"]
    known, known_at_risk = (
        counts[f"{STRONG_ALONE}, {what}"] + counts[f"{BOTH}, {what}"] for what in ("lost", "at risk")
    )
    return counts.assign(
        of_lost=hit / counts["lost"].where(counts["lost"] > 0),
        of_known=hit / known.where(known > 0),
        rate=hit / at_risk.where(at_risk > 0),
        chance=at_risk / counts["at risk"].where(counts["at risk"] > 0),
        chance_known=at_risk / known_at_risk.where(known_at_risk > 0),
    )


def score_at(path: pd.DataFrame, lost: float) -> float:
    """The score of a student under a conflict that costs it ``lost`` rows: linear between the weights that were tried.

    ``path``: rows of `lost_and_won` of one trial, from the mildest conflict on; with no conflict no row is lost. Lost rows and
    those of them in STRONG_ALONE are interpolated. A share falls as more is lost, so scores compare where as much is lost. NaN
    where no row or more than all of the path's are lost.
    """
    at, hits = (np.append(0.0, path[name]) for name in ("lost", f"{STRONG_ALONE}, lost"))
    if not 0 < lost <= at.max():
        return math.nan
    first = int(np.argmax(at >= lost))
    return float(np.interp(lost, at[first - 1 : first + 1], hits[first - 1 : first + 1]) / lost)


def with_reward(labels: Array, preferred: Array, rewarded: Rows, weight: float) -> Array:
    """Labels (1): ``labels (n, c)`` mixed with ``preferred (n, c)`` on the ``rewarded (n,)`` rows, the others as they are.

    Raises ValueError for a ``weight`` outside [0, 1].
    """
    if not 0 <= weight <= 1:
        raise ValueError(f"a conflict weight lies from 0 to 1, not {weight!r}")
    share = weight * np.asarray(rewarded, dtype=np.float64)[:, None]
    return np.asarray((1 - share) * labels + share * preferred)


def another_class(truth: Array) -> Array:
    """Point masses on the class after the true one, of two classes on the wrong one; ``(n, c)`` both."""
    return np.roll(truth, 1, axis=1)


def loses_below(weight: float, share: float) -> float:
    """The right side of (2): of two classes the probability of the true one below which a row is lost; at most infinity."""
    kept = 1 - weight * share
    return 1 / (2 * kept) if kept > 0 else np.inf


def entrenched(world: Taught, labels: Array, before: Array, weight: float, rounds: int) -> Array:
    """A student that is rewarded on the rows where it is wrong *already*, for `another_class`: ``(n, c)``.

    The released code's explicit conflict, per step of a training; here the student is fitted anew ``rounds`` times, to the
    rows that the one before it gets wrong, ``before (n, c)`` at first. ``weight``: in the sense of (1); the code adds
    alpha = 0.5 times the reward's loss to that of the labels, which is a weight of alpha / (1 + alpha).
    """
    said, preferred = before, another_class(world.truth)
    for _ in range(rounds):
        wrong = ~right(said, world.truth)
        said = world.strong_head(with_reward(labels, preferred, wrong, weight), world.parts.student_train)
    return said


def students(
    world: Taught,
    weak: Array,
    share: float,
    draws: np.random.Generator,
    conflicts: Sequence[float],
    coins: Sequence[float] = (),
) -> tuple[Array, dict[tuple[str, float], Array]]:
    """A student of ``weak (n, c)`` without a second objective, and by kind and weight of (1) those that are set beside it.

    ``conflict``, for each weight of ``conflicts``: a random ``share`` of the rows is rewarded for `another_class`. ``coin``,
    for each weight of ``coins``: the same rows are rewarded as much for a class drawn at random, which is noise and no
    conflict. ``again``, weight 0: nothing is rewarded; the student learns from a bootstrap sample of its rows.
    """
    own, classes = world.parts.student_train, world.truth.shape[1]
    rewarded = draws.random(len(weak)) < share
    drawn = np.eye(classes)[draws.integers(classes, size=len(weak))]
    found = {("again", 0.0): world.strong_head(weak, draws.choice(own, size=len(own)))}
    for kind, weights, preferred in (
        ("conflict", conflicts, another_class(world.truth)),
        ("coin", coins, drawn),
    ):
        for weight in weights:
            found[kind, weight] = world.strong_head(with_reward(weak, preferred, rewarded, weight), own)
    return world.strong_head(weak, own), found
