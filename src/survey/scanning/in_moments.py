"""Variances, covariances and correlations of a scan by moments, in two passes, however many different values there are.

The first pass finds about which number the moments of each group keep their digits; the second counts them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.base.arrays import Array
from survey.base.names import columns_named
from survey.codebook.ordered import refuse_names
from survey.estimates import Estimates
from survey.estimation import covariances
from survey.estimation.estimators import CORRELATION, COVARIANCE, VARIANCE, Estimator
from survey.estimation.items import item_names, numbers_of
from survey.estimation.linearize import LinearizedItem
from survey.sample import Sample
from survey.scanning.asked import Question, ask
from survey.scanning.budget import MemoryNeeded, needed
from survey.scanning.question import Counter, Moments, Rows
from survey.scanning.state import ScanData

__all__ = ["IN_MOMENTS", "in_moments", "memory_of_moments"]

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class _Kind:
    """What is estimated of which pairs of items."""

    estimator: Estimator
    pairs: Callable[[list[str]], Pairs]


IN_MOMENTS: Mapping[str, _Kind] = {
    "variance": _Kind(VARIANCE, lambda names: [(name, name) for name in names]),
    "covariance": _Kind(COVARIANCE, covariances.pairs_with),
    "correlation": _Kind(CORRELATION, covariances.pairs_between),
}
"""Verbs that stand on moments of pairs of numbers."""


def in_moments(scan: ScanData, verb: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> Estimates:
    """A verb of `Sample` from moments of a scan; its arguments and errors are those of the verb."""
    kind, given, names, asked = _asked(scan, verb, args, options)
    pairs = kind.pairs(names)
    for name in names:
        refuse_names(asked.sample.codebook.variables.get(name), asked.sample.data[name], name)
        numbers_of(asked.sample, name)
    about = {name: np.full(len(asked.groups) + 1, scan.held(name).pivot) for name in names}
    rough: list[Counter] = [Moments(name, _Rough(name, about[name].copy()), 2) for name in names]
    cells, grouping = asked.count(rough, names)
    present = asked.present_in(grouping)
    for name, one in zip(names, cells, strict=True):
        n, rest = one.totals[:, :2].T
        about[name][:-1][present] += np.divide(rest, n, out=np.zeros(len(n)), where=n > 0)
    cells, grouping = asked.count(_counters(verb, names, pairs, about), names)
    pieces = [LinearizedItem.of(kind.estimator, one, None) for one in cells]
    rest = (grouping, given["level"], given["variance"])
    return covariances.result_of(asked.sample, kind.estimator, names, pieces, *rest)


def memory_of_moments(scan: ScanData, verb: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> MemoryNeeded:
    """What counting the moments takes at most."""
    kind, _, names, asked = _asked(scan, verb, args, options)
    return needed(scan, _counters(verb, names, kind.pairs(names), {}), len(asked.groups), asked.present)


def _asked(
    scan: ScanData, verb: str, args: tuple[Any, ...], options: Mapping[str, Any]
) -> tuple[_Kind, Mapping[str, Any], list[str], Question]:
    bound = inspect.signature(getattr(Sample, verb)).bind(scan, *args, **options)
    bound.apply_defaults()
    given = bound.arguments
    names = columns_named(item_names(given["items"]), scan.steps.names)
    return IN_MOMENTS[verb], given, names, ask(scan, names, given["by"], given["where"])


def _counters(verb: str, names: Sequence[str], pairs: Pairs, about: Mapping[str, Array]) -> list[Counter]:
    if verb == "variance":
        return [Moments(name, _Square(name, about), 3) for name in names]
    return [Moments(f"{a}, {b}", _Product(a, b, tuple(names), about), 6) for a, b in pairs]


def _column(rows: Rows, name: str, about: Array) -> Array:
    column = rows.responses.data[name].to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(column - about[rows.grouping.code])


@dataclass(frozen=True)
class _Rough:
    """The sum of a number about another, of each group."""

    name: str
    about: Array

    def __call__(self, rows: Rows) -> tuple[Array, ...]:
        y = _column(rows, self.name, self.about)
        return np.where(np.isnan(y), np.nan, 1.0), y


@dataclass(frozen=True)
class _Square:
    """The moments of a number."""

    name: str
    about: Mapping[str, Array]

    def __call__(self, rows: Rows) -> tuple[Array, ...]:
        y = _column(rows, self.name, self.about[self.name])
        return np.where(np.isnan(y), np.nan, 1.0), y, y * y


@dataclass(frozen=True)
class _Product:
    """The moments of a pair, of those who have all items."""

    a: str
    b: str
    names: tuple[str, ...]
    about: Mapping[str, Array]

    def __call__(self, rows: Rows) -> tuple[Array, ...]:
        values = {name: _column(rows, name, self.about[name]) for name in self.names}
        one = np.where(np.any([np.isnan(v) for v in values.values()], axis=0), np.nan, 1.0)
        return covariances.moments_of(values[self.a], values[self.b], one)
