"""A finished document read: its pieces in each language, by the format that it is in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from survey.errors import ReadError, StudyError, shorten
from survey.reports.office_parts import Parts
from survey.reports.printed import Piece
from survey.reports.printed_book import pieces_in_book
from survey.reports.printed_page import pieces_in_page
from survey.reports.printed_pdf import pieces_in_pdf
from survey.reports.printed_slides import pieces_in_slides
from survey.reports.printed_word import pieces_in_word

__all__ = ["ENDINGS", "Printed", "language_of", "printed_in"]

ENDINGS = (".docx", ".pptx", ".xlsx", ".html", ".htm", ".pdf")
"""What can be read."""
_VIETNAMESE = frozenset("ăâđêôơưạảãáàấầẩẫậắằẳẵặẹẻẽéèếềểễệịỉĩíìọỏõóòốồổỗộớờởỡợụủũúùứừửữựỵỷỹýỳ")
_SHARE = 0.03
"""Of all letters, how many of them have marks in a text that is Vietnamese; names alone are fewer."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What a document prints in one language.

    Parameters
    ----------
    lang : str
    pieces : tuple of Piece
    pictures : int
        Whose numbers cannot be read.
    flowing : bool
        Whether its texts stand one after the other, without tables and without the ids of its numbers.
    """

    lang: str
    pieces: tuple[Piece, ...]
    pictures: int = 0
    flowing: bool = False


def printed_in(path: str | os.PathLike[str], lang: str | None = None) -> list[Printed]:
    """What a document prints, in each of its languages; `lang` is that of one that does not say it.

    Raises
    ------
    StudyError
        If it is of a kind that cannot be read.
    ReadError
        If it does not exist, is damaged, locked, or empty.
    """
    file = Path(path)
    kind = file.suffix.lower()
    if kind not in ENDINGS:
        raise StudyError(
            "A document of this kind cannot be verified.",
            where=file,
            got=file.suffix or "no ending",
            expected=shorten(ENDINGS),
            fix="verify a document that survey report wrote",
        )
    if not file.is_file():
        beside = sorted(one.name for one in file.parent.glob(f"*{kind}")) if file.parent.is_dir() else []
        raise ReadError(
            "There is no such document.",
            where=file,
            got="a folder" if file.is_dir() else "no such file",
            expected=shorten(beside) if beside else f"a {kind} file",
            fix="correct the path; a report has its language in its name, such as report.vi.docx",
        )
    if kind in (".html", ".htm"):
        return [Printed(code, tuple(pieces), count) for code, (pieces, count) in pieces_in_page(file).items()]
    if kind == ".pdf":
        lines = pieces_in_pdf(file)
        return [Printed(lang or language_of(lines), tuple(lines), flowing=True)]
    parts = Parts(file)
    readers = {".docx": pieces_in_word, ".pptx": pieces_in_slides, ".xlsx": pieces_in_book}
    pieces, pictures = readers[kind](parts)
    own = lang or parts.language or language_of(pieces)
    return [Printed(own, tuple(pieces), pictures, kind == ".docx" and _retyped(pieces))]


def _retyped(pieces: Sequence[Piece]) -> bool:
    """Whether a document has neither tables nor evidence any more: text that was typed or pasted anew."""
    return not any(piece.beside or any(n.evidence for n in piece.numbers) for piece in pieces)


def language_of(pieces: Sequence[Piece]) -> str:
    """The language of some texts, by their letters."""
    letters = [c for piece in pieces for c in piece.text.lower() if c.isalpha()]
    return "vi" if sum(c in _VIETNAMESE for c in letters) > _SHARE * max(len(letters), 1) else "en"
