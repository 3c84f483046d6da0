"""Personal data in columns of numbers: telephones, ID numbers, dates of birth, exact places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from survey.base._personal_words import folded, lists
from survey.base.personal import masked
from survey.codebook import Codebook, Variable
from survey.privacy._found import Found, named

__all__ = ["coordinates", "number_column"]

_NUMBER_BOUNDS = {"phone": (1e7, 1e12), "id number": (1e8, 1e12), "bank account": (1e6, 1e19)}


def number_column(column: pd.Series, variable: Variable, quick: bool) -> Iterator[Found]:
    kinds = named(variable, wording=False)
    if not kinds and quick:
        return
    given = column.dropna()
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        days = given.nunique() > 1 and not ((given.dt.month == 1) & (given.dt.day == 1)).all()
        if "date of birth" in kinds and days:
            yield Found(variable.name, "date of birth", len(given), "", kinds["date of birth"], "certain")
        return
    if not len(given) or not _is_number(column):
        return
    values = given.to_numpy(float)
    values = values[~np.isin(values, [c for c in variable.missing if not isinstance(c, str)])]
    if not len(values):
        return
    for kind, (low, high) in _NUMBER_BOUNDS.items():
        if kind in kinds and np.mean((values >= low) & (values < high)) >= 0.5:
            yield Found(variable.name, kind, len(values), masked(f"{values[0]:.0f}"), kinds[kind], "certain")
    if "exact place" in kinds and (_of_degrees(values) or _metres(values)):
        yield Found(variable.name, "exact place", len(values), "", kinds["exact place"], "certain")
    if kinds.get("postal code") == "name of the column":
        yield Found(variable.name, "postal code", len(values), "", "name of the column", "possible")
    if not kinds and not quick and len(values) >= 5 and values.min() >= 3e8 and values.max() < 1e12:
        yield from _numbers_alone(values, variable.name)


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_complex_dtype(column.dtype)


def _numbers_alone(values: np.ndarray, name: str) -> Iterator[Found]:
    texts = [f"{v:.0f}" for v in np.unique(values)[:5000]]
    if len(texts) < 5:
        return
    mobile = [t for t in texts if len(t) == 9 and t[:2] in _MOBILE]
    codes = lists().province_codes
    citizens = [t for t in texts if 10 <= len(t) <= 12 and t.zfill(12)[:3] in codes and t.zfill(12)[3] in "0123"]
    if len(mobile) >= 0.95 * len(texts):
        yield Found(
            name, "phone", len(values), masked(mobile[0]), "numbers of 9 digits with mobile prefixes", "possible"
        )
    if len(citizens) >= 0.95 * len(texts):
        yield Found(
            name, "id number", len(values), masked(citizens[0]), "numbers of 12 digits with provinces", "possible"
        )


_MOBILE = frozenset(
    [f"3{d}" for d in range(2, 10)]
    + [f"5{d}" for d in (2, 5, 6, 8, 9)]
    + [f"7{d}" for d in (0, 6, 7, 8, 9)]
    + [f"8{d}" for d in range(1, 10)]
    + [f"9{d}" for d in range(10)]
)


def _of_degrees(values: np.ndarray) -> bool:
    return _precise(values) and bool((np.abs(values) <= 180).all())


_EAST, _NORTH = (200_000, 900_000), (850_000, 2_650_000)
"""Metres of VN-2000 and UTM within Vietnam."""


def _metres(values: np.ndarray, *, bounds: tuple[tuple[int, int], ...] = (_EAST, _NORTH)) -> bool:
    """Whether numbers are metres of a projection to less than a hundred, and not sums of money."""
    finer = np.mean(np.abs(values / 100 - np.round(values / 100)) > 1e-9) >= 0.5
    return bool(finer) and any(((values >= low) & (values <= high)).mean() >= 0.95 for low, high in bounds)


def _precise(values: np.ndarray) -> bool:
    """Whether most numbers have four decimals or more: ten metres."""
    return bool(np.mean(np.abs(values * 1000 - np.round(values * 1000)) > 1e-6) >= 0.5)


def coordinates(data: pd.DataFrame, codebook: Codebook) -> Iterator[Found]:
    """Two columns of numbers within Vietnam, one for each side and both precise, whatever they are called."""
    sides: dict[str, list[str]] = {"latitude": [], "longitude": [], "easting": [], "northing": []}
    for name in data.columns:
        column = data[name]
        if not _is_number(column) or pd.api.types.is_bool_dtype(column.dtype):
            continue
        if name in codebook and codebook[name].labels:
            continue
        if "exact place" in named(codebook.variables.get(name) or Variable(str(name)), wording=False):
            continue
        values = column.dropna().to_numpy(float)
        if not len(values) or not (values[0] >= 8):  # a short look before a long one
            continue
        if len(np.unique(values[:1000])) < 5:
            continue
        for side, (low, high) in {"latitude": (8.0, 23.6), "longitude": (102.0, 110.0)}.items():
            if values.min() >= low and values.max() <= high and _precise(values):
                sides[side].append(name)
        for side, bounds in {"easting": _EAST, "northing": _NORTH}.items():
            within = values.min() >= bounds[0] and values.max() <= bounds[1] and np.ptp(values) < _WIDEST
            if within and _metres(values, bounds=(bounds,)):
                sides[side].append(name)
    for pair in (("latitude", "longitude"), ("easting", "northing")):
        if all(sides[side] for side in pair):
            for side in pair:
                for name in sides[side]:
                    sure = "likely" if side in ("latitude", "longitude") or _fits_name(name) else "possible"
                    n = int(data[name].notna().sum())
                    yield Found(name, "exact place", n, "", f"numbers like a {side}", sure)


_WIDEST = 600_000  # metres: one study's places are in one province or a few


def _fits_name(name: Any) -> bool:
    """Whether a column is called as sides of a projection are: x, y, or a word that ends in one of them."""
    return bool(re.search(r"(^| )([xyen])( |$)", folded(str(name))))
