"""The frame of a page that needs nothing else: its head, a switch between languages, an article for each, a script."""

from __future__ import annotations

from collections.abc import Mapping

from survey.base import catalogue
from survey.base.html import markup, render, whole_page
from survey.reports.page_look import STYLE

__all__ = ["framed"]


def framed(
    articles: Mapping[str, str],
    *,
    kind: str,
    title: str,
    simulated: str,
    script: str,
    style: str = "",
    description: str = "",
) -> str:
    """A page as HTML.

    Parameters
    ----------
    articles : mapping of language to HTML
        The first is the language of the page. Each has the id `KIND-LANGUAGE`, to which the switch leads.
    kind : str
    title : str
    simulated : str
        What says that the data are simulated, "" where they are not; the look repeats it on every printed page.
    script : str
    style : str
        What is added to the look of reports.
    description : str
    """
    languages = list(articles)
    inside = render(
        _INSIDE,
        kind=kind,
        script=markup(script),
        names={lang: catalogue.text("language.name", lang) for lang in languages} if len(languages) > 1 else {},
        switch=" / ".join(catalogue.text("report.language", lang) for lang in languages),
        articles=[markup(article) for article in articles.values()],
    )
    look = STYLE.replace("SIMULATED", _css(simulated)) + style
    return whole_page(inside, lang=languages[0], title=title, style=look, description=description)


def _css(text: str) -> str:
    return text.replace("\\", "").replace('"', "").replace("\n", " ").replace("<", "")


_INSIDE = """\
{% if names %}
<nav class="languages" aria-label="{{ switch }}">
{% for l, name in names.items() %}
<a href="#{{ kind }}-{{ l }}" lang="{{ l }}" hreflang="{{ l }}" data-lang="{{ l }}">{{ name }}</a>
{% endfor %}
</nav>
{% endif %}
<main>
{% for article in articles %}
{{ article }}
{% endfor %}
</main>
<script>
{{ script }}
</script>"""
