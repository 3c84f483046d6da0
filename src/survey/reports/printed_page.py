"""What a page prints, piece by piece; evidence is the `data-id` of an element."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from survey.errors import ReadError
from survey.reports.printed import Piece, piece_of, plain_text

__all__ = ["pieces_in_page", "pieces_of_root"]

_PARAGRAPHS = ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "caption")


def pieces_in_page(path: str | os.PathLike[str]) -> dict[str, tuple[list[Piece], int]]:
    """The pieces of each language of a page, and how many pictures it has.

    Raises
    ------
    ReadError
        If the file is no page of a report.
    """
    from lxml import etree, html

    try:
        root = html.document_fromstring(Path(path).read_bytes())
    except (OSError, etree.ParserError, ValueError) as problem:
        raise _no_report(path, type(problem).__name__) from problem
    return pieces_of_root(root, path)


def pieces_of_root(root: Any, path: str | os.PathLike[str] = "") -> dict[str, tuple[list[Piece], int]]:
    """The same of a page as lxml has it."""
    articles = [a for a in root.iter("article") if (a.get("id") or "").startswith("report-")]
    if not articles:
        raise _no_report(path, "a page without a report in it")
    return {a.get("lang"): _article(a) for a in articles}


def _no_report(path: str | os.PathLike[str], got: str) -> ReadError:
    return ReadError(
        "The file is no page of a report.", where=path, got=got, expected="the .html that `survey report` wrote"
    )


def _article(article: Any) -> tuple[list[Piece], int]:
    pieces: list[Piece] = []
    for element in article.iter():
        if any(up.tag == "nav" or up.get("class") == "simulated" for up in [element, *element.iterancestors()]):
            continue
        if element.tag == "table":
            pieces += _table(element)
        elif element.tag in _PARAGRAPHS and not any(up.tag in ("svg", "thead") for up in element.iterancestors()):
            piece = piece_of(_runs(element))
            if piece.text:
                pieces.append(piece)
    return pieces, len(article.xpath(".//*[@data-exhibit]"))


def _runs(element: Any, evidence: str = "") -> Iterator[tuple[str, str]]:
    evidence = element.get("data-id") or evidence
    yield element.text or "", evidence
    for child in element:
        if isinstance(child.tag, str):
            yield (" ", evidence) if child.tag == "br" else ("", "")
            yield from _runs(child, evidence)
        yield child.tail or "", element.get("data-id") or evidence


def _table(table: Any) -> Iterator[Piece]:
    caption = plain_text(" ".join(text for found in table.iter("caption") for text, _ in _runs(found)))
    heads: dict[int, list[str]] = {}
    taken: set[tuple[int, int]] = set()
    for i, row in enumerate(table.xpath("./thead/tr")):
        j = 0
        for cell in row:
            while (i, j) in taken:
                j += 1
            text = plain_text("".join(t for t, _ in _runs(cell)))
            for column in range(j, j + int(cell.get("colspan", 1))):
                heads.setdefault(column, []).extend([text] if text else [])
                taken |= {(i + k, column) for k in range(int(cell.get("rowspan", 1)))}
    for body in table.xpath("./tbody"):
        group = ""
        for row in body:
            cells = list(row)
            if row.get("class") == "group":
                group = "".join(t for t, _ in _runs(cells[0]))
                continue
            name = "".join(t for t, _ in _runs(cells[0]))
            yield piece_of(_runs(cells[0]), where=caption)
            for j, cell in enumerate(cells[1:], 1):
                yield piece_of(_runs(cell), [group, name, *heads.get(j, [])], caption)
