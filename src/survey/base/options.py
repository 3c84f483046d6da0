"""Several answers in one cell, taken apart: labels that stand one after the other."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import TypeVar

from survey.errors import shorten

__all__ = ["taken_apart"]

Code = TypeVar("Code", bound=Hashable)

_GAP = re.compile(r"\s*[,;]\s*|\s+")


def taken_apart(
    text: str, table: Mapping[str, tuple[Code, ...]], gap: re.Pattern[str] = _GAP
) -> tuple[Code, ...] | None:
    """Codes of labels that stand one after the other; None if the text is not made of them.

    A label may hold the sign that separates ("E-mail, or a letter"): what counts is that labels fill the whole text.

    Parameters
    ----------
    text : str
    table : mapping of label to its codes
    gap : pattern
        What may stand between labels; a comma, a semicolon or spaces when not given.

    Raises
    ------
    LookupError
        If the text can be read in more than one way, or a label belongs to several codes.
    """
    known: dict[int, list[tuple[str, ...]]] = {len(text): [()]}

    def rest(start: int) -> list[tuple[str, ...]]:
        if start not in known:
            ways: list[tuple[str, ...]] = []
            for label in table:
                if label and text.startswith(label, start):
                    end = start + len(label)
                    between = gap.match(text, end)
                    if end == len(text) or between:
                        after = rest(between.end() if between else end)
                        ways += [(label, *w) for w in after if (label, *w) not in ways]
                if len({frozenset(w) for w in ways}) > 1:
                    break
            known[start] = ways[:50]
        return known[start]

    ways = rest(0)
    if not ways:
        return None
    if len({frozenset(w) for w in ways}) > 1:
        raise LookupError(f"{text!r} may be {' | '.join(ways[0])}, or {' | '.join(ways[-1])}")
    twice = [w for w in ways[0] if len(table[w]) > 1]
    if twice:
        raise LookupError(f"the label {twice[0]!r} belongs to codes {shorten(table[twice[0]])}")
    return tuple(table[w][0] for w in ways[0])
