"""The picture without its title and notes, cut from the whole one: documents have these as text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Place", "bare_dots", "bare_drawing", "note_place"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the body of a figure stands, in points from its top.

    Parameters
    ----------
    top, height : float
    above, below : float
        Empty room at either side of it, which letters of the body may reach into and others may not.
    margin : float
        Empty edge of the picture.
    """

    top: float
    height: float
    above: float
    below: float
    margin: float


_LINE = re.compile(r'^  <g id="text_\d+">\n   <text x="[^"]*" y="([^"]*)"[^\n]*\n  </g>\n', re.MULTILINE)
_VIEW = re.compile(r'(<svg [^>]*? height=")[^"]*" viewBox="0 0 (\S+) [^"]*"')

_PLACES: WeakKeyDictionary[Figure, Place] = WeakKeyDictionary()


def note_place(figure: Figure, place: Place) -> None:
    """Remember where the body stands in a drawing."""
    _PLACES[figure] = place


def bare_drawing(figure: Figure, drawn: str) -> str | None:
    """An SVG of the whole without its title and notes; None where it is not known to look the same without them."""
    place = _PLACES.get(figure)
    if place is None:
        return None
    first, last = place.top, place.top + place.height
    body = _LINE.sub(lambda line: line[0] if first < float(line[1]) < last else "", drawn)
    height, shown = f"{place.height + 2 * place.margin:g}", f"{first - place.margin:g}"
    return _VIEW.sub(rf'\g<1>{height}pt" viewBox="0 {shown} \g<2> {height}"', body, count=1)


def bare_dots(figure: Figure, dots: NDArray[np.uint8], dpi: float) -> NDArray[np.uint8] | None:
    """The dots of the body within its margins; None where it is not known to look the same without title and notes."""
    place, unit = _PLACES.get(figure), dpi / 72
    if place is None:
        return None
    above, below = (min(room, place.margin) for room in (place.above, place.below))
    first, last = (round(y * unit) for y in (place.top - above, place.top + place.height + below))
    body, start = dots[first:last], round((place.margin - above) * unit)
    height = int((2 * place.margin + place.height) * unit + 1e-6)  # a part of a dot is none, as where it is drawn
    bare = np.full((height, *dots.shape[1:]), 255, np.uint8)
    body = body[: len(bare) - start]
    bare[start : start + len(body)] = body
    return bare
