"""A sentence in two languages with the numbers in it."""

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
    """A sentence in two languages with the numbers in it.

    Parameters
    ----------
    id : str
        Name under which reports and checks find it.
    vi, en : str
    numbers : mapping of str to float
        Unrounded: shares in 0-1, scores in points, means in units of the item.
    """

    id: str
    vi: str
    en: str
    numbers: Mapping[str, float] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """The sentence in a language."""
        return self.vi if loc.check_language(lang) == "vi" else self.en

    def __str__(self) -> str:
        return f"{self.vi}\n{self.en}"

    def _repr_markdown_(self) -> str:
        vi, en = (re.sub(r"([\\`*_<\[\]$|])", r"\\\1", text) for text in (self.vi, self.en))
        return f"{vi}\n\n*{en}*"
