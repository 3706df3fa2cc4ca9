"""The site: complete, offline, every link leads somewhere, formulas drawn; in a real browser too, where there is one."""

import io
import re
import shutil
import subprocess
import sys
import time
from contextlib import redirect_stdout
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pandas as pd
import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from w2s_utils import judgement, runtime
from w2s_utils.chain import stamps
from w2s_utils.chain.catalogue import catalogue
from w2s_utils.pages import site
from w2s_utils.pages.formulas import FormulaError, mathml

pytestmark = [
    pytest.mark.timeout(400),  # Sphinx makes some forty pages once, in 12 seconds of a processor
    pytest.mark.filterwarnings("ignore::sphinx.deprecation.RemovedInSphinx11Warning"),  # myst-parser's
]

ROOT = runtime.repository()
NAMES = [name for name in stamps.sources(ROOT) if (ROOT / "notebooks" / f"{name}.ipynb").is_file()]
TEXTS = [*ROOT.glob("*.md"), ROOT / "data" / "README.md", ROOT / "notebooks" / "README.md"]
ENTRIES = catalogue([stamps.sources(ROOT)[name] for name in NAMES])


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

    def of(self, tag, **wanted):
        return [
            found
            for name, found in self.elements
            if name == tag
            and all(value in (found.get(key.strip("_")) or "").split() for key, value in wanted.items())
        ]


def made(root, place, **settings):
    """Run Sphinx as `make site` does, into ``place/site``; what it warns of, and what it prints."""
    (place / "source").mkdir(parents=True)
    warned, printed = io.StringIO(), io.StringIO()
    with patch_docutils(root / "docs"), docutils_namespace(), redirect_stdout(printed):
        app = Sphinx(
            place / "source", root / "docs", place / "site", place / "doctrees", "html", settings,
            status=None, warning=warned, parallel=2,
        )  # fmt: skip
        app.build()
    return warned.getvalue(), printed.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("site")
    copies = [place / "report.html", place / "your_data_mine.html"]
    for copy in copies:
        copy.write_text(
            f'<!doctype html><html lang="en"><title>{copy.stem}</title><p>Made before.</p></html>'
        )
    assert made(ROOT, place, html_extra_path=list(map(str, copies))) == ("", "")
    return place / "site"


@pytest.fixture(scope="module")
def pages(folder):
    return {
        path.relative_to(folder).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.html"))
        if path.name != "search.html"
    }


def test_every_notebook_text_and_room_has_a_page(folder, pages):
    rooms = {f"api/{room}.html" for room in site.LIBRARY}
    texts = {path.relative_to(ROOT).with_suffix(".html").as_posix() for path in TEXTS}
    notebooks = {f"notebooks/{name}.html" for name in NAMES}
    copies = {"report.html", "your_data_mine.html", "example.html"}
    assert {
        *notebooks,
        *texts,
        *rooms,
        "index.html",
        "verdicts.html",
        *copies,
    } <= set(pages)
    assert {link["href"] for link in pages["index.html"].of("a")} >= copies
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 30e6


def test_the_side_bar_has_the_sections_in_their_order_on_every_page(folder):
    sections = list(dict.fromkeys(entry.section for entry in ENTRIES))
    for name in ("index.html", f"notebooks/{NAMES[-1]}.html", "api/theory.html"):
        text = (folder / name).read_text(encoding="utf-8")
        captions = re.findall(r'class="caption"[^>]*><span class="caption-text">([^<]*)</span>', text)
        assert captions[: len(sections)] == sections


def test_the_example_is_what_w2s_judge_says_of_the_file_of_readme(pages):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    words = " ".join("".join(pages["example.html"].words).split())
    (said,) = re.findall(r"^The student of “small” gains.*$", readme, re.MULTILINE)
    assert said.removesuffix(".") in words and "1,000 rows" in words


