"""Frames owned by frozen objects: later edits from outside do not reach them, and their edits do not leak out.

pandas 3 copies lazily: `copy(deep=False)` shares the memory until one of the two is written to, so that keeping a
frame and giving it out costs microseconds and no memory. What writes around pandas (`x["q"].array[0] = 1`, or an array
that a frame was told to share) is not seen by it, nor here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pandas as pd

__all__ = ["held", "kept", "locked"]

C = TypeVar("C", bound=type)


class _Kept:
    """A field that holds a frame of its own and gives out copies, both lazy."""

    def __init__(self, name: str) -> None:
        self.name = f"_{name}"

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        return _copy(instance.__dict__[self.name])

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.name] = _copy(value)


def _copy(value: Any) -> Any:
    return value.copy(deep=False) if isinstance(value, pd.DataFrame) else value


def kept(*names: str) -> Callable[[C], C]:
    """Decorate a frozen dataclass: these fields are frames that it keeps for itself."""

    def decorate(cls: C) -> C:
        for name in names:
            setattr(cls, name, _Kept(name))
        return cls

    return decorate


def held(instance: Any, name: str) -> pd.DataFrame:
    """The frame that a field keeps, itself and no copy, for whoever only reads single cells of it."""
    frame: pd.DataFrame = instance.__dict__[f"_{name}"]
    return frame


def locked(value: Any) -> Any:
    """An array that no one can write to: itself if it is locked already, otherwise a copy."""
    if not isinstance(value, np.ndarray) or not value.flags.writeable:
        return value
    value = value.copy()
    value.flags.writeable = False
    return value
