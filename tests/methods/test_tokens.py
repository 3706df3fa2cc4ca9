"""Tables of letters as policies: exact expectations against enumeration of all texts, descent against its own derivative."""

from itertools import islice

import numpy as np
import pytest
from scipy.special import expit, log_softmax

from w2s_utils.methods import tokens

LETTERS, LENGTH = 3, 4
TEXTS = np.indices((LETTERS,) * LENGTH).reshape(LENGTH, -1).T


@pytest.fixture
def generator():
    return np.random.default_rng(7)


def policy(generator, order=2):
    return log_softmax(generator.normal(size=(LETTERS**order, LETTERS)), axis=1)


def test_contexts_are_the_letters_before(generator):
    text = np.array([[2, 0, 1, 2]])
    assert tokens.contexts(text, LETTERS, 2).tolist() == [[0, 2, 6, 1]]
    assert tokens.contexts(text, LETTERS, 1).tolist() == [[0, 2, 0, 1]]
    assert tokens.order_of(policy(generator)) == 2 and tokens.order_of(policy(generator, 1)) == 1


def test_what_is_earned_is_the_mean_over_all_texts(generator):
    one, reference, rewards = policy(generator), policy(generator), generator.normal(size=(9, 3))
    chance = np.exp(tokens.values(one, TEXTS).sum(axis=1))
    assert chance.sum() == pytest.approx(1)
    reward, nats = tokens.earned(one, reference, rewards, LENGTH)
    assert reward == pytest.approx(chance @ tokens.values(rewards, TEXTS).sum(axis=1))
    assert nats == pytest.approx(
        chance @ (tokens.values(one, TEXTS) - tokens.values(reference, TEXTS)).sum(axis=1)
    )
    assert tokens.visits(one, LENGTH).sum() == pytest.approx(LENGTH)


def test_the_optimum_is_the_tilted_distribution_of_texts(generator):
    reference, rewards, nats = policy(generator), generator.normal(size=(9, 3)), 0.3
    log_ref, total = tokens.values(reference, TEXTS).sum(axis=1), tokens.values(rewards, TEXTS).sum(axis=1)
    found = [log_softmax(log_ref + eta * total) for eta in np.linspace(0, 3, 3001)]
    away = np.array([np.exp(one) @ (one - log_ref) for one in found])
    by_hand = np.interp(nats, away, [np.exp(one) @ total for one in found])
    assert tokens.optimum(reference, rewards, LENGTH, nats) == pytest.approx(by_hand, abs=1e-5)


def test_drawn_texts_have_the_frequencies_of_the_policy(generator):
    one = policy(generator)
    texts = tokens.drawn(one, 20000, LENGTH, generator)
    counted = tokens.counts(texts, np.ones(texts.shape, dtype=bool), LETTERS, 2).mean(axis=0).reshape(9, 3)
    assert np.abs(counted - tokens.visits(one, LENGTH)).max() < 0.03


def test_the_better_text_is_preferred_as_often_as_bradley_and_terry_say(generator):
    reference, rewards = policy(generator), generator.normal(size=(9, 3))
    good, bad = tokens.pairs(reference, rewards, 20000, LENGTH, generator)
    apart = tokens.values(rewards, good).sum(axis=1) - tokens.values(rewards, bad).sum(axis=1)
    size = np.abs(apart)
    assert np.mean(apart[size > 0] > 0) == pytest.approx(expit(size[size > 0]).mean(), abs=0.015)


def test_a_lower_order_has_the_same_pairs_of_letters(generator):
    one = policy(generator)
    low = tokens.shorter(one, 1, LENGTH)
    wanted = tokens.visits(one, LENGTH).reshape(3, 3, 3).sum(axis=0)
    assert np.allclose(np.exp(low), wanted / wanted.sum(axis=1, keepdims=True))
    same = tokens.shorter(tokens.longer(low, 2), 1, LENGTH)
    assert np.allclose(same, low, atol=1e-12)
    assert np.allclose(tokens.values(tokens.longer(low, 2), TEXTS), tokens.values(low, TEXTS))


def test_key_tokens_are_the_largest_of_each_text():
    scores = np.array([[1.0, 3.0, 2.0, 3.0], [0.0, -1.0, -2.0, 5.0]])
    assert tokens.key_tokens(scores, 0.5).tolist() == [[False, True, False, True], [True, False, False, True]]
    assert tokens.key_tokens(scores, 0.01).sum(axis=1).tolist() == [1, 1]


@pytest.mark.parametrize("free", [False, True])
def test_a_step_goes_down_the_gradient_of_the_loss(generator, free):
    reference, beta, rate = policy(generator), 0.7, 1e-6
    good, bad = tokens.pairs(reference, generator.normal(size=(9, 3)), 30, LENGTH, generator)
    chosen = tokens.key_tokens(generator.random(good.shape), 0.5)
    apart = tokens.counts(good, chosen, LETTERS, 2) - tokens.counts(bad, chosen, LETTERS, 2)

    def loss(logits):
        ratio = log_softmax(logits, axis=1) - (0 if free else reference)
        gap = (
            np.where(chosen, tokens.values(ratio, good), 0) - np.where(chosen, tokens.values(ratio, bad), 0)
        ).sum(axis=1)
        return -np.mean(np.log(expit(beta * gap)))

    start, after = islice(tokens.improved(reference, apart, rate, beta, without_reference=free), 2)
    numeric = np.zeros_like(reference)
    for cell in np.ndindex(*reference.shape):
        moved = np.zeros_like(reference)
        moved[cell] = 1e-5
        numeric[cell] = (loss(reference + moved) - loss(reference - moved)) / 2e-5
    # Logits and log probabilities differ by a constant in each row.
    step = after - start
    assert np.allclose(
        (step - step.mean(axis=1, keepdims=True)) / rate,
        -(numeric - numeric.mean(axis=1, keepdims=True)),
        atol=1e-4,
    )


@pytest.mark.parametrize(
    ("nats", "steps", "most", "count"), [(1e-9, 6, 60, 3), (0.03, 6, 600, None), (50.0, 6, 9, 4)]
)
def test_a_policy_is_followed_for_its_steps_and_on_to_the_distance(generator, nats, steps, most, count):
    reference, rewards = policy(generator), generator.normal(size=(9, 3))
    good, bad = tokens.pairs(reference, rewards, 30, LENGTH, generator)
    everything = np.ones(good.shape, dtype=bool)
    apart = tokens.counts(good, everything, LETTERS, 2) - tokens.counts(bad, everything, LETTERS, 2)
    made = list(islice(tokens.improved(reference, apart, 0.1), 601))
    path = tokens.followed(made, reference, rewards, LENGTH, nats, every=3, steps=steps, most=most)
    away = [tokens.earned(one, reference, rewards, LENGTH)[1] for one in made[::3]]
    count = count or int(np.argmax(np.array(away) >= nats)) + 1  # the distance is reached after the steps
    assert count > 2 and len(path) == count and np.allclose(path[:, 1], away[:count])


def test_reward_at_a_distance_lies_on_the_path():
    path = np.array([[0.0, 0.0], [1.0, 0.1], [3.0, 0.3]])
    assert tokens.at_distance(path, 0.2) == pytest.approx(2.0)
    with pytest.raises(ValueError, match="0.3 nats far and not 0.4"):
        tokens.at_distance(path, 0.4)
