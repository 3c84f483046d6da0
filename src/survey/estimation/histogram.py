"""Numbers as a distribution: the share of people in each class of minutes, years or trips, or below each limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from survey.base import catalogue
from survey.base.arguments import in_range, one_of
from survey.base.arrays import Array
from survey.base.expressions import Where
from survey.codebook import Text, Variable
from survey.core.sample_data import SampleData
from survey.counting.cells import Cells, Coded, Grouping
from survey.counting.memory import ItemRows
from survey.counting.paired import PairCells, cells_of_answers
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates
from survey.estimation.breakdowns import Counter, Groupings, groupings_of, pieces_of
from survey.estimation.estimators import DISTRIBUTION, SHARES
from survey.estimation.inferred import scale_notes
from survey.estimation.intervals import INTERVALS, NAMED
from survey.estimation.items import Names, item_names, numbers_of
from survey.estimation.linearize import LinearizedItem
from survey.estimation.results import assemble
from survey.words import locale as loc

__all__ = ["Classes", "Spread", "histogram", "histogram_asked"]

_MOST = 60


def histogram(
    self: SampleData,
    item: str,
    bins: int | Sequence[float] = 10,
    by: Names | None = None,
    where: Where = None,
    cumulative: bool = False,
    interval: str | None = None,
    level: float = 0.95,
    variance: str | None = None,
) -> Estimates:
    """Estimate the share of people in each class of a number (minutes waited), or below the end of each class.

    Parameters
    ----------
    item : str
        A column of numbers.
    bins : int or sequence of float
        About how many classes, equally wide with round limits; or the limits, rising: [0, 15, 30, 60, float("inf")].
        A class holds its lower limit and not its upper one; the last class of finite limits holds both.
    by, where, level, variance :
        As for `proportion`.
    cumulative : bool
        Shares below the upper limit of each class but the last: the distribution function at the limits.
    interval : str, optional
        As for `proportion`; of `cumulative` one of "logit" (when not given), "wilson", "beta", "asin", "plain".

    Returns
    -------
    Estimates
        item, <by...>, answer (the lower limit of the class; of `cumulative` the upper one), estimate (share in 0-1),
        std_error, conf_low, conf_high, df, n, n_eff, deff. `answers` has the limits. `figures.histogram` draws it.

    Raises
    ------
    EstimationError
        If limits do not rise or leave answers out, or there are too many; otherwise as for `mean`.

    References
    ----------
    Agrees with R's svymean of cut(x, limits, right = FALSE, include.lowest = TRUE).
    """
    interval, given = histogram_asked(bins, cumulative, interval)
    [name] = item_names([item], self)
    grouping = groupings_of(self, by, None, where)
    values = numbers_of(self, name)
    inside = np.any([part.code < len(part) for part in grouping.parts], axis=0)
    classes = Spread.of(values[inside & np.isfinite(values) & (self.weights > 0)], given).classes(
        bins, cumulative, name
    )
    coded = Coded(classes.code(values), classes.answers)

    def counter(_: str) -> Counter:
        return lambda part: classes.item(cells_of_answers(name, self.structure, part, coded), ItemRows(part, coded))

    pieces = pieces_of(self, grouping, counter, [name])
    return classes.result(self, pieces, name, grouping, interval, level, variance)


def histogram_asked(bins: int | Sequence[float], cumulative: bool, interval: str | None) -> tuple[str, Array | None]:
    """The interval of a histogram, and its limits where they are given.

    Raises
    ------
    EstimationError
        For an unknown interval, limits that do not rise, too many of them.
    """
    interval = interval or ("logit" if cumulative else "clustered")
    one_of(interval, NAMED if cumulative else INTERVALS, "interval for a share", EstimationError)
    if isinstance(bins, int):
        in_range(
            bins,
            "The number of classes is out of range.",
            EstimationError,
            where="bins=",
            expected=f"1 to {_MOST}",
            fits=lambda n: 1 <= n <= _MOST,
        )
        return interval, None
    limits = np.asarray(list(bins), dtype=float)
    if len(limits) < 2 or np.isnan(limits).any() or any(b <= a for a, b in pairwise(limits)):
        raise EstimationError(
            "Limits of classes must be numbers that rise.",
            where="bins=",
            got=shorten(bins) or "none",
            expected='[0, 15, 30, 60, float("inf")]',
        )
    if len(limits) > _MOST + 1:
        raise EstimationError(
            "There are too many classes.", where="bins=", got=len(limits) - 1, expected=f"at most {_MOST}"
        )
    return interval, limits


@dataclass(frozen=True, slots=True)
class Spread:
    """Where answers lie: the lowest and the highest, and how many lie outside limits that were given.

    Parameters
    ----------
    low, high : float
        Infinite where there is no answer.
    outside : int
    given : array (limits,) or None
    """

    low: float
    high: float
    outside: int
    given: Array | None

    @classmethod
    def of(cls, values: Array, given: Array | None) -> Spread:
        """Of some answers."""
        low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
        outside = 0 if given is None else int(((values < given[0]) | (values > given[-1])).sum())
        return cls(low, high, outside, given)

    def __add__(self, other: Spread) -> Spread:
        return Spread(min(self.low, other.low), max(self.high, other.high), self.outside + other.outside, self.given)

    def classes(self, bins: int | Sequence[float], cumulative: bool, name: str) -> Classes:
        """The classes that are asked for: with the limits given, or with round ones around the answers.

        Raises
        ------
        EstimationError
            If answers lie outside; for cumulative shares of one class.
        """
        limits = self.given
        if limits is None:
            there = self.low <= self.high
            limits = _round(*((self.low, self.high) if there else (0.0, 1.0)), bins if isinstance(bins, int) else 1)
        elif self.outside:
            raise EstimationError(
                "Some answers lie outside the classes.",
                where=f"{name}, bins=",
                got=f"{self.outside} answers outside {limits[0]:g} to {limits[-1]:g}",
                expected="classes that hold every answer",
                fix='end with float("inf") (or begin with -float("inf")), or leave them out with where=',
            )
        if cumulative and len(limits) < 3:
            raise EstimationError("Cumulative shares need a limit between the ends.", where="bins=", got="one class")
        return Classes(limits, cumulative)


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes of a number, and whether their shares are added up."""

    limits: Array
    cumulative: bool

    @property
    def answers(self) -> Array:
        """What each class is called by in the result."""
        return self.limits[1:] if self.cumulative else self.limits[:-1]

    def code(self, values: Array) -> NDArray[np.int64]:
        """The class of each number; as many as there are, where it is in none."""
        k = len(self.answers)
        code = np.where(values == self.limits[-1], k - 1, np.searchsorted(self.limits, values, side="right") - 1)
        return np.where(np.isnan(values) | (code < 0), k, code)

    def item(self, cells: Cells | PairCells, rows: ItemRows | None) -> LinearizedItem:
        """The shares of counted classes."""
        if not self.cumulative:
            return LinearizedItem.of(DISTRIBUTION, cells, rows)
        k = len(self.answers)
        return LinearizedItem.of(SHARES, cells, rows, np.hstack([np.ones((k, 1)), np.tri(k, k - 1, -1) == 0]))

    def result(
        self,
        sample: SampleData,
        pieces: Sequence[LinearizedItem],
        name: str,
        grouping: Grouping | Groupings,
        interval: str,
        level: float,
        variance: str | None,
    ) -> Estimates:
        """Estimates of the shares, whose answers are called as the classes are."""
        statistic = "cumulative" if self.cumulative else "histogram"
        result = assemble(sample, statistic, pieces, [name], grouping, level, interval, variance)
        ends = self.limits[1:-1] if self.cumulative else self.limits[:-1]
        labels = dict(zip(ends.tolist(), _labels(self.limits, self.cumulative), strict=True))
        known = result.codebook.variables.get(name)
        worded = (
            Variable(name, "ordinal", labels=labels) if known is None else replace(known, type="ordinal", labels=labels)
        )
        return replace(
            result,
            answers=tuple(self.limits.tolist()),
            codebook=result.codebook.update(worded),
            notes=(*result.notes, *scale_notes(sample, [name])),
        )


