"""What a run says, against counting by hand; its page; and the command."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import tiny_models

from w2s_utils.data.container import Dataset
from w2s_utils.experiments.classification import Judgements
from w2s_utils.experiments.protocol import Parts
from w2s_utils.llm import command, intervals, page, stages
from w2s_utils.llm.answer import answer
from w2s_utils.llm.intervals import over_seeds, paired_gain, sign, told_above_0
from w2s_utils.llm.settings import Settings
from w2s_utils.llm.stages import ALONE, CEILING, STUDENT, TEACHER, Run, Trial
from w2s_utils.methods.confidence import NAIVE, PAPER, RELEASED
from w2s_utils.theory.intervals import Interval, joint, mean_t, ratio_of_means, share

ROWS = 200
ABOUT = {
    "cut": 0.0,
    "parameters": 1000,
    "trained": 1010,
    "rate": 1e-3,
    "pooling": "last token",
    "device": "CPU",
    "key": "k",
    "seconds": 2.0,
}


def said(errors, truth, draws):
    """Probabilities that name the wrong class in so many random rows."""
    wrong = draws.permutation(len(truth))[:errors]
    chance = np.where(np.isin(np.arange(len(truth)), wrong), 1 - truth, truth) * 0.8 + 0.1
    return np.stack([1 - chance, chance], axis=1)


def made(seeds=1, teacher=60, students=(30, 60, 100), ceiling=10, alone=30, rows=ROWS, same=False):
    truth = np.arange(rows) % 2
    data = Dataset(
        "made", "made", np.resize(truth, rows + 40), inputs=("x",) * (rows + 40), classes=("no", "yes")
    )
    parts = Parts(np.arange(rows, rows + 20), np.arange(rows + 20, rows + 40), np.arange(rows))
    trials = {}
    for seed in range(seeds):
        draws = np.random.default_rng(seed)
        found = Judgements(
            np.eye(2)[truth],
            {"w": said(teacher + seed, truth, draws)},
            {
                ("w", method): said(errors + 2 * seed, truth, draws)
                for method, errors in zip((NAIVE, PAPER, RELEASED), students, strict=True)
            },
            said(ceiling, truth, draws),
            said(alone, truth, draws),
        )
        about = {
            role: {**ABOUT, "identity": role == TEACHER or same}
            for role in (TEACHER, CEILING, ALONE, *(f"{STUDENT}, {m}" for m in (NAIVE, PAPER, RELEASED)))
        }
        trials[seed] = Trial(parts, found, about)
    return Run(Settings("x/w", "x/s", seeds=seeds, labels=50), data, trials, [])


def test_errors_and_gains_are_counts_of_rows():
    found = answer(made())
    errors = [one.errors.estimate * ROWS for one in found.standings]
    assert errors == pytest.approx([60, 30, 60, 100, 10, 30])
    assert found.standings[1].errors == share(30, ROWS)
    assert [one.gain.estimate * ROWS for one in found.gained] == pytest.approx([30, 0, -40])
    assert [one.sign for one in found.gained] == [1, 0, -1]
    assert [one.over_alone.estimate * ROWS for one in found.gained] == pytest.approx([0, -30, -70])
    assert found.majority == 0.5


def test_the_gap_recovered_has_fiellers_interval_over_rows():
    run = made()
    one = run.trials[0].judgements
    wrong = {
        name: (table.argmax(1) != one.truth.argmax(1)).astype(float)
        for name, table in (("w", one.weak["w"]), ("s", one.students["w", NAIVE]), ("c", one.ceiling))
    }
    known = ratio_of_means(wrong["w"] - wrong["s"], wrong["w"] - wrong["c"])
    assert answer(run).gained[0].pgr == known and known.estimate == pytest.approx(30 / 50)


def test_the_gap_recovered_is_withheld_without_a_gap():
    found = answer(made(ceiling=60))
    assert all(one.pgr is None for one in found.gained)
    assert (
        "is withheld: the ceiling errs in 0.300 of the judged rows and the teacher in 0.300"
        in found.pgr_sentence()
    )
    near = answer(made(ceiling=58))  # a gap, but not told from 0: the ratio would be 15
    assert near.gained[0].pgr is None and "so no gap is told from 0" in near.pgr_sentence()


def test_several_seeds_are_units():
    run = made(seeds=4)
    found = answer(run)
    level = joint(6)
    assert found.gained[0].gain == mean_t([(60 - 30 - seed) / ROWS for seed in range(4)], level)
    assert found.standings[0].errors == mean_t([(60 + seed) / ROWS for seed in range(4)])
    known = ratio_of_means(
        [(30 - seed) / ROWS for seed in range(4)], [(50 + seed) / ROWS for seed in range(4)]
    )
    assert found.gained[0].pgr == pytest.approx(known)
    assert any("over seeds" in one for one in found.caveats)


def test_seeds_that_agree_tell_nothing():
    assert [sign(Interval(0.1, *ends)) for ends in ((0.05, 0.2), (-0.1, 0.2), (0.1, 0.1))] == [1, 0, 0]
    assert sign(Interval(-0.1, -0.2, -0.05)) == -1


def test_the_certificate_knows_some_labels_only():
    found = answer(made()).gained[0]
    assert (found.few.labels, found.few.rows) == (50, ROWS)
    assert found.few.low < found.gain.estimate < found.few.high
    assert (
        found.few.high - found.few.low > found.gain.high - found.gain.low
    )  # fewer labels, a longer interval
    few = made(rows=40, teacher=20, students=(10, 20, 30), ceiling=5, alone=10)
    assert answer(few).gained[0].few.labels == 20  # half of the judged rows at most


def test_the_headline_says_what_is_told():
    assert answer(made()).headline() == (
        "The student beats its teacher with the loss “naive”; does worse than its teacher with the loss “confidence, "
        "released”; is not told from it with the loss “confidence, paper”."
    )
    assert answer(made(students=(20, 20, 20))).headline() == "The student beats its teacher, with each loss."
    assert (
        answer(made(students=(60, 60, 60))).headline() == "Cannot tell whether the student beats its teacher."
    )
    assert (
        "the student does better, with each loss."
        in answer(made(students=(5, 5, 5), alone=80)).control_sentence()
    )


@pytest.mark.parametrize(("better", "worse"), [(0, 0), (1, 0), (3, 1), (20, 40)])
def test_the_interval_of_a_paired_gain_covers(better, worse):
    """Of many samples of rows like these, hardly more than 5 in 100 miss the true gain."""
    rows, draws = 100, np.random.default_rng(0)
    chances = np.array([better, worse, rows - better - worse]) / rows
    missed = 0
    for counts in draws.multinomial(rows, chances, size=400):
        found = paired_gain(np.repeat([1.0, -1.0, 0.0], counts))
        assert found.low <= found.estimate <= found.high and found.high - found.low < 0.5
        missed += not found.low <= (better - worse) / rows <= found.high
    assert missed <= 25


def test_two_seeds_have_no_interval_and_tell_nothing(tmp_path):
    run = made(seeds=2)
    found = answer(run)
    assert found.gained[0].gain == Interval(*[pytest.approx((60 - 30 - 0.5) / ROWS)] * 3)
    assert {one.sign for one in found.gained} == {0} and all(one.pgr is None for one in found.gained)
    assert found.headline() == "Cannot tell whether the student beats its teacher."
    assert any("2 seeds: no interval is given over fewer than 3" in one for one in found.caveats)
    assert not any("learned anything" in one for one in found.caveats)  # each seed tells that from its rows
    text = page.write_page(tmp_path / "page.html", run, found).read_text(encoding="utf-8")
    assert "0.147 (no interval)" in text and "0.302 (no interval)" in command.summary(found)


def test_intervals_over_seeds_are_cut_to_what_can_be():
    assert over_seeds([0.0, 0.5, 1.0], 0.0) == Interval(0.5, 0.0, 1.0)
    assert over_seeds([-1.0, 0.0, 1.0], -1.0) == Interval(0.0, -1.0, 1.0)
    assert over_seeds([0.1, 0.2, 0.3], 0.0, 0.5) == mean_t([0.1, 0.2, 0.3], 0.5)
    assert intervals.written(over_seeds([0.5, 0.5, 0.5], 0.0)) == "0.500 (no interval)"
    assert intervals.written(Interval(-0.1, -0.2, 0.05), 2) == "−0.10 [−0.20, 0.05]"


def test_gains_are_told_over_seeds_or_by_the_rows_of_each():
    few, many = np.array([1.0] * 3 + [0.0] * 97), np.array([1.0] * 40 + [0.0] * 60)
    assert told_above_0([many]) and told_above_0([many, many]) and told_above_0([many] * 3)
    assert not told_above_0([few]) and not told_above_0([few, many]) and not told_above_0([-many] * 3)
    rare = [
        np.repeat([1.0, 0.0], [k, 100 - k]) for k in (3, 4, 5)
    ]  # no seed tells by itself, together they do
    assert told_above_0(rare) and not any(told_above_0([one]) for one in rare)


def test_one_class_and_one_model_are_told():
    assert any("are the same" in one for one in answer(made(same=True)).caveats)
    run = made(teacher=0, ceiling=0)
    assert not any("are the same" in one or "of one class" in one for one in answer(run).caveats)
    parts = replace(run.trials[0].parts, evaluation=np.arange(0, ROWS, 2))
    few = Judgements(*(
        {key: table[::2] for key, table in one.items()} if isinstance(one, dict) else one[::2]
        for one in (getattr(run.trials[0].judgements, name) for name in ("truth", "weak", "students", "ceiling", "alone"))
    ))  # fmt: skip
    notes = answer(replace(run, trials={0: replace(run.trials[0], parts=parts, judgements=few)})).caveats
    assert any("All judged rows are of one class, “no”" in one for one in notes)
    assert not any("learned anything" in one for one in notes)


def test_files_of_runs_that_differ_have_other_names():
    run = made()
    name = command.run_name(run)
    others = [
        replace(run, settings=replace(run.settings, labels=51)),
        replace(run, data=replace(run.data, targets=1 - run.data.targets)),
        replace(
            run,
            trials={0: replace(run.trials[0], about={TEACHER: {**ABOUT, "key": "other"}})},
        ),
    ]
    assert name == command.run_name(made()) and len({name, *map(command.run_name, others)}) == 4


def test_what_has_learned_nothing_and_few_rows_are_told():
    notes = answer(made(teacher=110, ceiling=100)).caveats
    assert sum("it is not told to have learned anything" in one for one in notes) == 2
    assert any(
        "Only 40 rows" in one
        for one in answer(made(rows=40, teacher=20, students=(10,) * 3, alone=9)).caveats
    )
    assert not any("learned anything" in one or "Only" in one for one in answer(made()).caveats)


@pytest.fixture
def written(tmp_path):
    run = made()
    return page.write_page(tmp_path / "page.html", run, answer(run)).read_text(encoding="utf-8")


def test_the_page_holds_the_answer_and_loads_nothing(written):
    text = " ".join(re.sub(r"<[^>]+>", " ", written).split())
    for wanted in (
        "Does s, taught by w, beat its teacher?",
        "0.150 [",
        "0.60 [",
        "certificate from 50 labels",
        "last token",
    ):
        assert wanted in text, wanted
    assert not re.findall(r"(?:src|href)=|url\(", written)
    assert "nan" not in written.lower()


def test_the_page_says_what_is_withheld(tmp_path):
    run = made(ceiling=80)
    text = page.write_page(tmp_path / "page.html", run, answer(run)).read_text(encoding="utf-8")
    assert text.count("<td>withheld</td>") == 3 and "is withheld: the ceiling errs" in text


def test_the_drawing_places_errors_on_its_axis():
    found = answer(made())
    drawn = page.picture(found)
    places = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', drawn)]
    scale = (places[2] - places[0]) / (0.5 - 0.15)
    assert places[1] == pytest.approx(places[0] + 0.15 * scale, abs=0.2)
    assert page.LEFT + 0.15 * scale == pytest.approx(places[0], abs=0.2)
    assert "teacher 0.300 [" in drawn


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("W2S_PROFILE", "llm")
    tiny_models.causal(tmp_path / "weak")
    tiny_models.causal(tmp_path / "strong", hidden=24, seed=1)
    tiny_models.write_csv(tmp_path / "mine.csv", 60, 3)
    return tmp_path


def words(folder, *more):
    return [
        *(
            "--weak",
            str(folder / "weak"),
            "--strong",
            str(folder / "strong"),
            "--data",
            str(folder / "mine.csv"),
        ),
        *("--quiet", "--device", "cpu", "--epochs", "1", *more),
    ]


def test_the_command_gives_the_rows_of_the_function_and_a_page(folder, capsys):
    assert (
        command.main(words(folder, "--lora", "2", "--rate-weak", "1e-2", "--losses", "naive", "paper")) == 0
    )
    out = capsys.readouterr().out
    [path] = (folder / "build" / "rows").glob("mine_weak_strong_????????.csv")
    rows = pd.read_csv(path)
    assert f"page {path.stem}.html" in out and (folder / "build" / f"{path.stem}.html").is_file()
    from w2s_utils.llm import reading

    settings = Settings(
        str(folder / "weak"),
        str(folder / "strong"),
        epochs=1,
        lora=2,
        rate_weak=1e-2,
        methods=(NAIVE, PAPER),
        device="cpu",
    )
    found = stages.run(
        settings, reading.documents(str(folder / "mine.csv")), folder / "elsewhere", quiet=True
    )
    pd.testing.assert_frame_equal(rows, pd.DataFrame(found.rows), check_exact=True, check_dtype=False)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (["--weak", "/nowhere/gpt"], "there is no folder /nowhere/gpt"),
        (["--label", "target"], "there is no column 'target'"),
        (["--losses", "paper", "paper"], "--losses takes naive, paper, released, each once"),
        (["--text", "label"], "the texts and the labels are both the column 'label'"),
        (["--batch", "0"], "batch is a whole number >= 1"),
        (["--data", "SST-3"], "no set is called 'SST-3'"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_one_sentence_and_exit_2(folder, capsys, more, reason):
    assert command.main(words(folder, *more)) == command.REFUSED
    error = capsys.readouterr().err
    assert error.startswith("make llm cannot go on: ") and reason in error and error.count("\n") == 1


def test_a_file_in_place_of_the_build_folder_is_named(folder, capsys):
    (folder / "build").write_text("x")
    assert command.main(words(folder)) == command.REFUSED
    assert "cannot create the folder build (" in capsys.readouterr().err


def test_a_stopped_command_says_that_it_goes_on(folder, capsys, monkeypatch):
    def stopped(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(stages, "fit", stopped)
    assert command.main(words(folder)) == command.STOPPED
    assert "the same command goes on" in capsys.readouterr().err


def test_names_of_runs_are_names_of_files():
    run = replace(made(), settings=Settings("owner/some model@abc", "./x/y/"))
    assert re.fullmatch(r"made_some-model_y_[0-9a-f]{8}", command.run_name(run))


def test_the_makefile_calls_the_command():
    from pathlib import Path

    recipe = (Path(__file__).resolve().parents[2] / "Makefile").read_text(encoding="utf-8")
    assert '-m w2s_utils.llm --weak "$(WEAK)" --strong "$(STRONG)" --data "$(DATA)" $(ARGS)' in recipe
