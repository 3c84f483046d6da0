"""A printed table whose cells know their numbers: of a result whose answers or groups stand side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survey.base import catalogue
from survey.exhibits.exhibit import Exhibit
from survey.figures._heat import heat_of
from survey.figures._heat_cells import Cell
from survey.tables._cells import SHARE, interval_heads
from survey.tables._grid import Column, Grid, Line, grid_of, stub_head
from survey.words import locale as loc
from survey.words.beside import COLUMNS as BESIDE_COLUMNS
from survey.words.ranks import COLUMNS as RANK_COLUMNS
from survey.words.statuses import hidden_text

__all__ = ["marks_of", "numbered", "shaded"]

_LONG = 24
"""Rows of a result that a sheet lists one by one, whatever stands side by side on paper."""
_KNOWN = ("estimate", "n", "dont_know", "refused")
_OTHERS = ("p_value", "p_adjusted", "p_departure")


def numbered(exhibit: Exhibit) -> Grid | None:
    """The printed table with the number of each cell, and the status of each row in a last column.

    None where the result is short, is printed a row each as well, or has numbers that such a table leaves out.
    """
    rows = exhibit.rows()
    if shaded(exhibit):
        return _with_numbers(exhibit, _crossed(exhibit))
    if exhibit.form.grid is not None or exhibit.estimates.quantities or len(rows) <= _LONG:
        return None
    grid = exhibit.once(grid_of)
    places = [at for line in grid.lines for at in line.at]
    further = [*_OTHERS, *BESIDE_COLUMNS, *RANK_COLUMNS]
    if 2 * len(grid.lines) > len(rows) or any(column in rows.columns for column in further):
        return None
    if not all(at is None or at[1][0] in _KNOWN for at in places):
        return None
    return _with_numbers(exhibit, grid)


def shaded(exhibit: Exhibit) -> bool:
    """Whether a shaded table is so long that a sheet has it as it is drawn, in cells with colours."""
    return exhibit.form.name == "heat" and len(exhibit.rows()) > _LONG


def _crossed(exhibit: Exhibit) -> Grid:
    """A shaded table as it is drawn: its estimates alone."""
    heat = exhibit.once(heat_of)
    columns = tuple(Column(", ".join(x for x in (h, u) if x)) for h, u in zip(heat.heads, heat.units, strict=True))
    lines = []
    for i, key in enumerate(heat.keys):
        cells = [heat.cells.get((i, j)) for j in range(len(columns))]
        texts = tuple("" if cell is None else _text(exhibit, cell) for cell in cells)
        at = tuple(None if cell is None else (cell.row, ("estimate",)) for cell in cells)
        lines.append(Line("", ", ".join(key), texts, at=at))
    return Grid(stub_head(exhibit, list(heat.down)), columns, tuple(lines))


def _text(exhibit: Exhibit, cell: Cell) -> str:
    if cell.status == "suppressed":
        return hidden_text(cell.detail, exhibit.lang, exhibit.thresholds[0])
    return cell.measure.value(cell.value / cell.measure.factor, exhibit.lang, exhibit.options.get("digits"))


def _with_numbers(exhibit: Exhibit, grid: Grid) -> Grid:
    lines = tuple(_numbers(exhibit, line) for line in grid.lines)
    ends = interval_heads(exhibit.estimates.level, exhibit.lang)
    beside = [Column(catalogue.text("workbook.status", exhibit.lang), words=True)]
    if any(exhibit.once(marks_of)):
        beside.append(Column(catalogue.text("tables.marks", exhibit.lang), words=True))
    return replace(grid, columns=(*grid.columns, *beside), lines=lines, interval=ends)


def _numbers(exhibit: Exhibit, line: Line) -> Line:
    rows, digits = exhibit.rows(), exhibit.options.get("digits")
    numbers: list[tuple[float, str] | None] = []
    ends: list[tuple[float, float] | None] = []
    told: list[str] = []
    marks = exhibit.once(marks_of)
    for at in line.at:
        number, interval = None, None
        if at is not None:
            row = rows.iloc[at[0]]
            value, status = float(row[at[1][0]]), str(row["status"])
            told.append(status)
            if status != "suppressed" and np.isfinite(value):
                times = exhibit.measures[at[0]].book_factor if at[1][0] == "estimate" else 1.0
                number = (times * value, _format(exhibit, at[0], at[1][0], status, digits))
                low, high = (times * float(row.get(end, np.nan)) for end in ("conf_low", "conf_high"))
                if len(at[1]) > 1 and np.isfinite([low, high]).all():
                    interval = (low, high)
        numbers.append(number)
        ends.append(interval)
    further = [_status(told, exhibit.lang)]
    if any(marks):
        further.append("; ".join(dict.fromkeys(marks[at[0]] for at in line.at if at is not None and marks[at[0]])))
    none = (None,) * len(further)
    return replace(
        line, cells=(*line.cells, *further), numbers=(*numbers, *none), ends=(*ends, *none), at=(*line.at, *none)
    )


def _format(exhibit: Exhibit, row: int, column: str, status: str, digits: int | None) -> str:
    if column == "n":
        return '#,##0"*"' if status == "flagged" else "#,##0"
    alone = '"*"' if status == "flagged" and shaded(exhibit) else ""  # no number of answers beside it has the mark
    return (exhibit.measures[row] if column == "estimate" else SHARE).pattern(digits) + alone


def _status(found: list[str], lang: str) -> str:
    """What all cells of a row have in common; otherwise how many are what."""
    counts = {status: found.count(status) for status in ("shown", "flagged", "suppressed", "empty") if status in found}
    words = {status: catalogue.text(f"workbook.{status}", lang) for status in counts}
    if len(counts) == 1:
        return words[next(iter(counts))]
    return "; ".join(f"{words[status]}: {n}" for status, n in counts.items())


def marks_of(exhibit: Exhibit) -> list[str]:
    """What a reader must know of each row: few answers, unreliable, not shown, no data; "" of the others."""
    lang, low, rows = exhibit.lang, exhibit.thresholds[0], exhibit.rows()

    def told(status: str, detail: str) -> str:
        if status == "suppressed":
            return hidden_text(detail, lang, low, short=False)
        found = [f"* {loc.word('caution', lang)}"] if status == "flagged" else []
        found += [loc.word("unreliable_mark", lang)] if detail == "unreliable" else []
        return "; ".join(found) or (loc.word("empty", lang) if status == "empty" else "")

    return [told(status, detail) for status, detail in zip(rows["status"], rows["detail"], strict=True)]
