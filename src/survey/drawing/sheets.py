"""Assignment sheets that a ward can print: what was drawn, a page for each unit with room to write, the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from survey.base import catalogue
from survey.base.catalogue import text
from survey.base.names import label
from survey.base.text import written
from survey.drawing.drawn import DrawData
from survey.drawing.word_file import Cell, document, page_break, paragraph, table

__all__ = ["Sheets", "said"]

_PORTRAIT, _LANDSCAPE = 177.0, 264.0  # mm between the margins
_ROW, _LEAST_ROW = 7.5, 5.8  # mm
_ROOM = 168.0  # mm of a page that are left for rows, beside its headings and rules
_VISITS = 3


class Sheets:
    """The sheets of a draw: its rows by stratum, found once, and documents of some strata in a language.

    Parameters
    ----------
    drawn : DrawData
    """

    def __init__(self, drawn: DrawData) -> None:
        self.drawn = drawn
        self.tables = {"table": drawn.table, "reserves": drawn.reserves}
        self.places = {name: _places(frame, drawn.design.strata) for name, frame in self.tables.items()}
        self.strata = list(self.places["table"])

    def document(self, lang: str, strata: Sequence[tuple[str, ...]] | None = None) -> bytes:
        """Sheets of some strata, or of all, as a Word document."""
        layout = _Layout(self.drawn, lang)
        body: list[str] = []
        for stratum in self.strata if strata is None else strata:
            main, spare = (self.tables[n].iloc[self.places[n].get(stratum, [])] for n in ("table", "reserves"))
            body += [page_break()] if body else []
            body += list(_pages(layout, stratum, main, spare))
        log = self.drawn.log
        hashes = {"design": log["design_sha256"][:12], "frame": log["frames"]["frame"]["content_sha256"][:12]}
        footer = text("sheet.foot", lang, seed=str(self.drawn.design.seed), **hashes)
        return document(body, footer=footer, language=text("language.tag", lang), landscape=layout.landscape)


def _places(frame: pd.DataFrame, columns: Sequence[str]) -> dict[tuple[str, ...], list[int]]:
    """Rows of each stratum; of all rows where there are no strata."""
    texts = [[label(v) for v in frame[c]] for c in columns]
    found: dict[tuple[str, ...], list[int]] = {}
    for place, key in enumerate(zip(*texts, strict=True) if columns else [()] * len(frame)):
        found.setdefault(key, []).append(place)
    return found


class _Layout:
    """Which columns a page has, how wide, and in which words."""

    def __init__(self, drawn: DrawData, lang: str) -> None:
        self.drawn, self.lang, self.design = drawn, lang, drawn.design
        stage = self.design.households
        self.two_stages = stage is not None
        self.by_number = stage is not None and "households" not in drawn.log["frames"]
        named = [stage.unit] if stage is not None else list(self.design.unit)
        shown = list(stage.show) if stage is not None else list(self.design.show)
        self.asked = [c for c in drawn.table.columns if c.startswith("adult_")] if self.design.adult else []
        self.landscape = bool(shown) or len(self.asked) > 6
        self.columns = [*named, *(c for c in shown if c not in named)]
        self.title = said(self.design.title, lang) or text("sheet.title", lang)
        self.widths = self._widths(len(named), len(self.columns) - len(named))

    def word(self, column: str) -> str:
        return said(self.design.labels.get(column, ""), self.lang) or (
            text("sheet.household", self.lang) if self.by_number and column == self.columns[0] else column
        )

    def _widths(self, named: int, shown: int) -> list[float]:
        room = _LANDSCAPE if self.landscape else _PORTRAIT
        kish = [11.0] if self.design.adult == "kish" else []
        adults = [13.0, *kish, *[7.5] * len(self.asked), 13.0] if self.design.adult else []
        fixed = [9.0, *[18.0 if self.two_stages else 24.0] * named, *adults, *[15.0] * _VISITS, 15.0]
        rest, at = max(room - sum(fixed), 20.0 * (shown + 1)), 1 + named
        remark = min(28.0, rest / (shown + 1)) if shown else rest
        widths = [*fixed[:at], *[(rest - remark) / max(shown, 1)] * shown, *fixed[at:], remark]
        return [w * min(room / sum(widths), 1) for w in widths]

    def row_height(self, rows: int) -> float:
        """Room to write, in mm: less where this keeps a unit on one page."""
        fitting = _ROOM / max(rows, 1)
        return fitting if not self.landscape and _LEAST_ROW <= fitting < _ROW else _ROW

    def heads(self) -> list[list[Cell]]:
        first = [text("sheet.number", self.lang), *(self.word(c) for c in self.columns)]
        last = [text("sheet.result", self.lang), text("sheet.remark", self.lang)]
        top = [Cell(t, below="restart", bold=True, centre=True) for t in first]
        under = [Cell("", below="continue") for _ in first]
        if self.design.adult:
            before = [
                text("sheet.adults", self.lang),
                *([text("sheet.kish", self.lang)] if self.design.adult == "kish" else []),
            ]
            top += [Cell(t, below="restart", bold=True, centre=True) for t in before]
            under += [Cell("", below="continue") for _ in before]
            if self.asked:
                top.append(Cell(text("sheet.ask_number", self.lang), span=len(self.asked), bold=True, centre=True))
                under += [Cell(self._adults(c), bold=True, centre=True) for c in self.asked]
            top.append(Cell(text("sheet.person", self.lang), below="restart", bold=True, centre=True))
            under.append(Cell("", below="continue"))
        top.append(Cell(text("sheet.visits", self.lang), span=_VISITS, bold=True, centre=True))
        under += [Cell(str(k), bold=True, centre=True) for k in range(1, _VISITS + 1)]
        top += [Cell(t, below="restart", bold=True, centre=True) for t in last]
        return [top, [*under, *(Cell("", below="continue") for _ in last)]]

    def _adults(self, column: str) -> str:
        k = column.removeprefix("adult_")
        more = self.design.adult == "kish" and column == self.asked[-1]
        return text("sheet.or_more", self.lang, k=k) if more else k

    def rows(self, frame: pd.DataFrame, *, reserves: bool = False) -> Iterator[list[Cell]]:
        shown = [map(_shown, frame[c].tolist()) for c in self.columns]
        kish = [frame["kish"].tolist()] if self.design.adult == "kish" else []
        asked = [frame[c].astype(int).astype(str).tolist() for c in self.asked]
        names = zip(*shown, strict=True)
        numbers = zip(*kish, *asked, strict=True) if self.asked else iter([()] * len(frame))
        for i, (own, drawn) in enumerate(zip(names, numbers, strict=True), 1):
            name = text("sheet.reserve_number", self.lang, order=i) if reserves else str(i)
            cells = [Cell(name, centre=True), *map(Cell, own)]
            if self.design.adult:
                cells += [Cell(""), *(Cell(t, centre=True) for t in drawn), Cell("")]
            yield [*cells, *[Cell("")] * (_VISITS + 2)]


def _pages(layout: _Layout, stratum: tuple[str, ...], main: pd.DataFrame, spare: pd.DataFrame) -> Iterator[str]:
    if not layout.two_stages:
        yield from _page(layout, stratum, [], main, spare, 0)
        return
    unit = list(layout.design.unit)
    groups: list[tuple[int, list[Any], pd.DataFrame, pd.DataFrame]] = []
    for key, part in main.groupby(unit, sort=False):
        own = spare[(spare["reserve_unit"] == 0) & _same(spare, unit, key)]
        groups.append((0, list(key), part, own))
    for order, part in spare[spare["reserve_unit"] > 0].groupby("reserve_unit", sort=True):
        at = part["reserve_household"] > 0
        groups.append((int(order), [part[c].iloc[0] for c in unit], part[~at], part[at]))
    yield from _contents(layout, stratum, groups)
    for order, key, part, own in groups:
        yield page_break()
        yield from _page(layout, stratum, key, part, own, order)


def _same(frame: pd.DataFrame, columns: list[str], key: tuple[Any, ...]) -> Any:
    same = pd.Series(True, index=frame.index)
    for column, value in zip(columns, key, strict=True):
        same &= frame[column] == value
    return same


def _contents(layout: _Layout, stratum: tuple[str, ...], groups: Sequence[Any]) -> Iterator[str]:
    """The first page: every unit with how many households it lists and how many are to be interviewed."""
    lang, design = layout.lang, layout.design
    yield paragraph(layout.title, size=28, bold=True)
    yield paragraph(_place(layout, stratum, []) or text("sheet.whole", lang), size=24, bold=True)
    yield paragraph(text("sheet.contents", lang), bold=True, keep=True)
    heads = [text("sheet.number", lang), *(layout.word(c) for c in (*design.unit, *design.show))]
    keys = ("sheet.unit_listed", "sheet.unit_drawn", "sheet.unit_reserves", "sheet.remark")
    heads += [text(key, lang) for key in keys]
    rows = []
    for number, (order, key, part, own) in enumerate(groups, 1):
        remark = text("sheet.reserve_unit", lang, order=order) if order else ""
        shown = [_shown(part.iloc[0][c]) for c in design.show]
        counts = [_listed(part), len(part), len(own)]
        texts = [Cell(t) for t in (*map(_shown, key), *shown)]
        numbers = [Cell(str(n), centre=True) for n in counts]
        rows.append([Cell(str(number), centre=True), *texts, *numbers, Cell(remark)])
    wide = (_LANDSCAPE if layout.landscape else _PORTRAIT) - 9 - 3 * 20
    each = wide / (len(design.unit) + len(design.show) + 2)
    widths = [9.0, *[each] * (len(design.unit) + len(design.show)), 20.0, 20.0, 20.0, 2 * each]
    yield table([[Cell(h, bold=True, centre=True) for h in heads]], rows, widths, 6)


def _listed(part: pd.DataFrame) -> int:
    return round(len(part) / float(part["prob_household"].iloc[0]))


def _page(
    layout: _Layout, stratum: tuple[str, ...], key: Sequence[Any], main: pd.DataFrame, spare: pd.DataFrame, order: int
) -> Iterator[str]:
    lang, design = layout.lang, layout.design
    yield paragraph(layout.title, size=22, bold=True, after=20)
    yield paragraph(_place(layout, stratum, key) or text("sheet.whole", lang), size=24, bold=True, after=20)
    if order:
        yield paragraph(text("sheet.reserve_unit", lang, order=order), size=22, bold=True, after=20)
    if layout.two_stages:
        yield paragraph(text("sheet.listed", lang, listed=_listed(main), drawn=len(main)), after=20)
    else:
        yield paragraph(text("sheet.units", lang, listed=_units(layout, stratum), drawn=len(main)), after=20)
    yield paragraph(text("sheet.interviewer", lang), after=60)
    height = layout.row_height(len(main) + len(spare))
    yield table(layout.heads(), layout.rows(main), layout.widths, height)
    if len(spare):
        yield paragraph(text("sheet.reserves", lang), size=22, bold=True, keep=True, after=0)
        yield paragraph(text("sheet.reserve_rule", lang), size=17, keep=True, after=40)
        ordered = spare.sort_values(["reserve_household"] if layout.two_stages else ["reserve_unit"], kind="stable")
        yield table(layout.heads(), layout.rows(ordered, reserves=True), layout.widths, height)
    yield paragraph("", size=8, after=0)
    if design.adult:
        rule = f"sheet.rule_{design.adult.replace(' ', '_')}"
        yield paragraph(f"{text(rule, lang)} {text('sheet.adults_needed', lang)}", size=17, after=30)
    if layout.by_number:
        yield paragraph(text("sheet.by_number", lang, listed=_listed(main)), size=17, after=30)
    yield paragraph(text("sheet.results", lang), size=17, after=0)


def _units(layout: _Layout, stratum: tuple[str, ...]) -> int:
    name = " / ".join(stratum)
    return next(int(s["units"]) for s in layout.drawn.log["strata"] if s["stratum"] == name)


def _place(layout: _Layout, stratum: tuple[str, ...], key: Sequence[Any]) -> str:
    design = layout.design
    values = [*stratum, *map(_shown, key)]
    columns = [*design.strata, *(design.unit if key else ())]
    return " · ".join(f"{layout.word(c)}: {v}" for c, v in zip(columns, values, strict=True))


def _shown(value: Any) -> str:
    return "" if value is None or value != value else written(value)


def said(words: str | dict[str, str], lang: str) -> str:
    """A text of the design in a language; in another where it has none in this one."""
    if isinstance(words, str):
        return words
    return words.get(lang) or next((words[k] for k in catalogue.LANGUAGES if words.get(k)), "")
