"""Work on pieces of a file, and the sum of what it gives: one after the other here, or on the workers of a Dask cluster.

Sums are added in pairs, in an order that depends on the number of pieces alone, so a worker that dies, whose pieces Dask
works on again elsewhere, changes nothing. Dask is the optional extra ``distributed``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from threading import Lock
from typing import Any

from threadpoolctl import threadpool_limits

from .refusal import UnusableData
from .turning import Watch

PATIENCE_SECONDS = 15


@contextmanager
def client_of(scheduler: str) -> Iterator[Any]:
    """A client of the Dask scheduler at this address; None for an empty one. Raises UnusableData."""
    if not scheduler:
        yield None
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise UnusableData(
            "a scheduler needs Dask, which is not installed: pip install 'dask[array]' distributed"
        ) from error
    try:
        client = Client(scheduler, timeout=PATIENCE_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UnusableData(
            f"no Dask scheduler answers at {scheduler!r}; give its address, such as tcp://host:8786, or leave it out"
        ) from error
    with client:
        yield client


class Told:
    """Adds up what work on pieces gives, and tells a ``watch`` how many of the ``rows`` are done.

    ``at_once``: pieces that are worked on side by side where there is no ``client``; the sum is the same for any number.
    """

    def __init__(self, watch: Watch, rows: int, client: Any, at_once: int):
        self.watch, self.rows, self.client, self.at_once = watch, rows, client, at_once

    def total(self, what: str, work: Callable[..., Any], jobs: Sequence[tuple[Any, ...]]) -> Any:
        """Sum of ``work(told, *job)``; work calls told(r) when r more rows are done, and may return None for nothing."""
        if self.client is not None:
            return self._on_workers(what, work, jobs)
        done, found, lock = 0, None, Lock()

        def told(more: int) -> None:
            nonlocal done
            with lock:
                done += more
                self.watch(done, self.rows, what)

        self.watch(0, self.rows, what)
        with threadpool_limits(1 if self.at_once > 1 else None), ThreadPoolExecutor(self.at_once) as pool:
            begun: deque[Future[Any]] = deque()
            for job in jobs:
                if len(begun) == self.at_once:
                    found = plus(found, begun.popleft().result())
                begun.append(pool.submit(work, told, *job))
            for part in begun:
                found = plus(found, part.result())
        return found

    def _on_workers(self, what: str, work: Callable[..., Any], jobs: Sequence[tuple[Any, ...]]) -> Any:
        finished = count(1)
        self.watch(0, len(jobs), what)
        parts = [self.client.submit(work, unheard, *job, pure=False) for job in jobs]
        for part in parts:
            part.add_done_callback(lambda _: self.watch(next(finished), len(jobs), what))
        while len(parts) > 1:
            pairs = [
                self.client.submit(plus, one, other, pure=False)
                for one, other in zip(parts[::2], parts[1::2], strict=False)
            ]
            parts = pairs + parts[2 * len(pairs) :]
        return parts[0].result()


def plus(one: Any, other: Any) -> Any:
    """Their sum, where None stands for nothing."""
    if one is None or other is None:
        return other if one is None else one
    return one + other


def unheard(rows: int) -> None:
    """On another machine nobody looks."""
