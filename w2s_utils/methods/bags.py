"""Bags of instances whose labels are known by the bag alone: a classifier of bags and one of instances teach each other.

A bag is positive iff it holds a positive instance. Both classifiers are logistic heads on the same features: one reads their
mean over a bag, the other each instance. The score of a mean is the mean of scores, so the first can be asked about a bag of
one, and each can label instances for the other. What it says of members is corrected by the bag's label before it is used:

    P(i positive | the bag is positive) = p_i / (1 - prod over the bag of (1 - p_j)),    0 in a negative bag,        (1)

for independent instances. The *confidence term* mixes into such a label the learner's own guess, hardened so that as many
instances of positive bags are positive as the label says (the loss of Burns et al. 2023 as a label).
After Shu et al. (2025, arXiv 2505.12074), whose classifiers are networks for slides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..heads.logistic import LogisticHead
from ..theory.arrays import Array

LEAST = 1e-12
"""A probability below it counts as this one, so that (1) never divides 0 by 0."""


@dataclass(frozen=True)
class Bags:
    """``features (n, d)`` of all instances; ``members (bags, size)``, their rows; ``labels (bags,)``: 1 or 0."""

    features: Array
    members: NDArray[np.intp]
    labels: Array

    @property
    def instances(self) -> Array:
        """Features of the members, bag by bag: ``(bags * size, d)``."""
        return self.features[self.members.ravel()]

    @property
    def means(self) -> Array:
        """Mean features of each bag, ``(bags, d)``."""
        return np.asarray(self.features[self.members].mean(axis=1))


@dataclass(frozen=True)
class Round:
    """The two classifiers after a round of teaching."""

    bag: LogisticHead
    instance: LogisticHead


def dealt(
    positive: ArrayLike, bags: int, size: int, generator: np.random.Generator
) -> tuple[NDArray[np.intp], Array, NDArray[np.intp]]:
    """Members ``(bags, size)``, labels ``(bags,)`` and the instances that are in no bag, dealt out at random.

    ``positive (n,)``: whether each instance is. Raises ValueError where there are too few instances.
    """
    which = np.asarray(positive, dtype=bool)
    if bags * size > len(which):
        raise ValueError(f"{bags} bags of {size} need {bags * size} instances, there are {len(which)}")
    order = generator.permutation(len(which))
    members = order[: bags * size].reshape(bags, size)
    return members, np.asarray(which[members].any(axis=1), dtype=np.float64), order[bags * size :]


def head(features: Array, positive: Array, penalty: float) -> LogisticHead:
    """The logistic head nearest to probabilities ``positive (n,)`` of the second of two classes."""
    return LogisticHead(penalty, 2).fit(features, np.stack([1 - positive, positive], axis=1))


def chance(classifier: LogisticHead, features: Array) -> Array:
    """Probability ``(n,)`` of being positive."""
    return np.asarray(classifier.predict_proba(features)[:, 1])


def any_of(chances: ArrayLike) -> Array:
    """Probability ``(bags,)`` that some instance of each bag is positive, from those of its instances ``(bags, size)``."""
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(np.log1p(-np.asarray(chances, dtype=np.float64)).sum(axis=1)))


def corrected(chances: ArrayLike, labels: ArrayLike) -> Array:
    """Equation (1): ``chances (bags, size)`` of instances given the ``labels (bags,)`` of their bags."""
    p = np.maximum(np.asarray(chances, dtype=np.float64), LEAST)
    return np.where(np.asarray(labels)[:, None] > 0, np.minimum(p / any_of(p)[:, None], 1.0), 0.0)


def confident(given: Array, own: Array, labels: Array, weight: float) -> Array:
    """Labels ``given (bags, size)`` with the hardened ``own`` guesses mixed in at a ``weight`` from 0 to 1.

    Of the instances of positive bags those of largest own guess are positive, as many as ``given`` adds up to, rounded.
    """
    rows = np.flatnonzero(np.repeat(labels > 0, given.shape[1]))
    hard = np.zeros(given.size)
    hard[rows[np.argsort(-own.ravel()[rows], kind="stable")[: round(given.sum())]]] = 1.0
    return np.asarray((1 - weight) * given + weight * hard.reshape(given.shape))


def taught(
    bags: Bags, rounds: int, penalty: float, confidence: float = 0.0, mutual: bool = True
) -> list[Round]:
    """``rounds`` >= 1 rounds: the instance classifier learns from the bag classifier's labels, then the latter from its.

    The first bag classifier knows the bags alone; a later one learns from bags and from their instances, which count as bags
    of one. ``confidence``: the weight of one's own guess, from the second fit of each on. Without ``mutual`` there is no bag
    classifier after the first: the instance classifier goes on with its own labels, corrected by the bags'.
    """
    instances, means, labels, shape = bags.instances, bags.means, bags.labels, bags.members.shape
    bag, instance, found = head(means, labels, penalty), None, []

    def said(classifier: LogisticHead) -> Array:
        return corrected(chance(classifier, instances).reshape(shape), labels)

    def lesson(teacher: LogisticHead, learner: LogisticHead | None) -> Array:
        given = said(teacher)
        return (given if learner is None else confident(given, said(learner), labels, confidence)).ravel()

    both = np.vstack([means, instances])
    for _ in range(rounds):
        teacher = bag if mutual or instance is None else instance
        instance = head(instances, lesson(teacher, instance), penalty)
        if mutual:
            bag = head(both, np.concatenate([labels, lesson(instance, bag)]), penalty)
        found.append(Round(bag, instance))
    return found
