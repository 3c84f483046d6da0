"""Looking at millions of answers in few passes: small whole numbers as bytes, sets of codes as tables of 256."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["EMPTY", "byte_codes", "member"]

EMPTY = -128
"""What an empty cell is among byte codes."""
_WIDEST, _CHUNK = 127, 32_768

Bools = NDArray[np.bool_]


def byte_codes(values: NDArray[Any]) -> NDArray[np.int8] | None:
    """Numbers as bytes, if all of them are whole and between -127 and 127; empty cells are `EMPTY`.

    A chunk at a time, so that passes stay in the processor's cache.
    """
    rows = len(values)
    out = np.empty(rows, np.int8)
    if values.dtype.kind == "b":
        np.copyto(out, values, casting="unsafe")
        return out
    if values.dtype.kind not in "iuf" or not rows:
        return out if not rows else None
    if values.dtype.kind != "f":
        if int(values.min()) < -_WIDEST or int(values.max()) > _WIDEST:
            return None
        np.copyto(out, values, casting="unsafe")
        return out
    buffer = np.empty(min(_CHUNK, rows), values.dtype)
    for start in range(0, rows, _CHUNK):
        chunk, part = values[start : start + _CHUNK], out[start : start + _CHUNK]
        if np.fmin.reduce(chunk) < -_WIDEST or np.fmax.reduce(chunk) > _WIDEST:
            return None
        filled = buffer[: len(chunk)]
        np.fmax(chunk, EMPTY, out=filled)  # fmax passes over NaN
        np.copyto(part, filled, casting="unsafe")
        if not np.array_equal(part, filled):
            return None
    return out


def member(codes: NDArray[np.int8], wanted: Iterable[Any], *, empty: bool = False) -> Bools:
    """Where byte codes are one of some numbers (or, on request, empty)."""
    table = np.zeros(256, dtype=bool)
    for code in wanted:
        if isinstance(code, int | float) and -_WIDEST <= code <= _WIDEST and float(code).is_integer():
            table[int(code) & 255] = True
    table[EMPTY & 255] = empty
    return table[codes.view(np.uint8)]
