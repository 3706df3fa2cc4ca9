"""The site: complete, offline, every link leads somewhere, formulas drawn; in a real browser too, where there is one."""

import re
import shutil
from html.parser import HTMLParser
from urllib.parse import unquote

import pandas as pd
import pytest

from w2s_utils import judgement, runtime
from w2s_utils.chain import stamps
from w2s_utils.chain.catalogue import catalogue
from w2s_utils.pages import site
from w2s_utils.pages.formulas import FormulaError, mathml

ROOT = runtime.repository()
NAMES = [name for name in stamps.sources(ROOT) if (ROOT / "notebooks" / f"{name}.ipynb").is_file()]
REPORT = '<!doctype html><html lang="en"><title>The report</title><p>All claims.</p></html>'


class Page(HTMLParser):
    """Elements with their attributes, ids, and the text outside code, style and script."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.ids, self.words, self.silent = [], [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]
        self.silent += tag in ("pre", "code", "style", "script")

    def handle_endtag(self, tag):
        self.silent -= tag in ("pre", "code", "style", "script")

    def handle_data(self, data):
        if not self.silent:
            self.words.append(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("site")
    (place / "report.html").write_text(REPORT)
    site.build(ROOT, place / "site", place / "report.html")
    return place / "site"


@pytest.fixture(scope="module")
def pages(folder):
    return {path.name: Page(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.html"))}


def test_every_executed_notebook_has_a_page_and_all_are_small(folder, pages):
    assert set(pages) == {f"{name}.html" for name in NAMES} | {"index.html", "report.html"}
    assert (
        sum(path.stat().st_size for path in folder.iterdir()) < 30e6 - 8e6
    )  # the report of a full run has 6 to 7 MB


def test_the_title_of_a_page_stands_on_it_once(folder):
    for entry in catalogue([stamps.sources(ROOT)[name] for name in NAMES]):
        text = (folder / f"{entry.name}.html").read_text(encoding="utf-8")
        headings = [re.sub(r"<[^>]*>", "", found) for found in re.findall(r"<h1\b.*?</h1>", text, re.S)]
        assert headings[0] == entry.title and headings.count(entry.title) == 1


def test_nothing_is_loaded_from_elsewhere(folder, pages):
    for name, page in pages.items():
        for tag, attributes in page.elements:
            assert tag not in ("link", "iframe", "object", "embed"), name
            assert "src" not in attributes or attributes["src"].startswith("data:"), name
        text = (folder / name).read_text(encoding="utf-8")
        assert not re.search(
            r"url\((?!data:)|@import", "".join(re.findall(r"<style>.*?</style>", text, re.S))
        )


def test_every_link_resolves(pages):
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        for tag, attributes in page.elements:
            target = attributes.get("href", "")
            if tag != "a" or target.startswith("https://"):
                continue
            file, _, fragment = target.partition("#")
            assert not fragment or unquote(fragment) in pages[file or name].ids, (name, target)
            assert not file or file in pages, (name, target)


def test_every_image_has_alt_text(pages):
    images = [attributes for page in pages.values() for tag, attributes in page.elements if tag == "img"]
    assert images and all(image["alt"].strip() for image in images)


def test_formulas_are_mathml_and_no_tex_is_left(pages):
    for name in NAMES:
        page = pages[f"{name}.html"]
        source = (ROOT / "notebooks" / f"{name}.py").read_text(encoding="utf-8")
        assert ("math" in [tag for tag, _ in page.elements]) == bool(re.search(r"^# .*\$", source, re.M))
        assert "$" not in "".join(page.words), name


def test_the_index_counts_what_the_ledger_says(folder):
    ledger = pd.read_csv(ROOT / "data" / "reference" / "claims.csv").set_index("claim")
    parts = re.split(r'<li id="(\w+)" data-title', (folder / "index.html").read_text(encoding="utf-8"))
    listed = dict(zip(parts[1::2], parts[2::2], strict=True))
    for entry in catalogue([stamps.sources(ROOT)[name] for name in NAMES]):
        found = {
            v: int(n)
            for n, v in re.findall(r'<li class="badge [\w-]+">(\d+) ([\w ]+)</li>', listed[entry.name])
        }
        verdicts = [ledger["verdict"].get(claim, "not run") for claim in entry.claims]
        assert found == {v: verdicts.count(v) for v in judgement.VERDICTS if v in verdicts}


@pytest.mark.parametrize("tex", [r"\nosuchcommand x", r"\frac{a", "a}"])
def test_what_is_no_formula_is_named(tex):
    with pytest.raises(FormulaError, match=re.escape(tex[:3])):
        mathml(tex)


@pytest.fixture
def checkout(tmp_path):
    """One notebook, the ledger and the font."""
    for name in ("notebooks/00_start_here.py", "notebooks/00_start_here.ipynb", "data/reference/claims.csv",
                 "data/fonts/stix_two_math.woff"):  # fmt: skip
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "root" / name)
    return tmp_path / "root"


PAIR = "notebooks/00_start_here.ipynb"
CASES = {
    "none": (PAIR, lambda text: None, "no executed notebook"),
    "damaged": (PAIR, lambda text: text[:1000], "is not a notebook"),
    "never ran": (
        PAIR,
        lambda t: re.sub(r'"execution_count": \d+', '"execution_count": null', t),
        "never ran",
    ),
    "no alt": (PAIR, lambda t: re.sub(r'"alt": "(\\.|[^"\\])*"', '"alt": ""', t), "without alt text"),
    "bad formula": (PAIR, lambda t: t.replace("$w$", r"$\\nosuch$"), "nosuch"),
    "no ledger": ("data/reference/claims.csv", lambda text: None, "claims.csv is missing"),
    "bad ledger": ("data/reference/claims.csv", lambda text: "claim\n1\n", "other columns"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_input_is_named_and_the_earlier_site_stays(checkout, tmp_path, case):
    site.build(checkout, tmp_path / "site")
    before = {path.name: path.read_bytes() for path in (tmp_path / "site").iterdir()}
    file, change, message = CASES[case]
    text = change((checkout / file).read_text(encoding="utf-8"))
    (checkout / file).unlink() if text is None else (checkout / file).write_text(text, encoding="utf-8")
    with pytest.raises(site.CannotBuildSite, match=message):
        site.build(checkout, tmp_path / "site")
    assert {path.name: path.read_bytes() for path in (tmp_path / "site").iterdir()} == before
    assert {path.name for path in tmp_path.iterdir()} == {"root", "site"}


def test_another_folder_is_not_replaced_and_a_file_in_the_way_is_named(checkout, tmp_path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(site.CannotBuildSite, match="no earlier site"):
        site.build(checkout, tmp_path / "mine")
    (tmp_path / "file").touch()
    with pytest.raises(runtime.UnwritableFolder):
        site.build(checkout, tmp_path / "file" / "site")


def test_in_a_browser(folder, tmp_path):
    chromium = pytest.importorskip("browser")
    if chromium.PROGRAM is None:
        pytest.skip("no Chromium on this machine")
    wide = "document.documentElement.scrollWidth - innerWidth"
    flat = "[...document.querySelectorAll('math')].filter(m => m.getBoundingClientRect().height < 5).length"
    with chromium.browser(tmp_path / "profile") as new_tab:
        tab = new_tab()
        for path in sorted(folder.glob("*.html")):
            for width, dark in ((1280, False), (360, True)):
                tab.open(path, width, dark)
                assert not tab.complaints, path.name
                assert [url for url in tab.requests if not url.startswith("data:")] == [path.as_uri()]
                assert tab.value(wide) <= 0, (path.name, width)
                assert tab.value(flat) == 0, path.name
        shown = "[...document.querySelectorAll('#pages > li')].filter(li => li.offsetHeight).length"
        tab.open(folder / "index.html")
        everything = tab.value(shown)
        tab.value("document.getElementById('words').value = 'theorem 2'")
        tab.value("document.getElementById('search').dispatchEvent(new Event('input'))")
        assert 0 < tab.value(shown) < everything
        tab.open(folder / "index.html", script=False)
        assert tab.value(shown) == everything == len(NAMES) + 1
