"""Neither the unit of the target nor its distance from 0 changes an answer, from the file to the last number."""

import json

import numpy as np
import pandas as pd
import pytest

from w2s_utils.cli import app

SPREAD = 2.0
MOVED = {
    "times in seconds": (2.0**31 + 3e8, 1.0),
    "below 0": (-3e9, 1.0),
    "ids": (3e12, 1.0),
    "micro": (0.0, 1e-6),
    "mega": (0.0, 1e6),
    "far in micro": (3e9, 1e-6),
    "far in mega": (3e9, 1e6),
}
SQUARED = {"weak_error", "student_error", "gain", "low", "high", "misfit", "lower_bound"}
COUNTED = {"labels_to_decide"}


def table(hard):
    """A target with ten binary digits behind the point, so that an offset costs it none; or one of three classes."""
    rng = np.random.default_rng(0)
    strong = rng.normal(size=(600, 4))
    truth = strong @ [1.0, 2.0, -1.0, 0.5] + 0.3 * rng.normal(size=600)
    truth *= SPREAD / truth.std()
    guess = truth + rng.normal(size=600)
    digits = 1.0 if hard else 2.0**-10
    truth, guess = (
        np.clip(digits * np.round(one / digits), *((0, 2) if hard else (-9, 9))) for one in (truth, guess)
    )
    frame = pd.DataFrame({f"s_{k}": strong[:, k] for k in range(4)})
    frame["w1"], frame["w2"] = np.sign(strong[:, 0]), np.round(strong[:, 1])
    frame["w3"] = strong[:, 2] + rng.normal(size=600)
    frame["guess"], frame["y"] = guess, np.where(rng.random(600) < 0.35, truth, np.nan)
    frame["p"] = np.where(rng.random(600) < 0.3, guess, digits * np.round(0.5 * (truth + guess) / digits))
    return frame


def numbers(words, frame, capsys):
    """What the command says of a frame, as JSON, but for words and the page."""
    frame.to_csv("mine.csv", index=False)
    code = app.main([*words, "--json"])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    return json.loads(out)


def same(found, expected, unit, lost):
    """All numbers are those of another unit, but for digits that the offset costs float64: a part ``lost`` of the spread."""
    assert set(found) == set(expected)
    for name, value in expected.items():
        if name in SQUARED:
            assert found[name] / unit**2 == pytest.approx(value, rel=1e-9, abs=20 * lost * SPREAD**2), name
        elif name in COUNTED:
            for one, other in zip(found[name], value, strict=True):
                assert one == other or one == pytest.approx(other, rel=1e-9 + 2000 * lost), name
        elif isinstance(value, float):
            assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-9 + 2000 * lost), name
        else:
            assert found[name] == value, name


@pytest.mark.parametrize("hard", [False, True], ids=["numbers", "classes"])
@pytest.mark.parametrize("head", ["ridge", "least squares", "norm ball"])
def test_judge_answers_alike_at_any_offset_and_in_any_unit(tmp_path, monkeypatch, capsys, head, hard):
    monkeypatch.chdir(tmp_path)
    frame, words = table(hard), ["judge", "mine.csv", "--target", "y", "--strong", "s_*", "--head", head]
    words += ["--weak", "small=w1,w2", "--weak", "tiny=w3", "--weak-labels", "guess"]
    expected = numbers(words, frame, capsys)
    for what, (offset, unit) in MOVED.items():
        moved = frame.assign(**{name: (frame[name] + offset) * unit for name in ("y", "guess")})
        found, lost = numbers(words, moved, capsys), np.finfo(float).eps * abs(offset) / SPREAD
        assert found["should_label"] == expected["should_label"], what
        assert len(found["caveats"]) == len(expected["caveats"]), what
        for one, other in zip(found["weak_models"], expected["weak_models"], strict=True):
            same(one, other, unit, lost)


@pytest.mark.parametrize("hard", [False, True], ids=["numbers", "classes"])
def test_certify_answers_alike_at_any_offset_and_in_any_unit(tmp_path, monkeypatch, capsys, hard):
    monkeypatch.chdir(tmp_path)
    words = ["certify", "mine.csv", "--weak", "guess", "--student", "p", "--truth", "y"]
    frame = table(hard)
    expected = numbers(words, frame, capsys)
    assert expected["kind"] == ("classes" if hard else "numbers")
    for offset, unit in MOVED.values():
        moved = frame.assign(**{name: (frame[name] + offset) * unit for name in ("y", "guess", "p")})
        lost = np.finfo(float).eps * abs(offset) / SPREAD if unit != 1 else 0.0
        same(numbers(words, moved, capsys), expected, unit, lost)
