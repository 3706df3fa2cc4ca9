"""One executed notebook as HTML: nbconvert's basic template, with formulas as MathML and wide things in boxes that scroll."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from jinja2 import pass_context
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from .formulas import mathml

# The blocks of nbconvert's template that are replaced; all others stay as they are.
TEMPLATE = """\
{%- extends 'basic/index.html.j2' -%}
{% block input %}<div class="code" tabindex="0">
{{ cell.source | highlight_code(metadata=cell.metadata) }}</div>
{% endblock input %}
{% block stream_stdout %}<pre class="printed" tabindex="0">
{{- output.text | ansi2html -}}</pre>
{% endblock stream_stdout %}
{% block data_text scoped %}<pre class="printed" tabindex="0">
{{- output.data['text/plain'] | ansi2html -}}</pre>
{% endblock data_text %}
{% block data_html scoped %}<div class="box" tabindex="0">
{{ output.data['text/html'] | without_style }}</div>
{% endblock data_html %}
{% block data_png scoped %}<figure><div class="frame" tabindex="0">
<img src="data:image/png;base64,{{ output.data['image/png'] | replace('\n', '') }}"
 alt="{{ output | get_metadata('alt', 'image/png') | escape_html }}">
</div></figure>
{% endblock data_png %}
"""


class FigureWithoutAlt(ValueError):
    """A figure that a reader who cannot see it would learn nothing of."""


@dataclass(frozen=True)
class Heading:
    """A heading of a page: its ``level`` (1 to 6), ``anchor`` (the fragment that leads to it), and content as ``html``."""

    level: int
    anchor: str
    html: str


@dataclass
class NotebookHTML:
    """What `notebook_html` returns: the ``body`` of a page, and its ``headings`` in their order."""

    body: str = ""
    headings: list[Heading] = field(default_factory=list)


def notebook_html(notebook: NotebookNode) -> NotebookHTML:
    """The cells of a notebook and their outputs as HTML.

    Every code cell keeps its id as ``cell_anchor`` says. Raises `formulas.FormulaError` for a formula that cannot be
    drawn, FigureWithoutAlt for a figure without alt text.
    """
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
            if "image/png" in output.get("data", {}) and not alt.strip():
                raise FigureWithoutAlt(
                    f"cell {number} shows a figure without alt text: show it through `figures.show`"
                )
    page = NotebookHTML()
    exporter = _Exporter(page.headings)
    page.body, _ = exporter.from_notebook_node(notebook)
    return page


def cell_anchor(cell: NotebookNode) -> str:
    """The fragment that leads to a cell, as nbconvert writes it."""
    return f"cell-id={cell['id']}"


class _Exporter(HTMLExporter):
    def __init__(self, headings: list[Heading]):
        super().__init__(
            template_name="basic",
            raw_template=TEMPLATE,
            exclude_input_prompt=True,
            exclude_output_prompt=True,
        )
        self.headings = headings
        self.register_filter("without_style", _without_style)

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        return MarkdownWithMath(renderer=_Renderer(self.headings)).render(source)


class _Renderer(IPythonRenderer):
    """Markdown to HTML; adds to the list of headings that it was given."""

    def __init__(self, headings: list[Heading]):
        super().__init__(escape=False)
        self.headings = headings

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def block_math(self, body: str) -> str:
        return f'<span class="formula" tabindex="0">{mathml(body, display=True)}</span>'

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        words = re.sub(r"[\W_]+", "-", re.sub(r"<[^>]*>", "", text).lower()).strip("-") or "section"
        taken = {heading.anchor for heading in self.headings}
        anchor = next(
            name
            for name in (words, *(f"{words}-{number}" for number in range(2, len(taken) + 3)))
            if name not in taken
        )
        self.headings.append(Heading(level, anchor, text))
        return f'<h{level} id="{anchor}"><a class="anchor" href="#{anchor}">{text}</a></h{level}>\n'

    def table(self, text: str) -> str:
        if not re.sub(r"<[^>]*>", "", text.partition("</thead>")[0]).strip():
            text = text.partition("</thead>")[
                2
            ]  # markdown knows no table without a head; an empty one is left out
        return f'<div class="box" tabindex="0">\n<table>\n{text}</table>\n</div>\n'


def _without_style(html: str) -> str:
    """A table of pandas without its own style sheet and border: the page has one for all."""
    return re.sub(r"<style.*?</style>|(?<=<table) border=\"\d+\"", "", html, flags=re.DOTALL).strip()
