"""A table as it is printed: headings, stub, cells as text; the same for HTML, Word, PowerPoint."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from survey.core.breakdowns import COLUMNS
from survey.core.estimates_data import EstimatesData
from survey.core.result import rows_in
from survey.exhibits.exhibit import Exhibit
from survey.words import labels, quantities, ranks
from survey.words import locale as loc
from survey.words.beside import beside_drivers, beside_estimates, columns_beside
from survey.words.comparisons import PRINTED, compared_head, compared_text, margins_apart, value_against
from survey.words.equality import beside_headings, row_key, within_varies
from survey.words.families import family_label, planned
from survey.words.phrases import within_brackets
from survey.words.statuses import MARK, hidden_text, mark

__all__ = ["Grid", "grid_of", "silent", "stub_head"]

_WIDEST = 5  # answers side by side that still leave room for their intervals on a page
_ACROSS = 3  # groups side by side, each with an interval and its n
_ESTIMATE = ("estimate", "conf_low", "conf_high")

At = tuple[int, tuple[str, ...]] | None
"""Where the numbers of a cell stand in the result: its row, its columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of cells: its heading, the heading it shares with its neighbours and its letter ("" for none).

    `words`: its cells are names, which begin at the left.
    """

    label: str
    spanner: str = ""
    letter: str = ""
    words: bool = False

    @property
    def head(self) -> str:
        """The heading as it is printed, with the letter that tests name the column by."""
        return f"{self.label} ({self.letter})" if self.letter else self.label


@dataclass(frozen=True, slots=True)
class Line:
    """A row of cells: the group it stands in ("" for none), its name, its cells.

    Of a table whose workbook is laid out as its page is, also the unrounded number of each cell with its Excel format
    (None where the text says all), the ends of its interval, and the letters of the columns that it is higher than.
    `at`: of each cell, the row of the result (from 0) and the columns whose numbers stand in it, in their order; None
    for a cell of words.
    """

    group: str
    name: str
    cells: tuple[str, ...]
    numbers: tuple[tuple[float, str] | None, ...] = ()
    letters: tuple[str, ...] = ()
    ends: tuple[tuple[float, float] | None, ...] = ()
    at: tuple[At, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """Everything a printed table says between its title and its notes."""

    stub: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    interval: tuple[str, str] = ("", "")

    @property
    def laid_out(self) -> bool:
        """Whether cells know their numbers, so that a workbook can be laid out as the page is."""
        return any(line.numbers for line in self.lines)

    @property
    def has_ends(self) -> bool:
        """Whether a workbook has the ends of intervals in columns."""
        return any(ends is not None for line in self.lines for ends in line.ends)

    def part(self, columns: Sequence[int]) -> Grid:
        """The same rows with some of the columns."""
        lines = tuple(
            replace(
                line,
                cells=tuple(line.cells[j] for j in columns),
                numbers=tuple(line.numbers[j] for j in columns) if line.numbers else (),
                letters=tuple(line.letters[j] for j in columns) if line.letters else (),
                ends=tuple(line.ends[j] for j in columns) if line.ends else (),
                at=tuple(line.at[j] for j in columns) if line.at else (),
            )
            for line in self.lines
        )
        return replace(self, columns=tuple(self.columns[j] for j in columns), lines=lines)


def grid_of(exhibit: Exhibit) -> Grid:
    """The printed table of an exhibit: answers or a few groups side by side where they fit, otherwise one row each."""
    if exhibit.form.grid is not None:
        made: Grid = exhibit.form.grid(exhibit)
        return made
    e, shown = exhibit.estimates, exhibit.rows()
    levels = labels.varying(e, labels.levels_of(e))
    if e.quantities and "contrast" in e.table.columns:  # which group is higher is nowhere else
        levels = [name for name in labels.levels_of(e) if name in ("item", "contrast") or name in levels]
    if e.quantities:
        return _many(exhibit, shown, levels or labels.levels_of(e)[:1])
    if e.kind.per_answer and e.table["answer"].nunique() <= 11 and _same_answers(e.table, levels):
        return _wide(exhibit, shown, levels, "answer")
    levels += ["answer"] if "answer" in e.table.columns else []
    across = _across(exhibit, levels)
    told_by_row = {"p_value", "term", "quartile", "letters", "difference"} & set(e.table.columns)
    if across is not None and len(levels) > 1 and not told_by_row:
        return _wide(exhibit, shown, [n for n in levels if n != across], across)
    return _long(exhibit, shown, levels)


def _across(exhibit: Exhibit, levels: list[str]) -> str | None:
    """The level whose groups stand side by side; of breakdowns also a few items in one unit."""
    e = exhibit.estimates
    possible = [n for n in levels if n in e.by and not (e.breakdowns is not None and n in COLUMNS)]
    if e.breakdowns is not None and "breakdown" in e.by and not exhibit.once(_mixed):
        possible = ["item", *possible] if "item" in levels else possible
    return next((n for n in reversed(possible) if e.table[n].nunique(dropna=False) <= _ACROSS), None)


def _same_answers(table: pd.DataFrame, levels: list[str]) -> bool:
    if not levels:
        return True
    scales = table.groupby(levels, sort=False, dropna=False, observed=True)["answer"].agg(tuple)
    return bool(scales.nunique() == 1)


def _wide(exhibit: Exhibit, shown: pd.DataFrame, levels: list[str], across: str) -> Grid:
    e = exhibit.estimates
    parts = list(dict.fromkeys(e.table[across].tolist()))
    answers = across == "answer"
    with_interval = not answers or len(parts) <= _WIDEST
    with_n = "n" in e.table.columns
    beside = silent(exhibit)
    columns: list[Column] = []
    heads: dict[Any, str] = {}
    for part in parts:
        heads[part] = str(shown.loc[e.table[across] == part, across].iloc[0])
    value = _value_head(exhibit, with_interval)
    if answers:
        columns = [Column(heads[part], value) for part in parts] + ([Column("n")] if with_n else [])
        columns += [Column(f"{loc.heading(reason, exhibit.lang)}, %") for reason in beside]
    else:
        for part in parts:
            columns += [Column(value, heads[part]), *([Column("n", heads[part])] if with_n else [])]
            columns += [Column(f"{loc.heading(reason, exhibit.lang)}, %", heads[part]) for reason in beside]
    keys = e.table[levels].itertuples(index=False, name=None) if levels else [()] * len(e.table)
    places: dict[tuple[Any, ...], dict[Any, int]] = {}
    for i, (key, part) in enumerate(zip(keys, e.table[across].tolist(), strict=True)):
        places.setdefault(tuple(key), {})[part] = i
    write = _writer(exhibit, shown, with_interval, "\n" if answers else " ")
    lines = []
    for found in places.values():
        first = next(iter(found.values()))
        cells: list[tuple[str, At]] = []
        for part in parts:
            i = found.get(part, -1)
            cells.append(("", None) if i < 0 else (write(i), (i, _ESTIMATE)))
            if answers:
                continue
            if with_n:
                cells.append(("", None) if i < 0 else (_n(exhibit, shown, i), (i, ("n",))))
            cells += [("", None) if i < 0 else (_silent(exhibit, shown, r, i), (i, (r,))) for r in beside]
        if answers:
            cells += [(_n(exhibit, shown, first), (first, ("n",)))] if with_n else []
            cells += [(_silent(exhibit, shown, r, first), (first, (r,))) for r in beside]
        texts, at = zip(*cells, strict=True)
        lines.append(Line(*_place(exhibit, shown, levels, first), texts, at=at))
    return Grid(stub_head(exhibit, levels), tuple(columns), tuple(lines))


def _long(exhibit: Exhibit, shown: pd.DataFrame, levels: list[str]) -> Grid:
    e, lang = exhibit.estimates, exhibit.lang
    write, measures = _writer(exhibit, shown, True, " "), exhibit.measures
    columns = [Column(_value_head(exhibit, True))]
    makers: list[Callable[[int], str]] = [write]
    named: list[tuple[str, ...]] = [_ESTIMATE]
    for name in ("p_value", "p_adjusted", "p_departure"):
        if name in e.table.columns:
            values = shown[name].to_numpy(float)
            columns.append(Column(loc.heading(name, lang)))
            # the p-value of a ratio would ask whether it is 0
            values = np.where([m.difference or not e.kind.combines for m in measures], values, np.nan)
            makers.append(lambda i, values=values: loc.p_value(values[i], lang))  # type: ignore[misc]
            named.append((name,))
    for head, texts in beside_estimates(e, measures, lang, exhibit.options.get("digits")).items():
        columns.append(Column(head))
        makers.append(lambda i, texts=texts: texts[i])  # type: ignore[misc]
        named.append(columns_beside(e, head, lang))
    for head, texts in beside_drivers(e, lang).items():
        columns.append(Column(head))
        makers.append(lambda i, texts=texts: texts[i])  # type: ignore[misc]
        named.append(())
    if planned(e):
        columns.append(Column(loc.heading("family", lang), words=True))
        makers.append(lambda i: family_label(e, i, lang))
        named.append(())
    for head, texts in ranks.beside_ranks(e, lang).items():
        columns.append(Column(head))
        makers.append(lambda i, texts=texts: texts[i])  # type: ignore[misc]
        named.append(())
    if "n" in e.table.columns:
        columns.append(Column("n"))
        makers.append(lambda i: _n(exhibit, shown, i))
        named.append(("n",))
    for reason in silent(exhibit):
        columns.append(Column(f"{loc.heading(reason, lang)}, %"))
        makers.append(lambda i, reason=reason: _silent(exhibit, shown, reason, i))  # type: ignore[misc]
        named.append((reason,))
    if e.kind.compares:
        margins = margins_apart(e, lang)
        for name in (n for n in PRINTED if n in e.table.columns):
            columns.append(Column(compared_head(e, name, lang)))
            makers.append(lambda i, name=name: compared_text(shown.iloc[i], name, measures[i], lang, margins[i]))  # type: ignore[misc]
            named.append(())
    if "letters" in e.table.columns and "letters" not in e.by and not e.kind.ranks:
        columns.append(Column(loc.heading("letters", lang)))
        makers.append(lambda i: str(shown["letters"].iloc[i]))
        named.append(())
    levels = levels or labels.levels_of(e)[:1]
    lines = [
        Line(
            *_place(exhibit, shown, levels, i),
            tuple(make(i) for make in makers),
            at=tuple((i, names) if names else None for names in named),
        )
        for i in range(len(e.table))
    ]
    if e.kind.combines and "answer" in levels:  # rows go answer by answer: each comparison stands together, once
        first: dict[str, int] = {}
        lines.sort(key=lambda line: first.setdefault(line.group, len(first)))
    return Grid(stub_head(exhibit, levels), tuple(columns), tuple(lines))


def _many(exhibit: Exhibit, shown: pd.DataFrame, levels: list[str]) -> Grid:
    """Numbers of equal standing: a column each; many numbers of few rows are turned on their side."""
    e, lang = exhibit.estimates, exhibit.lang
    turned = len(e.quantities) > len(e.table) and len(e.table) <= _WIDEST
    names = list(e.quantities) if turned else quantities.printed(e)
    heads = ["n" if name == "n" else quantities.head(e, name, lang) for name in names]
    cells = [[_quantity(exhibit, shown, name, i) for name in names] for i in range(len(e.table))]
    at: list[list[At]] = [[(i, (name,)) for name in names] for i in range(len(e.table))]
    if planned(e):
        at = [[*row, None] for row in at]
        heads.append(loc.heading("family", lang))
        cells = [[*row, family_label(e, i, lang)] for i, row in enumerate(cells)]
    places = [_quantity_place(exhibit, shown, levels, i) for i in range(len(e.table))]
    if turned:
        columns = tuple(Column(name, group) for group, name in places)
        sides = zip(heads, zip(*cells, strict=True), zip(*at, strict=True), strict=True)
        return Grid("", columns, tuple(Line("", head, row, at=where) for head, row, where in sides))
    body = tuple(Line(*p, tuple(row), at=tuple(where)) for p, row, where in zip(places, cells, at, strict=True))
    return Grid(stub_head(exhibit, levels), tuple(Column(head) for head in heads), body)


def _quantity(exhibit: Exhibit, shown: pd.DataFrame, name: str, i: int) -> str:
    e, status = exhibit.estimates, shown["status"].iloc[i]
    if name == "n" and "estimate" in e.table.columns:
        return _n(exhibit, shown, i)
    if status == "suppressed":
        return loc.number(np.nan)
    return quantities.written(e, name, i, exhibit.lang, exhibit.options.get("digits"))


def _quantity_place(exhibit: Exhibit, shown: pd.DataFrame, levels: list[str], i: int) -> tuple[str, str]:
    if "estimate" in exhibit.estimates.table.columns:
        return _place(exhibit, shown, levels, i)
    names = [str(shown[name].iloc[i]) for name in levels]
    return (names[0], ", ".join(names[1:])) if len(names) > 1 else ("", names[0])


def _place(exhibit: Exhibit, shown: pd.DataFrame, levels: list[str], i: int) -> tuple[str, str]:
    """Group and name of a row; the outermost level is the group where there are several."""
    names = [str(shown[name].iloc[i]) for name in levels]
    if "item" in levels and exhibit.once(_mixed):
        unit = exhibit.measures[i].axis(exhibit.lang)
        at = levels.index("item")
        names[at] += f" ({within_brackets(unit)})" if unit else ""
    if not names:
        return "", loc.word("all", exhibit.lang)
    if "item" in levels:
        names[levels.index("item")] += _against(exhibit, i)
    names = list(labels.under_headings(exhibit.estimates, levels, names))
    if len(names) > 1 and "breakdown" in levels and exhibit.once(_tests_in_headings):
        names[0] += exhibit.once(_tests).get(row_key(exhibit.estimates, i), "") if names[0] else ""
    return (names[0], ", ".join(names[1:])) if len(names) > 1 else ("", names[0])


def _against(exhibit: Exhibit, i: int) -> str:
    """What the item of a row was compared with: the other item of a gap, or a value; "" where it was neither."""
    e, lang = exhibit.estimates, exhibit.lang
    table = rows_in(e)
    if e.kind.combines and "with" in table.columns:
        return f" − {labels.item_label(e, str(table['with'].iloc[i]), lang)}"
    if e.kind.key == "one_mean" and isinstance(e, EstimatesData):
        return f" ({loc.word('against_value', lang, value=value_against(e, i, lang))})"
    return ""


def _tests_in_headings(exhibit: Exhibit) -> bool:
    """Whether each heading of a breakdown stands above the groups of a single test."""
    e = exhibit.estimates
    if e.breakdowns is None or "breakdown" not in e.by or within_varies(e):
        return False
    levels = labels.varying(e, labels.levels_of(e))
    return {"breakdown", "category"} <= set(levels) and (e.kind.per_answer or _across(exhibit, levels) != "item")


def _tests(exhibit: Exhibit) -> dict[tuple[Hashable, ...], str]:
    return beside_headings(exhibit.estimates, exhibit.lang)


def _mixed(exhibit: Exhibit) -> bool:
    """Whether rows are measured in different units, so that each must name its own."""
    return len({m.axis("en") for m in exhibit.measures}) > 1


def _writer(exhibit: Exhibit, shown: pd.DataFrame, with_interval: bool, joint: str) -> Callable[[int], str]:
    """A function that writes the cell of row i."""
    lang, digits, least = exhibit.lang, exhibit.options.get("digits"), exhibit.thresholds[0]
    measures = exhibit.measures
    numbers = shown[["estimate", "conf_low", "conf_high"]].to_numpy(float)
    status, detail = shown["status"].tolist(), shown["detail"].tolist()
    # answers share a number of answers, beside which the mark stands otherwise
    marks = [MARK if d == "unreliable" and exhibit.estimates.kind.per_answer else "" for d in detail]

    def write(i: int) -> str:
        if status[i] == "suppressed":
            return hidden_text(detail[i], lang, least)
        measure = measures[i]
        if not with_interval or not np.isfinite(numbers[i]).all():
            return measure.value(numbers[i][0], lang, digits) + marks[i]
        estimate, low, high = numbers[i]
        text = measure.with_interval(estimate, low, high, lang, digits)
        return text.replace(" (", f"{joint}(", 1) + marks[i]

    return write


def _n(exhibit: Exhibit, shown: pd.DataFrame, i: int) -> str:
    status, detail, n = shown["status"].iloc[i], shown["detail"].iloc[i], float(shown["n"].iloc[i])
    if status == "suppressed":
        return loc.number(np.nan) if detail == "complementary" else f"<{loc.NBSP}{exhibit.thresholds[0]}"
    return loc.count(n, exhibit.lang) + mark(status, "" if exhibit.estimates.kind.per_answer else detail)


def silent(exhibit: Exhibit) -> list[str]:
    """Reasons for no answer that stand beside shares: those that somebody asked gave, as far as is printed."""
    e = exhibit.estimates
    least = 0.05 / 100  # less is 0,0
    return [r for r in ("dont_know", "refused") if r in e.table.columns and (e.table[r].to_numpy(float) >= least).any()]


def _silent(exhibit: Exhibit, shown: pd.DataFrame, reason: str, i: int) -> str:
    return loc.number(100 * float(shown[reason].iloc[i]), 1, exhibit.lang)


def _value_head(exhibit: Exhibit, with_interval: bool) -> str:
    e, lang = exhibit.estimates, exhibit.lang
    measures = exhibit.measures
    measure = measures[0]
    if measure.difference:
        head = labels.shared_difference(e, lang) or loc.word(e.kind.difference, lang)
    elif all(m.kind == "share" for m in measures):
        head = "%"
    else:
        means = measure.kind in ("score", "scale") and e.kind.heading == "estimate"
        head = loc.word("mean" if means else e.kind.heading, lang)
    level = loc.level_word(e.level, lang)
    return f"{head} ({loc.word('ci_short', lang, level=level)})" if with_interval else head


def stub_head(exhibit: Exhibit, levels: list[str]) -> str:
    e, lang = exhibit.estimates, exhibit.lang
    # breakdowns are the headings of their rows
    told = [name for name in levels if e.breakdowns is None or name != "breakdown" or len(levels) == 1]
    return ", ".join(labels.level_head(e, name, lang) for name in told)
