"""The command ``w2s``: what it prints, how it ends, and that its own example runs."""

import gzip
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import w2s_utils
from w2s_utils import runtime
from w2s_utils.cli import app
from w2s_utils.cli.judging import judge as judge_command
from w2s_utils.data import datasets
from w2s_utils.data.datasets import SetStatus


@pytest.fixture
def table(tmp_path, monkeypatch):
    """``mine.csv`` in the working folder: the strong view holds the truth, the weak ones are its first columns, rounded."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    strong = rng.normal(size=(600, 3))
    truth = strong @ [1.0, 2.0, -1.0] + 0.1 * rng.normal(size=600)
    frame = pd.DataFrame(strong, columns=["s_1", "s_2", "s_3"])
    frame["w1"], frame["w2"] = np.sign(strong[:, 0]), np.sign(strong[:, 1])
    frame["y"] = np.where(np.arange(600) % 3 == 0, truth, np.nan)
    frame.to_csv("mine.csv", index=False)
    return frame


@pytest.fixture
def w2s(capsys):
    """Run the command in this process: exit code, standard output, standard error."""

    def run(words):
        code = app.main(shlex.split(words))
        return code, *capsys.readouterr()

    return run


JUDGE = "judge mine.csv --target y --strong 's_*' --weak small=w1,w2 --weak tiny=w1"


def test_the_example_of_the_help_runs_and_ends_with_the_answer_and_the_page(table, w2s, tmp_path):
    example = re.search(r"w2s (judge .*)", judge_command.help)[1]
    assert example == JUDGE
    code, out, err = w2s(example)
    assert code == 0 and not err
    assert "600 rows, 200 with a true label" in out and "The student of “" in out
    assert re.search(r"Page: mine\.html \(in \d+ s\)\n$", out)
    assert "Will a student of weak labels beat its teacher?" in (tmp_path / "mine.html").read_text()


def test_json_is_all_of_standard_output_and_agrees_with_the_words(table, w2s):
    code, out, _ = w2s(f"{JUDGE} --json --out other.html")
    found = json.loads(out)
    assert code == 0 and found["rows"] == 600 and found["labels"] == 200 and found["page"] == "other.html"
    assert [one["name"] for one in found["weak_models"]] == ["small", "tiny"]
    assert found["should_label"] == "small"
    for one in found["weak_models"]:
        assert one["low"] < one["gain"] < one["high"]
    _, spoken, _ = w2s(JUDGE)
    assert found["sentence"] in spoken and found["choice"] in spoken


def test_words_and_json_name_the_same_columns(table, w2s):
    _, plain, _ = w2s(f"{JUDGE} --json")
    _, as_json, _ = w2s(
        'judge mine.csv --target y --strong \'["s_1", "s_2", "s_3"]\' '
        '--weak \'{"small": ["w1", "w2"], "tiny": "w1"}\' --json'
    )
    assert json.loads(plain) == json.loads(as_json)


REFUSED = {
    "judge none.csv --target y --strong s_1 --weak w=w1": "there is no file none.csv",
    "judge mine.csv --target z --strong s_1 --weak w=w1": "no column 'z'",
    "judge mine.csv --target y --strong s_1 --weak w1": "small=w1,w2",
    "judge mine.csv --target y --strong s_1 --weak w=w1 --folds 2": "folds",
    "judge mine.csv --target y --strong s_1 --weak w=w1 --head oak": "ridge, least squares, norm ball",
    "judge mine.csv --target y --strong s_1 --weak w=w1 --level 2": "level",
    "judge mine.csv --target y --strong s_1 --weak w=w1 --folds many": "--folds is a whole number, such as 10, not many",
    "judge mine.csv --target y --strong s_1 --weak w=w1 --level high": "--level is a number, such as 0.95, not high",
    "judge mine.csv --target y --strong s_1 --weak w=w1 --seed 1.5": "--seed is a whole number from 0 to 429",
    "judge mine.csv --strong s_1": "name the column of true labels: --target y",
    "judge --target y": "w2s judge needs FILE, the path of a table",
    "judge mine.csv --target": "option '--target' requires an argument; w2s judge --help shows",
    "judge mine.csv --json=3 --target y": "option '--json' does not take a value; w2s judge --help shows",
    "judge mine.csv s_1 s_2 --target y": "got unexpected extra arguments (s_1 s_2); w2s judge --help shows",
    "judge mine.csv --targt y": "w2s judge has no option --targt; did you mean --target?",
    "judge mine.csv -target y": "w2s judge has no option -target; did you mean --target?",
    "judge mine.csv --weight_labels=g --target y": "did you mean --weak-labels?",
    "judge mine.csv --colour y": "w2s judge has no option --colour; w2s judge --help lists them",
    "judge mine.csv --target y --strong s_1": "no weak model",
    "certify mine.csv --weak w1 --student no --truth y": "no column 'no'",
    "judg mine.csv": "w2s has no command judg; did you mean judge?",
    "JUDGE mine.csv": "did you mean judge?",
    "help": "w2s has no command help; w2s --help lists them",
    "judge mine.csv --target y --target w1": "--target is given twice; give it once",
    "certify mine.csv --weak w1 --student s_1 --truth y --weak=w2": "--weak is given twice; give it once",
    "certify mine.csv --weak w1 --student s_1 --truth s_1": "the truth 's_1' is also the student column",
    "certify mine.csv --weak w1 --student s_1 --truth ' w1'": "the truth ' w1' is also the weak column",
    "--json": "w2s has no option --json; w2s --help lists them",
    "sets --chek": "w2s sets has no option --chek; did you mean --check?",
}


@pytest.mark.parametrize("words", REFUSED)
def test_input_that_cannot_be_used_is_refused_in_a_sentence(table, w2s, words):
    code, out, err = w2s(words)
    assert code == 2 and not out and REFUSED[words] in err and "Traceback" not in err
    assert len(err.splitlines()) == 1 and "Usage" not in err


AGAIN = "judge mine.csv --target y --strong 's_*' --weak w=w1"
UNUSABLE = {
    f"{AGAIN} --out mine.csv": "cannot take the place of mine.csv",
    f"{AGAIN} --out .": "cannot take the place of",
    f"{AGAIN} --out nowhere/page.html": "no page can be written to",
    f"{AGAIN} --out -": "cannot take the place of -",
    f"{AGAIN} --out /dev/stdout": "cannot take the place of /dev/stdout",
    f"{AGAIN} --out {'x' * 300}.html": r"no page can be written to x+\.\.\. \(30[56] characters\); make its folder",
    f"{AGAIN} --out ~nobody-here/page.html": "no page can be written to ~nobody-here/page.html",
    f"{AGAIN} --head {'x' * 5000}": r"the head is one of .* not 'x+\.\.\. \(5002 characters\)$",
    f"judge mine.csv --target {'y' * 5000} --strong s_1 --weak w=w1": r"no column 'y+\.\.\. \(5002 characters\); there are",
    f"judge {'x' * 300}.csv --target y --strong s_1 --weak w=w1": "a name of 304 characters is too long for a file",
    "judge - --target y --strong s_1 --weak w=w1": "standard input is not read",
    "judge / --target y --strong s_1 --weak w=w1": "the folder / holds no .parquet file; write the parts there, or give",
    """judge mine.csv --target y --strong 's_*' --weak '{"a": []}'""": "the columns of a weak model are words such as",
    f"{AGAIN} --seed -1": "--seed",
    f"{AGAIN} --seed 4294967296": "--seed",
    f"{AGAIN} --level 0.9999999999999999": "level",
    f"{AGAIN} --head 'norm ball' --radius 1e-300": "the radius is a number from",
    "judge pipe.csv --target y --strong s_1 --weak w=w1": "no regular file",
    "judge ~nobody-here/a.csv --target y --strong s_1 --weak w=w1": "names no user of this machine",
    "judge '' --target y --strong s_1 --weak w=w1": "a path is text",
    """judge mine.csv --target y --strong 's_*' --weak '{"a": ["w1"], "a": ["w2"]}'""": "'a' is named twice",
    """judge mine.csv --target y --strong 's_*' --weak '{"": ["w1"]}'""": "small=w1,w2",
    "judge mine.csv --target ' y' --strong 's_*' --weak w=w1,y": "also among the weak",
    "judge flat.csv --target y --strong s_1 --weak w=w1": "the strong view is the same in every row",
    "judge damaged.csv.gz --target y --strong s_1 --weak w=w1": "damaged",
    "certify mine.csv --weak w1 --student s_1 --truth y --level 0.9999999999999999": "the level",
    "certify . --weak w1 --student s_1 --truth y": "is a folder",
}  # fmt: skip


@pytest.mark.parametrize("words", UNUSABLE, ids=lambda words: words[:70])
def test_what_a_breaker_tried_is_refused_in_a_sentence_and_harms_nothing(table, w2s, tmp_path, words):
    os.mkfifo(tmp_path / "pipe.csv")
    table.assign(s_1=1.0).to_csv("flat.csv", index=False)
    packed = bytearray(gzip.compress(Path("mine.csv").read_bytes()))
    packed[100:160] = b"x" * 60
    Path("damaged.csv.gz").write_bytes(packed)
    before = Path("mine.csv").read_bytes()
    code, out, err = w2s(words)
    assert code == 2 and not out and re.search(UNUSABLE[words], err) and "Traceback" not in err, err
    assert Path("mine.csv").read_bytes() == before


def test_a_page_goes_through_a_link_and_a_narrow_terminal_gets_what_it_can_show(table, w2s):
    Path("real.html").write_text("old")
    Path("link.html").symlink_to("real.html")
    assert w2s(f"{AGAIN} --out link.html")[0] == 0
    assert Path("link.html").is_symlink() and "<svg" in Path("real.html").read_text()
    command = [sys.executable, "-m", "w2s_utils.cli", *shlex.split(AGAIN)]
    folder = str(Path(w2s_utils.__file__).parents[1])
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONPATH": folder}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0 and not done.stderr


def test_json_says_what_is_told_and_a_certificate_of_few_labels_is_doubted(table, w2s):
    found = json.loads(w2s(f"{JUDGE} --json")[1])
    for one in found["weak_models"]:
        assert {"sign", "kind", "slope", "widened", "carrying"} <= set(one) and "lower_bound" not in one
    assert {one["role"] for one in found["candidates"]} == {"constant", "teacher", "student", "alone"}
    rng = np.random.default_rng(1)
    truth = rng.normal(size=90)
    few = {"w": truth + rng.normal(size=90), "p": truth, "y": np.where(np.arange(90) < 9, truth, np.nan)}
    pd.DataFrame(few).to_csv("few.csv", index=False)
    assert "9 true labels are few" in w2s("certify few.csv --weak w --student p --truth y")[1]
    assert "the gain is 0" in w2s("certify few.csv --weak w --student w --truth y")[1]
    told = json.loads(w2s("certify few.csv --weak w --student p --truth y --json")[1])
    assert {"sign", "doubts", "lower_bound"} <= set(told)


def test_names_that_would_end_a_line_or_command_a_terminal_are_written_out(table, w2s):
    odd = table.rename(columns={"w1": "w\n1\x1b[31m"})
    odd.to_csv("new\nline.csv", index=False)
    code, out, err = w2s(
        """judge 'new\nline.csv' --target y --strong 's_*' --weak 'a\nb=w\n1*' --weak "ü=w2" """
    )
    assert (code, err) == (0, "") and "\x1b" not in out
    assert out.startswith("new\\nline: 600 rows") and r"  a\nb  " in out and r"Page: new\nline.html" in out
    code, out, err = w2s("judge mine.csv --target 'y\n\x1b[31m' --strong s_1 --weak w=w1")
    assert (code, out, len(err.splitlines())) == (2, "", 1) and "\x1b" not in err


def test_a_page_that_the_system_takes_not_is_a_sentence_about_the_page(table, w2s, monkeypatch):
    def refuses(path, mode="w"):
        raise runtime.UnwritableFolder("cannot write into . (Read-only file system)")

    monkeypatch.setattr("w2s_utils.own_data.page.runtime.atomic_file", refuses)
    code, out, err = w2s(AGAIN)
    assert (code, out) == (2, "") and err.startswith("no page can be written to mine.html; make its folder")


def test_a_page_goes_below_home(table, w2s, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert w2s(f"{AGAIN} --out '~/there.html'")[0] == 0 and (tmp_path / "there.html").is_file()


def test_settings_and_memory_that_do_not_do_are_said(table, w2s, monkeypatch):
    monkeypatch.setenv("W2S_WORKERS", "many")
    assert w2s(AGAIN)[::2] == (2, "W2S_WORKERS is a number of processes >= 1, not 'many'\n")
    monkeypatch.delenv("W2S_WORKERS")

    def large(*_, **__):
        raise MemoryError("Unable to allocate 9 TiB")

    monkeypatch.setattr("w2s_utils.cli.data_options.judged_rows", large)
    code, out, err = w2s(AGAIN)
    assert (code, out) == (2, "") and "too little memory (Unable to allocate 9 TiB); give fewer" in err


def test_a_warning_is_a_sentence_and_said_once(w2s, monkeypatch):
    def warned():
        for _ in range(3):
            warnings.warn("W2S_DATA_MIRROR names no folder, so it is not used", stacklevel=1)
        return [SetStatus(name, "unreachable", "no network") for name in ("ESOL", "FreeSolv", "Lipop")]

    monkeypatch.setattr("w2s_utils.data.datasets.status", warned)
    code, out, err = w2s("sets --check")
    assert code == 0 and "unreachable: no network" in out
    assert err == "W2S_DATA_MIRROR names no folder, so it is not used\n"


@pytest.mark.parametrize("closed", [[0], [1], [2], [0, 1, 2]])
def test_closed_streams_change_no_answer_and_no_page(table, closed):
    environment = {**os.environ, "PYTHONPATH": str(Path(w2s_utils.__file__).parents[1])}
    shut = " ".join(f"{number}>&-" for number in closed)
    line = f"{shlex.quote(sys.executable)} -m w2s_utils.cli {AGAIN} {shut}"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("200 with a true label" in done.stdout) == (1 not in closed)
    assert Path("mine.html").read_text("utf-8").startswith("<!doctype html>")
    line = line.replace("mine.csv", "none.csv")
    done = subprocess.run(line, shell=True, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("words", [AGAIN, f"{AGAIN} --json", "sets", "judge --help"])
def test_a_reader_that_has_closed_is_no_fault(table, words):
    environment = {**os.environ, "PYTHONPATH": str(Path(w2s_utils.__file__).parents[1])}
    line = f"{shlex.quote(sys.executable)} -m w2s_utils.cli {words} | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_folder_below_home_is_read_some_rows_at_a_time(table, w2s, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "parts").mkdir()
    table.to_parquet(tmp_path / "parts" / "one.parquet")
    code, out, err = w2s("judge ~/parts --target y --strong 's_*' --weak w=w1")
    assert (code, err) == (0, "") and "some rows at a time" in out


STARTING = """print("ready", flush=True)
from w2s_utils.cli.app import main
"""
JUDGING = """from w2s_utils.cli import data_options
from w2s_utils.cli.app import main
def judged(*given, judge=data_options.judged_rows, **named):
    print("ready", flush=True)
    while True:
        judge(*given, **named)
