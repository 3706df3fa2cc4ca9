"""Keys change when, and only when, something that a result depends on has changed; parameters are checked by reading."""

import json
import os

import pytest
from tiny_checkout import BODY, HEADER, make_checkout, notebook

from w2s_utils.chain import dependencies, parameters, stamps

UNREACHED = {"ESOL": {"reachable": False, "rows": []}}


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("W2S_PROFILE", "full")
    with_data = notebook("20_two", "from w2s_utils.data import datasets")
    with_figure = notebook("30_three", "def late():\n    from w2s_utils.figures import show")
    root = make_checkout(
        tmp_path, **{"10_one": notebook("10_one"), "20_two": with_data, "30_three": with_figure}
    )
    for room in ("data", "rooms"):
        (root / "w2s_utils" / room).mkdir()
    for name, text in {
        "data/__init__": "", "data/datasets": "import numpy\nfrom ..rooms import inner\n",
        "rooms/__init__": "", "rooms/inner": "", "rooms/other": "",
    }.items():  # fmt: skip
        (root / "w2s_utils" / f"{name}.py").write_text(text)
    return root


def keys(root, profile="full", sets=UNREACHED):
    """Content and time of each key file after it was brought up to date."""
    stamps.write_keys(root, profile, sets)
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


ALL = {"10_one", "20_two", "30_three"}


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("w2s_utils/__init__.py", ALL),
        ("w2s_utils/runtime.py", ALL),  # through results
        ("w2s_utils/figures.py", {"30_three"}),  # imported inside a function
        ("w2s_utils/data/datasets.py", {"20_two"}),
        ("w2s_utils/rooms/__init__.py", {"20_two"}),
        ("w2s_utils/rooms/inner.py", {"20_two"}),  # a sub-package, through datasets
        ("w2s_utils/rooms/other.py", set()),
        ("w2s_utils/unused.py", set()),
    ],
)
def test_changed_code_reaches_those_that_run_it(root, file, names):
    before = keys(root)
    with (root / file).open("a") as stream:
        stream.write("one_more = 1\n")
    assert changed(root, before) == names


def test_comments_and_docstrings_make_nothing_stale(root):
    for path in (root / "w2s_utils").rglob("*.py"):
        path.write_text(path.read_text() + '\n\ndef f():\n    """Some words."""\n    return 1\n')
    before = keys(root)
    for path in (root / "w2s_utils").rglob("*.py"):
        text = path.read_text().replace('"""Some words."""', '"""Others."""  # and a comment\n')
        path.write_text("# on top\n\n" + text + '\nLAST = 1\n"""What it is."""\n')
    after = keys(root)  # LAST is code
    for path in (root / "w2s_utils").rglob("*.py"):
        path.write_text(path.read_text().replace("LAST = 1\n", ""))
    assert changed(root, after) == ALL and keys(root).keys() == before.keys()
    assert {name: text for name, (text, _) in keys(root).items()} == {
        name: text for name, (text, _) in before.items()
    }


def test_a_notebook_s_own_text_counts_with_its_comments(root):
    before = keys(root)
    source = root / "notebooks" / "10_one.py"
    source.write_text(source.read_text() + "# its pair shows this\n")
    assert changed(root, before) == {"10_one"}


def test_pins_count_for_those_that_import_what_is_pinned_or_what_that_requires(root):
    (root / "constraints.txt").write_text("# pins\nnumpy==1.0\njoblib==1.0\nscikit-learn==1.0\n")
    (root / "w2s_utils" / "data" / "datasets.py").write_text("from ..rooms import inner\nimport sklearn\n")
    before = keys(root)
    (root / "constraints.txt").write_text("numpy==1.0\njoblib==2.0\nscikit-learn==1.0\n")
    assert changed(root, before) == {"20_two"}  # scikit-learn requires joblib
    before = keys(root)
    (root / "constraints.txt").write_text("numpy==1.0\njoblib==2.0\nscikit-learn==1.0\nrdkit==3\n")
    assert changed(root, before) == set()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("from w2s_utils import gone", "gone"),
        ("import w2s_utils.gone", "w2s_utils.gone"),
        ("from w2s_utils.rooms import gone", "rooms"),
        ("from w2s_utils.rooms import *", "rooms"),
        ("from w2s_utils.gone.inner import f", "w2s_utils.gone"),
    ],
)
def test_an_import_that_cannot_be_resolved_is_an_error_and_no_gap(root, line, words):
    source = root / "notebooks" / "10_one.py"
    source.write_text(source.read_text() + f"\n{line}\n")
    with pytest.raises(dependencies.UnresolvedImport, match=words):
        stamps.key(root, "10_one", {}, {})
    assert words in keys(root)["10_one"][0]  # and it holds up no other


