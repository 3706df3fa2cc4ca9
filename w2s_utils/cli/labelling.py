"""``w2s label``: which rows should get true labels next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .. import words
from ..data.container import Dataset
from ..own_data.choice import column_of
from ..own_data.drawn_labels import draw, ends_of
from ..own_data.judge import Judged
from ..own_data.lists import About, beside, fingerprint, write_list
from ..own_data.page import sizes
from ..own_data.refusal import UnusableData
from .data_options import columns_of, judged_data, stem, with_data
from .judging import page_for
from .options import COUNT, Command
from .progress import Bar


@click.command(cls=Command)
@click.argument("file")
@click.option(
    "--count", type=COUNT, required=True, help="Rows to draw, decided before their labels are seen."
)
@click.option(
    "--show", default="", help="Columns that a person needs to see: text,year. Id and text are shown."
)
@click.option(
    "--only", default="", help="A weak model: only for its gain. Else: all gains, and who should label."
)
@with_data
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where the list goes. Else: FILE's name_to_label.csv."
)
def label(file: str, count: int, show: str, only: str, out: Path | None, **asked: Any) -> None:
    """Which rows should get true labels next? Those where teacher and student differ tell most of the gain.

    Writes a list to fill in, and beside it the predictions that its labels judge. Filled in, it is judged by
    w2s judge alone. For example:

    \b
    w2s label mine.csv --count 40 --target y --strong 's_*' --weak small=w1,w2
    w2s judge mine_to_label.csv
    """
    path = page_for(
        out or Path(f"{stem(file)}_to_label.csv"), file, asked["labels"], what="list", such="rows.csv"
    )
    page_for(beside(path), file, asked["labels"], what="list", such="rows.csv")
    if path.suffix != ".csv":
        raise UnusableData(f"a list is a CSV file, such as mine_to_label.csv, not {path.name}")
    if asked["drop_bad"]:
        raise UnusableData(
            "a list names rows of the file as it is; leave out rows that cannot be used beforehand"
        )
    with Bar() as bar:
        data, made = judged_data(file, bar, **asked)
    if not isinstance(made, Judged):
        raise UnusableData(
            "rows are drawn from a file that fits in memory; take a random part of this one first"
        )
    columns = columns_of(file, asked)
    wanted = [asked[name] for name in ("ids", "text", "smiles") if asked[name]]
    shown = dict.fromkeys([*wanted, *words.names("the columns to show", show)])
    ends = ends_of(made.tally())
    drawing = draw(made, count, asked["seed"], ends, only)
    about = About(data.name, data.title, *sizes(data), asked["head"], asked["seed"], made.loss, made.classes)
    mark = fingerprint(data.views.strong) if isinstance(data, Dataset) and data.views else ""
    kept = {name: column_of(columns, name, "a column to show") for name in shown}
    write_list(path, made, drawing, ends, about, kept, mark)
    places, rows = len(drawing.to_label), f"{count:,} row{'s' if count > 1 else ''}"
    again = f", as {count - places:,} stand twice or have a label" if places < count else ""
    click.echo(f"{rows} drawn of {len(made.rows):,}, where predictions differ: {places:,} to label{again}")
    if made.classes:
        click.echo(words.one_line(f"Labels are classes, written so: {', '.join(made.classes)}"))
    elif ends:
        click.echo(
            f"Labels are taken to be classes from {ends[0]:.12g} to {ends[1]:.12g}; others are taken as numbers."
        )
    click.echo(f"Fill in the column {data.title} of {path}, all of it, then: w2s judge {path}")
