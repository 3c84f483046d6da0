"""Where interviews were held, as distances only: places are personal data and never leave this module."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.core.columns import numeric
from survey.errors import CleaningError
from survey.quality._table import Table

__all__ = ["places"]

_EARTH = 6_371_008.8
"""Mean radius in metres (IUGG)."""
_SAME = 6
"""Decimals of a degree that agree in the same place: a tenth of a metre, finer than any receiver scatters."""


def _degrees(table: Table, name: str, most: float) -> Array:
    values = numeric(table.data[name])
    if values is None:
        raise CleaningError(
            "`quality` needs degrees as numbers.",
            where=name,
            got=f"a column of {table.data[name].dtype}",
            expected="20.4463",
            fix="split the point into two columns of numbers",
        )
    x = values.astype(float)
    return np.where(np.abs(x) <= most, x, np.nan)


def places(table: Table, latitude: str, longitude: str, cluster: NDArray[np.int64]) -> tuple[Array, Array]:
    """Metres from the middle of the cluster, and how many other interviews of the hand have the very same point.

    The middle is the median of latitude and of longitude; clusters with fewer than three points have none.
    """
    lat, lon = _degrees(table, latitude, 90), _degrees(table, longitude, 180)
    point = pd.DataFrame({"lat": lat, "lon": lon, "cluster": cluster, "who": table.who})
    known = point[["lat", "lon"]].notna().all(axis=1) & ~((lat == 0) & (lon == 0))  # 0, 0 is a receiver without a fix
    grouped = point[known & (point["cluster"] >= 0)].groupby("cluster")
    middle = grouped[["lat", "lon"]].transform("median").where(grouped["lat"].transform("size") >= 3)
    middle = middle.reindex(point.index)
    distance = _metres(lat, lon, middle["lat"].to_numpy(float), middle["lon"].to_numpy(float))
    distance[~known.to_numpy()] = np.nan
    first = ~pd.Series(table.ids).duplicated().to_numpy() if table.ids is not None else np.ones(len(point), dtype=bool)
    rounded = point.assign(lat=point["lat"].round(_SAME), lon=point["lon"].round(_SAME))[
        known & first & (point["who"] >= 0)
    ]
    same = np.full(len(point), np.nan)
    same[rounded.index.to_numpy()] = rounded.groupby(["who", "lat", "lon"])["lat"].transform("size").to_numpy(float) - 1
    return distance, same


def _metres(lat: Array, lon: Array, to_lat: Array, to_lon: Array) -> Array:
    """Great-circle distance by the haversine formula."""
    a, b = np.radians(lat), np.radians(to_lat)
    h = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(to_lon - lon) / 2) ** 2
    return np.asarray(2 * _EARTH * np.arcsin(np.sqrt(np.clip(h, 0, 1))))
