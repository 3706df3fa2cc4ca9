"""Keys change when, and only when, something that a result depends on has changed; parameters are checked by reading."""

import json
import os

import pytest
from tiny_checkout import BODY, HEADER, make_checkout, notebook

from w2s_utils import stamps

UNREACHED = {"ESOL": False}


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("W2S_PROFILE", "full")
    with_data = notebook("20_two", "from w2s_utils import datasets")
    with_figure = notebook("30_three", "def late():\n    from w2s_utils.figures import show")
    root = make_checkout(
        tmp_path, **{"10_one": notebook("10_one"), "20_two": with_data, "30_three": with_figure}
    )
    (root / "w2s_utils" / "datasets.py").write_text("import numpy\n")
    return root


def keys(root, profile="full", reachable=UNREACHED):
    """Content and time of each key file after it was brought up to date."""
    stamps.write_keys(root, profile, reachable)
    return {
        name: (stamps.key_path(name).read_text(), stamps.key_path(name).stat().st_mtime_ns)
        for name in stamps.sources(root)
    }


def changed(root, before, **settings):
    after = keys(root, **settings)
    assert {name for name in after if after[name][0] != before[name][0]} == {
        name for name in after if after[name][1] != before[name][1]
    }
    return {name for name in after if after[name] != before[name]}


def test_nothing_changes_without_a_change_of_content(root):
    before = keys(root)
    for path in [*root.rglob("*.py"), root / "constraints.txt"]:
        os.utime(path)
    assert changed(root, before) == set()


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("notebooks/10_one.py", {"10_one"}),
        ("constraints.txt", {"10_one", "20_two", "30_three"}),
        ("data/registry.csv", {"10_one", "20_two", "30_three"}),
        ("w2s_utils/runtime.py", {"10_one", "20_two", "30_three"}),  # through results
        ("w2s_utils/figures.py", {"30_three"}),  # imported inside a function
        ("w2s_utils/datasets.py", {"20_two"}),
        ("w2s_utils/unused.py", set()),
    ],
)
def test_a_change_of_content_reaches_those_that_depend_on_it(root, file, names):
    before = keys(root)
    with (root / file).open("a") as stream:
        stream.write("# more\n")
    assert changed(root, before) == names


def test_reachable_data_matters_only_to_notebooks_that_load_it(root):
    assert changed(root, keys(root), reachable={"ESOL": True}) == {"20_two"}


def test_injected_values_matter_only_to_their_profile(root):
    full, smoke = keys(root), keys(root, profile="smoke")
    (root / "notebooks" / "smoke.yaml").write_text("10_one: {parameters: {rows: 2}}\n")
    assert changed(root, smoke, profile="smoke") == {"10_one"}
    assert keys(root)["10_one"][0] == full["10_one"][0]


def test_a_result_is_finished_only_when_newer_than_its_key(root):
    keys(root)
    assert stamps.unfinished(root) == ["10_one", "20_two", "30_three"]
    for name in stamps.sources(root):
        result = stamps.result_path(name)
        result.parent.mkdir(parents=True, exist_ok=True)
        result.with_name(f"{name}.partial.ipynb").write_text("{}")
    assert stamps.unfinished(root) == ["10_one", "20_two", "30_three"]
    stamp = {"w2s": {"key_sha256": stamps.sha256(stamps.key_path("20_two"))}}
    stamps.result_path("20_two").write_text(json.dumps({"metadata": stamp}))
    assert stamps.unfinished(root) == ["10_one", "30_three"]
    os.utime(stamps.key_path("20_two"), (2e9, 2e9))
    assert stamps.unfinished(root) == ["10_one", "20_two", "30_three"]


def test_parameters_are_accepted_when_assigned_and_read(root):
    stamps.check_parameters(stamps.source_of(root, "10_one"), {"rows": 3})


@pytest.mark.parametrize(
    ("injected", "words"),
    [
        ({"row": 3}, "has no parameter 'row'.*rows"),
        ({"unread": 3}, "never reads"),
        ({"ledger": 3}, "has no parameter"),
    ],
)
def test_parameters_that_the_notebook_does_not_take_are_refused(root, injected, words):
    with pytest.raises(stamps.UnknownParameter, match=words):
        stamps.check_parameters(stamps.source_of(root, "10_one"), injected)


def test_a_notebook_without_a_parameters_cell_takes_none(root):
    source = root / "notebooks" / "40_four.py"
    source.write_text(HEADER + "\n# %%\nrows = 3" + BODY.format(name="40_four"))
    stamps.check_parameters(source, {})
    with pytest.raises(stamps.UnknownParameter, match="no cell marked"):
        stamps.check_parameters(source, {"rows": 3})


@pytest.mark.parametrize("content", [b"n = (\n", b"\xff\xfe\x00", b"a = 1\x00"])
def test_an_unreadable_notebook_is_named_and_holds_up_no_other(root, content):
    source = root / "notebooks" / "10_one.py"
    source.write_bytes(content)
    with pytest.raises(stamps.UnreadableNotebook, match="10_one"):
        stamps.parsed(source)
    assert set(keys(root)) == {"10_one", "20_two", "30_three"}


def test_an_unknown_notebook_is_answered_with_the_known_ones(root):
    with pytest.raises(stamps.UnreadableNotebook, match="10_one, 20_two"):
        stamps.source_of(root, "11_none")


@pytest.mark.parametrize(
    "text", ["[1, 2]", "10_one: 3", "10_one: {parameter: {rows: 2}}", "10_one: {parameters: [rows]}", "{"]
)
def test_a_smoke_file_of_another_form_is_refused(root, text):
    (root / "notebooks" / "smoke.yaml").write_text(text)
    with pytest.raises(stamps.BadSmokeFile, match="smoke"):
        stamps.smoke_settings(root)


def test_shipped_models_count_for_those_who_use_them(root):
    (root / "w2s_utils" / "shipped.py").write_text("import numpy\n")
    source = root / "notebooks" / "10_one.py"
    source.write_text(source.read_text() + "\nfrom w2s_utils import shipped\n")
    before = keys(root)
    place = root / "data" / "representations" / "tiny" / "provenance.json"
    place.parent.mkdir(parents=True)
    place.write_text("{}")
    assert changed(root, before) == {"10_one"}
