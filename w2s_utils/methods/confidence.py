"""The auxiliary confidence loss of Burns et al.: a student that is also trained on what it says itself, hardened.

Of a batch of b rows with weak labels w and a student's logits, f the probabilities, the loss is

    L = (1 - alpha) CE(w, f) + alpha CE(h, f) = CE((1 - alpha) w + alpha h, f),                           (1)

CE(p, f) = - mean sum_k p_k log f_k, h point masses: the student's own classes with the shares that the weak labels have in
this batch. h is a label: no gradient goes through it. Since (1) is one cross-entropy, `mixed_labels` is all of the method, for
a head in numpy as for a transformer in torch.

**Shares.** Two classes: class 1 is named where f_1 lies above a threshold, the batch's quantile at the mean weak label, as the
released code has it (openai/weak-to-strong, 6b450f2); so ceil((b - 1) mean w_1) rows have class 1, and class 0 the rest, with
all that tie at the threshold. More classes (ours; the paper has two): classes j, ..., c - 1 together have
ceil((b - 1) (mean w_j + ... + mean w_{c-1})) rows, for each j from 1, and among all h with these shares the student's
own is the one that it finds most probable, the h with the least CE(h, f). Such an h names the largest of f_k exp(offset_k),
one offset for each class (the dual of a transport problem); with two classes that is a threshold, and the two rules are one.

**Schedules.** The paper: alpha rises linearly to its end over the first tenth of the steps. The released code: alpha is
``coefficient * fraction`` there, from 0 to .05, and then .5 at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..theory.arrays import Array, is_real, numbers, probabilities, readable

if TYPE_CHECKING:
    from torch import Tensor

COEFFICIENT, WARM_UP = 0.5, 0.1
"""The end of alpha and the fraction of all steps until then, as released; .75 for the paper's largest students."""
SWEEPS = 200
"""Rounds over the classes after which offsets are taken as they are. Rows that tie can keep shares from being met."""

Schedule = Callable[[float], float]
"""From the fraction of all steps that are done, 0 to 1, to alpha."""


def warm_up(fraction: float, coefficient: float = COEFFICIENT, until: float = WARM_UP) -> float:
    """Alpha as the paper has it: linear from 0 to ``coefficient`` at the ``fraction`` of steps ``until``, then constant."""
    return coefficient * min(1.0, fraction / until) if until else coefficient


def released_warm_up(fraction: float, coefficient: float = COEFFICIENT, until: float = WARM_UP) -> float:
    """Alpha as released: coefficient * fraction up to ``until``, then ``coefficient``; it jumps where `warm_up` arrives."""
    return coefficient * (fraction if fraction <= until else 1.0)


def no_confidence(fraction: float) -> float:
    """Alpha 0: the naive loss, cross-entropy on weak labels alone."""
    return 0.0


PAPER, RELEASED, NAIVE = "confidence, paper", "confidence, released", "naive"
SCHEDULES: dict[str, Callable[..., float]] = {
    NAIVE: no_confidence,
    PAPER: warm_up,
    RELEASED: released_warm_up,
}


def schedule(name: str, coefficient: float = COEFFICIENT, until: float = WARM_UP) -> Schedule:
    """One of SCHEDULES with another end of alpha, in [0, 1], and another warm-up, in [0, 1].

    Raises KeyError for another name, ValueError for numbers out of range.
    """
    for what, value in (("the coefficient", coefficient), ("the warm-up", until)):
        _fraction(what, value)
    return no_confidence if name == NAIVE else partial(SCHEDULES[name], coefficient=coefficient, until=until)


class Hardened(NamedTuple):
    """The student's own classes as point masses ``labels (b, c)``, and ``offsets (c,)`` with which they are the largest."""

    labels: Array
    offsets: Array


def shares(weak: ArrayLike) -> np.ndarray[Any, np.dtype[np.intp]]:
    """How many rows of a batch each class is given, ``(c,)``, from weak labels ``(b, c)``; they add up to b.

    Raises as `theory.arrays.probabilities`.
    """
    table = probabilities("weak labels", weak)
    above = np.cumsum(table.mean(axis=0)[:0:-1])[::-1]  # of classes 1 and on, 2 and on, ...
    least = np.ceil(np.minimum(above, 1.0) * (len(table) - 1)).astype(np.intp)
    return -np.diff(np.concatenate([[len(table)], least, [0]]))


def hardened_to_shares(logits: ArrayLike, weak: ArrayLike, start: ArrayLike | None = None) -> Hardened:
    """The h of (1): classes with the `shares` of ``weak (b, c)`` that the student finds most probable, ``logits (b, c)``.

    ``start (c,)``: offsets to begin with, those of the last step, which saves time and changes nothing where no rows tie.
    Class by class, each offset is set so that its class gets its share, until all have theirs: an ascent of the dual,
    whose maximum is where shares are met. Raises as `theory.arrays.numbers` and `probabilities`, ValueError for other shapes.
    """
    table, goal = numbers("logits", logits), shares(weak)
    if table.shape != np.shape(readable(weak)):
        raise ValueError(
            f"logits and weak labels have shapes {table.shape} and {np.shape(readable(weak))}, not one"
        )
    by_class, classes = np.ascontiguousarray(table.T), np.arange(len(goal))
    offsets = np.zeros((len(goal), 1)) if start is None else np.array(start, dtype=np.float64)[:, None]
    for _ in range(SWEEPS):
        before = offsets.copy()
        for one in classes[:0:-1]:
            others = by_class + offsets
            others[one] = -np.inf
            needed = others.max(axis=0) - by_class[one]
            offsets[one] = _between(needed, int(goal[one]))
        named = (by_class + offsets).argmax(axis=0)
        if (np.bincount(named, minlength=len(goal)) == goal).all() or np.array_equal(before, offsets):
            break
    return Hardened((named[:, None] == classes).astype(np.float64), offsets[:, 0])


def _between(needed: Array, count: int) -> float:
    """An offset that is more than what so many rows need, and no more than what the next one needs."""
    if count == 0:
        return -np.inf
    low, high = np.partition(needed, (count - 1, count))[count - 1 : count + 1]
    return float(low / 2 + high / 2)


def mixed_labels(logits: ArrayLike, weak: ArrayLike, alpha: float) -> Array:
    """What the student is trained on, (1 - alpha) w + alpha h of (1), probabilities ``(b, c)``; ``alpha`` in [0, 1].

    ``logits``, ``weak``: ``(b, c)``, of numpy or torch. Raises as `hardened_to_shares`, ValueError for another alpha.
    """
    _fraction("alpha", alpha)
    table = probabilities("weak labels", weak)
    return (1 - alpha) * table + alpha * hardened_to_shares(logits, weak).labels if alpha else table


def confidence_loss(logits: Tensor, weak: Tensor, alpha: float) -> Tensor:
    """The loss (1), in nats, a scalar with its gradient by ``logits (b, c)``; ``weak (b, c)`` probabilities.

    Computed in float32 at least, on the logits' device. Raises as `mixed_labels`.
    """
    import torch

    exact = logits if logits.dtype == torch.float64 else logits.float()
    labels = torch.from_numpy(mixed_labels(logits, weak, alpha)).to(exact)
    return -(labels * exact.log_softmax(dim=1)).sum(dim=1).mean()


def _fraction(name: str, value: Any) -> None:
    if not (is_real(value) and 0 <= value <= 1):
        raise ValueError(f"{name} lies in [0, 1], not {value!r}")
