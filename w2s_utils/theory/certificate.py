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

**Ties.** Where misfits tie, but for round-off (`arrays.rounding`), a line through the few rows that differ leaves no residual:
`LEAST_DIFFERING` labelled rows must differ from the commonest misfit; else b is 0, the labelled rows alone. Where all
labelled rows have one gain while misfits vary, they say nothing of the spread, and TooFewLabels is raised. A student that is
its teacher but for round-off repeats it: the gain is 0.

**Hard labels.** True labels that take few values, `HARD_VALUES` at most and half as many as there are labelled rows at most
(classes, ratings), make gains that jump. A line that happens to pass through all labelled rows that differ leaves no
residual, nor do resamples: the interval of the best weight held the gain in 60 to 95 % of draws, where 95 % were asked for.
There the certificate **falls back to the plain interval**, Student's t from the labelled rows alone, whatever weight or method
was asked for, and says so: ``plain``. It too needs rows that carry the gain, and few may, of hard labels or where misfits tie.
(Sum of squares)^2 / (sum of fourth powers) counts them: it is k for k equal numbers and zeros. Where this is below
`estimate.LEAST_CARRYING` for the differences of teacher and student, m mean(misfit)^2 / mean(misfit^2) over all rows, or below
`LEAST_MOVING` for the deviations of the labelled gains from their mean, the certificate is ``thin`` and tells no sign of the
gain. **This is a guard, not a proof**: the second count comes from the labelled rows themselves and cannot see rows of a rare
class that none of them is. Where classes are rare an interval that is not thin has been seen to hold in half of the draws, and
truths of 11 to 20 values, which count as many, in three quarters where the student differs from its teacher on few rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from . import arrays
from .arrays import COMPUTED, STORED, Array, fraction, is_real, is_whole, rounding, times
from .estimate import Estimate, enough, resampled_tails

LEAST_LABELS = 4
MOST_WEIGHT = 1e6
LEAST_DIFFERING = 10
HARD_VALUES = 10
PLAIN = (
    "The true labels take few values: the interval is that of the labelled rows alone, and where some value is rare it may "
    "hold less often than it says."
)
THIN = "too few of the rows that carry the gain have a true label, and the interval may hold less often than it says"
METHODS = ("normal", "bootstrap")


class TooFewLabels(ValueError):
    """Fewer labelled rows than an interval needs, or none that tells the spread of the gain."""


@dataclass(frozen=True)
class GainCertificate:
    """The gain of a student over its teacher, estimated, in squared target units.

    ``gain`` in ``[low, high]`` at the two-sided ``level``; ``lower_bound``: the gain is above it, one-sided at the same level.
    ``weight``: b of equation (1); ``standard_error``: root of (2). ``misfit``: mean over all ``rows``. ``naive_low``,
    ``naive_high``: the interval of Student's t from the ``labels`` labelled rows alone. ``plain``: labels are hard, and this
    interval was taken for all. ``enough``: with hard labels or tied misfits, labels of which enough carry the gain; else 0.
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
    plain: bool
    enough: float
    _per_label: float
    _of_all_rows: float
    _estimated: int

    @property
    def thin(self) -> bool:
        """Whether too few labelled rows carry the gain for an interval from labelled rows alone to hold its level."""
        return self.labels < self.enough

    @property
    def sign(self) -> int:
        """What is told of the gain at the level: 1 above 0, -1 below, 0 neither."""
        if self.thin:
            return 0
        return int(self.low > 0) - int(self.high < 0)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What hard labels and few rows that differ take from the promise of the interval, in sentences; empty for others."""
        remedy = (
            f"label {math.ceil(self.enough):,} in all, about"
            if self.enough <= self.rows
            else f"all {self.rows:,} rows are too few, add rows"
        )
        thin = (f"{THIN[0].upper()}{THIN[1:]}: {remedy}.",) if self.thin else ()
        return (PLAIN, *thin) if self.plain else thin

    @property
    def half_width(self) -> float:
        """Half the length of the two-sided interval."""
        return (self.high - self.low) / 2

    def labels_for(self, half_width: float) -> float:
        """How many *further* true labels would bring the half-width down to this, 0 where it is there already.

        From equation (2): the first term falls like one over the labels, the second stays. ``inf`` where labelling all
        rows would not do; more rows would be needed then. Raises ValueError for a half-width that is not positive.
        """
        if not (is_real(half_width) and half_width > 0):
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
    ``labelled (m, 4)``: weak error, student error, misfit and true label of each labelled row. So an unlabelled row costs no
    memory and a labelled one 32 bytes. ``low``, ``high``: least and largest of all predictions, of both.
    """

    rows: int
    misfit: float
    scatter: float
    labelled: Array
    low: float
    high: float

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
            min(self.low, other.low),
            max(self.high, other.high),
        )

    def exchanged(self) -> ErrorSums:
        """With student and teacher in each other's place."""
        return replace(self, labelled=self.labelled[:, [1, 0, 2, 3]])

    @property
    def repeats(self) -> bool:
        """Whether the student is its teacher, or one student the other, but for round-off."""
        return self.misfit <= rounding(self.low, self.high) ** 2

    def certificate(
        self, level: float = 0.95, weight: float | None = None, method: str = "normal", seed: int = 0
    ) -> GainCertificate:
        """Estimate and intervals of the gain; arguments and errors as `certify_gain`."""
        level = fraction("the level", level)
        if method not in METHODS:
            raise ValueError(f"the method is one of {', '.join(METHODS)}, not {method!r}")
        if weight is not None and not (is_real(weight) and -MOST_WEIGHT <= weight <= MOST_WEIGHT):
            raise ValueError(
                f"the weight is a number from -{MOST_WEIGHT:g} to {MOST_WEIGHT:g}, or None for the best one"
            )
        if not (is_whole(seed) and seed >= 0):
            raise ValueError(f"the seed is a whole number from 0, not {seed!r}")
        labels = len(self.labelled)
        if self.repeats and self.misfit > 0:  # which would be told with certainty
            same = self.labelled[:, [0, 0, 2, 3]] * [1, 1, 0, 1]
            settled = replace(self, misfit=0.0, scatter=0.0, labelled=same)
            return settled.certificate(level, weight, method, seed)
        if labels < LEAST_LABELS:
            raise TooFewLabels(f"{labels} labelled rows: an interval needs {LEAST_LABELS}; label some more")
        gains, misfits = self.labelled[:, 0] - self.labelled[:, 1], self.labelled[:, 2]
        truth = self.labelled[:, 3]
        hard = len(times(truth, rounding(truth.min(), truth.max()))) <= min(HARD_VALUES, labels / 2)
        spread = math.sqrt(self.scatter / self.rows)
        differs = self.misfit > 0 if hard else spread > self._blur(self.misfit, self.misfit)
        if differs and np.ptp(gains) <= self._blur(abs(gains).max(), self.labelled[:, :2].max()):
            raise TooFewLabels(
                f"all {labels} labelled rows have the gain {gains[0]:g}, while teacher and student differ: these labels do "
                "not tell how much the gain varies; label more rows, drawn at random (or give all in one unit)"
            )
        if hard:
            weight, method = 0.0, "normal"
        most = times(misfits, self._blur(misfits.max(), misfits.max())).max()
        tied = most > 1 and labels - most < LEAST_DIFFERING
        if weight is None and tied:
            weight = 0.0
        estimate = Estimate(
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
            tails = resampled_tails(
                gains, misfits, self.misfit, self._variance, self.rows, gain, weight, level, seed
            )
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
            plain=hard,
            enough=enough(gains, self.misfit, spread) if hard or (tied and weight == 0) else 0.0,
            _per_label=float(estimate.of_labels[0]) * labels,
            _of_all_rows=float(estimate.of_all_rows[0]),
            _estimated=estimated,
        )

    def _blur(self, size: float, square: float) -> float:
        """How far numbers of this size, made of squared differences up to ``square``, may be apart through round-off alone."""
        return COMPUTED * size + STORED * square + 2 * math.sqrt(square) * rounding(self.low, self.high)

    @property
    def _variance(self) -> float:
        """Of the mean misfit over all rows."""
        return self.scatter / max(self.rows - 1, 1) / self.rows


