"""SMILES to token numbers and back, one token an atom, a bond, a branch or a ring closure.

The vocabulary is fixed, not learned from a corpus, so that every model reads the same tokens. The bracket atoms that are
frequent in drug-like molecules, such as ``[nH]`` or ``[O-]``, are one token; any other bracket atom is spelled out between
``[`` and ``]``: ``[13CH3]`` becomes ``[ 1 3 C H 3 ]``. What no token stands for becomes ``[UNK]``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from .. import runtime

PAD, UNKNOWN, START, END, MASK = SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

VOCABULARY = (
    *SPECIAL,
    *("C", "N", "O", "S", "F", "Cl", "Br", "I", "P", "B", "Si", "Se", "H"),
    *("c", "n", "o", "s", "p", "b", "se"),
    *("(", ")", "=", "#", "-", "+", "/", "\\", ":", ".", "@", "[", "]", "%"),
    *"0123456789",
    *("[nH]", "[C@H]", "[C@@H]", "[C@]", "[C@@]", "[N+]", "[O-]", "[n+]", "[N-]", "[NH+]", "[NH2+]", "[NH3+]"),
    *("[S+]", "[s+]", "[S-]", "[C-]", "[n-]", "[nH+]", "[o+]", "[Se]", "[se]", "[Si]", "[PH]", "[P+]", "[2H]"),
)  # fmt: skip
"""All tokens; a token's number is its place."""

MOST_TOKENS = 130
"""Tokens of the longest row, start and end included: the positions that a model has."""

_PIECE = re.compile(r"\[[^\[\]]*\]|Br|Cl|.", re.DOTALL)
_SPELLED = re.compile(r"[A-Z][a-z]?|se|as|te|si|.", re.DOTALL)


class UnusableSmiles(ValueError):
    """A text that cannot become a row of tokens: no string, empty, or longer than a model reads."""


class UnknownVocabulary(ValueError):
    """A vocabulary file that is damaged, or belongs to another tokenizer."""


class SmilesTokenizer:
    """Token numbers of SMILES under one vocabulary, a sequence of distinct tokens that begins with SPECIAL.

    Raises UnknownVocabulary for any other.
    """

    def __init__(self, vocabulary: Sequence[str] = VOCABULARY):
        self.vocabulary = tuple(vocabulary)
        if self.vocabulary[: len(SPECIAL)] != SPECIAL or len(set(self.vocabulary)) != len(self.vocabulary):
            raise UnknownVocabulary(f"a vocabulary begins with {', '.join(SPECIAL)} and names no token twice")
        self.number = {token: place for place, token in enumerate(self.vocabulary)}

    def __len__(self) -> int:
        return len(self.vocabulary)

    def tokens(self, smiles: str) -> list[str]:
        """The tokens of one SMILES, without start and end. Raises UnusableSmiles for an empty text or no string."""
        if not isinstance(smiles, str) or not smiles.strip():
            raise UnusableSmiles(f"a SMILES is a text that is not empty, not {smiles!r}; drop the row")
        found = []
        for piece in _PIECE.findall(smiles.strip()):
            if piece in self.number and piece not in SPECIAL:
                found.append(piece)
            elif piece.startswith("[") and piece.endswith("]"):
                found += ["[", *_SPELLED.findall(piece[1:-1]), "]"]
            else:
                found.append(piece)
        return [token if token in self.number and token not in SPECIAL else UNKNOWN for token in found]

    def encode(self, smiles: str, cut: bool = False) -> list[int]:
        """Token numbers of one SMILES between start and end, MOST_TOKENS at most.

        A longer one raises UnusableSmiles, or with ``cut`` loses what is beyond.
        """
        tokens = self.tokens(smiles)
        if len(tokens) + 2 > MOST_TOKENS and not cut:
            raise UnusableSmiles(
                f"{smiles.strip()[:40]}... has {len(tokens)} tokens, a model reads {MOST_TOKENS - 2} at most; drop the row"
            )
        return [self.number[token] for token in (START, *tokens[: MOST_TOKENS - 2], END)]

    def decode(self, numbers: Iterable[int]) -> str:
        """The SMILES of a row of token numbers; padding, start and end are left out. Raises ValueError for other numbers."""
        numbers = [int(number) for number in numbers]
        if any(not 0 <= number < len(self) for number in numbers):
            raise ValueError(f"token numbers lie between 0 and {len(self) - 1}")
        tokens = (self.vocabulary[number] for number in numbers)
        return "".join(token for token in tokens if token not in (PAD, START, END))

    def save(self, path: Path) -> None:
        """Write the vocabulary as a JSON list of tokens."""
        with runtime.atomic_file(path) as file:
            file.write(json.dumps(self.vocabulary) + "\n")

    @classmethod
    def load(cls, path: Path) -> SmilesTokenizer:
        """The tokenizer of a saved vocabulary. Raises UnknownVocabulary where the file is damaged or is not one."""
        try:
            tokens = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UnknownVocabulary(f"{path.name} cannot be read as a list of tokens ({error})") from error
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise UnknownVocabulary(f"{path.name} is no list of tokens")
        return cls(tokens)
