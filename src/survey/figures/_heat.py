"""Units by indices as a shaded table: a number in each cell, and the lowest, the middle and the highest below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked, one_of
from survey.codebook import Text
from survey.core.estimates_data import EstimatesData
from survey.errors import ExportError, shorten
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.figures._canvas import compose
from survey.figures._heat_body import heat_body
from survey.figures._heat_cells import Cell, Foot, Heat
from survey.figures._shades import check_classes
from survey.words import labels as _labels
from survey.words import locale as loc

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["heat"]

_MOST = 14


@checked(ExportError)
def heat(
    e: EstimatesData,
    *,
    columns: str | None = None,
    classes: int | Sequence[float] = 5,
    method: str | None = None,
    shade: str | None = None,
    sort: str | None = None,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    width: str = "full",
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Shade a table of units by indices, darker where the number is higher, with the lowest, median and highest unit.

    Parameters
    ----------
    e : Estimates
        A row a unit and index: sample.mean(["friendliness", "transparency"], by="ward"). Differences get shades on
        both sides of zero.
    columns : str, optional
        What stands side by side: "item", a grouping column or "answer". When not given, the items; of one item, the
        answers or the innermost group.
    classes : int or sequence of float
        How many shades, 2 to 7; or the limits between them, unrounded and in the units of e.table.
    method : {"quantile", "equal"}, optional
        As for `map`.
    shade : {"table", "column"}, optional
        One set of classes for all cells, or classes of each column. When not given, "table" where all numbers are in
        one unit, otherwise "column".
    sort : str, optional
        A value of `columns`: rows by its numbers, the highest first.
    lang, title, caption, subtitle, digits, labels, name, suppress_below, flag_below :
        As for `intervals`.
    width : {"full", "half", "slide"}

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If there are no two levels to cross, more than 14 columns, or units differ under shade="table".
    """
    check_classes(classes, method)
    if shade is not None:
        one_of(shade, ("table", "column"), "way of shading", ExportError, where="shade=")
    options = {
        "columns": columns,
        "classes": classes,
        "method": method,
        "shade": shade,
        "sort": sort,
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


@dataclass(frozen=True, slots=True)
class _Levels:
    down: list[str]
    across: str


def _levels(exhibit: Exhibit) -> _Levels:
    e, asked = exhibit.estimates, exhibit.options.get("columns")
    levels = [n for n in [*_labels.levels_of(e), "answer"] if n in e.table.columns]
    varying = _labels.varying(e)
    if asked is not None:
        one_of(asked, levels, "column of the estimates", ExportError, where="columns=")
    across = asked or next((n for n in ("item", "answer") if n in varying), varying[-1] if varying else "")
    down = [n for n in varying if n != across] or [n for n in levels if n not in (across, "item", "answer")][:1]
    if not across or not down:
        raise ExportError(
            "A shaded table crosses units with indices.",
            got=f"estimates by {shorten(varying) or 'nothing'}",
            expected='sample.mean(["one index", "another"], by="ward")',
            fix="estimate several items by a group, or use figures.intervals",
        )
    if e.table.duplicated([*down, across]).any():
        raise ExportError("Several estimates stand for one cell.", where=f"columns={across!r}", fix="choose another")
    found = e.table[across].nunique(dropna=False)
    if found > _MOST:
        raise ExportError(
            "There are too many columns for a page.",
            where=across,
            got=f"{found}",
            expected=f"at most {_MOST}",
            fix=f"choose with columns= what stands side by side: {shorten(down)}",
        )
    return _Levels(down, across)


def heat_of(exhibit: Exhibit) -> Heat:
    """All cells, the heads of columns, the labels of rows, and the foot."""
    e, shown, levels = exhibit.estimates, exhibit.rows(), _levels(exhibit)
    measures = exhibit.measures
    across, heads = _numbered(e.table[levels.across].tolist(), shown[levels.across].tolist())
    places = list(e.table[levels.down].itertuples(index=False, name=None))
    texts = [
        _labels.under_headings(e, levels.down, [str(t) for t in row])
        for row in shown[levels.down].itertuples(index=False, name=None)
    ]
    down, keys = _numbered(places, texts)
    cells: dict[tuple[int, int], Cell] = {}
    for i, (row, column) in enumerate(zip(down, across, strict=True)):
        value = measures[i].factor * float(shown["estimate"].iloc[i])
        cells[row, column] = Cell(value, str(shown["status"].iloc[i]), measures[i], str(shown["detail"].iloc[i]), i)
    one_unit = len({m.axis("en") for m in measures}) == 1
    shade = exhibit.options.get("shade") or ("table" if one_unit else "column")
    if shade == "table":
        _labels.common_measure(e)
    order = _order(exhibit, levels.across, cells, len(keys), len(heads))
    cells = {(order.index(row), column): cell for (row, column), cell in cells.items()}
    keys = [keys[i] for i in order]
    foot = [_foot([cells.get((i, j)) for i in range(len(keys))], keys) for j in range(len(heads))]
    unit = measures[0].axis(exhibit.lang) if one_unit else ""
    found = Heat(keys, [str(h) for h in heads], [""] * len(heads), cells, foot, unit, shade, tuple(levels.down))
    return found if one_unit else replace(found, units=[found.measure(j).axis(exhibit.lang) for j in range(len(heads))])


def _numbered(keys: list[Any], texts: list[Any]) -> tuple[list[int], list[Any]]:
    """The number of each key in order of first appearance, and the text of each number."""
    first: dict[Any, int] = {}
    found: list[Any] = []
    for key, text in zip(keys, texts, strict=True):
        if key not in first:
            first[key] = len(first)
            found.append(text)
    return [first[key] for key in keys], found


def _order(exhibit: Exhibit, across: str, cells: Mapping[tuple[int, int], Cell], rows: int, columns: int) -> list[int]:
    asked = exhibit.options.get("sort")
    if asked is None:
        return list(range(rows))
    values = [str(v) for v in dict.fromkeys(exhibit.estimates.table[across].tolist())]
    one_of(str(asked), values, f"value of {across}", ExportError, where="sort=")
    at = values.index(str(asked))

    def place(row: int) -> tuple[bool, float]:
        cell = cells.get((row, at))
        value = np.nan if cell is None else cell.value
        return bool(np.isnan(value)), -float(np.nan_to_num(value))

    return sorted(range(rows), key=place)


def _foot(column: Sequence[Cell | None], keys: Sequence[tuple[str, ...]]) -> Foot:
    """The lowest, the middle and the highest number of a column, and whose the ends are; ties are all named."""
    shown = [(cell.value, ", ".join(key)) for cell, key in zip(column, keys, strict=True) if cell and cell.shown]
    if not shown:
        return Foot(np.nan, np.nan, np.nan, [], [])
    values = np.array([v for v, _ in shown])
    low, high = float(values.min()), float(values.max())
    return Foot(
        low, float(np.median(values)), high, [k for v, k in shown if v == low], [k for v, k in shown if v == high]
    )


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: heat_body(exhibit, sizes, exhibit.once(heat_of)))


