"""Minimum-norm interpolation of signs on features with a few favoured directions, at any dimension, with exact accuracies.

The model of Wu and Sahai (2024, arXiv 2410.04638): d = n^p independent Gaussian features, of which s = n^r are favoured, with
variance a d / s; the others have (1 - a) d / (d - s), with a = n^-q. The truth is sign(x_1), and x_1 is favoured. The weak
model sees some of the features, with powers (p, q, r) of its own.

An interpolator needs the unfavoured features only through their Gram matrix, which is a Wishart matrix: L L' with L lower
triangular, normals below the diagonal and chi variables on it (Bartlett, 1933). So d = n^3 costs what n does. And a classifier
of Gaussian features with coefficients c errs by an angle: its accuracy is 1/2 + arctan(c_1 / |others|) / pi.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from .arrays import Array


class Powers(NamedTuple):
    """``p``, ``q``, ``r``: there are n^p features, of which n^r are favoured, with a share n^-q of all variance."""

    p: float
    q: float
    r: float


class Ensemble(NamedTuple):
    """``features`` and ``favoured`` of them, with variance ``high``; the others have ``low``."""

    features: int
    favoured: int
    high: float
    low: float

    @classmethod
    def of(cls, n: int, powers: Powers) -> Ensemble:
        """Of n labels; counts are rounded, one favoured feature at least. Raises ValueError where none is left unfavoured."""
        features, favoured = round(n**powers.p), max(1, round(n**powers.r))
        if features <= favoured:
            raise ValueError(f"{powers} leaves no unfavoured feature at n = {n}")
        share = n**-powers.q
        return cls(
            features, favoured, share * features / favoured, (1 - share) * features / (features - favoured)
        )


class Outcome(NamedTuple):
    """Accuracies of weak model and student, and the share of points on which the two agree."""

    weak: float
    student: float
    agreement: float


def condition(strong: Powers, weak: Powers, u: float) -> tuple[float, bool]:
    """The margin of the paper's condition (1) of success, positive where it holds, and whether its other parts hold.

    (1) u + min(1 - r, p + 1 - 2 (q + r)) > q_w + r_w > (p_w + 1) / 2, where the margin is that of the first inequality; (2)
    p + 1 > q + r + q_w + r_w; (3) u < (p + 1 + q + r - q_w - r_w) / 2. At a negative margin the paper's student guesses.
    """
    p, q, r = strong
    lost = weak.q + weak.r
    others = lost > (weak.p + 1) / 2 and p + 1 > q + r + lost and u < (p + 1 + q + r - lost) / 2
    return u + min(1 - r, p + 1 - 2 * (q + r)) - lost, others


def bartlett(rows: int, freedom: int, rng: np.random.Generator) -> Array:
    """Lower triangular L ``(rows, rows)`` with L L' distributed as Z Z', Z ``(rows, freedom)`` standard normal.

    Raises ValueError for fewer degrees of freedom: the matrix would be singular.
    """
    if freedom < rows:
        raise ValueError(f"{freedom} unfavoured features do not interpolate {rows} rows")
    lower = np.tril(rng.standard_normal((rows, rows)), -1)
    lower[np.diag_indices(rows)] = np.sqrt(rng.chisquare(freedom - np.arange(rows)))
    return lower


def interpolated(
    explicit: Array, variances: Array, low: float, lower: Array, labels: Array
) -> tuple[Array, float]:
    """Coefficients ``(k,)`` of the minimum-norm interpolator on standard normal features, and the length of all others.

    ``labels (n,)``; ``explicit (n, k)``: features that are written out, with ``variances (k,)``; the others have variance
    ``low`` and the Gram matrix L L' with L = ``lower``. The interpolator is X' (X X')^-1 y; by Woodbury's identity no
    matrix of n rows is factored.
    """
    inside = solve_triangular(lower, np.column_stack([labels, explicit]), lower=True)
    told, features = inside[:, 0], inside[:, 1:]
    small = features.T @ features + np.diag(low / variances)
    coefficients = np.linalg.solve(small, features.T @ told)
    rest = told - features @ coefficients
    return coefficients, float(np.linalg.norm(rest))


def angle_accuracy(signal: float, others: float) -> float:
    """P(sign(signal x_1 + others z) = sign(x_1)) of independent standard normals: 1/2 + arctan(signal / others) / pi."""
    return float(0.5 + np.arctan2(signal, others) / np.pi)


def outcome(n: int, weak: Ensemble, strong: Ensemble, pseudo: int, rng: np.random.Generator) -> Outcome:
    """A weak model on ``n`` true signs and a student on ``pseudo`` signs of it, for fresh rows; both interpolate.

    The weak favoured features are the first of the strong favoured ones; what is unfavoured to the weak model is so to the
    strong one. Of that the weak model looks at one direction alone, so this and the favoured features are written out.
    """
    favoured = rng.standard_normal((n, weak.favoured))
    lower = bartlett(n, weak.features - weak.favoured, rng)
    coefficients, beyond = interpolated(
        favoured, np.full(weak.favoured, weak.high), weak.low, lower, np.sign(favoured[:, 0])
    )
    teacher = np.zeros(max(strong.favoured, weak.favoured) + 1)
    teacher[: weak.favoured], teacher[-1] = coefficients, beyond
    explicit = rng.standard_normal((pseudo, len(teacher)))
    variances = np.full(len(teacher), strong.high)
    variances[strong.favoured :] = strong.low
    lower = bartlett(pseudo, strong.features - len(teacher), rng)
    found, rest = interpolated(explicit, variances, strong.low, lower, np.sign(explicit @ teacher))
    student = np.append(found, rest)
    teacher = np.append(teacher, 0.0)
    cosine = student @ teacher / (np.linalg.norm(student) * np.linalg.norm(teacher))
    right, learned = (
        angle_accuracy(float(one[0]), float(np.linalg.norm(one[1:]))) for one in (teacher, student)
    )
    return Outcome(right, learned, float(1 - np.arccos(np.clip(cosine, -1, 1)) / np.pi))
