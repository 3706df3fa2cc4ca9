"""Pre-trained representations that come with the repository: ``data/representations/<model>/``.

For each model: weights in float16, configuration and vocabulary (see `molecules.molbert`), the log of its pre-training, the
features of the three molecule sets in float16 (``features.safetensors``), and ``provenance.json`` with the sha256 of every one
of these files. Nothing is unpickled. ``python -m w2s_utils.molecules.shipped`` puts newly pre-trained models there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import runtime
from ..data import datasets, registry
from ..data.container import Dataset
from . import chembench, molbert
from .molbert import CheckpointError
from .settings import LADDER_SEEDS, named
from .standard_smiles import standard_smiles

FEATURES, LOG, PROVENANCE = "features.safetensors", "log.csv", "provenance.json"
ORDER = tuple(molbert.SIZES)
BESIDE = ("medium",)
"""Models that are shipped and that no family takes by itself: whoever uses one names it."""
NEEDED: tuple[tuple[str, ...], ...] = (
    ("settings", "model"),
    ("settings", "seed"),
    ("size", "layers"),
    ("size", "hidden"),
    ("parameters",),
    ("tokens",),
    ("device",),
    ("final", "token_accuracy"),
)
"""Where in the provenance of a pre-trained model there is something in any case."""
READS = ("data/representations/*/provenance.json",)  # each has the sha256 of the model's other files


def folder(model: str) -> Path:
    """Folder of a shipped model."""
    return runtime.repository() / "data" / "representations" / model


def models() -> tuple[str, ...]:
    """Names of the models that have a folder and are not BESIDE, in the order of their size, the ladder before the strong one.

    What is in a folder is checked when it is read.
    """
    return tuple(model for model in ORDER if model not in BESIDE and folder(model).is_dir())


def provenance(model: str) -> dict[str, Any]:
    """Where a shipped model comes from: settings, corpus, device, losses, date.

    Raises CheckpointError where it can't be read, lacks one of NEEDED, or is that of another model or pre-training seed.
    """
    try:
        origin = dict(json.loads((folder(model) / PROVENANCE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise CheckpointError(
            f"the provenance of the shipped model {model!r} cannot be read ({_reason(error)}); restore it from git. "
            f"Shipped are {', '.join(_folders()) or 'none'}"
        ) from error
    if model in _names():
        _check_origin(model, origin)
    return origin


def described(model: str) -> dict[str, Any]:
    """What a shipped model is and what it was pre-trained on, as a row for a table. Raises CheckpointError."""
    origin = provenance(model)
    return {
        "model": model,
        "layers": origin["size"]["layers"],
        "hidden size": origin["size"]["hidden"],
        "parameters": origin["parameters"],
        "tokens seen, millions": round(origin["tokens"] / 1e6, 1),
        "masked-token accuracy": round(origin["final"]["token_accuracy"], 3),
        "device": origin["device"],
    }


def features(model: str, data: Dataset) -> NDArray[np.float64]:
    """h(x) ``(n, hidden)``, row i for molecule i of the set: shipped for the three measured sets, else computed now.

    A model may come without features, which its weights give, or without weights (see `reachable`). Raises CheckpointError
    where a file is missing, damaged, not the one that was shipped, or has another number of rows.
    """
    return kept(model, data) if data.source == "real" and FEATURES in _files(model) else computed(model, data)


def reachable(model: str, data: Dataset) -> bool:
    """Whether `features` can be had: of a measured set where they are shipped, of any set where the weights are."""
    return molbert.WEIGHTS in _files(model) or (data.source == "real" and FEATURES in _files(model))


def kept(name: str, data: Dataset) -> NDArray[np.float64]:
    """The table ``(n, columns)`` that is shipped for a measured set, whoever trained it. Raises as `features`."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    content = _checked(name, FEATURES)
    try:
        found = load(content)[data.name]
    except (SafetensorError, KeyError) as error:
        raise CheckpointError(
            f"the features of {name} hold no set {data.name} ({error}); restore them from git"
        ) from error
    if len(found) != len(data.inputs):
        raise CheckpointError(f"{name} has {len(found)} rows for {data.name}, which has {len(data.inputs)}")
    return found.astype(np.float64)


def computed(model: str, data: Dataset) -> NDArray[np.float64]:
    """The same from the shipped weights, rounded to float16 as shipped features are. Raises CheckpointError, InvalidSmiles."""
    if molbert.WEIGHTS not in _files(model):
        raise CheckpointError(
            f"{model} comes without weights, with features of measured sets only; `make pretrain MODEL={model}` makes them"
        )
    for name in (molbert.WEIGHTS, molbert.CONFIG, molbert.VOCABULARY_FILE):
        _checked(model, name)
    found = molbert.represent(molbert.load(folder(model)), standard_smiles(data.inputs))
    return found.astype(np.float16).astype(np.float64)


