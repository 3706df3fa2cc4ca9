"""What Sphinx cannot know of notebooks, verdicts, formulas and the package: its extension for ``make site``.

Pages come from the committed pairs ``notebooks/*.ipynb``, verdicts from ``data/reference/claims.csv``, the package from its
docstrings, all else from ``docs`` and the texts of the checkout.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import griffe
import nbformat
from docutils import nodes
from jinja2 import Environment
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from .. import ROOMS, judgement, runtime
from ..chain import pairs, stamps
from ..chain.catalogue import NotebookEntry, catalogue
from ..chain.claims import LEDGER, not_run, read_reference
from . import rendering
from .formulas import FormulaError, mathml

TEXTS = ("[A-Z]*.md", "data/README.md", "notebooks/*.md")
LINKED = ("CITATION.cff", "data/reference/*.*", "w2s_utils/__init__.py", "w2s_utils/data/registry.csv")
LIBRARY = [room for room in ROOMS if room not in ("chain", "pages", "benchmarks", "cli")]  # what others call


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls."""
    app.connect("builder-inited", write_sources)
    app.add_html_math_renderer("math-core", (_draw, None), (_draw, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_sources(app: Sphinx) -> None:
    """Write what Sphinx reads, laid out as the checkout is, so that links hold; print what the site lacks.

    Raises SystemExit, with a sentence, for no executed notebook, one with `pairs.problems`, a missing or damaged ledger, and
    an example of README that does not run.
    """
    root, source = Path(app.confdir).parent, Path(app.srcdir)
    sources = list(stamps.sources(root).values())
    executed = [path for path in sources if path.with_suffix(".ipynb").is_file()]
    faults = [fault for path in executed for fault in pairs.problems(path, path.with_suffix(".ipynb"))]
    if faults or not executed:
        fault = [*faults, "there is no executed notebook"][0]
        sys.exit(f"{fault}; run `make reproduce`, then `make publish`, or take it back from git")
    copies = [Path(path).name for path in app.config.html_extra_path]
    notes = [f"Not executed yet, so without a page: {path.stem}." for path in sources if path not in executed]
    if "report.html" not in copies:
        notes.append("Without the report: `make reproduce` writes it, `make site` then adds it.")
    sys.stdout.writelines(f"{note}\n" for note in notes)

    for file in [file for pattern in (*TEXTS, *LINKED) for file in root.glob(pattern)]:
        shutil.copy(file, runtime.make_folder((source / file.relative_to(root)).parent))
    _write_example(source / "README.md", Path(app.outdir) / "example.html")
    entries = catalogue(executed)
    jinja = _templates(root, entries)
    for page in ("index.md", "verdicts.md"):
        jinja.get_template(f"{page}.j2").stream(copies=copies, notes=notes).dump(str(source / page), "utf-8")
    for entry in entries:
        file = source / "notebooks" / f"{entry.name}.ipynb"
        nbformat.write(_with_verdicts(root / file.relative_to(source), entry.claims, jinja), file)
    package, folder = griffe.load("w2s_utils"), runtime.make_folder(source / "api")
    for room in LIBRARY:
        jinja.get_template("room.md.j2").stream(room=package[room]).dump(str(folder / f"{room}.md"), "utf-8")


def _write_example(readme: Path, page: Path) -> None:
    """Write the ``page`` that `w2s judge` writes with README's words, of the file that README's lines make.

    In a process of its own, as this room may not import the one that judges. Raises SystemExit where that fails.
    """
    pattern = re.compile(r"^w2s (judge [^\n]+)$.+?^```python\n(.+?)^```", re.DOTALL | re.MULTILINE)
    example = pattern.search(readme.read_text(encoding="utf-8"))
    words, lines = example.groups() if example else ("judge", "")  # which says what it lacks
    arguments = [*shlex.split(words), "--out", str(page)]
    lines += f"from w2s_utils.cli.app import main\nraise SystemExit(main({arguments}))\n"
    made = subprocess.run([sys.executable, "-Pc", lines], cwd=readme.parent, capture_output=True, text=True)
    if made.returncode:
        reason = made.stderr.strip().rpartition("\n")[2]
        sys.exit(f"README.md: its example of `w2s judge` does not run: {reason}")


def _templates(root: Path, entries: list[NotebookEntry]) -> Environment:
    """The templates of ``docs``; all of them know the ``entries``, and in ``rows`` the ledger's row of every claim."""
    try:
        ledger = read_reference(root / "data" / "reference" / LEDGER)
    except judgement.ClaimError as error:
        sys.exit(str(error))
    missing = f"no row in data/reference/{LEDGER}"
    rows = {claim: not_run(claim, missing) for entry in entries for claim in entry.claims}
    rows |= {row["claim"]: row for row in ledger.to_dict("records")}
    jinja = rendering.environment(root / "docs")
    jinja.globals |= {"entries": entries, "rows": rows, "rooms": LIBRARY, "judgement": judgement}
    # Text as Markdown that shows it as it is, and as a name that a link can lead to.
    jinja.filters["plain"] = lambda text: Markup(re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text))
    jinja.filters["anchor"] = lambda claim: re.sub(r"\W+", "-", claim)
    return jinja


def _with_verdicts(pair: Path, claims: tuple[str, ...], jinja: Environment) -> nbformat.NotebookNode:
    """A notebook with alt texts where myst-nb reads them, and a line above each cell that prints verdicts of ``claims``."""
    notebook, cells = nbformat.read(pair, as_version=4), []
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        pictures = [one.metadata[kind] for one in outputs for kind in one.get("data", {}) if "image/" in kind]
        cell.metadata["mystnb"] = {"image": {"alt": " ".join(one["alt"] for one in pictures)}}
        text = "".join(str(one.get("text", "")) for one in outputs)
        if printed := [claim for claim in claims if f"]  {claim}: " in text]:
            line = jinja.get_template("cell.md.j2").render(claims=printed)
            cells.append(nbformat.v4.new_markdown_cell(line))
        cells.append(cell)
    notebook.cells = cells
    return notebook


def _draw(self: HTML5Translator, node: nodes.math | nodes.math_block) -> None:
    """A formula as MathML; one that cannot be drawn is a warning with its place."""
    try:
        self.body.append(mathml(node.astext(), display=isinstance(node, nodes.math_block)))
    except FormulaError as error:
        logging.getLogger(__name__).warning(str(error), location=node)
    raise nodes.SkipNode
