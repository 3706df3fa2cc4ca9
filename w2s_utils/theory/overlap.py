"""Two blocks of features, one that a weak model reads and one that it does not: exact accuracies of linear students.

Classes y = ±1 have means ±theta and noise N(0, noise^2 I) in a block. A weak model that reads the easy block alone labels
points that have both (the *overlap* of Shin, Cooper, Sala, 2024, arXiv 2412.03881). Given y its mistakes are independent of
the hard block, so there they are random noise, which a student averages away.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, roots_genlaguerre, roots_hermitenorm
from scipy.stats import binom

from .arrays import Array, numbers

NODES = 24


def block_accuracy(weights: ArrayLike, intercept: float, theta: ArrayLike, noise: float) -> float:
    """P(sign(<weights, x> + intercept) = y) for x = y theta + N(0, noise^2 I) and y = ±1 equally often; in [0, 1].

    ``weights (d,)``, ``theta (d,)``. Without weights it is 1/2, whatever the intercept says. Raises ValueError for other
    shapes or NaN, TypeError for what are no numbers.
    """
    direction, mean = numbers("weights", weights), numbers("theta", theta)
    if direction.ndim != 1 or direction.shape != mean.shape:
        raise ValueError(f"weights and theta are (d,), not {direction.shape} and {mean.shape}")
    scale = noise * float(np.linalg.norm(direction))
    if scale == 0:
        return 0.5
    towards = float(direction @ mean)
    return float((ndtr((towards + intercept) / scale) + ndtr((towards - intercept) / scale)) / 2)


def mean_difference_accuracy(count: int, weak_accuracy: float, strength: float, dimension: int) -> float:
    """Expected accuracy on the hard block of the student sum_i w_i x_i, of ``count`` overlap points with weak labels w_i.

    ``weak_accuracy``: P(w_i = y_i); ``strength``: |theta| / noise of the hard block; ``dimension`` >= 2 of it. K labels are
    right, K ~ Bin(count, weak_accuracy), and the student is (2 K - count) theta + noise sqrt(count) xi with xi ~ N(0, I).
    Along theta it is t = (2 K - count) strength + sqrt(count) z long, in units of the noise; its square across is count times
    chi^2 with dimension - 1 degrees of freedom. Its accuracy is Phi(strength t / sqrt(t^2 + count chi^2)). Exact sum over K,
    Gauss quadrature over z and chi^2.
    """
    z, z_weights = roots_hermitenorm(NODES)
    half, half_weights = roots_genlaguerre(NODES, (dimension - 1) / 2 - 1)
    right = np.arange(count + 1)
    along = ((2 * right - count) * strength)[:, None, None] + np.sqrt(count) * z[:, None]
    accuracy: Array = ndtr(strength * along / np.sqrt(along**2 + 2 * count * half))
    of_right = accuracy @ (half_weights / half_weights.sum()) @ (z_weights / z_weights.sum())
    return float(of_right @ binom.pmf(right, count, weak_accuracy))
