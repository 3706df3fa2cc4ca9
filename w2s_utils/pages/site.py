"""The site ``build/site``, made by ``make site``: Sphinx, with what it cannot know of notebooks and verdicts.

Pages come from the committed pairs ``notebooks/*.ipynb``, verdicts from ``data/reference/claims.csv``, all else from ``docs``,
docstrings and the texts of the checkout.
"""

from __future__ import annotations

import math
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any

from markupsafe import Markup

from .. import ROOMS, judgement, runtime
from ..chain import stamps
from ..chain.catalogue import catalogue
from ..chain.claims import LEDGER, read_reference
from . import rendering

MARK = "Weak-to-strong gain: the notebooks and their verdicts"  # by this an earlier site is known
NEEDED = ("sphinx", "myst_nb", "pydata_sphinx_theme", "math_core", "nbformat", "jupytext", "papermill")
TEXTS = (
    "README.md",
    "CONTRIBUTING.md",
    "DEVIATIONS.md",
    "CHANGELOG.md",
    "data/README.md",
    "notebooks/README.md",
)
LINKED = ("CITATION.cff", "data/reference/*.*", "w2s_utils/__init__.py", "w2s_utils/data/registry.csv")
PICTURES = ("image/png", "image/svg+xml")
MACHINERY = ("chain", "pages", "benchmarks", "cli")  # rooms that nobody else calls
REPORT, OWN_DATA = "report.html", "your_data_*.html"
NOT_RUN = dict.fromkeys(judgement.WORDS, "") | dict.fromkeys(judgement.NUMBERS, math.nan)
NOT_RUN |= {"verdict": "not run", "reason": f"no row in data/reference/{LEDGER}"}


class CannotBuildSite(RuntimeError):
    """Something that a page needs is missing or damaged; the message names the file and the remedy."""


def build(root: Path, target: Path, run: Path) -> list[str]:
    """Write the site of the checkout ``root`` into the folder ``target``; returns notes on what it does not hold.

    ``run``: the folder of a full run, whose report and pages of own data are copied if they are there. An earlier site is
    replaced. Raises CannotBuildSite for a missing library, no executed notebook, one with `pairs.problems`, a missing or
    damaged ledger, whatever Sphinx warns of (a formula that cannot be drawn, a link that leads nowhere), and a ``target``
    that holds something else; `runtime.UnwritableFolder` where it cannot be written. ``target`` is then as before.
    """
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise CannotBuildSite(
            f"the site needs {', '.join(missing)}: run `make setup`, or pip install -e '.[site]'"
        )
    index = target / "index.html"
    if target.exists() and not (index.is_file() and MARK in index.read_text("utf-8", "replace")):
        raise CannotBuildSite(
            f"{runtime.shown(target)} is no earlier site, so it is not replaced: move it away"
        )
    copies = sorted([*run.glob(REPORT), *run.glob(OWN_DATA)])
    partial = runtime.make_folder(target.with_name(f".{target.name}.{os.getpid()}"))
    try:
        notes = _write_sources(root, partial / "source", [copy.name for copy in copies])
        _run_sphinx(root / "docs", partial / "source", partial / "new")
        for copy in copies:
            shutil.copyfile(copy, partial / "new" / copy.name)
        if target.exists():
            os.rename(target, partial / "earlier")
        os.rename(partial / "new", target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
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
    print(
        "\n".join(
            [*notes, f"{runtime.shown(target / 'index.html')}: {len(list(target.rglob('*.html')))} pages"]
        )
    )
    return 0


def _write_sources(root: Path, source: Path, copies: list[str]) -> list[str]:
    """What Sphinx reads, laid out as the checkout is, so that links hold; returns the notes."""
    from ..chain import pairs

    sources = stamps.sources(root)
    pairs_of = {name: path.with_suffix(".ipynb") for name, path in sources.items()}
    executed = [name for name, pair in pairs_of.items() if pair.is_file()]
    remedy = "run `make reproduce`, then `make publish`"
    if not executed:
        raise CannotBuildSite(f"no executed notebook in {runtime.shown(root / 'notebooks')}: {remedy}")
    for name in executed:
        if problems := pairs.problems(sources[name], pairs_of[name]):
            raise CannotBuildSite(f"{problems[0]}; {remedy}, or take it back from git")
    try:
        ledger = read_reference(root / "data" / "reference" / LEDGER)
    except judgement.ClaimError as error:
        raise CannotBuildSite(str(error)) from error
    notes = [f"Not executed yet, so without a page: {name}." for name in sources if name not in executed]
    if REPORT not in copies:
        notes.append(
            "The report is not part of this copy: `make reproduce` writes it, `make site` then adds it."
        )
    for file in [file for pattern in (*TEXTS, *LINKED) for file in root.glob(pattern)]:
        shutil.copyfile(file, runtime.make_folder((source / file.relative_to(root)).parent) / file.name)
    entries = catalogue([sources[name] for name in executed])
    rows = {claim: NOT_RUN for entry in entries for claim in entry.claims}
    rows |= {row["claim"]: row for row in ledger.to_dict("records")}
    jinja = rendering.environment(root / "docs")
    jinja.filters |= {"plain": _plain, "anchor": lambda claim: re.sub(r"\W+", "-", claim)}
    jinja.globals |= {"rows": rows, "judgement": judgement}

    def render(template: str, **variables: Any) -> str:
        return jinja.get_template(template).render(**variables)

    pages, printed = {}, set()
    for entry in entries:
        pages[f"notebooks/{entry.name}.ipynb"], found = _with_verdicts(
            pairs_of[entry.name], entry.claims, render
        )
        printed |= found
    rooms = [room for room in ROOMS if room not in MACHINERY]
    for room in rooms:
        modules = sorted(
            module.name for module in pkgutil.iter_modules([str(Path(__file__).parents[1] / room)])
        )
        pages[f"api/{room}.md"] = render("room.md.j2", room=room, modules=modules)
    sections = [(name, list(part)) for name, part in groupby(entries, lambda entry: entry.section)]
    pages["index.md"] = render(
        "index.md.j2", sections=sections, texts=TEXTS, rooms=rooms, copies=copies, notes=notes
    )
    pages["verdicts.md"] = render("verdicts.md.j2", entries=entries, printed=printed)
    for name, text in pages.items():
        (runtime.make_folder((source / name).parent) / Path(name).name).write_text(text, encoding="utf-8")
    return notes


def _plain(text: str) -> Markup:
    """Text as Markdown that shows it as it is."""
    return Markup(re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text))


