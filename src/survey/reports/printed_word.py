"""What a Word document prints, piece by piece; evidence is the tag of a content control."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from survey.reports.office_parts import Parts
from survey.reports.printed import Piece, piece_of, plain_text

__all__ = ["pieces_in_word", "pieces_of_body"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""What programs read that do not know the form before it; it says the same again."""


def pieces_in_word(parts: Parts) -> tuple[list[Piece], int]:
    """The pieces of a Word document, and how many pictures it has."""
    main = parts.main
    root = parts.xml(main)
    body = root.find(f"{_W}body")
    if body is None:
        raise parts.refused("a document without text")
    pieces = pieces_of_body(body)
    for name in (*parts.of_kind(main, "footnotes"), *parts.of_kind(main, "endnotes")):
        pieces += _paragraphs(parts.xml(name))
    return pieces, sum(1 for _ in body.iter("{http://schemas.openxmlformats.org/drawingml/2006/picture}pic"))


def pieces_of_body(body: Any) -> list[Piece]:
    """The pieces of the body of a document, as lxml has it."""
    caption, fresh = "", True
    heads: list[list[str]] = []
    pieces: list[Piece] = []
    for child in _blocks(body):
        if child.tag == f"{_W}p":
            piece = piece_of(_runs(child))
            if piece.text:
                caption, fresh = piece.text, True
                pieces.append(piece)
            for box in child.iter(f"{_W}txbxContent"):
                if not any(up.tag == _FALLBACK for up in box.iterancestors()):
                    pieces += _paragraphs(box)
        else:
            found, heads = _table(child, caption, heads, fresh)
            fresh = False
            pieces += found
    return pieces


def _paragraphs(element: Any) -> list[Piece]:
    return [piece for p in element.iter(f"{_W}p") if (piece := piece_of(_runs(p))).text]


def _blocks(element: Any) -> Iterator[Any]:
    """Paragraphs and tables, also those in a control around them."""
    for child in element:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent"):
            yield from _blocks(child)


def _runs(element: Any, evidence: str = "") -> Iterator[tuple[str, str]]:
    """Texts in order, each with the tag of the control that it stands in; what was deleted is not read."""
    for child in element:
        tag = child.tag.removeprefix(_W) if isinstance(child.tag, str) else ""
        if tag == "t":
            yield child.text or "", evidence
        elif tag in ("br", "tab", "cr"):
            yield " ", evidence
        elif tag == "noBreakHyphen":
            yield "-", evidence
        elif (tag == "hyperlink" and _of_contents(child)) or (tag == "r" and _hidden(child)):
            continue
        elif tag == "sdt":
            name = child.find(f"{_W}sdtPr/{_W}tag")
            yield from _runs(child, evidence if name is None else name.get(f"{_W}val") or evidence)
        elif tag not in ("del", "moveFrom", "sdtPr", "pPr", "rPr", "instrText", "delText", "drawing", "pict"):
            yield from _runs(child, evidence)


def _of_contents(link: Any) -> bool:
    """Whether a link is an entry of the contents: a heading again, and the page that Word counts."""
    return bool(link.get(f"{_W}anchor")) and next(link.iter(f"{_W}tab"), None) is not None


def _hidden(run: Any) -> bool:
    """Whether a run is not printed."""
    mark = run.find(f"{_W}rPr/{_W}vanish")
    return mark is not None and mark.get(f"{_W}val", "1") not in ("0", "false", "off")


def _table(table: Any, caption: str, before: list[list[str]], fresh: bool) -> tuple[list[Piece], list[list[str]]]:
    """The cells of a table, and its headings by column; one that has none goes on from the table right before it."""
    heads: list[list[str]] = []
    pieces: list[Piece] = []
    group, columns = "", len(table.findall(f"{_W}tblGrid/{_W}gridCol"))
    rows = [row for row in table.iter(f"{_W}tr") if row.find(f"{_W}trPr/{_W}del") is None]
    marked = any(row.find(f"{_W}trPr/{_W}tblHeader") is not None for row in rows)
    first = _unmarked(rows) if fresh and not marked else 0
    for i, row in enumerate(rows):
        cells = [(_span(cell), [run for p in cell.iter(f"{_W}p") for run in _runs(p)]) for cell in row.iter(f"{_W}tc")]
        texts = [plain_text("".join(text for text, _ in runs)) for _, runs in cells]
        if len(cells) == 1 and columns > 1:
            group = texts[0]
        elif i < first or row.find(f"{_W}trPr/{_W}tblHeader") is not None:
            heads.append([text for text, (span, _) in zip(texts, cells, strict=True) for _ in range(span)])
        elif cells:
            own = heads or before
            pieces.append(piece_of(cells[0][1], where=caption))
            j = cells[0][0]
            for span, runs in cells[1:]:
                above = [line[j] for line in own if j < len(line) and line[j]]
                pieces.append(piece_of(runs, [group, texts[0], *above], caption))
                j += span
    return pieces, heads or before


def _unmarked(rows: list[Any]) -> int:
    """How many rows at the top of a table hold its headings, where a program has dropped that they are."""
    if len(rows) < 2 or any(_numeral(cell) for cell in rows[0].iter(f"{_W}tc")):
        return 0
    spanned = any(_span(cell) > 1 or cell.find(f"{_W}tcPr/{_W}vMerge") is not None for cell in rows[0].iter(f"{_W}tc"))
    return 2 if spanned and len(rows) > 2 else 1


def _numeral(cell: Any) -> bool:
    """Whether a cell holds a number and no words."""
    text = "".join(t.text or "" for t in cell.iter(f"{_W}t"))
    return any(c.isdigit() for c in text) and not any(c.isalpha() for c in text)


def _span(cell: Any) -> int:
    found = cell.find(f"{_W}tcPr/{_W}gridSpan")
    return 1 if found is None else int(found.get(f"{_W}val"))
