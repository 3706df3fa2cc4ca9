"""Somebody's own data, with all true labels to look at afterwards: real sets of scikit-learn, and generated messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import runtime
from ..data.container import Dataset, Views
from ..theory.arrays import Array
from .columns import dataset
from .refusal import UnusableData


def example(name: str, revealed: int, seed: int) -> Dataset:
    """A real set that comes with scikit-learn, with ``revealed`` random rows as the labelled ones; all targets are there.

    ``diabetes``: 442 patients, progression of the disease after a year; strong, ten measurements; weak, a form with boxes:
    some of them as above or below the median, or by quarters. ``digits``: 1,797 images, the digit as a number; strong, all 64
    pixels; weak, squares of the image as inked or not. Rounding is what the strong view cannot copy. Raises UnusableData.
    """
    from sklearn import datasets

    makers = {"diabetes": _diabetes, "digits": _digits}
    if name not in makers:
        raise UnusableData(f"the embedded sets are {', '.join(makers)}, not {name!r}")
    loaded = makers[name](datasets)
    rows = len(loaded[0])
    if not 1 <= revealed <= rows:
        raise UnusableData(
            f"{name} has {rows} rows, so from 1 to {rows} labels can be revealed, not {revealed}"
        )
    known = np.sort(runtime.seed_stream(seed, "revealed", name).permutation(rows)[:revealed])
    targets, strong, weak, target = loaded
    return dataset(name, target, targets, known, Views(strong, weak))


def _diabetes(datasets: Any) -> tuple[Array, Array, dict[str, Array], str]:
    found = datasets.load_diabetes(scaled=False)
    column = dict(zip(found.feature_names, found.data.T, strict=True))

    def boxes(names: Sequence[str], cuts: Sequence[float]) -> Array:
        marks = [np.searchsorted(np.quantile(column[name], cuts), column[name]) for name in names]
        return np.column_stack(marks).astype(np.float64)

    weak = {
        "form, two boxes": boxes(["bmi", "bp", "s5"], [0.5]),
        "form, four boxes": boxes(["bmi", "bp", "s5"], [0.25, 0.5, 0.75]),
        "age and sex": boxes(["age", "sex"], [0.25, 0.5, 0.75]),
    }
    return found.target, found.data, weak, "progression after a year"


def _digits(datasets: Any) -> tuple[Array, Array, dict[str, Array], str]:
    found = datasets.load_digits()
    images = found.images

    def inked(side: int) -> Array:
        pooled = images.reshape(len(images), 8 // side, side, 8 // side, side).mean(axis=(2, 4))
        return (pooled > np.median(pooled, axis=0)).reshape(len(images), -1).astype(np.float64)

    weak = {"quarters inked": inked(4), "16 squares inked": inked(2)}
    return found.target.astype(np.float64), found.data, weak, "digit"


TOPICS = {
    "billing": (
        "charged twice",
        "the invoice",
        "my card was declined",
        "a wrong amount",
        "the payment",
        "a receipt",
    ),
    "delivery": (
        "the parcel",
        "still not arrived",
        "the courier",
        "the tracking number",
        "left at a neighbour",
        "late again",
    ),
    "returns": ("send it back", "a refund", "the wrong size", "it broke", "an exchange", "not as described"),
}
"""What people write about, by topic."""
OPENINGS = (
    "Hello,",
    "Hi there,",
    "Good morning.",
    "To whom it may concern,",
    "Hey 👋",
    "Third time I write:",
)
JOINS = ("and then", "because of", "about", "again", "with", "— also")
SLIPS = 0.25
"""Share of messages that also speak of another topic."""


def messages(rows: int = 3000, labelled: int = 200, seed: int = 0) -> dict[str, list[str]]:
    """Messages to a shop as columns ``text``, ``topic``, the true one in ``labelled`` random rows and else empty, and what two
    labellers say, stand-ins for language models: ``big`` is right in some 85 of 100 rows, ``small`` in 70, and where a card
    or a refund is spoken of it says billing.
    """
    draw, names = runtime.seed_stream(seed, "messages"), list(TOPICS)
    known = set(draw.permutation(rows)[:labelled].tolist())
    columns: dict[str, list[str]] = {name: [] for name in ("text", "topic", "big", "small")}
    for row in range(rows):
        topic, other = draw.choice(names, size=2, p=[0.4, 0.35, 0.25])
        told = [str(one) for one in draw.choice(TOPICS[str(topic)], size=2, replace=False)]
        if draw.random() < SLIPS:
            told[1] = str(draw.choice(TOPICS[str(other)]))
        text = f"{draw.choice(OPENINGS)} {told[0]} {draw.choice(JOINS)} {told[1]}, order {draw.integers(10**4, 10**5)}."
        big = topic if draw.random() < 0.8 else draw.choice(names)
        small = topic if draw.random() < 0.6 else draw.choice(names)
        small = "billing" if "card" in text or "refund" in text else small
        columns["text"].append(text)
        columns["topic"].append(str(topic) if row in known else "")
        columns["big"].append(str(big))
        columns["small"].append(str(small))
    return columns
