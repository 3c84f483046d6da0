"""What the figures and tables of a report are called: by what they are of, and the wave where they are of one only."""

from __future__ import annotations

import re
from collections.abc import Mapping

from survey.base.catalogue import text, texts
from survey.codebook import LANGUAGES, Codebook, Text
from survey.core.result import ResultData
from survey.exhibits.titles import default_title

__all__ = ["titles_of"]

_LATEST = re.compile(r"-wards-last$|-items-\d+$|^items-(wards|all)$|^overall-groups$")
"""Results of the last wave alone, where there are several."""
_OWN = {"pilot-effect": "effect_title", "items-all": "best_title", "items-wards": "best_wards_title"}

_AROUND = {"-firms": "firms", "-firms-change": "firms", "-wards-change": "wards", "overall-satisfied": "satisfied"}
"""What is added to titles that others would have too: of residents, of all wards together, of every answer."""


def titles_of(name: str, results: Mapping[str, ResultData], book: Codebook, latest: Text) -> Text:
    """The title of a result in each language.

    Parameters
    ----------
    name : str
        Of the result.
    results : mapping of str to result
        Of the whole report.
    book : Codebook
    latest : Text
        What the last wave is called; empty where there is one only.
    """
    items = re.fullmatch(r"(.+)-items-\d+", name)
    if name in _OWN:
        made = texts(f"report.{_OWN[name]}")
    elif items is not None and _several(results[name]):
        alike = [n for n in results if n.startswith(f"{items[1]}-items-") and _several(results[n])]
        number = f" ({alike.index(name) + 1})" if len(alike) > 1 else ""
        titles = texts("report.items_title", dimension=book.dimensions.get(items[1], {}))
        made = {lang: told + number for lang, told in titles.items()}
    else:
        made = {lang: default_title(results[name], lang) for lang in LANGUAGES}
    around = next((key for ending, key in _AROUND.items() if name.endswith(ending)), "")
    if around:
        made = {lang: text(f"report.{around}_title", lang, title=told) for lang, told in made.items()}
    if not latest or not _LATEST.search(name):
        return made
    return {lang: f"{told}, {_small(latest.get(lang, ''))}" for lang, told in made.items()}


def _several(e: ResultData) -> bool:
    return bool(e.table["item"].nunique() > 1)


def _small(label: str) -> str:
    """A label inside a sentence."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
