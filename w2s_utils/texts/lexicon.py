"""A teacher of another kind: VADER, words with the feeling that people gave them, and some rules (Hutto and Gilbert 2014).

It was trained on no label of ours and has no layer in common with a transformer. It is for English: of other languages it
knows names and emoji.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np

from ..theory.arrays import Array
from .inputs import checked

SCORES = ("neg", "neu", "pos", "compound")
"""Shares of negative, neutral and positive words, which add up to 1, and their sum squeezed into -1 to 1."""

MOST_CHARACTERS = 2000
"""What is read of a text: its time grows with the square of the length."""

INSTALL = "pip install vaderSentiment==3.3.2"


def missing() -> str:
    """Why the lexicon cannot be had, with the remedy; empty where it can."""
    return "" if find_spec("vaderSentiment") else f"the lexicon is not installed: {INSTALL}"


def scores(texts: Sequence[str]) -> Array:
    """SCORES of each text, ``(n, 4)``, no unit. Raises UnusableText, ImportError where `missing`."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    judge = SentimentIntensityAnalyzer()
    found = [judge.polarity_scores(text[:MOST_CHARACTERS]) for text in checked(texts)]
    return np.array([[one[score] for score in SCORES] for one in found], dtype=np.float64).reshape(
        -1, len(SCORES)
    )
