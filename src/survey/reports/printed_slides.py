"""What slides print, piece by piece; evidence stands in a part beside each slide, by the place of its number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from survey.reports.office_parts import Parts
from survey.reports.printed import Piece, piece_of, plain_text
from survey.reports.printed_book import values_of
from survey.reports.printed_chart import marked, pieces_of_chart, pieces_of_data
from survey.reports.slides.places import NAMESPACE

__all__ = ["pieces_in_slides"]

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_E = f"{{{NAMESPACE}}}"
_COUNTED = ("sldNum", "dt")
"""Places of a slide that a program fills."""
Places = Mapping[tuple[str, ...], Mapping[int, str]]


def pieces_in_slides(parts: Parts) -> tuple[list[Piece], int]:
    """The pieces of a presentation, and how many pictures it has."""
    main, pieces, pictures = parts.main, [], 0
    related = parts.related(main)
    for one in parts.xml(main).iter(f"{_P}sldId"):
        slide = _Slide(parts, related[one.get(f"{_R}id")][1])
        pieces += [piece for piece in slide.pieces() if piece.text]
        pictures += sum(1 for _ in slide.root.iter(f"{_P}pic"))
    return pieces, pictures


class _Slide:
    def __init__(self, parts: Parts, name: str) -> None:
        self.parts, self.name, self.root = parts, name, parts.xml(name)
        self.related = parts.related(name)
        self.ids: dict[tuple[str, ...], dict[int, str]] = defaultdict(dict)
        self.points: dict[str, dict[tuple[Any, ...], str]] = defaultdict(dict)
        for data in self.root.iter(f"{_P}custData"):
            found = self.related.get(data.get(f"{_R}id"))
            if found is not None and found[1] in parts.names:
                self._known(parts.xml(found[1]))
        title = next((s for s in self.root.iter(f"{_P}sp") if _kind(s) in ("title", "ctrTitle")), None)
        self.title = "" if title is None else plain_text(" ".join(_text(p) for p in title.iter(f"{_A}p")))

    def _known(self, evidence: Any) -> None:
        for one in evidence:
            kind = str(one.tag).removeprefix(_E)
            shape, name, nth = one.get("shape", ""), one.get("id", ""), int(one.get("number", "0"))
            if kind == "text":
                self.ids[one.get("part", shape), one.get("paragraph")][nth] = name
            elif kind == "cell":
                self.ids[shape, one.get("row"), one.get("column")][nth] = name
            elif kind == "point":
                place = ("point", int(one.get("series")), int(one.get("category")), one.get("value"))
                self.points[shape][place] = name
            elif kind == "category":
                self.points[shape]["category", int(one.get("category")), nth] = name

    def pieces(self) -> Iterator[Piece]:
        for shape in self.root.iter(f"{_P}sp", f"{_P}graphicFrame"):
            number = next(shape.iter(f"{_P}cNvPr")).get("id")
            if shape.tag == f"{_P}sp":
                if _kind(shape) not in _COUNTED:
                    where = "" if _kind(shape) in ("title", "ctrTitle") else self.title
                    yield from self._texts(shape, number, where)
            else:
                for table in shape.iter(f"{_A}tbl"):
                    yield from self._table(table, number)
                for chart in shape.iter(f"{_C}chart"):
                    yield from self._chart(chart.get(f"{_R}id"), number)
        for kind, name in self.related.values():
            if kind == "notesSlide" and name in self.parts.names:
                for shape in self.parts.xml(name).iter(f"{_P}sp"):
                    if _kind(shape) == "body":
                        yield from self._texts(shape, "notes", self.title)

    def _texts(self, shape: Any, number: str, where: str) -> Iterator[Piece]:
        for k, paragraph in enumerate(shape.iter(f"{_A}p"), 1):
            yield piece_of(marked(_text(paragraph), self.ids.get((number, str(k)), {})), where=where)

    def _table(self, table: Any, number: str) -> Iterator[Piece]:
        rows = [list(row.iter(f"{_A}tc")) for row in table.iter(f"{_A}tr")]
        spanned = bool(rows) and any(_span(cell) > 1 for cell in rows[0])
        heads: list[list[str]] = []
        group = ""
        for i, cells in enumerate(rows):
            texts = [plain_text(" ".join(_text(p) for p in cell.iter(f"{_A}p"))) for cell in cells]
            if i <= spanned:
                heads.append(_spread(cells, texts))
                yield from (piece_of(marked(t, {}), where=self.title) for t in texts)
            elif len(cells) > 1 and _span(cells[0]) == len(cells):
                group = texts[0]
                yield piece_of([(group, "")], where=self.title)
            else:
                for j, cell in enumerate(cells):
                    runs = marked(
                        " ".join(_text(p) for p in cell.iter(f"{_A}p")),
                        self.ids.get((number, str(i + 1), str(j + 1)), {}),
                    )
                    above = [line[j] for line in heads if line[j]]
                    yield piece_of(runs, [group, texts[0], *above] if j else (), self.title)

    def _chart(self, r_id: str, number: str) -> Iterator[Piece]:
        _, name = self.related.get(r_id, ("", ""))
        if name not in self.parts.names:
            return
        yield from pieces_of_chart(self.parts.xml(name), self.title, self.points.get(number, {}))
        for _, inside in self.parts.related(name).values():
            if inside.endswith(".xlsx") and inside in self.parts.names:
                book = Parts(f"{self.parts.path.name}, {inside}", self.parts.read(inside))
                yield from pieces_of_data(values_of(book), self.title)


def _kind(shape: Any) -> str:
    """What a shape is a place for."""
    place = next(shape.iter(f"{_P}ph"), None)
    return "" if place is None else place.get("type", "body")


def _text(paragraph: Any) -> str:
    return "".join(
        " " if e.tag == f"{_A}br" else e.text or ""
        for e in paragraph.iter(f"{_A}t", f"{_A}br")
        if not any(up.tag == f"{_A}fld" and up.get("type") == "slidenum" for up in e.iterancestors())
    )


def _span(cell: Any) -> int:
    return int(cell.get("gridSpan", "1"))


def _spread(cells: list[Any], texts: list[str]) -> list[str]:
    """The headings of a row, over each of the columns that they are of."""
    found, left, last = [], 0, ""
    for cell, text in zip(cells, texts, strict=True):
        if cell.get("hMerge") in ("1", "true") and left:
            left -= 1
        else:
            last, left = text, _span(cell) - 1
        found.append(last)
    return found
