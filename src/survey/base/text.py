"""Text for people: numbers of things."""

from __future__ import annotations

__all__ = ["counted"]


def counted(number: int, noun: str) -> str:
    """A number of things: "1 row", "2,477 rows"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
