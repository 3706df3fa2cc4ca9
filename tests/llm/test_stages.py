"""The protocol from teacher to rows: what is done again and what is not, and a run that is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import tiny_models
import torch

from w2s_utils.data import datasets
from w2s_utils.experiments.classification import kinds_of_errors
from w2s_utils.llm import command, reading, stages
from w2s_utils.llm.settings import METHODS, Settings
from w2s_utils.methods.confidence import NAIVE
from w2s_utils.molecules.checkpoints import UnusableCheckpoint

QUICK = {"batch": 8, "rate_weak": 1e-2, "rate_strong": 1e-2, "tokens": 16, "device": "cpu"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("llm")
    tiny_models.causal(folder / "weak")
    tiny_models.encoder(folder / "strong")
    tiny_models.write_csv(folder / "mine.csv", 240)
    return folder


@pytest.fixture(scope="module")
def settings(place):
    return Settings(str(place / "weak"), str(place / "strong"), **QUICK)


@pytest.fixture(scope="module")
def data(place):
    return reading.documents(str(place / "mine.csv"))


@pytest.fixture(scope="module")
def run(place, settings, data):
    return stages.run(settings, data, place / "stages", quiet=True)


@pytest.fixture
def worked(monkeypatch):
    """Roles of the stages that are trained, in their order."""
    roles, train = [], stages.fit

    def noted(loaded, texts, labels, recipe, folder, key):
        roles.append(folder.parent.name.partition("-seed")[0])
        return train(loaded, texts, labels, recipe, folder, key)

    monkeypatch.setattr(stages, "fit", noted)
    return roles


def same(rows, others):
    """Bit for bit, a gap recovered that is withheld in both."""
    pd.testing.assert_frame_equal(
        pd.DataFrame(rows), pd.DataFrame(others), check_exact=True, check_dtype=False
    )


ALL = [
    "teacher",
    "student-naive",
    "student-confidence-paper",
    "student-confidence-released",
    "ceiling",
    "alone",
]


def test_the_halves_are_disjoint_and_all_are_judged_on_the_same_rows(run, data):
    [trial] = run.trials.values()
    parts, found = trial.parts, trial.judgements
    used = np.concatenate([parts.weak_train, parts.student_train, parts.evaluation])
    assert sorted(used) == list(range(240)) and len(parts.evaluation) == 80
    assert len(parts.weak_train) == len(parts.student_train) == 80
    tables = [*found.weak.values(), *found.students.values(), found.ceiling, found.alone]
    assert all(table.shape == (80, 2) and np.allclose(table.sum(axis=1), 1) for table in tables)
    assert (found.truth.argmax(axis=1) == data.targets[parts.evaluation]).all()


def test_rows_are_those_of_the_protocol(run):
    rows = pd.DataFrame(run.rows)
    assert not rows.duplicated(list(command.KEYS)).any() and len(rows) == 9
    found = run.trials[0].judgements
    for _, row in rows[rows["loss"] == "errors"].iterrows():
        student = found.students["weak", row["method"]]
        wrong = [table.argmax(1) != found.truth.argmax(1) for table in (found.weak["weak"], student)]
        assert row["gain"] == pytest.approx(wrong[0].mean() - wrong[1].mean())
        assert row["gain"] == pytest.approx(row["corrected"] - row["new"])
        assert row["corrected"] == kinds_of_errors(found.truth, found.weak["weak"], student)["corrected"]


def test_the_strong_models_learn_what_the_texts_show(run):
    [row] = [row for row in run.rows if row["method"] == NAIVE and row["loss"] == "errors"]
    assert row["ceiling"] < 0.3  # half of the texts are of each class


def test_soft_labels_are_a_file_with_the_rows_of_half_2(run, place, data):
    [folder] = place.glob("stages/teacher-*")
    table = pd.read_csv(folder / "labels.csv")
    assert list(table) == ["row", "negative", "positive"]
    assert table["row"].tolist() == run.trials[0].parts.student_train.tolist()
    assert np.allclose(table["negative"] + table["positive"], 1)
    assert not list(place.glob("stages/*/checkpoints"))
    about = json.loads((folder / "done.json").read_text())
    assert about["pooling"] == "last token" and about["rate"] == 1e-2 and about["log"]


def test_a_table_comes_back_as_it_was_whatever_classes_are_called(tmp_path):
    table = np.random.default_rng(0).dirichlet(np.ones(3), size=500)
    stages.write_table(tmp_path / "said.csv", np.arange(500), table, ("row", "1", 'a "b", c'))
    assert np.array_equal(stages.read_table(tmp_path / "said.csv"), table)


def test_a_run_that_is_done_trains_nothing_and_gives_the_same_rows(run, settings, data, place, worked):
    again = stages.run(settings, data, place / "stages", quiet=True)
    assert worked == []
    same(again.rows, run.rows)


def test_the_same_settings_in_another_folder_give_the_same_rows(run, settings, data, tmp_path, worked):
    few = replace(settings, methods=(NAIVE,))
    again = stages.run(few, data, tmp_path, quiet=True)
    assert worked == ["teacher", "student-naive", "ceiling", "alone"]
    same(again.rows, [row for row in run.rows if row["method"] == NAIVE])


@pytest.mark.parametrize(
    ("changed", "trained"),
    [
        ({"labels": 20}, []),
        ({"coefficient": 0.25}, [ALL[2], ALL[3]]),
        ({"methods": METHODS[:2]}, []),
        ({"rate_strong": 2e-2}, ALL[1:]),
    ],
    ids=str,
)
def test_a_changed_setting_trains_again_what_depends_on_it(
    run, settings, data, place, worked, changed, trained
):
    stages.run(replace(settings, **changed), data, place / "stages", quiet=True)
    assert worked == trained


@pytest.mark.parametrize("damage", ["deleted", "edited"])
def test_a_stage_whose_file_is_gone_or_another_is_done_again_alone(
    run, settings, data, place, worked, damage
):
    [path] = place.glob("stages/teacher-*/labels.csv")
    if damage == "deleted":
        path.unlink()
    else:
        path.write_text(path.read_text().replace("0.", "0.0", 1))
    again = stages.run(settings, data, place / "stages", quiet=True)
    assert worked == ["teacher"]
    same(again.rows, run.rows)


def test_a_model_that_says_no_numbers_leaves_no_stamp(settings, data, tmp_path, monkeypatch):
    from w2s_utils.llm.training import NotFinite

    def failing(loaded, *arguments):
        loaded.model.head.weight.data.fill_(np.inf)
        return []

    monkeypatch.setattr(stages, "fit", failing)
    with pytest.raises(NotFinite, match="weak says what are no finite numbers"):
        stages.run(settings, data, tmp_path, quiet=True)
    assert not list(tmp_path.glob("*/done.json")) and not list(tmp_path.glob("*/*.csv"))


def test_a_stage_in_which_another_run_is_at_work_is_refused(settings, data, tmp_path, monkeypatch):
    fit, seen = stages.fit, []

    def second(*arguments):
        if not seen:
            seen.append("second")
            with pytest.raises(
                stages.StageTaken, match="another run is at work in teacher-seed0-[0-9a-f]+; wait"
            ):
                stages.run(few, data, tmp_path, quiet=True)
        return fit(*arguments)

    few = replace(settings, epochs=1, methods=(NAIVE,))
    monkeypatch.setattr(stages, "fit", second)
    assert stages.run(few, data, tmp_path, quiet=True).rows and seen


def test_a_damaged_checkpoint_names_its_stage(settings, data, tmp_path, monkeypatch):
    def stopped(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(stages, "say", stopped)
    with pytest.raises(KeyboardInterrupt):
        stages.run(settings, data, tmp_path, quiet=True)
    [*_, last] = sorted(
        tmp_path.glob("teacher-*/checkpoints/*/model.safetensors"), key=lambda one: one.stat().st_mtime
    )
    last.write_bytes(b"x")
    with pytest.raises(
        UnusableCheckpoint, match="in the stage teacher-seed0-.*, model.safetensors of .*delete this"
    ):
        stages.run(settings, data, tmp_path, quiet=True)


def test_a_stage_on_a_gpu_is_another(settings, data, tmp_path, monkeypatch):
    parts, keys = reading.parts_of(data, settings, 0), []
    monkeypatch.setattr(stages, "_done", lambda folder, key: keys.append(key))
    monkeypatch.setattr(stages.Stages, "_work", lambda *_: {})
    monkeypatch.setattr(stages, "read_table", lambda path: np.zeros((1, 2)))
    made = stages.Stages(settings, data, tmp_path, quiet=True)
    for gpu in (False, True):
        made.device = replace(made.device, gpu=gpu)
        made.said("teacher", 0, parts)
    assert len(set(keys)) == 2


def test_each_seed_has_halves_of_its_own(settings, data, tmp_path):
    found = stages.run(replace(settings, seeds=2, epochs=1, methods=(NAIVE,)), data, tmp_path, quiet=True)
    first, second = (trial.parts.weak_train for trial in found.trials.values())
    assert set(found.trials) == {0, 1} and set(first) != set(second)
    assert {row["seed"] for row in found.rows} == {0, 1}


@pytest.mark.timeout(300)  # two processes that load everything anew
def test_a_killed_command_goes_on_to_the_same_rows(run, place, tmp_path):
    words = [sys.executable, "-m", "w2s_utils.llm", "--weak", place / "weak", "--strong", place / "strong"]
    words += ["--data", place / "mine.csv", "--quiet", "--losses", "naive"]
    words += [word for name, value in QUICK.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    threads = str(torch.get_num_threads())  # others would add in another order
    environment = {**os.environ, "W2S_BUILD": str(tmp_path), "OMP_NUM_THREADS": threads}
    work = subprocess.Popen(list(map(str, words)), env=environment, stdout=subprocess.DEVNULL)
    while work.poll() is None and not list(
        tmp_path.glob("stages/student-*/checkpoints/checkpoint-*/key.txt")
    ):
        time.sleep(0.005)
    work.send_signal(signal.SIGKILL)
    assert work.wait() == -signal.SIGKILL
    assert not (tmp_path / "rows").exists() and not list(tmp_path.glob("stages/student-*/done.json"))
    ended = subprocess.run(list(map(str, words)), env=environment, capture_output=True, text=True, check=True)
    assert "page" in ended.stdout and "Traceback" not in ended.stderr
    rows = pd.read_csv(next(tmp_path.glob("rows/mine_weak_strong_*.csv")))
    wanted = [row for row in run.rows if row["method"] == NAIVE]
    same(rows, wanted)


@pytest.mark.parametrize(("name", "classes"), [("SST-2", 2), ("TREC-6", 6)])
def test_sets_of_ours_run_with_a_handful_of_rows(name, classes, place, tmp_path):
    if not datasets.reachable(name):
        pytest.skip("data unreachable")
    few = Settings(
        str(place / "weak"),
        str(place / "strong"),
        documents=400,
        judged=100,
        epochs=1,
        device="cpu",
        tokens=16,
    )
    found = stages.run(
        replace(few, methods=METHODS[:2]), reading.documents(name.lower()), tmp_path, quiet=True
    )
    one = found.trials[0].judgements
    assert one.truth.shape == (100, classes) and len(found.rows) == 6
