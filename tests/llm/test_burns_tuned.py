"""What is shipped of the fine-tuning beside notebook 60, and that the code which made it still makes such things."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from w2s_utils.data import datasets, shipped_files
from w2s_utils.experiments.classification import LOSSES
from w2s_utils.llm import burns_tuned
from w2s_utils.llm.reading import parts_of


@pytest.fixture(scope="module")
def data():
    if not datasets.reachable(burns_tuned.SET):
        pytest.skip("data unreachable")
    return datasets.load(burns_tuned.SET)


def test_what_is_stored_gives_the_probabilities_again_and_keeps_every_class():
    odds = np.array([[3.0, -2.0, 1e-9, -1e-9, 1e-5]] * len(burns_tuned.MODELS))
    said = {
        name: np.column_stack([expit(-one), expit(one)])
        for name, one in zip(burns_tuned.MODELS, odds, strict=True)
    }
    again = burns_tuned.as_probabilities(burns_tuned.as_stored(said))
    for name in burns_tuned.MODELS:
        assert np.abs(again[name] - said[name]).max() < 1e-3
        assert np.array_equal(again[name].argmax(axis=1), said[name].argmax(axis=1))
        assert np.allclose(again[name].sum(axis=1), 1, rtol=0, atol=1e-15)


def test_what_is_shipped_is_small_and_of_the_rows_that_the_settings_judge(data):
    assert (shipped_files.folder(burns_tuned.NAME) / burns_tuned.FILE).stat().st_size < 200_000
    for run, settings in burns_tuned.RUNS.items():
        for seed in settings.all_seeds:
            found = burns_tuned.shipped(data, run, seed)
            rows = parts_of(data, settings, seed).evaluation
            assert np.array_equal(found.truth.argmax(axis=1), data.targets[rows])
            assert found.ceiling.shape == (settings.judged, 2)


def test_rows_have_every_seed_method_and_loss(data):
    rows = burns_tuned.tuned_rows(data)
    seeds = sum(settings.seeds for settings in burns_tuned.RUNS.values())
    assert len(rows) == seeds * 3 * len(LOSSES)
    keys = {(row["run"], row["seed"], row["method"], row["loss"]) for row in rows}
    assert len(keys) == len(rows)


def test_a_seed_is_computed_once_and_read_afterwards(data, tmp_path):
    settings = replace(
        burns_tuned.RUNS[burns_tuned.SMALL_GAP],
        documents=64,
        judged=40,
        epochs=1,
        methods=burns_tuned.METHODS,
    )
    first, rows = burns_tuned.compute(data, settings, 5, tmp_path)
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/done.json")}
    again, _ = burns_tuned.compute(data, settings, 5, tmp_path)
    assert first.shape == (len(burns_tuned.MODELS), 40) and np.array_equal(first, again)
    assert len(stamps) == len(burns_tuned.MODELS)
    assert stamps == {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/done.json")}
    assert np.array_equal(rows, parts_of(data, settings, 5).evaluation)
