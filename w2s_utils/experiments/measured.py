"""What the notebooks on molecules share: the sets that a run has, their parts in either setting, errors row by row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .. import runtime
from ..data import datasets
from ..data.container import Dataset
from ..molecules import chembench, generated
from ..theory import intervals
from ..theory.arrays import Array, numbers
from ..theory.intervals import Interval
from . import parameters
from .crossfit import fold_parts, train_parts
from .protocol import Parts
from .run_sets import RunSets

GAIN, MISFIT, WEAK_ERROR, STUDENT_ERROR = range(4)
"""Places of the four quantities in what `errors_by_row` returns."""

SHARED = {"shared": True, "disjoint": False}
"""The two settings: weak model and student on the same training rows, or each on a half of its own."""

PANELS = {"ESOL": "figure-2d", "FreeSolv": "figure-2e", "Lipop": "figure-2f"}
"""The panel of the paper's Figure 2 that shows each measured set, as the claims' names begin."""


def load_sets(wanted: Sequence[str], embedded_count: int, seed: int, folds: int | None = None) -> RunSets:
    """The ``wanted`` measured sets that can be had; ``embedded_count`` generated molecules where none can.

    ``folds``: of the cross-fitting that is to come. Raises ValueError for what is no list of names of sets, each once, for
    fewer than 10 generated molecules, a seed that is none and folds that `fold_turns` cannot cut some set into, and what
    `datasets.load` raises for files that are there and damaged.
    """
    parameters.each_of(chembench.NAMES, data_sets=wanted)
    parameters.whole(10, embedded_count=embedded_count)
    parameters.whole(0, seed=seed)
    measured = tuple(name for name in wanted if datasets.reachable(name))
    unreachable = tuple(name for name in wanted if name not in measured)
    loaded = {name: datasets.load(name) for name in measured}
    if not measured:
        loaded = {"embedded": generated.embedded_molecules(embedded_count, seed)}
    if folds is not None:
        for data in loaded.values():
            fold_turns(data, folds, "shared", 0, seed)
    return RunSets(loaded, measured, unreachable)


def split_parts(data: Dataset, split: str, setting: str, seed: int) -> Parts:
    """The parts of one of the paper's splits in a setting of SHARED."""
    parts = data.splits[split]
    generator = runtime.seed_stream(seed, "halves", data.name, split)
    return train_parts(parts["train"], parts["valid"], parts["test"], SHARED[setting], generator)


def half_parts(data: Dataset, split: str, setting: str, half: int, seed: int) -> Parts:
    """The same with random half number ``half`` of the training rows in place of all; the other parts are kept."""
    parts = data.splits[split]
    generator = runtime.seed_stream(seed, "half of the training rows", data.name, split, half)
    train = generator.permutation(parts["train"])[: len(parts["train"]) // 2]
    return train_parts(train, parts["valid"], parts["test"], SHARED[setting], generator)


def fold_turns(data: Dataset, folds: int, setting: str, repeat: int, seed: int) -> list[Parts]:
    """Round number ``repeat`` of cross-fitting: random folds, the same in both settings."""
    generator = runtime.seed_stream(seed, "folds", data.name, repeat)
    return fold_parts(len(data.targets), folds, SHARED[setting], generator)


def errors_by_row(truth: ArrayLike, predictions: ArrayLike) -> Array:
    """Gain, misfit, weak error and student error of each row, in squared target units: ``(n, weak models, 4)``.

    ``truth (n,)``; ``predictions (weak models, 3, n)`` as `crossfit.ladder_predictions` returns them. Places: GAIN, MISFIT,
    WEAK_ERROR, STUDENT_ERROR. Means over rows are those of `misfit.ErrorTriple`.
    """
    goal = np.asarray(truth)[:, None]
    weak, student = (np.asarray(predictions)[:, place].T for place in (0, 1))
    weak_error, student_error = (weak - goal) ** 2, (student - goal) ** 2
    return np.stack([weak_error - student_error, (student - weak) ** 2, weak_error, student_error], axis=-1)


def _by_row(values: ArrayLike) -> Array:
    """Errors by row, checked. Raises TypeError and ValueError for what `errors_by_row` can't have made."""
    checked = numbers("errors by row", values)
    if checked.ndim != 3 or checked.shape[2] != 4 or 0 in checked.shape:
        raise ValueError(
            f"errors by row are (n, weak models, 4), of one molecule and weak model at least, not {checked.shape}"
        )
    return checked


def correlation(values: ArrayLike) -> float:
    """Of gain and misfit across weak models, from `errors_by_row` ``(n, weak models, 4)``.

    Raises ValueError for fewer than two weak models, and where gain or misfit is the same for all of them.
    """
    means = _by_row(values).mean(axis=0)
    if np.ptp(means[:, [GAIN, MISFIT]], axis=0).min() == 0:
        raise ValueError("one weak model, or one gain or misfit for all of them, has no correlation")
    return float(np.corrcoef(means[:, GAIN], means[:, MISFIT])[0, 1])


def gain_per_misfit(values: ArrayLike) -> float:
    """All weak models' gain over all their misfit, from `errors_by_row`. Raises ValueError where no student has any misfit."""
    means = _by_row(values).mean(axis=0).sum(axis=0)
    if means[MISFIT] == 0:
        raise ValueError("every student repeats its teacher: there is no misfit to measure gain by")
    return float(means[GAIN] / means[MISFIT])


def correlation_interval(values: ArrayLike) -> Interval:
    """`correlation` with the interval of Fisher's z over the weak models, 4 at least, as if they were independent draws.

    Raises as `intervals.correlation`.
    """
    means = _by_row(values).mean(axis=0)
    if len(means) < 4:
        raise ValueError(f"an interval for a correlation needs 4 weak models at least, not {len(means)}")
    return intervals.correlation(means[:, GAIN], means[:, MISFIT])


def gain_per_misfit_interval(values: ArrayLike) -> Interval:
    """`gain_per_misfit` with an interval over molecules, 2 at least: the heads are kept.

    Raises as `intervals.ratio_of_means`.
    """
    checked = _by_row(values)
    return intervals.ratio_of_means(checked[:, :, GAIN].sum(axis=1), checked[:, :, MISFIT].sum(axis=1))


def smallest_gain(values: ArrayLike) -> Interval:
    """The least gain of any weak model, relative to its weak error, from `errors_by_row`; an interval over molecules.

    Which one is least is known by its value only, so every weak model has its interval, all hold together, and the least is
    read off them (`intervals.least_of`). Raises as `intervals.ratio_of_means`, also where one weak model's error is not told
    from 0.
    """
    checked = _by_row(values)
    each = intervals.joint(checked.shape[1])
    return intervals.least_of(
        [
            intervals.ratio_of_means(of_model[:, GAIN], of_model[:, WEAK_ERROR], each)
            for of_model in checked.swapaxes(0, 1)
        ]
    )
