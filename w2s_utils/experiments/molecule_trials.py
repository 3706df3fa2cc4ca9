"""Trials on molecule sets: every weak model of a family teaches one strong representation; predictions, and what they tell.

A trial judges a split's test part, or all molecules in one round of cross-fitting. Predictions are ``(weak models, 3, m)`` as
`crossfit.ladder_predictions` returns them: weak model, student, ceiling; the rounds of one case are stacked in front,
``(rounds, weak models, 3, n)``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import delayed
from numpy.typing import ArrayLike

from .. import runtime
from ..data.container import Dataset, Views
from ..theory.arrays import Array
from ..theory.misfit import cross_terms
from .crossfit import LIMIT, crossfit_predictions, standardised_predictions
from .measured import fold_turns, half_parts, split_parts
from .protocol import ladder_rows


@dataclass(frozen=True)
class Trial:
    """Which heads are fitted and which molecules they judge: of which set, views and setting (of `measured.SHARED`).

    With ``split``: that split's test part, by heads that had all its training rows, or random half number ``half`` of them.
    With ``repeat``: all molecules, in that round of cross-fitting. Raises ValueError for both, neither, or a half of no split.
    """

    data: str
    family: str
    setting: str
    split: str | None = None
    half: int | None = None
    repeat: int | None = None

    def __post_init__(self) -> None:
        if (self.split is None) == (self.repeat is None) or (self.half is not None and self.split is None):
            raise ValueError(
                "a trial has a split, perhaps with a half of its training rows, or else a repeat"
            )

    @property
    def keys(self) -> dict[str, Any]:
        """What identifies the trial, by column, without what it has not."""
        return {key: value for key, value in asdict(self).items() if value is not None}


def predictions(
    trial: Trial, data: Dataset, views: Views, folds: int, seed: int, limit: float = LIMIT
) -> Array:
    """Predictions of one trial, ``(weak models, 3, m)``, on its molecules in the order of the test part or of the set.

    ``views``: the family's of that set; ``folds``: of a round of cross-fitting; ``limit``: see `crossfit.standardise`. Raises
    what the parts and the heads raise, and KeyError for a split that the set does not have.
    """
    arrays = list(views.weak.values()), views.strong, data.targets
    if trial.repeat is not None:
        turns = fold_turns(data, folds, trial.setting, trial.repeat, seed)
        return crossfit_predictions(*arrays, turns, limit)
    assert trial.split is not None
    if trial.half is None:
        parts = split_parts(data, trial.split, trial.setting, seed)
    else:
        parts = half_parts(data, trial.split, trial.setting, trial.half, seed)
    return standardised_predictions(*arrays, parts, limit)


def all_predictions(
    trials: Sequence[Trial],
    loaded: Mapping[str, Dataset],
    families: Mapping[str, Mapping[str, Views]],
    folds: int,
    seed: int,
    limit: float = LIMIT,
) -> dict[Trial, Array]:
    """`predictions` of each of the ``trials``, in parallel.

    ``loaded``: sets by name; ``families``: family -> set -> views. Raises as `predictions`.
    """
    longest_first = sorted(trials, key=lambda trial: -len(loaded[trial.data].targets))
    made = runtime.parallel(
        delayed(predictions)(one, loaded[one.data], families[one.family][one.data], folds, seed, limit)
        for one in longest_first
    )
    return dict(zip(longest_first, made, strict=True))


def trial_rows(trial: Trial, data: Dataset, models: Sequence[str], made: Array) -> list[dict[str, Any]]:
    """`protocol.ladder_rows` of a trial's `predictions` ``made``, means over the molecules judged.

    ``models``: the weak models' names.
    """
    truth = data.targets if trial.split is None else data.targets[data.splits[trial.split]["test"]]
    return ladder_rows(truth, models, made, **{"data": trial.data, "source": data.source, **trial.keys})


def shared_error(truth: ArrayLike, rounds: ArrayLike) -> Array:
    """Correlation of each weak model's error, w - g, with the ceiling's, s - g, over molecules; mean over rounds.

    ``truth (n,)``; ``rounds (rounds, weak models, 3, n)``. Returns ``(weak models,)`` in [-1, 1]: 1 where they err alike.
    """
    errors = np.asarray(rounds) - np.asarray(truth)
    alike = [[np.corrcoef(model[0], model[2])[0, 1] for model in one] for one in errors]
    return np.asarray(np.mean(alike, axis=0))


def gap_noise(truth: ArrayLike, rounds: ArrayLike, tested: int) -> pd.DataFrame:
    """Gain - misfit of each weak model over all molecules, and the noise of that mean and of a smaller test part's.

    ``truth (n,)``; ``rounds (rounds, weak models, 3, n)``; ``tested``: molecules of a test part, 1 to n. One row per weak
    model, squared target units: ``mean`` of the cross terms c_i; ``noise_of_all`` sd(c_i) / sqrt(n), its standard error with
    heads kept; ``noise_of_a_split`` sd(c_i) sqrt(1/tested - 1/n), the standard deviation of a random test part's mean. Raises
    ValueError for a test part larger than the set.
    """
    made, count = np.asarray(rounds), len(np.asarray(truth))
    if not 1 <= tested <= count:
        raise ValueError(f"a test part has 1 to {count} molecules, not {tested}")
    terms = np.array([[cross_terms(truth, weak, student) for weak, student, _ in one] for one in made])
    sd = np.sqrt(terms.var(axis=2, ddof=1).mean(axis=0))
    return pd.DataFrame(
        {
            "mean": terms.mean(axis=(0, 2)),
            "noise_of_all": sd / np.sqrt(count),
            "noise_of_a_split": sd * np.sqrt(1 / tested - 1 / count),
        }
    )
