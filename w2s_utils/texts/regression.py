"""Sets of texts with a number each: EmoBank, CLEAR, ASAP, French books and STS-B (`texts.sets` says which rows they hold)."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from ..data import datasets
from ..data.container import Dataset
from ..data.splits import DamagedFile
from .inputs import PAIR, pair
from .sets import LONG, SHORT, lines, made, numbers, table

NAMES = ("EmoBank", "CLEAR", "ASAP", "French books", "STS-B")

Paths = Mapping[str, Path]


def emobank(paths: Paths) -> Dataset:
    """Valence of sentences, as readers rate the writer's feeling: 1 unpleasant to 5 pleasant, means of several raters."""
    path = paths["text/EmoBank/table"]
    found = table(path, 10_062, ["V", "text"])
    valence = numbers(path, found["V"], 1, 5)
    return made("EmoBank", "EmoBank: valence of sentences", "rating", list(found["text"]), valence, SHORT)


def excerpts(path: Path) -> pd.DataFrame:
    """CLEAR's file: columns Excerpt, BT_easiness and License, which is empty where an excerpt has no licence of its own.

    Raises DamagedFile.
    """
    try:
        found = pd.read_excel(path, keep_default_na=False)[["Excerpt", "BT_easiness", "License"]]
    except KeyError as error:
        raise DamagedFile(f"{path.name} lacks a column: {error}") from error
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise DamagedFile(f"{path.name} cannot be read as a workbook ({error})") from error
    if len(found) != 4724:
        raise DamagedFile(f"{path.name} has {len(found)} rows where 4724 are due")
    return found


def clear(paths: Paths) -> Dataset:
    """How easy teachers find excerpts of 130 to 200 words: a Bradley-Terry coefficient, large is easy."""
    path = paths["text/CLEAR/table"]
    found = excerpts(path)
    easiness = numbers(path, found["BT_easiness"], -10, 10)
    texts = [str(text) for text in found["Excerpt"]]
    return made("CLEAR", "CLEAR: how easy an excerpt reads", "logit", texts, easiness, LONG)


ASAP_ROWS = (1783, 1800, 1726, 1772, 1805, 1800, 1569, 723)
"""Essays of prompts 1 to 8."""


def asap(paths: Paths) -> Dataset:
    """School essays on eight prompts; the score in standard deviations within its prompt, as each has a scale of its own.

    Quotes are not closed everywhere, so the file is read without them and one is taken from each end of an essay.
    """
    essays, scores = [], []
    for prompt, rows in enumerate(ASAP_ROWS, start=1):
        path = paths[f"text/ASAP/prompt{prompt}"]
        found = table(path, rows, ["essay", "domain1_score"], sep="\t", quoting=csv.QUOTE_NONE)
        score = numbers(path, found["domain1_score"], 0, 60)
        essays += [text.removeprefix('"').removesuffix('"') for text in found["essay"]]
        scores.append((score - score.mean()) / score.std())
    title = "ASAP: scores of essays, standardised within a prompt"
    return made("ASAP", title, "sd", essays, np.concatenate(scores), LONG)


FRENCH_ROWS = {"babelio": 9006, "critiqueslibres": 652}
MOST_STARS = 5.0


def french_books(paths: Paths) -> Dataset:
    """Readers' reviews of books in French, and their rating in stars, 0.5 to 5; three rows that say 5.5 are left out."""
    reviews, stars = [], []
    for site, rows in FRENCH_ROWS.items():
        path = paths[f"text/French books/{site}"]
        try:
            found = [json.loads(line) for line in lines(path, rows)]
            reviews += [str(one["reader_review"]) for one in found]
            values = [one["rating"] for one in found]
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, DamagedFile):
                raise
            raise DamagedFile(
                f"{path.name} is not reviews and ratings in lines of JSON ({error!r})"
            ) from error
        stars.append(numbers(path, values, 0.5, 5.5))
    rating = np.concatenate(stars)
    inside = rating <= MOST_STARS
    kept = [text for text, usable in zip(reviews, inside, strict=True) if usable]
    notes = (f"{np.sum(~inside)} ratings above {MOST_STARS:g} stars were left out",)
    title = "French books: stars of readers' reviews"
    return made("French books", title, "stars", kept, rating[inside], LONG, notes=notes)


STSB_ROWS = {"train": 5749, "dev": 1500, "test": 1379}


def stsb(paths: Paths) -> Dataset:
    """Pairs of English sentences and how much they mean the same, 0 to 5; an input is a pair (`inputs.PAIR`)."""
    pairs, scores = [], []
    for part, rows in STSB_ROWS.items():
        path = paths[f"text/STS-B/{part}"]
        found = table(
            path, rows, ["first", "second", "score"], header=None, names=["first", "second", "score"]
        )
        pairs += [pair(first, second) for first, second in zip(found["first"], found["second"], strict=True)]
        scores.append(numbers(path, found["score"], 0, 5))
    # Two sentences a row: half as many rows cost as much.
    data = made(
        "STS-B", "STS-B: how alike two sentences are", "score", pairs, np.concatenate(scores), SHORT // 2
    )
    sentences = [sentence for text in data.inputs for sentence in text.split(PAIR)]
    again = len(sentences) - len(set(sentences))
    note = f"{again} of {len(sentences):,} sentences stand in another pair too, which was left so"
    return Dataset(data.name, data.title, data.targets, data.unit, data.inputs, notes=(*data.notes, note))


for _name, _read in zip(NAMES, (emobank, clear, asap, french_books, stsb), strict=True):
    datasets.register(_name, _read)
