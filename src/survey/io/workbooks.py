"""Workbooks of Excel and LibreOffice, by python-calamine."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey.base.catalogue import Note, listed
from survey.base.encodings import legacy_name
from survey.base.vietnamese import from_legacy
from survey.codebook import ENGLISH_FIRST, Codebook, Text, Variable, same_text
from survey.errors import ReadError, shorten
from survey.io._cells import cell_text, workbook_cells
from survey.io._codebook_sheet import with_codebook_sheets
from survey.io._head import head_of, titles
from survey.io._raw import Options, Raw, column_names, normalised
from survey.io._sheets import Sheet, cell_name, chosen, named
from survey.io._stacking import agreed, stacked
from survey.io._values import Written, settled, truths_as_codes, wants_text, written_in
from survey.io.csvfiles import plain_codebook

__all__ = ["read_workbook"]

ALL = "*"
_MOST_UNNAMED = 1000  # columns
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DIGITS = 1e15  # Excel keeps 15 digits
_LAST_DAY = 2_958_466  # of the year 9999, and one
_ORIGIN, _ORIGIN_1904 = dt.datetime(1899, 12, 30), dt.datetime(1904, 1, 1)


def read_workbook(path: Path, options: Options) -> Raw:
    """Read one sheet of .xlsx, .xlsm, .xlsb, .xls or .ods, or several below each other.

    Numbers, dates and texts are what the cells are; numbers among text are written as text. Times of day and
    durations become seconds. A declared date that is a number is one of Excel's days.

    Raises
    ------
    ReadError
        If the workbook is cut short or protected, the sheet is not named and cannot be told, is empty, holds
        formulas without stored values, or sheets that are to be stacked differ in their columns.
    """
    sheets = workbook_cells(path)
    notes: list[str] = []
    if isinstance(options.sheet, tuple) or options.sheet == ALL:
        wanted = list(sheets) if options.sheet == ALL else [named(sheets, s, path) for s in options.sheet]
        return _several([n for n in wanted if sheets[n].rows or options.sheet != ALL], sheets, path, options)
    if options.sheet is None:
        name, notes = chosen(sheets, options.codebook, path)
    else:
        name = named(sheets, options.sheet, path)
    raw = _one(sheets[name], list(sheets), path, options)
    if options.codebook is None:
        raw = with_codebook_sheets(raw, name, sheets)
    return replace(raw, notes=(*notes, *raw.notes))


def _several(names: list[str], sheets: dict[str, Sheet], path: Path, options: Options) -> Raw:
    """Sheets below each other, with the column `sheet`, and `year` where each name holds one of its own."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if not names or twice:
        raise ReadError(
            "There is no sheet to read." if not names else "A sheet is listed twice.",
            where=path,
            got=shorten(twice) or None,
            expected=f"some of {shorten(sheets, 20)}",
        )
    raws = [_one(sheets[name], list(sheets), path, options) for name in names]
    if options.codebook is None:
        others = {n: sheet for n, sheet in sheets.items() if n not in names}
        raws = [with_codebook_sheets(raw, name, others) for raw, name in zip(raws, names, strict=True)]
    places = [f"{path}, sheet {name}" for name in names]
    raws, lacking = _completed(raws, names, path)
    data, _ = stacked(raws, places)
    if "sheet" in data.columns:
        raise ReadError("A column named `sheet` already exists.", where=path, fix="read the sheets one by one")
    lengths = [len(raw.data) for raw in raws]
    data.insert(0, "sheet", pd.Series([n for n, k in zip(names, lengths, strict=True) for _ in range(k)], dtype="str"))
    added = [Variable("sheet", "nominal", labels=MappingProxyType({n: _both(n) for n in names}), role="frame")]
    notes = [*(note for raw in raws for note in raw.notes), *lacking]
    years = [_YEAR.findall(name) for name in names]
    if all(len(y) == 1 for y in years) and "year" not in data.columns:
        data.insert(1, "year", [int(y[0]) for y, k in zip(years, lengths, strict=True) for _ in range(k)])
        added.append(Variable("year", role="frame"))
        notes.append(Note("reading.year_column"))
    book = agreed(raws, places)
    variables = {v.name: v for v in (*added, *book.variables.values())}
    return Raw(data, replace(book, variables=MappingProxyType(variables)), {}, tuple(dict.fromkeys(notes)))


