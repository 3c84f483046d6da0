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

__all__ = [
    "decimals",
    "horizontal",
    "logarithmic",
    "ratio_span",
    "ratio_text",
    "ratio_ticks",
    "ratio_value",
    "ticks_between",
    "write_numbers",
]

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_BEYOND = 1000.0
"""How many times farther than the estimates an interval may reach on an axis of ratios."""
_LEAST_RATIO = 1.25


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
    ratios: bool = False,
) -> Array:
    """Limits of an axis that is `width` points wide and its numbers, none beyond `limits`; returns their places.

    The axis of ratios is logarithmic.
    """
    if ratios:
        logarithmic(axes)
        ticks = ratio_ticks(low, high, max(3, min(7, int(width / (3.2 * sizes.small)))))
        texts = [ratio_text(float(t), lang) for t in ticks]
    else:
        ticks = ticks_between(low, high, max(2, min(7, int(width / (4.5 * sizes.small)))))
        digits = decimals(ticks)
        if limits is not None:
            ticks = ticks[(ticks >= limits[0]) & (ticks <= limits[1])]
        texts = [write(float(t), digits, lang) for t in ticks]
    axes.set_xlim(low, high)
    if labelled:
        write_numbers(axes, ticks, texts, sizes, 0.5 * sizes.base)
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


def ratio_span(estimates: Array, ends: Array, pad: float = 0.05) -> tuple[float, float]:
    """The range of an axis of ratios, with 1 in it.

    Parameters
    ----------
    estimates, ends : arrays
        Ends that are no positive number, or lie a thousand times beyond all estimates, do not widen it.
    pad : float
        Part of the range, in logarithms, that is left free at both ends.
    """
    known = np.r_[1.0, [x for x in np.ravel(estimates) if np.isfinite(x) and x > 0]]
    least, most = known.min() / _BEYOND, known.max() * _BEYOND
    drawn = np.r_[known, [min(max(x, least), most) for x in np.ravel(ends) if np.isfinite(x) and x > 0]]
    low, high = np.log(drawn.min()), np.log(drawn.max())
    extra = max(2 * np.log(_LEAST_RATIO) - (high - low), 0) / 2
    edge = pad * (high - low + 2 * extra)
    return float(np.exp(low - extra - edge)), float(np.exp(high + extra + edge))


def logarithmic(axes: Axes) -> None:
    """Make the horizontal axis one of ratios, without ticks of its own."""
    from matplotlib.ticker import NullLocator

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(NullLocator())
    axes.xaxis.set_minor_locator(NullLocator())


def ratio_ticks(low: float, high: float, most: int) -> Array:
    """At most so many round ratios between two positive numbers: 0.25, 0.5, 1, 2, 4; else of 4, of 10, of 100, ..."""
    for base, first, last in ((2.0, 0.125, 16.0), (4.0, 0.25, 64.0)):
        powers = _powers(base, low, high)
        if 3 <= len(powers) <= most and first <= powers[0] and powers[-1] <= last:
            return powers
    if high / low < 8:  # three powers of two at most
        return ticks_between(low, high, most)
    decades = 1
    while len(_powers(10.0**decades, low, high)) > most:
        decades += 1
    found = _powers(10.0**decades, low, high)
    if len(found) > 1:
        return found
    powers = _powers(2.0, low, high)
    return np.unique([powers[0], 1.0, powers[-1]])


def _powers(base: float, low: float, high: float) -> Array:
    step = np.log(base)
    first, last = np.ceil(np.log(low) / step - 1e-9), np.floor(np.log(high) / step + 1e-9)
    return np.asarray(base ** np.arange(first, last + 1), dtype=float)


def ratio_text(x: float, lang: str) -> str:
    """A round ratio with the decimals that it has; powers of ten of five digits and more as such: 10⁶."""
    exponent = round(float(np.log10(x)))
    if abs(exponent) >= 4 and np.isclose(x, 10.0**exponent):
        return "10" + str(exponent).translate(_SUPERSCRIPTS)
    return loc.number(x, decimals(np.array([x])), lang)


def ratio_value(x: float, lang: str) -> str:
    """A ratio as it is read: two decimals, fewer of large ones and more of small ones, and powers of ten beyond 10⁶."""
    if not np.isfinite(x) or x <= 0:
        return loc.number(x, 2, lang)
    exponent = int(np.floor(np.log10(x)))
    if -4 <= exponent < 6:
        return loc.number(x, max(0, 2 - max(exponent, 0)) if exponent > -2 else 1 - exponent, lang)
    return f"{loc.number(x / 10.0**exponent, 1, lang)} × 10" + str(exponent).translate(_SUPERSCRIPTS)
