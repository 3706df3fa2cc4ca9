"""Weak-to-strong training of two language models: make llm WEAK=... STRONG=... DATA=..., more options in ARGS="...".

Everything goes to ``build/llm`` (W2S_BUILD moves it): ``<run>.html``, ``rows/<run>.csv``, ``stages/``. Exit codes: 0 done; 2
refused, in one sentence with the remedy on standard error; 130 stopped, and the same command goes on from where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import fields

from .. import results, runtime
from ..data.container import InvalidDataset
from ..data.registry import ChecksumMismatch, DataUnreachable, RegistryError
from ..data.shipped_files import DamagedRepresentation
from ..data.splits import DamagedFile
from ..methods.confidence import NAIVE, PAPER, RELEASED
from ..molecules.checkpoints import UnusableCheckpoint
from ..own_data.refusal import UnusableData
from ..texts.minilm import DamagedWeights, WeightsUnreachable
from . import page, stages
from .answer import Answer, answer
from .folders import OURS, UnusableModel
from .intervals import written
from .reading import NAMED, documents
from .settings import Settings, WrongSettings
from .training import NotEnoughMemory, NotFinite, is_first

REFUSED, STOPPED = 2, 130
REFUSALS = (
    WrongSettings, UnusableData, UnusableModel, NotEnoughMemory, NotFinite, stages.StageTaken, UnusableCheckpoint,
    InvalidDataset, ChecksumMismatch, DataUnreachable, RegistryError, DamagedRepresentation, DamagedFile, DamagedWeights,
    WeightsUnreachable, runtime.UnwritableFolder, runtime.WrongSetting,
)  # fmt: skip
KEYS = ("data", "strong", "seed", "teacher", "method", "loss")
PROFILE = "llm"
DEFAULT_LORA = 8
LOSS_NAMES = {"naive": NAIVE, "paper": PAPER, "released": RELEASED}
"""Words for the losses of `methods.confidence`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the protocol and write rows and page. Returns the exit code, see the module."""
    asked = vars(_parser().parse_args(arguments))
    os.environ.setdefault("W2S_PROFILE", PROFILE)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        if len(set(asked["losses"])) < len(asked["losses"]):
            raise WrongSettings(f"--losses takes {', '.join(LOSS_NAMES)}, each once")
        asked["methods"] = tuple(LOSS_NAMES[name] for name in asked["losses"])
        settings = Settings(**{one.name: asked[one.name] for one in fields(Settings)})
        data = documents(asked["data"], asked["text"], asked["label"], asked["test"])
        place = runtime.make_folder(runtime.make_folder(runtime.build_folder()) / "stages")
        found = stages.run(settings, data, place, asked["quiet"])
        if is_first():
            _write(found)
    except REFUSALS as error:
        if is_first():
            print(f"make llm cannot go on: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from the last checkpoint", file=sys.stderr)
        return STOPPED
    return 0


def _write(found: stages.Run) -> None:
    """Rows and page, and what they say in a few lines."""
    name = run_name(found)
    results.save_rows(name, found.rows, KEYS)
    said = answer(found)
    path = page.write_page(runtime.build_folder() / f"{name}.html", found, said)
    print(summary(said))
    print(f"page {runtime.shown(path)}, rows {runtime.shown(path.parent / 'rows' / f'{name}.csv')}")


def run_name(found: stages.Run) -> str:
    """The name of a run's files: data, weak and strong model, and a key of all that their content depends on."""
    depends = {
        "stages": [one["key"] for trial in found.trials.values() for one in trial.about.values()],
        "truth": hashlib.sha256(found.data.targets.tobytes()).hexdigest(),
        "classes": found.data.classes,
        "labels": found.settings.labels,
    }
    key = hashlib.sha256(json.dumps(depends).encode()).hexdigest()[:8]
    words = (found.data.name, stages.short(found.settings.weak), stages.short(found.settings.strong))
    return "_".join([*(re.sub(r"[^\w.-]+", "-", word) for word in words), key])


def summary(said: Answer) -> str:
    """The answer for a terminal."""
    lines = [said.headline(), said.pgr_sentence(), said.control_sentence()]
    lines += [
        f"  {one.role + (', ' + one.method if one.method else ''):32} errs in {written(one.errors)}"
        for one in said.standings
    ]
    return "\n".join([*lines, *(f"note: {one}" for one in said.caveats)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.llm",
        description=runtime.first_line(__doc__),
        allow_abbrev=False,
        epilog="Page and rows are called <data>_<weak>_<strong>_<key>: the key is of settings, models and data, so that no "
        "run overwrites another's.",
    )
    models = f"a folder, owner/name[@revision] of a hub, or one of {', '.join(OURS)}"
    parser.add_argument("--weak", required=True, help=f"the teacher: {models}")
    parser.add_argument("--strong", required=True, help="the student, the same way")
    parser.add_argument(
        "--data", required=True, help=f"{', '.join(NAMED.values())}, or a file (.csv, .parquet, ...)"
    )
    parser.add_argument("--text", default="text", help="of a file: the column of texts")
    parser.add_argument("--label", default="label", help="of a file: the column of classes")
    parser.add_argument(
        "--test", default="", help="of a file: another file with the test rows, else a third is drawn"
    )
    given = {one.name: one.default for one in fields(Settings)}

    def number(name: str, kind: type, text: str) -> None:
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=given[name], help=text)

    number("documents", int, "texts at most, to be halved (%(default)s)")
    number("judged", int, "test texts at most (%(default)s)")
    number("epochs", int, "passes over a half (%(default)s)")
    number("batch", int, "texts of one step (%(default)s)")
    number(
        "at_once",
        int,
        "of them at a time on one device: less memory, with the naive loss the same steps (all)",
    )
    number("rate_weak", float, "learning rate of the weak model (5e-5, 1e-5 beyond 400 million parameters)")
    number("rate_strong", float, "of the strong model, likewise")
    number("tokens", int, "where a text is cut (%(default)s, or where the model ends)")
    parser.add_argument(
        "--lora",
        type=int,
        nargs="?",
        const=DEFAULT_LORA,
        default=given["lora"],
        help=f"train adapters of this rank ({DEFAULT_LORA} if none is said) and leave the models as they are",
    )
    number("coefficient", float, "end of alpha in the confidence loss (%(default)s)")
    number("warm_up", float, "part of the steps until then (%(default)s)")
    parser.add_argument(
        "--losses",
        nargs="+",
        choices=LOSS_NAMES,
        default=[*LOSS_NAMES],
        help="of students, one each (all three)",
    )
    number(
        "seeds",
        int,
        "runs, each with halves of its own; intervals are then over seeds, from 3 on (%(default)s)",
    )
    number("seed", int, "the first of them (%(default)s)")
    number("labels", int, "labelled rows of the certificate (%(default)s)")
    number("device", str, "auto, cpu or cuda (%(default)s)")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    return parser
