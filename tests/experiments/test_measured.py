from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from w2s_utils import results, runtime
from w2s_utils.data import datasets
from w2s_utils.experiments.measured import (
    GAIN,
    MISFIT,
    STUDENT_ERROR,
    WEAK_ERROR,
    correlation,
    correlation_interval,
    errors_by_row,
    fold_turns,
    gain_per_misfit,
    gain_per_misfit_interval,
    half_parts,
    load_sets,
    smallest_gain,
    split_parts,
)
from w2s_utils.experiments.run_sets import RunSets
from w2s_utils.molecules import chembench, chemistry, generated, shipped
from w2s_utils.molecules.molbert import CheckpointError
from w2s_utils.molecules.settings import STRENGTH_TARGETS
from w2s_utils.molecules.views import descriptors, formulas, transformers
from w2s_utils.pages.scorecard import scorecard
from w2s_utils.theory import intervals
from w2s_utils.theory.misfit import error_triple


@pytest.fixture(scope="module")
def stand_in():
    return generated.embedded_molecules(60)


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_BUILD", str(tmp_path))
    return results.Ledger("99_none", ["one", "two"])


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def no_data(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "reachable", lambda name: False)


def test_generated_molecules_stand_in_and_say_so(no_data, ledger):
    sets = load_sets(["ESOL", "Lipop"], 30, 0)
    assert list(sets.loaded) == ["embedded"] and len(sets.loaded["embedded"].targets) == 30
    assert "GENERATED" in sets.heading and "ESOL, Lipop" in sets.heading
    assert sets.label("embedded") == "GENERATED molecules"
    sets.claim(ledger, "ESOL", "one", "here", "a number", None, high=1)
    sets.report(ledger, "FreeSolv", "two", "here", "a number", None, None, "none")
    assert list(ledger.table()["verdict"]) == ["not run", "not run"]
    assert list(ledger.table()["reason"]) == ["data unreachable", "not among the data sets of this run"]


def test_claims_name_the_sets_that_they_are_about(ledger, stand_in):
    sets = RunSets({"ESOL": stand_in, "Lipop": stand_in}, ("ESOL", "Lipop"), ("FreeSolv",))
    assert "Not to be had: FreeSolv" in sets.heading and not sets.why_not() and not sets.why_not("ESOL")
    assert sets.why_not("FreeSolv") == "data unreachable"
    sets.claim(ledger, None, "one", "here", "a number", 2.0, high=1)
    sets.report(ledger, "ESOL", "two", "here", "a number", 2.0, (1.0, 3.0), "no theory")
    assert list(ledger.table()["verdict"]) == ["fail", "reported"]
    assert list(ledger.table()["statistic"]) == ["a number; ESOL, Lipop", "a number; ESOL"]


def test_findings_on_two_sets_have_two_places_also_where_a_set_is_missing(ledger, stand_in):
    sets = RunSets({"ESOL": stand_in}, ("ESOL",), ("FreeSolv",))
    for claim, name, found in (("one", "ESOL", (1.0, 0.5, 1.5)), ("two", "FreeSolv", None)):
        about = (claim, "Section 5.2", "a gain", (0.0, 2.0), "a number")
        sets.finding(ledger, name, *about, found, "95 % t over seeds", stated_by="ours")
    table = ledger.table()
    assert list(table["where"]) == ["Section 5.2, ESOL", "Section 5.2, FreeSolv"]
    assert list(table["verdict"]) == ["confirmed", "not run"]
    card = scorecard(table.assign(paper="Somebody (2024)"))
    assert list(card["where"]) == list(table["where"]) and list(card["prediction"]) == ["a gain"] * 2
    assert list(card["stated_by"]) == ["ours"] * 2


