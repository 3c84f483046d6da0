"""How a map is drawn: areas in shades or hatched, names and numbers where they fit, the legend below."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base import catalogue
from survey.base.geojson import Area
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.theme import Style
from survey.figures._canvas import Body, Canvas, widest, wrap
from survey.figures._legend import Legend
from survey.figures._map_shapes import Plan, label_place, outside_place, path_of, size_of
from survey.figures._page import shared, shared_numbers
from survey.figures._shades import classes_of, ink_on
from survey.figures._units import Unit, Units
from survey.words import locale as loc
from survey.words.statuses import hidden_text, mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["MapBody"]

_NONE, _FEW, _WITHHELD = "xxxx", "////", "\\\\\\\\"
_UNSURE = "..."
_GROUND = "#ffffff"
_LINE = "#ffffff"
_BORDER = "#6b6b6b"
_OUTSIDE = 0.2
"""Of the areas: so many names stand beside the map at most."""
_SMALLER = (0.9, 0.82)
"""Of the size of a name that has no room: only where letters stay as large as those of a page."""


class _Key(Legend):
    """Squares of shades, some of them hatched."""

    def __init__(self, entries: Sequence[tuple[str, str, str]], sizes: Style, width: float) -> None:
        super().__init__([text for text, _, _ in entries], [colour for _, colour, _ in entries], sizes, width)
        self.hatches = [hatch for _, _, hatch in entries]

    @property
    def entries(self) -> list[tuple[str, ...]]:
        """With their hatches."""
        return [
            (colour + hatch, text) for colour, hatch, text in zip(self.colours, self.hatches, self.labels, strict=True)
        ]

    def take(self, other: Legend, i: int) -> None:
        """With its hatch."""
        super().take(other, i)
        self.hatches = [*self.hatches, other.hatches[i] if isinstance(other, _Key) else ""]

    def _mark(self, canvas: Canvas, i: int, x: float, centre: float) -> None:
        from matplotlib.patches import Rectangle

        canvas.figure.add_artist(
            Rectangle(
                (x / canvas.width, 1 - (centre + self.box / 2) / canvas.height),
                self.box / canvas.width,
                self.box / canvas.height,
                transform=canvas.figure.transFigure,
                facecolor=self.colours[i],
                edgecolor=_BORDER,
                hatch=_dense(self.hatches[i]),
                linewidth=0.05 * self.sizes.base,
            )
        )


def _hatch(unit: Unit) -> str:
    """Of an area that is not shown: on too few answers, or withheld so that one on too few cannot be computed."""
    return _WITHHELD if unit.detail == "complementary" else _FEW


def _dense(hatch: str) -> str | None:
    """The same hatch, closer: a square of the legend is small."""
    return hatch * 2 if hatch else None


class MapBody(Body):
    """A map and its legend."""

    def __init__(
        self,
        exhibit: Exhibit,
        sizes: Style,
        found: Units,
        shapes: Sequence[tuple[Unit, Sequence[Area]]],
        others: Sequence[Area],
    ) -> None:
        self.exhibit, self.sizes, self.found, self.shapes, self.others = exhibit, sizes, found, shapes, others
        options, lang = exhibit.options, exhibit.lang
        self.plan = Plan(options["regions"])
        values = shared_numbers(np.array([u.estimate for u, own in shapes if own], float))
        self.classes = classes_of(
            values, found.measure, lang, options.get("digits"), options["classes"], options.get("method")
        )
        inner = sizes.width - 2 * sizes.margin
        self.legend = _Key(self._entries(), sizes, inner)
        self.unit = wrap(found.unit, inner, sizes.small) if found.unit else []
        self.below = 0.6 * sizes.base + len(self.unit) * sizes.pitch(sizes.small)
        self.below += self.legend.height
        # a slide gives what height there is
        tallest = (0.2 if sizes.height else 1.1 if sizes.brief else 0.72) * sizes.width
        self.height = max(min(inner * self.plan.shape, tallest), 0.2 * inner) + self.below

    def _entries(self) -> list[tuple[str, str, str]]:
        lang, least = self.exhibit.lang, self.exhibit.thresholds[0]
        found = [(text, colour, "") for text, colour in zip(self.classes.texts, self.classes.colours, strict=True)]
        drawn = [u for u, own in self.shapes if own]
        if any(self._unsure(u) for u in drawn):
            null = loc.number(self.found.measure.factor * (self.found.measure.no_difference or 0), 0, lang)
            found.append((catalogue.text("map.unsure", lang, null=null), _GROUND, _UNSURE))
        hidden = {_hatch(u): hidden_text(u.detail, lang, least, False) for u in drawn if u.status == "suppressed"}
        found += [(text, _GROUND, hatch) for hatch, text in sorted(hidden.items())]
        if self.others or any(u.status == "empty" for u in drawn):
            found.append((catalogue.text("map.no_estimate", lang), _GROUND, _NONE))
        return found

    def _unsure(self, u: Unit) -> bool:
        """Whether the interval of a difference includes no difference."""
        null = self.found.measure.no_difference
        return null is not None and bool(u.low <= self.found.measure.factor * null <= u.high)

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """Areas from the largest to the smallest, so that one inside another is seen; then names; then the legend."""
        sizes = self.sizes
        inner, room = sizes.width - 2 * sizes.margin, height - self.below
        axes = canvas.axes(sizes.margin, top, inner, room)
        axes.set(xlim=(0, inner), ylim=(0, room))
        placed: list[tuple[float, Unit | None, Any]] = []
        units = [(u, [p for area in own for p in self.plan.placed(area, inner, room)]) for u, own in self.shapes if own]
        for unit, polygons in [*units, *((None, self.plan.placed(area, inner, room)) for area in self.others)]:
            placed.append((size_of(polygons), unit, polygons))
        placed.sort(key=lambda entry: -entry[0])
        for order, (look, run) in enumerate(groupby(placed, key=lambda entry: self._look(entry[1]))):
            self._areas(axes, look, [polygons for _, _, polygons in run], 1 + order / (len(placed) + 1))
        left = [(unit, polygons) for unit, polygons in units if not self._label(axes, unit, polygons)]
        if len(left) <= _OUTSIDE * len(units):  # of many, lines to them would be a net
            self._outside(axes, left, [ring for _, _, polygons in placed for p in polygons for ring in p], inner, room)
        else:
            for unit, polygons in left:
                self._label(axes, unit, polygons, named=False)
        below = top + room + 0.6 * sizes.base
        pitch = sizes.pitch(sizes.small)
        below += canvas.block(sizes.margin, below, self.unit, sizes.small, pitch, colour=theme.SOFT)
        self.legend.draw(canvas, sizes.margin, below)

    def _look(self, unit: Unit | None) -> tuple[str, str]:
        """Shade and hatch of an area."""
        if unit is None or unit.status == "empty":
            return _GROUND, _NONE
        if not np.isfinite(unit.estimate):
            return _GROUND, _hatch(unit)
        return self.classes.colours[self.classes.of(unit.estimate)], _UNSURE if self._unsure(unit) else ""

    def _areas(self, axes: Axes, look: tuple[str, str], shapes: Sequence[Any], order: float) -> None:
        """Areas of one look, as one path: a thousand hatched ones of a country would take a minute."""
        from matplotlib.collections import PathCollection

        colour, hatch = look
        paths = [path_of([polygon for polygons in shapes for polygon in polygons])]
        ink = _BORDER if hatch != _UNSURE else ink_on(colour)
        # the hatch has the colour of the edge: the edge is drawn again above it, in one colour for all
        fill = PathCollection(paths, facecolors=[colour], edgecolors=[ink], hatch=hatch or None, lw=0, zorder=order)
        thin = 0.06 * self.sizes.base
        line = PathCollection(paths, facecolors="none", edgecolors=[_BORDER], lw=thin, zorder=order)
        axes.add_collection(fill, autolim=False)
        axes.add_collection(line, autolim=False)

    def _label(self, axes: Axes, unit: Unit, polygons: Any, named: bool = True) -> bool:
        """Name and number inside the area (or the number alone), and whether there was room.

        On a slide, smaller letters than its own do.
        """
        sizes = self.sizes
        full = 0.92 * sizes.small
        number = self._number(unit)
        longest = widest(unit.label.split(" "), full)
        column = max(7.5 * sizes.base, longest)
        choices = [(wrap(unit.label, width, full), full, sizes.base) for width in (column, max(column / 2, longest))]
        least = 0.92 * theme.style("full").small
        for scale in _SMALLER if full * _SMALLER[-1] >= least else ():
            choices += [(lines, scale * full, scale * sizes.base) for lines, _, _ in choices[:2]]
        outline = tuple(ring.tobytes() for polygon in polygons for ring in polygon)
        for lines, small, base in choices if named else [([], full, sizes.base)]:
            if not (lines or number):
                continue
            box = self._box(lines, number, small, base)
            place = shared((outline, *box), partial(label_place, polygons, *box))
            if place is not None:
                self._write(axes, unit, lines, place, small, base)
                return True
        return False

    def _box(self, lines: Sequence[str], number: str, small: float, base: float) -> tuple[float, float]:
        """Width and height of a name and a number."""
        wide = max(widest(lines, small), widest([number], base, "bold")) + 0.5 * small
        return wide, len(lines) * 1.2 * small + (1.25 * base if number else 0)

    def _write(
        self,
        axes: Axes,
        unit: Unit,
        lines: Sequence[str],
        place: tuple[float, float],
        small: float,
        base: float,
        outside: bool = False,
    ) -> None:
        """A name and its number, centred; `outside` of its area on the white of the page."""
        from survey.figures._text import Writer

        colour, hatch = self._look(unit)
        number = self._number(unit)
        texts = [*lines, *([number] if number else [])]
        x, y = place[0], place[1] + self._box(lines, number, small, base)[1] / 2
        # a name on a hatch needs a ground of its own
        ground = (colour if np.isfinite(unit.estimate) else _GROUND) if hatch and not outside else None
        ink = theme.INK if outside else ink_on(colour) if np.isfinite(unit.estimate) else theme.SOFT
        for i, text in enumerate(texts):
            strong = bool(number) and i == len(texts) - 1
            step = 1.25 * base if strong else 1.2 * small
            y -= step
            pen = Writer(axes, base, "bold") if strong else Writer(axes, small)
            look: dict[str, Any] = {"ha": "center", "colour": ink, "ground": ground}
            pen.write(x, y + 0.5 * step, text, zorder=4, **look)

    def _outside(self, axes: Axes, left: Sequence[tuple[Unit, Any]], rings: Any, inner: float, room: float) -> None:
        """Names that found no room, beside the map with a line to their area; where there is none, the number alone."""
        small, base = 0.92 * self.sizes.small, self.sizes.base
        taken: list[tuple[float, float, float, float]] = []
        for unit, polygons in left:
            number, point = self._number(unit), label_place(polygons, 0.6 * base, 0.6 * base)
            place, lines, wide, high = None, [""], 0.0, 0.0
            for width in (7.5 * base, widest(unit.label.split(" "), small)):
                lines = wrap(unit.label, width, small)
                wide, high = self._box(lines, number, small, base)
                place = None if point is None else outside_place(rings, taken, (wide, high), (inner, room), point)
                if place is not None:
                    break
            if place is None or point is None:
                self._label(axes, unit, polygons, named=False)
                continue
            ends = (place[0] - wide / 2, place[1] - high / 2, place[0] + wide / 2, place[1] + high / 2)
            taken.append(ends)
            reach = np.clip(point, ends[:2], ends[2:])
            axes.plot(*zip(point, reach, strict=True), color=theme.INK, linewidth=0.07 * base, zorder=3)
            axes.plot(*point, marker="o", markersize=0.25 * base, color=theme.INK, zorder=3)
            self._write(axes, unit, lines, place, small, base, outside=True)

    def _number(self, unit: Unit) -> str:
        if not np.isfinite(unit.estimate):
            return ""
        measure = self.found.measure
        text = measure.value(unit.estimate / measure.factor, self.exhibit.lang, self.exhibit.options.get("digits"))
        return text + mark(unit.status, unit.detail)
