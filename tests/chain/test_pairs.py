"""Every committed pair agrees with its source; a pair that does not is noticed."""

import hashlib
import json
import os
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from tiny_checkout import make_checkout, notebook

from w2s_utils.chain import claims, commands, pairs, stamps

REPOSITORY = Path(__file__).resolve().parents[2]
FIGURE = """\
import matplotlib.pyplot as plt

from w2s_utils import figures

figures.show(plt.figure(), "empty", alt="an empty figure")"""


def test_committed_pairs_agree_with_their_sources():
    assert pairs.all_problems(REPOSITORY) == []


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A checkout whose one notebook ran in full and was published."""
    kept = dict(os.environ)
    root = make_checkout(tmp_path_factory.mktemp("checkout"), **{"10_one": notebook("10_one", FIGURE)})
    os.environ |= {"W2S_BUILD": str(root / "build"), "W2S_PROFILE": "full"}
    stamps.write_keys(root, "full", {})
    for command in (["run", "10_one"], ["finish"], ["publish"]):
        assert commands.main(["--root", str(root), *command, "--profile", "full"]) == 0
    yield root
    os.environ.clear()
    os.environ.update(kept)


@pytest.fixture
def pair(published, tmp_path):
    """Source and a doctoring function: it changes the notebook and returns the problems found then."""
    source, target = published / "notebooks" / "10_one.py", tmp_path / "10_one.ipynb"

    def doctor(change):
        found = nbformat.read(published / "notebooks" / "10_one.ipynb", as_version=4)
        change(found)
        target.write_text(nbformat.writes(found), encoding="utf-8")
        return "\n".join(pairs.problems(source, target))

    return doctor


def test_a_published_pair_is_good_and_the_same_when_published_again(published):
    assert pairs.all_problems(published) == []
    path = published / "notebooks" / "10_one.ipynb"
    first = path.read_bytes()
    pairs.publish(published, [])
    assert path.read_bytes() == first
    text = first.decode()
    assert "papermill" not in text and "iopub" not in text and str(published) not in text
    images = [
        out
        for cell in json.loads(text)["cells"]
        for out in cell.get("outputs", [])
        if "image/png" in out.get("data", {})
    ]
    assert [image["metadata"]["image/png"]["alt"] for image in images] == ["an empty figure"]


def test_publishing_everything_keeps_the_ledger_as_reference(published):
    reference = published / "data" / "reference"
    collected = pd.read_csv(published / "build" / "claims.csv").drop(columns="seconds")
    kept = pd.read_csv(reference / "claims.csv")
    assert list(kept.columns) == list(collected.columns) and kept["claim"].tolist() == ["10_one-mean"]
    assert kept["found"][0] == pytest.approx(collected["found"][0], rel=1e-5)
    provenance = json.loads((reference / "provenance.json").read_text())
    assert provenance["claims.csv"]["profile"] == "full" and provenance["claims.csv"]["claims"] == 1
    assert "numpy" in provenance["notebooks"]["10_one"]["versions"]


def code_cells(found):
    return [cell for cell in found.cells if cell.cell_type == "code"]


def text_output(text):
    return lambda found: code_cells(found)[0].outputs.append(nbformat.v4.new_output("stream", text=text))


def drop_alt(found):
    for cell in code_cells(found):
        for output in cell.outputs:
            output.get("metadata", {}).pop("image/png", None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda found: found.metadata.w2s.update(source_sha256="0"), "another version of the source"),
        (lambda found: found.metadata.pop("w2s"), "another version of the source"),
        (lambda found: found.metadata.w2s.update(profile="smoke"), "not made by a full run"),
        (lambda found: found.metadata.w2s.update(parameters={"rows": 2}), "not made by a full run"),
        (lambda found: code_cells(found)[1].update(source="rows = 5"), "cells differ"),
        (lambda found: found.cells.pop(0), "cells differ"),
        (lambda found: code_cells(found)[0].metadata.update(tags=["other"]), "cells differ"),
        (lambda found: code_cells(found)[1].update(execution_count=None), "never ran"),
        (lambda found: code_cells(found)[1].update(outputs=[]), "outputs were changed"),
        (text_output("see /home/someone/results"), "machine path '/home/someone'"),
        (text_output("see C:\\Users"), "machine path"),
        (lambda found: code_cells(found)[0].metadata.update(tags=["injected-parameters"]), "was injected"),
        (drop_alt, "without alt text"),
        (
            lambda found: code_cells(found)[0].outputs.append(
                nbformat.v4.new_output("display_data", {"text/html": "<p><img src='a.png'></p>"})
            ),
            "<img> without alt text",
        ),
        (
            lambda found: code_cells(found)[0].outputs.append(
                nbformat.v4.new_output("error", ename="E", evalue="no")
            ),
            "E: no",
        ),
        (text_output("x" * (pairs.MAX_BYTES + 1)), "more than"),
    ],
)
def test_a_doctored_pair_is_noticed(pair, change, words):
    assert words in pair(change)


def test_an_untouched_copy_is_not(pair):
    assert pair(lambda found: None) == ""


@pytest.mark.parametrize(
    "text", ["https://example.org/home/page", "a/data/b", "./build/full/report.html", "1/root/2"]
)
def test_addresses_and_relative_paths_are_no_machine_paths(text):
    assert not pairs.MACHINE_PATH.search(text)


def test_a_missing_half_and_a_damaged_file_are_noticed(published, tmp_path):
    source = published / "notebooks" / "10_one.py"
    assert "missing" in pairs.problems(source, tmp_path / "none.ipynb")[0]
    assert "missing" in pairs.problems(tmp_path / "none.py", published / "notebooks" / "10_one.ipynb")[0]
    (tmp_path / "bad.ipynb").write_text("{")
    assert "not a notebook" in pairs.problems(source, tmp_path / "bad.ipynb")[0]


def test_only_a_clean_full_run_is_published(published, monkeypatch):
    result = stamps.result_path("10_one")
    clean = nbformat.read(result, as_version=4)
    try:
        for change, words in [
            (lambda found: found.metadata.w2s.update(parameters={"rows": 2}), "injected"),
            (lambda found: found.metadata.w2s.update(source_sha256="0"), "changed after its run"),
            (text_output("/home/someone/x"), "machine path"),
        ]:
            found = nbformat.from_dict(json.loads(nbformat.writes(clean)))
            change(found)
            result.write_text(nbformat.writes(found))
            stamps.record_done("10_one", stamps.key_path("10_one").read_text(), [result])
            with pytest.raises(pairs.CannotPublish, match=words):
                pairs.publish(published, ["10_one"])
    finally:
        result.write_text(nbformat.writes(clean))
    monkeypatch.setenv("W2S_PROFILE", "smoke")
    with pytest.raises(pairs.CannotPublish, match="only the full profile"):
        pairs.publish(published, [])
    monkeypatch.setenv("W2S_PROFILE", "full")
    monkeypatch.setenv("W2S_BUILD", str(published / "elsewhere"))
    with pytest.raises(pairs.CannotPublish, match="not finished"):
        pairs.publish(published, ["10_one"])


@pytest.fixture
def two(tmp_path, monkeypatch):
    """A checkout with two notebooks; gives the checkout and what runs one of them."""
    kept = dict(os.environ)
    os.environ |= {"W2S_BUILD": str(tmp_path / "build"), "W2S_PROFILE": "full"}
    root = make_checkout(tmp_path, **{name: notebook(name) for name in ("10_one", "20_two")})

    def run(name):
        stamps.write_keys(root, "full", {})
        assert commands.main(["--root", str(root), "run", name, "--profile", "full"]) == 0

    yield root, run
    os.environ.clear()
    os.environ.update(kept)


def test_publishing_one_notebook_touches_no_other(two):
    root, run = two
    ledger, about = (root / "data" / "reference" / name for name in ("claims.csv", "provenance.json"))
    run("20_two")  # alone: nothing else has to run first
    pairs.publish(root, ["20_two"])
    assert not (root / "notebooks" / "10_one.ipynb").exists()
    run("10_one")
    pairs.publish(root, ["10_one"])
    assert list(pd.read_csv(ledger)["claim"]) == [
        "10_one-mean",
        "20_two-mean",
    ]  # in the order of the notebooks
    assert list(json.loads(about.read_text())["notebooks"]) == ["10_one", "20_two"]

    pair, lines = (root / "notebooks" / "10_one.ipynb").read_bytes(), ledger.read_text().splitlines()
    source = root / "notebooks" / "20_two.py"
    source.write_text(source.read_text().replace("low=-5", "low=-6"))
    run("20_two")
    pairs.publish(root, ["20_two"])
    after = ledger.read_text().splitlines()
    assert (root / "notebooks" / "10_one.ipynb").read_bytes() == pair and after[:2] == lines[:2]
    assert after[2] != lines[2]


def test_a_failed_claim_is_not_published(two):
    root, run = two
    source = root / "notebooks" / "10_one.py"
    source.write_text(source.read_text().replace("high=5", "high=-4"))
    run("10_one")
    with pytest.raises(pairs.CannotPublish, match="10_one-mean"):
        pairs.publish(root, ["10_one"])
    assert not (root / "notebooks" / "10_one.ipynb").exists() and not (root / "data" / "reference").exists()


def test_a_damaged_row_of_another_notebook_is_not_published_again(two):
    root, run = two
    ledger = root / "data" / "reference" / "claims.csv"
    for name in ("10_one", "20_two"):
        run(name)
        pairs.publish(root, [name])
    damaged = ledger.read_text().replace(
        "20_two-mean,nowhere,,,,,mean of the draws,-5,5", "20_two-mean,nowhere,,,,,mean of the draws,4,5"
    )
    assert damaged != ledger.read_text()
    ledger.write_text(damaged)
    pair = (root / "notebooks" / "10_one.ipynb").read_bytes()
    with pytest.raises(
        pairs.CannotPublish,
        match="claims.csv is missing or damaged .20_two-mean: by its numbers it is 'fail'",
    ):
        pairs.publish(root, ["10_one"])
    assert ledger.read_text() == damaged and (root / "notebooks" / "10_one.ipynb").read_bytes() == pair
    pairs.publish(root, ["10_one", "20_two"])
    assert ledger.read_text() != damaged


def with_row(change):
    """A doctored ledger, of its lines: header, the row of 10_one, that of 20_two."""
    return lambda text: "".join(change(*text.splitlines(keepends=True)))


def more_cells(name, cell):
    return with_row(
        lambda head, *rows: [head.replace("\n", name), *(row.replace("\n", cell) for row in rows)]
    )


LEDGERS = {
    "conflict": (
        with_row(lambda head, one, two: [head, one, "<<<<<<< a\n", two, "=======\n", two, ">>>>>>> b\n"]),
        "cells where",
    ),
    "one cell more": (more_cells("\n", ",1\n"), "cells where"),
    "another column": (more_cells(",x\n", ",1\n"), "other columns"),
    "another id": (lambda text: text.replace("20_two-mean", "20_two-maen"), "was edited"),
    "a row twice": (with_row(lambda head, one, two: [head, one, two, two]), "stands there twice"),
    "a row of another twice": (with_row(lambda head, one, two: [head, one, one, two]), "stands there twice"),
    "cut off": (lambda text: text[:-3], "cut off"),
    "a row gone": (with_row(lambda head, one, two: [head, one]), "was edited"),
    "header alone": (with_row(lambda head, one, two: [head]), "was edited"),
    "another notebook": (lambda text: text.replace("\n20_two,", "\n99_none,"), "was edited"),
    "another place": (lambda text: text.replace("20_two-mean,nowhere", "20_two-mean,here"), "was edited"),
    "another header": (lambda text: text.replace("claim,", "Claim,", 1), "other columns"),
    "empty": (lambda text: "", "cut off"),
    "a mark in front": (lambda text: "\ufeff" + text, "other columns"),
    "missing": (lambda text: None, "No such file"),
}
ABOUTS = {
    "cut off": ("{", "Expecting"),
    "a list": ("[]", "no sha256"),
    "null": ("null", "no sha256"),
    "no ledger": ('{"notebooks": {}}', "no sha256"),
    "a list of notebooks": ('{"claims.csv": {"sha256": "0"}, "notebooks": []}', "no notebooks"),
    "no notebooks": ('{"claims.csv": {"sha256": "0"}, "notebooks": null}', "no notebooks"),
    "missing": (None, "No such file"),
}


def put(path, text):
    if text is None:
        path.unlink()
    else:
        path.write_text(text, encoding="utf-8")


def tree(root):
    """Every file of a checkout with its bytes, but for its build folder."""
    return {
        path: path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "build" not in path.relative_to(root).parts
    }


@pytest.fixture
def both(two):
    """A checkout whose two notebooks are published, with its ledger and provenance; the pair of the first is an old one."""
    root, run = two
    for name in ("10_one", "20_two"):
        run(name)
    pairs.publish(root, [])
    assert commands.main(["--root", str(root), "check-pairs", "--profile", "full"]) == 0
    (root / "notebooks" / "10_one.ipynb").write_text("old")
    return root, *(root / "data" / "reference" / name for name in ("claims.csv", "provenance.json"))


def test_a_reference_that_was_damaged_or_edited_is_refused_and_nothing_is_written(both, capsys):
    root, ledger, about = both
    whole, told = ledger.read_text(), about.read_text()
    cases = [(ledger, change(whole), words) for change, words in LEDGERS.values()]
    cases += [(about, text, words) for text, words in ABOUTS.values()]
    for path, text, words in cases:
        assert text not in (whole, told)
        put(path, text)
        before = tree(root)
        with pytest.raises(pairs.CannotPublish, match=f"{path.name}.* is missing or damaged .*{words}"):
            pairs.publish(root, ["10_one"])
        assert tree(root) == before
        capsys.readouterr()
        assert commands.main(["--root", str(root), "check-pairs", "--profile", "full"]) == 1
        assert words in capsys.readouterr().out
        put(ledger, whole)
        put(about, told)
    ledger.write_bytes(whole.replace("\n", "\r\n").encode())  # as git may write it
    pairs.publish(root, ["10_one"])
    assert ledger.read_text() == whole and about.read_text() == told
    put(about, "{")
    pairs.publish(root, [])  # all is written anew
    assert about.read_text() == told


def test_a_row_that_another_notebook_declares_is_not_taken_for_its_own(both):
    root, ledger, about = both
    whole, told = ledger.read_text(), about.read_text()
    old = hashlib.sha256(whole.encode()).hexdigest()
    for name in ("99_none", "10_one"):
        text = whole.replace("\n20_two,", f"\n{name},")
        ledger.write_text(text)
        new = hashlib.sha256(text.encode()).hexdigest()
        about.write_text(told.replace(old, new))
        with pytest.raises(pairs.CannotPublish, match=f"20_two-mean is of {name} .*20_two declares it"):
            pairs.publish(root, ["10_one"])
        put(ledger, whole)
        put(about, told)
    pairs.publish(root, ["10_one"])
    source = root / "notebooks" / "20_two.py"
    source.write_text(source.read_text().replace("20_two-mean", "20_two-other"))
    pairs.publish(root, ["10_one"])  # 20_two declares its claim no longer
    assert list(pd.read_csv(ledger)["claim"]) == ["10_one-mean"]
    source.write_text(source.read_text().replace("20_two-other", "10_one-mean"))
    with pytest.raises(pairs.CannotPublish, match="declared by two notebooks: 10_one-mean"):
        pairs.publish(root, ["10_one"])


def test_what_the_lists_refuse_is_refused_before_anything_is_written(both):
    root, _, _ = both
    readme = root / "README.md"
    for content, words in (
        (b"<!-- claims -->\n| a | `nope` | x | y | z |\n<!-- end -->\n", "lists the claim nope"),
        (b"\xff\xfe", "README.md is no text"),
    ):
        readme.write_bytes(content)
        before = tree(root)
        with pytest.raises(ValueError, match=words):
            pairs.publish(root, ["10_one"])
        assert tree(root) == before


def test_one_damaged_file_of_claims_does_not_hide_the_others(both, capsys, monkeypatch):
    root, ledger, _ = both
    path = root / "build" / "claims" / "20_two.csv"
    path.write_bytes(path.read_bytes()[:-3])
    capsys.readouterr()
    assert commands.main(["--root", str(root), "finish", "--profile", "full"]) == 1
    told = capsys.readouterr().out
    assert "Claims: 1 pass" in told and "Not counted: 20_two.csv was damaged" in told and "No report" in told
    ledger.write_text(ledger.read_text()[:-3])
    monkeypatch.setattr(claims, "shipped_run", lambda: claims.read_reference(ledger))
    assert commands.main(["--root", str(root), "finish", "--profile", "full"]) == 1
    told = capsys.readouterr().out
    assert (
        "Not compared with the shipped run: claims.csv is missing or damaged" in told and "No report" in told
    )
