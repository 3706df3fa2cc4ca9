"""Token rewards of a DPO policy against brute force over all sequences."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import log_softmax

from w2s_utils.theory import token_rewards as tr

TOKENS, STEPS, COUNT = 3, 3, 27
SEQUENCES = np.indices((TOKENS,) * STEPS).reshape(STEPS, -1).T


@pytest.fixture
def generator():
    return np.random.default_rng(5)


def prefixed(table):
    """Values ``(27, 3)`` out of a dictionary by prefix."""
    return np.array([[table[tuple(one[: k + 1])] for k in range(STEPS)] for one in SEQUENCES])


@pytest.fixture
def process(generator):
    rewards, reference = {}, {}
    for length in range(STEPS):
        for prefix in np.ndindex(*(TOKENS,) * length):
            chance = log_softmax(generator.normal(size=TOKENS))
            for a in range(TOKENS):
                rewards[*prefix, a], reference[*prefix, a] = generator.normal(), chance[a]
    return rewards, reference


def test_the_gradient_is_that_of_the_loss_and_zero_at_the_rewards(generator):
    r = generator.normal(size=6)
    p = tr.preferences(r)
    assert np.allclose(p + p.T, 1) and p[0, 1] == pytest.approx(1 / (1 + np.exp(r[1] - r[0])))
    u = generator.normal(size=6)
    assert check_grad(lambda v: tr.preference_loss(v, p)[0], lambda v: tr.preference_loss(v, p)[1], u) < 1e-6
    assert np.abs(tr.preference_loss(r + 3, p)[1]).max() < 1e-15
    by_hand = -np.mean(
        [
            p[i, j] * np.log(tr.preferences(u)[i, j]) + p[j, i] * np.log(tr.preferences(u)[j, i])
            for i in range(6)
            for j in range(i)
        ]
    )
    assert tr.preference_loss(u, p)[0] == pytest.approx(by_hand, abs=1e-14)


@pytest.mark.parametrize("scale", [0.1, 1.0, 6.0])
def test_fitted_rewards_are_the_rewards_less_their_mean(generator, scale):
    r = scale * generator.normal(size=40)
    assert np.abs(tr.fitted_rewards(tr.preferences(r)) - (r - r.mean())).max() < 1e-9 * max(1, scale)


def test_preferences_that_no_reward_has_still_have_a_best_one(generator):
    upper = np.triu(generator.uniform(0.2, 0.8, (8, 8)), 1)
    p = upper + np.tril(1 - upper.T, -1) + 0.5 * np.eye(8)
    u = tr.fitted_rewards(p)
    assert np.abs(tr.preference_loss(u, p)[1]).max() < 1e-12 and abs(u.mean()) < 1e-12


def test_what_is_no_table_of_preferences_is_refused(monkeypatch):
    with pytest.raises(ValueError, match="add up to 1"):
        tr.fitted_rewards(np.full((3, 3), 0.6))
    with pytest.raises(ValueError, match="square"):
        tr.fitted_rewards(np.full((3, 2), 0.5))
    with pytest.raises(ValueError, match="above 0"):
        tr.fitted_rewards([[0.5, 1.0], [0.0, 0.5]])
    monkeypatch.setattr(tr, "STEPS", 2)
    with pytest.raises(ValueError, match="in 2 steps"):
        tr.fitted_rewards(tr.preferences([0.0, 9.0, 20.0]))


def test_probabilities_of_tokens_multiply_to_those_of_sequences(process):
    _, reference = process
    table = prefixed(reference)
    assert np.allclose(tr.by_token(table.sum(axis=1), TOKENS), table, atol=1e-12)


def test_soft_values_are_logarithms_of_sums_over_what_is_to_come(process):
    rewards, reference = (prefixed(one) for one in process)
    beta = 0.7
    found = tr.soft_values(rewards, reference, beta, TOKENS)
    for place in range(STEPS + 1):
        for row, one in enumerate(SEQUENCES):
            same = (SEQUENCES[:, :place] == one[:place]).all(axis=1)
            rest = reference[same, place:].sum(axis=1) + rewards[same, place:].sum(axis=1) / beta
            assert found[row, place] == pytest.approx(beta * np.log(np.exp(rest).sum()), abs=1e-12)


def test_a_potential_moves_tokens_and_no_sequence(process, generator):
    rewards, _ = process
    table, potentials = prefixed(rewards), generator.normal(size=12)
    other = tr.shaped(table, potentials, TOKENS)
    assert np.allclose(other.sum(axis=1), table.sum(axis=1), atol=1e-12)
    first, second = potentials[SEQUENCES[:, 0]], potentials[3 + 3 * SEQUENCES[:, 0] + SEQUENCES[:, 1]]
    assert np.allclose(other - table, np.stack([first, second - first, -second], axis=1))
    with pytest.raises(ValueError, match="12 prefixes"):
        tr.shaped(table, potentials[:-1], TOKENS)
