"""What the notebooks on molecules share: the sets that a run has, their parts in either setting, errors row by row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .. import runtime
from ..data import datasets
from ..data.container import Dataset
from ..molecules import chembench, generated
from ..results import Ledger
from ..theory import intervals
from ..theory.arrays import Array, numbers
from ..theory.intervals import Interval
from . import parameters
from .crossfit import fold_parts, train_parts
from .protocol import Parts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAIN, MISFIT, WEAK_ERROR, STUDENT_ERROR = range(4)
"""Places of the four quantities in what `errors_by_row` returns."""

SHARED = {"shared": True, "disjoint": False}
"""The two settings: weak model and student on the same training rows, or each on a half of its own."""

PANELS = {"ESOL": "figure-2d", "FreeSolv": "figure-2e", "Lipop": "figure-2f"}
"""The panel of the paper's Figure 2 that shows each measured set, as the claims' names begin."""


@dataclass(frozen=True)
class MoleculeSets:
    """The sets of one run: ``loaded`` by name; of those asked for, ``measured`` could be had and ``unreachable`` could not.

    Without a measured set, ``loaded`` holds the generated one, called ``embedded``, and no claim about a measured set is
    judged: `claim` and `report` record it as not run, with the reason.
    """

    loaded: dict[str, Dataset]
    measured: tuple[str, ...]
    unreachable: tuple[str, ...]

    @property
    def heading(self) -> str:
        """Which data this run has, in words."""
        missing = f". Not to be had: {', '.join(self.unreachable)}" if self.unreachable else ""
        if self.measured:
            return f"Data of this run: measured, {', '.join(self.measured)}{missing}"
        return (
            "Data of this run: GENERATED molecules, not measured, as no measured set could be had. What the text "
            f"below says of ESOL, FreeSolv and Lipop was written for those sets and is not shown by this run{missing}"
        )

    def label(self, name: str) -> str:
        """A set's name as figures show it."""
        return name if self.loaded[name].source == "real" else "GENERATED molecules"

    def squared_unit(self, name: str) -> str:
        """The unit of a set's errors, misfits and gains."""
        return f"({self.loaded[name].unit})²"

    def panels(
        self, rows: Sequence[str], height: float = 3.8, **options: Any
    ) -> tuple[Figure, list[tuple[Axes, str, str]]]:
        """A figure with a row of panels for each of ``rows`` and a column for each set, and (axes, row, set) of each panel.

        ``height``: inches of a row; ``options`` go to matplotlib's subplots.
        """
        import matplotlib.pyplot as plt

        size = (max(4.2 * len(self.loaded), 6.5), height * len(rows))
        figure, grid = plt.subplots(len(rows), len(self.loaded), figsize=size, squeeze=False, **options)
        figure.set_layout_engine("constrained", h_pad=0.1)
        places = [(grid[i, j], row, name) for i, row in enumerate(rows) for j, name in enumerate(self.loaded)]
        for axes, row, name in places:
            axes.set_title(f"{self.label(name)}, {row}")
        return figure, places

    def why_not(self, name: str | None = None) -> str:
        """Why there is nothing to say about a measured set in this run, or about any (None); empty where there is."""
        if name in self.measured or (name is None and self.measured):
            return ""
        return (
            "data unreachable"
            if name in self.unreachable or (name is None and self.unreachable)
            else "not among the data sets of this run"
        )

    def claim(
        self,
        ledger: Ledger,
        name: str | None,
        claim: str,
        where: str,
        statistic: str,
        found: float | None,
        low: float = -math.inf,
        high: float = math.inf,
    ) -> None:
        """`Ledger.claim` about one measured set, or about all of the run (None); not run where `why_not` has a reason."""
        reason = self.why_not(name)
        if reason:
            ledger.not_run(claim, where, statistic, reason)
        else:
            about = name or ", ".join(self.measured)
            ledger.claim(claim, where, f"{statistic}; {about}", found, low, high)  # type: ignore[arg-type]

    def report(
        self,
        ledger: Ledger,
        name: str | None,
        claim: str,
        where: str,
        statistic: str,
        found: float | None,
        interval: tuple[float, float] | None,
        reason: str,
    ) -> None:
        """`Ledger.report` in the same way; ``interval``: low and high end."""
        missing = self.why_not(name)
        if missing:
            ledger.not_run(claim, where, statistic, missing)
        else:
            low, high = interval  # type: ignore[misc]
            about = name or ", ".join(self.measured)
            ledger.report(claim, where, f"{statistic}; {about}", found, low, high, reason)  # type: ignore[arg-type]

    def finding(
        self,
        ledger: Ledger,
        name: str,
        claim: str,
        where: str,
        prediction: str,
        predicted: tuple[float, float],
        statistic: str,
        found: Interval | tuple[float, float, float] | None,
        interval: str,
        *,
        stated_by: str,
    ) -> None:
        """`Ledger.finding` in the same way; ``found``: estimate and ends, None where there is no such set.

        The set's name ends ``where``, so that the findings on several sets can be told apart by their place.
        """
        where, missing = f"{where}, {name}", self.why_not(name)
        if missing:
            ledger.not_run(claim, where, statistic, missing, prediction, stated_by=stated_by)
        else:
            about = f"{statistic}; {name}"
            ledger.finding(  # type: ignore[misc]
                claim, where, prediction, predicted, about, *found, interval=interval, stated_by=stated_by
            )


def load_sets(
    wanted: Sequence[str], embedded_count: int, seed: int, folds: int | None = None
) -> MoleculeSets:
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
    return MoleculeSets(loaded, measured, unreachable)


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
