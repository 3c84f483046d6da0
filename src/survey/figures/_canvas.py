"""A page measured in points from its top left corner, on which every line of text knows its width beforehand.

matplotlib's own layout engines move axes until text fits; long Vietnamese labels, wrapped in columns, need the
opposite: measure the text first, then give the plot what is left.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from survey.exhibits import theme
from survey.exhibits._crop import Place, note_place
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.letters import unit_width
from survey.exhibits.theme import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Body", "Canvas", "compose", "fill", "maker_of", "text_width", "whole", "widest", "wrap"]

_LEAST = 0.7
"""Letters of labels shrink so far before a word is cut."""


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of one line in points."""
    # outlines grow with the size of the letters; hinting on a screen adds one or two percent
    return 1.015 * size * unit_width(text, weight)


def widest(texts: Sequence[str], size: float, weight: str = "normal") -> float:
    """Width of the widest of several lines, in points."""
    return max((text_width(t, size, weight) for t in texts), default=0.0)


def whole(texts: Sequence[str], width: float, size: float, weight: str = "normal") -> float:
    """Size of letters at which no word of some labels is wider than a line: as asked, or down to 0.7 of it."""
    word = widest([w for text in texts for w in text.split(" ")], size, weight)
    return size if word <= width else max(_LEAST, 0.995 * width / word) * size


def wrap(text: str, width: float, size: float, weight: str = "normal") -> list[str]:
    """Break a label into the fewest lines that fit `width`, then as even as these can be; see `fill`."""
    text = _within(text, _LONGEST_LABEL)
    lines = fill(text, width, size, weight)
    if len(lines) < 2:
        return lines
    words = [text_width(word, size, weight) for word in text.split(" ")]
    # no narrower than a word that is whole in these lines: cut, it might take no more of them
    low, high = max([0.5 * width, *(w for w in words if w <= width)]), width
    for _ in range(8):
        middle = (low + high) / 2
        if len(fill(text, middle, size, weight)) > len(lines):
            low = middle
        else:
            high = middle
    return fill(text, high, size, weight)


def fill(text: str, width: float, size: float, weight: str = "normal") -> list[str]:
    """Break running text into lines, each as full as it gets.

    Breaks come at spaces only: Vietnamese writes a space after every syllable. A word wider than the line is cut, after
    a sign inside it or with a hyphen.
    """
    lines: list[str] = []
    line = ""
    for token in _within(text, _LONGEST_TEXT).split(" "):
        for piece in _cut(token, width, size, weight):
            longer = f"{line} {piece}" if line else piece
            if not line or text_width(longer, size, weight) <= width:
                line = longer
            else:
                lines.append(line)
                line = piece
    return [*lines, line] if line else lines


_LONGEST_LABEL, _LONGEST_TEXT, _LONGEST_LINE = 500, 4000, 500
"""Letters that a picture has room for: of a label or title, of running text, of a line. Documents hold all of it."""


def _within(text: str, most: int) -> str:
    """A text on one line, its end left out where no picture could hold it."""
    text = " ".join(text.splitlines())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


_SEAMS = "-/_.@–"


