"""Folders, seeds, threads and files: what every other module may rely on and nothing more.

Two environment variables move things: ``W2S_PROFILE`` names the profile whose rows are written (``full`` for
``make reproduce``, ``smoke`` for the tests, ``lab`` when a notebook is run by hand) and ``W2S_BUILD`` replaces the
folder ``build/<profile>`` altogether.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
import warnings
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import IO, Any

import numpy as np

REPORTED_PACKAGES = ("numpy", "scipy", "pandas", "scikit-learn", "torch", "rdkit", "papermill", "jupytext")


class UnwritableFolder(OSError):
    """A folder that must take results cannot be written."""


class WrongSetting(ValueError):
    """An environment variable of ours that holds what it cannot."""


def repository() -> Path:
    """Top folder of the checkout, the one that holds ``notebooks/`` and ``data/``.

    Raises FileNotFoundError when the package was installed away from its checkout.
    """
    root = Path(__file__).resolve().parent.parent
    if not ((root / "notebooks").is_dir() and (root / "Makefile").is_file()):
        raise FileNotFoundError(
            "w2s_utils does not stand in its checkout, so notebooks and data cannot be found; "
            "install it with `pip install -e .` from a clone (`make setup` does)"
        )
    return root


def profile() -> str:
    """Name of the profile in force: ``W2S_PROFILE``, or ``lab`` when a notebook is run by hand."""
    return os.environ.get("W2S_PROFILE") or "lab"


def build_folder() -> Path:
    """Folder for everything a run writes: ``W2S_BUILD``, or ``build/<profile>`` in the checkout (not created here)."""
    moved = os.environ.get("W2S_BUILD")
    return Path(moved).expanduser().resolve() if moved else repository() / "build" / profile()


def shown(path: Path) -> str:
    """``path`` as it may be printed: relative to the checkout where it lies inside, never a machine path."""
    path = Path(path)
    try:
        return path.resolve().relative_to(repository()).as_posix()
    except (ValueError, FileNotFoundError):  # outside the checkout, or there is none
        return path.name


def first_line(documentation: str | None) -> str:
    """The first line of a docstring, for a command's help; empty where Python was told to drop docstrings (``-OO``)."""
    return (documentation or "").partition("\n")[0]


def make_folder(folder: Path) -> Path:
    """Create ``folder`` with its parents and return it. Raises UnwritableFolder with the remedy."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableFolder(
            f"cannot create the folder {shown(folder)} ({error.strerror}); make it writable, "
            "or point W2S_BUILD (results) or W2S_CACHE (downloads) at a folder that is"
        ) from error
    return folder


@contextmanager
def atomic_file(path: Path, mode: str = "w") -> Iterator[IO]:
    """Open a file that appears under ``path`` only when the block ends without an error, whole or not at all.

    Text is written as UTF-8 with ``\\n`` line ends. Raises UnwritableFolder where the folder takes no files.
    """
    make_folder(path.parent)
    try:
        handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    except OSError as error:
        raise UnwritableFolder(
            f"cannot write into {shown(path.parent)} ({error.strerror}); make it writable, "
            "or point W2S_BUILD (results) or W2S_CACHE (downloads) at a folder that is"
        ) from error
    try:
        binary = "b" in mode
        with os.fdopen(
            handle, mode, encoding=None if binary else "utf-8", newline=None if binary else "\n"
        ) as file:
            yield file
        os.chmod(partial, 0o644)
        os.replace(partial, path)
        _note_written(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def sha256(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _note_written(path: Path) -> None:
    """Add a file to the list ``W2S_WRITTEN`` of what a run of a notebook wrote, in whichever of its processes."""
    noted = os.environ.get("W2S_WRITTEN")
    if noted:
        with open(noted, "a", encoding="utf-8") as file:
            file.write(f"{os.path.abspath(path)}\n")


MOST_SEED = 2**32 - 1
"""The largest seed that `seed_stream` takes."""


def seed_stream(seed: int, *purpose: str | int) -> np.random.Generator:
    """Random generator for one purpose under one seed.

    Streams of different purposes are independent, so that drawing more in one place moves nothing elsewhere.
    ``seed``: an integer from 0 to 2^32 - 1. Raises ValueError for anything else.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed <= MOST_SEED:
        raise ValueError(f"a seed is an integer from 0 to 2^32 - 1, not {seed!r}")
    words = [zlib.crc32(str(word).encode()) for word in purpose]
    return np.random.default_rng([int(seed), *words])


def workers() -> int:
    """Processes for a parallel sweep: ``W2S_WORKERS``, else the processors this process may use. Raises WrongSetting."""
    asked = os.environ.get("W2S_WORKERS")
    if asked:
        if not asked.isdecimal() or int(asked) < 1:
            raise WrongSetting(f"W2S_WORKERS is a number of processes >= 1, not {asked!r}")
        return int(asked)
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def parallel(jobs: Iterable[Any]) -> list[Any]:
    """Results of joblib's delayed calls, in their order, from ``workers()`` processes with one thread each."""
    from joblib import Parallel

    with warnings.catch_warnings():
        # joblib replaces a worker whose memory has grown and runs its job again: nothing is lost, and nothing to be told.
        warnings.filterwarnings("ignore", message="A worker stopped")
        return list(Parallel(n_jobs=workers())(jobs))


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that move numbers; a package that is not installed is left out."""
    found = {"python": platform.python_version()}
    for name in REPORTED_PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
