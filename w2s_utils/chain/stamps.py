"""What a notebook's result depends on, and whether all that its run wrote is still there.

Each notebook ``notebooks/NN_name.py`` has a key, ``build/<profile>/stamps/NN_name.key``: hashes of everything that can move
its result and of nothing else. That is its text below the header, its parameters, the code that it reaches (syntax trees,
without comments and docstrings), the registry's rows of the data sets that it loads, and the pins of what it imports
(`dependencies`); for one that runs after all others (`parameters.comes_last`) also what they wrote. The file is rewritten
only when its content changed, so that make, which compares times, runs a notebook again exactly when something it depends on
has changed.

A run that came to its end leaves ``NN_name.done`` beside the key: the checksums of the key and of every file that it wrote.
A notebook whose files are not all there as written counts as not run.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from .. import runtime
from . import dependencies, parameters
from .dependencies import UnreadableNotebook, parsed

SETS = Path("w2s_utils") / "data" / "datasets.py"  # who reaches it may load sets
ONE_SECOND = 10**9  # nanoseconds
REPORT = "90_report"  # writes the page


def sources(root: Path) -> dict[str, Path]:
    """Notebook sources of a checkout by name, in the order of their numbers. Raises UnreadableNotebook for equal numbers."""
    found = {path.stem: path for path in sorted((root / "notebooks").glob("[0-9][0-9]_*.py"))}
    for first, second in pairwise(found):
        if first[:2] == second[:2]:
            raise UnreadableNotebook(
                f"{first} and {second} have one number, which names their results: renumber one"
            )
    return found


def in_turn(root: Path) -> list[str]:
    """Names of the notebooks in the order of their runs: by number, then those after all others, by number too.

    Each of the latter comes after all before it in this list. Raises UnreadableNotebook as `sources`.
    """
    return sorted(sources(root), key=lambda name: comes_last(root, name))


def comes_last(root: Path, name: str) -> bool:
    """Whether a notebook runs after all others; one that cannot be read asks for nothing."""
    with suppress(UnreadableNotebook):
        return parameters.comes_last(source_of(root, name))
    return False


def source_of(root: Path, name: str) -> Path:
    """Source of one notebook. Raises UnreadableNotebook naming the ones that exist."""
    known = sources(root)
    if name not in known:
        raise UnreadableNotebook(f"there is no notebooks/{name}.py; there are: {', '.join(known) or 'none'}")
    return known[name]


def is_readable(source: Path) -> bool:
    """Whether a file is Python text. One that is not fails in its own run and holds up no other."""
    try:
        parsed(source)
    except UnreadableNotebook:
        return False
    return True


def reaches_sets(root: Path, name: str) -> bool:
    """Whether a notebook reaches the module `data.datasets`. Raises as `dependencies.reached` does."""
    found = dependencies.reached(source_of(root, name), root)
    return root / SETS in found.files


def loaded_sets(root: Path, name: str, injected: dict[str, Any], known: Iterable[str]) -> list[str]:
    """Those of the ``known`` data sets that a notebook may load.

    The ones that its text or an injected value names, for a notebook that reaches ``datasets``; all, where it names none or
    asks ``datasets`` for all (``names``, ``status``). `execution` lets a run load no others, so nothing is missed in silence.
    """
    if not reaches_sets(root, name):
        return []
    nodes = list(ast.walk(parsed(source_of(root, name))[1]))
    asked = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
    named = {str(node.value) for node in nodes if isinstance(node, ast.Constant)} | _texts(injected)
    if asked & {"datasets.names", "datasets.status"} or not named & set(known):
        return list(known)
    return [one for one in known if one in named]


def key(root: Path, name: str, injected: dict[str, Any], sets: Mapping[str, Any]) -> str:
    """Everything that the result of a notebook depends on, as JSON text that a person can compare.

    ``injected``: parameter values; ``sets``: by data set, what a result can depend on (`datasets.state`). Raises
    `dependencies.UnresolvedImport` and UnreadableNotebook.
    """
    source = source_of(root, name)
    found = dependencies.reached(source, root)
    beside = {path for pattern in found.reads for path in root.glob(pattern)}
    constraints = root / "constraints.txt"
    text = constraints.read_text(encoding="utf-8") if constraints.is_file() else ""
    content = {
        "source": parameters.source_sha256(source),
        "code": {_shown(root, file): _sha256_of(dependencies.code(file)) for file in found.files},
        "files": {_shown(root, path): runtime.sha256(path) for path in beside},
        "pins": dependencies.pins(found.outside, text),
        "parameters": injected,
        "data sets": {one: sets[one] for one in loaded_sets(root, name, injected, sets)},
    }
    if parameters.comes_last(source):
        content["results"] = _results_before(root, name)
    return json.dumps(content, indent=1, sort_keys=True, default=str) + "\n"


def write_keys(root: Path, profile: str, sets: Mapping[str, Any]) -> None:
    """Bring every notebook's key file up to date, touching only those whose content changed.

    A notebook that cannot be read, or whose imports cannot be resolved, has that as its key: its own run says so, and it
    holds up no other.
    """
    for name, source in sources(root).items():
        try:
            content = key(root, name, parameters.injected(source, profile), sets)
        except (UnreadableNotebook, dependencies.UnresolvedImport) as error:
            content = json.dumps({"unreadable": runtime.sha256(source), "reason": str(error)}) + "\n"
        write_key(name, content)


def write_key(name: str, content: str) -> None:
    """Bring one key file up to date, and its time and the result's into the order that make is to see.

    What the record of the run says decides whether a result is of this key, not the times. So a key that changes and changes
    back, as where a data set is out of reach for one call, costs no run and no result.
    """
    path, result = key_path(name), result_path(name)
    if not path.is_file() or path.read_text(encoding="utf-8") != content:
        with runtime.atomic_file(path) as file:
            file.write(content)
    if result.is_file() and _is_of_its_key(name) == _is_newer(path, result):
        later, earlier = (path, result) if _is_newer(path, result) else (result, path)
        moment = earlier.stat().st_mtime_ns - ONE_SECOND
        os.utime(later, ns=(moment, moment))


def unfinished(root: Path) -> list[str]:
    """Notebooks without a result that is newer than their key, in the order of their runs."""
    return [name for name in in_turn(root) if _stale(name)]


def key_path(name: str) -> Path:
    """Key file of a notebook in the profile in force."""
    return runtime.build_folder() / "stamps" / f"{name}.key"


def done_path(name: str) -> Path:
    """Record of a run that came to its end, in the profile in force."""
    return runtime.build_folder() / "stamps" / f"{name}.done"


def record_done(name: str, key_text: str, written: Iterable[Path]) -> None:
    """Note that a run came to its end: the checksums of its key and of every file that it wrote below the build folder."""
    build = runtime.build_folder()
    content = {
        "key_sha256": _sha256_of(key_text),
        "written": {
            path.relative_to(build).as_posix(): runtime.sha256(path) for path in sorted(set(written))
        },
    }
    with runtime.atomic_file(done_path(name)) as file:
        file.write(json.dumps(content, indent=1) + "\n")


def written_files(name: str) -> list[Path]:
    """Files that the last whole run of a notebook wrote; empty where there is no usable record."""
    build = runtime.build_folder()
    return [build / path for path in _done(name).get("written", {})]


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


def _results_before(root: Path, name: str) -> dict[str, dict[str, str]]:
    """By notebook that runs before this one: the files that its last whole run wrote, with checksums; none after a failure.

    Without the executed notebook, which holds the seconds of its run.
    """
    names = in_turn(root)
    own = result_path(name).parent.name
    return {
        one: {
            path: sha for path, sha in _done(one).get("written", {}).items() if not path.startswith(f"{own}/")
        }
        for one in names[: names.index(name)]
    }


def _stale(name: str) -> bool:
    key_file, result = key_path(name), result_path(name)
    # make sees the times, the record sees the content: each can miss what the other notices.
    return not result.is_file() or not _is_of_its_key(name) or _is_newer(key_file, result)


def _is_of_its_key(name: str) -> bool:
    """Whether a notebook's record is of the key as it stands and every file it names is there as written."""
    key_file, done, build = key_path(name), _done(name), runtime.build_folder()
    if not key_file.is_file() or done.get("key_sha256") != runtime.sha256(key_file):
        return False
    written: dict[str, str] = done["written"]
    return result_path(name).relative_to(build).as_posix() in written and all(
        (build / path).is_file() and runtime.sha256(build / path) == checksum
        for path, checksum in written.items()
    )


def _is_newer(key_file: Path, result: Path) -> bool:
    return key_file.stat().st_mtime_ns > result.stat().st_mtime_ns


def _done(name: str) -> dict[str, Any]:
    try:
        content = json.loads(done_path(name).read_text(encoding="utf-8"))
        places = [Path(path) for path in dict(content["written"])]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    # Files are removed by this record before a run, so it may name none outside the build folder.
    inside = all(not place.is_absolute() and ".." not in place.parts for place in places)
    return content if inside else {}


def _sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _shown(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _texts(value: Any) -> set[str]:
    """Every text in a nest of lists and dictionaries."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return set().union(*(_texts(one) for pair in value.items() for one in pair)) if value else set()
    return set().union(*map(_texts, value)) if isinstance(value, list | tuple) and value else set()
