"""The audit on made-up questions in the layout of the published files."""

import json

import numpy as np
import pytest

from w2s_utils.data.splits import DamagedFile
from w2s_utils.methods import solutions
from w2s_utils.theory import intervals


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Two and two.\n#### 4", "4"),
        ("#### 1,250", "1250"),
        ("#### -$51.50", "-103/2"),
        ("#### 0.25\n", "1/4"),
        ("#### 3/4 of it", "3/4"),
        ("#### .5", "1/2"),
        ("#### 2 + 7 = 9", "9"),
        ("#### 12.", "12"),
        ("#### 3\nQuestion: another #### 5 things", "5"),
        ("#### none", ""),
        ("#### 1/0", ""),
        ("the answer is 4", ""),
        ("", ""),
    ],
)
def test_an_answer_is_the_number_after_the_mark(text, number):
    assert solutions.answer(text) == number


WEAK = {0: "4", 1: "7", 2: "none", 3: "1.50"}


def write(folder, weak=WEAK, kept=(0, 3), names=("What is question {k}?",)):
    questions = folder / solutions.QUESTIONS
    questions.parent.mkdir(parents=True)
    lines = [("one\n", "4"), ("one\ntwo\nthree\n", "8"), ("one\ntwo\n", "5"), ("a\nb\nc\n\nd\ne\n", "3/2")]
    rows = [
        {"question": names[0].format(k=k), "answer": f"{text}#### {true}"}
        for k, (text, true) in enumerate(lines)
    ]
    questions.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    for which, ids in (("full_weak", weak), ("iter1_weak", kept)):
        path = folder / solutions.TUNING.format(model="gemma_2b", which=which)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps(
                [
                    {
                        "id": k,
                        "content": f"Question: What is question {k}?\nAnswer:",
                        "output": f"steps\n#### {weak[k]}",
                    }
                    for k in ids
                ]
            )
        )
    return folder


def test_files_are_read_as_they_lie(tmp_path):
    found = solutions.read(write(tmp_path), "gemma_2b")
    assert found.steps.tolist() == [1, 3, 2, 5]
    assert found.true.tolist() == ["4", "8", "5", "3/2"] and found.weak.tolist() == ["4", "7", "", "3/2"]
    assert found.kept.tolist() == [True, False, False, True]
    assert found.right.tolist() == [True, False, False, True]


def test_what_was_kept_and_lost_by_steps(tmp_path):
    found = solutions.read(write(tmp_path), "gemma_2b")
    rows = solutions.rows(found, np.array([True, True, False, False]), model="gemma_2b")
    assert [row["steps"] for row in rows] == ["all", "1 to 2", "3 to 4", "5 or more"]
    assert [row["questions"] for row in rows] == [4, 2, 1, 1]
    assert rows[0] == {
        "model": "gemma_2b",
        "steps": "all",
        "questions": 4,
        "kept": 0.5,
        "right": 0.5,
        "right_kept": 0.5,
        "right_dropped": 0.5,
    }
    assert rows[1]["right_kept"] == 1 and rows[1]["right_dropped"] == 0
    assert np.isnan(rows[3]["right_kept"])


def test_the_rise_is_a_difference_of_shares_and_its_interval_covers():
    generator = np.random.default_rng(3)
    kept = np.arange(200) < 80
    covered = 0
    for _ in range(200):
        right = generator.random(200) < np.where(kept, 0.7, 0.4)
        found = solutions.rise(right, kept)
        assert found.estimate == pytest.approx(right[kept].mean() - right[~kept].mean())
        covered += found.low <= 0.3 <= found.high
    assert covered >= 190
    ins = intervals.share(int(right[kept].sum()), 80, 0.975)
    assert found.high - found.estimate > ins.high - ins.estimate
    with pytest.raises(ValueError):
        solutions.rise(right, np.ones(200))


def test_files_that_do_not_fit_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        solutions.read(tmp_path / "nowhere", "gemma_2b")
    with pytest.raises(DamagedFile, match="3 solutions of 4"):
        solutions.read(write(tmp_path / "short", {k: WEAK[k] for k in (0, 1, 3)}), "gemma_2b")
    with pytest.raises(DamagedFile, match="id 0 another question"):
        solutions.read(write(tmp_path / "others", names=("Who is {k}?",)), "gemma_2b")
    folder = write(tmp_path / "lines")
    (folder / solutions.QUESTIONS).write_text('{"question": "no answer"}\n')
    with pytest.raises(DamagedFile, match="question and answer"):
        solutions.read(folder, "gemma_2b")
    folder = write(tmp_path / "items")
    (folder / solutions.TUNING.format(model="gemma_2b", which="full_weak")).write_text('[{"id": 0}]')
    with pytest.raises(DamagedFile, match="list of id"):
        solutions.read(folder, "gemma_2b")
    folder = write(tmp_path / "bytes")
    (folder / solutions.QUESTIONS).write_bytes(b"\xff\xfe")
    with pytest.raises(DamagedFile, match="UTF-8"):
        solutions.read(folder, "gemma_2b")
