"""Axes that never draw ticks: matplotlib makes eight of them for each axes, which takes longer than drawing the bars.

Only how an axis is put together is changed. Should matplotlib put axes together in another way, they are usual axes,
and slower to draw.
"""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis

__all__ = ["PlainAxes"]


class _X(XAxis):
    majorTicks: Any = ()
    minorTicks: Any = ()

    def set_clip_path(self, *_: Any, **__: Any) -> None:
        """Nothing: there are no ticks to clip."""


class _Y(YAxis):
    majorTicks: Any = ()
    minorTicks: Any = ()

    def set_clip_path(self, *_: Any, **__: Any) -> None:
        """Nothing: there are no ticks to clip."""


class PlainAxes(Axes):
    """Axes without ground, spines, ticks, grid and numbers."""

    def _init_axis(self) -> None:
        self.xaxis, self.yaxis = _X(self, clear=False), _Y(self, clear=False)
        self.spines.bottom.register_axis(self.xaxis)
        self.spines.top.register_axis(self.xaxis)
        self.spines.left.register_axis(self.yaxis)
        self.spines.right.register_axis(self.yaxis)
