"""Areas of a map in points on the page: the projection, the paths, and where a label has most room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.base.arrays import Array
from survey.base.geojson import Area, Areas, signed_area

if TYPE_CHECKING:
    from matplotlib.path import Path

__all__ = ["Plan", "label_place", "outside_place", "path_of", "size_of"]

_FINEST = 0.12
"""Points closer than this many points of 1/72 inch are one on a page of 600 dots an inch."""
_GRID = 16
_OUTSIDE = 40
"""Places along each side that a name outside of its area is tried at."""
_ROOM = 0.56
"""Of the side of a square, from its middle to a border: its corners may come close to one where its sides do not."""
_REACH = 0.3
"""Of the width of a page: how far from its area a name may stand."""


class Plan:
    """How coordinates of a map become places on the page; the ratio of height to width is `shape`.

    Longitude and latitude become an equirectangular projection true at the middle latitude: a degree east is the
    cosine of that latitude shorter than a degree north. Projected coordinates stay as they are.
    """

    def __init__(self, areas: Areas) -> None:
        points = np.concatenate([ring for area in areas.areas for ring in area.rings])
        self.turn = False
        if areas.geographic:  # on both sides of the 180th meridian: the other way round is shorter
            east = np.where(points[:, 0] < 0, points[:, 0] + 360, points[:, 0])
            if np.ptp(points[:, 0]) > 180 and np.ptp(east) < np.ptp(points[:, 0]):
                self.turn, points = True, np.column_stack([east, points[:, 1]])
        low, high = points.min(axis=0), points.max(axis=0)
        self.narrow = max(float(np.cos(np.radians((low[1] + high[1]) / 2))), 0.01) if areas.geographic else 1.0
        self.origin = low
        size = (high - low) * (self.narrow, 1.0)
        self.size = np.where(size > 0, size, max(float(size.max()), 1e-9) * 1e-6)

    @property
    def shape(self) -> float:
        """Height over width."""
        return float(self.size[1] / self.size[0])

    def placed(self, area: Area, width: float, height: float) -> list[list[Array]]:
        """Rings of each polygon in points, y upward, the map centred in `width` by `height`."""
        scale = min(width / self.size[0], height / self.size[1])
        edge = (np.array([width, height]) - scale * self.size) / 2
        return [[_fewer(edge + scale * self._flat(ring)) for ring in polygon] for polygon in area.polygons]

    def _flat(self, ring: Array) -> Array:
        x = np.where(ring[:, 0] < 0, ring[:, 0] + 360, ring[:, 0]) if self.turn else ring[:, 0]
        return np.column_stack([(x - self.origin[0]) * self.narrow, ring[:, 1] - self.origin[1]])


def _fewer(ring: Array) -> Array:
    """A ring without points that fall on the one before: borders that two areas share lose the same ones."""
    snapped = np.round(ring / _FINEST) * _FINEST
    keep = np.r_[True, (np.diff(snapped, axis=0) != 0).any(axis=1)]
    out: Array = snapped[keep]
    return out


def path_of(polygons: Sequence[Sequence[Array]]) -> Path:
    """One path of all rings; holes run the other way, so that they stay empty."""
    from matplotlib.path import Path

    vertices, codes = [], []
    for ring in (r for polygon in polygons for r in polygon):
        vertices.append(np.vstack([ring, ring[:1]]))
        codes += [Path.MOVETO, *[Path.LINETO] * (len(ring) - 1), Path.CLOSEPOLY]
    return Path(np.concatenate(vertices), np.array(codes, dtype=np.uint8))


def size_of(polygons: Sequence[Sequence[Array]]) -> float:
    """Area on the page, holes taken off."""
    return abs(sum(signed_area(ring) for polygon in polygons for ring in polygon))


def label_place(polygons: Sequence[Sequence[Array]], width: float, height: float) -> tuple[float, float] | None:
    """Where a box of this size fits best into an area; None where it fits nowhere.

    The page is stretched until the box is a square, and the point furthest from all borders is looked for, first on a
    grid and then closer: the pole of inaccessibility.
    """
    rings = max(polygons, key=lambda polygon: size_of([polygon]))
    scale = np.array([1 / width, 1 / height])
    starts = np.concatenate([r for r in rings]) * scale
    ends = np.concatenate([np.roll(r, -1, axis=0) for r in rings]) * scale
    low, high = starts.min(axis=0), starts.max(axis=0)
    if ((high - low) < 1).any():
        return None
    edges = (starts, ends)
    best, room = _furthest(edges, edges, low, high)
    for closer in (1.0, 5.0, 25.0):
        step = (high - low) / _GRID / closer
        if max(room, 0.0) + 1.24 * float(np.hypot(*step)) < _ROOM:
            return None  # all that is looked at from here on is within 1 + 1/5 + 1/25 steps, and has no more room
        found = _furthest(*_deciding(edges, best, step), best - step, best + step)
        best, room = max((found, (best, room)), key=lambda pair: pair[1])
    if room < _ROOM:
        return None
    x, y = best / scale
    return float(x), float(y)


_Edges = tuple[Array, Array]


def _deciding(edges: _Edges, place: Array, step: Array) -> tuple[_Edges, _Edges]:
    """The edges that decide which points around a place, at most `step` away, are inside, and how much room they have.

    The first are those at their height, the second those that one of the points may be nearest to.
    """
    starts, ends = edges
    far = _distances(place[None, :], starts, ends)[0]
    near = far <= far.min() + 2.01 * np.hypot(*step)
    y, other = starts[:, 1], ends[:, 1]
    level = (np.minimum(y, other) <= place[1] + step[1]) & (np.maximum(y, other) >= place[1] - step[1])
    return (starts[level], ends[level]), (starts[near], ends[near])


def outside_place(
    rings: Sequence[Array],
    taken: Sequence[tuple[float, float, float, float]],
    box: tuple[float, float],
    page: tuple[float, float],
    near: tuple[float, float],
) -> tuple[float, float] | None:
    """The centre of the box nearest to a point that is on no area and on no other box; None where none is near.

    Parameters
    ----------
    rings : sequence of array (k, 2)
        Of all areas.
    taken : sequence of (left, bottom, right, top)
    box : (width, height)
    page : (width, height)
        Room of the map.
    near : (x, y)
    """
    half = np.array(box) / 2
    x, y = (np.linspace(half[i], page[i] - half[i], _OUTSIDE) for i in (0, 1))
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    far = np.hypot(*(places - near).T)
    points, others = np.concatenate(rings), np.array(taken).reshape(-1, 4)
    for at in np.argsort(far, kind="stable"):
        if far[at] > _REACH * page[0]:
            return None
        low, high = places[at] - half, places[at] + half
        if ((others[:, :2] < high) & (others[:, 2:] > low)).all(axis=1).any():
            continue
        # borders have points closer to each other than a line of text is high, or else their corners are looked at
        if ((points > low) & (points < high)).all(axis=1).any():
            continue
        corners = np.array([[i, j] for i in (low[0], places[at, 0], high[0]) for j in (low[1], places[at, 1], high[1])])
        if not any(_crossings(corners, ring, np.roll(ring, -1, axis=0)).any() for ring in rings):
            return float(places[at, 0]), float(places[at, 1])
    return None


def _furthest(crossed: _Edges, near: _Edges, low: Array, high: Array) -> tuple[Array, float]:
    """The point of a grid inside the rings that is furthest from them, and how far."""
    x, y = (np.linspace(low[i], high[i], _GRID + 2)[1:-1] for i in (0, 1))
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    inside = np.zeros(len(points), bool)
    for starts, ends in _parts(crossed):
        inside ^= _crossings(points, starts, ends)
    points = points[inside]
    if not len(points):
        return (low + high) / 2, -1.0
    room = np.full(len(points), np.inf)
    for starts, ends in _parts(near):
        room = np.minimum(room, _distances(points, starts, ends).min(axis=1))
    found = int(room.argmax())
    return points[found], float(room[found])


def _parts(edges: _Edges) -> list[_Edges]:
    """A coast of many points in parts, so that memory stays small."""
    starts, ends = edges
    return [(starts[at : at + 512], ends[at : at + 512]) for at in range(0, len(starts), 512)]


def _crossings(points: Array, a: Array, b: Array) -> Any:
    """Whether a ray to the right crosses an odd number of the edges."""
    px, py = points[:, :1], points[:, 1:]
    across = (a[None, :, 1] > py) != (b[None, :, 1] > py)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = a[:, 0] + (py - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1])
    return (across & (px < at)).sum(axis=1) % 2 == 1


def _distances(points: Array, a: Array, b: Array) -> Array:
    """Distance of each point to each edge."""
    (wide, high), (x, y) = (b - a).T, (points[:, i, None] - a[:, i] for i in (0, 1))
    along = np.clip((x * wide + y * high) / np.maximum(wide**2 + high**2, 1e-18), 0, 1)
    out: Array = np.hypot(x - along * wide, y - along * high)
    return out
