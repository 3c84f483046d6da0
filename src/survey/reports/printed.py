"""What a report prints, piece by piece: a paragraph, or a cell with the words beside it; the evidence of its numbers.

The report that the data give is told in these pieces (`pieces_of`), and so is a finished document that somebody may
have changed since (`printed_word`, `printed_page`), so that the two can be held against each other (`checking`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from survey.reports.document import Document, ExhibitBlock, Heading, Paragraph, WordTable, name_of
from survey.reports.evidence import Run, numbers_in
from survey.reports.word_table import cells_of
from survey.words import locale as loc

__all__ = ["TAG", "Number", "Piece", "folded", "piece_of", "pieces_of", "plain_text"]

TAG = 64
"""Letters of an id that a Word document keeps."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is printed, and the id of its evidence; "" for none."""

    text: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, or a cell of a table.

    Parameters
    ----------
    text : str
        As it is read.
    numbers : tuple of Number
        In order.
    beside : tuple of str
        Of a cell: the group and the name of its row, the headings of its column.
    where : str
        What it stands in: the caption of a table, the title of a slide, or "".
    form : str
        How a number that has all its digits is shown: its decimals and unit; "" where the text is what is shown.
    """

    text: str
    numbers: tuple[Number, ...] = ()
    beside: tuple[str, ...] = ()
    where: str = ""
    form: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """Everything but its numbers, which are signs here, with what stands beside it."""
        return (folded(_masked(self.text)) + self.form, *map(folded, self.beside))


@lru_cache(maxsize=20_000)
def plain_text(text: str) -> str:
    """Composed, with single blanks: what programs that save a document may change."""
    return " ".join(unicodedata.normalize("NFC", text.replace("\ufffd", "")).split())


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """With one form of quotation marks and dashes: programs and people write the same ones in several."""
    return text.translate(_FORMS)


_FORMS = str.maketrans(dict.fromkeys("“”„«»", '"') | dict.fromkeys("‘’", "'") | dict.fromkeys("—‒‐\u2011-−", "–"))
_SPACED = re.compile(r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3}(?!\d))")
_RANGE, _MINUS = re.compile(r"(?<=[\d%])[-\u2011](?=\d)"), re.compile(r"(?<![\w.,)/-])[-\u2011](?=\d)")


def _typeset(text: str) -> str:
    """With signs between and before numbers as the report sets them."""
    return _MINUS.sub("−", _RANGE.sub("–", text))


def _masked(text: str) -> str:
    cut, at = [], 0
    for match in numbers_in(text):
        cut += [text[at : match.start()], "#"]
        at = match.end()
    return "".join([*cut, text[at:]])


def piece_of(runs: Iterable[tuple[str, str]], beside: Sequence[str] = (), where: str = "", form: str = "") -> Piece:
    """A piece from its texts, each with the id of its evidence or ""."""
    return _piece(tuple(runs), tuple(beside), where, form)


@lru_cache(maxsize=50_000)  # most pieces of a document are those of the report
def _piece(runs: tuple[tuple[str, str], ...], beside: tuple[str, ...], where: str, form: str) -> Piece:
    whole, marks = "", []
    for told, evidence in runs:
        text = _SPACED.sub("", told)
        if evidence:
            marks.append((len(whole), len(whole) + len(text), evidence[:TAG]))
        whole += text
    whole = _typeset(whole)
    numbers = []
    for match in numbers_in(whole):
        own = [name for first, last, name in marks if first <= match.start() < last]
        numbers.append(Number(plain_text(match.group()), own[0] if own else ""))
    # a mark without a number in it: a hidden one, or one that somebody has taken out
    bare = [Number(plain_text(whole[a:b]), name) for a, b, name in marks if not numbers_in(whole[a:b])]
    return Piece(
        plain_text(whole), (*numbers, *bare), tuple(plain_text(text) for text in beside), plain_text(where), form
    )


def pieces_of(document: Document) -> list[Piece]:
    """Everything that a report says in words, in order."""
    found = [piece_of([(document.title, "")]), piece_of([(document.source, "")])]
    for block in document.blocks:
        if isinstance(block, Heading):
            found.append(piece_of([(block.text, "")]))
        elif isinstance(block, Paragraph):
            found.append(piece_of(_told(block.runs)))
        elif isinstance(block, ExhibitBlock | WordTable):
            found += _exhibit(block, document.lang)
    return found


def _told(runs: Sequence[Run]) -> list[tuple[str, str]]:
    return [(run.text, run.evidence) for run in runs]


def _exhibit(block: ExhibitBlock | WordTable, lang: str) -> list[Piece]:
    caption = f"{name_of(block, lang)}. {block.heading}"
    notes = list(block.notes)
    if isinstance(block, WordTable) and notes:
        notes = [f"{loc.word('notes', lang)}: " + " ".join(loc.sentence(note) for note in notes)]
    found = [piece_of([(caption, "")])]
    if block.kind == "table":
        grid, cells = cells_of(block)
        stubs = [[(line.name, "")] for line in grid.lines]
        if isinstance(block, WordTable):
            stubs = [_told(row[0]) for row in block.rows]
        for stub, line, row in zip(stubs, grid.lines, cells, strict=True):
            found.append(piece_of(stub, where=caption))
            for column, cell in zip(grid.columns, row, strict=True):
                heads = [text for text in (column.spanner, column.head) if text]
                found.append(piece_of(_told(cell), [line.group, line.name, *heads], caption))
    return found + [piece_of([(note, "")]) for note in notes]
