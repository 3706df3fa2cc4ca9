"""The lists of notebooks and claims in README.md and in notebooks/, from first cells and the reference ledger.

What stands in README between ``<!-- notebooks ... -->``, ``<!-- verdicts ... -->`` or ``<!-- checks ... -->`` and
``<!-- end -->`` is made here, and so are the lists of notebooks and of findings in notebooks/. Between ``<!-- claims ... -->``
and its end the words of a row are somebody's, its notebook, band and value are made here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from .. import judgement, runtime
from . import stamps
from .catalogue import NotebookEntry, catalogue
from .claims import LEDGER, read_reference

README, INDEX, FINDINGS = "README.md", "notebooks/README.md", "notebooks/FINDINGS.md"
MAIN_PAPER = "Charikar"
"""How the name of the paper begins that the companion is of; others are papers around it."""
DIGITS = 3
BAR = re.compile(r"(?<!\\)\|")  # one that ends a cell


class UnknownClaim(ValueError):
    """A row of README's table of claims that names a claim which the reference ledger does not hold."""


class UnreadableText(ValueError):
    """One of the files that is no text in UTF-8."""


def write_lists(root: Path) -> list[Path]:
    """Bring the files up to date; returns those that changed. Raises as `lists`, and `runtime.UnwritableFolder`."""
    changed = outdated(root, read_reference(root / "data" / "reference" / LEDGER))
    for path, text in changed.items():
        with runtime.atomic_file(path) as file:
            file.write(text)
    return list(changed)


def outdated(root: Path, ledger: pd.DataFrame) -> dict[Path, str]:
    """Those of the files that do not hold what they should by ``ledger``, with what that is. Raises as `lists`."""
    made = lists(root, ledger)
    return {path: text for path, text in made.items() if not path.is_file() or _text_of(path) != text}


def lists(root: Path, ledger: pd.DataFrame | None = None) -> dict[Path, str]:
    """What the files should hold by ``ledger``, as `read_reference` gives it (default: that of the checkout).

    Raises `judgement.ClaimError` for a reference ledger that is missing or damaged, UnknownClaim and UnreadableText.
    """
    entries = catalogue(list(stamps.sources(root).values()))
    if ledger is None:
        ledger = read_reference(root / "data" / "reference" / LEDGER)
    made = {root / INDEX: _index(entries, ledger), root / FINDINGS: _findings(ledger)}
    if (root / README).is_file():
        readme = _text_of(root / README)
        readme = _replaced(readme, "notebooks", lambda _: _table(entries, ledger, "notebooks/"))
        readme = _replaced(readme, "verdicts", lambda _: _verdicts_by_whose(ledger))
        readme = _replaced(readme, "checks", lambda _: checks_in_words(ledger))
        made[root / README] = _replaced(readme, "claims", lambda block: _claims(block, ledger))
    return made


def _index(entries: Sequence[NotebookEntry], ledger: pd.DataFrame) -> str:
    parts = [
        "# The notebooks",
        "Executed, with their outputs; each has its source beside it, `NN_name.py`. `make NN_name` runs one,\n"
        "`make reproduce` all. This list is made from their first cells.",
    ]
    for section, chosen in groupby(entries, key=lambda entry: entry.section):
        parts += [f"## {section}", _table(list(chosen), ledger, "", with_paper=True)]
    return "\n\n".join(parts) + "\n"


def _table(
    entries: Sequence[NotebookEntry], ledger: pd.DataFrame, folder: str, with_paper: bool = False
) -> str:
    columns = ["Notebook", *(["Paper, place"] if with_paper else ["Section"]), "About", "Verdicts", "Time"]
    rows = []
    section = ""
    for entry in entries:
        place = f"{entry.paper}: {entry.where}" if with_paper else entry.section * (entry.section != section)
        section = entry.section
        rows.append(
            [
                f"[{entry.name}]({folder}{entry.name}.ipynb)",
                place,
                entry.about,
                _verdicts(entry, ledger),
                entry.time,
            ]
        )
    return "\n".join([_line(columns), _line(["---"] * len(columns)), *map(_line, rows)])


def _verdicts(entry: NotebookEntry, ledger: pd.DataFrame) -> str:
    found = ledger.loc[ledger["notebook"] == entry.name, "verdict"].value_counts()
    checks = sum(found.get(verdict, 0) for verdict in judgement.CHECKS)
    parts = [f"{found.get('pass', 0)} of {checks} checks"] if checks else []
    others = [
        verdict for verdict in judgement.VERDICTS if verdict in found and verdict not in judgement.CHECKS
    ]
    return ", ".join([*parts, *(f"{found[verdict]} {verdict}" for verdict in others)])


