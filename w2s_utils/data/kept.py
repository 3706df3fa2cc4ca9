"""Tables that take long to compute, kept in the cache under a name that stands for all that they are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .. import runtime
from . import registry

DIGEST_BYTES = hashlib.sha256().digest_size


def table(
    folder: str,
    made_of: Sequence[str],
    make: Callable[[], NDArray],
    rows: int,
    dtype: DTypeLike = np.float64,
) -> NDArray:
    """What ``make`` returns as a table ``(rows, d)`` of ``dtype``: computed once, then read from the cache's ``folder``.

    ``made_of``: inputs, versions and code that the numbers depend on; their sha256 is the file's name. The file holds the
    numbers after their own sha256, so a damaged one is noticed and replaced; a cache that takes no files costs the time
    again, no more. Raises what ``make`` raises.
    """
    name = hashlib.sha256("\n".join(made_of).encode()).hexdigest()
    place = registry.cache_folder() / folder / name
    with suppress(OSError):
        content = place.read_bytes()
        digest, numbers = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
        if hashlib.sha256(numbers).digest() == digest:
            return np.frombuffer(numbers, dtype=dtype).reshape(rows, -1).copy()
    found = np.ascontiguousarray(make(), dtype=dtype).reshape(rows, -1)
    with suppress(OSError), runtime.atomic_file(place, "wb") as file:
        file.write(hashlib.sha256(found.tobytes()).digest() + found.tobytes())
    return found