def test_findings_of_several_sets_are_one_each_whatever_became_of_them(stand_in):
    ledger = results.Ledger("99_none", ["ESOL-gain", "French-books-gain", "FreeSolv-gain"])
    loaded = {"ESOL": stand_in, "French books": stand_in}
    sets = RunSets(loaded, ("ESOL", "French books"), ("FreeSolv",))

    def measured(name):
        if name == "ESOL":
            raise ValueError("no gap")
        return intervals.Interval(1.0, 0.5, 1.5)

    about = ("{}-gain", "Section 5.2", "a gain", (0.0, 2.0), "a number", measured, "95 % t over seeds")
    sets.findings(ledger, ("ESOL", "French books", "FreeSolv"), *about, stated_by="ours")
    table = ledger.table()
    assert list(table["claim"]) == ["ESOL-gain", "French-books-gain", "FreeSolv-gain"]
    assert list(table["verdict"]) == ["not run", "confirmed", "not run"]
    assert list(table["reason"]) == ["no gap", "95 % t over seeds", "data unreachable"]
    assert list(table["statistic"]) == ["a number", "a number; French books", "a number"]


NO_SETS = [
    [], ["ESOL", "ESOL"], "ESOL", None, np.array(["ESOL", "Lipop"]), [["ESOL"]], {"ESOL", "Lipop"}, {"ESOL": 1}, [None],
    ["Solubility"],
]  # fmt: skip


@pytest.mark.parametrize("wanted", NO_SETS)
def test_what_is_no_list_of_sets_is_refused(wanted):
    with pytest.raises(ValueError, match="^data_sets is a list of some of ESOL, FreeSolv, Lipop, each once"):
        load_sets(wanted, 30, 0)


@pytest.mark.parametrize(
    ("count", "seed", "named"),
    [(9, 0, "embedded_count"), ("30", 0, "embedded_count"), (30, -1, "seed"), (30, 2**32, "seed")],
)
def test_generated_molecules_are_checked_even_where_none_is_needed(count, seed, named):
    with pytest.raises(ValueError, match=named):
        load_sets(["ESOL"], count, seed)


def test_every_measured_set_has_one_target_of_strength():
    assert tuple(STRENGTH_TARGETS) == chembench.NAMES


def test_the_largest_shipped_model_is_strong_and_the_ladder_below_it_weak(stand_in):
    family = transformers(stand_in)
    strongest = shipped.models()[-1]
    assert family.strong_name == strongest and strongest not in family.weak
    assert list(family.weak) == [m for m in shipped.models() if m.startswith("ladder") and m != strongest]
    widths = [features.shape for features in family.weak.values()]
    assert widths == sorted(widths) and {rows for rows, _ in widths} == {60}


def test_a_model_of_another_seed_that_is_missing_is_found_before_any_features(
    stand_in, tmp_path, monkeypatch
):
    def made(*_):
        raise AssertionError("features were computed")

    monkeypatch.setattr(shipped, "features", made)
    with pytest.raises(CheckpointError, match="'ladder-8-seed7'.*Shipped are ladder-8, ladder-8-seed1"):
        transformers(stand_in, seed=7)
    *_, largest, strongest = shipped.models()
    real = shipped.folder
    for name in (f"{largest}-seed2", strongest):
        monkeypatch.setattr(
            shipped, "folder", lambda model, gone=name: tmp_path if model == gone else real(model)
        )
        with pytest.raises(CheckpointError, match=f"'{name}' cannot be read"):
            transformers(stand_in, seed=2)


@pytest.mark.parametrize("length", [2**40, 2**21, 0, 1.5, "16", None, [8]])
def test_a_length_that_no_fingerprint_has_is_said_before_any_is_computed(stand_in, length, monkeypatch):
    monkeypatch.setattr(chemistry, "parse", lambda smiles: pytest.fail("molecules were read"))
    with pytest.raises(ValueError, match="length is a whole number from 1 to 1048576"):
        formulas(stand_in, [8, length])


def test_formulas_hold_descriptors_and_fingerprints_of_the_given_lengths(stand_in):
    family = formulas(stand_in, [8, 16])
    assert {name: table.shape for name, table in family.weak.items()} == {
        "Morgan 8": (60, 8),
        "Morgan 16": (60, 16),
    }
    assert family.strong.shape[0] == 60 and family.strong.shape[1] > 100


