"""Quantiles and histograms of numbers whose values are too many to be kept: more passes over the batches.

A first pass counts a number in brackets, later ones the brackets that hold what is looked for, until it stands in
them alone. Then shares below are counted by cluster as other shares are, and the ends of their intervals looked for in
the same way. What is made of them is made by the verbs of `Sample`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.expressions import Where
from survey.base.names import columns_named
from survey.counting.cells import Cells, Grouping
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.curves import between, read
from survey.estimation.estimators import SHARES
from survey.estimation.histogram import Spread, histogram_asked
from survey.estimation.items import Names, item_names, numbers_of
from survey.estimation.linearized_item import LinearizedItem
from survey.estimation.quantiles import asked_for, quantiles_of
from survey.sample import Sample
from survey.scanning.asked import Question, ask
from survey.scanning.brackets import BYTES, Brackets, Refining
from survey.scanning.budget import fits
from survey.scanning.classes import ByClass, Extremes
from survey.scanning.question import ByRows, columns_behind, kept
from survey.scanning.state import ScanData

__all__ = ["IN_BRACKETS", "given_to", "in_brackets", "numbers_asked"]


def in_brackets(scan: ScanData, verb: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> Estimates:
    """Quantiles or a histogram of `Sample`, from passes over a scan; arguments and errors are those of the verb.

    Raises
    ------
    EstimationError
        As the verb; also for brackets and tables that take more memory than they may.
    """
    return IN_BRACKETS[verb](scan, given_to(scan, verb, args, options))


def given_to(scan: ScanData, verb: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments of a verb by their names."""
    bound = inspect.signature(getattr(Sample, verb)).bind(scan, *args, **options)
    bound.apply_defaults()
    return bound.arguments


def _quantile(scan: ScanData, given: Mapping[str, Any]) -> Estimates:
    rule, interval = given["rule"], given["interval"]
    wanted = asked_for(given["probs"], rule, interval)
    one = _Curves.of(scan, given["items"], given["by"], given["where"])
    rest = (wanted, rule, given["level"], interval, given["variance"])
    return quantiles_of(one.asked.sample, one, one.names, one.grouping, *rest)


def _histogram(scan: ScanData, given: Mapping[str, Any]) -> Estimates:
    bins, cumulative = given["bins"], given["cumulative"]
    interval, limits = histogram_asked(bins, cumulative, given["interval"])
    [name], asked = numbers_asked(scan, [given["item"]], given["by"], given["where"])
    spread: Spread = asked.passed([Extremes(name, limits)], columns_behind([name])).moments[0]
    classes = spread.classes(bins, cumulative, name)
    counter = ByClass(name, len(classes.answers), lambda values, _: classes.code(values))
    fits(scan, [counter], len(asked.groups))
    tally = asked.passed([counter], columns_behind([name]), margins=True)
    keep, grouping = asked.grouping(tally)
    cells = replace(kept(tally.moments[0], keep, grouping.labels), answers=classes.answers)
    piece = classes.item(cells, None)
    return classes.result(asked.sample, [piece], name, grouping, interval, given["level"], given["variance"])


IN_BRACKETS: Mapping[str, Callable[[ScanData, Mapping[str, Any]], Estimates]] = {
    "quantile": _quantile,
    "histogram": _histogram,
}
"""Verbs that may be counted in brackets."""


def numbers_asked(scan: ScanData, items: Names, by: Names | None, where: Where) -> tuple[list[str], Question]:
    """The items of a question, and what is known before they are counted."""
    names = columns_named(item_names(items), scan.steps.names)
    asked = ask(scan, columns_behind(names), by, where)
    for name in names:
        numbers_of(asked.sample, name)
    return names, asked


@dataclass
class _Curves:
    """Distribution functions of some items, known as closely as they were asked for; see `survey.estimation`."""

    asked: Question
    names: list[str]
    brackets: list[Brackets]
    keep: NDArray[np.bool_] = field(init=False)
    grouping: Grouping = field(init=False)

    @classmethod
    def of(cls, scan: ScanData, items: Names, by: Names | None, where: Where) -> _Curves:
        """Curves of all brackets that numbers of this kind have, as far as there is memory for them."""
        names, asked = numbers_asked(scan, items, by, where)
        whole = [Brackets.whole(len(asked.groups)) for _ in names]
        curves = cls(asked, names, whole)
        tally = curves._refine([np.arange(len(asked.groups)) for _ in names])
        curves.keep, curves.grouping = asked.grouping(tally)
        return curves

    def read(self, probs: Sequence[Array], rule: str) -> list[Array]:
        """As of `Curves`: brackets are refined until it is known."""
        groups = np.flatnonzero(self.keep)
        while True:
            some = [
                np.concatenate([held.wanted(int(g), own) for g, own in zip(groups, wanted, strict=True)])
                for held, wanted in zip(self.brackets, probs, strict=True)
            ]
            if not any(map(len, some)):
                break
            self._refine(some)
        return [
            read([held.curve(int(g)) for g in groups], wanted, rule)
            for held, wanted in zip(self.brackets, probs, strict=True)
        ]

    def _refine(self, some: Sequence[NDArray[np.int64]]) -> Any:
        """Count the parts of some brackets of each item in one pass."""
        scan, items = self.asked.scan, [i for i, own in enumerate(some) if len(own)]
        held = sum(map(len, self.brackets)) if self.brackets[0].sums.any() else 0
        most = (scan.memory // BYTES - held) // (2 * len(items))
        if most < 2 * (many := max(len(some[i]) for i in items)):  # no bit more could be told apart
            raise EstimationError(
                "The counts of this question take more memory than they may.",
                where="memory=...",
                got=f"{(held + 4 * many * len(items)) * BYTES / 1e9:.3g} GB for the brackets of "
                f"{len(self.asked.groups):,} groups x {len(self.names)} items",
                expected=f"at most {scan.memory / 1e9:.3g} GB",
                fix="ask for fewer items, groups or quantiles at a time, or give scan(...) more bytes by memory=",
            )
        counters = [Refining(self.names[i], self.brackets[i].at(some[i]), most) for i in items]
        tally = self.asked.passed(counters, columns_behind(self.names))
        for i, counter, found in zip(items, counters, tally.moments, strict=True):
            self.brackets[i] = self.brackets[i].refined(some[i], counter.parts(found))
        return tally

    def shares(self, cut: Sequence[Array], features: Array) -> list[LinearizedItem]:
        """As of `Curves`, counted in one pass."""
        counters: list[ByRows] = []
        for name, own in zip(self.names, cut, strict=True):
            every = np.full((len(self.keep), own.shape[1]), np.nan)
            every[self.keep] = own
            counters.append(ByClass(name, len(features), partial(between, every)))
        fits(self.asked.scan, counters, len(self.keep))
        tally = self.asked.passed(counters, columns_behind(self.names), margins=True)
        labels = self.grouping.labels
        cells: list[Cells] = [kept(one, self.keep, labels) for one in tally.moments]
        return [LinearizedItem.of(SHARES, one, None, features) for one in cells]
