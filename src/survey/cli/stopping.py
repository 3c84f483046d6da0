"""Ctrl-C, and the system's other ways to end a program: whatever a command does, it tidies up and says so."""

from __future__ import annotations

import atexit
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Ended", "ended_by", "nothing_more", "stoppable"]

_OTHERS = ("SIGTERM", "SIGHUP")


class Ended(KeyboardInterrupt):
    """Another program or the system has asked this one to end; what tidies up after Ctrl-C tidies up here too."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise `Ended` in this block for signals that would end the process at once; what is ignored stays ignored."""
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in (getattr(signal, name, None) for name in _OTHERS):
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                before[number] = signal.signal(number, _raise)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _raise(number: int, frame: FrameType | None) -> None:
    raise Ended(number)


def ended_by(stop: KeyboardInterrupt) -> int:
    """The exit code that shells give a program that a signal has ended: 130 for Ctrl-C, 143 for SIGTERM."""
    return 128 + (stop.number if isinstance(stop, Ended) else signal.SIGINT)


def nothing_more() -> None:
    """The work is over, and its exit code stands: Ctrl-C while Python takes itself down changes neither.

    Python remembers a Ctrl-C that met text it was running (libraries make classes so), even where it was handled, and
    ends `python -m` by the signal in place of the exit code. Running any text makes it forget, and this one is empty.
    """
    exec("")
    atexit.unregister(_ignore)
    atexit.register(_ignore)


def _ignore() -> None:
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