def test_a_half_keeps_the_other_parts_and_differs_from_half_to_half(stand_in):
    split = chembench.SPLITS[0]
    whole = split_parts(stand_in, split, "shared", 0)
    halves = [half_parts(stand_in, split, "shared", half, 0) for half in range(3)]
    for parts in halves:
        assert len(parts.student_train) == len(whole.student_train) // 2
        assert np.isin(parts.student_train, whole.student_train).all()
        np.testing.assert_array_equal(parts.evaluation, whole.evaluation)
        np.testing.assert_array_equal(parts.validation, whole.validation)
    assert len({tuple(np.sort(parts.student_train)) for parts in halves}) == 3
    disjoint = half_parts(stand_in, split, "disjoint", 0, 0)
    assert not np.intersect1d(disjoint.weak_train, disjoint.student_train).size


def test_both_settings_have_the_same_folds(stand_in):
    shared, disjoint = (fold_turns(stand_in, 4, setting, 1, 0) for setting in ("shared", "disjoint"))
    for one, other in zip(shared, disjoint, strict=True):
        np.testing.assert_array_equal(one.evaluation, other.evaluation)


def test_errors_by_row_have_the_means_of_the_triple():
    rng = np.random.default_rng(0)
    truth, predictions = rng.normal(size=9), rng.normal(size=(2, 3, 9))
    means = errors_by_row(truth, predictions).mean(axis=0)
    for found, (weak, student, _) in zip(means, predictions, strict=True):
        triple = error_triple(truth, weak, student)
        assert found[GAIN] == pytest.approx(triple.gain)
        assert found[MISFIT] == pytest.approx(triple.misfit)
        assert found[WEAK_ERROR] == pytest.approx(triple.weak_error)
        assert found[STUDENT_ERROR] == pytest.approx(triple.student_error)


@pytest.mark.parametrize("there", [(), ("small",), ("ladder-8",), ("small", "strong")])
def test_a_family_without_a_weak_model_is_refused(there, stand_in, monkeypatch):
    monkeypatch.setattr(shipped, "models", lambda: there)
    with pytest.raises(CheckpointError, match="restore data/representations"):
        transformers(stand_in)


@pytest.mark.parametrize("lengths", [[], [16], [16, 16]])
def test_too_few_fingerprint_lengths_are_refused(lengths, stand_in):
    with pytest.raises(ValueError, match="two fingerprint lengths"):
        formulas(stand_in, lengths)


def test_panels_are_rows_by_sets_and_say_which_they_are(stand_in):
    sets = RunSets({"ESOL": stand_in, "Lipop": stand_in}, ("ESOL", "Lipop"), ())
    figure, places = sets.panels(["shared", "disjoint"], sharey=True)
    assert [(row, name) for _, row, name in places] == [
        ("shared", "ESOL"), ("shared", "Lipop"), ("disjoint", "ESOL"), ("disjoint", "Lipop"),
    ]  # fmt: skip
    assert places[3][0].get_title() == "GENERATED molecules, disjoint"
    assert sets.squared_unit("ESOL") == "(log10 mol/L)²"
    plt.close(figure)


def test_descriptors_are_computed_once(cache, stand_in, monkeypatch):
    first = descriptors(stand_in)
    np.testing.assert_array_equal(first, chemistry.descriptors(stand_in.inputs)[0])
    monkeypatch.setattr(chemistry, "descriptors", None)
    np.testing.assert_array_equal(descriptors(stand_in), first)


def test_descriptors_of_other_molecules_are_not_taken_for_these(stand_in):
    others = generated.embedded_molecules(60, seed=1)
    assert others.name == stand_in.name
    assert not np.array_equal(descriptors(stand_in), descriptors(others))
    np.testing.assert_array_equal(descriptors(others), chemistry.descriptors(others.inputs)[0])


def test_another_rdkit_computes_anew(stand_in, monkeypatch):
    descriptors(stand_in)
    monkeypatch.setattr(runtime, "versions", lambda: {"rdkit": "another"})
    monkeypatch.setattr(chemistry, "descriptors", lambda smiles: (np.zeros((len(smiles), 2)), ("a", "b")))
    assert descriptors(stand_in).shape == (60, 2)


