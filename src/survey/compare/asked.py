"""What a comparison is of: groups that can be compared, and means, or shares of the answers asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.base.expressions import Where
from survey.core.sample_data import SampleData
from survey.counting.cells import Grouping
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates
from survey.estimation.items import Names, grouping_of
from survey.estimation.means import mean, proportion

__all__ = ["groups_to_compare", "means_or_shares", "shares_asked"]


def groups_to_compare(sample: SampleData, by: Names, where: Where) -> Grouping:
    """The groups of a domain; two or more of them.

    Raises
    ------
    EstimationError
        As for `mean`; also without a column of groups, or with a single group.
    """
    grouping = grouping_of(sample, by, where)
    names = [str(name) for name in grouping.labels.columns]
    if not names:
        raise EstimationError("There are no groups to compare.", where="by", expected="a column", fix="name a column")
    if len(grouping) < 2:
        raise EstimationError("There is only one group with answers.", where=shorten(names), expected="two or more")
    return grouping


def shares_asked(asked: Mapping[str, Any]) -> bool:
    """Whether shares of answers are asked for (`levels`, `top`, `bottom` or `net`), and not means."""
    return any(value is not None for value in asked.values())


def means_or_shares(
    sample: SampleData,
    items: Names,
    asked: Mapping[str, Any],
    by: Names | None,
    where: Where,
    level: float,
    variance: str | None,
    rescale: tuple[float, float] | None,
    interval: str = "plain",
) -> Estimates:
    """Means of items, or shares of the answers asked for, with these intervals."""
    if not shares_asked(asked):
        return mean(sample, items, by=by, where=where, level=level, variance=variance, rescale=rescale)
    if rescale is not None:
        given = next(k for k, v in asked.items() if v is not None)
        raise EstimationError(
            "A share has no scale to stretch.",
            where="rescale=",
            got=f"rescale= and {given}=",
            expected="one of them",
            fix="leave one out",
        )
    return proportion(sample, items, by=by, where=where, interval=interval, level=level, variance=variance, **asked)
