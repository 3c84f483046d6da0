"""How the page of a notebook looks: what it adds to the look of reports, and how its parts stand."""

from __future__ import annotations

__all__ = ["ARTICLE", "FOLDED", "SCRIPTED", "STYLE", "WARNING"]

STYLE = """
html:not(.scripted) article.other:not(:target):not(:has(:target)) { display: none; }
html:not(.scripted) main:has(article.other:target, article.other :target) article:not(.other) { display: none; }
h1 { margin-top: .75rem; }
h2 { font-size: 1.3rem; border: 0; margin: 2.2rem 0 .6rem; padding: 0; }
.body > h2:first-of-type { margin-top: .8rem; }
.body > p, .body > ul, .body > ol, .body > blockquote { max-width: 44rem; }
.finding { font-size: 1.08rem; margin: .6rem 0; max-width: 46rem; }
figure { margin: 1rem 0; }
figcaption small { color: #4d4d4d; font-size: .87rem; }
details { margin: .6rem 0; }
details summary { width: fit-content; color: #00508c; font-weight: normal; font-size: .87rem; padding: .2rem 0; }
pre { font: .82rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; background: #f6f6f4; border: 1px solid #dcdcd8;
  border-radius: .3rem; padding: .6rem .8rem; overflow-x: auto; margin: .4rem 0; }
code { font: .9em ui-monospace, "DejaVu Sans Mono", monospace; }
pre.error, pre.stderr { background: #fdf1f0; border-color: #a11212; white-space: pre-wrap; }
img { max-width: 100%; }
.output td, .output th { overflow-wrap: normal; }
.output p { overflow-wrap: anywhere; }
td:not(.words) { white-space: normal; }
.output th, .output td { text-align: left; }
.output .dataframe td, .output .dataframe thead th, .output td.n { text-align: right; }
.output .dataframe th:first-child, .output .dataframe td:first-child { text-align: left; }
.output h3 { font-size: 1rem; margin: 1rem 0 .4rem; }
.output > div > p, .output > p:not(.finding) { font-size: .92rem; max-width: 46rem; }
.c, .c1 { color: #5c5c5c; font-style: italic; }
.k, .kn, .kc, .ow { color: #7a2487; }
.s, .s1, .s2, .si, .sa { color: #8a3a00; }
.mi, .mf { color: #00508c; }
@media (max-width: 69.99rem) { .contents { display: none; } }
@media print { article.other, details { display: none; } }
"""

SCRIPTED = 'document.documentElement.className = "scripted";'

FOLDED = """\
<details class="{{ kind }}"><summary>{{ label }}</summary>
{% for html in parts %}
{{ html }}
{% endfor %}
</details>"""

WARNING = '<pre class="stderr" tabindex="0">{}</pre>'

ARTICLE = """\
<article id="page-{{ a.lang }}" lang="{{ a.lang }}" data-title="{{ a.title }}"{% if a.other %} class="other"{% endif %}>
{% if a.simulated %}
<p class="simulated">{{ a.simulated }}</p>
{% endif %}
<header>
<h1>{{ a.title }}</h1>
</header>
<nav class="contents" aria-label="{{ a.contents }}">
<ul>
{% for key, text in a.headings %}
<li><a href="#{{ key }}">{{ text }}</a></li>
{% endfor %}
</ul>
</nav>
<div class="body">
{{ a.body }}
</div>
</article>"""
