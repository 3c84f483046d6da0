"""Names that are nearly right: "did you mean ...?"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any
from unicodedata import normalize

from survey.errors import shorten

__all__ = ["did_you_mean", "near"]

_MARKS = re.compile(r"[\u0300-\u036f]")
_MOST = 2_000
"""Names that are compared: of more than these, those that are spelled alike but for case and marks."""


def near(names: Iterable[Any], known: Iterable[Any], limit: int = 3) -> list[Any]:
    """Known names that the given ones may stand for: but for case, Vietnamese marks, spaces at the ends and a slip.

    Parameters
    ----------
    names : iterable
        What was typed.
    known : iterable
        What there is, of any type; what fits best comes first, and then in this order.
    limit : int

    Examples
    --------
    >>> near(["nu"], ["khác", "nam", "nữ"]), near(["wavee"], ["w", "wave", "ward"]), near(["4"], [3, 4])
    (['nữ'], ['wave'], [4])
    """
    folded: dict[str, list[Any]] = {}
    for value in dict.fromkeys(known):
        folded.setdefault(_folded(value), []).append(value)
    found: dict[Any, None] = {}
    for name in list(names)[:limit]:
        text = _folded(name)
        keys = [text] if text in folded else []
        if not keys and text and len(folded) <= _MOST:
            keys = get_close_matches(text, folded, n=limit)
        found.update((value, None) for key in keys for value in folded[key] if value != name)
    return list(found)[:limit]


def did_you_mean(names: Iterable[Any], known: Iterable[Any], otherwise: str | None = None) -> str | None:
    """What an error advises: the names that are near, else (or also) what to do otherwise."""
    found = near(names, known)
    if not found:
        return otherwise
    advice = f"did you mean {shorten(found, 3)}?"
    return f"{advice} Otherwise {otherwise}" if otherwise else advice


def _folded(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    plain = _MARKS.sub("", normalize("NFD", str(value).strip().casefold()))
    return plain.replace("đ", "d")
