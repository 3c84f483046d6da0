"""A PDF of a single picture, tagged: its language, its title, its alternative text, and XMP (ISO 32000-1).

matplotlib draws the page. What it leaves out is added as PDF adds to a file, at its end (section 7.5.6): a new catalog
and a new page, which stand for the first ones, and the objects that they name. The page's content is one figure of the
structure tree (14.7), so that it is read as its alternative text; its letters can still be searched and copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["lean_fonts", "tagged"]

_TRAILER = re.compile(rb"trailer\s*<<\s*/Size (\d+) /Root (\d+) 0 R([^>]*)>>\s*startxref\s*(\d+)\s*%%EOF\s*$")
_PAGE = re.compile(rb"(\d+) 0 obj\s*<<( /Type /Page [^>]*?/MediaBox (\[[^\]]*\])[^>]*?) /Contents (\d+) 0 R")


def tagged(drawn: bytes, *, title: str, alt: str, lang: str, xmp: bytes) -> bytes:
    """matplotlib's PDF of one page, as a tagged one.

    Parameters
    ----------
    drawn : bytes
        As `savefig` writes it.
    title, alt : str
        Of the figure.
    lang : str
        Its language, a tag of BCP 47.
    xmp : bytes
        The metadata.
    """
    trailer, page = _TRAILER.search(drawn), _PAGE.search(drawn)
    catalog = trailer and re.search(rb"(?<!\d)%s 0 obj\s*<<(.*?)>>\s*endobj" % trailer[2], drawn, re.DOTALL)
    if not (trailer and page and catalog):  # not as matplotlib writes today: a file without tags is one that opens
        return drawn
    rest = drawn[page.end() : drawn.index(b"endobj", page.end())].rsplit(b">>", 1)[0]
    size = int(trailer[1])
    before, after, tree, document, figure, parents, metadata = range(size, size + 7)
    place, content = int(page[1]), page[4].decode()
    new: dict[int, bytes] = {
        int(trailer[2]): (
            b"<<%s/Lang %s /MarkInfo << /Marked true >> /StructTreeRoot %d 0 R /Metadata %d 0 R "
            b"/ViewerPreferences << /DisplayDocTitle true >> >>"
        )
        % (catalog[1], _text(lang), tree, metadata),
        place: b"<<%s /Contents [ %d 0 R %s 0 R %d 0 R ] /StructParents 0 /Tabs /S%s>>"
        % (page[2], before, content.encode(), after, rest),
        before: _stream(b"/Figure << /MCID 0 >> BDC\n"),
        after: _stream(b"\nEMC\n"),
        tree: b"<< /Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey 1 >>" % (document, parents),
        document: b"<< /Type /StructElem /S /Document /P %d 0 R /K [ %d 0 R ] >>" % (tree, figure),
        figure: b"<< /Type /StructElem /S /Figure /P %d 0 R /Pg %d 0 R /K 0 /Lang %s /T %s /Alt %s "
        b"/A << /O /Layout /Placement /Block /BBox %s >> >>"
        % (document, place, _text(lang), _text(title), _text(alt), page[3]),
        parents: b"<< /Nums [ 0 [ %d 0 R ] ] >>" % figure,
        metadata: _stream(xmp, b"/Type /Metadata /Subtype /XML "),
    }
    body, at = drawn, dict[int, int]()
    for number, written in new.items():
        at[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    sections = b"".join(b"%d 1\n%010d 00000 n \n" % (number, at[number]) for number in sorted(at))
    head = b"trailer\n<< /Size %d /Root %s 0 R%s/Prev %s >>" % (size + 7, trailer[2], trailer[3], trailer[4])
    return body + b"xref\n%s%s\nstartxref\n%d\n%%%%EOF\n" % (sections, head, len(body))


def _stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<< %s/Length %d >>\nstream\n%s\nendstream" % (more, len(content), content)


def _text(text: str) -> bytes:
    """A text string (7.9.2): UTF-16 with a byte order mark, in hexadecimal."""
    return b"<%s>" % ("\ufeff" + text).encode("utf-16-be").hex().encode()


_EMBEDDED = ("head", "hhea", "hmtx", "maxp", "loca", "glyf", "cvt ", "fpgm", "prep")
"""The tables of a TrueType font that a PDF reads (ISO 32000-1, 9.9): its letters are found by their number."""


@contextmanager
def lean_fonts() -> Iterator[None]:
    """Letters are put into a PDF without what finds, names and sets them: matplotlib has done so, a PDF keeps places.

    Reading and following it took most of the time in which a font is cut to its letters.
    """
    from fontTools import subset

    whole = subset.load_font

    def lean(*arguments: Any, **more: Any) -> Any:
        font = whole(*arguments, **more)
        # names that are numbers: its own would be read from the tables that go
        font.setGlyphOrder([f"glyph{i:05d}" for i in range(font["maxp"].numGlyphs)])
        for table in set(font.keys()) - {"GlyphOrder", *_EMBEDDED}:
            del font[table]
        return font

    subset.load_font = lean
    try:
        yield
    finally:
        subset.load_font = whole
