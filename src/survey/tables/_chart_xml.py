"""A chart as DrawingML, with the workbook that PowerPoint opens to edit it; the same bytes on every run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from survey.base.html import escape
from survey.exhibits import theme
from survey.tables._chart_book import SHEET, book_of
from survey.tables._chart_pieces import cached, column_of, fill, lighter, number_format, step_of, written
from survey.tables._slide_chart import Point, Series, SlideChart
from survey.tables._slide_letters import broken, width_of

__all__ = ["ChartParts"]

_C = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_MARKERS = ("circle", "square", "triangle", "diamond")
_UPRIGHT = ("lines", "columns", "points")
_ABOVE = 0.5
"""How far above the line of an interval a number stands, in its letters."""
_NUMBER = 3.2
"""Width of a number at the foot of a bar, in its letters."""
_NARROW = 4.0
"""Percent of a bar below which a segment has no number on it."""


@dataclass(frozen=True, slots=True)
class ChartParts:
    """What python-pptx asks of a chart that it adds to a slide.

    Parameters
    ----------
    chart : SlideChart
    tag : str
        Of the language, as "vi-VN".
    wide, high : float
        Room in points.
    names : float
        Points of it that names of categories have at the left; of lines nothing.
    size : float
        Points of the letters.
    """

    chart: SlideChart
    tag: str
    wide: float
    high: float
    names: float
    size: float

    @property
    def xlsx_blob(self) -> bytes:
        """The workbook: names of categories, numbers by series, and how far their intervals reach down and up."""
        return book_of(self.chart.categories, self._columns(), self.tag)

    def _columns(self) -> list[tuple[str, list[float | None]]]:
        chart = self.chart
        found = [(s.name, [None if p is None else p.value for p in s.points]) for s in chart.series]
        if chart.has_intervals:
            for s in chart.series:
                found += [(f"{s.name} −", _reach(s, -1)), (f"{s.name} +", _reach(s, 1))]
        return found

    def xml_bytes(self, chart_type: object = None) -> bytes:
        """The chart."""
        inside = self._drawn()
        made = (
            f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<c:chartSpace {_C}><c:date1904 val="0"/>'
            f'<c:lang val="{self.tag}"/><c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/>'
            f"<c:plotArea>{self._layout()}{inside}</c:plotArea>{self._legend()}"
            '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
            f"{self._text()}</c:chartSpace>"
        )
        return made.encode("utf-8")

    def _drawn(self) -> str:
        return self._lines() if self.chart.kind == "lines" else self._bars()

    @staticmethod
    def around(chart: SlideChart, size: float, wide: float) -> float:
        """Points above and below the plot: the legend, the axis and its unit."""
        above, below = _margins(chart, size, wide)
        return (above + below) * size

    def _layout(self) -> str:
        """The plot between the names at its left, the legend above and the axis below."""
        above, below = (x * self.size for x in _margins(self.chart, self.size, self.wide))
        below += max(self._turned - 1.2, 0.0) * self.size
        left = self._left()
        place = (left, above, self.wide - left - 1.6 * self.size, self.high - above - below)
        return self._manual(place, "inner")

    def _left(self) -> float:
        """Points at the left of the plot: names, or numbers and the title of their axis in its lines."""
        if self.chart.kind not in _UPRIGHT:
            return self.names
        lines = len(broken(self.chart.unit, self.size, 0.85 * self.high))
        return (2.3 + 1.3 * lines) * self.size

    def _manual(self, place: tuple[float, ...], target: str = "") -> str:
        sides = (self.wide, self.high, self.wide, self.high)
        inside = f'<c:layoutTarget val="{target}"/>' if target else ""
        inside += '<c:xMode val="edge"/><c:yMode val="edge"/>'
        inside += "".join(f'<c:{n} val="{x / s:.4f}"/>' for n, x, s in zip("xywh", place, sides, strict=True))
        return f"<c:layout><c:manualLayout>{inside}</c:manualLayout></c:layout>"

    def _legend(self) -> str:
        if len(self.chart.series) < 2:
            return ""
        lines, wide = _legend_size(self.chart, self.size, self.wide)
        left = min(self.names, self.wide - wide) if self.chart.kind not in _UPRIGHT else 0.5 * (self.wide - wide)
        place = self._manual((left, 0.0, wide, (0.3 + 1.4 * lines) * self.size))
        return f'<c:legend><c:legendPos val="t"/>{place}<c:overlay val="0"/>{self._text()}</c:legend>'

    def _bars(self) -> str:
        chart = self.chart
        stacked = chart.kind == "stacked"
        upright = chart.kind == "columns"
        made = f'<c:barChart><c:barDir val="{"col" if upright else "bar"}"/>'
        made += f'<c:grouping val="{"percentStacked" if stacked else "clustered"}"/>'
        made += '<c:varyColors val="0"/>'
        for j, series in enumerate(chart.series):
            inside, edge = (lighter(series.colour), series.colour) if self.chart.pale else (series.colour, "#ffffff")
            look = f'<c:spPr>{fill(inside)}<a:ln w="9525">{fill(edge)}</a:ln></c:spPr>'
            look += '<c:invertIfNegative val="0"/>' + _outlined(series)
            made += self._series(j, series, look, self._bar_labels(series), "")
        thin = 22
        if len(chart.series) == 1 or stacked:
            thin = 8 if upright else {1: 220, 2: 110, 3: 70}.get(len(chart.categories), 40)
        made += f'<c:gapWidth val="{thin}"/><c:overlap val="{100 if stacked else 0}"/>{_axis_ids()}</c:barChart>'
        if upright:
            return made + self._categories("minMax", "b") + self._values("l", deleted=False, crosses="autoZero")
        return made + self._categories("maxMin", "l") + self._values("b", deleted=stacked, crosses="max")

    def _lines(self) -> str:
        told = self._apart()
        made = '<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>'
        for j, series in enumerate(self.chart.series):
            line = f'<a:ln w="31750" cap="rnd">{fill(series.colour)}<a:round/></a:ln>'
            symbol = _MARKERS[j % len(_MARKERS)]
            look = (
                f'<c:spPr>{line}</c:spPr><c:marker><c:symbol val="{symbol}"/><c:size val="7"/>'
                f"<c:spPr>{fill(series.colour)}<a:ln>{fill(series.colour)}</a:ln></c:spPr></c:marker>"
            )
            first = "l" if len(self.chart.categories) > 1 else ""
            labels = self._labels(series, "r", lambda p: theme.INK, lambda p: (p.row, p.value) in told, first=first)
            made += self._series(j, series, look, labels, '<c:smooth val="0"/>')
        made += f'<c:marker val="1"/>{_axis_ids()}</c:lineChart>'
        return made + self._categories("minMax", "b") + self._values("l", deleted=False, crosses="autoZero")

    def _apart(self) -> set[tuple[int, float]]:
        """Rows and values of the numbers of lines that are written: those that do not touch another.

        They stand beside their points, where no line of an interval is. The highest and lowest are first.
        """
        chart = self.chart
        plot = self.high - self.around(chart, self.size, self.wide)
        least = 1.15 * self.size * (chart.high - chart.low) / plot
        told: set[tuple[int, float]] = set()
        for i in range(len(chart.categories)):
            here = sorted({(p.value, p.row) for s in chart.series if (p := s.points[i]) is not None})
            kept: list[float] = []
            for value, row in (*here[:1], *here[:0:-1]):
                if all(abs(value - other) >= least for other in kept):
                    kept.append(value)
                    told.add((row, value))
        return told

    def _series(self, j: int, series: Series, look: str, labels: str, after: str) -> str:
        rows = len(self.chart.categories)
        column = column_of(j + 1)
        name = cached("str", f"{SHEET}!${column}$1", [series.name])
        names = cached("str", f"{SHEET}!$A$2:$A${rows + 1}", self.chart.categories)
        values = [None if p is None else p.value for p in series.points]
        numbers = cached("num", f"{SHEET}!${column}$2:${column}${rows + 1}", values, self._format())
        return (
            f'<c:ser><c:idx val="{j}"/><c:order val="{j}"/><c:tx>{name}</c:tx>{look}{labels}'
            f"{self._errors(j, series)}<c:cat>{names}</c:cat><c:val>{numbers}</c:val>{after}</c:ser>"
        )

    def _errors(self, j: int, series: Series) -> str:
        if not any(p is not None and math.isfinite(p.low) for p in series.points):
            return ""
        rows, first = len(self.chart.categories), 1 + len(self.chart.series) + 2 * j
        made = '<c:errBars><c:errDir val="y"/>' if self.chart.kind in _UPRIGHT else "<c:errBars>"
        made += '<c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>'
        for name, sign, column in (("plus", 1, first + 1), ("minus", -1, first)):
            at = f"{SHEET}!${column_of(column)}$2:${column_of(column)}${rows + 1}"
            made += f"<c:{name}>{cached('num', at, _reach(series, sign), 'General')}</c:{name}>"
        return f'{made}<c:spPr><a:ln w="15875">{fill(theme.INK)}</a:ln></c:spPr></c:errBars>'

    def _bar_labels(self, series: Series) -> str:
        chart = self.chart
        ink = theme.INK if self.chart.pale else theme.on(series.colour)
        if chart.kind == "stacked":
            return self._labels(series, "ctr", lambda p: ink, lambda p: p.value >= _NARROW)
        # at the foot of a bar, where no line of an interval is; outside it where the bar is too short
        upright = chart.kind == "columns"
        plot = self.high - self.around(chart, self.size, self.wide) if upright else self.wide - self.names
        scale = plot / (chart.high - chart.low)
        origin = min(max(0.0, chart.low), chart.high)

        if upright and self._crowded(series):
            return self._labels(series, "outEnd", lambda p: theme.INK, lambda p: False)

        def short(p: Point) -> bool:
            return abs(p.value - origin) * scale < (1.6 if upright else 4.2) * self.size

        return self._labels(
            series,
            "inBase",
            lambda p: theme.INK if short(p) else ink,
            lambda p: True,
            short,
        )

    def _crowded(self, series: Series) -> bool:
        """Whether columns are too thin for their numbers, which the axis, the notes and the workbook have."""
        most = max(abs(p.value) for p in series.points if p is not None)
        return width_of(f"{most:,.{self.chart.digits}f}", self.size) > self._pitch

    def _labels(
        self,
        series: Series,
        place: str,
        colour: Callable[[Point], str],
        told: Callable[[Point], bool],
        outside: Callable[[Point], bool] = lambda p: False,
        first: str = "",
    ) -> str:
        made = ""
        usual = next(
            (colour(p) for p in series.points if p and not (p.hollow or outside(p) or self._crossed(p))), theme.INK
        )
        for i, p in enumerate(series.points):
            if p is None:
                continue
            if not told(p):
                made += f'<c:dLbl><c:idx val="{i}"/><c:delete val="1"/></c:dLbl>'
            elif p.mark or p.hollow or outside(p) or self._crossed(p) or (first and i == 0):
                where = "outEnd" if outside(p) else first if first and i == 0 else place
                made += f'<c:dLbl><c:idx val="{i}"/>{self._raised(p)}{self._label(where, colour(p), p.mark)}</c:dLbl>'
        return f"<c:dLbls>{made}{self._label(place, usual, '')}</c:dLbls>"

    def _crossed(self, p: Point) -> bool:
        """Whether the line of an interval runs through the foot of a bar, where its number stands."""
        chart = self.chart
        if chart.kind != "bars" or not math.isfinite(p.low):
            return False
        origin = min(max(0.0, chart.low), chart.high)
        long = _NUMBER * self.size * (chart.high - chart.low) / (self.wide - self.names)
        return p.low < origin + (long if p.value >= origin else 0) and p.high > origin - (
            long if p.value < origin else 0
        )

    def _raised(self, p: Point) -> str:
        """The place of a number above that line."""
        if not self._crossed(p):
            return ""
        up = f'<c:x val="0"/><c:y val="{-_ABOVE * self.size / self.high:.4f}"/>'
        return f"<c:layout><c:manualLayout>{up}</c:manualLayout></c:layout>"

    def _label(self, place: str, colour: str, mark: str) -> str:
        shown = "".join(
            f'<c:show{name} val="{int(name == "Val")}"/>'
            for name in ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize")
        )
        return (
            f'<c:numFmt formatCode="{escape(self._format(mark))}" sourceLinked="0"/>'
            f"<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>{self._text(colour)}"
            f'<c:dLblPos val="{place}"/>{shown}'
        )

    def _format(self, mark: str = "") -> str:
        return number_format(self.chart.digits, self.tag, self.chart.signed, mark)

    def _categories(self, orientation: str, place: str) -> str:
        line = f"<c:spPr><a:ln>{fill(theme.FAINT)}</a:ln></c:spPr>"
        return (
            f'<c:catAx><c:axId val="111111"/><c:scaling><c:orientation val="{orientation}"/></c:scaling>'
            f'<c:delete val="0"/><c:axPos val="{place}"/>{self._title(self.chart.along) if self.chart.along else ""}'
            '<c:numFmt formatCode="General" sourceLinked="0"/>'
            f'<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>{line}'
            f"{self._text(turn=-90 if self._turned else 0)}"
            '<c:crossAx val="222222"/><c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/>'
            f'<c:lblOffset val="60"/><c:tickLblSkip val="{self._skip()}"/><c:noMultiLvlLbl val="1"/></c:catAx>'
        )

    @property
    def _pitch(self) -> float:
        """Points from one column to the next."""
        return (self.wide - self._left() - 1.6 * self.size) / len(self.chart.categories)

    @property
    def _turned(self) -> float:
        """How long the names of columns are that stand upright, in letters, as they do not fit beside each other; 0."""
        if self.chart.kind != "columns":
            return 0.0
        longest = max(width_of(word, self.size) for name in self.chart.categories for word in name.split())
        return longest / self.size if longest > self._pitch else 0.0

    def _skip(self) -> int:
        """Each of how many categories is named."""
        return max(1, math.ceil(1.25 * self.size / self._pitch)) if self._turned else 1

    def _values(self, place: str, *, deleted: bool, crosses: str) -> str:
        chart, tag = self.chart, self.tag
        low, high = ("0", "1") if chart.kind == "stacked" else (f"{chart.low:g}", f"{chart.high:g}")
        title = self._title(chart.unit, turned=place == "l")
        step = step_of(chart.high - chart.low)
        digits = 0 if float(step).is_integer() else 1
        grid = f'<c:majorGridlines><c:spPr><a:ln w="6350">{fill(theme.FAINT)}</a:ln></c:spPr></c:majorGridlines>'
        return (
            f'<c:valAx><c:axId val="222222"/><c:scaling><c:orientation val="minMax"/><c:max val="{high}"/>'
            f'<c:min val="{low}"/></c:scaling><c:delete val="{int(deleted)}"/><c:axPos val="{place}"/>'
            f"{'' if deleted else grid + title}"
            f'<c:numFmt formatCode="{escape(number_format(digits, tag, chart.signed))}" sourceLinked="0"/>'
            '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>'
            f"<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>{self._text(theme.SOFT)}"
            f'<c:crossAx val="111111"/><c:crosses val="{crosses}"/><c:crossBetween val="between"/>'
            + ("" if deleted else f'<c:majorUnit val="{step:g}"/>')
            + "</c:valAx>"
        )

    def _title(self, text: str, *, turned: bool = False) -> str:
        """What an axis measures."""
        turn = ' rot="-5400000" vert="horz"' if turned else ""
        return (
            f"<c:title><c:tx><c:rich><a:bodyPr{turn}/><a:lstStyle/><a:p><a:pPr>{self._look(theme.SOFT)}</a:pPr>"
            f'<a:r><a:rPr lang="{self.tag}" sz="{round(100 * self.size)}" b="0">{fill(theme.SOFT)}</a:rPr>'
            f'<a:t>{escape(written(text))}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val="0"/></c:title>'
        )

    def _text(self, colour: str = theme.INK, turn: int = 0) -> str:
        turned = f' rot="{60000 * turn}" vert="horz"' if turn else ""
        inside = f'<a:pPr>{self._look(colour)}</a:pPr><a:endParaRPr lang="{self.tag}"/>'
        return f"<c:txPr><a:bodyPr{turned}/><a:lstStyle/><a:p>{inside}</a:p></c:txPr>"

    def _look(self, colour: str) -> str:
        return f'<a:defRPr lang="{self.tag}" sz="{round(100 * self.size)}" b="0">{fill(colour)}</a:defRPr>'


def _outlined(series: Series) -> str:
    """The look of bars that are hollow."""
    edge = f'<c:spPr><a:noFill/><a:ln w="15875">{fill(series.colour)}</a:ln></c:spPr>'
    head = '<c:invertIfNegative val="0"/><c:bubble3D val="0"/>'
    return "".join(
        f'<c:dPt><c:idx val="{i}"/>{head}{edge}</c:dPt>'
        for i, p in enumerate(series.points)
        if p is not None and p.hollow
    )


def _legend_size(chart: SlideChart, size: float, wide: float) -> tuple[int, float]:
    """Lines of the legend and its width: names side by side, else in columns that are as wide as the longest."""
    each = [0.62 * size * len(s.name) + 3 * size for s in chart.series]
    if sum(each) <= 0.98 * wide:
        return 1, sum(each)
    columns = max(1, int(0.98 * wide / max(each)))
    return -(-len(each) // columns), 0.98 * wide


def _margins(chart: SlideChart, size: float, wide: float) -> tuple[float, float]:
    """What stands above and below the plot, in letters."""
    legend = 0.7 + 1.4 * _legend_size(chart, size, wide)[0] if len(chart.series) > 1 else 0.2
    if chart.kind in _UPRIGHT:
        below = 5.2 if chart.kind == "columns" else 3.9
        return legend + 1.4, below if chart.along else 2.2
    return legend, 0.4 if chart.kind == "stacked" else 3.4


def _axis_ids() -> str:
    return '<c:axId val="111111"/><c:axId val="222222"/>'


def _reach(series: Series, sign: int) -> list[float | None]:
    """How far the interval of each number goes down or up."""
    ends = [None if p is None else (p.high - p.value if sign > 0 else p.value - p.low) for p in series.points]
    return [None if x is None or not math.isfinite(x) else max(x, 0.0) for x in ends]
