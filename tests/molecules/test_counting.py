"""Counting predictors: probabilities, right where the answer is fixed by the neighbours, and judged as pre-training hides."""

import numpy as np
import pytest

pytest.importorskip("rdkit")
pytest.importorskip("torch")

from w2s_utils.molecules import batches, counting, generated, preparation
from w2s_utils.molecules.tokenizer import SmilesTokenizer

SMILES = generated.enumerate_molecules(80, seed=2)


@pytest.fixture(scope="module")
def corpus():
    return preparation.in_memory(SMILES)


@pytest.fixture(scope="module")
def guesses():
    tokenizer = SmilesTokenizer()
    return counting.count_tokens([np.array(tokenizer.encode(text)) for text in SMILES])


def test_each_predictor_gives_probabilities_of_every_token(corpus, guesses):
    batch = batches.PretrainingBatches(corpus, 1, 2048, seed=0)[0]
    for chances in guesses(batch).values():
        assert chances.shape == (len(batch["labels"]), len(SmilesTokenizer()))
        np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-9)
        assert (chances > 0).all()


def test_frequencies_are_those_of_the_counted_tokens(corpus, guesses):
    tokenizer = SmilesTokenizer()
    inner = np.concatenate([tokenizer.encode(text)[1:-1] for text in SMILES])
    batch = batches.PretrainingBatches(corpus, 1, 2048, seed=0)[0]
    found = guesses(batch)[counting.FREQUENCIES][0]
    size = len(tokenizer)
    expected = (np.bincount(inner, minlength=size) + 1) / (len(inner) + size)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_more_neighbours_guess_better_and_every_hidden_token_is_judged_once(corpus, guesses):
    found = counting.judged(guesses, corpus)
    means = (
        found.groupby("predictor")[["right", "loss"]]
        .mean()
        .loc[[counting.FREQUENCIES, counting.LEFT, counting.BOTH]]
    )
    assert means["loss"].is_monotonic_decreasing and means["right"].is_monotonic_increasing
    sizes = found.groupby("predictor").size()
    assert sizes.nunique() == 1 and set(found["molecule"]) == set(range(len(corpus)))


def test_usable_molecules_come_once_in_a_drawn_order():
    twice = ["CCCCCO", "OCCCCC", "CCCCCN", "C"]
    found = counting.usable(twice, seed=0)
    assert sorted(found) == sorted(set(found)) and len(found) == 2
    assert counting.usable(SMILES, 1) != counting.usable(SMILES, 2)
