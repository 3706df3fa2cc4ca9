"""``w2s doctor``: what is installed, what can be reached, what is missing, and the command that mends it."""

from __future__ import annotations

import shlex
import sys
import tempfile
from collections import defaultdict
from importlib import metadata
from pathlib import Path

import click
from packaging.requirements import Requirement

from .. import runtime
from ..data import datasets, registry

PACKAGE = "w2s-utils"
USES = {
    "torch": "Figure 2(a)-(c), transformers",
    "molecules": "SMILES",
    "text": "the transformers and the lexicon of notebook 40",
    "notebooks": "the notebooks and make reproduce",
    "parquet": "Parquet and feather files",
    "excel": "xlsx files",
    "distributed": "a Dask cluster",
    "site": "make site",
    "dev": "the tests",
    "minimol": "to compute MiniMol's features again",
}


@click.command()
def doctor() -> None:
    """What is installed, what can be reached, what is missing, and what mends it; exit code 2 where something is broken."""
    click.echo(f"Python {sys.version.split()[0]}, {PACKAGE} {metadata.version(PACKAGE)}")
    broken = not _needed()
    for extra, missing in sorted(extras().items()):
        uses = USES.get(extra, "")
        if missing:
            click.echo(f"[missing]  {extra} ({uses}): pip install {' '.join(map(shlex.quote, missing))}")
        else:
            click.echo(f"[ok]       {extra} ({uses})")
    try:
        click.echo(f"[ok]       checkout: {runtime.repository()}")
    except FileNotFoundError:
        click.echo("[missing]  checkout: notebooks and shipped models come with a clone of the repository")
    broken |= not _writable(registry.cache_folder())
    status = datasets.status()
    for name, source, message in status:
        mark = "[missing]" if source == "unreachable" else "[ok]     "
        click.echo(f"{mark}  data set {name} ({source}): {message}")
    if any(one.source == "unreachable" for one in status):
        click.echo(
            "           what mends it: a network, or W2S_DATA_MIRROR, a folder that has the files (w2s sets: from where)"
        )
    if broken:
        raise click.exceptions.Exit(2)


def extras() -> dict[str, list[str]]:
    """Of each extra what is not installed, or is too old."""
    found: dict[str, list[str]] = defaultdict(list)
    for text in metadata.requires(PACKAGE) or []:
        asked = Requirement(text)
        for extra in set(metadata.metadata(PACKAGE).get_all("Provides-Extra") or []) - {"all"}:
            found[extra] += (
                [_named(asked)]
                if asked.marker and asked.marker.evaluate({"extra": extra}) and not _installed(asked)
                else []
            )
    return dict(found)


def _needed() -> bool:
    """Whether all is there that every command needs; says what is not."""
    asked = [Requirement(text) for text in metadata.requires(PACKAGE) or []]
    missing = [_named(one) for one in asked if one.marker is None and not _installed(one)]
    if missing:
        click.echo(f"[broken]   pip install {' '.join(map(shlex.quote, missing))}")
    return not missing


def _installed(asked: Requirement) -> bool:
    try:
        return asked.specifier.contains(metadata.version(asked.name), prereleases=True)
    except metadata.PackageNotFoundError:
        return False


def _named(asked: Requirement) -> str:
    return f"{asked.name}{asked.specifier}"


def _writable(folder: Path) -> bool:
    """Whether downloads can be kept; says where."""
    place = folder
    while not place.exists():
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place):  # what a system allows is not all that it says
            click.echo(f"[ok]       downloads go to {folder}")
            return True
    except OSError:
        pass
    click.echo(
        f"[broken]   downloads cannot go to {folder}; make it writable, or point W2S_CACHE at a folder that is"
    )
    return False
