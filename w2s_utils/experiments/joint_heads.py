"""Mixtures of k softmax heads that are trained jointly, as Mulgund and Pabbaraju (2025, arXiv 2501.19105) train them.

One linear layer d -> k c, a softmax for each head, and a mean in *probability* space whose weights are a softmax too:

    s(x) = sum_j a_j softmax(x W_j + b_j).                                                              (1)

One head is no convex class, the mixtures of all heads are; k heads reach the nearest of these up to sqrt(c / k) by their
theorem. The loss is not convex in W, so nothing is certified here (`heads.mixture` projects on a given hull).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import OptimizeResult, minimize
from scipy.special import softmax

from ..theory.arrays import Array, probabilities

Labelled = tuple[ArrayLike, ArrayLike]
"""Features ``(n, d)`` and probabilities ``(n, c)`` of the same rows."""


@dataclass(frozen=True)
class JointHeads:
    """``weights (d + 1, c, k)``, the last row the intercepts, and the ``mixing (k,)`` weights, >= 0 with sum 1."""

    weights: Array
    mixing: Array

    def predict_proba(self, features: ArrayLike) -> Array:
        """Probabilities (1), ``(n, c)`` in float64, for ``features (n, d)``."""
        table = np.asarray(features, dtype=np.float64)
        logits = np.tensordot(table, self.weights[:-1], 1) + self.weights[-1]
        return np.asarray(softmax(logits, axis=1) @ self.mixing)


def fit_joint(
    training: Labelled,
    heads: int,
    stream: np.random.Generator,
    forward: bool = False,
    validation: Labelled | None = None,
    steps: int = 100,
) -> JointHeads:
    """Minimise mean KL(s || w) over (1), or mean KL(w || s) with ``forward``, by L-BFGS from random heads.

    ``training``: features and labels w; it is computed in the features' precision, float32 or float64. With ``validation``
    rows the result is the step with the least loss on them, which is all that keeps many heads from imitating w; without, the
    last. Raises ValueError for labels that are no probabilities, and for those of 0 without ``forward``: from there every head
    is at an infinite divergence.
    """
    objective, judge = _objective(training, heads, forward), None
    if validation is not None:
        judge = _objective(validation, heads, forward)
    width, classes = np.shape(training[0])[1] + 1, np.shape(training[1])[1]
    bound = 1 / np.sqrt(width)
    start = np.append(stream.uniform(-bound, bound, size=width * classes * heads), np.zeros(heads))
    best: list[tuple[float, Array]] = []

    def keep(intermediate_result: OptimizeResult) -> None:
        assert judge is not None
        loss = judge(intermediate_result.x)[0]
        if not best or loss < best[0][0]:
            best[:] = [(loss, intermediate_result.x.copy())]

    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        callback=keep if judge else None,
        options={"maxiter": steps, "maxcor": 20, "ftol": 1e-13, "gtol": 1e-9},
    )
    point = best[0][1] if best else found.x
    return JointHeads(point[:-heads].reshape(width, classes, heads), softmax(point[-heads:]))


def _objective(rows: Labelled, heads: int, forward: bool) -> Callable[[Array], tuple[float, Array]]:
    """Loss and gradient at ``W (d + 1, c, k)`` and the logarithms of the mixing weights, one after the other."""
    features = np.asarray(rows[0])
    table = np.column_stack([features, np.ones(len(features), dtype=features.dtype)])
    labels = probabilities("labels", rows[1])
    if not forward and labels.min() <= 0:
        raise ValueError(
            "a label of probability 0 is at an infinite divergence from every softmax head; keep them off 0"
        )
    logarithms = labels if forward else np.log(labels)
    kind, (count, classes) = table.dtype, labels.shape

    def objective(point: Array) -> tuple[float, Array]:
        weights = point[:-heads].astype(kind).reshape(-1, classes * heads)
        mixing = softmax(point[-heads:])
        each = (table @ weights).reshape(count, classes, heads)
        each -= each.max(axis=1, keepdims=True)
        np.exp(each, out=each)
        each /= each.sum(axis=1, keepdims=True)
        mixed = np.maximum((each @ mixing.astype(kind)).astype(np.float64), 1e-300)
        if forward:
            loss, slope = float(-np.sum(labels * np.log(mixed))), -labels / mixed
        else:
            slope = np.log(mixed) - logarithms
            loss = float(np.sum(mixed * slope))
        slope = slope.astype(kind)
        inner = np.einsum("nck,nc->nk", each, slope)
        of_mixing = inner.mean(axis=0, dtype=np.float64)
        each *= slope[:, :, None] - inner[:, None, :]
        each *= (mixing / count).astype(kind)
        gradient = (table.T @ each.reshape(count, -1)).astype(np.float64)
        return loss / count, np.append(gradient.ravel(), mixing * (of_mixing - mixing @ of_mixing))

    return objective
