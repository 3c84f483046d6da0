"""How much is tried where slow tests are left out: examples of a property, parameters of a test (tests/conftest.py)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings


def examples(usual: int) -> int:
    """Return the number for the profile "steady", a quarter of it for "quick", five times for "search"."""
    return max(10, usual * settings.default.max_examples // 100)


def but_one_slow(values: Iterable[Any]) -> list[Any]:
    """Return parameters of which only the first runs where slow tests are left out."""
    first, *others = values
    return [first, *(pytest.param(value, marks=pytest.mark.slow) for value in others)]


def a_quarter(values: Iterable[Any], turn: int) -> list[Any]:
    """Return all values, or every fourth where slow tests are left out: in four turns each is tried once."""
    every = list(values)
    return every if settings.default.max_examples >= 100 else every[turn % 4 :: 4]
