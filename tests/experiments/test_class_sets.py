"""Sets with classes: digits need nothing from outside; the others say what they lack."""

import numpy as np
import pytest

from w2s_utils.data import datasets
from w2s_utils.experiments import class_sets
from w2s_utils.texts import views as text_views


def test_digits_can_always_be_had_and_a_trial_is_that_of_its_seed():
    assert class_sets.why_not("digits") == ""
    one = class_sets.load("digits")
    first, again, other = (one.judged([0, 0.2], 20, seed) for seed in (3, 3, 4))
    assert set(first.weak) == {"noise 0", "noise 0.2"} and len(first.truth) == one.sizes.judged
    assert np.array_equal(first.ceiling, again.ceiling) and not np.array_equal(first.ceiling, other.ceiling)
    assert np.allclose(first.ceiling.sum(axis=1), 1)


@pytest.mark.parametrize("name", class_sets.NAMES[1:])
def test_what_is_missing_is_said(name, monkeypatch):
    monkeypatch.setattr(datasets, "reachable", lambda wanted: False)
    assert class_sets.why_not(name) == "data unreachable"
    monkeypatch.setattr(datasets, "reachable", lambda wanted: True)
    monkeypatch.setattr(text_views, "missing", lambda: "no weights")
    assert class_sets.why_not(name) == ("no weights" if name in class_sets.TEACHERS else "")


def test_without_anything_from_outside_digits_stand_in(monkeypatch):
    monkeypatch.setattr(datasets, "reachable", lambda wanted: False)
    run, sets = class_sets.load_sets(["MNIST", "SST-2"])
    assert (run.measured, run.unreachable, run.reason) == (
        ("digits",),
        ("MNIST", "SST-2"),
        "data unreachable",
    )
    assert set(sets) == {"digits"} and run.why_not("MNIST") == "data unreachable"
    with pytest.raises(ValueError, match="data_sets"):
        class_sets.load_sets(["CIFAR"])
