"""The sets of Burns et al.'s released code on the hub, each turned into yes-or-no questions as it does, at pinned revisions.

| name | repository | revision | where the pin was seen |
| --- | --- | --- | --- |
| `sciq` | allenai/sciq | 2c94ad3e1aafab77146f384e23536f97a4849815 | many public programs |
| `boolq` | google/boolq | 35b264d03638db9f4ce671b711558bf7ff0f80d5 | many public programs |
| `cosmos_qa` | allenai/cosmos_qa | ed50fe83db62b355759053b1cd5eef344ee371e0 | two public programs |
| `amazon_polarity` | fancyzhx/amazon_polarity | c63175c691dc8edb840a88886f26dfebc747b902 | one author's programs |

The last two are commits of the hub's own conversion to Parquet (its branch `refs/convert/parquet`): what is written in Python
there is no longer run by `datasets`. **None of the four could be downloaded where this was written**, which reaches no hub:
pins and names of files are what others' programs say. A pin that is wrong ends in a sentence, never in other data.

Facts of the released code that are kept: sciq is "Q: … A: …" with the right answer or one of three wrong ones, evenly, and the
class is whether it is right; cosmos_qa is likewise, below its context, but a "none of the above" is never drawn as the right
answer; boolq asks its question below its passage; amazon_polarity is title and review. Test rows are those of `test`, of boolq
and cosmos_qa of `validation`, as their test labels are not public. Two things differ: answers are drawn once by our own
generator, the same for every seed, and of amazon_polarity the first quarter of the training rows is read alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import runtime
from ..data.container import Dataset
from ..own_data.refusal import UnusableData
from .settings import check_installed

Record = Mapping[str, Any]
Question = Callable[[Record, np.random.Generator], tuple[str, int]]
"""From a row and a generator to a text and its class, 0 or 1."""

NONE_OF_THEM = "None of the above choices"


@dataclass(frozen=True)
class HubSet:
    """``repository`` at a ``revision``, files of the ``train`` and ``test`` rows, their ``title``, the names of the two
    ``classes``, and how a row becomes a ``question``."""

    repository: str
    revision: str
    train: str
    test: str
    title: str
    classes: tuple[str, str]
    question: Question


def sciq(row: Record, draws: np.random.Generator) -> tuple[str, int]:
    """A question of science with an answer: is it right?"""
    right = int(draws.random() < 0.5)
    wrong = row[f"distractor{draws.integers(1, 4)}"]
    return f"Q: {row['question']} A: {row['correct_answer'] if right else wrong}", right


def boolq(row: Record, draws: np.random.Generator) -> tuple[str, int]:
    """A passage and a question about it: is the answer yes?"""
    return f"Passage: {row['passage']}\nQuestion: {row['question']}", int(row["answer"])


def cosmos_qa(row: Record, draws: np.random.Generator) -> tuple[str, int]:
    """A story, a question and an answer: is it right? Never "none of the above" as the right one."""
    answers = [str(row[f"answer{place}"]) for place in range(4)]
    true = answers[int(row["label"])]
    right = 0 if NONE_OF_THEM in true else int(draws.random() < 0.5)
    wrong = [one for one in answers if one != true]
    answer = true if right else wrong[int(draws.integers(len(wrong)))]
    return f"Context: {row['context']}\nQuestion: {row['question']}\nAnswer: {answer}", right


def amazon_polarity(row: Record, draws: np.random.Generator) -> tuple[str, int]:
    """A review with its title: is it favourable?"""
    return f"{row['title']} {row['content']}", int(row["label"])


_RIGHT = ("wrong", "right")
HUB_SETS = {
    "sciq": HubSet(
        "allenai/sciq",
        "2c94ad3e1aafab77146f384e23536f97a4849815",
        "data/train-00000-of-00001.parquet",
        "data/test-00000-of-00001.parquet",
        "SciQ: is the answer to a question of science right?",
        _RIGHT,
        sciq,
    ),
    "boolq": HubSet(
        "google/boolq",
        "35b264d03638db9f4ce671b711558bf7ff0f80d5",
        "data/train-00000-of-00001.parquet",
        "data/validation-00000-of-00001.parquet",
        "BoolQ: is the answer to a question about a passage yes?",
        ("no", "yes"),
        boolq,
    ),
    "cosmos_qa": HubSet(
        "allenai/cosmos_qa",
        "ed50fe83db62b355759053b1cd5eef344ee371e0",
        "default/train/0000.parquet",
        "default/validation/0000.parquet",
        "CosmosQA: is the answer to a question about a story right?",
        _RIGHT,
        cosmos_qa,
    ),
    "amazon_polarity": HubSet(
        "fancyzhx/amazon_polarity",
        "c63175c691dc8edb840a88886f26dfebc747b902",
        "amazon_polarity/train/0000.parquet",
        "amazon_polarity/test/0000.parquet",
        "Amazon polarity: is a review favourable?",
        ("negative", "positive"),
        amazon_polarity,
    ),
}


def load(name: str) -> Dataset:
    """One of HUB_SETS with its split ``source``.

    Raises UnusableData where no hub answers, WrongSettings where `datasets` is not installed.
    """
    check_installed("datasets")
    from datasets import load_dataset
    from datasets.utils.logging import set_verbosity_error

    one = HUB_SETS[name]
    set_verbosity_error()
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)  # each try of several that fail
    try:
        found = load_dataset(
            one.repository, revision=one.revision, data_files={"train": one.train, "test": one.test}
        )
    except (
        Exception
    ) as error:  # a hub without an answer, or another one than is known, can fail in nearly any way
        raise UnusableData(
            f"{name} cannot be had: {one.repository} at revision {one.revision[:8]} gave {type(error).__name__}; try again "
            "with a network, without one give a file of your own with the columns text and label"
        ) from error
    return questions(name, {part: found[part] for part in ("train", "test")})


def questions(name: str, rows: Mapping[str, Any]) -> Dataset:
    """A set of HUB_SETS from the records of its parts ``train`` and ``test``. Rows without a text or a class are left out."""
    one = HUB_SETS[name]
    texts: list[str] = []
    targets: list[int] = []
    splits, left_out = {}, 0
    for part in ("train", "test"):
        draws, start = runtime.seed_stream(0, "questions", name, part), len(texts)
        for row in rows[part]:
            text, answer = one.question(row, draws)
            if not text.strip() or answer not in (0, 1):
                left_out += 1
                continue
            texts.append(text)
            targets.append(answer)
        splits[part] = np.arange(start, len(texts))
    notes = [f"{one.repository} at revision {one.revision}"]
    if left_out:
        notes.append(f"{left_out} rows without a text or a class were left out")
    return Dataset(
        name,
        one.title,
        np.array(targets, dtype=np.float64),
        inputs=tuple(texts),
        splits={"source": splits},
        notes=tuple(notes),
        classes=one.classes,
    )
