"""How far a report is: a bar on stderr that learns how much there is to do as the report takes shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from survey.base import catalogue

__all__ = ["Progress", "progress"]

_BAR = "{desc:<30.30} {bar} {n_fmt}/{total_fmt}, {elapsed}"


class Progress:
    """Steps that are done, on a bar of tqdm; without one nothing is shown.

    Parameters
    ----------
    bar : tqdm or None
    """

    def __init__(self, bar: Any = None) -> None:
        self._bar = bar

    def more(self, steps: int) -> None:
        """There are more steps."""
        if self._bar is not None:
            self._bar.total = (self._bar.total or 0) + steps
            self._bar.refresh()

    def step(self, name: str) -> None:
        """A step is done; the next one is called so."""
        if self._bar is not None:
            self._bar.set_description(name, refresh=False)
            self._bar.update()

    def more_done(self) -> None:
        """A step is done that nobody knew of: a pass over rows that are counted where they are."""
        if self._bar is not None:
            self._bar.total = (self._bar.total or 0) + 1
            self._bar.update()

    def of(self, name: str) -> Callable[[str], None]:
        """Steps of one file, each called as it is."""
        return lambda step: self.step(name)

    def part(self, lang: str) -> Callable[[str], None]:
        """Steps of the parts of a report, each called as it is headed."""
        return lambda step: self.step(catalogue.text(f"report.{step}", lang))


@contextmanager
def progress(shown: bool) -> Iterator[Progress]:
    """A bar for the steps of a block on a terminal, or none."""
    if not shown:
        yield Progress()
        return
    from tqdm import tqdm

    with tqdm(total=0, bar_format=_BAR, dynamic_ncols=True, disable=None) as bar:  # not in a log
        yield Progress(bar)
