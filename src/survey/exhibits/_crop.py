"""The picture without its title and notes, cut from the whole one: documents have these as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Place", "bare_dots", "note_place"]


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


_PLACES: WeakKeyDictionary[Figure, Place] = WeakKeyDictionary()


def note_place(figure: Figure, place: Place) -> None:
    """Remember where the body stands in a drawing."""
    _PLACES[figure] = place


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
