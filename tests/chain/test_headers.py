"""Every value in a notebook's header reaches the notebook, which does not ask for the profile."""

import ast
import re
from pathlib import Path

import pytest

from w2s_utils.chain import dependencies, parameters, stamps
from w2s_utils.chain.catalogue import declared_claims

SOURCES = stamps.sources(Path(__file__).resolve().parents[2])


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_injected_value_is_accepted(source):
    parameters.check_parameters(source, parameters.injected(source, "smoke"))
    assert 0 < parameters.time_limit(source, "smoke") <= parameters.SMOKE_LIMIT
    assert parameters.time_limit(source, "full") <= parameters.FULL_LIMIT
    assert parameters.time_limit(source, "full", 3) == 3 * parameters.time_limit(source, "full")


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_no_notebook_branches_on_the_profile(source):
    _, tree = dependencies.parsed(source)
    compared = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    assert not [code for code in compared if "profile" in code.lower() or "smoke" in code]


NUMBERS = (
    "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_first_cell_that_counts_its_claims_counts_right(source):
    told = re.search(r"\| Outputs \|.* (\w+) claims? \|", source.read_text(encoding="utf-8"))
    if told and told[1] in NUMBERS.split():
        assert NUMBERS.split()[len(declared_claims(source))] == told[1]
