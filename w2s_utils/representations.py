"""Synthetic representations h: small ReLU networks, random, perturbed or pre-trained. Plain numpy.

The paper's networks (Section 5.1) are stacks of blocks, each a linear layer with bias followed by a ReLU, the last one
included: input dimension 8, width 16, five blocks for h*, eight for the strong and two for the weak representation. A
linear head with bias turns the 16 features into a prediction.

**Pre-training.** All tasks share h*: task t has the target function f_t o h* with a random, known linear head f_t. The
heads stay as they are, the representation alone is trained to make f_t o h fit the targets of every task. `pretrain` does
it for several independent networks at once. Networks this small cost more in calls than in arithmetic, and one stacked
matrix product serves them all; the gradient is written out, as it is short. Networks do not mix: the result for one has
the same bits whatever else is in the stack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import runtime

Array = NDArray[np.float64]
Single = NDArray[np.float32]

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
    members, tasks, rows, _ = x.shape
    share = batch_rows // tasks
    parameters, layers = _stacked([network.layers for network in networks])
    head_weights = np.stack([head.weights for head in heads]).astype(np.float32)
    gradient = _Gradient(layers, np.repeat(head_weights.transpose(0, 2, 1), share, axis=2))
    optimizer = AdamW(parameters, learning_rate)
    points = np.ones((members, x.shape[3] + 1, tasks * rows), np.float32)
    points[:, :-1] = x.reshape(members, tasks * rows, -1).transpose(0, 2, 1)
    intercepts = np.stack([head.intercepts for head in heads])
    goals = (y - intercepts[:, :, None]).reshape(members, tasks * rows).astype(np.float32)
    generator = runtime.seed_stream(seed, "pre-training order")
    curve = []
    for epoch in range(1, epochs + 1):
        batches = _stratified_batches(tasks, rows, share, generator)
        order = batches.ravel()
        shuffled, shuffled_goals = np.take(points, order, axis=2), np.take(goals, order, axis=1)
        total = np.zeros(members)
        for start in range(0, len(order), batches.shape[1]):
            batch = slice(start, start + batches.shape[1])
            total += gradient(shuffled[:, :, batch], shuffled_goals[:, batch])
            optimizer.step(gradient.flat)
        loss = total / len(batches)
        if not np.isfinite(loss).all():
            raise Diverged(
                f"the loss is not finite after epoch {epoch}; lower the learning rate ({learning_rate})"
            )
        curve += [{"member": m, "epoch": epoch, "loss": float(value)} for m, value in enumerate(loss)]
    trained = [BlockNetwork(tuple(layer[m].astype(np.float64) for layer in layers)) for m in range(members)]
    return trained, curve


class AdamW:
    """AdamW (Loshchilov and Hutter 2019) on one flat vector, with PyTorch's defaults; every step is in place.

    ``parameters``: the vector that is moved, single or double precision; decay 0.01, betas 0.9 and 0.999, epsilon 1e-8.
    """

    def __init__(self, parameters: NDArray[Any], learning_rate: float):
        self.parameters = parameters
        self.learning_rate = learning_rate
        self.steps = 0
        self._first, self._second = np.zeros_like(parameters), np.zeros_like(parameters)
        self._scratch = np.empty_like(parameters)

    def step(self, gradient: NDArray[Any]) -> None:
        """Move the parameters by one step against ``gradient``, a vector of the same length."""
        self.steps += 1
        first, second, scratch = self._first, self._second, self._scratch
        self.parameters *= 1 - self.learning_rate * 0.01
        first *= 0.9
        np.multiply(gradient, 0.1, out=scratch)
        first += scratch
        second *= 0.999
        np.multiply(gradient, gradient, out=scratch)
        scratch *= 0.001
        second += scratch
        np.sqrt(second, out=scratch)
        scratch *= 1 / np.sqrt(1 - 0.999**self.steps).item()
        scratch += 1e-8
        np.divide(first, scratch, out=scratch)
        scratch *= self.learning_rate / (1 - 0.9**self.steps)
        self.parameters -= scratch


class _Gradient:
    """Loss of a batch and its gradient for stacked networks, with buffers that every batch uses again.

    Points are columns: a batch is ``(members, fan_in + 1, rows)`` with ones as the last line, so that one product per
    layer covers weights and biases. ``heads (members, width, rows)``: head weights of each point of the batch.
    """

    def __init__(self, layers: Sequence[Single], heads: Single):
        self.layers, self.heads = layers, heads
        self.flat, self.gradients = _stacked_zeros([layer.shape for layer in layers])
        members, width, rows = heads.shape
        self._hidden = [np.ones((members, width + 1, rows), np.float32) for _ in layers]
        self._scratch = [np.empty_like(heads) for _ in range(3)]
        self._active = np.empty(heads.shape, bool)

    def __call__(self, points: Single, goals: Single) -> Array:
        """Mean squared error ``(members,)`` of a batch; its gradient then stands in ``flat`` and ``gradients``."""
        outside, delta, before = self._scratch
        hidden = [points, *self._hidden]
        for layer, low, high in zip(self.layers, hidden, hidden[1:], strict=False):
            np.matmul(layer, low, out=outside)
            np.maximum(outside, 0.0, out=high[:, :-1])
        np.multiply(hidden[-1][:, :-1], self.heads, out=outside)
        residual = outside.sum(axis=1)
        residual -= goals
        loss: Array = np.asarray(np.mean(residual * residual, axis=1, dtype=np.float64))
        residual *= 2 / residual.shape[1]
        np.multiply(self.heads, residual[:, None], out=delta)
        for place in reversed(range(len(self.layers))):
            np.greater(hidden[place + 1][:, :-1], 0.0, out=self._active)
            delta *= self._active
            np.matmul(delta, hidden[place].transpose(0, 2, 1), out=self.gradients[place])
            if place:
                np.matmul(self.layers[place][:, :, :-1].transpose(0, 2, 1), delta, out=before)
                delta, before = before, delta
        return loss


def _uniform(shape: tuple[int, int], fan_in: int, generator: np.random.Generator) -> Array:
    bound = 1 / np.sqrt(fan_in)
    return generator.uniform(-bound, bound, shape)


def _stacked(networks: Sequence[tuple[Array, ...]]) -> tuple[Single, list[Single]]:
    """All layers of all networks as one flat vector, and as views ``(members, width, fan_in + 1)`` of it."""
    shapes = [(len(networks), *layer.shape) for layer in networks[0]]
    flat, views = _stacked_zeros(shapes)
    for place, view in enumerate(views):
        view[...] = [network[place] for network in networks]
    return flat, views


def _stacked_zeros(shapes: Sequence[tuple[int, ...]]) -> tuple[Single, list[Single]]:
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    flat = np.zeros(ends[-1], np.float32)
    parts = np.split(flat, ends[:-1])
    return flat, [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


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
