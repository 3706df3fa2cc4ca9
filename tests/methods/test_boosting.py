"""SAMME by hand and against scikit-learn; votes, bagging and the split by difficulty."""

import numpy as np
import pytest
from sklearn.ensemble import AdaBoostClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from w2s_utils.experiments.classification import Sizes
from w2s_utils.methods import boosting


class Fixed:
    """A classifier that says the same, whatever it is fitted to."""

    def __init__(self, says):
        self.says = np.array(says)

    def fit(self, X, y, sample_weight):
        return self

    def predict(self, X):
        return self.says


def generator():
    return np.random.default_rng(0)


def problem(rows=300, classes=4, seed=1):
    draw = np.random.default_rng(seed)
    table = draw.normal(size=(rows, 6))
    return table, (table[:, :classes] + draw.gumbel(size=(rows, classes)) / 3).argmax(axis=1)


def tree(depth):
    return lambda draws: DecisionTreeClassifier(max_depth=depth, random_state=0)


def test_two_rounds_by_hand():
    says = iter([Fixed([0, 1, 2, 0]), Fixed([0, 0, 0, 1])])
    truth = np.array([0, 1, 2, 1])
    found = boosting.samme(lambda draws: next(says), np.zeros((4, 1)), truth, 3, 2, generator())
    assert found.errors[0] == 0.25
    assert found.weights[0] == pytest.approx(np.log(6))  # log 3 + log 2
    assert found.row_weights[1] == pytest.approx(np.array([1, 1, 1, 6]) / 9)
    assert found.errors[1] == pytest.approx(2 / 9)
    assert found.weights[1] == pytest.approx(np.log(7))  # log 7/2 + log 2
    one, both = found.votes(np.zeros((4, 1)), [1, 2])
    assert one.tolist() == np.eye(3)[[0, 1, 2, 0]].tolist()
    shares = np.log([6, 7]) / np.log(42)
    assert both[1] == pytest.approx([shares[1], shares[0], 0])
    assert both[3] == pytest.approx([shares[0], shares[1], 0])


@pytest.mark.parametrize("classes", [2, 4])
def test_the_same_learners_and_votes_as_those_of_scikit_learn(classes):
    table, numbers = problem(classes=classes)
    fresh = problem(seed=2)[0]
    known = AdaBoostClassifier(DecisionTreeClassifier(max_depth=2), n_estimators=20).fit(table, numbers)
    found = boosting.samme(tree(2), table, numbers, classes, 20, generator())
    assert found.weights == pytest.approx(known.estimator_weights_, rel=1e-9)
    assert found.errors == pytest.approx(known.estimator_errors_, rel=1e-9)
    [votes] = found.votes(fresh, 20)
    assert (votes.argmax(axis=1) == known.predict(fresh)).all()
    # Its decision function gives a to the class that is named and -a / (c - 1) to each other; of two classes one difference.
    theirs = (votes * classes - 1) / (classes - 1)
    theirs = theirs if classes > 2 else theirs[:, 1] - theirs[:, 0]
    assert theirs == pytest.approx(known.decision_function(fresh), abs=1e-12)


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_after_a_round_its_learner_errs_as_often_as_a_guess(classes):
    table, numbers = problem(classes=classes)
    found = boosting.samme(tree(1), table, numbers, classes, 8, generator())
    after = boosting.error_after(found, table, numbers)
    assert len(after) == len(found.learners) - 1 > 0
    assert after == pytest.approx((classes - 1) / classes, abs=1e-12)
    assert found.row_weights.sum(axis=1) == pytest.approx(1)


def test_rounds_end_with_a_perfect_learner_and_before_one_that_guesses():
    table, numbers = problem()
    deep = boosting.samme(tree(None), table, numbers, 4, 9, generator())
    assert len(deep.learners) == 1 and deep.weights.tolist() == [1.0] and deep.errors.tolist() == [0.0]
    assert (deep.votes(table, [1, 9]).argmax(axis=2) == numbers).all()
    says = iter([Fixed([0, 1, 0, 0]), Fixed([1, 0, 1, 0])])
    ended = boosting.samme(lambda draws: next(says), np.zeros((4, 1)), [0, 1, 0, 1], 2, 5, generator())
    assert len(ended.learners) == 1
    with pytest.raises(boosting.NoBetterThanChance, match="less weak"):
        boosting.samme(lambda draws: Fixed([1, 0]), np.zeros((2, 1)), [0, 1], 2, 5, generator())


def test_rounds_grow_and_votes_are_shares():
    table, numbers = problem()
    found = boosting.samme(tree(2), table, numbers, 4, 16, generator())
    votes = found.votes(table, [1, 4, 16])
    assert votes.shape == (3, 300, 4) and votes.sum(axis=2) == pytest.approx(1) and votes.min() >= 0
    again = boosting.samme(tree(2), table, numbers, 4, 4, generator())
    assert votes[1] == pytest.approx(again.votes(table, 4)[0])
    right = (votes.argmax(axis=2) == numbers).mean(axis=1)
    assert right[0] < right[1] < right[2]
    with pytest.raises(ValueError, match="at least one learner"):
        found.votes(table, [0])


def test_bagging_is_the_mean_of_learners_of_samples():
    table, numbers = problem()
    found = boosting.bagged(tree(3), table, numbers, 4, 5, generator())
    [votes] = found.votes(table, 5)
    said = np.array([one.predict(table) for one in found.learners])
    assert votes == pytest.approx((said[:, :, None] == np.arange(4)).mean(axis=0))
    assert found.row_weights.sum(axis=1) == pytest.approx(1)
    inside = 1 - (found.row_weights == 0).mean()
    assert 0.58 < inside < 0.68  # 1 - 1/e of the rows are in a sample
    own = [(said[k] != numbers) @ found.row_weights[k] for k in range(5)]
    assert found.errors == pytest.approx(own)


def test_a_row_counts_as_often_as_its_weight_says():
    table, numbers = problem(rows=60, classes=2)
    found = boosting.bagged(lambda draws: LogisticRegression(), table, numbers, 2, 1, generator())
    counts = np.rint(found.row_weights[0] * 60).astype(int)
    repeated = LogisticRegression(C=1 / 60).fit(np.repeat(table, counts, axis=0), np.repeat(numbers, counts))
    assert found.learners[0].coef_ == pytest.approx(repeated.coef_, abs=1e-3)


def test_margins_are_those_of_rows_not_seen():
    table, numbers = problem(rows=200)
    found = boosting.margins(table, numbers)
    assert found.shape == (200,) and (np.abs(found) <= 1).all()
    assert (found > 0).mean() > 0.6
    assert (boosting.margins(table, generator().permutation(numbers)) > 0).mean() < 0.5
    assert boosting.margins(table * 7 + 3, numbers) == pytest.approx(found, abs=1e-6)


def test_teachers_learn_from_easy_rows_and_all_else_is_hard():
    margin = generator().normal(size=101)
    parts = boosting.easy_to_hard(margin, Sizes(30, 10, 20, 15), generator())
    hard = [parts.validation, parts.student_train, parts.evaluation]
    assert [len(parts.weak_train), *map(len, hard)] == [30, 10, 20, 15]
    assert margin[parts.weak_train].min() >= margin[np.concatenate(hard)].max()
    with pytest.raises(ValueError, match="easy rows and more than 60 hard"):
        boosting.easy_to_hard(margin, Sizes(30, 20, 40, 15), generator())
    with pytest.raises(ValueError, match="51 easy rows"):
        boosting.easy_to_hard(margin, Sizes(51, 10, 20, 15), generator())
