"""The confidence loss against the released rule, brute force over all assignments, and its limits."""

import math

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.special import log_softmax, softmax

from w2s_utils.methods import confidence

torch = pytest.importorskip("torch")


def drawn(rows, classes, seed, scale=2.0):
    stream = np.random.default_rng(seed)
    logits = stream.normal(scale=scale, size=(rows, classes))
    return logits, stream.dirichlet(np.linspace(0.3, 1.5, classes), size=rows)


def by_quantile(logits, weak):
    """The rule for two classes in the words of the paper: a quantile of the first probability."""
    first = softmax(logits, axis=1)[:, 0]
    above = first >= np.quantile(first, weak.mean(axis=0)[1])
    return np.column_stack([above, ~above]).astype(float)


@pytest.mark.parametrize("rows", [1, 2, 3, 32, 33, 500])
def test_two_classes_are_split_at_the_batch_quantile(rows):
    for seed in range(20):
        logits, weak = drawn(rows, 2, seed)
        assert np.array_equal(confidence.hardened_to_shares(logits, weak).labels, by_quantile(logits, weak))


def test_rows_that_tie_at_the_threshold_are_of_the_first_class_as_released():
    logits = np.array([[0.0, 0.0]] * 5 + [[0.0, 1.0]] * 2 + [[1.0, 0.0]])
    for mean in np.linspace(0, 1, 21):
        weak = np.tile([1 - mean, mean], (8, 1))
        assert np.array_equal(confidence.hardened_to_shares(logits, weak).labels, by_quantile(logits, weak))
    start = confidence.hardened_to_shares(np.zeros((6, 2)), np.full((6, 2), 0.5)).labels
    assert start[:, 0].all()  # a head that starts at zero says the same of all rows


@pytest.mark.parametrize("rows, classes", [(7, 3), (40, 3), (40, 6), (90, 10)])
def test_of_all_labels_with_these_shares_the_student_finds_its_own_most_probable(rows, classes):
    for seed in range(8):
        logits, weak = drawn(rows, classes, seed)
        labels, offsets = confidence.hardened_to_shares(logits, weak)
        counts = confidence.shares(weak)
        assert counts.sum() == rows and np.array_equal(labels.sum(axis=0), counts)
        assert np.abs(counts - rows * weak.mean(axis=0)).max() < 2
        names = np.repeat(np.arange(classes), counts)
        surprise = -log_softmax(logits, axis=1)[:, names]
        best = surprise[linear_sum_assignment(surprise)].sum()
        assert -np.sum(labels * log_softmax(logits, axis=1)) == pytest.approx(best, rel=1e-12)
        assert np.array_equal((logits + offsets).argmax(axis=1), labels.argmax(axis=1))


def test_offsets_of_the_last_step_order_of_rows_and_constants_of_a_row_change_nothing():
    logits, weak = drawn(120, 5, 3)
    labels, _ = confidence.hardened_to_shares(logits, weak)
    near = confidence.hardened_to_shares(logits + 0.1 * drawn(120, 5, 4)[0], weak)
    assert np.array_equal(confidence.hardened_to_shares(logits, weak, near.offsets).labels, labels)
    order = np.random.default_rng(0).permutation(120)
    assert np.array_equal(confidence.hardened_to_shares(logits[order], weak[order]).labels, labels[order])
    assert np.array_equal(confidence.hardened_to_shares(log_softmax(logits, axis=1), weak).labels, labels)


def test_rows_that_are_all_the_same_end_the_search():
    found = confidence.hardened_to_shares(np.zeros((30, 4)), np.full((30, 4), 0.25))
    assert np.array_equal(found.labels.sum(axis=1), np.ones(30))


def test_without_confidence_it_is_cross_entropy_and_with_nothing_else_that_of_the_own_classes():
    logits, weak = drawn(40, 3, 1)
    own = confidence.hardened_to_shares(logits, weak).labels
    for alpha, goal in ((0.0, weak), (1.0, own), (0.3, 0.7 * weak + 0.3 * own)):
        found = confidence.confidence_loss(torch.from_numpy(logits), torch.from_numpy(weak), alpha)
        known = torch.nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(goal))
        assert float(found) == pytest.approx(float(known), rel=1e-12)
        assert np.allclose(confidence.mixed_labels(logits, weak, alpha), goal, rtol=0, atol=1e-15)


@pytest.mark.parametrize("kind, close", [("float64", 1e-14), ("float32", 1e-7), ("bfloat16", 1e-3)])
def test_the_gradient_is_that_of_cross_entropy_on_the_mixed_labels(kind, close):
    values, weak = drawn(32, 4, 2)
    logits = torch.from_numpy(values).to(getattr(torch, kind)).requires_grad_()
    confidence.confidence_loss(logits, torch.from_numpy(weak).float(), 0.5).backward()
    stored = logits.detach().double().numpy()
    known = (softmax(stored, axis=1) - confidence.mixed_labels(stored, weak, 0.5)) / 32
    assert np.abs(logits.grad.double().numpy() - known).max() < (close if kind != "float64" else 1e-8)


def test_schedules_end_at_the_coefficient_and_differ_in_the_warm_up_alone():
    paper, released = (confidence.SCHEDULES[name] for name in (confidence.PAPER, confidence.RELEASED))
    grid = np.linspace(0, 1, 1001)
    assert paper(0.0) == released(0.0) == 0 and paper(1.0) == released(1.0) == 0.5
    assert paper(0.05) == 0.25 and released(0.05) == 0.025
    assert paper(0.1) == 0.5 and released(0.1) == pytest.approx(0.05) and released(0.1 + 1e-9) == 0.5
    assert all(paper(one) == released(one) for one in grid[grid > 0.1])
    assert max(np.diff([paper(one) for one in grid])) < 0.006 < 0.44 < max(np.diff([*map(released, grid)]))
    assert confidence.schedule(confidence.PAPER, 0.75, 0.2)(0.1) == 0.375
    assert confidence.schedule(confidence.RELEASED, 0.75, 0.2)(0.2) == pytest.approx(0.15)
    assert confidence.schedule(confidence.PAPER, 0.5, 0.0)(0.0) == 0.5
    assert confidence.schedule(confidence.NAIVE)(1.0) == 0


def test_faults_have_a_sentence():
    logits, weak = drawn(6, 3, 0)
    with pytest.raises(ValueError, match=r"shapes \(6, 3\) and \(5, 3\)"):
        confidence.hardened_to_shares(logits, weak[:5])
    with pytest.raises(ValueError, match="sums to"):
        confidence.mixed_labels(logits, 2 * weak, 0.5)
    with pytest.raises(ValueError, match="logits holds NaN"):
        confidence.mixed_labels(logits * math.nan, weak, 0.5)
    for alpha in (-0.1, 1.1, math.nan, True, "0.5"):
        with pytest.raises(ValueError, match=r"alpha lies in \[0, 1\]"):
            confidence.mixed_labels(logits, weak, alpha)
    with pytest.raises(ValueError, match="the warm-up lies in"):
        confidence.schedule(confidence.PAPER, 0.5, 2.0)
    with pytest.raises(ValueError, match="the coefficient lies in"):
        confidence.schedule(confidence.PAPER, 1.5)
    with pytest.raises(KeyError):
        confidence.schedule("unheard of")
