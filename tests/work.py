"""What a piece of work costs, counted in calls of functions: a bound that no busy machine can break."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

__all__ = ["at_most", "calls"]


@contextmanager
def at_most(calls: int) -> Iterator[None]:
    """Fail as soon as a block has made more calls, those of C among them, so that what never ends fails too."""
    made = 0
    before = sys.getprofile()

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")
        if made > calls:
            sys.setprofile(before)
            pytest.fail(f"more than {calls:,} calls")  # no Exception, so that the work itself does not catch it

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)


def calls(work: Callable[[], object]) -> int:
    """How many calls of functions a piece of work makes, those of C among them."""
    made = 0
    before = sys.getprofile()

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return made
