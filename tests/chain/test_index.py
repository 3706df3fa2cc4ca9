"""README's tables and the list of notebooks follow first cells and reference ledger, and nothing else of README moves."""

import math

import pandas as pd
import pytest
from tiny_checkout import make_checkout, notebook

from w2s_utils import judgement, runtime
from w2s_utils.chain import catalogue, claims, index, stamps

README = """# Title

Words | with | bars.

<!-- verdicts -->
<!-- end -->

<!-- checks -->
<!-- end -->

<!-- claims: words by hand -->
| Claim | Id | Notebook | Expected | Found |
| --- | --- | --- | --- | --- |
| the mean is small | `10_one-mean` | ? | ? | ? |
<!-- end -->

<!-- notebooks -->
<!-- end -->

The end."""


@pytest.fixture
def root(tmp_path):
    root = make_checkout(tmp_path, **{name: notebook(name) for name in ("10_one", "50_five")})
    (root / "README.md").write_text(README)
    words = {"notebook": "10_one", "paper": "Somebody (2024)", "claim": "10_one-mean", "verdict": "pass"}
    words |= dict.fromkeys(judgement.WORDS[1:], "") | dict.fromkeys(judgement.NUMBERS, math.nan)
    seen = {
        "claim": "10_one-ratio",
        "where": "Fig. 1, ESOL",
        "prediction": "gain = misfit",
        "stated_by": "a reading",
        "statistic": "|gain| / misfit, a mean; ESOL",
        "verdict": "not confirmed",
        "reason": "95 % t over seeds",
    }
    seen |= {"predicted_low": 0.9, "predicted_high": 1.1, "low": 0.4, "high": 0.6, "found": 0.5}
    rows = [{**words, "low": -5.0, "high": 5.0, "found": 0.123456789}, {**words, **seen}]
    (root / "data" / "reference").mkdir()
    ledger = pd.DataFrame(rows, columns=list(claims.COLUMNS))
    claims.for_reference(ledger).to_csv(root / "data" / "reference" / "claims.csv", index=False)
    return root


def test_the_lists_are_made_and_then_left_alone(root):
    assert {path.name for path in index.write_lists(root)} == {"README.md", "FINDINGS.md"}
    text = (root / "README.md").read_text()
    assert (
        "| the mean is small | `10_one-mean` | [10_one](notebooks/10_one.ipynb) | [-5, 5] | 0.123 |" in text
    )
    assert (
        "| [10_one](notebooks/10_one.ipynb) | Theorems | a few numbers | 1 of 1 checks, 1 not confirmed | a second |"
        in text
    )
    assert (
        "| [50_five](notebooks/50_five.ipynb) | Theory of the papers around | a few numbers |  | a second |"
        in text
    )
    row = "| Fig. 1, ESOL | [`10_one-ratio`](10_one.ipynb) | gain = misfit | reading | "
    row += "\\|gain\\| / misfit, a mean | [0.9, 1.1] | 0.5 [0.4, 0.6] | **not confirmed** |"
    counts = [line for line in text.split("<!-- checks")[0].splitlines() if line.startswith("|")]
    assert counts == [
        "| Whose prediction | findings | confirmed | mixed | not confirmed |",
        "| --- | --- | --- | --- | --- |",
        "| paper | 0 | 0 | 0 | 0 |",
        "| reading of one around | 1 | 0 | 0 | 1 |",
        "| ours | 0 | 0 | 0 | 0 |",
        "| **all** | 1 | 0 | 0 | 1 |",
    ]
    assert (
        row in (root / "notebooks" / "FINDINGS.md").read_text()
        and "\n1 of 1 checks hold, in 1 notebooks.\n" in text
    )
    assert text.startswith("# Title\n\nWords | with | bars.\n") and text.endswith("\n\nThe end.")
    listed = (root / "notebooks" / "README.md").read_text()
    assert (
        "## Theorems" in listed
        and "| Somebody (2024): Theorem 0 | a few numbers | 1 of 1 checks, 1 not confirmed | a second |"
        in listed
    )
    assert index.write_lists(root) == []


def test_a_claim_that_the_ledger_does_not_hold_is_named(root):
    (root / "README.md").write_text(README.replace("10_one-mean", "10_one-median"))
    with pytest.raises(index.UnknownClaim, match="10_one-median"):
        index.lists(root)


def test_a_first_cell_that_lacks_a_line_is_named(tmp_path):
    text = notebook("10_one").replace("# | About | a few numbers |\n", "")
    root = make_checkout(tmp_path, **{"10_one": text})
    [entry] = catalogue.catalogue(list(stamps.sources(root).values()))
    with pytest.raises(catalogue.IncompleteFirstCell, match="10_one .*missing: About"):
        catalogue.check_complete(entry)


def test_every_first_cell_of_the_repository_is_complete():
    for entry in catalogue.catalogue(list(stamps.sources(runtime.repository()).values())):
        catalogue.check_complete(entry)


def finding(**cells):
    words = dict.fromkeys(claims.REFERENCE_COLUMNS, "") | {"notebook": "10_one", "claim": "a", "where": "x"}
    words |= {"prediction": "p", "stated_by": "ours", "statistic": "s", "verdict": "confirmed", "reason": "i"}
    numbers = {"predicted_low": 0.9, "predicted_high": math.inf, "low": 0.95, "high": 1.05, "found": 1.0}
    return pd.DataFrame([words | numbers | cells])


def test_no_text_of_a_row_ends_a_cell_or_a_line():
    names = ("claim", "where", "prediction", "statistic")
    table = index._findings(finding(**dict.fromkeys(names, "|r|\nof \\| all")))
    plain = index._findings(finding())
    assert len(table.splitlines()) == len(plain.splitlines()) == 7
    assert table.count("\\|r\\| of \\| all") == len(names)
    assert len(index.BAR.findall(table)) == len(index.BAR.findall(plain))


def test_ends_that_differ_look_different_in_the_lists():
    assert "| 1 [0.99999, 1.00001] |" in index._findings(finding(low=0.99999, high=1.00001))
    assert "| 1 [0.954, 1.05] |" in index._findings(finding(low=0.95412))


def test_a_claim_with_bars_keeps_its_row_of_the_readme(root):
    path = root / "data" / "reference" / "claims.csv"
    path.write_text(path.read_text().replace("10_one-mean", "10_one|mean"))
    row = "| the \\|mean\\| is small | `10_one\\|mean` |"
    words = README.replace("10_one-mean", "10_one\\|mean").replace("the mean is", "the \\|mean\\| is")
    (root / "README.md").write_text(words)
    index.write_lists(root)
    text = (root / "README.md").read_text()
    assert f"{row} [10_one](notebooks/10_one.ipynb) | [-5, 5] | 0.123 |" in text
    assert index.write_lists(root) == []


def test_a_readme_that_is_no_text_is_named(root):
    (root / "README.md").write_bytes(b"\xff\xfe")
    with pytest.raises(index.UnreadableText, match=r"README.md is no text in UTF-8"):
        index.write_lists(root)
