"""What is shipped of fine-tuned transformers."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from w2s_utils.data import datasets, shipped_files
from w2s_utils.data.shipped_files import DamagedRepresentation
from w2s_utils.experiments import fine_tuned
from w2s_utils.texts import views


def set_or_skip(name):
    if not datasets.reachable(name):
        pytest.skip("data unreachable")
    return datasets.load(name)


@pytest.mark.parametrize("name", fine_tuned.SETS)
def test_shipped_predictions_are_of_the_rows_that_the_code_names(name):
    data = set_or_skip(name)
    rows = fine_tuned.tuned_rows(data)
    assert len(rows) == fine_tuned.TURNS * 2 * len(fine_tuned.LEARNED)
    errors = {(row["turn"], row["kind"], row["learned"]): row["error"] for row in rows}
    for row in rows:
        same = errors[row["turn"], "tuned", row["learned"]] == errors[row["turn"], "frozen", row["learned"]]
        assert row["moved"] != same
        assert 0.2 < row["error"] < 1.5
        if row["learned"] in fine_tuned.TEACHERS:
            assert row["gain"] - row["misfit"] == pytest.approx(row["cross_term"])
    ceilings = [row["error"] for row in rows if row["learned"] == "ceiling"]
    assert max(ceilings) < 1  # of other rows, a ceiling would know nothing


@pytest.mark.timeout(600)  # features of a set, the first time
@pytest.mark.skipif(bool(views.missing()), reason=views.missing())
def test_weak_labels_come_again():
    data = set_or_skip("EmoBank")
    found, rows = views.ladder(data), fine_tuned.parts(data, 1)
    labels = fine_tuned.weak_labels([found.weak[one] for one in fine_tuned.TEACHERS], data.targets, rows)
    made = np.array([one[rows.evaluation] for one in labels])
    np.testing.assert_allclose(fine_tuned.shipped(data, 1).weak, made, atol=0.01)


def test_a_turn_has_the_rows_that_are_said():
    data = set_or_skip("CLEAR")
    for turn in range(fine_tuned.TURNS):
        rows = fine_tuned.parts(data, turn)
        assert (len(rows.student_train), len(rows.evaluation)) == (fine_tuned.STUDENT_ROWS, fine_tuned.JUDGED)
        assert (len(rows.weak_train), len(rows.validation)) == (fine_tuned.FEW, fine_tuned.VALIDATION)


def test_a_damaged_file_is_named(tmp_path, monkeypatch):
    data = set_or_skip("EmoBank")
    shutil.copytree(shipped_files.folder(fine_tuned.NAME), tmp_path / fine_tuned.NAME)
    monkeypatch.setattr(shipped_files, "folder", lambda name: tmp_path / name)
    path = tmp_path / fine_tuned.NAME / fine_tuned.FILE
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DamagedRepresentation, match="restore it from git"):
        fine_tuned.shipped(data, 0)


@pytest.mark.timeout(600)  # features of a set, the first time
@pytest.mark.skipif(bool(views.missing()), reason=views.missing())
@pytest.mark.slow
def test_fine_tuning_learns(monkeypatch):
    data = set_or_skip("EmoBank")
    monkeypatch.setattr(fine_tuned, "EPOCHS", 1)
    rows = replace(fine_tuned.parts(data, 0), evaluation=fine_tuned.parts(data, 0).evaluation[:60])
    before, after = fine_tuned._tuned(data.inputs, data.targets, rows.student_train, rows, seed=0)
    assert before.shape == after.shape == (60,) and np.isfinite(after).all()
