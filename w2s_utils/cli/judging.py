"""``w2s judge``: a file, the names of its columns, and an answer with its page."""

from __future__ import annotations

import json
import math
import os
import time
from pathlib import Path
from typing import Any

import click

from .. import words
from ..data.container import Dataset
from ..own_data.answer import Answer, answer
from ..own_data.columns import gather
from ..own_data.files import read_columns
from ..own_data.joining import joined
from ..own_data.judge import HEADS, Judged, JudgedFile
from ..own_data.judge import judge as judged_rows
from ..own_data.large import judge_file
from ..own_data.page import sizes, write_page
from ..own_data.picture import shown_gain
from ..own_data.refusal import UnusableData
from ..own_data.streams import is_large
from ..runtime import UnwritableFolder
from ..theory.arrays import is_real
from ..theory.certificate import MOST_WEIGHT, GainCertificate
from ..theory.ranking import labels_to_decide
from .options import FOLDS, NUMBER, SEED, Command
from .progress import Bar

LONGEST_STEM = 100


@click.command(cls=Command)
@click.argument("file")
@click.option("--target", required=True, help="Column of true labels, empty where they are unknown.")
@click.option("--strong", default="", help="Columns of the strong view: s_1,s_2 or 's_*' or a JSON list.")
@click.option("--weak", multiple=True, help="A weak model and its columns: small=w1,w2. Once for each.")
@click.option("--weak-labels", default="", help="Columns of labels that weak models gave already.")
@click.option("--text", default="", help="Column of texts, in place of --strong and --weak.")
@click.option("--smiles", default="", help="Column of SMILES, in place of --strong and --weak.")
@click.option("--id", "ids", default="", help="Column of identifiers, to be unique.")
@click.option("--labels", default="", help="A second file that holds the target, joined by --id.")
@click.option("--labelled", default="", help="Column of 1 and 0: whose target is a true label.")
@click.option("--split", default="", help="Column of train, valid, test. Without it: cross-fitting.")
@click.option("--drop-bad", is_flag=True, help="Leave rows out that cannot be used, and say which.")
@click.option("--head", default="ridge", show_default=True, help=f"One of {', '.join(HEADS)}.")
@click.option(
    "--radius",
    type=NUMBER,
    default=0.5,
    show_default=True,
    help="Of the norm ball: target sd per sd of a feature.",
)
@click.option("--level", type=NUMBER, default=0.95, show_default=True, help="Of all statements together.")
@click.option(
    "--weight", default="null", show_default=True, help="On the misfit: null fits it, 0 takes labels alone."
)
@click.option("--folds", type=FOLDS, default=10, show_default=True, help="Of cross-fitting.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Of the folds.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the page goes. Else: FILE's name.html.")
@click.option("--scheduler", default="", help="Address of a Dask scheduler that shares the work.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def judge(
    file: str,
    target: str,
    strong: str,
    weak: tuple[str, ...],
    weak_labels: str,
    text: str,
    smiles: str,
    ids: str,
    labels: str,
    labelled: str,
    split: str,
    drop_bad: bool,
    head: str,
    radius: float,
    level: float,
    weight: str,
    folds: int,
    seed: int,
    out: Path | None,
    scheduler: str,
    as_json: bool,
) -> None:
    """Will a student of weak labels gain, by how much, which weak model should label?

    FILE: CSV, TSV or npz; Parquet, feather and xlsx with their extra; a folder of Parquet files. Parquet and
    npz of more than half a gigabyte are read some rows at a time. For example:

    \b
    w2s judge mine.csv --target y --strong 's_*' --weak small=w1,w2 --weak tiny=w1
    """
    start = time.monotonic()
    page = page_for(out or Path(f"{_stem(file)}.html"), file, labels)
    names: dict[str, Any] = {
        "strong": words.names("the strong columns", strong),
        "weak": words.groups("a weak model", weak),
        "weak_labels": words.names("the columns of weak labels", weak_labels),
        "labelled": labelled,
        "ids": ids,
        "split": split,
    }
    rule: dict[str, Any] = {"head": head, "radius": radius, "folds": folds, "seed": seed}
    in_memory = text or smiles or labels or drop_bad
    data: Dataset | JudgedFile
    made: Judged | JudgedFile
    with Bar() as bar:
        if scheduler or (file.strip() and is_large(Path(file))):
            if in_memory:
                raise UnusableData(
                    f"{Path(file).name} is read some rows at a time, which texts, SMILES, a second file and --drop-bad do not "
                    "allow; make the columns and leave rows out beforehand"
                )
            data = made = judge_file(file, target, **names, **rule, scheduler=scheduler, watch=bar)
        else:
            as_text = [name for name in (ids, text, smiles, split) if name]
            columns = read_columns(file, as_text)
            if labels:
                columns = joined(columns, read_columns(labels, as_text), ids, target)
            data = gather(_stem(file), columns, target, **names, text=text, smiles=smiles, drop_bad=drop_bad)
            made = judged_rows(data, **rule, watch=bar)
    found = answer(made, level, weight_of(weight))
    try:
        write_page(page, data, made, found, head, seed)
    except UnwritableFolder as error:
        raise UnusableData(_no_page(page)) from error
    if as_json:
        click.echo(json.dumps(as_values(data, found, page), indent=1))
    else:
        click.echo("\n".join(map(words.one_line, as_lines(data, found))))
        click.echo(words.one_line(f"Page: {page} (in {time.monotonic() - start:.0f} s)"))


