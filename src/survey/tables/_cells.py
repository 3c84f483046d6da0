"""Cells that know their numbers: the text that is printed, and the unrounded number with its Excel format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from survey.tables._grid import Line
from survey.words import locale as loc
from survey.words.measure import Measure

__all__ = ["Cell", "blank", "counted", "interval_heads", "line_of", "measured", "plain", "shared"]

SHARE = Measure("share", limits=(0.0, 100.0))


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, and the number and the ends of its interval that a workbook holds in its place."""

    text: str
    number: tuple[float, str] | None = None
    ends: tuple[float, float] | None = None


def blank() -> Cell:
    """A cell that has nothing to say."""
    return Cell("")


def plain(text: str) -> Cell:
    """A cell of words."""
    return Cell(text)


def counted(x: float, lang: str, mark: str = "") -> Cell:
    """A number of people or a sum of weights; a mark (an asterisk) stands behind it."""
    if not np.isfinite(x):
        return Cell(loc.number(np.nan))
    return Cell(loc.count(x, lang) + mark, (float(x), f'#,##0"{mark}"' if mark else "#,##0"))


def measured(
    measure: Measure, x: float, lang: str, digits: int | None = None, low: float = np.nan, high: float = np.nan
) -> Cell:
    """An estimate in its unit, with its interval where there is one; the workbook holds the estimate."""
    if not np.isfinite(x):
        return Cell(loc.number(np.nan))
    text = measure.with_interval(x, low, high, lang, digits)
    times = measure.book_factor
    ends = (times * float(low), times * float(high)) if np.isfinite(low) and np.isfinite(high) else None
    return Cell(text, (times * float(x), measure.pattern(digits)), ends)


def shared(x: float, lang: str, digits: int | None = None, low: float = np.nan, high: float = np.nan) -> Cell:
    """A share in 0-1, printed in %."""
    return measured(SHARE, x, lang, digits, low, high)


def line_of(group: str, name: str, cells: Iterable[Cell]) -> Line:
    """A row of cells."""
    found = list(cells)
    texts, numbers = tuple(c.text for c in found), tuple(c.number for c in found)
    return Line(group, name, texts, numbers, ends=tuple(c.ends for c in found))


def interval_heads(level: float, lang: str) -> tuple[str, str]:
    """What a workbook calls the columns of the lower and the upper end of intervals."""
    told = loc.level_word(level, lang)
    return loc.word("ci_low", lang, level=told), loc.word("ci_high", lang, level=told)
