"""The Gaussian experiment of Shin, Cooper, Sala (2024): weak model, students and oracle on easy, hard and overlap points.

Settings of their published code: blocks of 20 features, theta uniform on [0, 1], noise of variance 5, 100 easy and 100 hard
points, logistic regression with C = 1 (weak model, oracle) and C = .01 (student, on the overlap points alone).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from .. import runtime
from ..theory.arrays import Array
from ..theory.overlap import block_accuracy

BLOCK = 20
ALONE = 100
NOISE = 5**0.5
KINDS = ("easy", "hard", "overlap")
TEST_POINTS = 1000


def points(
    counts: dict[str, int], theta: Array, stream: np.random.Generator
) -> tuple[Array, Array, NDArray[np.str_]]:
    """Features ``(n, 2 BLOCK)``, classes ±1 ``(n,)`` and the kind of each point, so many of each of `KINDS`."""
    kind = np.repeat(np.array(KINDS), [counts[one] for one in KINDS])
    classes = np.asarray(2.0 * stream.integers(0, 2, size=len(kind)) - 1, dtype=np.float64)
    drawn: Array = classes[:, None] * theta + NOISE * stream.normal(size=(len(kind), len(theta)))
    drawn[kind == "hard", :BLOCK] = 0
    drawn[kind == "easy", BLOCK:] = 0
    return drawn, classes, kind


def logistic(features: Array, classes: Array, strength: float) -> tuple[Array, float]:
    """Weights ``(d,)`` and intercept at the minimum of C sum log(1 + exp(-y z)) + |w|^2 / 2, C = ``strength``.

    The form of scikit-learn's logistic regression. By Newton's method with halved steps, for fits here are small and many.
    With one class left: no weights, and that class.
    """
    if np.ptp(classes) == 0:
        return np.zeros(features.shape[1]), float(classes[0])
    rows = classes[:, None] * np.column_stack([features, np.ones(len(features))])
    ridge = np.append(np.full(features.shape[1], 1 / strength), 0.0)

    def objective(found: Array) -> float:
        return float(np.logaddexp(0, -rows @ found).sum() + (ridge * found**2).sum() / 2)

    found, value = np.zeros(len(ridge)), np.inf
    while (now := objective(found)) < value - 1e-10 * (1 + now):
        value, wrong = now, expit(-rows @ found)
        gradient = ridge * found - rows.T @ wrong
        curvature = (rows * (wrong * (1 - wrong))[:, None]).T @ rows + np.diag(ridge + 1e-12)
        step = np.linalg.solve(curvature, gradient)
        while objective(found - step) > value and np.abs(step).max() > 1e-12:
            step /= 2
        found = found - step
    return found[:-1], float(found[-1])


def accuracies(weights: Array, intercept: float, theta: Array, counts: dict[str, int]) -> dict[str, float]:
    """Exact accuracy on each of `KINDS`, and ``overall`` on a mixture of those counts."""
    blocks = {"easy": slice(BLOCK), "hard": slice(BLOCK, None), "overlap": slice(None)}
    found = {
        kind: block_accuracy(weights[part], intercept, theta[part], NOISE) for kind, part in blocks.items()
    }
    found["overall"] = sum(found[kind] * counts[kind] for kind in KINDS) / sum(counts.values())
    return found


def trial(seed: int, overlap: int, run: int) -> list[dict[str, Any]]:
    """Weak model, three students and oracle of one run with ``overlap`` points of that kind: a row for each.

    Accuracies are exact; ``weak_error``, ``student_error``, ``misfit`` and ``gain`` are shares of `TEST_POINTS` fresh points.
    """
    stream = runtime.seed_stream(seed, "overlap", overlap, run)
    theta = stream.uniform(size=2 * BLOCK)
    counts = {"easy": ALONE, "hard": ALONE, "overlap": overlap}
    first, first_classes, _ = points(counts, theta, stream)
    second, second_classes, kind = points(counts, theta, stream)
    weak_weights, weak_intercept = logistic(first[:, :BLOCK], first_classes, 1.0)
    weak = np.concatenate([weak_weights, np.zeros(BLOCK)])
    labels = np.where(second @ weak + weak_intercept > 0, 1.0, -1.0)
    both = kind == "overlap"
    models = {
        "weak": (weak, weak_intercept),
        "selected": logistic(second[both], labels[both], 0.01),
        "all points": logistic(second, labels, 0.01),
        "no penalty": logistic(second[both], labels[both], 1e6),
        "oracle": logistic(second, second_classes, 1.0),
    }
    shares = {one: count * TEST_POINTS // sum(counts.values()) for one, count in counts.items()}
    test, truth, _ = points(shares, theta, stream)
    said = {name: np.sign(test @ weights + intercept) for name, (weights, intercept) in models.items()}
    weak_error = float(np.mean(said["weak"] != truth))
    rows = []
    for name, (weights, intercept) in models.items():
        row: dict[str, Any] = {"points": overlap, "run": run, "model": name}
        row |= accuracies(weights, intercept, theta, counts)
        error, misfit = float(np.mean(said[name] != truth)), float(np.mean(said[name] != said["weak"]))
        row |= {
            "weak_error": weak_error,
            "student_error": error,
            "misfit": misfit,
            "gain": weak_error - error,
        }
        rows.append(row)
    return rows


def mean_difference_trial(
    overlap: int, dimension: int, stream: np.random.Generator
) -> tuple[float, float, float]:
    """Hard-only accuracy of the student sum w_i x_i on overlap points, its weak model's accuracy, the hard block's strength.

    Blocks have ``dimension`` features; the weak model is the same sum on as many labelled points.
    """
    easy, hard = stream.uniform(size=(2, dimension))

    def block(theta: Array, classes: Array) -> Array:
        return np.asarray(classes[:, None] * theta + NOISE * stream.normal(size=(overlap, dimension)))

    labelled, classes = 2.0 * stream.integers(0, 2, size=(2, overlap)) - 1
    weak = labelled @ block(easy, labelled)
    labels = np.where(block(easy, classes) @ weak > 0, 1.0, -1.0)
    student = labels @ block(hard, classes)
    return (
        block_accuracy(student, 0.0, hard, NOISE),
        block_accuracy(weak, 0.0, easy, NOISE),
        float(np.linalg.norm(hard)) / NOISE,
    )


def upper_confidence(
    shares: Array, rounds: int, batch: int, stream: np.random.Generator
) -> NDArray[np.integer]:
    """Sources ``(rounds,)`` that UCB chooses: each round shows how many of ``batch`` points of one have overlap.

    ``shares (k,)``: each source's share of overlap points. The index is the mean seen plus sqrt(2 log(rounds) / (batch n)),
    n the rounds of this source so far; each is tried once first.
    """
    seen, tries = np.zeros(len(shares)), np.zeros(len(shares))
    chosen = np.empty(rounds, dtype=int)
    for one in range(rounds):
        if one < len(shares):
            source = one
        else:
            source = int(np.argmax(seen / tries + np.sqrt(2 * np.log(rounds) / (batch * tries))))
        seen[source] += stream.binomial(batch, shares[source]) / batch
        tries[source] += 1
        chosen[one] = source
    return chosen
