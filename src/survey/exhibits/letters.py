"""The letters of figures: how wide they are, and which to take where those that were measured are not installed."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from survey.exhibits._face import advance, file_of, outline

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

__all__ = ["STACK", "font", "outline", "unit_width"]

STACK = "'DejaVu Sans', Verdana, 'Bitstream Vera Sans', 'Noto Sans', Arial, sans-serif"
"""Families of a drawing whose text is text, best first: Verdana has nearly the widths of DejaVu Sans, of which it is
the model, and every Vietnamese letter."""


@cache
def font(size: float, weight: str = "normal") -> FontProperties:
    """The letters, by file."""
    from matplotlib.font_manager import FontProperties

    # the file alone decides what is drawn; a drawing whose text is text needs the words for it
    look = FontProperties(family="DejaVu Sans", fname=file_of(weight), size=size)
    look.set_weight("bold" if weight == "bold" else "normal")
    look.set_style("italic" if weight == "italic" else "normal")
    return look


@lru_cache(maxsize=16384)
def unit_width(text: str, weight: str = "normal") -> float:
    """Width of a line of text in letters of one point, as its outlines are: unhinted, kerned."""
    text = " ".join(text.splitlines())  # as it is drawn: a line break is no letter
    if not text:
        return 0.0
    plain = advance(text, weight)
    if plain is not None:
        return plain
    from matplotlib.textpath import text_to_path

    width, _, _ = text_to_path.get_text_width_height_descent(text, font(100.0, weight), False)
    return float(width) / 100
