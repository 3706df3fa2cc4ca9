"""Outside files by name: found in a mirror, in the cache or on the network, and always checked.

``registry.csv``, beside this module, lists every file with the url it is pinned to and its sha256. It is looked for

1. in the folder ``W2S_DATA_MIRROR``, under the registry's ``file``;
2. in the cache, under the same ``file``: ``W2S_CACHE``, else ``data/cache`` of a checkout, else ``~/.cache/w2s-utils``;
3. at its ``url``; what comes is kept in the cache.

The first place that holds the file decides: bytes with another sha256 are an error, never passed over.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import warnings
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from .. import runtime

CONNECT_SECONDS, READ_SECONDS = 5, 30

# Hosts that could not be reached in this process: asking again would only cost the same wait.
_failed_hosts: set[str] = set()


class RegistryError(ValueError):
    """The registry cannot be read, or does not know a name."""


class ChecksumMismatch(ValueError):
    """A file is there, but it is not the one that the registry pins."""


class DataUnreachable(RuntimeError):
    """A file is in none of the three places."""


@dataclass(frozen=True)
class Entry:
    """One line of the registry. ``file`` is a path relative to the mirror or the cache; ``sha256`` is hexadecimal, or
    ``md5:`` and the md5 where the publisher gives nothing else."""

    name: str
    file: str
    url: str
    sha256: str
    bytes: int
    licence: str
    citation: str
    description: str


@dataclass(frozen=True)
class Found:
    """A checked file: its path, and ``mirror``, ``cache`` or ``downloaded``."""

    path: Path
    source: str


def registry_file() -> Path:
    return Path(__file__).with_name("registry.csv")


def cache_folder() -> Path:
    """Folder for downloads and plain-text copies (not created here)."""
    moved = os.environ.get("W2S_CACHE")
    if moved:
        return Path(moved).expanduser().resolve()
    try:
        return runtime.repository() / "data" / "cache"
    except FileNotFoundError:
        return Path.home() / ".cache" / "w2s-utils"


def entries() -> dict[str, Entry]:
    """The registry by name. Raises RegistryError for a missing column, a bad number or a name listed
    twice.
    """
    with open(registry_file(), newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        wanted = [field.name for field in fields(Entry)]
        if list(reader.fieldnames or ()) != wanted:
            raise RegistryError(
                f"registry.csv must have the columns {','.join(wanted)}; restore it, from git or by a new installation"
            )
        lines = list(reader)
    found: dict[str, Entry] = {}
    for line in lines:
        if None in line or None in line.values() or not line["bytes"].isdigit() or line["name"] in found:
            raise RegistryError(
                f"registry.csv has a damaged or repeated line {line['name']!r}; restore it, from git or by a new installation"
            )
        found[line["name"]] = Entry(bytes=int(line.pop("bytes")), **line)
    return found


def entry(name: str) -> Entry:
    """The line called ``name``. Raises RegistryError where there is none."""
    listed = entries()
    if name not in listed:
        raise RegistryError(f"registry.csv has no {name!r}; it lists {', '.join(sorted(listed))}")
    return listed[name]


def fetch(name: str) -> Path:
    """Path of the checked file called ``name``. Raises what `locate` raises."""
    return locate(name).path


def locate(name: str) -> Found:
    """Find the file called ``name``, check its sha256, download it if need be.

    Raises RegistryError (unknown name), ChecksumMismatch (wrong bytes, with the remedy), DataUnreachable
    (with the three ways to supply the file), UnwritableFolder (downloaded, but the cache takes no files).
    """
    wanted = entry(name)
    mirror = os.environ.get("W2S_DATA_MIRROR")
    if mirror and not Path(mirror).expanduser().is_dir():
        warnings.warn("W2S_DATA_MIRROR names no folder, so it is not used", stacklevel=2)
    places = [("mirror", Path(mirror).expanduser() / wanted.file)] if mirror else []
    for source, path in [*places, ("cache", cache_folder() / wanted.file)]:
        if path.is_file():
            _check(wanted, _read(wanted, path), source)
            return Found(path, source)
    content = _download(wanted)
    _check(wanted, content, "downloaded")
    with runtime.atomic_file(path, "wb") as file:
        file.write(content)
    return Found(path, "downloaded")


def _read(wanted: Entry, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataUnreachable(
            _three_ways(wanted, f"it is there but cannot be read: {error.strerror}")
        ) from error


def _check(wanted: Entry, content: bytes, source: str) -> None:
    algorithm, _, digest = wanted.sha256.rpartition(":")
    algorithm = algorithm or "sha256"
    found = hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
    if found == digest:
        return
    cache = "the folder W2S_CACHE" if os.environ.get("W2S_CACHE") else "data/cache"
    remedy = {
        "mirror": "the copy in W2S_DATA_MIRROR is not the pinned file: replace it or unset the variable",
        "cache": f"the copy in {cache} is not the pinned file: delete it and it is fetched again",
        "downloaded": f"what came from {wanted.url} is not the pinned file and was not kept: "
        "put the right one into the cache by hand, or try from a network without a filter",
    }[source]
    raise ChecksumMismatch(
        f"{wanted.file}: expected {algorithm} {digest} ({wanted.bytes} bytes), "
        f"found {found} ({len(content)} bytes); {remedy}"
    )


def _download(wanted: Entry) -> bytes:
    """The bytes at the entry's url. Raises DataUnreachable; a host that gave no answer is not asked again."""
    host = urlsplit(wanted.url).hostname or ""
    if host in _failed_hosts:
        raise DataUnreachable(_three_ways(wanted, f"no connection to {host} earlier in this process"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a missing widget library, of no interest to a reader
        from pooch import HTTPDownloader

    content = io.BytesIO()
    try:
        HTTPDownloader(timeout=(CONNECT_SECONDS, READ_SECONDS))(wanted.url, content, None)
    except OSError as error:  # every error of requests is one
        answer = getattr(error, "response", None)
        if answer is not None:
            raise DataUnreachable(_three_ways(wanted, f"{host} answered {answer.status_code}")) from None
        _failed_hosts.add(host)
        raise DataUnreachable(
            _three_ways(wanted, f"no connection to {host}: {type(error).__name__}")
        ) from None
    return content.getvalue()


def _three_ways(wanted: Entry, reason: str) -> str:
    cache = "the folder W2S_CACHE, as " if os.environ.get("W2S_CACHE") else "data/cache, as data/cache/"
    return (
        f"{wanted.file} cannot be reached ({reason}). Three ways to supply it:\n"
        f"  1. set W2S_DATA_MIRROR to a folder that holds {wanted.file}\n"
        f"  2. put the file into {cache}{wanted.file}\n"
        f"  3. be online, so that it is downloaded from {wanted.url}"
    )
