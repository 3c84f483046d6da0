"""How a shaded table is drawn: heads, a shaded cell a number, and the foot of lowest, median and highest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survey.base import catalogue
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.theme import Style
from survey.figures._canvas import Body, Canvas, fill, text_width, widest, wrap
from survey.figures._heat_cells import Cell, Heat
from survey.figures._legend import Legend
from survey.figures._page import shared_numbers
from survey.figures._shades import Classes, classes_of, ink_on, sequential
from survey.figures._stub import Stub
from survey.words import locale as loc
from survey.words.statuses import hidden_text, mark

__all__ = ["heat_body"]

_LEAST = 9.0
"""Points of the smallest letters, where those of notes are not smaller."""
_FOOT = ("low", "median", "high")
_NAMED = 2


def heat_body(exhibit: Exhibit, sizes: Style, found: Heat) -> Body:
    """A shaded table; where a page is too narrow for the numbers of all its columns, some of them and others below."""
    every = len(found.heads)
    try:
        return _HeatBody(exhibit, sizes, found, found)
    except ExportError:
        if sizes.height is not None:  # a slide has no room below
            raise
    for number in range(2, every + 1):
        step = -(-every // number)
        try:
            blocks = [_HeatBody(exhibit, sizes, _columns(found, k, step), found, k) for k in range(0, every, step)]
        except ExportError:
            continue
        return _Blocks(blocks, sizes)
    return _HeatBody(exhibit, sizes, found, found)  # says that it is too narrow


def _columns(found: Heat, first: int, number: int) -> Heat:
    """Neighbouring columns of a table."""
    end = first + number
    cells = {(i, j - first): cell for (i, j), cell in found.cells.items() if first <= j < end}
    heads, units, foot = found.heads[first:end], found.units[first:end], found.foot[first:end]
    return replace(found, heads=heads, units=units, cells=cells, foot=foot)


class _Blocks(Body):
    """Tables below each other."""

    def __init__(self, blocks: list[_HeatBody], sizes: Style) -> None:
        self.blocks, self.gap, self.legend = blocks, 1.2 * sizes.base, blocks[0].legend
        self.height = sum(block.height for block in blocks) + self.gap * (len(blocks) - 1)

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """From top to bottom; room that is left goes to each by its height."""
        stretch = (height - self.gap * (len(self.blocks) - 1)) / sum(block.height for block in self.blocks)
        for block in self.blocks:
            block.draw(canvas, top, stretch * block.height)
            top += stretch * block.height + self.gap


class _HeatBody(Body):
    """A shaded table, `start` columns of it left out before it; shades are of the `whole`, whose legend is on top."""

    def __init__(self, exhibit: Exhibit, sizes: Style, found: Heat, whole: Heat, start: int = 0) -> None:
        self.exhibit, self.sizes, self.found, self.whole, self.start = exhibit, sizes, found, whole, start
        lang, size, small = exhibit.lang, sizes.base, sizes.small
        self.classes = [self._classes(j) for j in range(len(found.heads))]
        inner = sizes.width - 2 * sizes.margin
        self.foot_names = [catalogue.text(f"heat.{name}", lang) for name in _FOOT]
        self.stub = Stub(found.keys, sizes, 0.3, 1.6 * size, exhibit.estimates.breakdowns is not None)
        # on a phone the names of the foot stand above their rows, as those of the other rows do
        self.label = sizes.pitch(small) + self.stub.apart if sizes.stacked else 0.0
        stub = 0.0 if self.label else max(self.stub.width, widest(self.foot_names, small, "bold") + 0.8 * size)
        self.left = sizes.margin + stub
        self.cell = (sizes.width - sizes.margin - self.left) / len(found.heads)
        self.letters = self._letters(size)
        room = self.cell - 3
        self.head_size = min(small, self.letters)
        whose = [self._whose(j, name) for name in ("low", "high") for j in range(len(found.heads))]
        words = [word for text in (*found.heads, *found.units, *whose) for word in text.split()]
        # columns that are narrower than a word have numbers, and a list below says what these are
        self.keyed = widest(words, self.head_size) > room
        numbers = [str(start + j + 1) for j in range(len(found.heads))]
        heads, units = (numbers, [""] * len(numbers)) if self.keyed else (found.heads, found.units)
        self.heads = [fill(text, room, self.head_size) for text in heads]
        self.units = [fill(text, room, self.head_size) if text else [] for text in units]
        self.list = [line for j in range(len(numbers)) for line in self._listed(j, inner)] if self.keyed else []
        pitch = sizes.pitch(self.head_size)
        tallest = max(len(h) + len(u) for h, u in zip(self.heads, self.units, strict=True))
        self.head_height = tallest * pitch + 0.4 * size
        self.named = [[self._named(j, name, room) for j in range(len(found.heads))] for name in _FOOT]
        self.foot_heights = [
            self.label + 1.5 * size + max((len(lines) for lines in row), default=0) * sizes.pitch(self.head_size)
            for row in self.named
        ]
        self.legend = Legend(*self._key(), sizes, inner)
        self.unit = wrap(found.unit, inner, small) if found.unit else []
        self.above = self.head_height
        if start == 0:
            self.above += self.legend.height + 0.3 * size + len(self.unit) * sizes.pitch(small)
        self.height = self.above + self.stub.height + 0.5 * size + sum(self.foot_heights) + 0.2 * size
        self.height += (len(self.list) * sizes.pitch(small) + 0.6 * size) if self.list else 0.0

    def _classes(self, j: int) -> Classes:
        found, options = self.found, self.exhibit.options
        own = found.column(j) if found.shade == "column" else [c.value for c in self.whole.cells.values()]
        values = np.array(own, float)
        return classes_of(
            values if found.shade == "column" else shared_numbers(values),
            found.measure(j),
            self.exhibit.lang,
            options.get("digits"),
            options["classes"],
            options.get("method"),
        )

    def _key(self) -> tuple[list[str], list[str]]:
        """Texts and shades of the legend; of shades that each column has for itself, only which end is which."""
        if self.found.shade == "table":
            return list(self.classes[0].texts), list(self.classes[0].colours)
        ends = [catalogue.text(f"heat.{end}_of_column", self.exhibit.lang) for end in ("low", "high")]
        shades = sequential(5)
        return ends, [shades[0], shades[-1]]

    def _letters(self, most: float) -> float:
        """The largest letters in which every number fits its column."""
        need = max(text_width(self._text(cell), 1.0, "bold") for cell in self.found.cells.values())
        letters = min(most, (self.cell - 2.5) / need) if need else most
        if letters < min(_LEAST, self.sizes.small):
            raise ExportError(
                "The columns are too narrow for their numbers.",
                got=f"{len(self.found.heads)} columns at width {self.sizes.name!r}",
                fix='choose width="full", fewer columns, or digits=0',
            )
        return letters

    def _text(self, cell: Cell | None) -> str:
        if cell is None:
            return ""
        lang = self.exhibit.lang
        if cell.status == "suppressed":
            return hidden_text(cell.detail, lang, self.exhibit.thresholds[0])
        value = cell.measure.value(cell.value / cell.measure.factor, lang, self.exhibit.options.get("digits"))
        return value + mark(cell.status, cell.detail)

    def _whose(self, j: int, name: str) -> str:
        """Names of the units at an end; of many that are equal, how many more."""
        foot = self.found.foot[j]
        who = {"low": foot.lowest, "high": foot.highest, "median": []}[name]
        said = "; ".join(who[:_NAMED])
        if len(who) > _NAMED:
            said += " " + catalogue.text("heat.more", self.exhibit.lang, n=len(who) - _NAMED)
        return said

    def _named(self, j: int, name: str, room: float) -> list[str]:
        said = "" if self.keyed else self._whose(j, name)
        return wrap(said, room, self.head_size) if said else []

    def _listed(self, j: int, width: float) -> list[str]:
        """What a numbered column is, and which units have its lowest and its highest number."""
        found, lang = self.found, self.exhibit.lang
        unit = f" ({found.units[j]})" if found.units[j] else ""
        ends = [
            f"{catalogue.text(f'heat.{name}', lang).lower()}: {whose}"
            for name in ("low", "high")
            if (whose := self._whose(j, name))
        ]
        return fill("; ".join([f"{self.start + j + 1}. {found.heads[j]}{unit}", *ends]), width, self.sizes.small)

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """Legend, heads, rows, foot."""
        sizes, size, small, found = self.sizes, self.sizes.base, self.sizes.small, self.found
        if self.start == 0:
            at = top + canvas.block(sizes.margin, top, self.unit, small, sizes.pitch(small), colour=theme.SOFT)
            self.legend.draw(canvas, sizes.margin, at)
        rows_top, rows = top + self.above, height - (self.height - self.stub.height)
        pitch = sizes.pitch(self.head_size)
        for j, (head, unit) in enumerate(zip(self.heads, self.units, strict=True)):
            centre = self.left + (j + 0.5) * self.cell
            start = rows_top - 0.3 * size - (len(head) + len(unit)) * pitch
            start += canvas.block(centre, start, head, self.head_size, pitch, ha="center")
            canvas.block(centre, start, unit, self.head_size, pitch, ha="center", colour=theme.SOFT)
        self.stub.draw(canvas, sizes.margin, rows_top, rows)
        for i, slot in enumerate(self.stub.slots(rows)):
            for j in range(len(found.heads)):
                self._cell(canvas, found.cells.get((i, j)), j, rows_top + slot.top, slot.height)
        at = rows_top + rows + 0.5 * size
        canvas.rectangle(sizes.margin, at - 0.25 * size, sizes.width - 2 * sizes.margin, 0.08 * size, theme.INK)
        for name, label, named, high in zip(_FOOT, self.foot_names, self.named, self.foot_heights, strict=True):
            line = 1.5 * size
            if self.label:
                canvas.block(sizes.margin, at + self.stub.apart, [label], small, sizes.pitch(small), weight="bold")
            else:
                right = self.left - 0.8 * size
                canvas.middle(right, at + line / 2, [label], small, sizes.pitch(small), ha="right", weight="bold")
            for j in range(len(found.heads)):
                self._foot(canvas, j, name, named[j], at + self.label, line)
            at += high
        canvas.block(sizes.margin, at + 0.5 * size, self.list, small, sizes.pitch(small))

    def _cell(self, canvas: Canvas, cell: Cell | None, j: int, top: float, height: float) -> None:
        left = self.left + j * self.cell
        colour = theme.BAND
        if cell is not None and cell.shown:
            colour = self.classes[j].colours[self.classes[j].of(cell.value)]
        canvas.rectangle(left + 0.4, top + 0.4, self.cell - 0.8, height - 0.8, colour)
        text = self._text(cell)
        if text:
            ink = ink_on(colour) if cell is not None and cell.shown else theme.SOFT
            pitch = self.sizes.pitch(self.letters)
            canvas.middle(left + self.cell / 2, top + height / 2, [text], self.letters, pitch, ha="center", colour=ink)

    def _foot(self, canvas: Canvas, j: int, name: str, whose: list[str], top: float, line: float) -> None:
        foot, measure = self.found.foot[j], self.found.measure(j)
        value = {"low": foot.low, "median": foot.median, "high": foot.high}[name]
        centre = self.left + (j + 0.5) * self.cell
        text = loc.number(np.nan)
        if np.isfinite(value):
            text = measure.value(value / measure.factor, self.exhibit.lang, self.exhibit.options.get("digits"))
        pitch = self.sizes.pitch(self.letters)
        canvas.middle(centre, top + line / 2, [text], self.letters, pitch, ha="center", weight="bold")
        small = self.head_size
        canvas.block(centre, top + line - 0.1 * small, whose, small, self.sizes.pitch(small), ha="center")