def test_a_package_that_is_not_installed_is_noted(root):
    source = root / "notebooks" / "10_one.py"
    source.write_text(source.read_text() + "\ntry:\n    import optional_one\nexcept ImportError:\n    pass\n")
    assert json.loads(stamps.key(root, "10_one", {}, {}))["pins"]["optional_one"] == "not installed"


def test_a_module_that_moved_into_a_sub_package_stays_in_the_key(root):
    (root / "w2s_utils" / "figures.py").rename(root / "w2s_utils" / "rooms" / "figures.py")
    with pytest.raises(dependencies.UnresolvedImport, match="figures"):
        stamps.key(root, "30_three", {}, {})
    source = root / "notebooks" / "30_three.py"
    source.write_text(source.read_text().replace("w2s_utils.figures", "w2s_utils.rooms.figures"))
    moved = root / "w2s_utils" / "rooms" / "figures.py"
    moved.write_text("from .. import runtime\n")
    assert "w2s_utils/rooms/figures.py" in json.loads(stamps.key(root, "30_three", {}, {}))["code"]


SETS = {"ESOL": {"reachable": True, "rows": [1]}, "Lipop": {"reachable": True, "rows": [2]}}


@pytest.mark.parametrize(
    ("text", "loaded"),
    [
        ('names = ["Lipop"]', ["Lipop"]),
        ('datasets.load("ESOL"); datasets.names()', ["ESOL", "Lipop"]),
        ("datasets.status()", ["ESOL", "Lipop"]),
        ("datasets.load(chosen)", ["ESOL", "Lipop"]),  # names none
    ],
)
def test_data_sets_count_for_the_notebooks_that_name_them(root, text, loaded):
    source = root / "notebooks" / "20_two.py"
    source.write_text(source.read_text() + f"\n{text}\n")
    assert stamps.loaded_sets(root, "20_two", {}, SETS) == loaded
    assert stamps.loaded_sets(root, "10_one", {}, SETS) == []
    before = keys(root, sets=SETS)
    for name in SETS:
        other = {**SETS, name: {"reachable": False, "rows": []}}
        assert changed(root, before, sets=other) == ({"20_two"} if name in loaded else set())
        before = keys(root, sets=SETS)


def test_an_injected_name_of_a_set_counts_too(root):
    source = root / "notebooks" / "20_two.py"
    source.write_text(source.read_text() + '\nnames = ["Lipop"]\n')
    assert stamps.loaded_sets(root, "20_two", {"names": ["ESOL"]}, SETS) == ["ESOL", "Lipop"]


def test_injected_values_matter_only_to_their_profile(root):
    full, smoke = keys(root), keys(root, profile="smoke")
    (root / "notebooks" / "10_one.py").write_text(notebook("10_one", header="smoke: {rows: 2}, timeout: 9"))
    assert changed(root, smoke, profile="smoke") == {"10_one"}
    assert keys(root)["10_one"][0] == full["10_one"][0]  # a header moves nothing at the published values


def test_a_result_is_finished_only_when_newer_than_its_key(root):
    keys(root)
    assert stamps.unfinished(root) == ["10_one", "20_two", "30_three"]
    for name in stamps.sources(root):
        result = stamps.result_path(name)
        result.parent.mkdir(parents=True, exist_ok=True)
        result.with_name(f"{name}.partial.ipynb").write_text("{}")
    assert stamps.unfinished(root) == ["10_one", "20_two", "30_three"]
    result = stamps.result_path("20_two")
    result.write_text("{}")
    stamps.record_done("20_two", stamps.key_path("20_two").read_text(), [result])
    assert stamps.unfinished(root) == ["10_one", "30_three"]
    os.utime(stamps.key_path("20_two"), (2e9, 2e9))
    assert stamps.unfinished(root) == ["10_one", "20_two", "30_three"]