def certify_gain(
    weak: ArrayLike,
    student: ArrayLike,
    truth: ArrayLike,
    labelled: ArrayLike,
    level: float = 0.95,
    weight: float | None = None,
    method: str = "normal",
    seed: int = 0,
) -> GainCertificate:
    """The gain on rows like these, from few true labels: estimate, two-sided interval, one-sided lower bound.

    ``weak``, ``student``: predictions ``(n,)`` on all rows, target units; ``truth``: ``(m,)``, true labels of the rows with
    the numbers ``labelled``: ``(m,)``, 0-based, each once, m >= 4, **drawn at random**: with labels where labelling is
    easy, the interval is for rows of that kind. They may not be rows whose true labels the weak model has learned from.
    ``level`` in (0, 1);
    ``weight`` on the misfit: None finds the one of least variance, 1 is the identity as it stands. ``method``: ``normal``
    (Student's quantiles) or ``bootstrap`` (studentised, drawn under ``seed``). Hard labels get the plain interval whatever is
    asked for. Formulas and sources: the module.

    Label noise is part of the truth here: it moves weak error and student error alike and leaves their difference unbiased.
    Raises TooFewLabels, TypeError and ValueError for values, shapes and numbers that are not as said.
    """
    return error_sums(weak, student, truth, labelled).certificate(level, weight, method, seed)


def error_sums(
    weak: ArrayLike, student: ArrayLike, truth: ArrayLike = (), labelled: ArrayLike = ()
) -> ErrorSums:
    """What `certify_gain` needs of one chunk of rows, to be added to that of others: ``sum(chunks[1:], chunks[0])``.

    Arguments as there, row numbers within the chunk; a chunk may have no label. Raises as there, but for too few labels.
    """
    weak, student = arrays.matched(weak=weak, student=student)
    if weak.ndim != 1:
        raise ValueError(
            f"a certificate is for one task: predictions are (n,), not {weak.shape}; go column by column"
        )
    rows, known = arrays.checked_labels(truth, labelled, len(weak))
    arrays.check_squares(student - weak, weak[rows] - known, student[rows] - known)
    misfits = (student - weak) ** 2
    return ErrorSums(
        rows=len(weak),
        misfit=float(misfits.mean()),
        scatter=float(np.sum((misfits - misfits.mean()) ** 2)),
        labelled=np.column_stack(
            [(weak[rows] - known) ** 2, (student[rows] - known) ** 2, misfits[rows], known]
        ),
        low=float(min(weak.min(), student.min())),
        high=float(max(weak.max(), student.max())),
    )
