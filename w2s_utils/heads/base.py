"""What all heads share: input checks, prediction, the certificate, the shape of results for one task and for many."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from ..theory.arrays import Array, readable


class BaseHead(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """A head of some convex class: `heads.linear` has the classes, and says what the certificate is."""

    coef_: Array
    intercept_: Any

    def predict(self, X: ArrayLike) -> Array:
        """Predictions ``(n,)`` or ``(n, tasks)``, target units, for the features ``X (n, d)``."""
        check_is_fitted(self)
        checked = self.checked_features(X)
        return checked @ self.coef_.T + self.intercept_

    def certificate(self, X: ArrayLike, y: ArrayLike) -> Array | float:
        """Largest violation of <f - w, g - f> >= 0 over the class, relative to mean(w^2): >= 0, one per task.

        A head outside its class (coefficients set by hand) is charged in addition with how far outside it is.
        ``X``, ``y``: features and targets of the rows that the head was fitted on (on others it says how far the head is from
        the nearest element there). Raises ValueError as ``fit`` does, and if the number of tasks differs.
        """
        check_is_fitted(self)
        checked, labels, single = self.checked(X, y, reset=False)
        coefficients = np.atleast_2d(self.coef_)
        if len(coefficients) != labels.shape[1]:
            raise ValueError(
                f"the head was fitted on {len(coefficients)} tasks, the targets have {labels.shape[1]}"
            )
        fitted = checked @ coefficients.T + self.intercept_
        scale = np.mean(labels**2, axis=0)
        violation = np.maximum(self._violation(checked, labels, fitted), 0.0) / np.where(
            scale > 0, scale, 1.0
        )
        violation = violation + self._outside(coefficients)
        return float(violation[0]) if single else violation

    def _violation(self, features: Array, labels: Array, fitted: Array) -> Array:
        raise NotImplementedError

    def _outside(self, coefficients: Array) -> Array:
        """How far coefficients ``(tasks, d)`` lie outside the class, relative to its size: 0 inside."""
        return np.zeros(len(coefficients))

    def checked_features(self, features: ArrayLike) -> Array:
        """Features ``(n, d)`` like those that the head was fitted on, float64 or float32; raises ValueError or TypeError."""
        return validate_data(
            self, unmasked("the features", features), reset=False, dtype=[np.float64, np.float32]
        )

    def checked(
        self, features: ArrayLike, targets: ArrayLike, reset: bool = True
    ) -> tuple[Array, Array, bool]:
        """Features ``(n, d)``, targets ``(n, tasks)``, and whether these were ``(n,)``; raises ValueError or TypeError."""
        features, targets = unmasked("the features", features), unmasked("the targets", targets)
        checked, labels = validate_data(
            self,
            features,
            targets,
            reset=reset,
            multi_output=True,
            y_numeric=True,
            dtype=[np.float64, np.float32],
        )
        if labels.dtype.kind in "USmM":
            what = "text" if labels.dtype.kind in "US" else "dates"
            raise TypeError(f"the targets hold {what}; convert them to numbers first")
        labels = np.asarray(labels, dtype=np.float64)
        return checked, labels.reshape(len(labels), -1), labels.ndim == 1

    @property
    def names(self) -> tuple[str, ...] | None:
        """Names of the columns that were checked last with ``reset``, where they had names."""
        found = getattr(self, "feature_names_in_", None)
        return None if found is None else tuple(found)

    def _keep(self, coefficients: Array, intercept: Array | float, single: bool) -> Self:
        self.coef_ = coefficients[0] if single else coefficients
        self.intercept_ = float(np.ravel(intercept)[0]) if single else intercept
        return self

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.single_output = True
        return tags


def unmasked(what: str, values: Any) -> Any:
    """``values`` as `readable`; a masked array is refused."""
    if np.ma.is_masked(values):
        raise ValueError(f"{what} have masked values; drop those rows first")
    return readable(values)
