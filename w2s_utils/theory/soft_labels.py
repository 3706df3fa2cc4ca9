"""A linear student that is fine-tuned on soft labels of a linear teacher, by logistic regression: how good it is on the way.

A model is a vector w; of x ~ N(0, I_d) it says 1 with the probability sigmoid(w.x). Its accuracy against the labels sign(v.x)
of a truth v is 1 - arccos(c) / pi, c the cosine of w and v, so of two models the better has the larger cosine.

**The way.** The gradient of the log loss on a teacher t is E (sigmoid(w.x) - sigmoid(t.x)) x, and by Stein's lemma that is
p(|w|) w - p(|t|) t with p(s) = E sigmoid'(s z) > 0. So gradient flow from a student s stays in the plane of s and t, always a
positive combination of both, and its direction goes from that of s to that of t along the arc between them, whatever the
lengths and the step. What is best on the way is a question of three vectors.

**Better than both.** Let c_s >= c_t > 0 be the cosines of s and t with v, theta_s <= theta_t their angles, and r the cosine of
the two errors, the parts of s and t that are orthogonal to v. At the start the cosine rises towards t exactly if

    c_t sin(theta_s)^2 - c_s sin(theta_s) sin(theta_t) r > 0,   that is   r < tan(theta_s) / tan(theta_t),   (1)

and somewhere on the arc it is then above both c_s and c_t; if not, s is best. With c_t > c_s the two change places, at
the end of the way. If the errors point anywhere with equal chance, (1 + r) / 2 has the Beta((d-2)/2, (d-2)/2) law.
The statements on the plane and on r are ours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, expit

from .arrays import Array


def largest_error_cosine(student: float, teacher: float) -> float:
    """The r of equation (1) below which some model on the way is better than both; cosines in (0, 1)."""
    one, other = (np.sqrt(1 - cosine**2) / cosine for cosine in (student, teacher))
    return float(min(one, other) / max(one, other))


def share_with_gain(student: float, teacher: float, dimension: int) -> float:
    """The share of pairs with these cosines that have such a model, errors in random directions, d >= 3."""
    half = (dimension - 2) / 2
    return float(betainc(half, half, (1 + largest_error_cosine(student, teacher)) / 2))


def best_cosine(student: float, teacher: float, errors: ArrayLike) -> Array:
    """The largest cosine with the truth on the way, for cosines ``errors`` r in (-1, 1) of the two errors; same shape.

    Inside the arc it is the length of the projection of the truth on the plane, else the larger end.
    """
    r = np.asarray(errors, dtype=float)
    between = student * teacher + np.sqrt((1 - student**2) * (1 - teacher**2)) * r
    square = (student**2 + teacher**2 - 2 * student * teacher * between) / (1 - between**2)
    inside = r < largest_error_cosine(student, teacher)
    return np.where(inside, np.sqrt(square), max(student, teacher))


def with_cosine(cosine: float, count: int, dimension: int, generator: np.random.Generator) -> Array:
    """Random unit vectors ``(count, d)`` at the cosine to the first axis, errors in uniformly random directions."""
    errors = generator.normal(size=(count, dimension))
    errors[:, 0] = 0.0
    made = np.sqrt(1 - cosine**2) * errors / np.linalg.norm(errors, axis=1, keepdims=True)
    made[:, 0] = cosine
    return np.asarray(made)


def descended(features: Array, start: Array, teacher: Array, rates: Array) -> Array:
    """Cosines to the first axis along gradient descent on rows ``(n, d)``, before and after each step, ``(steps + 1,)``.

    The soft labels are the teacher's; ``rates (steps,)``: step sizes on the mean log loss.
    """
    weights, labels, cosines = start.copy(), expit(features @ teacher), [start[0] / np.linalg.norm(start)]
    for rate in rates:
        weights -= rate * ((expit(features @ weights) - labels) @ features) / len(features)
        cosines.append(weights[0] / np.linalg.norm(weights))
    return np.array(cosines)


def population_cosines(start: Array, teacher: Array, times: Array) -> Array:
    """The same with endless rows, for many pairs ``(pairs, d)``, at rising ``times`` from 0 on: ``(times, pairs)``.

    By steps of the flow (an explicit step is a positive combination too, so each visited direction is on the arc).
    """
    nodes, mass = np.polynomial.hermite_e.hermegauss(60)
    mass = mass / mass.sum()

    def pull(vectors: Array) -> Array:
        said = expit(np.linalg.norm(vectors, axis=1)[:, None] * nodes)
        return np.asarray((said * (1 - said)) @ mass)[:, None]

    weights, target = start.copy(), pull(teacher) * teacher
    cosines = [start[:, 0] / np.linalg.norm(start, axis=1)]
    for step in np.diff(times):
        weights += step * (target - pull(weights) * weights)
        cosines.append(weights[:, 0] / np.linalg.norm(weights, axis=1))
    return np.array(cosines)