def steps_apart(kept: NDArray[np.float64], made: NDArray[np.float64]) -> float:
    """Largest distance of two tables of features ``(n, d)``, in float16 steps at the scale of the row; NaN where one is NaN.

    A step is 2^-10 of the largest |entry| of a row of ``kept``. Every entry is a sum of terms of that size, so single
    precision errs relative to it and not to the entry, which may be next to 0; rounding to float16 then adds at most one step.
    Raises ValueError for tables of two shapes.
    """
    if kept.shape != made.shape:
        raise ValueError(f"tables of two shapes, {kept.shape} and {made.shape}, cannot be compared")
    steps = np.finfo(np.float16).eps * np.abs(kept).max(axis=1, keepdims=True)
    return float(np.max(np.abs(kept - made) / steps))


def ship(source: Path, model: str, without: str | None = None) -> None:
    """Put a pre-trained model from the folder ``source`` among the shipped ones, with the features of the three sets.

    ``without``: FEATURES or `molbert.WEIGHTS`, the file that is left out. Raises what `molbert.load` and `datasets.load`
    raise, and CheckpointError where ``source`` holds another model or a provenance that lacks one of NEEDED.
    """
    from safetensors.numpy import save

    sets = [datasets.load(name) for name in chembench.NAMES]
    target = folder(model)
    about = json.loads((source / PROVENANCE).read_text(encoding="utf-8"))
    _check_origin(model, about)
    molbert.save(molbert.load(source), target, half=True)
    rounded = molbert.load(target)
    found = {
        data.name: molbert.represent(rounded, standard_smiles(data.inputs)).astype(np.float16)
        for data in sets
    }
    if not all(np.isfinite(table).all() for table in found.values()):
        raise CheckpointError(f"the features of {model} do not fit into float16; it was not shipped")
    with runtime.atomic_file(target / FEATURES, "wb") as file:
        file.write(save(found))
    shutil.copyfile(source / LOG, target / LOG)
    names = [molbert.WEIGHTS, molbert.CONFIG, molbert.VOCABULARY_FILE, FEATURES, LOG]
    if without:
        names.remove(without)
        (target / without).unlink()
    about["files"] = {name: runtime.sha256(target / name) for name in names}
    with runtime.atomic_file(target / PROVENANCE) as file:
        file.write(json.dumps(about, indent=1) + "\n")


def _names() -> list[str]:
    """Names that a pre-trained model may have: of every size, and with every pre-training seed."""
    return [named(model, seed) for model in ORDER for seed in LADDER_SEEDS]


def _folders() -> list[str]:
    """Those of them that have a folder."""
    return [name for name in _names() if folder(name).is_dir()]


def _check_origin(name: str, origin: dict[str, Any]) -> None:
    """Raises CheckpointError where the provenance lacks one of NEEDED, or is not that of the model ``name``."""
    for path in NEEDED:
        place: Any = origin
        for key in path:
            if not isinstance(place, dict) or key not in place:
                raise CheckpointError(
                    f"the provenance of the model {name} lacks {'/'.join(path)}; restore it from git"
                )
            place = place[key]
    model, seed = origin["settings"]["model"], origin["settings"]["seed"]
    if named(model, seed) != name:
        raise CheckpointError(f"the folder {name} holds {model}, seed {seed}; restore it from git")


def _files(model: str) -> dict[str, str]:
    """The shipped files of a model, name -> sha256."""
    files = provenance(model).get("files")
    if not isinstance(files, dict):
        raise CheckpointError(
            f"the provenance of the shipped model {model!r} names no files; restore it from git"
        )
    return files


def _checked(model: str, name: str) -> bytes:
    """Content of a shipped file whose sha256 is the one in the provenance."""
    files, path = _files(model), folder(model) / name
    try:
        if runtime.sha256(path) != files[name]:
            raise CheckpointError(
                f"{runtime.shown(path)} is not the file that was shipped; restore it from git"
            )
        return path.read_bytes()
    except (OSError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"{runtime.shown(path)} cannot be read ({_reason(error)}); restore it from git"
        ) from error


def _reason(error: Exception) -> str:
    """What went wrong, without the path that errors of the system carry."""
    return getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"


def main(arguments: list[str] | None = None) -> int:
    """Ship the named models, or all that are pre-trained; 1 where one cannot be."""
    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.molecules.shipped", description=runtime.first_line(__doc__)
    )
    parser.add_argument("models", nargs="*", help="names; all in --source, if none is named")
    parser.add_argument("--source", type=Path, default=registry.cache_folder() / "pretrained")
    parser.add_argument(
        "--without", choices=[FEATURES, molbert.WEIGHTS], help="leave this file out where the other is enough"
    )
    asked = parser.parse_args(arguments)
    wanted = asked.models or [name for name in ORDER if (asked.source / name / PROVENANCE).is_file()]
    if not wanted:
        print(
            f"no pre-trained model in {runtime.shown(asked.source)}; `make pretrain` makes one",
            file=sys.stderr,
        )
        return 1
    for model in wanted:
        try:
            ship(asked.source / model, model, asked.without)
        except (OSError, ValueError, RuntimeError) as error:
            print(f"{model} was not shipped: {error}", file=sys.stderr)
            return 1
        print(f"{model}: {runtime.shown(folder(model))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
