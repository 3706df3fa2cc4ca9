"""Ensembles of weak learners that vote: SAMME, which boosts, and bagging, which averages; and the split by difficulty.

SAMME (Zhu, Zou, Rosset and Hastie 2009, Statistics and Its Interface 2:349) is AdaBoost for c classes. A learner that errs on
the share e of the weighted training rows votes with the weight

    a = log((1 - e) / e) + log(c - 1),                                                                     (1)

and before the next one learns, the rows that it got wrong weigh exp(a) times as much. The learner then errs on the share
(c - 1) / c of the weights, as one that guesses would: the next one has to find something else. Bagging (Breiman 1996, Machine
Learning 24:123) gives each learner a bootstrap sample of the rows, and one vote.

Learners are scikit-learn's classifiers; classes are numbers from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..experiments.classification import Sizes
from ..experiments.protocol import Parts
from ..theory.arrays import Array

Make = Callable[[np.random.Generator], Any]
"""An unfitted classifier with ``fit(X, y, sample_weight)`` and ``predict``; its own random choices come from the generator."""


class NoBetterThanChance(ValueError):
    """The first learner already errs as often as a guess."""


@dataclass(frozen=True)
class Ensemble:
    """Fitted ``learners`` in the order in which they learned, the weight of each one's vote, how many classes there are.

    ``errors``: the share e of the weighted training rows on which each errs; ``row_weights (learners, n)``: those weights,
    each line of sum 1.
    """

    learners: tuple[Any, ...]
    weights: Array
    classes: int
    errors: Array
    row_weights: Array

    def votes(self, features: ArrayLike, rounds: ArrayLike) -> Array:
        """Shares of the votes of the first T learners, for each T of ``rounds``; ``(len(rounds), n, classes)``.

        Where there are fewer than T learners all of them vote. Raises ValueError for a T below 1.
        """
        wanted = np.atleast_1d(np.asarray(rounds, dtype=int))
        if not len(wanted) or wanted.min() < 1:
            raise ValueError(f"at least one learner votes in each round, not {rounds!r}")
        table = np.asarray(features)
        total = np.zeros((len(table), self.classes))
        after = []
        for learner, weight in zip(self.learners[: wanted.max()], self.weights, strict=False):
            total[np.arange(len(table)), np.asarray(learner.predict(table), dtype=int)] += weight
            after.append(total / total.sum(axis=1, keepdims=True))
        return np.array([after[min(one, len(after)) - 1] for one in wanted])


def samme(
    make: Make, features: ArrayLike, numbers: ArrayLike, classes: int, rounds: int, draws: np.random.Generator
) -> Ensemble:
    """Boost ``rounds`` learners, or fewer: one without an error is the last (its vote weighs 1), one that guesses is left out.

    ``features (n, d)``, ``numbers (n,)`` from 0 to ``classes`` - 1. The same learners and votes as those of scikit-learn's
    AdaBoostClassifier. Raises NoBetterThanChance where no learner is left.
    """
    table, labels = np.asarray(features), np.asarray(numbers, dtype=int)
    rows = np.full(len(labels), 1 / len(labels))
    learners, weights, errors, row_weights = [], [], [], []
    for _ in range(rounds):
        learner = make(draws).fit(table, labels, sample_weight=rows)
        wrong = np.asarray(learner.predict(table)) != labels
        error = float(rows[wrong].sum())
        if error >= 1 - 1 / classes:
            break
        perfect = not wrong.any()
        weight = 1.0 if perfect else float(np.log((1 - error) / error) + np.log(classes - 1))
        learners.append(learner)
        weights.append(weight)
        errors.append(error)
        row_weights.append(rows)
        if perfect:
            break
        rows = rows * np.exp(weight * wrong)
        rows = rows / rows.sum()
    if not learners:
        raise NoBetterThanChance(
            "the first learner errs as often as a guess among so many classes; take one less weak"
        )
    return Ensemble(tuple(learners), np.array(weights), classes, np.array(errors), np.array(row_weights))


def bagged(
    make: Make, features: ArrayLike, numbers: ArrayLike, classes: int, rounds: int, draws: np.random.Generator
) -> Ensemble:
    """As many learners, each of a bootstrap sample of the rows, with equal votes. Arguments as of `samme`."""
    table, labels = np.asarray(features), np.asarray(numbers, dtype=int)
    count = len(labels)
    learners, errors, row_weights = [], [], []
    for _ in range(rounds):
        rows = np.bincount(draws.integers(count, size=count), minlength=count) / count
        learner = make(draws).fit(table, labels, sample_weight=rows)
        errors.append(float(rows[np.asarray(learner.predict(table)) != labels].sum()))
        learners.append(learner)
        row_weights.append(rows)
    return Ensemble(tuple(learners), np.ones(rounds), classes, np.array(errors), np.array(row_weights))


def error_after(ensemble: Ensemble, features: ArrayLike, numbers: ArrayLike) -> Array:
    """Share of the weights of round t + 1 on which learner t errs, ``(learners - 1,)``: (c - 1) / c where (1) was used."""
    table, labels = np.asarray(features), np.asarray(numbers, dtype=int)
    found = [
        rows[np.asarray(learner.predict(table)) != labels].sum()
        for learner, rows in zip(ensemble.learners, ensemble.row_weights[1:], strict=False)
    ]
    return np.array(found, dtype=np.float64)


def margins(features: ArrayLike, numbers: ArrayLike, folds: int = 5) -> Array:
    """How easy rows are for a logistic head on ``features (n, d)`` that has not seen them: ``(n,)`` from -1 to 1.

    Probability of the true class less the largest of the others, by cross-fitting over ``folds``; columns are standardised.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    labels = np.asarray(numbers, dtype=int)
    head = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    said = np.array(cross_val_predict(head, np.asarray(features), labels, cv=folds, method="predict_proba"))
    of_truth = said[np.arange(len(labels)), labels]
    said[np.arange(len(labels)), labels] = -1
    return np.asarray(of_truth - said.max(axis=1))


def easy_to_hard(margin: ArrayLike, sizes: Sizes, draws: np.random.Generator) -> Parts:
    """The teacher learns from the easier half of the rows alone; all else, judging too, happens on the harder half.

    ``margin (n,)``: see `margins`. Raises ValueError where a half has too few rows.
    """
    order = np.argsort(-np.asarray(margin), kind="stable")
    easy, hard = order[: len(order) // 2], draws.permutation(order[len(order) // 2 :])
    used = sizes.validation + sizes.labelled
    if sizes.taught > len(easy) or used + 1 > len(hard):
        raise ValueError(
            f"{sizes.taught} easy rows and more than {used} hard ones are asked for; there are {len(easy)} and {len(hard)}"
        )
    chosen: NDArray[np.intp] = draws.permutation(easy)[: sizes.taught]
    validation, labelled, judged = np.split(hard, [sizes.validation, used])
    return Parts(chosen, labelled, judged[: sizes.judged], validation)
