"""How Sphinx makes the site; what it cannot know by itself it is told by its extension `w2s_utils.pages.site`."""

from glob import glob

project = html_title = "Weak-to-strong gain: the notebooks and their verdicts"
extensions = ["myst_nb", "w2s_utils.pages.site"]
templates_path = ["."]

nb_execution_mode = "off"
nb_merge_streams = True
nb_ipywidgets_js = {}  # would come from elsewhere
myst_enable_extensions = ["dollarmath", "amsmath", "attrs_inline", "attrs_block", "colon_fence"]
myst_heading_anchors = 4
add_module_names = False
suppress_warnings = ["ref.python"]  # modules may have classes of one name; a link goes to the first of them

html_theme = "pydata_sphinx_theme"
html_static_path = ["style.css", "../data/fonts/stix_two_math.woff"]
html_extra_path = sorted(glob("../build/full/report.html") + glob("../build/full/your_data_*.html"))
html_css_files = ["style.css"]
html_math_renderer = "math-core"
html_sidebars = {"**": ["sections.html"]}
html_context = {"default_mode": "auto"}
html_copy_source = html_show_sourcelink = html_show_copyright = html_use_index = False
html_show_search_summary = False  # a page that is opened from a folder may not read the others
html_theme_options = {"logo": {"text": "Weak-to-strong gain"}, "navbar_center": []}
