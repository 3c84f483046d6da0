"""A horizontal axis with numbers as the language writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from survey.base.arrays import Array
from survey.exhibits import theme
from survey.exhibits.theme import Style
from survey.words import locale as loc

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["decimals", "horizontal", "ticks_between", "write_numbers"]


def ticks_between(low: float, high: float, most: int) -> Array:
    """At most so many round numbers from `low` to `high`."""
    from matplotlib.ticker import MaxNLocator

    ticks = np.asarray(MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high), dtype=float)
    return ticks[(ticks >= low) & (ticks <= high)]


def horizontal(
    axes: Axes,
    low: float,
    high: float,
    width: float,
    sizes: Style,
    lang: str,
    write: Callable[[float, int, str], str] = loc.number,
    limits: tuple[float, float] | None = None,
    labelled: bool = True,
) -> Array:
    """Limits of an axis that is `width` points wide and its numbers, none beyond `limits`; returns their places."""
    ticks = ticks_between(low, high, max(2, min(7, int(width / (4.5 * sizes.small)))))
    digits = decimals(ticks)
    if limits is not None:
        ticks = ticks[(ticks >= limits[0]) & (ticks <= limits[1])]
    axes.set_xlim(low, high)
    if labelled:
        write_numbers(axes, ticks, [write(float(t), digits, lang) for t in ticks], sizes, 0.5 * sizes.base)
    return ticks


def write_numbers(axes: Axes, ticks: Array, texts: Sequence[str], sizes: Style, gap: float) -> None:
    """Numbers below an axis, `gap` points from it."""
    from survey.figures._text import BELOW, Writer

    below = Writer(axes, sizes.small, at=BELOW, shift=(0.0, -gap), places=axes.get_xaxis_transform())
    for tick, text in zip(ticks, texts, strict=True):
        below.write(float(tick), 0.0, text, ha="center", colour=theme.SOFT)


def decimals(ticks: Array) -> int:
    """Decimals that tell neighbouring ticks apart."""
    for digits in range(4):
        if np.allclose(ticks, np.round(ticks, digits), atol=1e-9):
            return digits
    return 4
