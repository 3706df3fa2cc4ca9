"""Choices of rows against what they are meant to be."""

import numpy as np
import pytest

from w2s_utils.methods import selection


@pytest.fixture
def generator():
    return np.random.default_rng(13)


def test_agreed_rows_are_those_of_the_same_class(generator):
    one, other = generator.dirichlet(np.ones(3), 50), generator.dirichlet(np.ones(3), 50)
    rows = np.array([4, 9, 2, 40, 17, 33])
    kept = selection.agreed(rows, one, other)
    assert kept.tolist() == [k for k in rows if np.argmax(one[k]) == np.argmax(other[k])]
    assert np.array_equal(selection.agreed(rows, one, one), rows)


def test_votes_count_teachers_and_disagreement_pairs_of_them(generator):
    tables = generator.dirichlet(np.ones(4), (3, 30))
    shares = selection.votes(tables)
    named = tables.argmax(axis=2)
    assert np.allclose(shares.sum(axis=1), 1) and shares[5, named[0, 5]] >= 1 / 3
    pairs = np.mean([[named[i] != named[j] for i in range(3)] for j in range(3)], axis=(0, 1))
    assert np.allclose(selection.disagreement(shares), pairs)


def test_clusters_find_groups_that_lie_apart(generator):
    centres = 20 * np.eye(3)
    group = generator.integers(3, size=60)
    found = selection.clusters(centres[group] + generator.normal(size=(60, 3)), 3, generator)
    assert len(set(zip(group, found, strict=True))) == len(set(found)) == 3


def test_the_largest_are_chosen_and_groups_have_their_shares(generator):
    order, groups = generator.normal(size=40), np.repeat([0, 1, 2], [20, 13, 7])
    assert np.array_equal(selection.chosen(order, 6), np.sort(np.argsort(-order)[:6]))
    found = selection.chosen(order, 10, groups)
    assert np.bincount(groups[found]).tolist() == [5, 3, 2]  # 5, 3.25 and 1.75
    for k in range(3):
        left = np.setdiff1d(np.flatnonzero(groups == k), found)
        assert order[found[groups[found] == k]].min() > order[left].max()
    assert np.array_equal(selection.chosen(order, 40, groups), np.arange(40))
    with pytest.raises(ValueError, match="41 rows"):
        selection.chosen(order, 41)