def test_nothing_is_loaded_from_elsewhere(folder, pages):
    for name, page in pages.items():
        loaded = [found.get("src") for _, found in page.elements if found.get("src")]
        loaded += [found["href"] for found in page.of("link") if "href" in found]
        assert not [url for url in loaded if urlsplit(url).scheme not in ("", "data")], name
        assert not [url for url in loaded if url.startswith("//")], name
    for style in folder.rglob("*.css"):
        assert not re.search(
            r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", style.read_text(encoding="utf-8")
        ), style.name


def test_every_link_resolves(folder, pages):
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        for link in page.of("a"):
            target = urlsplit(link.get("href", ""))
            if target.scheme:
                continue
            path = (folder / name).parent / unquote(target.path) if target.path else folder / name
            assert path.resolve().is_file(), (name, link)
            found = pages.get(path.resolve().relative_to(folder.resolve()).as_posix())
            assert found is None or not target.fragment or unquote(target.fragment) in found.ids, (name, link)


def test_every_figure_has_the_alt_text_of_its_notebook(pages):
    for name in NAMES:
        text = (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
        figures = pages[f"notebooks/{name}.html"].of("img")
        assert len(figures) == len(re.findall(r'"image/(?:png": "|svg\+xml": \[\n)', text)), name
        assert all(
            len(figure["alt"].split()) > 3 and "jupyter_execute" not in figure["alt"] for figure in figures
        ), name


def test_formulas_are_mathml_and_no_tex_is_left(pages):
    for name in NAMES:
        page = pages[f"notebooks/{name}.html"]
        source = (ROOT / "notebooks" / f"{name}.py").read_text(encoding="utf-8")
        assert bool(page.of("math")) == bool(re.search(r"^# .*\$", source, re.M))
        assert "$" not in "".join(page.words), name


def test_the_map_leads_from_every_claim_to_its_cell_and_back(folder, pages):
    ledger = pd.read_csv(ROOT / "data" / "reference" / "claims.csv").set_index("claim")
    listed = (folder / "verdicts.html").read_text(encoding="utf-8").split("<tr")
    for entry in ENTRIES:
        notebook = pages[f"notebooks/{entry.name}.html"]
        back = {link["href"] for link in notebook.of("a")}
        for claim in entry.claims:
            anchor = re.sub(r"\W+", "-", claim).lower()
            [row] = [part for part in listed if f'id="verdict-{anchor}"' in part]
            assert f'href="notebooks/{entry.name}.html#claim-{anchor}"' in row, claim
            assert f">{ledger['verdict'][claim]}</span>" in row, claim
            assert f"claim-{anchor}" in notebook.ids and f"../verdicts.html#verdict-{anchor}" in back, claim


def test_the_index_counts_what_the_ledger_says(folder):
    verdicts = pd.read_csv(ROOT / "data" / "reference" / "claims.csv")["verdict"].value_counts()
    counted = re.findall(
        r'<span class="verdict [\w-]+">(\d+) ([\w ]+)</span>', (folder / "index.html").read_text("utf-8")
    )
    assert {name: int(count) for count, name in counted} == {
        v: verdicts.get(v, 0) for v in judgement.VERDICTS
    }


def test_docstrings_are_read_as_markdown_and_types_as_written(folder):
    text = (folder / "api" / "theory.html").read_text(encoding="utf-8")
    words = " ".join("".join(Page(text).words).split())
    assert 'id="w2s_utils.theory.misfit.error_triple"' in text
    assert "|w - g|^2" in words and "``" not in words and "system-message" not in text
    assert "ArrayLike" in words and "_NestedSequence" not in words and "ForwardRef" not in words


@pytest.mark.parametrize("tex", [r"\nosuchcommand x", r"\frac{a", "a}"])
def test_what_is_no_formula_is_named(tex):
    with pytest.raises(FormulaError, match=re.escape(tex[:3])):
        mathml(tex)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """One notebook, the ledger, short texts, one room, and what Sphinx is told."""
    monkeypatch.setattr(site, "LIBRARY", ["words"])
    root = tmp_path / "root"
    for name in ("notebooks/00_start_here.py", "notebooks/00_start_here.ipynb", "data/reference/claims.csv",
                 "data/fonts/stix_two_math.woff", "Makefile"):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "docs", root / "docs")
    for text in ("README.md", "CHANGELOG.md", "data/README.md", "notebooks/README.md"):
        (root / text).write_text("# A text\n\nWith $x^2$.\n")
    with open(root / "README.md", "a") as file:
        file.write("\nThe [first notebook](notebooks/00_start_here.ipynb).\n")
        file.write("\n```bash\nw2s judge --help\n```\n\n```python\npass\n```\n")
    return root