def test_parameters_are_accepted_when_assigned_and_read(root):
    parameters.check_parameters(stamps.source_of(root, "10_one"), {"rows": 3})


@pytest.mark.parametrize(
    ("injected", "words"),
    [
        ({"row": 3}, "has no parameter 'row'.*rows"),
        ({"unread": 3}, "never reads"),
        ({"ledger": 3}, "has no parameter"),
    ],
)
def test_parameters_that_the_notebook_does_not_take_are_refused(root, injected, words):
    with pytest.raises(parameters.UnknownParameter, match=words):
        parameters.check_parameters(stamps.source_of(root, "10_one"), injected)


def test_a_notebook_without_a_parameters_cell_takes_none(root):
    source = root / "notebooks" / "40_four.py"
    source.write_text(HEADER + "\n# %%\nrows = 3" + BODY.format(name="40_four"))
    parameters.check_parameters(source, {})
    with pytest.raises(parameters.UnknownParameter, match="no cell marked"):
        parameters.check_parameters(source, {"rows": 3})


@pytest.mark.parametrize("content", [b"n = (\n", b"\xff\xfe\x00", b"a = 1\x00"])
def test_an_unreadable_notebook_is_named_and_holds_up_no_other(root, content):
    source = root / "notebooks" / "10_one.py"
    source.write_bytes(content)
    with pytest.raises(dependencies.UnreadableNotebook, match="10_one"):
        dependencies.parsed(source)
    assert set(keys(root)) == {"10_one", "20_two", "30_three"}


def test_an_unknown_notebook_is_answered_with_the_known_ones(root):
    with pytest.raises(dependencies.UnreadableNotebook, match="10_one, 20_two"):
        stamps.source_of(root, "11_none")


@pytest.mark.parametrize(
    "text",
    [
        "smoke: 3",
        "smoke: [rows]",
        "timeout: 0",
        "timeout: soon",
        "timeout: true",
        "timeout: .inf",
        "after: 10_one",
        "after: [all]",
        "limit: 3",
        "smoke: {",
    ],
)
def test_a_header_of_another_form_is_refused_and_holds_up_no_other(root, text):
    source = root / "notebooks" / "10_one.py"
    source.write_text(notebook("10_one", header=text))
    with pytest.raises(dependencies.UnreadableNotebook, match="10_one.*smoke .names and values"):
        parameters.header(source)
    assert set(keys(root, profile="smoke")) == {"10_one", "20_two", "30_three"}


def test_the_header_says_what_is_injected_and_for_how_long_it_may_run(root):
    source = root / "notebooks" / "10_one.py"
    assert (parameters.injected(source, "smoke"), parameters.time_limit(source, "full")) == (
        {},
        parameters.FULL_LIMIT,
    )
    source.write_text(notebook("10_one", header="smoke: {rows: [2, 3]}, timeout: 900"))
    assert (parameters.injected(source, "smoke"), parameters.injected(source, "full")) == (
        {"rows": [2, 3]},
        {},
    )
    assert (parameters.time_limit(source, "full"), parameters.time_limit(source, "smoke")) == (
        900,
        parameters.SMOKE_LIMIT,
    )


def test_those_after_all_others_depend_on_what_the_others_wrote_and_on_no_seconds(root):
    last = {name: notebook(name, header="after: all") for name in ("15_map", "90_report")}
    make_checkout(root, **last)
    assert stamps.in_turn(root) == ["10_one", "20_two", "30_three", "15_map", "90_report"]
    rows, executed, *_ = written_run(root)
    before = keys(root)
    executed.write_text("took longer\n")
    stamps.record_done("10_one", stamps.key_path("10_one").read_text(), [rows, executed])
    assert changed(root, before) == set()
    rows.write_text("other rows\n")
    stamps.record_done("10_one", stamps.key_path("10_one").read_text(), [rows, executed])
    assert changed(root, before) == {"15_map", "90_report"}
    before = keys(root)
    own = stamps.result_path("15_map").parents[1] / "rows" / "15_map.csv"
    own.write_text("rows of the map\n")
    stamps.record_done("15_map", stamps.key_path("15_map").read_text(), [own])
    assert changed(root, before) == {"90_report"}
    stamps.done_path("10_one").unlink()  # as after a failure
    assert changed(root, keys(root)) == set() and "10_one.csv" not in stamps.key_path("15_map").read_text()


