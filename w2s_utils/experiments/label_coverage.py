"""How often intervals for the gain hold where it is known, and how long they are: many draws of rows at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy.special import stdtrit

from ..theory import intervals
from ..theory.arrays import Array
from ..theory.bounded import bounded_gain, parts, spans
from ..theory.capped import capped_gain
from ..theory.certificate import certify_gain
from ..theory.misfits import caps_above
from ..theory.ranking import labels_to_decide
from .label_worlds import Rows, World

CERTIFICATE, LINE, ALONE = "certificate", "line to the end", "labelled rows alone"
"""Names of the kinds of interval below."""
GOLDEN = (5**0.5 - 1) / 2
"""Multiples of it, less what is whole, are spread evenly over 0 to 1 and follow no order."""
CELLS = 200_000
"""Rows of all draws that are worked on at a time: what a processor has at hand."""


class Ends(NamedTuple):
    """Ends ``low``, ``high`` of two-sided intervals and one-sided lower ``bound``, ``(draws,)`` each, squared target units."""

    low: Array
    high: Array
    bound: Array


Kind = Callable[[Rows, int, float], Ends]
"""Of true labels and predictions ``(draws, n)`` each, how many of the first rows are labelled, and the level."""


def plain(rows: Rows, labels: int, level: float) -> Ends:
    """Student's t from the labelled rows alone."""
    gains = _gains(rows, labels)
    error = gains.std(axis=1, ddof=1) / math.sqrt(labels)
    return _around(gains.mean(axis=1), lambda confidence: stdtrit(labels - 1, confidence) * error, level)


def line(rows: Rows, labels: int, level: float) -> Ends:
    """The regression estimator (Cochran 1977): a line of gain on misfit to the end, its error with each row left out (HC3)."""
    gains, misfits = _gains(rows, labels), (rows[1] - rows[2]) ** 2
    told, count = misfits[:, :labels], misfits.shape[1]
    about = told - told.mean(axis=1, keepdims=True)
    scatter = np.sum(about**2, axis=1)
    slope = np.divide(np.sum(about * gains, axis=1), scatter, out=np.zeros_like(scatter), where=scatter > 0)
    per_row = np.divide(about, scatter[:, None], out=np.zeros_like(about), where=scatter[:, None] > 0)
    from_mean = gains - gains.mean(axis=1, keepdims=True)
    kept = 1 - 1 / labels - per_row * about
    left_out = np.where(kept > 1e-9, (from_mean - slope[:, None] * about) / np.maximum(kept, 1e-9), 0.0)
    distance = told.mean(axis=1) - misfits.mean(axis=1)
    shares = 1 / labels - distance[:, None] * per_row
    error = np.sqrt(np.sum((shares * left_out) ** 2, axis=1) + slope**2 * misfits.var(axis=1) / count)
    gain = gains.mean(axis=1) - slope * distance
    return _around(gain, lambda confidence: stdtrit(labels - 2, confidence) * error, level)


def of_numbers(rows: Rows, labels: int, level: float) -> Ends:
    """What `certificate.certify_gain` says of true labels that are numbers."""
    misfits, spread = (rows[1] - rows[2]) ** 2, rows[0][:, :labels].var(axis=1)
    spread = np.where(spread > 0, spread, 1.0)  # as `error_sums.unit_of`
    made = capped_gain(
        _gains(rows, labels),
        misfits[:, :labels],
        misfits.shape[1],
        lambda caps: _beyond(misfits, caps),
        lambda caps: caps_above(caps, spread),
    )
    return _around(made.gain, made.reach, level)


def of_classes(low: float, high: float) -> Kind:
    """What `certificate.certify_gain` says of classes from ``low`` to ``high``."""

    def found(rows: Rows, labels: int, level: float) -> Ends:
        apart = parts(rows[1], rows[2])
        made = bounded_gain(_gains(rows, labels), apart[:, :labels], low, high, spans(apart))
        return Ends(*made.ends((1 - level) / 2), made.ends(1 - level)[0])

    return found


def certified(world: World) -> Kind:
    """The interval that `certificate.certify_gain` has for the labels of this world."""
    return of_numbers if world.classes is None else of_classes(*world.classes)


def kinds_for(world: World) -> dict[str, Kind]:
    """The certificate and what stands beside it, by name; a line of numbers only."""
    lines = {LINE: line} if world.classes is None else {}
    return {CERTIFICATE: certified(world), **lines, ALONE: plain}


