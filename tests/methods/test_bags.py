"""Bags: corrected labels against all fillings, rounds of teaching against their definition."""

import itertools

import numpy as np
import pytest

from w2s_utils.methods import bags


@pytest.fixture
def generator():
    return np.random.default_rng(11)


@pytest.fixture
def made(generator):
    positive = generator.random(240) < 0.15
    features = generator.normal(size=(240, 6)) + 1.5 * positive[:, None]
    members, labels, rest = bags.dealt(positive, 40, 5, generator)
    return positive, bags.Bags(features, members, labels), rest


def test_bags_are_dealt_without_an_instance_twice_and_are_positive_iff_one_is(made, generator):
    positive, known, rest = made
    assert sorted([*known.members.ravel(), *rest]) == list(range(240))
    assert known.labels.tolist() == [float(positive[some].any()) for some in known.members]
    assert known.instances.shape == (200, 6) and np.allclose(
        known.means[3], known.instances[15:20].mean(axis=0)
    )
    with pytest.raises(ValueError, match="240"):
        bags.dealt(positive[:239], 48, 5, generator)


def test_a_corrected_label_is_the_posterior_over_all_fillings(generator):
    chances = generator.random((6, 4)) ** 3
    found = bags.corrected(chances, [1, 0, 1, 1, 0, 1])
    for p, row, label in zip(chances, found, [1, 0, 1, 1, 0, 1], strict=True):
        total, each = 0.0, np.zeros(4)
        for filling in itertools.product([0, 1], repeat=4):
            weight = np.prod([q if one else 1 - q for q, one in zip(p, filling, strict=True)]) * (
                max(filling) == label
            )
            total, each = total + weight, each + weight * np.array(filling)
        assert np.allclose(row, each / total, atol=1e-14)
        assert label == 0 or bags.any_of(p[None])[0] == pytest.approx(total)


def test_certain_and_vanishing_chances_are_no_trouble():
    assert np.allclose(bags.corrected([[1.0, 0.2], [0.0, 0.0]], [1, 1]), [[1.0, 0.2], [0.5, 0.5]], atol=1e-11)
    assert bags.any_of([[1.0, 0.2]]).tolist() == [1.0]


def test_the_confidence_term_mixes_in_as_many_guesses_as_labels_say():
    given = np.array([[0.7, 0.6], [0.5, 0.4], [0.0, 0.0]])
    own = np.array([[0.2, 0.9], [0.1, 0.8], [1.0, 1.0]])
    found = bags.confident(given, own, np.array([1.0, 1.0, 0.0]), 0.25)
    assert np.allclose(found, 0.75 * given + 0.25 * np.array([[0, 1], [0, 1], [0, 0]]))
    assert np.array_equal(bags.confident(given, own, np.array([1.0, 1.0, 0.0]), 0.0), given)


def test_rounds_are_fits_to_what_the_other_says(made):
    _, known, _ = made
    first, second = bags.taught(known, 2, 0.05)

    def said(head):
        return bags.corrected(
            bags.chance(head, known.instances).reshape(known.members.shape), known.labels
        ).ravel()

    teacher = bags.head(known.means, known.labels, 0.05)
    instance = bags.head(known.instances, said(teacher), 0.05)
    assert np.allclose(first.instance.coef_, instance.coef_, atol=1e-8)
    both = np.vstack([known.means, known.instances])
    bag = bags.head(both, np.concatenate([known.labels, said(instance)]), 0.05)
    assert np.allclose(first.bag.coef_, bag.coef_, atol=1e-8)
    assert np.allclose(second.instance.coef_, bags.head(known.instances, said(bag), 0.05).coef_, atol=1e-8)


def test_alone_the_first_round_is_the_same_and_the_bag_classifier_stays(made):
    _, known, _ = made
    two, one = bags.taught(known, 2, 0.05), bags.taught(known, 2, 0.05, mutual=False)
    assert np.allclose(two[0].instance.coef_, one[0].instance.coef_)
    assert one[0].bag is one[1].bag
    own = bags.corrected(bags.chance(one[0].instance, known.instances).reshape(40, 5), known.labels).ravel()
    assert np.allclose(one[1].instance.coef_, bags.head(known.instances, own, 0.05).coef_, atol=1e-8)


def test_the_confidence_term_begins_with_the_second_fit(made):
    _, known, _ = made
    plain, sure = bags.taught(known, 2, 0.05), bags.taught(known, 2, 0.05, confidence=0.5)
    assert np.allclose(plain[0].instance.coef_, sure[0].instance.coef_)
    assert not np.allclose(plain[0].bag.coef_, sure[0].bag.coef_, atol=1e-4)
    assert not np.allclose(plain[1].instance.coef_, sure[1].instance.coef_, atol=1e-4)


def test_teaching_finds_instances_that_no_label_names(made):
    positive, known, rest = made
    last = bags.taught(known, 5, 0.05)[-1]
    found = bags.chance(last.instance, known.features[rest])
    assert found[positive[rest]].min() > np.median(found)
