"""Every executed notebook and the report as pages that need no network: ``build/site``, made by ``make site``.

Pages come from the committed pairs ``notebooks/*.ipynb``, verdicts from ``data/reference/claims.csv``. The site appears
whole or not at all: it is written beside its place and then takes it.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from pygments.formatters import HtmlFormatter

from .. import judgement, runtime
from ..chain import execution, stamps
from ..chain.catalogue import NotebookEntry, catalogue
from ..chain.claims import LEDGER, read_reference
from . import rendering
from .formulas import FormulaError
from .notebook_html import FigureWithoutAlt, Heading, NotebookHTML, cell_anchor, notebook_html

TITLE = "Weak-to-strong gain: the notebooks and their verdicts"
MARK = f"<title>{TITLE}</title>"  # by this an earlier site is known, which may be replaced


class CannotBuildSite(RuntimeError):
    """Something that a page needs is missing or damaged; the message names the file and the remedy."""


@dataclass(frozen=True)
class _Page:
    """One notebook: what it says of itself, its notebook, its cells as HTML, and its claims as text."""

    entry: NotebookEntry
    notebook: nbformat.NotebookNode
    content: NotebookHTML
    claims: list[dict[str, str]]

    @property
    def sections(self) -> list[Heading]:
        """Headings of the first two levels after the title, which comes first."""
        return [heading for heading in self.content.headings[1:] if heading.level <= 2]

    @property
    def counts(self) -> dict[str, int]:
        return {
            verdict: sum(claim["verdict"] == verdict for claim in self.claims)
            for verdict in judgement.VERDICTS
        }


def build(root: Path, target: Path, report: Path | None = None) -> list[str]:
    """Write the site of the checkout ``root`` into the folder ``target``; returns notes on what it does not hold.

    ``report``: the page of a full run, copied as it is; None or a missing file leaves it out with a note. An earlier site
    in ``target`` is replaced. Raises CannotBuildSite for a notebook that is damaged or did not run to its end, a formula
    that cannot be drawn, a figure without alt text, a missing or damaged ledger, no executed notebook at all, and a
    ``target`` that holds something else; `runtime.UnwritableFolder` where it cannot be written. ``target`` is then as before.
    """
    sources = stamps.sources(root)
    pairs = {name: root / "notebooks" / f"{name}.ipynb" for name in sources}
    executed = [name for name, pair in pairs.items() if pair.is_file()]
    if not executed:
        raise CannotBuildSite(
            f"no executed notebook in {runtime.shown(root / 'notebooks')}: run `make reproduce`, then `make publish`"
        )
    try:
        ledger = read_reference(root / "data" / "reference" / LEDGER)
    except judgement.ClaimError as error:
        raise CannotBuildSite(str(error)) from error
    entries = catalogue([sources[name] for name in executed])
    pages = [_page(entry, pairs[entry.name], ledger) for entry in entries]
    font = _font(root / "data" / "fonts" / "stix_two_math.woff")
    with_report = report is not None and report.is_file()
    notes = [
        f"Not executed yet, so without a page: {name}." for name, pair in pairs.items() if not pair.is_file()
    ]
    if not with_report:
        notes.append(
            "The report is not part of this copy: `make reproduce` writes it, `make site` then adds it."
        )
    with _whole_folder(target) as folder:
        for place, page in enumerate(pages):
            neighbours = {
                "before": pages[place - 1].entry if place else None,
                "after": pages[place + 1].entry if place + 1 < len(pages) else None,
            }
            (folder / f"{page.entry.name}.html").write_text(
                _notebook_page(page, font, **neighbours), encoding="utf-8"
            )
        if report is not None and with_report:
            shutil.copyfile(report, folder / "report.html")
        (folder / "index.html").write_text(_index(pages, font, with_report, notes), encoding="utf-8")
    return notes


def main() -> int:
    """Build the site of this checkout, with the report of its full run; returns the exit code."""
    root = runtime.repository()
    target = root / "build" / "site"
    try:
        notes = build(root, target, root / "build" / "full" / "report.html")
    except (CannotBuildSite, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    files = list(target.iterdir())
    size = sum(file.stat().st_size for file in files) / 1e6
    print("\n".join(notes + [f"{runtime.shown(target / 'index.html')}: {len(files)} pages, {size:.1f} MB"]))
    return 0


def _font(path: Path) -> str:
    """The font of formulas as base64: with it brackets and braces grow also where a device has no font for formulas."""
    try:
        return base64.b64encode(path.read_bytes()).decode("ascii")
    except OSError as error:
        raise CannotBuildSite(
            f"{runtime.shown(path)} cannot be read ({error.strerror}); take it back from git"
        ) from error


def _page(entry: NotebookEntry, pair: Path, ledger: pd.DataFrame) -> _Page:
    remedy = f"run `make reproduce`, then `make publish`, or take {pair.name} back from git"
    try:
        notebook = nbformat.read(pair, as_version=4)
    except Exception as error:  # nbformat raises many kinds for a damaged file
        reason = " ".join(str(error).split())[:200]
        raise CannotBuildSite(f"{pair.name} is not a notebook ({reason}); {remedy}") from error
    defects = execution.defects(notebook)
    if defects:
        raise CannotBuildSite(f"{pair.name} is not the result of a finished run ({defects[0]}); {remedy}")
    try:
        content = notebook_html(notebook)
    except (FigureWithoutAlt, FormulaError) as error:
        raise CannotBuildSite(f"{pair.name}: {error}") from error
    rows = {str(row["claim"]): row for row in ledger.to_dict("records")}
    claims = [_claim(claim, rows.get(claim), notebook) for claim in entry.claims]
    return _Page(entry, notebook, content, claims)


def _claim(claim: str, row: dict[Any, Any] | None, notebook: nbformat.NotebookNode) -> dict[str, str]:
    """One claim as text, with the cell that printed its verdict; a claim without a row counts as not run."""
    anchors = [
        cell_anchor(cell)
        for cell in notebook.cells
        if any(f"]  {claim}: " in str(output.get("text", "")) for output in cell.get("outputs", []))
    ]
    found = {"claim": claim, "anchor": anchors[0] if anchors else ""}
    if row is None:
        reason = "no row in data/reference/claims.csv"
        return (
            found
            | dict.fromkeys(("where", "statistic", "found", "band"), "")
            | {
                "verdict": "not run",
                "reason": reason,
            }
        )
    return found | {
        **{name: str(row[name]) for name in ("where", "statistic", "reason")},
        "verdict": row["verdict"],
        "found": judgement.shown(row, 4),
        "band": judgement.band({name: float(row[name]) for name in ("low", "high")}),
    }


def _notebook_page(page: _Page, font: str, before: NotebookEntry | None, after: NotebookEntry | None) -> str:
    stamp = page.notebook.metadata.get("w2s", {})
    ran = f", run in {stamp['seconds']:.0f} s" if "seconds" in stamp else ""
    return rendering.render(
        "notebook.html.j2",
        title=page.entry.title,
        policy="",
        highlighting=_highlighting(),
        font=font if "<math" in page.content.body else "",
        name=page.entry.name,
        headings=page.sections,
        # The title stands above the contents, so not in the text again.
        body=re.sub(r"<h1\b.*?</h1>", "", page.content.body, count=1, flags=re.DOTALL),
        counts=page.counts if page.claims else None,
        provenance=f"Source: notebooks/{page.entry.name}.py{ran} at the published values.",
        before=before,
        after=after,
    )


def _index(pages: list[_Page], font: str, with_report: bool, notes: list[str]) -> str:
    search = (rendering.FOLDER / "search.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(search.encode()).digest()).decode("ascii")
    return rendering.render(
        "index.html.j2",
        title=TITLE,
        policy=f"; script-src 'sha256-{digest}'",
        highlighting="",
        font=font
        if any("<math" in heading.html for page in pages for heading in page.content.headings)
        else "",
        totals={verdict: sum(page.counts[verdict] for page in pages) for verdict in judgement.VERDICTS},
        pages=[
            {
                "name": page.entry.name,
                "group": page.entry.section
                if place == 0 or pages[place - 1].entry.section != page.entry.section
                else "",
                "title": page.entry.title,
                "paper": page.entry.paper,
                "where": page.entry.where,
                "counts": page.counts,
                "claims": page.claims,
                "sections": page.sections,
            }
            for place, page in enumerate(pages)
        ],
        report=with_report,
        notes=notes,
        script=search,
    )


def _highlighting() -> str:
    """Colours of code on light and on dark pages."""
    light, dark = (
        HtmlFormatter(style=style).get_style_defs(".highlight") for style in ("default", "github-dark")
    )
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"


@contextmanager
def _whole_folder(target: Path) -> Iterator[Path]:
    """A new folder that becomes ``target`` when the block ends without an error; else nothing has changed."""
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
    fresh, earlier = partial / "new", partial / "earlier"
    try:
        fresh.mkdir()
        yield fresh
        if target.exists():
            os.rename(target, earlier)
        os.rename(fresh, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
