"""Short names for columns that are headed by the wording of a question, and for the study itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from survey.base._personal_words import folded
from survey.io.platforms._form import plain

__all__ = ["short_names", "slug"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,31}")
_LONGEST = 28
_FILLING = frozenset(["ong", "ba", "anh", "chi", "of", "your", "you", "is"])
"""Words that tell no question from another, left out while others remain."""


def slug(text: str, default: str) -> str:
    """A text in small letters without marks, cut after a word: "Ông/bà bao nhiêu tuổi?" is bao_nhieu_tuoi."""
    words = folded(text).split()
    told = [w for w in words if w not in _FILLING] or words
    name = ""
    for word in told:
        longer = f"{name}_{word}" if name else word[:_LONGEST]
        if len(longer) > _LONGEST:
            break
        name = longer
    if not name:
        return default
    return name if name[0].isalpha() else f"{default}_{name}"


def short_names(headers: Iterable[str]) -> Mapping[str, str]:
    """Names for headers that are no names: the wording of a question, Vietnamese letters. The others keep theirs.

    Headers that differ by spaces or signs of emphasis alone keep theirs too: their wording would not tell them apart.
    """
    every = [h for h in headers if isinstance(h, str)]
    taken = {h for h in every if _NAME.fullmatch(h)}
    spoken = [plain(h) for h in every]
    found: dict[str, str] = {}
    for number, header in enumerate(every, 1):
        if header in taken or spoken.count(plain(header)) > 1:
            continue
        wanted = slug(header, f"q{number}")
        name, again = wanted, 2
        while name in taken:
            name, again = f"{wanted}_{again}", again + 1
        taken.add(name)
        found[header] = name
    return found
