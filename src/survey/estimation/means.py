"""Estimation verbs: means, totals, shares, distributions, ratios, each over many items and any groups at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from survey.base.arguments import one_of
from survey.base.arrays import Array, weighted_count
from survey.base.expressions import Where
from survey.core.sample_data import SampleData
from survey.counting.cells import Cells, Grouping, part_of
from survey.counting.memory import ItemRows, count_answers
from survey.counting.paired import cells_of_moments
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation import remarks
from survey.estimation.breakdowns import Counter, Groupings, Over, groupings_of, pieces_of
from survey.estimation.estimators import DISTRIBUTION, MEAN, RATIO, TOTAL, Estimator
from survey.estimation.intervals import INTERVALS
from survey.estimation.item_nonresponse import beside
from survey.estimation.items import (
    Names,
    answers_of,
    count_pairs,
    grouping_of,
    item_names,
    number_counter,
    numbers_of,
)
from survey.estimation.linearize import LinearizedItem
from survey.estimation.results import assemble
from survey.estimation.scores import score_counter

__all__ = [
    "cells",
    "distribution",
    "distributions_of",
    "mean",
    "means_of",
    "proportion",
    "ratio",
    "shares_of",
    "total",
]


def mean(
    self: SampleData,
    items: Names,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
    rescale: tuple[float, float] | None = None,
    over: Over | None = None,
) -> Estimates:
    """Estimate weighted means with linearised standard errors and t intervals.

    Parameters
    ----------
    items : str or list of str
        Columns of numbers: codes of a scale, scores on 0-100 (points), minutes.
    by : str or list of str, optional
        Groups; subgroups are domains, so clusters without a member count as zeros.
    where : str, bool array or callable, optional
        A domain, as an expression ("kind == 'business'").
    level : float
        Confidence level.
    variance : {"taylor", "replicate"}, optional
        Replicates are used where the sample has them, unless specified otherwise.
    rescale : (low, high), optional
        Stretch the scale of each item to these ends: (0, 100) gives points. The ends are the codebook's.
    over : str or list, optional
        Breakdowns side by side in one result: ["sex", "age", ["sex", "age"], "everyone"]. A list inside is crossed;
        "everyone" is a row for all. Groups of `by` are crossed with each breakdown.

    Returns
    -------
    Estimates
        item, <by...>, estimate, std_error, conf_low, conf_high (units of the item), df, n, n_eff, deff. Missing
        answers leave the domain of their item. With `over`, the columns `breakdown` and `category` (a value of the
        breakdown's variable; of several crossed, text such as "1:2") stand before those of `by`, and `tests` has the
        test of equality of each breakdown's categories.

    Raises
    ------
    EstimationError
        For columns that do not exist or hold text, missing codes that were not recoded, an empty domain.

    References
    ----------
    Sarndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, sections 5.5-5.8. Agrees with R's svymean
    and svyby.
    """
    return means_of(self, items, groupings_of(self, by, over, where), level, variance, rescale)[0]


def means_of(
    self: SampleData,
    items: Names,
    grouping: Grouping | Groupings,
    level: float,
    variance: str | None = None,
    rescale: tuple[float, float] | None = None,
    estimator: Estimator = MEAN,
) -> tuple[Estimates, list[LinearizedItem]]:
    """Means, and the pieces that they were made from; `estimator` is a mean that keeps more of what was counted."""
    names, grouping = item_names(items, self), Groupings.of(grouping)

    def counter(name: str) -> Counter:
        if rescale is None:
            return number_counter(self, name, estimator)
        return score_counter(self, name, rescale, estimator)

    pieces = pieces_of(self, grouping, counter, names)
    result = assemble(self, "mean", pieces, names, grouping, level, variance=variance)
    return remarks.of_means(result, self, names, rescale), pieces


def total(
    self: SampleData,
    items: Names,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
    over: Over | None = None,
) -> Estimates:
    """Estimate weighted totals; "one" counts people where the data have no column of that name.

    Parameters and errors as for `mean`. A missing answer adds nothing to a total. Agrees with R's svytotal.
    """
    grouping = groupings_of(self, by, over, where)
    names = item_names(items, self)
    pieces = pieces_of(self, grouping, lambda name: number_counter(self, name, TOTAL), names)
    result = assemble(self, "total", pieces, names, grouping, level, variance=variance)
    return remarks.of_numbers(result, self, names)


def proportion(
    self: SampleData,
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
    """Estimate the share of a set of answers among valid answers.

    Parameters
    ----------
    items : str or list of str
    levels : list, optional
        The answers counted. Exactly one of `levels`, `top`, `bottom` and `net`.
    top, bottom, net : int, optional
        The highest or lowest answers of the scale: top=2 is the share of 4 and 5 on a five-point scale; net=2 is the
        share of 4 and 5 minus that of 1 and 2, in -1 to 1, with a plain t interval. The scale is the codebook's;
        without one it is the answers that occur, and a note records this.
    by, where, level, over :
        As for `mean`.
    interval : {"clustered", "logit", "wilson", "beta", "asin", "plain"}
        clustered by default: it covers where clusters are few or the answer is rare (docs/intervals.md), and is
        one-sided at 0 and 1. The others are R's svyciprop (beta: Korn & Graubard), which at 0 and 1 give way to
        Korn-Graubard on Kish's effective n, with a note; never an interval of zero width.

    Returns
    -------
    Estimates
        Shares in 0-1 among valid answers. Where anybody did not know or refused, `dont_know` and `refused` stand
        beside them: shares of everyone asked and able to answer (also in 0-1); `nonresponse` has their standard
        errors.

    Raises
    ------
    EstimationError
        As for `mean`; also if no set of answers, or more than one, is given, or none of them is on the scale.
    """
    _check_interval(interval)
    names = item_names(items, self)
    grouping = groupings_of(self, by, over, where)
    asked = {"levels": levels, "top": top, "bottom": bottom, "net": net}
    return shares_of(self, names, asked, grouping, interval, level, variance)[0]


def shares_of(
    self: SampleData,
    items: Names,
    asked: Mapping[str, Any],
    grouping: Grouping | Groupings,
    interval: str,
    level: float,
    variance: str | None = None,
    estimator: Estimator = MEAN,
) -> tuple[Estimates, list[LinearizedItem]]:
    """Shares of a set of answers, and the pieces that they were made from; arguments as for `means_of`."""
    names, grouping = item_names(items, self), Groupings.of(grouping)
    found: dict[str, remarks.Share] = {}

    def share(name: str) -> Counter:
        coded = answers_of(self, name)
        one = found[name] = remarks.share_of(self, name, coded, asked)
        return lambda part: LinearizedItem.of(
            estimator, count_pairs(self, name, part, coded), ItemRows(part, coded), one.features
        )

    pieces = pieces_of(self, grouping, share, names)
    side, limits = ("proportion", interval) if asked["net"] is None else ("net", None)
    result = assemble(self, side, pieces, names, grouping, level, limits, variance)
    result = beside(self, result, names, [1] * len(pieces), grouping)
    return remarks.of_shares(result, self, names, asked, [found[name] for name in names]), list(pieces)


def distribution(
    self: SampleData,
    items: Names,
    by: Names | None = None,
    where: Where = None,
    interval: str = "clustered",
    level: float = 0.95,
    variance: str | None = None,
    over: Over | None = None,
) -> Estimates:
    """Estimate the share of every answer, one row per answer, in the order of the scale.

    An option of the codebook that no one chose is still an option: its share is 0. Parameters as for `proportion`, and
    the same shares of don't know and refused beside the answers; `figures.likert` draws them.
    """
    _check_interval(interval)
    return distributions_of(self, items, groupings_of(self, by, over, where), interval, level, variance)[0]


def distributions_of(
    self: SampleData,
    items: Names,
    grouping: Grouping | Groupings,
    interval: str,
    level: float,
    variance: str | None = None,
) -> tuple[Estimates, list[LinearizedItem]]:
    """Shares of every answer, and the pieces that they were made from."""
    names, grouping = item_names(items, self), Groupings.of(grouping)

    def shares(name: str) -> Counter:
        coded = answers_of(self, name)
        return lambda part: LinearizedItem.of(DISTRIBUTION, count_pairs(self, name, part, coded), ItemRows(part, coded))

    pieces = pieces_of(self, grouping, shares, names)
    result = assemble(self, "distribution", pieces, names, grouping, level, interval, variance)
    result = beside(self, result, names, [piece.estimate.shape[1] for piece in pieces], grouping)
    return remarks.of_distributions(result, self, names), pieces


def ratio(
    self: SampleData,
    numerator: str,
    denominator: str,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
    variance: str | None = None,
    over: Over | None = None,
) -> Estimates:
    """Estimate the ratio of two totals, over rows where both are known. Agrees with R's svyratio.

    Parameters
    ----------
    numerator, denominator : str
        Columns of numbers; "one" counts people.
    by, where, level, over :
        As for `mean`.
    """
    grouping = groupings_of(self, by, over, where)
    numerator, denominator = item_names([numerator, denominator], self)
    y, x = numbers_of(self, numerator), numbers_of(self, denominator)
    name = f"{numerator}/{denominator}"

    def count(part: Grouping) -> LinearizedItem:
        # y - R x varies as R does, and keeps its digits where y and x are large beside their spread
        about = _rough_ratio(self, y, x, part)
        rest = y - about[part.code] * x
        moments = (rest, x, np.where(np.isnan(rest), np.nan, 1.0), rest * rest, rest * x, x * x)
        piece = LinearizedItem.of(
            RATIO, cells_of_moments(name, self.structure, part, moments), ItemRows(part, None, moments)
        )
        piece.estimate[...] += about[:-1, None]
        return piece

    pieces = pieces_of(self, grouping, lambda _: count, [name])
    result = assemble(self, "ratio", pieces, [name], grouping, level, variance=variance)
    return remarks.of_numbers(result, self, [numerator, denominator])


def _rough_ratio(sample: SampleData, y: Array, x: Array, grouping: Grouping) -> Array:
    """The ratio in each group to seven digits, whose product with x is exact; 0 for who is in none: (groups + 1,)."""
    both = np.flatnonzero((grouping.code < len(grouping)) & ~np.isnan(y) & ~np.isnan(x))
    code, w = grouping.code[both], sample.weights[both]
    top, bottom = (weighted_count(code, w * v[both], len(grouping) + 1) for v in (y, x))
    ratio = np.divide(top, bottom, out=np.zeros(len(top)), where=bottom != 0)
    with np.errstate(over="ignore"):
        short = ratio.astype(np.float32).astype(float)
    return np.where(np.isfinite(short), short, ratio)


def cells(
    self: SampleData, items: Names, by: Names | None = None, where: Where = None, rows: slice | Array | None = None
) -> list[Cells]:
    """Return the counts themselves: cluster x group x answer -> sum of w, sum of w squared, n; one Cells per item.

    Parameters
    ----------
    items, by, where :
        As for `mean`.
    rows : slice or bool array, optional
        Count these rows only, in the units, groups and answers of the whole sample: the cells of shards add up to
        the cells of all (`sum(parts[1:], parts[0])`).
    """
    grouping = grouping_of(self, by, where)
    if rows is not None:
        inside = np.zeros(len(self), bool)
        try:
            inside[rows] = True
        except (IndexError, TypeError, ValueError):
            raise EstimationError(
                "`rows` must select rows.",
                where="cells(rows=...)",
                got=type(rows).__name__,
                expected=f"a slice, or one bool for each of {len(self)} rows",
            ) from None
        grouping = part_of(grouping, inside, self.structure)
    return [count_answers(n, self.structure, grouping, answers_of(self, n)) for n in item_names(items, self)]


def _check_interval(interval: str) -> None:
    one_of(interval, INTERVALS, "interval for a share", EstimationError)
