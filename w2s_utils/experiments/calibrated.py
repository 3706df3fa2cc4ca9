"""How calibration moves from teacher to student: random pairs of the two, and one class of a trial against the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..theory.arrays import Array
from ..theory.calibration import (
    group_error,
    log_loss_reach,
    smooth_error,
    smooth_reach,
)
from ..theory.divergences import LOGISTIC
from .classification import HANDED_ON, Judgements

BINS = 10
"""Of equal width, as calibration plots have them."""


def bins(said: Array) -> Array:
    """In which of BINS bins of equal width probabilities ``(n,)`` lie, from 0."""
    return np.asarray(np.minimum(np.floor(said * BINS), BINS - 1))


def errors_of(said: Array, truth: Array, groups: ArrayLike) -> dict[str, float]:
    """Log loss and three calibration errors of probabilities ``said (n,)`` of a class; ``truth (n,)``: 1 where it is that.

    ``grouped``: over ``groups (n,)``; ``binned``: over the `bins` of ``said`` itself, as calibration plots show it, so that
    groups move with it and no bound holds.
    """
    return {
        "loss": float(-np.mean(truth * np.log(said) + (1 - truth) * np.log1p(-said))),
        "smooth": smooth_error(said, truth),
        "binned": group_error(said, truth, bins(said)),
        "grouped": group_error(said, truth, groups),
    }


def moved(
    weak: Array, student: Array, of_weak: dict[str, float], of_student: dict[str, float]
) -> dict[str, float]:
    """How far apart two probabilities of a class ``(n,)`` are, what that allows, and `errors_of` both.

    ``difference``: mean KL(w || s), nats; ``floor``: the least distance of any probability from 0 and 1; ``weak_`` and
    ``student_`` errors; reaches of loss and smooth error (`calibration`).
    """
    difference = float(LOGISTIC.mean(weak, student))
    floor = float(min(np.min([weak, student]), np.min([1 - weak, 1 - student])))
    return {
        "difference": difference,
        "floor": floor,
        **{f"weak_{error}": value for error, value in of_weak.items()},
        **{f"student_{error}": value for error, value in of_student.items()},
        "loss_reach": log_loss_reach(difference, floor),
        "smooth_reach": smooth_reach(difference),
    }


def random_pairs(
    pairs: int, rows: int, floors: Sequence[float], generator: np.random.Generator
) -> list[dict[str, float]]:
    """`moved` for random teachers and students of ``rows`` rows, ``pairs`` of them for each of the ``floors``.

    Teachers from flat to sure of themselves, students between a copy and another draw, labels from the teacher's
    probabilities, from the student's, or from neither.
    """
    found = []
    for floor in floors:
        for pair in range(pairs):
            sure, share = 10 ** generator.uniform(-1, 1), generator.random() ** 3
            both = generator.beta(sure, sure, (2, rows))
            weak, other = floor + (1 - 2 * floor) * both
            student = weak + share * (other - weak)
            chance = (weak, student, generator.random(rows))[pair % 3]
            truth = (generator.random(rows) < chance).astype(np.float64)
            groups = generator.integers(0, 3, rows)
            errors = (errors_of(said, truth, groups) for said in (weak, student))
            found.append({"least": floor, "pair": pair, **moved(weak, student, *errors)})
    return found


def moved_rows(found: Judgements, **keys: Any) -> list[dict[str, Any]]:
    """`moved` of each student in ``found`` and each class against the rest (of two classes, the second): one row each.

    Groups are the classes that the teacher names: a partition that does not depend on the student.
    """
    classes = range(found.truth.shape[1]) if found.truth.shape[1] > 2 else (1,)
    rows = []
    for teacher, weak in found.weak.items():
        groups = weak.argmax(axis=1)
        for one in classes:
            truth = found.truth[:, one]
            of_weak = errors_of(weak[:, one], truth, groups)
            for handed in HANDED_ON:
                said = found.students[teacher, handed][:, one]
                what = moved(weak[:, one], said, of_weak, errors_of(said, truth, groups))
                rows.append({**keys, "teacher": teacher, "handed": handed, "class": one, **what})
    return rows
