"""How far a student's log loss and calibration can lie from its teacher's, by how far the two differ. numpy and scipy.

Two classes, for teacher w and student s the probabilities of class 1, and truth y in [0, 1] (a label, or its probability given
x). d = E KL(w || s), in nats
(`divergences.LOGISTIC`), is how far they differ. Yao, Yang, Wang, Lin and Liu (2025, arXiv 2502.01458) bound the
student's loss and calibration error around the teacher's by a function of it. What stands here is derived here.

**Loss.** Let all probabilities of both be in [eta, 1 - eta]. -log is 1/eta-Lipschitz there, and for two classes
|w - s| is the total variation, whose mean is at most sqrt(d / 2) (Pinsker, then Jensen), so

    |E loss(s) - E loss(w)| <= E |w - s| / eta <= sqrt(d / 2) / eta,   loss(p) = -y log p - (1 - y) log(1 - p).   (1)

The first step is sharp: at w = eta, s = eta + t, y = 1 its ratio is log(1 + t / eta) / (t / eta) -> 1 as t -> 0. Both steps
together are not: there the ratio tends to 2 sqrt(eta (1 - eta)), as KL(eta || eta + t) ~ t^2 / (2 eta (1 - eta)).

**Calibration, which error?** Three are used here.

- `conditional_error`, E |F - P(Y = 1 | F)|, the one of textbooks. No function of d bounds its change: a teacher that says
  1/2 throughout, of balanced labels, has none, and a student that says 1/2 + t where Y = 1, else 1/2 - t, has 1/2 - t, while
  d = -log(1 - 4 t^2) / 2 -> 0.
- `smooth_error`, the largest E (Y - F) h(F) over functions h from [0, 1] to [-1, 1] that are 1-Lipschitz (Kakade and Foster
  2008, J. Comput. Syst. Sci. 74:115; the name is of Blasiok, Gopalan, Hu and Nakkiran 2023, STOC).
- `group_error`, the sum over the groups of a fixed partition of x of |E (Y - F) 1_group|.

For h as above |(Y - s) h(s) - (Y - w) h(w)| <= |s - w| |h(s)| + |Y - w| |h(s) - h(w)| <= 2 |s - w|, so by
Bretagnolle and Huber, TV <= sqrt(1 - exp(-KL)), and as sqrt(1 - exp(-d)) is concave in d,

    |smooth_error(s) - smooth_error(w)| <= 2 E |w - s| <= 2 min(sqrt(d / 2), sqrt(1 - exp(-d))),                  (2)

and half of it for `group_error`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog
from scipy.sparse import diags, vstack

from .arrays import Array, group_numbers, matched


def log_loss_reach(difference: float, floor: float) -> float:
    """How far the student's log loss can lie from the teacher's, sqrt(d / 2) / eta, equation (1), nats.

    ``difference`` d >= 0: mean KL(w || s), nats; ``floor`` eta: in (0, 1/2], no probability of the two is nearer to 0 or 1.
    Raises ValueError for others.
    """
    if not 0 < floor <= 0.5:
        raise ValueError(f"the floor of the probabilities lies in (0, 1/2], not {floor!r}")
    return float(np.sqrt(_not_negative(difference) / 2) / floor)


def smooth_reach(difference: float) -> float:
    """How far the student's `smooth_error` can lie from the teacher's, equation (2); twice as far as its `group_error`."""
    d = _not_negative(difference)
    return float(2 * min(np.sqrt(d / 2), np.sqrt(-np.expm1(-d))))


def conditional_error(said: ArrayLike, truth: ArrayLike) -> float:
    """E |F - E[Y | F]| on the rows at hand, F = ``said (n,)``, Y = ``truth (n,)``: rows with equal F are put together.

    In [0, 1]. Where all F differ, as for fitted models, it is E |F - Y|, which says nothing of calibration: round F first.
    Raises ValueError for other shapes or numbers that are no probabilities.
    """
    f, y = _probabilities(said=said, truth=truth)
    values, excess = _excess(f, y)
    return float(np.abs(excess).sum())


def group_error(said: ArrayLike, truth: ArrayLike, groups: ArrayLike) -> float:
    """Sum over ``groups (n,)``, numbers or texts, of |E (Y - F) 1_group|, F = ``said (n,)``, Y = ``truth (n,)``; in [0, 1].

    Raises as `conditional_error`.
    """
    f, y = _probabilities(said=said, truth=truth)
    return float(np.abs(np.bincount(group_numbers(groups, len(f)), y - f)).sum() / len(f))


def smooth_error(said: ArrayLike, truth: ArrayLike) -> float:
    """The smooth calibration error on the rows at hand, F = ``said (n,)``, Y = ``truth (n,)``; in [0, 1].

    A linear programme in the values of h at the different F: between neighbours h changes by at most their distance, which is
    enough for all pairs. Raises as `conditional_error`, and RuntimeError should the solver fail.
    """
    f, y = _probabilities(said=said, truth=truth)
    values, excess = _excess(f, y)
    if len(values) == 1:
        return float(abs(excess[0]))
    steps = np.diff(values)
    change = diags([-1.0, 1.0], offsets=[0, 1], shape=(len(steps), len(values)))
    found = linprog(
        -excess,
        A_ub=vstack([change, -change], format="csr"),
        b_ub=np.concatenate([steps, steps]),
        bounds=(-1, 1),
        method="highs",
    )
    if found.status != 0:
        raise RuntimeError(f"the linear programme of the smooth calibration error failed: {found.message}")
    return float(-found.fun)


def _excess(f: Array, y: Array) -> tuple[Array, Array]:
    """The different values of F, rising, and E (Y - F) 1{F = value} at each."""
    values, places = np.unique(f, return_inverse=True)
    return values, np.bincount(places, y - f) / len(f)


def _probabilities(**named: ArrayLike) -> tuple[Array, ...]:
    tables = matched(**named)
    for name, table in zip(named, tables, strict=True):
        if table.ndim != 1 or table.min() < 0 or table.max() > 1:
            raise ValueError(f"{name} holds probabilities (n,), from 0 to 1")
    return tuple(tables)


def _not_negative(difference: float) -> float:
    value = float(difference)
    if not value >= 0:
        raise ValueError(f"a divergence is >= 0, not {difference!r}")
    return value