def _completed(raws: list[Raw], names: list[str], path: Path) -> tuple[list[Raw], list[str]]:
    """The sheets with the columns of all, empty where a sheet lacks one; an error if two share less than half."""
    every = list(dict.fromkeys(c for raw in raws for c in raw.data.columns))
    done: list[Raw] = []
    notes: list[str] = []
    for raw, name in zip(raws, names, strict=True):
        lacking = [c for c in every if c not in raw.data.columns]
        if 2 * len(lacking) > len(every):
            raise ReadError(
                "The sheets have different columns.",
                where=f"{path}, sheet {name}",
                got=f"it lacks {shorten(lacking)}",
                expected="sheets that share most of their columns",
                fix="name those that belong together: sheet=[...]",
            )
        if lacking:
            notes.append(Note("reading.sheet_lacks", sheet=name, columns=listed(lacking, 8)))
        data = raw.data.reindex(columns=every)
        book = raw.codebook.update(*(other.codebook[c] for other in raws for c in lacking if c in other.codebook))
        done.append(replace(raw, data=data, codebook=book))
    return done, notes


def _one(sheet: Sheet, names: list[str], path: Path, options: Options) -> Raw:
    where = f"{path}, sheet {sheet.name!r}"
    if not sheet.rows:
        raise ReadError("The sheet is empty.", where=where, fix=f"other sheets: {shorten(names)}")
    legacy = legacy_name(options.encoding)
    if legacy is not None:
        read: list[Sequence[Any]] = [
            [from_legacy(c, legacy) if isinstance(c, str) else c for c in row] for row in sheet.rows
        ]
        sheet = replace(sheet, rows=read)
    head = head_of(sheet.rows, sheet.merged, options.header, where, sheet.skipped)
    depth, notes = head.end, list(head.notes)
    if sheet.skipped:
        notes.append(Note("reading.empty_rows", sheet=sheet.name, rows=sheet.skipped))
    hidden = sheet.inside
    if hidden.formulas:
        raise ReadError(
            "The sheet contains formulas without stored values.",
            where=where,
            got=f"cells {shorten(hidden.formulas)}",
            expected="cells with values",
            fix="open the workbook in Excel or LibreOffice and save it again",
        )
    if hidden.errors:
        notes.append(Note("reading.excel_errors", sheet=sheet.name, cells=listed(hidden.errors, 8)))
    notes += _merged_below(sheet, depth)
    named_, texts = titles(sheet.rows, head, sheet.merged)
    _refuse_far(named_, sheet, where)
    columns_ = column_names(named_, path, notes)
    variables = options.codebook.variables if options.codebook else {}
    written = written_in(options.locale)
    columns, units = {}, {}
    for i, title in enumerate(columns_):
        cells = [row[i] for row in sheet.rows[depth:]]
        columns[title], units[title] = _column(cells, title, variables.get(title), written, hidden.since_1904, notes)
    data = pd.DataFrame(columns, index=pd.RangeIndex(len(sheet.rows) - depth))
    book = plain_codebook(data, str(path), units)
    return Raw(data, _worded(book, columns_, texts), {}, tuple(notes))


def _refuse_far(names: Sequence[str], sheet: Sheet, where: str) -> None:
    """An error for a sheet that is wide because of a cell far to the right, or one repeated to the end of its row."""
    unnamed = sum(not name.strip() for name in names)
    if unnamed <= _MOST_UNNAMED or 2 * unnamed <= len(names):
        return
    row = next(i for i, cells in enumerate(sheet.rows) if cells[-1] != "")
    raise ReadError(
        "Most columns of the sheet have no name: a cell is far away from the others.",
        where=where,
        got=f"{unnamed:,} columns without a name, up to cell {cell_name(row + sheet.skipped, len(names) - 1)}",
        expected="columns with a name in the first row",
        fix="delete the columns after the last answer (Ctrl+End shows where the sheet ends) and save it again",
    )


def _merged_below(sheet: Sheet, depth: int) -> list[str]:
    """A note on merged cells among the answers: only the first of them holds the value."""
    ranges = [
        f"{cell_name(a + sheet.skipped, b)}:{cell_name(c + sheet.skipped, d)}"
        for (a, b), (c, d) in sheet.merged
        if c >= depth and (a, b) != (c, d)
    ]
    if not ranges:
        return []
    return [Note("reading.merged", sheet=sheet.name, cells=listed(ranges, 8))]


def _both(text: str) -> Text:
    return same_text(text, ENGLISH_FIRST)


