"""Slides as they are drawn: titles, texts, charts, tables, pictures; speaker notes and the places of numbers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.picture import picture_of
from survey.reports.evidence import Run, evidence_id, numbers_in
from survey.reports.slides.letters import PITCH, beginning, put, size_for, text_of
from survey.reports.slides.places import Places
from survey.reports.slides.tables import Page, draw_table
from survey.reports.slides.template import Layouts, room_of
from survey.tables._slide_chart import SlideChart, told_by
from survey.tables._slide_frame import Room, draw_chart
from survey.tables._slide_letters import LEAST, cut, lines_of

__all__ = ["Show"]

_TITLES = (28.0, 26.0, 24.0, 22.0, 20.0, 18.0, 16.0, 14.0, 12.0)
_HEADS = (40.0, 36.0, 32.0, 28.0, 24.0, 20.0)
_TEXTS = (20.0, 18.0, 16.0, 14.0, 12.0)
_DPI, _MOST_BELOW = 200, 8


@dataclass(slots=True)
class Show:
    """A presentation in the making.

    Parameters
    ----------
    deck : Presentation
    layouts : Layouts
    tag : str
        Of the language, as "vi-VN".
    line : str
        At the foot of every slide; "" for nothing.
    """

    deck: Any
    layouts: Layouts
    tag: str
    line: str = ""
    used: set[str] = field(default_factory=set)
    """Titles that slides have."""
    _places: Places = field(default_factory=Places)
    _last: list[Any] = field(default_factory=list)
    _whole: list[str] = field(default_factory=list)

    @property
    def room(self) -> Room:
        """What a slide leaves below its title."""
        return room_of(self.deck, self.layouts.plain)

    def open(self, layout: Any, title: Sequence[Run], sizes: Sequence[float] = _TITLES) -> Any:
        """A slide with its title and foot."""
        from pptx.util import Emu

        slide = self.deck.slides.add_slide(layout)
        self.used.add(text_of(title))
        self._places = Places()
        shape = slide.shapes.title
        frame = shape.text_frame
        box = (Emu(shape.width).inches, Emu(shape.height).inches)
        size = size_for([text_of(title)], *box, sizes, weight="bold") or sizes[-1]
        title = self._fitted([title], *box, size, 0.0, "bold")[0]
        put(frame.paragraphs[0], title, self.tag, size)
        self._places.text(title, 1, shape.shape_id)
        for other in list(slide.placeholders):
            if other.placeholder_format.idx and not self._wanted(layout, other):
                other._element.getparent().remove(other._element)
        return slide

    def _fitted(
        self,
        lines: Sequence[Sequence[Run]],
        width: float,
        height: float,
        size: float,
        gap: float,
        weight: str = "normal",
    ) -> list[Sequence[Run]]:
        """Paragraphs that are none higher than a box of inches; what is left out is said in the speaker notes."""
        room = int((72 * (height - 0.1) / size - gap * len(lines)) / PITCH)
        taken = [lines_of(text_of(runs), size, width, weight) for runs in lines]
        if sum(taken) <= max(room, len(lines)):
            return list(lines)
        found: list[Sequence[Run]] = []
        for i, runs in enumerate(lines):
            text = text_of(runs)
            others = sum(min(n, max(1, room // len(lines))) for k, n in enumerate(taken) if k != i)
            made = cut(text, size, width, max(1, room - others), weight)
            if made != text:
                self._whole.append(text)
                runs = beginning(runs, len(made) - 1)
            found.append(runs)
        return found

    def _wanted(self, layout: Any, shape: Any) -> bool:
        from pptx.enum.shapes import PP_PLACEHOLDER as P

        first = next((p.placeholder_format.idx for p in layout.placeholders
                      if p.placeholder_format.type in (P.BODY, P.OBJECT, P.SUBTITLE)), -1)  # fmt: skip
        return layout is not self.layouts.plain and shape.placeholder_format.idx == first

    def close(self, slide: Any, notes: Sequence[Sequence[Run]] = ()) -> None:
        """End a slide: its foot, its speaker notes, the places of its numbers."""
        from pptx.enum.shapes import PP_PLACEHOLDER as P

        for shape in self._last:  # read after what they are about
            slide.shapes._spTree.append(shape._element)
        self._last.clear()
        self._foot(slide, P.FOOTER, self.line)
        self._foot(slide, P.SLIDE_NUMBER, str(len(self.deck.slides)))
        notes = [*notes, *((Run(text),) for text in dict.fromkeys(self._whole))]
        self._whole.clear()
        if notes:
            frame = slide.notes_slide.notes_text_frame
            for i, runs in enumerate(notes, 1):
                put(frame.paragraphs[0] if i == 1 else frame.add_paragraph(), runs, self.tag, LEAST)
                self._places.text(runs, i)
        self._places.attach(slide, len(self.deck.slides))

    def _foot(self, slide: Any, kind: Any, text: str) -> None:
        """A placeholder of the foot, as the layout has it; what must be said has a text box where it has none."""
        from pptx.enum.shapes import PP_PLACEHOLDER as P
        from pptx.oxml import parse_xml
        from pptx.oxml.ns import nsdecls, qn
        from pptx.util import Emu, Inches

        if not text:
            return
        there = next((p for p in slide.slide_layout.placeholders if p.placeholder_format.type == kind), None)
        if there is None:
            if kind == P.FOOTER:
                high = Emu(self.deck.slide_height).inches
                box = slide.shapes.add_textbox(Inches(self.room.left), Inches(high - 0.45), Inches(7.4), Inches(0.35))
                put(box.text_frame.paragraphs[0], [Run(text)], self.tag, LEAST, colour=theme.SOFT)
            return
        own = there._element.nvSpPr.nvPr.find(qn("p:ph"))
        number = max(int(e.get("id")) for e in slide.shapes._spTree.iter(qn("p:cNvPr"))) + 1
        size = f'<a:rPr lang="{self.tag}" sz="{round(100 * LEAST)}"/>'
        run = f"<a:r>{size}<a:t/></a:r>"
        if kind == P.SLIDE_NUMBER:
            run = f'<a:fld id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="slidenum">{size}<a:t/></a:fld>'
        made = parse_xml(
            f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="{number}" name="{there.name}"/>'
            '<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
            f'<p:nvPr><p:ph type="{own.get("type")}" sz="quarter" idx="{own.get("idx")}"/></p:nvPr></p:nvSpPr><p:spPr/>'
            f"<p:txBody><a:bodyPr/><a:lstStyle/><a:p>{run}</a:p></p:txBody></p:sp>"
        )
        next(made.iter(qn("a:t"))).text = text
        slide.shapes._spTree.append(made)

    def titled(self, title: str, below: Sequence[str], notes: Sequence[Sequence[Run]] = (), *, first: bool) -> None:
        """The first slide, or the one that opens a part: a title and lines below it."""
        layout = self.layouts.title if first else self.layouts.section
        slide = self.open(layout, [Run(title)], _HEADS)
        body = next((p for p in slide.placeholders if p.placeholder_format.idx), None)
        if not below and body is not None:
            body._element.getparent().remove(body._element)
        elif body is not None:
            self._written(body, [(Run(text),) for text in below], gap=0.3)
        elif below:
            self.lines(slide, self.room, [(Run(text),) for text in below])
        self.close(slide, notes)

    def texts(self, title: Sequence[Run], lines: Sequence[Sequence[Run]], notes: Sequence[Sequence[Run]] = ()) -> None:
        """A slide of sentences."""
        slide = self.open(self.layouts.text or self.layouts.plain, title)
        body = next((p for p in slide.placeholders if p.placeholder_format.idx), None)
        if body is None:
            self.lines(slide, self.room, lines)
        else:
            self._written(body, lines, gap=0.5)
        self.close(slide, notes)

    def _written(self, shape: Any, lines: Sequence[Sequence[Run]], gap: float) -> None:
        from pptx.util import Emu

        width, height = Emu(shape.width).inches - 0.4, Emu(shape.height).inches
        size = size_for([text_of(runs) for runs in lines], width, height, _TEXTS, gap=gap) or LEAST
        lines = self._fitted(lines, width, height, size, gap)
        frame = shape.text_frame
        for i, runs in enumerate(lines, 1):
            put(frame.paragraphs[0] if i == 1 else frame.add_paragraph(), runs, self.tag, size)
            self._places.text(runs, i, shape.shape_id)

    def lines(self, slide: Any, room: Room, lines: Sequence[Sequence[Run]], size: float | None = None) -> Any:
        """Lines in a text box, which is returned."""
        from pptx.util import Inches

        at = (Inches(x) for x in (room.left, room.top, room.width, room.height))
        shape = slide.shapes.add_textbox(*at)
        shape.text_frame.word_wrap = True
        size = size or size_for([text_of(r) for r in lines], room.width, room.height, _TEXTS, gap=0.5) or LEAST
        lines = self._fitted(lines, room.width, max(room.height, 0.4), size, 0.0)
        colour = theme.SOFT if size <= 14 else ""
        for i, runs in enumerate(lines, 1):
            frame = shape.text_frame
            put(frame.paragraphs[0] if i == 1 else frame.add_paragraph(), runs, self.tag, size, colour=colour)
            self._places.text(runs, i, shape.shape_id)
        return shape

    def noted(self, slide: Any, room: Room, foot: Sequence[str]) -> Room:
        """Small lines at the foot of a rectangle; returns what is left above them."""
        text = " ".join(foot)
        if not text:
            return room
        height = min(lines_of(text, LEAST, room.width), _MOST_BELOW) * LEAST * 1.25 / 72 + 0.1
        below = Room(room.left, room.top + room.height - height, room.width, height)
        self._last.append(self.lines(slide, below, [(Run(text),)], LEAST))
        return Room(room.left, room.top, room.width, room.height - height - 0.05)

    def chart(self, slide: Any, room: Room, chart: SlideChart, exhibit: Exhibit, name: str) -> None:
        """A chart that can be edited, and where its numbers come from."""
        number, columns = draw_chart(slide, room, chart, exhibit, name, self.tag), exhibit.rows().columns
        for k, series in enumerate(chart.series, 1):
            for i, p in enumerate(series.points, 1):
                if p is None:
                    continue
                for what, column in told_by(p, chart.columns):
                    if column in columns:
                        self._places.point(k, i, what, evidence_id(exhibit.name, p.row, column), number)
        for i, (text, row) in enumerate(zip(chart.categories, chart.counts, strict=True), 1):
            if row >= 0:
                self._places.category(i, len(numbers_in(text)), evidence_id(exhibit.name, row, "n"), number)

    def picture(self, slide: Any, room: Room, exhibit: Exhibit, name: str) -> None:
        """A figure that office programs have no form for."""
        from pptx.util import Inches

        drawn = picture_of(exhibit.at_width("slide_body"))
        wide, high = drawn.figure("bare").get_size_inches()
        part = min(room.width / wide, room.height / high)
        left = room.left + (room.width - part * wide) / 2
        content = io.BytesIO(drawn.png("bare", _DPI))
        shape = slide.shapes.add_picture(content, Inches(left), Inches(room.top), height=Inches(part * high))
        shape._element.nvPicPr.cNvPr.set("descr", exhibit.alt)
        shape.name = name

    def table(self, slide: Any, room: Room, page: Page, alt: str, name: str) -> None:
        """A page of a table."""
        draw_table(slide, room, page, alt, name, self.tag, self._places)
