"""A report before it is Word or HTML: headings, paragraphs and exhibits in order, each number with where it is from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from survey.base._archive import unwritable
from survey.exhibits._unwritable import writable
from survey.exhibits.exhibit import Exhibit
from survey.reports.evidence import Run, runs_of_cell
from survey.tables._grid import Grid, Line, grid_of
from survey.words import locale as loc

__all__ = [
    "Block",
    "Document",
    "ExhibitBlock",
    "Heading",
    "PageBreak",
    "Paragraph",
    "WordTable",
    "name_of",
    "plain",
]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: 1 for a part, 2 for a section, 3 for what is below; `key` is its name for links."""

    level: int
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text in runs; `kind` is "text", "finding", "item" (of a list), "note" or "lead"."""

    runs: tuple[Run, ...]
    kind: str = "text"

    @property
    def text(self) -> str:
        """What is read."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


@dataclass(frozen=True, slots=True)
class WordTable:
    """A table of words: what was asked, steps of a log, what is hidden. It has a number and a caption like exhibits.

    Parameters
    ----------
    key : str
        Its name for references and links.
    title : str
    heads : tuple of str
    rows : tuple of tuple of runs
        A tuple of runs a cell.
    groups : tuple of str
        Of each row, the heading that it stands under; "" for none.
    """

    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[tuple[Run, ...], ...], ...]
    groups: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    series: str = ""
    number: int = 0

    kind = "table"
    heading = property(lambda self: self.title)


@dataclass(frozen=True, slots=True)
class ExhibitBlock:
    """A figure or table of the study, or some lines of a table.

    Parameters
    ----------
    key : str
        Its name for references and links, once in a report.
    exhibit : Exhibit
        In the language of the report; `exhibit.name` is the first part of the evidence of its numbers.
    lines : tuple of int, optional
        Which lines of the table are shown; all when not given. Their evidence is that of the whole table.
    title : str
        In place of the exhibit's own.
    series : str
        "" for what the lists of tables and figures have; "A" for tables of an annex, which are counted by themselves.
    number : int
        "Bảng 3" is the third table; given by `Document.of`.
    """

    key: str
    exhibit: Exhibit
    lines: tuple[int, ...] | None = None
    title: str = ""
    series: str = ""
    number: int = 0

    @property
    def kind(self) -> str:
        """ "figure" or "table"."""
        return self.exhibit.kind

    @property
    def heading(self) -> str:
        """Its title."""
        return self.title or self.exhibit.title

    @property
    def ready(self) -> Exhibit:
        """The exhibit as documents can hold it."""
        return self.exhibit.once(_ready)

    @property
    def notes(self) -> tuple[str, ...]:
        """What stands below its title and below the numbers, a line each; every page says that data are simulated."""
        texts = self.exhibit.once(_notes)  # as `ready` has them, without its alternative text being written
        return self.ready.once(_notes) if unwritable(texts) else texts

    @property
    def grid(self) -> Grid:
        """The lines that are shown, as they are printed."""
        grid = self.exhibit.once(grid_of)
        if self.lines is None:
            return grid
        return replace(grid, lines=tuple(grid.lines[i] for i in self.lines))

    def cells(self, line: Line) -> list[tuple[Run, ...]]:
        """The cells of a line, with the evidence of each number."""
        hidden = self.exhibit.once(_hidden)
        places = line.at or (None,) * len(line.cells)
        return [
            runs_of_cell(text, self.exhibit.name, at, at is not None and hidden[at[0]])
            for text, at in zip(line.cells, places, strict=True)
        ]


Block = Heading | Paragraph | PageBreak | WordTable | ExhibitBlock


def _ready(exhibit: Exhibit) -> Exhibit:
    return writable(exhibit, exhibit.name)


def _notes(exhibit: Exhibit) -> tuple[str, ...]:
    mark = loc.sentence(loc.word("simulated", exhibit.lang))
    return tuple(text for text in (exhibit.subtitle.removesuffix(mark).strip(), *exhibit.footing) if text)


def _hidden(exhibit: Exhibit) -> tuple[bool, ...]:
    return tuple((exhibit.rows()["status"] == "suppressed").tolist())


@dataclass(frozen=True)
class Document:
    """A report in one language.

    Parameters
    ----------
    lang : str
    title : str
    simulated : bool
        Said on every page.
    source : str
        Who collected what and when.
    blocks : tuple
        In order, exhibits numbered.
    """

    lang: str
    title: str
    simulated: bool
    source: str
    blocks: tuple[Block, ...] = field(repr=False)

    @classmethod
    def of(cls, lang: str, title: str, simulated: bool, source: str, blocks: Iterable[Block]) -> Document:
        """The report with its figures and tables numbered in the order they stand in."""
        counts: Counter[tuple[str, str]] = Counter()
        numbered: list[Block] = []
        for block in blocks:
            if isinstance(block, ExhibitBlock | WordTable):
                counts[block.kind, block.series] += 1
                block = replace(block, number=counts[block.kind, block.series])
            numbered.append(block)
        return cls(lang, title, simulated, source, tuple(numbered))

    @property
    def exhibits(self) -> dict[str, Exhibit]:
        """Every exhibit by its name, once."""
        return {b.exhibit.name: b.exhibit for b in self.blocks if isinstance(b, ExhibitBlock)}

    @property
    def shown(self) -> tuple[ExhibitBlock | WordTable, ...]:
        """Its figures and tables in order."""
        return tuple(b for b in self.blocks if isinstance(b, ExhibitBlock | WordTable))

    @property
    def names(self) -> dict[str, str]:
        """What each figure and table is called in a reference, by its key: "Table 3"."""
        return {b.key: name_of(b, self.lang) for b in self.shown}


def name_of(block: ExhibitBlock | WordTable, lang: str) -> str:
    """ "Table 3", "Table A.3"."""
    series = f"{block.series}." if block.series else ""
    return f"{loc.word(block.kind, lang)} {series}{block.number}"


def plain(text: str, kind: str = "text") -> Paragraph:
    """A paragraph without numbers that have evidence."""
    return Paragraph((Run(text),), kind)
