"""Notebooks run, fail, are killed and go on; whatever happens, only a whole run looks finished."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbformat.v4 import new_output
from tiny_checkout import chain, make_checkout, notebook

from w2s_utils import judgement, runtime
from w2s_utils.chain import commands, execution, parameters, progress, stamps

REPOSITORY = Path(__file__).resolve().parents[2]

HEADER = ",".join(column for column in judgement.COLUMNS if column != "seconds") + "\n"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run one notebook with the given further cells in this process; returns exit code, printed line, build folder."""
    kept = dict(os.environ)
    build = tmp_path / "build"
    monkeypatch.setenv("W2S_BUILD", str(build))

    def run(*cells, text=None, header="", more=(), profile="smoke"):
        root = make_checkout(tmp_path, **{"10_one": text or notebook("10_one", *cells, header=header)})
        code = commands.main(["--root", str(root), "run", "10_one", "--profile", profile, *more])
        return code, capsys.readouterr().out.strip(), build

    yield run
    os.environ.clear()
    os.environ.update(kept)


def assert_failed(outcome, *words):
    code, printed, build = outcome
    assert code == 1
    assert len(printed.splitlines()) == 1 and "10_one  FAILED" in printed
    for word in words:
        assert word in printed
    assert not (build / "notebooks" / "10_one.ipynb").exists()


def test_a_whole_run_is_stamped_and_leaves_no_partial_file(run):
    code, printed, build = run(header="smoke: {rows: 3}")
    assert code == 0 and printed.startswith("[1/1] 10_one  done in")
    assert [path.name for path in (build / "notebooks").iterdir()] == ["10_one.ipynb"]
    result = json.loads((build / "notebooks" / "10_one.ipynb").read_text())
    stamp = result["metadata"]["w2s"]
    assert stamp["profile"] == "smoke" and stamp["parameters"] == {"rows": 3} and stamp["seconds"] > 0
    assert stamp["source_sha256"] == parameters.source_sha256(build.parent / "notebooks" / "10_one.py")
    assert len((build / "rows" / "10_one.csv").read_text().splitlines()) == 1 + 3
    assert all(cell["execution_count"] for cell in result["cells"] if cell["cell_type"] == "code")


def test_parameters_by_hand_are_for_the_lab_profile(run):
    code, _, build = run(profile="lab", more=["-p", "rows=6"])
    assert code == 0 and len((build / "rows" / "10_one.csv").read_text().splitlines()) == 1 + 6


def test_another_place_by_hand_is_for_the_lab_profile_too(run, tmp_path):
    code, printed, build = run(profile="lab", more=["--output", str(tmp_path / "mine.ipynb")])
    assert code == 0, printed
    assert (tmp_path / "mine.ipynb").is_file() and not (build / "notebooks").exists()


@pytest.mark.parametrize("more", [["-p", "rows=6"], ["--output", "elsewhere.ipynb"]])
@pytest.mark.parametrize("profile", ["full", "smoke"])
def test_other_values_never_reach_the_other_profiles(run, profile, more):
    code, printed, build = run(profile=profile, more=more)
    assert code == 1 and "--profile lab" in printed and not (build / "rows").exists()


def test_the_kernel_works_in_the_notebooks_folder_with_one_thread(run):
    check = "import os, pathlib\nassert pathlib.Path.cwd().name == 'notebooks'\nassert os.environ['OMP_NUM_THREADS'] == '1'"
    assert run(check)[0] == 0


def test_a_progress_bar_leaves_one_line(run):
    bar = "from tqdm import tqdm\nimport time\nfor _ in tqdm(range(40), mininterval=0): time.sleep(.005)"
    _, _, build = run(bar)
    cells = json.loads((build / "notebooks" / "10_one.ipynb").read_text())["cells"]
    assert len(cells[-1]["outputs"]) == 1 and len("".join(cells[-1]["outputs"][0]["text"]).splitlines()) == 1


