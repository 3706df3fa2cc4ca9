"""How a run is made: the values of Burns et al.'s released code where nothing else is said.

The released code (openai/weak-to-strong, 6b450f2) trains for two epochs with batches of 32, Adam, a cosine from the learning
rate down to 0, no dropout and no clipping; its learning rate is 5e-5 for gpt2 and gpt2-medium and 1e-5 for larger models; of
20,000 documents one half is the teacher's, and 10,000 are tested.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from importlib.util import find_spec
from typing import Any

from ..methods.confidence import COEFFICIENT, NAIVE, SCHEDULES, WARM_UP
from ..runtime import MOST_SEED
from ..theory.arrays import is_real, is_whole

METHODS = tuple(SCHEDULES)
"""Losses of a student, by name: cross-entropy on weak labels, and the confidence loss as in the paper and as released."""

SMALL_MODEL = 400_000_000
"""Parameters up to which a model is small: gpt2-medium has 355 million, gpt2-large 774 million."""
SMALL_RATE, LARGE_RATE = 5e-5, 1e-5
DEVICES = ("auto", "cpu", "cuda")


class WrongSettings(ValueError):
    """A setting that cannot be, or something that a run needs and that is not installed, in one sentence."""


@dataclass(frozen=True)
class Settings:
    """One run: which models, how they learn, and who is judged.

    ``weak``, ``strong``: names or folders, see `folders.located`. ``documents``: at most so many are halved; ``judged``: at
    most so many test rows. ``rate_weak``, ``rate_strong``: learning rates, by size of the model where None (`rate_of`).
    ``batch``: texts of one step; ``at_once``: of them at a time on one device, all where None; the confidence loss takes its
    threshold from those. ``tokens``: where a text is cut. ``lora``: rank of the adapters that are trained instead of all
    weights, 0 for all. ``coefficient``, ``warm_up``: of the confidence loss; ``methods``: of METHODS. ``seeds``: runs, each
    with halves of its own, from ``seed`` on. ``labels``: labelled rows, half of the judged
    ones at most, of the certificate that is made as if the others had none. ``device``: of DEVICES. Raises WrongSettings.
    """

    weak: str
    strong: str
    documents: int = 20_000
    judged: int = 10_000
    epochs: int = 2
    batch: int = 32
    at_once: int | None = None
    rate_weak: float | None = None
    rate_strong: float | None = None
    tokens: int = 1024
    lora: int = 0
    coefficient: float = COEFFICIENT
    warm_up: float = WARM_UP
    methods: tuple[str, ...] = METHODS
    seeds: int = 1
    seed: int = 0
    labels: int = 300
    device: str = "auto"

    def __post_init__(self) -> None:
        for name in ("weak", "strong"):
            if not str(getattr(self, name)).strip():
                raise WrongSettings(f"name the {name} model: a folder, or owner/name of a hub")
        least = {"lora": 0, "seed": 0, "labels": 4, "documents": 2, "tokens": 2}
        for one in fields(self):
            value = getattr(self, one.name)
            if one.type == "int" and not (is_whole(value) and value >= least.get(one.name, 1)):
                raise WrongSettings(
                    f"{one.name} is a whole number >= {least.get(one.name, 1)}, not {value!r}"
                )
        if self.seed + self.seeds - 1 > MOST_SEED:
            raise WrongSettings(f"the last seed is {MOST_SEED} at most")
        for name in ("rate_weak", "rate_strong"):
            rate = getattr(self, name)
            if rate is not None and not (is_real(rate) and 0 < rate < 1):
                raise WrongSettings(f"{name} is a learning rate in (0, 1), such as 5e-5, not {rate!r}")
        for name in ("coefficient", "warm_up"):
            if not (is_real(getattr(self, name)) and 0 <= getattr(self, name) <= 1):
                raise WrongSettings(f"{name} lies in [0, 1], not {getattr(self, name)!r}")
        if self.at_once is not None and not (
            is_whole(self.at_once) and 1 <= self.at_once <= self.batch and self.batch % self.at_once == 0
        ):
            raise WrongSettings(f"at_once divides the batch of {self.batch}, not {self.at_once!r}")
        strange = [name for name in self.methods if name not in METHODS]
        if strange or not self.methods or len(set(self.methods)) != len(self.methods):
            raise WrongSettings(f"losses are some of {', '.join(METHODS)}, each once, not {self.methods!r}")
        if self.device not in DEVICES:
            raise WrongSettings(f"the device is one of {', '.join(DEVICES)}, not {self.device!r}")

    @property
    def all_seeds(self) -> range:
        """The seeds, in their order."""
        return range(self.seed, self.seed + self.seeds)

    def learning(self, rate: float | None, method: str, seed: int) -> dict[str, Any]:
        """What the weights that come out depend on besides model, texts and labels."""
        found: dict[str, Any] = {
            "epochs": self.epochs,
            "batch": self.batch,
            "at_once": self.at_once or self.batch,
        }
        found |= {"rate": rate, "tokens": self.tokens, "lora": self.lora, "method": method, "seed": seed}
        if method != NAIVE:
            found |= {"coefficient": self.coefficient, "warm_up": self.warm_up}
        return found


def rate_of(rate: float | None, parameters: int) -> float:
    """The learning rate that is meant, for a model of so many parameters."""
    return rate or (SMALL_RATE if parameters <= SMALL_MODEL else LARGE_RATE)


def steps_of(rows: int, settings: Settings) -> int:
    """Steps of training on so many rows."""
    return settings.epochs * math.ceil(rows / settings.batch)


def check_installed(*packages: str) -> None:
    """Raises WrongSettings where one of the ``packages`` is not installed."""
    if absent := [name for name in packages if not find_spec(name)]:
        raise WrongSettings(f"{', '.join(absent)} not installed: pip install 'w2s-utils[llm]', or make setup")
