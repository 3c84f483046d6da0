"""Areas from a plain GeoJSON file: polygons with holes and the texts that name them. Nothing in a file is run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from survey.base.arrays import Array
from survey.base.names import composed_value, label
from survey.errors import ReadError, shorten

__all__ = ["Area", "Areas", "read_areas"]

MOST_BYTES = 64_000_000
"""Larger files are surveyors' boundaries, of which a page shows one point in a hundred."""
_POLYGONS = ("Polygon", "MultiPolygon")
_FIX = "export the boundaries again as GeoJSON (RFC 7946), polygons in longitude and latitude or projected coordinates"


@dataclass(frozen=True, eq=False)
class Area:
    """One feature: what names it, and its polygons.

    Parameters
    ----------
    properties : mapping of str to object
        As in the file; text in its composed Unicode form.
    polygons : tuple of tuples of arrays (points, 2)
        The outer ring of each polygon, then its holes.
    """

    properties: Mapping[str, Any]
    polygons: tuple[tuple[Array, ...], ...]

    @property
    def rings(self) -> list[Array]:
        """All rings, outer ones and holes."""
        return [ring for polygon in self.polygons for ring in polygon]


@dataclass(frozen=True, eq=False)
class Areas:
    """All features of a file. `str()` is the SHA-256 of what they hold, the same wherever the file lies.

    Parameters
    ----------
    areas : tuple of Area
    geographic : bool
        Coordinates are longitude and latitude in degrees: an east-west degree is shorter by the cosine of the latitude.
    name : str
        Of the file, for messages.
    attribution : str or mapping of language to str
        Whom the file itself credits (its member `attribution`); "" where it credits no one.
    """

    areas: tuple[Area, ...]
    geographic: bool
    name: str = ""
    attribution: str | Mapping[str, str] = ""
    _digest: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self._digest

    def __len__(self) -> int:
        return len(self.areas)

    @property
    def keys(self) -> list[str]:
        """Names of the properties that any feature has."""
        return list(dict.fromkeys(k for area in self.areas for k in area.properties))

    def named(self, key: str) -> dict[str, list[Area]]:
        """Areas by the text of a property (3 for 3.0); several features of one name are one area in parts."""
        found: dict[str, list[Area]] = {}
        for area in self.areas:
            value = area.properties.get(key)
            if value is not None and not isinstance(value, Mapping | list):
                found.setdefault(label(value), []).append(area)
        return found


def read_areas(source: str | os.PathLike[str] | Mapping[str, Any]) -> Areas:
    """Read the polygons of a GeoJSON file, or of one that was parsed already.

    Parameters
    ----------
    source : path or mapping
        A FeatureCollection, a Feature, or a geometry; Polygon, MultiPolygon, and these in a GeometryCollection. Points
        and lines beside them are left out.

    Returns
    -------
    Areas

    Raises
    ------
    ReadError
        If the file is not there, larger than 64 MB, cut off, not JSON or not GeoJSON, or has no polygons; if a
        coordinate is not a finite number.

    References
    ----------
    RFC 7946, The GeoJSON Format (2016).
    """
    if isinstance(source, Mapping):
        name, content = "", source
        digest = sha256(json.dumps(source, sort_keys=True, default=str).encode("utf-8", "replace")).hexdigest()
    elif not isinstance(source, str | os.PathLike):
        raise _refused("A map is needed.", "", got=type(source).__name__, expected="the path of a GeoJSON file")
    else:
        name, raw = Path(source).name, _bytes(Path(source))
        digest, content = sha256(raw).hexdigest(), _parsed(raw, name)
    try:
        found = tuple(_area(f, i, name) for i, f in enumerate(_features(content, name)))
    except RecursionError:
        raise _refused("The geometries of the file are nested too deeply.", name) from None
    areas = tuple(area for area in found if area.polygons)
    if not areas:
        kinds = {_kind(f.get("geometry")) for f in _features(content, name)} - {""}
        raise _refused(
            "The file has no polygons.",
            name,
            got=shorten(sorted(kinds)) or "no features",
            expected="features with a Polygon or MultiPolygon",
        )
    return Areas(areas, _geographic(areas, name), name, _attribution(content), digest)