@pytest.mark.parametrize(("stream", "size"), [("stdout", 1_000_000), ("stderr", 10_000_000)])
def test_a_long_line_takes_no_longer_than_it_takes_to_print(run, size, stream):
    start = time.monotonic()
    code, _, build = run(f"import sys\nprint('y' * {size}, file=sys.{stream})", header="timeout: 60")
    assert code == 0 and time.monotonic() - start < 40
    [output] = json.loads((build / "notebooks" / "10_one.ipynb").read_text())["cells"][-1]["outputs"]
    assert output["name"] == stream and len("".join(output["text"])) == size + 1


PRINTED = {
    "a bar": ("10 %\r20 %\r30 %\n", "30 %\n"),
    "a bar that is not at its end": ("10 %\r20 %\r", "20 %\r"),
    "lines of a foreign system": ("one\r\ntwo\r\n", "one\r\ntwo\r\n"),
    "a bar and lines": ("one\n1\r2\r3\ntwo", "one\n3\ntwo"),
    "a million refreshes": ("x\r" * 1_000_000 + "end\n", "end\n"),
    "a million lines": ("line\n" * 1_000_000, "line\n" * 1_000_000),
    "nothing": ("", ""),
}


@pytest.mark.parametrize("cut", [1, 3, 10**9])
@pytest.mark.parametrize(("printed", "shown"), PRINTED.values(), ids=PRINTED)
def test_what_is_printed_in_pieces_is_one_output_with_what_stood_last(printed, shown, cut):
    if cut < 10**9 and len(printed) > 100:
        cut = len(printed) // cut // 100 + 1
    pieces = [printed[start : start + cut] for start in range(0, len(printed), cut)] or [""]
    outputs = [new_output("stream", name="stderr", text="late\n")]
    outputs += [new_output("stream", name="stdout", text=piece) for piece in pieces]
    start = time.monotonic()
    joined = execution.joined_streams([*outputs, new_output("display_data"), *outputs[:1]])
    assert time.monotonic() - start < 5
    assert [one.get("name") for one in joined] == ["stdout", "stderr", None]
    assert joined[0].text == shown and joined[1].text == "late\nlate\n"


def test_a_cell_that_raises_fails_the_notebook_and_keeps_partial_file_and_log(run):
    outcome = run("print('so far')", "raise ValueError('too small')", "print('never')")
    assert_failed(outcome, "ValueError: too small", "10_one.log")
    build = outcome[2]
    assert (build / "notebooks" / "10_one.partial.ipynb").is_file()
    log = (build / "logs" / "10_one.log").read_text()
    assert "so far" in log and log.rstrip().endswith("ValueError: too small") and "\x1b" not in log


def test_a_quiet_exit_in_a_cell_is_a_failure(run):
    assert_failed(run("raise SystemExit(0)", "print('never')"), "SystemExit")


