"""How far a run is: a bar on a terminal, a line for each notebook in a log."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any

__all__ = ["Progress"]

_BAR = "{desc:<28.28} {bar} {n_fmt}/{total_fmt} cells, {elapsed}"


class Progress:
    """Tells on stderr which notebooks run, which are done, and which did not need to.

    Parameters
    ----------
    cells : mapping of str to int
        Code cells of each notebook.
    """

    def __init__(self, cells: Mapping[str, int]) -> None:
        self._cells = cells
        self._done = dict.fromkeys(cells, 0)
        self._running: list[str] = []
        self._lock = threading.Lock()
        self._bar: Any = None
        if sys.stderr.isatty():
            from tqdm import tqdm

            total = sum(cells.values())
            self._bar = tqdm(total=total, unit="cell", bar_format=_BAR, dynamic_ncols=True)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            if kind is None:
                self._bar.set_description("done")
            self._bar.close()

    def started(self, name: str) -> None:
        """A notebook begins, perhaps once more."""
        with self._lock:
            self._done[name] = 0
            self._running.append(name)
            self._show(f"{name}: running")

    def step(self, name: str) -> None:
        """A cell of it is done."""
        with self._lock:
            self._done[name] += 1
            self._show(None)

    def finished(self, name: str, how: str) -> None:
        """It is over: how, in words ("done in 3 s", "unchanged")."""
        with self._lock:
            self._done[name] = self._cells[name]
            if name in self._running:
                self._running.remove(name)
            self._show(f"{name}: {how}")

    def stopped(self, name: str) -> None:
        """It ended, and what it made does not count."""
        with self._lock:
            if name in self._running:
                self._running.remove(name)

    def _show(self, line: str | None) -> None:
        if self._bar is not None:
            self._bar.n = sum(self._done.values())
            self._bar.set_description(", ".join(self._running) or "done")
        elif line is not None:
            print(line, file=sys.stderr, flush=True)
