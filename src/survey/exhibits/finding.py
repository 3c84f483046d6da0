"""A sentence in every language with the numbers in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from survey.base.arguments import check_fields, explained_verbs
from survey.base.html import render
from survey.base.language import spoken
from survey.codebook._variable import pick
from survey.errors import ExportError
from survey.words import locale as loc

__all__ = ["Finding"]


@explained_verbs(ExportError)
@dataclass(frozen=True, init=False)
class Finding:
    """A sentence in every language with the numbers in it.

    Parameters
    ----------
    id : str
        Name under which reports and checks find it.
    vi, en : str
        The sentence in Vietnamese and in English.
    numbers : mapping of str to float
        Unrounded: shares in 0-1, scores in points, means in units of the item.
    **others : str
        The sentence in further languages, by their codes: fr="...".

    Attributes
    ----------
    texts : mapping of language to str
        The sentence in each language it was written in.
    """

    id: str
    texts: Mapping[str, str]
    numbers: Mapping[str, float]

    def __init__(self, id: str, vi: str, en: str, numbers: Mapping[str, float] | None = None, **others: str) -> None:
        _fill(self, id, {"vi": vi, "en": en, **others}, numbers)

    @classmethod
    def of(cls, id: str, texts: Mapping[str, str], numbers: Mapping[str, float]) -> Finding:
        """A finding from its sentence by language, whichever these are."""
        made = object.__new__(cls)
        _fill(made, id, texts, numbers)
        return made

    @property
    def vi(self) -> str:
        """The sentence in Vietnamese."""
        return self.text("vi")

    @property
    def en(self) -> str:
        """The sentence in English."""
        return self.text("en")

    def text(self, lang: str) -> str:
        """The sentence in a language; in English where it was not written in that one."""
        return pick(self.texts, loc.check_language(lang), "")

    def _shown(self) -> dict[str, str]:
        """The sentence in every language, or in the one that `sv.language` set."""
        return {lang: self.texts[lang] for lang in spoken() if lang in self.texts} or dict(self.texts)

    def __str__(self) -> str:
        return "\n".join(self._shown().values())

    def _repr_html_(self) -> str:
        return render(_PARAGRAPHS, id=self.id, texts=self._shown())

    def _repr_markdown_(self) -> str:
        first, *others = (re.sub(r"([\\`*_<\[\]$|])", r"\\\1", text) for text in self._shown().values())
        return "\n\n".join([first, *(f"*{text}*" for text in others)])


_PARAGRAPHS = "{% for lang, text in texts.items() %}<p lang='{{ lang }}' data-id='{{ id }}'>{{ text }}</p>{% endfor %}"


def _fill(finding: Finding, id: str, texts: Mapping[str, str], numbers: Mapping[str, float] | None) -> None:
    for name, value in (("id", id), ("texts", dict(texts)), ("numbers", {} if numbers is None else numbers)):
        object.__setattr__(finding, name, value)
    check_fields(finding, ExportError)
