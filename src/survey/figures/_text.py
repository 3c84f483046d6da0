"""A line of text that is drawn where it was put: nothing is measured anew that its place does not depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import allow_rasterization
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform, offset_copy

from survey.exhibits import theme
from survey.exhibits.letters import outline, unit_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ABOVE", "BELOW", "MIDDLE", "Line", "Writer"]

ABOVE, MIDDLE, BELOW = 0.24, -0.38, -0.76
"""Where the baseline is, in letters upwards, of a line that stands on a place, is centred on it or hangs from it:
DejaVu Sans reaches 0.76 above its baseline and 0.24 below."""


_EDGE = 1.0
"""Points that a ground reaches beyond its letters."""


class Line(Text):
    """One line on its baseline, level, without mathematics: what `Text` draws, without laying out a paragraph first.

    Drawing text took half the time of a picture, most of it to shape each line and to make a picture of each letter.
    Dots are made of the outlines of a whole line at once.
    """

    def __init__(self, *place: Any, weight: str = "normal", ground: str | None = None, **how: Any) -> None:
        super().__init__(*place, parse_math=False, **how)
        self.letters, self.ground = weight, ground

    def set_clip_path(self, *_: Any, **__: Any) -> None:
        """Nothing: a line is drawn whole, in axes too."""

    @allow_rasterization  # type: ignore[untyped-decorator]
    def draw(self, renderer: Any) -> None:
        """Draw it, as `Text.draw` does."""
        text = self.get_text()
        if not self.get_visible() or not text:
            return
        renderer.open_group("text", self.get_gid())
        x, y = self.get_transform().transform(self.get_position())
        size = renderer.points_to_pixels(self.get_fontsize())
        part = {"left": 0.0, "center": 0.5, "right": 1.0}[self.get_horizontalalignment()]
        if part and getattr(renderer, "writer", None) is None:  # an SVG says which end of the line stands at its place
            x -= part * size * unit_width(text, self.letters)
        pen = renderer.new_gc()
        if self.ground is not None:
            self._lay(renderer, self.ground, x, y, size)
        shape = outline(text, self.letters) if isinstance(renderer, RendererAgg) else None
        if shape is not None:
            pen.set_linewidth(0)
            pen.set_snap(False)
            place = Affine2D(np.array([[size, 0.0, x], [0.0, size, y], [0.0, 0.0, 1.0]]))
            renderer.draw_path(pen, shape, place, to_rgba(self.get_color()))
        else:
            if renderer.flipy():
                y = renderer.get_canvas_width_height()[1] - y
            pen.set_foreground(self.get_color())
            renderer.draw_text(pen, x, y, text, self.get_fontproperties(), 0.0, ismath=False, mtext=self)
        pen.restore()
        renderer.close_group("text")
        self.stale = False

    def _lay(self, renderer: Any, colour: str, x: float, y: float, size: float) -> None:
        """A ground below the letters, on which they can be read."""
        pen, edge = renderer.new_gc(), renderer.points_to_pixels(_EDGE)
        pen.set_linewidth(0)
        wide = size * unit_width(self.get_text(), self.letters)
        if getattr(renderer, "writer", None) is not None:  # here it stands where the line does, not where it begins
            x -= {"left": 0.0, "center": 0.5, "right": 1.0}[self.get_horizontalalignment()] * wide
        place = Affine2D().scale(wide + 2 * edge, size + 2 * edge).translate(x - edge, y - ABOVE * size - edge)
        renderer.draw_path(pen, Path.unit_rectangle(), place, to_rgba(colour))
        pen.restore()


class Writer:
    """Writes lines of one size into axes.

    Parameters
    ----------
    axes : Axes
    size : float
        Of the letters, in points.
    weight : {"normal", "bold", "italic"}
    at : {ABOVE, MIDDLE, BELOW}
        How lines stand to their places.
    shift : (float, float)
        Points to the right and upwards that they stand from their places.
    places : Transform, optional
        What places are measured in; the numbers of both axes when not given.
    """

    def __init__(
        self,
        axes: Axes,
        size: float,
        weight: str = "normal",
        at: float = MIDDLE,
        shift: tuple[float, float] = (0.0, 0.0),
        places: Transform | None = None,
    ) -> None:
        self.axes, self.weight, self.font = axes, weight, theme.font(size, weight)
        along, up = shift[0], shift[1] + at * size
        self.places = offset_copy(places or axes.transData, axes.get_figure(root=True), along, up, units="points")

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        ha: str = "left",
        colour: str = theme.INK,
        ground: str | None = None,
        zorder: float = 3,
    ) -> None:
        """Write a line, on a ground of its own where a colour is given."""
        look = {"ha": ha, "color": colour, "fontproperties": self.font, "zorder": zorder}
        line = Line(x, y, text, weight=self.weight, ground=ground, **look)
        line.set_transform(self.places)
        self.axes.add_artist(line)
