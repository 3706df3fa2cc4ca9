"""What a Python file of the checkout depends on, found by reading and never by running it.

Three things: the files of the package that it reaches, the packages outside that those import, and the files beside code
that they read, which a module names in a literal ``READS = ("data/thing/*.json",)``, patterns from the top of the checkout.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGE = "w2s_utils"


class UnreadableNotebook(ValueError):
    """A Python source that is missing, is not UTF-8 text or is not Python."""


class UnresolvedImport(ValueError):
    """An import whose target cannot be found: nobody could say what depends on it."""


@dataclass(frozen=True)
class Reached:
    """``files`` of the package, with every ``__init__`` above them; top-level names of ``outside`` packages; ``reads``:
    patterns of other files that they read."""

    files: frozenset[Path]
    outside: frozenset[str]
    reads: frozenset[str]


def parsed(source: Path) -> tuple[str, ast.Module]:
    """Text and syntax tree of a Python file. Raises UnreadableNotebook saying where it goes wrong."""
    try:
        text = source.read_text(encoding="utf-8")
        return text, ast.parse(text)
    except (OSError, ValueError, SyntaxError) as error:
        raise UnreadableNotebook(f"{source.name} cannot be read as Python text: {error}") from error


def reached(source: Path, root: Path) -> Reached:
    """What ``source`` reaches in the package of the checkout ``root``, directly or through one another.

    Raises UnresolvedImport for an import of the package that names no module and nothing that an ``__init__`` defines;
    UnreadableNotebook.
    """
    files: set[Path] = set()
    outside: set[str] = set()
    reads = set(_reads(source))
    waiting = {source}
    while waiting:
        file = waiting.pop()
        within, beyond = imports(file, root)
        outside |= beyond
        fresh = within - files
        files |= fresh
        waiting |= fresh
        for one in fresh:
            reads |= set(_reads(one))
    return Reached(frozenset(files), frozenset(outside), frozenset(reads))


def imports(file: Path, root: Path) -> tuple[frozenset[Path], frozenset[str]]:
    """Files of the package, with every ``__init__`` above them, and top-level names of outside packages that one file imports.

    Python's own modules are left out. Raises as `reached`.
    """
    return _imports(file, file.stat().st_mtime_ns, root)


def code(source: Path) -> str:
    """The syntax tree of a Python file as text, without comments, docstrings and other bare strings.

    The same text means the same behaviour. Raises UnreadableNotebook.
    """
    tree = parsed(source)[1]
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            if isinstance(statements, list):
                setattr(node, name, [one for one in statements if not _is_bare_string(one)])
    return ast.dump(tree)


def pins(names: Iterable[str], constraints: str) -> dict[str, str]:
    """Lines of ``constraints`` (a constraints file) for the distributions behind imported ``names`` and all they require.

    A name that nothing installed provides, such as that of an optional package, stands as ``not installed``.
    """
    pinned = {
        _normal(line.split("==")[0]): line.strip()
        for line in constraints.splitlines()
        if "==" in line and not line.lstrip().startswith("#")
    }
    waiting = {_normal(one) for name in names for one in _distributions().get(name, ())}
    found: set[str] = set()
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting |= _required(one)
    missing = dict.fromkeys(set(names) - _distributions().keys(), "not installed")
    return {name: pinned[name] for name in found & pinned.keys()} | missing


def _is_bare_string(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


@cache
def _imports(file: Path, stamp: int, root: Path) -> tuple[frozenset[Path], frozenset[str]]:
    """Files of the package and top-level names outside that one file imports; ``stamp`` is its time, for the cache."""
    within: set[Path] = set()
    outside: set[str] = set()
    for node in ast.walk(parsed(file)[1]):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == PACKAGE:
                    within |= _module_files(alias.name, None, file, root)
                else:
                    outside.add(alias.name.split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            start = _absolute(node, file, root)
            if start.split(".")[0] == PACKAGE:
                for alias in node.names:
                    within |= _module_files(start, alias.name, file, root)
            else:
                outside.add(start.split(".")[0])
    return frozenset(within), frozenset(outside - sys.stdlib_module_names)


def _absolute(node: ast.ImportFrom, file: Path, root: Path) -> str:
    """Dotted name from which ``from ... import`` takes, with leading dots resolved."""
    if not node.level:
        return str(node.module)
    folder = file.parent
    for _ in range(node.level - 1):
        folder = folder.parent
    try:
        start = ".".join(folder.relative_to(root).parts)
    except ValueError:
        start = ""
    if start.split(".")[0] != PACKAGE:
        raise UnresolvedImport(f"{file.name}, line {node.lineno}: a relative import leaves the package")
    return f"{start}.{node.module}" if node.module else start


def _module_files(module: str, name: str | None, file: Path, root: Path) -> set[Path]:
    """Files behind ``import module``, or ``from module import name``: the module's own and every ``__init__`` above it."""
    found = []
    place = root
    for part in module.split("."):
        place = place / part
        found.append(_code_of(place))
    if None in found:
        raise UnresolvedImport(f"{file.name} imports {module}, which is no module of {PACKAGE}")
    if name and found[-1] is not None and found[-1].name == "__init__.py":
        child = _code_of(place / name)
        if child is not None:
            found.append(child)
        elif name == "*" or name not in _defined(found[-1]):
            raise UnresolvedImport(
                f"{file.name} imports {name} from {module}, which has no such module or name"
            )
    return {one for one in found if one is not None}


def _code_of(place: Path) -> Path | None:
    for path in (place.with_name(place.name + ".py"), place / "__init__.py"):
        if path.is_file():
            return path
    return None


def _defined(init: Path) -> set[str]:
    """Names that an ``__init__`` itself defines: assigned, imported, functions and classes."""
    tree = parsed(init)[1]
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def _reads(source: Path) -> Iterator[str]:
    """Patterns in a module's ``READS``. Raises UnreadableNotebook where it is not a literal tuple of texts."""
    for node in parsed(source)[1].body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "READS" for target in node.targets
        ):
            try:
                patterns = ast.literal_eval(node.value)
            except ValueError:
                patterns = None
            if not isinstance(patterns, tuple) or not all(isinstance(one, str) for one in patterns):
                raise UnreadableNotebook(f"{source.name}: READS is a literal tuple of patterns")
            yield from patterns


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(metadata.packages_distributions())


@cache
def _required(distribution: str) -> frozenset[str]:
    """Distributions that one requires here, without extras; empty for one that is not installed."""
    from packaging.requirements import Requirement

    try:
        asked = metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return frozenset()
    wanted = [Requirement(text) for text in asked]
    return frozenset(
        _normal(one.name) for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})
    )


def _normal(name: str) -> str:
    from packaging.utils import canonicalize_name

    return str(canonicalize_name(name.strip()))
