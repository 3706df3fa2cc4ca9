"""Rows that come back bit for bit, and a ledger that cannot say more than was found."""

import json
import math
import os
import time
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from w2s_utils import judgement, results, runtime
from w2s_utils.judgement import ClaimError
from w2s_utils.results import Ledger, RowError


@pytest.fixture(autouse=True)
def build(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_BUILD", str(tmp_path / "build"))
    return tmp_path / "build"


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_floats_come_back_bit_for_bit(values):
    results.save_rows("floats", [{"row": i, "value": value} for i, value in enumerate(values)], keys=["row"])
    found = results.load_rows("floats", keys=["row"])["value"].to_numpy(dtype=np.float64)
    assert found.tobytes() == np.array(values, dtype=np.float64).tobytes()


def test_other_columns_come_back_as_they_were():
    rows = pd.DataFrame(
        {
            "model": ["None", "NA", "weak, 8", 'of "16"'],
            "seed": [1, 2, 3, 4],
            "error": [0.1, math.nan, math.inf, -0.0],
            "narrow": np.array([0.1, 0.2, 0.3, 1e-30], dtype=np.float32),
        }
    )
    saved = results.save_rows("mixed", rows, keys=["model", "seed"])
    loaded = results.load_rows("mixed", keys=["model", "seed"])
    pd.testing.assert_frame_equal(loaded, saved, check_dtype=False, check_exact=True)
    assert list(loaded["model"]) == list(rows["model"])
    assert loaded["narrow"].to_numpy().tolist() == rows["narrow"].to_numpy().tolist()


def test_same_rows_same_bytes(build):
    rows = [{"seed": seed, "value": np.sqrt(seed)} for seed in range(5)]
    results.save_rows("first", rows, keys=["seed"])
    results.save_rows("second", iter(rows), keys=["seed"])
    assert (build / "rows/first.csv").read_bytes() == (build / "rows/second.csv").read_bytes()


def test_rows_appear_whole_or_not_at_all(build, monkeypatch):
    results.save_rows("kept", [{"seed": 1, "value": 1.0}], keys=["seed"])
    before = (build / "rows/kept.csv").read_bytes()
    with pytest.raises(RowError):
        results.save_rows("kept", [{"seed": 1}, {"seed": 1}], keys=["seed"])

    def halfway(self, file, **_):
        file.write("seed,val")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", halfway)
    with pytest.raises(OSError, match="No space"):
        results.save_rows("kept", [{"seed": 2, "value": 2.0}], keys=["seed"])
    assert (build / "rows/kept.csv").read_bytes() == before
    assert os.listdir(build / "rows") == ["kept.csv"]


def test_rows_cut_anywhere_but_between_rows_are_refused(build):
    rows = [{"seed": seed, "value": seed + 1 / 3, "note": "x"} for seed in range(3)]
    results.save_rows("cut", rows, keys=["seed"])
    path = build / "rows/cut.csv"
    whole = path.read_bytes()
    for length in range(len(whole)):
        if whole[:length].endswith(b"\n") and whole[:length].count(b"\n") > 1:
            continue  # whole rows are missing: the notebook that reads them knows how many there must be
        path.write_bytes(whole[:length])
        with pytest.raises(RowError, match=r"run its notebook|not one row"):
            results.load_rows("cut", keys=["seed"])


def test_verdicts():
    ledger = Ledger("10_x", ["in", "edge", "below", "above", "nan", "inf", "one-sided", "seen", "absent"])
    ledger.claim("in", "Thm 1", "slope", 1.0, low=0.95, high=1.05)
    ledger.claim("edge", "Thm 1", "slope", 1.05, low=0.95, high=1.05)
    ledger.claim("below", "Thm 1", "slope", 0.9499, low=0.95)
    ledger.claim("above", "Thm 1", "violations", 1, low=0, high=0)
    ledger.claim("nan", "Thm 1", "slope", math.nan, low=0)
    ledger.claim("inf", "Thm 1", "slope", math.inf, low=0)
    ledger.claim("one-sided", "Thm 1", "largest", np.float32(1e-9), high=1e-8)
    ledger.report("seen", "Fig. 2", "slope", 0.8, 0.7, 0.9, reason="no theory; 95 % over seeds")
    ledger.not_run("absent", "Fig. 2", "slope", reason="data unreachable")
    ledger.close()
    verdicts = ledger.table().set_index("claim")["verdict"].to_dict()
    assert verdicts == {
        **{"in": "pass", "edge": "pass", "below": "fail", "above": "fail", "nan": "fail", "inf": "fail"},
        **{"one-sided": "pass", "seen": "reported", "absent": "not run"},
    }
    assert set(verdicts.values()) == set(judgement.VERDICTS) - set(judgement.FINDINGS)


RANGE = {
    "where": "Fig. 2",
    "prediction": "gain = misfit",
    "statistic": "ratio",
    "interval": "95 % t over seeds",
    "stated_by": "the paper",
}


@pytest.mark.parametrize(
    ("predicted", "interval", "verdict"),
    [
        ((0.8, 1.25), (0.9, 1.1), "confirmed"),
        ((0.8, 1.25), (0.8, 1.25), "confirmed"),
        ((0.8, 1.25), (0.7, 1.1), "mixed"),  # crosses an end
        ((0.8, 1.25), (0.1, 3.0), "mixed"),  # knows nothing: a wide interval never confirms
        ((0.8, 1.25), (0.2, 0.7), "not confirmed"),
        ((0.8, 1.25), (1.3, 1.4), "not confirmed"),
        ((0.9, math.inf), (0.95, 0.99), "confirmed"),
        ((-math.inf, 0), (0.1, 0.2), "not confirmed"),
        ((0.95, math.inf), (1.0, 1.0), "mixed"),  # no unit differed: that is no width
        ((0.8, 1.25), (0.8, 0.8), "mixed"),
        ((1.0, 1.0), (1.0, 1.0), "mixed"),
        ((0.8, 1.25), (0.5, 0.5), "not confirmed"),
    ],
)
def test_a_finding_follows_from_its_interval_and_the_predicted_range(predicted, interval, verdict, capsys):
    ledger = Ledger("20_x", ["ratio"])
    ledger.finding(
        "ratio", predicted=predicted, found=sum(interval) / 2, low=interval[0], high=interval[1], **RANGE
    )
    assert ledger.table()["verdict"].item() == verdict
    assert capsys.readouterr().out.startswith(f"[{verdict}]  ratio: ratio = ")


def test_a_world_in_which_gain_is_not_misfit_is_not_confirmed():
    """A wrong world must be told: 40 seeds whose gain is half the misfit, against the prediction gain = misfit."""
    from scipy import stats

    rng = np.random.default_rng(0)
    for truth, verdict in ((1.0, "confirmed"), (0.5, "not confirmed")):
        ratio = truth + 0.1 * rng.normal(size=40)
        low, high = stats.t.interval(0.95, 39, ratio.mean(), stats.sem(ratio))
        ledger = Ledger("20_x", ["ratio"])
        ledger.finding("ratio", predicted=(0.8, 1.25), found=ratio.mean(), low=low, high=high, **RANGE)
        assert ledger.table()["verdict"].item() == verdict


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"predicted": (-math.inf, math.inf)}, "finite end"),
        ({"predicted": (2, 1)}, "low <= high"),
        ({"predicted": (math.nan, 1)}, "low <= high"),
        ({"found": math.nan}, "finite value"),
        ({"found": 2.0}, "finite value inside"),
        ({"high": math.inf}, "finite interval"),
        ({"prediction": " "}, "what is predicted"),
        ({"interval": ""}, "which interval"),
        ({"interval": None}, "reason is text"),
        ({"stated_by": ""}, "whose the prediction is, of the paper, a reading, ours"),
        ({"stated_by": "us"}, "whose the prediction is"),
        ({"predicted": (0.8, 1.0, 1.25)}, "a pair"),
        ({"predicted": (0.8,)}, "a pair"),
        ({"predicted": "01"}, "a pair"),
        ({"predicted": 0.8}, "a pair"),
        ({"predicted": [[0.8], [1.0, 1.25]]}, "a pair"),
        ({"predicted": ("0.8", "1.25")}, "predicted_low is one real number"),
    ],
)
def test_a_finding_without_prediction_or_interval_is_refused(change, message):
    arguments = {**RANGE, "predicted": (0.8, 1.25), "found": 1.0, "low": 0.9, "high": 1.1, **change}
    with pytest.raises(ClaimError, match=message):
        Ledger("20_x", ["ratio"]).finding("ratio", **arguments)


