"""Which units were treated, in which strata they are, and what makes a comparison of them impossible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist
from survey.base.codes import numbers
from survey.base.expressions import evaluate
from survey.base.names import composed_value
from survey.codebook.told import describe_values
from survey.compare._waves import Waves
from survey.core.sample_data import SampleData
from survey.core.unheld import unheld_remark
from survey.errors import EstimationError

__all__ = ["strata_of", "treated_units", "two_waves"]

Bools = NDArray[np.bool_]


def two_waves(sample: SampleData, period: str, waves: Any, inside: Bools) -> Waves:
    """The two periods in their order.

    Raises
    ------
    EstimationError
        If there are not two, or their order is not known.
    """
    columns_exist(
        [period], sample.data.columns, "The data have no such period column.", EstimationError, where="period"
    )
    column = sample.data[period]
    found = column[inside].dropna().map(composed_value).unique()
    if waves is None and len(found) != 2:
        raise EstimationError(
            "A change needs exactly two periods.",
            where=period,
            got=describe_values(sorted(found, key=str), sample.codebook.variables.get(period), column=column),
            expected="two values",
            fix="say which is before and which after: waves=[before, after]" if len(found) > 2 else None,
        )
    if waves is not None and (isinstance(waves, str) or len(tuple(waves)) != 2):
        raise EstimationError(
            "A change needs exactly two periods.", where="waves=", got=repr(waves), expected="[before, after]"
        )
    return Waves.of(sample, period, None if waves is None else list(waves), inside)


def treated_units(
    sample: SampleData, treated: str, unit: str, period: str, inside: Bools
) -> tuple[NDArray[np.object_], Bools]:
    """Labels of the units in a domain, sorted, and which of them are treated.

    Raises
    ------
    EstimationError
        If that is not known of everyone, changes within a unit, or is the same of all units.
    """
    data = sample.data
    columns_exist([unit], data.columns, "The data have no such unit column.", EstimationError, where="unit")
    flag = data[treated] if treated in data.columns else pd.Series(evaluate(treated, data, "treated"), index=data.index)
    try:
        known = pd.Series(numbers(flag), index=data.index)[inside]
    except (TypeError, ValueError):
        raise EstimationError(
            "Treatment status must be 0, 1 or a condition.",
            where=treated,
            got=str(flag.dtype),
            expected="a column of 0 and 1, or a condition",
            fix=f"give a condition, such as treated=\"{treated} == 'yes'\"",
        ) from None
    if known.isna().any() or not known.isin([0.0, 1.0]).all():
        raise EstimationError(
            "Treatment status is missing for some rows.",
            where=treated,
            got=describe_values(
                pd.Series(flag, index=data.index)[inside].unique(), sample.codebook.variables.get(treated)
            ),
            expected="0 or 1",
            fix="exclude these rows with where=",
        )
    label = data.loc[inside, unit].map(composed_value)
    by_unit = known.groupby(label).agg(["min", "max"])
    mixed = by_unit.index[by_unit["min"] != by_unit["max"]]
    if len(mixed):
        _refuse_mixed(known, label, data.loc[inside, period].map(composed_value), mixed, data[unit])
    chosen = by_unit["max"].to_numpy() == 1
    if not 0 < chosen.sum() < len(chosen):
        raise EstimationError(
            "There is nothing to compare.",
            got=f"{int(chosen.sum())} of {len(chosen)} units treated"
            + ("" if treated in data.columns else unheld_remark(sample, treated)),
            expected="some treated and some not",
        )
    return by_unit.index.to_numpy(dtype=object), chosen


def _refuse_mixed(known: pd.Series, label: pd.Series, period: pd.Series, mixed: pd.Index, column: pd.Series) -> None:
    """Of units in which treatment differs: whether it is so at one time, or changes from one wave to the next."""
    at = label.isin(mixed)
    each = known[at].groupby([label[at], period[at]]).nunique()
    if (each <= 1).all():
        raise EstimationError(
            "Treatment changes within a unit from one period to the next.",
            where=column.name,
            got=describe_values(mixed, column=column),
            expected="a unit is treated or not, the same in both periods: the effect compares the changes of the two",
            fix="mark a unit as treated in all periods if the programme ever reached it; leave out with where= units "
            "that had it before the first period",
        )
    raise EstimationError(
        "Some units are partly treated.",
        where=column.name,
        got=describe_values(mixed, column=column),
        expected="either all or none of its members",
        fix="name as unit= the units that the programme was given to",
    )


def strata_of(
    sample: SampleData, within: str, unit: str, units: NDArray[np.object_], treated: Bools, inside: Bools
) -> NDArray[np.int64]:
    """The stratum of each unit, numbered in the order of their labels.

    Raises
    ------
    EstimationError
        If it is not known, differs within a unit, all units of one are treated, or no stratum leaves a choice.
    """
    columns_exist([within], sample.data.columns, "The data have no such column.", EstimationError, where="within=")
    data = sample.data.loc[inside]
    label, stratum = data[unit].map(composed_value), data[within].map(composed_value)
    known = stratum.groupby(label).agg(lambda v: v.nunique(dropna=False))
    bad = known.index[(known > 1) | stratum.isna().groupby(label).any()]
    if len(bad):
        raise EstimationError(
            "A unit must lie in one stratum.",
            where=f"within={within!r}",
            got=describe_values(bad, column=sample.data[unit]),
            expected="one value of the stratum for everyone in a unit",
        )
    first = stratum.groupby(label).first().reindex(units)
    codes, _ = pd.factorize(first, sort=True)
    n, k = np.bincount(codes), np.bincount(codes, weights=treated)
    alone = np.flatnonzero((n == k) & (k > 0))
    if len(alone):
        raise EstimationError(
            "In some strata all units are treated, so that there is nothing to compare them with.",
            where=f"within={within!r}",
            got=describe_values(first[np.isin(codes, alone)].unique(), column=data[within]),
            expected="treated and untreated units in each stratum with a treated one",
            fix="join strata, or leave these units out with where=",
        )
    return np.asarray(codes, dtype=np.int64)
