"""Points of two numbers as DrawingML: axes of numbers both ways, intervals both ways, names beside the points."""

from __future__ import annotations

import math
from collections.abc import Sequence

from survey.base.html import escape
from survey.exhibits import theme
from survey.tables._chart_book import SHEET
from survey.tables._chart_pieces import cached, column_of, fill, number_format, step_of, written
from survey.tables._chart_xml import ChartParts
from survey.tables._slide_chart import Point, Series
from survey.tables._slide_letters import width_of

__all__ = ["PointParts"]

_MARKERS = ("circle", "square", "triangle", "diamond")
_SIDES = ("r", "l", "t", "b")
_DASHES = ("solid", "dash", "sysDot", "dashDot")
_NO_LINE = '<a:ln w="19050"><a:noFill/></a:ln>'


class PointParts(ChartParts):
    """As `ChartParts`: the second column of the workbook has the numbers along, and the last ones their intervals."""

    __slots__ = ()

    def _columns(self) -> list[tuple[str, list[float | None]]]:
        chart = self.chart
        along = [next((s.points[i] for s in chart.series if s.points[i] is not None), None) for i in self._each]
        found = [(chart.along, [None if p is None else p.across for p in along])]
        found += [(s.name, [None if p is None else p.value for p in s.points]) for s in chart.series]
        for s in chart.series:
            for side, sign in (("x", -1), ("x", 1), ("y", -1), ("y", 1)):
                told = f"{s.name} {side} {'+' if sign > 0 else '−'}"
                found.append((told, [None if p is None else _reach(p, side, sign) for p in s.points]))
        return found

    @property
    def _each(self) -> range:
        return range(len(self.chart.categories))

    def _drawn(self) -> str:
        names = self._placed()
        made = '<c:scatterChart><c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>'
        for j, series in enumerate(self.chart.series):
            symbol, colour = _MARKERS[j % len(_MARKERS)], fill(series.colour)
            look = (
                f"<c:spPr>{_line(colour, _DASHES[j % len(_DASHES)]) if self.chart.joined else _NO_LINE}</c:spPr>"
                f'<c:marker><c:symbol val="{symbol}"/><c:size val="9"/>'
                f"<c:spPr>{colour}<a:ln>{colour}</a:ln></c:spPr></c:marker>"
            )
            made += self._point_series(j, series, look, names)
        crossing = self.chart.crossing
        chart = self.chart
        made += '<c:axId val="111111"/><c:axId val="222222"/></c:scatterChart>'
        made += self._axis(("111111", "222222"), "b", chart.left, chart.right, chart.along, crossing and crossing[1])
        return made + self._axis(("222222", "111111"), "l", chart.low, chart.high, chart.unit, crossing and crossing[0])

    def _point_series(self, j: int, series: Series, look: str, names: dict[int, str]) -> str:
        rows, series_count = len(self.chart.categories), len(self.chart.series)
        column = column_of(2 + j)

        def cells(at: int, values: Sequence[float | None]) -> str:
            letters = column_of(at)
            return cached("num", f"{SHEET}!${letters}$2:${letters}${rows + 1}", values, "General")

        errors = ""
        first = 2 + series_count + 4 * j
        for k, side in enumerate("xy"):
            reach = [[None if p is None else _reach(p, side, sign) for p in series.points] for sign in (-1, 1)]
            if any(x is not None for x in reach[0]):
                minus, plus = (cells(first + 2 * k + i, reach[i]) for i in (0, 1))
                errors += (
                    f'<c:errBars><c:errDir val="{side}"/><c:errBarType val="both"/><c:errValType val="cust"/>'
                    f'<c:noEndCap val="1"/><c:plus>{plus}</c:plus><c:minus>{minus}</c:minus>'
                    f'<c:spPr><a:ln w="9525">{fill(theme.SOFT)}</a:ln></c:spPr></c:errBars>'
                )
        x = cells(1, [None if p is None else p.across for p in series.points])
        y = cells(2 + j, [None if p is None else p.value for p in series.points])
        name = cached("str", f"{SHEET}!${column}$1", [series.name])
        return (
            f'<c:ser><c:idx val="{j}"/><c:order val="{j}"/><c:tx>{name}</c:tx>{look}'
            f"{self._named(series, names)}{errors}<c:xVal>{x}</c:xVal><c:yVal>{y}</c:yVal>"
            '<c:smooth val="0"/></c:ser>'
        )

    def _named(self, series: Series, names: dict[int, str]) -> str:
        """The name of each point that has room for it; the others are in the speaker notes and the workbook."""
        shown = "".join(
            f'<c:show{what} val="{int(what == "Val")}"/>'
            for what in ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize")
        )
        made = ""
        for i in self._each:
            if series.points[i] is None:
                continue
            if i not in names:
                made += f'<c:dLbl><c:idx val="{i}"/><c:delete val="1"/></c:dLbl>'
                continue
            text = escape(written(self.chart.categories[i]))
            made += (
                f'<c:dLbl><c:idx val="{i}"/><c:tx><c:rich><a:bodyPr wrap="none"/><a:lstStyle/><a:p>'
                f"<a:pPr>{self._look(theme.INK)}</a:pPr>"
                f'<a:r><a:rPr lang="{self.tag}" sz="{round(100 * self.size)}" b="0">{fill(theme.INK)}</a:rPr>'
                f'<a:t>{text}</a:t></a:r></a:p></c:rich></c:tx><c:dLblPos val="{names[i]}"/>{shown}</c:dLbl>'
            )
        return f'<c:dLbls>{made}{self._text(theme.INK)}<c:dLblPos val="r"/>{shown}</c:dLbls>'

    def _placed(self) -> dict[int, str]:
        """At which side of its point each name stands, so that it covers no other name and no point."""
        chart, size = self.chart, self.size
        wide = self.wide - self._left() - 1.6 * size
        high = self.high - self.around(chart, size, self.wide)
        at: dict[int, tuple[float, float]] = {}
        if chart.joined:  # the legend names curves
            return {}
        for s in chart.series:
            for i, p in enumerate(s.points):
                if p is not None:
                    x = wide * (p.across - chart.left) / (chart.right - chart.left)
                    at[i] = (x, high * (chart.high - p.value) / (chart.high - chart.low))
        taken = [(x - 5, y - 5, x + 5, y + 5) for x, y in at.values()]
        found: dict[int, str] = {}
        for i, (x, y) in at.items():
            half, w = 0.6 * size, width_of(chart.categories[i], size) + 4
            boxes = {
                "r": (x + 6, y - half, x + 6 + w, y + half),
                "l": (x - 6 - w, y - half, x - 6, y + half),
                "t": (x - w / 2, y - 6 - 2 * half, x + w / 2, y - 6),
                "b": (x - w / 2, y + 6, x + w / 2, y + 6 + 2 * half),
            }
            for side in _SIDES:
                box = boxes[side]
                inside = box[0] >= 0 and box[2] <= wide + 2 * size and box[1] >= -size and box[3] <= high
                if inside and not any(_meet(box, other) for other in taken):
                    found[i] = side
                    taken.append(box)
                    break
        return found

    def _axis(
        self, ids: tuple[str, str], place: str, low: float, high: float, text: str, crossing: float | None
    ) -> str:
        step = step_of(high - low)
        digits = 0 if float(step).is_integer() else 1
        at = '<c:crosses val="min"/>' if crossing is None else f'<c:crossesAt val="{crossing:.10g}"/>'
        dash = "" if crossing is None else '<a:prstDash val="dash"/>'
        grid = f'<c:majorGridlines><c:spPr><a:ln w="6350">{fill(theme.FAINT)}</a:ln></c:spPr></c:majorGridlines>'
        return (
            f'<c:valAx><c:axId val="{ids[0]}"/><c:scaling><c:orientation val="minMax"/><c:max val="{high:g}"/>'
            f'<c:min val="{low:g}"/></c:scaling><c:delete val="0"/><c:axPos val="{place}"/>{grid}'
            f"{self._title(text, turned=place == 'l')}"
            f'<c:numFmt formatCode="{escape(number_format(digits, self.tag))}" sourceLinked="0"/>'
            '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
            f'<c:spPr><a:ln w="9525">{fill(theme.SOFT)}{dash}</a:ln></c:spPr>{self._text(theme.SOFT)}'
            f'<c:crossAx val="{ids[1]}"/>{at}<c:crossBetween val="midCat"/><c:majorUnit val="{step:g}"/></c:valAx>'
        )


def _line(colour: str, dash: str) -> str:
    return f'<a:ln w="28575">{colour}<a:prstDash val="{dash}"/><a:round/></a:ln>'


def _reach(p: Point, side: str, sign: int) -> float | None:
    value, end = (p.across, p.across_high if sign > 0 else p.across_low)
    if side == "y":
        value, end = p.value, p.high if sign > 0 else p.low
    return max(sign * (end - value), 0.0) if math.isfinite(end) else None


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
