"""A horizontal axis with numbers as the language writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from survey.base.arrays import Array
from survey.exhibits import theme
from survey.exhibits.theme import Style
from survey.words import locale as loc

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["decimals", "horizontal", "ticks_between"]


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
) -> Array:
    """Limits, ticks and their labels on an axis that is `width` points wide; returns the ticks."""
    ticks = ticks_between(low, high, max(2, min(7, int(width / (4.5 * sizes.small)))))
    digits = decimals(ticks)
    axes.set(xlim=(low, high), yticks=[])
    axes.set_xticks(ticks, [write(float(t), digits, lang) for t in ticks])
    axes.tick_params(axis="x", length=0, pad=0.5 * sizes.base, colors=theme.SOFT)
    for label in axes.get_xticklabels():
        label.set_fontproperties(theme.font(sizes.small))
    return ticks


def decimals(ticks: Array) -> int:
    """Decimals that tell neighbouring ticks apart."""
    for digits in range(4):
        if np.allclose(ticks, np.round(ticks, digits), atol=1e-9):
            return digits
    return 4
