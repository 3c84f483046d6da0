"""Numbers as a language writes them: 1.234,5 in Vietnamese and 1,234.5 in English, with a true minus sign."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

__all__ = ["DASH", "MINUS", "count", "number", "rounded"]

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"


def number(value: float, digits: int = 1, lang: str = "vi") -> str:
    """A number with a fixed number of decimals: 1.234,5 or 1,234.5; "–" where there is none.

    Examples
    --------
    >>> number(1234.5, 1, "vi"), number(1234.5, 1, "en"), number(-2, 0, "vi")
    ('1.234,5', '1,234.5', '−2')
    """
    if value is None or not math.isfinite(value):
        return DASH
    from babel.numbers import format_decimal

    pattern, locale = _written(max(digits, 0), lang)
    text: str = format_decimal(rounded(value, digits), format=pattern, locale=locale)
    if text.startswith("-"):
        # what rounds to zero has no sign
        text = text[1:] if not re.search(r"[1-9]", text) else MINUS + text[1:]
    return text


@cache
def _written(digits: int, lang: str) -> tuple[Any, Any]:
    """How a language writes numbers with so many decimals: a pattern and a locale of babel, read once."""
    from babel import Locale
    from babel.numbers import parse_pattern

    return parse_pattern("#,##0" + "." * bool(digits) + "0" * digits), Locale.parse(lang)


def rounded(value: float, digits: int) -> Decimal:
    """A number as it is shown with so many decimals, exactly."""
    # a half goes away from zero, as people round; twelve digits first, so that 100 * 0.7245 is 72.45
    return Decimal(f"{float(value):.12g}").quantize(Decimal(1).scaleb(-max(digits, 0)), ROUND_HALF_UP)


def count(value: float, lang: str = "vi") -> str:
    """A whole number with grouped thousands."""
    return number(value, 0, lang)
