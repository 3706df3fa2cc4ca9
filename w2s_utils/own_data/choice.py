"""Which columns are meant: names, patterns and groups of them, and what no two groups may share."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from .cells import plain_name
from .refusal import UnusableData

Names = str | Sequence[str]

WEAK = "weak, "
"""Before a weak model's name where its group of columns is named."""


def as_word(name: Any) -> str:
    """A name of a model or a set, which reads as a word also where it is a number: "64" as "no. 64"."""
    return f"no. {name}" if re.fullmatch(r"[\d.,eE+\-]*", str(name)) else str(name)


def column_of(columns: Mapping[str, Any], wanted: Any, what: str) -> NDArray[Any]:
    if not str(wanted):
        raise UnusableData(f"name the {what} column, of {some_names(columns)}")
    values = columns[existing(columns, str(wanted))]
    if values.ndim == 2 and values.shape[1] != 1:
        raise UnusableData(f"{wanted} has {values.shape[1]} columns, but the {what} is one")
    return values.reshape(-1)


def existing(columns: Mapping[str, Any], wanted: str) -> str:
    """The column of this name: as written, or as `cells.plain_name` has both. Raises UnusableData with what is near."""
    if wanted in columns:
        return wanted
    plain = plain_name(wanted)
    same = next((name for name in columns if plain_name(name) == plain), None)
    if same is not None:
        return same
    lower = {name.lower(): name for name in columns}
    near = [name for name in columns if re.match(rf"{re.escape(plain.lower())}\s*[\[(/,;_ ]", name.lower())]
    near += [lower[name] for name in difflib.get_close_matches(plain.lower(), lower, n=3, cutoff=0.6)]
    near = list(dict.fromkeys(near))[:3]
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are {some_names(columns)}"
    raise UnusableData(f"there is no column {wanted!r}; {hint}")


def some_names(columns: Mapping[str, Any]) -> str:
    names = list(columns)
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def is_given(names: Any) -> bool:
    return bool(str(names)) if not isinstance(names, Sequence | Mapping) else bool(names)


def column_names(columns: Mapping[str, Any], names: Any, what: str) -> list[str]:
    """Column names, with each ``*`` spelled out; one text with commas in it, which is no column's name, is several names."""
    if isinstance(names, Mapping):
        raise UnusableData(f"{what} is a list of column names, not {names!r}")
    if isinstance(names, str) or not isinstance(names, Sequence):
        wanted = _between_commas(columns, str(names))
    else:
        wanted = [str(name) for name in names]
    found: list[str] = []
    for name in wanted:
        if "*" in name:
            matching = _matching(columns, name)
            if not matching:
                raise UnusableData(f"no column matches {name!r} ({what}); there are {some_names(columns)}")
            found += matching
        elif name:
            found.append(existing(columns, name))
    twice = next((name for name in found if found.count(name) > 1), None)
    if twice is not None:
        raise UnusableData(f"{what} names the column {twice!r} twice; name it once")
    return found


def _between_commas(columns: Mapping[str, Any], text: str) -> list[str]:
    if (
        "," not in text
        or plain_name(text) in map(plain_name, columns)
        or ("*" in text and _matching(columns, text))
    ):
        return [text]
    return [part.strip() for part in text.split(",")]


def _matching(columns: Mapping[str, Any], pattern: str) -> list[str]:
    spelled = re.compile(".*".join(map(re.escape, plain_name(pattern).split("*"))), re.DOTALL)
    return [column for column in columns if spelled.fullmatch(plain_name(column))]


def column_labels(columns: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """What a reader calls each single column of these, side by side: 'a', and for a table b, column 1 of 'b'."""
    labels: list[str] = []
    for name in names:
        shape = columns[name].shape
        labels += (
            [f"column {k + 1} of {name!r}" for k in range(shape[1])] if len(shape) == 2 else [repr(name)]
        )
    return labels


def check_groups(groups: Mapping[str, list[str]]) -> None:
    for what, names in groups.items():
        both = [name for name in names if what != "strong" and name in groups["strong"]]
        if both:
            raise UnusableData(
                f"the column {both[0]!r} is both strong and {what}; put it in one group, as a student that sees "
                "what its teacher sees can copy it"
            )


def check_uses(
    target: str, groups: Mapping[str, list[str]], labelling: list[str], special: Mapping[str, str]
) -> None:
    uses = {**groups, "weak_labels": labelling}
    for what, names in uses.items():
        if plain_name(target) in map(plain_name, names):
            raise UnusableData(
                f"the target {target!r} is also among the {what} columns, so the answer would be given away; take it out there"
            )
        for role, column in special.items():
            if column in names:
                raise UnusableData(
                    f"the {role} column {column!r} is also among the {what} columns; take it out there"
                )


def groups_of(
    columns: Mapping[str, Any], strong: Names, weak: Names | Mapping[str, Names], text: str, smiles: str
) -> dict[str, list[str]]:
    """Columns by what they are for: ``strong`` and one group for each weak model, or ``text`` or ``smiles`` alone."""
    if text or smiles:
        if (text and smiles) or is_given(strong) or is_given(weak):
            raise UnusableData(
                "text, smiles, or strong and weak columns: give one of the three, as each makes both views"
            )
        return {"text": [text]} if text else {"smiles": [smiles]}
    if isinstance(weak, Mapping):
        by_model = {as_word(name): names for name, names in weak.items()}
        if len(by_model) < len(weak):
            raise UnusableData(f"two weak models have one name, among {list(weak)}; rename one")
    else:
        by_model = {"weak": weak} if is_given(weak) else {}
    groups = {"strong": column_names(columns, strong, "strong")}
    groups |= {
        f"{WEAK}{model}": column_names(columns, names, f"weak ({model})") for model, names in by_model.items()
    }
    for what, names in groups.items():
        if not names:
            raise UnusableData(f"the group {what} has no column; name at least one, of {some_names(columns)}")
    check_groups(groups)
    return groups
