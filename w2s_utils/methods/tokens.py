"""Tables of letters as policies: preference optimisation on all tokens or on some, with expected rewards that are exact.

A policy of order k >= 1 says the next of ``letters`` letters by the last k, as logarithms ``(letters**k, letters)``; before
the first letter of a text stand k times letter 0. Texts of one length come in pairs, one of them preferred. A pair moves a
policy by the log ratios of its tokens, which are counts of (context, letter) times the log ratio of each:

    loss = mean over pairs of - log sigma(beta * sum of counts of the preferred less the other's, times log pi / ref),   (1)

DPO's loss if all tokens count, and one for selected tokens if the others count 0. Reward is paid by (context, letter), so
what a policy earns, and how far it is from the reference, follow from the distribution of contexts: no text is drawn for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, log_softmax, logsumexp

from ..theory.arrays import Array

Texts = NDArray[np.intp]


def order_of(policy: Array) -> int:
    """How many letters a policy looks back."""
    return round(np.log(len(policy)) / np.log(policy.shape[1]))


def contexts(texts: Texts, letters: int, order: int) -> Texts:
    """Numbers of the contexts ``(m, length)`` of each letter of ``texts (m, length)``."""
    count, length = texts.shape
    padded = np.hstack([np.zeros((count, order), dtype=np.intp), texts])
    found = np.zeros((count, length), dtype=np.intp)
    for back in range(order):
        found = found * letters + padded[:, back : back + length]
    return found


def drawn(policy: Array, count: int, length: int, generator: np.random.Generator) -> Texts:
    """``count`` texts of a policy, ``(count, length)``."""
    letters, bounds = policy.shape[1], np.exp(policy).cumsum(axis=1)
    texts, context = np.empty((count, length), dtype=np.intp), np.zeros(count, dtype=np.intp)
    for place in range(length):
        # The last bound may fall short of 1 by round-off.
        found = (generator.random(count)[:, None] > bounds[context, :-1]).sum(axis=1)
        texts[:, place], context = found, (context * letters + found) % len(policy)
    return texts


def pairs(
    reference: Array, rewards: Array, count: int, length: int, generator: np.random.Generator
) -> tuple[Texts, Texts]:
    """``count`` pairs of texts of the reference, preferred ones and others: Bradley and Terry's choice by total reward."""
    one, other = (drawn(reference, count, length, generator) for _ in range(2))
    better = values(rewards, one).sum(axis=1) - values(rewards, other).sum(axis=1)
    first = generator.random(count)[:, None] < expit(better)[:, None]
    return np.where(first, one, other), np.where(first, other, one)


def values(table: Array, texts: Texts) -> Array:
    """The entry of a table ``(letters**k, letters)`` at each letter, ``(m, length)``: its reward, or its log probability."""
    return np.asarray(table[contexts(texts, table.shape[1], order_of(table)), texts])


def visits(policy: Array, length: int) -> Array:
    """Expected count of each (context, letter) in a text of the policy, ``(letters**k, letters)``; together ``length``."""
    letters, chance = policy.shape[1], np.exp(policy)
    state, found = np.zeros(len(policy)), np.zeros_like(policy)
    state[0] = 1.0
    for _ in range(length):
        moved = state[:, None] * chance
        found += moved
        state = moved.reshape(letters, -1).sum(axis=0)
    return found


def shorter(policy: Array, order: int, length: int) -> Array:
    """The policy of a lower ``order`` >= 1 with the same pairs of context and letter in its texts, in the mean over a text."""
    letters = policy.shape[1]
    seen = visits(policy, length).reshape(-1, letters**order, letters).sum(axis=0)
    return np.asarray(np.log(seen / seen.sum(axis=1, keepdims=True)))


