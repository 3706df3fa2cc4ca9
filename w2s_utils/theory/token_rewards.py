"""What preferences between whole sequences say about single tokens: DPO's optimum, exactly, by enumeration.

A decision process whose state is the prefix, with all n = ``tokens**steps`` sequences, the last token turning fastest; so a
table ``(n,)`` falls into equal blocks of those that begin alike, and what belongs to a prefix is a sum over its block.

Rewards r of sequences give preferences p(y over z) = 1 / (1 + exp(r_z - r_y)) (Bradley and Terry). For a policy pi, a
reference and beta > 0, DPO's loss depends on pi by u_y = beta log pi(y) / ref(y) alone, and is convex in u:

    L(u) = - mean over pairs of p(y over z) log sigma(u_y - u_z) + p(z over y) log sigma(u_z - u_y).        (1)

Its minimisers are u = r + constant, and sum ref exp(u / beta) = 1 leaves one: u = r - V, V = beta log sum ref exp(r / beta).
A policy is a product over tokens, so u is a sum of *token rewards* beta log pi(a | prefix) / ref(a | prefix), and

    token reward = r(prefix, a) + V(prefix, a) - V(prefix)                                                  (2)

for any split of r into rewards of tokens, V being the same logarithm over what is still to come (Yang et al. 2024, arXiv
2408.13518, state the sum). Splits that differ by a potential of prefixes, 0 at both ends, are told apart by no preference.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, log_expit, logsumexp

from .arrays import Array

STEPS = 100
STILL = 1e-13
"""Size of a step, in units of the largest reward, at which a fit ends."""


def preferences(rewards: ArrayLike) -> Array:
    """Probability ``(n, n)`` that the row's sequence is preferred to the column's, from rewards ``(n,)``."""
    r = np.asarray(rewards, dtype=np.float64)
    return np.asarray(expit(r[:, None] - r))


def preference_loss(u: ArrayLike, preferred: ArrayLike) -> tuple[float, Array]:
    """Equation (1) in nats, and its gradient ``(n,)``, for ``u (n,)`` and probabilities ``preferred (n, n)``, n >= 2."""
    values, p = np.asarray(u, dtype=np.float64), np.asarray(preferred, dtype=np.float64)
    apart, pairs = values[:, None] - values, len(values) * (len(values) - 1) / 2
    terms = p * log_expit(apart)
    return float(np.trace(terms) - terms.sum()) / pairs, (expit(apart) - p).sum(axis=1) / pairs


def fitted_rewards(preferred: ArrayLike) -> Array:
    """The minimiser ``(n,)`` of (1) with mean 0, by Newton's method with halved steps.

    ``preferred (n, n)``: of each pair the two probabilities add up to 1. Raises ValueError where they do not, or one is 0, for
    then there may be no minimiser; and where it was not found.
    """
    p = np.asarray(preferred, dtype=np.float64)
    count = len(p)
    if p.shape != (count, count) or count < 2 or not (np.abs(p + p.T - 1) <= 1e-9).all() or not (p > 0).all():
        raise ValueError("preferences are a square table of pairs of probabilities above 0 that add up to 1")
    u = np.zeros(count)
    for _ in range(STEPS):
        loss, gradient = preference_loss(u, p)
        weights = expit(u[:, None] - u)
        weights *= 1 - weights
        curvature = np.diag(weights.sum(axis=1)) - weights
        pairs = count * (count - 1) / 2
        # Along the constant, where (1) is flat, the added one's keep the mean where it is.
        step = -np.linalg.solve(curvature / pairs + 1 / count, gradient)
        length = 1.0
        while length > 1e-6 and preference_loss(u + length * step, p)[0] > loss + 1e-15:
            length /= 2
        u = u + length * step
        u -= u.mean()
        if np.abs(length * step).max() <= STILL * max(1.0, np.abs(u).max()):
            return u
    raise ValueError(f"no rewards were found in {STEPS} steps; some preference is nearly certain")


def by_token(log_sequences: ArrayLike, tokens: int) -> Array:
    """Logarithms ``(n, steps)`` of the probability of each token after its prefix, from those of the sequences ``(n,)``."""
    table = np.asarray(log_sequences, dtype=np.float64)
    seen = range(_steps(table, tokens) + 1)
    sums = [_spread(logsumexp(table.reshape(tokens**count, -1), axis=1), len(table)) for count in seen]
    return np.diff(np.stack(sums, axis=1), axis=1)


def soft_values(token_rewards: ArrayLike, log_reference: ArrayLike, beta: float, tokens: int) -> Array:
    """V of the prefix before each token, and 0 after the last: ``(n, steps + 1)``, from the end backwards, token by token.

    ``token_rewards``, ``log_reference (n, steps)``: reward and log probability of each token after its prefix.
    """
    table, log_ref = np.asarray(token_rewards, dtype=np.float64), np.asarray(log_reference, dtype=np.float64)
    count, steps = table.shape
    value = np.zeros(count)
    columns = [value]
    for seen in reversed(range(steps)):
        first = slice(
            None, None, tokens ** (steps - seen - 1)
        )  # one sequence for each prefix of seen + 1 tokens
        after = (table[first, seen] + value[first]) / beta + log_ref[first, seen]
        value = _spread(beta * logsumexp(after.reshape(-1, tokens), axis=1), count)
        columns.append(value)
    return np.stack(columns[::-1], axis=1)


def _steps(table: Array, tokens: int) -> int:
    return round(float(np.log(len(table)) / np.log(tokens)))


def _spread(prefixes: Array, count: int) -> Array:
    """A value for each prefix of one length, given to each of ``count`` sequences that begin with it."""
    return np.repeat(prefixes, count // len(prefixes))


def shaped(token_rewards: ArrayLike, potentials: ArrayLike, tokens: int) -> Array:
    """Other token rewards ``(n, steps)`` of the same sums: plus the potential after the token, less that before it.

    ``potentials``: one number for each prefix of 1 to steps - 1 tokens, shorter ones first; those of nothing and of the whole
    sequence are 0. Raises ValueError for another count of them.
    """
    table, flat = np.asarray(token_rewards, dtype=np.float64), np.asarray(potentials, dtype=np.float64)
    steps = table.shape[1]
    counts = [tokens**seen for seen in range(1, steps)]
    if flat.shape != (sum(counts),):
        raise ValueError(f"there are {sum(counts)} prefixes of 1 to {steps - 1} tokens, not {flat.shape}")
    inner = [_spread(part, len(table)) for part in np.split(flat, np.cumsum(counts)[:-1])]
    ends = np.zeros(len(table))
    return table + np.diff(np.stack([ends, *inner, ends], axis=1), axis=1)
