"""Tables of changes: both values, the difference with its interval, its p-value and a flag where it is significant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked, one_of
from survey.base.arrays import Array
from survey.codebook import Text
from survey.core.adjusting import adjust_pvalues
from survey.core.banner import ADJUST
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import EstimationError, ExportError
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.tables._cells import Cell, blank, counted, interval_heads, line_of, measured, plain
from survey.tables._grid import Column, Grid, Line
from survey.tables._html import to_html
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.statuses import hidden_text

__all__ = ["changes"]

UP, DOWN = "▲", "▼"


@checked(ExportError)
def changes(
    e: EstimatesData | SummaryData,
    *,
    adjust: str = "holm",
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Make a table of changes, each tested and flagged: both values with n, the change with its interval, p, ▲ or ▼.

    Parameters
    ----------
    e : Estimates
        Plain differences: of `Sample.change`, `Estimates.contrast`, `Estimates.pairwise` or `Sample.compare`.
    adjust : {"holm", "hochberg", "bh", "bonferroni", "none"}
        Adjustment of the p-values over the rows of the table, which flags follow; that of a result which is adjusted
        already (`pairwise`, `compare`, a plan) is kept.
    title, caption : str or mapping of language to str, optional
    labels : mapping of str to text, optional
        Names of one's own for items and contrasts.
    suppress_below, flag_below : int
        Results on fewer answers are left out, or get an asterisk at their n.
    lang, digits, name :
        As for `table`.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If a row is no difference of two estimates.
    EstimationError
        For an unknown adjustment.

    Examples
    --------
    >>> sv.tables.changes(sample.change("friendliness", by="ward"))  # doctest: +SKIP
    """
    one_of(adjust, ADJUST, "adjustment of p-values", EstimationError)
    options = {"adjust": adjust, "digits": digits, "labels": labels}
    options |= {"suppress_below": suppress_below, "flag_below": flag_below}
    return exhibit_of(FORM, e, lang, title, caption, name, options)


def _pairs(exhibit: Exhibit) -> list[tuple[int, int]]:
    """The rows of the origin that each row compares: minuend, subtrahend."""
    e = exhibit.estimates
    found = [_labels.compared(e, i) for i in range(len(e.table))]
    if any(pair is None for pair in found):
        raise ExportError(
            "A table of changes needs plain differences of two estimates.",
            got=e.statistic,
            expected="the result of sample.change(...), or of contrasts of two rows each",
            fix="use tables.table",
        )
    return [pair for pair in found if pair is not None]


def _adjusted(exhibit: Exhibit) -> Array:
    """P-values that flags follow; a comparison that may not be shown counts as one that found nothing."""
    e = exhibit.estimates
    if "p_adjusted" in e.table.columns:
        kept: Array = e.table["p_adjusted"].to_numpy(float)
        return kept
    hidden = exhibit.rows()["status"].to_numpy(object) == "suppressed"
    p = np.where(hidden, 1.0, e.table["p_value"].to_numpy(float))
    return np.where(hidden, np.nan, adjust_pvalues(p, exhibit.options["adjust"]))


def _grid(exhibit: Exhibit) -> Grid:
    e, lang = exhibit.estimates, exhibit.lang
    shared = _labels.shared_difference(e, lang)
    sides = [_labels.contrast_parts(e, i, lang)[1] for i in range(len(e.table))]
    same = len(set(sides)) == 1 and len(sides[0]) == 2
    last, first = sides[0] if same else (catalogue.text(f"changes.{k}", lang) for k in ("second", "first"))
    ci = loc.word("ci_short", lang, level=loc.level_word(e.level, lang))
    p = loc.heading("p_value" if exhibit.options["adjust"] == "none" and not _has(e) else "p_adjusted", lang)
    change = catalogue.text("changes.change" if shared else "changes.difference", lang)
    value = catalogue.text("changes.value", lang)
    columns = (
        *(Column(head, side) for side in (first, last) for head in (value, "n")),
        Column(f"{change} ({ci})"),
        Column(p),
        Column(catalogue.text("changes.flag", lang)),
    )
    levels = _labels.varying(e, _labels.levels_of(e))
    lines = tuple(_line(exhibit, i, levels) for i in range(len(e.table)))
    stub = ", ".join(_labels.level_head(e, n, lang) for n in levels)
    return Grid(stub, columns, lines, interval_heads(e.level, lang))


