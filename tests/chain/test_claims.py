"""The whole ledger: what is declared, what is recorded, and how the reference copy keeps it."""

import math

import pandas as pd
import pytest

from w2s_utils import results
from w2s_utils.chain import claims
from w2s_utils.chain.catalogue import declared_claims
from w2s_utils.results import ClaimError, Ledger


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
        assert results.line(row)


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
    assert [results.shown(row, 3) for row in rows] == ["exact (< 1e-10)", "0.333", "2", ""]
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


@pytest.mark.parametrize("verdict", ["confirmed", "pass", "splendid"])
def test_a_finding_whose_verdict_does_not_follow_from_its_numbers_is_refused(build, tmp_path, verdict):
    ledger = results.Ledger("10_one", ["10_one-mean"])
    ledger.finding("10_one-mean", "Fig. 2", "ratio 1", (0.8, 1.25), "ratio", 0.5, 0.4, 0.6, "95 % over seeds")
    path = results.claims_path("10_one")
    assert "not confirmed" in path.read_text()
    path.write_text(path.read_text().replace("not confirmed", verdict))
    source = notebook(tmp_path, "10_one", 'Ledger("10_one", ["10_one-mean"])')
    with pytest.raises(results.ClaimError, match="damaged or edited"):
        claims.recorded_claims([source])
