"""``w2s judge``: a file, the names of its columns, and an answer with its page."""

from __future__ import annotations

import json
import math
import os
import time
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from .. import words
from ..data.container import Dataset
from ..own_data.advice import advice
from ..own_data.answer import Answer, answer
from ..own_data.drawn_labels import DrawnLabels
from ..own_data.judge import Judged, JudgedFile
from ..own_data.lists import About, is_list, read_list
from ..own_data.page import sizes, write_page
from ..own_data.picture import digits_of, shown_gain, shown_range
from ..own_data.refusal import UnusableData
from ..own_data.tally import Candidate
from ..runtime import UnwritableFolder
from ..theory.certificate import GainCertificate
from ..theory.class_losses import SQUARED
from ..theory.ranking import labels_to_decide
from .data_options import judged_data, page_name, with_data
from .options import NUMBER, Command
from .progress import Bar


@click.command(cls=Command)
@click.argument("file")
@with_data
@click.option("--level", type=NUMBER, default=0.95, show_default=True, help="Of all statements together.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the page goes. Else: FILE's name.html.")
@click.option("--scheduler", default="", help="Address of a Dask scheduler that shares the work.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def judge(file: str, level: float, out: Path | None, scheduler: str, as_json: bool, **asked: Any) -> None:
    """Will a student of weak labels gain, by how much, which weak model should label?

    FILE: CSV, TSV or npz; Parquet, feather and xlsx with their extra; a folder of Parquet files. Parquet and
    npz of more than half a gigabyte are read some rows at a time. Or a list of w2s label that was filled in,
    which needs no options. For example:

    \b
    w2s judge mine.csv --target y --strong 's_*' --weak small=w1,w2 --weak tiny=w1
    w2s judge messages.csv --target topic --text text --weak-labels big,small
    """
    start = time.monotonic()
    page = page_for(out or Path(page_name(file)), file, asked["labels"])
    try:
        data, made, drawn, head, seed = _judged(file, scheduler, asked)
        found = answer(made, level, drawn)
    except UnusableData as error:
        earlier = f". {page} is the page of an earlier run" if page.exists() else ""
        raise UnusableData(f"{error}{earlier}") from error
    try:
        write_page(page, data, made, found, head, seed)
    except UnwritableFolder as error:
        raise UnusableData(_no_page(page)) from error
    if as_json:
        click.echo(json.dumps(as_values(data, made, found, page), indent=1))
    else:
        click.echo("\n".join(map(words.one_line, as_lines(data, made, found))))
        click.echo(words.one_line(f"Page: {page} (in {time.monotonic() - start:.0f} s)"))


def _judged(
    file: str, scheduler: str, asked: dict[str, Any]
) -> tuple[Dataset | JudgedFile | About, Judged | JudgedFile, DrawnLabels | None, str, int]:
    """Data, predictions, labels of drawn rows, the head and the seed, of a file or of a list that was filled in."""
    if file.strip() and is_list(Path(file)):
        context = click.get_current_context()
        given = [name for name in asked if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
        if given:
            raise UnusableData(
                f"{Path(file).name} is a list of w2s label, whose labels judge predictions that are fixed: judge it without "
                f"--{given[0].replace('_', '-')}"
            )
        drawn, about = read_list(Path(file))
        return about, drawn.judged, drawn, about.head, about.seed
    with Bar() as bar:
        data, made = judged_data(file, bar, scheduler, **asked)
    return data, made, None, asked["head"], asked["seed"]


def as_lines(data: Dataset | JudgedFile | About, made: Judged | JudgedFile, found: Answer) -> list[str]:
    """The answer for a terminal: what was judged, what to do, a line for each weak model, what to doubt."""
    rows, labels, _ = sizes(data)
    lines = [
        f"{data.name}: {rows:,} rows, {labels:,} with a true label; target {data.title}",
        "",
        found.headline(),
        found.gain_sentence(found.names[0]),
        *([found.ranking.sentence()] if found.ranking else []),
        *filter(None, [advice(made, found)]),
        "",
        f"{found.words.error[:1].upper()}{found.words.error[1:]} on labelled rows, and how far it is below that of the "
        f"constant (level {found.level:.12g}, all statements together):",
    ]
    described = {one: found.described(one) for one in found.errors}
    width, digits = max(map(len, described.values())), digits_of(found.over_constant.values())
    for one, error in found.errors.items():
        over = found.over_constant.get(one)
        lines.append(
            f"  {described[one]:{width}}  {error:.3g}"
            + (f"; below by {shown_range(over, digits)}" if over else "")
        )
    unit = "" if found.loss == SQUARED else f", in {found.words.unit}"
    lines += ["", f"Gain of the student over its teacher{unit}:"]
    width, digits = max(map(len, found.names)), digits_of(found.gains.values())
    lines += [
        f"  {name:{width}}  {shown_gain(found.gains[name], digits)}; misfit {found.gains[name].misfit:.3g}"
        for name in found.names
    ]
    return [*lines, *(f"Doubt: {caveat}" for caveat in found.caveats), ""]


def as_values(
    data: Dataset | JudgedFile | About, made: Judged | JudgedFile, found: Answer, page: Path
) -> dict[str, Any]:
    """The answer as JSON holds it; a number that JSON has not is null."""
    rows, labels, _ = sizes(data)
    return {
        "data": data.name,
        "target": data.title,
        "rows": rows,
        "labels": labels,
        "level": found.level,
        "loss": found.loss,
        "classes": list(made.classes),
        "headline": found.headline(),
        "sentence": found.gain_sentence(found.names[0]),
        "should_label": found.ranking.best if found.ranking else found.names[0],
        "advice": advice(made, found) or None,
        "choice": found.ranking.sentence() if found.ranking else None,
        "candidates": [_candidate(found, one) for one in found.errors],
        "weak_models": [_model(found, name) for name in found.names],
        "caveats": list(found.caveats),
        "page": str(page),
    }


def _model(found: Answer, name: str) -> dict[str, Any]:
    triple = found.triples[name]
    errors = {"weak_error": triple.weak_error, "student_error": triple.student_error}
    return {"name": name, **errors, **gain_values(found.gains[name])}


def _candidate(found: Answer, one: Candidate) -> dict[str, Any]:
    over = found.over_constant.get(one)
    below = {key: getattr(over, key) for key in ("gain", "low", "high")} if over else None
    return {"role": one.role, "name": one.name, "error": found.errors[one], "below_constant": below}


def gain_values(gain: GainCertificate) -> dict[str, Any]:
    """A certificate as JSON holds it; ``sign``: 1, -1 or 0, what is told of the gain at the level."""
    kept = (
        "gain",
        "low",
        "high",
        "level",
        "sign",
        "kind",
        "loss",
        "slope",
        "widened",
        "misfit",
        "labels",
        "rows",
        "carrying",
    )
    found = {key: _finite(getattr(gain, key)) for key in kept}
    return found | {"labels_to_decide": [_finite(count) for count in labels_to_decide(gain)]}


def _finite(value: Any) -> Any:
    """None for infinity, which JSON has not."""
    return None if isinstance(value, float) and math.isinf(value) else value


def page_for(wanted: Path, *read: str, what: str = "page", such: str = "page.html") -> Path:
    """The path of a page, or of ``what`` it is, that may be written: no file that was ``read``, and a regular one.

    Raises UnusableData.
    """
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
        raise UnusableData(_no_page(wanted, what, such)) from error
    if device or taken:
        raise UnusableData(
            f"the {what} cannot take the place of {wanted}; give another --out, such as {such}"
        )
    if not writable:
        raise UnusableData(_no_page(wanted, what, such))
    return path


def _no_page(wanted: Path, what: str = "page", such: str = "page.html") -> str:
    return f"no {what} can be written to {wanted}; make its folder, or give another --out, such as ~/{such}"


def _is_same(path: Path, other: str) -> bool:
    try:
        place = Path(other).expanduser()
        return place.exists() and path.samefile(place)
    except (OSError, RuntimeError):  # what is wrong with this file is said by who reads it
        return False
