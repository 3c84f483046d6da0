"""Indicator tables: each indicator for everyone, and the lowest, median and highest unit with its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import ExportError, shorten
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.tables._cells import blank, counted, interval_heads, line_of, measured, plain
from survey.tables._grid import Column, Grid, Line
from survey.tables._html import to_html
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.phrases import within_brackets
from survey.words.statuses import hidden_text, mark

__all__ = ["indicators"]


@checked(ExportError)
def indicators(
    e: EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Make a table of indicators: estimate with its interval, n, and lowest, median and highest unit by name.

    Parameters
    ----------
    e : Estimates
        Of everyone and of units side by side: sample.mean(items, over=["everyone", "ward"]); also shares, totals and
        ratios; by= adds groups, such as waves, each with its own units.
    suppress_below, flag_below : int
        Results on fewer answers are left out, also of units, or get an asterisk.
    lang, title, caption, subtitle, digits, labels, name :
        As for `table`.

    Returns
    -------
    Exhibit
        A CSV has a row for everyone and each unit with its error and n.

    Raises
    ------
    ExportError
        If the result is not of everyone and one other breakdown.

    Examples
    --------
    >>> e = sample.mean(["friendliness", "transparency"], over=["everyone", "ward"])  # doctest: +SKIP
    >>> sv.tables.indicators(e)  # doctest: +SKIP
    """
    options = {"digits": digits, "labels": labels, "suppress_below": suppress_below, "flag_below": flag_below}
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


@dataclass(frozen=True, slots=True)
class _Indicator:
    """One indicator in one group: the row of everyone, and rows of units that may be shown, lowest first."""

    row: int
    units: list[int]
    of: int
    """Units that there are, shown or not."""


def _breakdowns(e: Any) -> tuple[str, str]:
    """The breakdown of everyone and that of units."""
    found = {} if e.breakdowns is None or "breakdown" not in e.by else dict(e.breakdowns.variables)
    everyone = [name for name, variables in found.items() if not variables]
    units = [name for name, variables in found.items() if variables]
    if len(everyone) != 1 or len(units) != 1:
        raise ExportError(
            "An indicator table needs everyone and the units of one breakdown.",
            got=shorten(found) or "estimates without over=",
            expected='over=["everyone", "ward"]',
            fix='estimate with over=["everyone", ...] and one variable of units',
        )
    return everyone[0], units[0]


def _indicators_of(exhibit: Exhibit) -> list[_Indicator]:
    e = exhibit.estimates
    everyone, unit = _breakdowns(e)
    table, status = e.table.reset_index(drop=True), exhibit.rows()["status"].to_numpy(object)
    within = [name for name in e.by if name not in ("breakdown", "category")]
    estimate = table["estimate"].to_numpy(float)
    found = []
    for at in table.groupby(["item", *within], sort=False, dropna=False, observed=True).indices.values():
        at = np.sort(at)
        own = table["breakdown"].iloc[at].to_numpy(object)
        shown = [int(i) for i in at[own == unit] if status[i] in ("shown", "flagged") and np.isfinite(estimate[i])]
        shown.sort(key=lambda i: (estimate[i], i))
        of_everyone = at[own == everyone]
        found += [_Indicator(int(of_everyone[0]), shown, int((own == unit).sum()))] if len(of_everyone) else []
    return found


def _grid(exhibit: Exhibit) -> Grid:
    e, lang = exhibit.estimates, exhibit.lang
    unit = _labels.breakdown_label(e, _breakdowns(e)[1], lang)
    ci = loc.word("ci_short", lang, level=loc.level_word(e.level, lang))
    of_units = catalogue.text("indicators.by_units", lang, unit=unit)
    told = {key: catalogue.text(f"indicators.{key}", lang) for key in ("estimate", "low", "middle", "high", "units")}
    columns = (
        Column(f"{told['estimate']} ({ci})"),
        Column("n"),
        Column(told["low"], of_units),
        Column(unit, of_units, words=True),
        Column(told["middle"], of_units),
        Column(told["high"], of_units),
        Column(unit, of_units, words=True),
        Column(told["units"], of_units),
    )
    lines = tuple(_line(exhibit, i) for i in exhibit.once(_indicators_of))
    return Grid(loc.heading("item", lang), columns, lines, interval_heads(e.level, lang))


