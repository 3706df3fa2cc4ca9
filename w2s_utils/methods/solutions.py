"""An audit of published weak solutions: are answers on which two sources agree more often right, and of which questions?

Yang, Ma and Liu (2024, arXiv 2407.13647) let a strong model learn from those solutions of a weak one whose answer it gives
itself, too, after some solved examples. Their repository, GAIR-NLP/weak-to-strong-reasoning, has the weak solutions of GSM8K's
questions and those that were kept, so that this filter can be judged without any model. The files have no licence: nothing of
them stands here, and a folder that somebody has is read where it lies, in that repository's layout:

    data/raw/gsm8k/train_2.jsonl: question and answer, a line each, in the order that ``id`` counts from 0 in
    data/llama_factory/gsm8k/train_gsm8k_<model>_full_weak.json: content, output, of all questions; and in
    data/llama_factory/gsm8k/train_gsm8k_<model>_iter1_weak.json: those of the questions that were kept.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..data.splits import DamagedFile
from ..theory import intervals

MODELS = ("gemma_2b", "llama2_7b", "mistral_7b")
QUESTIONS = "data/raw/gsm8k/train_2.jsonl"
TUNING = "data/llama_factory/gsm8k/train_gsm8k_{model}_{which}.json"
GROUPS = {"1 to 2": (1, 2), "3 to 4": (3, 4), "5 or more": (5, 10**6)}
"""Questions by the steps of their true solution, its lines before the answer."""


@dataclass(frozen=True)
class Solutions:
    """Of n questions: ``steps (n,)`` of the true solution, the ``true`` answers, the ``weak`` ones, which were ``kept (n,)``.

    Answers are numbers as text in lowest terms, empty where there is none.
    """

    steps: NDArray[np.intp]
    true: NDArray[np.str_]
    weak: NDArray[np.str_]
    kept: NDArray[np.bool_]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each weak answer is the true one."""
        return (self.weak == self.true) & (self.weak != "")


def answer(solution: str) -> str:
    """The number that stands after the last ``####``, behind its equals sign if there is one, in lowest terms; or nothing."""
    _, mark, tail = solution.rpartition("####")
    line = tail.strip().split("\n")[0].rpartition("=")[2]
    found = re.search(r"-?\d*\.?\d+(/\d+)?", re.sub(r"[,$€£\s]", "", line)) if mark else None
    try:
        return str(Fraction(found.group())) if found else ""
    except (ValueError, ZeroDivisionError):
        return ""


def read(folder: Path, model: str) -> Solutions:
    """The solutions of one of MODELS from a checkout of the repository.

    Raises FileNotFoundError for a missing file, DamagedFile for one of another form or with questions not of QUESTIONS.
    """
    asked = [
        _fields(line, QUESTIONS, "question", "answer")
        for line in _text(folder / QUESTIONS).splitlines()
        if line.strip()
    ]
    files = {which: TUNING.format(model=model, which=which) for which in ("full_weak", "iter1_weak")}
    weak, kept = ({one[0]: one for one in _items(folder, file)} for file in files.values())
    for file, found in zip(files.values(), (weak, kept), strict=True):
        wrong = [
            k for k, content, _ in found.values() if not 0 <= k < len(asked) or asked[k][0] not in content
        ]
        if wrong:
            raise DamagedFile(f"{file} has for id {wrong[0]} another question than {QUESTIONS}")
    if set(weak) != set(range(len(asked))):
        raise DamagedFile(f"{files['full_weak']} has {len(weak)} solutions of {len(asked)} questions")
    return Solutions(
        steps=np.array(
            [
                len([line for line in solution.partition("####")[0].split("\n") if line.strip()])
                for _, solution in asked
            ]
        ),
        true=np.array([answer(solution) for _, solution in asked]),
        weak=np.array([answer(weak[k][2]) for k in range(len(asked))]),
        kept=np.isin(np.arange(len(asked)), list(kept)),
    )


def rise(right: ArrayLike, kept: ArrayLike) -> intervals.Interval:
    """Share of right answers among those kept, less that among the others; from independent questions, both ``(n,)``.

    The two shares have Clopper and Pearson's intervals, at the level at which both hold. Raises ValueError where all or none
    are kept.
    """
    good, chosen = np.asarray(right, dtype=bool), np.asarray(kept, dtype=bool)
    level = intervals.joint(2)
    ins, outs = (intervals.share(int(good[some].sum()), int(some.sum()), level) for some in (chosen, ~chosen))
    return intervals.Interval(ins.estimate - outs.estimate, ins.low - outs.high, ins.high - outs.low)


def rows(found: Solutions, kept: NDArray[np.bool_], **keys: Any) -> list[dict[str, Any]]:
    """For all questions, and for each of GROUPS with any: how many, the share ``kept``, shares of right answers.

    ``right``: of all; ``right_kept`` and ``right_dropped``: NaN where there is none. ``keys`` come first.
    """
    made = []
    for group, (low, high) in {"all": (0, 10**6), **GROUPS}.items():
        some = (found.steps >= low) & (found.steps <= high)
        if some.any():
            means = {
                name: found.right[part].mean() if part.any() else np.nan
                for name, part in (
                    ("right", some),
                    ("right_kept", some & kept),
                    ("right_dropped", some & ~kept),
                )
            }
            made.append(
                {**keys, "steps": group, "questions": int(some.sum()), "kept": kept[some].mean(), **means}
            )
    return made


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DamagedFile(f"{path.name} is not UTF-8 text ({error})") from error


def _fields(text: str, file: str, *names: str) -> list[Any]:
    try:
        row = json.loads(text)
        return [row[name] for name in names]
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFile(f"{file} has a line without {' and '.join(names)} ({error!r})") from error


def _items(folder: Path, file: str) -> list[tuple[int, str, str]]:
    """Id, content and output of each solution of a file."""
    try:
        return [
            (int(one["id"]), str(one["content"]), str(one["output"]))
            for one in json.loads(_text(folder / file))
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFile(f"{file} is no list of id, content and output ({error!r})") from error
