"""How often intervals from drawn rows hold the gain, and how long they are, in the worlds of `label_worlds`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from ..theory import drawn, drawn_terms
from ..theory.arrays import Array
from ..theory.drawing import pair_chances
from .label_worlds import World

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

    def at(side: Array, where: NDArray[np.intp]) -> Array:
        return np.take_along_axis(side, where, axis=1)

    ratios = drawn_terms.mixed_ratios(at(chances, among), rows, random)
    shared = (random or others) and ends is None and len(np.unique(truth[:10])) > drawn.HARD_VALUES
    squares = (weak - student) ** 2 if shared else None
    k = drawn_terms.carrying(weak, student)
    terms = drawn_terms.Terms.of(
        at(weak, among), at(student, among), at(truth, among), ratios, rows, k, squares
    )
    zeros = np.zeros(len(truth))
    if ends is None:
        found, here = (drawn_terms.t_ends(one, LEVEL) for one in (terms, terms._replace(of_rows=zeros)))
    else:
        every = drawn_terms.mixed_ratios(chances, rows, 0) * (1 - random / labels) + random / labels
        largest = np.divide(np.abs(weak - student), every, out=np.zeros_like(weak), where=every > 0).max(
            axis=1
        )
        whole = drawn_terms.Between.of(weak, student, *ends, largest)
        found, here = (
            drawn_terms.bounded_ends(one, whole, LEVEL) for one in (terms, terms._replace(of_rows=zeros))
        )
    gains = drawn_terms.gains_at(at(weak, first), at(student, first), at(truth, first))
    error = gains.std(axis=1, ddof=1) / np.sqrt(labels)
    both, one = stdtrit(labels - 1, [(1 + LEVEL) / 2, LEVEL])
    of_rows = drawn_terms.gains_at(weak, student, truth).mean(axis=1)
    about, plain = gains.mean(axis=1) - gain, 2 * float(np.median(both * error))
    return Trial(
        two=float(np.mean((found.low <= gain) & (gain <= found.high))),
        one=float(np.mean(found.lower_bound <= gain)),
        here=float(np.mean((here.low <= of_rows) & (of_rows <= here.high))),
        length=float(np.median(found.high - found.low)) / plain if plain > 0 else np.nan,
        plain_two=float(np.mean(np.abs(about) <= both * error)),
        plain_one=float(np.mean(about <= one * error)),
        draws=len(truth),
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
