"""Exhibits as an Excel workbook: numbers as numbers, with every digit behind what is shown."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from survey.base import catalogue
from survey.base._archive import EPOCH, property_text, without_dates
from survey.base.arguments import checked
from survey.base.files import writing
from survey.core.result import ResultData
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.picture import PICTURE_DPI, picture_of
from survey.tables._docx import listed
from survey.tables._grid import grid_of
from survey.tables._xlsx_layout import cell_text, write_grid
from survey.words import labels, quantities
from survey.words import locale as loc
from survey.words.beside import COLUMNS as BESIDE_COLUMNS
from survey.words.beside import OTHERS as OTHER_COLUMNS
from survey.words.ranks import COLUMNS as RANK_COLUMNS
from survey.words.ranks import ENDS as RANKED_ENDS
from survey.words.statuses import hidden_text

__all__ = ["to_xlsx"]

_NUMBERS = (
    *("estimate", "conf_low", "conf_high", "p_value", "p_adjusted", "p_departure"),
    *BESIDE_COLUMNS,
    *RANK_COLUMNS[:-1],
    *RANKED_ENDS,
    "n",
)
_BESIDE = ("dont_know", "refused")
"""Shares of everyone asked that stand beside shares of the answers."""


@checked(ExportError)
def to_xlsx(exhibits: Exhibit | Sequence[Exhibit], path: str | os.PathLike[str]) -> Path:
    """Write exhibits into one workbook, a sheet each; figures with their picture beside the numbers.

    Parameters
    ----------
    exhibits : Exhibit or sequence of Exhibit
    path : str or path
        Ends in .xlsx.

    Returns
    -------
    Path
        What was written; the same bytes on every run.

    Raises
    ------
    ExportError
        If there are no exhibits, or the name ends otherwise.
    """
    import xlsxwriter

    chosen = listed(exhibits, path, ".xlsx")
    with writing(path, [f for e in chosen for f in e.estimates.codebook.files]) as temporary:
        book = xlsxwriter.Workbook(str(temporary), {"nan_inf_to_errors": False})
        book.set_properties(
            {
                "title": property_text(chosen[0].title),
                "subject": property_text(chosen[0].alt),
                "comments": property_text(chosen[0].source),
                "author": "",
                "created": EPOCH,
            }
        )
        used: set[str] = set()
        for i, exhibit in enumerate(chosen, 1):
            _sheet(book, exhibit, _sheet_name(exhibit, i, used))
        book.close()
        without_dates(temporary, catalogue.text("language.tag", chosen[0].lang))
    return Path(path)


def _sheet_name(exhibit: Exhibit, i: int, used: set[str]) -> str:
    """At most 31 letters, none that Excel forbids, no two alike."""
    name = re.sub(r"[\[\]:*?/\\']", " ", exhibit.name)[:28].strip() or f"{loc.word(exhibit.kind, exhibit.lang)} {i}"
    if name.lower() in used:
        name = f"{name[:25]} {i}"
    used.add(name.lower())
    return name


def _sheet(book: Any, exhibit: Exhibit, name: str) -> None:
    sheet = book.add_worksheet(name)
    strong = book.add_format({"bold": True, "font_size": 13})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    small = book.add_format({"font_size": 9, "font_color": "#595959"})
    sheet.write_string(0, 0, cell_text(exhibit.title), strong)
    if exhibit.subtitle:
        sheet.write_string(1, 0, cell_text(exhibit.subtitle))
    grid = exhibit.once(grid_of) if exhibit.kind == "table" else None
    laid_out = grid is not None and grid.laid_out
    if grid is not None and laid_out:
        end = write_grid(book, sheet, grid, 3) + 1
    else:
        end = _rows(book, sheet, exhibit, head) + 1
    for text in _footing(exhibit):
        sheet.write_string(end, 0, cell_text(text), small)
        end += 1


def _footing(exhibit: Exhibit) -> list[str]:
    """What stands below the numbers, each note in a row: a cell shows one line of its text."""
    notes = [f"{loc.word('notes', exhibit.lang)}: {exhibit.notes[0]}", *exhibit.notes[1:]] if exhibit.notes else []
    return [text for text in (exhibit.unit, *notes, exhibit.source) if text]


def _rows(book: Any, sheet: Any, exhibit: Exhibit, head: Any) -> int:
    """The rows of the estimates, a column each for what tells them apart, their numbers and what to know of them."""
    e, shown = exhibit.estimates, exhibit.rows()
    names = [*labels.levels_of(e), *(["answer"] if "answer" in e.table.columns else [])]
    numbers = list(e.quantities) or [c for c in (*_NUMBERS, "std_error", *_BESIDE) if c in e.table.columns]
    for j, column in enumerate([*names, *numbers]):
        sheet.write_string(3, j, cell_text(_heading(column, exhibit)), head)
    marks, last = _marks(exhibit), len(names) + len(numbers) - 1
    if any(marks):
        last += 1
        sheet.write_string(3, last, catalogue.text("tables.marks", exhibit.lang), head)
        sheet.set_column(last, last, 36)
    formats = _formats(book, exhibit)
    measures = exhibit.measures if "estimate" in e.table.columns else [None] * len(shown)
    for i, ((_, row), measure) in enumerate(zip(shown.iterrows(), measures, strict=True)):
        for j, column in enumerate(names):
            sheet.write_string(4 + i, j, cell_text(str(row[column])))
        for j, column in enumerate(numbers, len(names)):
            if column == "n" and row["status"] == "suppressed":
                sheet.write_string(4 + i, j, "–" if row["detail"] == "complementary" else f"< {exhibit.thresholds[0]}")
            elif pd.notna(row[column]) and abs(float(row[column])) == float("inf"):  # an interval without ends
                sheet.write_string(4 + i, j, "∞" if row[column] > 0 else "−∞")
            elif pd.notna(row[column]):
                kind = _kind(e, column, row, measure)
                flagged = column == "n" and row["status"] == "flagged"
                sheet.write_number(4 + i, j, float(row[column]), formats["flagged" if flagged else kind])
        if marks[i]:
            sheet.write_string(4 + i, last, marks[i])
    sheet.set_column(0, max(len(names) - 1, 0), 32)
    sheet.set_column(len(names), len(names) + len(numbers) - 1, 13)
    sheet.freeze_panes(4, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if exhibit.kind == "figure":
        _picture(sheet, exhibit, last + 2)
    return 4 + len(shown)


def _marks(exhibit: Exhibit) -> list[str]:
    """What a reader must know of each row: few answers, unreliable, not shown, no data; "" of the others."""
    lang, low, rows = exhibit.lang, exhibit.thresholds[0], exhibit.rows()

    def told(status: str, detail: str) -> str:
        if status == "suppressed":
            return hidden_text(detail, lang, low, short=False)
        found = [f"* {loc.word('caution', lang)}"] if status == "flagged" else []
        found += [loc.word("unreliable_note", lang)] if detail == "unreliable" else []
        return "; ".join(found) or (loc.word("empty", lang) if status == "empty" else "")

    return [told(status, detail) for status, detail in zip(rows["status"], rows["detail"], strict=True)]


def _kind(e: ResultData, column: str, row: pd.Series, measure: labels.Measure | None) -> Any:
    """Which of the number formats a cell gets."""
    held = e.quantities.get(column, "")
    if column in _BESIDE:
        return "share"
    if held in ("share", "points"):
        return "share" if row.get("unit", "share") == "share" else "number"
    if column == "n" or held == "count":
        return "n"
    if column.startswith("p_"):
        return "p"
    if column in OTHER_COLUMNS:
        return "number"
    if e.kind.ranks and e.origin is not None and column in ("value", *RANKED_ENDS):
        return "share" if labels.measures(e.origin)[0].kind == "share" else "number"
    if measure is None or (held and not held.startswith("item")):
        return "number"
    return "share" if measure.kind == "share" else measure


def _heading(column: str, exhibit: Exhibit) -> str:
    lang, e = exhibit.lang, exhibit.estimates
    if column in e.quantities and column != "n":
        return quantities.head(e, column, lang)
    level = loc.level_word(e.level, lang)
    words = {
        "estimate": loc.word(e.kind.column, lang),
        "conf_low": loc.word("ci_low", lang, level=level),
        "conf_high": loc.word("ci_high", lang, level=level),
        "n": "n",
    }
    if column in words:
        return words[column]
    return labels.level_head(e, column, lang)


def _formats(book: Any, exhibit: Exhibit) -> dict[Any, Any]:
    """Number formats: Excel writes the decimal mark of its own language."""
    e, digits = exhibit.estimates, exhibit.options.get("digits")

    def pattern(decimals: int) -> str:
        return "#,##0" + ("." + "0" * decimals if decimals else "")

    known = exhibit.measures if "estimate" in e.table.columns else []
    made: dict[Any, str] = {m: pattern(m.digits if digits is None else digits) for m in known}
    made |= {
        "n": "#,##0",
        "flagged": '#,##0"*"',
        "number": pattern(2 if digits is None else digits),
        "p": "0.000",
        "share": pattern(1 if digits is None else digits) + "%",
    }
    return {name: book.add_format({"num_format": text}) for name, text in made.items()}


def _picture(sheet: Any, exhibit: Exhibit, column: int) -> None:
    picture = io.BytesIO(picture_of(exhibit).png("bare", PICTURE_DPI))
    sheet.insert_image(
        3,
        column,
        f"{exhibit.name or 'figure'}.png",
        {"image_data": picture, "description": exhibit.alt, "object_position": 2},
    )
