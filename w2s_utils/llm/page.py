"""A run as one HTML page: the answer, who errs how often, what students gain, the certificate, the control, what to doubt."""

from __future__ import annotations

import math
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .. import own_data, runtime
from ..experiments.classification import BRIER_SCORE, LOG_LOSS
from ..pages import rendering
from ..theory.certificate import GainCertificate
from ..theory.intervals import Interval
from .answer import LEARNED_FROM, Answer, Gained, Standing
from .intervals import LEVEL, sign, written
from .settings import Settings
from .stages import ALONE, CEILING, STUDENT, TEACHER, Run, short

READS = (
    "w2s_utils/llm/templates/*",
    "w2s_utils/own_data/templates/page.css",
    "w2s_utils/pages/templates/*",
)
WIDTH, LEFT, RIGHT, ROW, BOTTOM = 760, 220, 30, 30, 62
"""The drawing in pixels: all, names on the left, margin on the right, one line, what stands below."""
COLOURS = {TEACHER: "#de8f05", STUDENT: "#0173b2", CEILING: "#029e73", ALONE: "#949494"}
MARKS = {TEACHER: "square", STUDENT: "circle", CEILING: "diamond", ALONE: "triangle"}
"""Colours of the house, and marks that tell the four without them."""
LIBRARIES = ("transformers", "accelerate", "peft")
SHOWN = (
    "documents",
    "judged",
    "epochs",
    "batch",
    "at_once",
    "tokens",
    "lora",
    "coefficient",
    "warm_up",
    "seeds",
    "seed",
)


def write_page(path: Path, run: Run, found: Answer) -> Path:
    """Write the page and return its path. Raises `runtime.UnwritableFolder`."""
    settings = run.settings
    content = rendering.render(
        "llm.html.j2",
        Path(__file__).parent / "templates",
        Path(own_data.__file__).parent / "templates",
        data=run.data,
        weak=short(settings.weak),
        strong=short(settings.strong),
        half=f"{found.half:,}",
        judged=f"{found.judged:,}",
        classes=len(run.data.classes),
        colour=_colour(found),
        headline=found.headline(),
        sentences=[found.pgr_sentence(), found.control_sentence()],
        picture=picture(found),
        standings=[_standing(one) for one in found.standings],
        gained=[_gained(one) for one in found.gained],
        few=[_few(one) for one in found.gained],
        labels=f"{found.gained[0].few.labels:,}",
        level=f"{LEVEL:.0%}",
        each=f"{100 * found.gained[0].few.level:.3g}%",
        seeds=settings.seeds,
        majority=f"{found.majority:.3f}",
        caveats=found.caveats,
        models=_models(run),
        settings={name.replace("_", " "): _setting(settings, name) for name in SHOWN},
        versions=runtime.versions() | {name: version(name) for name in LIBRARIES if find_spec(name)},
    )
    with runtime.atomic_file(path) as file:
        file.write(content)
    return path


def picture(found: Answer) -> str:
    """Errors of all with their intervals, and those of naming the most frequent class, as an ``svg`` element."""
    high = max(found.majority, *(one.errors.high for one in found.standings)) * 1.05 or 1.0
    scale = (WIDTH - LEFT - RIGHT) / high
    rows = [
        {
            "name": _who(one),
            "y": ROW * (number + 0.5) + 8,
            "low": _place(one.errors.low, scale),
            "high": _place(one.errors.high, scale),
            "x": _place(one.errors.estimate, scale),
            "colour": COLOURS[one.role],
            "mark": MARKS[one.role],
        }
        for number, one in enumerate(found.standings)
    ]
    step = _step(high)
    ticks = [(_place(step * k, scale), f"{step * k:.4g}") for k in range(int(high / step) + 1)]
    bottom = ROW * len(rows) + 16
    told = "; ".join(f"{_who(one)} {written(one.errors)}" for one in found.standings)
    return rendering.render(
        "errors.svg.j2",
        Path(__file__).parent / "templates",
        width=WIDTH,
        height=bottom + BOTTOM,
        left=LEFT,
        bottom=bottom,
        rows=rows,
        ticks=ticks,
        majority=_place(found.majority, scale),
        alt=f"Share of judged rows with an error, and its {LEVEL:.0%} interval: {told}.",
    )


def _place(value: float, scale: float) -> float:
    return round(LEFT + max(value, 0.0) * scale, 1)


def _step(high: float) -> float:
    """A round step with which some four stand between 0 and ``high``."""
    power = 10.0 ** math.floor(math.log10(high / 4))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= high / 4)


def _who(one: Standing) -> str:
    words = {TEACHER: "teacher", CEILING: "ceiling", ALONE: "strong model alone"}
    return words.get(one.role, f"student, {one.method}")


def _standing(one: Standing) -> dict[str, str]:
    return {
        "name": _who(one),
        "from": LEARNED_FROM[one.role],
        "errors": written(one.errors),
        "brier": f"{one.losses[BRIER_SCORE]:.3f}",
        "log": f"{one.losses[LOG_LOSS]:.3f}",
    }


def _gained(one: Gained) -> dict[str, str]:
    answers = {1: "gains", -1: "loses", 0: "cannot tell"}
    control = {1: "better than it", -1: "worse than it", 0: "not told from it"}
    return {
        "name": one.method,
        "gain": written(one.gain),
        "misfit": f"{one.misfit:.3f}",
        "answer": answers[one.sign],
        "pgr": _recovered(one.pgr),
        "over_alone": written(one.over_alone),
        "control": control[sign(one.over_alone)],
        **{name: f"{part:.3f}" for name, part in one.kinds.items()},
    }


def _recovered(found: Interval | None) -> str:
    return "withheld" if found is None else written(found, 2)


def _few(one: Gained) -> dict[str, str]:
    found: GainCertificate = one.few
    told = {1: "gains", -1: "loses", 0: "cannot tell"}[found.sign]
    return {
        "name": one.method,
        "interval": written(Interval(found.gain, found.low, found.high)) if found.misfit else "0",
        "answer": told if found.misfit else "repeats its teacher",
    }


def _models(run: Run) -> list[dict[str, Any]]:
    """What is known of both models from the stages of the first seed."""
    about = next(iter(run.trials.values())).about
    found = []
    for role, name in ((TEACHER, run.settings.weak), (CEILING, run.settings.strong)):
        one = about[role]
        found.append(
            {
                "role": "weak" if role == TEACHER else "strong",
                "name": short(name),
                "parameters": f"{one['parameters']:,}",
                "trained": f"{one['trained']:,}",
                "rate": f"{one['rate']:g}",
                "pooling": one["pooling"],
                "device": one["device"],
                "seconds": f"{one['seconds']:,.0f}",
            }
        )
    return found


def _setting(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return (
        "all of a batch"
        if name == "at_once" and value is None
        else f"{value:,}"
        if isinstance(value, int)
        else f"{value:g}"
    )


def _colour(found: Answer) -> str:
    """Green where a student gains and none loses, red where one loses and none gains."""
    signs = {one.sign for one in found.gained}
    return (
        "gains" if 1 in signs and -1 not in signs else "loses" if -1 in signs and 1 not in signs else "open"
    )
