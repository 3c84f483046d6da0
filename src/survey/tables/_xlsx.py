"""Exhibits as an Excel workbook: numbers as numbers, with every digit behind what is shown."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from survey.base._archive import EPOCH, property_text
from survey.base.arguments import checked
from survey.base.files import writing
from survey.core.result import ResultData
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.picture import PICTURE_DPI, picture_of
from survey.tables._docx import listed
from survey.words import labels, quantities
from survey.words import locale as loc
from survey.words.ranks import COLUMNS as RANK_COLUMNS

__all__ = ["to_xlsx"]

_NUMBERS = ("estimate", "conf_low", "conf_high", "p_value", "p_adjusted", "p_departure", *RANK_COLUMNS[:-1], "n")
_LONGEST_CELL = 32_767  # letters, of which one beyond the basic plane counts as two


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
    return Path(path)


def _sheet_name(exhibit: Exhibit, i: int, used: set[str]) -> str:
    """At most 31 letters, none that Excel forbids, no two alike."""
    name = re.sub(r"[\[\]:*?/\\']", " ", exhibit.name)[:28].strip() or f"{loc.word(exhibit.kind, exhibit.lang)} {i}"
    if name.lower() in used:
        name = f"{name[:25]} {i}"
    used.add(name.lower())
    return name


def _cell(text: str) -> str:
    """As much of a text as a cell of Excel holds; a longer one would be left out whole."""
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"


def _sheet(book: Any, exhibit: Exhibit, name: str) -> None:
    e, shown = exhibit.estimates, exhibit.rows()
    sheet = book.add_worksheet(name)
    strong = book.add_format({"bold": True, "font_size": 13})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    small = book.add_format({"font_size": 9, "font_color": "#595959"})
    sheet.write_string(0, 0, _cell(exhibit.title), strong)
    if exhibit.subtitle:
        sheet.write_string(1, 0, _cell(exhibit.subtitle))
    names = [*labels.levels_of(e), *(["answer"] if "answer" in e.table.columns else [])]
    numbers = list(e.quantities) or [c for c in _NUMBERS if c in e.table.columns]
    for j, column in enumerate([*names, *numbers]):
        sheet.write_string(3, j, _cell(_heading(column, exhibit)), head)
    formats = _formats(book, exhibit)
    measures = exhibit.measures if "estimate" in e.table.columns else [None] * len(shown)
    for i, ((_, row), measure) in enumerate(zip(shown.iterrows(), measures, strict=True)):
        for j, column in enumerate(names):
            sheet.write_string(4 + i, j, _cell(str(row[column])))
        for j, column in enumerate(numbers, len(names)):
            if column == "n" and row["status"] == "suppressed":
                sheet.write_string(4 + i, j, f"< {exhibit.thresholds[0]}")
            elif pd.notna(row[column]):
                kind = _kind(e, column, row, measure)
                sheet.write_number(4 + i, j, float(row[column]), formats[kind])
    end = 5 + len(shown)
    for text in exhibit.footing:
        sheet.write_string(end, 0, _cell(text), small)
        end += 1
    sheet.set_column(0, max(len(names) - 1, 0), 32)
    sheet.set_column(len(names), len(names) + len(numbers), 13)
    sheet.freeze_panes(4, 0)
    if exhibit.kind == "figure":
        _picture(sheet, exhibit, len(names) + len(numbers) + 1)


def _kind(e: ResultData, column: str, row: pd.Series, measure: labels.Measure | None) -> Any:
    """Which of the number formats a cell gets."""
    held = e.quantities.get(column, "")
    if held in ("share", "points"):
        return "share" if row.get("unit", "share") == "share" else "number"
    if column == "n" or held == "count":
        return "n"
    if column.startswith("p_"):
        return "p"
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
