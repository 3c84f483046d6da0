"""Finished documents of four formats, as texts that somebody can change: numbers, labels, bases, names of waves."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree, html

from survey.reports.office_parts import Parts
from survey.reports.printed import Piece, piece_of
from survey.reports.printed_book import pieces_in_book
from survey.reports.printed_page import pieces_of_root
from survey.reports.printed_pdf import pieces_in_pdf
from survey.reports.printed_slides import pieces_in_slides
from survey.reports.printed_word import pieces_in_word

__all__ = ["Document", "Slot", "bare", "opened", "retyped"]

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DIGIT = re.compile(r"\d")
_LONE = re.compile(r"\s*[−-]?\d+(?:[.,]\d+)?\*?%?\s*")


@dataclass(slots=True)
class Slot:
    """A text of a document: where it stands and what it is a part of; `raw` is a number with all its digits."""

    document: Document
    part: str
    element: Any
    table: str = ""
    evidence: str = ""
    raw: bool = False
    decimals: int = 1

    @property
    def text(self) -> str:
        """What is read: of a raw number what is printed."""
        text = self.element.text or ""
        return f"{float(text):.{self.decimals}f}".replace("-", "−") if self.raw else text

    def other(self, text: str) -> bool:
        """Whether it would say something else: a workbook holds a zero without decimals and without a sign."""
        zero = self.raw and re.fullmatch(r"[−-]?[0.,]+", text) and abs(float(self.held or "0")) < 1e-9
        return text != self.text and not zero

    @property
    def held(self) -> str:
        """What the file holds of a number."""
        return str(self.element.text or "")

    def write(self, text: str) -> None:
        """Put another text there."""
        self.document.keep(self.element)
        self.element.text = text.replace("−", "-").replace("%", "").replace(",", ".") if self.raw else text
        self.document.touched.add(self.part)


class Edited(Parts):
    """An office file with parts of its own in place of those in the file, as lxml has them."""

    roots: dict[str, Any]

    def xml(self, name: str) -> Any:
        if name not in self.roots:
            self.roots[name] = super().xml(name)
        return self.roots[name]


@dataclass
class Document:
    """A document with its texts by what they are."""

    path: Path
    lang: str
    roots: dict[str, Any] = field(default_factory=dict)
    numbers: list[Slot] = field(default_factory=list)
    labels: list[Slot] = field(default_factory=list)
    units: list[Slot] = field(default_factory=list)
    waves: list[Slot] = field(default_factory=list)
    cells: dict[tuple[str, int], list[tuple[Any, str]]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    _kept: list[tuple[Any, str | None, dict[str, str]]] = field(default_factory=list)
    _swapped: list[tuple[Any, Any]] = field(default_factory=list)

    @property
    def bases(self) -> list[Slot]:
        """Numbers of respondents."""
        return [s for s in self.numbers if s.evidence.endswith(".n")]

    def keep(self, element: Any) -> None:
        """Remember what an element was."""
        self._kept.append((element, element.text, dict(element.attrib)))

    def restore(self) -> None:
        """The document as it was."""
        for element, text, attributes in reversed(self._kept):
            element.text = text
            element.attrib.clear()
            element.attrib.update(attributes)
        for one, other in reversed(self._swapped):
            exchange(one, other)
        self._kept.clear()
        self._swapped.clear()
        self.touched.clear()

    def moved(self, at: random.Random) -> list[tuple[Slot, str]]:
        """Two cells of a column change places with all that is in them, evidence too."""
        columns = [cells for cells in self.cells.values() if len({text for _, text in cells}) > 1]
        if not columns:
            return []
        column = at.choice(columns)
        one, text = at.choice(column)
        other, there = at.choice([c for c in column if c[1] != text])
        if _beside(one) == _beside(other):  # two rows have changed places, and nothing else
            return []
        exchange(one, other)
        self._swapped.append((one, other))
        return [(_Seen(self, "", etree.Element("seen"), evidence=f"{text} | {there}"), "moved")]

    def pieces(self) -> list[Piece]:
        """What is read of it as it is."""
        kind = self.path.suffix
        if "lines" in self.roots:
            return [piece_of([(element.text or "", "")]) for element in self.roots["lines"]]
        if kind == ".html":
            return pieces_of_root(self.roots["page"])[self.lang][0]
        parts = Edited(self.path)
        parts.roots = self.roots
        readers = {".docx": pieces_in_word, ".pptx": pieces_in_slides, ".xlsx": pieces_in_book}
        return readers[kind](parts)[0]


@dataclass(slots=True)
class _Part(Slot):
    """A part of a line."""

    span: tuple[int, int] = (0, 0)

    @property
    def text(self) -> str:
        return str(self.element.text[slice(*self.span)])

    def write(self, text: str) -> None:
        self.document.keep(self.element)
        whole = self.element.text
        self.element.text = whole[: self.span[0]] + text + whole[self.span[1] :]


class _Seen(Slot):
    """In place of the text that changed, where cells were moved."""


def _beside(cell: Any) -> list[str]:
    """What else stands in the row of a cell."""
    return ["".join(other.itertext()) for other in cell.getparent() if other is not cell]


def exchange(one: Any, other: Any) -> None:
    """Two elements change places."""
    mark = one.makeelement("mark", {})
    one.addprevious(mark)
    other.addprevious(one)
    mark.addprevious(other)
    mark.getparent().remove(mark)


def opened(path: Path, lang: str) -> Document:
    """A document with its texts found."""
    if path.suffix == ".pdf":
        return _lines(Document(path, lang), [piece.text for piece in pieces_in_pdf(path)])
    made = Document(path, lang)
    {".docx": _word, ".html": _page, ".pptx": _slides, ".xlsx": _book}[path.suffix](made)
    return made


def bare(path: Path, lang: str) -> Document:
    """A Word document without the controls that hold its evidence, as some programs save it."""
    made = opened(path, lang)
    (root,) = made.roots.values()
    for control in list(root.iter(f"{W}sdt")):
        for run in list(control.find(f"{W}sdtContent")):
            control.addprevious(run)
        control.getparent().remove(control)
    return made


def retyped(path: Path, lang: str) -> Document:
    """A Word document pasted as text: a line a paragraph, a line a row of a table."""
    parts = Parts(path)
    found: list[str] = []
    for block in parts.xml(parts.main).find(f"{W}body"):
        for line in block.iter(f"{W}tr") if block.tag == f"{W}tbl" else [block]:
            cells = line.findall(f"{W}tc") or [line]
            found.append(" ".join("".join(t.text or "" for t in c.iter(f"{W}t", f"{W}br")) for c in cells))
    return _lines(Document(path, lang), [line for line in found if line.strip()])


def _lines(made: Document, lines: list[str]) -> Document:
    """A document of lines: of each its numbers with decimals, the base that it tells, the name that its numbers follow.

    Only lines of the report itself are changed: a contents and what a program has added are none of it.
    """
    kept = [etree.Element("line") for _ in lines]
    made.roots["lines"] = kept
    for k, (element, text) in enumerate(zip(kept, lines, strict=True)):
        element.text = text
        table = f"lines {k // 12}"
        for match in _DECIMAL.finditer(text):
            made.numbers.append(_Part(made, "", element, table, span=match.span()))
        for match in _COUNT.finditer(text):
            made.numbers.append(_Part(made, "", element, "", "line.n", span=match.span(1)))
        named = _NAME.match(text)
        if named:
            made.labels.append(_Part(made, "", element, table, span=named.span(1)))
        if _DECIMAL.search(text):
            made.waves.append(Slot(made, "", element))
    made.units = [s for s in made.numbers if not s.evidence]
    return made


_DECIMAL = re.compile(r"(?<![\w.,–])[−+]?\d+[.,]\d(?![\d.,])")
_COUNT = re.compile(r"\bn\s=\s(\d+)")
_NAME = re.compile(r"([^\W\d][^\d(%]{6,60}?) −?\d+[.,]\d \(")


def _word(made: Document) -> None:
    parts = Parts(made.path)
    part = parts.main
    root = made.roots[part] = parts.xml(part)
    tables = {t: f"table {k}" for k, t in enumerate(root.iter(f"{W}tbl"))}
    for control in root.iter(f"{W}sdt"):
        (text,) = list(control.iter(f"{W}t"))
        if _DIGIT.search(text.text or ""):
            table = next((tables[up] for up in control.iterancestors() if up in tables), "")
            evidence = control.find(f"{W}sdtPr/{W}tag").get(f"{W}val")
            made.numbers.append(Slot(made, part, text, table, evidence))
    made.units = [*made.numbers]
    made.units += [Slot(made, part, t) for t in root.iter(f"{W}t") if re.match(r"%|.*\d%", t.text or "")]
    for table in root.iter(f"{W}tbl"):
        name = tables[table]
        for row in table.iter(f"{W}tr"):
            cells = row.findall(f"{W}tc")
            head = row.find(f"{W}trPr/{W}tblHeader") is not None
            if head:
                made.waves += [Slot(made, part, t, name) for t in row.iter(f"{W}t") if t.text]
            elif len(cells) > 1 and any(True for _ in row.iter(f"{W}sdt")):
                stub = [t for t in cells[0].iter(f"{W}t") if t.text]
                made.labels += [Slot(made, part, stub[0], name)] if len(stub) == 1 else []
                for j, cell in enumerate(cells[1:]):
                    text = "".join(t.text or "" for t in cell.iter(f"{W}t"))
                    if any(True for _ in cell.iter(f"{W}sdt")) and _DIGIT.search(text):
                        made.cells.setdefault((name, j), []).append((cell, text))
    for p in root.iter(f"{W}p"):
        if any(True for _ in p.iter(f"{W}sdt")):
            made.waves += [Slot(made, part, t) for t in p.iter(f"{W}t") if t.text]


def _page(made: Document) -> None:
    root = made.roots["page"] = html.document_fromstring(made.path.read_bytes())
    for other in [a for a in root.iter("article") if a.get("lang") != made.lang]:
        other.getparent().remove(other)
    (article,) = root.iter("article")
    for k, figure in enumerate(article.iter("table")):
        name = f"table {k}"
        for row in figure.xpath("./tbody/tr[not(@class='group')]"):
            head, *cells = list(row)
            if any(c.xpath(".//*[@data-id]") for c in cells):
                made.labels += [Slot(made, "page", head, name)] if head.text else []
                for j, cell in enumerate(cells):
                    text = cell.text_content()
                    if cell.xpath(".//*[@data-id]") and _DIGIT.search(text):
                        made.cells.setdefault((name, j), []).append((cell, text))
        made.waves += [Slot(made, "page", th, name) for th in figure.xpath("./thead//th") if th.text]
        for span in figure.xpath(".//*[@data-id]"):
            if _DIGIT.search(span.text or ""):
                made.numbers.append(Slot(made, "page", span, name, span.get("data-id")))
    for span in article.xpath(".//p//*[@data-id] | .//li//*[@data-id]"):
        if _DIGIT.search(span.text or ""):
            made.numbers.append(Slot(made, "page", span, "", span.get("data-id")))
    made.units = [*made.numbers]
    made.waves += [Slot(made, "page", p) for p in article.xpath(".//p[.//*[@data-id]]") if p.text]


def _slides(made: Document) -> None:
    parts = Parts(made.path)
    for part in sorted(parts.names):
        if re.fullmatch(r"ppt/(slides|notesSlides)/\w+\.xml", part):
            root = made.roots[part] = parts.xml(part)
            for k, table in enumerate(root.iter(f"{A}tbl")):
                for row in table.iter(f"{A}tr"):
                    first, *others = list(row.iter(f"{A}tc"))
                    texts = [t for cell in others for t in cell.iter(f"{A}t") if _LONE.fullmatch(t.text or "")]
                    made.numbers += [Slot(made, part, t, f"{part} {k}") for t in texts]
                    stub = [t for t in first.iter(f"{A}t") if t.text]
                    made.labels += [Slot(made, part, stub[0], f"{part} {k}")] if texts and len(stub) == 1 else []
            for p in root.iter(f"{A}p"):
                if any(up.tag == f"{A}tc" for up in p.iterancestors()) or not p.findall(f"{A}r"):
                    continue
                texts = [t for t in p.iter(f"{A}t") if t.text]
                lone = [t for t in texts if _LONE.fullmatch(t.text) and t.getparent().tag == f"{A}r"]
                made.numbers += [Slot(made, part, t) for t in lone]
                made.waves += [Slot(made, part, t) for t in texts] if lone else []
        elif re.fullmatch(r"ppt/charts/chart\w*\.xml", part):
            root = made.roots[part] = parts.xml(part)
            _chart(made, part, root)
    made.units = [s for s in made.numbers if not s.raw]


def _chart(made: Document, part: str, root: Any) -> None:
    for k, series in enumerate(root.iter(f"{C}ser")):
        code = series.find(f"{C}dLbls/{C}numFmt")
        decimals = (
            (code.get("formatCode") if code is not None else "0.0").partition(";")[0].partition(".")[2].count("0")
        )
        for v in series.iterfind(f"{C}val//{C}pt/{C}v"):
            made.numbers.append(Slot(made, part, v, part, raw=True, decimals=decimals))
        for v in series.iterfind(f"{C}cat//{C}pt/{C}v"):
            if k == 0:
                made.labels.append(Slot(made, part, v, part))
                if re.search(r"n\s=\s\d", v.text or ""):
                    made.numbers.append(Slot(made, part, v, "", f"{part}.n"))
        for v in series.iterfind(f"{C}tx//{C}pt/{C}v"):
            made.waves.append(Slot(made, part, v))


class _Cell(Slot):
    """A cell of a workbook; a text is written into the cell itself, not among those that several cells share."""

    @property
    def text(self) -> str:
        if self.raw:
            value = float(self.element.find(f"{S}v").text) * (100 if self.table.endswith("%") else 1)
            return f"{value:.{self.decimals}f}".replace("-", "−")
        own = self.element.find(f"{S}is/{S}t")
        return str(own.text) if own is not None else str(self.document.roots["strings"][int(self.element[0].text)])

    @property
    def held(self) -> str:
        return str(self.element.find(f"{S}v").text or "")

    def write(self, text: str) -> None:
        held = self.element.find(f"{S}v")
        self.document.keep(self.element)
        self.document.touched.add(self.part)
        if self.raw and text.rstrip("%") == self.text:  # its unit is a part of its format
            formats = self.document.roots["formats"]
            signed = "%" in formats[int(self.element.get("s", "0"))]
            other = next(k for k, code in enumerate(formats) if ("%" in code) != signed and "0" in code)
            self.element.set("s", str(other))
            return
        if self.raw and re.fullmatch(r"−?[\d.]+", text):
            self.document.keep(held)
            held.text = repr(float(text.replace("−", "-")) / (100 if self.table.endswith("%") else 1))
            return
        self.document.keep(held)
        self.element.set("t", "str")
        held.text = text


def _book(made: Document) -> None:
    parts = Parts(made.path)
    main = parts.xml(parts.main)
    strings = parts.xml("xl/sharedStrings.xml")
    made.roots["strings"] = ["".join(t.text or "" for t in one.iter(f"{S}t")) for one in strings]
    styles = parts.xml("xl/styles.xml")
    codes = {int(one.get("numFmtId")): one.get("formatCode") for one in styles.iter(f"{S}numFmt")}
    formats = [codes.get(int(xf.get("numFmtId")), "") for xf in styles.find(f"{S}cellXfs")]
    made.roots["formats"] = formats
    named = {one.text.replace("$", ""): one.get("name") for one in main.iter(f"{S}definedName")}
    related = parts.related(parts.main)
    for sheet in main.iter(f"{S}sheet"):
        part = next(name for kind, name in (related[v] for k, v in sheet.attrib.items() if k.endswith("}id")))
        root = made.roots[part] = parts.xml(part)
        top = next((int(pane.get("ySplit", "0")) for pane in root.iter(f"{S}pane")), 0)
        for row in root.iter(f"{S}row"):
            i = int(row.get("r")) - 1
            for cell in row:
                held, at = cell.find(f"{S}v"), cell.get("r")
                if held is None:
                    continue
                code = formats[int(cell.get("s", "0"))]
                if cell.get("t", "n") == "n":
                    decimals = code.partition(".")[2].count("0")
                    table = f"{part}{'%' if '%' in code else ''}"
                    evidence = named.get(f"'{sheet.get('name')}'!{at}", "")
                    made.numbers.append(_Cell(made, part, cell, table, evidence, raw=True, decimals=decimals))
                elif cell.get("t") == "s":
                    slot = _Cell(made, part, cell, part)
                    if at.startswith("A") and i >= top > 0 and len(slot.text) < 60:
                        made.labels.append(slot)
                    elif i < top or len(slot.text) > 60:
                        made.waves.append(slot)
    made.units = made.numbers
