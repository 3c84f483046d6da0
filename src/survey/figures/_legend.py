"""Legends in the order of the scale, outside the plot, broken into rows where they are long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from survey.exhibits import theme
from survey.exhibits.theme import Style
from survey.figures._canvas import Canvas, text_width, widest, wrap
from survey.figures._page import legends_apart

__all__ = ["Legend", "MarkerLegend", "StripLegend"]


class Legend:
    """Coloured squares with labels."""

    def __init__(self, labels: Sequence[str], colours: Sequence[str], sizes: Style, width: float) -> None:
        self.labels, self.colours, self.apart = labels, colours, legends_apart()
        self.arrange(sizes, width)

    def arrange(self, sizes: Style, width: float) -> None:
        """Break it into rows of this width."""
        self.sizes, self.width = sizes, width
        self.box, self.gap, self.pitch = 0.95 * sizes.base, 1.5 * sizes.base, 1.15 * sizes.pitch(sizes.base)
        self.lines = [wrap(label, width - self.box - 0.4 * sizes.base, sizes.base) for label in self.labels]
        self.rows: list[list[int]] = [[]]
        used = 0.0
        for i in range(len(self.labels)):
            need = self._entry(i)
            if self.rows[-1] and used + need > width:
                self.rows.append([])
                used = 0.0
            self.rows[-1].append(i)
            used += need + self.gap

    @property
    def height(self) -> float:
        """Height in points."""
        return 0.0 if self.apart else sum(self._tall(row) for row in self.rows)

    @property
    def entries(self) -> list[tuple[str, ...]]:
        """What each mark looks like, then its label: legends with the same entries are one."""
        return list(zip(self.colours, self.labels, strict=True))

    def take(self, other: Legend, i: int) -> None:
        """Add entry `i` of another legend; `arrange` it afterwards."""
        self.labels, self.colours = [*self.labels, other.labels[i]], [*self.colours, other.colours[i]]

    def _entry(self, i: int) -> float:
        return self.box + 0.4 * self.sizes.base + widest(self.lines[i], self.sizes.base)

    def _tall(self, row: Sequence[int]) -> float:
        """Height of a row, whose longest entry may take several lines."""
        return self.pitch + (max((len(self.lines[i]) for i in row), default=1) - 1) * self.sizes.pitch(self.sizes.base)

    def _mark(self, canvas: Canvas, i: int, x: float, centre: float) -> None:
        canvas.rectangle(x, centre - self.box / 2, self.box, self.box, self.colours[i])

    def draw(self, canvas: Canvas, left: float, top: float) -> None:
        """Draw from the left."""
        if self.apart:
            return
        size = self.sizes.base
        for row in self.rows:
            x, centre = left, top + self.pitch / 2
            for i in row:
                self._mark(canvas, i, x, centre)
                pitch = self.sizes.pitch(size)
                canvas.block(x + self.box + 0.4 * size, centre - pitch / 2, self.lines[i], size, pitch)
                x += self._entry(i) + self.gap
            top += self._tall(row)


class MarkerLegend(Legend):
    """Markers of series with labels."""

    def _mark(self, canvas: Canvas, i: int, x: float, centre: float) -> None:
        from matplotlib.lines import Line2D

        canvas.figure.add_artist(
            Line2D(
                [(x + self.box / 2) / canvas.width],
                [1 - centre / canvas.height],
                transform=canvas.figure.transFigure,
                linestyle="none",
                **self._look(i),
            )
        )

    def _look(self, i: int) -> dict[str, Any]:
        """The marker of an entry."""
        return marker(i, self.sizes)


class StripLegend:
    """A long scale: one strip of small boxes with their codes, the two ends in words."""

    def __init__(
        self, codes: Sequence[str], ends: tuple[str, str], colours: Sequence[str], sizes: Style, width: float
    ) -> None:
        self.codes, self.ends, self.colours, self.apart = codes, ends, colours, legends_apart()
        self.arrange(sizes, width)

    def arrange(self, sizes: Style, width: float) -> None:
        """Fit it into this width."""
        self.sizes, size = sizes, sizes.base
        self.box = max(1.5 * size, max(text_width(c, size) for c in self.codes) + 0.7 * size)
        self.side = [text_width(text, size) + 0.6 * size for text in self.ends]
        # the words go above the strip where they do not fit beside it
        self.stacked = sum(self.side) + self.box * len(self.codes) > width
        self.pitch = 1.15 * sizes.pitch(size)

    @property
    def height(self) -> float:
        """Height in points."""
        return 0.0 if self.apart else self.pitch * (2.2 if self.stacked else 1.25)

    @property
    def entries(self) -> list[tuple[str, ...]]:
        """What each box looks like, then its code, and the words of both ends."""
        return [*zip(self.colours, self.codes, strict=True), ("", " → ".join(self.ends))]

    def draw(self, canvas: Canvas, left: float, top: float) -> None:
        """Draw from the left."""
        if self.apart:
            return
        size, high = self.sizes.base, 1.1 * self.pitch
        if self.stacked:
            canvas.middle(left, top + self.pitch / 2, [f"{self.ends[0]} → {self.ends[1]}"], size, self.pitch)
            top += self.pitch
        else:
            canvas.middle(left, top + high / 2, [self.ends[0]], size, self.pitch)
            after = left + self.side[0] + self.box * len(self.codes) + 0.6 * size
            canvas.middle(after, top + high / 2, [self.ends[1]], size, self.pitch)
            left += self.side[0]
        for i, (code, colour) in enumerate(zip(self.codes, self.colours, strict=True)):
            x = left + i * self.box
            canvas.rectangle(x, top, self.box - 0.8, high, colour)
            ink = theme.on(colour)
            canvas.middle(x + self.box / 2, top + high / 2, [code], size, self.pitch, ha="center", colour=ink)


def marker(i: int, sizes: Style) -> dict[str, Any]:
    """Marker of series `i`: shape and filling differ as well as colour, so that grey print tells them apart."""
    colour = theme.SERIES[i]
    return {
        "marker": theme.MARKERS[i],
        "markersize": (0.68, 0.62, 0.72, 0.62)[i] * sizes.base,
        "color": colour,
        "markerfacecolor": colour if i % 2 == 0 else "white",
        "markeredgewidth": 0.14 * sizes.base,
        "markeredgecolor": colour,
    }
