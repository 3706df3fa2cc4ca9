"""The protocol in stages: teacher, students, ceiling, and the strong model alone, each a folder with what it said.

A stage's folder is named by its role, its seed and a key of all that its result depends on: the files of its model, the texts
and labels that it learns from, the texts that it is asked, how it learns, CPU or GPU. Its last file, ``done.json``, has the
sha256 of the others, and ``lock`` keeps a second run out. So a run that was killed goes on where it stopped, a changed setting
does again what depends on it and nothing else, and a stage whose folder was deleted, or whose files were edited, is done
again alone. The teacher's labels of half 2 are the file ``labels.csv`` there.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import runtime
from ..data.container import Dataset
from ..experiments.classification import Judgements, judged_rows
from ..experiments.protocol import Parts
from ..methods.confidence import NAIVE
from ..molecules import checkpoints
from ..theory.arrays import Array
from . import folders, models
from .reading import parts_of
from .settings import Settings, rate_of
from .training import Device, Recipe, device_of, fit, is_first, say

TEACHER, STUDENT, CEILING, ALONE = "teacher", "student", "ceiling", "alone"
ROLES = (TEACHER, STUDENT, CEILING, ALONE)
VERSION = 1
"""Raised where a change of the code makes other numbers of the same settings."""
LABELS, JUDGED, DONE, LOCK = "labels.csv", "judged.csv", "done.json", "lock"
"""What a stage says of half 2, a teacher only, and of the judged rows; its stamp; and what the one at work in it holds."""


class StageTaken(RuntimeError):
    """Another process is at work in a stage's folder."""


@dataclass(frozen=True)
class Said:
    """What one model said: ``judged (m, c)`` of the judged rows and, a teacher, ``labels (n, c)`` of half 2; ``about``: its
    stamp."""

    judged: Array
    labels: Array | None
    about: Mapping[str, Any]


@dataclass(frozen=True)
class Trial:
    """One seed: who used which rows, and what all said of the judged ones."""

    parts: Parts
    judgements: Judgements
    about: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Run:
    """All seeds of ``settings`` on ``data``: a trial each, and ``rows`` as of `classification.judged_rows`.

    A row has the names of data and models, seed and ``method`` (the student's loss); ``loss``, the measure, and its numbers.
    """

    settings: Settings
    data: Dataset
    trials: Mapping[int, Trial]
    rows: list[dict[str, Any]] = field(repr=False)


def run(settings: Settings, data: Dataset, folder: Path, quiet: bool = False) -> Run:
    """The whole protocol for every seed; stages that are done in ``folder`` are read. Raises as `Stages.said`."""
    stages = Stages(settings, data, folder, quiet)
    trials = {seed: stages.trial(seed) for seed in settings.all_seeds}
    names = {"data": data.name, "strong": short(settings.strong)}
    rows = [
        {"method" if key == "handed" else key: value for key, value in row.items()}
        for seed, one in trials.items()
        for row in judged_rows(one.judgements, **names, seed=seed)
    ]
    return Run(settings, data, trials, rows)


def short(model: str) -> str:
    """The name of a model in a table: the last part of a folder or of a hub's name."""
    return Path(os.path.abspath(model.partition("@")[0])).name or model