def _cut(token: str, width: float, size: float, weight: str) -> list[str]:
    """A word in pieces that fit: after a sign inside it (of an address, a compound), else with a hyphen."""
    pieces = []
    while len(token) > 2 and text_width(token[:_LONGEST_LINE], size, weight) > width:
        end = _fitting(token, width, size, weight)
        seam = max((i for i in range(end // 2, end + 1) if i and token[i - 1] in _SEAMS), default=0)
        hyphen = "" if seam else "-"
        while not seam and end > 1 and text_width(token[:end] + hyphen, size, weight) > width:
            end -= 1
        pieces.append(token[: seam or end] + hyphen)
        token = token[seam or end :]
    return [*pieces, token]


def _fitting(token: str, width: float, size: float, weight: str) -> int:
    """How many letters of a word that does not fit do; measured from its beginning: a long one costs no more."""
    high = 16
    while high < len(token) and text_width(token[:high], size, weight) <= width:
        high *= 2
    most = range(2, min(high + 1, len(token)))
    return bisect_right(most, width, key=lambda i: text_width(token[:i], size, weight)) + 1


class Canvas:
    """A figure with text, rectangles and axes placed in points from the top left corner."""

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self.figure: Figure = Figure(figsize=(width / 72, height / 72), dpi=theme.SCREEN_DPI)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes without ground, spines and ticks: numbers along them are lines of text, see `_axis.write_numbers`."""
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        from survey.figures._plain_axes import PlainAxes

        axes = PlainAxes(self.figure, box)
        self.figure.add_axes(axes)
        axes.set_axis_off()
        axes.set(xticks=[], yticks=[])
        return axes

    def line_of_text(
        self,
        x: float,
        baseline: float,
        text: str,
        size: float,
        *,
        ha: str = "left",
        colour: str = theme.INK,
        weight: str = "normal",
    ) -> None:
        """One line of text on its baseline."""
        from survey.figures._text import Line

        place = (x / self.width, 1 - baseline / self.height)
        line = Line(*place, text, ha=ha, color=colour, fontproperties=theme.font(size, weight), weight=weight)
        line.set_figure(self.figure)
        line.set_transform(self.figure.transFigure)
        self.figure.texts.append(line)

    def block(self, x: float, top: float, lines: Sequence[str], size: float, pitch: float, **how: Any) -> float:
        """Lines of text at even distances, however tall their letters; returns the height used."""
        for i, line in enumerate(lines):
            self.line_of_text(x, top + i * pitch + 0.5 * pitch + 0.36 * size, line, size, **how)
        return len(lines) * pitch

    def middle(self, x: float, centre: float, lines: Sequence[str], size: float, pitch: float, **how: Any) -> None:
        """Lines of text centred on a height."""
        self.block(x, centre - len(lines) * pitch / 2, lines, size, pitch, **how)

    def rectangle(self, left: float, top: float, width: float, height: float, colour: str, zorder: float = 1) -> None:
        """A filled rectangle behind or between the axes."""
        from matplotlib.patches import Rectangle

        self.figure.add_artist(
            Rectangle(
                (left / self.width, 1 - (top + height) / self.height),
                width / self.width,
                height / self.height,
                transform=self.figure.transFigure,
                facecolor=colour,
                edgecolor="none",
                linewidth=0,
                zorder=zorder,
            )
        )


class Body:
    """The part of a figure between its title and its notes: knows its height, then draws itself."""

    height: float

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """Draw between `top` and `top + height`, which is at least `self.height`."""
        raise NotImplementedError


class Taker(str):
    """A frame for a figure that stands on a page with others: the page takes what makes its body, and draws it."""

    make: Callable[[Style], Body]


def maker_of(exhibit: Exhibit) -> Callable[[Style], Body]:
    """What makes the body of a figure, of any kind, for a page that holds several."""
    taker = Taker("bare")
    if exhibit.form.draw is not None:
        exhibit.form.draw(exhibit, taker)
    return taker.make


def compose(exhibit: Exhibit, frame: str, make: Callable[[Style], Body]) -> Figure:
    """A figure of the right size from its title, its body and its notes.

    On a slide the height is fixed: the body is stretched to fill it, or its letters shrink until it fits.
    """
    from dataclasses import replace

    from matplotlib.figure import Figure

    if isinstance(frame, Taker):
        frame.make = make
        return Figure()
    with theme.rules():
        sizes = exhibit.style
        body = make(sizes)
        head, foot = _head(exhibit, sizes, frame), _foot(exhibit, sizes, frame)
        around = _height(head) + _height(foot) + 2 * sizes.margin
        while sizes.height is not None and around + body.height > sizes.height and sizes.base > 10:
            sizes = replace(sizes, base=sizes.base - 0.5, small=min(sizes.small, sizes.base - 0.5))
            body = make(sizes)
        room = max(body.height, (sizes.height or 0) - around)
        canvas = Canvas(sizes.width, around + room)
        top = sizes.margin
        for lines, size, weight, colour, gap in head:
            top += canvas.block(sizes.margin, top, lines, size, sizes.pitch(size), weight=weight, colour=colour) + gap
        body.draw(canvas, top, room)
        if sizes.height is None:  # on a slide the body fills what title and notes leave: without them it is another
            gaps = (head[-1][4] if head else sizes.margin, foot[0][4] if foot else sizes.margin)
            note_place(canvas.figure, Place(top, room, *gaps, sizes.margin))
        top += room
        for lines, size, weight, colour, gap in foot:
            top += gap
            top += canvas.block(sizes.margin, top, lines, size, sizes.pitch(size), weight=weight, colour=colour)
        return canvas.figure


_Block = tuple[list[str], float, str, str, float]


def _head(exhibit: Exhibit, sizes: Style, frame: str) -> list[_Block]:
    if frame == "bare":
        return []
    inner = sizes.width - 2 * sizes.margin
    title, below = wrap(exhibit.title, inner, sizes.title, "bold"), exhibit.subtitle
    blocks = [(title, sizes.title, "bold", theme.INK, (0.1 if below else 0.5) * sizes.base)]
    if below:
        blocks.append((fill(below, inner, sizes.small), sizes.small, "normal", theme.SOFT, 0.5 * sizes.base))
    return blocks


def _foot(exhibit: Exhibit, sizes: Style, frame: str) -> list[_Block]:
    if frame == "bare":
        return []
    inner = sizes.width - 2 * sizes.margin
    blocks = [fill(text, inner, sizes.small) for text in exhibit.footing]
    return [
        (lines, sizes.small, "normal", theme.SOFT, (0.6 if i == 0 else 0.2) * sizes.base)
        for i, lines in enumerate(blocks)
    ]


def _height(blocks: Sequence[_Block]) -> float:
    return sum(len(block[0]) * 1.36 * block[1] + block[4] for block in blocks)
