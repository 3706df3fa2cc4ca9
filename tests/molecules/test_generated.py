"""The set that stands in for measured ones: the same for a seed, with the noise and the splits that it says."""

import numpy as np
import pytest

from w2s_utils.data.container import PARTS
from w2s_utils.molecules import chemistry, generated
from w2s_utils.molecules.chembench import SPLITS, duplicates_across_splits

pytest.importorskip("rdkit")


def test_embedded_set():
    data = generated.embedded_molecules(500, seed=0)
    assert (data.source, data.name, len(data.inputs), len(set(data.inputs))) == (
        "generated",
        "embedded",
        500,
        500,
    )
    assert "generated" in data.title and "not measured" in data.title
    assert tuple(data.splits) == SPLITS
    for rows in data.splits.values():
        assert [len(rows[part]) for part in PARTS] == [400, 50, 50]
    assert not np.array_equal(data.splits["random122"]["test"], data.splits["random123"]["test"])
    assert duplicates_across_splits(data)["molecules"].tolist() == [0, 0, 0]


def test_embedded_noise_has_the_stated_sd():

    data = generated.embedded_molecules(2000, seed=5)
    noise = data.targets - chemistry.delaney_log_solubility(data.inputs)
    # four standard errors of the sd and of the mean of 2000 independent draws
    assert noise.std() == pytest.approx(generated.NOISE_SD, abs=4 * generated.NOISE_SD / np.sqrt(2 * 2000))
    assert noise.mean() == pytest.approx(0.0, abs=4 * generated.NOISE_SD / np.sqrt(2000))


def test_embedded_set_is_the_same_for_a_seed_and_another_for_another():
    one, same, other = (generated.embedded_molecules(100, seed) for seed in (1, 1, 2))
    assert one.inputs == same.inputs and one.targets.tobytes() == same.targets.tobytes()
    np.testing.assert_array_equal(one.splits["random124"]["test"], same.splits["random124"]["test"])
    assert one.inputs != other.inputs and not np.array_equal(one.targets, other.targets)
    assert not np.array_equal(one.splits["random124"]["test"], other.splits["random124"]["test"])


@pytest.mark.parametrize("count", [0, 9, 10**6])
def test_embedded_set_of_impossible_size(count, monkeypatch):
    monkeypatch.setattr(generated, "SCAFFOLDS", generated.SCAFFOLDS[:1])
    with pytest.raises(ValueError, match=str(count)):
        generated.embedded_molecules(count)


def test_enumeration_is_distinct_canonical_and_seeded():
    some = generated.enumerate_molecules(400, seed=3)
    assert len(set(some)) == 400
    assert chemistry.canonical(some) == some
    assert generated.enumerate_molecules(400, seed=3) == some
    assert generated.enumerate_molecules(100, seed=3) == some[:100]
    assert set(generated.enumerate_molecules(400, seed=4)) != set(some)


def test_enumeration_gives_a_few_thousand_and_says_when_it_cannot(monkeypatch):
    assert len(set(generated.enumerate_molecules(4000, seed=0))) == 4000
    monkeypatch.setattr(generated, "SCAFFOLDS", generated.SCAFFOLDS[:1])
    with pytest.raises(ValueError, match="ask for fewer"):
        generated.enumerate_molecules(2000)
    with pytest.raises(ValueError, match=">= 1"):
        generated.enumerate_molecules(0)
