"""The picture of an exhibit on its way to files: drawn once a frame, coded once a size, whatever formats it goes to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from survey.exhibits import theme
from survey.exhibits._crop import bare_dots, bare_drawing
from survey.exhibits._metadata import png_words, xmp
from survey.exhibits._pdf import tagged
from survey.exhibits._png import png
from survey.exhibits._svg import described
from survey.exhibits._undrawn import drawn
from survey.exhibits.exhibit import Exhibit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PICTURE_DPI", "Picture", "picture_of", "shared_pictures"]

PICTURE_DPI = 300
"""Dots an inch of the pictures in documents: one picture for all of them."""

_SHARED: ContextVar[dict[int, Picture] | None] = ContextVar("pictures", default=None)


class Picture:
    """What an exhibit looks like, as PNG, SVG and PDF, with its words inside.

    Parameters
    ----------
    exhibit : Exhibit
        A figure.
    """

    def __init__(self, exhibit: Exhibit) -> None:
        self.exhibit = exhibit
        self._figures: dict[str, Figure] = {}
        self._drawn: dict[float, NDArray[np.uint8]] = {}
        self._coded: dict[tuple[str, float], bytes] = {}
        self._written: dict[str, str] = {}

    def figure(self, frame: str) -> Figure:
        """The drawing, "full" or "bare"; see `Exhibit.figure`."""
        if frame not in self._figures:
            self._figures[frame] = self.exhibit.figure(frame)
        return self._figures[frame]

    def png(self, frame: str, dpi: float) -> bytes:
        """The picture in dots, with title, alternative text and source in it."""
        if (frame, dpi) not in self._coded:
            self._coded[frame, dpi] = png(self._dots(frame, dpi), dpi, png_words(self.exhibit))
        return self._coded[frame, dpi]

    def _dots(self, frame: str, dpi: float) -> NDArray[np.uint8]:
        """Of the bare picture those of the full one, where they are the same, whatever it is drawn for."""
        if frame == "full" or self.exhibit.style.height is None:
            if dpi not in self._drawn:
                self._drawn[dpi] = theme.dots(self.figure("full"), dpi)
            whole = self._drawn[dpi]
            bare = whole if frame == "full" else bare_dots(self.figure("full"), whole, dpi)
            if bare is not None:
                return bare
        return theme.dots(self.figure(frame), dpi)

    def svg(self, frame: str) -> str:
        """The drawing with its text as text; it names itself to screen readers."""
        if frame == "bare" and self.exhibit.style.height is None:
            bare = bare_drawing(self.figure("full"), self.svg("full"))
            if bare is not None:
                return bare
        if frame not in self._written:
            exhibit = self.exhibit
            words = _words(exhibit) | {"Source": exhibit.source, "Language": exhibit.lang}
            metadata = {key: text for key, text in words.items() if text}
            drawn = theme.to_bytes(self.figure(frame), "svg", metadata=metadata).decode("utf-8")
            self._written[frame] = described(drawn, f"x{exhibit.hash[:8]}-{exhibit.lang}", words)
        return self._written[frame]

    def pdf(self) -> bytes:
        """The full drawing as a tagged PDF with its letters in it."""
        exhibit = self.exhibit
        words = {"Title": exhibit.title, "Subject": exhibit.alt, "Keywords": exhibit.source}
        metadata = {key: text for key, text in words.items() if text}
        drawn = theme.to_bytes(self.figure("full"), "pdf", metadata=metadata)
        return tagged(drawn, title=exhibit.title, alt=exhibit.alt, lang=exhibit.lang, xmp=xmp(exhibit))


def _words(exhibit: Exhibit) -> dict[str, str]:
    return {"Title": exhibit.title, "Description": exhibit.alt}


@contextmanager
def shared_pictures() -> Iterator[None]:
    """In this block, every format of an exhibit is made from one drawing; afterwards nothing of it is kept."""
    token = _SHARED.set({})
    try:
        yield
    finally:
        _SHARED.reset(token)


class _Undrawn(Picture):
    """In place of a picture that no one looks at: one white dot, an inch wide."""

    def figure(self, frame: str) -> Any:
        return self

    def get_size_inches(self) -> tuple[float, float]:
        return 1.0, 1.0

    def png(self, frame: str, dpi: float) -> bytes:
        return _DOT


_DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a"
    "49444154789c63f80f0001010100b138f6140000000049454e44ae426082"
)


def picture_of(exhibit: Exhibit) -> Picture:
    """The picture of an exhibit: the one that other formats were made from, within `shared_pictures`."""
    if not drawn():
        return _Undrawn(exhibit)
    shared = _SHARED.get()
    if shared is None:
        return Picture(exhibit)
    # by identity: the picture holds its exhibit, so that no other can get its number
    return shared.setdefault(id(exhibit), Picture(exhibit))
