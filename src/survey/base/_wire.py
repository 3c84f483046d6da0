"""How columns pass from the process that parses a file to ours: bytes of numbers, and JSON; nothing that is executed.

The file was hostile, so what comes from its parser may be too. Numbers are read by length, everything else by `json`;
pickle and marshal, which can be made to run code, are not used. The writing half needs the standard library alone, as
every import makes the start of the other process slower.
"""

from __future__ import annotations

import datetime as dt
import json
from array import array
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["Broken", "decoded", "decoded_tree", "encoded", "encoded_tree", "read_frame", "write_frame"]

_NUMBERS = "biuf"
_DEEPEST = 20  # levels of a tree


class Broken(Exception):
    """What came is not what the writing half makes."""


def write_frame(write: Callable[[Any], Any], part: Any) -> None:
    """Write the length of some bytes, and the bytes."""
    view = memoryview(part).cast("B") if len(part) else memoryview(b"")
    write(len(view).to_bytes(8, "little"))
    write(view)


def read_frame(stream: Any, most: int | None = None) -> bytearray:
    """Read what `write_frame` wrote.

    Raises
    ------
    EOFError
        If the stream ends before.
    Broken
        If it is longer than `most` bytes.
    """
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    length = int.from_bytes(head, "little")
    if most is not None and length > most:
        raise Broken("a part that is too long")
    out = bytearray(length)
    view = memoryview(out)
    while view:
        count = stream.readinto(view)
        if not count:
            raise EOFError
        view = view[count:]
    return out


# ------------------------------------------------------------------ columns


def encoded(values: Any, gap: str | float) -> tuple[dict[str, Any], list[Any]]:
    """A column as a description and its bytes.

    Parameters
    ----------
    values : array of numbers, or sequence of any values
    gap : str or float
        What an empty cell of the column is: "" or nan.
    """
    if getattr(getattr(values, "dtype", None), "kind", "O") in _NUMBERS:
        own = values if values.flags.c_contiguous else values.copy()
        return {"kind": "array", "dtype": values.dtype.str}, [own]
    values = values.tolist() if hasattr(values, "tolist") else values
    types = set(map(type, values))
    if str in types and types <= ({str} if gap == "" else {str, float, type(None)}):
        if float not in types or _mask(values, gap) is not None:
            return _texts(values)
    elif types in ({int}, {int, type(gap)}, {float}, {float, type(gap)}):
        code, zero = ("q", 0) if int in types else ("d", 0.0)
        mask = _mask(values, gap) if len(types) > 1 else b""
        if mask is not None:
            try:
                numbers = array(code, [zero if m else v for v, m in zip(values, mask, strict=True)] if mask else values)
                return {"kind": "int" if code == "q" else "float"}, [numbers, mask]
            except OverflowError:
                pass
    return {"kind": "json"}, [json.dumps(list(values), default=_tagged).encode("ascii")]


def _mask(values: Sequence[Any], gap: str | float) -> bytes | None:
    """Which cells are empty, a byte each; None if another text or number is among them."""
    if gap == "":
        return bytes([v == "" for v in values]) if all(v == "" for v in values if type(v) is str) else None
    return bytes([v != v for v in values]) if all(v != v for v in values if type(v) is float) else None


def _texts(values: Sequence[Any]) -> tuple[dict[str, Any], list[Any]]:
    """Each distinct text once: survey text repeats itself."""
    table: list[Any] = list(dict.fromkeys(v for v in values if type(v) is str))
    place: dict[Any, int] = {v: i for i, v in enumerate(table)}
    if {None, float} & {type(v) if v is not None else None for v in values}:
        gaps = len(table)
        table += [None, float("nan")]
        numbers = array("I", [place[v] if type(v) is str else gaps + (v is not None) for v in values])
    else:
        numbers = array("I", map(place.__getitem__, values))
    return {"kind": "text"}, [json.dumps(table).encode("ascii"), numbers]


def decoded(about: Any, parts: Sequence[bytearray], rows: int, gap: str | float) -> Any:
    """The column again: an array of numbers, or a list.

    Raises
    ------
    Broken
        If it has another length, or is of no kind that is written.
    """
    import numpy as np

    kind = about.get("kind") if isinstance(about, dict) else None
    out: Any
    if kind == "array" and len(parts) == 1:
        dtype = np.dtype(str(about.get("dtype")))
        if dtype.kind not in _NUMBERS or dtype.hasobject:
            raise Broken("an array of another type")
        out = np.frombuffer(parts[0], dtype)
    elif kind in ("int", "float") and len(parts) == 2:
        numbers = np.frombuffer(parts[0], "q" if kind == "int" else "d")
        out = numbers.tolist()
        if len(parts[1]):
            if len(parts[1]) != len(out):
                raise Broken("empty cells of another column")
            for i in np.flatnonzero(np.frombuffer(parts[1], np.uint8)).tolist():
                out[i] = gap
    elif kind == "text" and len(parts) == 2:
        table = _parsed(parts[0])
        if not isinstance(table, list) or not all(isinstance(t, str | float | None) for t in table):
            raise Broken("a table of texts that is none")
        places = np.frombuffer(parts[1], np.uint32)
        if len(places) and int(places.max()) >= len(table):
            raise Broken("a text that is not in its table")
        out = np.array(table, dtype=object)[places].tolist()
    elif kind == "json" and len(parts) == 1:
        out = _parsed(parts[0])
    else:
        raise Broken("a column of another kind")
    if not hasattr(out, "__len__") or len(out) != rows or isinstance(out, str | dict):
        raise Broken("a column of another length")
    return out


_MAKERS: dict[str, Callable[[Any], Any]] = {
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "timedelta": lambda v: dt.timedelta(*v),
}


def _tagged(value: Any) -> dict[str, Any]:
    if isinstance(value, dt.timedelta):
        return {"is": "timedelta", "of": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return {"is": type(value).__name__, "of": value.isoformat()}
    return {"is": "text", "of": str(value)}


def _untagged(value: dict[str, Any]) -> Any:
    return _MAKERS.get(str(value.get("is")), str)(value.get("of"))


def _parsed(part: bytes | bytearray) -> Any:
    try:
        return json.loads(bytes(part), object_hook=_untagged)
    except (ValueError, TypeError, RecursionError, OverflowError) as problem:
        raise Broken(type(problem).__name__) from None


# ------------------------------------------------------------------ what a file says about itself


def encoded_tree(value: Any, depth: int = 0) -> Any:
    """Tables, lists, texts and numbers for `json`: a table is {"items": [[key, value]]}, as its keys may be numbers."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {"items": [[encoded_tree(k, depth + 1), encoded_tree(v, depth + 1)] for k, v in value.items()]}
    if isinstance(value, list | tuple | set | frozenset):
        return [encoded_tree(v, depth + 1) for v in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return float(value) if hasattr(value, "__float__") else None


def decoded_tree(value: Any, depth: int = 0) -> Any:
    """What `encoded_tree` was given.

    Raises
    ------
    Broken
        If it is something else.
    """
    if depth > 2 * _DEEPEST:
        raise Broken("a tree that is too deep")
    if isinstance(value, list):
        return [decoded_tree(v, depth + 1) for v in value]
    if not isinstance(value, dict):
        return value
    items = value.get("items")
    if not isinstance(items, list) or not all(isinstance(i, list) and len(i) == 2 for i in items):
        raise Broken("a table that is none")
    try:
        return {decoded_tree(k, depth + 1): decoded_tree(v, depth + 1) for k, v in items}
    except TypeError as problem:
        raise Broken("a key that is a list") from problem