def _attribution(content: Mapping[str, Any]) -> str | Mapping[str, str]:
    """Who is credited: a text, or one a language; anything else is not for reading."""
    given = content.get("attribution")
    if isinstance(given, Mapping):
        return {str(k): v for k, v in given.items() if isinstance(v, str)}
    return given if isinstance(given, str) else ""


def _refused(message: str, name: str, **parts: Any) -> ReadError:
    parts.setdefault("fix", _FIX)
    return ReadError(message, where=name or "regions=", **parts)


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise _refused("A folder is not a map.", str(path), expected="a GeoJSON file", fix="name the file")
        if size > MOST_BYTES:
            raise _refused(
                "The map file is too large.",
                path.name,
                got=f"{size / 1e6:,.0f} MB",
                expected=f"at most {MOST_BYTES / 1e6:.0f} MB",
                fix="simplify the boundaries (mapshaper, QGIS: Simplify); a page shows about 1,000 points a ward",
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise _refused(
            "There is no such map file.", str(path), expected="the path of a GeoJSON file", fix="correct the path"
        ) from None
    except OSError as problem:
        raise _refused(
            "The map file cannot be read.", str(path), got=problem.strerror, fix="close or move it"
        ) from None


def _parsed(raw: bytes, name: str) -> Mapping[str, Any]:
    if raw[:4] == b"PK\x03\x04" or raw[:4] == b"\x00\x00\x27\x0a":
        raise _refused("A zip archive or shapefile is not GeoJSON.", name, fix="convert it (QGIS: Export, GeoJSON)")
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _refused(
            "The map file is not text in UTF-8.", name, got=f"byte {problem.start}", expected="GeoJSON in UTF-8"
        ) from None
    try:
        content = json.loads(text, parse_constant=_not_a_number)
    except _NotANumberError as problem:
        raise _refused(
            "A coordinate is not a finite number.", name, got=str(problem), expected="numbers, null geometry for none"
        ) from None
    except json.JSONDecodeError as problem:
        ended = not text[problem.pos :].strip()
        raise _refused(
            "The map file is cut off." if text.strip() and ended else "The map file is not JSON.",
            f"{name}, line {problem.lineno}",
            got="the file ends inside a value" if text.strip() and ended else "an empty file" if ended else None,
            fix="copy or download the file again" if ended else _FIX,
        ) from None
    except RecursionError:
        raise _refused("The map file is nested too deeply.", name) from None
    except ValueError:  # a whole number of thousands of digits
        raise _refused("A number of the map file is too long.", name) from None
    if not isinstance(content, Mapping):
        raise _refused("The map file is not GeoJSON.", name, got=f"a JSON {type(content).__name__}")
    return content


class _NotANumberError(Exception):
    pass


def _not_a_number(text: str) -> float:
    raise _NotANumberError(text)


def _features(content: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    kind = _kind(content)
    if kind == "FeatureCollection":
        found = content.get("features")
        if not isinstance(found, list):
            raise _refused("A FeatureCollection has no list of features.", name)
        for i, feature in enumerate(found, 1):
            if not isinstance(feature, Mapping):
                raise _refused("A feature is not an object.", f"{name}, feature {i}")
            yield feature
    elif kind == "Feature":
        yield content
    elif kind in (*_POLYGONS, "GeometryCollection"):
        yield {"type": "Feature", "properties": {}, "geometry": content}
    elif kind == "Topology":
        raise _refused(
            "TopoJSON is not GeoJSON.", name, got="a Topology", fix="convert it (mapshaper: -o format=geojson)"
        )
    else:
        raise _refused(
            "The map file is not GeoJSON.",
            name,
            got=f"type {kind!r}" if kind else "no type",
            expected="a FeatureCollection",
        )


def _kind(value: Any) -> str:
    kind = value.get("type") if isinstance(value, Mapping) else None
    return kind if isinstance(kind, str) else ""


def _area(feature: Mapping[str, Any], i: int, name: str) -> Area:
    given = feature.get("properties")
    properties = dict(given) if isinstance(given, Mapping) else {}
    if "id" in feature:
        properties.setdefault("id", feature["id"])
    where = f"{name}, feature {i + 1}" if name else f"feature {i + 1}"
    polygons = tuple(_polygons(feature.get("geometry"), where))
    if not polygons and _kind(feature.get("geometry")) in _POLYGONS:
        raise _refused("The polygons of a feature have no area.", where, expected="rings of three points and more")
    return Area({str(composed_value(str(k))): composed_value(v) for k, v in properties.items()}, polygons)


def _polygons(geometry: Any, where: str) -> Iterator[tuple[Array, ...]]:
    kind = _kind(geometry)
    if kind == "GeometryCollection":
        for part in _list(geometry.get("geometries"), where):
            yield from _polygons(part, where)
    if kind not in _POLYGONS:
        return
    coordinates = _list(geometry.get("coordinates"), where)
    for polygon in coordinates if kind == "MultiPolygon" else [coordinates]:
        rings = [_ring(ring, where) for ring in _list(polygon, where)]
        if rings and _wide(rings[0]):  # simplified boundaries hold rings that shrank to a line
            # outer rings run one way and holes the other, so that a fill by winding leaves holes empty
            yield (_turned(rings[0], 1), *(_turned(r, -1) for r in rings[1:] if _wide(r)))


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise _refused("The coordinates of a polygon are not lists of lists.", where)
    return list(value)


def _ring(points: Any, where: str) -> Array:
    points = _list(points, where)
    try:
        # a third number is a height
        pairs = [(p[0], p[1]) for p in points]
    except (TypeError, IndexError, KeyError):
        raise _refused("A point of a polygon is not a pair of numbers.", where) from None
    if any(isinstance(v, bool) or not isinstance(v, int | float) for pair in pairs for v in pair):
        raise _refused("A coordinate is not a number.", where, expected="numbers without quotes")
    try:
        ring = np.array(pairs, dtype=float).reshape(-1, 2)
    except OverflowError:
        raise _refused("A coordinate is not a finite number.", where) from None
    if not np.isfinite(ring).all():
        raise _refused("A coordinate is not a finite number.", where, got="NaN or infinity")
    if len(ring) > 1 and (ring[0] == ring[-1]).all():
        ring = ring[:-1]
    return ring


def _wide(ring: Array) -> bool:
    """Whether the points of a ring are more than one line."""
    different = np.unique(ring, axis=0)
    if len(different) < 3:
        return False
    side, rest = different[-1] - different[0], different[1:-1] - different[0]
    return bool((side[0] * rest[:, 1] != side[1] * rest[:, 0]).any())


def signed_area(ring: Array) -> float:
    """Area inside a ring, positive where it runs anticlockwise."""
    at = ring - ring[0]  # far from the origin the products lose their digits
    after = np.roll(at, -1, axis=0)
    return float((at[:, 0] * after[:, 1] - after[:, 0] * at[:, 1]).sum() / 2)


def _turned(ring: Array, sign: int) -> Array:
    return ring if np.sign(signed_area(ring)) in (0, sign) else ring[::-1]


def _geographic(areas: tuple[Area, ...], name: str) -> bool:
    """Whether coordinates are degrees; an error where latitude stands before longitude."""
    points = np.concatenate([ring for area in areas for ring in area.rings])
    x, y = np.abs(points[:, 0]).max(), np.abs(points[:, 1])
    if x <= 90 and y.max() <= 180 and y.min() > 90:
        raise _refused(
            "The coordinates of the map stand in the wrong order.",
            name,
            got=f"({points[0, 0]:g}, {points[0, 1]:g})",
            expected="longitude, then latitude",
            fix="export the boundaries again with the x and y axes swapped",
        )
    return bool(x <= 180 and y.max() <= 90)
