"""One look for every figure: sizes, letters, colours, and saving that gives the same bytes on every run.

Letters are the DejaVu Sans that ships with matplotlib, by file: it has every Vietnamese letter, and text measures the
same on every machine. Colours tell apart for colour-blind readers and, by lightness, in grey.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.errors import ExportError
from survey.exhibits._pdf import lean_fonts
from survey.exhibits._png import png
from survey.exhibits._svg import with_text
from survey.exhibits.letters import font

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SCREEN_DPI", "SIZES", "WIDTHS", "Style", "diverging", "dots", "font", "rules", "style", "to_bytes"]

SCREEN_DPI = 144
_DRAWING = threading.RLock()
_MM = 72 / 25.4

INK = "#1a1a1a"
SOFT = "#595959"  # contrast with white 7:1
FAINT = "#d9d9d9"
BAND = "#f4f4f4"
SERIES = ("#1f5590", "#c8691c", "#3a3a3a", "#6b9f3f")
MARKERS = ("o", "s", "^", "D")

# From the dark end to the light one. The low side is a step darker than the high side, so that the two ends differ
# in grey too; every two steps of a five-point scale are at least 10 apart in CIELAB lightness, and so are neighbours of
# longer scales at least 9 up to nine answers and 7 up to eleven.
_LOW = ("#7a3607", "#b85c17", "#e39a4f", "#f4cfa0")
_HIGH = ("#2a6cae", "#5b9bd0", "#a3cbe6", "#d3e6f3")
_MIDDLE = "#ececec"
DONT_KNOW = "#8c8c8c"


@dataclass(frozen=True, slots=True)
class Style:
    """Sizes of a figure, in points of 1/72 inch.

    Parameters
    ----------
    name : str
    width : float
        Full width of the picture.
    base, small, title : float
        Letters of labels and numbers, of notes, of the title.
    margin : float
        Empty edge on all sides.
    dpi : int
        Dots an inch of a PNG.
    height : float, optional
        A fixed height (a slide); otherwise the content decides.
    brief : bool
        Too narrow for intervals in numbers.
    stacked : bool
        Labels of rows stand above what they name, not beside it.
    """

    name: str
    width: float
    base: float
    small: float
    title: float
    margin: float
    dpi: int = 300
    height: float | None = None
    brief: bool = False
    stacked: bool = False

    def pitch(self, size: float) -> float:
        """Distance of baselines; Vietnamese capitals carry two marks and need more room than English."""
        return 1.36 * size


_PX = 72 / 96
_PAGE = Style("full", 160 * _MM, 8.5, 7.0, 10.5, 5.0)
_COLUMN = Style("half", 80 * _MM, 7.5, 6.5, 9.0, 4.5, brief=True)
# letters of 14 and 12 px: what a page for a phone sets its text in; three dots a pixel
_PHONE = Style("phone", 390 * _PX, 14 * _PX, 12 * _PX, 17 * _PX, 9.0, 288, brief=True, stacked=True)

WIDTHS: Mapping[str, Style] = {
    "full": _PAGE,
    "half": _COLUMN,
    "slide": Style("slide", 13.333 * 72, 17.0, 12.0, 24.0, 24.0, 150, 7.5 * 72),
    "slide_body": Style("slide_body", 12.333 * 72, 17.0, 12.0, 24.0, 4.0, 150, 5.3 * 72),
    "page": _PAGE,
    "column": _COLUMN,
    "phone": _PHONE,
}
SIZES = ("page", "column", "slide", "phone")
"""What a picture is for: a page or a column of a document, a slide, a phone."""


def style(width: str) -> Style:
    """Sizes by name: "page" or "full" (160 mm), "column" or "half" (80 mm), "slide" (13.33 x 7.5 in), "phone" (390 px).

    "slide_body" is what a slide leaves below its title.
    """
    one_of(width, WIDTHS, "width of a figure", ExportError)
    return WIDTHS[width]


@contextmanager
def rules() -> Iterator[None]:
    """matplotlib as it comes, with our few rules: a user's own settings change nothing, and are left as they were."""
    import matplotlib

    # settings of matplotlib are the process's: two threads that draw at a time would leave each other's behind
    with _DRAWING, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "axes.unicode_minus": True,
                "image.composite_image": False,
                "text.hinting": "none",
                "pdf.fonttype": 42,
                "ps.fonttype": 42,
                "svg.fonttype": "none",
                "svg.hashsalt": "resident-survey",
                "savefig.bbox": None,
                "savefig.facecolor": "white",
                "figure.facecolor": "white",
            }
        )
        yield


def diverging(k: int) -> list[str]:
    """Colours of an ordered scale of `k` answers, lowest first; an odd scale has a pale middle."""
    return list(_diverging(k))


@cache
def _diverging(k: int) -> tuple[str, ...]:
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    half = k // 2
    # a two-step side uses one strong and one lighter tone, a five-step side the whole ramp
    # and the lightest tones keep away from the pale middle, or from each other where there is none
    ends = (0.95, 0.8) if k % 2 else (0.84, 0.95)
    low, high = (
        [
            to_hex(LinearSegmentedColormap.from_list("side", ramp)(p))
            for p in {0: [], 1: [0.25], 2: [0.0, 0.62]}.get(half) or [end * i / (half - 1) for i in range(half)]
        ]
        for ramp, end in zip((_LOW, _HIGH), ends, strict=True)
    )
    return (*low, *([_MIDDLE] if k % 2 else []), *reversed(high))


def luminance(colour: str) -> float:
    """Relative luminance of a colour (WCAG 2.2), 0 for black and 1 for white."""
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def on(colour: str) -> str:
    """Black or white, whichever reads better on a colour (WCAG 2.2 contrast ratio)."""
    y = luminance(colour)
    return "#ffffff" if 1.05 / (y + 0.05) > (y + 0.05) / 0.05 else INK


def to_bytes(
    figure: Figure,
    format: str,
    *,
    dpi: float | None = None,
    metadata: Mapping[str, Any] | None = None,
    words: Mapping[str, tuple[str, str]] | None = None,
) -> bytes:
    """The file a figure makes, the same bytes on every run: no dates, no program versions, fixed ids.

    What a PNG says of itself comes as `words` (text and language by keyword), what others say as `metadata`.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    if format == "png":
        return png(dots(figure, dpi or figure.dpi), dpi or figure.dpi, words or {})
    with rules(), lean_fonts():
        FigureCanvasAgg(figure)
        blank: dict[str, Any] = {
            "svg": {"Date": None, "Creator": None},
            "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
        }[format]
        stream = io.BytesIO()
        figure.savefig(stream, format=format, metadata={**blank, **(metadata or {})})
    if format == "svg":
        return with_text(stream.getvalue().decode("utf-8")).encode("utf-8")
    return stream.getvalue()


def dots(figure: Figure, dpi: float) -> NDArray[np.uint8]:
    """The figure in dots (height, width, 4): red, green, blue and opacity, 0-255."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    before = figure.dpi
    with rules():
        canvas = FigureCanvasAgg(figure)
        try:
            figure.dpi = dpi
            canvas.draw()  # type: ignore[no-untyped-call]
            return np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
        finally:
            figure.dpi = before
