"""Documents that are made only to be read for their words: nothing in them is drawn, nor described."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["drawn", "without_pictures"]

_DRAWN: ContextVar[bool] = ContextVar("drawn", default=True)


def drawn() -> bool:
    """Whether figures are drawn and described here."""
    return _DRAWN.get()


@contextmanager
def without_pictures() -> Iterator[None]:
    """In this block no figure is drawn, a dot stands in its place, and exhibits have no alternative text."""
    token = _DRAWN.set(False)
    try:
        yield
    finally:
        _DRAWN.reset(token)
