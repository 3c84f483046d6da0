"""What stands below the numbers of a sheet: intervals are in columns and in a chart there, in brackets on a page."""

from __future__ import annotations

from survey.exhibits.chart import chart_of
from survey.exhibits.exhibit import Exhibit
from survey.words import locale as loc

__all__ = ["footing"]

_ON_PAPER = ("ci_note", "ci_note_lines", "ci_note_table", "ci_note_vertical")
"""What notes of a figure or table say of its intervals."""


def footing(exhibit: Exhibit, columns: bool) -> list[str]:
    """Unit, notes and source of a sheet, each in a row.

    Parameters
    ----------
    exhibit : Exhibit
    columns : bool
        Whether the ends of intervals stand in columns.
    """
    notes = [_of_sheet(note, exhibit, columns) for note in exhibit.notes]
    notes = [note for note in notes if note]
    told = [f"{loc.word('notes', exhibit.lang)}: {notes[0]}", *notes[1:]] if notes else []
    return [text for text in (exhibit.unit, *told, exhibit.source) if text]


def _of_sheet(note: str, exhibit: Exhibit, columns: bool) -> str:
    """A note as it is true of the sheet; "" where the sheet has none of it."""
    lang = exhibit.lang
    level = loc.level_word(exhibit.estimates.level, lang)
    if note not in (loc.sentence(loc.word(key, lang, level=level)) for key in _ON_PAPER):
        return note
    chart = chart_of(exhibit)
    drawn = chart is not None and any(one.low is not None for one in chart.series)
    pictured = chart is None and exhibit.kind == "figure"
    if columns:
        key = "ci_note_columns_lines" if drawn or pictured else "ci_note_columns"
    elif drawn:
        key = "ci_note_chart"
    else:
        return note if pictured else ""
    return loc.sentence(loc.word(key, lang, level=level))
