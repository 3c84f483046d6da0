"""Widths of the columns of a table of words: those at which it is lowest, with no word broken."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from survey.tables._docx_widths import Layout, line_width, unbroken
from survey.tables._grid import Grid

__all__ = ["worded"]

_SIZES = {True: 10.5, False: 9.0}
"""Points of the letters, by whether the table has few columns."""
_FEW, _MARGIN_MM, _SLACK_MM = 5, 1.5, 0.6
_FULL = 0.92
"""How much of a line words fill before the next begins."""
_PARTS = 5
"""Of the page, the part that a column has at least whose texts would take more than two lines of it."""
_STEPS_MM = (12.0, 4.0, 1.5)
_HIGH = 0.2
"""Lines of a table that the square of the lines of a cell after its first weighs as much as."""


def worded(grid: Grid, width: float) -> Layout:
    """Letters and widths of a table of words on a page so wide, in mm.

    Numbers stay on one line where there is room; then the columns of words share the rest so that the table has the
    fewest lines, each row counting the lines of its longest cell.
    """
    columns = [
        [grid.stub, *(line.name for line in grid.lines)],
        *([unbroken(c.head), *(line.cells[j] for line in grid.lines)] for j, c in enumerate(grid.columns)),
    ]
    size = _SIZES[len(columns) < _FEW]
    frame = 2 * _MARGIN_MM + _SLACK_MM
    measured = np.array([[line_width(t, size, bold=i == 0) for i, t in enumerate(c)] for c in columns]).T
    least = np.array([max(line_width(w, size, bold=True) for t in c for w in t.split(" ")) for c in columns]) + frame
    if least.sum() > width:
        part = width / float(least.sum())
        return Layout(size * part, _MARGIN_MM, [float(w) for w in least * part])
    words = np.array([True, *(c.words for c in grid.columns)])
    longest = measured[1:].max(axis=0, initial=0.0) + frame
    fifth = np.where(longest > 2 * width / _PARTS, width / _PARTS, 0.0)
    whole = np.where(words, np.maximum(least, fifth), np.maximum(least, longest))
    start = whole if whole.sum() <= width else least
    return Layout(size, _MARGIN_MM, [float(w) for w in _lowest(measured, start, words, width, frame)])


def _lowest(
    measured: NDArray[np.float64], start: NDArray[np.float64], words: NDArray[np.bool_], width: float, frame: float
) -> NDArray[np.float64]:
    """From several shares, mm by mm from one column to another while the table gets lower; the lowest of them."""
    long = np.sqrt(measured.mean(axis=0) * measured.max(axis=0, initial=0.0)) * words
    rest = width - start.sum()
    shares = [long**power * words for power in (1.0, 0.5, 2.0)]
    begun = [start + rest * (share / share.sum() if share.sum() else words / words.sum()) for share in shares]
    found = [_exchanged(measured, one, start, np.flatnonzero(words), frame) for one in begun]
    return min(found, key=lambda widths: _lines(measured, widths - frame))


def _exchanged(
    measured: NDArray[np.float64],
    widths: NDArray[np.float64],
    least: NDArray[np.float64],
    taking: NDArray[np.intp],
    frame: float,
) -> NDArray[np.float64]:
    best = _lines(measured, widths - frame)
    for step in _STEPS_MM:
        for _ in range(50):
            tried: list[tuple[tuple[float, float], int, NDArray[np.float64]]] = []
            for give in taking:
                for take in taking:
                    if give == take or widths[give] - step < least[give]:
                        continue
                    moved = widths.copy()
                    moved[give] -= step
                    moved[take] += step
                    tried.append((_lines(measured, moved - frame), len(tried), moved))
            found = min(tried, key=lambda t: t[:2], default=None)
            if found is None or found[0] >= best:
                break
            best, widths = found[0], found[2]
    return widths


def _lines(measured: NDArray[np.float64], inner: NDArray[np.float64]) -> tuple[float, float]:
    """Lines of the table and, for a cell that is much higher than wide, as many as make a wider one worth a line."""
    taken = np.where(measured <= inner, 1.0, np.ceil(measured / (_FULL * inner)))
    return float(taken.max(axis=1).sum() + _HIGH * ((taken - 1.0) ** 2).sum()), float((taken**2).sum())
