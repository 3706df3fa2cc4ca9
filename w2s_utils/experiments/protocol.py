"""The three stages of weak-to-strong training on any arrays, and rows of what came out.

1. The weak head is fitted to the truth on ``weak_train``.
2. The weak model labels the rows of ``student_train``, which it has not seen.
3. The strong head is fitted to those weak labels: the student. The same head fitted to the truth there is the ceiling.

Weak error, student error, misfit and ceiling are then measured on one set of held-out rows, ``evaluation``. For classes the
targets are point masses ``(n, c)``, the heads give probabilities, and `classification` measures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from ..heads.validated import ValidatedLogistic, ValidatedRidge
from ..theory import misfit
from ..theory.arrays import Array, readable

Validated = ValidatedRidge | ValidatedLogistic
"""Heads that choose their penalty."""


class OverlappingParts(ValueError):
    """Two parts that must be disjoint share rows."""


class Head(Protocol):
    """What the protocol asks of a head: scikit-learn's fit and predict, for one task or many.

    Of a head that has ``predict_proba`` the protocol takes that: targets are probabilities then.
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self: ...

    def predict(self, X: ArrayLike) -> Array: ...


@dataclass(frozen=True)
class Parts:
    """Row numbers (0-based) of the parts of one data set.

    ``weak_train``, ``student_train``, ``evaluation``: at least one row each; ``validation``: rows on which penalties are
    chosen, may be empty. All are disjoint, but for ``allow_shared``: with it the weak model may have been fitted on the
    rows that it then labels (the released notebook does so; see DEVIATIONS.md).
    Raises OverlappingParts, or ValueError for an empty part, repeated rows or numbers that are not row numbers.
    """

    weak_train: NDArray[np.intp]
    student_train: NDArray[np.intp]
    evaluation: NDArray[np.intp]
    validation: NDArray[np.intp] = ()  # type: ignore[assignment]
    allow_shared: bool = False

    def __post_init__(self) -> None:
        names = ("weak_train", "student_train", "evaluation", "validation")
        for name in names:
            object.__setattr__(self, name, _row_numbers(name, getattr(self, name)))
            if name != "validation" and not len(getattr(self, name)):
                raise ValueError(f"the part {name} is empty")
        for place, first in enumerate(names):
            for second in names[place + 1 :]:
                if self.allow_shared and (first, second) == ("weak_train", "student_train"):
                    continue
                shared = np.intersect1d(getattr(self, first), getattr(self, second))
                if len(shared):
                    raise OverlappingParts(
                        f"{first} and {second} share {len(shared)} rows (the first is {shared[0]}); "
                        "give each row to one part, as results on rows seen before mean nothing"
                    )

    @classmethod
    def consecutive(cls, weak_train: int, student_train: int, evaluation: int) -> Self:
        """Parts of the given sizes, one after another from row 0: for rows that are drawn independently anyway."""
        ends = np.cumsum([weak_train, student_train, evaluation])
        first, second, third = np.split(np.arange(ends[-1]), ends[:-1])
        return cls(first, second, third)


@dataclass(frozen=True)
class Outcome:
    """What the three stages gave: predictions on the evaluation rows ``(m,)`` or ``(m, tasks)``, heads, errors."""

    truth: Array
    weak: Array
    student: Array
    ceiling: Array
    weak_head: Any
    student_head: Any
    ceiling_head: Any
    triple: misfit.ErrorTriple


def run_protocol(
    weak_features: ArrayLike,
    strong_features: ArrayLike,
    targets: ArrayLike,
    parts: Parts,
    weak_head: Head | Validated,
    strong_head: Head | Validated,
    hand_on: Callable[[Array], Array] | None = None,
) -> Outcome:
    """Run the three stages once; many tasks at once where ``targets`` is ``(n, tasks)``.

    ``weak_features (n, d_w)``, ``strong_features (n, d_s)``, ``targets (n,)`` or ``(n, tasks)``: same rows in the same
    order. ``weak_head``, ``strong_head``: unfitted heads; copies are fitted. ``hand_on``: what the student gets of the weak
    model's predictions, such as `classification.hardened`; as they are where it is None. Raises ValueError where the numbers
    of rows differ or a part asks for rows that are not there, and what the heads raise.
    """
    weak_x, strong_x, y = (np.asarray(readable(table)) for table in (weak_features, strong_features, targets))
    if not len(weak_x) == len(strong_x) == len(y):
        raise ValueError(
            f"weak features, strong features and targets have {len(weak_x)}, {len(strong_x)} and {len(y)} rows; "
            "they describe the same rows in the same order"
        )
    named = (parts.weak_train, parts.student_train, parts.evaluation, parts.validation)
    last = max(part.max() for part in named if len(part))
    if last >= len(y):
        raise ValueError(f"the parts ask for row {last}, but there are {len(y)} rows")
    train, held_out = parts.student_train, parts.evaluation
    weak = fitted(weak_head, weak_x, y, parts.weak_train, parts.validation)
    weak_labels = said(weak, weak_x)
    handed = weak_labels if hand_on is None else hand_on(weak_labels)
    student = fitted(strong_head, strong_x, handed, train, parts.validation)
    ceiling = fitted(strong_head, strong_x, y, train, parts.validation)
    truth, weak_out = y[held_out].astype(np.float64), weak_labels[held_out]
    student_out, ceiling_out = said(student, strong_x[held_out]), said(ceiling, strong_x[held_out])
    triple = misfit.error_triple(truth, weak_out, student_out, ceiling_out)
    return Outcome(truth, weak_out, student_out, ceiling_out, weak, student, ceiling, triple)


