"""Many strong representations under the same weak models: how much of the misfit is gain, and how far each is from the truth.

All strong representations of a set are columns of one wide table, or combinations of its columns: blocks side by side, or
the first so many of fixed random directions. So one Gram matrix of the training rows holds those of all of them, and each
costs one decomposition of its own size. Protocol and penalties are those of `crossfit.ladder_predictions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from .. import runtime
from ..heads.gram import GramSums, sums_of
from ..heads.spectrum import Spectrum, spectrum_of, spectrum_of_sums
from ..heads.validated import PENALTIES
from ..theory import intervals
from ..theory.arrays import Array
from ..theory.intervals import Interval
from .crossfit import Rows, standardise, weak_labels
from .protocol import Parts

GAIN, MISFIT, WEAK_ERROR, STUDENT_ERROR, EPSILON = range(5)
"""Places of what `sums_by_fold` returns."""


@dataclass(frozen=True)
class Strong:
    """A strong representation: ``blocks`` (names of tables) side by side, or that many random directions of them.

    ``directions``: the first so many columns of a fixed Gaussian matrix, times the standardised blocks. Fewer directions
    of the same blocks are among more of them, so their heads are a subspace of the larger class. None: all columns.
    """

    blocks: tuple[str, ...]
    directions: int | None = None


def sums_by_fold(
    weak_ladder: Sequence[ArrayLike],
    blocks: Mapping[str, ArrayLike],
    strongs: Sequence[Strong],
    targets: ArrayLike,
    turns: Sequence[Parts],
    seed: int,
) -> Array:
    """Sums over the molecules that each turn judges: ``(strong representations, turns, weak models, 5)``.

    ``weak_ladder``: features ``(n, d_w)`` of each weak model; ``blocks``: tables ``(n, d)`` by name; ``targets (n,)``;
    ``turns`` with validation rows, such as `crossfit.fold_parts` makes; ``seed`` of the random directions. Places of the last
    axis: GAIN, MISFIT, WEAK_ERROR, STUDENT_ERROR, and EPSILON, the squared error of the strong head fitted to the truth, which
    is the same for all weak models; squared target units, summed. Raises ValueError for no weak model or turn, a block that is
    not there, more directions than columns, turns without validation rows, and as `crossfit.standardise`.
    """
    _check(weak_ladder, blocks, strongs, turns)
    truth = np.asarray(targets, dtype=np.float64)
    return np.stack([_one_turn(weak_ladder, blocks, strongs, truth, turn, seed) for turn in turns], axis=1)


def gain_per_misfit(sums: Array) -> Array:
    """All gain over all misfit, from sums ``(..., 5)``; turns and weak models are added up before."""
    return np.asarray(sums[..., GAIN] / sums[..., MISFIT])


def jackknife(groups: Array) -> Interval:
    """Gain / misfit of sums ``(groups, 5)`` with its 95 % interval: Student's t over the delete-one-group pseudo-values.

    The groups are disjoint molecules, each judged by heads of its own. Raises ValueError for fewer than two groups, and where
    there is no misfit, NaN or infinity, with all of them or without one.
    """
    count = len(groups)
    if count < 2:
        raise ValueError("an interval over groups needs two at least")
    left = groups[:, MISFIT].sum() - groups[:, MISFIT]
    if not (np.isfinite(groups).all() and (left > 0).all()):
        raise ValueError("the groups hold NaN or infinity, or there is no misfit without one of them")
    whole = gain_per_misfit(groups.sum(axis=0))
    without = gain_per_misfit(groups.sum(axis=0) - groups)
    spread = intervals.mean_t(count * whole - (count - 1) * without)
    return Interval(float(whole), *(float(whole) + end - spread.estimate for end in spread.ends))


def _check(
    weak_ladder: Sequence[ArrayLike],
    blocks: Mapping[str, ArrayLike],
    strongs: Sequence[Strong],
    turns: Sequence[Parts],
) -> None:
    if not len(weak_ladder) or not strongs or not turns:
        raise ValueError("one weak model, one strong representation and one turn are needed at least")
    for strong in strongs:
        missing = [name for name in strong.blocks if name not in blocks]
        if missing or not strong.blocks:
            raise ValueError(
                f"there is no block {', '.join(missing) or '(none was named)'}; there are {', '.join(blocks)}"
            )
        columns = sum(np.shape(blocks[name])[1] for name in strong.blocks)
        if strong.directions is not None and not 1 <= strong.directions <= columns:
            raise ValueError(f"{strong.directions} directions of {columns} columns; name 1 to {columns}")
    if any(not len(turn.validation) for turn in turns):
        raise ValueError("penalties are chosen on validation rows, but a turn has none")


def _one_turn(
    weak_ladder: Sequence[ArrayLike],
    blocks: Mapping[str, ArrayLike],
    strongs: Sequence[Strong],
    truth: Array,
    parts: Parts,
    seed: int,
) -> Array:
    """Sums over the molecules of one turn, ``(strong representations, weak models, 5)``."""
    training = np.union1d(parts.weak_train, parts.student_train)
    labels = weak_labels([standardise(table, training) for table in weak_ladder], truth, parts)
    goals = np.column_stack([*labels, truth])
    wide = np.hstack([standardise(table, training) for table in blocks.values()])
    ends = np.cumsum([0, *(np.shape(table)[1] for table in blocks.values())])
    columns = {name: np.arange(ends[k], ends[k + 1]) for k, name in enumerate(blocks)}
    learn, choose, judge = parts.student_train, parts.validation, parts.evaluation
    sums = sums_of(wide[learn], goals[learn])
    weak, known = goals[judge, :-1], truth[judge, None]
    found = []
    for strong in strongs:
        chosen = np.concatenate([columns[name] for name in strong.blocks])
        drawn = None if strong.directions is None else _directions(len(chosen), strong.directions, seed)
        width = strong.directions or len(chosen)
        if 2 * len(learn) < width:  # far fewer rows than columns: the rows themselves are the smaller problem
            spectrum = spectrum_of(_rows(wide, learn, chosen, drawn), goals[learn], centred=True)
        else:
            own = _of_columns(sums, chosen)
            spectrum = spectrum_of_sums(own if drawn is None else _projected(own, drawn), centred=True)
        validation, judged = (_rows(wide, rows, chosen, drawn) for rows in (choose, judge))
        made = _validated(spectrum, validation, goals[choose], judged)
        student, ceiling = made[:, :-1], made[:, -1:]
        weak_error, student_error = (weak - known) ** 2, (student - known) ** 2
        epsilon = np.broadcast_to((ceiling - known) ** 2, weak.shape)
        terms = [weak_error - student_error, (student - weak) ** 2, weak_error, student_error, epsilon]
        found.append(np.stack(terms, axis=-1).sum(axis=0))
    return np.array(found)


def _directions(columns: int, directions: int, seed: int) -> Array:
    """The first so many of the fixed Gaussian directions ``(columns, directions)``, drawn one after another."""
    drawn = runtime.seed_stream(seed, "directions", columns).normal(size=(directions, columns))
    return np.asarray(drawn.T / np.sqrt(columns))


def _rows(wide: Array, rows: Rows, chosen: Rows, drawn: Array | None) -> Array:
    """Some rows of a strong representation: the chosen columns, or the directions of them."""
    found = wide[rows[:, None], chosen]
    return found if drawn is None else found @ drawn


def _of_columns(sums: GramSums, chosen: Rows) -> GramSums:
    return replace(
        sums,
        feature_mean=sums.feature_mean[chosen],
        feature_rest=sums.feature_rest[chosen],
        gram=sums.gram[np.ix_(chosen, chosen)],
        cross=sums.cross[chosen],
    )


def _projected(sums: GramSums, drawn: Array) -> GramSums:
    return replace(
        sums,
        feature_mean=sums.feature_mean @ drawn,
        feature_rest=sums.feature_rest @ drawn,
        gram=drawn.T @ sums.gram @ drawn,
        cross=drawn.T @ sums.cross,
    )


def _validated(spectrum: Spectrum, choose: Array, goals: Array, judge: Array) -> Array:
    """What `ValidatedRidge` predicts on the rows ``judge``, ``(m, tasks)``, from the spectrum of its training rows."""
    # In the basis of the eigenvectors a head is a vector of loads, and all penalties share one product with the features.
    validation, judged = ((table - spectrum.feature_mean) @ spectrum.basis for table in (choose, judge))
    loads = [
        spectrum.load / (spectrum.squares[:, None] + penalty * spectrum.rows * spectrum.mean_variance)
        for penalty in PENALTIES
    ]
    errors = [np.mean((validation @ load + spectrum.target_mean - goals) ** 2, axis=0) for load in loads]
    best = np.argmin(errors, axis=0)
    load = np.stack(loads)[best, :, np.arange(len(best))].T
    return np.asarray(judged @ load + spectrum.target_mean)
