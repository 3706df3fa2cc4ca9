"""The site ``build/site``, made by ``make site``: Sphinx, with what it cannot know of notebooks and verdicts.

Pages come from the committed pairs ``notebooks/*.ipynb``, verdicts from ``data/reference/claims.csv``, all else from ``docs``,
docstrings and the texts of the checkout. The site appears whole or not at all: it is made beside its place and then takes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tempfile
from binascii import a2b_base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment
from markupsafe import Markup

from .. import ROOMS, judgement, runtime
from ..chain import execution, stamps
from ..chain.catalogue import NotebookEntry, catalogue
from ..chain.claims import LEDGER, read_reference
from . import rendering

MARK = "Weak-to-strong gain: the notebooks and their verdicts"  # by this an earlier site is known, which may be replaced
TEXTS = (
    "README.md",
    "CONTRIBUTING.md",
    "DEVIATIONS.md",
    "CHANGELOG.md",
    "data/README.md",
    "notebooks/README.md",
)
FILES = (
    "CITATION.cff",
    "data/reference/*.*",
    "w2s_utils/__init__.py",
    "w2s_utils/data/registry.csv",
)  # texts lead to them
MACHINERY = ("chain", "pages", "benchmarks")  # rooms that make runs, and nobody else calls
REPORT, OWN_DATA = "report.html", "your_data_*.html"


class CannotBuildSite(RuntimeError):
    """Something that a page needs is missing or damaged; the message names the file and the remedy."""


@dataclass
class _Page:
    """One executed notebook, and its claims as text."""

    entry: NotebookEntry
    notebook: nbformat.NotebookNode
    claims: list[dict[str, Any]] = field(default_factory=list)


def build(root: Path, target: Path, run: Path) -> list[str]:
    """Write the site of the checkout ``root`` into the folder ``target``; returns notes on what it does not hold.

    ``run``: the folder of a full run, whose report and pages of own data are copied if they are there. An earlier site in
    ``target`` is replaced. Raises CannotBuildSite for a missing library, no executed notebook at all, one that is damaged or did
    not run to its end, a figure without alt text, a missing or damaged ledger, whatever Sphinx warns of (a formula that cannot be
    drawn, a link that leads nowhere), and a ``target`` that holds something else; `runtime.UnwritableFolder` where it cannot be
    written. ``target`` is then as before.
    """
    copies = sorted([*run.glob(REPORT), *run.glob(OWN_DATA)])
    with _whole_folder(target) as (source, fresh):
        notes = _write_sources(root, source, [copy.name for copy in copies])
        _run_sphinx(root / "docs", source, fresh)
        for copy in copies:
            shutil.copyfile(copy, fresh / copy.name)
    return notes


def main() -> int:
    """Build the site of this checkout, with the pages of its full run; returns the exit code."""
    root = runtime.repository()
    target = root / "build" / "site"
    try:
        notes = build(root, target, root / "build" / "full")
    except (CannotBuildSite, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    pages = len(list(target.rglob("*.html")))
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file()) / 1e6
    print("\n".join([*notes, f"{runtime.shown(target / 'index.html')}: {pages} pages, {size:.1f} MB"]))
    return 0


def _write_sources(root: Path, source: Path, copies: list[str]) -> list[str]:
    """What Sphinx reads, laid out as the checkout is, so that links hold; returns the notes."""
    sources = stamps.sources(root)
    executed = [name for name in sources if (root / "notebooks" / f"{name}.ipynb").is_file()]
    if not executed:
        folder = runtime.shown(root / "notebooks")
        raise CannotBuildSite(f"no executed notebook in {folder}: run `make reproduce`, then `make publish`")
    try:
        ledger = read_reference(root / "data" / "reference" / LEDGER)
    except judgement.ClaimError as error:
        raise CannotBuildSite(str(error)) from error
    rows = {str(row["claim"]): row for row in ledger.to_dict("records")}
    entries = catalogue([sources[name] for name in executed])
    pages = [_page(entry, root / "notebooks" / f"{entry.name}.ipynb", rows) for entry in entries]
    notes = [f"Not executed yet, so without a page: {name}." for name in sources if name not in executed]
    if REPORT not in copies:
        notes.append(
            "The report is not part of this copy: `make reproduce` writes it, `make site` then adds it."
        )
    texts = [text for text in TEXTS if (root / text).is_file()]
    for file in [file for name in (*texts, *FILES) for file in root.glob(name)]:
        place = source / file.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    jinja = rendering.environment(root / "docs")
    jinja.filters["plain"] = _plain

    def write(name: str, template: str, **variables: Any) -> None:
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text(jinja.get_template(template).render(**variables), encoding="utf-8")

    rooms = {}
    for room in ROOMS:
        path = root / "w2s_utils" / room
        if room not in MACHINERY and (path.is_dir() or path.with_suffix(".py").is_file()):
            rooms[room] = sorted(module.name for module in pkgutil.iter_modules([str(path)]))
            write(f"api/{room}.md", "room.md.j2", room=room, modules=rooms[room])
    verdicts = [claim["verdict"] for page in pages for claim in page.claims]
    sections = [(name, list(part)) for name, part in groupby(entries, lambda entry: entry.section)]
    totals = {verdict: verdicts.count(verdict) for verdict in judgement.VERDICTS}
    write(
        "index.md",
        "index.md.j2",
        sections=sections,
        totals=totals,
        texts=texts,
        rooms=rooms,
        copies=copies,
        notes=notes,
    )
    alts: dict[str, str] = {}
    for page in pages:
        alts |= _alt_texts(page)
        (source / "notebooks").mkdir(exist_ok=True)
        nbformat.write(_with_verdicts(page, jinja), source / "notebooks" / f"{page.entry.name}.ipynb")
    write("verdicts.md", "verdicts.md.j2", pages=[page for page in pages if page.claims])
    (source / "alts.json").write_text(json.dumps(alts), encoding="utf-8")
    return notes


def _plain(text: str) -> Markup:
    """Text as Markdown that shows it as it is."""
    return Markup(re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text))


def _page(entry: NotebookEntry, pair: Path, rows: dict[str, Any]) -> _Page:
    remedy = f"run `make reproduce`, then `make publish`, or take {pair.name} back from git"
    try:
        notebook = nbformat.read(pair, as_version=4)
    except Exception as error:  # nbformat raises many kinds for a damaged file
        reason = " ".join(str(error).split())[:200]
        raise CannotBuildSite(f"{pair.name} is not a notebook ({reason}); {remedy}") from error
    if defects := execution.defects(notebook):
        raise CannotBuildSite(f"{pair.name} is not the result of a finished run ({defects[0]}); {remedy}")
    return _Page(entry, notebook, [_claim(claim, rows.get(claim)) for claim in entry.claims])


def _claim(claim: str, row: Any) -> dict[str, Any]:
    """One claim as text; a claim without a row counts as not run."""
    known = {"claim": claim, "anchor": re.sub(r"\W+", "-", claim), "printed": False}
    if row is None:
        reason = f"no row in data/reference/{LEDGER}"
        return (
            known
            | dict.fromkeys(("where", "found", "expected", "statistic"), "")
            | {"verdict": "not run", "reason": reason}
        )
    check, band = row["verdict"] in judgement.CHECKS, judgement.band(row)
    stated = (
        f"{row['prediction']} ({row['stated_by']}): {judgement.predicted(row)}" if row["prediction"] else ""
    )
    found = judgement.shown(row, 4)
    return known | {
        **{name: row[name] for name in ("where", "verdict", "statistic", "reason")},
        "found": found if check else f"{found} {band}".strip(),
        "expected": band if check else stated,
    }


def _alt_texts(page: _Page) -> dict[str, str]:
    """Alt texts by the sha256 of their figures. Raises CannotBuildSite for a figure without one."""
    found = {}
    for number, cell in enumerate(page.notebook.cells):
        for output in [one for one in cell.get("outputs", []) if "image/png" in one.get("data", {})]:
            alt = output.metadata.get("image/png", {}).get("alt", "").strip()
            if not alt:
                where = f"{page.entry.name}: cell {number}"
                raise CannotBuildSite(
                    f"{where} shows a figure without alt text: show it through `figures.show`"
                )
            found[hashlib.sha256(a2b_base64(output.data["image/png"])).hexdigest()] = alt
    return found


def _with_verdicts(page: _Page, jinja: Environment) -> nbformat.NotebookNode:
    """The notebook with a line above each cell that was the first to print a claim's verdict; marks those claims as printed."""
    cells = []
    for cell in page.notebook.cells:
        text = "".join(str(output.get("text", "")) for output in cell.get("outputs", []))
        printed = [row for row in page.claims if f"]  {row['claim']}: " in text and not row["printed"]]
        for row in printed:
            row["printed"] = True
        if printed:
            line = jinja.get_template("cell.md.j2").render(claims=printed)
            cells.append(nbformat.v4.new_markdown_cell(line))
        cells.append(cell)
    return nbformat.from_dict({**page.notebook, "cells": cells})