def _verdicts_by_whose(ledger: pd.DataFrame) -> str:
    """How many findings have which verdict, by whose prediction they judge and of which paper, and all together."""
    found = ledger[ledger["verdict"].isin(judgement.FINDINGS)]
    states, reading, ours = (found["stated_by"] == word for word in judgement.STATED_BY)
    main = found["paper"].str.startswith(MAIN_PAPER)
    parts = {
        "paper": found[states & main],
        "reading of it": found[reading & main],
        "a paper around": found[states & ~main],
        "reading of one around": found[reading & ~main],
        "ours": found[ours],
        "**all**": found,
    }
    columns = ["Whose prediction", "findings", *judgement.FINDINGS]
    rows = [
        [name, str(len(part)), *(str((part["verdict"] == verdict).sum()) for verdict in judgement.FINDINGS)]
        for name, part in parts.items()
        if len(part) or name in ("paper", "ours", "**all**")
    ]
    return "\n".join([_line(columns), _line(["---"] * len(columns)), *map(_line, rows)])


def _findings(ledger: pd.DataFrame) -> str:
    """A page with every finding: place in its paper, id, prediction and whose it is, what was measured and found, verdict."""
    columns = [
        "Where",
        "Id, notebook",
        "Prediction",
        "Whose",
        "Statistic",
        "Predicted",
        "Found, interval",
        "Verdict",
    ]
    rows = [
        [
            row["where"],
            f"[`{row['claim']}`]({row['notebook']}.ipynb)",
            row["prediction"],
            _whose(row["stated_by"]),
            _without_place(row["statistic"], row["where"]),
            judgement.predicted(row),
            f"{judgement.shown(row, DIGITS)} {judgement.band(row, DIGITS)}",
            f"**{row['verdict']}**",
        ]
        for row in ledger.to_dict("records")
        if row["verdict"] in judgement.FINDINGS
    ]
    head = [
        "# The findings",
        "",
        "What the words mean: [README](../README.md#what-is-claimed-and-what-was-found). This list is made from the ledger.",
        "",
    ]
    return "\n".join([*head, _line(columns), _line(["---"] * len(columns)), *map(_line, rows)]) + "\n"


def _whose(stated_by: str) -> str:
    """A word of STATED_BY without its article."""
    return stated_by.split()[-1]


def _without_place(statistic: str, where: str) -> str:
    """A statistic that ends in the set that its place ends in too, without it."""
    head, _, last = statistic.rpartition("; ")
    return head if head and where.endswith(f", {last}") else statistic


def _cell(text: str) -> str:
    """Text in one line in which no bar ends a cell; a bar that is escaped already stays so."""
    return BAR.sub(r"\\|", " ".join(text.splitlines()))


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableText(f"{path.name} is no text in UTF-8; take it back from git") from error


def checks_in_words(ledger: pd.DataFrame) -> str:
    """How many checks hold, in a sentence."""
    found = ledger["verdict"].value_counts()
    checks = sum(int(found.get(verdict, 0)) for verdict in judgement.CHECKS)
    of = ledger.loc[ledger["verdict"].isin(judgement.CHECKS), "notebook"].nunique()
    return f"{found.get('pass', 0)} of {checks} checks hold, in {of} notebooks."


def _claims(block: str, ledger: pd.DataFrame) -> str:
    """README's rows of claims with their notebook, band and value from the ledger."""
    rows = {row["claim"]: row for row in ledger.to_dict("records")}
    lines = []
    for line in block.splitlines():
        cells = [cell.strip() for cell in BAR.split(line.strip().strip("|"))]
        named = re.fullmatch(r"`(.+)`", cells[1]) if len(cells) > 1 else None
        if named is None:
            lines.append(line)
            continue
        claim = named[1].replace("\\|", "|")
        if claim not in rows:
            raise UnknownClaim(
                f"README.md lists the claim {claim}, which data/reference/{LEDGER} does not hold"
            )
        row = rows[claim]
        notebook = f"[{row['notebook']}](notebooks/{row['notebook']}.ipynb)"
        lines.append(_line([cells[0], cells[1], notebook, *_expected_and_found(row)]))
    return "\n".join(lines)


def _expected_and_found(row: Mapping[Hashable, Any]) -> tuple[str, str]:
    found = judgement.shown(row, DIGITS)
    if row["verdict"] not in (*judgement.CHECKS, "not run"):
        wanted = [judgement.predicted(row)] if row["verdict"] in judgement.FINDINGS else []
        return ": ".join([*wanted, row["verdict"]]), f"{found} {judgement.band(row, DIGITS)}"
    return judgement.band(row) or "not run", found


def _replaced(text: str, marker: str, make: Callable[[str], str]) -> str:
    """``text`` with the lines between a marker and the next end made anew; as it is where the marker is missing."""

    def block(found: re.Match[str]) -> str:
        return f"{found[1]}\n{make(found[2].strip())}\n{found[3]}"

    return re.sub(rf"(<!-- {marker}\b.*?-->)(.*?)(<!-- end -->)", block, text, count=1, flags=re.DOTALL)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"