def test_a_finding_says_whose_prediction_it_judges():
    ledger = Ledger("20_x", ["ratio", "absent", "stray"])
    with pytest.raises(TypeError, match="stated_by"):
        ledger.finding("ratio", "", "gain = misfit", (0.8, 1.25), "ratio", 1.0, 0.9, 1.1, "95 %")
    ledger.finding("ratio", predicted=(0.8, 1.25), found=1.0, low=0.9, high=1.1, **RANGE)
    ledger.not_run("absent", "", "ratio", "data unreachable", "gain = misfit", stated_by="ours")
    assert list(ledger.table()["stated_by"]) == ["the paper", "ours"]
    for words in ({"prediction": "gain = misfit"}, {"stated_by": "ours"}):
        with pytest.raises(ClaimError, match="whose the prediction is"):
            ledger.not_run("stray", "", "ratio", "data unreachable", **words)


NO_NUMBERS = [
    "0.9",
    True,
    np.True_,
    0.9 + 0j,
    np.complex128(0.9),
    np.array([0.9]),
    np.array(0.9),
    None,
    [0.9],
]
NO_NUMBERS.append(np.ma.masked)


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
@pytest.mark.parametrize("name", ["found", "low", "high"])
def test_what_is_no_real_number_is_refused_by_all_that_record(name, value):
    numbers = {"found": 1.0, "low": 0.9, "high": 1.1} | {name: value}
    ledger = Ledger("20_x", ["a"])
    for record in (
        lambda: ledger.claim("a", "", "", **numbers),
        lambda: ledger.report("a", "", "", **numbers, reason="none"),
        lambda: ledger.finding("a", predicted=(0.8, 1.25), **numbers, **RANGE),
    ):
        with pytest.raises(ClaimError, match=f"^a: {name} is one real number, not "):
            record()
    assert ledger.table().empty


