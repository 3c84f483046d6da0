"""Bars and lines on axes whose ranges are known: matplotlib's `barh` and `plot` find the range anew with each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_bars", "draw_line"]


def draw_bars(
    axes: Axes, centres: Iterable[float], widths: Iterable[float], thick: float, starts: Iterable[float], **how: Any
) -> None:
    """Level bars, as `axes.barh` draws and groups them; those of no width without their edge."""
    from matplotlib.container import BarContainer
    from matplotlib.patches import Rectangle

    bars = []
    for centre, width, start in zip(centres, widths, starts, strict=True):
        bar = Rectangle((float(start), float(centre) - thick / 2), float(width), thick, **how)
        if width == 0:
            bar.set_linewidth(0)  # the edge of nothing would cut a line in the middle
        bars.append(bar)
        axes.add_artist(bar)
    axes.add_container(BarContainer(bars, orientation="horizontal"))


def draw_line(axes: Axes, x: Sequence[float], y: Sequence[float], **how: Any) -> None:
    """A line or markers, as `axes.plot` draws them."""
    from matplotlib.lines import Line2D

    axes.add_artist(Line2D(x, y, **how))
