"""What a text may be: characters that can be written, not blanks alone; and two sentences that are one input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

PAIR = "\x1f"
"""Between the two sentences of a pair: ASCII's unit separator, which no text that people write holds."""

LOST = "\ufffd"
"""What stands where a character was lost."""


class UnusableText(ValueError):
    """Texts that have no features, with the first row where one stands."""


def checked(texts: Iterable[object]) -> list[str]:
    """The texts, all of them usable and none of them changed.

    Raises UnusableText for what is no text (None, a number), an empty one or one of blanks only, and one with half a surrogate
    pair, which is what a broken decoding leaves and no encoding can write. Emoji and texts of any length are usable.
    """
    found = list(texts)
    for row, text in enumerate(found):
        if not isinstance(text, str):
            raise UnusableText(f"row {row} is no text but {type(text).__name__}; make it one or drop the row")
        if not text.strip() or any(not half.strip() for half in text.split(PAIR)):
            raise UnusableText(f"row {row} is empty, blanks only, or half a pair ({text!r}); drop the row")
        if mended(text) != text:
            raise UnusableText(
                f"row {row} has half a surrogate pair, so its encoding was broken when it was read; "
                "read it again, or put U+FFFD in its place (w2s_utils.texts.inputs.mended)"
            )
    return [text for text in found if isinstance(text, str)]


def mended(text: str) -> str:
    """The text with LOST for each half of a surrogate pair that stands alone; whole pairs become their character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def pair(first: str, second: str) -> str:
    """Two sentences as one input. Raises UnusableText where one of them holds the separator."""
    if PAIR in first or PAIR in second:
        raise UnusableText(f"a sentence of a pair holds {PAIR!r}, which separates the two; take it out")
    return first + PAIR + second


def halves(texts: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """First and second sentences where the texts are pairs; None where they are single texts. Raises UnusableText for both."""
    split = [text.split(PAIR) for text in texts]
    lengths = {len(parts) for parts in split}
    if lengths == {1}:
        return None
    if lengths != {2}:
        raise UnusableText("either every input is a pair of sentences or none is")
    return [parts[0] for parts in split], [parts[1] for parts in split]
