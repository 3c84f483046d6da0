"""How many examples a property is tried on, in proportion to the profile that runs (tests/conftest.py)."""

from __future__ import annotations

from hypothesis import settings


def examples(usual: int) -> int:
    """Return the number for the profile "steady", a quarter of it for "quick", five times for "search"."""
    return max(10, usual * settings.default.max_examples // 100)
