"""What Burns et al. try beside naive training: confidence losses, bootstrapping, early stopping, as students of the bench.

All students of one teacher have the same rows, strong representation, labels of the teacher and kind of head, a penalised
softmax head (`heads.logistic`, equation 1). They differ in what is said here:

| student | differs from the naive one in |
| --- | --- |
| NAIVE | nothing: the convex fit to the teacher's probabilities, its penalty chosen against weak labels |
| HARD | the teacher's classes in the place of its probabilities |
| GRADIENT | the optimiser: the same loss and penalty by `descent` |
| BALANCED | what it says: one offset for each class is added to the logits of GRADIENT, nothing is trained again |
| PAPER, RELEASED | the loss: `confidence`, with the penalty of NAIVE, by the optimiser of GRADIENT |
| BOOTSTRAP | the labels: a student in between learns from the teacher and labels for the next, each as GRADIENT does |
| LATE | the penalty: the least that is tried, to the last step |
| EARLY | when it stops: the step of LATE with the least log loss on validation rows *against weak labels* |
| ORACLE | when it stops: the same with the *true* labels of these rows, which a student does not have |

GRADIENT is there to show that the optimiser changes nothing, so that PAPER and RELEASED show what the loss does, and BOOTSTRAP
what the labels do. BALANCED is a control: hardened labels of the confidence loss have the weak labels' class shares, and the
offsets of BALANCED give its own training rows these shares. What PAPER has beyond BALANCED is no matter of balance.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from ..experiments.class_sets import IMAGES, ClassSet
from ..experiments.classification import PENALTIES, hardened
from ..experiments.crossfit import standardise
from ..experiments.protocol import fitted, said
from ..heads.validated import ValidatedLogistic
from ..texts import views as text_views
from ..theory.arrays import Array
from . import bench, confidence
from .bench import HARD, NAIVE, Trial
from .confidence import PAPER, RELEASED

GRADIENT, BALANCED = "naive, by gradient", "naive, balanced"
BOOTSTRAP = "bootstrapping"
LATE, EARLY, ORACLE = "no early stopping", "early stopping, weak labels", "early stopping, oracle"
METHODS = (NAIVE, HARD, GRADIENT, BALANCED, PAPER, RELEASED, BOOTSTRAP, LATE, EARLY, ORACLE)
STEPS = 400
"""Gradient steps; the warm-up is a tenth of them. A step takes off a share 1 / sqrt(k) of the excess loss (Nesterov), k the
condition number: some thousands at most here, so that about exp(-400 / 50) is left where it is largest."""
BETWEEN = {
    "lexicon": ("layer 2", "layer 4"),
    "hashed 32": ("layer 2", "layer 4"),
    "embedding": ("layer 2", "layer 4"),
    "layer 3": ("layer 4", "layer 5"),
}
"""Students of texts between a teacher and the strong one, the last layer, in turn."""
PIXELS = "64 pixels"
"""The student of images between a teacher, who sees means of pixels, and the strong one, who has functions of all."""


def tables_between(one: ClassSet) -> dict[str, Array]:
    """The representations between teachers and the strong one, ``(n, d)`` each. Raises as `texts.views.ladder`."""
    if one.data.name in IMAGES:
        assert one.data.views is not None
        return {PIXELS: one.data.views.strong}
    weak = text_views.ladder(one.data).weak
    return {name: weak[name] for steps in BETWEEN.values() for name in steps}


def descent(
    table: Array,
    labels: Array,
    rows: NDArray[np.intp],
    penalty: float,
    schedule: Callable[..., float] = confidence.no_confidence,
    steps: int = STEPS,
) -> Iterator[Array]:
    """Weights ``(d + 1, c)``, the last row the intercepts, after each gradient step from zero on `confidence` and a penalty.

    ``table (n, d)``, ``labels (n, c)`` probabilities, used on ``rows``, which are one batch; ``penalty``: that of
    `heads.logistic`, equation 1; ``schedule``: alpha by the fraction of ``steps`` that is done. Nesterov's steps of length
    1 / L, L a bound on the curvature, with the momentum for the strong convexity that the penalty gives. Raises as
    `confidence.hardened_to_shares`.
    """
    own, weak = np.column_stack([table[rows], np.ones(len(rows))]), labels[rows]
    damping = np.full((own.shape[1], 1), 2 * penalty * own[:, :-1].var(axis=0).mean())
    curvature = np.linalg.eigvalsh(own.T @ own)[-1] / (2 * len(own)) + damping[0, 0]
    ratio = np.sqrt(damping[0, 0] / curvature)
    damping[-1] = 0  # the intercepts are free
    offsets, weights = None, np.zeros((len(damping), weak.shape[1]))
    last = weights
    for step in range(steps):
        ahead = weights + (1 - ratio) / (1 + ratio) * (weights - last)
        logits, goal, alpha = own @ ahead, weak, schedule(step / steps)
        if alpha:
            shared = confidence.hardened_to_shares(logits, weak, offsets)
            goal, offsets = (1 - alpha) * weak + alpha * shared.labels, shared.offsets
        slope = own.T @ (softmax(logits, axis=1) - goal) / len(own) + damping * ahead
        weights, last = ahead - slope / curvature, weights
        yield weights


def _logits(weights: Array, table: Array) -> Array:
    return np.asarray(table @ weights[:-1] + weights[-1])


def students(one: Trial, teacher: str, between: Mapping[str, Array], steps: int = STEPS) -> dict[str, Array]:
    """What each student of METHODS says of all rows, probabilities ``(n, c)``; ``between``: of `tables_between`.

    Raises as `experiments.classification.judgements`.
    """
    world, weak = one.taught, one.taught.weak[teacher]
    rows, validation = world.parts.student_train, world.parts.validation
    training = np.union1d(world.parts.weak_train, rows)
    head = fitted(ValidatedLogistic(PENALTIES, weak.shape[1]), world.strong, weak, rows, validation)

    def logits(table: Array, labels: Array, schedule: Callable[..., float]) -> Array:
        [weights] = deque(descent(table, labels, rows, head.penalty, schedule, steps), maxlen=1)
        return _logits(weights, table)

    def last(table: Array, labels: Array, schedule: Callable[..., float] = confidence.no_confidence) -> Array:
        return np.asarray(softmax(logits(table, labels, schedule), axis=1))

    handed_on = weak
    for name in BETWEEN.get(teacher, tuple(between)):
        handed_on = last(standardise(between[name], training, np.inf), handed_on)
    path = [*descent(world.strong, weak, rows, min(PENALTIES), steps=steps)]

    def least(labels: Array) -> Array:
        def log_loss(weights: Array) -> float:
            logs = log_softmax(_logits(weights, world.strong[validation]), axis=1)
            return -float(np.sum(labels[validation] * logs))

        return min(path, key=log_loss)

    naive = logits(world.strong, weak, confidence.no_confidence)
    offsets = confidence.hardened_to_shares(naive[rows], weak[rows]).offsets
    ends = {LATE: path[-1], EARLY: least(weak), ORACLE: least(world.truth)}
    return {
        NAIVE: said(head, world.strong),
        HARD: world.strong_head(hardened(weak), rows),
        GRADIENT: softmax(naive, axis=1),
        BALANCED: softmax(naive + offsets, axis=1),
        PAPER: last(world.strong, weak, confidence.warm_up),
        RELEASED: last(world.strong, weak, confidence.released_warm_up),
        BOOTSTRAP: last(world.strong, handed_on),
        **{name: softmax(_logits(weights, world.strong), axis=1) for name, weights in ends.items()},
    }


def rows_of_students(
    one: ClassSet,
    between: Mapping[str, Array],
    noises: Sequence[float],
    columns: int,
    seed: int,
    steps: int = STEPS,
) -> list[dict[str, Any]]:
    """Rows as of `bench.student_rows` for one seed of a set, each teacher, METHODS and each loss; keys ``data`` and ``seed``.

    ``apart``: on which share of judged rows a student names another class than NAIVE. Raises as `students`.
    """
    cut = bench.trial(one, noises, columns, seed)
    judged = cut.taught.parts.evaluation
    made = {teacher: students(cut, teacher, between, steps) for teacher in cut.taught.weak}
    found = bench.student_rows(cut, made, data=one.data.name, seed=seed)
    for row in found:
        says, naive = (made[row["teacher"]][method].argmax(axis=1) for method in (row["method"], NAIVE))
        row["apart"] = float(np.mean(says[judged] != naive[judged]))
    return found
