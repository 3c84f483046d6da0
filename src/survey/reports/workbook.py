"""A report as an Excel workbook: contents, the text, a sheet for every figure and table, numbers as numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from survey.base import catalogue
from survey.exhibits.exhibit import Exhibit
from survey.reports.document import Document, ExhibitBlock, Heading, Paragraph, WordTable, name_of
from survey.reports.evidence import Run
from survey.reports.material import records
from survey.tables._xlsx_book import Book, cell_text, workbook
from survey.tables._xlsx_index import Entry, Index, about, base_of, index_sheet, status_of
from survey.tables._xlsx_page import HEAD_ROW, Page
from survey.tables._xlsx_sheet import write_exhibit
from survey.words import locale as loc
from survey.words.statuses import mark

__all__ = ["to_workbook"]


def to_workbook(
    document: Document,
    path: Path,
    tables: Mapping[str, Exhibit],
    step: Callable[[str], None] = lambda name: None,
) -> None:
    """Write a report to a workbook; the same bytes on every run.

    Parameters
    ----------
    document : Document
    path : Path
    tables : mapping of str to Exhibit
        Every result of the report by its name: what evidence points to.
    step : callable (str)
        Called after each block.
    """
    told = catalogue.text("report.simulated_line", document.lang) if document.simulated else ""
    with workbook(path, document.lang, document.title, told, document.source) as book:
        index = index_sheet(book)
        text = _Text(book, document, index)
        entries: list[Entry] = [Entry(text.page.name, document.title, sheet=text.page.name)]
        made: dict[str, str] = {}
        for block in document.blocks:
            if isinstance(block, Heading):
                if block.level == 1:
                    entries.append(Entry(heading=block.text))
                text.heading(block)
            elif isinstance(block, Paragraph):
                text.paragraph(block)
            elif isinstance(block, ExhibitBlock | WordTable):
                entries.append(_entry(book, block, document, made, index, tables))
            step(document.lang)
        text.close()
        told = ". ".join(filter(None, (document.source.rstrip("."), told)))
        index.write(_without_empty(entries), document.title, told, simulated=document.simulated)


def _without_empty(entries: Sequence[Entry]) -> list[Entry]:
    """The contents without headings that nothing stands under."""
    after = [*entries[1:], Entry(heading="end")]
    return [entry for entry, following in zip(entries, after, strict=True) if not (entry.heading and following.heading)]


def _entry(
    book: Book,
    block: ExhibitBlock | WordTable,
    document: Document,
    made: dict[str, str],
    index: Index,
    tables: Mapping[str, Exhibit],
) -> Entry:
    """The line of a figure or table in the contents; its sheet, where the same result has none yet."""
    number = name_of(block, document.lang)
    if isinstance(block, WordTable):
        sheet = _words(book, block, number, document, index, tables)
        return Entry(number, block.title, sheet=sheet)
    exhibit = block.ready
    key = f"{exhibit.name}"  # a figure and a table of one result have the same numbers
    if key not in made:
        made[key] = write_exhibit(book, exhibit, number, f"{number}. {exhibit.title}", index.name)
    told = about(exhibit)
    return Entry(number, block.heading, told, base_of(exhibit), status_of(exhibit), made[key])


class _Text:
    """The sheet of what the report says, a paragraph a row, with where its numbers are from."""

    def __init__(self, book: Book, document: Document, index: Index) -> None:
        self.book, self.document, self.index = book, document, index
        sheet, name = book.sheet(catalogue.text("workbook.text", book.lang), "Text")
        self.page, self.at, self.section = Page(book, sheet, name), HEAD_ROW + 1, ""
        for j, width in enumerate((30, 100, 40)):
            self.page.column(j, j, width)

    def heading(self, heading: Heading) -> None:
        """What follows stands in this section."""
        self.section = heading.text

    def paragraph(self, block: Paragraph) -> None:
        """A paragraph in a row."""
        wrapped = self.book.style(text_wrap=True, valign="top")
        small = self.book.style(text_wrap=True, valign="top", font_size=8, font_color="#595959")
        evidence = "; ".join(dict.fromkeys(run.evidence for run in block.runs if run.evidence))
        for j, (text, style) in enumerate(((self.section, wrapped), (block.text, wrapped), (evidence, small))):
            self.page.sheet.write_string(self.at, j, cell_text(text), style)
        self.page.row(self.at, [(0, 0, self.section), (1, 1, block.text), (2, 2, evidence)])
        self.at += 1

    def close(self) -> None:
        """Headings, and how the sheet prints."""
        page, sheet = self.page, self.page.sheet
        page.head(page.name, "", 2, self.index.name)
        head = self.book.style(bold=True, bottom=1, text_wrap=True, valign="top")
        heads = [catalogue.text(f"workbook.{key}", self.book.lang) for key in ("section", "text", "evidence")]
        for j, text in enumerate(heads):
            sheet.write_string(HEAD_ROW, j, text, head)
        page.row(HEAD_ROW, [(j, j, text) for j, text in enumerate(heads)], bold=True)
        sheet.freeze_panes(HEAD_ROW + 1, 0)
        page.print_setup(self.at - 1, 2, (HEAD_ROW, HEAD_ROW), simulated=self.document.simulated)


def _words(
    book: Book, block: WordTable, number: str, document: Document, index: Index, tables: Mapping[str, Exhibit]
) -> str:
    """The sheet of a table of words; a cell that is one estimate holds its number, its interval stands beside it."""
    sheet, name = book.sheet(block.key.removeprefix("tab-"), number)
    page = Page(book, sheet, name)
    grouped = any(block.groups)
    cells = [((Run(group),), *row) if grouped else row for group, row in _grouped(block)]
    heads = [*([catalogue.text("workbook.section", book.lang)] if grouped else []), *block.heads]
    numbers = [[_number(cell, tables) for cell in row] for row in cells]
    for j in range(1, len(heads)):
        counts = _counts([row[j] for row in cells], book.lang)
        for held, count in zip(numbers, counts, strict=False):  # none where it is no column of counts
            held[j] = [(count, "#,##0")]
    interval = tuple(catalogue.text(f"workbook.{key}", book.lang) for key in ("low", "high"))
    wide = [any(row[j] is not None and len(row[j] or ()) > 2 for row in numbers) for j in range(len(heads))]
    at, places = 0, []
    for one in wide:
        places.append(at)
        at += 3 if one else 1
    last = at - 1
    texts: list[tuple[int, int, str]] = []
    sides: dict[int, bool] = {}
    for j, text in enumerate(heads):
        column = ["".join(run.text for run in row[j]) for row in cells]
        longest = max(map(len, [*column, text]), default=8)
        page.column(places[j], places[j], min(max(11, 1.15 * longest + 2), 60 if longest > 120 else 38))
        texts.append((places[j], places[j], text))
        words = all(row[j] is None for row in numbers)
        sides |= dict.fromkeys(range(places[j], places[j] + 3 if wide[j] else places[j] + 1), words)
        if wide[j]:
            page.column(places[j], places[j] + 2, 12)
            texts += [(places[j] + k, places[j] + k, t) for k, t in enumerate(interval, 1)]
    for _, j, text in texts:
        side = {"align": "left", "indent": int(j > 0)} if sides[j] else {"align": "right"}
        head = book.style(bold=True, bottom=1, text_wrap=True, valign="bottom", **side)
        sheet.write_string(HEAD_ROW, j, cell_text(text), head)
    page.row(HEAD_ROW, [(a, b, f"{text} ..") for a, b, text in texts], bold=True)
    hidden = book.style(valign="top", align="right")
    wrapped = [book.style(text_wrap=True, valign="top", align="left", indent=k) for k in (0, 1)]
    for i, row in enumerate(cells, HEAD_ROW + 1):
        told = []
        for j, cell in enumerate(row):
            found, text = numbers[i - HEAD_ROW - 1][j], "".join(run.text for run in cell)
            if found is None:
                look = wrapped[places[j] > 0] if sides[places[j]] else hidden
                sheet.write_string(i, places[j], cell_text(text), look)
                told.append((places[j], places[j], text))
                continue
            for k, (value, pattern) in enumerate(found):
                sheet.write_number(i, places[j] + k, value, book.style(num_format=pattern, valign="top"))
        page.row(i, told)
    end = HEAD_ROW + len(cells)
    sheet.freeze_panes(HEAD_ROW + 1, 1)
    sheet.autofilter(HEAD_ROW, 0, end, last)
    page.head(f"{number}. {block.title}", "", last, index.name)
    lead = f"{loc.word('notes', book.lang)}: "
    in_brackets, limits = (catalogue.text(key, book.lang) for key in ("report.in_brackets", "workbook.limits"))
    foot = [limits if note == in_brackets else note for note in block.notes if any(wide) or note != in_brackets]
    notes = [lead + " ".join(map(loc.sentence, foot))] if foot else []
    below = page.foot(end + 1, last, notes) - 1
    page.print_setup(below, last, (HEAD_ROW, HEAD_ROW), simulated=document.simulated)
    return name


def _grouped(block: WordTable) -> list[tuple[str, tuple[tuple[Run, ...], ...]]]:
    groups = block.groups or ("",) * len(block.rows)
    return list(zip(groups, block.rows, strict=True))


_COUNT = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3}){0,4}")
"""What can be a count: a hash of many digits is none."""


def _counts(column: Sequence[Sequence[Run]], lang: str) -> list[float]:
    """The numbers of a column of counts, as of the rows that steps of a log left; none of any other column."""
    told = ["".join(run.text for run in cell) for cell in column]
    if any(run.evidence for cell in column for run in cell) or not all(map(_COUNT.fullmatch, told)):
        return []
    counts = [float("".join(filter(str.isdecimal, text))) for text in told]
    return counts if [loc.count(n, lang) for n in counts] == told else []


def _number(cell: Sequence[Run], tables: Mapping[str, Exhibit]) -> list[tuple[float, str]] | None:
    """The numbers of a cell that is one estimate, with or without its interval; None of words and what is hidden."""
    found = [run.evidence.rsplit(".", 2) for run in cell if run.evidence]
    columns = [column for _, _, column in found]
    if columns not in (["estimate"], ["n"], ["estimate", "conf_low", "conf_high"]):
        return None
    name, row, _ = found[0]
    exhibit = tables[name]
    line = exhibit.once(records)[int(row) - 1]
    values = [float(line[column]) for column in columns]
    if line["status"] == "suppressed" or not np.isfinite(values).all():
        return None
    if columns == ["n"]:
        marks = mark(str(line["status"]), str(line["detail"]))
        return [(values[0], f'#,##0"{marks}"' if marks else "#,##0")]
    measure = exhibit.measures[int(row) - 1]
    pattern = measure.pattern(exhibit.options.get("digits"))
    return [(measure.book_factor * value, pattern) for value in values]
