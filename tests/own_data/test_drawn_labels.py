"""Lists of rows to label: written, filled in, taken back, and refused where they are not what they should be."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from w2s_utils.cli import app
from w2s_utils.own_data.advice import advice
from w2s_utils.own_data.answer import answer
from w2s_utils.own_data.columns import gather
from w2s_utils.own_data.drawn_labels import DrawnLabels, draw, ends_of
from w2s_utils.own_data.files import read_columns
from w2s_utils.own_data.judge import judge
from w2s_utils.own_data.lists import About, read_list, write_list
from w2s_utils.own_data.refusal import UnusableData
from w2s_utils.theory.certificate import DRAWN

NAMES = "--target y --strong s* --weak small=w1,w2 --weak-labels crowd --id id --folds 5"


def truth_of(hard=False, rows=600):
    rng = np.random.default_rng(0)
    strong = rng.normal(size=(rows, 4))
    truth = strong @ [1.0, 2.0, -1.0, 0.5] + 0.3 * rng.normal(size=rows)
    return strong, (truth > 0).astype(float) if hard else truth, rng


@pytest.fixture(params=[False, True], ids=["numbers", "classes"])
def mine(request, tmp_path, monkeypatch):
    """A file with few labels in the present folder, and all true labels."""
    monkeypatch.chdir(tmp_path)
    strong, truth, rng = truth_of(request.param)
    frame = pd.DataFrame({f"s{k}": strong[:, k] for k in range(4)})
    frame["w1"], frame["w2"] = strong[:, 1] + rng.normal(size=600), strong[:, 0]
    wrong = rng.random(600) < 0.2
    frame["crowd"] = np.where(wrong, 1 - truth, truth) if request.param else truth + rng.normal(size=600)
    frame["id"] = [f"r{k:03d}" for k in range(600)]
    frame["y"] = np.where(np.isin(np.arange(600), rng.permutation(600)[:60]), truth, np.nan)
    frame.to_csv("mine.csv", index=False)
    return truth


def w2s(words, capsys, code=0):
    found = app.main(words.split() if isinstance(words, str) else words)
    out, err = capsys.readouterr()
    assert found == code, err
    return err if code else out


def filled(truth, change=lambda frame: frame):
    frame = pd.read_csv("mine_to_label.csv")
    frame = frame[frame["row"].notna()].astype({"row": int})
    frame["y"] = truth[frame["row"] - 2]
    change(frame).to_csv("mine_to_label.csv", index=False)


def test_a_list_comes_back_in_any_order_and_judges_the_frozen_predictions(mine, capsys):
    said = w2s(f"label mine.csv --count 80 {NAMES} --show s0", capsys)
    frame = pd.read_csv("mine_to_label.csv")
    assert list(frame.columns) == ["row", "id", "s0", "y"] and frame["y"].isna().all()
    assert (
        f"{len(frame)} to label" in said
        and (frame["id"] == [f"r{row - 2:03d}" for row in frame["row"]]).all()
    )
    filled(mine, lambda one: one.sample(frac=1.0, random_state=0))
    found = json.loads(w2s("judge mine_to_label.csv --json", capsys))
    assert {one["kind"] for one in found["weak_models"]} == {DRAWN}
    random = json.loads(w2s(f"judge mine.csv {NAMES} --json", capsys))
    for name in ("small", "crowd"):
        one, other = (next(m for m in made["weak_models"] if m["name"] == name) for made in (found, random))
        assert one["misfit"] == other["misfit"]  # of the same predictions
        assert one["high"] - one["low"] < other["high"] - other["low"]


def test_a_fixed_plan_holds_the_gain():
    held, total = 0, 60
    for number in range(total):
        strong, truth, _ = truth_of()
        rng = np.random.default_rng(number + 1)
        weak = truth + rng.normal(size=600)
        columns = {f"s{k}": strong[:, k] for k in range(4)} | {"w": weak}
        columns["y"] = np.where(np.isin(np.arange(600), rng.permutation(600)[:30]), truth, np.nan)
        judged = judge(gather("mine", columns, "y", strong="s*", weak_labels="w"), folds=5, seed=number)
        drawing = draw(judged, 30, number, None)
        labelled = np.concatenate([drawing.to_label, judged.labelled])
        gain = answer(judged, 0.95, DrawnLabels(drawing, judged, truth[labelled], labelled, None)).gains["w"]
        true = np.mean((weak - truth) ** 2 - (judged.student["w"] - truth) ** 2)
        held += gain.low <= true <= gain.high
    assert held >= 56


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.iloc[:-2], "2 of"),
        (lambda frame: frame.assign(y=frame["y"].where(frame.index > 2)), "3 of"),
        (lambda frame: frame.assign(row=frame["row"].replace(frame["row"][0], 599.5)), "not drawn"),
        (lambda frame: pd.concat([frame, frame.iloc[:1]]), "stands twice"),
        (lambda frame: frame.rename(columns={"y": "label"}), "no column 'y'"),
        (lambda frame: frame.drop(columns="row"), "no column 'row'"),
        (
            lambda frame: frame.assign(y=frame["y"].astype(str).replace(str(frame["y"][1]), "about 1")),
            "about 1",
        ),
    ],
)
def test_a_list_that_is_not_as_it_should_be_is_named_and_nothing_is_lost(mine, capsys, change, said):
    w2s(f"label mine.csv --count 40 {NAMES}", capsys)
    filled(mine, change)
    kept = Path("mine_to_label.csv").read_text()
    assert said in w2s("judge mine_to_label.csv", capsys, code=2)
    assert Path("mine_to_label.csv").read_text() == kept


def test_drawn_labels_in_the_file_itself_are_caught(mine, capsys):
    w2s(f"label mine.csv --count 40 {NAMES}", capsys)
    filled(mine)
    rows = pd.read_csv("mine_to_label.csv")["row"] - 2
    frame = pd.read_csv("mine.csv")
    frame.loc[rows, "y"] = mine[rows]
    frame.to_csv("mine.csv", index=False)
    assert "were drawn for mine_to_label.csv" in w2s(f"judge mine.csv {NAMES}", capsys, code=2)


def test_predictions_that_are_missing_or_damaged_are_named(mine, capsys, tmp_path):
    w2s(f"label mine.csv --count 40 {NAMES}", capsys)
    (tmp_path / "mine_to_label.npz").write_bytes(b"PK nothing")
    with pytest.raises(UnusableData, match="draw again"):
        read_list(tmp_path / "mine_to_label.csv")
    assert "--target" in w2s("judge mine_to_label.csv", capsys, code=2)


def test_what_cannot_be_drawn_is_said(mine, capsys):
    for words, said in (
        (f"label mine.csv --count 0 {NAMES}", "--count is a whole number"),
        (f"label mine.csv --count 40 {NAMES} --drop-bad", "as it is"),
        (f"label mine.csv --count 40 {NAMES} --out list.txt", "a CSV file"),
        (f"label mine.csv --count 40 {NAMES} --out mine.csv", "cannot take the place"),
        (f"label mine.csv --count 40 {NAMES} --show nothing", "no column 'nothing'"),
        (f"label mine.csv --count 40 {NAMES} --only large", "no weak model 'large'; there are small, crowd"),
    ):
        assert said in w2s(words, capsys, code=2), words


def test_what_to_label_next_is_advised_only_where_the_gain_is_open(mine):
    names = {"strong": "s*", "weak": {"small": ["w1", "w2"]}, "weak_labels": "crowd"}
    judged = judge(gather("mine", read_columns("mine.csv"), "y", **names), folds=5)
    found = answer(judged)
    assert bool(advice(judged, found)) == (found.gains[found.names[0]].sign == 0)
    assert ends_of(judged.tally()) in (None, (0.0, 1.0))


def test_a_list_of_rows_that_all_have_labels_is_refused(tmp_path):
    strong, truth, rng = truth_of()
    columns = {f"s{k}": strong[:, k] for k in range(4)} | {"w": truth + rng.normal(size=600), "y": truth}
    judged = judge(gather("all", columns, "y", strong="s*", weak_labels="w"), folds=5)
    drawing = draw(judged, 20, 0, None)
    about = About("all", "y", 600, 600, 4, "ridge", 0)
    with pytest.raises(UnusableData, match="nothing to label"):
        write_list(tmp_path / "all_to_label.csv", judged, drawing, None, about, {}, "")


def test_rows_drawn_for_one_gain_tell_it_and_leave_the_others_to_random_labels(mine, capsys):
    w2s(f"label mine.csv --count 60 {NAMES} --only crowd", capsys)
    filled(mine)
    found = json.loads(w2s("judge mine_to_label.csv --json", capsys))
    kinds = {one["name"]: one["kind"] for one in found["weak_models"]}
    assert kinds["crowd"] == DRAWN and kinds["small"] != DRAWN


def test_a_student_that_exists_takes_the_place_of_a_fitted_one(mine, capsys):
    frame = pd.read_csv("mine.csv")
    frame["p"] = mine
    frame.to_csv("mine.csv", index=False)
    found = json.loads(w2s(f"judge mine.csv {NAMES} --student crowd=p --json", capsys))
    crowd = next(one for one in found["weak_models"] if one["name"] == "crowd")
    assert crowd["misfit"] == pytest.approx(np.mean((frame["crowd"] - mine) ** 2))
    assert found["should_label"] == "crowd"
    for words, said in (
        ("large=p", "no weak model 'large'"),
        ("crowd=p,w1", "one column"),
        ("crowd=q", "no column 'q'"),
    ):
        assert said in w2s(f"judge mine.csv {NAMES} --student {words}", capsys, code=2)


def test_a_page_of_an_earlier_run_is_said_to_be_one_and_files_of_one_stem_have_pages_of_their_own(
    mine, capsys
):
    w2s(f"judge mine.csv {NAMES}", capsys)
    assert "mine.html is the page of an earlier run" in w2s(
        "judge mine.csv --target no --strong s*", capsys, code=2
    )
    pd.read_csv("mine.csv").to_csv("mine.tsv", index=False, sep="\t")
    assert "Page: mine.tsv.html" in w2s(f"judge mine.tsv {NAMES}", capsys)


def test_a_list_with_labels_and_other_arrays_are_not_replaced(mine, capsys):
    w2s(f"label mine.csv --count 40 {NAMES}", capsys)
    w2s(f"label mine.csv --count 40 {NAMES} --seed 1", capsys)  # nothing was filled in yet
    filled(mine)
    assert "holds labels" in w2s(f"label mine.csv --count 40 {NAMES}", capsys, code=2)
    np.savez("other.npz", s=np.ones(3))
    assert "no earlier list" in w2s(f"label mine.csv --count 40 {NAMES} --out other.csv", capsys, code=2)
    assert list(np.load("other.npz")) == ["s"]


def test_a_list_is_judged_alone_and_damaged_archives_nearby_do_no_harm(mine, capsys):
    w2s(f"label mine.csv --count 40 {NAMES}", capsys)
    filled(mine)
    said = w2s(f"judge mine_to_label.csv {NAMES}", capsys, code=2)
    assert "is a list of w2s label" in said and "--target" in said
    Path("broken.npz").write_bytes(b"PK\x03\x04 broken")
    w2s(f"judge mine.csv {NAMES}", capsys)
    Path("mine_to_label.npz").rename("elsewhere.npz")
    assert "put its .npz beside it" in w2s("judge mine_to_label.csv", capsys, code=2)


def test_slips_in_a_list_are_doubted_and_empty_rows_below_are_none(mine, capsys):
    w2s(f"label mine.csv --count 40 {NAMES}", capsys)
    filled(mine, lambda frame: pd.concat([frame, pd.DataFrame({"row": [np.nan, np.nan]})]))
    w2s("judge mine_to_label.csv", capsys)
    filled(mine, lambda frame: frame.assign(y=np.where(frame.index == 3, 999.0, frame["y"])))
    found = json.loads(w2s("judge mine_to_label.csv --json", capsys))
    assert any("999" in caveat for caveat in found["caveats"])


def test_merged_labels_are_caught_under_another_name(mine, capsys):
    w2s(f"label mine.csv --count 40 {NAMES} --out rows.csv", capsys)
    rows = pd.read_csv("rows.csv")["row"] - 2
    frame = pd.read_csv("mine.csv")
    frame.loc[rows, "y"] = mine[rows]
    frame.to_csv("merged.csv", index=False)
    assert "were drawn for rows.csv" in w2s(f"judge merged.csv {NAMES}", capsys, code=2)


def test_a_target_with_blanks_and_one_called_row(mine, capsys):
    frame = pd.read_csv("mine.csv").rename(columns={"y": " y "})
    frame.to_csv("mine.csv", index=False)
    w2s(
        ["label", "mine.csv", "--count", "40", "--strong", "s*", "--weak-labels", "crowd", "--folds", "5"]
        + ["--target", " y "],
        capsys,
    )
    filled(mine)
    w2s("judge mine_to_label.csv", capsys)
    frame.rename(columns={" y ": "row"}).to_csv("odd.csv", index=False)
    said = w2s(
        "label odd.csv --count 40 --target row --strong s* --weak-labels crowd --folds 5", capsys, code=2
    )
    assert "has one of that name" in said


def test_errors_are_those_of_labelled_rows(mine):
    names = {"strong": "s*", "weak": {"small": ["w1", "w2"]}, "weak_labels": "crowd"}
    judged = judge(gather("mine", read_columns("mine.csv"), "y", **names), folds=5)
    found = answer(judged)
    for one, error in found.errors.items():
        assert error == pytest.approx(np.mean((judged.made[one][judged.labelled] - judged.truth) ** 2))
    assert list(found.errors.values()) == sorted(found.errors.values())
