"""The frame of a page that needs nothing else: its head, a switch between languages, an article for each, a script."""

from __future__ import annotations

from collections.abc import Mapping

from survey.base import catalogue
from survey.base.html import markup, render
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
    return render(
        _PAGE,
        lang=languages[0],
        kind=kind,
        title=title,
        description=description,
        style=markup(STYLE.replace("SIMULATED", _css(simulated)) + style),
        script=markup(script),
        names={lang: catalogue.text("language.name", lang) for lang in languages} if len(languages) > 1 else {},
        switch=" / ".join(catalogue.text("report.language", lang) for lang in languages),
        articles=[markup(article) for article in articles.values()],
    )


def _css(text: str) -> str:
    return text.replace("\\", "").replace('"', "").replace("\n", " ").replace("<", "")


_PAGE = """\
<!DOCTYPE html>
<html lang="{{ lang }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{% if description %}
<meta name="description" content="{{ description }}">
{% endif %}
<title>{{ title }}</title>
<style>
{{ style }}
</style>
</head>
<body>
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
</script>
</body>
</html>
"""
