"""Sets of answers (select-all questions) in words: whose answers count, and which question an option belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from survey.base.catalogue import LANGUAGES, Note
from survey.base.names import plain
from survey.codebook._data import CodebookData
from survey.codebook._variable import ANY_CHOSEN, EVERYONE, MultipleSet, Text

__all__ = ["base_of", "set_of"]

_EQUALS = re.compile(r"""\s*(?:`([^`]+)`|(\w+))\s*==\s*(-?\d+(?:\.\d+)?|'[^']*'|"[^"]*")\s*""")
_NAMED = {EVERYONE: "parts.base_everyone", ANY_CHOSEN: "parts.base_chose", "": "parts.base_answered"}


def set_of(book: CodebookData, columns: Iterable[str]) -> MultipleSet | None:
    """The one set that holds all of some columns; None where there is none, or several."""
    wanted = set(columns)
    found = [s for s in book.sets.values() if wanted and wanted.issubset(s.variables)]
    return found[0] if len(found) == 1 else None


def base_of(book: CodebookData, s: MultipleSet) -> Note:
    """Whose answers to a select-all question count, in words; a condition by the labels of the codebook."""
    if s.base in _NAMED:
        return Note(_NAMED[s.base])
    condition = _condition(book, s.base)
    return Note("parts.base_asked_of", condition=condition) if condition else Note("parts.base_asked")


def _condition(book: CodebookData, expression: str) -> Text | None:
    """A condition such as "contact12 == 1" as people read it; None of one that has no short wording."""
    parts = [_EQUALS.fullmatch(part) for part in expression.split(" and ")]
    if not all(parts):
        return None
    told: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
    for part in parts:
        if part is None or (variable := book.variables.get(part[1] or part[2])) is None:
            return None
        code = plain(part[3].strip("'\""))
        known = next((c for c in variable.labels if plain(c) == code), None)
        if known is None or not (variable.short or variable.text):
            return None
        for lang in LANGUAGES:
            name = variable.short_name(lang).rstrip("?. ")
            told[lang].append(f"{name}: {variable.label(known, lang)}")
    return {lang: "; ".join(texts) for lang, texts in told.items()}
