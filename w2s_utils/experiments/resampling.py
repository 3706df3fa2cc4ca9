"""An interval by resampling, for smooth statistics that `theory.intervals` has no interval for; never a least or a largest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .. import runtime


def bootstrap_interval(
    values: np.ndarray, statistic: Callable, seed: int, level: float = 0.95, resamples: int = 2000
) -> tuple[float, float]:
    """Percentile bootstrap interval of ``statistic(values[rows])``, rows drawn with replacement.

    ``values``: ``(n, ...)``, n >= 2; ``level`` in (0, 1). Resamples on which the statistic is not finite (a correlation
    of a constant) are left out. Raises ValueError for fewer than two rows, a level outside (0, 1), or values on which the
    statistic itself is not one finite number.
    """
    values = np.asarray(values)
    if len(values) < 2:
        raise ValueError("an interval needs at least two rows")
    if not 0 < level < 1:
        raise ValueError(f"the level lies in (0, 1), not {level}")
    if np.ndim(whole := statistic(values)) or not np.isfinite(whole):
        raise ValueError(
            f"the statistic of all values is {whole}, not one finite number: drop rows with NaN first"
        )
    draws = runtime.seed_stream(seed, "bootstrap").integers(len(values), size=(resamples, len(values)))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.array([statistic(values[draw]) for draw in draws])
    low, high = np.quantile(found[np.isfinite(found)], [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