def as_lines(data: Dataset | JudgedFile, found: Answer) -> list[str]:
    """The answer for a terminal: what was judged, what to do, a line for each weak model, what to doubt."""
    names = found.names
    rows, labels, _ = sizes(data)
    width = max(map(len, names))
    lines = [
        f"{data.name}: {rows:,} rows, {labels:,} with a true label; target {data.title}",
        "",
        found.gain_sentence(found.first),
        *([found.ranking.sentence()] if found.ranking else []),
        "",
        f"Gain in squared units of the target, with its interval at the level {found.level:.12g}, all statements together:",
    ]
    lines += [
        f"  {name:{width}}  {shown_gain(found.gains[name])}; misfit {found.gains[name].misfit:.3g}, "
        f"weak error {found.triples[name].weak_error:.3g}, student error {found.triples[name].student_error:.3g}"
        for name in names
    ]
    return [*lines, *(f"Doubt: {caveat}" for caveat in found.caveats), ""]


def as_values(data: Dataset | JudgedFile, found: Answer, page: Path) -> dict[str, Any]:
    """The answer as JSON holds it; a number that JSON has not is null."""
    rows, labels, _ = sizes(data)
    return {
        "data": data.name,
        "target": data.title,
        "rows": rows,
        "labels": labels,
        "level": found.level,
        "sentence": found.gain_sentence(found.first),
        "should_label": found.ranking.best if found.ranking else found.first,
        "choice": found.ranking.sentence() if found.ranking else None,
        "weak_models": [_model(found, name) for name in found.names],
        "caveats": list(found.caveats),
        "page": str(page),
    }


def _model(found: Answer, name: str) -> dict[str, Any]:
    triple = found.triples[name]
    errors = {"weak_error": triple.weak_error, "student_error": triple.student_error}
    beside = {"beside_constant": found.beside_constant[name]}
    return {"name": name, **errors, **gain_values(found.gains[name]), **beside}


def gain_values(gain: GainCertificate) -> dict[str, Any]:
    """A certificate as JSON holds it; ``sign``: 1, -1 or 0, what is told of the gain at the level."""
    further = labels_to_decide(gain)
    kept = ("gain", "low", "high", "level", "sign", "plain", "thin", "misfit", "weight", "labels", "rows")
    return {key: getattr(gain, key) for key in kept} | {
        "labels_to_decide": further if math.isfinite(further) else None
    }


def weight_of(text: str) -> float | None:
    """The weight of `certify_gain` from words. Raises UnusableData."""
    found = words.value(text)
    if found is not None and not (is_real(found) and -MOST_WEIGHT <= found <= MOST_WEIGHT):
        most = f"{MOST_WEIGHT:,.0f}"
        raise UnusableData(
            f"the weight is a number from -{most} to {most}, or null for the best one, not {words.short(text)}"
        )
    return found


def page_for(wanted: Path, *read: str) -> Path:
    """The path of a page that may be written: no file that was ``read``, nothing but a regular file. Raises UnusableData."""
    try:
        path = wanted.expanduser()
        device = str(wanted) == "-" or path.absolute().is_relative_to("/dev")
        path = path.resolve() if path.is_symlink() else path
        taken = path.exists() and (not path.is_file() or any(name and _is_same(path, name) for name in read))
        writable = path.parent.is_dir() and os.access(path.parent, os.W_OK)
    except (
        OSError,
        RuntimeError,
    ) as error:  # a name that is too long, a working folder or a user that is gone
        raise UnusableData(_no_page(wanted)) from error
    if device or taken:
        raise UnusableData(
            f"the page cannot take the place of {wanted}; give another --out, such as page.html"
        )
    if not writable:
        raise UnusableData(_no_page(wanted))
    return path


def _no_page(wanted: Path) -> str:
    return f"no page can be written to {wanted}; make its folder, or give another --out, such as ~/page.html"


def _is_same(path: Path, other: str) -> bool:
    try:
        place = Path(other).expanduser()
        return place.exists() and path.samefile(place)
    except (OSError, RuntimeError):  # what is wrong with this file is said by who reads it
        return False


def _stem(file: str) -> str:
    """A file's name without its endings, as in mine.csv.gz, in letters that can be written."""
    name = Path(file).name.encode("utf-8", "replace").decode("utf-8")
    return name.split(".")[0][:LONGEST_STEM] or "data"