def _has(e: Any) -> bool:
    return "p_adjusted" in e.table.columns


def _line(exhibit: Exhibit, i: int, levels: list[str]) -> Line:
    e, lang, digits, low = exhibit.estimates, exhibit.lang, exhibit.options["digits"], exhibit.thresholds[0]
    row, measure = exhibit.rows().iloc[i], exhibit.measures[i]
    names = list(_labels.under_headings(e, levels, [str(row[n]) for n in levels])) or [str(row.get("contrast", ""))]
    group, name = (names[0], ", ".join(names[1:])) if len(names) > 1 else ("", names[0])
    cells = [c for k in exhibit.once(_pairs)[i][::-1] for c in _side(exhibit, k)]
    if row["status"] == "suppressed":
        return line_of(group, name, [*cells, plain(hidden_text(row["detail"], lang, low)), blank(), blank()])
    estimate, p = float(row["estimate"]), float(exhibit.once(_adjusted)[i])
    flag = (UP if estimate > 0 else DOWN) if p < 1 - e.level else ""
    told = Cell(loc.p_value(p, lang), (p, loc.p_pattern(lang))) if np.isfinite(p) else plain(loc.number(np.nan))
    change = measured(measure, estimate, lang, digits, float(row["conf_low"]), float(row["conf_high"]))
    return line_of(group, name, [*cells, change, told, plain(flag)])


def _side(exhibit: Exhibit, k: int) -> tuple[Cell, Cell]:
    """A value that is compared, and the answers it stands on."""
    e, lang, (low, high) = exhibit.estimates.origin, exhibit.lang, exhibit.thresholds
    if e is None:
        return blank(), blank()
    row = e.table.iloc[k]
    value = measured(_labels.measure_at(e, k), float(row["estimate"]), lang, exhibit.options["digits"])
    if "n" not in e.table.columns:
        return value, blank()
    n, hidden, further = float(row["n"]), getattr(e, "hidden", None), getattr(e, "complementary", None)
    if hidden is not None and hidden[k]:
        small = further is None or not further[k]
        return value, plain(f"<{loc.NBSP}{low}" if small else loc.number(np.nan))
    return value, counted(n, lang, "*" if low <= n < high else "")


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang = exhibit.estimates, exhibit.lang
    found = [loc.word("ci_note_table", lang, level=loc.level_word(e.level, lang))]
    found += [loc.word("n_note", lang)] if e.origin is not None and "n" in e.origin.table.columns else []
    how = getattr(e, "adjust", "") if _has(e) else exhibit.options["adjust"]
    adjusted = catalogue.text(f"tables.adjust_{how}", lang) if how in ADJUST else loc.heading("p_adjusted", lang)
    found.append(catalogue.text("changes.flags", lang, level=loc.level_word(e.level, lang), adjusted=adjusted))
    return found


def _alt(exhibit: Exhibit) -> str:
    """How many changes there are, how many up and down significantly, and the largest either way."""
    lang, grid = exhibit.lang, exhibit.once(_grid)
    flags = [line.cells[-1] for line in grid.lines]
    said = [
        catalogue.text(
            "changes.alt",
            lang,
            title=loc.sentence(exhibit.title),
            n=len(flags),
            up=flags.count(UP),
            down=flags.count(DOWN),
        )
    ]
    estimate = exhibit.rows()["estimate"].to_numpy(float)
    if np.isfinite(estimate).any():
        for key, at in (("largest", np.nanargmax(estimate)), ("smallest", np.nanargmin(estimate))):
            line = grid.lines[int(at)]
            place = ", ".join(x for x in (line.group, line.name) if x)
            said.append(catalogue.text(f"changes.{key}", lang, name=place, change=line.cells[4]))
    return " ".join(said if len(flags) > 1 else said[:2])


FORM = ExhibitKind(
    "changes",
    "table",
    _alt,
    _notes,
    html=to_html,
    grid=_grid,
    parts=_pairs,
    shows="A table of changes shows plain differences of two estimates.",
    takes="the result of sample.change(...), or of contrasts of two rows each",
    otherwise="use tables.table",
)
