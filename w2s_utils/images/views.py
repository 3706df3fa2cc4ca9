"""Representations of images out of their pixels: blurred and noisy ones for weak models, random Fourier features for strong.

What a weak model sees is the mean over blocks of pixels, as through a coarse camera, plus the noise of its sensor. Without
noise, its errors are a function of the clean image, and so of what a strong model sees: they can be imitated. With noise they
are not, for the noise is drawn for each image and nobody else sees it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .. import runtime
from ..data.container import Dataset, Views
from ..theory.arrays import Array

COARSE = 4
"""Blocks along a side of what a weak model sees; digits have 2 x 2 pixels in one, MNIST 7 x 7."""


def pooled(pixels: ArrayLike, side: int = COARSE) -> Array:
    """Means over ``side * side`` square blocks of square images ``(n, pixels)``; ``(n, side * side)``.

    Raises ValueError where images are not square or blocks would not be whole.
    """
    table = np.asarray(pixels, dtype=np.float64)
    length = round(table.shape[1] ** 0.5) if table.ndim == 2 else 0
    if table.ndim != 2 or length**2 != table.shape[1] or length % side:
        raise ValueError(
            f"images are rows of square pictures whose side is a multiple of {side}, not {table.shape}"
        )
    block = length // side
    return table.reshape(-1, side, block, side, block).mean(axis=(2, 4)).reshape(-1, side**2)


def noisy(features: ArrayLike, spread: float, seed: int) -> Array:
    """``features (n, d)`` plus normal noise of standard deviation ``spread`` >= 0, in their unit; one draw for each seed."""
    table = np.asarray(features, dtype=np.float64)
    return table + spread * runtime.seed_stream(seed, "sensor").normal(size=table.shape)


def fourier(pixels: ArrayLike, columns: int, seed: int) -> Array:
    """Random Fourier features ``(n, columns)`` of a Gaussian kernel, each at most sqrt(2 / columns) in size.

    The kernel exp(-gamma |x - z|^2) is e^-1 at the mean squared distance of two images of the set. Rahimi and Recht 2007,
    through scikit-learn's RBFSampler. Raises ValueError for images that are all the same.
    """
    from sklearn.kernel_approximation import RBFSampler

    table = np.asarray(pixels, dtype=np.float64)
    apart = 2 * table.var(axis=0).sum()
    if not apart > 0:
        raise ValueError("all images are the same; a kernel needs some that differ")
    drawn = int(runtime.seed_stream(seed, "kernel").integers(2**31))
    sampler = RBFSampler(gamma=1 / apart, n_components=columns, random_state=drawn)
    return np.asarray(sampler.fit_transform(table))


def views(data: Dataset, noises: Sequence[float], columns: int, seed: int = 0) -> Views:
    """Weak models that see `pooled` pixels with each of the ``noises``, under `fourier` features of the clean pixels."""
    assert data.views is not None
    pixels = data.views.strong
    coarse = pooled(pixels)
    weak = {f"noise {noise:g}": noisy(coarse, noise, seed) for noise in noises}
    return Views(fourier(pixels, columns, seed), weak, strong_name=f"{columns} Fourier features")
