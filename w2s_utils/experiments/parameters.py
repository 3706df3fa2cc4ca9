"""What a notebook asks of its parameters, before it computes anything: each fault is a ValueError of one sentence.

Values come by name, as in ``whole(2, tasks=tasks)``, so that the sentence can say which parameter is meant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np


def whole(least: int, /, **values: Any) -> None:
    """Check that each value is a whole number, ``least`` or more. Raises ValueError that names it."""
    for name, value in values.items():
        if not _is_whole(value) or value < least:
            raise ValueError(f"{name} is a whole number, {least} or more, not {value!r}")


def number(above: float, /, **values: Any) -> None:
    """Check that each value is a finite number above ``above``. Raises ValueError that names it."""
    for name, value in values.items():
        if not _is_finite(value) or value <= above:
            raise ValueError(f"{name} is a number above {above:g}, not {value!r}")


def one_of(known: Iterable[Any], /, **values: Any) -> None:
    """Check that each value is among ``known``, words or whole numbers. Raises ValueError that names it and lists them."""
    some = list(known)
    for name, value in values.items():
        if not _is_one_of(some, value):
            raise ValueError(f"{name} is one of {', '.join(map(str, some))}, not {value!r}")


def each_whole(
    least: int, /, at_least: int = 1, at_most: float = math.inf, rising: bool = False, **lists: Any
) -> None:
    """Check that each value is a list of whole numbers from ``least`` to ``at_most``, each once, ``at_least`` of them or more.

    ``rising``: from the smallest to the largest. Raises ValueError that names the list.
    """
    ends = f"from {least} on" if math.isinf(at_most) else f"from {least} to {at_most:g}"
    _check_lists(
        lists, f"whole numbers {ends}", at_least, rising, lambda v: _is_whole(v) and least <= v <= at_most
    )


def each_number(above: float, /, at_most: float = math.inf, at_least: int = 1, **lists: Any) -> None:
    """Check that each value is a list of numbers above ``above``, up to ``at_most``, each once. Else as `each_whole`."""
    ends = f"above {above:g}" if math.isinf(at_most) else f"above {above:g} and up to {at_most:g}"
    _check_lists(lists, f"numbers {ends}", at_least, False, lambda v: _is_finite(v) and above < v <= at_most)


def each_of(known: Iterable[Any], /, at_least: int = 1, **lists: Any) -> None:
    """Check that each value is a list of some of ``known``, each once, ``at_least`` of them or more. Else as `each_whole`."""
    some = list(known)
    _check_lists(
        lists, f"some of {', '.join(map(str, some))}", at_least, False, lambda v: _is_one_of(some, v)
    )


def _check_lists(
    lists: dict[str, Any], what: str, at_least: int, rising: bool, fits: Callable[[Any], bool]
) -> None:
    for name, values in lists.items():
        right = isinstance(values, list | tuple | range) and len(values) >= at_least
        right = right and all(map(fits, values)) and len(set(values)) == len(values)
        if not right or (rising and list(values) != sorted(values)):
            order = "rising" if rising else "each once"
            raise ValueError(
                f"{name} is a list of {what}, {order}, {at_least} or more of them, not {values!r}"
            )


def _is_one_of(known: list[Any], value: Any) -> bool:
    return isinstance(value, str | int | np.integer) and not isinstance(value, bool) and value in known


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value)
