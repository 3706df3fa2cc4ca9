"""The pages of the site as Jinja templates; `pages.site` says what fills them.

Every page holds all that it needs. Its content security policy forbids the browser to load anything else.
"""

from .report_page import STYLE as REPORT_STYLE
from .report_page import document_head

STYLE = (
    REPORT_STYLE
    + """\
html { scroll-padding-top: 1rem; }
body { max-width: 64rem; }
h1 { font-size: 1.75rem; margin: .6rem 0 .6rem; }
h2 { padding-top: 1rem; }
h3 { font-size: 1.08rem; }
p, ul, ol, blockquote { max-width: 46rem; }
p { margin: .7rem 0; }
hr { border: 0; border-top: 1px solid var(--line); }
blockquote { margin: 1rem 0; padding: .1rem 1rem; border-left: .25rem solid var(--line); }
.anchor { color: inherit; text-decoration: none; }
.anchor:hover, .anchor:focus-visible { text-decoration: underline; text-decoration-thickness: 1px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
nav.way { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .4rem 1.5rem; font-size: .9rem; }
nav.contents { margin: 1.2rem 0; padding: .7rem 1rem; background: var(--box); border-radius: .4rem; font-size: .9rem; }
nav.contents h2 { margin: 0 0 .3rem; padding: 0; border: 0; font-size: .9rem; }
nav.contents ul { margin: 0; padding: 0; list-style: none; }
nav.contents li { margin: .3rem 0; line-height: 1.3; }
main { min-width: 0; }
.cell { margin: .9rem 0; }
.code, pre, .formula { overflow-x: auto; }
.code:focus-visible, pre:focus-visible, .formula:focus-visible { outline: 2px solid var(--link); }
.code { border: 1px solid var(--line); border-radius: .4rem; background: var(--box); }
.code pre, pre.printed { margin: 0; padding: .7rem .9rem; line-height: 1.45; }
.highlight { background: none !important; }
pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .8rem;
  max-width: none; }
pre.printed { margin: .5rem 0; border-left: .25rem solid var(--line); padding: .2rem .9rem; }
p code, li code, td code, th code { background: var(--box); padding: .05rem .25rem; border-radius: .2rem; }
.formula { display: block; margin: .9rem 0; padding: .3rem 0; max-width: 52rem; }
math { font-size: 1.08em; font-family: "Formulas", "STIX Two Math", "Cambria Math", math; }
math[display="block"] { padding: 0 .2rem; }
menclose[notation="box"] { border: 1px solid currentColor; padding: .35em .5em; }
.dataframe td, .dataframe th { text-align: right; font-variant-numeric: tabular-nums; min-width: 0; }
.dataframe tbody th { text-align: left; font-weight: 400; }
td, th { min-width: 0; }
.frame { overflow-x: auto; background: #ffffff; border: 1px solid var(--line); border-radius: .4rem; padding: .4rem; }
figure img { padding: 0; border-radius: 0; }
details summary { cursor: pointer; color: var(--link); font-size: .9rem; }
footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--line); }
#search { margin: 1.5rem 0 .5rem; }
#search[hidden] { display: none; }
#search input { font: inherit; width: 100%; max-width: 30rem; padding: .45rem .7rem; color: var(--text);
  background: var(--page); border: 1px solid var(--faint); border-radius: .4rem; }
#pages { list-style: none; margin: 1rem 0; padding: 0; max-width: none; }
#pages > li { padding: 1rem 0; border-top: 1px solid var(--line); }
#pages > li[hidden], .sections li[hidden] { display: none; }
#pages h3 { margin: 0; }
#pages p { margin: .15rem 0 .4rem; }
#pages details { margin: .2rem 0; }
.sections { margin: .2rem 0; font-size: .9rem; }
.verdicts { display: flex; flex-wrap: wrap; gap: .4rem; margin: .3rem 0; padding: 0; list-style: none; }
.claims td.text { min-width: 16rem; }
.claims th { min-width: 9rem; }
@media (min-width: 82rem) {
  body.with-contents { max-width: 80rem; display: grid; grid-template-columns: 14rem minmax(0, 1fr); column-gap: 2.5rem; }
  body.with-contents > * { grid-column: 2; }
  body.with-contents > nav.contents { grid-column: 1; grid-row: 1 / span 4; align-self: start; position: sticky; top: 1.5rem;
    margin: 0; max-height: calc(100vh - 3rem); overflow-y: auto; }
}
@media print { nav, .skip, #search { display: none; } .code, pre { white-space: pre-wrap; } }
"""
)

_HEAD = document_head(
    "{{ title }}",
    STYLE
    + """\
{% if font %}
@font-face { font-family: "Formulas"; src: url(data:font/woff;base64,{{ font }}) format("woff"); }
{% endif %}
{{ highlighting|safe }}
""",
    sources="; font-src data:{{ policy }}",
)

_VERDICTS = """\
{% macro verdicts(counts) %}
<ul class="verdicts" aria-label="number of claims by verdict">
{% for verdict, count in counts.items() if count %}
<li class="badge {{ verdict|replace(' ', '-') }}">{{ count }} {{ verdict }}</li>
{% endfor %}
</ul>
{% endmacro %}
"""

