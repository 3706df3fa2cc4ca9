"""How Sphinx makes the site; `w2s_utils.pages.site` prepares the sources and runs it."""

import re

from docutils import nodes
from docutils.utils import new_document
from myst_parser.parsers.sphinx_ import MystParser
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from w2s_utils.pages.formulas import FormulaError, mathml

project = html_title = "Weak-to-strong gain: the notebooks and their verdicts"
extensions = ["myst_nb", "sphinx.ext.autodoc"]
templates_path = ["."]
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]  # types of other projects, whose pages are elsewhere

nb_execution_mode = "off"
nb_merge_streams = True
nb_ipywidgets_js = {}  # would come from elsewhere
myst_enable_extensions = ["dollarmath", "amsmath", "attrs_inline", "attrs_block", "colon_fence"]
myst_heading_anchors = 4
add_module_names = False
autodoc_mock_imports = [
    "torch",
    "transformers",
    "rdkit",
    "accelerate",
    "safetensors",
    "dask",
    "distributed",
]  # take seconds
autodoc_type_aliases = {name: name for name in ("Array", "ArrayLike", "NDArray", "Number", "Row")}
autodoc_default_options = {
    "members": True,
    "member-order": "bysource",
    "exclude-members": "set_fit_request,set_partial_fit_request,set_predict_request,set_score_request",  # scikit-learn's
}

html_theme = "pydata_sphinx_theme"
html_static_path = ["style.css", "../data/fonts/stix_two_math.woff"]
html_css_files = ["style.css"]
html_math_renderer = "math-core"
html_sidebars = {"**": ["sections.html"]}
html_context = {"default_mode": "auto"}
html_copy_source = html_show_sourcelink = html_show_copyright = html_use_index = False
html_show_search_summary = False  # a page that is opened from a folder may not read the others
html_theme_options = {
    "logo": {"text": "Weak-to-strong gain"},
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "footer_start": ["sphinx-version"],
    "secondary_sidebar_items": ["page-toc"],
}


class Markdown(SphinxDirective):
    """Markdown inside the reStructuredText that autodoc writes."""

    has_content = True

    def run(self):
        part = new_document(self.state.document.current_source, self.state.document.settings)
        MystParser().parse("\n".join(self.content), part)
        return part.children


def as_markdown(app, what, name, found, options, lines):
    """Docstrings are Markdown."""
    lines[:] = [".. markdown::", "", *(f"   {line}" for line in lines), ""]


def readable(app, what, name, found, options, arguments, returned):
    """Names of types as the source has them."""
    return tuple(
        re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", text or "") or None for text in (arguments, returned)
    )


def draw(self, node):
    """A formula as MathML; one that cannot be drawn is a warning with its place."""
    try:
        self.body.append(mathml(node.astext(), display=isinstance(node, nodes.math_block)))
    except FormulaError as error:
        logging.getLogger(__name__).warning(str(error), location=node)
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("math-core", (draw, None), (draw, None))
    app.add_directive("markdown", Markdown)
    app.connect("autodoc-process-docstring", as_markdown)
    app.connect("autodoc-process-signature", readable)
