"""Up to eight lines told apart by colour, by the shape and filling of their markers, and by a label at their end."""

from __future__ import annotations

from typing import Any

from survey.exhibits import theme
from survey.exhibits.theme import Style

__all__ = ["COLOURS", "MOST", "MUTED", "marker_of"]

# the four of every figure first; all at least 3:1 on white (WCAG 2.2, 1.4.11)
COLOURS = (*theme.SERIES[:3], "#5c8a34", "#8a2f6e", "#0b7f8c", "#a3322c", "#7d6608")
_SHAPES = (*theme.MARKERS, "v", "p", "X", "h")
_SIZES = (0.68, 0.62, 0.72, 0.62, 0.72, 0.76, 0.74, 0.76)
MOST = len(COLOURS)
MUTED = "#b3b3b3"
"""Of lines that are only the background of others."""


def marker_of(i: int, sizes: Style, scale: float = 1.0) -> dict[str, Any]:
    """Marker of line `i` of at most `MOST`."""
    return {
        "marker": _SHAPES[i],
        "markersize": scale * _SIZES[i] * sizes.base,
        "color": COLOURS[i],
        "markerfacecolor": COLOURS[i] if i % 2 == 0 else "white",
        "markeredgewidth": 0.14 * sizes.base,
        "markeredgecolor": COLOURS[i],
    }