def _with_verdicts(pair: Path, claims: tuple[str, ...], render: Any) -> tuple[str, set[str]]:
    """A notebook as text, with alt texts where myst-nb reads them, and a line above each cell that is the first to print a
    claim's verdict; and the claims of those lines.
    """
    import nbformat

    notebook, cells, found = nbformat.read(pair, as_version=4), [], set()
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        if alts := [
            one.metadata[kind]["alt"] for one in outputs for kind in PICTURES if kind in one.get("data", {})
        ]:
            cell.metadata["mystnb"] = {"image": {"alt": " ".join(alts)}}
        text = "".join(str(one.get("text", "")) for one in outputs)
        if first := [claim for claim in claims if f"]  {claim}: " in text and claim not in found]:
            cells.append(nbformat.v4.new_markdown_cell(render("cell.md.j2", claims=first)))
        cells.append(cell)
        found |= set(first)
    notebook.cells = cells
    return nbformat.writes(notebook), found


def _run_sphinx(settings: Path, source: Path, fresh: Path) -> None:
    """Make the pages, in a process of its own. Raises CannotBuildSite with the first warning."""
    command = [sys.executable, "-m", "sphinx", "-qW", "--no-color", "-j", str(min(runtime.workers(), 4))]
    places = list(map(str, ("-c", settings, "-d", source.parent / "doctrees", source, fresh)))
    made = subprocess.run([*command, *places], cwd=runtime.repository(), stderr=subprocess.PIPE, text=True)
    if made.returncode:
        said = [line for line in made.stderr.splitlines() if "WARNING:" in line] or made.stderr.splitlines()[
            -1:
        ]
        raise CannotBuildSite(f"Sphinx makes no site of this: {said[0].replace(f'{source}/', '')}")


if __name__ == "__main__":
    sys.exit(main())