def longer(table: Array, order: int) -> Array:
    """The same policy or reward, written with the contexts of a higher ``order``."""
    return np.tile(table, (table.shape[1] ** order // len(table), 1))


def earned(policy: Array, reference: Array, rewards: Array, length: int) -> tuple[float, float]:
    """Expected reward of a text, and KL(policy || reference) of texts in nats; all three tables ``(letters**k, letters)``."""
    seen = visits(policy, length)
    return float(np.sum(seen * rewards)), float(np.sum(seen * (policy - reference)))


def optimum(reference: Array, rewards: Array, length: int, nats: float) -> float:
    """The largest expected reward of any policy at KL ``nats`` > 0 from the reference, whatever it looks back at.

    It tilts the probability of each text by exp(eta * reward); eta is found by bisection.
    """

    def tilted(eta: float) -> tuple[float, float]:
        letters = rewards.shape[1]
        following = (np.arange(len(rewards))[:, None] * letters + np.arange(letters)) % len(rewards)
        log_sum, reward = np.zeros(len(rewards)), np.zeros(len(rewards))
        for _ in range(length):
            exponents = reference + eta * rewards + log_sum[following]
            chance = np.exp(log_softmax(exponents, axis=1))
            reward = np.sum(chance * (rewards + reward[following]), axis=1)
            log_sum = logsumexp(exponents, axis=1)
        return float(reward[0]), float(eta * reward[0] - log_sum[0])

    top = 1.0
    while tilted(top)[1] < nats and top < 1e6:
        top *= 2
    return tilted(brentq(lambda eta: tilted(eta)[1] - nats, 0.0, top, xtol=1e-10))[0]


def key_tokens(scores: Array, share: float) -> NDArray[np.bool_]:
    """Which letters of each text are its ``share`` of highest ``scores (m, length)``: one at least, of ties the first."""
    count = max(1, round(share * scores.shape[1]))
    places = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    chosen = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(chosen, places, True, axis=1)
    return chosen


def counts(texts: Texts, chosen: NDArray[np.bool_], letters: int, order: int) -> Array:
    """How often each (context, letter) stands among the ``chosen`` letters of each text: ``(m, letters**order * letters)``."""
    cells = letters ** (order + 1)
    places = np.arange(len(texts))[:, None] * cells + contexts(texts, letters, order) * letters + texts
    return np.bincount(places[chosen], minlength=len(texts) * cells).reshape(len(texts), cells).astype(float)


def improved(
    reference: Array, differences: Array, rate: float, beta: float = 1.0, without_reference: bool = False
) -> Iterator[Array]:
    """Policies on the way down (1) by gradient descent of the logits, one a step and without end; the reference is the first.

    ``differences (pairs, cells)``: `counts` of the preferred texts less those of the others; ``without_reference``: log pi
    takes the place of log pi / ref in (1), and the reference is no more than the start.
    """
    known = np.zeros_like(reference) if without_reference else reference
    logits, policy = reference, reference
    while True:
        yield policy
        margins = beta * differences @ (policy - known).ravel()
        pulls = (beta * expit(-margins) @ differences / len(differences)).reshape(policy.shape)
        logits = logits + rate * (pulls - np.exp(policy) * pulls.sum(axis=1, keepdims=True))
        policy = log_softmax(logits, axis=1)


def followed(
    policies: Iterable[Array],
    reference: Array,
    rewards: Array,
    length: int,
    nats: float,
    *,
    every: int,
    steps: int,
    most: int,
) -> Array:
    """What each ``every``-th of ``policies`` has `earned`, (reward, KL) ``(k, 2)``: ``steps`` steps, and on to KL ``nats``.

    It ends after ``most`` steps in any case; `at_distance` refuses a path that has not come so far by then.
    """
    found: list[tuple[float, float]] = []
    for policy in islice(policies, 0, most + 1, every):
        found.append(earned(policy, reference, rewards, length))
        if len(found) > steps // every and max(away for _, away in found) >= nats:
            break
    return np.array(found)


def at_distance(path: Array, nats: float) -> float:
    """Expected reward where a path of (reward, KL) ``(steps, 2)`` from KL 0 first is ``nats`` > 0 away.

    Raises ValueError where it never is: a policy that is left out for that would be left out by its result.
    """
    if path[:, 1].max() < nats:
        raise ValueError(
            f"a policy came {path[:, 1].max():.3g} nats far and not {nats:g}: let it take more steps"
        )
    last = int(np.argmax(path[:, 1] >= nats))
    before, after = path[last - 1], path[last]
    return float(before[0] + (nats - before[1]) / (after[1] - before[1]) * (after[0] - before[0]))