def test_files_that_a_module_says_it_reads_count_for_those_who_use_it(root):
    (root / "w2s_utils" / "shipped.py").write_text('READS = ("data/representations/*/provenance.json",)\n')
    source = root / "notebooks" / "10_one.py"
    source.write_text(source.read_text() + "\nfrom w2s_utils import shipped\n")
    before = keys(root)
    place = root / "data" / "representations" / "tiny" / "provenance.json"
    place.parent.mkdir(parents=True)
    place.write_text("{}")
    assert changed(root, before) == {"10_one"}
    (root / "w2s_utils" / "shipped.py").write_text("READS = [1]\n")
    with pytest.raises(dependencies.UnreadableNotebook, match="READS"):
        stamps.key(root, "10_one", {}, {})


def written_run(root):
    """A run of 10_one that wrote two files; its finished record."""
    keys(root)
    rows = stamps.result_path("10_one").parents[1] / "rows" / "10_one.csv"
    for path in (stamps.result_path("10_one"), rows):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("content\n")
    stamps.record_done("10_one", stamps.key_path("10_one").read_text(), [rows, stamps.result_path("10_one")])
    assert "10_one" not in stamps.unfinished(root)
    return [rows, stamps.result_path("10_one"), stamps.done_path("10_one"), stamps.key_path("10_one")]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("damage", ["deleted", "cut", "edited"])
def test_done_means_all_that_a_run_wrote(root, place, damage):
    path = written_run(root)[place]
    content = path.read_bytes()
    {
        "deleted": path.unlink,
        "cut": lambda: path.write_bytes(content[:5]),
        "edited": lambda: path.write_bytes(content.replace(b"n", b"m")),
    }[damage]()
    assert "10_one" in stamps.unfinished(root)
    keys(root)  # brings a damaged key back, and shows make a damaged result as one to run again
    assert ("10_one" in stamps.unfinished(root)) == (place < 3)
    assert seen_by_make("10_one") == (place == 3)


def seen_by_make(name):
    """Whether make, which knows only times, takes the result for one of the key."""
    result, key = stamps.result_path(name), stamps.key_path(name)
    return result.exists() and result.stat().st_mtime_ns >= key.stat().st_mtime_ns


def test_a_key_that_changes_and_changes_back_costs_no_run_and_no_result(root):
    result = written_run(root)[1]
    source = root / "notebooks" / "10_one.py"
    text, content = source.read_text(), result.read_bytes()
    for _ in range(2):  # twice: the second look finds the key as it left it
        source.write_text(text + "\nother = 1\n")
        for _ in range(2):
            keys(root)
            assert "10_one" in stamps.unfinished(root) and not seen_by_make("10_one")
        source.write_text(text)
        for _ in range(2):
            keys(root)
            assert "10_one" not in stamps.unfinished(root) and seen_by_make("10_one")
    assert result.read_bytes() == content


def test_a_stale_result_from_the_future_is_run_again_and_then_whole(root):
    rows, result, done, _ = written_run(root)
    os.utime(result, (4e9, 4e9))
    record = done.read_text()
    done.write_text(record.replace('"key_sha256": "', '"key_sha256": "0'))
    keys(root)
    assert "10_one" in stamps.unfinished(root) and not seen_by_make("10_one")
    result.write_text("content\n")
    stamps.record_done("10_one", stamps.key_path("10_one").read_text(), [rows, result])
    assert "10_one" not in stamps.unfinished(root) and seen_by_make("10_one")


@pytest.mark.parametrize("path", ["/elsewhere/file", "../file", "rows/../../file"])
def test_a_record_that_names_files_elsewhere_is_not_believed(root, path):
    done = written_run(root)[2]
    done.write_text(json.dumps({"key_sha256": "0", "written": {path: "0"}}))
    assert stamps.written_files("10_one") == [] and "10_one" in stamps.unfinished(root)
