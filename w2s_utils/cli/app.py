"""``w2s``: one function for each command, and what every command shares: how it ends.

Exit codes: 0 answered; 2 the input was refused, in a sentence with the remedy on standard error; 1 our fault.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
import warnings
from collections.abc import Sequence

import click

from .. import runtime
from ..data.container import InvalidDataset
from ..data.registry import ChecksumMismatch, DataUnreachable, RegistryError
from ..own_data.refusal import UnusableData
from ..words import WrongWords
from .certifying import certify
from .doctor import doctor
from .judging import judge
from .sets import sets

REFUSED = (
    UnusableData, WrongWords, InvalidDataset, RegistryError, ChecksumMismatch, DataUnreachable, runtime.UnwritableFolder,
)  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="w2s-utils")
def app() -> None:
    """Will a strong model gain from weak labels, by how much, and which weak model should label?"""


for command in (judge, certify, sets, doctor):
    app.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code, see the module. ``W2S_DEBUG=1`` shows where a fault of ours happened."""
    for stream in (sys.stdout, sys.stderr):  # signs that a terminal lacks become question marks
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if not os.environ.get("W2S_DEBUG"):
        warnings.simplefilter("ignore", RuntimeWarning)  # what overflows is refused in a sentence
    try:
        code = app(arguments, prog_name="w2s", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        return 130
    except SystemExit:  # so ends click where the reader has closed, as head does
        return 0
    except REFUSED as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"the system refuses: {error}", file=sys.stderr)
        return 2
    except Exception as error:
        if os.environ.get("W2S_DEBUG"):
            traceback.print_exc()
        reason = f"{type(error).__name__}: {error}"
        print(
            f"This is a fault of w2s, not of your input ({reason}); W2S_DEBUG=1 shows where", file=sys.stderr
        )
        return 1
