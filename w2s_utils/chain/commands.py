"""Run, verify and publish the notebooks: the commands behind the Makefile.

python -m w2s_utils.chain stamps  --profile full       what each notebook depends on; what there is to do
python -m w2s_utils.chain run 10_theorem_1 --profile full
python -m w2s_utils.chain verdicts 10_theorem_1 --profile full
python -m w2s_utils.chain finish  --profile full       the ledger, what failed, where the report is
python -m w2s_utils.chain publish --profile full       executed notebooks become the committed pairs
python -m w2s_utils.chain check-pairs                  do the committed pairs agree with their sources?
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import runtime, words
from . import dependencies, parameters, progress, stamps

if TYPE_CHECKING:
    import pandas as pd

LOG_LINES = 8  # of a failed notebook, in the list at the end
_SMOKE_NOTE = " (bands hold for the published values: at smoke values 'fail' does not count)"


class WrongCheckout(RuntimeError):
    """The package that runs is not that of the working tree that asked."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code. A foreseen error becomes one line on standard error and code 1."""
    options = _parser().parse_args(arguments)
    os.environ["W2S_PROFILE"] = options.profile
    root = options.root or runtime.repository()
    try:
        _check_checkout()
        return options.command(root, options)
    except KeyboardInterrupt:
        print("stopped; run again and only unfinished notebooks run", file=sys.stderr)
        return 130
    except (ValueError, RuntimeError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def refresh_stamps(root: Path, options: argparse.Namespace) -> int:
    """Bring the key files up to date, say what is to be done and note it for the progress lines."""
    if options.make:
        progress.claim_folder(options.make)
    for name in options.names:
        stamps.source_of(root, name)
    sources = options.names or list(stamps.sources(root))
    state = _data_sets(root, list(stamps.sources(root))) if not options.strict else _all_sets()
    missing = [name for name, found in state.items() if not found["reachable"]]
    if missing and options.strict:
        print("STRICT: data that the claims need cannot be had, so nothing is run.")
        _print_remedies(missing)
        return 1
    stamps.write_keys(root, options.profile, state)
    todo = [name for name in _to_run(root) if name in sources]
    progress.plan(todo)
    if missing:
        print(
            f"Data unreachable: {', '.join(missing)}; generated molecules stand in, the claims will say 'not run'."
        )
    several = f"{len(sources)} notebook{'s' * (len(sources) > 1)}"
    if todo:
        print(f"{several} at {options.profile} values, {len(todo)} to run.")
    else:
        print(f"{several} up to date.")
    return 0


def run(root: Path, options: argparse.Namespace) -> int:
    """Execute one notebook and print its progress line."""
    from . import execution

    name = options.name
    output = options.output.resolve() if options.output else stamps.result_path(name)
    if (options.parameter or options.output) and options.profile != "lab":
        print(
            f"other values or another place are for trying things out, not for {options.profile}: add --profile lab"
        )
        return 1
    os.environ.setdefault("W2S_WORKERS", str(max(1, runtime.workers() // options.at_once)))
    start = time.monotonic()
    try:
        execution.clear(name, output)
        source = stamps.source_of(root, name)
        injected = parameters.injected(source, options.profile) | dict(options.parameter)
        key = stamps.key(root, name, injected, _data_sets(root, [name]))
        stamps.write_key(name, key)
        limit = parameters.time_limit(source, options.profile, options.at_once)
        seconds = execution.execute(root, name, injected, output, limit, key)
    except (execution.NotebookFailed, ValueError, OSError) as error:
        seconds = time.monotonic() - start
        reason = (
            str(error) if isinstance(error, execution.NotebookFailed) else f"{type(error).__name__}: {error}"
        )
        log = stamps.log_path(name)
        with suppress(OSError), log.open("a" if isinstance(error, execution.NotebookFailed) else "w") as file:
            file.write(f"\n{reason}\n")
        print(
            progress.line(
                root, name, seconds, f"FAILED after {seconds:.0f} s: {reason} (log: {runtime.shown(log)})"
            ),
            flush=True,
        )
        return 1
    print(progress.line(root, name, seconds, f"done in {seconds:.0f} s"), flush=True)
    return 0


def finish(root: Path, options: argparse.Namespace) -> int:
    """Collect and print the ledger and what failed; 1 for a failed notebook or claim, damaged claims, or (strict) one not run.

    Bands hold for the published values, so at smoke values a ``fail`` verdict does not count.
    """
    from .. import judgement
    from .claims import NEVER_RECORDED, collect_claims, damaged, recorded_claims

    readable = [source for source in stamps.sources(root).values() if stamps.is_readable(source)]
    lost = damaged(readable)
    intact = [source for source in readable if source not in lost]
    ledger = recorded_claims(intact) if lost else collect_claims(intact)
    counts = {verdict: int((ledger["verdict"] == verdict).sum()) for verdict in judgement.VERDICTS}
    always = (*judgement.CHECKS, "not run")
    told = [f"{count} {verdict}" for verdict, count in counts.items() if count or verdict in always]
    print(f"\nClaims: {', '.join(told)}")
    for row in ledger[ledger["verdict"] != "pass"].to_dict("records"):
        print(f"  {judgement.line(row)}")
    lost_reference = _print_moved(ledger)
    for sentence in lost.values():
        print(f"Not counted: {sentence}")
    if options.profile == "smoke" and counts["fail"]:
        print(" " + _SMOKE_NOTE)
    failed = stamps.unfinished(root)
    for name in failed:
        _print_failure(name)
    report = runtime.build_folder() / "report.html"
    print(f"Report: {runtime.shown(report)}" if report.is_file() else "No report was written.")
    silent = ledger.loc[ledger["reason"].str.endswith(NEVER_RECORDED), "claim"].tolist()
    if silent:
        print(f"Declared and never recorded: {', '.join(silent)}")
    bad = (
        bool(failed or silent or lost or lost_reference)
        or (stamps.REPORT in stamps.sources(root) and not report.is_file())
        or (counts["fail"] > 0 and options.profile != "smoke")
    )
    unreached = ledger["reason"].str.contains("unreachable")
    if options.strict and unreached.any():
        bad = True
        print(f"STRICT: {unreached.sum()} claims were not run for want of data.")
        _print_remedies([name for name, found in _all_sets().items() if not found["reachable"]])
    return int(bad)


def _print_moved(ledger: pd.DataFrame) -> bool:
    """Measured values that left the interval of the shipped run; says nothing where there is none to compare with.

    Returns whether the shipped run cannot be read, which is then printed.
    """
    from .. import judgement
    from .claims import moved, shipped_run

    try:
        shipped = shipped_run()
    except judgement.ClaimError as error:
        print(f"Not compared with the shipped run: {error}")
        return True
    for row in [] if shipped is None else moved(ledger, shipped).to_dict("records"):
        print(
            f"  [moved]  {row['claim']}: {row['found']:.6g} here, {row['reference']:.6g} "
            f"{judgement.band(row, 6)} in the shipped run"
        )
    return False


def verdicts(root: Path, options: argparse.Namespace) -> int:
    """Print the verdicts of some notebooks; 1 for one that is not finished or has a failed claim (not at smoke values)."""
    from .. import judgement
    from .claims import recorded_claims

    unfinished = [name for name in stamps.unfinished(root) if name in options.names]
    for name in unfinished:
        _print_failure(name)
    sources = [stamps.source_of(root, name) for name in options.names if name not in unfinished]
    ledger = recorded_claims(sources)
    for row in ledger.to_dict("records"):
        print(f"  {judgement.line(row)}")
    failed = int((ledger["verdict"] == "fail").sum())
    if failed:
        print(f"{failed} of {len(ledger)} claims failed" + _SMOKE_NOTE * (options.profile == "smoke"))
    return int(bool(unfinished) or (failed > 0 and options.profile != "smoke"))


def publish(root: Path, options: argparse.Namespace) -> int:
    """Write the committed pairs and print their paths."""
    from . import pairs

    for path in pairs.publish(root, options.names):
        print(f"written {path.relative_to(root)}")
    return 0


def check_pairs(root: Path, options: argparse.Namespace) -> int:
    """Print what is wrong with the committed pairs; 1 if anything is."""
    from . import pairs

    found = pairs.all_problems(root)
    print("\n".join(found) or "every pair agrees with its source")
    return int(bool(found))


def _to_run(root: Path) -> list[str]:
    """What make is going to run: the unfinished notebooks, and after any of them those that come after all others."""
    unfinished = stamps.unfinished(root)
    names: list[str] = []
    for name in stamps.in_turn(root):
        if name in unfinished or (names and stamps.comes_last(root, name)):
            names.append(name)
    return names


def _print_failure(name: str) -> None:
    log = stamps.log_path(name)
    if not log.is_file():
        print(f"Notebook {name} did not run.")
        return
    print(f"Notebook {name} FAILED; the end of {runtime.shown(log)}:")
    for line in log.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()[-LOG_LINES:]:
        print(f"    {line}")


def _all_sets() -> dict[str, dict[str, Any]]:
    """What results can depend on, by data set. Raises ChecksumMismatch for a file that is not the pinned one."""
    from ..data import datasets

    return datasets.state()


def _data_sets(root: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    """The same, looked for only where one of the notebooks may load a set; one that cannot be read loads none."""
    for name in names:
        with suppress(dependencies.UnreadableNotebook, dependencies.UnresolvedImport):
            if stamps.reaches_sets(root, name):
                return _all_sets()
    return {}


def _check_checkout() -> None:
    """Check that make (which says where it is in ``W2S_WORKING_TREE``) and the package stand in one working tree."""
    asked = os.environ.get("W2S_WORKING_TREE")
    if asked and Path(asked).resolve() != runtime.repository():
        raise WrongCheckout(
            "w2s_utils is imported from another checkout than the one that make works in, so results would go there: "
            "delete .venv and run `make setup` here"
        )


def _print_remedies(names: list[str]) -> None:
    """For each data set the first file that cannot be had, its url and the three ways to supply it."""
    from ..data import datasets

    for name in names:
        first, *others = datasets.problems(name)
        print(f"\n{name}: {first}" + (f"\n  (so with {len(others)} more of its files)" if others else ""))


def _parameter(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not name=value, such as folds=5 or strong=s_1,s_2")
    return name, words.value(value)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.chain", description=runtime.first_line(__doc__)
    )
    parser.add_argument(
        "--root", type=Path, help="top folder of the checkout (default: the one of this package)"
    )
    commands = parser.add_subparsers(required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--profile", default=runtime.profile(), choices=("full", "smoke", "lab"))

    def command(name: str, function: Any) -> argparse.ArgumentParser:
        child = commands.add_parser(name, parents=[common], help=runtime.first_line(function.__doc__))
        child.set_defaults(command=function)
        return child

    stamping = command("stamps", refresh_stamps)
    stamping.add_argument("names", nargs="*", metavar="NAME", help="count and run only these")
    stamping.add_argument("--make", type=int, help="process number of the make that asks")
    command("verdicts", verdicts).add_argument("names", nargs="+", metavar="NAME")
    running = command("run", run)
    running.add_argument("name")
    running.add_argument(
        "-p", "--parameter", type=_parameter, action="append", default=[], metavar="NAME=VALUE"
    )
    running.add_argument(
        "--at-once", type=_count, default=1, help="notebooks that run at once and share processors and time"
    )
    running.add_argument("--output", type=Path, help="where the executed notebook goes")
    finishing = command("finish", finish)
    for child in (stamping, finishing):
        child.add_argument(
            "--strict", action="store_true", help="unreachable data and claims not run are failures"
        )
    command("publish", publish).add_argument("names", nargs="*", metavar="NAME")
    command("check-pairs", check_pairs)
    return parser
