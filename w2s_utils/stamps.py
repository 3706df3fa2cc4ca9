"""What a notebook's result depends on, found by reading and never by running: parameters, imports, data, pins.

Each notebook ``notebooks/NN_name.py`` has a key, ``build/<profile>/stamps/NN_name.key``: hashes of everything that can
move its result. The file is rewritten only when its content changed, so that make, which compares times, runs a notebook
again exactly when something it depends on has changed; touching or syncing files runs nothing.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from . import runtime

REPORT = "90_report"  # depends on every other notebook; the Makefile says so too
PACKAGE = "w2s_utils"


class UnreadableNotebook(ValueError):
    """A notebook source that is missing, is not UTF-8 text or is not Python."""


class UnknownParameter(ValueError):
    """An injected value that the notebook does not take: not in its parameters cell, or never read after it."""


class BadSmokeFile(ValueError):
    """``notebooks/smoke.yaml`` does not have the form {notebook: {parameters: {...}, timeout: seconds}}."""


def sources(root: Path) -> dict[str, Path]:
    """Notebook sources of a checkout by name, in the order of their numbers. Raises UnreadableNotebook for equal numbers."""
    found = {path.stem: path for path in sorted((root / "notebooks").glob("[0-9][0-9]_*.py"))}
    for first, second in pairwise(found):
        if first[:2] == second[:2]:
            raise UnreadableNotebook(
                f"{first} and {second} have one number, which names their results: renumber one"
            )
    return found


def source_of(root: Path, name: str) -> Path:
    """Source of one notebook. Raises UnreadableNotebook naming the ones that exist."""
    known = sources(root)
    if name not in known:
        raise UnreadableNotebook(f"there is no notebooks/{name}.py; there are: {', '.join(known) or 'none'}")
    return known[name]


def parsed(source: Path) -> tuple[str, ast.Module]:
    """Text and syntax tree of a Python file. Raises UnreadableNotebook saying where it goes wrong."""
    try:
        text = source.read_text(encoding="utf-8")
        return text, ast.parse(text)
    except (OSError, ValueError, SyntaxError) as error:
        raise UnreadableNotebook(f"{source.name} cannot be read as Python text: {error}") from error


def is_readable(source: Path) -> bool:
    """Whether a file is Python text. One that is not fails in its own run and holds up no other."""
    try:
        parsed(source)
    except UnreadableNotebook:
        return False
    return True


def smoke_settings(root: Path) -> dict[str, dict[str, Any]]:
    """``notebooks/smoke.yaml``: by notebook, ``parameters`` to inject and ``timeout`` in seconds. Raises BadSmokeFile."""
    import yaml

    path = root / "notebooks" / "smoke.yaml"
    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None
    except yaml.YAMLError as error:
        raise BadSmokeFile(f"notebooks/smoke.yaml is not YAML: {error}") from error
    settings = {name: _mapping(entry, name) for name, entry in _mapping(settings, "the file").items()}
    for name, entry in settings.items():
        unknown = set(entry) - {"parameters", "timeout"}
        if unknown:
            raise BadSmokeFile(
                f"notebooks/smoke.yaml, {name}: {sorted(unknown)} is neither parameters nor timeout"
            )
        _mapping(entry.get("parameters"), f"{name}, parameters")
    return settings


def injected_parameters(root: Path, name: str, profile: str) -> dict[str, Any]:
    """Values that a profile injects into a notebook: those of ``smoke.yaml`` for ``smoke``, none for any other."""
    return dict(smoke_settings(root).get(name, {}).get("parameters") or {}) if profile == "smoke" else {}


def check_parameters(source: Path, injected: dict[str, Any]) -> None:
    """Check that a notebook takes each injected value: assigned in its parameters cell, and read after it.

    Raises UnknownParameter, so that no value is ever injected in vain.
    """
    if not injected:
        return
    text, tree = parsed(source)
    first, last = _parameters_cell(source, text)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    assigned = {node.id for node in names if isinstance(node.ctx, ast.Store) and first <= node.lineno <= last}
    read = {node.id for node in names if isinstance(node.ctx, ast.Load) and node.lineno > last}
    for name in injected:
        if name not in assigned:
            known = ", ".join(sorted(assigned)) or "nothing"
            raise UnknownParameter(
                f"{source.name} has no parameter {name!r}; its parameters cell assigns {known}"
            )
        if name not in read:
            raise UnknownParameter(f"{source.name} never reads its parameter {name!r}: use it or remove it")


def imported_modules(source: Path, package: Path) -> set[str]:
    """Names of the package's modules that a file imports, directly or through one another."""
    found: set[str] = set()
    waiting = _direct_imports(source, package)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting |= _direct_imports(package / f"{module}.py", package)
    return found


