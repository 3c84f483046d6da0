"""Frequency tables: counts and shares of the answers to an item, with and without those who gave none."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from survey.base import catalogue
from survey.base.arguments import checked
from survey.base.catalogue import Note
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.tables._cells import Cell, blank, counted, interval_heads, line_of, plain, shared
from survey.tables._grid import Column, Grid, Line
from survey.tables._html import to_html
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.statuses import hidden_text

__all__ = ["frequencies"]

_UNASKED = ("not_applicable", "not_asked")


@checked(ExportError)
def frequencies(
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
    """Make a frequency table: people, weighted people, % of everyone asked and valid %, with don't know and refused.

    Parameters
    ----------
    e : Estimates
        The result of `Sample.frequencies`.
    digits : int, optional
        Decimals of percentages.
    suppress_below, flag_below : int
        Items or groups in which fewer people were asked are left out, or get an asterisk.
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
    >>> sv.tables.frequencies(sample.frequencies(["OV01", "OV02"]))  # doctest: +SKIP
    """
    options = {"digits": digits, "labels": labels, "suppress_below": suppress_below, "flag_below": flag_below}
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


def _grid(exhibit: Exhibit) -> Grid:
    e, shown, lang = exhibit.estimates, exhibit.rows(), exhibit.lang
    ci = loc.word("ci_short", lang, level=loc.level_word(e.level, lang))
    asked, valid = (catalogue.text(f"frequencies.{k}", lang) for k in ("of_asked", "of_valid"))
    without = catalogue.text("frequencies.unweighted", lang)
    columns = (
        Column(catalogue.text("frequencies.people", lang), catalogue.text("frequencies.counts", lang)),
        Column(catalogue.text("frequencies.weighted", lang), catalogue.text("frequencies.counts", lang)),
        Column(f"% ({ci})", asked),
        Column(f"% ({ci})", valid),
        Column(without, valid),
    )
    keys = e.table[["item", *e.by]]
    lines: list[Line] = []
    alone = len(keys.drop_duplicates()) == 1
    varied = [n for n in ("item", *e.by) if n in e.by or e.table["item"].nunique() > 1]
    for _, at in keys.groupby(list(keys.columns), sort=False, dropna=False, observed=True).indices.items():
        rows = shown.iloc[np.sort(at)]
        group = "" if alone else ", ".join(str(rows.iloc[0][n]) for n in varied)
        lines += _block(exhibit, e.table.iloc[np.sort(at)], rows, group)
    return Grid(loc.heading("answer", lang), columns, tuple(lines), interval_heads(e.level, lang))


def _block(exhibit: Exhibit, table: pd.DataFrame, rows: pd.DataFrame, group: str) -> list[Line]:
    lang, digits, low = exhibit.lang, exhibit.options["digits"], exhibit.thresholds[0]
    first, status = rows.iloc[0], rows["status"].iloc[0]
    if status == "suppressed":
        told = plain(hidden_text(first["detail"], lang, low))
        return [line_of(group, catalogue.text("frequencies.asked", lang), [told, *[blank()] * 4])]
    mark = "*" if status == "flagged" else ""

    def total(name: str, base: str, *shares: Cell, flag: str = "") -> Line:
        n, weighted = (float(first[f"{kind}_{base}"]) for kind in ("n", "weighted"))
        cells = [counted(n, lang, flag), counted(weighted, lang), *shares]
        return line_of(group, catalogue.text(f"frequencies.{name}", lang), [*cells, *[blank()] * (5 - len(cells))])

    answers, silent = rows[table["reason"].to_numpy() == ""], rows[table["reason"].to_numpy() != ""]
    whole, of_asked = shared(1.0, lang, digits), float(answers["estimate"].sum())
    lines = [_line(exhibit, row, group) for _, row in answers.iterrows()]
    lines.append(total("valid", "valid", shared(of_asked, lang, digits), whole, whole))
    lines += [_line(exhibit, row, group) for _, row in silent.iterrows()]
    weighted = float(rows["weighted"].sum())
    cells = [counted(float(first["n"]), lang, mark), counted(weighted, lang), whole, blank(), blank()]
    lines.append(line_of(group, catalogue.text("frequencies.asked", lang), cells))
    unasked = [reason for reason in _UNASKED if first[f"n_{reason}"] > 0]
    lines += [total(reason, reason) for reason in unasked]
    return [*lines, *([total("everyone", "everyone")] if unasked else [])]


def _line(exhibit: Exhibit, row: pd.Series, group: str) -> Line:
    lang, digits = exhibit.lang, exhibit.options["digits"]
    cells = [
        counted(float(row["count"]), lang),
        counted(float(row["weighted"]), lang),
        shared(float(row["estimate"]), lang, digits, float(row["conf_low"]), float(row["conf_high"])),
    ]
    if np.isfinite(row["valid"]):
        cells.append(shared(float(row["valid"]), lang, digits, float(row["valid_low"]), float(row["valid_high"])))
        cells.append(shared(float(row["valid_unweighted"]), lang, digits))
    return line_of(group, str(row["answer"]), [*cells, *[blank()] * (5 - len(cells))])


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang = exhibit.estimates, exhibit.lang
    return [
        loc.word("ci_note_table", lang, level=loc.level_word(e.level, lang)),
        catalogue.text("frequencies.asked_note", lang),
        catalogue.text("frequencies.weighted_note", lang),
    ]


def _alt(exhibit: Exhibit) -> str:
    """What the table holds, how many were asked and answered, and the most frequent answer of each item and group."""
    e, lang, shown = exhibit.estimates, exhibit.lang, exhibit.rows()
    grid = exhibit.once(_grid)
    head = catalogue.text(
        "alt.table",
        lang,
        title=loc.sentence(exhibit.title),
        n=len(grid.lines),
        columns=Note("alt.columns", n=len(grid.columns)),
    )
    told = []
    keys = ["item", *e.by]
    varied = [n for n in keys if n in e.by or e.table["item"].nunique() > 1]
    for at in e.table[keys].groupby(keys, sort=False, dropna=False, observed=True).indices.values():
        rows = shown.iloc[np.sort(at)]
        answers = rows[np.isfinite(rows["valid"].to_numpy(float))]
        if answers.empty:
            continue
        most = answers.loc[answers["valid"].idxmax()]
        place = ", ".join(str(most[n]) for n in varied)
        said = catalogue.text(
            "frequencies.alt",
            lang,
            n=int(most["n"]),
            valid=int(most["n_valid"]),
            answer=most["answer"],
            share=f"{loc.number(100 * float(most['valid']), 1, lang)}%",
        )
        told.append(f"{place}: {said}" if place else said[0].upper() + said[1:])
    return f"{head} {' '.join(loc.sentence(text) for text in told[:4])}".strip()


FORM = ExhibitKind(
    "frequencies",
    "table",
    _alt,
    _notes,
    html=to_html,
    grid=_grid,
    shows="A frequency table shows the answers to an item with and without those who gave none.",
    takes="the result of sample.frequencies(...)",
    otherwise="use tables.table",
)
