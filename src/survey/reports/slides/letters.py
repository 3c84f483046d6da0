"""Texts on slides: how large their letters can be in a rectangle, and runs that know their language and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from survey.base._archive import UNWRITABLE
from survey.reports.evidence import Run
from survey.tables._slide_letters import lines_of

__all__ = ["PITCH", "beginning", "put", "size_for", "text_of"]

PITCH = 1.22


def text_of(runs: Sequence[Run]) -> str:
    """What is read."""
    return "".join(run.text for run in runs)


def beginning(runs: Sequence[Run], letters: int) -> tuple[Run, ...]:
    """The beginning of some runs, with an ellipsis."""
    kept: list[Run] = []
    for run in runs:
        kept += [replace(run, text=run.text[:letters])] if letters > 0 else []
        letters -= len(run.text)
    return (*kept, Run("…"))


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
        taken = sum(lines_of(text, size, width, weight) * size * PITCH + gap * size for text in texts)
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