def _round(low: float, high: float, bins: int) -> Array:
    """Limits 1, 2, 2.5 or 5 times a power of ten apart, as close to the number of classes asked for as they get."""
    if high <= low:
        return np.array([low, low + 1.0])
    rough = (high - low) / bins
    power = 10.0 ** np.floor(np.log10(rough))
    steps = [m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0)]
    if rough >= 1:  # of whole numbers, a class of 2.5 holds two or three of them
        steps = [s for s in steps if s == round(s)]
    step = min(steps, key=lambda s: abs(np.log(s / rough)))
    first, last = np.floor(low / step), np.ceil(high / step)
    out: Array = np.round(np.arange(first, last + 1) * step, 12)
    return out if len(out) > 1 else np.array([out[0], out[0] + step])


def _labels(limits: Array, cumulative: bool) -> list[Text]:
    if cumulative:
        return [catalogue.texts("bins.below", high=_text(high)) for high in limits[1:-1]]
    texts: list[Text] = []
    for i, (low, high) in enumerate(pairwise(limits)):
        ends = {"low": _text(low), "high": _text(high)}
        if np.isinf(high):
            key = "bins.from" if np.isfinite(low) else "bins.all"
        elif np.isinf(low):
            key = "bins.below"
        else:
            key = "bins.closed" if i == len(limits) - 2 else "bins.half_open"
        texts.append(catalogue.texts(key, **ends))
    return texts


def _text(value: float) -> dict[str, str]:
    """A limit as each language writes it."""
    digits = next((d for d in range(6) if abs(value - round(value, d)) < 1e-9), 6) if np.isfinite(value) else 0
    return {lang: loc.number(float(value), digits, lang) for lang in catalogue.LANGUAGES}
