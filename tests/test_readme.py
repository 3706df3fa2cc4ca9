"""README against what it speaks of: the reference ledger, the Makefile, the files that it links to."""

import json
import re
import shlex

import numpy as np
import pytest

from w2s_utils import runtime
from w2s_utils.chain import index, parameters, stamps
from w2s_utils.chain.catalogue import declared_claims
from w2s_utils.cli import app

ROOT = runtime.repository()
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def table(marker: str) -> list[list[str]]:
    """Body rows of the table that follows an HTML comment."""
    section = README.split(f"<!-- {marker}", 1)[1].split("<!-- end", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


CLAIMS = table("claims")


def test_the_lists_are_those_of_first_cells_and_ledger():
    for path, text in index.lists(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is not up to date: make publish"


def test_every_claim_is_told_in_words_and_declared_by_its_notebook():
    for words, claim, notebook, expected, found in CLAIMS:
        name = re.fullmatch(r"\[(\w+)\]\(notebooks/\1\.ipynb\)", notebook).group(1)
        assert claim.strip("`") in declared_claims(ROOT / "notebooks" / f"{name}.py")
        assert words and expected and found


@pytest.mark.parametrize("name", stamps.sources(ROOT))
def test_a_published_run_took_a_part_of_its_time_limit(name):
    pair = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    assert (
        pair["metadata"]["w2s"]["seconds"]
        <= parameters.time_limit(ROOT / "notebooks" / f"{name}.py", "full") / 3
    )


def test_every_make_command_exists():
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)) | set(stamps.sources(ROOT))
    asked = set(re.findall(r"(?:`|^)make ([a-z0-9_]+)", README, re.MULTILINE))
    assert {"reproduce", "test"} <= asked <= targets


def test_every_link_resolves():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target


EXAMPLES = re.findall(r"```python\n((?:(?!```).)*)```\n\n```\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("code, printed", EXAMPLES, ids=["certificate", "protocol"])
def test_every_example_prints_what_it_says(code, printed, capsys):
    exec(code, {})
    assert capsys.readouterr().out == printed


def test_the_command_for_your_own_data_prints_what_it_says(tmp_path, monkeypatch, capsys):
    [file] = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "mine.csv" in block]
    [(command, printed)] = re.findall(
        r"```bash\npip install \.\nw2s (.*?)\n```\n\n```\n(.*?)```", README, re.DOTALL
    )
    monkeypatch.chdir(tmp_path)
    exec(file, {})
    assert app.main(shlex.split(command)) == 0
    seconds = r"\(in \d+ s\)"
    assert re.sub(seconds, "", capsys.readouterr().out) == re.sub(seconds, "", printed)
    assert (tmp_path / "mine.html").is_file()


def test_the_lines_for_several_machines_run():
    distributed = pytest.importorskip("distributed", reason="Dask is the optional extra `distributed`")
    da = pytest.importorskip("dask.array")
    from w2s_utils.heads.linear import RidgeHead
    from w2s_utils.theory import certificate

    (code,) = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "Client(" in block]
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3))
    truth, weak = x @ [1.0, 2.0, 3.0], x @ [1.0, 2.0, 2.0] + rng.normal(size=400)
    labelled = np.arange(300, 340) - 200  # of the fresh rows, the second half
    tables = {"features": x[:200], "weak": weak[:200], "fresh_features": x[200:], "fresh_weak": weak[200:]}
    names = {name: da.from_array(table, chunks=50) for name, table in tables.items()}
    names |= {"truth": truth[200:][labelled], "labelled": labelled}
    with distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster:
        exec(code.replace("tcp://scheduler:8786", cluster.scheduler_address), names)
        names["client"].close()
    student = RidgeHead(1e-4).fit(x[:200], weak[:200]).predict(x[200:])
    whole = certificate.certify_gain(weak[200:], student, truth[200:][labelled], labelled)
    assert (names["gain"].low, names["gain"].high) == pytest.approx((whole.low, whole.high), rel=1e-8)


def test_the_command_for_classes_prints_what_it_says(tmp_path, monkeypatch, capsys):
    [file] = [
        block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "messages.csv" in block
    ]
    [(command, printed)] = re.findall(
        r"```bash\nw2s (judge messages.*?)\n```\n\n```\n(.*?)```", README, re.DOTALL
    )
    monkeypatch.chdir(tmp_path)
    exec(file, {})
    assert app.main(shlex.split(command)) == 0
    seconds = r"\(in \d+ s\)"
    assert re.sub(seconds, "", capsys.readouterr().out) == re.sub(seconds, "", printed)
