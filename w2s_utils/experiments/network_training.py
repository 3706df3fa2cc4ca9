"""Pre-training of several small ReLU networks side by side, in two orders of the points, stopped and resumed at will.

All tasks share the representation h*: task t has the target function f_t o h* with a known linear head f_t. The heads stay
as they are, the representation alone is trained to make f_t o h fit the targets of every task (mean squared error, AdamW).
Networks this small cost more in calls than in arithmetic, so one batched product serves all members, the gradient of a
chain of blocks is written out, and AdamW sees one long vector of parameters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from ..theory.arrays import Array
from .networks import BlockNetwork, LinearHeads

POOLED, TASK_AFTER_TASK = "pooled", "task after task"
ORDERS = (POOLED, TASK_AFTER_TASK)
SAVED_EVERY = 50
"""Epochs between two checkpoints."""


class Diverged(ArithmeticError):
    """A training loss stopped being a finite number."""


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


@dataclass(frozen=True)
class Problem:
    """What several members learn: inputs, targets and the known heads of their tasks.

    ``inputs (members, tasks, rows, input_dim)``, ``targets (members, tasks, rows)``, ``heads``: one LinearHeads with that
    many tasks per member. Raises ValueError for shapes that do not fit together, NaN or infinite values.
    """

    inputs: Array
    targets: Array
    heads: tuple[LinearHeads, ...]

    def __post_init__(self) -> None:
        x, y = self.inputs, self.targets
        if x.ndim != 4 or 0 in x.shape:
            raise ValueError(f"inputs are (members, tasks, rows, input_dim), not {x.shape}")
        if y.shape != x.shape[:3]:
            raise ValueError(f"targets have the shape {y.shape}, the inputs ask for {x.shape[:3]}")
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise ValueError("inputs or targets hold NaN or infinite values; drop or repair those rows first")
        if len(self.heads) != len(x) or any(len(head.weights) != x.shape[1] for head in self.heads):
            raise ValueError(
                f"there must be one LinearHeads per member, {len(x)} in all, each of {x.shape[1]} tasks"
            )


@dataclass(frozen=True)
class Schedule:
    """How long and in which order to train.

    ``epochs``: when to keep the networks, increasing, the last one is the end. ``order``: with ``POOLED`` every batch
    holds ``batch_rows // tasks`` points of each task, and points that fill no batch sit out one epoch; with
    ``TASK_AFTER_TASK`` an epoch goes through the first task in batches of ``batch_rows`` (the last one smaller), then
    through the second, and so on. ``seed`` sets the order of the points, the same order for every member.
    """

    epochs: tuple[int, ...]
    order: str = POOLED
    batch_rows: int = 250
    learning_rate: float = 1e-3
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.epochs or min(self.epochs) < 1 or list(self.epochs) != sorted(set(self.epochs)):
            raise ValueError(f"epochs are whole numbers >= 1 that increase, not {self.epochs}")
        if self.order not in ORDERS:
            raise ValueError(f"the orders are {' and '.join(ORDERS)}, not {self.order!r}")
        if not 0 < self.learning_rate < np.inf:
            raise ValueError(f"a learning rate is a number above 0, not {self.learning_rate}")

    def batches(self, epoch: int, tasks: int, rows: int) -> Iterator[NDArray[np.intp]]:
        """Numbers of points, task * rows + row, of each batch of an epoch (from 1). Raises ValueError for bad sizes."""
        least, most = (tasks, tasks * rows) if self.order == POOLED else (1, rows)
        if not least <= self.batch_rows <= most:
            raise ValueError(
                f"a batch ({self.order}) has {least} to {most} rows here, not {self.batch_rows}: "
                f"{tasks} tasks of {rows} rows"
            )
        generator = runtime.seed_stream(self.seed, "pre-training order", epoch)
        orders = np.stack([task * rows + generator.permutation(rows) for task in range(tasks)])
        if self.order == TASK_AFTER_TASK:
            cuts = np.arange(self.batch_rows, rows, self.batch_rows)
            return (batch for order in orders for batch in np.split(order, cuts))
        share = self.batch_rows // tasks
        used = orders[:, : rows // share * share].reshape(tasks, -1, share)
        return iter(used.transpose(1, 0, 2).reshape(used.shape[1], -1))


def pretrain(
    networks: Sequence[BlockNetwork], problem: Problem, schedule: Schedule, checkpoint: Path | None = None
) -> tuple[dict[int, list[BlockNetwork]], Array]:
    """Train each network on its own tasks with the heads held fixed; single precision, one thread.

    ``networks``: the members' initial values, all of one shape. With ``checkpoint`` (a .safetensors file) the state is
    saved every 50 epochs and a training of the same problem goes on from it, to the same result to the bit.

    Returns the networks at each of ``schedule.epochs`` and the losses ``(epochs, members)``: the mean of squared errors
    over the batches of an epoch, each before its own step, in squared target units. Raises ValueError for shapes that do
    not fit together, Diverged when a loss stops being finite.
    """
    _check(networks, problem)
    training = _Training(networks, problem, schedule)
    with one_thread():
        if checkpoint is not None:
            training.resume(checkpoint)
        while training.epoch < schedule.epochs[-1]:
            training.run_epoch()
            if checkpoint is not None and training.epoch % SAVED_EVERY == 0:
                training.save(checkpoint)
    return {epoch: training.networks(flat) for epoch, flat in training.kept.items()}, np.stack(
        training.losses
    )


class _Training:
    """The state of a training: parameters in one vector, AdamW's moments, losses and kept networks."""

    def __init__(self, networks: Sequence[BlockNetwork], problem: Problem, schedule: Schedule):
        import torch

        self.schedule = schedule
        self.members, self.tasks, self.rows, dim = problem.inputs.shape
        self.shapes = [network.shape for network in networks[0].layers]
        pieces = []
        for place in range(len(self.shapes)):
            layer = np.stack([network.layers[place] for network in networks])
            pieces += [layer[:, :, :-1].transpose(0, 2, 1).ravel(), layer[:, :, -1].ravel()]
        self.flat = torch.nn.Parameter(torch.tensor(np.concatenate(pieces), dtype=torch.float32))
        self.flat.grad = torch.zeros_like(self.flat)
        self.weights, self.biases = self._views(self.flat.detach())
        self.weight_gradients, self.bias_gradients = self._views(self.flat.grad)
        self.optimizer = torch.optim.AdamW([self.flat], lr=schedule.learning_rate, fused=True)
        intercepts = np.stack([head.intercepts for head in problem.heads])[:, :, None]
        self.points = torch.tensor(problem.inputs.reshape(self.members, -1, dim), dtype=torch.float32)
        goals = (problem.targets - intercepts).reshape(self.members, -1)
        self.goals = torch.tensor(goals, dtype=torch.float32)
        heads = np.stack([head.weights for head in problem.heads])
        self.heads = torch.tensor(heads, dtype=torch.float32)
        self.epoch = 0
        self.losses: list[Array] = []
        self.kept: dict[int, NDArray[np.float32]] = {}
        whole = hashlib.sha256(repr((schedule, self.shapes)).encode())
        for part in (self.flat.detach(), self.points, self.goals, self.heads):
            whole.update(part.numpy().tobytes())
        self.identity = whole.hexdigest()

    def run_epoch(self) -> None:
        """One pass over the points, a step for every batch."""
        import torch

        self.epoch += 1
        batches = list(self.schedule.batches(self.epoch, self.tasks, self.rows))
        order = torch.from_numpy(np.concatenate(batches))
        sizes = [len(batch) for batch in batches]
        points, goals = self.points[:, order].split(sizes, 1), self.goals[:, order].split(sizes, 1)
        total = torch.zeros(self.members)
        with torch.no_grad():
            for hidden, labelled, batch in zip(points, goals, batches, strict=True):
                tasks = batch // self.rows
                heads = self.heads[:, tasks[0], None] if tasks[0] == tasks[-1] else self.heads[:, tasks]
                total += self._gradient(hidden, labelled, heads)
                self.optimizer.step()
        loss = total.double().numpy() / len(batches)
        if not np.isfinite(loss).all():
            raise Diverged(
                f"the loss is not finite after epoch {self.epoch}; lower the learning rate "
                f"({self.schedule.learning_rate})"
            )
        self.losses.append(loss)
        if self.epoch in self.schedule.epochs:
            self.kept[self.epoch] = self.flat.detach().numpy().copy()

    def _gradient(self, hidden: Any, labelled: Any, heads: Any) -> Any:
        """Mean squared errors ``(members,)`` of a batch; the gradient of each goes to its member's parameters."""
        import torch

        passed = [hidden]
        for weight, bias in zip(self.weights, self.biases, strict=True):
            passed.append(torch.baddbmm(bias, passed[-1], weight).relu_())
        residual = (passed[-1] * heads).sum(2).sub_(labelled)
        losses = residual.square().mean(1)
        back = residual.mul_(2 / residual.shape[1]).unsqueeze(2) * heads
        for place in reversed(range(len(self.weights))):
            back = torch.ops.aten.threshold_backward(back, passed[place + 1], 0.0)  # the ReLU's
            torch.bmm(passed[place].transpose(1, 2), back, out=self.weight_gradients[place])
            torch.sum(back, 1, keepdim=True, out=self.bias_gradients[place])
            if place:
                back = torch.bmm(back, self.weights[place].transpose(1, 2))
        return losses

    def _views(self, flat: Any) -> tuple[list[Any], list[Any]]:
        """Weights ``(members, fan_in, width)`` and biases ``(members, 1, width)`` of every block inside ``flat``."""
        weights: list[Any] = []
        biases: list[Any] = []
        start = 0
        for width, fan in self.shapes:
            for found, fans in ((weights, fan - 1), (biases, 1)):
                end = start + self.members * fans * width
                found.append(flat[start:end].view(self.members, fans, width))
                start = end
        return weights, biases

    def networks(self, flat: NDArray[np.float32]) -> list[BlockNetwork]:
        """The members whose parameters are ``flat``."""
        import torch

        weights, biases = self._views(torch.from_numpy(flat).double())
        layers = [
            torch.cat([w, b], dim=1).transpose(1, 2).contiguous().numpy()
            for w, b in zip(weights, biases, strict=True)
        ]
        return [BlockNetwork(tuple(layer[member] for layer in layers)) for member in range(self.members)]

    def save(self, place: Path) -> None:
        """Write the state, whole or not at all."""
        from safetensors.numpy import save

        state = self.optimizer.state[self.flat]
        arrays = {name: state[name].numpy() for name in ("exp_avg", "exp_avg_sq")}
        arrays |= {"flat": self.flat.detach().numpy(), "step": state["step"].numpy().reshape(1)}
        arrays["losses"] = np.stack(self.losses)
        arrays |= {f"kept/{epoch}": flat for epoch, flat in self.kept.items()}
        place.parent.mkdir(parents=True, exist_ok=True)
        with runtime.atomic_file(place, "wb") as file:
            file.write(save(arrays, metadata={"identity": self.identity}))

    def resume(self, place: Path) -> None:
        """Take up the state of the same training, where there is one; another training's state is passed over."""
        import torch
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(place, framework="np") as file:
                if (file.metadata() or {}).get("identity") != self.identity:
                    return
                state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (OSError, SafetensorError):
            return
        self.flat.detach().copy_(torch.from_numpy(state["flat"]))
        self.optimizer.state[self.flat] = {
            "step": torch.tensor(float(state["step"][0])),
            "exp_avg": torch.from_numpy(state["exp_avg"]),
            "exp_avg_sq": torch.from_numpy(state["exp_avg_sq"]),
        }
        self.losses = list(state["losses"])
        self.kept = {int(n.split("/")[1]): flat for n, flat in state.items() if n.startswith("kept/")}
        self.epoch = len(self.losses)


def _check(networks: Sequence[BlockNetwork], problem: Problem) -> None:
    if not networks:
        raise ValueError("name at least one network to train")
    if len({tuple(layer.shape for layer in network.layers) for network in networks}) > 1:
        raise ValueError("networks trained together have one shape; train different depths one after another")
    members, dim = len(problem.inputs), problem.inputs.shape[3]
    if len(networks) != members or networks[0].input_dim != dim:
        raise ValueError(
            f"{len(networks)} networks of {networks[0].input_dim} inputs do not fit a problem of {members} members with {dim}"
        )
    width = networks[0].width
    if any(head.weights.shape[1] != width for head in problem.heads):
        raise ValueError(f"the heads must have {width} weights for each task, one per feature")
