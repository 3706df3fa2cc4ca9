"""What small measured sets need before the protocol can run: features on one scale, and parts of few rows.

A split leaves a test part of some dozen rows. *Cross-fitting* gives every row its turn instead: the rows are cut into
folds, each fold is the evaluation part once, and the predictions of all turns together cover all rows, each made by
heads that have not seen the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_array

from ..heads.validated import ValidatedRidge
from ..theory.arrays import STORED, Array, readable
from .protocol import Parts

Rows = NDArray[np.intp]

LIMIT = 3.0
"""Standard deviations at which standardised features are cut off."""


def standardise(features: ArrayLike, rows: ArrayLike, limit: float = LIMIT) -> Array:
    """Each column with mean 0 and standard deviation 1 on ``rows``, then cut off at ±``limit``; ``(n, d)``, no unit.

    ``features (n, d)``: finite; ``rows``: numbers of the training rows, at least one. A column that is constant on them
    is 0 everywhere. The limit is for long tails: a descriptor can lie hundreds of standard deviations out in one row, and
    what a linear head predicts there has little to do with the rows that it was fitted on. Each column is treated by
    itself, so a column that two representations share stays the same in both. Raises ValueError for features that are
    not a finite table, rows that it does not have, or a limit that is not positive.
    """
    values = np.asarray(readable(features), dtype=np.float64)
    training = np.asarray(readable(rows))
    if values.ndim != 2 or not np.isfinite(values).all():
        raise ValueError(
            "features are a table (n, d) of finite numbers; drop or repair the other values first"
        )
    if not training.size or training.min() < 0 or training.max() >= len(values):
        raise ValueError(f"name at least one training row, with numbers from 0 to {len(values) - 1}")
    if not limit > 0:
        raise ValueError(f"the limit is a number of standard deviations > 0, not {limit}")
    known = values[training]
    varies = np.ptp(known, axis=0) > STORED * np.abs(known).max(
        axis=0
    )  # below, the digits are those of rounding
    scaled = values - known.mean(axis=0)
    scaled /= np.where(varies, known.std(axis=0), 1.0)
    scaled[:, ~varies] = 0.0
    return np.clip(scaled, -limit, limit, out=scaled)


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
    return [
        train_parts(train, validation, evaluation, shared, generator)
        for train, validation, evaluation in rotations(np.array_split(generator.permutation(rows), folds))
    ]


def few_label_parts(
    rows: int, folds: int, few: int, validation: int, generator: np.random.Generator
) -> list[Parts]:
    """Parts for cross-fitting where true labels are few: each of the random ``folds`` is the evaluation part of one of them.

    Out of the next fold, ``few`` rows teach the weak model and ``validation`` others choose penalties; all rows left are the
    student's. So two turns share neither a judged row nor a true label. Raises ValueError for fewer than 3 folds, and for
    folds that do not hold so many rows.
    """
    if not 3 <= folds <= rows or few < 1 or validation < 1 or rows // folds < few + validation:
        raise ValueError(
            f"folds = {folds} parts of {rows} rows do not hold few = {few} true labels and validation = {validation} more; "
            "take 3 folds at least, and fewer folds or labels"
        )
    blocks = np.array_split(generator.permutation(rows), folds)
    return [
        Parts(
            known[:few],
            np.concatenate([known[few + validation :], train]),
            judged,
            known[few : few + validation],
        )
        for train, known, judged in rotations(blocks)
    ]


def rotations(folds: Sequence[Rows]) -> Iterator[tuple[Rows, Rows, Rows]]:
    """Rows to train on, to validate on and to evaluate on, for each of the ``folds`` once: the next fold validates, all others
    train."""
    for turn, evaluation in enumerate(folds):
        after = (turn + 1) % len(folds)
        train = np.concatenate([rows for other, rows in enumerate(folds) if other not in (turn, after)])
        yield train, folds[after], evaluation


def weak_labels(weak_ladder: Sequence[ArrayLike], truth: Array, parts: Parts) -> list[Array]:
    """What each weak model says of every row, ``(n,)`` each: a validated ridge head, fitted to the truth on its own rows."""
    taught, choose = parts.weak_train, parts.validation
    labels = []
    for features in map(np.asarray, map(readable, weak_ladder)):
        head = ValidatedRidge().choose(features[taught], truth[taught], features[choose], truth[choose])
        labels.append(head.predict(features))
    return labels


def ladder_predictions(
    weak_ladder: Sequence[ArrayLike], strong_features: ArrayLike, targets: ArrayLike, parts: Parts
) -> Array:
    """`run_protocol` with validated ridge heads for several weak models under one strong representation.

    ``weak_ladder``: features ``(n, d_w)`` of each weak model; ``strong_features (n, d_s)``; ``targets (n,)``;
    ``parts`` with validation rows. Returns the predictions on the evaluation rows, ``(weak models, 3, m)``: weak model,
    student, ceiling. The numbers are those of one `run_protocol` per weak model, but the strong features are decomposed
    once for all students and the ceiling. Each head has a penalty of its own. Raises ValueError without validation rows or
    for features that are not finite.
    """
    if not len(parts.validation):
        raise ValueError("penalties are chosen on validation rows, but the parts have none")
    strong = check_array(readable(strong_features), dtype=[np.float64, np.float32])
    truth = np.asarray(readable(targets))
    learn, choose, judge = parts.student_train, parts.validation, parts.evaluation
    labels = weak_labels(weak_ladder, truth, parts)
    goals = np.column_stack([*labels, truth])
    students = ValidatedRidge().choose(strong[learn], goals[learn], strong[choose], goals[choose])
    made = students.predict(strong[judge]).T
    return np.stack(
        [[weak[judge], student, made[-1]] for weak, student in zip(labels, made[:-1], strict=True)]
    )


def standardised_predictions(
    weak_ladder: Sequence[ArrayLike],
    strong_features: ArrayLike,
    targets: ArrayLike,
    parts: Parts,
    limit: float = LIMIT,
) -> Array:
    """`ladder_predictions` with every representation standardised on the training rows of both models, see `standardise`.

    Arguments and result as there. Raises ValueError for no weak model or tables of differing numbers of rows, and what the
    two raise.
    """
    rows = {len(np.asarray(readable(table))) for table in (*weak_ladder, strong_features, targets)}
    if not len(weak_ladder) or len(rows) != 1:
        raise ValueError(
            f"one weak model at least, and as many rows of every representation as targets, not {sorted(rows)}"
        )
    training = np.union1d(parts.weak_train, parts.student_train)
    ladder = [standardise(features, training, limit) for features in weak_ladder]
    return ladder_predictions(ladder, standardise(strong_features, training, limit), targets, parts)


def crossfit_predictions(
    weak_ladder: Sequence[ArrayLike],
    strong_features: ArrayLike,
    targets: ArrayLike,
    turns: Sequence[Parts],
    limit: float = LIMIT,
) -> Array:
    """`standardised_predictions` of each of the ``turns`` (of `fold_parts`), put together: ``(weak models, 3, n)``.

    Raises ValueError where a row is judged in no turn or in two.
    """
    rows = len(np.asarray(readable(targets)))
    chosen = [np.empty(0, dtype=np.intp), *(parts.evaluation for parts in turns)]
    judged = np.bincount(np.concatenate(chosen), minlength=rows)
    if len(judged) != rows or (judged != 1).any():
        raise ValueError(
            f"each of the {rows} rows is judged in exactly one turn; take the parts that fold_parts makes"
        )
    found = np.empty((len(weak_ladder), 3, rows))
    for parts in turns:
        found[:, :, parts.evaluation] = standardised_predictions(
            weak_ladder, strong_features, targets, parts, limit
        )
    return found
