"""Synthetic representations h: small ReLU networks, random, perturbed or pre-trained.

The paper's networks (Section 5.1) are stacks of blocks, each a linear layer with bias followed by a ReLU, the last one
included: input dimension 8, width 16, five blocks for h*, eight for the strong and two for the weak representation. A
linear head with bias turns the 16 features into a prediction.

**Pre-training.** All tasks share h*: task t has the target function f_t o h* with a random, known linear head f_t. The
heads stay as they are, the representation alone is trained to make f_t o h fit the targets of every task. `pretrain` does
it for several independent networks side by side: networks this small cost more in calls than in arithmetic, and one
batched product serves them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import runtime
from ..theory.arrays import Array

INPUT_DIM, WIDTH = 8, 16
INPUT_SD = 500.0
"""Standard deviation of the synthetic inputs, per coordinate."""


class Diverged(ArithmeticError):
    """A training loss stopped being a finite number."""


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


def pretrain(
    networks: Sequence[BlockNetwork],
    inputs: ArrayLike,
    targets: ArrayLike,
    heads: Sequence[LinearHeads],
    epochs: int,
    batch_rows: int = 250,
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> tuple[list[BlockNetwork], list[dict[str, Any]]]:
    """Train each network on its own tasks with the heads held fixed (mean squared error, AdamW, pooled tasks).

    ``networks``: members, all of one shape; ``inputs (members, tasks, rows, input_dim)``; ``targets (members, tasks,
    rows)``; ``heads``: one LinearHeads with that many tasks per member. Every batch holds ``batch_rows // tasks`` points
    of each task; points that fill no batch sit out one epoch. ``seed`` sets the order of the points, the same order for
    every member.

    Returns the trained networks and the loss curve: one row per member and epoch with the keys ``member`` and ``epoch``
    (from 1) and ``loss``, the mean of squared errors over the batches of that epoch, each before its own step, in
    squared target units. Arithmetic is in single precision. Raises ValueError for shapes that do not fit together,
    Diverged when a loss stops being finite.
    """
    x, y = np.asarray(inputs), np.asarray(targets)
    _check(networks, x, y, heads, epochs, batch_rows)
    import torch

    members, tasks, rows, dim = x.shape
    share = batch_rows // tasks
    weights, biases = [], []
    for place in range(len(networks[0].layers)):
        layer = torch.tensor(np.stack([network.layers[place] for network in networks]), dtype=torch.float32)
        weights.append(torch.nn.Parameter(layer[:, :, :-1].transpose(1, 2).contiguous()))
        biases.append(torch.nn.Parameter(layer[:, None, :, -1].contiguous()))
    optimizer = torch.optim.AdamW([*weights, *biases], lr=learning_rate, fused=True)
    points = torch.tensor(x.reshape(members, tasks * rows, dim), dtype=torch.float32)
    goals = torch.tensor(y - np.stack([head.intercepts for head in heads])[:, :, None], dtype=torch.float32)
    goals = goals.reshape(members, tasks * rows)
    # Every batch holds its tasks in the same order, so one array says which head belongs to which of its points.
    spread = np.repeat(np.stack([head.weights for head in heads]), share, axis=1)
    head_weights = torch.tensor(spread, dtype=torch.float32)
    generator = runtime.seed_stream(seed, "pre-training order")
    curve = []
    with one_thread():
        for epoch in range(1, epochs + 1):
            batches = _stratified_batches(tasks, rows, share, generator)
            order = torch.from_numpy(batches.ravel())
            shuffled = points[:, order].split(batches.shape[1], dim=1)
            labels = goals[:, order].split(batches.shape[1], dim=1)
            total = torch.zeros(members)
            for hidden, labelled in zip(shuffled, labels, strict=True):
                for weight, bias in zip(weights, biases, strict=True):
                    hidden = torch.baddbmm(bias, hidden, weight).relu_()
                losses = torch.linalg.vecdot(hidden, head_weights).sub_(labelled).square().mean(1)
                optimizer.zero_grad()
                losses.sum().backward()  # each network's own parameters see its own loss alone
                optimizer.step()
                total += losses.detach()
            loss = total.double().numpy() / len(batches)
            if not np.isfinite(loss).all():
                raise Diverged(
                    f"the loss is not finite after epoch {epoch}; lower the learning rate ({learning_rate})"
                )
            curve += [{"member": m, "epoch": epoch, "loss": float(value)} for m, value in enumerate(loss)]
    found = [
        torch.cat([weight.detach().transpose(1, 2), bias.detach().transpose(1, 2)], dim=2).double().numpy()
        for weight, bias in zip(weights, biases, strict=True)
    ]
    return [BlockNetwork(tuple(layer[member] for layer in found)) for member in range(members)], curve


@contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch on one thread, so that sums come in one order and the result does not depend on the machine's load."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _uniform(shape: tuple[int, int], fan_in: int, generator: np.random.Generator) -> Array:
    bound = 1 / np.sqrt(fan_in)
    return generator.uniform(-bound, bound, shape)


def _stratified_batches(
    tasks: int, rows: int, share: int, generator: np.random.Generator
) -> NDArray[np.intp]:
    """Numbers of pooled points ``(batches, tasks * share)``: in random order, ``share`` points of each task per batch."""
    batches = rows // share
    orders = np.stack([task * rows + generator.permutation(rows)[: batches * share] for task in range(tasks)])
    return orders.reshape(tasks, batches, share).transpose(1, 0, 2).reshape(batches, tasks * share)


def _check(
    networks: Sequence[BlockNetwork],
    x: Array,
    y: Array,
    heads: Sequence[LinearHeads],
    epochs: int,
    batch_rows: int,
) -> None:
    if not networks:
        raise ValueError("name at least one network to train")
    if len({tuple(layer.shape for layer in network.layers) for network in networks}) > 1:
        raise ValueError("networks trained together have one shape; train different depths one after another")
    if x.ndim != 4 or x.shape[0] != len(networks) or x.shape[3] != networks[0].input_dim or 0 in x.shape:
        raise ValueError(
            f"inputs are (members, tasks, rows, input_dim) = ({len(networks)}, tasks, rows, {networks[0].input_dim}), "
            f"not {x.shape}"
        )
    if y.shape != x.shape[:3]:
        raise ValueError(f"targets have the shape {y.shape}, the inputs ask for {x.shape[:3]}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("inputs or targets hold NaN or infinite values; drop or repair those rows first")
    expected = (x.shape[1], networks[0].width)
    if len(heads) != len(networks) or any(head.weights.shape != expected for head in heads):
        raise ValueError(f"there must be one LinearHeads per network, each with weights of shape {expected}")
    if epochs < 1 or not x.shape[1] <= batch_rows <= x.shape[1] * x.shape[2]:
        raise ValueError(
            f"epochs are >= 1 and a batch has between one point per task and all points, not {epochs} epochs and "
            f"{batch_rows} rows for {x.shape[1]} tasks of {x.shape[2]} rows"
        )
