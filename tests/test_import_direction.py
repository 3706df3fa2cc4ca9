"""Modules import only from lower layers (the list in ``w2s_utils/__init__.py``); the core stays light."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import w2s_utils
from w2s_utils import dependencies

PACKAGE = Path(w2s_utils.__file__).parent
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")
LAYERS = {
    name: int(number)
    for number, text in re.findall(
        r"^(\d+)\. (.*?)(?=^\d+\. |\Z)", w2s_utils.__doc__ or "", re.DOTALL | re.MULTILINE
    )
    for name in re.findall(r"``(\w+)``", text)
}


def test_the_list_of_layers_names_every_module_and_no_other():
    assert sorted(LAYERS) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_lower_layers(module):
    upward = {
        file.stem
        for file in dependencies.reached(PACKAGE / f"{module}.py", PACKAGE.parent).files
        if file.stem != "__init__" and LAYERS.get(file.stem, 99) >= LAYERS.get(module, 99)
    }
    assert not upward


@pytest.mark.parametrize("module", ["misfit", "projection"])
def test_the_core_imports_neither_torch_nor_plots(module):
    heavy = "{'torch', 'matplotlib', 'rdkit', 'transformers'}"
    code = f"import sys, w2s_utils.{module}; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "[]"


@pytest.mark.parametrize("module", MODULES)
def test_torch_and_transformers_are_imported_only_inside_functions(module):
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    names = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").split(".")[0])
    assert not names & {"torch", "transformers"}
