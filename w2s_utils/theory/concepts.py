"""Linear concepts under a source model that knows them all: how weak labels move its belief, and what shrinkage leaves.

A concept k is a label y = <beta_k, x> + N(0, noise^2), with independent centred inputs of variance ``spread``. Weak labels
follow beta_w, which is no concept. After Somerstep et al. (2024, arXiv 2405.16236); the closed forms are derived here.
"""

from __future__ import annotations

import numpy as np
from scipy.special import softmax

from .arrays import Array


def rate(weak: Array, right: Array, other: Array, noise: float, spread: float) -> float:
    """Mean log likelihood ratio of concept ``right`` against ``other`` that one weak example gives, in nats; all ``(d,)``.

    E log p(y | right) / p(y | other) = spread (|weak - other|^2 - |weak - right|^2) / (2 noise^2): noise of y cancels. For
    orthonormal concepts and <weak, other> = 0 it is spread <weak, right> / noise^2, whatever else is in ``weak``. Where it is
    negative the wrong concept wins.
    """
    return float(spread * (np.sum((weak - other) ** 2) - np.sum((weak - right) ** 2)) / (2 * noise**2))


def beliefs(inputs: Array, labels: Array, concepts: Array, noise: float, counts: list[int]) -> Array:
    """Posterior of each concept after the first ``counts`` examples, uniform prior: ``(len(counts), contexts, concepts)``.

    ``inputs (contexts, n, d)``, ``labels (contexts, n)``, ``concepts (k, d)``.
    """
    missed = labels[..., None] - inputs @ concepts.T
    evidence = np.cumsum(-(missed**2) / (2 * noise**2), axis=1)
    return np.asarray(softmax(evidence[:, np.array(counts) - 1].swapaxes(0, 1), axis=2))


def segment_error(start: Array, end: Array, truth: Array, spread: float) -> float:
    """Least squared error, ``spread |f - truth|^2``, over f between ``start`` and ``end``, each ``(d,)``.

    What the best shrinkage of ``end`` towards ``start`` leaves.
    """
    along = end - start
    share = np.clip((truth - start) @ along / (along @ along), 0, 1)
    return float(spread * np.sum((start + share * along - truth) ** 2))
