"""The committed pair of a notebook: ``NN_name.py`` (the source) and ``NN_name.ipynb`` (its full run, outputs and all).

Direction is always source -> run -> pair. `publish` writes the pair from ``build/full``; `problems` says what is wrong
with one, by content and never by time stamps.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from .. import judgement, runtime
from . import execution, parameters, stamps
from .catalogue import catalogue, check_complete
from .claims import (
    LEDGER,
    PROVENANCE,
    REFERENCE_COLUMNS,
    Row,
    for_reference,
    parsed_reference,
    read_provenance,
    recorded_claims,
    reference_rows,
)
from .index import outdated

REFERENCE = Path("data", "reference")
PICTURE_OF = "00"  # the notebook, by its number, that draws the README's picture
MAX_BYTES = 4_000_000  # above that, code-hosting pages show no notebook
MACHINE_PATH = re.compile(
    r"""(?<![\w.:/\-])/(?:home|root|Users|tmp|private|work|opt|usr|var|mnt|srv|data|build)/[\w.\-]+|\b[A-Z]:\\\w"""
)


class CannotPublish(RuntimeError):
    """A run that may not become the committed pair."""


def publish(root: Path, names: list[str]) -> list[Path]:
    """Write the pairs of ``names`` (default: every notebook) from the full run; returns the files written.

    Their rows of the ledger ``data/reference/claims.csv`` and their part of its ``provenance.json`` are written anew, and
    those of other notebooks stay, but for claims that these no longer declare; the picture that the README shows comes with
    the notebook that draws it; the lists in README and notebooks/ follow (`index.lists`). Raises
    CannotPublish for another profile than full, an unfinished or outdated run, a failed claim, injected parameters, a
    pair that `problems` would refuse, and a ledger or provenance that is missing, damaged or edited where rows of other
    notebooks are to stay; and as `index.lists`. Nothing is written then.
    """
    if runtime.profile() != "full":
        raise CannotPublish(
            f"only the full profile is published, not {runtime.profile()!r}: run `make reproduce` first"
        )
    chosen = names or list(stamps.sources(root))
    for name in chosen:
        stamps.source_of(root, name)
    stale = [name for name in stamps.unfinished(root) if name in chosen]
    if stale:
        raise CannotPublish(
            f"not finished, or changed since: {', '.join(stale)}; run `make {' '.join(stale)}` first"
        )
    claims = recorded_claims([stamps.source_of(root, name) for name in chosen])
    failed = claims.loc[claims["verdict"] == "fail", "claim"].tolist()
    if failed:
        raise CannotPublish(f"these claims failed: {', '.join(failed)}")
    for entry in catalogue([stamps.source_of(root, name) for name in chosen]):
        check_complete(entry)
    texts = {
        root / "notebooks" / f"{name}.ipynb": nbformat.writes(_pair_of(root, name)) + "\n" for name in chosen
    }
    published, made_by = _published(root, chosen)
    ledger = _next_ledger(root, chosen, published, claims)
    texts |= _reference_texts(root, chosen, ledger, made_by)
    texts |= outdated(root, parsed_reference(ledger.to_dict("records")))
    for path, text in texts.items():
        with runtime.atomic_file(path) as file:
            file.write(text)
    _publish_picture(root, chosen)
    return list(texts)


def problems(source: Path, pair: Path) -> list[str]:
    """What is wrong with a committed pair, one sentence each; empty for a good one."""
    if not source.is_file() or not pair.is_file():
        return [f"{(pair if source.is_file() else source).name} is missing"]
    try:
        notebook = nbformat.read(pair, as_version=4)
    except Exception as error:  # nbformat raises many kinds for a damaged file
        return [f"{pair.name} is not a notebook: {error}"]
    found = [f"{pair.name}: {text}" for text in _content_problems(source, notebook)]
    if pair.stat().st_size > MAX_BYTES:
        found.append(
            f"{pair.name}: {pair.stat().st_size} bytes are more than the {MAX_BYTES} that a pair may have"
        )
    return found


def all_problems(root: Path) -> list[str]:
    """Problems of every pair in ``notebooks/``, a source without its pair and a pair without its source among them.

    And of the reference ledger: missing, damaged, or edited after `publish` wrote it.
    """
    folder = root / "notebooks"
    names = sorted({path.stem for path in [*folder.glob("[0-9]*.py"), *folder.glob("*.ipynb")]})
    found = [text for name in names for text in problems(folder / f"{name}.py", folder / f"{name}.ipynb")]
    return [*found, *_reference_problems(root)]


def _pair_of(root: Path, name: str) -> nbformat.NotebookNode:
    """The finished run of one notebook, stripped of everything that differs from run to run without meaning."""
    source, result = stamps.source_of(root, name), stamps.result_path(name)
    if not result.is_file():
        raise CannotPublish(f"{name} has no finished full run: run `make reproduce` first")
    notebook = nbformat.read(result, as_version=4)
    stamp = dict(notebook.metadata.get("w2s", {}))
    if stamp.get("profile") != "full" or stamp.get("parameters"):
        raise CannotPublish(
            f"{name} ran with injected parameters or at another profile: run `make reproduce` again"
        )
    if stamp["source_sha256"] != parameters.source_sha256(source):
        raise CannotPublish(f"{name} was changed after its run: run `make reproduce` again")
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": notebook.metadata["kernelspec"],
            "language_info": {"name": "python", "file_extension": ".py"},
            "w2s": {**stamp, "outputs_sha256": outputs_sha256(notebook)},
        }
    )
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:03d}"
        cell.metadata = nbformat.from_dict(
            {"tags": tags} if (tags := list(cell.metadata.get("tags", []))) else {}
        )
    found = list(_content_problems(source, notebook))
    if found:
        raise CannotPublish(f"{name}: " + "; ".join(found))
    return notebook


def _content_problems(source: Path, notebook: nbformat.NotebookNode) -> Iterator[str]:
    stamp = notebook.metadata.get("w2s", {})
    if stamp.get("source_sha256") != parameters.source_sha256(source):
        yield "made from another version of the source (run `make reproduce`, then `make publish`)"
    if stamp.get("profile") != "full" or stamp.get("parameters"):
        yield "not made by a full run at the published values"
    if stamp.get("outputs_sha256") != outputs_sha256(notebook):
        yield "its outputs were changed after `make publish`"
    wanted = [_compared(cell) for cell in execution.source_notebook(source).cells]
    if wanted != [_compared(cell) for cell in notebook.cells]:
        yield "its cells differ from those of the source"
    yield from execution.defects(notebook)
    for number, cell in enumerate(notebook.cells):
        if "injected-parameters" in cell.metadata.get("tags", []):
            yield f"cell {number} was injected"
        for output in cell.get("outputs", []):
            yield from (f"cell {number}: {text}" for text in _output_problems(output))


def _output_problems(output: nbformat.NotebookNode) -> Iterator[str]:
    data = output.get("data", {})
    texts = [
        _text(output.get("text", "")),
        *(_text(data.get(kind, "")) for kind in ("text/plain", "text/html")),
    ]
    for text in texts:
        path = MACHINE_PATH.search(text)
        if path:
            yield f"prints the machine path {path.group(0)!r}"
    images = [kind for kind in data if kind.startswith("image/")]
    shown = re.findall(r"<img\b[^>]*>", _text(data.get("text/html", "")))
    if any(not output.get("metadata", {}).get(kind, {}).get("alt") for kind in images):
        yield "shows a figure without alt text"
    if any(not re.search(r"""\balt=(["'])\s*\S.*?\1""", tag, re.DOTALL) for tag in shown):
        yield "shows an <img> without alt text"


