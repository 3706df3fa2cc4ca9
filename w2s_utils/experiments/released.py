"""Linear heads trained as the released notebook trains them (see DEVIATIONS.md): AdamW on small batches for many epochs.

The notebook (one panel of Figure 2) trains every head apart: PyTorch's default initial values, learning rate 1e-3, batches
of 32 in a new random order each epoch, 1000 epochs. Here all tasks go through the same steps side by side. AdamW works on
each parameter alone, so each head gets the steps it would get in a run of its own with the same order of rows.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import runtime
from ..theory.arrays import Array
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

    def fit(self, features: ArrayLike, targets: ArrayLike) -> Self:
        """Train on ``features (n, d)`` and ``targets (n,)`` or ``(n, tasks)``; returns self.

        Raises ValueError (NaN, infinity, no rows, differing lengths, a parameter out of range), Diverged when the heads
        stop being finite.
        """
        if self.epochs < 1 or self.batch_rows < 1 or not 0 < self.learning_rate < np.inf:
            raise ValueError(
                f"epochs and batch_rows are >= 1 and learning_rate > 0, not {self.epochs}, {self.batch_rows} and "
                f"{self.learning_rate}"
            )
        checked, labels = validate_data(
            self, features, targets, multi_output=True, y_numeric=True, dtype=[np.float64, np.float32]
        )
        labels = np.asarray(labels, dtype=np.float32)
        heads = self._trained(checked, labels.reshape(len(labels), -1)).astype(np.float64)
        if not np.isfinite(heads).all():
            raise Diverged(
                f"the heads are not finite; lower the learning rate ({self.learning_rate}) or rescale features"
            )
        single = labels.ndim == 1
        self.coef_ = heads[0, :-1] if single else heads[:, :-1]
        self.intercept_ = float(heads[0, -1]) if single else heads[:, -1]
        return self

    def predict(self, features: ArrayLike) -> Array:
        """Predictions ``(n,)`` or ``(n, tasks)``, target units, for ``features (n, d)``."""
        check_is_fitted(self)
        checked = validate_data(self, features, reset=False, dtype=[np.float64, np.float32])
        return checked @ self.coef_.T + self.intercept_

    def _trained(self, features: Array, labels: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch

        rows, width = features.shape
        generator = runtime.seed_stream(self.seed, "heads as released")
        start = random_heads(labels.shape[1], generator, width)
        heads = torch.nn.Parameter(
            torch.tensor(np.column_stack([start.weights, start.intercepts]), dtype=torch.float32)
        )
        heads.grad = torch.zeros_like(heads)
        points = torch.tensor(np.column_stack([features, np.ones(rows)]), dtype=torch.float32)
        goals = torch.from_numpy(labels)
        optimizer = torch.optim.AdamW([heads], lr=self.learning_rate, fused=True)
        with one_thread(), torch.no_grad():
            for _ in range(self.epochs):
                order = torch.from_numpy(generator.permutation(rows))
                batches = points[order].split(self.batch_rows), goals[order].split(self.batch_rows)
                for batch, labelled in zip(*batches, strict=True):
                    residual = torch.addmm(labelled, batch, heads.T, beta=-1)
                    torch.mm(residual.T, batch, out=heads.grad).mul_(2 / len(batch))
                    optimizer.step()
        return heads.detach().numpy()
