"""How much room a text takes on a slide, in letters that are about as wide as Arial's."""

from __future__ import annotations

import re
from functools import cache

from survey.exhibits.letters import unit_width

__all__ = ["INSET", "LEAST", "broken", "cut", "lines_of", "width_of", "without_long_words"]

LEAST = 12.0
"""Points of the smallest letters on a slide."""
INSET = 0.2
"""Inches that a text box keeps free at its left and right together."""
_NARROW = 0.94
"""Letters of Arial and its like beside those that are measured."""


_WORD = 40
"""Letters of a word that columns are made wide enough for, but for checksums."""


def without_long_words(text: str) -> str:
    """A text with the beginnings of words that no column has room for."""
    longer = rf"(?<!\S)(?![0-9a-f]{{{_WORD},64}}(?!\S))\S{{{_WORD + 1},}}"
    return re.sub(longer, lambda found: f"{found[0][: _WORD - 1]}…", text)


def width_of(text: str, size: float, weight: str = "normal") -> float:
    """Points that a line of text takes, about: letter by letter, as a sheet of slides has thousands of words."""
    return _NARROW * size * sum(_letter(c, weight) for c in text)


@cache
def _letter(c: str, weight: str) -> float:
    return unit_width(f"x{c}x", weight) - unit_width("xx", weight)


def broken(text: str, size: float, width: float, weight: str = "normal") -> list[str]:
    """A text in lines that are so many points wide, broken at spaces."""
    lines: list[str] = []
    for part in text.split("\n"):
        line, taken = "", 0.0
        gap = width_of(" ", size, weight)
        for word in part.split(" "):
            own = width_of(word, size, weight)
            while own > width and len(word) > 1:  # a word that is longer than a line is broken anywhere
                n = max(1, int(len(word) * width / own))
                lines += [line] if line else []
                lines.append(word[:n])
                line, taken, word = "", 0.0, word[n:]
                own = width_of(word, size, weight)
            if line and taken + gap + own > width:
                lines.append(line)
                line, taken = word, own
            else:
                line, taken = (f"{line} {word}", taken + gap + own) if line else (word, own)
        lines.append(line)
    return lines


def lines_of(text: str, size: float, inches: float, weight: str = "normal", inset: float = INSET) -> int:
    """Lines that a text takes in a box so many inches wide."""
    return len(broken(text, size, 72 * max(inches - inset, 0.3), weight))


def cut(text: str, size: float, inches: float, most: int, weight: str = "normal", inset: float = INSET) -> str:
    """A text in at most so many lines of a box, with an ellipsis where it ends before its end."""
    if lines_of(text, size, inches, weight, inset) <= most:
        return text
    low, high = 0, len(text)
    while low < high - 1:
        middle = (low + high) // 2
        fits = lines_of(f"{text[:middle]}…", size, inches, weight, inset) <= most
        low, high = (middle, high) if fits else (low, middle)
    return f"{text[:low].rstrip()}…"
