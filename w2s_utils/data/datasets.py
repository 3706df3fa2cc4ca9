"""Sets from outside by name, whatever their inputs are: how each is read, and where its files are.

A set is those rows of the registry whose names are ``collection/Set/file``. What its files hold, the room of its kind knows:
one call of `register` for each set, such as those in `molecules.chembench`.

``python -m w2s_utils.data.datasets`` says where each set was found; with ``--strict`` a missing set is an error
and the three ways to supply it are printed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from .. import runtime
from . import registry
from .container import Dataset
from .registry import ChecksumMismatch, DataUnreachable, RegistryError

Reader = Callable[[Mapping[str, Path]], Dataset]
"""From the paths of a set's files, by their registry names, to the set."""

READ_BY = {
    "chembench": "w2s_utils.molecules.chembench",
    "text": "w2s_utils.texts.views",
    "images": "w2s_utils.images.mnist",
}
"""The module whose import registers the sets of a collection."""

_readers: dict[str, Reader] = {}


def register(name: str, read: Reader) -> None:
    """Say how a set of the registry is read. ``read`` raises `splits.DamagedFile` for files that it cannot use."""
    _readers[name] = read


def names() -> tuple[str, ...]:
    """Every set of the registry."""
    parts = (name.split("/") for name in registry.entries())
    return tuple(dict.fromkeys(one[1] for one in parts if len(one) == 3))


def files(name: str) -> tuple[str, ...]:
    """Registry names of the files of a set, in the registry's order. Raises RegistryError for an unknown set."""
    found = tuple(file for file in registry.entries() if file.count("/") == 2 and file.split("/")[1] == name)
    if not found:
        raise RegistryError(f"no data set is called {name!r}; there are {', '.join(names())}")
    return found


def read_by(name: str) -> str:
    """The module whose import makes a set readable. Raises RegistryError for an unknown set."""
    return READ_BY[files(name)[0].partition("/")[0]]


def load(name: str) -> Dataset:
    """A set with its splits, found by `registry.locate` and checked.

    Raises RegistryError (an unknown set, one that nothing has registered, or one that the key of the running notebook does
    not cover: ``W2S_SETS``); ChecksumMismatch, DataUnreachable (from `registry.locate`); `splits.DamagedFile` or
    `splits.UnsafePickle` (right checksum, unusable content); `container.InvalidDataset`.
    """
    wanted = files(name)
    covered = os.environ.get("W2S_SETS")
    if covered is not None and name not in covered.split(","):
        raise RegistryError(
            f"the notebook loads {name} without naming it, so a change of {name} would not run it again: "
            "write the name into its text, or ask datasets.names()"
        )
    if name not in _readers:
        raise RegistryError(
            f"nothing has said how {name} is read: import the module that registers it, {read_by(name)}"
        )
    return _readers[name]({file: registry.fetch(file) for file in wanted})


def reachable(name: str) -> bool:
    """Whether every file of a set can be had (what is missing is downloaded).

    A missing file raises nothing. A file that is there and is not the pinned one raises ChecksumMismatch, so that nothing
    stands in for it in silence; an unknown set raises RegistryError.
    """
    try:
        for file in files(name):
            registry.locate(file)
    except (DataUnreachable, runtime.UnwritableFolder):
        return False
    return True


def state() -> dict[str, dict[str, Any]]:
    """By set, what a result can depend on: whether it is ``reachable``, and its ``rows`` of the registry.

    Raises ChecksumMismatch and RegistryError as `reachable` does.
    """
    return {
        name: {
            "reachable": reachable(name),
            "rows": [asdict(registry.entry(file)) for file in files(name)],
        }
        for name in names()
    }


class SetStatus(NamedTuple):
    """``source``: mirror, cache, downloaded or unreachable; ``message``: one line for a reader."""

    dataset: str
    source: str
    message: str


def status() -> list[SetStatus]:
    """Where each set was found; a set in several places counts under the farthest one."""
    found = []
    for name in names():
        sources, faults = _locate_all(name)
        if faults:
            first = faults[0].splitlines()[0].removesuffix(" Three ways to supply it:")
            message = f"{len(faults)} of {len(sources) + len(faults)} files cannot be had: {first}"
            found.append(SetStatus(name, "unreachable", message))
        else:
            farthest = max(sources, key=("mirror", "cache", "downloaded").index)
            found.append(SetStatus(name, farthest, f"{len(sources)} files, checksums right"))
    return found


def problems(name: str) -> list[str]:
    """What keeps each file of a set from being had, one message a file; empty when all are there."""
    return _locate_all(name)[1]


def _locate_all(name: str) -> tuple[list[str], list[str]]:
    """Sources of the files of a set that were found, and messages for those that were not."""
    sources, faults = [], []
    for file in files(name):
        try:
            sources.append(registry.locate(file).source)
        except (ChecksumMismatch, DataUnreachable, runtime.UnwritableFolder) as error:
            faults.append(str(error))
    return sources, faults


def main(arguments: list[str] | None = None) -> int:
    """Print one line per set; with ``--strict`` return 1 and print the remedies when a set is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.data.datasets", description="Where each data set is found."
    )
    parser.add_argument("--strict", action="store_true", help="exit 1 when a set cannot be had")
    strict = parser.parse_args(arguments).strict
    missing = []
    for name, source, message in status():
        print(f"{name:12} {source:12} {message}")
        if source == "unreachable":
            missing.append(name)
    if not (strict and missing):
        return 0
    for name in missing:
        print(f"\n{name}:", *problems(name), sep="\n", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
