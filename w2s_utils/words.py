"""What people write on a command line: JSON, Python's own writing, or plain words.

null                        nothing
0.5, true, [1, 2]           JSON
s_1,s_2                     names, separated by commas; one with a comma in it as JSON, ["a, b", "c"]
small=w1,w2                 a name and what belongs to it
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from typing import Any

NOTHING = ("null", "none", "")


SHOWN_CHARACTERS, LONGEST_WORD = 60, 255


class WrongWords(ValueError):
    """Words that have no meaning here, with the right form."""


def short(text: str) -> str:
    """A text as a sentence shows it, cut where it is long, in quotes where it is blank."""
    if not text.strip():
        return repr(text)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}... ({len(text)} characters)"


def one_line(text: str) -> str:
    """A text for a terminal: signs that would end a line or command it as Python writes them, endless words cut."""
    plain = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
    return re.sub(rf"[^\s,;]{{{LONGEST_WORD},}}", lambda found: short(found[0]), plain)


def value(text: str) -> Any:
    """A value of any kind: what JSON or Python read, None for `NOTHING`, else the text as it is."""
    if text.strip().lower() in NOTHING:
        return None if text.strip() else text
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
    return text


def names(what: str, text: str) -> list[str]:
    """Names of columns: a JSON list of texts, or words with commas between them. Raises WrongWords."""
    if text.strip().lower() in NOTHING:
        return []
    if text.lstrip()[:1] not in ("[", "{"):
        return [word for part in text.split(",") if (word := part.strip())]
    found = value(text)
    if not (isinstance(found, list | tuple) and found and all(isinstance(one, str) for one in found)):
        raise WrongWords(
            f'{what} are words such as s_1,s_2 or a JSON list such as ["s_1", "s_2"], not {short(text)}'
        )
    return list(found)


def names_or_groups(what: str, texts: Iterable[str]) -> list[str] | dict[str, list[str]]:
    """`names` of all texts together, or `groups` where one of them is a group; then a name alone is a group of itself."""
    given = list(texts)
    if not any(_is_group(text) for text in given):
        return [name for text in given for name in names(what, text)]
    found: dict[str, list[str]] = {}
    for text in given:
        some = groups(what, [text]) if _is_group(text) else {name: [name] for name in names(what, text)}
        if twice := next((name for name in some if name in found), None):
            raise WrongWords(f"{what} {short(repr(twice))} is named twice; give each a name of its own")
        found |= some
    return found


def _is_group(text: str) -> bool:
    return text.lstrip()[:1] == "{" or ("=" in text and text.lstrip()[:1] != "[")


def groups(what: str, texts: Iterable[str]) -> dict[str, list[str]]:
    """Names by group, from ``group=names`` each, or from one JSON object. Raises WrongWords, also for a group named twice."""
    found: dict[str, list[str]] = {}
    for text in texts:
        for group, some in _pairs(what, text):
            if group in found:
                raise WrongWords(f"{what} {short(repr(group))} is named twice; give each a name of its own")
            found[group] = some
    return found


def _pairs(what: str, text: str) -> list[tuple[str, list[str]]]:
    if text.lstrip().startswith("{"):
        try:
            read = json.loads(text, object_pairs_hook=_each_once)
        except json.JSONDecodeError:
            read = value(text)
        if isinstance(read, dict) and all(
            str(group).strip() and isinstance(some, str | list) for group, some in read.items()
        ):
            return [
                (
                    str(group),
                    names(f"the columns of {what}", some if isinstance(some, str) else json.dumps(some)),
                )
                for group, some in read.items()
            ]
    else:
        group, equals, some = text.partition("=")
        if equals and group.strip() and (found := names(f"the columns of {what}", some)):
            return [(group.strip(), found)]
    raise WrongWords(
        f'{what} is a name and its columns, such as small=w1,w2, or JSON such as {{"small": ["w1", "w2"]}}, not {short(text)}'
    )


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """What JSON has between braces; a name that stands there twice raises WrongWords."""
    named = [name for name, _ in pairs]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise WrongWords(f"{short(repr(twice))} is named twice; give each a name of its own")
    return dict(pairs)
