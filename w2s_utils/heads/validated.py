"""Heads whose penalty is chosen on validation rows, by one rule for every head: the least error, or the least log loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..theory.misfit import squared_distance
from .linear import RidgeHead, path_predictions, ridge_path
from .logistic import LogisticHead

PENALTIES = tuple(float(f"{10**exponent:.3g}") for exponent in np.arange(-7, 2.1, 0.5))
"""Ridge penalties tried on validation rows: relative to the mean feature variance, two per decade, 1e-7 to 100."""

LOGISTIC_PENALTIES = tuple(float(f"{10**exponent:.3g}") for exponent in np.arange(-6, 1.1, 0.5))
"""Those of a logistic head, 1e-6 to 10: beyond 10 nothing but the shares of the classes is left."""


class ValidatedRidge:
    """The penalty with the least mean squared error on validation rows, for each task apart.

    The error is that *against the labels that the head is there to predict*. For the weak model and the ceiling these are true
    labels; for the student they are weak labels, so that no true label helps the student. ``penalties``: see
    `linear.RidgeHead`.
    """

    def __init__(self, penalties: Sequence[float] = PENALTIES):
        self.penalties = tuple(penalties)

    def choose(
        self, features: ArrayLike, targets: ArrayLike, validation_features: ArrayLike, validation: ArrayLike
    ) -> RidgeHead:
        """The fitted head of the chosen penalty, which is an array ``(tasks,)`` for ``targets (n, tasks)``.

        ``features (n, d)``, ``targets (n,)`` or ``(n, tasks)``; validation rows apart, at least one. All penalties and tasks
        share one decomposition of the features. Raises as `linear.ridge_path` does.
        """
        heads = ridge_path(features, targets, self.penalties)
        errors = np.array(
            [squared_distance(validation, made) for made in path_predictions(heads, validation_features)]
        )
        best = errors.argmin(axis=0)
        if not best.ndim:
            return heads[int(best)]
        tasks = np.arange(len(best))
        chosen = heads[0]
        chosen.penalty = np.array([head.penalty for head in heads])[best]
        chosen.coef_ = np.stack([head.coef_ for head in heads])[best, tasks]
        chosen.intercept_ = np.stack([head.intercept_ for head in heads])[best, tasks]
        return chosen


class ValidatedLogistic:
    """The penalty with the least log loss on validation rows, *against the labels that the head is there to predict*.

    As in `ValidatedRidge` these are true labels for the weak model and the ceiling, weak labels for the student. ``penalties``
    and ``classes``: see `logistic.LogisticHead`.
    """

    def __init__(self, penalties: Sequence[float] = LOGISTIC_PENALTIES, classes: int | None = None):
        self.penalties = tuple(penalties)
        self.classes = classes

    def choose(
        self, features: ArrayLike, targets: ArrayLike, validation_features: ArrayLike, validation: ArrayLike
    ) -> LogisticHead:
        """The fitted head of the chosen penalty; of several that tie, the one named first.

        ``features (n, d)``; ``targets``: classes ``(n,)`` or probabilities ``(n, c)``; validation rows apart, at least one,
        with targets of either kind. A class without any weight in ``targets`` costs every head the same, infinity, and does
        not count. Raises as `logistic.LogisticHead.path` does.
        """
        heads = LogisticHead(classes=self.classes).path(features, targets, self.penalties)
        wanted = heads[0].table(validation)
        losses = []
        for head in heads:
            logarithms = head.predict_log_proba(validation_features)
            if len(logarithms) != len(wanted):
                raise ValueError(
                    f"validation features and targets have {len(logarithms)} and {len(wanted)} rows"
                )
            losses.append(
                -np.mean(np.sum(wanted * np.where(np.isneginf(logarithms), 0.0, logarithms), axis=1))
            )
        return heads[int(np.argmin(losses))]