class Stages:
    """What the protocol trains, done once in ``folder``: see the module."""

    def __init__(self, settings: Settings, data: Dataset, folder: Path, quiet: bool = False):
        self.settings, self.data, self.folder, self.quiet = settings, data, folder, quiet
        self.device: Device = device_of(settings.device)
        self.places = {
            name: folders.located(name) for name in dict.fromkeys((settings.weak, settings.strong))
        }
        numbers = data.targets.astype(np.intp)
        self.truth = np.asarray(numbers[:, None] == np.arange(len(data.classes)), dtype=np.float64)

    def trial(self, seed: int) -> Trial:
        """Teacher, students, ceiling and the strong model alone of one seed. Raises as `said`."""
        parts = parts_of(self.data, self.settings, seed)
        weak = short(self.settings.weak)
        teacher = self.said(TEACHER, seed, parts)
        students = {method: self.said(STUDENT, seed, parts, method) for method in self.settings.methods}
        ceiling, alone = self.said(CEILING, seed, parts), self.said(ALONE, seed, parts)
        found = Judgements(
            truth=self.truth[parts.evaluation],
            weak={weak: teacher.judged},
            students={(weak, method): one.judged for method, one in students.items()},
            ceiling=ceiling.judged,
            alone=alone.judged,
        )
        about = {TEACHER: teacher.about, CEILING: ceiling.about, ALONE: alone.about}
        about |= {f"{STUDENT}, {method}": one.about for method, one in students.items()}
        return Trial(parts, found, about)

    def said(self, role: str, seed: int, parts: Parts, method: str = NAIVE) -> Said:
        """What one of ROLES says; a student learns from its teacher's labels by the loss ``method``.

        Raises UnusableModel, NotEnoughMemory, NotFinite, StageTaken, `checkpoints.UnusableCheckpoint`, WrongSettings and
        UnusableData.
        """
        settings = self.settings
        weak = role == TEACHER
        rows = parts.weak_train if role in (TEACHER, ALONE) else parts.student_train
        labels = self.truth[rows]
        if role == STUDENT:
            soft = self.said(TEACHER, seed, parts).labels
            assert soft is not None
            labels = soft
        place = self.places[settings.weak if weak else settings.strong]
        rate = settings.rate_weak if weak else settings.rate_strong
        asked = {JUDGED: parts.evaluation} | ({LABELS: parts.student_train} if weak else {})
        depends = {
            "version": VERSION,
            "role": role,
            "model": folders.identity(place),
            "device": "cuda" if self.device.gpu else "cpu",  # they round otherwise
            "learning": settings.learning(rate, method, seed),
            "classes": self.data.classes,
            "texts": _digest([self.data.inputs[row] for row in rows]),
            "labels": hashlib.sha256(np.ascontiguousarray(labels).tobytes()).hexdigest(),
            "asked": {name: _digest([self.data.inputs[row] for row in some]) for name, some in asked.items()},
        }
        key = hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()
        words = "-".join(method.replace(",", "").split()) if role == STUDENT else ""
        folder = self.folder / "-".join(filter(None, [role, words, f"seed{seed}", key[:12]]))
        if (about := _done(folder, key)) is None:
            recipe = Recipe(settings, rate, method, self.device, self.quiet)
            self._tell(f"seed {seed}: {_doing(role, method)} ({place.name}, {len(rows):,} texts)")
            with _alone(folder):
                # Another process may have done it since.
                about = _done(folder, key) or self._work(
                    folder, key, place, recipe, rows, labels, asked, seed
                )
        tables = {name: read_table(folder / name) for name in asked}
        return Said(tables[JUDGED], tables.get(LABELS), about)

    def _work(
        self,
        folder: Path,
        key: str,
        place: Path,
        recipe: Recipe,
        rows: NDArray[np.intp],
        labels: Array,
        asked: Mapping[str, NDArray[np.intp]],
        seed: int,
    ) -> Mapping[str, Any]:
        """Train, ask, write; the stamp last."""
        started, settings, inputs = time.monotonic(), self.settings, self.data.inputs
        loaded = models.load(
            place, len(self.data.classes), settings.tokens, settings.lora, seed, half=self.device.bf16
        )
        kept = folder / "checkpoints"
        try:
            log = fit(loaded, [inputs[row] for row in rows], labels, recipe, kept, key)
        except checkpoints.UnusableCheckpoint as error:
            raise checkpoints.UnusableCheckpoint(f"in the stage {runtime.shown(folder)}, {error}") from error
        tables = {
            name: say(loaded, [inputs[row] for row in some], recipe, kept) for name, some in asked.items()
        }
        about = {
            "key": key,
            "model": place.name,
            "identity": folders.identity(place),
            "pooling": loaded.pooling,
            "parameters": loaded.parameters,
            "trained": loaded.trained,
            "cut": float(
                np.mean([len(one) >= loaded.most for one in loaded.numbers([inputs[row] for row in rows])])
            ),
            "rate": rate_of(recipe.rate, loaded.parameters),
            "settings": asdict(settings),
            "device": self.device.name,
            "seconds": round(time.monotonic() - started, 1),
            "date": datetime.now(UTC).date().isoformat(),
            "versions": runtime.versions(),
            "log": log,
        }
        if is_first():
            for name, table in tables.items():
                write_table(folder / name, asked[name], table, self.data.classes)
            about["files"] = {name: runtime.sha256(folder / name) for name in tables}
            with runtime.atomic_file(folder / DONE) as file:
                file.write(json.dumps(about, indent=1) + "\n")
            checkpoints.remove(kept)
        _together()
        return about

    def _tell(self, sentence: str) -> None:
        if not self.quiet and is_first():
            print(sentence, flush=True)


def _doing(role: str, method: str) -> str:
    return {
        TEACHER: "the teacher learns from true labels of half 1, then labels half 2",
        STUDENT: f"a student learns from the teacher's labels of half 2, loss {method}",
        CEILING: "the ceiling learns from true labels of half 2",
        ALONE: "the strong model alone learns from true labels of half 1",
    }[role]


def _digest(texts: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{len(text)} {text}".encode())
    return digest.hexdigest()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Holds a stage's folder, until the process ends at the latest. Raises StageTaken where another one has it."""
    if not is_first():  # those of one run work together
        yield
        return
    import fcntl

    with open(runtime.make_folder(folder) / LOCK, "a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # freed when the file is closed
        except OSError as error:
            raise StageTaken(
                f"another run is at work in {runtime.shown(folder)}; wait for it, or point W2S_BUILD at another folder"
            ) from error
        yield


def _done(folder: Path, key: str) -> Mapping[str, Any] | None:
    """The stamp of a stage that is done, its files as they were written; None for another."""
    try:
        about = json.loads((folder / DONE).read_text(encoding="utf-8"))
        whole = about["key"] == key and all(
            runtime.sha256(folder / name) == known for name, known in about["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return about if whole else None


def write_table(path: Path, rows: NDArray[np.intp], table: Array, classes: Sequence[str]) -> None:
    """Probabilities ``(n, c)`` as a file: a column ``row`` with the numbers of the set's rows, then one for each class."""
    frame = pd.DataFrame(table, columns=list(classes))
    frame.insert(0, "row", rows, allow_duplicates=True)  # a class may be called so
    with runtime.atomic_file(path) as file:
        frame.to_csv(file, index=False)


def read_table(path: Path) -> Array:
    """The probabilities of `write_table`, the same bits, ``(n, c)``."""
    return np.asarray(pd.read_csv(path, dtype=np.float64, keep_default_na=False).iloc[:, 1:])


def _together() -> None:
    """Wait for all processes, so that what the first one wrote is there."""
    import torch

    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier()
