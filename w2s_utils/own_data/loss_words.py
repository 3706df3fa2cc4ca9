"""What a loss is called where an answer is said: the words of pages, terminals and pictures."""

from __future__ import annotations

from typing import NamedTuple

from ..theory.class_losses import ACCURACY, BRIER, LOG, SQUARED


class Words(NamedTuple):
    """``error``: the name of a mean error; ``unit``: what gains are in; ``axis``: the same below a picture; ``misfit``: what
    it is; ``about``: sentences on the error, for readers who have not asked for it."""

    error: str
    unit: str
    axis: str
    misfit: str
    about: str


WORDS = {
    SQUARED: Words(
        "squared error",
        "squared units of the target",
        "squared target units",
        "the mean squared difference of the two",
        "All errors are mean squares on rows that neither has seen.",
    ),
    ACCURACY: Words(
        "share of errors",
        "shares of rows",
        "share of rows",
        "the share of rows on which the two differ",
        "The error is the share of rows, none of which either has seen, whose most probable class is not the true one. Other "
        "losses: --loss brier, and of probabilities that exist already w2s certify --loss log.",
    ),
    BRIER: Words(
        "Brier score",
        "units of the Brier score, from 0 to 2",
        "Brier score",
        "the mean squared distance of their probabilities",
        "The error is the Brier score, on rows that neither has seen: squares of probability less truth, added up over "
        "classes, 0 to 2. "
        "A label counts as a probability of 1, so a student that doubts can gain over hard labels without a better decision; "
        "--loss accuracy asks for that.",
    ),
    LOG: Words(
        "log loss",
        "units of the log loss, natural logarithms",
        "log loss",
        "the divergence of their probabilities, as the student expects it",
        "The error is minus the logarithm of the probability of the true class, on rows that neither has seen.",
    ),
}
"""By loss."""