data_options.judged_rows = judged
"""
ON_LARGE = "judge large.npz --target y --strong s --weak w=w"


@pytest.mark.parametrize(
    ("code", "seconds"), [(STARTING, 0.05), (STARTING, 0.15), (STARTING, 0.3), (JUDGING, 0.0), (JUDGING, 0.3)]
)
def test_ctrl_c_is_one_word_and_130_from_the_first_moment_on(tmp_path, monkeypatch, code, seconds):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    strong = rng.normal(size=(60_000, 100))
    np.savez("large.npz", s=strong, w=strong[:, 0] + rng.normal(size=60_000), y=strong.sum(axis=1))
    child = subprocess.Popen(
        [sys.executable, "-c", f"import sys\n{code}sys.exit(main({shlex.split(ON_LARGE)}))"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(w2s_utils.__file__).parents[1])},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # jobs behind ignore it
    )
    assert child.stdout.readline() == "ready\n"
    time.sleep(seconds)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out, err) == (130, "", "stopped\n")
    assert os.listdir() == ["large.npz"]


def test_what_is_not_installed_in_full_says_so(tmp_path):
    (tmp_path / "pandas.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'pandas'\", name='pandas')"
    )
    command = [sys.executable, "-m", "w2s_utils.cli", "sets"]
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{Path(w2s_utils.__file__).parents[1]}"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "w2s is not installed in full (No module named 'pandas'); install it again: pip install .\n"
    )


def test_a_fault_of_ours_is_called_so(table, w2s, monkeypatch):
    monkeypatch.setattr("w2s_utils.cli.judging.write_page", lambda *_: 1 / 0)
    code, _, err = w2s(JUDGE)
    assert (
        code == 1 and "a fault of w2s, not of your input (ZeroDivisionError" in err and "W2S_DEBUG=1" in err
    )
    monkeypatch.setenv("W2S_DEBUG", "1")
    assert "Traceback" in w2s(JUDGE)[2]


def test_predictions_that_exist_already_get_a_certificate(table, w2s):
    rng = np.random.default_rng(1)
    truth = rng.normal(size=900)
    weak = truth + rng.normal(size=900)
    student = truth + 0.5 * (weak - truth)
    known = np.where(rng.random(900) < 0.2, truth, np.nan)
    pd.DataFrame({"w": weak, "p": student, "y": known}).to_csv("labels.csv", index=False)
    code, out, err = w2s("certify labels.csv --weak w --student p --truth y")
    assert code == 0 and not err and "The student gains." in out
    code, out, _ = w2s("certify labels.csv --weak w --student p --truth y --json")
    found = json.loads(out)
    assert found["rows"] == 900 and found["low"] < 0.75 < found["high"]
    assert found["misfit"] == pytest.approx(np.mean((weak - student) ** 2), rel=1e-6)


def test_sets_are_listed_with_size_source_and_licence(w2s):
    code, out, _ = w2s("sets")
    assert code == 0
    for name in ("ESOL", "FreeSolv", "Lipop", "EmoBank", "AG News", "diabetes"):
        assert name in out
    assert (
        out.count("licence: ") == out.count("cite: ") == len(datasets.names()) and "kB, from https://" in out
    )
    assert 'load("SST-2"), after import w2s_utils.texts.classification' in out


def test_the_doctor_names_what_is_missing_and_what_mends_it(w2s, monkeypatch):
    from importlib import metadata

    real = metadata.version

    def version(name):
        if name in ("pyarrow", "openpyxl"):
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, "version", version)
    code, out, _ = w2s("doctor")
    assert code == 0
    assert "[missing]  parquet (Parquet and feather files): pip install 'pyarrow>=18'" in out
    assert "[missing]  excel (xlsx files): pip install 'openpyxl>=3.1'" in out
    assert "[ok]       distributed" in out


def test_the_doctor_tries_what_the_system_says(w2s, monkeypatch):
    monkeypatch.setattr(
        "w2s_utils.data.datasets.status", lambda: [SetStatus("ESOL", "unreachable", "no network")]
    )
    monkeypatch.setenv("W2S_CACHE", "/proc/cache")
    code, out, _ = w2s("doctor")
    assert code == 2 and "[broken]   downloads cannot go to /proc/cache; make it writable" in out
    assert "[missing]  data set ESOL" in out and "W2S_DATA_MIRROR, a folder that has the files" in out


def test_the_command_starts_without_what_it_does_not_need():
    lines = "import sys, w2s_utils.cli.commands; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", lines], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"torch", "rdkit", "matplotlib", "seaborn", "openpyxl", "transformers"} & set(loaded)


EXTRAS = (
    "torch",
    "transformers",
    "rdkit",
    "matplotlib",
    "seaborn",
    "pyarrow",
    "openpyxl",
    "dask",
    "distributed",
    "papermill",
    "IPython",
)


@pytest.fixture
def away(table, tmp_path):
    """Run the command as a copy of the package, away from the checkout, in an interpreter that has none of the extras."""
    shutil.copytree(Path(w2s_utils.__file__).parent, tmp_path / "site" / "w2s_utils")
    (tmp_path / "site" / "without.py").write_text(
        f"""import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {EXTRAS}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Finder())
