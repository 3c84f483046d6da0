"""An IPython extension that shows everything in each language at once, for a page on which readers choose.

`reproduce` loads it into each kernel and says the languages in an environment variable. A cell then runs once, and what
it shows of ours is published as a media type of its own, HTML by language, which the page of the notebook reads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from survey.base.html import markup, render
from survey.base.language import language
from survey.core.responses_data import ResponsesData
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.picture import shared_pictures
from survey.narrative import Finding
from survey.reports.pictures import apart, drawings
from survey.words.screen import responses_to_html

__all__ = ["MEDIA_TYPE", "VARIABLE", "in_each", "load_ipython_extension"]

MEDIA_TYPE = "application/vnd.survey.displays+json"
VARIABLE = "SURVEY_DISPLAY_LANGUAGES"
"""Environment variable: the languages of a page, with spaces between them."""

_SHOWN = count(1)


def load_ipython_extension(shell: Any) -> None:
    """Show objects of ours in each language of `VARIABLE`; IPython calls this in the kernel."""
    languages = os.environ.get(VARIABLE, "").split()
    formatter = shell.display_formatter
    usual = formatter.format

    def shown(thing: Any, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        found = in_each(thing, languages)
        if found is None:
            result: tuple[dict[str, Any], dict[str, Any]] = usual(thing, include, exclude)
            return result
        return {MEDIA_TYPE: found, "text/plain": repr(thing)}, {}

    formatter.format = shown


def in_each(thing: Any, languages: Sequence[str]) -> dict[str, str] | None:
    """HTML of something by language, "" where nothing is to be seen; None for what is not ours.

    Parameters
    ----------
    thing : object
    languages : sequence of str
    """
    if isinstance(thing, language):
        return dict.fromkeys(languages, "")
    if isinstance(thing, Exhibit):
        number = next(_SHOWN)
        return {lang: _exhibit(thing.in_language(lang), f"{lang}-d{number}-") for lang in languages}
    if isinstance(thing, Finding):
        return {lang: render(_FINDING, id=thing.id, text=thing.text(lang)) for lang in languages}
    if isinstance(thing, ResponsesData):  # a page is passed on: nothing of single rows
        return {lang: _in(lang, responses_to_html, thing) for lang in languages}
    if not type(thing).__module__.startswith("survey.") or not hasattr(thing, "_repr_html_"):
        return None
    return {lang: _in(lang, type(thing)._repr_html_, thing) for lang in languages}


def _in(lang: str, shown: Callable[[Any], str], thing: Any) -> str:
    with language(lang):
        return shown(thing)


def _exhibit(exhibit: Exhibit, prefix: str) -> str:
    """A table; of a figure the drawing for a desk and the one for a phone, with its words below."""
    if exhibit.kind == "table":
        return exhibit.html()
    with shared_pictures():
        drawn = apart(drawings(exhibit), prefix)
    return render(_FIGURE, drawn=markup(drawn), caption=markup(exhibit.figcaption()))


_FINDING = '<p class="finding" data-id="{{ id }}">{{ text }}</p>'
_FIGURE = "<figure>\n{{ drawn }}\n{{ caption }}\n</figure>"