def outputs_sha256(notebook: nbformat.NotebookNode) -> str:
    """Hash over every output of a notebook, so that a later hand run saved over the pair is noticed."""
    outputs = [cell.get("outputs", []) for cell in notebook.cells]
    return hashlib.sha256(json.dumps(outputs, sort_keys=True).encode()).hexdigest()


def _published(root: Path, chosen: list[str]) -> tuple[list[Row], dict[str, Any]]:
    """Rows and notebooks of the reference as it is; nothing where all is written anew, or nothing was published before."""
    path, about = (root / REFERENCE / name for name in (LEDGER, PROVENANCE))
    if set(chosen) >= set(stamps.sources(root)) or not (path.exists() or about.exists()):
        return [], {}
    try:
        return reference_rows(path), read_provenance(about)["notebooks"]
    except judgement.ClaimError as error:
        raise CannotPublish(str(error)) from error


def _next_ledger(root: Path, chosen: list[str], published: list[Row], claims: pd.DataFrame) -> pd.DataFrame:
    """The reference ledger with the rows ``claims`` of the chosen notebooks and the published ones of the others, as text."""
    declared = [
        (claim, entry.name)
        for entry in catalogue(list(stamps.sources(root).values()))
        for claim in entry.claims
    ]
    owners = dict(declared)
    if len(owners) < len(declared):
        twice = sorted({claim for claim, name in declared if owners[claim] != name})
        raise CannotPublish(f"claims declared by two notebooks: {', '.join(twice)}")
    rows = {row["claim"]: row for row in for_reference(claims).to_dict("records")}
    for row in published:
        owner = owners.get(row["claim"])
        if owner is None or owner in chosen:  # no longer declared, or written anew
            continue
        if owner != row["notebook"]:
            raise CannotPublish(
                f"{row['claim']} is of {row['notebook']} in the reference, and {owner} declares it: publish that too"
            )
        rows[row["claim"]] = row
    return pd.DataFrame([rows[claim] for claim in owners if claim in rows], columns=list(REFERENCE_COLUMNS))


def _reference_texts(
    root: Path, chosen: list[str], ledger: pd.DataFrame, made_by: dict[str, Any]
) -> dict[Path, str]:
    """The reference ledger and its provenance, with the chosen notebooks' part anew and that of others as it was."""
    this = {"versions": runtime.versions(), "constraints_sha256": runtime.sha256(root / "constraints.txt")}
    made_by = made_by | dict.fromkeys(chosen, this)
    text = ledger.to_csv(index=False, lineterminator="\n")
    provenance = {
        LEDGER: {
            "profile": "full",
            "claims": len(ledger),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        },
        "command": "make NAME && make publish NAME=NAME, or make reproduce && make publish for all",
        "notebooks": {name: made_by[name] for name in stamps.sources(root) if name in made_by},
    }
    about = json.dumps(provenance, indent=1) + "\n"
    return {root / REFERENCE / LEDGER: text, root / REFERENCE / PROVENANCE: about}


def _publish_picture(root: Path, chosen: list[str]) -> None:
    """Copy the picture that the README shows, with the notebook that draws it."""
    picture = runtime.build_folder() / "figures" / f"{PICTURE_OF}_three_errors.png"
    if picture.is_file() and any(name.startswith(PICTURE_OF) for name in chosen):
        shutil.copyfile(picture, root / REFERENCE / "three_errors.png")


def _reference_problems(root: Path) -> list[str]:
    try:
        read_provenance(root / REFERENCE / PROVENANCE)
        reference_rows(root / REFERENCE / LEDGER)
    except judgement.ClaimError as error:
        return [str(error)]
    return []


def _compared(cell: nbformat.NotebookNode) -> tuple[str, str, tuple[str, ...]]:
    return cell.cell_type, cell.source, tuple(cell.metadata.get("tags", []))


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)
