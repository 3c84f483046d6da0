"""A sentence in every language with the numbers in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from survey.base.arguments import explained_verbs
from survey.errors import ExportError
from survey.words import locale as loc

__all__ = ["Finding"]


@explained_verbs(ExportError)
@dataclass(frozen=True)
class Finding:
    """A sentence in every language with the numbers in it.

    Parameters
    ----------
    id : str
        Name under which reports and checks find it.
    vi, en : str
    numbers : mapping of str to float
        Unrounded: shares in 0-1, scores in points, means in units of the item.
    others : mapping of language to str
        The sentence in further languages, where there are words in them.
    """

    id: str
    vi: str
    en: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, id: str, texts: Mapping[str, str], numbers: Mapping[str, float]) -> Finding:
        """A finding from its sentence by language."""
        others = {lang: text for lang, text in texts.items() if lang not in ("vi", "en")}
        return cls(id, texts["vi"], texts["en"], numbers, others)

    @property
    def texts(self) -> dict[str, str]:
        """The sentence by language."""
        return {"vi": self.vi, "en": self.en, **self.others}

    def text(self, lang: str) -> str:
        """The sentence in a language; in English where it was not written in that one."""
        return self.texts.get(loc.check_language(lang), self.en)

    def __str__(self) -> str:
        return "\n".join(self.texts.values())

    def _repr_markdown_(self) -> str:
        first, *others = (re.sub(r"([\\`*_<\[\]$|])", r"\\\1", text) for text in self.texts.values())
        return "\n\n".join([first, *(f"*{text}*" for text in others)])
