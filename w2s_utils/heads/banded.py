"""One symmetric system under many dampings, A + m I, at the cost of one reduction: a path of penalties on wide features.

Householder reflections, a panel of `BAND` columns at a time, turn A into Q B Q' with B of that many diagonals below the main
one. All of it but the narrow panels is products of matrices: about 2 d^3 multiplications at the processor's full rate, where a
spectrum takes some four times as many, half of them slower, and a Cholesky factor for each of 19 penalties three times as
many. Each damping then costs a banded Cholesky factor, d BAND^2. Numpy and scipy, float64.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import lapack, solveh_banded

from ..theory.arrays import Array

BAND = 64
STRIP = 512
"""Rows that are updated at a time, so that the products that are taken away need little room."""


def damped_solutions(matrix: Array, load: Array, dampings: Sequence[float] | Array) -> Array:
    """(A + m I)^-1 Y for each damping m > 0, ``(dampings, d, tasks)``.

    ``matrix`` A ``(d, d)``: symmetric, no eigenvalue below 0 but for round-off; it is worked in, so its values are lost.
    ``load`` Y ``(d, tasks)``.
    """
    width, tasks = load.shape
    load, reflections = load.copy(), []
    for start in range(0, width - BAND, BAND):
        panel = matrix[start + BAND :, start : start + BAND]
        vectors, factor, triangle = _reflected(panel)
        panel[:] = 0.0
        panel[: len(triangle)] = triangle
        rest = matrix[start + BAND :, start + BAND :]
        # (I - V T V')' A (I - V T V') = A - V W' - W V'
        half = (rest @ vectors) @ factor
        half -= vectors @ (factor.T @ (vectors.T @ half)) / 2
        left, right = np.hstack([vectors, half]), np.hstack([half, vectors]).T
        for row in range(0, len(rest), STRIP):
            rest[row : row + STRIP] -= left[row : row + STRIP] @ right
        below = load[start + BAND :]
        below -= vectors @ (factor.T @ (vectors.T @ below))
        reflections.append((vectors, factor))
    diagonals = np.zeros((min(BAND, width - 1) + 1, width))
    for place, diagonal in enumerate(diagonals):
        diagonal[: width - place] = matrix.diagonal(-place)
    found = np.empty((width, len(dampings), tasks))
    for place, damping in enumerate(dampings):
        band = diagonals.copy()
        band[0] += damping
        found[:, place] = solveh_banded(band, load, overwrite_ab=True, lower=True, check_finite=False)
    for vectors, factor in reversed(reflections):
        below = found.reshape(width, -1)[-len(vectors) :]
        below -= vectors @ (factor @ (vectors.T @ below))
    return np.moveaxis(found, 0, 1)


def _reflected(panel: Array) -> tuple[Array, Array, Array]:
    """V, T and R of (I - V T V')' panel = [R; 0], R triangular."""
    packed, scales, _, _ = lapack.dgeqrf(panel)
    count = len(scales)
    vectors = np.tril(packed[:, :count], -1)
    vectors[np.arange(count), np.arange(count)] = 1.0
    products, factor = vectors.T @ vectors, np.zeros((count, count))
    for place, scale in enumerate(scales):  # as LAPACK's larft, also where a column needs no reflection
        factor[place, place] = scale
        factor[:place, place] = -scale * (factor[:place, :place] @ products[:place, place])
    return vectors, factor, np.triu(packed[:count])
