"""What click refuses, each in one sentence with the right form, as all else that is refused is said."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import click

from ..words import short


def sentence(error: click.ClickException, arguments: Sequence[str]) -> str:
    """What is wrong with the ``arguments`` of a command, and what would be right."""
    context = getattr(error, "ctx", None)
    where = context.command_path if context else " ".join(["w2s", *arguments[:1]])
    if isinstance(error, click.NoSuchOption):
        return _no_option(error.option_name, where, context, arguments)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return f"{where} needs {_described(error.param)}"
    said = error.format_message().strip().rstrip(".")
    return f"{short(said[:1].lower() + said[1:])}; {where} --help shows what it takes"


def _no_option(name: str, where: str, context: click.Context | None, arguments: Sequence[str]) -> str:
    # Of -target click reads -t alone.
    written = next((word for word in arguments if word.startswith(name)), name).partition("=")[0]
    known = (
        [one for parameter in context.command.get_params(context) for one in parameter.opts]
        if context
        else []
    )
    near = _near(f"--{written.strip('-').replace('_', '-')}", known)
    return f"{where} has no option {short(written)}; {near or f'{where} --help lists them'}"


def no_command(word: str, commands: Sequence[str]) -> str:
    """What is said of a command that is none."""
    return f"w2s has no command {short(word)}; {_near(word.lower(), commands) or 'w2s --help lists them'}"


def _near(word: str, known: Sequence[str]) -> str:
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.75)
    return f"did you mean {found[0]}?" if found else ""


def _described(parameter: click.Parameter) -> str:
    """``--target: column of true labels``, or an argument by its name."""
    if not isinstance(parameter, click.Option):
        return f"{parameter.human_readable_name}, the path of a table"
    text = (parameter.help or "").strip().rstrip(".")
    return f"{parameter.opts[0]}: {text[:1].lower()}{text[1:]}"
