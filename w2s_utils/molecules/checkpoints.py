"""Checkpoints from which a pre-training that was killed goes on: each with the key of its run, written last."""

from __future__ import annotations

import shutil
from pathlib import Path

from .. import runtime

KEY_FILE = "key.txt"


class UnusableCheckpoint(ValueError):
    """A checkpoint of an earlier run that cannot be read, or was made under other settings."""


def latest(folder: Path, key: str) -> Path | None:
    """The last whole checkpoint of a run with this key. Raises UnusableCheckpoint where another run's are in the way."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda place: int(place.name.rpartition("-")[2]))
    whole = [place for place in found if (place / KEY_FILE).is_file()]
    if any((place / KEY_FILE).read_text(encoding="utf-8") != key for place in whole):
        raise UnusableCheckpoint(
            f"{runtime.shown(folder)} holds checkpoints of a run with other settings, another corpus or other code: "
            "finish that run, delete them, or name another --output"
        )
    if not whole:
        return None
    _check_readable(whole[-1])
    return whole[-1]


def _check_readable(checkpoint: Path) -> None:
    """Raises UnusableCheckpoint where weights or optimiser cannot be read: damaged after they were written whole."""
    import torch
    from safetensors.torch import load_file

    try:
        load_file(checkpoint / "model.safetensors")
        torch.load(checkpoint / "optimizer.pt", weights_only=True, map_location="cpu")
    except Exception as error:  # safetensors, torch and the system each have errors of their own for this
        raise UnusableCheckpoint(
            f"{runtime.shown(checkpoint)} is damaged ({type(error).__name__}): delete it to go on from the one before"
        ) from error


def remove(checkpoints: Path) -> None:
    """Remove the checkpoints of a run that is finished."""
    shutil.rmtree(checkpoints, ignore_errors=True)
