"""The look of slides: a template's layouts, found by what they are for, or wide slides of our own made by code."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any
from zipfile import BadZipFile

from survey.errors import ExportError, shorten
from survey.exhibits import theme
from survey.tables._slide_frame import Room, theme_slides

__all__ = ["Layouts", "opened", "room_of"]

_WIDE, _HIGH, _EDGE = 13.333, 7.5, 0.6
_KEPT = ("title", "obj", "secHead", "titleOnly")
# inches from the left, the top; wide, high; points; anchor
_PLACES = {
    ("title", "ctrTitle"): (_EDGE, 1.7, _WIDE - 2 * _EDGE, 2.0, 36, "b"),
    ("title", "subTitle"): (_EDGE, 3.9, _WIDE - 2 * _EDGE, 2.3, 20, "t"),
    ("secHead", "title"): (_EDGE, 2.0, _WIDE - 2 * _EDGE, 1.5, 36, "b"),
    ("secHead", "body"): (_EDGE, 3.7, _WIDE - 2 * _EDGE, 2.7, 20, "t"),
    ("", "title"): (_EDGE, 0.4, _WIDE - 2 * _EDGE, 1.05, 26, "ctr"),
    ("", "body"): (_EDGE, 1.6, _WIDE - 2 * _EDGE, 5.1, 20, "t"),
    ("", "dt"): (8.2, 6.95, 2.2, 0.35, 12, "ctr"),
    ("", "ftr"): (_EDGE, 6.95, 7.4, 0.35, 12, "ctr"),
    ("", "sldNum"): (_WIDE - _EDGE - 1.6, 6.95, 1.6, 0.35, 12, "ctr"),
}
_FOOT = ("dt", "ftr", "sldNum")


@dataclass(frozen=True, slots=True)
class Layouts:
    """Layouts by what they are for; `text` is None where a template has none, and a text box serves instead."""

    title: Any
    section: Any
    plain: Any
    text: Any


def opened(template: str | os.PathLike[str] | None) -> tuple[Any, Layouts]:
    """A presentation without slides and its layouts: those of a template, or our own on 13.33 x 7.5 in.

    Raises
    ------
    ExportError
        If the template is missing or no PowerPoint file, or lacks a layout for titles.
    """
    from pptx import Presentation
    from pptx.exc import PackageNotFoundError

    if template is None:
        deck = Presentation()
        _own(deck)
        return deck, _layouts(deck, "")
    path = os.fspath(template)
    try:
        deck = Presentation(path)
    except (PackageNotFoundError, BadZipFile, ValueError, KeyError, OSError, AttributeError) as problem:
        raise ExportError(
            "The template cannot be used.",
            where=path,
            got=type(problem).__name__ if os.path.exists(path) else "a file that does not exist",
            expected="a PowerPoint presentation, .pptx",
            fix="correct the path, save it in PowerPoint as .pptx, or leave out --template",
        ) from problem
    slides = deck.slides._sldIdLst
    for one in list(slides):
        deck.part.drop_rel(one.rId)
        slides.remove(one)
    return deck, _layouts(deck, path)


def _layouts(deck: Any, path: str) -> Layouts:
    from pptx.enum.shapes import PP_PLACEHOLDER as P

    every = [layout for master in deck.slide_masters for layout in master.slide_layouts]
    kinds = {id(layout): [p.placeholder_format.type for p in layout.placeholders] for layout in every}
    foot = (P.DATE, P.FOOTER, P.SLIDE_NUMBER)
    inside = {key: [k for k in kinds_of if k not in foot] for key, kinds_of in kinds.items()}

    def typed(name: str, head: Any) -> Any:
        return next((x for x in every if x._element.get("type") == name and head in kinds[id(x)]), None)

    title = typed("title", P.CENTER_TITLE) or next((x for x in every if P.CENTER_TITLE in kinds[id(x)]), None)
    headed = [x for x in every if P.TITLE in kinds[id(x)]]
    if title is None or not headed:
        raise ExportError(
            "The template lacks a layout.",
            where=path,
            got=shorten([x.name for x in every], 12) or "no layouts",
            expected="a title slide (a centred title), and a layout with a title",
            fix="add them in PowerPoint: View, Slide Master",
        )
    plain = typed("titleOnly", P.TITLE) or min(headed, key=lambda x: len(inside[id(x)]))
    bodies = (P.BODY, P.OBJECT)
    single = [x for x in headed if len(inside[id(x)]) == 2 and any(k in bodies for k in inside[id(x)])]
    text = next((x for x in single if x._element.get("type") in ("obj", "tx")), None)
    section = typed("secHead", P.TITLE) or plain
    return Layouts(title, section, plain, text)


def room_of(deck: Any, layout: Any) -> Room:
    """What a layout leaves between its title and what stands at its foot."""
    from pptx.enum.shapes import PP_PLACEHOLDER as P
    from pptx.util import Emu

    found = {p.placeholder_format.type: p for p in layout.placeholders}
    title = found[P.TITLE]
    high, wide = Emu(deck.slide_height).inches, Emu(deck.slide_width).inches
    top = Emu(title.top + title.height).inches
    foot = [Emu(found[k].top).inches for k in (P.FOOTER, P.SLIDE_NUMBER) if k in found]
    bottom = min([t for t in foot if t > top + 2.0] or [high - 0.55])
    left = max(Emu(title.left).inches, 0.3)
    width = min(Emu(title.width).inches, wide - 2 * 0.3)
    if top > 0.5 * high:  # a title below its content, or beside it
        top, left, width = 0.4, 0.4, wide - 0.8
    return Room(left, top + 0.1, width, bottom - top - 0.15)


def _own(deck: Any) -> None:
    """Four layouts on wide slides, with our letters and colours."""
    from pptx.util import Inches

    deck.slide_width, deck.slide_height = Inches(_WIDE), Inches(_HIGH)
    for layout in list(deck.slide_layouts):
        if layout._element.get("type") not in _KEPT:
            deck.slide_layouts.remove(layout)
    _place(deck.slide_master, "")
    for layout in deck.slide_layouts:
        _place(layout, layout._element.get("type"))
    theme_slides(deck)
    _letters(deck.slide_master)


def _place(of: Any, kind: str) -> None:
    from pptx.oxml.ns import qn
    from pptx.util import Inches

    for shape in of.placeholders:
        own = shape._element.nvSpPr.nvPr.find(qn("p:ph")).get("type", "body")
        place = _PLACES.get((kind, own)) or _PLACES.get(("", own))
        if place is None:
            continue
        left, top, width, height, size, anchor = place
        shape.left, shape.top, shape.width, shape.height = (Inches(x) for x in (left, top, width, height))
        body = shape._element.txBody
        body.find(qn("a:bodyPr")).set("anchor", anchor)
        if own in _FOOT or ((kind, own) in _PLACES and kind):
            styles = body.find(qn("a:lstStyle"))
            for child in list(styles):
                styles.remove(child)
            align = "r" if own == "sldNum" else "l"
            indent = ' marL="0" indent="0"' if own in ("body", "subTitle") else ""
            none = "<a:buNone/>" if indent else ""
            bold = int(own in ("ctrTitle", "title"))
            grey = theme.SOFT.lstrip("#") if own not in ("ctrTitle", "title") else theme.INK.lstrip("#")
            styles.append(
                _parsed(
                    f'<a:lvl1pPr {_A} algn="{align}"{indent}>{none}<a:defRPr sz="{100 * size}" b="{bold}" cap="none">'
                    f'<a:solidFill><a:srgbClr val="{grey.upper()}"/></a:solidFill></a:defRPr></a:lvl1pPr>'
                )
            )


_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


def _parsed(xml: str) -> Any:
    from pptx.oxml import parse_xml

    return parse_xml(xml)


def _letters(master: Any) -> None:
    """Titles bold and at the left; texts of 20 points and less."""
    from pptx.oxml.ns import qn

    styles = master._element.find(qn("p:txStyles"))
    title = styles.find(qn("p:titleStyle")).find(qn("a:lvl1pPr"))
    title.set("algn", "l")
    look = title.find(qn("a:defRPr"))
    look.set("sz", "2600")
    look.set("b", "1")
    for i, size in enumerate((2000, 1800, 1600, 1400, 1400), 1):
        level = styles.find(qn("p:bodyStyle")).find(qn(f"a:lvl{i}pPr"))
        level.find(qn("a:defRPr")).set("sz", str(size))
