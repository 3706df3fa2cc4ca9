"""The report's page as a Jinja template, which `pages.report` fills; site and one-page answer share its style and head."""

STYLE = """\
:root {
  --page: #ffffff; --text: #1b1f23; --faint: #57606a; --line: #d8dee4; --box: #f6f8fa; --link: #0550ae;
  --pass: #0a6b45; --pass-box: #dcf5e8; --fail: #a3250b; --fail-box: #ffe5dd;
  --not-run: #4d4d4d; --not-run-box: #e9e9e9; --reported: #0b4f85; --reported-box: #dcedfb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181d; --text: #e4e8ec; --faint: #a2acb6; --line: #39424c; --box: #1d232a; --link: #7ab8f5;
    --pass: #86e0b4; --pass-box: #10392a; --fail: #ffb09c; --fail-box: #54200f;
    --not-run: #d0d0d0; --not-run-box: #3a3a3a; --reported: #a5d3fa; --reported-box: #123a5c;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 76rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; line-height: 1.25; margin: 2.8rem 0 .3rem; padding-top: .8rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .2rem; }
p { margin: .3rem 0; max-width: 48rem; }
a { color: var(--link); }
.group { margin: 3rem 0 -2rem; color: var(--faint); font-size: .85rem; font-weight: 600; letter-spacing: .06em;
  text-transform: uppercase; }
.faint { color: var(--faint); font-size: .9rem; }
.counts { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1rem 0; padding: 0; list-style: none; }
.counts li { padding: .5rem .9rem; border-radius: .5rem; min-width: 6.5rem; }
.counts b { display: block; font-size: 1.6rem; line-height: 1.1; }
.badge { display: inline-block; padding: .05rem .5rem; border-radius: 1rem; font-size: .85rem; font-weight: 600;
  white-space: nowrap; }
.pass { color: var(--pass); background: var(--pass-box); }
.fail { color: var(--fail); background: var(--fail-box); }
.not-run { color: var(--not-run); background: var(--not-run-box); }
.reported { color: var(--reported); background: var(--reported-box); }
.box { overflow-x: auto; margin: .8rem 0; border: 1px solid var(--line); border-radius: .4rem; }
.box:focus-visible, .frame:focus-visible { outline: 2px solid var(--link); }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); min-width: 5rem; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { background: var(--box); white-space: nowrap; }
tbody th { font-weight: 600; }
td.text { min-width: 14rem; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1.2rem 0; }
.frame { overflow-x: auto; }
figure img { display: block; max-width: 100%; height: auto; background: #ffffff; border-radius: .4rem; padding: .3rem; }
figcaption { max-width: 48rem; margin-top: .4rem; font-size: .9rem; color: var(--faint); }
figcaption b { color: var(--text); }
.missing { border: 1px dashed var(--line); border-radius: .4rem; padding: .6rem .9rem; color: var(--faint); }
ul.plain { padding-left: 1.2rem; max-width: 60rem; }
ul.plain li { margin: .3rem 0; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .92em; }
@media (max-width: 40rem) { figure img { max-width: none; width: 44rem; } }
@media print { .box { overflow: visible; } h2 { break-after: avoid; } figure { break-inside: avoid; } }
"""


def document_head(title: str, style: str, sources: str = "") -> str:
    """A page up to its body; the browser may load nothing but what the page holds, and further ``sources``."""
    return f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'{sources}">
<title>{title}</title>
<style>
{style}</style>
</head>
"""


PAGE = (
    document_head("Weak-to-strong generalization: the verdicts", STYLE)
    + """\
