"""The gain, with a certificate, from few true labels and many unlabelled rows.

Row by row gain_i = misfit_i + c_i (`theory.misfit`, equation 1). The misfit needs no true label, so it is averaged over all
n rows; only the cross term c needs the m labelled ones. With weight b on the misfit, L the labelled rows:

    gain(b) = mean_L(gain_i - b misfit_i) + b mean_all(misfit_i)                                        (1)

b = 0 is the naive mean over labelled rows, b = 1 the identity taken literally. Every fixed b is unbiased where the
labelled rows are a random part of all. This is prediction-powered inference (Angelopoulos et al. 2023, Science 382:669)
with the misfit as the prediction of the gain. Its variance is least for b = cov(gain, misfit) / var(misfit), the slope of
a regression on the labelled rows, and (1) is then the regression estimator of double sampling (Cochran 1977, Sampling
Techniques, section 12.6).

**Standard error.** With residuals e_i of gain on misfit at weight b, leverages h_i = 1/m + u_i^2 / sum u^2 (u the misfit about
its labelled mean), and d the labelled mean less that of all rows,

    V = sum_i (1/m - d u_i / sum u^2)^2 (e_i / (1 - h_i))^2  +  (b^2 var(misfit) + 2 b cov(e, misfit)) / n.    (2)

The covariance, there because labelled rows are among all rows, is zero at the best b. Dividing by 1 - h_i takes each
residual as it would be had its row been left out (MacKinnon and White 1985, HC3). Without it a heavy-tailed misfit pulls the
line to its largest rows, and intervals from few labels are far too short; notebook 80 measures both. A fixed b has no line:
the first sum is then var(e) / m. Quantiles are Student's, with m - 2 degrees of freedom (m - 1 for a fixed b).

**Ties.** Misfits of hard labels are mostly equal, and a line through the few rows that differ leaves no residual. Where
misfits tie, `LEAST_DIFFERING` labelled rows must differ from the commonest misfit; else b is 0, the labelled rows alone.
Where all labelled rows have one gain while misfits vary, they say nothing of the spread, and TooFewLabels is raised.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Array = NDArray[np.float64]

LEAST_LABELS = 4
RESAMPLES = 2000
LEAST_DIFFERING = 10
METHODS = ("normal", "bootstrap")


class TooFewLabels(ValueError):
    """Fewer labelled rows than an interval needs, or none that tells the spread of the gain."""


@dataclass(frozen=True)
class GainCertificate:
    """The gain of a student over its teacher, estimated, in squared target units.

    ``gain`` in ``[low, high]`` at the two-sided ``level``; ``lower_bound``: the gain is above it, one-sided at the same level.
    ``weight``: b of equation (1); ``standard_error``: root of (2). ``misfit``: mean over all ``rows``. ``naive_low``,
    ``naive_high``: the interval of Student's t from the ``labels`` labelled rows alone.
    """

    gain: float
    low: float
    high: float
    lower_bound: float
    level: float
    weight: float
    standard_error: float
    misfit: float
    labels: int
    rows: int
    naive_low: float
    naive_high: float
    _per_label: float
    _of_all_rows: float
    _estimated: int

    @property
    def half_width(self) -> float:
        """Half the length of the two-sided interval."""
        return (self.high - self.low) / 2

    def labels_for(self, half_width: float) -> float:
        """How many *further* true labels would bring the half-width down to this, 0 where it is there already.

        From equation (2): the first term falls like one over the labels, the second stays. ``inf`` where labelling all
        rows would not do; more rows would be needed then. Raises ValueError for a half-width that is not positive.
        """
        if not half_width > 0:
            raise ValueError(f"a half-width is > 0, in squared target units, not {half_width!r}")
        if self.half_width <= half_width:
            return 0
        low, high = self.labels, self.rows
        if self._expected(high) > half_width:
            return math.inf
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._expected(middle) <= half_width else (middle, high)
        return high - self.labels

    def _expected(self, labels: int) -> float:
        now = self._student(self.labels)
        return self._student(labels) * (self.half_width / now if now > 0 else 1.0)

    def _student(self, labels: int) -> float:
        quantile = stdtrit(labels - self._estimated, (1 + self.level) / 2)
        return float(quantile * math.sqrt(max(self._per_label / labels + self._of_all_rows, 0.0)))


@dataclass(frozen=True)
class ErrorSums:
    """What a certificate needs of some rows; ``a + b`` is that of the rows of both, from any chunks on any machines.

    ``rows``, ``misfit`` and ``scatter``: number of all rows, mean of their misfits and sum of squared deviations from it.
    ``labelled (m, 3)``: weak error, student error and misfit of each labelled row. So an unlabelled row costs no memory and a
    labelled one 24 bytes.
    """

    rows: int
    misfit: float
    scatter: float
    labelled: Array

    def __add__(self, other: ErrorSums) -> ErrorSums:
        if not isinstance(other, ErrorSums):
            return NotImplemented
        rows = self.rows + other.rows
        step, share = other.misfit - self.misfit, other.rows / rows
        return ErrorSums(
            rows,
            self.misfit + share * step,
            self.scatter + other.scatter + self.rows * share * step**2,
            np.concatenate([self.labelled, other.labelled]),
        )

    def certificate(
        self, level: float = 0.95, weight: float | None = None, method: str = "normal", seed: int = 0
    ) -> GainCertificate:
        """Estimate and intervals of the gain; arguments and errors as `misfit.certify_gain`."""
        if not 0 < level < 1:
            raise ValueError(f"the level lies in (0, 1), not {level!r}")
        if method not in METHODS:
            raise ValueError(f"the method is one of {', '.join(METHODS)}, not {method!r}")
        if weight is not None and not math.isfinite(weight):
            raise ValueError(f"the weight is a finite number, or None for the best one, not {weight!r}")
        labels = len(self.labelled)
        if labels < LEAST_LABELS:
            raise TooFewLabels(
                f"{labels} labelled rows: an interval needs {LEAST_LABELS} at least; label some more"
            )
        gains, misfits = self.labelled[:, 0] - self.labelled[:, 1], self.labelled[:, 2]
        if self.scatter > 0 and np.ptp(gains) == 0:
            raise TooFewLabels(
                f"all {labels} labelled rows have the gain {gains[0]:g}, while teacher and student differ more on some "
                "rows than on others: these labels do not tell how much the gain varies; label more rows, drawn at random"
            )
        commonest = np.unique(misfits, return_counts=True)[1].max()
        if weight is None and commonest > 1 and labels - commonest < LEAST_DIFFERING:
            weight = 0.0
        estimate = _Estimate(
            gains[None], misfits[None], np.array([self.misfit]), self._variance, self.rows, weight
        )
        gain, error, estimated = float(estimate.gain[0]), float(estimate.error[0]), 1 + (weight is None)
        freedom = labels - estimated
        tails = [
            -stdtrit(freedom, (1 + level) / 2),
            -stdtrit(freedom, level),
            stdtrit(freedom, (1 + level) / 2),
        ]
        if method == "bootstrap":
            tails = self._bootstrapped(gains, misfits, gain, weight, level, seed)
        naive = stdtrit(labels - 1, (1 + level) / 2) * gains.std(ddof=1) / math.sqrt(labels)
        return GainCertificate(
            gain=gain,
            low=gain + float(tails[0]) * error,
            high=gain + float(tails[2]) * error,
            lower_bound=gain + float(tails[1]) * error,
            level=level,
            weight=float(estimate.weight[0]),
            standard_error=error,
            misfit=self.misfit,
            labels=labels,
            rows=self.rows,
            naive_low=float(gains.mean() - naive),
            naive_high=float(gains.mean() + naive),
            _per_label=float(estimate.of_labels[0]) * labels,
            _of_all_rows=float(estimate.of_all_rows[0]),
            _estimated=estimated,
        )

    @property
    def _variance(self) -> float:
        """Of the mean misfit over all rows."""
        return self.scatter / max(self.rows - 1, 1) / self.rows

    def _bootstrapped(
        self, gains: Array, misfits: Array, gain: float, weight: float | None, level: float, seed: int
    ) -> list[float]:
        """Quantiles of (gain* - gain) / error* with their sign turned, for the low end, the lower bound and the high end.

        Labelled rows are drawn again; the mean misfit of the other rows, of many, is drawn from its normal distribution.
        """
        generator = np.random.default_rng(seed)
        labels = len(gains)
        share, others = labels / self.rows, max(self.rows - labels, 1)
        of_others = (self.rows * self.misfit - misfits.sum()) / others
        spread = math.sqrt(self._variance * self.rows / others)
        pivots = []
        chunk = max(1, 2_000_000 // labels)
        for start in range(0, RESAMPLES, chunk):
            draws = generator.integers(labels, size=(min(chunk, RESAMPLES - start), labels))
            means = share * misfits[draws].mean(axis=1)
            means += (1 - share) * generator.normal(of_others, spread, size=len(draws))
            again = _Estimate(gains[draws], misfits[draws], means, self._variance, self.rows, weight)
            with np.errstate(divide="ignore", invalid="ignore"):
                pivots.append((again.gain - gain) / again.error)
        found = np.concatenate(pivots)
        found = found[np.isfinite(found)]
        if not found.size:  # all labelled rows are equal
            return [0.0, 0.0, 0.0]
        return list(-np.quantile(found, [(1 + level) / 2, level, (1 - level) / 2]))


class _Estimate:
    """Equations (1) and (2) for several draws of labelled rows: ``gains``, ``misfits (draws, m)``, ``means (draws,)``.

    ``variance_of_mean``: of the mean misfit over all ``rows``.
    """

    def __init__(
        self,
        gains: Array,
        misfits: Array,
        means: Array,
        variance_of_mean: float,
        rows: int,
        weight: float | None,
    ):
        labels = gains.shape[1]
        about = misfits - misfits.mean(axis=1, keepdims=True)
        scatter = np.sum(about**2, axis=1)
        safe = np.where(scatter > 0, scatter, 1.0)
        leverage = 1 / labels + about**2 / safe[:, None]
        # Where all misfits are equal, or one row alone decides the slope, the data say nothing of a best weight: it is 0.
        open_to_data = (scatter > 0) & (leverage.max(axis=1) < 1 - 1e-9) & (weight is None)
        slope = np.sum(about * gains, axis=1) / safe
        self.weight = np.where(open_to_data, slope, weight or 0.0)
        distance = misfits.mean(axis=1) - means
        self.gain = gains.mean(axis=1) - self.weight * distance
        residual = gains - gains.mean(axis=1, keepdims=True) - self.weight[:, None] * about
        share = 1 / labels - distance[:, None] * about / safe[:, None]
        left_out = residual / np.where(open_to_data[:, None], 1 - leverage, 1.0)
        self.of_labels = np.where(
            open_to_data,
            np.sum((share * left_out) ** 2, axis=1),
            np.sum(residual**2, axis=1) / (labels * (labels - 1)),
        )
        shared = np.sum(residual * about, axis=1) / (labels - 1) / rows
        self.of_all_rows = self.weight**2 * variance_of_mean + 2 * self.weight * shared
        self.error = np.sqrt(np.maximum(self.of_labels + self.of_all_rows, 0.0))
