"""Banner tables: items by many groups side by side, with bases, sums of answers and letters of significance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base import catalogue
from survey.base.arguments import checked, listed, one_of
from survey.base.catalogue import Note
from survey.codebook import Text
from survey.core.banner import Columns, Rows, banner_rows, columns_of
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import ExportError
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.tables._grid import Column, Grid, Line, silent
from survey.tables._html import to_html
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.notes import silent_notes
from survey.words.statuses import MARK, TOLD_APART

__all__ = ["BASES", "banner"]

BASES = ("n", "weighted", "effective")
"""Answers, the sum of their weights, and the answers of a simple random sample that would be as precise."""
_MOST_NAMED = 12
"""Hidden columns that a note names one by one."""


@checked(ExportError)
def banner(
    e: EstimatesData | SummaryData,
    *,
    top: int | None = 2,
    bottom: int | None = 2,
    mean: bool = True,
    bases: str | tuple[str, ...] | list[str] = BASES,
    adjust: str = "holm",
    family: str = "item",
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
    """Make a banner table: answers in rows, the groups of several breakdowns side by side, letters where they differ.

    A letter below a number names a column of the same breakdown that it is significantly higher than, by design-based
    t tests with the covariance of the groups, adjusted for many comparisons. Columns without a result that may be
    shown are left out and named in a note.

    Parameters
    ----------
    e : Estimates
        With groups: sample.distribution(items, over=["everyone", "sex", "age_group"]), or by=. Also of means, shares,
        totals, ratios and select-all questions, which have one row an item.
    top, bottom : int, optional
        So many of the highest and lowest answers of a scale are added up in a row; None for no such row. Scales of
        fewer than four answers have none.
    mean : bool
        Whether scales of numbers have a row with the mean of their codes.
    bases : str or sequence of str
        Rows of bases: "n" (always there), "weighted" (sum of the weights of valid answers), "effective" (n over the
        mean design effect of the answers).
    adjust : {"holm", "hochberg", "bh", "bonferroni", "none"}
        Adjustment of p-values over a family.
    family : {"item", "row", "table"}
        The comparisons of an item within a breakdown, of a single row of it, or of the whole table.
    digits : int, optional
        Decimals of shares and means.
    suppress_below, flag_below : int
        Results on fewer answers are left out (and said to be), or get an asterisk at their base.
    lang, title, caption, subtitle, labels, name :
        As for `table`.

    Returns
    -------
    Exhibit
        A table; a CSV has a row for each cell with its error, bases and letters, a workbook is laid out as the page.

    Raises
    ------
    ExportError
        If there are no groups, or an argument is unknown.
    EstimationError
        For an unknown adjustment or family, or a number of answers that is none.

    Examples
    --------
    >>> e = sample.distribution(["OV01", "OV02"], over=["everyone", "sex", "age_group", "ward"])  # doctest: +SKIP
    >>> sv.export(sv.tables.banner(e), "tab01", formats=["xlsx", "docx"])  # doctest: +SKIP
    """
    chosen = tuple(listed(bases))
    for base in chosen:
        one_of(base, BASES, "base", ExportError, where="bases=")
    options = {
        "top": top,
        "bottom": bottom,
        "mean": mean,
        "bases": chosen,
        "adjust": adjust,
        "family": family,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


@dataclass(frozen=True, slots=True)
class _Banner:
    """What a banner table is made of: its columns, which of them are shown, and its rows as numbers."""

    columns: Columns
    shown: NDArray[np.bool_]
    rows: pd.DataFrame
    status: NDArray[np.object_]
    detail: NDArray[np.object_]
    """Of each row of `rows`: whether it is shown, and why not, as `words.statuses` has them."""


def _banner_of(exhibit: Exhibit) -> _Banner:
    e, options = exhibit.estimates, exhibit.options
    if not isinstance(e, EstimatesData) or not e.by:
        raise ExportError(
            "A banner table has groups side by side.",
            got="estimates without groups",
            expected="estimates by one or more breakdowns",
            fix='estimate them with over=["everyone", "sex", "age_group"], or by="sex"',
        )
    own = exhibit.rows()
    status, detail = own["status"].to_numpy(object), own["detail"].to_numpy(object)
    visible = np.isin(status, ("shown", "flagged"))
    columns = columns_of(e, visible)
    wanted = Rows(options["top"], options["bottom"], bool(options["mean"]))
    rows = banner_rows(e, columns, wanted, adjust=options["adjust"], family=options["family"])
    keys = ["item", *e.by, *(["answer"] if e.kind.per_answer else [])]
    states = zip(status.tolist(), detail.tolist(), strict=True)
    every = list(zip(e.table[keys].itertuples(index=False, name=None), states, strict=True))
    # a sum of answers may be reliable where one of them is not, and is hidden where they are
    of_group = {key[: 1 + len(e.by)]: (s, "" if d == "unreliable" else d) for key, (s, d) in every}
    of_answer = dict(every)
    of_rows = [
        of_answer.get(key, of_group.get(key[: 1 + len(e.by)], ("empty", "")))
        for key in rows[keys].itertuples(index=False, name=None)
    ]
    there = {key for key, at in zip(e.table[list(e.by)].itertuples(index=False, name=None), visible, strict=True) if at}
    shown = np.array([key in there or not there for key in columns.keys], dtype=bool)  # of none, all say why
    return _Banner(
        columns, shown, rows, np.array([s for s, _ in of_rows], object), np.array([d for _, d in of_rows], object)
    )


def _names(exhibit: Exhibit) -> list[tuple[str, str]]:
    """Heading and label of every column, shown or not."""
    e, shown, made = exhibit.estimates, exhibit.rows(), exhibit.once(_banner_of)
    texts = dict(
        zip(
            e.table[list(e.by)].itertuples(index=False, name=None),
            shown[list(e.by)].itertuples(index=False, name=None),
            strict=True,
        )
    )
    found = []
    for key in made.columns.keys:
        *outer, last = texts[key]
        # one breakdown by its own variable: the variable is the heading
        above = " · ".join(text for text in outer if text) if outer else _labels.level_head(e, e.by[0], exhibit.lang)
        found.append((above, str(last)))
    return found


def _grid(exhibit: Exhibit) -> Grid:
    made, e = exhibit.once(_banner_of), exhibit.estimates
    kept = np.flatnonzero(made.shown)
    names = exhibit.once(_names)
    columns = tuple(Column(names[c][1], names[c][0], made.columns.letters[c]) for c in kept)
    items = list(dict.fromkeys(made.rows["item"].tolist()))
    k = len(made.columns.keys)
    labels = dict(zip(e.table["item"].tolist(), exhibit.rows()["item"].tolist(), strict=True))
    alike = _same_bases(made, items, k)
    alone = len(items) == 1
    lines: list[Line] = []
    for i, item in enumerate(items):
        part = made.rows[made.rows["item"] == item].reset_index(drop=True)
        own = made.rows["item"] == item
        status, detail = made.status[own], made.detail[own]
        if i == 0 or not alike:
            states = list(zip(status[:k][kept].tolist(), detail[:k][kept].tolist(), strict=True))
            lines += _bases(exhibit, part, states, kept, k, "" if alike or alone else str(labels[item]))
        lines += _numbers(exhibit, part, detail, kept, k, "" if alone or not e.kind.per_answer else str(labels[item]))
        lines += _silent(exhibit, item, kept, "" if alone or not e.kind.per_answer else str(labels[item]))
    return Grid("", columns, tuple(lines))


def _same_bases(made: _Banner, items: list[str], k: int) -> bool:
    """Whether all items have the same bases, so that they stand once above all."""
    every = [made.rows.loc[made.rows["item"] == item, ["n", "population", "n_eff"]].iloc[:k] for item in items]
    first = every[0].to_numpy(float)
    return len(items) == 1 or all(np.allclose(part.to_numpy(float), first, equal_nan=True) for part in every[1:])


def _bases(
    exhibit: Exhibit, part: pd.DataFrame, states: list[tuple[str, str]], kept: NDArray[np.int64], k: int, group: str
) -> list[Line]:
    lang, least = exhibit.lang, exhibit.thresholds[0]
    lines = []
    for base, column in zip(BASES, ("n", "population", "n_eff"), strict=True):
        values = part[column].to_numpy(float)[:k][kept]
        if (base != "n" and base not in exhibit.options["bases"]) or not np.isfinite(values).any():
            continue
        cells: list[str] = []
        numbers: list[tuple[float, str] | None] = []
        for value, (state, why) in zip(values.tolist(), states, strict=True):
            mark = "*" if state == "flagged" and base == "n" else ""
            if state == "suppressed":
                small = base == "n" and why == "small"
                cells.append(f"<{loc.NBSP}{least}" if small else loc.number(np.nan))
                numbers.append(None)
            else:
                cells.append(loc.count(value, lang) + mark if np.isfinite(value) else loc.number(np.nan))
                numbers.append((value, f'#,##0"{mark}"' if mark else "#,##0") if np.isfinite(value) else None)
        lines.append(Line(group, catalogue.text(f"tables.base_{base}", lang), tuple(cells), tuple(numbers)))
    return lines


def _numbers(
    exhibit: Exhibit, part: pd.DataFrame, detail: NDArray[np.object_], kept: NDArray[np.int64], k: int, group: str
) -> list[Line]:
    lang, digits = exhibit.lang, exhibit.options["digits"]
    lines = []
    for start in range(0, len(part), k):
        row = part.iloc[start : start + k].iloc[kept]
        measure = _measure(exhibit, row.iloc[0])
        decimals = measure.digits if digits is None else digits
        pattern = (
            ("#,##0" + ("." + "0" * decimals if decimals else ""))
            if measure.kind != "share"
            else (("0." + "0" * decimals if decimals else "0") + "%")
        )
        values, letters = row["estimate"].to_numpy(float), row["higher_than"].tolist()
        there = np.isfinite(values)
        marks = [MARK if s == "unreliable" else "" for s in detail[start : start + k][kept]]
        cells = [
            measure.value(x, lang, digits) + mark + (f"\n{letter}" if letter else "")
            for x, mark, letter in zip(values.tolist(), marks, letters, strict=True)
        ]
        formats = [f'{pattern}"{mark}"' if mark else pattern for mark in marks]
        typed = zip(values.tolist(), formats, there.tolist(), strict=True)
        numbers = tuple((x, form) if ok else None for x, form, ok in typed)
        lines.append(Line(group, _row_name(exhibit, row.iloc[0], part), tuple(cells), numbers, tuple(letters)))
    return lines


def _measure(exhibit: Exhibit, row: pd.Series) -> _labels.Measure:
    """What a row is measured in: the mean of codes is a number of its scale."""
    e = exhibit.estimates
    at = int(np.flatnonzero(e.table["item"].to_numpy(object) == row["item"])[0])
    if row["row"] == "mean" and isinstance(e, EstimatesData):
        e = replace(e, statistic="mean")
    return _labels.measure_at(e, at)


def _row_name(exhibit: Exhibit, row: pd.Series, part: pd.DataFrame) -> str:
    e, lang, kind = exhibit.estimates, exhibit.lang, row["row"]
    if kind == "answer":
        return _labels.answer_label(e, row["item"], row["answer"], lang)
    if kind == "mean":
        ends = _measure(exhibit, row).ends(lang)
        scale = f" ({loc.word('scale', lang, low=ends[0], high=ends[1])})" if ends else ""
        return loc.word("mean", lang) + scale
    if kind == "estimate":
        at = int(np.flatnonzero(e.table["item"].to_numpy(object) == row["item"])[0])
        return str(exhibit.rows()["item"].iloc[at])
    count = int(exhibit.options[kind])
    answers = list(dict.fromkeys(part.loc[part["row"] == "answer", "answer"].tolist()))
    counted = answers[-count:] if kind == "top" else answers[:count]
    summed = " + ".join(_labels.answer_label(e, row["item"], code, lang) for code in counted)
    return catalogue.text(f"tables.{kind}", lang, n=count, answers=summed)


def _silent(exhibit: Exhibit, item: str, kept: NDArray[np.int64], group: str) -> list[Line]:
    """Rows of those who did not know or refused, as a share of everyone asked."""
    e, shown, made = exhibit.estimates, exhibit.rows(), exhibit.once(_banner_of)
    lines = []
    for reason in silent(exhibit):
        own = e.table["item"].to_numpy(object) == item
        keys = e.table.loc[own, list(e.by)].itertuples(index=False, name=None)
        values = dict(zip(keys, shown.loc[own, reason].to_numpy(float).tolist(), strict=True))
        found = [values.get(made.columns.keys[c], np.nan) for c in kept]
        if not np.nanmax([0.0, *found]) >= 0.0005:  # less is 0,0
            continue
        cells = tuple(loc.number(100 * x, 1, exhibit.lang) for x in found)
        numbers = tuple((x, "0.0%") if np.isfinite(x) else None for x in found)
        head = catalogue.text("tables.of_asked", exhibit.lang, reason=loc.heading(reason, exhibit.lang))
        lines.append(Line(group, head, cells, numbers))
    return lines


def _data(exhibit: Exhibit) -> pd.DataFrame:
    """What a CSV holds: a row for each cell, hidden columns too, without their numbers."""
    made, e, lang = exhibit.once(_banner_of), exhibit.estimates, exhibit.lang
    rows, names, k = made.rows, exhibit.once(_names), len(made.columns.keys)
    labels = dict(zip(e.table["item"].tolist(), exhibit.rows()["item"].tolist(), strict=True))
    out: dict[str, object] = {"item": rows["item"], "item_label": [labels[i] for i in rows["item"]]}
    for name in e.by:
        out[name] = rows[name]
    out["heading"] = [names[i % k][0] for i in range(len(rows))]
    out["column"] = [names[i % k][1] for i in range(len(rows))]
    out["row"] = rows["row"]
    parts = {item: rows[rows["item"] == item] for item in labels}
    first = rows.iloc[::k]
    names_of = [_row_name(exhibit, row, parts[row["item"]]) for _, row in first.iterrows()]
    out["row_label"] = [text for text in names_of for _ in range(k)]
    hidden = made.status == "suppressed"
    for name in rows.columns[rows.columns.get_loc("row") + 1 :]:
        column = rows[name]
        out[name] = column.where(~hidden) if pd.api.types.is_float_dtype(column.dtype) else column
    shares = loc.word("share_unit", lang)
    units = [_measure(exhibit, row) for _, row in first.iterrows()]
    out["unit"] = [shares if m.kind == "share" else m.axis(lang) for m in units for _ in range(k)]
    out["status"] = made.status
    if np.isin(made.detail, TOLD_APART).any():
        out["status_detail"] = made.detail
    out["source"] = loc.source(e.codebook.cited(lang), e.source, e.simulated, lang, bare=True)
    return pd.DataFrame(out)


def _notes(exhibit: Exhibit) -> list[str]:
    e, lang, made, options = exhibit.estimates, exhibit.lang, exhibit.once(_banner_of), exhibit.options
    bases = [b for b in BASES if b == "n" or b in options["bases"]]
    columns = {"n": "n", "weighted": "population", "effective": "n_eff"}
    found = [catalogue.text(f"tables.base_{b}_note", lang) for b in bases if np.isfinite(made.rows[columns[b]]).any()]
    found += silent_notes(silent(exhibit), lang)
    if any(made.columns.letters):
        level = loc.level_word(e.level, lang)
        how = catalogue.text(f"tables.adjust_{options['adjust']}", lang)
        over = "" if options["adjust"] == "none" else catalogue.text(f"tables.family_{options['family']}", lang)
        adjusted = ", ".join(text for text in (how, over) if text)
        found.append(catalogue.text("tables.letters", lang, level=level, adjusted=adjusted))
    gone = [", ".join(x for x in exhibit.once(_names)[c] if x) for c in np.flatnonzero(~made.shown)]
    if gone:
        listing = "; ".join(gone[:_MOST_NAMED])
        more = len(gone) - _MOST_NAMED
        listing += f"; {catalogue.text('tables.more_columns', lang, n=more)}" if more > 0 else ""
        found.append(catalogue.text("tables.hidden_columns", lang, n=len(gone), columns=listing))
    return found


def _alt(exhibit: Exhibit) -> str:
    """What the table holds, its breakdowns, and which differences are told by letters; cells can be read one by one."""
    lang, grid = exhibit.lang, exhibit.once(_grid)
    headings = "; ".join(dict.fromkeys(c.spanner for c in grid.columns if c.spanner))
    said = catalogue.text(
        "tables.banner_alt",
        lang,
        title=loc.sentence(exhibit.title),
        n=len(grid.lines),
        columns=Note("alt.columns", n=len(grid.columns)),
        headings=headings,
    )
    lettered = sum(bool(letter) for line in grid.lines for letter in line.letters)
    return f"{said} {catalogue.text('tables.lettered', lang, n=lettered)}"


FORM = ExhibitKind(
    "banner",
    "table",
    _alt,
    _notes,
    html=to_html,
    grid=_grid,
    data=_data,
    parts=_banner_of,
    shows="A banner table shows estimates by groups.",
    takes="means, shares, distributions, totals, ratios or select-all questions, with over= or by=",
    otherwise="use tables.table",
)