@pytest.mark.parametrize(
    ("low", "high"), [(math.nan, 1.0), (0.0, math.nan), (1.0, 0.0), (-math.inf, math.inf)]
)
def test_a_band_that_is_none_is_refused(low, high):
    with pytest.raises(ClaimError, match="a band needs low <= high"):
        Ledger("20_x", ["a"]).claim("a", "", "", 0.5, low, high)


@pytest.mark.parametrize("found", [0.9 - 1e-16 * 2, 1.1 + 1e-15, math.nan, math.inf])
def test_a_reported_value_lies_in_its_interval_exactly(found):
    with pytest.raises(ClaimError, match="a finite value inside a finite interval"):
        Ledger("20_x", ["a"]).report("a", "", "", found, 0.9, 1.1, "none")


def test_numbers_of_other_libraries_are_numbers():
    ledger = Ledger("20_x", ["a"])
    ledger.report("a", "", "", np.float32(1), np.int64(0), np.float64(2), "none")
    assert ledger.table()["found"].item() == 1.0


BEYOND = [10**400, -(10**400), 10**5000, Fraction(10**400)]
if np.isfinite(np.longdouble("1e4000")):
    BEYOND.append(np.longdouble("1e4000"))


@pytest.mark.parametrize("place", range(len(BEYOND)))
@pytest.mark.parametrize("name", ["found", "low", "high"])
def test_a_number_beyond_all_floats_is_refused(name, place):
    numbers = {"found": 1.0, "low": 0.9, "high": 1.1} | {name: BEYOND[place]}
    ledger = Ledger("20_x", ["a"])
    for record in (
        lambda: ledger.claim("a", "", "", **numbers),
        lambda: ledger.report("a", "", "", **numbers, reason="none"),
        lambda: ledger.finding("a", predicted=(0.8, 1.25), **numbers, **RANGE),
        lambda: ledger.finding("a", predicted=(0.8, BEYOND[place]), found=1.0, low=0.9, high=1.1, **RANGE),
    ):
        with pytest.raises(ClaimError, match=r"^a: \w+ is beyond the largest number"):
            record()
    assert ledger.table().empty


