"""Whether what a stored file gives is of the types that its parts are declared with: a file may have been changed."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["MOST_UNPACKED", "NUMBERS", "check_types", "is_of", "shown"]

MOST_UNPACKED = 20
"""How many times its packed size a part may take: text packs to a tenth, a trap to a thousandth."""

NUMBERS = "biuf"
"""Kinds of arrays that are stored: truth and numbers. An array of texts could ask for any amount of memory."""

_LARGEST = 2**63


def check_types(value: Any) -> None:
    """Raise if a field of a dataclass holds something else than it is declared to hold.

    Raises
    ------
    TypeError
        That names the field and the type, not the value.
    """
    kind: Any = type(value)
    for name, hint in _hints(kind).items():
        if not is_of(getattr(value, name), hint):
            raise TypeError(f"{kind.__name__}.{name} is a {type(getattr(value, name)).__name__}")


def shown(problem: object) -> str:
    """What was wrong with a file, in one short line: a changed file may put anything into it."""
    text = f"{type(problem).__name__}: {problem}" if isinstance(problem, Exception) else str(problem)
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return text if len(text) <= 300 else f"{text[:300]}…"


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, localns={"pd": pd})
    return {f.name: hints[f.name] for f in fields(kind)}


def is_of(value: Any, hint: Any) -> bool:
    """Whether a value is what an annotation says, down to the parts of tuples and mappings."""
    if hint is Any:
        return True
    if hint is None or hint is type(None):
        return value is None
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return any(is_of(value, one) for one in inner)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if len(inner) == 2 and inner[1] is Ellipsis:
            return all(is_of(v, inner[0]) for v in value)
        return len(value) == len(inner) and all(is_of(v, one) for v, one in zip(value, inner, strict=True))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(is_of(k, inner[0]) and is_of(v, inner[1]) for k, v in value.items())
    if origin is np.ndarray:
        return isinstance(value, np.ndarray) and value.dtype.kind in NUMBERS
    if hint is float:
        return isinstance(value, float) or (_whole(value) and abs(value) < _LARGEST)
    if hint is int:
        return _whole(value) and abs(value) < _LARGEST
    return isinstance(value, hint) if isinstance(hint, type) else True


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
