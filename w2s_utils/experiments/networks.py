"""Synthetic representations h: small ReLU networks, random, perturbed or pre-trained.

The paper's networks (Section 5.1) are stacks of blocks, each a linear layer with bias followed by a ReLU, the last one
included: input dimension 8, width 16, five blocks for h*, eight for the strong and two for the weak representation. A
linear head with bias turns the 16 features into a prediction.
How they are pre-trained stands in `network_training`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from ..theory.arrays import Array

INPUT_DIM, WIDTH = 8, 16
INPUT_SD = 500.0
"""Standard deviation of the synthetic inputs, per coordinate."""


@dataclass(frozen=True)
class BlockNetwork:
    """One representation: blocks of a linear layer with bias and a ReLU.

    ``layers``: one array ``(width, fan_in + 1)`` per block, weights and, as the last column, the biases.
    """

    layers: tuple[Array, ...]

    @property
    def input_dim(self) -> int:
        """Coordinates of an input."""
        return self.layers[0].shape[1] - 1

    @property
    def width(self) -> int:
        """Features of the representation."""
        return self.layers[-1].shape[0]

    def features(self, inputs: ArrayLike) -> Array:
        """h(x) ``(n, width)``, each value >= 0, for ``inputs (n, input_dim)``. Raises ValueError for another shape."""
        hidden = np.asarray(inputs, dtype=np.float64)
        if hidden.ndim != 2 or hidden.shape[1] != self.input_dim:
            raise ValueError(f"inputs are (n, {self.input_dim}) for this network, not {hidden.shape}")
        for layer in self.layers:
            hidden = hidden @ layer[:, :-1].T
            hidden += layer[:, -1]
            np.maximum(hidden, 0.0, out=hidden)
        return hidden

    def perturbed(self, sd: float, generator: np.random.Generator) -> Self:
        """A copy with independent Gaussian noise of standard deviation ``sd`` >= 0 on every weight and bias."""
        if not 0 <= sd < np.inf:
            raise ValueError(f"a standard deviation is a number >= 0, not {sd}")
        return type(self)(tuple(layer + generator.normal(0.0, sd, layer.shape) for layer in self.layers))


@dataclass(frozen=True)
class LinearHeads:
    """Known linear heads on one representation: ``weights (tasks, width)``, ``intercepts (tasks,)``."""

    weights: Array
    intercepts: Array

    def predict(self, features: ArrayLike) -> Array:
        """f(h) ``(n, tasks)`` for ``features (n, width)``."""
        return np.asarray(features) @ self.weights.T + self.intercepts


def random_network(
    blocks: int, generator: np.random.Generator, input_dim: int = INPUT_DIM, width: int = WIDTH
) -> BlockNetwork:
    """A network of ``blocks`` >= 1 blocks with PyTorch's default values for linear layers.

    Weights and biases are uniform on [-1/sqrt(fan_in), 1/sqrt(fan_in)]. Raises ValueError for sizes below 1.
    """
    if min(blocks, input_dim, width) < 1:
        raise ValueError(f"blocks, input_dim and width are >= 1, not {blocks}, {input_dim} and {width}")
    fans = [input_dim] + [width] * (blocks - 1)
    return BlockNetwork(tuple(_uniform((width, fan + 1), fan, generator) for fan in fans))


def random_heads(tasks: int, generator: np.random.Generator, width: int = WIDTH) -> LinearHeads:
    """``tasks`` >= 1 independent linear heads, default values as in `random_network`."""
    if min(tasks, width) < 1:
        raise ValueError(f"tasks and width are >= 1, not {tasks} and {width}")
    drawn = _uniform((tasks, width + 1), width, generator)
    return LinearHeads(drawn[:, :-1], drawn[:, -1])


def gaussian_inputs(
    rows: int, generator: np.random.Generator, dim: int = INPUT_DIM, sd: float = INPUT_SD
) -> Array:
    """Independent Gaussian inputs ``(rows, dim)`` with mean 0 and standard deviation ``sd``."""
    return generator.normal(0.0, sd, (rows, dim))


def _uniform(shape: tuple[int, int], fan_in: int, generator: np.random.Generator) -> Array:
    bound = 1 / np.sqrt(fan_in)
    return generator.uniform(-bound, bound, shape)
