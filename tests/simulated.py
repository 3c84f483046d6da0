"""The simulated study as it is shipped, made once in a process for all tests that only look at it."""

from __future__ import annotations

from functools import cache

from survey.simulate import DEFAULT_SEED, World, build

__all__ = ["shipped_world"]


@cache
def shipped_world() -> World:
    """Return the world of the default seed, which is shared: copy what you change."""
    return build(DEFAULT_SEED)
