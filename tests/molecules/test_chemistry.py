from __future__ import annotations

import math

import numpy as np
import pytest

from w2s_utils.molecules import chemistry, generated
from w2s_utils.molecules.chemistry import InvalidSmiles

pytest.importorskip("rdkit")

FUNCTIONS = (
    chemistry.descriptors,
    lambda smiles: chemistry.morgan_counts(smiles, 16),
    chemistry.canonical,
    chemistry.delaney_log_solubility,
)
BAD = ("", "   ", "C(", "not a molecule", "CC O", "CCO ethanol", "C\0C", None, math.nan, 7, b"CCO")


def test_descriptors_are_rdkits_own_but_for_ipc():
    from rdkit import Chem
    from rdkit.Chem import Descriptors

    smiles = ["CCO", "c1ccccc1C(=O)NC", "CC(C)Cc1ccc(cc1)C(C)C(=O)O"]
    values, names = chemistry.descriptors(smiles)
    assert list(names) == sorted(name for name, _ in Descriptors.descList)
    for row, text in enumerate(smiles):
        expected = Descriptors.CalcMolDescriptors(Chem.MolFromSmiles(text))
        expected["Ipc"] = math.log1p(expected["Ipc"])
        np.testing.assert_array_equal(values[row], [expected[name] for name in names])


@pytest.mark.parametrize("odd", ["*", "[Fe]", "[H][H]", "C[Hg]C", "[Na+].[Cl-]", "C" * 150])
def test_undefined_values_are_zero_and_touch_no_other_row(odd):
    alone, names = chemistry.descriptors(["CCO"])
    values, _ = chemistry.descriptors([odd, "CCO"])
    assert values.dtype == np.float64 and values.shape == (2, len(names))
    assert np.isfinite(values).all() and np.abs(values).max() < 1e6
    np.testing.assert_array_equal(values[1], alone[0])


def test_the_value_that_rdkit_leaves_undefined_is_the_one_set_to_zero():
    values, names = chemistry.descriptors(["C[Hg]C"])
    assert values[0, names.index("MaxPartialCharge")] == 0.0
    assert values[0, names.index("MolWt")] == pytest.approx(230.66, abs=0.01)


def test_descriptors_do_not_depend_on_the_number_of_processes(monkeypatch):
    smiles = generated.enumerate_molecules(chemistry.PARALLEL_FROM + 3, seed=1)
    monkeypatch.setenv("W2S_WORKERS", "1")
    one, _ = chemistry.descriptors(smiles)
    monkeypatch.setenv("W2S_WORKERS", "2")
    two, _ = chemistry.descriptors(smiles)
    np.testing.assert_array_equal(one, two)


def test_morgan_counts_count_neighbourhoods():
    counts = chemistry.morgan_counts(["CCO", "C" * 12, "OCC"], 64)
    assert counts.shape == (3, 64) and counts.dtype == np.float64
    np.testing.assert_array_equal(counts[0], counts[2])
    # radius 0: one count for each atom
    np.testing.assert_array_equal(
        chemistry.morgan_counts(["CCO", "C" * 12], 64, radius=0).sum(axis=1), [3, 12]
    )
    assert counts[1].max() >= 8


def test_shorter_fingerprints_fold_longer_ones():
    smiles = generated.enumerate_molecules(30, seed=2)
    long, short = chemistry.morgan_counts(smiles, 1024), chemistry.morgan_counts(smiles, 32)
    np.testing.assert_array_equal(long.reshape(30, -1, 32).sum(axis=1), short)
    assert (short > 0).sum() < (long > 0).sum()  # different neighbourhoods fall together


@pytest.mark.parametrize(("n_bits", "radius"), [(0, 2), (-1, 2), (16, -1), (2**40, 2), (16, 2**40), (1.5, 2)])
def test_morgan_refuses_impossible_sizes(n_bits, radius):
    with pytest.raises(ValueError, match="a fingerprint's (length|radius) is a whole number from"):
        chemistry.morgan_counts(["C"], n_bits, radius)


def test_canonical_finds_the_same_molecule():
    assert len(set(chemistry.canonical(["OCC", "CCO", "C(O)C", " CCO "]))) == 1
    left, right = chemistry.canonical(["C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O"])
    assert left != right


def test_delaney_by_hand():
    # benzene: Crippen logP 6 * 0.2812, MW 78.114, no rotatable bond, all atoms aromatic; hexane: 3 rotatable bonds
    benzene, hexane, dihydrogen = chemistry.delaney_log_solubility(["c1ccccc1", "CCCCCC", "[H][H]"])
    assert benzene == pytest.approx(0.16 - 0.63 * 1.6866 - 0.0062 * 78.114 - 0.74, abs=1e-3)
    assert hexane == pytest.approx(0.16 - 0.63 * 2.5866 - 0.0062 * 86.178 + 0.066 * 3, abs=1e-3)
    assert math.isfinite(dihydrogen)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_row_is_named(function, bad, capfd):
    with pytest.raises(InvalidSmiles, match="row 2 "):
        function(["C", "CC", bad])
    assert capfd.readouterr().err == ""  # RDKit's own log stays silent


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_rows_and_a_lone_string_are_refused(function):
    with pytest.raises(InvalidSmiles, match="empty"):
        function([])
    with pytest.raises(InvalidSmiles, match="list of SMILES"):
        function("CCO")


def test_a_long_bad_string_is_shortened():
    with pytest.raises(InvalidSmiles) as caught:
        chemistry.canonical(["C(" * 5000])
    assert len(str(caught.value)) < 250 and "10002 characters" in str(caught.value)


def test_every_scaffold_takes_every_substituent():
    from rdkit import Chem

    for scaffold in generated.SCAFFOLDS:
        for substituent in generated.SUBSTITUENTS:
            for first, second in ((substituent, "[H]{}"), ("[H]{}", substituent)):
                joined = f"{scaffold}.{first.format('%91')}.{second.format('%92')}"
                molecule = Chem.MolFromSmiles(joined)
                assert molecule is not None and len(Chem.GetMolFrags(molecule)) == 1, joined


def test_one_polymer_is_refused_at_once_and_a_large_molecule_is_described():
    largest = "C" * chemistry.MOST_ATOMS
    values, _ = chemistry.descriptors([largest])
    assert np.isfinite(values).all()
    with pytest.raises(InvalidSmiles, match="row 1 is a molecule of 251 heavy atoms.*drop all 2 rows"):
        chemistry.descriptors(["CCO", f"{largest}C", "NCC(=O)" * 300 + "O"])


def test_rows_that_have_no_descriptors_are_all_found():
    found = chemistry.unusable(["CCO", "C1CC", "", "CC CC", "C" * 251, "[H][H]", "not"])
    assert found == {"no valid SMILES": [1, 2, 3, 6], "more than 250 heavy atoms": [4]}


def test_all_bad_rows_are_numbered():
    with pytest.raises(
        InvalidSmiles, match="row 1 is no valid SMILES: 'C1CC', and so are rows 3, 4; drop the rows"
    ):
        chemistry.parse(["C", "C1CC", "C", "not", None])
    with pytest.raises(InvalidSmiles, match="row 0 .* and so are rows 1, 2, 3, 4, 5 and 3 more; drop"):
        chemistry.parse(["C1CC"] * 9)
