"""``w2s``: how the command starts and ends, also where it is stopped while Python still reads libraries.

Exit codes: 0 answered; 2 the input was refused, in a sentence with the remedy on standard error; 130 stopped; 1 our fault.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

STOPPED = 130
"""What a shell says of a command that Ctrl-C ended: 128 and the number of the signal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code, see the module. ``W2S_DEBUG=1`` shows where a fault of ours happened."""
    _open_streams()
    try:
        with _ended_by_a_signal():
            from .commands import run
        return run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return STOPPED
    except ImportError as error:
        if os.environ.get("W2S_DEBUG"):
            raise
        print(f"w2s is not installed in full ({error}); install it again: pip install .", file=sys.stderr)
        return 2


def _open_streams() -> None:
    """A stream that the caller has closed leads nowhere: else it would lead into the next file that is opened."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


@contextmanager
def _ended_by_a_signal() -> Iterator[None]:
    """Ctrl-C ends the process inside the block: libraries that are being read would swallow an exception, or show it.

    Nothing is begun yet, so nothing is to be cleared up. Does nothing outside the main thread, or where somebody else
    listens to the signal or it is ignored.
    """
    try:
        listens = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if listens:
            signal.signal(signal.SIGINT, _end)
    except ValueError:  # not the main thread
        listens = False
    try:
        yield
    finally:
        if listens:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(number: int, frame: FrameType | None) -> None:
    os.write(2, b"stopped\n")
    os._exit(STOPPED)
