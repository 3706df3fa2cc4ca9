"""Checkpoints from which a pre-training that was killed goes on: whole ones of the same run, or none.

The last file of a checkpoint is its seal: the key of the run, then the checksum of each other file. A training loop that
goes on without one of them, the learning rate's schedule or the state of the generators, ends at other weights and does not
say so.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from .. import runtime

SEAL_FILE = "key.txt"
NAME = re.compile(r"checkpoint-\d+")


class UnusableCheckpoint(ValueError):
    """A checkpoint of an earlier run that is not as it was written, or was made under other settings."""


def seal(checkpoint: Path, key: str) -> None:
    """Say of a checkpoint that is written that it is whole, and of which run."""
    files = sorted(path for path in checkpoint.rglob("*") if path.is_file() and path.name != SEAL_FILE)
    sums = [f"{runtime.sha256(path)}  {path.relative_to(checkpoint).as_posix()}" for path in files]
    with runtime.atomic_file(checkpoint / SEAL_FILE) as file:
        file.write("\n".join([key, *sums]) + "\n")


def latest(folder: Path, key: str) -> Path | None:
    """The last whole checkpoint of a run with this key.

    Other names than ``checkpoint-`` and a number, and folders without a seal, are none. Raises UnusableCheckpoint where those
    of another run are in the way, or where the last one lacks a file or has another than was written.
    """
    found = [place for place in folder.glob("checkpoint-*") if NAME.fullmatch(place.name)]
    sealed = [place for place in found if (place / SEAL_FILE).is_file()]
    if any(_sealed(place)[0] != key for place in sealed):
        raise UnusableCheckpoint(
            f"{runtime.shown(folder)} holds checkpoints of a run with other settings, another corpus or other code: "
            "finish that run, delete them, or name another --output"
        )
    if not sealed:
        return None
    last = max(sealed, key=lambda place: int(place.name.rpartition("-")[2]))
    for line in _sealed(last)[1:]:
        known, _, name = line.partition("  ")
        path = last / name
        if not path.is_file() or runtime.sha256(path) != known:
            what = "is not as it was written" if path.is_file() else "is missing"
            raise UnusableCheckpoint(
                f"{name} of {runtime.shown(last)} {what}: delete this checkpoint to go on from the one before"
            )
    return last


def _sealed(checkpoint: Path) -> list[str]:
    """The key and the lines of checksums; an empty key where the seal is no text."""
    try:
        return (checkpoint / SEAL_FILE).read_text(encoding="utf-8").splitlines() or [""]
    except UnicodeDecodeError:
        return [""]


def remove(checkpoints: Path) -> None:
    """Remove the checkpoints of a run that is finished."""
    shutil.rmtree(checkpoints, ignore_errors=True)