@pytest.mark.parametrize("place", [None, 0, 40, -1], ids=["half", "digest", "first", "last"])
def test_a_damaged_file_of_descriptors_is_replaced(place, cache, stand_in):
    first = descriptors(stand_in)
    (file,) = (cache / "descriptors").iterdir()
    whole = file.read_bytes()
    damaged = bytearray(whole)
    if place is None:
        damaged = damaged[: len(whole) // 2]
    else:
        damaged[place] ^= 1
    file.write_bytes(damaged)
    np.testing.assert_array_equal(descriptors(stand_in), first)
    assert file.read_bytes() == whole


def test_a_cache_that_takes_no_files_costs_only_time(stand_in, tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file where the folder should be")
    monkeypatch.setenv("W2S_CACHE", str(tmp_path / "cache"))
    assert descriptors(stand_in).shape[0] == 60


def test_intervals_of_gain_and_misfit_are_about_the_same_numbers_and_hold():
    """Four weak models with gains 0.1 to 0.4 of weak errors 1: the least of them is held, over molecules that scatter."""
    rng, held = np.random.default_rng(0), np.zeros(2)
    for _ in range(300):
        values = np.ones((200, 4, 4)) + 0.5 * rng.normal(size=(200, 4, 4))
        values[:, :, GAIN] += [-0.9, -0.9, -0.7, -0.6]
        values[:, :, MISFIT] -= [0.8, 0.7, 0.6, 0.5]
        ratio, least = gain_per_misfit_interval(values), smallest_gain(values)
        held += [ratio.low <= 0.9 / 1.4 <= ratio.high, least.low <= 0.1 <= least.high]
    assert ratio.estimate == pytest.approx(gain_per_misfit(values))
    assert correlation_interval(values).estimate == pytest.approx(correlation(values))
    means = values.mean(axis=0)
    assert least.estimate == pytest.approx((means[:, GAIN] / means[:, WEAK_ERROR]).min())
    assert 0.92 <= held[0] / 300 <= 0.98 and held[1] / 300 >= 0.95


SAME = np.ones((6, 5, 4))
LONE = np.random.default_rng(3).normal(5, 1, (9, 5, 4))
NO_NUMBERS = {
    "NaN": (np.where(np.arange(4) == 1, np.nan, LONE), "NaN"),
    "no molecule": (LONE[:0], "one molecule and weak model"),
    "no weak model": (LONE[:, :0], "one molecule and weak model"),
    "a table": (LONE[:, 0], r"not \(9, 4\)"),
    "three places": (LONE[:, :, :3], r"not \(9, 5, 3\)"),
}


@pytest.mark.parametrize(
    "statistic", [correlation, gain_per_misfit, correlation_interval, gain_per_misfit_interval, smallest_gain]
)
@pytest.mark.parametrize("what", NO_NUMBERS)
@pytest.mark.filterwarnings("error")
def test_what_has_no_statistic_is_said_in_a_sentence(statistic, what):
    values, said = NO_NUMBERS[what]
    with pytest.raises(ValueError, match=said):
        statistic(values)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("statistic", "values", "said"),
    [
        (correlation, LONE[:, :1], "no correlation"),
        (correlation, SAME, "no correlation"),
        (correlation_interval, LONE[:, :3], "4 weak models at least, not 3"),
        (correlation_interval, LONE[:, :1], "4 weak models at least, not 1"),
        (correlation_interval, SAME, "constant side"),
        (gain_per_misfit, 0 * SAME, "no misfit"),
        (gain_per_misfit_interval, 0 * SAME, "not told from 0"),
        (gain_per_misfit_interval, LONE[:1], "2 units at least"),
        (smallest_gain, LONE[:1], "2 units at least"),
        (smallest_gain, np.where(np.arange(5)[:, None] == 2, 0, LONE), "not told from 0"),
    ],
)
def test_too_little_or_nothing_that_differs_is_said_in_a_sentence(statistic, values, said):
    with pytest.raises(ValueError, match=said):
        statistic(values)


def test_constant_errors_and_one_weak_model_have_the_intervals_that_they_can_have():
    assert gain_per_misfit_interval(SAME) == (1, 1, 1) and smallest_gain(SAME) == (1, 1, 1)
    alone = LONE[:, :1]
    assert gain_per_misfit_interval(alone).estimate == pytest.approx(gain_per_misfit(alone))
    assert smallest_gain(alone) == intervals.ratio_of_means(alone[:, 0, GAIN], alone[:, 0, WEAK_ERROR])
