"""Names that were replaced: they keep working for one release, and say what they are called now."""

from __future__ import annotations

import warnings
from typing import Any

__all__ = ["Renamed"]


class Renamed:
    """An attribute under its old name: gives what the new name gives, with a DeprecationWarning.

    Parameters
    ----------
    new : str
        The name of the same attribute, method or class method now.
    """

    def __init__(self, new: str) -> None:
        self.new = new

    def __set_name__(self, owner: type, name: str) -> None:
        self.old = name

    def __get__(self, instance: Any, owner: type) -> Any:
        called = owner.__name__
        warnings.warn(f"{called}.{self.old} is now {called}.{self.new}", DeprecationWarning, stacklevel=2)
        return getattr(owner if instance is None else instance, self.new)
