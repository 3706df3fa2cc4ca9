"""Students that are mixtures of k softmax heads, trained jointly, and the losses that they are trained with.

One linear layer d -> k c, a softmax for each head, and a mean in *probability* space whose weights are a softmax too:

    s(x) = sum_j a_j softmax(x W_j + b_j).                                                              (1)

So train Mulgund and Pabbaraju (2025, arXiv 2501.19105): one head is no convex class, the mixtures of all heads are, and by
their theorem misfit - gain with k heads is O(sqrt(c / k)), c classes, where the truth is in the class. The other losses are
those of Xu et al. (2025, arXiv 2505.24313). Not convex in W, so nothing is certified here: `heads.mixture` projects on a
given hull, `heads.logistic` fits one head.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import OptimizeResult, minimize
from scipy.special import softmax

from ..theory.arrays import Array, probabilities

Labelled = tuple[ArrayLike, ArrayLike]
"""Features ``(n, d)`` and probabilities ``(n, c)`` of the same rows."""
Loss = Callable[[Array, Array], tuple[float, Array]]
"""From student s and labels w, ``(n, c)``: the sum over rows, and its slope by each entry of s."""


def forward_kl(s: Array, w: Array) -> tuple[float, Array]:
    """KL(w || s) but for the entropy of w: cross-entropy on the teacher's probabilities."""
    return float(-np.sum(w * np.log(s))), -w / s


def reverse_kl(s: Array, w: Array) -> tuple[float, Array]:
    """KL(s || w): the student in the first place."""
    slope = np.log(s) - np.log(w)
    return float(np.sum(s * slope)), slope


def reverse_cross_entropy(s: Array, w: Array) -> tuple[float, Array]:
    """KL(s || w) plus the entropy of s, -sum s log w: linear in s, so least where s is sure of the teacher's first choice."""
    slope = -np.log(w)
    return float(np.sum(s * slope)), slope


def confidence_adaptive(sure: float) -> Loss:
    """Cross-entropy on the rows where the teacher's largest probability is ``sure`` or more, reversed on the others.

    With two classes and ``sure`` = .5 + c it is the paper's |p - .5| >= c; of more classes the paper says nothing.
    """
    return partial(_adaptive, sure)


def _adaptive(sure: float, s: Array, w: Array) -> tuple[float, Array]:
    certain = w.max(axis=1) >= sure
    slope = np.empty_like(s)
    forward, slope[certain] = forward_kl(s[certain], w[certain])
    reverse, slope[~certain] = reverse_cross_entropy(s[~certain], w[~certain])
    return forward + reverse, slope


@dataclass(frozen=True)
class SoftmaxStudent:
    """``weights (d + 1, c, k)``, the last row the intercepts, and the ``mixing (k,)`` weights, >= 0 with sum 1."""

    weights: Array
    mixing: Array

    def predict_proba(self, features: ArrayLike) -> Array:
        """Probabilities (1), ``(n, c)`` in float64, for ``features (n, d)``."""
        table = np.asarray(features, dtype=np.float64)
        logits = np.tensordot(table, self.weights[:-1], 1) + self.weights[-1]
        return np.asarray(softmax(logits, axis=1) @ self.mixing)


def fit_student(
    training: Labelled,
    loss: Loss,
    stream: np.random.Generator,
    heads: int = 1,
    validation: Labelled | None = None,
    penalty: float = 0.0,
    steps: int = 100,
) -> SoftmaxStudent:
    """Minimise the mean ``loss`` of (1) + penalty * v |W|^2, v as in `heads.logistic`, by L-BFGS from random heads.

    ``training``: features and labels w; it is computed in the features' precision, float32 or float64. With ``validation``
    rows the result is the step with the least loss on them, which can be all that keeps many heads from imitating w; without,
    the last. Raises ValueError for labels that are no probabilities, or at an infinite loss, as 0 is for the reverse ones.
    """
    objective, judge = _objective(training, loss, heads, penalty), None
    if validation is not None:
        judge = _objective(validation, loss, heads, 0.0)
    width, classes = np.shape(training[0])[1] + 1, np.shape(training[1])[1]
    bound = 1 / np.sqrt(width)
    start = np.append(stream.uniform(-bound, bound, size=width * classes * heads), np.zeros(heads))
    with np.errstate(divide="ignore", invalid="ignore"):
        if not np.isfinite(objective(start)[0]):
            raise ValueError("labels of probability 0 have an infinite loss; keep them off 0")
    best: list[tuple[float, Array]] = []

    def keep(intermediate_result: OptimizeResult) -> None:
        assert judge is not None
        found = judge(intermediate_result.x)[0]
        if not best or found < best[0][0]:
            best[:] = [(found, intermediate_result.x.copy())]

    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        callback=keep if judge else None,
        options={"maxiter": steps, "maxcor": 20, "ftol": 1e-13, "gtol": 1e-9},
    )
    point = best[0][1] if best else found.x
    return SoftmaxStudent(point[:-heads].reshape(width, classes, heads), softmax(point[-heads:]))


def _objective(
    rows: Labelled, loss: Loss, heads: int, penalty: float
) -> Callable[[Array], tuple[float, Array]]:
    """Loss and gradient at ``W (d + 1, c, k)`` and the logarithms of the mixing weights, one after the other."""
    features, labels = np.asarray(rows[0]), probabilities("labels", rows[1])
    table = np.column_stack([features, np.ones(len(features), dtype=features.dtype)])
    kind, (count, classes) = table.dtype, labels.shape
    damping = penalty * float(features.var(axis=0).mean())

    def objective(point: Array) -> tuple[float, Array]:
        weights = point[:-heads].astype(kind).reshape(-1, classes * heads)
        mixing = softmax(point[-heads:])
        each = (table @ weights).reshape(count, classes, heads)
        each -= each.max(axis=1, keepdims=True)
        np.exp(each, out=each)
        each /= each.sum(axis=1, keepdims=True)
        value, exact_slope = loss(np.maximum((each @ mixing.astype(kind)).astype(np.float64), 1e-300), labels)
        slope = exact_slope.astype(kind)
        inner = np.einsum("nck,nc->nk", each, slope)
        of_mixing = inner.mean(axis=0, dtype=np.float64)
        each *= slope[:, :, None] - inner[:, None, :]
        each *= (mixing / count).astype(kind)
        gradient = (table.T @ each.reshape(count, -1)).astype(np.float64)
        gradient[:-1] += 2 * damping * weights[:-1]
        value = value / count + damping * float(np.sum(weights[:-1].astype(np.float64) ** 2))
        return value, np.append(gradient.ravel(), mixing * (of_mixing - mixing @ of_mixing))

    return objective
