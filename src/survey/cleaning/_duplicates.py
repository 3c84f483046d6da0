"""Finding exact copies among rows, fast and without mistaking a collision for a copy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.codes import joined
from survey.cleaning._scan import byte_codes
from survey.core.columns import numeric

__all__ = ["row_groups"]

_ODD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_CHUNK = 32_768


def row_groups(columns: Sequence[pd.Series]) -> NDArray[np.int64]:
    """Number the distinct rows from 0 in order of appearance; empty cells are alike.

    Rows are hashed first; only those that share a hash are compared cell by cell, so the numbers are exact.

    Parameters
    ----------
    columns : list of Series of one length, at least one

    Returns
    -------
    array of int (rows,)
    """
    hashed = _hashes(columns)
    rows = len(hashed)
    in_order = np.sort(hashed)
    alike = in_order[1:] == in_order[:-1]
    if not alike.any():
        return np.arange(rows)
    suspects = pd.Series(hashed).isin(np.unique(in_order[1:][alike])).to_numpy()
    # a number of its own for every row, and for suspects that of the first row equal to it
    first = np.arange(rows)
    places = np.flatnonzero(suspects)
    coded = (pd.factorize(column[suspects], use_na_sentinel=False) for column in columns)
    group = joined((codes, len(values)) for codes, values in coded)
    starts = np.unique(group, return_index=True)[1]
    first[places] = places[starts[group]]
    return np.asarray(pd.factorize(first)[0], np.int64)


def _hashes(columns: Sequence[pd.Series]) -> NDArray[np.uint64]:
    rows = len(columns[0])
    mixed = np.zeros(rows, dtype=np.uint64)
    packed, used = np.zeros((rows, 8), dtype=np.int8), 0
    for column in columns:
        values = numeric(column)
        small = None if values is None else byte_codes(values)
        if small is None:
            _mix(mixed, _bits(column))
            continue
        packed[:, used] = small  # eight answers are one number
        used += 1
        if used == 8:
            _mix(mixed, packed.view(np.uint64)[:, 0])
            used = 0
    if used:
        packed[:, used:] = 0
        _mix(mixed, packed.view(np.uint64)[:, 0])
    return mixed


def _mix(mixed: NDArray[np.uint64], bits: NDArray[np.uint64]) -> None:
    """Stir one column into the hashes, a chunk at a time."""
    for start in range(0, len(mixed), _CHUNK):
        part = mixed[start : start + _CHUNK]
        part ^= bits[start : start + _CHUNK]
        part *= _ODD
        part ^= part >> _HALF
        part *= _ODD
        part ^= part >> _HALF


def _bits(column: pd.Series) -> NDArray[np.uint64]:
    values = numeric(column)
    if values is None:
        return np.asarray(pd.factorize(column)[0], np.int64).view(np.uint64)
    if values.dtype.kind != "f":
        return values.astype(np.int64).view(np.uint64)
    plain = values.astype(np.float64) + 0.0  # a copy in which -0 is 0
    plain[np.isnan(plain)] = np.nan  # and every NaN has the same bits
    return plain.view(np.uint64)
