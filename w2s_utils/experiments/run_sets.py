"""The sets that one run of a notebook has, and what is recorded about those that it has not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..data.container import Dataset
from ..results import Ledger
from ..theory.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class RunSets:
    """The sets of one run: ``loaded`` by name; of those asked for, ``measured`` could be had and ``unreachable`` could not.

    Without a measured set, ``loaded`` holds a generated one, and no claim about a measured set is judged: `claim`, `report`
    and `finding` record it as not run, with the ``reason``. ``kind``: what rows are, for the heading.
    """

    loaded: dict[str, Dataset]
    measured: tuple[str, ...]
    unreachable: tuple[str, ...]
    kind: str = "molecules"
    reason: str = "data unreachable"

    @property
    def heading(self) -> str:
        """Which data this run has, in words."""
        missing = f". Not to be had: {', '.join(self.unreachable)}" if self.unreachable else ""
        if self.measured:
            return f"Data of this run: measured, {', '.join(self.measured)}{missing}"
        return (
            f"Data of this run: GENERATED {self.kind}, not measured ({self.reason}). What the text below says of measured "
            f"sets was written for those and is not shown by this run{missing}"
        )

    def label(self, name: str) -> str:
        """A set's name as figures show it."""
        return name if self.loaded[name].source == "real" else f"GENERATED {self.kind}"

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
            self.reason
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

    def findings(
        self,
        ledger: Ledger,
        names: Sequence[str],
        claim: str,
        where: str,
        prediction: str,
        predicted: tuple[float, float],
        statistic: str,
        measure: Callable[[str], Interval | None],
        interval: str,
        *,
        stated_by: str,
    ) -> None:
        """`finding` for each of ``names``: ``claim`` holds ``{}`` for the name, its blanks as hyphens; ``measure`` is asked of
        sets that were measured.

        Not run, too, where ``measure`` raises ValueError, as a ratio whose denominator cannot be told from 0: with its words.
        """
        for name in names:
            named = claim.format(name.replace(" ", "-"))
            try:
                found = measure(name) if name in self.measured else None
            except ValueError as error:
                about = (f"{where}, {name}", statistic, str(error), prediction)
                ledger.not_run(named, *about, stated_by=stated_by)
                continue
            told = (where, prediction, predicted, statistic, found, interval)
            self.finding(ledger, name, named, *told, stated_by=stated_by)
