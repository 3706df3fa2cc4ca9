"""Expansion: a graph by hand, the paper's printed bounds, and functions on many small graphs."""

from itertools import product

import numpy as np
import pytest

from w2s_utils.theory import expansion
from w2s_utils.theory.expansion import UNLABELLED, Graph

# Rows of class 1: three that the teacher gets right, one wrong, one unlabelled. The last two are neighbours of the first.
BY_HAND = Graph(
    np.full(5, 0.2),
    np.ones(5, dtype=int),
    np.array([1, 1, 1, 0, UNLABELLED]),
    np.array([[j == i or {i, j} in ({0, 3}, {0, 4}) for j in range(5)] for i in range(5)]),
)


def test_a_graph_by_hand():
    said = np.array([[1, 1, 0, 1, 1], [0, 1, 1, 1, 1]])
    assert BY_HAND.robust(said).tolist() == [[True] * 5, [False, True, True, False, False]]
    good, bad, beyond = BY_HAND.parts(1)
    assert (good.sum(), bad.sum(), beyond.sum()) == (3, 1, 1)
    # The first is right on rows 0 and 1 and reaches the bad one; the second reaches nothing from rows 1 and 2.
    assert BY_HAND.rates(said[:1], 1, 0.0).correction == 1.0
    assert BY_HAND.rates(said, 1, 0.0).correction == 0.0
    assert BY_HAND.rates(said, 1, 0.7).correction == 1.0  # neither set is so large


def test_a_share_of_nothing_is_refused():
    with pytest.raises(ValueError, match="without weight"):
        BY_HAND.share(np.ones(5, dtype=bool), np.zeros(5, dtype=bool))


@pytest.mark.parametrize(
    ("c", "alpha", "disagreement", "printed"), [(0.848, 0.11, 0.12, 0.05), (0.497, 0.33, 0.29, 0.37)]
)
def test_the_printed_bounds(c, alpha, disagreement, printed):
    assert expansion.corrected_tightly(alpha, c, disagreement, 0.0) == pytest.approx(printed, abs=0.005)


def test_two_equal_rates_are_one_and_too_many_wrong_labels_say_nothing():
    found = expansion.covered(0.2, 0.5, 0.5, 0.0, np.array([0.3]), np.array([0.1]))
    assert found == pytest.approx((1 + 0.2 / 0.6) * 0.1 + (0.3 - 0.5 * 0.2) / (0.5 * 0.6))
    assert np.isinf(expansion.covered(0.5, 0.5, 0.5, 0.0, np.array([0.3]), np.array([0.1])))


def test_no_function_breaks_a_bound():
    rng, eligible = np.random.default_rng(0), 0
    for _ in range(300):
        count, q = 9, rng.choice([0.0, 0.2])
        truth = rng.integers(2, size=count)
        told = rng.choice([0, 1, UNLABELLED], size=count)
        teacher = np.where(rng.random(count) < 0.6, truth, told)
        near = (rng.random((count, count)) < 0.25) & (truth == truth[:, None])
        graph = Graph(
            rng.dirichlet(np.ones(count)), truth, teacher, near | near.T | np.eye(count, dtype=bool)
        )
        functions = np.array(list(product((0, 1), repeat=count)))
        said = functions[rng.choice(len(functions), 6, replace=False)]
        for which in (0, 1):
            good, bad, beyond = graph.parts(which)
            if not (good.any() and bad.any() and beyond.any()):
                continue
            told_here, alpha = good | bad, float(graph.share(bad, good | bad))
            if alpha >= 0.5:
                continue
            rates, wrong = graph.rates(said, which, q), said != truth
            differs, loose = said != teacher, ~graph.robust(said)
            e, loose_s = graph.share(differs, told_here), graph.share(loose, told_here)
            applies = expansion.corrected_applies(
                alpha, rates.correction, q, graph.share(differs | loose, told_here)
            )
            bound = expansion.corrected(alpha, rates.correction, e, loose_s)
            assert np.all(graph.share(wrong, told_here)[applies] <= bound[applies] + 1e-12)
            large = graph.share(~wrong & ~loose, good) > q
            bound = expansion.corrected_tightly(alpha, rates.correction, e, loose_s)
            assert np.all(graph.share(wrong, told_here)[large] <= bound[large] + 1e-12)
            c, loose_t = min(rates.mistakes, rates.rights), graph.share(loose, beyond)
            reached = expansion.covered_applies(alpha, c, q, e, loose_t)
            for pair in ((c, c), (rates.mistakes, rates.rights)):
                bound = expansion.covered(alpha, *pair, q, e, loose_t)
                assert np.all(graph.share(wrong, beyond)[reached] <= bound[reached] + 1e-12)
            eligible += applies.sum() + large.sum() + reached.sum()
    assert eligible > 100
