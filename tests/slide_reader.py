"""A deck read as somebody would who has the file and docs/report.md: what is printed where, and the ids beside it.

Nothing of the package that writes slides is used, but for how numbers are read.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd
from lxml import etree

from survey.reports.evidence import numbers_in, value_of

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
E = "{urn:survey:evidence:1}"


@dataclass(frozen=True)
class Printed:
    """A number on a slide: its id, what is printed, and whether that is a number of a chart (a float as text)."""

    slide: int
    id: str
    text: str
    drawn: bool = False
    column: str = ""


class Deck:
    """The parts of a presentation."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        self.slides = [self.xml(name) for name in self.names]

    @property
    def names(self) -> list[str]:
        """Slides in their order."""
        found = self.xml("ppt/presentation.xml")
        related = self.related("ppt/presentation.xml")
        return [related[one.get(f"{R}id")] for one in found.iter(f"{P}sldId")]

    def xml(self, name: str) -> Any:
        """A part."""
        return etree.fromstring(self.parts[name])

    def related(self, name: str) -> dict[str, str]:
        """Parts that a part names, by the id that it names them with."""
        at = PurePosixPath(name)
        rels = f"{at.parent}/_rels/{at.name}.rels"
        if rels not in self.parts:
            return {}
        found = {}
        for one in etree.fromstring(self.parts[rels]):
            target = one.get("Target")
            parts = list(at.parent.parts) if not target.startswith("/") else []
            for step in target.lstrip("/").split("/"):
                parts = parts[:-1] if step == ".." else [*parts, step]
            found[one.get("Id")] = "/".join(parts)
        return found

    def shape(self, i: int, number: str) -> Any:
        """A shape of a slide, by its number."""
        (name,) = [e for e in self.slides[i].iter(f"{P}cNvPr") if e.get("id") == number]
        return name.getparent().getparent()

    def chart(self, i: int, number: str) -> Any:
        """The chart of a shape."""
        (one,) = self.shape(i, number).iter(f"{C}chart")
        return self.xml(self.related(self.names[i])[one.get(f"{R}id")])

    def notes(self, i: int) -> Any:
        """The text body of the speaker notes; None without."""
        (name,) = [n for n in self.related(self.names[i]).values() if "notesSlide" in n] or [None]
        if name is None:
            return None
        for shape in self.xml(name).iter(f"{P}sp"):
            if any(ph.get("type") == "body" for ph in shape.iter(f"{P}ph")):
                return shape.find(f"{P}txBody")
        return None

    def printed(self) -> Iterator[Printed]:
        """Every number with an id."""
        for i, slide in enumerate(self.slides):
            data = next(slide.iter(f"{P}custData"), None)
            if data is None:
                continue
            for one in self.xml(self.related(self.names[i])[data.get(f"{R}id")]):
                yield self._read(i, one)

    def _read(self, i: int, one: Any) -> Printed:
        kind, number = one.tag.removeprefix(E), int(one.get("number", "0"))
        if kind == "text":
            body = self.notes(i) if one.get("part") == "notes" else self.shape(i, one.get("shape")).find(f"{P}txBody")
            text = paragraphs(body)[int(one.get("paragraph")) - 1]
        elif kind == "cell":
            rows = list(self.shape(i, one.get("shape")).iter(f"{A}tr"))
            cell = list(rows[int(one.get("row")) - 1].iter(f"{A}tc"))[int(one.get("column")) - 1]
            text = "\n".join(paragraphs(cell.find(f"{A}txBody")))
        elif kind == "category":
            series = next(self.chart(i, one.get("shape")).iter(f"{C}ser"))
            text = cached(series.find(f"{C}cat"))[int(one.get("category")) - 1]
        else:
            return self._point(i, one)
        return Printed(i, one.get("id"), numbers_in(text)[number - 1].group() if number else text)

    def _point(self, i: int, one: Any) -> Printed:
        series = list(self.chart(i, one.get("shape")).iter(f"{C}ser"))[int(one.get("series")) - 1]
        at, what = int(one.get("category")) - 1, one.get("value")
        value = float(cached(series.find(f"{C}val"))[at])
        if what != "value":
            reach = float(cached(series.find(f"{C}errBars/{C}{'minus' if what == 'low' else 'plus'}"))[at])
            value += reach if what == "high" else -reach
        return Printed(i, one.get("id"), repr(value), drawn=True)

    def texts(self) -> Iterator[tuple[int, str, set[int]]]:
        """Every paragraph of text boxes, tables and notes, with which of its numbers have an id (from 1)."""
        for i, slide in enumerate(self.slides):
            data = next(slide.iter(f"{P}custData"), None)
            known = [] if data is None else list(self.xml(self.related(self.names[i])[data.get(f"{R}id")]))
            for shape in slide.iter(f"{P}sp"):
                number = next(shape.iter(f"{P}cNvPr")).get("id")
                for k, text in enumerate(paragraphs(shape.find(f"{P}txBody")), 1):
                    yield i, text, numbered(known, shape=number, paragraph=str(k))
            for frame in slide.iter(f"{P}graphicFrame"):
                number = next(frame.iter(f"{P}cNvPr")).get("id")
                for r, row in enumerate(frame.iter(f"{A}tr"), 1):
                    for c, cell in enumerate(row.iter(f"{A}tc"), 1):
                        text = "\n".join(paragraphs(cell.find(f"{A}txBody")))
                        yield i, text, numbered(known, shape=number, row=str(r), column=str(c))
            body = self.notes(i)
            for k, text in enumerate(paragraphs(body) if body is not None else [], 1):
                yield i, text, numbered(known, part="notes", paragraph=str(k))


def numbered(known: list[Any], **where: str) -> set[int]:
    """Which numbers of a place have an id."""
    return {int(one.get("number")) for one in known if all(one.get(k) == v for k, v in where.items())}


def paragraphs(body: Any) -> list[str]:
    """The text of each paragraph."""
    return [
        "".join("\n" if e.tag == f"{A}br" else e.text or "" for e in p.iter(f"{A}t", f"{A}br"))
        for p in body.iter(f"{A}p")
    ]


def cached(reference: Any) -> dict[int, str]:
    """What is in a range of the workbook of a chart."""
    return {int(pt.get("idx")): pt.find(f"{C}v").text for pt in reference.iter(f"{C}pt")}


def same(one: Printed, table: pd.DataFrame, lang: str) -> bool:
    """Whether what is printed is what the CSV of its exhibit has; sums and differences of rows are added up."""
    _, rows, column = one.id.rsplit(".", 2)
    terms = [int(term) for term in re.findall(r"[+-]?\d+", rows)]
    lines = [table.iloc[abs(term) - 1] for term in terms]
    hidden = any(line.get("status") == "suppressed" for line in lines)
    if hidden or column == "status":
        return column == "status" or (not one.drawn and all(pd.isna(line[column]) for line in lines))
    value = sum(float(line[column]) * (1 if term > 0 else -1) for line, term in zip(lines, terms, strict=True))
    if one.drawn:
        return any(abs(scale * value - float(one.text)) < 1e-6 for scale in (1, 100))
    if not re.search(r"\d", one.text):  # a dash where there is no number
        return bool(pd.isna(value))
    printed = value_of(one.text, lang)
    if one.text.startswith("<"):
        return bool(value < printed or pd.isna(value))  # "< 30" of what is hidden
    point = "," if lang == "vi" else "."
    decimals = len(one.text.partition(point)[2])
    close = 0.5001 * 10.0**-decimals
    return any(abs(abs(scale * value) - abs(printed)) <= close for scale in (1, 100))
