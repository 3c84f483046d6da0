"""Text for people: numbers of things, values of a column."""

from __future__ import annotations

import re
from numbers import Real

__all__ = ["counted", "in_one", "uncoloured", "written"]

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_EXACT = 1e15  # of floats below this, every whole number is one


def counted(number: int, noun: str) -> str:
    """A number of things: "1 row", "2,477 rows"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def written(value: object) -> str:
    """A category as it is read: 3 for 3.0, and every digit of 1000001.0, so that two groups never share a name.

    Examples
    --------
    >>> written(3.0), written(1000001.0), written(0.1 + 0.2), written("P01")
    ('3', '1000001', '0.3', 'P01')
    """
    if isinstance(value, bool | int | str) or not isinstance(value, Real):
        return str(value)
    number = float(str(value)) if hasattr(value, "dtype") else float(value)  # float32 has fewer digits
    if number.is_integer() and abs(number) < _EXACT:
        return str(int(number))
    return f"{number:.12g}"


def uncoloured(text: str) -> str:
    """A text for a terminal without what colours it, as tracebacks of IPython are."""
    return _ESCAPES.sub("", text)


def in_one(text: str, lang: str) -> str:
    """Of a text in several languages, "[vi] sổ đăng ký [en] register", the part in one; other text as it is.

    It ends with the text, or before a date.
    """

    def chosen(found: re.Match[str]) -> str:
        parts = dict(re.findall(r"\[([a-z]{2})\] (.*?)(?= \[[a-z]{2}\] |$)", found[0]))
        return parts.get(lang) or parts.get("en") or parts.get("vi") or next(iter(parts.values()), found[0])

    return re.sub(r"\[[a-z]{2}\] .*?(?=, \d{4}-\d\d-\d\d|$)", chosen, text)
