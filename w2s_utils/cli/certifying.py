"""``w2s certify``: predictions of a teacher and a student that exist already, and few true labels."""

from __future__ import annotations

import json
import math

import click

from ..own_data.answer import FEW
from ..own_data.cells import plain_name, texts
from ..own_data.checks import labelled_rows, real_numbers, target_values
from ..own_data.choice import column_of
from ..own_data.files import read_columns
from ..own_data.picture import shown_gain
from ..own_data.refusal import UnusableData
from ..own_data.rows import Rows
from ..theory.certificate import GainCertificate, certify_gain
from ..theory.ranking import labels_to_decide, some_more
from .judging import gain_values
from .options import NUMBER, Command


@click.command(cls=Command)
@click.argument("file")
@click.option("--weak", required=True, help="Column of the weak model's labels, on all rows.")
@click.option("--student", required=True, help="Column of the student's predictions, on all rows.")
@click.option("--truth", required=True, help="Column of true labels, empty where they are unknown.")
@click.option("--labelled", default="", help="Column of 1 and 0: whose truth is a true label.")
@click.option("--level", type=NUMBER, default=0.95, show_default=True, help="Of the interval.")
@click.option("--group", default="", help="Column that is equal for rows of one thing, which count once.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def certify(
    file: str,
    weak: str,
    student: str,
    truth: str,
    labelled: str,
    level: float,
    group: str,
    as_json: bool,
) -> None:
    """How much better is a student than its teacher, from few true labels that neither has learned from?

    FILE: CSV, TSV or npz; Parquet, feather and xlsx with their extra. For example:

    \b
    w2s certify labels.csv --weak w --student p --truth y
    """
    for side, column in (("weak", weak), ("student", student)):
        if plain_name(column) == plain_name(truth):
            raise UnusableData(
                f"the truth {truth!r} is also the {side} column; name the column of true labels, which neither has made"
            )
    columns = read_columns(file, [group] if group else [])
    rows = Rows.of(len(next(iter(columns.values()))))
    known = target_values(truth, column_of(columns, truth, "truth"), rows)
    marks = column_of(columns, labelled, "labelled") if labelled else None
    labels = labelled_rows(known, labelled, marks, rows)
    teacher, pupil = (
        real_numbers(name, column_of(columns, name, what), rows=rows)
        for name, what in ((weak, "weak"), (student, "student"))
    )
    try:
        groups = texts(column_of(columns, group, "group")).astype(str) if group else None
        gain = certify_gain(teacher, pupil, known[labels], labels, level, groups)
    except ValueError as error:
        raise UnusableData(str(error)) from error
    if as_json:
        more = {"lower_bound": gain.lower_bound, "doubts": [gain.doubt] if gain.doubt else []}
        click.echo(json.dumps(gain_values(gain) | more, indent=1))
        return
    click.echo(f"{gain.rows:,} rows, {gain.labels:,} with a true label; misfit {gain.misfit:.3g}")
    click.echo(f"Gain {shown_gain(gain)}, interval at the level {level:.12g}, in squared units of the truth")
    click.echo(_sentence(gain))
    if gain.labels < FEW:
        click.echo(
            f"Doubt: {gain.labels} true labels are few: if few rows carry the gain, the interval is too short."
        )
    if gain.doubt:
        click.echo(f"Doubt: {gain.doubt}")
    click.echo("Doubt: the labelled rows must be a random part of all, and new to the weak model.")


def _sentence(gain: GainCertificate) -> str:
    if not gain.misfit:
        return "The student repeats its teacher on every row: the gain is 0."
    if gain.sign:
        return "The student gains." if gain.sign > 0 else "The student loses."
    start, further = "Cannot tell yet whether the student gains", labels_to_decide(gain)
    if math.isinf(further[0]):
        return f"{start}, and labels on these rows will hardly tell; add rows."
    return f"{start}: some {some_more(further)} random labels tell with an even chance, if it gains as it seems now."
