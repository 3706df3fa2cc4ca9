"""The page: complete, self-contained, escaped, the same twice; and what notebooks say of themselves."""

import math
import re
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from w2s_utils import figures, judgement, results
from w2s_utils.chain.catalogue import NotebookEntry, catalogue
from w2s_utils.pages import report
from w2s_utils.pages.report import ReportFigure, ReportTable
from w2s_utils.pages.scorecard import scorecard

VOID = {"meta", "link", "img", "br", "hr", "input"}
HOSTILE = "<script>alert('x')</script> & \"quoted\""
ENTRIES = [
    NotebookEntry(
        "10_first",
        "The first <b>theorem</b>",
        "Somebody (2024)",
        "Theorem 1",
        "about it",
        "a second",
        ("a/exact", "a/wrong"),
        ("10_drawn", "10_lost"),
    ),
    NotebookEntry("20_second", "The second", "", "", "", "", ("b/limit", "b/measured", "b/absent"), ()),
]


@pytest.fixture(autouse=True)
def build(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_BUILD", str(tmp_path))
    monkeypatch.setenv("W2S_PROFILE", "smoke")
    return tmp_path


NONE = dict.fromkeys(judgement.VERDICTS, 0)


def finding(claim, predicted, found, low, high, paper="Somebody (2024)"):
    """A finding as the ledger has it, that gain = misfit."""
    verdict = judgement.finding_verdict(predicted, low, high)
    names = dict(
        prediction="gain = misfit",
        stated_by="a reading",
        predicted_low=predicted[0],
        predicted_high=predicted[1],
        paper=paper,
    )
    return row(claim, verdict, found, low, high, reason="95 % t over seeds") | names


def row(claim, verdict, found=math.nan, low=math.nan, high=math.nan, reason="", seconds=1.25):
    return dict(
        zip(
            judgement.COLUMNS,
            (
                claim,
                "Theorem 1",
                "",
                "",
                math.nan,
                math.nan,
                "|gain - misfit| < 1",
                low,
                high,
                found,
                verdict,
                reason,
                seconds,
            ),
            strict=True,
        )
    )


@pytest.fixture
def ledger():
    return pd.DataFrame(
        [
            row("a/exact", "pass", 0.0, 0.0, 0.0),
            row("a/wrong", "fail", 7.5, 1.0, 2.0),
            row("b/limit", "pass", 1e-14, -math.inf, 1e-10),
            row("b/measured", "reported", 0.3, 0.1, 0.5, reason=HOSTILE),
            row("b/absent", "not run", reason="data unreachable", seconds=math.nan),
        ]
    )


class Page(HTMLParser):
    """Elements, visible text, and whether every element is closed by its own end tag."""

    def __init__(self, text: str):
        super().__init__()
        self.elements, self.words, self.open = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def png() -> bytes:
    figure, axes = plt.subplots(figsize=(1, 1))
    axes.plot([0, 1])
    return figures.png(figure)


def write(ledger, **parts):
    return report.write_report(ledger, parts.pop("entries", ENTRIES), **parts)


def parsed(ledger, **parts) -> Page:
    return Page(write(ledger, **parts).read_text(encoding="utf-8"))


def test_page_needs_nothing_from_outside(ledger):
    page = parsed(ledger, figures=[ReportFigure("Top", "See it.", png(), "a line")])
    assert not page.all("link") and not page.all("script") and not page.all("iframe")
    addresses = [
        value for _, attrs in page.elements for name, value in attrs.items() if name in ("src", "href")
    ]
    assert addresses and all(address.startswith(("data:image/png;base64,", "#")) for address in addresses)
    text = write(ledger).read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(|https?://", text)


def test_page_reads_on_a_phone_and_in_the_dark(ledger):
    text = write(ledger).read_text(encoding="utf-8")
    page = Page(text)
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    assert "prefers-color-scheme: dark" in text
    assert text.count("<table>") == text.count('class="box"') == 2  # every table scrolls in a box of its own


def test_every_image_has_the_alt_text_it_was_given(ledger):
    page = parsed(
        ledger,
        figures=[
            ReportFigure("Top", "", png(), 'rising "line"'),
            ReportFigure("In a section", "", png(), "another", "10_first"),
        ],
    )
    assert [image["alt"] for image in page.all("img")] == ['rising "line"', "another"]
    with pytest.raises(ValueError, match="alt text"):
        ReportFigure("Top", "", png(), " ")


def test_every_claim_is_there_with_verdict_value_and_band(ledger):
    page = parsed(ledger)
    for claim in ledger["claim"]:
        assert claim in page.text
    anchors = {attrs["id"] for attrs in page.all("tr") if "id" in attrs}
    links = {attrs["href"].removeprefix("#") for attrs in page.all("a")}
    assert links & anchors == {"a/wrong", "b/absent"} and links - anchors == {"10_first", "20_second"}
    counts = re.search(r"(\d+) pass (\d+) fail (\d+) reported (\d+) not run", page.text)
    assert counts and counts.groups() == ("2", "1", "1", "1")
    for part in ("7.5", "[1, 2]", "<= 1e-10", "[0.1, 0.5]", "data unreachable", "1.2"):
        assert part in page.text
    assert "nan" not in page.text.lower() and "no check failed" not in page.text


def test_the_scorecard_comes_first_and_checks_take_a_line_a_notebook(ledger):
    found = [
        finding("a/good", (0.8, 1.25), 1.0, 0.9, 1.1),
        finding("a/bad", (0.8, 1.25), 0.5, 0.4, 0.6),
        finding("a/wide", (0.8, 1.25), 0.9, 0.1, 2.0, paper="Somebody else (2025)"),
    ]
    whole = pd.concat([ledger, pd.DataFrame(found)], ignore_index=True)
    shipped = pd.DataFrame([finding("a/good", (0.8, 1.25), 1.2, 1.1, 1.3), found[1]])
    card = scorecard(whole, shipped)
    assert list(card["verdict"]) == ["confirmed", "not confirmed", "mixed"]
    assert list(card["stated_by"]) == ["a reading"] * 3
    assert list(card["moved"]) == ["1.2 [1.1, 1.3]", "", ""]
    page = Page(report.write_report(whole, ENTRIES, shipped=shipped).read_text(encoding="utf-8"))
    order = [
        "Scorecard",
        "Somebody (2024)",
        "gain = misfit a reading",
        "moved , shipped run 1.2",
        "Somebody else",
        "Checks:",
        "1 of 2:",
        "1 of 1:",
    ]
    places = [page.text.index(part) for part in order]
    assert places == sorted(places)


def test_claims_are_grouped_by_notebook_and_strays_are_kept(ledger):
    stray = pd.concat([ledger, pd.DataFrame([row("c/stray", "pass", 1.0, 0.0, 2.0)])])
    text = parsed(stray).text
    # The list of what needs attention comes first and names claims too, so places are sought from the sections on.
    text = text[text.rindex("The first <b>theorem</b>") :]
    places = [
        text.index(part) for part in ("a/wrong", "The second", "b/limit", "no listed notebook", "c/stray")
    ]
    assert places == sorted(places)


def test_text_is_escaped(ledger):
    text = write(
        ledger,
        figures=[ReportFigure(HOSTILE, HOSTILE, png(), HOSTILE)],
        tables=[ReportTable(HOSTILE, HOSTILE, pd.DataFrame({HOSTILE: [HOSTILE]}))],
        notes=[HOSTILE],
    ).read_text(encoding="utf-8")
    assert "<script" not in text and "<b>theorem" not in text
    page = Page(text)
    assert (
        page.text.count(HOSTILE) == 8
    )  # reason, figure (2), table (4: title, sentence, heading, cell), note
    assert page.all("img")[0]["alt"] == HOSTILE


@pytest.mark.parametrize("entries", [[], ENTRIES])
def test_an_empty_ledger_gives_a_page(entries):
    empty = pd.DataFrame(columns=list(judgement.COLUMNS))
    assert "nothing to judge" in parsed(empty, entries=entries).text
    assert report.banded(empty).empty


def test_missing_figures_are_named(build, ledger):
    (build / "figures").mkdir()
    (build / "figures" / "10_drawn.png").write_bytes(png())
    (build / "figures" / "10_drawn.txt").write_text("a line\nthat rises\n", encoding="utf-8")
    drawn, lost = report.saved_figures(ENTRIES)
    assert (drawn.title, drawn.alt, drawn.notebook) == ("Drawn", "a line that rises", "10_first")
    assert drawn.png == png() and lost.png is None
    page = parsed(ledger, figures=[drawn, lost])
    assert len(page.all("img")) == 1
    assert "Lost : not drawn in this profile" in page.text


def test_the_same_input_gives_the_same_bytes(ledger):
    parts = {"figures": [ReportFigure("Top", "", png(), "a line")], "notes": ["one"]}
    first = write(ledger, **parts).read_bytes()
    assert write(ledger, **parts).read_bytes() == first
    assert write(ledger.assign(found=1.5), **parts).read_bytes() != first


def test_nothing_is_left_of_a_page_that_was_not_finished(build, ledger):
    with pytest.raises(KeyError):
        write(ledger.drop(columns="where"))
    assert list(build.iterdir()) == []


def test_verdicts_are_counted_by_notebook(ledger):
    counts = report.verdict_counts(ledger, [*ENTRIES, NotebookEntry("90_none", "", "", "", "", "", (), ())])
    assert counts.loc["10_first"].to_dict() == {**NONE, "pass": 1, "fail": 1}
    assert counts.loc["20_second"].to_dict() == {**NONE, "pass": 1, "not run": 1, "reported": 1}
    assert list(counts.index) == ["10_first", "20_second"]


@pytest.mark.parametrize(
    ("low", "high", "found", "position"),
    [
        (0, 2, 0.5, 0.25),
        (-4, 4, 8, 1.5),
        (3, 3, 3, 0.5),
        (3, 3, 2, -math.inf),
        (-math.inf, 1e-10, 5e-11, 0.5),
        (-math.inf, -0.25, -0.5, 0.0),
        (0.99, math.inf, 0.99, 0.0),
        (0, math.inf, 0.4, 0.4),
        (-math.inf, 0, 0.4, 1.4),
    ],
)
def test_band_position(low, high, found, position):
    assert report.band_position(low, high, found) == pytest.approx(position)
    assert (0 <= position <= 1) <= (low <= found <= high)  # never drawn inside a band that it is outside of


def test_drawings_hold_every_claim(ledger):
    judged = report.banded(ledger)
    assert list(judged["claim"]) == ["a/exact", "a/wrong", "b/limit"]
    fig, (top, bottom) = plt.subplots(2)
    report.draw_verdicts(top, report.verdict_counts(ledger, ENTRIES))
    report.draw_bands(bottom, judged)
    drawn = ["1 check of round-off, largest", "a/exact", "a/wrong"]
    assert [label.get_text() for label in bottom.get_yticklabels()] == drawn
    assert {"< 0.0001", "exactly 0", "7.5", "[1, 2]"} <= {text.get_text() for text in bottom.texts}
    assert sum(patch.get_width() for patch in top.patches) == len(ledger)
    assert figures.png(fig).startswith(b"\x89PNG")


def test_checks_of_round_off_are_one_line_with_the_largest_share_of_a_limit(ledger):
    more = [
        row("c/near", "pass", 2e-12, -math.inf, 1e-11),
        row("c/missed", "fail", 3e-8, -math.inf, 1e-8),
        row("c/large", "pass", 1.5, -math.inf, 4.0),
    ]
    judged = report.banded(pd.concat([ledger, pd.DataFrame(more)], ignore_index=True))
    lines = report.folded(judged).set_index("claim")
    assert list(lines.index) == [
        "2 checks of round-off, largest",
        "a/exact",
        "a/wrong",
        "c/missed",
        "c/large",
    ]
    assert lines["found"].iloc[0] == pytest.approx(0.2) and lines["value"].iloc[0] == "0.2"
    assert lines.loc["c/large", "ends"] == "≤ 4"
    assert report.folded(judged[judged["claim"] == "a/wrong"])["claim"].tolist() == ["a/wrong"]
    assert report.folded(judged[:0]).empty


def test_saved_rows_say_where_their_inputs_come_from(build):
    assert report.saved_rows().empty
    results.save_rows(
        "31_sets", [{"set": "ESOL", "source": "real"}, {"set": "own", "source": "generated"}], ["set"]
    )
    results.save_rows("10_problems", [{"problem": 1}], ["problem"])
    assert report.saved_rows().to_numpy().tolist() == [
        ["10_problems", 1, "not said"],
        ["31_sets", 2, "generated and real"],
    ]


def test_catalogue_reads_sources_without_running_them(tmp_path):
    source = tmp_path / "10_first.py"
    source.write_text(
        "# %% [markdown]\n# # The first theorem\n#\n# | | |\n# | --- | --- |\n# | Paper | Somebody (2024) |\n"
        "# | Where | Theorem 1 |\n#\n# ## More\n\n# %%\n"
        "raise SystemExit\n"
        "ledger = results.Ledger('10_first', claims=['a/one', 'a/two'])\n"
        "figures.show(fig, '10_b', 'alt')\nfigures.show(fig, '10_a', 'alt')\nfigures.show(fig, name, 'alt')\n",
        encoding="utf-8",
    )
    bare = tmp_path / "90_bare.py"
    bare.write_text("x = 1\n", encoding="utf-8")
    assert catalogue([source, bare]) == [
        NotebookEntry(
            "10_first",
            "The first theorem",
            "Somebody (2024)",
            "Theorem 1",
            "",
            "",
            ("a/one", "a/two"),
            ("10_b", "10_a"),
        ),
        NotebookEntry("90_bare", "90_bare", "", "", "", "", (), ()),
    ]
