"""A line that says how far long work has come: on a terminal only, on standard error."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

QUIET_SECONDS = 1.0
"""Work that takes less shows nothing."""


class Bar:
    """Called with what is done, how much there is, and what it is; clears its line at the end."""

    def __enter__(self) -> Self:
        self._start, self._shown = time.monotonic(), ""
        return self

    def __call__(self, done: int, total: int, what: str = "") -> None:
        seconds = time.monotonic() - self._start
        if not sys.stderr.isatty() or seconds < QUIET_SECONDS:
            return
        left = f", about {seconds * (total - done) / done:.0f} s left" if 0 < done < total else ""
        line = f"{what or 'judging'}: {done} of {total}, {seconds:.0f} s{left}"
        print(f"\r{line:{len(self._shown)}}", end="", file=sys.stderr, flush=True)
        self._shown = line

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            print(f"\r{'':{len(self._shown)}}\r", end="", file=sys.stderr, flush=True)
