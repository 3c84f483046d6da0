"""The checks of interviewers where no row of columns fits: a list of what is to be verified under each name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from survey.exhibits import theme
from survey.exhibits.theme import Style
from survey.figures._canvas import Body, Canvas, widest, wrap
from survey.figures._legend import Legend
from survey.quality._words import say
from survey.quality.result import written
from survey.words import locale as loc

__all__ = ["QualityList"]


class _Row(Protocol):
    """An interviewer (in a wave) and the values of the checks."""

    @property
    def key(self) -> tuple[str, ...]: ...
    @property
    def n(self) -> int: ...
    @property
    def values(self) -> dict[str, float]: ...


class QualityList(Body):
    """Names with their interviews; below each name a line for each check that is dark or pale.

    Parameters
    ----------
    rows : sequence of rows
        In the order they are shown.
    found : mapping of row number to list of (check, colour)
        What is to be verified, or nearly so.
    legend : (words, colours)
    """

    def __init__(
        self,
        rows: Sequence[_Row],
        found: Mapping[int, list[tuple[str, str]]],
        legend: tuple[list[str], list[str]],
        sizes: Style,
        lang: str,
    ) -> None:
        self.sizes = sizes
        size, inner = sizes.base, sizes.width - 2 * sizes.margin
        self.legend = Legend(*legend, sizes, inner)
        self.box = 0.95 * size
        self.numbers = [f"n = {loc.count(row.n, lang)}" for row in rows]
        room = inner - widest(self.numbers, sizes.small) - size
        self.names = [wrap(" · ".join(row.key), room, size, "bold") for row in rows]
        self.lines = [
            [
                (
                    wrap(f"{say(check, lang)}: {written(check, row.values[check], lang)}", inner - 2 * self.box, size),
                    colour,
                )
                for check, colour in found.get(i, [])
            ]
            for i, row in enumerate(rows)
        ]
        self.pitch = sizes.pitch(size)
        self.gap = 0.6 * size
        tall = sum(
            len(name) + sum(len(text) for text, _ in lines) for name, lines in zip(self.names, self.lines, strict=True)
        )
        self.height = self.legend.height + tall * self.pitch + len(rows) * self.gap

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """Legend, then the names from top to bottom."""
        sizes, size = self.sizes, self.sizes.base
        self.legend.draw(canvas, sizes.margin, top)
        top += self.legend.height
        for number, name, lines in zip(self.numbers, self.names, self.lines, strict=True):
            top += self.gap
            right = sizes.width - sizes.margin
            canvas.block(right, top, [number], sizes.small, self.pitch, ha="right", colour=theme.SOFT)
            top += canvas.block(sizes.margin, top, name, size, self.pitch, weight="bold")
            for text, colour in lines:
                middle = top + self.pitch / 2 - self.box / 2
                canvas.rectangle(sizes.margin, middle, self.box, self.box, colour)
                top += canvas.block(sizes.margin + 1.6 * self.box, top, text, size, self.pitch)
