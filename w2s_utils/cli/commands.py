"""The commands in one group, and what every one of them shares: how a refusal and a fault are said."""

from __future__ import annotations

import io
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import Any

import click

from .. import runtime
from ..data.container import InvalidDataset
from ..data.registry import ChecksumMismatch, DataUnreachable, RegistryError
from ..own_data.refusal import UnusableData
from ..words import WrongWords, one_line
from .certifying import certify
from .doctor import doctor
from .judging import judge
from .labelling import label
from .sets import sets
from .usage import no_command, sentence

REFUSED = (
    UnusableData, WrongWords, InvalidDataset, RegistryError, ChecksumMismatch, DataUnreachable, runtime.UnwritableFolder,
    runtime.WrongSetting,
)  # fmt: skip


class Stopped(BaseException):
    """Ctrl-C, by a name that click does not know, as it would print a blank line."""


class Commands(click.Group):
    """A group whose commands raise Stopped where Ctrl-C was pressed, and which knows what was meant by others."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Raises WrongWords for a command that is none."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            raise WrongWords(no_command(args[0], list(self.commands)))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """What the command returns."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Stopped from error


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=True,
    no_args_is_help=False,
)
@click.version_option(package_name="w2s-utils")
@click.pass_context
def app(context: click.Context) -> None:
    """Will a strong model gain from weak labels, by how much, and which weak model should label?"""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(2)


for command in (judge, label, certify, sets, doctor):
    app.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code, see `app`. Raises KeyboardInterrupt where Ctrl-C was pressed."""
    for stream in (sys.stdout, sys.stderr):  # signs that a terminal lacks become question marks
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    with warnings.catch_warnings():
        if not os.environ.get("W2S_DEBUG"):
            warnings.simplefilter("once", UserWarning)
            warnings.simplefilter("ignore", RuntimeWarning)  # what overflows is refused in a sentence
            warnings.showwarning = _as_sentence
        return _run(arguments)


def _run(arguments: Sequence[str]) -> int:
    try:
        code = app(list(arguments), prog_name="w2s", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        return _refused(sentence(error, arguments))
    except (Stopped, click.Abort) as error:
        raise KeyboardInterrupt from error
    except SystemExit:  # so ends click where the reader has closed, as head does
        return 0
    except REFUSED as error:
        return _refused(str(error))
    except OSError as error:
        return _refused(f"the system refuses: {error}")
    except MemoryError as error:
        return _refused(
            f"there is too little memory ({error}); give fewer columns or rows, or save the table as Parquet in a folder, "
            "which is read some rows at a time"
        )
    except Exception as error:
        if os.environ.get("W2S_DEBUG"):
            traceback.print_exc()
        reason = one_line(f"{type(error).__name__}: {error}")
        print(
            f"This is a fault of w2s, not of your input ({reason}); W2S_DEBUG=1 shows where", file=sys.stderr
        )
        return 1


def _refused(said: str) -> int:
    print(one_line(said), file=sys.stderr)
    return 2


def _as_sentence(message: Warning | str, *where: Any, **more: Any) -> None:
    """Print a warning without the line of code that it comes from."""
    print(one_line(str(message)), file=sys.stderr)
