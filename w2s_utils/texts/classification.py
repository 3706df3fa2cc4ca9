"""Sets of texts with a class each: SST-2, SST-5, TREC-6 and AG News (`texts.sets` says which rows they hold)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from ..data import datasets
from ..data.container import Dataset
from ..data.splits import DamagedFile
from .sets import SHORT, lines, made, numbers, table

Paths = Mapping[str, Path]

LABELLED = {
    "SST-2": (
        "SST-2: feeling of sentences from film reviews",
        ("negative", "positive"),
        {"train": 6920, "dev": 872, "test": 1821},
        "utf-8",
    ),
    "SST-5": (
        "SST-5: feeling of sentences from film reviews, in five steps",
        ("very negative", "negative", "neutral", "positive", "very positive"),
        {"train": 8544, "dev": 1101, "test": 2210},
        "utf-8",
    ),
    "TREC-6": (
        "TREC-6: what a question asks for",
        ("description", "entity", "abbreviation", "human", "location", "number"),
        {"train": 5452, "test": 500},
        "latin-1",
    ),
}
"""Sets of lines "number text": title, classes by number, lines of each file, encoding."""

NAMES = (*LABELLED, "AG News")


def labelled_lines(name: str, paths: Paths) -> Dataset:
    """A set of LABELLED. Raises DamagedFile for a line that is no class number, a blank and a text."""
    title, classes, parts, encoding = LABELLED[name]
    texts, labels = [], []
    for part, rows in parts.items():
        path = paths[f"text/{name}/{part}"]
        for line in lines(path, rows, encoding):
            label, blank, text = line.partition(" ")
            if not blank or label not in map(str, range(len(classes))):
                raise DamagedFile(
                    f"{path.name} has a line without a class from 0 to {len(classes) - 1} and a text: {line[:40]!r}"
                )
            texts.append(text)
            labels.append(int(label))
    return made(name, title, "", texts, np.array(labels, dtype=np.float64), SHORT, classes)


AG_CLASSES = ("world", "sports", "business", "science and technology")


def ag_news(paths: Paths) -> Dataset:
    """Titles and first sentences of news, the test part of AG News alone; a backslash stands for a line end there."""
    path = paths["text/AG News/test"]
    columns = ["class", "title", "description"]
    found = table(path, 7600, columns, header=None, names=columns)
    texts = [
        f"{title}. {description}".replace("\\", " ")
        for title, description in zip(found["title"], found["description"], strict=True)
    ]
    labels = numbers(path, found["class"], 1, len(AG_CLASSES)) - 1
    return made("AG News", "AG News: subject of news", "", texts, labels, SHORT, AG_CLASSES)


for _name in LABELLED:
    datasets.register(_name, partial(labelled_lines, _name))
datasets.register("AG News", ag_news)
