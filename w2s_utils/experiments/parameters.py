"""What a notebook asks of its parameters, before it computes anything: each fault is a ValueError of one sentence.

Values come by name, as in ``whole(2, tasks=tasks)``, so that the sentence can say which parameter is meant. What is called
``seed`` or ``seeds`` also has the upper end of `runtime.seed_stream`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ..runtime import MOST_SEED
from ..theory.arrays import is_real, is_whole

SEEDS = ("seed", "seeds")
MOST_VALUES = 10**6
SHOWN_CHARACTERS = 200


def whole(least: int, /, **values: Any) -> None:
    """Check that each value is a whole number, ``least`` or more. Raises ValueError that names it."""
    for name, value in values.items():
        most = _most(name)
        if not _is_between(least, most, value):
            ends = f"{least} or more" if math.isinf(most) else f"from {least} to {most}"
            raise ValueError(f"{name} is a whole number, {ends}, not {_shown(value)}")


def number(above: float, /, **values: Any) -> None:
    """Check that each value is a finite number above ``above``. Raises ValueError that names it."""
    for name, value in values.items():
        if not _is_finite(value) or float(value) <= above:
            raise ValueError(f"{name} is a number above {above:g}, not {_shown(value)}")


def one_of(known: Iterable[Any], /, **values: Any) -> None:
    """Check that each value is among ``known``, words or whole numbers. Raises ValueError that names it and lists them."""
    some = list(known)
    for name, value in values.items():
        if not _is_one_of(some, value):
            raise ValueError(f"{name} is one of {', '.join(map(str, some))}, not {_shown(value)}")


def each_whole(
    least: int, /, at_least: int = 1, at_most: float = math.inf, rising: bool = False, **lists: Any
) -> None:
    """Check that each value is a list of whole numbers from ``least`` to ``at_most``, each once, ``at_least`` of them or more.

    ``rising``: from the smallest to the largest. Raises ValueError that names the list.
    """
    for name, values in lists.items():
        most = min(at_most, _most(name))
        what = f"whole numbers from {least} " + ("on" if math.isinf(most) else f"to {most}")
        _check_list(name, values, what, at_least, rising, partial(_is_between, least, most))


def each_number(above: float, /, at_most: float = math.inf, at_least: int = 1, **lists: Any) -> None:
    """Check that each value is a list of numbers above ``above``, up to ``at_most``, each once. Else as `each_whole`."""
    what = f"numbers above {above:g}" + ("" if math.isinf(at_most) else f" and up to {at_most:g}")
    for name, values in lists.items():
        _check_list(
            name, values, what, at_least, False, lambda v: _is_finite(v) and above < float(v) <= at_most
        )


def each_of(known: Iterable[Any], /, at_least: int = 1, **lists: Any) -> None:
    """Check that each value is a list of some of ``known``, each once, ``at_least`` of them or more. Else as `each_whole`."""
    some = list(known)
    what = f"some of {', '.join(map(str, some))}"
    for name, values in lists.items():
        _check_list(name, values, what, at_least, False, lambda v: _is_one_of(some, v))


def _check_list(
    name: str, values: Any, what: str, at_least: int, rising: bool, fits: Callable[[Any], bool]
) -> None:
    if isinstance(values, range) and values[MOST_VALUES:]:
        raise ValueError(f"{name} is a list of {MOST_VALUES} values at most, not {_shown(values)}")
    right = isinstance(values, list | tuple | range) and len(values) >= at_least
    right = right and all(map(fits, values)) and len(set(values)) == len(values)
    if not right or (rising and list(values) != sorted(values)):
        order = "rising" if rising else "each once"
        raise ValueError(
            f"{name} is a list of {what}, {order}, {at_least} or more of them, not {_shown(values)}"
        )


def _most(name: str) -> float:
    """The largest whole number that a parameter of this name may be, or hold."""
    return MOST_SEED if name in SEEDS else math.inf


def _shown(value: Any) -> str:
    """A value as a sentence may hold it: on one line, and not too long."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # whole numbers of thousands of digits have no text
        return "so large a number"
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."


def _is_between(least: int, most: float, value: Any) -> bool:
    return is_whole(value) and least <= int(value) <= most


def _is_one_of(known: list[Any], value: Any) -> bool:
    return (isinstance(value, str) or is_whole(value)) and value in known


def _is_finite(value: Any) -> bool:
    """Whether float64 has the number."""
    try:
        return is_real(value) and math.isfinite(float(value))
    except OverflowError:
        return False
