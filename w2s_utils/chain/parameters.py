"""What a notebook's header says of its runs, and whether it takes the values that are injected into it. Read, never run.

The header is the block of comments on top, which jupytext reads too. Ours stands in it as

    w2s:
      smoke: {rows: 100}  # values that the smoke profile injects into the parameters cell
      timeout: 120        # seconds that the notebook may take at its published values
      after: all          # it reads what the others wrote, so it runs after them

all optional. A header moves no result at the published values, so it is no part of a notebook's key.
"""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path
from typing import Any

from .dependencies import UnreadableNotebook, parsed

FULL_LIMIT = 1800  # seconds for one whole notebook where its header says nothing
SMOKE_LIMIT = 300  # and at most at smoke values
DAY = 86_400
RULE = "# ---"


class UnknownParameter(ValueError):
    """An injected value that the notebook does not take: not in its parameters cell, or never read after it."""


def header(source: Path) -> dict[str, Any]:
    """``smoke``, ``timeout``, ``after`` of a notebook's header, those there. Raises UnreadableNotebook for another form."""
    import yaml

    text, _ = parsed(source)
    top, _ = _halves(text)
    try:
        settings = yaml.safe_load("\n".join(line.removeprefix("#").removeprefix(" ") for line in top)) or {}
        found = settings.get("jupyter", {}).get("w2s", {})
        smoke, timeout = found.get("smoke", {}), found.get("timeout", FULL_LIMIT)
        right = isinstance(smoke, dict) and isinstance(timeout, int | float) and 0 < timeout <= DAY
        right = right and not isinstance(timeout, bool) and set(found) <= {"smoke", "timeout", "after"}
        right = right and found.get("after", "all") == "all"
    except (yaml.YAMLError, AttributeError, TypeError):
        right = False
    if not right:
        raise UnreadableNotebook(
            f"{source.name}: the header's w2s holds smoke (names and values), timeout (seconds, a day at most) and "
            "after (all), as in 'w2s: {smoke: {rows: 100}, timeout: 120, after: all}'"
        )
    return dict(found)


def injected(source: Path, profile: str) -> dict[str, Any]:
    """Values that a profile injects into a notebook: those of its header for ``smoke``, none for any other."""
    return dict(header(source).get("smoke", {})) if profile == "smoke" else {}


def time_limit(source: Path, profile: str, at_once: int = 1) -> float:
    """Seconds that a notebook may take as a whole, where ``at_once`` of them share the processor."""
    limit = float(header(source).get("timeout", FULL_LIMIT))
    return at_once * (min(limit, SMOKE_LIMIT) if profile == "smoke" else limit)


def comes_last(source: Path) -> bool:
    """Whether a notebook asks to run after all that do not. Raises UnreadableNotebook as `header`."""
    return "after" in header(source)


def source_sha256(source: Path) -> str:
    """Hexadecimal sha256 of a notebook's text below its header: what becomes its cells. Raises UnreadableNotebook."""
    text, _ = parsed(source)
    return hashlib.sha256(_halves(text)[1].encode()).hexdigest()


def check_parameters(source: Path, injected: dict[str, Any]) -> None:
    """Check that a notebook takes each injected value: assigned in its parameters cell, and read after it.

    Raises UnknownParameter, so that no value is ever injected in vain.
    """
    if not injected:
        return
    text, tree = parsed(source)
    first, last = _parameters_cell(source, text)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    assigned = {node.id for node in names if isinstance(node.ctx, ast.Store) and first <= node.lineno <= last}
    read = {node.id for node in names if isinstance(node.ctx, ast.Load) and node.lineno > last}
    for name in injected:
        if name not in assigned:
            known = ", ".join(sorted(assigned)) or "nothing"
            raise UnknownParameter(
                f"{source.name} has no parameter {name!r}; its parameters cell assigns {known}"
            )
        if name not in read:
            raise UnknownParameter(f"{source.name} never reads its parameter {name!r}: use it or remove it")


def _halves(text: str) -> tuple[list[str], str]:
    """Lines of the header, and the text below it."""
    lines = text.splitlines(keepends=True)
    rules = [place for place, line in enumerate(lines) if line.rstrip() == RULE][:2]
    if len(rules) < 2 or rules[0] != 0:
        return [], text
    return [line.rstrip("\n") for line in lines[1 : rules[1]]], "".join(lines[rules[1] + 1 :])


def _parameters_cell(source: Path, text: str) -> tuple[int, int]:
    """First and last line of the cell tagged parameters."""
    lines = text.splitlines()
    marks = [number for number, line in enumerate(lines, 1) if re.match(r"# ?%%", line)]
    for start, end in zip(marks, [*marks[1:], len(lines) + 1], strict=True):
        if re.search(r"tags=\[[^\]]*[\"']parameters[\"']", lines[start - 1]):
            return start, end - 1
    raise UnknownParameter(
        f'{source.name} takes no parameters: it has no cell marked # %% tags=["parameters"]'
    )