def tried(
    world: World,
    kinds: Mapping[str, Kind],
    counts: Iterable[int],
    draws: int,
    generator: np.random.Generator,
    level: float = 0.95,
    rows_for: Callable[[int], int] = lambda labels: max(2000, 20 * labels),
) -> list[dict[str, Any]]:
    """Each of ``kinds`` with each of the ``counts`` of labels on as many ``draws`` of rows, ten at least: one row for each.

    ``rows_for``: how many rows a draw has with so many labels; those of fewer labels are the first of those of more.
    ``held``: how many intervals hold the true gain, ``bound_held``: so many one-sided bounds. ``length``: the median,
    in squared units; ``times``: median of the length over that of the last kind, from ``times_low`` to ``times_high``, which
    hold at 95 % for all ``counts`` together; NaN where some of that kind have no length.
    """
    gain, counts = world.gain(), sorted(counts)
    sizes = {labels: rows_for(labels) for labels in counts}
    most = max(sizes.values())
    at_once = max(CELLS // most, 1)
    made: dict[tuple[int, str], list[Ends]] = {(labels, kind): [] for labels in counts for kind in kinds}
    for start in range(0, draws, at_once):
        now = min(at_once, draws - start)
        drawn = [side.reshape(now, most) for side in world.draw(now * most, generator)]
        for labels, kind in made:
            truth, weak, student = (side[:, : sizes[labels]] for side in drawn)
            made[labels, kind].append(kinds[kind]((truth, weak, student), labels, level))
    whole = {
        key: Ends(*(np.concatenate(side) for side in zip(*ends, strict=True))) for key, ends in made.items()
    }
    last, together = list(kinds)[-1], intervals.joint(len(counts))
    found = []
    for (labels, kind), ends in whole.items():
        length, against = (made.high - made.low for made in (ends, whole[labels, last]))
        times = np.divide(length, against, out=np.where(length > 0, np.inf, 1.0), where=against > 0)
        finite = np.isfinite(times).all()
        sure = intervals.median(times, together).ends if finite else (math.nan, math.nan)
        found.append(
            {
                "labels": labels,
                "kind": kind,
                "draws": draws,
                "held": int(np.sum((ends.low <= gain) & (gain <= ends.high))),
                "bound_held": int(np.sum(ends.bound <= gain)),
                "length": float(np.median(length)),
                "times": float(np.median(times)),
                "times_low": sure[0],
                "times_high": sure[1],
            }
        )
    return found


def chosen(interval: Kind, order: Callable[[Rows], Array]) -> Kind:
    """``interval`` where labelled rows are random ones of the half of least ``order (draws, n)``, whichever of ties."""

    def found(rows: Rows, labels: int, level: float) -> Ends:
        values = order(rows)
        lots = np.broadcast_to(np.arange(values.shape[1]) * GOLDEN % 1, values.shape)
        ranks = np.argsort(np.lexsort((lots, values), axis=1), axis=1)
        places = np.argsort(ranks >= ranks.shape[1] / 2, axis=1, kind="stable")
        truth, weak, student = (np.take_along_axis(side, places, axis=1) for side in rows)
        return interval((truth, weak, student), labels, level)

    return found


def noisy(interval: Kind, world: World, generator: np.random.Generator, flipped: float = 0.1) -> Kind:
    """``interval`` where labels are noisy: numbers have noise of their own spread, of classes 0 and 1 some are ``flipped``."""

    def found(rows: Rows, labels: int, level: float) -> Ends:
        truth, weak, student = rows
        if world.classes is None:
            given = truth + truth.std() * generator.normal(size=truth.shape)
        else:
            given = np.abs(truth - (generator.random(truth.shape) < flipped))
        return interval((given, weak, student), labels, level)

    return found


CASES: dict[str, Callable[[Kind, World, np.random.Generator], Kind]] = {
    "drawn at random": lambda interval, world, generator: interval,
    "only where they agree": lambda interval, world, generator: chosen(
        interval, lambda rows: (rows[1] - rows[2]) ** 2
    ),
    "only where the teacher was caught": lambda interval, world, generator: chosen(
        interval, lambda rows: -((rows[1] - rows[0]) ** 2)
    ),
    "noisy": noisy,
}
"""Which rows have labels, and which labels: what becomes of an interval in a world."""


def doubted(world: World, labels: int, draws: int, generator: np.random.Generator) -> dict[str, Any]:
    """What certificates say of the sign on 2,000 rows, as shares of ``draws``, and how often they doubt; one such sentence."""
    gain, made = world.gain(), []
    for _ in range(draws):
        truth, weak, student = world.draw(2000, generator)
        made.append(certify_gain(weak, student, truth[:labels], np.arange(labels)))
    return {
        "labels": labels,
        "true gain": gain,
        "labelled where it hangs": float(np.median([one.carrying for one in made])),
        "doubted": float(np.mean([bool(one.doubt) for one in made])),
        "sign told": float(np.mean([one.sign == np.sign(gain) for one in made])),
        "wrong sign told": float(np.mean([one.sign == -np.sign(gain) for one in made])),
        "doubt": max(one.doubt for one in made),
    }


def further(world: World, labels: int, rows: int, generator: np.random.Generator) -> dict[str, Any]:
    """What further labels bring that a certificate from so many ``labels`` of ``rows`` asks for, all drawn anew.

    ``achieved``: over wanted half-width, half of what it is. ``few``, ``many``: whether the sign is told after so many of
    `labels_to_decide`. Each is None where the labels are none or more than there are.
    """
    truth, weak, student = world.draw(rows, generator)
    now = certify_gain(weak, student, truth[:labels], np.arange(labels))
    wanted, (few, many) = now.half_width / 2, labels_to_decide(now)
    later = {}
    for what, more in {"achieved": now.labels_for(wanted), "few": few, "many": many}.items():
        if 0 < more < rows - labels:
            places = np.arange(rows - labels - int(more), rows)
            later[what] = certify_gain(weak, student, truth[places], places)
    return {
        "achieved": later["achieved"].half_width / wanted if "achieved" in later else None,
        **{what: later[what].sign != 0 if what in later else None for what in ("few", "many")},
    }


def _around(centre: Array, reach: Callable[[float], Array], level: float) -> Ends:
    half = reach((1 + level) / 2)
    return Ends(centre - half, centre + half, centre - reach(level))


def _gains(rows: Rows, labels: int) -> Array:
    truth, weak, student = (side[:, :labels] for side in rows)
    return (weak - truth) ** 2 - (student - truth) ** 2


def _beyond(misfits: Array, caps: Array) -> tuple[Array, Array, Array, Array]:
    told = np.minimum(misfits, caps[:, None])
    excess = misfits - told
    return told.mean(axis=1), told.var(axis=1), excess.mean(axis=1), excess.var(axis=1)
