"""What figures on one page have in common: the range of their axes, the classes of their shades, one legend.

A figure asks here for its range and its numbers; alone on a page it gets back what it gave.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import numpy as np

from survey.base.arrays import Array

__all__ = ["Page", "legends_apart", "shared", "shared_numbers", "shared_range"]

T = TypeVar("T")


class Page:
    """Ranges and numbers of the figures of a page: first they are collected, then all get the same."""

    def __init__(self) -> None:
        self.ranges: dict[str, list[tuple[float, float]]] = {}
        self.numbers: list[Array] = []
        self.settled = False
        self.made: dict[Hashable, Any] = {}

    @contextmanager
    def open(self) -> Iterator[None]:
        """Figures made and drawn inside belong to this page."""
        token = _PAGE.set(self)
        try:
            yield
        finally:
            _PAGE.reset(token)


_PAGE: ContextVar[Page | None] = ContextVar("page", default=None)


def shared_range(low: float, high: float, axis: str = "") -> tuple[float, float]:
    """The range of an axis of numbers: that of all figures of the page; `axis` tells two axes of a figure apart."""
    page = _PAGE.get()
    if page is None:
        return low, high
    if not page.settled:
        page.ranges.setdefault(axis, []).append((low, high))
        return low, high
    known = page.ranges.get(axis, [(low, high)])
    return min(r[0] for r in known), max(r[1] for r in known)


def shared_numbers(values: Array) -> Array:
    """The numbers that classes are made of: those of all figures of the page."""
    page = _PAGE.get()
    if page is None:
        return values
    if not page.settled:
        page.numbers.append(values)
        return values
    return np.concatenate(page.numbers)


def shared(key: Hashable, make: Callable[[], T]) -> T:
    """What is the same in all figures of the page that ask for it by this key; made once."""
    page = _PAGE.get()
    if page is None:
        return make()
    if key not in page.made:
        page.made[key] = make()
    found: T = page.made[key]
    return found


def legends_apart() -> bool:
    """Whether the page has one legend for all, so that no figure draws its own."""
    return _PAGE.get() is not None
