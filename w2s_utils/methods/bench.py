"""The bench on which methods meet: same rows, same teachers, same strong representation, seed by seed.

A method makes a student of a trial and one of its teachers. Whatever it does, it may use of the true labels those of the
teacher's rows and of the validation rows alone, as `experiments.classification` has it, and those only by way of teachers; so
methods of one seed can be compared pair by pair, and each with the strong head on the few true labels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .. import runtime
from ..data.container import Views
from ..experiments.class_sets import ClassSet
from ..experiments.classification import Judgements, Sizes, Taught, judged_rows
from ..theory.arrays import Array

NAIVE, HARD = "naive, soft labels", "naive, hard labels"
"""The students of a teacher's probabilities and of the classes that it names: what every method is compared with."""
SIZES = {
    "digits": Sizes(taught=150, validation=100, labelled=400, judged=797),
    "SST-2": Sizes(taught=100, validation=100, labelled=500, judged=1500),
    "TREC-6": Sizes(taught=100, validation=100, labelled=500, judged=1500),
}
"""Rows of each use: fewer than in `class_sets.SIZES`, for there are more students of each teacher."""


@dataclass(frozen=True)
class Trial:
    """One cut of a set: teachers and rows in ``taught``; ``views``, what each teacher sees; ``seed`` of all draws."""

    taught: Taught
    views: Views
    seed: int

    def draws(self, *purpose: str | int) -> np.random.Generator:
        """A stream of random numbers of this trial, for each purpose its own."""
        return runtime.seed_stream(self.seed, *purpose)

    @cached_property
    def ceiling(self) -> Array:
        """What the strong head says of all rows after the true labels of the student's rows, ``(n, c)``; fitted once."""
        return self.taught.ceiling


Method = Callable[[Trial, str], Array]
"""From a trial and the name of a teacher: what the student says of all rows, probabilities ``(n, c)``."""


def trial(one: ClassSet, noises: Sequence[float], columns: int, seed: int) -> Trial:
    """The trial of a set and a seed: that of notebook 44 for the same numbers. Raises as `ClassSet.taught`."""
    return Trial(one.taught(noises, columns, seed), one.views(noises, columns, seed), seed)


def method_rows(
    one: Trial, methods: Mapping[str, Method], teachers: Sequence[str] | None = None, **keys: Any
) -> list[dict[str, Any]]:
    """Rows as of `classification.judged_rows`, for each of ``teachers`` (all where None), ``method`` and loss.

    ``keys`` come first. Raises what the methods raise.
    """
    world = one.taught
    judged, few = world.parts.evaluation, world.parts.weak_train
    weak = {name: world.weak[name][judged] for name in teachers or world.weak}
    students = {(name, method): make(one, name)[judged] for name in weak for method, make in methods.items()}
    found = Judgements(
        world.truth[judged],
        weak,
        students,
        one.ceiling[judged],
        world.strong_head(world.truth, few)[judged],
    )
    return [_named(row) for row in judged_rows(found, **keys)]


def student_rows(one: Trial, made: Mapping[str, Mapping[str, Array]], **keys: Any) -> list[dict[str, Any]]:
    """`method_rows` of students that are made already: ``made[teacher][method] (n, c)``, of every teacher the same methods.

    ``agreement``, in each row: on which share of its own rows a student names the class that its teacher named. Raises
    KeyError where a method is missing or a teacher is unknown.
    """

    def handed_in(method: str) -> Method:
        return lambda _, teacher: made[teacher][method]

    methods = {method: handed_in(method) for method in next(iter(made.values()))}
    found, own = method_rows(one, methods, tuple(made), **keys), one.taught.parts.student_train
    for row in found:
        says, taught = made[row["teacher"]][row["method"]], one.taught.weak[row["teacher"]]
        row["agreement"] = float(np.mean(says[own].argmax(axis=1) == taught[own].argmax(axis=1)))
    return found


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """The same row, with what was handed on under the name ``method``."""
    return {"method" if key == "handed" else key: value for key, value in row.items()}