def _notes(exhibit: Exhibit) -> list[str]:
    lang, found = exhibit.lang, exhibit.once(heat_of)
    key = "heat.shade_table" if found.shade == "table" else "heat.shade_column"
    return [catalogue.text(key, lang), catalogue.text("heat.median_note", lang)]


def _alt(exhibit: Exhibit) -> str:
    """The foot of each column: its lowest, middle and highest number, and whose they are."""
    lang, found = exhibit.lang, exhibit.once(heat_of)
    digits = exhibit.options.get("digits")
    title = loc.sentence(exhibit.title)
    said = [catalogue.text("alt.heat", lang, title=title, n=len(found.keys), columns=len(found.heads))]
    for j, head in enumerate(found.heads):
        foot, measure = found.foot[j], found.measure(j)
        if not np.isfinite(foot.median):
            continue
        low, middle, high = (
            measure.value(x / measure.factor, lang, digits) for x in (foot.low, foot.median, foot.high)
        )
        lowest, highest = ("; ".join(who[:3]) for who in (foot.lowest, foot.highest))
        said.append(
            catalogue.text(
                "alt.heat_column",
                lang,
                name=head,
                low=low,
                lowest=lowest,
                median=middle,
                high=high,
                highest=highest,
                unit=measure.axis(lang),
            )
        )
    return " ".join(said)


FORM = ExhibitKind(
    "heat",
    "figure",
    _alt,
    _notes,
    draw=_draw,
    parts=heat_of,
    shows="A shaded table shows estimates of units by indices.",
    takes='sample.mean([...], by="ward") or a similar method',
    otherwise="use tables.table",
)
