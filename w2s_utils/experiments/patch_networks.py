"""Patches with an easy and a hard signal: a linear teacher, and a two-layer ReLU student that is trained on its labels.

After Oh, Song, Yun (2025, arXiv 2510.24812); sizes are ours. A point has three patches in R^d. Its class y = ±1 shows in an
easy signal y mu, in a hard one ±nu_y (one direction for each class, of either sign), or in both; other patches are noise
N(0, noise^2 I). No linear network learns the hard signal: its sign says nothing. A filter |<nu, x>|, of two ReLUs, does.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from .. import runtime

EASY, HARD, BOTH = range(3)
EASY_LENGTH, HARD_LENGTH = 2.5, 3.5
FILTERS = 10
"""Of each sign."""
TEACHER_STEPS, TEACHER_RATE, RATE = 200, 0.1, 1.0
Floats = NDArray[np.float32]


class World(NamedTuple):
    """``dimension`` d of a patch, ``noise``, ``shares`` of easy, hard and both, ``start``: deviation of the first filters."""

    dimension: int
    noise: float
    shares: tuple[float, float, float]
    start: float


class Points(NamedTuple):
    """``patches (n, 3, d)``, ``classes (n,)`` of ±1, ``kinds (n,)`` of `EASY`, `HARD`, `BOTH`."""

    patches: Floats
    classes: Floats
    kinds: NDArray[np.integer]


def points(count: int, world: World, stream: np.random.Generator) -> Points:
    """So many independent points; the first three coordinates are the directions of mu, nu_+ and nu_-."""
    kinds = stream.choice(3, size=count, p=world.shares)
    classes = stream.choice(np.array([-1, 1], dtype=np.float32), size=count)
    patches = world.noise * stream.standard_normal((count, 3, world.dimension), dtype=np.float32)
    easy, hard = np.flatnonzero(kinds != HARD), np.flatnonzero(kinds != EASY)
    patches[easy, 0] = 0
    patches[easy, 0, 0] = EASY_LENGTH * classes[easy]
    patches[hard, 1] = 0
    patches[hard, 1, np.where(classes[hard] > 0, 1, 2)] = HARD_LENGTH * stream.choice([-1, 1], size=len(hard))
    return Points(patches.astype(np.float32), classes, kinds)


def linear_scores(weights: Floats, patches: Floats) -> Floats:
    """The linear network <weights, sum of patches>: ``(n,)``."""
    return np.asarray(patches.sum(axis=1) @ weights)


def linear_teacher(data: Points) -> Floats:
    """Weights ``(d,)`` of a linear network, by gradient descent from 0 on the logistic loss."""
    summed = data.patches.sum(axis=1)
    weights = np.zeros(summed.shape[1], dtype=np.float32)
    for _ in range(TEACHER_STEPS):
        wrong = expit(-data.classes * (summed @ weights))
        weights += np.float32(TEACHER_RATE / len(summed)) * (summed.T @ (data.classes * wrong))
    return weights


def linear_accuracy(weights: Floats, world: World) -> float:
    """Exact accuracy of a linear network of ``weights (d,)``, in [0, 1].

    Noise is normal, so it is Phi(mu w_0 / (sqrt(2) noise |w|)) on easy points, which have two patches of it, on points with
    both signals the mean of Phi((mu w_0 ± nu w_k) / (noise |w|)) over k = 1, 2 and signs, and 1/2 on hard points: minus a hard
    point is as likely, has the same class and the opposite score.
    """
    scale = world.noise * float(np.linalg.norm(weights))
    easy, hard = EASY_LENGTH * weights[0], HARD_LENGTH * np.array([*weights[1:3], *-weights[1:3]])
    by_kind = (ndtr(easy / (np.sqrt(2) * scale)), 0.5, ndtr((easy + hard) / scale).mean())
    return float(np.dot(world.shares, by_kind))


class Student:
    """f(x) = sum over patches of mean relu(<w_j, x_p>) - mean relu(<v_j, x_p>), `FILTERS` of each sign."""

    def __init__(self, world: World, stream: np.random.Generator):
        shape = (world.dimension, 2 * FILTERS)
        self.filters: Floats = np.float32(world.start) * stream.standard_normal(shape, dtype=np.float32)
        self.signs = np.repeat(np.array([1, -1], dtype=np.float32), FILTERS) / np.float32(FILTERS)

    def scores(self, patches: Floats) -> Floats:
        """f, one number a point."""
        return np.asarray(np.maximum(patches @ self.filters, 0).sum(axis=1) @ self.signs)

    def gradient(self, patches: Floats, labels: Floats) -> Floats:
        """Gradient ``(d, 2 FILTERS)`` of the mean logistic loss on ``labels`` of ±1."""
        inside = patches @ self.filters
        wrong = labels * expit(-labels * (np.maximum(inside, 0).sum(axis=1) @ self.signs))
        pushed = (inside > 0) * (wrong[:, None, None] * self.signs)
        flat = patches.reshape(-1, patches.shape[-1])
        return np.asarray(-(flat.T @ pushed.reshape(-1, pushed.shape[-1])) / np.float32(len(labels)))


def trained(
    world: World, weak_rows: int, rows: int, test_rows: int, marks: list[int], stream: np.random.Generator
) -> list[dict[str, Any]]:
    """Measures of a student after ``marks`` steps of gradient descent on its teacher's labels: a row for each.

    The teacher learns from ``weak_rows`` true labels, the student from ``rows`` of its labels. Of fresh points:
    ``weak_error``, ``student_error``, ``misfit`` (share of points on which they differ), ``gain``, accuracies on hard points,
    and ``weak_z``, standard errors between the teacher's accuracy and `linear_accuracy`. Of the student's own: ``corrected``
    share of wrong labels that it does not follow, ``followed`` share of all labels that it does.
    """
    teacher = linear_teacher(points(weak_rows, world, stream))
    own, test = points(rows, world, stream), points(test_rows, world, stream)
    labels, told = (np.sign(linear_scores(teacher, some.patches)) for some in (own, test))
    student, hard, wrong = Student(world, stream), test.kinds == HARD, labels != own.classes
    right = told == test.classes
    weak_z = float((right.mean() - linear_accuracy(teacher, world)) / (right.std(ddof=1) / len(right) ** 0.5))
    measured = []
    for step in range(max(marks) + 1):
        if step in marks:
            said, fitted = (np.sign(student.scores(some.patches)) for some in (test, own))
            error, weak_error = float(np.mean(said != test.classes)), float(np.mean(~right))
            measured.append(
                {
                    "step": step,
                    "weak_error": weak_error,
                    "student_error": error,
                    "misfit": float(np.mean(said != told)),
                    "gain": weak_error - error,
                    "hard": float(np.mean((said == test.classes)[hard])),
                    "weak_hard": float(np.mean(right[hard])),
                    "corrected": float(np.mean(fitted[wrong] != labels[wrong])) if wrong.any() else np.nan,
                    "followed": float(np.mean(fitted == labels)),
                    "weak_z": weak_z,
                }
            )
        student.filters -= np.float32(RATE) * student.gradient(own.patches, labels)
    return measured


def run(
    seed: int,
    purpose: str,
    number: int,
    world: World,
    weak_rows: int,
    rows: int,
    test_rows: int,
    marks: list[int],
) -> list[dict[str, Any]]:
    """`trained` on a stream of its own, with its ``number`` in each row: one job of a parallel sweep."""
    stream = runtime.seed_stream(seed, purpose, number)
    return [{"run": number, **row} for row in trained(world, weak_rows, rows, test_rows, marks, stream)]
