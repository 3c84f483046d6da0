"""A line of text that is drawn where it was put: nothing is measured anew that its place does not depend on."""

from __future__ import annotations

from typing import Any

from matplotlib.artist import allow_rasterization
from matplotlib.text import Text

__all__ = ["Line"]


class Line(Text):
    """One line on its baseline, level, without mathematics: what `Text` draws, without laying out a paragraph first.

    Laying out text took a sixth of the time of an export. Where the line begins at its place its width is not asked.
    """

    @allow_rasterization  # type: ignore[untyped-decorator]
    def draw(self, renderer: Any) -> None:
        """Draw it, as `Text.draw` does."""
        text = self.get_text()
        if not self.get_visible() or not text:
            return
        renderer.open_group("text", self.get_gid())
        x, y = self.get_transform().transform(self.get_position())
        part = {"left": 0.0, "center": 0.5, "right": 1.0}[self.get_horizontalalignment()]
        if part and getattr(renderer, "writer", None) is None:  # an SVG says which end of the line stands at its place
            x -= part * renderer.get_text_width_height_descent(text, self.get_fontproperties(), False)[0]
        if renderer.flipy():
            y = renderer.get_canvas_width_height()[1] - y
        pen = renderer.new_gc()
        pen.set_foreground(self.get_color())
        renderer.draw_text(pen, x, y, text, self.get_fontproperties(), 0.0, ismath=False, mtext=self)
        pen.restore()
        renderer.close_group("text")
        self.stale = False