def _line(exhibit: Exhibit, indicator: _Indicator) -> Line:
    e, shown, lang, digits = exhibit.estimates, exhibit.rows(), exhibit.lang, exhibit.options["digits"]
    row, measure = shown.iloc[indicator.row], exhibit.measures[indicator.row]
    unit = measure.axis(lang)
    name = str(row["item"]) + (f" ({within_brackets(unit)})" if unit else "")
    within = [str(row[n]) for n in e.by if n not in ("breakdown", "category")]
    if row["status"] == "suppressed":
        least = exhibit.thresholds[0]
        small = row["detail"] != "complementary"
        n = plain(f"<{loc.NBSP}{least}" if small else loc.number(np.nan))
        cells = [plain(hidden_text(row["detail"], lang, least)), n]
    else:
        ends = (float(row["conf_low"]), float(row["conf_high"]))
        cells = [
            measured(measure, float(row["estimate"]), lang, digits, *ends),
            counted(float(row["n"]), lang, mark(row["status"], row["detail"])) if "n" in shown.columns else blank(),
        ]
    values = shown["estimate"].to_numpy(float)[indicator.units]
    if len(values):
        low, high = (_named(exhibit, indicator, values == end) for end in (values[0], values[-1]))
        cells += [
            measured(measure, float(values[0]), lang, digits),
            plain(low),
            measured(measure, float(np.median(values)), lang, digits),
            measured(measure, float(values[-1]), lang, digits),
            plain(high),
        ]
    else:
        cells += [plain(loc.number(np.nan)), blank(), plain(loc.number(np.nan)), plain(loc.number(np.nan)), blank()]
    told = str(indicator.of)
    if len(values) < indicator.of:
        told = catalogue.text("indicators.some_units", lang, n=len(values), of=indicator.of)
    return line_of(", ".join(within), name, [*cells, plain(told)])


def _named(exhibit: Exhibit, indicator: _Indicator, at: Any) -> str:
    """The names of the units at an end; those on few answers with an asterisk."""
    shown = exhibit.rows()
    rows = [shown.iloc[i] for i, there in zip(indicator.units, at, strict=True) if there]
    return "; ".join(str(row["category"]) + ("*" if row["status"] == "flagged" else "") for row in rows)


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang = exhibit.estimates, exhibit.lang
    found = exhibit.once(_indicators_of)
    notes = [loc.word("ci_note_table", lang, level=loc.level_word(e.level, lang))]
    notes += [loc.word("n_note", lang)] if "n" in e.table.columns else []
    notes.append(catalogue.text("indicators.by_chance", lang))
    if any(len(i.units) < i.of for i in found):
        notes.append(catalogue.text("indicators.some_note", lang))
    return notes


def _alt(exhibit: Exhibit) -> str:
    """Each indicator with its interval, its lowest and its highest unit."""
    lang, grid = exhibit.lang, exhibit.once(_grid)
    said = [catalogue.text("indicators.alt", lang, title=loc.sentence(exhibit.title), n=len(grid.lines))]
    for line in grid.lines[:6]:
        value, _, low, lowest, _, high, highest, _ = line.cells
        name = ", ".join(x for x in (line.group, line.name) if x)
        ends = {"low": low, "lowest": lowest, "high": high, "highest": highest}
        said.append(catalogue.text("indicators.alt_row", lang, name=name, value=value, **ends))
    return " ".join(said)


FORM = ExhibitKind(
    "indicators",
    "table",
    _alt,
    _notes,
    html=to_html,
    grid=_grid,
    parts=_indicators_of,
    shows="An indicator table shows means, shares, totals or ratios.",
    takes='estimates with over=["everyone", "ward"]',
    otherwise="use tables.table",
)
