"""What each notebook says of itself, read from its source and never by running it.

The first cell holds a title and a table of two columns. Of its lines these are read: *Paper* (authors, year, where to find
it), *Where* (the place in it), *About* (one line for the lists of notebooks) and *Time*. The number in its name says the
section.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import judgement

READS = ("notebooks/[0-9][0-9]_*.py",)

SECTIONS = {
    "0": "Start",
    "1": "Theorems",
    "2": "Synthetic experiments",
    "3": "Molecules",
    "4": "Texts, images and other losses",
    "5": "Theory of the papers around",
    "6": "Methods of the papers around",
    "8": "Your own data",
    "9": "Report",
}
"""By the first digit of a notebook's number."""

FIELDS = ("Paper", "Where", "About", "Time")


class IncompleteFirstCell(ValueError):
    """A notebook whose first cell lacks its title or a line of its table."""


@dataclass(frozen=True)
class NotebookEntry:
    """One notebook: its ``name`` (``10_theorem_1``) and what its first cell says.

    ``title``, ``paper``, ``where``, ``about`` and ``time`` are empty where their line is missing. ``claims``: ids that it
    declares; ``figures``: names of those that it saves.
    """

    name: str
    title: str
    paper: str
    where: str
    about: str
    time: str
    claims: tuple[str, ...]
    figures: tuple[str, ...]

    @property
    def section(self) -> str:
        """Name of the notebook's section."""
        return SECTIONS.get(self.name[:1], "Others")


def catalogue(sources: Sequence[Path]) -> list[NotebookEntry]:
    """One entry per notebook source (``.py``, percent format), in the order given.

    Raises SyntaxError where a source is not Python, `judgement.ClaimError` where its claims are not a literal list.
    """
    return [entry_of(source) for source in sources]


def entry_of(source: Path) -> NotebookEntry:
    """The entry of one notebook source; raises as `catalogue`."""
    text = source.read_text(encoding="utf-8")
    first = re.split(r"^# %%.*$", text, flags=re.MULTILINE)[1:2]
    cell = first[0] if first else ""
    title = re.search(r"^# # +(.+)$", cell, re.MULTILINE)
    paper, where, about, time = (_field(cell, name) for name in FIELDS)
    return NotebookEntry(
        name=source.stem,
        title=title[1].strip() if title else source.stem,
        paper=paper,
        where=where,
        about=about,
        time=time,
        claims=tuple(declared_claims(source)) if _ledger_call(source) else (),
        figures=tuple(_shown_figures(ast.parse(text))),
    )


def check_complete(entry: NotebookEntry) -> None:
    """Check that a first cell says all that the lists of notebooks show. Raises IncompleteFirstCell naming what is missing."""
    missing = [name for name in FIELDS if not getattr(entry, name.lower())]
    if missing or entry.title == entry.name:
        raise IncompleteFirstCell(
            f"the first cell of {entry.name} needs a title (# # ...) and the lines {', '.join(FIELDS)} in its table; "
            f"missing: {', '.join(missing) or 'the title'}"
        )


def declared_claims(notebook: Path) -> list[str]:
    """The claim ids that a notebook source (``.py``) declares in its one ``Ledger(...)`` call, read without running it.

    Raises `judgement.ClaimError` where the declaration is missing or is not a literal list.
    """
    call = _ledger_call(notebook)
    if call is None:
        raise judgement.ClaimError(f"{notebook.name} opens no Ledger")
    arguments = [*call.args[1:], *(keyword.value for keyword in call.keywords if keyword.arg == "claims")]
    try:
        claims = ast.literal_eval(arguments[0])
    except (IndexError, ValueError):
        claims = None
    if not isinstance(claims, list | tuple) or not all(isinstance(claim, str) for claim in claims):
        raise judgement.ClaimError(
            f"{notebook.name}: the claims of its Ledger are not a literal list; write the ids out in the call"
        )
    return list(claims)


def _field(cell: str, name: str) -> str:
    found = re.search(rf"^# \| *{name} *\|(.+)\|\s*$", cell, re.MULTILINE)
    return found[1].strip() if found else ""


def _ledger_call(notebook: Path) -> ast.Call | None:
    for node in ast.walk(ast.parse(notebook.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Ledger":
            return node
    return None


def _shown_figures(tree: ast.Module) -> list[str]:
    """Names in ``figures.show(figure, "name", ...)``, in the order of the text; a name that is computed is not seen."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "figures.show" and len(node.args) > 1
    ]
    names = [call.args[1] for call in sorted(calls, key=lambda call: call.lineno)]
    return [name.value for name in names if isinstance(name, ast.Constant) and isinstance(name.value, str)]
