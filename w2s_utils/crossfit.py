"""What small measured sets need before the protocol can run: features on one scale, and parts of few rows.

A split leaves a test part of some dozen rows. *Cross-fitting* gives every row its turn instead: the rows are cut into
folds, each fold is the evaluation part once, and the predictions of all turns together cover all rows, each made by
heads that have not seen the row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .protocol import Parts

Array = NDArray[np.float64]

LIMIT = 5.0
"""Standard deviations at which standardised features are cut off."""


def standardise(features: ArrayLike, rows: ArrayLike, limit: float = LIMIT) -> Array:
    """Each column with mean 0 and standard deviation 1 on ``rows``, then cut off at ±``limit``; ``(n, d)``, no unit.

    ``features (n, d)``: finite; ``rows``: numbers of the training rows, at least one. A column that is constant on them
    is 0 everywhere. The limit is there for values that no training row has seen: a descriptor can lie hundreds of
    standard deviations out, and a linear head then predicts whatever it likes for that row. Each column is treated by
    itself, so a column that two representations share stays the same in both. Raises ValueError for features that are
    not a finite table, rows that it does not have, or a limit that is not positive.
    """
    values = np.asarray(features, dtype=np.float64)
    training = np.asarray(rows)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise ValueError(
            "features are a table (n, d) of finite numbers; drop or repair the other values first"
        )
    if not training.size or training.min() < 0 or training.max() >= len(values):
        raise ValueError(f"name at least one training row, with numbers from 0 to {len(values) - 1}")
    if not limit > 0:
        raise ValueError(f"the limit is a number of standard deviations > 0, not {limit}")
    known = values[training]
    deviation = known.std(axis=0)
    varies = deviation > 1e-10 * np.abs(known).max(axis=0)  # below, the digits are those of rounding
    scaled = np.zeros_like(values)
    scaled[:, varies] = (values[:, varies] - known.mean(axis=0)[varies]) / deviation[varies]
    return np.clip(scaled, -limit, limit)


def train_parts(
    train: ArrayLike,
    validation: ArrayLike,
    evaluation: ArrayLike,
    shared: bool,
    generator: np.random.Generator,
) -> Parts:
    """Parts with a given train part: both models on all of it (``shared``), or each on a random half of its own.

    Row numbers as for `Parts`; two training rows at least where they are halved. Raises as `Parts` does.
    """
    order = generator.permutation(np.asarray(train))
    if shared:
        return Parts(order, order, np.asarray(evaluation), np.asarray(validation), allow_shared=True)
    middle = len(order) // 2
    return Parts(order[:middle], order[middle:], np.asarray(evaluation), np.asarray(validation))


def fold_parts(rows: int, folds: int, shared: bool, generator: np.random.Generator) -> list[Parts]:
    """Parts for cross-fitting ``rows`` rows: each of the random ``folds`` is the evaluation part of one of them.

    The next fold is the validation part, all others are the train part (``shared``: see `train_parts`). Folds differ in
    size by one row at most. Raises ValueError for fewer than 3 folds or more folds than rows.
    """
    if not 3 <= folds <= rows:
        raise ValueError(
            f"cross-fitting needs 3 folds at least (train, validation, evaluation) and no more folds than its {rows} "
            f"rows, not {folds}"
        )
    parts = np.array_split(generator.permutation(rows), folds)
    found = []
    for place, evaluation in enumerate(parts):
        after = (place + 1) % folds
        train = np.concatenate([part for other, part in enumerate(parts) if other not in (place, after)])
        found.append(train_parts(train, parts[after], evaluation, shared, generator))
    return found
