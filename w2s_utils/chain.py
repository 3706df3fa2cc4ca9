"""Run, verify and publish the notebooks: the commands behind the Makefile.

python -m w2s_utils.chain stamps  --profile full       what each notebook depends on; what there is to do
python -m w2s_utils.chain run 10_theorem_1 --profile full
python -m w2s_utils.chain finish  --profile full       the ledger, what failed, where the report is
python -m w2s_utils.chain publish --profile full       executed notebooks become the committed pairs
python -m w2s_utils.chain check-pairs                  do the committed pairs agree with their sources?
"""

from __future__ import annotations

import argparse
import ast
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import progress, runtime, stamps

LOG_LINES = 8  # of a failed notebook, in the list at the end


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code. A foreseen error becomes one line on standard error and code 1."""
    options = _parser().parse_args(arguments)
    os.environ["W2S_PROFILE"] = options.profile
    root = options.root or runtime.repository()
    try:
        return options.command(root, options)
    except KeyboardInterrupt:
        print("stopped; run again and only unfinished notebooks run", file=sys.stderr)
        return 130
    except (ValueError, RuntimeError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def refresh_stamps(root: Path, options: argparse.Namespace) -> int:
    """Bring the key files up to date, say what is to be done and note it for the progress lines."""
    sources = stamps.sources(root)
    wants_data = any(_wants_data(root, name) for name in sources)
    reachable = _reachable_sets() if wants_data or options.strict else {}
    missing = [name for name, found in reachable.items() if not found]
    if missing and options.strict:
        print("STRICT: data that the claims need cannot be had, so nothing is run.")
        _print_remedies(missing)
        return 1
    stamps.write_keys(root, options.profile, reachable)
    todo = _to_run(root)
    progress.plan(todo)
    if missing:
        print(
            f"Data unreachable: {', '.join(missing)}; generated molecules stand in, the claims will say 'not run'."
        )
    if todo:
        print(f"{len(sources)} notebooks at {options.profile} values, {len(todo)} to run.")
    else:
        print(f"All {len(sources)} notebooks are up to date.")
    return 0


def run(root: Path, options: argparse.Namespace) -> int:
    """Execute one notebook and print its progress line."""
    from . import execution

    name = options.name
    injected = stamps.injected_parameters(root, name, options.profile) | dict(options.parameter)
    output = options.output.resolve() if options.output else stamps.result_path(name)
    if (options.parameter or options.output) and options.profile != "lab":
        print(
            f"other values or another place are for trying things out, not for {options.profile}: add --profile lab"
        )
        return 1
    start = time.monotonic()
    try:
        key = stamps.key(root, name, injected, _reachable_sets() if _wants_data(root, name) else {})
        stamps.write_key(name, key)
        limit = execution.time_limit(root, name, options.profile)
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
    """Collect and print the ledger and what failed; 1 for a failed notebook, a failed claim, or (strict) one not run.

    Bands hold for the published values, so at smoke values a ``fail`` verdict does not count.
    """
    from . import results

    readable = [source for source in stamps.sources(root).values() if stamps.is_readable(source)]
    ledger = results.collect_claims(readable)
    counts = {verdict: int((ledger["verdict"] == verdict).sum()) for verdict in results.VERDICTS}
    print(f"\nClaims: {', '.join(f'{count} {verdict}' for verdict, count in counts.items())}")
    for row in ledger[ledger["verdict"] != "pass"].to_dict("records"):
        print(f"  {results.line(row)}")
    if options.profile == "smoke" and counts["fail"]:
        print("  (bands hold for the published values: at smoke values 'fail' does not count)")
    failed = stamps.unfinished(root)
    for name in failed:
        _print_failure(name)
    report = runtime.build_folder() / "report.html"
    print(f"Report: {runtime.shown(report)}" if report.is_file() else "No report was written.")
    silent = ledger.loc[ledger["reason"].str.endswith(results.NEVER_RECORDED), "claim"].tolist()
    if silent:
        print(f"Declared and never recorded: {', '.join(silent)}")
    bad = (
        bool(failed or silent)
        or (stamps.REPORT in stamps.sources(root) and not report.is_file())
        or (counts["fail"] > 0 and options.profile != "smoke")
    )
    unreached = ledger["reason"].str.contains("unreachable")
    if options.strict and unreached.any():
        bad = True
        print(f"STRICT: {unreached.sum()} claims were not run for want of data.")
        _print_remedies([name for name, found in _reachable_sets().items() if not found])
    return int(bad)


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
    """What make is going to run: the unfinished notebooks, and the report after any of them."""
    names = stamps.unfinished(root)
    with_report = names and stamps.REPORT in stamps.sources(root) and stamps.REPORT not in names
    return [*names, stamps.REPORT] if with_report else names


def _print_failure(name: str) -> None:
    log = stamps.log_path(name)
    if not log.is_file():
        print(f"Notebook {name} did not run.")
        return
    print(f"Notebook {name} FAILED; the end of {runtime.shown(log)}:")
    for line in log.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()[-LOG_LINES:]:
        print(f"    {line}")


def _wants_data(root: Path, name: str) -> bool:
    return "datasets" in stamps.imported_modules(stamps.source_of(root, name), root / stamps.PACKAGE)


def _reachable_sets() -> dict[str, bool]:
    """Whether each data set can be had. Raises ChecksumMismatch for a file that is there and is not the pinned one."""
    from . import datasets

    return {name: datasets.reachable(name) for name in datasets.names()}


def _print_remedies(names: list[str]) -> None:
    """For each data set the first file that cannot be had, its url and the three ways to supply it."""
    from . import datasets

    for name in names:
        first, *others = datasets.problems(name)
        print(f"\n{name}: {first}" + (f"\n  (so with {len(others)} more of its files)" if others else ""))


def _parameter(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not name=value")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m w2s_utils.chain", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "--root", type=Path, help="top folder of the checkout (default: the one of this package)"
    )
    commands = parser.add_subparsers(required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--profile", default=runtime.profile(), choices=("full", "smoke", "lab"))

    def command(name: str, function: Any) -> argparse.ArgumentParser:
        child = commands.add_parser(name, parents=[common], help=(function.__doc__ or "").splitlines()[0])
        child.set_defaults(command=function)
        return child

    stamping = command("stamps", refresh_stamps)
    running = command("run", run)
    running.add_argument("name")
    running.add_argument(
        "-p", "--parameter", type=_parameter, action="append", default=[], metavar="NAME=VALUE"
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


if __name__ == "__main__":
    sys.exit(main())