from w2s_utils.cli.app import main
sys.exit(main())
"""
    )

    def run(words):
        command = [sys.executable, "-P", "-m", "without", *shlex.split(words)]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        return done.returncode, done.stdout, done.stderr

    return run


def test_away_from_the_repository_and_without_extras_the_command_answers(away, tmp_path):
    code, out, err = away(JUDGE)
    assert (code, err) == (0, "") and "The student of “" in out and (tmp_path / "mine.html").is_file()
    code, out, err = away("certify mine.csv --weak w1 --student s_1 --truth y")
    assert (code, err) == (0, "") and "Gain " in out
    code, out, err = away("sets")
    assert (code, err) == (0, "") and "Lipop" in out


def test_a_missing_extra_is_a_sentence_with_its_install_line(away, tmp_path):
    (tmp_path / "mine.parquet").write_bytes(b"PAR1")
    (tmp_path / "mine.xlsx").write_bytes(b"PK")
    needed = {
        "judge mine.parquet --target y --strong s --weak w=w": "pip install pyarrow",
        "judge mine.xlsx --target y --strong s --weak w=w": "pip install openpyxl",
        "judge mine.csv --target y --smiles w1": "pip install rdkit",
    }
    for words, install in needed.items():
        code, out, err = away(words)
        assert code == 2 and not out and install in err and len(err.splitlines()) == 1, err