<body>
{% macro badge(verdict) %}<span class="badge {{ verdict|replace(' ', '-') }}">{{ verdict }}</span>{% endmacro %}
{% macro picture(figure) %}
<figure>
{% if figure.data %}
<div class="frame" role="region" aria-label="figure: {{ figure.title }}" tabindex="0">
<img src="data:image/png;base64,{{ figure.data }}" alt="{{ figure.alt }}">
</div>
<figcaption><b>{{ figure.title }}.</b> {{ figure.sentence }}</figcaption>
{% else %}
<figcaption class="missing"><b>{{ figure.title }}</b>: not drawn in this profile. Run its notebook.</figcaption>
{% endif %}
</figure>
{% endmacro %}
{% macro claim_table(rows, label) %}
<div class="box" role="region" aria-label="{{ label }}" tabindex="0">
<table>
<thead><tr><th scope="col">claim</th><th scope="col">verdict</th><th scope="col">found</th>
<th scope="col">band or interval</th><th scope="col">statistic</th>
<th scope="col">in the paper</th><th scope="col">seconds</th></tr></thead>
<tbody>
{% for row in rows %}
<tr id="{{ row.claim|urlencode }}"><th scope="row">{{ row.claim }}</th><td>{{ badge(row.verdict) }}</td>
<td class="number">{{ row.found }}</td><td class="number">{{ row.band }}</td>
<td class="text">{{ row.statistic }}{% if row.reason %} <span class="faint">({{ row.reason }})</span>{% endif %}</td>
<td>{{ row.where }}</td><td class="number">{{ row.seconds }}</td></tr>
{% endfor %}
</tbody>
</table>
</div>
{% endmacro %}
<header>
<h1>Weak-to-strong generalization: the verdicts</h1>
<p>Companion to <i>Quantifying the Gain in Weak-to-Strong Generalization</i> (Charikar, Pabbaraju, Shiragur, 2024).
Each claim below was measured by a notebook and held against its band, which comes from theory or from several earlier seeds.
Profile: <code>{{ profile }}</code>.</p>
{% if profile == "smoke" %}
<p><b>Smoke values:</b> this run used small parameters to test the code. The bands hold for the published values.</p>
{% endif %}
<ul class="counts" aria-label="number of claims by verdict">
{% for verdict, count in counts.items() %}
<li class="{{ verdict|replace(' ', '-') }}"><b>{{ count }}</b> {{ verdict }}</li>
{% endfor %}
</ul>
</header>
<main>
{% if not claims %}
<p>No notebook declares a claim, so there is nothing to judge.</p>
{% else %}
{% set open = claims|rejectattr("verdict", "in", ["pass", "reported"])|list %}
{% if open %}
<p>What needs attention:</p>
<ul class="plain">
{% for row in open %}
<li>{{ badge(row.verdict) }} <a href="#{{ row.claim|urlencode }}">{{ row.claim }}</a>:
{% if row.verdict == "fail" %}
{{ row.statistic }} = {{ row.found or "not a number" }}, band {{ row.band }}</li>
{% else %}
{{ row.reason }}</li>
{% endif %}
{% endfor %}
</ul>
{% else %}
<p>Every claim was measured, and none failed.</p>
{% endif %}
{% if counts["reported"] %}
<p>{{ counts["reported"] }} values are only reported, as nothing predicts them.
Read them too: not all speak for the paper's picture.</p>
{% endif %}
<p class="faint"><b>pass</b>, <b>fail</b>: the value lies inside or outside its band. <b>reported</b>: measured with an
interval, but nothing predicts a band. <b>not run</b>: no value, with the reason.</p>
{% endif %}
{% for figure in figures %}
{{ picture(figure) }}
{%- endfor %}
{% for section in sections %}
<section>
{% if section.group %}
<p class="group">{{ section.group }}</p>
{% endif %}
<h2 id="{{ section.entry.name }}">{{ section.entry.title }}</h2>
<p class="faint">Notebook <code>{{ section.entry.name }}</code>. {{ section.entry.paper }}{{ ": " if section.entry.paper }}
{{ section.entry.where }}</p>
{% if section.claims %}
{{ claim_table(section.claims, "claims of " ~ section.entry.name) }}
{%- endif %}
{% for figure in section.figures %}
{{ picture(figure) }}
{%- endfor %}
</section>
{% endfor %}
{% if others %}
<section>
<h2>Claims of no listed notebook</h2>
{{ claim_table(others, "other claims") }}
</section>
{% endif %}
{% if tables %}
<section>
<h2>Data and rows</h2>
{% for table in tables %}
<h3>{{ table.title }}</h3>
<p>{{ table.sentence }}</p>
<div class="box" role="region" aria-label="{{ table.title }}" tabindex="0">
<table>
<thead><tr>{% for column in table.columns %}<th scope="col">{{ column }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in table.rows %}
<tr>{% for value in row %}<td>{{ value }}</td>{% endfor %}</tr>
{% endfor %}
</tbody>
</table>
</div>
{% endfor %}
</section>
{% endif %}
</main>
<footer>
<h2>Where this comes from</h2>
{% if notes %}
<ul class="plain">
{% for note in notes %}
<li>{{ note }}</li>
{% endfor %}
</ul>
{% endif %}
<p class="faint">{% for name, version in versions.items() %}{{ name }} {{ version }}{{ ", " if not loop.last }}{% endfor %}</p>
</footer>
</body>
</html>
"""
)
