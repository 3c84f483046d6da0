"""What stands below a chart on a slide and in its speaker notes: a chart is read otherwise than a picture."""

from __future__ import annotations

from survey.exhibits.chart import chart_of
from survey.exhibits.exhibit import Exhibit
from survey.tables._grid import grid_of
from survey.tables._slide_chart import SlideChart, absent_of
from survey.words import locale as loc

__all__ = ["below_chart", "foot_of", "rows_told"]


def foot_of(exhibit: Exhibit, chart: SlideChart | None) -> list[str]:
    """What a reader of the slide must know: intervals, marks, what is not drawn."""
    lang, found = exhibit.lang, []
    if chart is None:
        return []
    if chart.has_intervals and chart.kind != "points":
        key = "ci_note_vertical" if chart.kind in ("lines", "columns") else "ci_note_lines"
        found.append(loc.sentence(loc.word(key, lang, level=loc.level_word(exhibit.estimates.level, lang))))
    if any(row >= 0 for row in chart.counts):
        found.append(loc.sentence(loc.word("n_note", lang)))
    given = chart_of(exhibit)
    found += [] if given is None else list(given.told)
    marks = chart.marks
    low, high = exhibit.thresholds
    if "*" in marks:
        found.append(loc.sentence(loc.word("flag_note", lang, low=low, high=high - 1)))
    if "†" in marks:
        found.append(loc.sentence(loc.word("unreliable_note", lang)))
    return [*found, *absent_of(exhibit)]


def below_chart(exhibit: Exhibit, chart: SlideChart) -> list[str]:
    """What stands below a chart of an exhibit that is alone on its slide: subtitle, notes, source, a line each.

    In place of the notes on how the picture is read stand those on how the chart is.
    """
    of_picture = {loc.sentence(text) for text in exhibit.once(exhibit.form.notes)}
    notes = [*foot_of(exhibit, chart), *(text for text in exhibit.notes if text not in of_picture)]
    told = " ".join(dict.fromkeys(notes))
    lines = (exhibit.subtitle, f"{loc.word('notes', exhibit.lang)}: {told}" if told else "", exhibit.source)
    return [line for line in lines if line]


def rows_told(exhibit: Exhibit) -> list[str]:
    """Every row as the table of an exhibit has it, with interval, number of answers and marks: a line each."""
    grid = exhibit.once(grid_of)
    heads = [" ".join(x for x in (c.spanner, c.label) if x) for c in grid.columns]
    lines = []
    for line in grid.lines:
        name = ", ".join(x for x in (line.group, line.name) if x)
        cells = (f"{head} {cell}" for head, cell in zip(heads, line.cells, strict=True) if cell)
        lines.append(f"{name}: {'; '.join(cells)}")
    return lines
