"""Linear heads trained as the released notebook trains them (see DEVIATIONS.md): AdamW on small batches for many epochs.

The notebook (one panel of Figure 2) trains every head apart: PyTorch's default initial values, learning rate 1e-3, batches
of 32 in a new random order each epoch, 1000 epochs. Here all tasks, and several tables of features, go through the same steps
side by side. AdamW works on each parameter alone, so each head gets the steps it would get in a run of its own with the same
order of rows.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import runtime
from ..theory.arrays import Array, numbers, readable
from . import parameters
from .network_training import Diverged, one_thread
from .networks import random_heads


class AdamWHead(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Linear head found by AdamW on the mean squared error, in single precision, as released.

    ``epochs`` >= 1, ``batch_rows`` >= 1 (the last batch of an epoch is smaller where the rows do not divide),
    ``learning_rate`` > 0; ``seed`` sets initial values and the order of the rows. Unlike the heads of
    `heads.linear`, the result is near the least squares solution but not on it: where features are nearly
    collinear the number of steps acts as a penalty.
    """

    coef_: Array
    intercept_: Any

    def __init__(self, epochs: int = 1000, batch_rows: int = 32, learning_rate: float = 1e-3, seed: int = 0):
        self.epochs = epochs
        self.batch_rows = batch_rows
        self.learning_rate = learning_rate
        self.seed = seed

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train on features ``X (n, d)`` and targets ``y (n,)`` or ``(n, tasks)``; returns self.

        Raises ValueError (NaN, infinity, no rows, differing lengths, a parameter out of range or of another type), Diverged
        when the heads stop being finite.
        """
        checked, labels = validate_data(
            self, readable(X), readable(y), multi_output=True, y_numeric=True, dtype=[np.float64, np.float32]
        )
        single = np.ndim(labels) == 1
        goals = np.reshape(labels, (len(labels), -1)).astype(np.float64, copy=False)
        how = (self.epochs, self.batch_rows, self.learning_rate, self.seed)
        [heads] = adamw_side_by_side(checked[None], goals[None], *how)
        self.coef_ = heads[0, :-1] if single else heads[:, :-1]
        self.intercept_ = float(heads[0, -1]) if single else heads[:, -1]
        return self

    def predict(self, X: ArrayLike) -> Array:
        """Predictions ``(n,)`` or ``(n, tasks)``, target units, for the features ``X (n, d)``."""
        check_is_fitted(self)
        checked = validate_data(self, readable(X), reset=False, dtype=[np.float64, np.float32])
        return checked @ self.coef_.T + self.intercept_


def adamw_side_by_side(
    features: ArrayLike,
    labels: ArrayLike,
    epochs: int = 1000,
    batch_rows: int = 32,
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> Array:
    """Heads ``(members, tasks, d + 1)``, the intercept last, as the released notebook trains each member's alone.

    ``features (members, n, d)``, ``labels (members, n, tasks)``. Every member gets the same initial values and
    order of rows, those of ``seed``; one batched product serves all. Raises ValueError for shapes that do not fit, NaN or
    infinity, a parameter out of range or of another type, TypeError for features and labels that are no real numbers, Diverged
    when the heads stop being finite.
    """
    import torch

    parameters.whole(1, epochs=epochs, batch_rows=batch_rows)
    parameters.number(0, learning_rate=learning_rate)
    x, y = _tables(features, labels)
    members, rows, width = x.shape
    generator = runtime.seed_stream(seed, "heads as released")
    start = random_heads(y.shape[2], generator, width)
    initial = np.column_stack([start.weights, start.intercepts]).T  # (d + 1, tasks)
    heads = torch.nn.Parameter(torch.tensor(np.stack([initial] * members), dtype=torch.float32))
    heads.grad = torch.zeros_like(heads)
    points = torch.tensor(np.concatenate([x, np.ones((members, rows, 1))], axis=2), dtype=torch.float32)
    goals = torch.tensor(y.copy(order="K"), dtype=torch.float32)  # torch reads no array backwards
    optimizer = torch.optim.AdamW([heads], lr=float(learning_rate), fused=True)
    with one_thread(), torch.no_grad():
        for _ in range(int(epochs)):
            order = torch.from_numpy(generator.permutation(rows))
            batches = (table[:, order].split(int(batch_rows), 1) for table in (points, goals))
            for batch, labelled in zip(*batches, strict=True):
                residual = torch.baddbmm(labelled, batch, heads, beta=-1)
                torch.bmm(batch.transpose(1, 2), residual, out=heads.grad).mul_(2 / batch.shape[1])
                optimizer.step()
    found: NDArray[np.float64] = heads.detach().numpy().astype(np.float64).transpose(0, 2, 1)
    if not np.isfinite(found).all():
        raise Diverged(
            f"the heads are not finite; lower the learning rate ({learning_rate}) or rescale features"
        )
    return found


def adamw_predictions(
    features: ArrayLike, labels: ArrayLike, learn: NDArray[np.intp], epochs: int = 1000
) -> Array:
    """Predictions ``(members, n, tasks)`` of `adamw_side_by_side` for all rows of ``features (members, n, d)``.

    The heads are trained on the rows ``learn`` alone, of them and of ``labels (members, n, tasks)``. Raises as it does, for
    whichever row, and ValueError where ``learn`` has others than theirs.
    """
    x, y = _tables(features, labels)
    try:
        rows = np.arange(x.shape[1])[learn]
    except IndexError as error:
        raise ValueError(f"learn has numbers of the {x.shape[1]} rows, from 0 on: {error}") from error
    heads = adamw_side_by_side(x[:, rows], y[:, rows], epochs)
    return np.asarray(x @ heads[:, :, :-1].transpose(0, 2, 1) + heads[:, None, :, -1])


def _tables(features: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    """``features (members, n, d)`` and ``labels (members, n, tasks)``, checked. Raises as `adamw_side_by_side`."""
    x, y = numbers("features", features), numbers("labels", labels)
    if x.ndim != 3 or y.ndim != 3 or x.shape[:2] != y.shape[:2] or 0 in (*x.shape, *y.shape):
        raise ValueError(
            f"features are (members, n, d) and labels (members, n, tasks), not {x.shape} and {y.shape}"
        )
    return x, y
