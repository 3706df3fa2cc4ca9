"""What each notebook says of itself, read from its source and never by running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import results

READS = ("notebooks/[0-9][0-9]_*.py",)


@dataclass(frozen=True)
class NotebookEntry:
    """One notebook: its ``name`` (``10_theorem_1``), the ``title`` and the place in the paper (``where``, may be empty)
    that its first cell gives, the ids of the ``claims`` it declares, and the names of the ``figures`` it saves."""

    name: str
    title: str
    where: str
    claims: tuple[str, ...]
    figures: tuple[str, ...]


def catalogue(sources: Sequence[Path]) -> list[NotebookEntry]:
    """One entry per notebook source (``.py``, percent format), in the order given.

    Raises SyntaxError where a source is not Python, `results.ClaimError` where its claims are not a literal list.
    """
    return [_entry(source) for source in sources]


def _entry(source: Path) -> NotebookEntry:
    text = source.read_text(encoding="utf-8")
    title = re.search(r"^# # +(.+)$", text, re.MULTILINE)
    where = re.search(r"^# \| *Where *\|(.+)\|\s*$", text, re.MULTILINE)
    return NotebookEntry(
        name=source.stem,
        title=title[1].strip() if title else source.stem,
        where=where[1].strip() if where else "",
        claims=tuple(results.declared_claims(source)) if "Ledger(" in text else (),
        figures=tuple(_shown_figures(ast.parse(text))),
    )


def _shown_figures(tree: ast.Module) -> list[str]:
    """Names in ``figures.show(figure, "name", ...)``, in the order of the text; a name that is computed is not seen."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "figures.show" and len(node.args) > 1
    ]
    names = [call.args[1] for call in sorted(calls, key=lambda call: call.lineno)]
    return [name.value for name in names if isinstance(name, ast.Constant) and isinstance(name.value, str)]
