"""Worlds of probabilities whose truth is in the strong class: mixtures of softmax heads, or one softmax head."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from ..heads.logistic import LogisticHead
from ..theory.arrays import Array
from ..theory.divergences import Divergence

INPUTS, HIDDEN, SEEN = 6, 16, 3
NETWORK = (3072, 50, 50)
SPARSE = 0.05
"""Dirichlet parameter of the truth's weights: a few heads have nearly all of them."""


@dataclass(frozen=True)
class World:
    """n rows: ``features (n, d)`` of the strong heads, ``truth`` and ``weak`` model, ``(n, c)`` or ``(n,)``, and the hull.

    ``functions (k, n, c)`` or ``(k, n)``: the corners of the strong class, none where that is one softmax head.
    """

    features: Array
    truth: Array
    weak: Array
    functions: Array | None = None

    def part(self, divergence: Divergence) -> World:
        """What a divergence takes: the probabilities, or of single numbers the probability of the first class."""
        if divergence.joint or self.functions is None:
            return self
        return World(self.features, self.truth[:, 0], self.weak[:, 0], self.functions[:, :, 0])

    def rows(self, some: slice) -> World:
        """The same functions on some of the rows."""
        functions = None if self.functions is None else self.functions[:, some]
        return World(self.features[some], self.truth[some], self.weak[some], functions)


def mixture_world(stream: np.random.Generator, rows: int, heads: int, classes: int, fitted: int) -> World:
    """The strong class is the hull of random softmax heads on 16 tanh units, and the truth is in it.

    The weak model is the softmax head on 3 of the 6 inputs that is nearest to the truth in forward KL on the first ``fitted``
    rows.
    """
    inputs = stream.normal(size=(rows, INPUTS))
    hidden = np.tanh(inputs @ stream.normal(size=(INPUTS, HIDDEN)))
    logits = np.einsum("nd,kdc->knc", hidden, stream.normal(size=(heads, HIDDEN, classes)))
    functions = softmax(logits, axis=2)
    truth = np.tensordot(stream.dirichlet(np.full(heads, SPARSE)), functions, 1)
    seen = inputs[:, :SEEN]
    weak = LogisticHead(1e-6).fit(seen[:fitted], truth[:fitted])
    return World(hidden, truth, weak.predict_proba(seen), functions)


def head_world(stream: np.random.Generator, rows: int, classes: int) -> World:
    """The strong class is one softmax head on 6 inputs, and the truth is in it; the weak model has bent logits and noise."""
    inputs = stream.normal(size=(rows, INPUTS))
    logits = inputs @ stream.normal(size=(INPUTS, classes)) + stream.normal(size=classes)
    bent = (inputs**2 - 1) @ stream.normal(size=(INPUTS, classes)) / 4
    noise = stream.normal(size=logits.shape) / 4
    return World(inputs, softmax(logits, axis=1), softmax(0.7 * logits + bent + noise, axis=1))


def half_hidden_worlds(
    stream: np.random.Generator, rows: int, classes: int, taught: int
) -> dict[bool, World]:
    """Two worlds of random ReLU networks 3072-50-50, as Mulgund and Pabbaraju describe theirs; by whether it holds the truth.

    The strong heads see the last units of one network. True: the truth is a softmax head of these units, and the weak model
    sees them with half of the inputs at 0. False: half of the truth's logits come from another network, and the weak model
    sees that one with half of the inputs at 0, so it knows of what the student cannot say. The weak model is nearest to the
    truth on the first ``taught`` rows, with a small penalty. Scales are ours: units are centred one by one and divided by one
    number, the standard deviation of all units together before that, and logits of one network have a standard deviation of 2.
    """
    inputs = stream.standard_normal(size=(rows, NETWORK[0]), dtype=np.float32)  # some 100 MB are enough
    ours, other = ([_layer(stream, a, b) for a, b in pairwise(NETWORK)] for _ in range(2))
    shown = inputs.copy()
    shown[:, NETWORK[0] // 2 :] = 0
    strong, besides = _units(inputs, ours), _units(inputs, other)
    own, others = (_logits(units, stream, classes) for units in (strong, besides))
    worlds = {}
    for inside, logits, seen in (
        (True, own, _units(shown, ours)),
        (False, (own + others) / np.sqrt(2), _units(shown, other)),
    ):
        truth = softmax(logits, axis=1)
        weak = LogisticHead(1e-3).fit(seen[:taught], truth[:taught])
        worlds[inside] = World(strong, truth, weak.predict_proba(seen))
    return worlds


def _layer(stream: np.random.Generator, width: int, units: int) -> NDArray[np.float32]:
    return np.sqrt(2 / width, dtype=np.float32) * stream.standard_normal(
        size=(width, units), dtype=np.float32
    )


def _units(inputs: NDArray[np.float32], layers: list[NDArray[np.float32]]) -> Array:
    for layer in layers:
        inputs = np.maximum(inputs @ layer, 0)
    units = inputs.astype(np.float64)
    return np.asarray((units - units.mean(axis=0)) / units.std())


def _logits(units: Array, stream: np.random.Generator, classes: int) -> Array:
    logits = units @ stream.normal(size=(units.shape[1], classes))
    return np.asarray(2 * logits / logits.std())
