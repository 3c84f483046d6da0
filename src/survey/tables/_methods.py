"""The methods annex of a report as a table: a line for each fact, in sections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.tables._cells import SHARE, Cell, counted, line_of, measured, plain
from survey.tables._grid import Column, Grid
from survey.tables._html import to_html
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.measure import Measure

__all__ = ["methods"]

_NUMBER = Measure("number", digits=2)
_NUMBERS = ("count", "share", "points", "number")
_ORIGINS = {
    "a DuckDB relation": "notes.scanned_relation",
    "a Polars frame": "notes.scanned_lazy",
    "an Arrow table": "notes.scanned_arrow_table",
    "a Dask data frame": "notes.scanned_partitions",
}
"""What rows stand in that are in no files."""
_HASH = 12
"""Digits of a hash that are printed; a CSV has all of them."""


@checked(ExportError)
def methods(
    s: EstimatesData | SummaryData,
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
    """Make the table of a methods annex: design, fieldwork, response, weights, precision, nonresponse, software, files.

    Parameters
    ----------
    s : Summary
        The result of `Sample.methods` or `Study.methods`.
    digits : int, optional
        Decimals of numbers; one for shares and two for others when not given.
    suppress_below, flag_below : int
        Nonresponse of an item that fewer people were asked is left out.
    lang, title, caption, subtitle, labels, name :
        As for `table`.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        For any other result.

    Examples
    --------
    >>> sv.tables.methods(study.methods(sample, estimates=e, dates="int_start"))  # doctest: +SKIP
    """
    options = {"digits": digits, "labels": labels, "suppress_below": suppress_below, "flag_below": flag_below}
    titles = {code: catalogue.text("titles.methods", code) for code in LANGUAGES} if title is None else title
    return exhibit_of(FORM, _screened(s, suppress_below), lang, titles, caption, name, options, subtitle)


def _screened(s: EstimatesData | SummaryData, least: int) -> EstimatesData | SummaryData:
    """Without the shares of items that too few people were asked."""
    if not isinstance(s, SummaryData) or "topic" not in s.table.columns:
        return s
    table = s.table
    asked = table[(table["topic"] == "asked") & (table["value"] < least)]
    few = (table["section"] == "items") & table["about"].isin(asked["about"])
    if not few.any():
        return s
    return replace(s, table=table.assign(value=table["value"].where(~few), text=table["text"].where(~few, "few")))


def _grid(exhibit: Exhibit) -> Grid:
    e, lang, shown = exhibit.estimates, exhibit.lang, exhibit.rows()
    lines = []
    for i, ((_, row), (_, told)) in enumerate(zip(e.table.iterrows(), shown.iterrows(), strict=True)):
        own = (exhibit.options["labels"] or {}).get(row["about"])
        about = loc.pick(loc.text_of(own), lang) if own is not None else str(told["about"]) if row["about"] else ""
        itself = row["unit"] == "about"
        name = f"{told['topic']}: {about}" if about and not itself else str(told["topic"])
        line = line_of(str(told["section"]), name, [plain(about) if itself else _cell(exhibit, row)])
        lines.append(replace(line, at=((i, ("value",)) if row["unit"] in _NUMBERS else None,)))
    head = catalogue.text("methods_annex.value", lang)
    return Grid(catalogue.text("methods_annex.fact", lang), (Column(head, words=True),), tuple(lines))


def _cell(exhibit: Exhibit, row: pd.Series) -> Cell:
    lang, digits = exhibit.lang, exhibit.options["digits"]
    unit, value, text = row["unit"], float(row["value"]), str(row["text"])
    if text == "few":
        return plain(loc.word("suppressed_short", lang, low=exhibit.thresholds[0]))
    if unit == "count":
        return counted(value, lang)
    if unit == "share":
        cell = measured(SHARE, value, lang, digits)
        return Cell(f"{cell.text}%", cell.number) if np.isfinite(value) else cell
    if unit == "points":
        return _margin(measured(replace(SHARE, difference=True), value, lang, digits), lang, "percentage_points")
    if unit == "number":
        cell = measured(_NUMBER, value, lang, digits)
        margin = row["topic"] == "margin_of_error"
        return _margin(cell, lang, _unit(exhibit, str(row["about"]))) if margin else cell
    if unit == "source":
        return plain(catalogue.text(_ORIGINS[text], lang) if text in _ORIGINS else text)
    if unit == "date":
        return plain(loc.date(dt.date.fromisoformat(text), lang))
    if unit == "key":
        return plain(catalogue.text(f"methods_annex.{text}", lang))
    return plain(text[:_HASH] + "…" if unit == "hash" and len(text) > _HASH else loc.dated(text, lang))


def _margin(cell: Cell, lang: str, unit: str) -> Cell:
    """A margin of error with its unit, in a workbook too."""
    if cell.number is None:
        return cell
    told = loc.word(unit, lang) if unit == "percentage_points" else loc.unit_word(unit, lang)
    after = f" {told}".replace('"', "") if told else ""
    value, pattern = cell.number
    return Cell(f"± {cell.text.lstrip('+')}{after}", (value, f'{pattern}"{after}"' if after else pattern))


def _unit(exhibit: Exhibit, item: str) -> str:
    """What the mean of an item is measured in: the unit of its variable; points of a score and of ordered answers."""
    book = exhibit.estimates.codebook
    variable = book.variables.get(item)
    if variable is None:
        return "points" if item in book.dimensions else ""
    return variable.unit or ("points" if variable.type == "ordinal" else "")


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang, topics = exhibit.estimates, exhibit.lang, set(exhibit.estimates.table["topic"])
    found = [catalogue.text("methods_annex.aapor_note", lang)] if "rr1" in topics else []
    if "margin_of_error" in topics:
        found.append(catalogue.text("methods_annex.moe_note", lang, level=loc.level_word(e.level, lang)))
    return found + ([loc.word("kish_note", lang)] if "deff_kish" in topics else [])


def _alt(exhibit: Exhibit) -> str:
    """Which sections there are, and how many respondents the sample has."""
    e, lang, grid = exhibit.estimates, exhibit.lang, exhibit.once(_grid)
    groups = dict.fromkeys(line.group for line in grid.lines)
    sections = ", ".join(group[:1].lower() + group[1:] for group in groups)
    respondents = e.table.loc[e.table["topic"] == "respondents", "value"]
    n = int(respondents.iloc[0]) if len(respondents) else 0
    return catalogue.text("methods_annex.alt", lang, title=loc.sentence(exhibit.title), sections=sections, n=n)


FORM = ExhibitKind(
    "methods",
    "table",
    _alt,
    _notes,
    html=to_html,
    grid=_grid,
    shows="A methods annex shows facts about a sample.",
    takes="the result of sample.methods(...) or study.methods(...)",
    otherwise="use tables.table",
)
