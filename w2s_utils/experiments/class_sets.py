"""Sets with classes: which can be had, who teaches on each, and how many rows there are of each use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from ..data import datasets
from ..data.container import Dataset, Views
from ..images import mnist
from ..images import views as image_views
from ..images.digits import digits
from ..texts import views as text_views
from . import parameters
from .classification import Judgements, Sizes, Taught, class_parts, judgements, taught
from .run_sets import RunSets

IMAGES = ("digits", mnist.NAME)
TEACHERS = {
    "SST-2": ("lexicon", "embedding", "layer 3"),
    "TREC-6": ("hashed 32", "embedding", "layer 3"),
    "AG News": ("hashed 32", "embedding", "layer 3"),
}
"""Weak representations of each set of texts, of those in `texts.views.ladder`."""
NAMES = (*IMAGES, *TEACHERS)
SIZES = {
    "digits": Sizes(taught=150, validation=100, labelled=750, judged=797),
    mnist.NAME: Sizes(taught=200, validation=100, labelled=1000, judged=2000),
    **{name: Sizes(taught=200, validation=100, labelled=1500, judged=2000) for name in TEACHERS},
}


@dataclass(frozen=True)
class ClassSet:
    """A set with classes; ``ladder``: the weak models of texts, the strong one; ``tested``: rows for nothing but judging."""

    data: Dataset
    sizes: Sizes
    ladder: Views | None = None
    tested: NDArray[np.intp] | None = None

    def views(self, noises: Sequence[float], columns: int, seed: int) -> Views:
        """The weak models and the strong one; of images with sensor ``noises`` and ``columns`` drawn by ``seed``."""
        return self.ladder or image_views.views(self.data, noises, columns, seed)

    def taught(self, noises: Sequence[float], columns: int, seed: int) -> Taught:
        """Teachers, parts and drawn features of one trial, by ``seed``. Raises as `classification.taught`."""
        generator = runtime.seed_stream(seed, "parts of classes", self.data.name)
        parts = class_parts(self.data.targets, self.sizes, generator, self.tested)
        return taught(self.views(noises, columns, seed), self.data.targets, len(self.data.classes), parts)

    def judged(self, noises: Sequence[float], columns: int, seed: int) -> Judgements:
        """What teachers and students of the same trial say of the judged rows."""
        return judgements(self.taught(noises, columns, seed))


def load(name: str, sizes: Sizes | None = None) -> ClassSet:
    """One set of NAMES; ``sizes``: of SIZES where it is None. Raises as `datasets.load` and `texts.views.ladder`."""
    sizes = sizes or SIZES[name]
    if name == "digits":
        return ClassSet(digits(), sizes)
    data = datasets.load(name)
    if name in IMAGES:
        return ClassSet(data, sizes, tested=data.splits["sources"]["test"])
    whole = text_views.ladder(data)
    weak = {teacher: whole.weak[teacher] for teacher in TEACHERS[name]}
    return ClassSet(data, sizes, Views(whole.strong, weak, strong_name=whole.strong_name))


def why_not(name: str) -> str:
    """Why a set cannot be had, with the remedy; empty where it can. Raises as `datasets.reachable`, `texts.views.missing`."""
    if name == "digits":
        return ""
    if not datasets.reachable(name):
        return "data unreachable"
    return text_views.missing() if name in TEACHERS else ""


def load_sets(wanted: Sequence[str]) -> tuple[RunSets, dict[str, ClassSet]]:
    """The ``wanted`` sets of NAMES that can be had, by name, and for the ledger; digits where none can.

    Raises ValueError for what is no list of such names, each once, and as `load`.
    """
    parameters.each_of(NAMES, data_sets=wanted)
    reasons = {name: reason for name in wanted if (reason := why_not(name))}
    sets = {name: load(name) for name in wanted if name not in reasons} or {"digits": load("digits")}
    loaded = {name: one.data for name, one in sets.items()}
    told = "; ".join(dict.fromkeys(reasons.values()))
    return RunSets(loaded, tuple(loaded), tuple(reasons), "digits", told), sets
