"""How wide the columns of a Word table are: no number and no word broken while any size of letters allows it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from survey.tables._grid import Grid
from survey.words import locale as loc

__all__ = [
    "Layout",
    "banner",
    "column_blocks",
    "fits",
    "layout_of",
    "line_width",
    "spans",
    "unbroken",
    "widths_at",
]

_SIZES = (10.5, 9.0, 8.0, 7.0)  # points; the first for few columns only
_FEW, _MANY = 4, 6
_NAMES_MM, _WORDS_MM = 40.0, 60.0
"""Least room for the names of rows where a table is cut into blocks of columns; and the most for cells of words."""
_MM = 25.4 / 72
_NAMES_SHARE = 0.25
"""Of the page, what names of rows may take before headings, where they share with cells of words."""
_SLACK = 0.6  # mm; fonts are not measured, and a renderer has its own widths
# Advance widths of Times, in units of the size of the letters; other letters as the last two say.
_EM = {**dict.fromkeys(" ,.;:|ijlt'’", 0.28), **dict.fromkeys("()-fr/", 0.34), **dict.fromkeys("mwMW%", 0.84)}
_DIGIT, _SMALL, _CAPITAL, _BOLD = 0.5, 0.5, 0.74, 1.08


@dataclass(frozen=True, slots=True)
class Layout:
    """Size of the letters in points, space at either side of a cell and widths of the columns in mm, names first."""

    size: float
    margin: float
    widths: list[float]


def fits(grid: Grid, page: float, size: float | None = None, margin: float | None = None) -> bool:
    """Whether no number and no word of a table need be broken on a page so wide, in letters of a size.

    Where no size is given, in the smallest letters; else with room for the names of rows, and no cell on two lines.
    """
    if margin is None:
        margin = 1.9 if len(grid.columns) <= _MANY else 1.0
    needs = _Needs(grid, _SIZES[-1] if size is None else size, margin)
    if size is None:
        return sum(needs.least) <= page
    return sum(map(max, needs.least, [_NAMES_MM, *needs.cells[1:]])) <= page


def column_blocks(grid: Grid, page: float, size: float, margin: float = 1.0) -> list[Grid]:
    """A table cut into blocks of columns that fit on a page in letters of a size; one block where it fits.

    Columns under one heading stay together where they can; those before the first heading (everyone) stand in each.
    """
    if not grid.columns:
        return [grid]
    names, *widths = _Needs(grid, size, margin).least
    headed = next((j for j, c in enumerate(grid.columns) if c.spanner), 0)
    repeated = list(range(headed)) if headed < len(grid.columns) else []
    room = page - max(names, _NAMES_MM) - sum(widths[j] for j in repeated)
    blocks: list[list[int]] = [[]]
    for first, last in _headed(grid, headed):
        own = list(range(first, last + 1))
        left = room - sum(widths[j] for j in blocks[-1])
        wide = sum(widths[j] for j in own)
        if blocks[-1] and wide > left and wide <= room:
            blocks.append([])
        for j in own:
            if blocks[-1] and sum(widths[i] for i in blocks[-1]) + widths[j] > room:
                blocks.append([])
            blocks[-1].append(j)
    return [grid.part([*repeated, *block]) for block in blocks]


def _headed(grid: Grid, start: int) -> list[tuple[int, int]]:
    """First and last column of each run of columns under one heading, from a column on; those without one by one."""
    runs: list[tuple[int, int]] = []
    for j in range(start, len(grid.columns)):
        spanner = grid.columns[j].spanner
        if runs and spanner and grid.columns[runs[-1][1]].spanner == spanner:
            runs[-1] = (runs[-1][0], j)
        else:
            runs.append((j, j))
    return runs


def layout_of(grid: Grid, page: float) -> Layout:
    """The largest letters at which every number and word is whole, and the widths of the columns on a page, in mm.

    First each column gets what its longest word needs, then numbers their line; beside cells of words, headings get
    four lines and names share with these cells; then headings shared by columns get theirs, names theirs, and headings
    what makes them low; what is left goes to the names.
    """
    columns = len(grid.columns)
    margin = 1.9 if columns <= _MANY else 1.0
    sizes = _SIZES if columns <= _FEW else _SIZES[1:]
    for size in sizes:
        needs = _Needs(grid, size, margin)
        widths = needs.least
        if grid.laid_out:  # blocks of columns leave room for the names of rows
            widths[0] = max(widths[0], min(_NAMES_MM, needs.names(page)[0]))
        if sum(widths) <= page:
            break
    else:
        return Layout(size, margin, [w * page / sum(widths) for w in widths])
    return Layout(size, margin, _spread(needs, widths, page))


def widths_at(grid: Grid, page: float, size: float, margin: float) -> list[float]:
    """Widths of the columns in mm on a page so wide in letters of a size, names first."""
    needs = _Needs(grid, size, margin)
    widths = needs.least
    return [w * page / sum(widths) for w in widths] if sum(widths) > page else _spread(needs, widths, page)


def _spread(needs: _Needs, widths: list[float], page: float) -> list[float]:
    first: tuple[list[float], ...] = (needs.cells,)
    if any(column.words for column in needs.grid.columns):  # which share with the names
        first = (needs.numbers, needs.heads(4), needs.words(_NAMES_SHARE * page))
    for wanted in (
        *first,
        needs.shared(widths),
        needs.names(_NAMES_MM),
        needs.heads(3),
        needs.names(0.45 * page),
        needs.heads(2),
    ):
        widths = _grown(widths, wanted, page)
    return [page - sum(widths[1:]), *widths[1:]]


def spans(grid: Grid) -> list[tuple[int, int]]:
    """First and last column under each shared heading."""
    found: list[tuple[int, int]] = []
    for j, column in enumerate(grid.columns):
        if found and column.spanner and grid.columns[found[-1][1]].spanner == column.spanner:
            found[-1] = (found[-1][0], j)
        elif column.spanner:
            found.append((j, j))
    return found


def banner(grid: Grid) -> list[tuple[int, int]]:
    """First and last column of each cell of the row above the headings: columns without a shared one have an empty."""
    found = spans(grid)
    taken = {j for first, last in found for j in range(first, last + 1)}
    return sorted([*found, *((j, j) for j in range(len(grid.columns)) if j not in taken)])


def unbroken(label: str) -> str:
    """A heading whose short brackets, number of a name and unit behind a short word stay with what is before them.

    "(KTC 95%)", "Phường mô phỏng 5", "Từ chối, %".
    """
    joined = re.sub(r"\([^()]{1,12}\)", lambda found: found[0].replace(" ", loc.NBSP), label)
    joined = re.sub(r"(?<=[^\W\d_]) (?=\d{1,3}(?:$|:))", loc.NBSP, joined)
    return re.sub(r"(?<= )(\w{1,5}), (?=\S{1,2}$)", rf"\1,{loc.NBSP}", joined)


def _grown(widths: list[float], wanted: Sequence[float], page: float) -> list[float]:
    """Columns as wide as they want to be, or as far on the way there as the page allows."""
    more = [max(w - now, 0.0) for now, w in zip(widths, wanted, strict=True)]
    part = min(1.0, (page - sum(widths)) / sum(more)) if sum(more) else 0.0
    return [now + part * m for now, m in zip(widths, more, strict=True)]


class _Needs:
    """What the columns of a table need at a size of letters, in mm."""

    def __init__(self, grid: Grid, size: float, margin: float) -> None:
        self.grid, self.size, self.frame = grid, size, 2 * margin + _SLACK
        self.labels = [unbroken(column.head) for column in grid.columns]
        self.lines = [
            [part for line in grid.lines for part in line.cells[j].split("\n")] for j in range(len(self.labels))
        ]

    def _line(self, text: str, bold: bool = False) -> float:
        return line_width(text, self.size, bold=bold) + self.frame

    def _widest(self, texts: Sequence[str], bold: bool = False) -> float:
        return max((self._line(t, bold) for t in texts), default=self.frame)

    @property
    def least(self) -> list[float]:
        """No word broken."""
        of_names = self._widest([w for line in self.grid.lines for w in line.name.split(" ")])
        names = [max(of_names, self._widest(self.grid.stub.split(" "), bold=True))]
        words = [[w for text in lines for w in text.split(" ")] for lines in self.lines]
        heads = [self._widest(label.split(" "), bold=True) for label in self.labels]
        least = [*names, *(max(self._widest(w), head) for w, head in zip(words, heads, strict=True))]
        for first, last in spans(self.grid):
            own = self._widest(self.grid.columns[first].spanner.split(" "), bold=True)
            more = max(own - sum(least[first + 1 : last + 2]), 0.0) / (last - first + 1)
            for j in range(first + 1, last + 2):
                least[j] += more
        return least

    @property
    def cells(self) -> list[float]:
        """No cell on two lines, unless it is a long text."""
        found = [self._widest(lines) for lines in self.lines]
        return [0.0, *(min(w, _WORDS_MM) if c.words else w for w, c in zip(found, self.grid.columns, strict=True))]

    @property
    def numbers(self) -> list[float]:
        """No number on two lines."""
        return [0.0, *(0.0 if c.words else w for w, c in zip(self.cells[1:], self.grid.columns, strict=True))]

    def words(self, most: float) -> list[float]:
        """Names and texts on one line, both within a limit."""
        texts = (w if c.words else 0.0 for w, c in zip(self.cells[1:], self.grid.columns, strict=True))
        return [self.names(most)[0], *texts]

    def shared(self, widths: Sequence[float]) -> list[float]:
        """Headings of several columns on one line."""
        wanted, cells = list(widths), self.cells
        for first, last in spans(self.grid):
            room = [max(widths[j + 1], cells[j + 1]) for j in range(first, last + 1)]
            more = max(self._line(self.grid.columns[first].spanner, bold=True) - sum(room), 0.0) / len(room)
            for j, width in zip(range(first, last + 1), room, strict=True):
                wanted[j + 1] = width + more
        return wanted

    def heads(self, most: int) -> list[float]:
        """Headings on so many lines at most."""
        return [0.0, *(self._in_lines(label, most) for label in self.labels)]

    def names(self, most: float) -> list[float]:
        """Names of rows on one line, within a limit."""
        longest = max(self._widest([line.name for line in self.grid.lines]), self._line(self.grid.stub, bold=True))
        return [min(longest, most), *([0.0] * len(self.labels))]

    def _in_lines(self, label: str, most: int) -> float:
        """The least width at which a heading takes so many lines."""
        words = label.split(" ")
        choices = sorted(
            {self._line(" ".join(words[i:j]), True) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
        )
        return next(width for width in choices if self._count(words, width) <= most)

    def _count(self, words: Sequence[str], width: float) -> int:
        lines, line = 1, ""
        for word in words:
            longer = f"{line} {word}" if line else word
            fits = self._line(longer, True) <= width + 1e-9
            if not fits and line:
                lines += 1
            line = longer if fits or not line else word
            if self._line(word, True) > width + 1e-9:
                return 99
        return lines


def line_width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a line of text is in Times of a size in points, in mm."""
    return size * _MM * _em(text) * (_BOLD if bold else 1.0)


def _em(text: str) -> float:
    letters = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return sum(_EM.get(c, _DIGIT if c.isdigit() else _CAPITAL if c.isupper() else _SMALL) for c in letters)
