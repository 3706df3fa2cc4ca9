"""One notebook executed from its source, so that a run that did not finish can never look finished.

papermill calls a notebook saved whatever became of it: after a killed kernel the file exists and says "completed". So a
run goes to ``<name>.partial.ipynb``; the result appears under its own name only after every code cell has shown an
execution count and no cell an error.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import nbformat

from .. import runtime
from . import dependencies, parameters, stamps
from .claims import LEDGER

KERNEL = "python3"
THREAD_VARIABLES = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS",
)  # fmt: skip
OWN_SETTINGS = (
    "MPLBACKEND", "PYTHONSTARTUP", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONINSPECT",
)  # fmt: skip
"""Variables by which a user changes what Python and matplotlib do, in every kernel too."""


class NotebookFailed(RuntimeError):
    """A notebook did not run to its end: a cell raised, its kernel died, or its time was up."""


def source_notebook(source: Path) -> nbformat.NotebookNode:
    """A notebook source (``.py``, percent format) as an unexecuted notebook with numbered cell ids.

    Raises `dependencies.UnreadableNotebook`.
    """
    import jupytext

    text, _ = dependencies.parsed(source)
    try:
        notebook = jupytext.reads(text, fmt="py:percent")
    except Exception as error:  # jupytext and nbformat raise many kinds for a damaged header
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise dependencies.UnreadableNotebook(
            f"{source.name} is no notebook in percent format: {reason}"
        ) from error
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:03d}"
    return notebook


def execute(root: Path, name: str, injected: dict[str, Any], output: Path, limit: float, key: str) -> float:
    """Execute one notebook in the profile in force and write the result; returns the seconds that it took.

    ``injected``: parameter values; ``output``: the result, written last and whole; ``limit``: seconds for the whole
    notebook, after which its kernel is killed; ``key``: what the result depends on (`stamps.key`). Raises
    NotebookFailed (the partial notebook and the log stay), `parameters.UnknownParameter`, `dependencies.UnreadableNotebook`
    and `runtime.UnwritableFolder`.
    """
    source = stamps.source_of(root, name)
    parameters.check_parameters(source, injected)
    notebook = source_notebook(source)
    stamp: dict[str, Any] = {
        "source_sha256": parameters.source_sha256(source),
        "profile": runtime.profile(),
        "parameters": injected,
        "key_sha256": hashlib.sha256(key.encode()).hexdigest(),
    }
    known = json.loads(key).get("data sets", {})
    constraints = root / "constraints.txt"
    stamp["constraints_sha256"] = runtime.sha256(constraints) if constraints.is_file() else None
    partial = runtime.make_folder(output.parent) / f"{output.stem}.partial.ipynb"
    log = runtime.make_folder(stamps.log_path(name).parent) / f"{name}.log"
    noted = runtime.make_folder(stamps.done_path(name).parent) / f"{name}.written"
    noted.unlink(missing_ok=True)
    set_environment()
    os.environ |= {"W2S_SETS": ",".join(known), "W2S_WRITTEN": str(noted)}
    start = time.monotonic()
    with _descriptors_to(log) as logged, _killed_after(limit) as time_is_up:
        try:
            executed = _papermill(notebook, partial, injected, source.parent, logged)
            for cell in executed.cells:
                if cell.cell_type == "code":
                    cell.outputs = joined_streams(cell.outputs)
            reason = "; ".join(defects(executed))
        except Exception as error:
            logging.getLogger("papermill").error(_plain(str(error)))
            reason = _short_reason(error)
    seconds = time.monotonic() - start
    os.environ.pop("W2S_WRITTEN")
    if time_is_up.is_set():
        reason = f"its time was up: more than {limit:g} s for the whole notebook"
    if reason:
        raise NotebookFailed(reason)
    executed.metadata["w2s"] = {**stamp, "seconds": round(seconds, 1)}
    with runtime.atomic_file(output) as file:
        file.write(nbformat.writes(executed) + "\n")
    partial.unlink(missing_ok=True)
    written = _written(noted)
    if output == stamps.result_path(name):
        stamps.record_done(name, key, [output, *written])
    return seconds


def _written(noted: Path) -> list[Path]:
    """Files below the build folder that a run noted (`runtime.atomic_file`) and left, but for the ledger of all notebooks."""
    build = runtime.build_folder()
    lines = noted.read_text(encoding="utf-8").splitlines() if noted.is_file() else []
    noted.unlink(missing_ok=True)
    paths = [Path(line) for line in dict.fromkeys(lines)]
    return [
        path for path in paths if path.is_file() and path.is_relative_to(build) and path != build / LEDGER
    ]


def clear(name: str, output: Path) -> None:
    """Remove what an earlier run of the notebook left, so that nothing of it can pass for a result of this one."""
    runtime.make_folder(output.parent)
    for path in [output, *stamps.written_files(name), stamps.done_path(name)]:
        path.unlink(missing_ok=True)
    prefix = name[:3]  # the number, with which the names of all that a notebook writes begin
    for folder in ("claims", "rows", "figures"):
        for pattern in (f"{prefix}*", f".{prefix}*.partial"):
            for path in (runtime.build_folder() / folder).glob(pattern):
                path.unlink(missing_ok=True)


def defects(notebook: nbformat.NotebookNode) -> list[str]:
    """What shows that a notebook did not run to its end; empty for one in which every code cell ran without an error."""
    found = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if cell.execution_count is None:
            found.append(f"cell {number} never ran")
        found += [
            f"cell {number}: {out.ename}: {out.evalue}" for out in cell.outputs if out.output_type == "error"
        ]
    return found


def joined_streams(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """What a cell printed as one output for each stream, where its first part stands, the standard output first; of a
    progress bar its last line.

    In time that grows with the length of the text alone. nbclient does the same by a regular expression whose time grows with
    the square of a line's length: a line of 1 MB took minutes, in this process, which no time limit ends.
    """
    kept: list[nbformat.NotebookNode] = []
    parts: dict[str, list[str]] = {}
    for output in outputs:
        if output.output_type != "stream":
            kept.append(output)
        elif output.name in parts:
            parts[output.name].append(output.text)
        else:
            parts[output.name] = [output.text]
            kept.append(output)
    for output in kept:
        if output.output_type == "stream":
            output.text = "\n".join(map(_last_shown, "".join(parts[output.name]).split("\n")))
    names = [output.get("name") for output in kept]
    for place, pair in enumerate(pairwise(names)):
        if pair == ("stderr", "stdout"):  # they come in whatever order
            kept[place : place + 2] = kept[place + 1], kept[place]
    return kept


def _last_shown(line: str) -> str:
    """What stands of a line whose returns to its begin overwrite what was there; one at the end overwrites nothing."""
    start = line.rfind("\r", 0, len(line) - 1) + 1
    return line[start:]


def set_environment() -> None:
    """Fix what the kernel inherits: one thread per linear-algebra call, absolute folders, no settings of the user's own.

    Those are settings of IPython, Jupyter, matplotlib and Python itself; other entries of PYTHONPATH stay, as environments are
    made of them.
    """
    build = runtime.build_folder()
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    os.environ["W2S_PROFILE"] = runtime.profile()
    for variable in ("W2S_BUILD", "W2S_CACHE", "W2S_DATA_MIRROR"):
        if os.environ.get(variable):
            os.environ[variable] = str(Path(os.environ[variable]).expanduser().resolve())
    for variable in OWN_SETTINGS:
        os.environ.pop(variable, None)
    os.environ["PYTHONHASHSEED"] = "0"
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # else each kernel warns of frozen modules
    jupyter = runtime.make_folder(build / "jupyter")
    os.environ["IPYTHONDIR"] = os.environ["JUPYTER_RUNTIME_DIR"] = os.environ["JUPYTER_PATH"] = str(jupyter)
    _write_kernel(jupyter / "kernels" / KERNEL)
    settings = jupyter / "matplotlibrc"
    settings.touch()
    os.environ["MATPLOTLIBRC"] = str(settings)
    # The package of this process, whatever another checkout has installed into the environment.
    package = str(runtime.repository())
    others = [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one and one != package]
    os.environ["PYTHONPATH"] = os.pathsep.join([package, *others])


def _write_kernel(folder: Path) -> None:
    """A kernel of this Python in a folder of our own, the first that Jupyter looks into."""
    content = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
    }
    with runtime.atomic_file(folder / "kernel.json") as file:
        file.write(json.dumps(content, indent=1) + "\n")


def _papermill(
    notebook: nbformat.NotebookNode, partial: Path, injected: dict[str, Any], folder: Path, logged: IO[str]
) -> nbformat.NotebookNode:
    import papermill

    logging.getLogger("papermill").setLevel(logging.WARNING)
    return papermill.execute_notebook(
        notebook,
        str(partial),
        parameters=injected,
        kernel_name=KERNEL,
        start_timeout=120,
        cwd=str(folder),
        progress_bar=False,
        stdout_file=logged,
        stderr_file=logged,
    )


@contextmanager
def _descriptors_to(log: Path) -> Iterator[IO[str]]:
    """Send into ``log`` what this process, its kernel and the kernel's children print; yields the open log."""
    kept = {number: os.dup(number) for number in (1, 2)}
    with log.open("w", encoding="utf-8", buffering=1) as file:
        handler = logging.StreamHandler(file)
        logging.getLogger("papermill").addHandler(handler)
        sys.stdout.flush()
        try:
            for number in kept:
                os.dup2(file.fileno(), number)
            yield file
        finally:
            for number, copy in kept.items():
                os.dup2(copy, number)
                os.close(copy)
            logging.getLogger("papermill").removeHandler(handler)


@contextmanager
def _killed_after(limit: float) -> Iterator[threading.Event]:
    """Kill every process below this one after ``limit`` seconds; the event tells whether that happened."""
    fired = threading.Event()

    def kill() -> None:
        fired.set()
        _kill_children()

    timer = threading.Timer(limit, kill)
    timer.daemon = True
    timer.start()
    try:
        yield fired
    finally:
        timer.cancel()


def _kill_children() -> None:
    import psutil

    for process in psutil.Process().children(recursive=True):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def _short_reason(error: Exception) -> str:
    if type(error).__name__ == "DeadKernelError":
        return "its kernel died (killed from outside, or out of memory)"
    name = getattr(error, "ename", type(error).__name__)
    lines = _plain(str(getattr(error, "evalue", error))).strip().splitlines()
    return f"{name}: {lines[0] if lines else 'no message'}"


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