PAIR = "notebooks/00_start_here.ipynb"
CASES = {
    "none": (PAIR, lambda text: None, "no executed notebook"),
    "damaged": (PAIR, lambda text: text[:1000], "is not a notebook"),
    "never ran": (
        PAIR,
        lambda t: re.sub(r'"execution_count": \d+', '"execution_count": null', t, count=1),
        "never ran",
    ),
    "edited": (
        PAIR,
        lambda t: re.sub(r'"alt": "(\\.|[^"\\])*"', '"alt": ""', t),
        "00_start_here.ipynb: its outputs",
    ),
    "no ledger": ("data/reference/claims.csv", lambda text: None, "claims.csv is missing"),
    "bad ledger": ("data/reference/claims.csv", lambda text: "claim\n1\n", "other columns"),
    "no example": (
        "README.md",
        lambda text: text.replace("w2s judge", ""),
        r"README.md.*w2s judge needs FILE",
    ),
    "bad example": ("README.md", lambda text: text.replace("pass", "1 / 0"), r"README.md.*ZeroDivisionError"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_input_is_named_in_a_sentence(checkout, tmp_path, case):
    file, change, message = CASES[case]
    text = change((checkout / file).read_text(encoding="utf-8"))
    (checkout / file).unlink() if text is None else (checkout / file).write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit, match=message) as refused:
        made(checkout, tmp_path)
    assert "\n" not in str(refused.value) and str(tmp_path) not in str(refused.value)


WARNINGS = {"bad formula": ("x^2", r"\nosuch"), "dead link": ("00_start", "99_start")}


@pytest.mark.parametrize("case", WARNINGS)
def test_what_cannot_be_drawn_or_leads_nowhere_is_warned_of_with_its_place(checkout, tmp_path, case):
    before, after = WARNINGS[case]
    (checkout / "README.md").write_text((checkout / "README.md").read_text().replace(before, after))
    (warning,) = made(checkout, tmp_path)[0].splitlines()
    assert re.search(rf"README\.md:\d+: WARNING: .*{re.escape(after)}", warning)


def test_what_is_missing_is_said(checkout, tmp_path):
    shutil.copy(ROOT / "notebooks" / "10_theorem_1.py", checkout / "notebooks")
    ledger = checkout / "data" / "reference" / "claims.csv"
    rows = ledger.read_text(encoding="utf-8").splitlines(keepends=True)
    ledger.write_text("".join(row for row in rows if ",start/data," not in row), encoding="utf-8")
    warned, printed = made(checkout, tmp_path)
    assert not warned and "10_theorem_1" in printed and "report" in printed
    claims = (tmp_path / "site" / "verdicts.html").read_text(encoding="utf-8").split("<tr")
    (row,) = [row for row in claims if 'id="verdict-start-data"' in row]
    assert "not run" in row and "no row in" in row
    index = "".join(Page((tmp_path / "site" / "index.html").read_text(encoding="utf-8")).words)
    assert "without a page: 10_theorem_1" in index and "Without the report" in index


def test_make_replaces_an_earlier_site_by_a_whole_one_only(checkout):
    def make():
        command = ["make", "-o", "setup", "site", f"PYTHON={sys.executable}"]
        return subprocess.run(command, cwd=checkout, text=True, capture_output=True, check=False)

    old = checkout / "build" / "site" / "old.html"
    old.parent.mkdir(parents=True)
    old.touch()
    text = (checkout / "README.md").read_text()
    (checkout / "README.md").write_text(text.replace("00_start", "99_start"))
    refused = make()
    assert refused.returncode and "README.md:5: WARNING" in refused.stderr and "99_start" in refused.stderr
    assert [*(checkout / "build").rglob("*")] == [old.parent, old]
    (checkout / "README.md").write_text(text)
    done = make()
    assert done.returncode == 0 and done.stdout.endswith("build/site/index.html\n"), done.stderr
    assert not old.exists() and [*(checkout / "build").iterdir()] == [old.parent]


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    chromium = pytest.importorskip("browser")
    if chromium.PROGRAM is None:
        pytest.skip("no Chromium on this machine")
    with chromium.browser(tmp_path_factory.mktemp("browser") / "profile") as new_tab:
        yield new_tab()


def until(tab, expression):
    end = time.monotonic() + 30
    while not (value := tab.value(expression)):
        assert time.monotonic() < end, expression
        time.sleep(0.1)
    return value


def press(tab, key, code, modifiers=0):
    for kind in ("rawKeyDown", "keyUp"):
        tab.call(
            "Input.dispatchKeyEvent",
            type=kind,
            key=key,
            code=key,
            windowsVirtualKeyCode=code,
            modifiers=modifiers,
        )


def test_pages_fit_any_window_and_ask_for_nothing_outside(folder, tab):
    flat = "[...document.querySelectorAll('math')].filter(m => m.getBoundingClientRect().height < 5).length"
    aside = """[...document.querySelectorAll('math[display=block]')].filter(m => {
        const whole = m.getBoundingClientRect(), parts = [...m.children].map(c => c.getBoundingClientRect());
        const left = Math.min(...parts.map(p => p.left)) - whole.left;
        const right = whole.right - Math.max(...parts.map(p => p.right));
        return m.scrollWidth <= m.clientWidth + 1 && Math.abs(left - right) > 4; }).length"""
    paper = "getComputedStyle(document.body).backgroundColor"
    names = [
        *(f"notebooks/{name}" for name in NAMES),
        "index",
        "verdicts",
        "README",
        "api/theory",
        "api/experiments",
        "search",
    ]
    for name in names:
        seen = set()
        for width, dark in ((1280, False), (360, True)):
            tab.open(folder / f"{name}.html", width, dark)
            assert not tab.complaints, (name, tab.complaints)
            assert not [url for url in tab.requests if not url.startswith(("data:", folder.as_uri()))], name
            assert tab.value("document.documentElement.scrollWidth - innerWidth") <= 0, (name, width)
            assert tab.value(flat) == 0, name
            seen.add(tab.value(paper))
        assert len(seen) == 2, name
        tab.open(folder / f"{name}.html")
        assert tab.value(aside) == 0, name


def test_the_search_finds_a_notebook_without_a_server(folder, tab):
    tab.open(folder / "search.html")
    tab.call("Page.navigate", url=(folder / "search.html").as_uri() + "?q=pythagoras")
    links = (
        "[...document.querySelectorAll('#search-results li a')].map(a => a.getAttribute('href')).join(' ')"
    )
    until(tab, f"{links}.includes('notebooks/00_start_here.html')")
    assert not tab.complaints and all(url.startswith(("data:", folder.as_uri())) for url in tab.requests)


def test_the_keyboard_reaches_text_search_and_wide_things(folder, tab):
    tab.open(folder / "notebooks" / f"{NAMES[1]}.html")
    press(tab, "Tab", 9)
    assert "skip" in tab.value("document.activeElement.textContent.toLowerCase()")
    press(tab, "k", 75, modifiers=2)
    until(tab, "document.activeElement.matches('input[type=search]')")
    wide = """[...document.querySelectorAll('article pre, article .output')].filter(box =>
        box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== 'visible' && box.tabIndex < 0).length"""
    assert until(tab, f"({wide}) === 0")


def test_without_scripts_everything_can_be_read(folder, tab):
    tab.open(folder / "verdicts.html", script=False)
    assert tab.value("document.querySelector('article').offsetHeight") > 5000
    assert tab.value(
        "[...document.querySelectorAll('.bd-links a')].filter(a => a.offsetHeight).length"
    ) > len(NAMES)
