"""A teacher that is asked several times: what its views answer, and how far they agree.

Guo and Yang (2024, arXiv 2406.19032) ask a weak language model the same question in several wordings, Shi et al. (2025, arXiv
2503.04249) let it answer several times; both trust the answers that come again. A head on fixed features answers in one way
only. Its *views* here are heads of the same features and the same penalty, each taught on a bootstrap resample of the
teacher's few true labels: what changes from view to view is what so few labels leave open. The penalty is chosen by true
labels of validation rows, as the teacher's own is; no other true label is used.

Of a row, q_k is the share of the V views that name class k. Its entropy, -sum_k q_k log q_k, is 0 where all agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import entr

from ..experiments.classification import PENALTIES, hardened
from ..experiments.crossfit import standardise
from ..experiments.protocol import fitted, said
from ..heads.logistic import LogisticHead
from ..heads.validated import ValidatedLogistic
from ..theory.arrays import Array
from .bench import Trial

VIEWS = 8
"""How often a teacher is asked."""


@dataclass(frozen=True)
class Answers:
    """What the views of a teacher say of all n rows: ``shares (n, c)``, the q above."""

    shares: Array

    @classmethod
    def of(cls, views: Array) -> Answers:
        """Of the probabilities ``(V, n, c)`` of all views."""
        return cls(np.mean([hardened(one) for one in views], axis=0))

    @property
    def entropy(self) -> Array:
        """Entropy of the answers, ``(n,)``, in nats: from 0, all agree, to the logarithm of V or c, the smaller."""
        return np.asarray(entr(self.shares).sum(axis=1))


def answers(one: Trial, teacher: str) -> Answers:
    """Ask VIEWS views of a teacher about all rows of a trial. Raises ValueError where a resample holds one class alone."""
    world = one.taught
    few, classes = world.parts.weak_train, world.truth.shape[1]
    table = standardise(
        one.views.weak[teacher], np.union1d(few, world.parts.student_train), np.inf
    )  # the teacher's own features, as `classification.taught` has them
    chosen = fitted(ValidatedLogistic(PENALTIES, classes), table, world.truth, few, world.parts.validation)
    draws = one.draws("views", teacher)
    views = []
    for _ in range(VIEWS):
        rows = draws.choice(few, size=len(few))
        head = LogisticHead(chosen.penalty, classes).fit(table[rows], world.truth[rows])
        views.append(said(head, table))
    return Answers.of(np.array(views))