def test_what_is_judged_is_what_is_written():
    ledger = Ledger("20_x", ["fraction", "long"])
    ledger.report("fraction", "", "", Fraction(1, 3), Fraction(1, 4), Fraction(1, 2), "none")
    third = np.longdouble(1) / 3
    ledger.report("long", "", "", third, third, 1 / 3, "none")  # unrounded it lies above 1 / 3, or is it
    for row in ledger.table().to_dict("records"):
        assert row["found"] == 1 / 3 and judgement.fault(row) is None


def test_a_claim_that_could_not_be_written_is_not_recorded(build):
    ledger = Ledger("10_x", ["a"])
    (build / "claims" / "10_x.csv").unlink()
    (build / "claims").rmdir()
    (build / "claims").write_text("in the way")
    with pytest.raises(runtime.UnwritableFolder):
        ledger.claim("a", "Thm 1", "slope", 1.0, low=0)
    assert ledger.table().empty
    (build / "claims").unlink()
    ledger.claim("a", "Thm 1", "slope", 1.0, low=0)
    assert list(pd.read_csv(build / "claims" / "10_x.csv")["claim"]) == ["a"]


@pytest.mark.parametrize(
    ("text", "message"), [("s" * 140_000, "140000 characters"), ("\ud800", "half a character")]
)
def test_a_text_that_cannot_be_read_back_is_refused(text, message):
    ledger = Ledger("10_x", ["a"])
    for record in (
        lambda: ledger.claim("a", "Thm 1", text, 1.0, low=0),
        lambda: ledger.not_run("a", "Thm 1", "slope", reason=text),
    ):
        with pytest.raises(ClaimError, match=message):
            record()
    assert ledger.table().empty


@pytest.mark.parametrize("ends", [(math.nan, 1.0), (1.0, math.nan), (2.0, 1.0)])
def test_no_verdict_follows_from_what_is_no_interval(ends):
    with pytest.raises(ClaimError, match="low <= high"):
        judgement.finding_verdict((0.0, 3.0), *ends)
    with pytest.raises(ClaimError, match="low <= high"):
        judgement.finding_verdict(ends, 0.0, 3.0)


