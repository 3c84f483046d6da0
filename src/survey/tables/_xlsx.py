"""Exhibits as an Excel workbook: numbers as numbers, with every digit behind what is shown."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from survey.base.arguments import checked
from survey.base.files import writing
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.finding import Finding
from survey.tables._items import exhibits_of, language_of_items, listed
from survey.tables._xlsx_book import workbook
from survey.tables._xlsx_index import Entry, about, base_of, index_sheet, status_of
from survey.tables._xlsx_sheet import write_exhibit
from survey.words import locale as loc

__all__ = ["to_xlsx"]


@checked(ExportError)
def to_xlsx(exhibits: Exhibit | Finding | Sequence[Exhibit | Finding], path: str | os.PathLike[str]) -> Path:
    """Write exhibits into one workbook, a sheet each, with a chart or a picture beside the numbers.

    Several have a sheet of contents before them: titles that lead to the sheets, what each is, numbers of respondents,
    and what is not shown; findings stand there in their place. Charts are Excel's own where it has one of the kind:
    bars with intervals, stacked answers, lines over waves. Sheets print on A4, one page wide.

    Parameters
    ----------
    exhibits : Exhibit, Finding, or sequence of them
    path : str or path
        Ends in .xlsx.

    Returns
    -------
    Path
        What was written; the same bytes on every run. A number's cell is named by its evidence,
        "friendliness_waves.2.estimate": exhibit, row and column of its CSV.

    Raises
    ------
    ExportError
        If there are no exhibits, one is something else, or the name ends otherwise.
    """
    chosen = listed(exhibits, path, ".xlsx")
    shown, lang = exhibits_of(chosen), language_of_items(chosen)
    first = shown[0] if shown else None
    told = (first.title, first.alt, first.source) if first is not None else ("", "", "")
    inputs = [f for e in shown for f in e.estimates.codebook.files]
    with writing(path, inputs) as temporary, workbook(temporary, lang, *told) as book:
        if len(chosen) == 1 and first is not None:
            write_exhibit(book, first, f"{loc.word(first.kind, lang)} 1")
            return Path(path)
        index = index_sheet(book)
        entries, numbers = [], {"table": 0, "figure": 0}
        for item in chosen:
            if isinstance(item, Finding):
                entries.append(Entry(text=item.text(lang)))
                continue
            numbers[item.kind] += 1
            number = f"{loc.word(item.kind, lang)} {numbers[item.kind]}"
            sheet = write_exhibit(book, item, number, back=index.name)
            entries.append(Entry(number, item.title, about(item), base_of(item), status_of(item), sheet))
        index.write(entries, simulated=any(e.estimates.simulated for e in shown))
    return Path(path)
