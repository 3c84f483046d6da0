"""Tables that have the wording of questions above their columns: a codebook with that wording gives them its names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from survey.base.catalogue import Note, listed
from survey.codebook import Codebook
from survey.io._raw import Raw
from survey.io.platforms._form import plain

__all__ = ["known_by_wording", "named_by_wording"]

_MOST = 4


def known_by_wording(book: Codebook | None) -> Codebook | None:
    """The codebook with each variable under its wording too, so that a reader knows what to make of such a column."""
    if book is None:
        return None
    names = _names(book)
    others = [replace(book[name], name=wording) for wording, name in names.items()]
    return book.update(*others) if others else book


def named_by_wording(raw: Raw, book: Codebook | None) -> Raw:
    """A file with the names of the codebook for columns that are called as the wording of one of its variables is.

    A column keeps its name where that is a variable's, or where the variable's own column is there too.
    """
    if book is None:
        return raw
    names, there = _names(book), set(raw.data.columns.tolist())
    found = {c: names[h] for c in raw.data.columns.tolist() if isinstance(c, str) and (h := plain(c)) in names}
    found = {c: name for c, name in found.items() if c not in book and name not in there}
    found = {c: name for c, name in found.items() if list(found.values()).count(name) == 1}
    if not found:
        return raw
    own = raw.codebook.variables
    variables = {found.get(n, n): replace(v, name=found[n]) if n in found else v for n, v in own.items()}
    note = Note("reading.by_wording", names=listed(list(found.values()), _MOST))
    return replace(
        raw,
        data=raw.data.rename(columns=found),
        kinds=raw.kinds.rename(columns=found),
        declared={found.get(n, n): ranges for n, ranges in raw.declared.items()},
        codebook=replace(raw.codebook, variables=MappingProxyType(variables)),
        notes=(*raw.notes, note),
    )


def _names(book: Codebook) -> Mapping[str, str]:
    """Wordings that belong to one variable, and are not the name of one, with the name of that variable."""
    found: dict[str, set[str]] = {}
    for v in book.variables.values():
        for wording in v.text.values():
            found.setdefault(plain(wording), set()).add(v.name)
    return {w: next(iter(n)) for w, n in found.items() if w and len(n) == 1 and w not in book}
