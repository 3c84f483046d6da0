"""The invented map of the simulated city: shapes of no real place, made by rule. Simulated data / dữ liệu mô phỏng.

Ten wards share an outline and a lake. They lie around 0° N, 0° E, in the sea, where no city is.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from survey.base import catalogue
from survey.base.arrays import Array
from survey.base.geojson import Areas, read_areas
from survey.simulate.settings import instrument, packaged

__all__ = ["city_map", "draw_city"]

_SEEDS = (
    (0.50, 0.52),
    (0.30, 0.40),
    (0.66, 0.36),
    (0.34, 0.66),
    (0.68, 0.68),
    (0.12, 0.56),
    (0.86, 0.50),
    (0.46, 0.17),
    (0.16, 0.22),
    (0.52, 0.86),
)
"""A point of each ward, on a square of side 1."""
_OUTLINE = 18
_KILOMETRES = 12.0
_DEGREE = 111.32  # kilometres
_ROUGH = 0.085
_HALVINGS = 3
_LAKE = (0.285, 0.435, 0.042, 0.026)
"""Middle, half width and half height of the lake inside the second ward."""


def city_map() -> Areas:
    """The wards of the simulated city, for `figures.map`: sv.figures.map(e, sv.simulate.city_map()).

    Returns
    -------
    Areas
        Ten invented areas with the properties `ward_legacy_code` ("P01" to "P10"), `name_vi`, `name_en` and
        `simulated`; the file is `survey/simulate/city.geojson`.
    """
    return read_areas(json.loads(packaged("city.geojson")))


def draw_city() -> dict[str, Any]:
    """Draw the map anew: the content of `city.geojson`, the same on every machine.

    Each ward holds the points that are closer to its seed than to the others. Borders are then bent by midpoint
    displacement, each by numbers that hang on its two ends alone, so that neighbours share it.

    Returns
    -------
    dict
        A GeoJSON FeatureCollection in longitude and latitude, five decimals.
    """
    labels = instrument()["ward_legacy_code"].labels
    angle = 2 * np.pi * np.arange(_OUTLINE) / _OUTLINE
    outline = np.column_stack([0.5 + 0.5 * np.cos(angle), 0.5 + 0.46 * np.sin(angle)])
    seeds = np.array(_SEEDS)
    cells = []
    for i, own in enumerate(seeds):
        cell = outline
        for other in np.delete(seeds, i, axis=0):
            cell = _closer(cell, own, other)
        cells.append(np.round(cell, 9))
    features = []
    for (code, label), cell in zip(labels.items(), _joined(cells), strict=True):
        ring = np.concatenate([_border(a, b) for a, b in zip(cell, np.roll(cell, -1, axis=0), strict=True)])
        rings = [ring, _lake()] if code == "P02" else [ring]
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "ward_legacy_code": code,
                    "name_vi": label["vi"],
                    "name_en": label["en"],
                    "simulated": True,
                },
                "geometry": {"type": "Polygon", "coordinates": [_degrees(r) for r in rings]},
            }
        )
    return {
        "type": "FeatureCollection",
        "simulated": True,
        "attribution": catalogue.texts("map.invented"),
        "features": features,
    }


def _closer(cell: Array, own: Array, other: Array) -> Array:
    """The part of a convex cell that is closer to one point than to another (Sutherland & Hodgman 1974)."""
    normal, middle = other - own, (own + other) / 2
    side = (cell - middle) @ normal
    kept = []
    for a, b, at_a, at_b in zip(cell, np.roll(cell, -1, axis=0), side, np.roll(side, -1), strict=True):
        if at_a <= 0:
            kept.append(a)
        if at_a * at_b < 0:
            kept.append(a + (b - a) * at_a / (at_a - at_b))
    return np.array(kept)


def _joined(cells: list[Array]) -> list[Array]:
    """Cells with the corners of their neighbours on their own borders, so that all borders are whole edges."""
    corners = np.unique(np.concatenate(cells), axis=0)
    out = []
    for cell in cells:
        ring = []
        for a, b in zip(cell, np.roll(cell, -1, axis=0), strict=True):
            along = b - a
            t = (corners - a) @ along / (along @ along)
            away = np.abs(np.cross(np.append(along, 0), np.c_[corners - a, np.zeros(len(corners))])[:, 2])
            on = (t > 1e-6) & (t < 1 - 1e-6) & (away < 1e-7 * np.hypot(*along))
            ring += [a, *corners[on][np.argsort(t[on])]]
        out.append(np.array(ring))
    return out


def _border(a: Array, b: Array) -> Array:
    """A bent line from a to (not including) b; the same from b to a, turned round."""
    swap = tuple(a) > tuple(b)
    points = np.array([b, a] if swap else [a, b])
    ends = [round(1e6 * float(x)) for x in points.ravel()]
    rng = np.random.default_rng(ends)
    for _ in range(_HALVINGS):
        along = np.diff(points, axis=0)
        across = np.column_stack([-along[:, 1], along[:, 0]])
        bend = rng.uniform(-_ROUGH, _ROUGH, len(along))[:, None]
        middle = points[:-1] + along / 2 + bend * across
        points = np.insert(points, np.arange(1, len(points)), middle, axis=0)
    out: Array = points[::-1] if swap else points
    return out[:-1]


def _lake() -> Array:
    x, y, wide, high = _LAKE
    angle = -2 * np.pi * np.arange(16) / 16
    wave = 1 + 0.18 * np.sin(3 * angle)
    return np.column_stack([x + wide * wave * np.cos(angle), y + high * wave * np.sin(angle)])


def _degrees(ring: Array) -> list[list[float]]:
    """A closed ring in degrees, around 0° N, 0° E."""
    at = np.round((np.vstack([ring, ring[:1]]) - 0.5) * _KILOMETRES / _DEGREE, 5) + 0.0
    found: list[list[float]] = at.tolist()
    return found