NOTEBOOK = (
    _VERDICTS
    + _HEAD
    + """\
<body class="with-contents">
<nav class="way" aria-label="pages">
<a class="skip" href="#content">To the text</a>
<a href="index.html">All notebooks, claims and search</a>
</nav>
<h1>{{ title }}</h1>
<nav class="contents" aria-label="contents of this page">
<h2>On this page</h2>
<ul>
{% for heading in headings %}
<li><a href="#{{ heading.anchor }}">{{ heading.html|safe }}</a></li>
{% endfor %}
</ul>
</nav>
<main id="content">
{{ body|safe }}
</main>
<footer>
{% if counts %}
<p>The claims of this notebook: <a href="index.html#{{ name }}">each with its band and the value found</a>.</p>
{{ verdicts(counts) }}
{% endif %}
<p class="faint">{{ provenance }}</p>
<nav class="way" aria-label="neighbouring pages">
{% if before %}<a rel="prev" href="{{ before.name }}.html">← {{ before.title }}</a>{% else %}<span></span>{% endif %}
{% if after %}<a rel="next" href="{{ after.name }}.html">{{ after.title }} →</a>{% endif %}
</nav>
</footer>
</body>
</html>
"""
)

INDEX = (
    _VERDICTS
    + _HEAD
    + """\
<body>
<header>
<h1>{{ title }}</h1>
<p>A companion to <i>Quantifying the Gain in Weak-to-Strong Generalization</i> by Charikar, Pabbaraju and Shiragur
(<a href="https://arxiv.org/abs/2405.15116">arXiv 2405.15116</a>). Each notebook sets a part of the paper beside code that
tests it, and ends in claims with a verdict.</p>
<ul class="counts" aria-label="number of claims by verdict">
{% for verdict, count in totals.items() %}
<li class="{{ verdict|replace(' ', '-') }}"><b>{{ count }}</b> {{ verdict }}</li>
{% endfor %}
</ul>
<p class="faint"><b>pass</b>, <b>fail</b>: the value lies inside or outside its band, which comes from theory or from several
seeds. <b>reported</b>: measured with an interval, where nothing predicts a band. <b>not run</b>: no value.</p>
</header>
<main>
<form id="search" role="search" hidden>
<label for="words">Search the titles of pages and sections</label><br>
<input id="words" type="search" autocomplete="off"> <output for="words" class="faint"></output>
</form>
<ol id="pages">
{% for page in pages %}
<li id="{{ page.name }}" data-title="{{ page.title }} {{ page.name }} {{ page.paper }} {{ page.where }}">
{% if page.group %}
<p class="group">{{ page.group }}</p>
{% endif %}
<h3><a href="{{ page.name }}.html">{{ page.title }}</a></h3>
<p class="faint">{% if page.paper %}{{ page.paper }}: {{ page.where }}. {% endif %}Notebook <code>{{ page.name }}</code></p>
{% if page.claims %}
{{ verdicts(page.counts) }}
{% endif %}
{% if page.sections %}
<details><summary>{{ page.sections|length }} sections</summary>
<ul class="sections">
{% for section in page.sections %}
<li><a href="{{ page.name }}.html#{{ section.anchor }}">{{ section.html|safe }}</a></li>
{% endfor %}
</ul>
</details>
{% endif %}
{% if page.claims %}
<details class="claims"><summary>{{ page.claims|length }} claims with values and verdicts</summary>
<div class="box" role="region" aria-label="claims of {{ page.name }}" tabindex="0">
<table>
<thead><tr><th scope="col">place</th><th scope="col">claim</th><th scope="col">verdict</th>
<th scope="col">found</th><th scope="col">band or interval</th><th scope="col">statistic</th></tr></thead>
<tbody>
{% for row in page.claims %}
<tr><td>{{ row.where }}</td>
<th scope="row">{% if row.anchor %}<a href="{{ page.name }}.html#{{ row.anchor }}">{{ row.claim }}</a>{% else %}
{{ row.claim }}{% endif %}</th>
<td><span class="badge {{ row.verdict|replace(' ', '-') }}">{{ row.verdict }}</span></td>
<td class="number">{{ row.found }}</td><td class="number">{{ row.band }}</td>
<td class="text">{{ row.statistic }}{% if row.reason %} <span class="faint">({{ row.reason }})</span>{% endif %}</td></tr>
{% endfor %}
</tbody>
</table>
</div>
</details>
{% endif %}
</li>
{% endfor %}
{% if report %}
<li id="report" data-title="The report: all claims and figures on one page">
<h3><a href="report.html">The report: all claims and figures on one page</a></h3>
<p class="faint">Written by the last full run on the machine that made this site</p>
</li>
{% endif %}
</ol>
</main>
<footer>
{% for note in notes %}
<p class="faint">{{ note }}</p>
{% endfor %}
</footer>
<script>{{ script|safe }}</script>
</body>
</html>
"""
)

SEARCH = """
(() => {
  const form = document.getElementById("search"), said = form.querySelector("output");
  const pages = [...document.querySelectorAll("#pages > li")];
  form.hidden = false;
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("input", () => {
    const words = document.getElementById("words").value.toLowerCase().split(/\\s+/).filter(Boolean);
    const holds = text => words.every(word => text.toLowerCase().includes(word));
    for (const page of pages) {
      const own = holds(page.dataset.title), sections = [...page.querySelectorAll(".sections li")];
      for (const section of sections) section.hidden = !own && !holds(section.textContent);
      const found = sections.some(section => !section.hidden);
      page.hidden = !own && !found;
      const list = page.querySelector(".sections");
      if (list) list.parentElement.open = words.length > 0 && !own && found;
    }
    const shown = pages.filter(page => !page.hidden).length;
    said.textContent = words.length ? `${shown} of ${pages.length} pages` : "";
  });
})();
"""