def test_a_killed_kernel_is_a_failure(run):
    assert_failed(
        run("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "print('never')"), "kernel died"
    )


def test_the_time_limit_kills_a_kernel_that_does_not_listen(run):
    deaf = "import os, signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    deaf += "print('pid =', os.getpid())\ntime.sleep(600)"
    start = time.monotonic()
    outcome = run(deaf, header="timeout: 5")
    assert time.monotonic() - start < 30
    assert_failed(outcome, "more than 5 s")
    log = (outcome[2] / "logs" / "10_one.log").read_text()
    kernel = int(log.split("pid = ")[1].split()[0])
    with pytest.raises(ProcessLookupError):
        os.kill(kernel, 0)


@pytest.mark.parametrize("name", ["nothing", "unread"])
def test_a_value_injected_in_vain_is_refused_before_anything_runs(run, name):
    outcome = run(header=f"smoke: {{{name}: 1}}")
    assert_failed(outcome, "UnknownParameter", name)
    assert not (outcome[2] / "rows").exists()


@pytest.mark.parametrize(
    "text", ["n = (\n", "# ---\n# jupyter:\n#   kernelspec: {name: python3}\n# ---\n\n# %%\n1\n"]
)
def test_an_unreadable_notebook_is_one_clear_line(run, text):
    assert_failed(run(text=text), "UnreadableNotebook")


def test_an_unwritable_build_folder_is_named(run, tmp_path):
    (tmp_path / "build").write_text("a file where the folder should be")
    code, printed, _ = run()
    assert code == 1 and "UnwritableFolder" in printed and "W2S_BUILD" in printed


def test_a_failure_leaves_nothing_of_an_earlier_run(run):
    code, _, build = run(profile="full")
    assert code == 0 and (build / "notebooks" / "10_one.ipynb").is_file()
    assert_failed(run("1 / 0", profile="full"))
    assert stamps.unfinished(build.parent) == ["10_one"]
    code, _, _ = run("import os", text="# %%\nn = (", profile="full")
    assert code == 1 and not (build / "claims" / "10_one.csv").exists()


def test_a_result_of_another_key_is_run_again_however_new(run):
    _, _, build = run(profile="full")
    stamps.write_keys(build.parent, "full", {})
    assert stamps.unfinished(build.parent) == []
    result = build / "notebooks" / "10_one.ipynb"
    done = stamps.done_path("10_one")
    done.write_text(done.read_text().replace('"key_sha256": "', '"key_sha256": "0'))
    stamps.write_keys(build.parent, "full", {})
    assert stamps.unfinished(build.parent) == ["10_one"]
    key = stamps.key_path("10_one")
    assert result.stat().st_mtime_ns < key.stat().st_mtime_ns  # so make sees it too


def test_stamps_run_finish_from_start_to_end(tmp_path):
    page = '(runtime.build_folder() / "report.html").write_text("a page")'
    texts = {"10_one": notebook("10_one"), "90_report": notebook("90_report", page)}
    root, build = make_checkout(tmp_path, **texts), tmp_path / "build"
    first = chain(root, build, "stamps", "--profile", "full")
    assert "2 notebooks at full values, 2 to run" in first.stdout
    assert "[1/2] 10_one  done" in chain(root, build, "run", "10_one", "--profile", "full").stdout
    half = chain(root, build, "finish", "--profile", "full")
    assert (
        half.returncode == 1
        and "90_report did not" in half.stdout
        and "1 pass, 0 fail, 1 not run" in half.stdout
    )
    assert "[2/2] 90_report  done" in chain(root, build, "run", "90_report", "--profile", "full").stdout
    whole = chain(root, build, "finish", "--profile", "full")
    assert whole.returncode == 0 and "2 pass" in whole.stdout, whole.stdout
    start = time.monotonic()
    assert "up to date" in chain(root, build, "stamps", "--profile", "full").stdout
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(("profile", "expected"), [("full", 1), ("smoke", 0)])
def test_a_failed_claim_counts_at_full_values_only(tmp_path, monkeypatch, capsys, profile, expected):
    monkeypatch.setenv("W2S_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("W2S_PROFILE", profile)
    root = make_checkout(tmp_path, **{"10_one": notebook("10_one")})
    stamps.write_keys(root, profile, {})
    for path, text in [
        (stamps.result_path("10_one"), "{}"),
        (tmp_path / "build" / "claims" / "10_one.csv", HEADER + "10_one-mean,here,,,,,mean,0,1,2,fail,\n"),
    ]:  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    stamps.record_done("10_one", stamps.key_path("10_one").read_text(), [stamps.result_path("10_one")])
    for command in (["finish"], ["verdicts", "10_one"]):
        assert commands.main(["--root", str(root), *command, "--profile", profile]) == expected
        assert "[fail]  10_one-mean" in capsys.readouterr().out


def test_strict_without_data_stops_before_the_chain_and_says_what_to_do(tmp_path, monkeypatch, capsys):
    from w2s_utils.data import datasets

    message = "set.csv cannot be reached. Three ways to supply it:\n  1. mirror\n  2. cache\n  3. https://example.org/set.csv"
    monkeypatch.setattr(datasets, "names", lambda: ("ESOL",))
    monkeypatch.setattr(datasets, "reachable", lambda name: False)
    monkeypatch.setattr(datasets, "problems", lambda name: [message, message])
    monkeypatch.setenv("W2S_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("W2S_PROFILE", "full")
    root = make_checkout(tmp_path, **{"10_one": notebook("10_one")})
    assert commands.main(["--root", str(root), "stamps", "--profile", "full", "--strict"]) == 1
    assert message in capsys.readouterr().out and not (tmp_path / "build").exists()
    claims = tmp_path / "build" / "claims" / "10_one.csv"
    claims.parent.mkdir(parents=True)
    claims.write_text(HEADER + "10_one-mean,here,,,,,mean,,,,not run,data unreachable\n")
    assert commands.main(["--root", str(root), "finish", "--profile", "full", "--strict"]) == 1
    assert capsys.readouterr().out.rstrip().endswith("(so with 1 more of its files)")


def test_remaining_time_comes_from_earlier_runs_and_the_pace_of_this_one():
    now = time.time()
    state = progress.Progress(started=now - 20, names=["a", "b", "c"], done={"a": 18.0})
    assert state.left({}) == pytest.approx(40, rel=0.02 + 20 / 180)  # two more like the first
    assert state.left({"a": 10.0, "b": 30.0, "c": 1.0}) == pytest.approx(62, rel=0.01)  # half the usual pace
    assert progress.Progress(now, ["a"], {"a": 1.0}).left({}) is None
    assert progress.duration(92.7) == "1:32"


@pytest.fixture
def make(tmp_path):
    """The repository's Makefile over a checkout of tiny notebooks: gives command and environment."""

    def make(texts, *targets):
        root = make_checkout(tmp_path / "checkout", **texts)
        shutil.copy(REPOSITORY / "Makefile", root)
        command = ["make", "-C", str(root), *targets, "PROFILE=full"]
        command.append(f"CHAIN={sys.executable} -m w2s_utils.chain --root {root}")
        command += [f"W2S_WORKING_TREE={REPOSITORY}", "INSTALLED=", "PYTHON=true", "PYTHON3=true"]
        (root / ".venv").mkdir(exist_ok=True)
        (root / ".venv" / ".installed").write_text("")
        return command

    return make


def environment(build):
    """For make: results in ``build``, and Python's safe path, else the checkout's stand-in for the package is imported."""
    return {**os.environ, "W2S_BUILD": str(build), "PYTHONSAFEPATH": "1"}


def call(command, build):
    return subprocess.run(command, env=environment(build), capture_output=True, text=True, check=False)


@pytest.mark.timeout(400)
def test_whatever_file_of_a_run_is_lost_or_cut_the_next_make_brings_it_back(make, tmp_path):
    """Shown by the lost rows and claims of a smoke run that counted as done, or stayed red for good."""
    command, build = make({"10_one": notebook("10_one")}, "10_one"), tmp_path / "build"
    assert call(command, build).returncode == 0
    written = [
        path
        for folder in ("rows", "claims", "notebooks", "stamps", "logs")
        for path in (build / folder).iterdir()
    ]
    kept = [path for path in written if path.name not in ("10_one.log", "make.json", "progress.txt")]
    assert {"10_one.csv", "10_one.ipynb", "10_one.key", "10_one.done"} <= {path.name for path in kept}
    same = [path for path in kept if path.parent.name in ("rows", "claims")] + [
        build / "stamps" / "10_one.key"
    ]
    content = {path: path.read_bytes() for path in same}
    for path in kept:
        for damage in (path.unlink, lambda path=path: path.write_bytes(path.read_bytes()[:-3])):
            damage()
            again = call(command, build)
            assert again.returncode == 0, again.stdout + again.stderr
            assert {path: path.read_bytes() for path in same} == content and path.is_file()
    assert "1 notebook up to date" in call(command, build).stdout


def test_one_notebook_by_hand_counts_itself_shows_its_verdicts_and_is_red_for_a_failed_claim(make, tmp_path):
    texts = {"10_one": notebook("10_one").replace("high=5)", "high=-4)"), "20_two": notebook("20_two")}
    command, build = make(texts, "10_one"), tmp_path / "build"
    first = call(command, build)
    assert first.returncode == 2 and "1 notebook at full values, 1 to run" in first.stdout
    assert "[1/1] 10_one  done" in first.stdout and "[fail]  10_one-mean" in first.stdout
    again = call(command, build)
    assert again.returncode == 2 and "up to date" in again.stdout and "[fail]" in again.stdout
    other = call(["20_two" if word == "10_one" else word for word in command], build)
    assert other.returncode == 0 and "[pass]  20_two-mean" in other.stdout and "10_one" not in other.stdout


@pytest.mark.timeout(300)
def test_those_after_all_others_run_last_and_again_when_another_did(make, tmp_path):
    count = (
        "shown = sorted(path.name for folder in ('rows', 'claims') for path in (runtime.build_folder() / folder).iterdir())\n"
        "(runtime.build_folder() / '{0}').write_text(' '.join(shown))"
    )
    texts = {
        "10_map": notebook("10_map", count.format("map.txt"), header="after: all"),
        "20_two": notebook("20_two"),
    }
    texts["90_report"] = notebook("90_report", count.format("report.html"), header="timeout: 99, after: all")
    build = tmp_path / "build"
    first = call(make(texts, "reproduce"), build)
    assert first.returncode == 0, first.stdout + first.stderr
    order = [
        first.stdout.index(f"[{k}/3] {name}  done")
        for k, name in enumerate(("20_two", "10_map", "90_report"), 1)
    ]
    assert order == sorted(order)
    assert (
        "20_two.csv" in (build / "map.txt").read_text() and "90_report" not in (build / "map.txt").read_text()
    )
    assert "10_map.csv" in (build / "report.html").read_text()
    assert "3 notebooks up to date" in call(make(texts, "reproduce"), build).stdout

    texts["20_two"] += "\nanother = 1\n"
    again = call(make(texts, "reproduce"), build).stdout
    assert "3 to run" in again and again.count("done in") == 3
    texts["20_two"] += "\n1 / 0\n"
    failed = call(make(texts, "reproduce"), build)
    assert (
        failed.returncode == 2 and "20_two  FAILED" in failed.stdout and failed.stdout.count("done in") == 2
    )

    texts["20_two"] = notebook("20_two")
    texts["10_map"] += "\nanother = 1\n"
    call(make(texts, "20_two"), build)
    assert "2 to run" in call(make(texts, "reproduce"), build).stdout


def test_of_two_makes_the_second_says_so_and_stops(make, tmp_path):
    command, build = (
        make({"10_one": notebook("10_one", "import time; time.sleep(30)")}, "10_one"),
        tmp_path / "build",
    )
    first = subprocess.Popen(
        command, env=environment(build), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert any("1 to run" in line for line in iter(first.stdout.readline, ""))
    second = call(command, build)
    assert second.returncode == 2 and f"another make (process {first.pid})" in second.stderr
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    quick = make({"10_one": notebook("10_one")}, "10_one")
    assert call(quick, build).returncode == 0  # a make that was killed holds up nobody


def test_notebooks_run_two_at_once_and_make_says_what_a_wrong_number_of_them_is(make, tmp_path):
    meeting = "import time\nfrom pathlib import Path\n" + (
        "Path(r'{0}/{1}').touch()\nwhile not Path(r'{0}/{2}').exists(): time.sleep(.1)\n"
        f"assert runtime.workers() == {max(1, runtime.workers() // 2)}"
    )
    texts = {
        name: notebook(name, meeting.format(tmp_path, name, other), header="timeout: 30")
        for name, other in (("10_one", "20_two"), ("20_two", "10_one"))
    }
    command = make(texts, "reproduce")
    done = call(command, tmp_path / "build")
    assert done.returncode == 0 and "[2/2]" in done.stdout, done.stdout + done.stderr
    for wrong in ("0", "two", "", "1.5", "2 3"):
        assert "such as JOBS=2" in call([*command, f"JOBS={wrong}"], tmp_path / "build").stderr


def test_the_kernel_is_of_the_python_that_runs_the_chain(run, tmp_path, monkeypatch):
    kernel = tmp_path / "site" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(
        json.dumps({"argv": ["/bin/false"], "display_name": "site", "language": "python"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "site"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "elsewhere"))
    check = f"import sys, w2s_utils\nassert sys.executable == {sys.executable!r}\n"
    assert run(check + f"assert w2s_utils.__file__ == {str(REPOSITORY / 'w2s_utils/__init__.py')!r}")[0] == 0


def test_no_settings_of_the_user_reach_a_notebook(run, tmp_path, monkeypatch):
    home = tmp_path / "home"
    for name, text in {
        ".config/matplotlib/matplotlibrc": "text.usetex: True\nbackend: TkAgg\nfigure.figsize: 1, 1\n",
        ".ipython/profile_default/startup/mine.py": "STARTED = True\n",
        ".ipython/profile_default/ipython_kernel_config.py": "c.InteractiveShellApp.exec_lines = ['STARTED = True']\n",
        "start.py": "STARTED = True\n",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    monkeypatch.setenv("HOME", str(home))
    for variable, value in {
        "MATPLOTLIBRC": str(home / ".config/matplotlib"), "MPLBACKEND": "TkAgg", "PYTHONSTARTUP": str(home / "start.py"),
        "PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error", "IPYTHONDIR": str(home / ".ipython"),
    }.items():  # fmt: skip
        monkeypatch.setenv(variable, value)
    cell = (
        "import matplotlib.pyplot as plt\n"
        "assert 'STARTED' not in globals() and __debug__\n"
        "assert not plt.rcParams['text.usetex'] and plt.rcParams['figure.figsize'] == [6.4, 4.8]\n"
        "figure = plt.figure()\nfigure.suptitle('words')\nfigure.canvas.draw()\nplt.close()\n"
        "print(plt.get_backend())"
    )
    code, printed, build = run(cell)
    assert code == 0, printed
    [output] = json.loads((build / "notebooks" / "10_one.ipynb").read_text())["cells"][-1]["outputs"]
    assert "tk" not in "".join(output["text"]).lower()


def test_another_checkout_than_that_of_the_package_is_refused(run, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("W2S_WORKING_TREE", str(tmp_path))
    assert commands.main(["stamps", "--profile", "smoke"]) == 1
    assert "WrongCheckout" in capsys.readouterr().err


def test_a_set_that_the_key_does_not_cover_cannot_be_loaded(monkeypatch):
    from w2s_utils.data import datasets

    monkeypatch.setenv("W2S_SETS", "FreeSolv")
    with pytest.raises(datasets.RegistryError, match="without naming it"):
        datasets.load("ESOL")


@pytest.mark.timeout(300)
def test_killed_anywhere_and_run_again_only_the_unfinished_run(make, tmp_path):
    """The repository's Makefile over three tiny notebooks, its whole process group killed during the second."""
    texts = {name: notebook(name, "import time; time.sleep(2)") for name in ("10_one", "20_two", "30_three")}
    command = make(texts, *texts)

    killed = subprocess.Popen(
        command,
        env=environment(tmp_path / "killed"),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    lines = iter(killed.stdout.readline, "")
    assert any("[1/3] 10_one  done" in line for line in lines)
    partial = tmp_path / "killed" / "notebooks" / "20_two.partial.ipynb"
    deadline = time.monotonic() + 60
    while not partial.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    finished = {path.name for path in (tmp_path / "killed" / "notebooks").iterdir()}
    assert finished == {"10_one.ipynb", "20_two.partial.ipynb"}

    again = subprocess.run(
        command, env=environment(tmp_path / "killed"), capture_output=True, text=True, check=True
    ).stdout
    assert "2 to run" in again and "10_one  done" not in again and "[2/2] 30_three  done" in again
    third = subprocess.run(
        command, env=environment(tmp_path / "killed"), capture_output=True, text=True, check=True
    ).stdout
    assert "up to date" in third and "done in" not in third
    subprocess.run(command, env=environment(tmp_path / "calm"), capture_output=True, text=True, check=True)
    for folder in ("rows", "claims"):
        for path in (tmp_path / "calm" / folder).iterdir():
            assert path.read_bytes() == (tmp_path / "killed" / folder / path.name).read_bytes()
