"""SMILES to token numbers and back."""

import json

import pytest

from w2s_utils.data import datasets
from w2s_utils.molecules import chembench
from w2s_utils.molecules.standard_smiles import standard_smiles
from w2s_utils.molecules.tokenizer import (
    END,
    MOST_TOKENS,
    SPECIAL,
    START,
    UNKNOWN,
    VOCABULARY,
    SmilesTokenizer,
    UnknownVocabulary,
    UnusableSmiles,
)

TOKENIZER = SmilesTokenizer()


@pytest.mark.parametrize(
    ("smiles", "tokens"),
    [
        ("CCl", ["C", "Cl"]),
        ("c1cc[nH]c1", ["c", "1", "c", "c", "[nH]", "c", "1"]),
        ("[13CH3]Br", ["[", "1", "3", "C", "H", "3", "]", "Br"]),
        ("C[C@@H](N)O", ["C", "[C@@H]", "(", "N", ")", "O"]),
        ("C%12C%12", ["C", "%", "1", "2", "C", "%", "1", "2"]),
        ("[Au]Cl", ["[", UNKNOWN, "]", "Cl"]),
        ("C*", ["C", UNKNOWN]),
        ("[PAD]", ["[", "P", UNKNOWN, UNKNOWN, "]"]),
    ],
)
def test_tokens_of_a_smiles(smiles, tokens):
    assert TOKENIZER.tokens(smiles) == tokens


@pytest.mark.parametrize("name", chembench.NAMES)
def test_every_molecule_of_a_set_comes_back_from_its_tokens(name):
    if not datasets.reachable(name):
        pytest.skip("data unreachable")
    inputs = datasets.load(name).inputs
    for form in (inputs, standard_smiles(inputs)):
        found = ["".join(TOKENIZER.tokens(text)) for text in form]
        assert found == list(form)


def test_rows_begin_and_end_and_can_be_read_back():
    row = TOKENIZER.encode(" CC(=O)O ")
    assert row[0] == VOCABULARY.index(START) and row[-1] == VOCABULARY.index(END)
    assert TOKENIZER.decode([*row, 0, 0]) == "CC(=O)O"


def test_a_row_is_as_long_as_a_model_reads_at_most():
    assert len(TOKENIZER.encode("C" * (MOST_TOKENS - 2))) == MOST_TOKENS
    with pytest.raises(UnusableSmiles, match="10000 tokens"):
        TOKENIZER.encode("C" * 10_000)
    assert len(TOKENIZER.encode("C" * 10_000, cut=True)) == MOST_TOKENS


@pytest.mark.parametrize("bad", ["", "  ", None, 3, b"CC"])
def test_what_is_no_text_is_refused(bad):
    with pytest.raises(UnusableSmiles, match="drop the row"):
        TOKENIZER.encode(bad)


def test_numbers_beyond_the_vocabulary_are_refused():
    with pytest.raises(ValueError, match="between 0 and"):
        TOKENIZER.decode([len(TOKENIZER)])


def test_the_vocabulary_is_saved_and_read(tmp_path):
    TOKENIZER.save(tmp_path / "v.json")
    assert SmilesTokenizer.load(tmp_path / "v.json").vocabulary == VOCABULARY


@pytest.mark.parametrize("content", ["", "{}", "[1]", json.dumps(["C"]), json.dumps([*SPECIAL, "C", "C"])])
def test_another_vocabulary_is_refused(tmp_path, content):
    (tmp_path / "v.json").write_text(content)
    with pytest.raises(UnknownVocabulary):
        SmilesTokenizer.load(tmp_path / "v.json")
