"""Files that come with the repository in ``data/representations/<name>/``, and ``provenance.json``, which has their sha256."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import runtime

PROVENANCE = "provenance.json"


class DamagedRepresentation(ValueError):
    """A folder of ``data/representations`` that lacks a file, or has another than the one that was shipped."""


def folder(name: str) -> Path:
    """Where the files of a shipped representation stand."""
    return runtime.repository() / "data" / "representations" / name


def provenance(name: str) -> dict[str, Any]:
    """Where a shipped representation comes from, and under ``files`` the sha256 of its other files.

    Raises DamagedRepresentation where it is missing or damaged.
    """
    path = folder(name) / PROVENANCE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found["files"], dict):
            return dict(found)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DamagedRepresentation(
            f"{runtime.shown(path)} cannot be read ({type(error).__name__}); restore it from git"
        ) from error
    raise DamagedRepresentation(f"{runtime.shown(path)} names no files; restore it from git")


def content(name: str, file: str) -> bytes:
    """The bytes of a shipped file, which are those that were shipped. Raises DamagedRepresentation."""
    path, known = folder(name) / file, provenance(name)["files"].get(file)
    if known is None or not path.is_file():
        raise DamagedRepresentation(f"{runtime.shown(path)} is missing; restore it from git")
    if runtime.sha256(path) != known:
        raise DamagedRepresentation(
            f"{runtime.shown(path)} is not the file that was shipped; restore it from git"
        )
    return path.read_bytes()


def ship(name: str, files: Mapping[str, bytes], about: Mapping[str, Any]) -> None:
    """Write the files of a representation and its provenance, ``about`` with their sha256."""
    for file, written in files.items():
        with runtime.atomic_file(folder(name) / file, "wb") as place:
            place.write(written)
    digests = {file: runtime.sha256(folder(name) / file) for file in files}
    with runtime.atomic_file(folder(name) / PROVENANCE) as place:
        place.write(json.dumps({**about, "files": digests}, indent=1) + "\n")
