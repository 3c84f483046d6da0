"""Texts on slides: how large their letters can be in a rectangle, and runs that know their language and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from survey.base._archive import UNWRITABLE
from survey.exhibits.letters import unit_width
from survey.reports.evidence import Run

__all__ = ["LEAST", "broken", "lines_of", "put", "size_for", "text_of", "width_of"]

LEAST = 12.0
"""Points of the smallest letters on a slide."""
_PITCH = 1.22
_NARROW = 0.94
"""Letters of Arial and its like beside those that are measured."""
_INSET = 0.2
"""Inches that a text box keeps free at its left and right together."""


def text_of(runs: Sequence[Run]) -> str:
    """What is read."""
    return "".join(run.text for run in runs)


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
            if line and taken + gap + own > width:
                lines.append(line)
                line, taken = word, own
            else:
                line, taken = (f"{line} {word}", taken + gap + own) if line else (word, own)
        lines.append(line)
    return lines


def lines_of(text: str, size: float, inches: float, weight: str = "normal", inset: float = _INSET) -> int:
    """Lines that a text takes in a box so many inches wide."""
    return len(broken(text, size, 72 * max(inches - inset, 0.3), weight))


def size_for(
    texts: Sequence[str],
    width: float,
    height: float,
    sizes: Sequence[float],
    *,
    weight: str = "normal",
    gap: float = 0.0,
) -> float | None:
    """The largest of some sizes at which paragraphs fit in a rectangle of inches; None where none does."""
    for size in sizes:
        taken = sum(lines_of(text, size, width, weight) * size * _PITCH + gap * size for text in texts)
        if taken <= 72 * (height - 0.1):
            return size
    return None


def put(
    paragraph: Any,
    runs: Sequence[Run],
    tag: str,
    size: float | None = None,
    *,
    bold: bool | None = None,
    colour: str = "",
) -> None:
    """Write runs into an empty paragraph."""
    from pptx.dml.color import RGBColor
    from pptx.util import Pt

    for run in runs:
        for i, part in enumerate(UNWRITABLE.sub("\ufffd", run.text).split("\n")):
            if i:
                paragraph.add_line_break()
            if not part:
                continue
            made = paragraph.add_run()
            made.text = part
            properties = made._r.get_or_add_rPr()
            properties.set("lang", tag)
            if size is not None:
                made.font.size = Pt(size)
            if run.strong or bold is not None:
                made.font.bold = True if run.strong else bold
            if run.italic:
                made.font.italic = True
            if colour:
                made.font.color.rgb = RGBColor.from_string(colour.lstrip("#").upper())
    end = paragraph._p.get_or_add_endParaRPr()
    end.set("lang", tag)
    if size is not None:  # of a line that nothing is written on
        end.set("sz", str(round(100 * size)))
