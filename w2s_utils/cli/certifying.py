"""``w2s certify``: predictions of a teacher and a student that exist already, and few true labels."""

from __future__ import annotations

import json
import math

import click
import numpy as np
from numpy.typing import NDArray

from .. import words
from ..own_data.answer import FEW
from ..own_data.cells import Columns, plain_name, texts
from ..own_data.checks import labelled_rows, real_numbers, target_values
from ..own_data.choice import column_names, column_of
from ..own_data.class_cells import loss_of
from ..own_data.class_columns import patterns_of, read_classes
from ..own_data.files import read_columns
from ..own_data.loss_words import WORDS
from ..own_data.picture import shown_gain
from ..own_data.refusal import UnusableData
from ..own_data.rows import Faults, Rows
from ..theory.arrays import Array
from ..theory.certificate import GainCertificate, certify_gain
from ..theory.class_losses import SQUARED
from ..theory.ranking import labels_to_decide, some_more
from .judging import gain_values
from .options import NUMBER, Command

MOST_CLASSES = 10_000


@click.command(cls=Command)
@click.argument("file")
@click.option(
    "--weak",
    required=True,
    help="Column of the weak model's labels, on all rows; or of probabilities: 'p_gpt_*'.",
)
@click.option(
    "--student", required=True, help="Column of the student's predictions, or of its probabilities, likewise."
)
@click.option("--truth", required=True, help="Column of true labels, empty where they are unknown.")
@click.option("--labelled", default="", help="Column of 1 and 0: whose truth is a true label.")
@click.option(
    "--loss", default="", help="squared, accuracy, brier or log. Else: accuracy of names, squared of numbers."
)
@click.option("--level", type=NUMBER, default=0.95, show_default=True, help="Of the interval.")
@click.option("--group", default="", help="Column that is equal for rows of one thing, which count once.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def certify(
    file: str,
    weak: str,
    student: str,
    truth: str,
    labelled: str,
    loss: str,
    level: float,
    group: str,
    as_json: bool,
) -> None:
    """How much better is a student than its teacher, from few true labels that neither has learned from?

    FILE: CSV, TSV or npz; Parquet, feather and xlsx with their extra. For example:

    \b
    w2s certify labels.csv --weak w --student p --truth y
    w2s certify labels.csv --weak gpt --student 'p_student_*' --truth topic --loss brier
    """
    for side, column in (("weak", weak), ("student", student)):
        if plain_name(column) == plain_name(truth):
            raise UnusableData(
                f"the truth {truth!r} is also the {side} column; name the column of true labels, which neither has made"
            )
    columns = read_columns(file, [group] if group else [])
    loss = loss_of(loss, columns, truth)
    if loss == SQUARED and any("*" in side and side not in columns for side in (weak, student)):
        raise UnusableData(
            "a star stands for the classes of probabilities, but the truth is read as numbers; say which loss: --loss "
            "accuracy, brier or log"
        )
    certified = _of_numbers if loss == SQUARED else _of_classes
    try:
        gain, notes = certified(columns, (weak, student), truth, labelled, loss, level, group)
    except ValueError as error:
        raise UnusableData(str(error)) from error
    if as_json:
        more = {"lower_bound": gain.lower_bound, "doubts": [*notes, *([gain.doubt] if gain.doubt else [])]}
        click.echo(json.dumps(gain_values(gain) | more, indent=1))
        return
    click.echo(f"{gain.rows:,} rows, {gain.labels:,} with a true label; misfit {gain.misfit:.3g}")
    click.echo(f"Gain {shown_gain(gain)}, interval at the level {level:.12g}, in {_unit(loss)}")
    click.echo(_sentence(gain))
    for note in notes:
        click.echo(words.one_line(f"Doubt: {note}"))
    if gain.labels < FEW:
        click.echo(
            f"Doubt: {gain.labels} true labels are few: if few rows carry the gain, the interval is too short."
        )
    if gain.doubt:
        click.echo(f"Doubt: {gain.doubt}")
    click.echo("Doubt: the labelled rows must be a random part of all, and new to the weak model.")


def _of_numbers(
    columns: Columns,
    sides: tuple[str, str],
    truth: str,
    labelled: str,
    loss: str,
    level: float,
    group: str,
) -> tuple[GainCertificate, list[str]]:
    """The certificate and what to doubt."""
    rows = Rows.of(len(next(iter(columns.values()))))
    known = target_values(truth, column_of(columns, truth, "truth"), rows)
    labels = _labelled(columns, labelled, known, rows)
    teacher, pupil = (
        real_numbers(name, column_of(columns, name, what), rows=rows)
        for name, what in zip(sides, ("weak", "student"), strict=True)
    )
    return certify_gain(teacher, pupil, known[labels], labels, level, _groups(columns, group)), []


def _of_classes(
    columns: Columns,
    sides: tuple[str, str],
    truth: str,
    labelled: str,
    loss: str,
    level: float,
    group: str,
) -> tuple[GainCertificate, list[str]]:
    """The same for a loss of classes."""
    faults = Faults(Rows.of(len(next(iter(columns.values())))))
    wanted = dict(zip(("weak", "student"), sides, strict=True))
    named = {what: column_names(columns, name, what) for what, name in wanted.items()}
    found = read_classes(columns, truth, named, faults, patterns_of(wanted), MOST_CLASSES)
    faults.refuse("leave such rows out beforehand")
    labels = _labelled(columns, labelled, found.targets, faults.rows)
    found.check(labels)
    known, classes = found.targets[labels].astype(np.intp), range(len(found.classes))
    teacher, pupil = (found.said[what] for what in wanted)
    groups = _groups(columns, group)
    gain = certify_gain(teacher, pupil, known, labels, level, groups, loss, classes)
    return gain, list(found.notes)


def _labelled(columns: Columns, labelled: str, known: Array, rows: Rows) -> NDArray[np.intp]:
    return labelled_rows(
        known, labelled, column_of(columns, labelled, "labelled") if labelled else None, rows
    )


def _groups(columns: Columns, group: str) -> NDArray[np.str_] | None:
    return texts(column_of(columns, group, "group")).astype(str) if group else None


def _unit(loss: str) -> str:
    return WORDS[loss].unit.replace("the target", "the truth")


def _sentence(gain: GainCertificate) -> str:
    if not gain.misfit:
        return "The student repeats its teacher on every row: the gain is 0."
    if gain.sign:
        return "The student gains." if gain.sign > 0 else "The student loses."
    start, further = "Cannot tell yet whether the student gains", labels_to_decide(gain)
    if math.isinf(further[0]):
        return f"{start}, and labels on these rows will hardly tell; add rows."
    return f"{start}: some {some_more(further)} random labels tell with an even chance, if it gains as it seems now."