def triple_rows(triple: misfit.ErrorTriple, **keys: Any) -> list[dict[str, Any]]:
    """One row per task: the keys, ``task`` (0-based) where there are several, the three errors, gain, cross term.

    ``ceiling`` is added where it is known. Errors in squared target units.
    """
    measured = {
        name: np.atleast_1d(getattr(triple, name))
        for name in ("weak_error", "student_error", "misfit", "gain", "cross_term")
    }
    if triple.ceiling is not None:
        measured["ceiling"] = np.atleast_1d(triple.ceiling)
    tasks = np.ndim(triple.misfit) == 1
    return [
        {
            **keys,
            **({"task": task} if tasks else {}),
            **{name: float(values[task]) for name, values in measured.items()},
        }
        for task in range(len(measured["misfit"]))
    ]


def ladder_rows(truth: ArrayLike, models: Sequence[str], made: Array, **keys: Any) -> list[dict[str, Any]]:
    """One row per weak model: keys, ``weak``, `triple_rows`, the two parts of the cross term, and the noise of both means.

    ``truth (m,)``; ``models``: names, in the order of ``made (weak models, 3, m)``: weak model, student, ceiling, as
    `crossfit.ladder_predictions` returns them. ``no_projection`` and ``not_expressible`` are the parts, see
    `misfit.cross_parts`; ``gain_noise`` and ``cross_term_noise`` the standard errors of those means over rows, heads kept; all
    in squared target units.
    """
    rows = []
    for model, (weak, student, ceiling) in zip(models, made, strict=True):
        [row] = triple_rows(misfit.error_triple(truth, weak, student, ceiling), **keys, weak=model)
        row["no_projection"], row["not_expressible"] = misfit.cross_parts(truth, weak, student, ceiling)
        terms = misfit.cross_terms(truth, weak, student)
        by_row = {"gain": terms + (student - weak) ** 2, "cross_term": terms}
        row |= {f"{key}_noise": one.std(ddof=1) / np.sqrt(len(one)) for key, one in by_row.items()}
        rows.append(row)
    return rows


def fitted(
    head: Any, features: Array, labels: Array, rows: NDArray[np.intp], validation: NDArray[np.intp]
) -> Any:
    """A copy of ``head`` fitted to ``labels`` on ``rows``, its penalty chosen on ``validation`` where it is a `Validated` one.

    Raises ValueError where there are no validation rows to choose on.
    """
    if isinstance(head, Validated):
        if not len(validation):
            raise ValueError("a penalty is chosen on validation rows, but the parts have none")
        return head.choose(features[rows], labels[rows], features[validation], labels[validation])
    return clone(head).fit(features[rows], labels[rows])


def said(head: Any, features: Array) -> Array:
    """What a fitted head says of ``features (n, d)``: probabilities ``(n, c)`` where it gives some, else predictions."""
    return np.asarray(
        head.predict_proba(features) if hasattr(head, "predict_proba") else head.predict(features)
    )


def _row_numbers(name: str, rows: ArrayLike) -> NDArray[np.intp]:
    numbers = np.asarray(readable(rows))
    if not numbers.size:
        return np.empty(0, dtype=np.intp)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu" or numbers.min() < 0:
        raise ValueError(f"the part {name} is not a list of row numbers (0-based integers)")
    if len(np.unique(numbers)) != len(numbers):
        raise ValueError(f"the part {name} names a row twice")
    return numbers.astype(np.intp)
