"""The whole ledger: what is declared, what is recorded, and how the reference copy keeps it."""

import hashlib
import json
import math

import pandas as pd
import pytest

from w2s_utils import judgement, results
from w2s_utils.chain import claims
from w2s_utils.chain.catalogue import declared_claims
from w2s_utils.judgement import ClaimError
from w2s_utils.results import Ledger


@pytest.fixture(autouse=True)
def build(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_BUILD", str(tmp_path / "build"))
    return tmp_path / "build"


def notebook(folder, name, source):
    path = folder / f"{name}.py"
    path.write_text(f"# %%\n{source}\n", encoding="utf-8")
    return path


def test_the_collected_ledger(build, tmp_path):
    ids = ["a", "b", "c"]
    paths = [
        notebook(tmp_path, "00_start", "# this one mentions Ledger(...) and opens none\nx = 1"),
        notebook(tmp_path, "10_x", f'ledger = results.Ledger("10_x", claims={ids})'),
        notebook(tmp_path, "20_y", 'ledger = Ledger("20_y", ("d",))'),
    ]
    ledger = Ledger("10_x", ids)
    ledger.claim("b", "5", "share", 1 / 3, low=0, high=1)
    ledger.report("a", "Thm 1", "None", 0.5, 0.4, 0.6, reason="no band")
    found = claims.collect_claims(paths)
    assert list(found.columns) == list(claims.COLUMNS)
    assert list(found["notebook"]) == ["10_x"] * 3 + ["20_y"]
    assert list(found["claim"]) == ["a", "b", "c", "d"]  # as declared
    assert list(found["verdict"]) == ["reported", "pass", "not run", "not run"]
    assert list(found["reason"][:2]) == ["no band", ""]
    assert "10_x" in found["reason"][2] and "20_y" in found["reason"][3]
    assert found["found"][1] == 1 / 3 and found["where"][1] == "5" and found["statistic"][0] == "None"
    assert found["seconds"][:2].notna().all() and found["seconds"][2:].isna().all()
    written = pd.read_csv(build / "claims.csv", dtype=str)
    assert list(written["claim"]) == ["a", "b", "c", "d"] and float(written["found"][1]) == 1 / 3
    for row in found.to_dict("records"):
        assert judgement.line(row)


def test_claims_whose_ids_are_numbers(tmp_path):
    path = notebook(tmp_path, "10_x", 'Ledger("10_x", ["1", "02"])')
    Ledger("10_x", ["1", "02"]).claim("02", "", "", 1, low=0)
    assert list(claims.collect_claims([path])["verdict"]) == ["not run", "pass"]


def test_a_collected_ledger_without_any_claim(build):
    assert claims.collect_claims([]).empty
    assert (build / "claims.csv").read_text().strip() == ",".join(claims.COLUMNS)


def test_declared_claims_are_read_without_running(tmp_path):
    path = notebook(tmp_path, "10_x", 'raise SystemExit\nledger = results.Ledger("10_x", claims=["a", "b"])')
    assert declared_claims(path) == ["a", "b"]


def recorded(tmp_path, found):
    """A ledger of one notebook with a paper, whose round-off is ``found``."""
    cell = "# # Title\n#\n# | Paper | Somebody (2024) |\n\n# %%\n"
    path = notebook(tmp_path, "10_x", f'{cell}Ledger("10_x", ["exact", "share", "seen", "absent"])')
    ledger = Ledger("10_x", ["exact", "share", "seen", "absent"])
    ledger.claim("exact", "Theorem 1", "difference", found, high=1e-10)
    ledger.claim("share", "", "share", 1 / 3, low=0, high=1)
    ledger.report("seen", "", "slope", 2.0, 1 / 7, math.pi, "nothing predicts it")
    return claims.recorded_claims([path])


def test_the_reference_keeps_no_digit_of_round_off_and_no_seconds(tmp_path):
    one, other = (claims.for_reference(recorded(tmp_path, found)) for found in (3e-16, 8e-13))
    assert one.equals(other) and list(one.columns) == list(claims.REFERENCE_COLUMNS)
    assert one["found"].tolist() == ["exact (< 1e-10)", "0.333333", "2", ""]
    assert one["high"].tolist() == ["1e-10", "1", "3.14159", ""] and set(one["paper"]) == {"Somebody (2024)"}


def test_the_reference_can_be_read_back(tmp_path):
    claims.for_reference(recorded(tmp_path, 3e-16)).to_csv(tmp_path / "claims.csv", index=False)
    rows = claims.read_reference(tmp_path / "claims.csv").to_dict("records")
    assert [judgement.shown(row, 3) for row in rows] == ["exact (< 1e-10)", "0.333", "2", ""]
    assert rows[0]["low"] == -math.inf and math.isnan(rows[3]["low"]) and rows[3]["verdict"] == "not run"


@pytest.mark.parametrize("change", [("pass", "fine"), ("notebook", "book"), ("0.333333", "a third")])
def test_a_damaged_reference_is_named(tmp_path, change):
    path = tmp_path / "claims.csv"
    path.write_text(claims.for_reference(recorded(tmp_path, 3e-16)).to_csv(index=False).replace(*change))
    with pytest.raises(ClaimError, match="claims.csv is missing or damaged"):
        claims.read_reference(path)
    with pytest.raises(ClaimError, match="none.csv is missing"):
        claims.read_reference(tmp_path / "none.csv")


def test_values_that_left_the_interval_of_the_reference_are_moved():
    def row(claim, verdict, found, low, high):
        return {"claim": claim, "verdict": verdict, "found": found, "low": low, "high": high}

    reference = pd.DataFrame(
        [
            row("stays", "confirmed", 1.0, 0.9, 1.1),
            row("leaves", "confirmed", 1.0, 0.9, 1.1),
            row("measured", "reported", 5.0, 4.0, 6.0),
            row("check", "pass", 0.0, 0.0, 1.0),
            row("not there", "mixed", 0.0, 0.0, 1.0),
        ]
    )
    here = pd.DataFrame(
        [
            row("stays", "mixed", 1.1, 0.0, 2.0),
            row("leaves", "not confirmed", 1.2, 1.1, 1.3),
            row("measured", "reported", 3.0, 2.0, 4.0),
            row("check", "fail", 2.0, 0.0, 1.0),
        ]
    )
    found = claims.moved(here, reference)
    assert list(found["claim"]) == ["leaves", "measured"]
    assert found.iloc[0].to_dict() == {
        "claim": "leaves",
        "found": 1.2,
        "reference": 1.0,
        "low": 0.9,
        "high": 1.1,
    }


IDS = ["found", "checked", "seen", "absent", "off"]


def every_kind(tmp_path):
    """A recorded row of every kind, in the file of the notebook 10_one; returns source and file."""
    ledger = Ledger("10_one", IDS)
    words = ("gain = misfit", (0.8, 1.25), "ratio")
    ledger.finding("found", "Fig. 2", *words, 1.0, 0.7, 1.2, "95 % over seeds", stated_by="the paper")
    ledger.claim("checked", "Theorem 1", "difference", 2e-16, high=1e-10)
    ledger.report("seen", "Fig. 2", "slope", 2.0, 1.0, 3.0, "nothing predicts it")
    ledger.not_run("absent", "Fig. 2", "ratio", "data unreachable", "gain = misfit", stated_by="ours")
    ledger.claim("off", "Theorem 1", "difference", math.nan, high=1.0)
    source = notebook(tmp_path, "10_one", f'Ledger("10_one", {IDS})')
    return source, results.claims_path("10_one")


def changed(path, of, **cells):
    """The file with other cells in the row of the claim ``of``, every other cell as it was written."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False).set_index("claim", drop=False)
    for name, text in cells.items():
        table.loc[of, name] = text
    path.write_text(table.to_csv(index=False))


def test_a_row_of_every_kind_is_believed_as_it_was_written(tmp_path):
    source, path = every_kind(tmp_path)
    found = claims.recorded_claims([source])
    assert list(found["verdict"]) == ["mixed", "pass", "reported", "not run", "fail"]
    assert list(found["stated_by"]) == ["the paper", "", "", "ours", ""]
    changed(path, "found")  # written anew, with the same cells
    assert claims.recorded_claims([source]).equals(found)


DAMAGES = {
    "found above its interval": ("found", {"found": "7.0"}, "finite value inside"),
    "found below its interval": ("found", {"found": "0.6"}, "finite value inside"),
    "no interval": ("found", {"low": "", "high": ""}, "finite value inside"),
    "half an interval": ("found", {"low": ""}, "finite value inside"),
    "an endless interval": ("found", {"high": "inf"}, "finite value inside"),
    "another verdict": ("found", {"verdict": "confirmed"}, "by its numbers it is 'mixed'"),
    "no verdict": ("found", {"verdict": "splendid"}, "is no verdict"),
    "no prediction": ("found", {"prediction": ""}, "what is predicted"),
    "no range": ("found", {"predicted_low": "", "predicted_high": ""}, "a predicted range"),
    "half a range": ("found", {"predicted_high": ""}, "a predicted range"),
    "nobody's prediction": ("found", {"stated_by": ""}, "whose the prediction is"),
    "somebody else's": ("found", {"stated_by": "them"}, "whose the prediction is"),
    "no words on the interval": ("found", {"reason": ""}, "which interval"),
    "a finding called reported": ("found", {"verdict": "reported"}, "only a finding has a predicted range"),
    "a finding called not run": ("found", {"verdict": "not run"}, "only a finding has a predicted range"),
    "a finding called a check": ("found", {"verdict": "pass"}, "only a finding has a predicted range"),
    "a word for a number": ("found", {"found": "abc"}, "found is one real number, not 'abc'"),
    "an underscore": ("found", {"found": "1_0e-1"}, "found is one real number, not '1_0e-1'"),
    "digits of another script": ("found", {"found": "\uff11.0"}, "found is one real number"),
    "blanks around": ("found", {"found": " 1.0 "}, "found is one real number"),
    "beyond all floats": ("checked", {"found": "1e999"}, "found is one real number, not '1e999'"),
    "not a number, in letters": ("off", {"found": "nan"}, "found is one real number, not 'nan'"),
    "a finding without id": ("found", {"claim": " "}, "has an id"),
    "a failure called pass": ("off", {"verdict": "pass"}, "by its numbers it is 'fail'"),
    "a check called reported": ("checked", {"verdict": "reported"}, "reason why there is no band"),
    "a check called a finding": ("checked", {"verdict": "confirmed"}, "a predicted range"),
    "a check without band": ("checked", {"low": "", "high": ""}, "a band needs"),
    "a check that cannot fail": ("checked", {"high": "inf"}, "a band needs"),
    "a check with a prediction": ("checked", {"prediction": "gain"}, "only a finding has a prediction"),
    "a check with a reason": ("checked", {"reason": "see there"}, "a check has no reason"),
    "a reported value outside": ("seen", {"found": "9.0"}, "finite value inside"),
    "a reported value called pass": ("seen", {"verdict": "pass"}, "a check has no reason"),
    "a reported value without reason": ("seen", {"reason": ""}, "the reason why"),
    "a reported value that was predicted": ("seen", {"stated_by": "ours"}, "only a finding"),
    "a reported value called not run": ("seen", {"verdict": "not run"}, "has no numbers"),
    "not run, with a number": ("absent", {"found": "1.0"}, "has no numbers"),
    "not run, without reason": ("absent", {"reason": ""}, "why it was not run"),
    "not run, nobody's prediction": ("absent", {"stated_by": ""}, "whose the prediction is"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_row_that_no_ledger_can_have_written_is_refused(tmp_path, damage):
    source, path = every_kind(tmp_path)
    claim, cells, message = DAMAGES[damage]
    changed(path, claim, **cells)
    with pytest.raises(ClaimError, match=f"damaged or edited.*{message}.*delete it and run 10_one"):
        claims.recorded_claims([source])


def test_a_row_that_stands_twice_is_named(tmp_path):
    source, path = every_kind(tmp_path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]))
    with pytest.raises(ClaimError, match="10_one.csv was damaged or edited.*found stands there twice"):
        claims.recorded_claims([source])


def test_a_file_cut_anywhere_but_between_rows_is_refused(tmp_path):
    source, path = every_kind(tmp_path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        if whole[:length].endswith(b"\n"):
            continue  # whole rows are missing, which then were not run
        path.write_bytes(whole[:length])
        with pytest.raises(ClaimError, match="cut off"):
            claims.recorded_claims([source])


@pytest.mark.parametrize("content", [b"claim\nfound\n", b"\xff\n", b"x" * 40 + b"\n"])
def test_a_file_of_something_else_is_refused(tmp_path, content):
    source, path = every_kind(tmp_path)
    path.write_bytes(content)
    with pytest.raises(ClaimError, match="10_one.csv was damaged or edited"):
        claims.recorded_claims([source])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"claim\nfound\n",
        b"claim,seconds\nfound,soon\n",
        b"\xff\x00\n",
        b"claim,seconds\nfound,1,2\n",
    ],
)
def test_seconds_are_no_evidence(tmp_path, content):
    source, _ = every_kind(tmp_path)
    before = claims.recorded_claims([source])
    results.seconds_path("10_one").write_bytes(content)
    found = claims.recorded_claims([source])
    assert found["seconds"].isna().all() and before["seconds"].notna().all()
    assert found.drop(columns="seconds").equals(before.drop(columns="seconds"))
    results.seconds_path("10_one").write_text("claim,seconds\nfound,1.0\nfound,2.0\nelse,3.0\n")
    assert len(claims.recorded_claims([source])) == len(IDS)


@pytest.mark.parametrize("text", ["inf", "-inf", "-5", "1_0", "nan", " 1", "\uff11", "1e400", ""])
def test_seconds_are_a_finite_number_from_0_on(tmp_path, text):
    source, _ = every_kind(tmp_path)
    results.seconds_path("10_one").write_text(f"claim,seconds\nfound,{text}\nchecked,2.5\nseen,1e-05\n")
    seconds = claims.recorded_claims([source])["seconds"]
    assert math.isnan(seconds[0]) and list(seconds[1:3]) == [2.5, 1e-5]


@pytest.fixture
def reference(tmp_path):
    """The reference of a row of every kind."""
    source, _ = every_kind(tmp_path)
    path = tmp_path / "claims.csv"
    claims.for_reference(claims.recorded_claims([source])).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_reference_is_held_to_the_same_rule(reference, damage):
    claims.read_reference(reference)
    claim, cells, message = DAMAGES[damage]
    changed(reference, claim, **cells)
    with pytest.raises(ClaimError, match=f"claims.csv is missing or damaged.*{message}"):
        claims.read_reference(reference)


@pytest.mark.parametrize(
    ("claim", "cells"),
    [
        ("off", {"found": judgement.EXACT}),
        ("off", {"found": judgement.EXACT, "verdict": "pass"}),
        ("found", {"found": judgement.EXACT, "low": "-1", "verdict": "mixed"}),
        ("checked", {"found": "2e-16"}),
    ],
)
def test_exact_stands_in_the_reference_where_round_off_passed_and_there_only(reference, claim, cells):
    changed(reference, claim, **cells)
    with pytest.raises(ClaimError, match=r"claims.csv is missing or damaged.*exact|by its numbers"):
        claims.read_reference(reference)


def test_a_reference_with_a_row_twice_or_cut_off_is_refused(reference):
    text = reference.read_text()
    for damaged, message in (
        (text + text.splitlines(keepends=True)[1], "twice"),
        (text[:-2], "cut off"),
        (text[: text.rindex(",")] + "\n", "cells where"),
    ):
        reference.write_text(damaged)
        with pytest.raises(ClaimError, match=f"missing or damaged.*{message}"):
            claims.read_reference(reference)


@pytest.mark.parametrize(
    ("predicted", "found", "low", "high"),
    [
        ((0.9, 1.1), 1.0, 0.89999999, 1.05),  # six digits would put it inside
        ((0.9, 1.1), 0.8, 0.7, 0.89999999),  # or at an end
        ((0.9, 1.1), 1.0, 0.99999999, 1.00000001),  # or without length
        ((0.9, math.inf), 1.5, 0.9, 2.0),
    ],
)
def test_a_verdict_follows_from_the_digits_that_the_reference_keeps(tmp_path, predicted, found, low, high):
    ledger = Ledger("10_one", ["found", "over"])
    words = ("Fig. 2", "gain = misfit", predicted, "ratio")
    ledger.finding("found", *words, found, low, high, "95 % over seeds", stated_by="ours")
    ledger.claim("over", "Theorem 1", "share", 1.00000001, high=1.0)
    here = claims.recorded_claims([notebook(tmp_path, "10_one", 'Ledger("10_one", ["found", "over"])')])
    claims.for_reference(here).to_csv(tmp_path / "claims.csv", index=False)
    kept = claims.read_reference(tmp_path / "claims.csv")
    assert list(kept["verdict"]) == list(here["verdict"]) and kept["verdict"][1] == "fail"
    assert claims.moved(here, kept).empty


@pytest.mark.parametrize(
    ("found", "away"), [(-1.0, True), (-1e-9, True), (0.0, False), (1e6 + 4, False), (1e6 + 6, True)]
)
def test_an_end_is_known_as_well_as_its_own_digits(found, away):
    def table(found):
        row = {"claim": "a", "verdict": "reported", "low": 0.0, "high": 1e6, "found": found}
        return pd.DataFrame([row])

    assert len(claims.moved(table(found), table(5e5))) == away


def test_a_run_is_not_moved_from_its_own_reference(tmp_path):
    ledger = Ledger("10_one", ["low", "high", "all"])
    for claim, found, low, high in (
        ("low", 1 / 7, 1 / 7, 1.0),
        ("high", 2e5 / 3, 0.0, 2e5 / 3),
        ("all", 1 / 3, 1 / 3, 1 / 3),
    ):
        ledger.report(claim, "", "slope", found, low, high, "none")
    here = claims.recorded_claims([notebook(tmp_path, "10_one", 'Ledger("10_one", ["low", "high", "all"])')])
    claims.for_reference(here).to_csv(tmp_path / "claims.csv", index=False)
    assert claims.moved(here, claims.read_reference(tmp_path / "claims.csv")).empty


@pytest.mark.parametrize(("high", "found"), [(1.0000000001e-8, 5e-11), (1e-8, 9.99999999e-11), (1e-8, 5e-11)])
def test_exact_is_said_of_the_row_as_the_reference_keeps_it(tmp_path, high, found):
    Ledger("10_one", ["a"]).claim("a", "Theorem 1", "difference", found, high=high)
    here = claims.recorded_claims([notebook(tmp_path, "10_one", 'Ledger("10_one", ["a"])')])
    rows = claims.for_reference(here).to_dict("records")
    assert claims.parsed_reference(rows)["verdict"].item() == "pass"


def test_an_edited_reference_is_told_by_its_provenance(reference):
    """Beside a provenance, the least edit of the ledger is told, though every row could be one."""
    whole = reference.read_bytes()
    about = {"claims.csv": {"sha256": hashlib.sha256(whole).hexdigest()}, "notebooks": {}}
    (reference.parent / "provenance.json").write_text(json.dumps(about))
    for same in (whole, whole.replace(b"\n", b"\r\n")):
        reference.write_bytes(same)
        assert len(claims.read_reference(reference)) == len(IDS)
    for edited in (
        whole.splitlines(keepends=True)[0],
        b"".join(whole.splitlines(keepends=True)[:-1]),
        whole.replace(b"the paper", b"ours"),
        whole.replace(b",1.2,1,mixed", b",1.21,1,mixed"),
    ):
        assert edited != whole
        reference.write_bytes(edited)
        with pytest.raises(ClaimError, match="claims.csv is missing or damaged .it was edited after"):
            claims.read_reference(reference)
    reference.write_bytes(whole)
    (reference.parent / "provenance.json").write_text("[]")
    with pytest.raises(ClaimError, match=r"provenance.json is missing or damaged .it has no sha256"):
        claims.read_reference(reference)
