"""Targets that are classes: how they are read, what is wrong with them in one sentence, the judge, the page, and lists."""

import json
import re
import shlex

import numpy as np
import pandas as pd
import pytest

from w2s_utils.cli import app
from w2s_utils.own_data.answer import answer
from w2s_utils.own_data.class_cells import class_texts, loss_of
from w2s_utils.own_data.class_columns import columns_of_labellers, patterns_of, read_classes
from w2s_utils.own_data.columns import gather
from w2s_utils.own_data.examples import TOPICS, messages
from w2s_utils.own_data.files import UnusableData, read_columns
from w2s_utils.own_data.judge import judge
from w2s_utils.own_data.page import write_page
from w2s_utils.own_data.rows import Faults, Rows
from w2s_utils.own_data.tally import ALONE, CONSTANT, STUDENT, TEACHER, Candidate
from w2s_utils.theory.certificate import certify_gain
from w2s_utils.theory.class_losses import ACCURACY, BRIER, SQUARED, errors

ROWS, LABELLED = 400, 120
NAMES = np.array(["very bad", "so so 🙂", "good"])


def frame(names=NAMES, seed=0, **changes):
    """Three classes in six strong columns; two labellers, the second with probabilities; true labels of the first rows."""
    rng = np.random.default_rng(seed)
    y = rng.choice(3, size=ROWS, p=[0.5, 0.3, 0.2])
    strong = 2.0 * np.eye(3)[y][:, [0, 1, 2, 0, 1, 2]] + rng.normal(size=(ROWS, 6))
    gpt = np.where(rng.random(ROWS) < 0.7, y, rng.integers(3, size=ROWS))
    chances = rng.dirichlet(np.ones(3), ROWS)
    chances[np.arange(ROWS), y] += 0.7
    chances /= chances.sum(axis=1, keepdims=True)
    table = pd.DataFrame({f"s{k}": strong[:, k] for k in range(6)})
    table["w1"], table["w2"] = np.round(strong[:, 0]), np.round(strong[:, 1])
    table["gpt"] = names[gpt]
    for k in (2, 0, 1):  # in another order than the classes
        table[f"p_{names[k]}"] = chances[:, k]
    table["y"] = np.where(np.arange(ROWS) < LABELLED, names[y], "")
    table["all"], table["id"] = names[y], [f"row {k}" for k in range(ROWS)]
    return table.assign(**changes)


def columns_of(table):
    return {name: table[name].to_numpy() for name in table.columns}


def gathered(table=None, **choice):
    usual = {"target": "y", "strong": "s*", "weak_labels": {"gpt": "gpt", "soft": "p_*"}}
    return gather("mine", columns_of(frame() if table is None else table), **usual | choice)


def read(table, labellers, target="y", **more):
    columns = columns_of(table)
    faults = Faults(Rows.of(len(table)))
    found = read_classes(
        columns,
        target,
        columns_of_labellers(columns, labellers, "labels"),
        faults,
        patterns_of(labellers),
        **more,
    )
    return found, faults


def test_names_probabilities_and_truth_are_read_in_one_numbering_whatever_the_order_of_columns():
    table = frame()
    found, faults = read(table, {"gpt": "gpt", "soft": "p_*", "list": [f"p_{name}" for name in NAMES]})
    assert found.classes == tuple(sorted(NAMES)) and not faults.found and not found.notes
    assert [found.classes[k] for k in found.said["gpt"]] == table["gpt"].tolist()
    for place, name in enumerate(found.classes):
        for way in ("soft", "list"):
            np.testing.assert_allclose(found.said[way][:, place], table[f"p_{name}"])
    assert np.isnan(found.targets[LABELLED:]).all()
    assert [found.classes[int(k)] for k in found.targets[:LABELLED]] == table["y"][:LABELLED].tolist()


