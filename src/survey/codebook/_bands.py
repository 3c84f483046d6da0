"""Bands of a number written as text, put in order: "Dưới 18", "18–29", "30 đến 44", "60+"."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from survey.base._personal_words import folded

__all__ = ["bands"]

_NUMBER = re.compile(r"\d+(?:[.,\s]\d{3}(?!\d))+|\d+(?:[.,]\d+)?")
_BELOW = ("duoi", "under", "below", "less than", "it hon", "nho hon", "up to", "den", "toi da", "fewer than", "younger")
_ABOVE = (
    *("tren", "over", "above", "more than", "tro len", "hon", "lon hon", "and over", "or more", "and above", "plus"),
    *("or older", "and older", "older", "tu", "at least", "and more", "or over", "or above", "from"),
)
_BETWEEN = ("tu", "den", "toi", "to", "and", "from", "between", "den duoi", "va", "under", "duoi", "less than")


def bands(texts: Sequence[str]) -> list[str] | None:
    """Texts in the order of the bands that they are; None unless all are, of one unit, and none overlaps another.

    Examples
    --------
    >>> bands(["Trên 60 tuổi", "18-29 tuổi", "Dưới 18 tuổi", "30-60 tuổi"])
    ['Dưới 18 tuổi', '18-29 tuổi', '30-60 tuổi', 'Trên 60 tuổi']
    """
    if len(texts) < 2:
        return None
    found = [_band(text) for text in texts]
    parts = [f for f in found if f is not None]
    if len(parts) < len(texts) or sum(low < high for low, high, _ in parts) < 2:
        return None
    units = {unit for _, _, unit in parts if unit}
    if len(units) > 1:
        return None
    order = sorted(range(len(texts)), key=lambda i: (parts[i][0], parts[i][1]))
    ends = [parts[i][:2] for i in order]
    if len(set(ends)) < len(ends) or any(ends[i][1] > ends[i + 1][0] for i in range(len(ends) - 1)):
        return None
    return [texts[i] for i in order]


def _band(text: str) -> tuple[float, float, str] | None:
    """Lower end, upper end and unit of a band."""
    numbers = [_value(m) for m in _NUMBER.findall(text)]
    words = folded(_NUMBER.sub(" ", text))
    if len(numbers) == 2:
        unit = _left(words, _BETWEEN)
        return (numbers[0], numbers[1], unit) if numbers[0] < numbers[1] else None
    if len(numbers) != 1:
        return None
    at = numbers[0]
    if (re.search(r"[+>≥]", text) or _has(words, _ABOVE)) and not _has(words, _BELOW[:6]):
        return at, math.inf, _left(words, _ABOVE)
    if "<" in text or "≤" in text or _has(words, _BELOW):
        return -math.inf, at, _left(words, _BELOW)
    return at, at, words


def _has(words: str, known: Sequence[str]) -> bool:
    return any(re.search(rf"\b{word}\b", words) for word in known)


def _left(words: str, known: Sequence[str]) -> str:
    """What remains of words: the unit."""
    for word in sorted(known, key=len, reverse=True):
        words = re.sub(rf"\b{word}\b", " ", words)
    return " ".join(dict.fromkeys(w for w in words.split() if w not in ("years", "year", "old") or w == "years"))


def _value(text: str) -> float:
    """A number of a band; points, commas and spaces before three digits part thousands."""
    if re.fullmatch(r"\d+(?:[.,\s]\d{3})+", text):
        return float(re.sub(r"[.,\s]", "", text))
    return float(text.replace(",", "."))
