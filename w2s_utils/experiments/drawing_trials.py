"""How often intervals from drawn rows hold the gain, and how long they are, in the worlds of `label_worlds`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from ..theory import drawn, drawn_terms
from ..theory.arrays import Array
from ..theory.drawing import pair_chances
from .label_coverage import Ends, Kind
from .label_worlds import Rows, World

LEVEL = 0.95


class Trial(NamedTuple):
    """Shares of draws in which the interval ``two`` and the one-sided bound ``one`` held the gain of the world.

    ``here``: in which the interval without the variance from row to row held the mean gain of the rows that were drawn from
    it. ``plain_two``, ``plain_one``: the same of Student's t from as many random labels. ``length``: ratio of median
    lengths, NaN where the plain one has none. ``draws``: with a row at least where predictions differ; only those count.
    """

    two: float
    one: float
    here: float
    length: float
    plain_two: float
    plain_one: float
    draws: int


def trial(
    world: World,
    rows: int,
    labels: int,
    draws: int,
    generator: np.random.Generator,
    ends: tuple[float, float] | None = None,
    random: int = 0,
    others: int = 0,
) -> Trial:
    """So many draws of ``rows`` of the world, of which ``labels`` are labelled, ``random`` of them at random.

    ``ends``: of true labels, as for `drawn.drawn_gain`. ``others``: how many pairs share the draw, whose predictions differ
    by what has nothing to do with this one.
    """
    gain, sides = world.gain(), world.draw(draws * rows, generator)
    truth, weak, student = (side.reshape(draws, rows) for side in sides)
    some = (weak != student).any(axis=1)
    truth, weak, student = truth[some], weak[some], student[some]
    chances = pair_chances(np.abs(weak - student), ends is not None)
    for _ in range(others):
        chances = chances + pair_chances(generator.exponential(size=chances.shape), ends is not None)
    chances /= 1 + others
    first = np.broadcast_to(np.arange(labels), (len(truth), labels))  # rows have no order
    among = np.concatenate([first[:, :random], inverted(chances, labels - random, generator)], axis=1)
    terms, whole = _told((truth, weak, student), chances, among, ends, random, others > 0)
    found = _ends(terms, whole, LEVEL)
    here = _ends(terms._replace(of_rows=np.zeros(len(truth))), whole, LEVEL)
    gains = drawn_terms.gains_at(weak, student, truth)[:, :labels]
    error = gains.std(axis=1, ddof=1) / np.sqrt(labels)
    both, one = stdtrit(labels - 1, [(1 + LEVEL) / 2, LEVEL])
    of_all = drawn_terms.gains_at(weak, student, truth).mean(axis=1)
    about, plain = gains.mean(axis=1) - gain, 2 * float(np.median(both * error))
    return Trial(
        two=float(np.mean((found.low <= gain) & (gain <= found.high))),
        one=float(np.mean(found.lower_bound <= gain)),
        here=float(np.mean((here.low <= of_all) & (of_all <= here.high))),
        length=float(np.median(found.high - found.low)) / plain if plain > 0 else np.nan,
        plain_two=float(np.mean(np.abs(about) <= both * error)),
        plain_one=float(np.mean(about <= one * error)),
        draws=len(truth),
    )


def drawn_ends(
    rows: Rows,
    chances: Array,
    among: NDArray[np.intp],
    level: float = LEVEL,
    ends: tuple[float, float] | None = None,
    random: int = 0,
    shared: bool = False,
) -> drawn_terms.Ends:
    """What `drawn.drawn_gain` says of each draw, ``(draws,)`` each.

    ``rows``: true labels and predictions ``(draws, n)`` of all rows; ``chances (draws, n)`` with which they were drawn;
    ``among (draws, m)``: the labelled ones, of which the first ``random`` were not drawn but random. ``shared``: the draw was
    for other pairs too.
    """
    return _ends(*_told(rows, chances, among, ends, random, shared), level)


def _told(
    rows: Rows,
    chances: Array,
    among: NDArray[np.intp],
    ends: tuple[float, float] | None,
    random: int,
    shared: bool,
) -> tuple[drawn_terms.Terms, drawn_terms.Between | None]:
    truth, weak, student = (np.take_along_axis(side, among, axis=1) for side in rows)
    _, every_weak, every_student = rows
    distance = np.abs(every_weak - every_student)
    total, labels = distance.shape[1], among.shape[1]
    ratios = drawn_terms.mixed_ratios(np.take_along_axis(chances, among, axis=1), total, random)
    hard = len(np.unique(truth[:10])) <= drawn.HARD_VALUES
    squares = distance**2 if (random or shared) and ends is None and not hard else None
    k = drawn_terms.carrying(every_weak, every_student)
    terms = drawn_terms.Terms.of(weak, student, truth, ratios, total, k, squares)
    if ends is None:
        return terms, None
    every = drawn_terms.mixed_ratios(chances, total, 0) * (1 - random / labels) + random / labels
    largest = np.divide(distance, every, out=np.zeros_like(distance), where=every > 0).max(axis=1)
    return terms, drawn_terms.Between.of(every_weak, every_student, *ends, largest)


def _ends(terms: drawn_terms.Terms, whole: drawn_terms.Between | None, level: float) -> drawn_terms.Ends:
    if whole is None:
        return drawn_terms.t_ends(terms, level)
    return drawn_terms.bounded_ends(terms, whole, level)


def drawn_interval(
    generator: np.random.Generator,
    ends: tuple[float, float] | None = None,
    random: int = 0,
) -> Kind:
    """The same as `label_coverage.tried` takes it, from rows drawn for one pair; ``random`` of the labels are random ones."""

    def found(rows: Rows, labels: int, level: float) -> Ends:
        chances = pair_chances(np.abs(rows[1] - rows[2]), ends is not None)
        first = np.broadcast_to(np.arange(random), (len(chances), random))
        among = np.concatenate([first, inverted(chances, labels - random, generator)], axis=1)
        made = drawn_ends(rows, chances, among, level, ends, random)
        return Ends(*map(np.asarray, (made.low, made.high, made.lower_bound)))

    return found


def ever_told(
    world: World,
    rows: int,
    stops: Iterable[int],
    draws: int,
    level: float,
    generator: np.random.Generator,
) -> NDArray[np.bool_]:
    """Whether some look said a sign of the gain, ``(draws,)``: looks after each of ``stops`` drawn labels, each at the level.

    The labels of an earlier look are among those of a later one.
    """
    counts = list(stops)
    truth, weak, student = (side.reshape(draws, rows) for side in world.draw(draws * rows, generator))
    chances = pair_chances(np.abs(weak - student), world.classes is not None)
    among = inverted(chances, max(counts), generator)
    told = np.zeros(draws, dtype=bool)
    for count in counts:
        found = drawn_ends((truth, weak, student), chances, among[:, :count], level, world.classes)
        told |= np.asarray((found.low > 0) | (found.high < 0))
    return told


def enumerated(generator: np.random.Generator) -> dict[str, float]:
    """How far estimates and variances are off in the mean over all draws of three labels from five rows, relative.

    Estimates of drawn labels, between known ends, and with one random label joined; both parts of the variance, that of the
    rows before it is cut off at 0, and how far the one that is used is from it where it is above 0.
    """
    weak, student, truth = generator.normal(size=(3, 5))
    every = np.array(list(product(range(5), repeat=3)))
    gains, distance = drawn_terms.gains_at(weak, student, truth), np.abs(weak - student)
    off: dict[str, float] = {}
    for name, bounded, random in (
        ("drawn", False, 0),
        ("between ends", True, 0),
        ("one random joined", False, 1),
    ):
        q = pair_chances(distance, bounded)
        likely = np.full(5, 0.2)[every[:, :random]].prod(axis=1) * q[every[:, random:]].prod(axis=1)
        ratios = drawn_terms.mixed_ratios(q[every], 5, random)
        made = drawn_terms.Terms.of(weak[every], student[every], truth[every], ratios, 5, 3.0)
        estimates = made.estimate
        if bounded:
            ends = (float(truth.min()), float(truth.max()))
            between = drawn_terms.Between.of(weak, student, *ends, float((distance / q).max() / 5))
            estimates = drawn_terms.bounded_ends(made, between, LEVEL).estimate
        off[name] = abs(likely @ estimates - gains.mean()) / abs(gains).mean()
        if name == "drawn":
            spread = likely @ (estimates - gains.mean()) ** 2
            square = (gains[every] ** 2 / ratios).mean(axis=1) - estimates**2 + made.of_labels
            off["variance of labels"] = abs(likely @ np.asarray(made.of_labels) / spread - 1)
            off["variance of rows"] = abs(likely @ square / gains.var() - 1)
            cut = np.abs(np.asarray(made.of_rows) * 4 - np.maximum(square, 0))
            off["the same, 0 at least"] = float(cut.max()) / gains.var()
    return {name: float(value) for name, value in off.items()}


def inverted(chances: Array, count: int, generator: np.random.Generator) -> NDArray[np.intp]:
    """Rows ``(draws, count)`` drawn with replacement with the chances ``(draws, rows)`` of each draw."""
    draws, rows = chances.shape
    start = np.arange(draws)[:, None]
    sums = np.cumsum(chances, axis=1)
    line = (sums / sums[:, -1:] + start).ravel()  # one rising line of all draws, each its own unit long
    places = generator.random((draws, count)) + start
    found = np.searchsorted(line, places.ravel(), side="right").reshape(draws, count) - rows * start
    last = rows - 1 - np.argmax((chances > 0)[:, ::-1], axis=1)
    return np.minimum(found, last[:, None]).astype(np.intp)
