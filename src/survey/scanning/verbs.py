"""Means, totals, shares and ratios of rows that are counted batch by batch: the estimators of `Sample`, on cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from survey.base.arguments import one_of
from survey.base.arrays import Array
from survey.base.expressions import Where, column_names
from survey.base.names import columns_named
from survey.codebook.ordered import refuse_names
from survey.core.log import KIND_CODES
from survey.counting.cells import MAX_ANSWERS, Cells, Grouping
from survey.counting.paired import PairCells
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation import remarks
from survey.estimation.breakdowns import Over
from survey.estimation.estimators import DISTRIBUTION, MEAN, RATIO, TOTAL, Estimator, total_about
from survey.estimation.intervals import INTERVALS
from survey.estimation.items import Names, answers_of, item_names, numbers_of, pivoted
from survey.estimation.linearize import LinearizedItem
from survey.estimation.results import assemble
from survey.estimation.scores import stretched
from survey.scanning.asked import Question, ask
from survey.scanning.combined import by_alike, held_together
from survey.scanning.held import Held
from survey.scanning.question import Answers, Counter, Moments, Rows, columns_behind, numbers_in
from survey.scanning.state import ScanData

__all__ = [
    "answer_counter",
    "distribution",
    "mean",
    "number_counters",
    "proportion",
    "ratio",
    "total",
]


def mean(
    self: ScanData,
    items: Names,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
    rescale: tuple[float, float] | None = None,
    variance: str | None = None,
    over: Over | None = None,
) -> Estimates:
    """Estimate weighted means; as `Sample.mean`, from counts alone.

    Parameters, columns of the result and errors are those of `Sample.mean`; `where` is an expression. With
    `over=` answers are counted with all groups at once, for items and groups of few values.
    """
    if over is not None or self.recalibrated or _held(self, items, by, where):
        return _side_by_side(
            self, "mean", items, by=by, where=where, level=level, rescale=rescale, variance=variance, over=over
        )
    names = _items(self, items)
    asked = ask(self, columns_behind(names), by, where, None if "one" in names else False)
    pieces, grouping = _numbers(asked, names, MEAN, rescale)
    sample = asked.sample
    result = assemble(sample, "mean", pieces, names, grouping, level, variance=variance)
    return remarks.of_means(result, sample, names, rescale)


def total(
    self: ScanData,
    items: Names,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
    over: Over | None = None,
) -> Estimates:
    """Estimate weighted totals; "one" counts people. As `Sample.total`, from counts alone."""
    if over is not None or self.recalibrated or _held(self, items, by, where):
        return _side_by_side(self, "total", items, by=by, where=where, level=level, variance=variance, over=over)
    names = _items(self, items)
    asked = ask(self, columns_behind(names), by, where, None if "one" in names else False)
    pieces, grouping = _numbers(asked, names, TOTAL, None)
    result = assemble(asked.sample, "total", pieces, names, grouping, level, variance=variance)
    return remarks.of_numbers(result, asked.sample, names)


def ratio(
    self: ScanData,
    numerator: str,
    denominator: str,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
    over: Over | None = None,
) -> Estimates:
    """Estimate the ratio of two totals, as `Sample.ratio`. Two passes: numbers are counted about a rough ratio."""
    if over is not None or self.recalibrated or _held(self, [numerator, denominator], by, where):
        return _side_by_side(
            self, "ratio", numerator, denominator, by=by, where=where, level=level, variance=variance, over=over
        )
    pair = _items(self, [numerator, denominator])
    asked = ask(self, columns_behind(pair), by, where)
    sample, name = asked.sample, "/".join(pair)
    for one in columns_behind(pair):
        numbers_of(sample, one)
    about = np.zeros(len(asked.groups) + 1)

    def make(rows: Rows) -> tuple[Array, ...]:
        y, x = (numbers_in(rows, one) for one in pair)
        rest = y - about[rows.grouping.code] * x
        return rest, x, np.where(np.isnan(rest), np.nan, 1.0), rest * rest, rest * x, x * x

    counter = [Moments(name, make, 6)]
    (cells,), grouping = asked.count(counter, columns_behind(pair))
    rest, x = cells.totals[:, :2].T
    rough = np.divide(rest, x, out=np.zeros(len(x)), where=x != 0).astype(np.float32).astype(float)
    present = asked.present_in(grouping)
    about[:-1][present] = np.where(np.isfinite(rough), rough, 0.0)
    (cells,), grouping = asked.count(counter, columns_behind(pair))
    piece = LinearizedItem.of(RATIO, cells, None)
    piece.estimate[...] += about[:-1][present][:, None]
    result = assemble(sample, "ratio", [piece], [name], grouping, level, variance=variance)
    return remarks.of_numbers(result, sample, pair)


def proportion(
    self: ScanData,
    items: Names,
    levels: Sequence[Any] | None = None,
    top: int | None = None,
    bottom: int | None = None,
    net: int | None = None,
    by: Names | None = None,
    where: Where = None,
    interval: str = "clustered",
    level: float = 0.95,
    variance: str | None = None,
    over: Over | None = None,
) -> Estimates:
    """Estimate the share of a set of answers, as `Sample.proportion`, from counts alone."""
    if over is not None or self.recalibrated or _held(self, items, by, where):
        return _side_by_side(
            self,
            "proportion",
            items,
            levels,
            top,
            bottom,
            net,
            by,
            where,
            interval,
            level,
            variance=variance,
            over=over,
        )
    one_of(interval, INTERVALS, "interval for a share", EstimationError)
    names = _items(self, items)
    asked = ask(self, names, by, where, True)
    sample, wanted = asked.sample, {"levels": levels, "top": top, "bottom": bottom, "net": net}
    coded = [answers_of(sample, name) for name in names]
    shares = [remarks.share_of(sample, name, one, wanted) for name, one in zip(names, coded, strict=True)]
    counters = [answer_counter(asked, name, one.answers) for name, one in zip(names, coded, strict=True)]
    whole, grouping = asked.count(counters, names)
    pieces = [
        LinearizedItem.of(MEAN, counter.answered(cells), None, share.features)
        for counter, cells, share in zip(counters, whole, shares, strict=True)
    ]
    side, limits = ("proportion", interval) if net is None else ("net", None)
    result = assemble(sample, side, pieces, names, grouping, level, limits, variance)
    return remarks.of_shares(_beside(self, result, counters, whole, [1] * len(names)), sample, names, wanted, shares)


def distribution(
    self: ScanData,
    items: Names,
    by: Names | None = None,
    where: Where = None,
    interval: str = "clustered",
    level: float = 0.95,
    variance: str | None = None,
    over: Over | None = None,
) -> Estimates:
    """Estimate the share of every answer, as `Sample.distribution`, from counts alone."""
    if over is not None or self.recalibrated or _held(self, items, by, where):
        return _side_by_side(
            self,
            "distribution",
            items,
            by=by,
            where=where,
            interval=interval,
            level=level,
            variance=variance,
            over=over,
        )
    one_of(interval, INTERVALS, "interval for a share", EstimationError)
    names = _items(self, items)
    asked = ask(self, names, by, where, True)
    sample = asked.sample
    counters = [answer_counter(asked, name, answers_of(sample, name).answers) for name in names]
    whole, grouping = asked.count(counters, names)
    pieces = [
        LinearizedItem.of(DISTRIBUTION, counter.answered(cells), None)
        for counter, cells in zip(counters, whole, strict=True)
    ]
    result = assemble(sample, "distribution", pieces, names, grouping, level, interval, variance)
    result = _beside(self, result, counters, whole, [piece.estimate.shape[1] for piece in pieces])
    return remarks.of_distributions(result, sample, names)


def _side_by_side(scan: ScanData, verb: str, *args: Any, **options: Any) -> Estimates:
    """Breakdowns side by side, of respondents who are alike."""
    found: Estimates = by_alike(scan, verb, *args, **options)
    return found


def _held(scan: ScanData, items: Names, by: Names | None, where: Where) -> bool:
    """Whether these columns are counted together with others."""
    if not scan.sets or not (where is None or isinstance(where, str)):
        return False
    conditions = column_names(where, what="where") if where else ()
    names = columns_named([*columns_behind(item_names(items)), *item_names(by), *conditions], scan.steps.names)
    return held_together(scan, names) is not None


def _items(scan: ScanData, items: Names) -> list[str]:
    return columns_named(item_names(items), scan.steps.names)


def answer_counter(asked: Question, name: str, answers: Any) -> Answers:
    """The counter of an item whose answers have shares; it also counts why there is none, where that is recorded."""
    kinds = asked.scan.held(name).kinds
    return Answers(name, answers, True, kinds is not None and bool(kinds[1:].any()))


def _numbers(
    asked: Question, names: Sequence[str], estimator: Estimator, rescale: tuple[float, float] | None
) -> tuple[list[LinearizedItem], Grouping]:
    """Means or totals: by answers where there are few, by moments where there are many."""
    counters, finish = number_counters(asked, names, estimator, rescale)
    cells, grouping = asked.count(counters, columns_behind(names))
    return [done(one) for done, one in zip(finish, cells, strict=True)], grouping


def number_counters(
    asked: Question, names: Sequence[str], estimator: Estimator, rescale: tuple[float, float] | None
) -> tuple[list[Counter], list[Callable[[Cells | PairCells], LinearizedItem]]]:
    """What numbers are counted into, and what makes a mean or total of each."""
    sample = asked.sample
    counters: list[Counter] = []
    finish: list[Callable[[Cells | PairCells], LinearizedItem]] = []
    for name in names:
        held = None if name == "one" else asked.scan.held(name)
        if rescale is not None and name != "one":
            coded, value = stretched(sample, name, rescale)
            counters.append(Answers(name, coded.answers, False, False))
            finish.append(_by_values(counters[-1], value, estimator))
        elif held is None or not held.counts or len(held.counts) > MAX_ANSWERS:
            pivot = 0.0 if held is None else held.pivot
            if held is not None:
                refuse_names(sample.codebook.variables.get(name), sample.data[name], name)
                numbers_of(sample, name)
            counters.append(Moments(name, _moments(name, pivot), 3))
            finish.append(_by_moments(estimator, pivot))
        else:
            numbers_of(sample, name)
            answers = np.array(sorted(held.counts), dtype=float)
            counters.append(Answers(name, answers, False, False))
            finish.append(_by_values(counters[-1], answers, estimator))
    return counters, finish


def _by_values(counter: Counter, value: Array, estimator: Estimator) -> Callable[[Cells | PairCells], LinearizedItem]:
    assert isinstance(counter, Answers)
    return lambda cells: pivoted(estimator, value, counter.answered(cells), None)


def _moments(name: str, pivot: float) -> Callable[[Rows], tuple[Array, ...]]:
    def make(rows: Rows) -> tuple[Array, ...]:
        y = numbers_in(rows, name) - pivot
        return np.where(np.isnan(y), np.nan, 1.0), y, y * y

    return make


def _by_moments(estimator: Estimator, pivot: float) -> Callable[[Cells | PairCells], LinearizedItem]:
    def done(cells: Cells | PairCells) -> LinearizedItem:
        about = total_about(np.full(len(cells.groups), pivot)) if estimator is TOTAL else estimator
        piece = LinearizedItem.of(about, cells, None)
        if estimator is not TOTAL:
            piece.estimate[...] += pivot
        return piece

    return done


def _said(held: Held, reason: str) -> bool:
    """Whether anybody gave a reason, in whatever group and domain."""
    return held.kinds is not None and bool(held.kinds[KIND_CODES[reason]])


def _beside(
    scan: ScanData,
    result: Estimates,
    counters: Sequence[Answers],
    cells: Sequence[Cells | PairCells],
    answers: Sequence[int],
) -> Estimates:
    """Shares with the shares of everyone asked who did not know or refused beside them, where any did."""
    given: dict[str, list[Array]] = {}
    for reason in ("dont_know", "refused"):
        shares = [_share_beside(counter, one, reason) for counter, one in zip(counters, cells, strict=True)]
        if reason not in result.by and any(_said(scan.held(counter.item), reason) for counter in counters):
            given[reason] = [np.repeat(share, n) for share, n in zip(shares, answers, strict=True)]
    if not given:
        return result
    return result.with_table(result.table.assign(**{reason: np.concatenate(part) for reason, part in given.items()}))


def _share_beside(counter: Answers, cells: Cells | PairCells, reason: str) -> Array:
    groups = len(cells.groups)
    if not counter.kinds:
        return np.full(groups, np.nan)
    sums, k = cells.totals, len(counter.answers)
    everyone = sums.sum(axis=1)
    asked = everyone - sum(sums[:, k + KIND_CODES[kind] - 1] for kind in ("not_applicable", "not_asked"))
    out = np.full(groups, np.nan)
    np.divide(sums[:, k + KIND_CODES[reason] - 1], asked, out=out, where=asked > 1e-12 * everyone)
    return out
