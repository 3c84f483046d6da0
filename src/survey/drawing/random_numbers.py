"""Random numbers that any machine, program and version gives again: SHA-256 of the seed and of what is drawn.

A generator gives its numbers in turn, so that what one stratum draws depends on all that was asked for before it, and
on the version of the library. Here every number has a name: `["survey.draw/1",20260801,"units",["P01"],"start"]` is
hashed in UTF-8, and the 256 bits are read as one whole number. `sha256sum` checks a draw without this package:

    printf '%s' '["survey.draw/1",20260801,"units",["P01"],"start"]' | sha256sum
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import TypeVar

__all__ = ["SCHEME", "below", "in_random_order", "message", "number"]

SCHEME = "survey.draw/1"
"""The way from a seed to a sample; another way gets another number, so that an old log is never drawn in a new one."""

T = TypeVar("T")
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def message(seed: int, *names: object) -> str:
    """What is hashed: JSON without blanks, names of letters beyond ASCII as they are (NFC)."""
    return _JSON.encode([SCHEME, seed, *names])


def number(seed: int, *names: object) -> int:
    """A whole number from 0 to 2^256 - 1 that belongs to these names."""
    return int.from_bytes(sha256(message(seed, *names).encode("utf-8")).digest(), "big")


def below(limit: int, seed: int, *names: object) -> int:
    """A whole number from 0 to limit - 1; none is more likely than another by more than limit / 2^256."""
    return number(seed, *names) % limit


def in_random_order(things: Iterable[T], seed: int, *names: object) -> list[T]:
    """Things in the order of their numbers: the first n are a simple random sample, the next ones its reserves.

    Each thing's number depends on its own name alone (permanent random numbers, Ohlsson 1995), so that the order of
    the list does not matter.
    """
    return sorted(things, key=lambda thing: number(seed, *names, thing))
