"""The chart that stands beside a table of estimates in a workbook or on a slide."""

from __future__ import annotations

from survey.errors import ExportError
from survey.exhibits.chart import Chart
from survey.exhibits.exhibit import Exhibit
from survey.figures._native import bars_chart, dots_chart, lines_chart
from survey.figures._timeline import timeline_of, without_empty_waves
from survey.words.phrases import is_period

__all__ = ["native"]

_MOST_LINES, _FEWEST_WAVES = 8, 3
_FEWEST_BARS, _MOST_BARS = 2, 60


def native(exhibit: Exhibit) -> Chart | None:
    """Answers stacked, three and more waves as lines, other estimates as bars; None where a figure could not show it.

    A table may hold what no figure does (several units, several scales, tests beside estimates); the figures' own
    rules decide.
    """
    e = exhibit.estimates
    if e.quantities or "estimate" not in e.table.columns:
        return None
    try:
        if "likert" in e.kind.exhibits:
            return bars_chart(exhibit)
        if "lines" in e.kind.exhibits and e.by:
            time = without_empty_waves(timeline_of(exhibit))
            if (
                len(time.waves) >= _FEWEST_WAVES
                and 1 <= len(time.lines) <= _MOST_LINES
                and is_period(e.codebook, time.column)
            ):
                return lines_chart(exhibit, time)
        if "intervals" not in e.kind.exhibits:
            return None
        found = dots_chart(exhibit)
    except ExportError:
        return None
    if found is None or not _FEWEST_BARS <= len(found.categories) * len(found.series) <= _MOST_BARS:
        return None
    return found
