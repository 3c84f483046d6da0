"""The stages of a design: what a unit's deviation counts for, from the population sizes that a design names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.codebook.numeric import column_numbers
from survey.codebook.told import describe_groups, describe_rows
from survey.errors import DesignError, shorten

__all__ = ["Stage", "design_numbers", "sampling_fractions", "stage_of"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of sampling.

    Parameters
    ----------
    parent : int array (units,)
        Stratum (first stage) or cluster (second) of each unit. For elements: of each counted unit, itself.
    size : int array (parents,)
        Units sampled in each parent, whether or not they have members in a domain.
    coef : array (parents,)
        What the sum of squared deviations in a parent counts for; 0 for a census or an excused lonely unit.
    lonely : bool array (parents,)
        Parents with one unit of several, whose deviation cannot be measured.
    """

    parent: Ints
    size: Ints
    coef: Array
    lonely: NDArray[np.bool_]


def sampling_fractions(
    frame: pd.DataFrame, column: tuple[str, ...], parent: Ints, sizes: Ints, labels: pd.DataFrame
) -> Array:
    """Sampling fraction of each parent; 0 without an fpc.

    A column with all values up to 1 holds fractions, one with all values from 1 on holds population sizes; a 1
    means a census either way.
    """
    if not column:
        return np.zeros(len(sizes))
    values = design_numbers(frame[column[0]], "fpc")
    if not (values > 0).all():
        raise DesignError(
            "Some population sizes are missing or not positive.",
            where=f"fpc = {column[0]!r}, rows {describe_rows(frame.index, ~(values > 0))}",
            expected="a positive number for every respondent",
        )
    each = np.zeros(len(sizes))
    each[parent] = values
    varies = each[parent] != values
    if varies.any():
        raise DesignError(
            "The population size varies within a stratum or cluster.",
            where=f"fpc = {column[0]!r}, {_named(labels, np.unique(parent[varies]), parent)}",
            expected="one value per stratum or cluster",
        )
    if (each <= 1).all():
        return each
    if (each < 1).any():
        raise DesignError(
            "The fpc mixes sampling fractions with population sizes.",
            where=f"fpc = {column[0]!r}",
            expected="all up to 1 (fractions), or all 1 and above (sizes)",
        )
    short = each < sizes
    if short.any():
        at = np.flatnonzero(short)
        raise DesignError(
            "A population size is smaller than its sample.",
            where=f"fpc = {column[0]!r}, {_named(labels, at, parent)}",
            got=shorten(f"{each[i]:g} < {sizes[i]}" for i in at),
            expected="the number of units in the population",
        )
    return sizes / each


def stage_of(
    parent: Ints,
    sizes: Ints,
    fraction: Array,
    worth: Array,
    labels: pd.DataFrame,
    row: Ints,
    rule: str,
    of: str = "strata",
) -> Stage:
    lonely = (sizes == 1) & (fraction < 1) & (worth > 0)
    if rule == "fail" and lonely.any():
        unit, similar = ("cluster", "stratum") if of == "strata" else ("unit of the second stage", "cluster")
        raise DesignError(
            f"Some {of} have a single {unit}: the variance cannot be estimated.",
            where=_named(labels, np.flatnonzero(lonely), row, of),
            got=f"1 {unit}",
            expected="2 or more",
            fix=f"merge each with a similar {similar}, or choose lonely='adjust', 'centered', 'average', 'remove' or "
            "'certainty'",
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(sizes > 1, sizes / (sizes - 1), 1.0 if rule in ("adjust", "centered") else 0.0)
    return Stage(parent, sizes, worth * (1 - fraction) * spread, lonely)


def _named(labels: pd.DataFrame, at: Ints, row: Ints, what: str = "strata") -> str:
    n = np.bincount(row[row >= 0], minlength=len(labels))
    return f"{what} {describe_groups(map(tuple, labels.iloc[at].to_numpy(dtype=object)), n[at])}"


def design_numbers(column: pd.Series, what: str) -> Array:
    return column_numbers(
        column,
        f"A {what} column is not numeric.",
        DesignError,
        where=f"column {column.name!r}",
        fix="convert the column to numbers; sv.read(..., decimal=',') reads 1,125 as 1.125",
    )