@pytest.mark.parametrize(
    "names",
    [
        np.array([" left ", "right", "none of these"]),
        np.array(["True", "False", "maybe"]),
        np.array(["1", "10", "2"]),
        np.array(["3 stars", "4 stars", "5 stars"]),
        np.array(["a,b", "c=d", 'q"uote']),
        np.array(["é", "e\u0301x", "🙂🙃"]),
    ],
)
def test_classes_of_any_name_come_through_a_file(names, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame(names).to_csv("mine.csv", index=False)
    words = ["judge", "mine.csv", "--target", "y", "--strong", "s*", "--weak-labels", "gpt", "--weak-labels"]
    assert app.main([*words, "soft=p_*", "--loss", "accuracy", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["loss"] == ACCURACY and len(found["classes"]) == 3 and not found["caveats"]
    assert all(name.strip() in found["classes"] or not name.isascii() for name in names)
    assert {one["name"] for one in found["weak_models"]} == {"gpt", "soft"}


def test_a_target_of_words_is_of_classes_and_other_targets_stay_what_they_were():
    columns = columns_of(
        frame(number=np.arange(ROWS) % 2, truth="True", text=[f"text {k}" for k in range(ROWS)])
    )
    assert loss_of("", columns, "y") == ACCURACY and loss_of(BRIER, columns, "y") == BRIER
    columns |= {
        "dates": np.array(["2020-01-02", "2020-01-03"] * (ROWS // 2), dtype=object),
        "slip": np.array(["1.5", "2.5", "yes", "2"] * (ROWS // 4), dtype=object),
    }
    for name in ("number", "truth", "text", "s0", "dates", "slip"):
        assert loss_of("", columns, name) == SQUARED, name
    with pytest.raises(UnusableData, match="one of squared, accuracy, brier, log, not 'hinge'"):
        loss_of("hinge", columns, "y")


def test_numbers_are_classes_where_somebody_says_so_and_zeros_behind_the_point_are_no_name():
    truth = np.where(np.arange(ROWS) < LABELLED, (frame()["all"] == "good").astype(float), np.nan)
    said = (frame()["gpt"] == "good").astype(int)
    table = frame(y=truth, gpt=said, chance=0.1 + 0.7 * said)
    found, _ = read(table, {"gpt": "gpt", "one": "chance"})
    assert found.classes == ("0", "1")
    np.testing.assert_array_equal(found.said["gpt"], said)
    np.testing.assert_allclose(found.said["one"][:, 1], table["chance"])
    assert class_texts(np.array(["1.0", "007", "2.50", None, "NA", " x "], dtype=object)) == [
        "1", "007", "2.50", "", "", "x",
    ]  # fmt: skip
    data = gathered(table, weak_labels={"gpt": "gpt", "one": "chance"}, loss=BRIER)
    brier = answer(judge(data, folds=5, loss=BRIER))
    squared = answer(judge(gathered(table, weak_labels=["gpt", "chance"]), folds=5))
    for one, other in (("gpt", "gpt"), ("one", "chance")):
        twice, gain = brier.gains[one], squared.gains[other]
        assert twice.misfit == pytest.approx(2 * gain.misfit, rel=0.05)  # scores outside 0 to 1 are projected
        assert twice.gain == pytest.approx(2 * gain.gain, rel=0.2, abs=0.01)


def test_probabilities_rounded_to_two_digits_are_mended_and_others_are_named_by_row():
    table = frame()
    names = [f"p_{name}" for name in NAMES]
    table[names] = table[names].round(2)
    found, faults = read(table, {"soft": "p_*", "gpt": "gpt"})
    assert not faults.found and np.abs(found.said["soft"].sum(axis=1) - 1).max() < 1e-12
    table.loc[3, names], table.loc[5, names[0]], table.loc[8, names[1]] = [0.5, 0.5, 0.3], np.nan, -0.2
    table.loc[11, "gpt"] = ""
    with pytest.raises(UnusableData) as caught:
        gathered(table)
    said = str(caught.value)
    for part in (
        "4 of 400 rows",
        "rows 5, 7, 10 and 13",
        "sum is not 1",
        "no probability of 'soft'",
        "negative",
        "no label in",
    ):
        assert part in said
    data = gathered(table, drop_bad=True)
    assert len(data.targets) == ROWS - 4 and "were left out" in data.notes[0]


def test_a_class_that_only_labellers_name_is_one_and_said():
    table = frame()
    table.loc[399, "gpt"] = "cannot tell"
    data = gathered(table, weak_labels="gpt")
    assert data.classes == ("cannot tell", *sorted(NAMES))
    assert any("No true label is 'cannot tell'" in note for note in data.notes)
    found = answer(judge(data, folds=5))
    assert found.gains["gpt"].misfit > 0


@pytest.mark.parametrize(
    "choice, changes, said",
    [
        ({}, {"y": np.where(np.arange(ROWS) < 99, "good", "")}, "is 'good' in every labelled row, so there is nothing"),
        ({"loss": ACCURACY}, {"y": ""}, "empty in every row"),
        ({"loss": ACCURACY}, {"y": np.random.default_rng(0).normal(size=ROWS)}, "classes, such as .* 100 are the most"),
        ({"loss": ACCURACY, "weak_labels": "gpt"}, {"gpt": np.arange(ROWS)}, "100 are the most"),
        ({"weak_labels": "gpt"}, {"gpt": [f"class {k % 1000}" for k in range(ROWS)]}, "100 are the most"),
        ({"weak_labels": "gpt"}, {"gpt": ["GOOD", "BAD"] * (ROWS // 2)}, "none of the classes of 'y', but 'BAD' and 'GOOD'"),
        ({"weak_labels": "gpt"}, {"gpt": "good"}, "say the same in every row"),
        ({"weak_labels": ["gpt", "again"]}, {"again": frame()["gpt"]}, "'gpt' and 'again' are the same"),
        ({"weak_labels": "gpt"}, {"gpt": frame()["all"]}, "equal the true labels in all 120"),
        ({"weak_labels": "w1"}, {"w1": np.arange(ROWS) / 7}, "numbers that name no class"),
        ({"weak_labels": {"soft": ["p_good", "p_very bad"]}}, {}, "no column for the class 'so so 🙂'"),
        ({"weak_labels": {"soft": ["p_good", "p_very bad", "w1"]}}, {}, "'w1' of 'soft' ends in no class"),
        ({"weak_labels": {"a": ["p_good", "s_good"]}, "strong": "s0"}, {"s_good": 0.1}, "no column for the class"),
        ({"weak_labels": {"soft": "q_*"}}, {}, "no column matches 'q_"),
        ({"weak_labels": {"soft": "p_*"}, "target": "all"}, {"p_good": "x"}, "is no number"),
        ({"weak_labels": {"y": "y"}}, {}, "the answer would be given away"),
        ({"loss": SQUARED, "weak_labels": "gpt"}, {}, "is no number"),
        ({"loss": SQUARED, "target": "w1", "weak_labels": {"a": ["s0", "s1"]}, "strong": "s2"}, {}, "say which loss"),
        ({"students": {"llama": "p_*"}}, {}, "no weak model 'llama'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(choice, changes, said):
    with pytest.raises(UnusableData, match=said) as caught:
        gathered(frame(**changes), **choice)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500


def test_words_for_nothing_and_capitals_are_doubted(tmp_path):
    table = frame()
    table.loc[:4, "y"], table.loc[9:11, "gpt"] = "None", "Good"
    table.to_csv(tmp_path / "mine.csv", index=False)
    data = gather("mine", read_columns(tmp_path / "mine.csv"), "y", "s*", weak_labels="gpt")
    assert len(data.true_rows) == LABELLED - 5
    assert any("5 cells of 'y' are 'None', which counts as missing" in note for note in data.notes)
    assert any("differ in capitals alone: 'Good' and 'good'" in note for note in data.notes)


@pytest.mark.parametrize("head", ["ridge", "least squares"])
def test_teachers_and_students_of_classes_are_probabilities_and_the_tally_is_that_of_certificates(head):
    data = gathered(weak={"small": ["w1", "w2"]})
    made = judge(data, head, folds=5)
    assert made.loss == ACCURACY and made.classes == data.classes
    for one in made.made.values():
        assert one.shape == (ROWS, 3) and (one >= 0).all() and np.abs(one.sum(axis=1) - 1).max() < 1e-9
    assert {one.role for one in made.made} == {CONSTANT, TEACHER, STUDENT, ALONE}
    np.testing.assert_array_equal(made.weak["gpt"], data.views.weak_labels["gpt"])
    found, truth = answer(made), made.truth.astype(int)
    for name in made.weak:
        gain = certify_gain(
            made.weak[name], made.student[name], truth, made.labelled, found.gains[name].level, loss=ACCURACY
        )
        assert (gain.low, gain.high) == (found.gains[name].low, found.gains[name].high)
        wrong = errors(made.student[name][made.labelled], truth, ACCURACY).mean()
        assert found.errors[Candidate(STUDENT, name)] == pytest.approx(wrong)
    constant = made.made[Candidate(CONSTANT)]
    shares = np.bincount(truth, minlength=3) / len(truth)  # of the labels of other folds, so they vary
    assert np.abs(constant - shares).max() < 0.1


def test_a_student_learns_the_nearest_scores_whose_sum_is_one():
    """Least squares on the one-hot labels of the other folds, projected: worked out here for one turn."""
    data = gathered(weak_labels="gpt")
    made = judge(data, "least squares", folds=4, seed=3)
    from w2s_utils.own_data.roles import turns
    from w2s_utils.theory.class_labels import on_simplex

    for turn in turns(data, "least squares", 4, 3):
        learn, judged = turn.student_train, turn.evaluation
        x = np.column_stack([np.ones(ROWS), data.views.strong])
        fitted = np.linalg.lstsq(x[learn], data.views.weak_labels["gpt"][learn], rcond=None)[0]
        np.testing.assert_allclose(made.student["gpt"][judged], on_simplex(x[judged] @ fitted), atol=1e-8)


def test_a_given_student_and_the_words_of_the_page(tmp_path):
    data = gathered(weak_labels="gpt", students={"gpt": "p_*"})
    for loss, words in ((ACCURACY, "share of errors"), (BRIER, "Brier score")):
        made = judge(data, folds=5, loss=loss)
        found = answer(made)
        np.testing.assert_allclose(
            made.student["gpt"], [[row[f"p_{n}"] for n in data.classes] for _, row in frame().iterrows()]
        )
        page = write_page(tmp_path / "page.html", data, made, found).read_text(encoding="utf-8")
        assert f'<th scope="col">{words}, labelled rows</th>' in page
        assert "squared" not in re.sub("<svg.*</svg>", "", page, flags=re.DOTALL).replace(
            "mean squared distance", ""
        )
        assert "“so so 🙂”" in page and f"its {words} is below" in found.gain_sentence("gpt")
        assert "the strong view with the true labels alone" in page.lower()


@pytest.mark.parametrize(
    "loss, head, said",
    [
        ("log", "ridge", "w2s certify --loss log"),
        (BRIER, "norm ball", "ridge or least squares"),
        (SQUARED, "ridge", "as classes"),
    ],
)
def test_losses_and_heads_that_do_not_fit_are_refused(loss, head, said):
    with pytest.raises(UnusableData, match=said):
        judge(gathered(), head, loss=loss)
    with pytest.raises(UnusableData, match="of classes, and the target was read as numbers"):
        judge(gathered(target="s5", strong="s0", weak_labels="w1"), loss=ACCURACY)


def test_the_command_judges_draws_and_judges_what_comes_back(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    table = frame()
    table.to_csv("mine.csv", index=False)
    choice = shlex.split("--target y --strong s* --weak-labels gpt --weak-labels soft=p_* --id id --folds 5")
    for loss in ([], ["--loss", "brier"]):
        assert app.main(["label", "mine.csv", "--count", "50", *choice, *loss, "--out", "list.csv"]) == 0
        out = capsys.readouterr().out
        assert "Labels are classes, written so: good, so so 🙂, very bad" in out
        rows = pd.read_csv("list.csv", dtype=str)
        rows["y"] = table["all"].to_numpy()[rows["row"].astype(int) - 2]
        rows.sample(frac=1, random_state=0).to_csv("list.csv", index=False)
        assert app.main(["judge", "list.csv", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert {one["kind"] for one in found["weak_models"]} == {"drawn"} and not found["caveats"]
        assert found["loss"] == (BRIER if loss else ACCURACY)
        rows.loc[0, "y"] = "terrible"
        rows.to_csv("list.csv", index=False)
        assert app.main(["judge", "list.csv"]) == 2
        assert "holds 'terrible', which is no class" in capsys.readouterr().err
        (tmp_path / "list.csv").unlink()
        (tmp_path / "list.npz").unlink()


@pytest.mark.parametrize(
    "words, shown",
    [
        ("--weak gpt --student p_* --truth y", "in shares of rows"),
        ("--weak gpt --student p_* --truth y --loss brier", "in units of the Brier score"),
        ("--weak p_* --student q_* --truth y --loss log", "in units of the log loss"),
        (
            "--weak gpt --student p_* --truth y --loss log",
            "!log loss is of probabilities, and weak holds labels",
        ),
        (
            "--weak p_* --student z_* --truth y --loss log",
            "!student gives a class the probability 0 in 400 of 400 rows",
        ),
        ("--weak gpt --student s0 --truth y", "!'s0' holds numbers that name no class"),
        ("--weak gpt --student bad_* --truth y", "!400 of 400 rows cannot be used"),
        ("--weak y --student gpt --truth y", "!the truth 'y' is also the weak column"),
    ],
)
def test_given_predictions_are_certified(words, shown, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    table = frame()
    for name in NAMES:
        table[f"q_{name}"] = 0.5 * table[f"p_{name}"] + 0.5 / 3
        table[f"z_{name}"] = float(name == "good")
        table[f"bad_{name}"] = 0.5
    table.to_csv("mine.csv", index=False)
    code = app.main(["certify", "mine.csv", *words.split()])
    out, err = capsys.readouterr()
    assert (code, shown.removeprefix("!") in (err if shown.startswith("!") else out)) == (
        2 if shown.startswith("!") else 0,
        True,
    )
    if code == 0:
        assert app.main(["certify", "mine.csv", *words.split(), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["kind"] == "classes"


def test_a_thousand_classes_are_certified_and_one_alone_among_the_labelled_is_refused(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    truth = rng.integers(1000, size=4000)
    weak, student = (
        np.where(rng.random(4000) < share, truth, rng.integers(1000, size=4000)) for share in (0.5, 0.8)
    )
    table = pd.DataFrame(
        {"weak": weak, "student": student, "y": truth, "known": (np.arange(4000) < 300).astype(int)}
    )
    table = table.assign(**{name: "class " + table[name].astype(str) for name in ("weak", "student", "y")})
    table.to_csv("mine.csv", index=False)
    words = "certify mine.csv --weak weak --student student --truth y --labelled known --loss accuracy"
    assert app.main(shlex.split(words)) == 0 and "The student gains." in capsys.readouterr().out
    table.assign(known=(truth == truth[0]).astype(int)).to_csv("mine.csv", index=False)
    assert app.main(shlex.split(words)) == 2
    assert f"the target is 'class {truth[0]}' in every labelled row" in capsys.readouterr().err


def test_files_that_are_read_some_rows_at_a_time_have_no_classes(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    pytest.importorskip("pyarrow")
    (tmp_path / "parts").mkdir()
    frame().to_parquet(tmp_path / "parts" / "a.parquet")
    words = shlex.split("judge parts --target y --strong s* --weak-labels gpt --loss accuracy")
    assert app.main(words) == 2 and "classes and --drop-bad do not allow" in capsys.readouterr().err


def test_the_generated_messages_are_right_as_often_as_they_say_and_their_example_answers(
    tmp_path, monkeypatch, capsys
):
    whole = messages(labelled=3000)
    assert messages() == messages() and set(whole["topic"]) == set(TOPICS)
    right = {name: np.mean(np.array(whole[name]) == np.array(whole["topic"])) for name in ("big", "small")}
    assert right == pytest.approx({"big": 0.86, "small": 0.71}, abs=0.02)
    monkeypatch.chdir(tmp_path)
    pd.DataFrame(messages()).to_csv("messages.csv", index=False)
    words = shlex.split("judge messages.csv --target topic --text text --weak-labels big,small --json")
    assert app.main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["labels"] == 200 and found["should_label"] == "big"
    assert [one["sign"] for one in found["weak_models"]] == [1, 1]
