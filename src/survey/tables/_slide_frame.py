"""A chart on a slide: the letters that fit, parts of one with many rows, and the shape that holds it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit
from survey.tables._chart_points import PointParts
from survey.tables._chart_xml import ChartParts
from survey.tables._slide_chart import SlideChart
from survey.tables._slide_letters import LEAST, broken, width_of

__all__ = ["Room", "draw_chart", "parts_of", "theme_slides"]

_FONT = "Arial"
_NAMES = 0.36
"""Of the width of a chart, the most that names of its categories have."""


@dataclass(frozen=True, slots=True)
class Room:
    """A rectangle of a slide, in inches."""

    left: float
    top: float
    width: float
    height: float


def draw_chart(slide: Any, room: Room, chart: SlideChart, exhibit: Exhibit, name: str, tag: str) -> int:
    """Put a chart that can be edited on a slide, with the alternative text of its exhibit; the number of its shape.

    Parameters
    ----------
    slide : pptx slide
    room : Room
    chart : SlideChart
    exhibit : Exhibit
    name : str
        Of the shape.
    tag : str
        Of the language, as "vi-VN".
    """
    from pptx.util import Inches

    names, size = _letters(chart, room)
    form = PointParts if chart.kind == "points" else ChartParts
    parts = form(chart, tag, 72 * room.width, 72 * room.height, names + 0.5 * size, size)
    at = (Inches(x) for x in (room.left, room.top, room.width, room.height))
    frame = slide.shapes.add_chart(None, *at, parts)
    shape = frame._element.nvGraphicFramePr.cNvPr
    shape.set("descr", exhibit.alt)
    shape.set("name", name)
    return int(shape.get("id"))


def parts_of(chart: SlideChart, room: Room) -> list[SlideChart]:
    """A chart in as many parts as its rows need to be legible."""
    total = len(chart.categories)
    if chart.kind not in ("bars", "stacked"):
        return [chart]
    for n in range(1, total + 1):
        step = -(-total // n)
        parts = [chart.part(i, min(i + step, total)) for i in range(0, total, step)]
        if all(_legible(part, room) for part in parts):
            return parts
    return [chart]


def _letters(chart: SlideChart, room: Room) -> tuple[float, float]:
    """Points that names of categories have at the left, and points of the letters: 14 where rows are high enough."""
    if chart.kind in ("columns", "points"):
        return 0.0, 12.0
    if chart.kind == "lines":
        return 0.0, 14.0
    most = 72 * _NAMES * room.width
    size = 14.0 if _legible(chart, room, 14.0) else LEAST
    lines = [line for text in chart.categories for line in broken(text, size, most)]
    return min(max(width_of(line, size) for line in lines), most) + 6.0, size


def _legible(chart: SlideChart, room: Room, size: float = LEAST) -> bool:
    """Whether the rows of a chart are high enough for names and numbers in letters of a size."""
    bars = 1 if chart.kind == "stacked" else len(chart.series)
    most = 72 * _NAMES * room.width
    high = max(len(broken(text, size, most)) for text in chart.categories)
    pitch = (72 * room.height - ChartParts.around(chart, size, 72 * room.width)) / len(chart.categories)
    return pitch >= max(high * 1.2, bars * 1.12) * size


def theme_slides(deck: Any) -> None:
    """Give a presentation our letters and colours."""
    part = next(r.target_part for r in deck.slide_master.part.rels.values() if r.reltype.endswith("/theme"))
    part._blob = _themed(part.blob.decode("utf-8")).encode("utf-8")


def _themed(xml: str) -> str:
    """The theme with our letters and our colours."""
    xml = re.sub(r'(<a:(?:major|minor)Font>\s*<a:latin typeface=")[^"]*', rf"\g<1>{_FONT}", xml)
    names = ("accent1", "accent2", "accent3", "accent4")
    for name, colour in zip(names, theme.SERIES, strict=True):
        xml = re.sub(
            rf"(<a:{name}>).*?(</a:{name}>)",
            rf'\g<1><a:srgbClr val="{colour.lstrip("#").upper()}"/>\g<2>',
            xml,
            flags=re.DOTALL,
        )
    return xml