def key(root: Path, name: str, injected: dict[str, Any], reachable: dict[str, bool]) -> str:
    """Everything that the result of a notebook depends on, as JSON text that a person can compare.

    ``injected``: parameter values; ``reachable``: whether each outside data set can be had, which counts for notebooks
    that import ``datasets``. The sources of all notebooks count for those that draw the map of them, shipped models for those
    that import ``shipped``.
    """
    source, package = source_of(root, name), root / PACKAGE
    modules = sorted(imported_modules(source, package))
    files = [source, *(package / f"{module}.py" for module in ["__init__", *modules])]
    files += [root / "data" / "registry.csv", root / "constraints.txt"]
    if "catalogue" in modules:  # the map of all notebooks
        files += sources(root).values()
    if "shipped" in modules:  # each provenance has the sha256 of the model's other files
        files += sorted((root / "data" / "representations").glob("*/provenance.json"))
    content = {
        "files": {file.relative_to(root).as_posix(): sha256(file) for file in files if file.is_file()},
        "parameters": injected,
        "data reachable": reachable if "datasets" in modules else {},
    }
    return json.dumps(content, indent=1, sort_keys=True, default=str) + "\n"


def write_keys(root: Path, profile: str, reachable: dict[str, bool]) -> None:
    """Bring every notebook's key file up to date, touching only those whose content changed."""
    for name in sources(root):
        write_key(name, key(root, name, injected_parameters(root, name, profile), reachable))


def write_key(name: str, content: str) -> None:
    """Bring one key file up to date, and remove a result that was made under another key, however new it is."""
    path = key_path(name)
    if not path.is_file() or path.read_text(encoding="utf-8") != content:
        with runtime.atomic_file(path) as file:
            file.write(content)
    elif result_path(name).is_file() and _stale(name):
        result_path(name).unlink()


def unfinished(root: Path) -> list[str]:
    """Notebooks without a result that is newer than their key, in order."""
    return [name for name in sources(root) if _stale(name)]


def key_path(name: str) -> Path:
    """Key file of a notebook in the profile in force."""
    return runtime.build_folder() / "stamps" / f"{name}.key"


def result_path(name: str) -> Path:
    """Executed notebook in the profile in force; it exists only if every cell ran."""
    return runtime.build_folder() / "notebooks" / f"{name}.ipynb"


def log_path(name: str) -> Path:
    """Log of a notebook's last run in the profile in force."""
    return runtime.build_folder() / "logs" / f"{name}.log"


def stamp_of(path: Path) -> dict[str, Any]:
    """The ``w2s`` stamp of an executed notebook; empty where there is none."""
    try:
        metadata = json.loads(path.read_text(encoding="utf-8")).get("metadata", {})
    except (OSError, ValueError):
        return {}
    return metadata.get("w2s", {})


def sha256(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _stale(name: str) -> bool:
    key_file, result = key_path(name), result_path(name)
    if not key_file.is_file() or not result.is_file():
        return True
    # make sees the times; the stamp sees a result that was made of other code, values or data and is newer all the same.
    made_of = stamp_of(result).get("key_sha256")
    return key_file.stat().st_mtime_ns > result.stat().st_mtime_ns or made_of != sha256(key_file)


def _mapping(value: Any, where: str) -> dict:
    if value is not None and not isinstance(value, dict):
        raise BadSmokeFile(f"notebooks/smoke.yaml, {where}: names and values are expected, not {value!r}")
    return value or {}


def _parameters_cell(source: Path, text: str) -> tuple[int, int]:
    """First and last line of the cell tagged parameters."""
    lines = text.splitlines()
    marks = [number for number, line in enumerate(lines, 1) if re.match(r"# ?%%", line)]
    for start, end in zip(marks, [*marks[1:], len(lines) + 1], strict=True):
        if re.search(r"tags=\[[^\]]*[\"']parameters[\"']", lines[start - 1]):
            return start, end - 1
    raise UnknownParameter(
        f'{source.name} takes no parameters: it has no cell marked # %% tags=["parameters"]'
    )


@cache
def _imports(source: Path, stamp: int) -> frozenset[str]:
    """Dotted names that a file imports from the package, such as ``misfit`` or ``misfit.error_triple``."""
    names: set[str] = set()
    for node in ast.walk(parsed(source)[1]) if is_readable(source) else ():
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = f"{PACKAGE}.{node.module or ''}".strip(".") if node.level else str(node.module)
            names |= {f"{start}.{alias.name}" for alias in node.names}
    return frozenset(name.removeprefix(f"{PACKAGE}.") for name in names if name.startswith(f"{PACKAGE}."))


def _direct_imports(source: Path, package: Path) -> set[str]:
    modules = {name.split(".")[0] for name in _imports(source, source.stat().st_mtime_ns)}
    return {module for module in modules if (package / f"{module}.py").is_file()}
