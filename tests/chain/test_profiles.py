"""Every value in notebooks/smoke.yaml reaches a notebook that reads it."""

import ast
from pathlib import Path

import pytest

from w2s_utils.chain import dependencies, stamps

REPOSITORY = Path(__file__).resolve().parents[2]
SETTINGS = stamps.smoke_settings(REPOSITORY)


def test_smoke_settings_name_existing_notebooks():
    assert set(SETTINGS) <= set(stamps.sources(REPOSITORY))


@pytest.mark.parametrize("name", SETTINGS)
def test_every_injected_value_is_accepted(name):
    injected = stamps.injected_parameters(REPOSITORY, name, "smoke")
    stamps.check_parameters(stamps.source_of(REPOSITORY, name), injected)
    assert 0 < SETTINGS[name].get("timeout", 1) <= 600


@pytest.mark.parametrize("name", stamps.sources(REPOSITORY))
def test_no_notebook_branches_on_the_profile(name):
    _, tree = dependencies.parsed(stamps.source_of(REPOSITORY, name))
    compared = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    assert not [code for code in compared if "profile" in code.lower() or "smoke" in code]
