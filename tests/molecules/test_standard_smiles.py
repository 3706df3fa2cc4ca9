"""Any SMILES to one form."""

import pytest

from w2s_utils.molecules.chemistry import InvalidSmiles
from w2s_utils.molecules.standard_smiles import left_out, standard_smiles, standardise


@pytest.mark.parametrize(
    ("text", "smiles"),
    [
        ("OCC", "CCO"),
        (" OCC ", "CCO"),
        ("CC(=O)[O-].[Na+]", "CC(=O)O"),
        ("C[NH3+].[Cl-]", "CN"),
        ("C[N+](=O)[O-]", "C[N+](=O)[O-]"),
        ("C[N+](C)(C)C", "C[N+](C)(C)C"),
        ("C1=CC=CC=C1", "c1ccccc1"),
        ("N[C@@H](C)C(=O)O", "C[C@H](N)C(=O)O"),
    ],
)
def test_standard_form(text, smiles):
    assert standard_smiles([text]) == [smiles]


def test_the_flat_form_has_no_stereo_and_no_isotopes():
    assert standardise("N[C@@H](C)C(=O)O")[1].flat == standardise("NC(C)C(=O)O")[1].smiles
    assert standardise("[13CH3]O")[1].flat == "CO"


@pytest.mark.parametrize("bad", ["", "C(", "CC O", "Xx", "C" * 10_000, None])
def test_a_bad_row_is_named(bad):
    with pytest.raises(InvalidSmiles, match="row 1"):
        standard_smiles(["CCO", bad])


def test_no_rows_and_a_bare_string_are_refused():
    for bad in ([], "CCO"):
        with pytest.raises(InvalidSmiles):
            standard_smiles(bad)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CCCCO", ""),
        ("CCO", "atoms"),
        ("C" * 71, "atoms"),
        ("CCCC[Hg]C", "elements"),
        ("C[C@H](F)Cl", "atoms"),
    ],
)
def test_what_pretraining_reads(text, reason):
    molecule, standard = standardise(text)
    assert left_out(molecule, standard.smiles) == reason
