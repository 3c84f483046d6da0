"""Maps as people have them: cut off, of another kind, with holes, parts, heights, coordinates that are no numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from survey.base.geojson import read_areas, signed_area
from survey.errors import ReadError

SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
HOLE = [[0.5, 0.5], [1, 0.5], [1, 1], [0.5, 1], [0.5, 0.5]]


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def test_a_hole_is_taken_off_whichever_way_the_file_turns_its_rings() -> None:
    for ring, hole in ((SQUARE, HOLE), (SQUARE[::-1], HOLE), (SQUARE, HOLE[::-1]), (SQUARE[::-1], HOLE[::-1])):
        area = read_areas(feature(polygon(ring, hole))).areas[0]
        assert [signed_area(r) for r in area.rings] == [4.0, -0.25]  # by hand: 2 x 2, and 0.5 x 0.5


def test_slivers_that_shrank_to_a_line_are_left_out() -> None:
    line = [[5, 5], [6, 6], [7, 7], [5, 5]]
    found = read_areas({"type": "MultiPolygon", "coordinates": [[SQUARE, line], [line]]})
    assert [len(polygon) for polygon in found.areas[0].polygons] == [1]


def test_parts_heights_and_what_has_no_area() -> None:
    high = [[x, y, 12.5] for x, y in SQUARE]
    parts = {"type": "MultiPolygon", "coordinates": [[high], [[[x + 5, y] for x, y in SQUARE]]]}
    together = {"type": "GeometryCollection", "geometries": [polygon(SQUARE), {"type": "Point", "coordinates": [1, 1]}]}
    found = read_areas(collection(feature(parts, code=1), feature(together), feature(None, code=3)))
    assert [len(a.polygons) for a in found.areas] == [2, 1]
    assert list(found.named("code")) == ["1"]


def test_both_unicode_forms_of_a_name_are_one() -> None:
    found = read_areas(collection(feature(polygon(SQUARE), name="Phu\u031bo\u031b\u0300ng")))
    assert list(found.named("name")) == ["Phường"]


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (json.dumps(collection(feature(polygon(SQUARE)))).encode()[:-30], "cut off"),
        (b"", "not JSON"),
        (b"resp_id,ward\n1,2\n", "not JSON"),
        (b"[1, 2]", "not GeoJSON"),
        (b'{"type": "Topology", "arcs": []}', "TopoJSON"),
        (b"PK\x03\x04rest", "zip"),
        (b'{"type": "FeatureCollection", "features": []}', "no polygons"),
        (json.dumps(feature({"type": "Point", "coordinates": [1, 2]})).encode(), "no polygons"),
        (b'{"type": "Polygon", "coordinates": [[[0, 0], [NaN, 1], [1, 1]]]}', "not a finite number"),
        (b'{"type": "Polygon", "coordinates": [[[0, 0], [1e999, 1], [1, 1]]]}', "not a finite number"),
        (b'{"type": "Polygon", "coordinates": [[["0", "0"], ["1", "1"], ["2", "0"]]]}', "not a number"),
        (b'{"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}', "no area"),
        (b'{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]}', "no area"),
        (b'{"type": "Polygon", "coordinates": {"a": 1}}', "not lists"),
        (b'{"type": "Polygon", "coordinates": [[[21.0, 105.8], [21.1, 105.8], [21.1, 105.9]]]}', "wrong order"),
        (b'{"type":' * 5000, "nested too deeply"),
        (b"{" + b'"type": "F\xff"}', "UTF-8"),
        (b'{"type": "Polygon", "coordinates": [[[' + b"9" * 5000 + b", 0], [1, 1], [2, 0]]]}", "too long"),
    ],
)
def test_a_broken_file_is_one_clear_error(tmp_path: Path, content: bytes, says: str) -> None:
    path = write(tmp_path / "wards.geojson", content)
    with pytest.raises(ReadError, match=says) as found:
        read_areas(path)
    assert "wards.geojson" in str(found.value)


def test_a_file_that_is_not_there_or_very_large(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such map file"):
        read_areas(tmp_path / "absent.geojson")
    with pytest.raises(ReadError, match="folder"):
        read_areas(tmp_path)
    path = tmp_path / "large.geojson"
    with path.open("wb") as file:
        file.truncate(200_000_000)  # sparse
    with pytest.raises(ReadError, match="too large") as found:
        read_areas(path)
    assert "200 MB" in str(found.value)


def test_degrees_and_metres_are_told_apart() -> None:
    metres = [[584_000, 2_325_000], [585_000, 2_325_000], [585_000, 2_326_000]]
    assert read_areas(polygon(SQUARE)).geographic
    assert not read_areas(polygon(metres)).geographic
    assert np.isfinite(read_areas(polygon(metres)).areas[0].rings[0]).all()
