"""Rooms import only from rooms before them (`w2s_utils.ROOMS`), without circles, and never what they say they never do."""

import ast
import subprocess
import sys
import warnings
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import w2s_utils
from w2s_utils.chain import dependencies

PACKAGE = Path(w2s_utils.__file__).parent
OLD_NAMES = {"misfit": "theory.misfit", "projection": "heads.linear", "protocol": "experiments.protocol"}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem not in OLD_NAMES)
MODULES = [path for path in FILES if path.stem not in ("__init__", "__main__")]
ROOMS = [room for room in w2s_utils.ROOMS if (PACKAGE / room).is_dir()]
HEAVY = {"torch", "transformers", "rdkit", "matplotlib", "seaborn"}


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def named(path):
    return path.relative_to(PACKAGE).as_posix()


def direct(path):
    """Files that a module imports itself, and the packages outside that it imports anywhere."""
    within, outside = dependencies.imports(path, PACKAGE.parent)
    return {file for file in within if file.stem != "__init__"}, outside


def test_every_module_stands_in_a_room_and_every_room_is_listed():
    on_top = [path.stem for path in PACKAGE.glob("*.py") if path.stem not in ("__init__", *OLD_NAMES)]
    folders = [path.parent.name for path in PACKAGE.glob("*/__init__.py")]
    assert sorted(on_top + folders) == sorted(w2s_utils.ROOMS)
    assert len(on_top) <= 6 and len(folders) >= 8


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_module_imports_only_from_its_room_and_rooms_before_it(path):
    if path.parent == PACKAGE and path.stem == "__init__":
        assert direct(path) == (set(), set())
        return
    place = w2s_utils.ROOMS.index(room_of(path))
    assert not {named(file) for file in direct(path)[0] if w2s_utils.ROOMS.index(room_of(file)) > place}


def test_no_module_and_no_notebook_is_too_long_to_read():
    notebooks = sorted((PACKAGE.parent / "notebooks").glob("*.py"))
    long = {path.name: lines for path in FILES if (lines := len(path.read_text("utf-8").splitlines())) > 330}
    long |= {
        path.name: lines for path in notebooks if (lines := len(path.read_text("utf-8").splitlines())) > 600
    }
    assert not long


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_no_circle_inside(room):
    graph = {
        path: {file for file in direct(path)[0] if room_of(file) == room}
        for path in FILES
        if room_of(path) == room
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_stands_there_and_keeps_to_it(room):
    text, tree = dependencies.parsed(PACKAGE / room / "__init__.py")
    assert (ast.get_docstring(tree) or "").endswith(".")
    [never] = [ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign)]
    for path in FILES:
        if room_of(path) == room:
            within, outside = direct(path)
            assert not ({room_of(file) for file in within} | outside) & set(never), named(path)


@pytest.mark.parametrize(
    ("module", "heavy"),
    [("theory.misfit", HEAVY | {"sklearn", "pandas"}), ("theory.ranking", HEAVY), ("heads.linear", HEAVY)],
)
def test_the_core_imports_neither_torch_nor_plots(module, heavy):
    code = f"import sys, w2s_utils.{module}; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "[]"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_torch_and_transformers_are_imported_only_inside_functions(path):
    names = set()
    for node in dependencies.parsed(path)[1].body:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").split(".")[0])
    assert not names & {"torch", "transformers", "rdkit"}


@pytest.mark.parametrize("old", OLD_NAMES)
def test_an_old_name_still_works_and_says_the_new_one(old):
    code = f"import warnings; warnings.simplefilter('error'); import w2s_utils.{old}"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"DeprecationWarning: w2s_utils.{old} is now w2s_utils.{OLD_NAMES[old]}" in found.stderr
    with warnings.catch_warnings(action="ignore"):
        before = __import__(f"w2s_utils.{old}", fromlist=["x"])
        now = __import__(f"w2s_utils.{OLD_NAMES[old]}", fromlist=["x"])
    public = [name for name in vars(now) if not name.startswith("_")]
    assert all(getattr(before, name) is getattr(now, name) for name in public)
