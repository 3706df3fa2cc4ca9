"""What the two notebooks on swapped roles share: who teaches whom, where two models cross, a student's own rows, a turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import RidgeCV

from ..data.container import Views
from ..heads.linear import LeastSquaresHead
from ..heads.validated import PENALTIES, ValidatedRidge
from ..theory.arrays import Array
from ..theory.misfit import ErrorTriple, cross_parts, error_triple, exact_gap
from .crossfit import LIMIT, standardise
from .protocol import Parts, triple_rows

DIRECTIONS = {"weak-to-strong": ("small", "large"), "strong-to-weak": ("large", "small")}
"""Teacher and student of each."""

VALIDATED, LEAVE_ONE_OUT, NONE = "validated", "leave-one-out", "no penalty"


def _leave_one_out(features: Array, labels: Array, others: Array, other_labels: Array) -> Any:
    scale = len(features) * features.var(axis=0).mean()
    return RidgeCV(scale * np.array(PENALTIES), alpha_per_target=True).fit(features, labels)


def _unpenalised(features: Array, labels: Array, others: Array, other_labels: Array) -> Any:
    return LeastSquaresHead().fit(features, labels)


RULES: dict[str, Callable[[Array, Array, Array, Array], Any]] = {
    VALIDATED: ValidatedRidge().choose,
    LEAVE_ONE_OUT: _leave_one_out,
    NONE: _unpenalised,
}
"""How a head gets its penalty: functions of features, labels and those of other rows that may choose it, to a fitted head."""


def crossing(at: Sequence[float], log_ratios: ArrayLike) -> float:
    """Label count at which log(large error / small error) falls through 0, linear in log n; else an end of the range.

    ``at``: label counts, rising; ``log_ratios``: one value for each.
    """
    values = np.asarray(log_ratios)
    above = np.flatnonzero(values > 0)
    if not above.size:
        return float(at[0])
    last = above[-1]
    if last == len(at) - 1:
        return float(at[-1])
    share = values[last] / (values[last] - values[last + 1])
    return float(np.exp((1 - share) * np.log(at[last]) + share * np.log(at[last + 1])))


def on_own_rows(head: Any, features: ArrayLike, weak: Array, goal: Array) -> tuple[ErrorTriple, float]:
    """Triple of a student of a subspace on its own rows, with the truth's projection as ceiling; how far gain - misfit is off.

    ``head``: unfitted, of a subspace; ``features (n, d)``, ``weak (n,)``, ``goal (n,)``. The second value is the distance of
    gain - misfit from `misfit.exact_gap`, relative to the weak error: round-off, if theorem 2 is right.
    """
    fitted, nearest = head.fit(features, np.column_stack([weak, goal])).predict(features).T
    triple = error_triple(goal, weak, fitted, nearest)
    off = np.abs(triple.cross_term - exact_gap(goal, weak, nearest, fitted)) / triple.weak_error
    return triple, float(off)


def predictions(
    rule: str, features: Array, labels: Array, learn: NDArray[np.intp], choose: NDArray[np.intp]
) -> Array:
    """Predictions ``(all rows, tasks)`` of heads by one of RULES, fitted to ``labels (all rows, tasks)`` on rows ``learn``."""
    head = RULES[rule](features[learn], labels[learn], features[choose], labels[choose])
    return np.asarray(head.predict(features)).reshape(len(features), -1)


def one_turn(
    rule: str,
    truth: Array,
    family: Views,
    parts: Parts,
    label_counts: Sequence[int],
    validation_rows: int,
    limit: float = LIMIT,
) -> list[dict[str, Any]]:
    """Rows of one turn, by direction, small model and number of labels: triple, parts of gain - misfit, the constant rival.

    Teachers learn from the first n rows of ``parts.weak_train``, for each n of ``label_counts`` that it has, and choose their
    penalty on the first ``validation_rows`` of ``parts.validation``. Students learn their teacher's labels on
    ``parts.student_train``, and choose on the labels of all validation rows. ``cross_student`` and ``cross_class``: see
    `misfit.cross_parts`; ``constant_``: of a student that learns nothing, the mean of its weak labels whatever the row.
    ``limit``: see `crossfit.standardise`; infinite where no feature is to be cut off.
    """
    large = family.strong_name
    training = np.union1d(parts.weak_train, parts.student_train)
    goal = np.asarray(truth, dtype=float)[:, None]
    tables = {small: standardise(table, training, limit) for small, table in family.weak.items()}
    tables[large] = standardise(family.strong, training, limit)
    sizes = [count for count in label_counts if count <= len(parts.weak_train)]
    chosen_on = parts.validation[:validation_rows]
    teachers = {
        model: np.column_stack(
            [predictions(rule, table, goal, parts.weak_train[:size], chosen_on) for size in sizes]
        )
        for model, table in tables.items()
    }

    def students(model: str, *labels: Array) -> list[tuple[Array, Array]]:
        all_labels = np.column_stack([*labels, goal])
        made = predictions(rule, tables[model], all_labels, parts.student_train, parts.validation)
        ceiling = np.repeat(made[:, -1:], len(sizes), axis=1)
        return [(part, ceiling) for part in np.split(made[:, :-1], len(labels), axis=1)]

    judged = parts.evaluation
    goals = np.repeat(goal[judged], len(sizes), axis=1)
    of_large = students(large, *(teachers[small] for small in family.weak))
    found = []
    for small, taught_by_small in zip(family.weak, of_large, strict=True):
        [taught_by_large] = students(small, teachers[large])
        for direction, (role, _) in DIRECTIONS.items():
            teacher = teachers[small if role == "small" else large]
            student, ceiling = (
                made[judged] for made in (taught_by_small if role == "small" else taught_by_large)
            )
            own, beyond = map(np.atleast_1d, cross_parts(goals, teacher[judged], student, ceiling))
            triple = error_triple(goals, teacher[judged], student, ceiling)
            mean = np.broadcast_to(teacher[parts.student_train].mean(axis=0), goals.shape)
            constant = error_triple(goals, teacher[judged], mean)
            idle_gain, idle_misfit = np.atleast_1d(constant.gain), np.atleast_1d(constant.misfit)
            for row in triple_rows(triple, direction=direction, small=small):
                place = row.pop("task")
                row |= {"cross_student": own[place], "cross_class": beyond[place]}
                row |= {"constant_gain": idle_gain[place], "constant_misfit": idle_misfit[place]}
                found.append({"labels": sizes[place], **row})
    return found
