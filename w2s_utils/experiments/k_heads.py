"""How gain and misfit depend on the number k of heads that a student mixes, for any weak labels, features and truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import runtime
from ..heads.mixture import nearest_mixture
from ..theory.arrays import Array
from ..theory.divergences import KL
from ..theory.misfit import error_triple
from .divergence_worlds import World
from .protocol import Parts, triple_rows
from .softmax_students import Loss, fit_student, reverse_kl

FLOOR = 1e-9
"""Share of equal probabilities that is mixed into what students are compared with, so that no logarithm ends."""


def floored(labels: ArrayLike) -> Array:
    """Probabilities ``(n, c)`` that are FLOOR / c at least."""
    table = np.asarray(labels, dtype=np.float64)
    return (1 - FLOOR) * table + FLOOR / table.shape[1]


def trained_jointly(
    strong: ArrayLike,
    weak: ArrayLike,
    truths: Mapping[str, ArrayLike],
    parts: Parts,
    counts: Sequence[int],
    seed: int,
    loss: Loss = reverse_kl,
    **keys: Any,
) -> list[dict[str, Any]]:
    """One row for each number of heads in ``counts`` and each truth: the keys, ``seed``, ``heads``, ``truth``, the KL triple.

    ``strong (n, d)``: features; ``weak (n, c)``, ``truths`` by name ``(n, c)``: probabilities, of truths also point masses. A
    student learns the weak labels of ``parts.student_train``, stops where they are met best on ``parts.validation``, and is
    judged on ``parts.evaluation``. Computed in float32. Raises as `softmax_students.fit_student`.
    """
    table, labels = np.asarray(strong, dtype=np.float32), floored(weak)
    judged, rows = parts.evaluation, []
    some = {
        name: (table[part], labels[part])
        for name, part in (("train", parts.student_train), ("valid", parts.validation))
    }
    for count in counts:
        stream = runtime.seed_stream(seed, "k heads", count)
        student = fit_student(some["train"], loss, stream, count, some["valid"]).predict_proba(table[judged])
        for name, truth in truths.items():
            triple = error_triple(np.asarray(truth)[judged], labels[judged], floored(student), divergence=KL)
            rows += triple_rows(triple, **keys, seed=seed, heads=count, truth=name)
    return rows


def drawn_heads(
    world: World, counts: Sequence[int], draws: int, stream: np.random.Generator, **keys: Any
) -> list[dict[str, Any]]:
    """The nearest mixture of a hull, and means of k heads drawn from it by its weights: one row for each of ``counts``.

    ``excess``: mean divergence from the weak labels beyond the nearest mixture's; ``violation``: misfit - gain. Both are means
    over the ``draws``. The row of 0 heads is the nearest mixture itself.

    The mean of the drawn heads' mean s_k is the nearest mixture s, so the mean excess is mean KL(s_k || s), by the three-point
    identity. It is below the mean chi^2(s_k, s), 1 / k of that of one head F, and as F^2 <= F,

        mean excess <= (1 / k) sum_c (mean F_c^2 / s_c - s_c) <= (c - 1) / k.                           (1)

    The violation of s_k is that of s, plus the excess, plus KL(g || s_k) - KL(g || s), how much worse s_k is than s. Nothing
    here bounds this last term: where s_k misses what the truth g holds likely, it is large.
    """
    assert world.functions is not None
    found = nearest_mixture(world.functions, world.weak, KL)
    best = error_triple(world.truth, world.weak, found.values, divergence=KL)
    rows = [{**keys, "heads": 0, "excess": 0.0, "violation": -best.cross_term}]
    for count in counts:
        triples = []
        for _ in range(draws):
            chosen = stream.choice(len(found.weights), size=count, p=found.weights)
            student = world.functions[chosen].mean(axis=0)
            triple = error_triple(world.truth, world.weak, student, divergence=KL)
            triples.append((float(triple.misfit) - float(best.misfit), -float(triple.cross_term)))
        excess, violation = np.mean(triples, axis=0)
        rows.append({**keys, "heads": count, "excess": excess, "violation": violation})
    return rows
