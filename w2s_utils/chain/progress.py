"""The progress line of the notebook chain: how many have ended, how long it has taken, how long it may still take.

Make starts one process for each notebook, perhaps several at once, so what they share stands in a small file: the plan
in its first line, then one line for each notebook that has ended.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from .. import runtime
from . import stamps


def duration(seconds: float) -> str:
    """Seconds as ``m:ss``, for progress lines."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


@dataclass(frozen=True)
class Progress:
    """Where one invocation of make stands: when it started, what it is to run, and seconds by finished notebook."""

    started: float
    names: list[str]
    done: dict[str, float]

    def left(self, known: dict[str, float]) -> float | None:
        """Seconds still to go; ``known``: seconds of earlier runs by notebook. None when nothing is left.

        A notebook without an earlier run counts as the mean of those finished now. The sum is scaled by what this
        invocation has taken so far against what was expected, which covers slow machines and parallel runs alike.
        """
        waiting = [name for name in self.names if name not in self.done]
        if not waiting or not self.done:
            return None
        mean = sum(self.done.values()) / len(self.done)
        expected = sum(known.get(name, mean) for name in waiting)
        past = sum(known.get(name, seconds) for name, seconds in self.done.items())
        return expected * (time.time() - self.started) / max(past, 1e-9)


def _path() -> Path:
    return runtime.build_folder() / "logs" / "progress.txt"


class AlreadyRunning(RuntimeError):
    """Another make is at work in the same build folder."""


def plan(names: list[str]) -> None:
    """Note what one invocation of make is going to run, and that it starts now."""
    with runtime.atomic_file(_path()) as file:
        file.write(json.dumps({"started": time.time(), "names": names}) + "\n")


def claim_folder(process: int) -> None:
    """Note that the make with that process number works in the build folder.

    Raises AlreadyRunning while another make that said so is alive: two would do all work twice. One that was killed
    counts as gone.
    """
    import fcntl

    path = runtime.make_folder(_path().parent) / "make.json"
    with open(path, "a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # freed when the file is closed
        file.seek(0)
        try:
            other = json.loads(file.read())
        except ValueError:
            other = {}
        if other.get("process") != process and other.get("born") == _born(other.get("process")) is not None:
            raise AlreadyRunning(
                f"another make (process {other['process']}) is at work in {runtime.shown(path.parent.parent)}; "
                "wait for it, or stop it"
            )
        file.truncate(0)
        file.write(json.dumps({"process": process, "born": _born(process)}) + "\n")


def _born(process: int | None) -> float | None:
    """When a process that is alive began, which tells it from a later one of the same number; None for none."""
    import psutil

    try:
        if not process or (found := psutil.Process(process)).status() == psutil.STATUS_ZOMBIE:
            return None
        return found.create_time()
    except psutil.Error:
        return None


def _note(name: str, seconds: float) -> Progress:
    """Add a finished notebook to the file that all runs of one invocation share, and read where it stands."""
    path = _path()
    try:
        plan = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):  # no plan: run by hand, outside make
        plan = {"names": []}
    if name not in plan["names"]:  # run by hand, outside make
        return Progress(time.time() - seconds, [name], {name: seconds})
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{name} {seconds}\n")
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return Progress(plan["started"], plan["names"], {name: float(taken) for name, taken in lines})


def line(root: Path, name: str, seconds: float, outcome: str) -> str:
    """Note that a notebook has ended, and say so: ``[3/7] 10_theorem_1  done in 41 s  elapsed 1:32, about 0:50 left``.

    ``seconds``: what it took; ``outcome``: how it ended, as text.
    """
    progress = _note(name, seconds)
    known = {other: taken for other in progress.names if (taken := _earlier_seconds(root, other))}
    left = progress.left(known)
    remaining = "" if left is None else f", about {duration(left)} left"
    elapsed = duration(time.time() - progress.started)
    return f"[{len(progress.done)}/{len(progress.names)}] {name}  {outcome}  elapsed {elapsed}{remaining}"


def _earlier_seconds(root: Path, name: str) -> float | None:
    """Seconds of the last run at this profile: from its result, or from the committed pair."""
    for path in (stamps.result_path(name), root / "notebooks" / f"{name}.ipynb"):
        stamp = stamps.stamp_of(path)
        if stamp.get("profile") == runtime.profile():
            return stamp["seconds"]
    return None
