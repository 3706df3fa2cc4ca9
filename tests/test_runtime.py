"""Folders, seeds and files."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2s_utils import runtime

SEEDS = st.integers(0, 2**32 - 1)
PURPOSES = st.lists(st.text(min_size=1, max_size=8) | st.integers(0, 10**6), min_size=1, max_size=3)


def draw(*key):
    return runtime.seed_stream(*key).integers(2**63, size=4).tolist()


@given(SEEDS, PURPOSES)
@settings(max_examples=40, deadline=None)
def test_a_stream_is_its_seed_and_purpose(seed, purpose):
    assert draw(seed, *purpose) == draw(seed, *purpose)
    assert draw(seed, *purpose) == draw(np.uint32(seed), *purpose)
    others = [draw((seed + 1) % 2**32, *purpose), draw(seed, *purpose, "more"), draw(seed)]
    assert draw(seed, *purpose) not in others


def test_streams_of_many_purposes_are_distinct():
    keys = [(s, p, i) for s in range(5) for p in ("inputs", "noise", "weights") for i in range(2000)]
    assert len({tuple(draw(*key)) for key in keys}) == len(keys)
    assert draw(1, "ab", "c") != draw(1, "a", "bc") != draw(1, "abc")


def test_streams_are_uncorrelated():
    """Correlations of 40 streams of 2500 normal values: mean square 1/2500, with standard error sqrt(2/780)/2500."""
    values = np.array(
        [runtime.seed_stream(s, "stream", i).normal(size=2500) for s in range(2) for i in range(20)]
    )
    squares = np.corrcoef(values)[np.triu_indices(40, 1)] ** 2
    assert abs(2500 * squares.mean() - 1) < 5 * np.sqrt(2 / len(squares))


def test_a_stream_moves_no_other_and_no_global_state():
    state = np.random.get_state()[1].tolist()
    first = runtime.seed_stream(0, "a")
    first.normal(size=1000)
    assert draw(0, "b") == draw(0, "b")
    assert np.random.get_state()[1].tolist() == state


def test_streams_are_the_same_in_another_process():
    code = "from w2s_utils import runtime; print(runtime.seed_stream(7, 'x', 3).integers(2**63, size=4).tolist())"
    for hash_seed in ("0", "1"):
        found = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=runtime.repository(),
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )  # fmt: skip
        assert found.stdout.strip() == str(draw(7, "x", 3))


def test_a_file_appears_whole(tmp_path):
    target = tmp_path / "new" / "folder" / "table.csv"
    with runtime.atomic_file(target) as file:
        file.write("é\r\n1\n")
        file.flush()
        assert not target.exists()
    assert target.read_bytes() == "é\r\n1\n".encode()
    with runtime.atomic_file(target, "wb") as file:
        file.write(b"\x00\r\n")
    assert target.read_bytes() == b"\x00\r\n"
    assert os.listdir(target.parent) == ["table.csv"]
    assert target.stat().st_mode & 0o444 == 0o444  # other users may read results


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path, error):
    target = tmp_path / "table.csv"
    for before in (None, "old"):
        if before:
            target.write_text(before)
        with pytest.raises(error), runtime.atomic_file(target) as file:
            file.write("half of the")
            raise error
        assert [path.read_text() for path in tmp_path.iterdir()] == ([before] if before else [])


def test_a_kill_leaves_no_file_under_the_name(tmp_path):
    code = """
        import os, signal, sys
        from pathlib import Path
        from w2s_utils import runtime
        with runtime.atomic_file(Path(sys.argv[1])) as file:
            file.write("half of the")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    """
    target = tmp_path / "table.csv"
    command = [sys.executable, "-c", textwrap.dedent(code), str(target)]
    assert subprocess.run(command, cwd=runtime.repository()).returncode == -signal.SIGKILL
    assert not target.exists()
    assert not list(tmp_path.glob("*.csv"))  # what is left is hidden and called .partial
    with runtime.atomic_file(target) as file:
        file.write("whole")
    assert target.read_text() == "whole"


def test_a_full_disk_leaves_nothing_under_a_file_s_name(tmp_path):
    """A limit on the size of files stands for the disk: the write fails in the same way."""
    code = """
        import resource, signal, sys
        from pathlib import Path
        from w2s_utils import runtime
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        with runtime.atomic_file(Path(sys.argv[1])) as file:
            file.write("x" * 100_000)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "table.csv")]
    ended = subprocess.run(command, cwd=runtime.repository(), capture_output=True, text=True)
    assert ended.returncode == 1 and "OSError" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_a_run_writes_is_noted_for_it_and_only_when_whole(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_WRITTEN", str(tmp_path / "noted"))
    with runtime.atomic_file(tmp_path / "whole.csv") as file:
        file.write("whole")
    with pytest.raises(ZeroDivisionError), runtime.atomic_file(tmp_path / "half.csv"):
        1 / 0  # noqa: B018
    assert (tmp_path / "noted").read_text() == f"{tmp_path / 'whole.csv'}\n"


def test_a_file_behind_a_link_is_noted_under_the_link(tmp_path, monkeypatch):
    (tmp_path / "scratch").mkdir()
    (tmp_path / "build").symlink_to(tmp_path / "scratch")
    monkeypatch.setenv("W2S_WRITTEN", str(tmp_path / "noted"))
    with runtime.atomic_file(tmp_path / "build" / "rows.csv") as file:
        file.write("k\n1\n")
    assert (tmp_path / "noted").read_text() == f"{tmp_path / 'build' / 'rows.csv'}\n"


def test_a_folder_that_takes_no_files(tmp_path):
    (tmp_path / "taken").write_text("a file where a folder is expected")
    for folder in (tmp_path / "taken", tmp_path / "taken" / "below"):
        with pytest.raises(runtime.UnwritableFolder, match=r"make it writable.*W2S_BUILD") as caught:
            runtime.make_folder(folder)
        assert str(tmp_path) not in str(caught.value)
        with pytest.raises(runtime.UnwritableFolder), runtime.atomic_file(folder / "rows.csv") as file:
            file.write("never")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with (
            pytest.raises(runtime.UnwritableFolder, match="make it writable"),
            runtime.atomic_file(tmp_path / "x"),
        ):
            pass
    finally:
        tmp_path.chmod(0o700)


def test_profile_and_build_folder_follow_the_environment(tmp_path, monkeypatch):
    monkeypatch.delenv("W2S_PROFILE", raising=False)
    monkeypatch.delenv("W2S_BUILD", raising=False)
    assert runtime.profile() == "lab"
    assert runtime.build_folder() == runtime.repository() / "build" / "lab"
    monkeypatch.setenv("W2S_PROFILE", "full")
    assert runtime.build_folder() == runtime.repository() / "build" / "full"
    monkeypatch.setenv("W2S_BUILD", str(tmp_path / "a" / ".." / "b"))
    assert runtime.build_folder() == tmp_path / "b"
    assert not (tmp_path / "b").exists()
    monkeypatch.setenv("W2S_BUILD", "")
    assert runtime.build_folder() == runtime.repository() / "build" / "full"


def test_a_shown_path_is_never_a_machine_path(tmp_path, monkeypatch):
    root = runtime.repository()
    assert runtime.shown(root / "data" / "README.md") == "data/README.md"
    assert runtime.shown(root / "notebooks" / ".." / "data") == "data"
    monkeypatch.chdir(root / "data")
    assert runtime.shown(Path("README.md")) == "data/README.md"
    for outside in (tmp_path / "rows.csv", root.parent / "rows.csv", Path("/rows.csv")):
        assert runtime.shown(outside) == "rows.csv"

    def installed_elsewhere():
        raise FileNotFoundError

    monkeypatch.setattr(runtime, "repository", installed_elsewhere)
    assert runtime.shown(tmp_path / "rows.csv") == "rows.csv"


def test_a_package_away_from_its_checkout_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "__file__", str(tmp_path / "w2s_utils" / "runtime.py"))
    with pytest.raises(FileNotFoundError, match="pip install -e"):
        runtime.repository()


def test_workers(monkeypatch):
    monkeypatch.delenv("W2S_WORKERS", raising=False)
    assert 1 <= runtime.workers() <= os.cpu_count()
    monkeypatch.setenv("W2S_WORKERS", "3")
    assert runtime.workers() == 3


def test_versions_name_what_moves_numbers(monkeypatch):
    found = runtime.versions()
    assert found["numpy"] == np.__version__ and "python" in found
    monkeypatch.setattr(runtime, "REPORTED_PACKAGES", ("numpy", "no-such-package"))
    assert set(runtime.versions()) == {"python", "numpy"}


@pytest.mark.parametrize("module", ["chain", "molecules.pretraining", "benchmarks"])
def test_a_command_works_where_python_drops_docstrings(module):
    """``python -OO``, or PYTHONOPTIMIZE=2, as some images set it."""
    done = subprocess.run(
        [sys.executable, "-OO", "-m", f"w2s_utils.{module}", "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and done.stdout.startswith("usage:"), done.stderr


def test_the_first_line_of_a_docstring_and_of_none():
    assert [runtime.first_line(text) for text in ("One.\n\nTwo.", "One.", "", None)] == [
        "One.",
        "One.",
        "",
        "",
    ]
