"""How a label stands inside a sentence or a heading: with a small letter, with or without what is in its brackets."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from survey.base import catalogue
from survey.codebook import Codebook

__all__ = ["bare", "is_period", "later", "named", "small", "within", "within_brackets"]

_PERIODS = ("wave", "round", "period", "year", "đợt", "dot")
_BRACKET = re.compile(r"\s*\(([^()]*)\)")


def within(name: str) -> str:
    """The name of a variable inside a sentence: "kind of respondent", but "ID"."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def small(label: str, lang: str, ordered: bool = False) -> str:
    """A label with a small first letter, unless it is a name or a code.

    "Phường thí điểm của tỉnh" becomes "phường thí điểm của tỉnh"; "An Phú ward" and "P01" stay. Labels of an ordered
    scale (`ordered`) hold no names, so that more of them are told to be common words.
    """
    first, *others = re.findall(r"[^\W_]+(?:-[^\W_]+)*", label) or [""]
    if first.lower() in catalogue.text("narrative.common_words", lang).split():
        return label[:1].lower() + label[1:]
    plain = len(first) > 1 and first[1:].islower() and any(w.islower() for w in others)
    if ordered and plain and not any(w[0].isupper() for w in others):
        return label[:1].lower() + label[1:]
    return label


def within_brackets(label: str) -> str:
    """A label that comes to stand in brackets, without brackets of its own: "đợt 1, tháng 8/2023"."""
    return _BRACKET.sub(r", \1", label)


def bare(label: str) -> str:
    """A label without what it says in brackets: "Đợt 1"; as it is where nothing else is left."""
    return _BRACKET.sub("", label).strip() or label


def is_period(book: Codebook, name: str) -> bool:
    """Whether a grouping column is of time, by its role in the codebook or its usual name."""
    variable = book.variables.get(name)
    return name.casefold() in _PERIODS or (variable is not None and variable.role == "period")


def later(book: Codebook, name: str, one: Any, other: Any) -> bool:
    """Whether one value of a column is later than the other, by the order of the codebook or of the values.

    Text has an order if it is numbers or dates written as ISO 8601 does: "8/2023" is not after "6/2024".
    """
    codes = book.variables[name].codes if name in book.variables else ()
    if one in codes and other in codes:
        return codes.index(one) > codes.index(other)
    if isinstance(one, str) and isinstance(other, str):
        one, other = _times(one, other)
    try:
        return bool(one > other)
    except TypeError:
        return False


def _times(one: str, other: str) -> tuple[Any, Any]:
    """Two texts as numbers, else as dates; None and None, which have no order, where they are neither."""
    for read in (float, datetime.fromisoformat):
        try:
            return read(one), read(other)
        except ValueError:
            continue
    return None, None


def named(alt: str, kind: str, number: str) -> str:
    """An alternative text after what its exhibit is called: who only hears it knows which of several it is.

    Examples
    --------
    >>> named("Table: friendliness, by ward. 10 rows.", "Table", "A.3")
    'Table A.3. friendliness, by ward. 10 rows.'
    """
    return f"{kind} {number}. {alt.removeprefix(f'{kind}: ')}"