@given(found=st.floats(), ends=st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
def test_a_pass_is_a_finite_value_inside_the_band(found, ends):
    low, high = min(ends), max(ends)
    ledger = Ledger("10_x", ["a"])
    if math.isinf(low) and math.isinf(high):
        with pytest.raises(ClaimError, match="finite end"):
            ledger.claim("a", "", "", found, low, high)
        return
    ledger.claim("a", "", "", found, low, high)
    inside = math.isfinite(found) and low <= found <= high
    assert ledger.table()["verdict"].item() == ("pass" if inside else "fail")


def test_every_claim_is_printed_as_one_line(capsys):
    ledger = Ledger("10_x", ["a", "b", "c"])
    ledger.claim("a", "Thm 1", "slope", 1.0, low=0.95, high=1.05)
    ledger.claim("b", "Thm 1", "violations", 3, high=0)
    ledger.not_run("c", "Fig. 2", "slope", reason="data unreachable")
    assert capsys.readouterr().out.splitlines() == [
        "[pass]  a: slope = 1, band [0.95, 1.05]",
        "[fail]  b: violations = 3, band <= 0",
        "[not run]  c: data unreachable",
    ]


def test_claims_are_saved_one_by_one_with_seconds_apart(build):
    ledger = Ledger("10_x", ["a", "b"])
    claims, seconds = build / "claims/10_x.csv", build / "logs/10_x.seconds.csv"
    assert pd.read_csv(claims).empty
    time.sleep(0.02)
    ledger.claim("a", "Thm 1", "slope", 1.0, low=0)
    assert list(pd.read_csv(claims)["claim"]) == ["a"] and "seconds" not in pd.read_csv(claims)
    assert pd.read_csv(seconds)["seconds"].item() >= 0.02
    with pytest.raises(ClaimError, match="never recorded: b"):
        ledger.close()

    before = claims.read_bytes()
    again = Ledger("10_x", ["a", "b"])
    assert pd.read_csv(claims).empty  # a new run does not inherit verdicts
    again.claim("a", "Thm 1", "slope", 1.0, low=0)
    assert claims.read_bytes() == before  # though the seconds differ


def test_seconds_of_a_claim_are_those_since_the_one_before(build, monkeypatch):
    monkeypatch.setattr(results.time, "perf_counter", iter([10.0, 11.5, 15.5]).__next__)
    ledger = Ledger("10_x", ["a", "b"])
    ledger.claim("a", "Thm 1", "slope", 1.0, low=0)
    ledger.claim("b", "Thm 1", "slope", 1.0, low=0)
    assert list(pd.read_csv(build / "logs/10_x.seconds.csv")["seconds"]) == [1.5, 4.0]


ROUND_OFF = {
    "low": -math.inf,
    "high": 1e-10,
    "found": 3.7e-16,
    "verdict": "pass",
    "claim": "a",
    "statistic": "s",
}


def test_digits_of_round_off_are_not_shown():
    assert judgement.line(ROUND_OFF) == "[pass]  a: s = exact (< 1e-10), band <= 1e-10"
    for change in (
        {"found": 2e-10, "high": 1e-8},  # more than round-off
        {"found": 3e-16, "high": 0.5},  # a band that is for something else
        {"found": 3e-16, "low": -1.0},
        {"found": 3e-9, "verdict": "fail"},
        {"high": 0.0, "found": 0.0},
    ):
        row = ROUND_OFF | change
        assert judgement.shown(row) == f"{row['found']:.6g}"
    assert judgement.shown(ROUND_OFF | {"found": math.nan, "verdict": "not run"}) == ""


def test_bands_as_text():
    inf = math.inf
    for low, high, text in ((1, inf, ">= 1"), (-inf, 0, "<= 0"), (0.5, 1.5, "[0.5, 1.5]"), (math.nan, 1, "")):
        assert judgement.band({"low": low, "high": high}) == text


@pytest.mark.parametrize(
    ("low", "high", "found", "text"),
    [
        (0.99999, 1.00001, 1.00002, "s = 1.00002, band [0.99999, 1.00001]"),
        (0.5, 0.99996, 0.99998, "s = 0.99998, band [0.5, 0.99996]"),
        (0.5, 1.0, 1.00000001, "s = 1.00000001, band [0.5, 1]"),
        (-math.inf, 1.0000001, 1.0000002, "s = 1.0000002, band <= 1"),
        (1.0000002, math.inf, 1.0000001, "s = 1, band >= 1.0000002"),
        (0.5, math.nextafter(0.5, 1), 0.7, "s = 0.7, band [0.5, 0.50000000000000011]"),
        (0.91234, 0.95678, math.inf, "s = inf, band [0.9123, 0.9568]"),
        (0.0, 0.0, 3.0, "s = 3, band [0, 0]"),
    ],
)
def test_text_hides_no_difference_and_no_failure(low, high, found, text):
    row = {"claim": "c", "statistic": "s", "verdict": "fail", "low": low, "high": high, "found": found}
    assert judgement.line(row) == f"[fail]  c: {text}"


def test_a_predicted_range_hides_no_difference_either():
    row = {"predicted_low": 0.99999, "predicted_high": 1.00001}
    assert judgement.predicted(row) == "[0.99999, 1.00001]"


def test_the_ledger_table_can_be_written_as_json():
    ledger = Ledger("10_x", ["a"])
    ledger.claim("a", "Thm 1", "slope", 1.0, low=0)
    assert json.loads(ledger.table().to_json(orient="records"))[0]["verdict"] == "pass"
