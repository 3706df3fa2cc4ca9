"""The options that say what a file's columns are, and the file judged by them: for all commands that fit heads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .. import words
from ..data.container import Dataset
from ..own_data.class_cells import loss_of
from ..own_data.columns import gather
from ..own_data.files import read_columns
from ..own_data.joining import joined
from ..own_data.judge import HEADS, Judged, JudgedFile
from ..own_data.judge import judge as judged_rows
from ..own_data.large import judge_file
from ..own_data.lists import refuse_drawn
from ..own_data.refusal import UnusableData
from ..own_data.streams import is_large
from ..own_data.turning import Watch
from ..theory.class_losses import SQUARED
from .options import FOLDS, NUMBER, SEED

LONGEST_STEM = 100

OPTIONS = (
    click.option("--target", default="", help="Column of true labels, empty where they are unknown."),
    click.option("--strong", default="", help="Columns of the strong view: s_1,s_2 or 's_*' or a JSON list."),
    click.option("--weak", multiple=True, help="A weak model and its columns: small=w1,w2. Once for each."),
    click.option(
        "--weak-labels",
        multiple=True,
        help="Columns of labels that weak models gave already: gpt,llama; or probabilities: 'gpt=p_gpt_*'.",
    ),
    click.option(
        "--student",
        multiple=True,
        help="Predictions of a student that exists: small=p; or probabilities: 'gpt=q_*'. Once for each.",
    ),
    click.option(
        "--loss", default="", help="squared, accuracy or brier. Else: accuracy of names, squared of numbers."
    ),
    click.option("--text", default="", help="Column of texts, in place of --strong and --weak."),
    click.option("--smiles", default="", help="Column of SMILES, in place of --strong and --weak."),
    click.option("--id", "ids", default="", help="Column of identifiers, to be unique."),
    click.option("--labels", default="", help="A second file that holds the target, joined by --id."),
    click.option("--labelled", default="", help="Column of 1 and 0: whose target is a true label."),
    click.option("--group", default="", help="Column that is equal for rows of one thing, which count once."),
    click.option("--split", default="", help="Column of train, valid, test. Without it: cross-fitting."),
    click.option("--drop-bad", is_flag=True, help="Leave rows out that cannot be used, and say which."),
    click.option("--head", default="ridge", show_default=True, help=f"One of {', '.join(HEADS)}."),
    click.option(
        "--radius",
        type=NUMBER,
        default=0.5,
        show_default=True,
        help="Of the norm ball: target sd per sd of a feature.",
    ),
    click.option("--folds", type=FOLDS, default=10, show_default=True, help="Of cross-fitting."),
    click.option("--seed", type=SEED, default=0, show_default=True, help="Of the folds."),
)


def with_data(command: Callable[..., None]) -> Callable[..., None]:
    """The command with OPTIONS, in their order."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def judged_data(
    file: str, watch: Watch, scheduler: str = "", **asked: Any
) -> tuple[Dataset | JudgedFile, Judged | JudgedFile]:
    """What OPTIONS pick from a file, and the same judged; twice the same where it is read some rows at a time.

    Raises UnusableData and WrongWords.
    """
    target = asked["target"]
    if not target:
        raise UnusableData(
            "name the column of true labels: --target y; or, for a list of w2s label, put its .npz beside it and give no "
            "option"
        )
    names: dict[str, Any] = {
        "strong": words.names("the strong columns", asked["strong"]),
        "weak": words.groups("a weak model", asked["weak"]),
        "weak_labels": words.names_or_groups("the columns of weak labels", asked["weak_labels"]),
        **{name: asked[name] for name in ("labelled", "ids", "split")},
    }
    rule: dict[str, Any] = {name: asked[name] for name in ("head", "radius", "folds", "seed")}
    more: dict[str, Any] = {name: asked[name] for name in ("text", "smiles", "group", "drop_bad")}
    more["students"] = words.groups("a student", asked["student"])
    if scheduler or (file.strip() and is_large(Path(file))):
        classes = asked["loss"] not in ("", SQUARED) or isinstance(names["weak_labels"], dict)
        if asked["labels"] or any(more.values()) or classes:
            raise UnusableData(
                f"{Path(file).name} is read some rows at a time, which texts, SMILES, a second file, groups, given students, "
                "classes and --drop-bad do not allow; make the columns and leave rows out beforehand, or give fewer rows"
            )
        made = judge_file(file, target, **names, **rule, scheduler=scheduler, watch=watch)
        return made, made
    columns = columns_of(file, asked)
    loss = loss_of(asked["loss"], columns, target)
    data = gather(stem(file), columns, target, **names, **more, loss=loss)
    if data.views is not None:
        refuse_drawn(Path(file), data.views.strong, data.true_rows)
    return data, judged_rows(data, **rule, watch=watch, loss=loss)


def columns_of(file: str, asked: dict[str, Any]) -> dict[str, Any]:
    """The columns of a file, with those of a second one."""
    as_text = [asked[name] for name in ("ids", "text", "smiles", "split", "group") if asked[name]]
    columns = read_columns(file, as_text)
    if asked["labels"]:
        columns = joined(columns, read_columns(asked["labels"], as_text), asked["ids"], asked["target"])
    return columns


def page_name(file: str) -> str:
    """The page of a file: mine.html of mine.csv, mine.parquet.html of mine.parquet, so that two files do not share one."""
    ending = Path(file).name.encode("utf-8", "replace").decode("utf-8").partition(".")[2].lower()
    return f"{stem(file)}.html" if ending in ("", "csv") else f"{stem(file)}.{ending[:LONGEST_STEM]}.html"


def stem(file: str) -> str:
    """A file's name without its endings, as in mine.csv.gz, in letters that can be written."""
    name = Path(file).name.encode("utf-8", "replace").decode("utf-8")
    return name.split(".")[0][:LONGEST_STEM] or "data"
