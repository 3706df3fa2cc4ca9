"""How often intervals from drawn rows hold the gain, and how long they are, in the worlds of `label_worlds`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from ..theory import drawn
from ..theory.arrays import Array
from ..theory.drawing import pair_chances
from .label_worlds import Population

LEVEL = 0.95


class Trial(NamedTuple):
    """Shares of draws in which the interval ``two`` and the one-sided bound ``one`` held the gain of the population.

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
    population: Population,
    rows: int,
    labels: int,
    draws: int,
    generator: np.random.Generator,
    ends: tuple[float, float] | None = None,
    random: int = 0,
) -> Trial:
    """So many draws of ``rows`` of the population, of which ``labels`` are labelled, ``random`` of them at random.

    ``ends``: of true labels, as for `drawn.drawn_gain`.
    """
    chosen = generator.integers(len(population.truth), size=(draws, rows))
    chosen = chosen[(population.weak[chosen] != population.student[chosen]).any(axis=1)]
    truth, weak, student = (side[chosen] for side in (population.truth, population.weak, population.student))
    chances = pair_chances(np.abs(weak - student), ends is not None)
    first = np.broadcast_to(np.arange(labels), (len(chosen), labels))  # rows have no order
    among = np.concatenate([first[:, :random], inverted(chances, labels - random, generator)], axis=1)

    def at(side: Array, where: NDArray[np.intp]) -> Array:
        return np.take_along_axis(side, where, axis=1)

    ratios = drawn.mixed_ratios(at(chances, among), rows, random)
    k = drawn.carrying(weak, student)
    terms = drawn.Terms.of(at(weak, among), at(student, among), at(truth, among), ratios, rows, k)
    zeros = np.zeros(len(chosen))
    if ends is None:
        found, here = (drawn.t_ends(one, LEVEL) for one in (terms, terms._replace(of_rows=zeros)))
    else:
        every = drawn.mixed_ratios(chances, rows, 0) * (1 - random / labels) + random / labels
        largest = np.divide(np.abs(weak - student), every, out=np.zeros_like(weak), where=every > 0).max(
            axis=1
        )
        whole = drawn.Between.of(weak, student, *ends, largest)
        found, here = (
            drawn.bounded_ends(one, whole, LEVEL) for one in (terms, terms._replace(of_rows=zeros))
        )
    gains = drawn.gains_at(at(weak, first), at(student, first), at(truth, first))
    error = gains.std(axis=1, ddof=1) / np.sqrt(labels)
    both, one = stdtrit(labels - 1, [(1 + LEVEL) / 2, LEVEL])
    of_rows = drawn.gains_at(weak, student, truth).mean(axis=1)
    about, plain = gains.mean(axis=1) - population.gain, 2 * float(np.median(both * error))
    return Trial(
        two=float(np.mean((found.low <= population.gain) & (population.gain <= found.high))),
        one=float(np.mean(found.lower_bound <= population.gain)),
        here=float(np.mean((here.low <= of_rows) & (of_rows <= here.high))),
        length=float(np.median(found.high - found.low)) / plain if plain > 0 else np.nan,
        plain_two=float(np.mean(np.abs(about) <= both * error)),
        plain_one=float(np.mean(about <= one * error)),
        draws=len(chosen),
    )


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
