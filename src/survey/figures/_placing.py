"""Names of points in a plane: beside their points, on no other name or point, with a thin line where they are far."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from survey.base.arrays import Array

__all__ = ["distances", "place_labels"]

_AROUND = (
    *((1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.0, 1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, -1.0), (-1.0, 1.0)),
    *((1.0, -0.5), (1.0, 0.5), (-1.0, -0.5), (-1.0, 0.5)),
)
"""Right, left, above, below, then the corners, then between; y grows downwards."""
_RINGS = (1.0, 2.2, 3.6, 5.2, 7.0)
_FARTHER = tuple(float(r) for r in range(9, 60, 3))
"""Where a name that finds no place near its point is put, with a line to it."""
_STRUCK = 2.0
"""What a level line through a name weighs, beside an upright one."""


def place_labels(
    points: Array, sizes: Array, bounds: tuple[float, float, float, float], gap: float, segments: Array
) -> list[tuple[float, float] | None]:
    """Centres of names, None for one that finds no place.

    Names of points that stand closest to others choose first, each the nearest free place that crosses the fewest
    intervals; the result depends on nothing but the arguments.

    Parameters
    ----------
    points : array (k, 2)
        In points, y downwards.
    sizes : array (k, 2)
        Width and height of each name.
    bounds : (left, top, right, bottom)
        Where names may stand.
    gap : float
        From a point to its name; also the radius that every point keeps free.
    segments : array (m, 4)
        Intervals (x0, y0, x1, y1) that names should rather not cover.
    """
    k = len(points)
    found: list[tuple[float, float] | None] = [None] * k
    if not k:
        return found
    boxes: list[tuple[float, float, float, float]] = []
    dots = np.c_[points - 0.6 * gap, points + 0.6 * gap]
    apart = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1)) + np.where(np.eye(k) > 0, np.inf, 0.0)
    for i in np.argsort(apart.min(axis=1), kind="stable"):
        best, least = None, np.inf
        for ring in (*_RINGS, *_FARTHER):
            if least < 1.5 * ring or (best is not None and ring > _RINGS[-1]):  # no place so far away is better
                break
            for order, (dx, dy) in enumerate(_AROUND):
                w, h = sizes[i]
                x = points[i, 0] + dx * (gap * ring + w / 2)
                y = points[i, 1] + dy * (gap * ring * (1.0 if dx == 0 else 0.8) + h / 2)
                box = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
                inside = box[0] >= bounds[0] and box[1] >= bounds[1] and box[2] <= bounds[2] and box[3] <= bounds[3]
                if not inside or _meets(box, dots) or _meets(box, np.array(boxes).reshape(-1, 4)):
                    continue
                cost = 1.5 * ring + 0.05 * order + 0.8 * _crossed(box, segments)
                # a name that is nearer to another point seems to be that one's
                far = distances(box, points)
                cost += 6.0 if bool((np.delete(far, i) < 1.2 * far[i]).any()) else 0.0
                if cost < least:
                    best, least = box, cost
        if best is not None:
            boxes.append(best)
            found[i] = ((best[0] + best[2]) / 2, (best[1] + best[3]) / 2)
    return found


def distances(box: Sequence[float], points: Array) -> Array:
    """How far each point is from a box; 0 inside."""
    wide = np.maximum(np.maximum(box[0] - points[:, 0], points[:, 0] - box[2]), 0.0)
    tall = np.maximum(np.maximum(box[1] - points[:, 1], points[:, 1] - box[3]), 0.0)
    return np.asarray(np.hypot(wide, tall))


def _meets(box: Sequence[float], others: Array) -> bool:
    if not len(others):
        return False
    wide = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    high = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    return bool(((wide > 0) & (high > 0)).any())


def _crossed(box: Sequence[float], segments: Array) -> float:
    """How many of the intervals, which are level or upright, a box covers; a level one runs through a whole name."""
    if not len(segments):
        return 0.0
    low, high = np.minimum(segments[:, :2], segments[:, 2:]), np.maximum(segments[:, :2], segments[:, 2:])
    wide = np.minimum(box[2], high[:, 0]) - np.maximum(box[0], low[:, 0])
    tall = np.minimum(box[3], high[:, 1]) - np.maximum(box[1], low[:, 1])
    level = high[:, 1] == low[:, 1]
    return float((((wide >= 0) & (tall >= 0)) * np.where(level, _STRUCK, 1.0)).sum())