def _worded(book: Codebook, names: Sequence[str], texts: Sequence[Text]) -> Codebook:
    return book.update(*(replace(book[n], text=text) for n, text in zip(names, texts, strict=False)))


def _column(
    cells: list[Any], name: str, variable: Variable | None, written: Written, since_1904: bool, notes: list[str]
) -> tuple[pd.Series, str]:
    """Cells of one column, and their unit: numbers, dates, seconds, or text; numbers among text are written as text."""
    given = [c for c in cells if c != ""]
    if not given:
        return pd.Series([float("nan")] * len(cells)), ""
    if variable is not None and any(isinstance(c, bool) for c in given):
        words = truths_as_codes([*variable.codes, *variable.missing])
        cells = [words.get(c, c) if isinstance(c, bool) else c for c in cells]
        given = [c for c in cells if c != ""]
    if all(isinstance(c, bool) for c in given):
        return pd.Series([None if c == "" else float(c) for c in cells], dtype=float), ""
    numbers = all(isinstance(c, int | float) and not isinstance(c, bool) for c in given)
    if numbers and variable is not None and variable.type == "date":
        days = _days(cells, since_1904)
        if days is not None:
            notes.append(Note("reading.excel_days", column=name, year="1904" if since_1904 else "1900"))
            return days, ""
    if numbers:
        _tell_lost_digits(given, name, notes)
    else:
        cells = _without_wild_days(cells, name, () if variable is None else tuple(variable.missing), notes)
        given = [c for c in cells if c != ""]
    if numbers and not (variable is not None and wants_text(variable) and (variable.type != "id")):
        column = pd.Series([None if c == "" else c for c in cells], dtype=float)
        whole = len(given) == len(cells) and (column % 1 == 0).all() and (column.abs() < 2**53).all()
        return (column.astype("int64") if whole else column), ""
    if all(isinstance(c, dt.time | dt.timedelta) for c in given):
        return pd.Series([None if c == "" else _seconds(c) for c in cells], dtype=float), "seconds"
    if all(isinstance(c, dt.date | dt.datetime) for c in given):
        return pd.to_datetime(pd.Series([None if c == "" else c for c in cells])), ""
    texts = pd.Series([None if c == "" else cell_text(c) for c in cells], dtype="str", name=name)
    texts = normalised(texts)
    plain = variable is None and not written.order
    return (texts if plain else settled(texts, variable, written, notes)), ""


def _tell_lost_digits(given: Sequence[float], name: str, notes: list[str]) -> None:
    """A note on whole numbers of more digits than a cell of numbers keeps: ids that differ in the last are one."""
    long = sum(c >= _DIGITS for c in given)
    if 2 * long > len(given) and all(c > 0 and float(c).is_integer() for c in given):
        notes.append(Note("reading.digits_lost", column=name, n=long))


def _without_wild_days(cells: list[Any], name: str, codes: Sequence[Any], notes: list[str]) -> list[Any]:
    """A column of dates with days after the year 9999: these are left empty, and named; codes stay."""
    wild = [i for i, c in enumerate(cells) if isinstance(c, int | float) and not isinstance(c, bool)]
    dates = sum(isinstance(c, dt.date) for c in cells)
    given = sum(c != "" for c in cells)
    if (
        not wild
        or len(wild) + dates < given
        or 2 * len(wild) > given
        or any(cells[i] < _LAST_DAY or cells[i] in codes for i in wild)
    ):
        return cells
    rows = listed([str(i) for i in wild], 5)
    notes.append(Note("reading.wild_dates", column=name, n=len(wild), rows=rows))
    return ["" if i in set(wild) else c for i, c in enumerate(cells)]


def _days(cells: list[Any], since_1904: bool) -> pd.Series | None:
    """Excel's days as dates; None if one is outside March 1900 to 9999: earlier days are off by Excel's leap year."""
    origin, low = (_ORIGIN_1904, 0) if since_1904 else (_ORIGIN, 61)
    if not all(c == "" or low <= c < _LAST_DAY for c in cells):
        return None
    moments = [None if c == "" else origin + dt.timedelta(seconds=round(c * 86_400)) for c in cells]
    return pd.Series(pd.to_datetime(pd.Series(moments)))


def _seconds(cell: dt.time | dt.timedelta) -> float:
    if isinstance(cell, dt.timedelta):
        return cell.total_seconds()
    return cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6
