"""The labelled rows of a figure: which label stands where, and how high each row is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from survey.exhibits.theme import Style
from survey.figures._canvas import Canvas, widest, wrap

__all__ = ["Slot", "Stub"]


_MORE = 0.15  # of the page's width, for labels with a word wider than their share


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a row stands, in points from the top of the rows; `label` is the height of a label above it."""

    top: float
    height: float
    label: float = 0.0

    @property
    def centre(self) -> float:
        """Middle of the row."""
        return self.top + self.height / 2

    @property
    def whole(self) -> Slot:
        """The row with the label above it."""
        return Slot(self.top - self.label, self.height + self.label)


@dataclass(slots=True)
class _Group:
    label: list[str]
    rows: list[int]


class Stub:
    """Labels of rows in one column, in two (group, row), or under headings where the groups' names are long.

    On a phone each label stands above its row, which takes the whole width.

    Parameters
    ----------
    keys : sequence of tuple of str
        Labels of each row, outermost first; all of the same length, possibly 0.
    sizes : Style
    share : float
        Largest part of the page's width that labels may take; a little more where a word of theirs is wider.
    least : float
        Least height of a row, in points.
    headings : bool
        Groups stand under headings, however short their names are.
    """

    def __init__(
        self, keys: Sequence[tuple[str, ...]], sizes: Style, share: float, least: float, headings: bool = False
    ) -> None:
        self.sizes = sizes
        size, self.pitch, self.gap = sizes.base, sizes.pitch(sizes.base), 0.8 * sizes.base
        nested = bool(keys) and len(keys[0]) > 1
        self.stacked = sizes.stacked
        inner = [" · ".join(key[1:]) if nested else "".join(key) for key in keys]
        runs = _runs([key[0] if nested else "" for key in keys])
        word = widest([w for text in inner for w in text.split(" ")], size)
        limit = share * sizes.width
        if self.stacked:
            limit = sizes.width - 2 * sizes.margin
        elif limit < word <= (share + _MORE) * sizes.width:  # rather than to cut the word
            limit = word
        room = limit - widest(inner, size) - self.gap  # for the groups' names, beside their rows
        self.beside = (
            nested
            and not headings
            and not self.stacked
            and all(len(_fits(name, room, size)) <= max(2, len(rows)) for name, rows in runs)
        )
        self.headed = nested and not self.beside
        self.inner = [wrap(text, limit, size) for text in inner]
        self.inner_width = max((widest(lines, size) for lines in self.inner), default=0.0)
        name_room = room if self.beside else sizes.width - 2 * sizes.margin
        self.groups = [
            _Group(wrap(name, name_room, size, "bold") if nested and name else [], rows) for name, rows in runs
        ]
        self.outer_width = max((widest(g.label, size, "bold") for g in self.groups), default=0) if self.beside else 0.0
        self.width = self.inner_width + (self.outer_width + self.gap if self.beside else 0.0)
        self.width = 0.0 if self.stacked else self.width + (self.gap if self.width else 0.0)
        self.apart = 0.3 * size  # a label is nearer to its row than to the row before
        self.labels = [
            len(lines) * self.pitch + self.apart if self.stacked and any(lines) else 0.0 for lines in self.inner
        ]
        self.between = 0.55 * size if nested else 0.0
        beside = [0 if self.stacked else len(lines) * self.pitch for lines in self.inner]
        self.natural = [max(least, tall + 0.25 * size) + label for tall, label in zip(beside, self.labels, strict=True)]
        if self.beside:
            for group in self.groups:
                need = len(group.label) * self.pitch + 0.25 * size
                grow = max(1.0, need / sum(self.natural[i] for i in group.rows))
                for i in group.rows:
                    self.natural[i] *= grow
        self.fixed = sum(self._heading(g) + self.between for g in self.groups) - (self.between if self.groups else 0)

    @property
    def height(self) -> float:
        """Height of all rows, in points."""
        return sum(self.natural) + self.fixed

    def _heading(self, group: _Group) -> float:
        return len(group.label) * self.pitch + 0.2 * self.sizes.base if self.headed and group.label else 0.0

    def slots(self, height: float) -> list[Slot]:
        """Where each row stands when all of them are given `height` points."""
        stretch = (height - self.fixed) / sum(self.natural) if self.natural else 1.0
        slots, top = [], 0.0
        for group in self.groups:
            top += self._heading(group)
            for i in group.rows:
                label = self.labels[i]
                slots.append(Slot(top + label, stretch * self.natural[i] - label, label))
                top += stretch * self.natural[i]
            top += self.between
        return slots

    def bands(self, height: float) -> list[Slot]:
        """Where each group of rows stands."""
        slots = [slot.whole for slot in self.slots(height)]
        ends = [(slots[g.rows[0]].top, slots[g.rows[-1]].top + slots[g.rows[-1]].height) for g in self.groups]
        return [Slot(first, last - first) for first, last in ends]

    def spans(self, height: float) -> list[Slot]:
        """Where vertical lines run: along each group, or along each row where labels stand between rows."""
        return self.slots(height) if any(self.labels) else self.bands(height)

    def draw(self, canvas: Canvas, left: float, top: float, height: float) -> None:
        """Write the labels."""
        size = self.sizes.base
        for slot, lines in zip(self.slots(height), self.inner, strict=True):
            if self.stacked:
                canvas.block(left, top + slot.top - slot.label + self.apart, lines, size, self.pitch)
                continue
            right = left + self.width - self.gap
            canvas.middle(right, top + slot.centre, lines, size, self.pitch, ha="right")
        for band, group in zip(self.bands(height), self.groups, strict=True):
            if self.headed:
                start = top + band.top - self._heading(group)
                canvas.block(left, start, group.label, size, self.pitch, weight="bold")
            elif self.outer_width:
                canvas.middle(left, top + band.centre, group.label, size, self.pitch, weight="bold")


def _fits(name: str, room: float, size: float) -> list[str]:
    """The lines of a name in a column; far too many where the column is narrower than its widest word."""
    words = name.split(" ")
    return words * 99 if widest(words, size, "bold") > room else wrap(name, room, size, "bold")


def _runs(values: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Runs of equal values with the positions they hold."""
    return [(name, [i for i, _ in run]) for name, run in groupby(enumerate(values), key=lambda pair: pair[1])]