def _run_sphinx(settings: Path, source: Path, fresh: Path) -> None:
    """Make the pages, in a process of its own. Raises CannotBuildSite with the first warning."""
    command = [sys.executable, "-m", "sphinx", "-qW", "--no-color", "-j", str(min(runtime.workers(), 4))]
    places = ["-c", settings, "-d", source.parent / "doctrees", source, fresh]
    made = subprocess.run([*command, *places], cwd=runtime.repository(), stderr=subprocess.PIPE, text=True)
    if "No module named" in made.stderr:
        raise CannotBuildSite(
            f"the site needs a library that is not installed ({made.stderr.strip().splitlines()[-1]}): run `make setup`"
        )
    if made.returncode:
        said = [line for line in made.stderr.splitlines() if "WARNING:" in line] or made.stderr.splitlines()[
            -1:
        ]
        raise CannotBuildSite(f"Sphinx makes no site of this: {said[0].replace(f'{source}/', '')}")


@contextmanager
def _whole_folder(target: Path) -> Iterator[tuple[Path, Path]]:
    """Folders for sources and for what becomes ``target`` when the block ends without an error; else nothing has changed."""
    index = target / "index.html"
    if target.exists() and not (index.is_file() and MARK in index.read_text(encoding="utf-8")):
        raise CannotBuildSite(
            f"{runtime.shown(target)} is there and is no earlier site, so it is not replaced: move it away"
        )
    runtime.make_folder(target.parent)
    try:
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
    except OSError as error:
        raise runtime.UnwritableFolder(
            f"cannot write into {runtime.shown(target.parent)} ({error.strerror}); make it writable"
        ) from error
    source, fresh = partial / "source", partial / "new"
    try:
        source.mkdir()
        yield source, fresh
        if target.exists():
            os.rename(target, partial / "earlier")
        os.rename(fresh, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
