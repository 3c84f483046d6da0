"""Scaling weights: to the number of respondents, to a total, to an average wave; shares and means stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from types import MappingProxyType
from typing import Any

import numpy as np

from survey.base.arrays import weighted_count
from survey.codebook.told import describe_groups
from survey.core.sample_data import S
from survey.design.design import Adjustment
from survey.design.targets import plain
from survey.errors import DesignError, shorten
from survey.weighting.apply import only_counted, reweighted
from survey.weighting.trim import columns_of, group_rows

__all__ = ["scale_weights"]


def scale_weights(
    self: S,
    to: str | float | Mapping[Any, float],
    *,
    by: str | list[str] | None = None,
    into: str = "w_scaled",
) -> S:
    """Multiply the weights by one factor in each group.

    Parameters
    ----------
    to : "n", "average", "equal", number or {group: number}
        n: the weights of each group sum to its respondents. average: each group's weights are divided by the number of
        groups, so that pooled waves stand for the population of an average wave. equal: each group gets the same share
        of the whole, so that pooled waves count alike. A number is the sum of all weights, in proportion; a mapping
        has the sum of each group.
    by : str or list of str, optional
        Groups, such as "wave".
    into : str
        Name of the new weight column.

    Returns
    -------
    Sample
        Its standard errors still account for earlier calibration; replicates are scaled again, each to
        its own respondents, groups and sums.

    Raises
    ------
    DesignError
        For an unknown `to`, a total that is not positive, or groups without one.

    Examples
    --------
    >>> pooled = sample.rake(targets).scale_weights("average", by="wave")  # doctest: +SKIP
    """
    whole, self = self, only_counted(self)
    group, labels = group_rows(self, by)
    k = len(labels)
    sums = weighted_count(group, self.weights, k)
    n = np.bincount(group[self.weights != 0], minlength=k)  # who weighs nothing is outside the population
    if not (sums > 0).all():
        raise DesignError(
            "A group has no weight to scale.",
            got=describe_groups(_named_groups(labels[sums == 0]), np.bincount(group, minlength=k)[sums == 0]),
            expected="a positive weight in every group",
        )
    if isinstance(to, Mapping):
        wanted = _named(to, _named_groups(labels), n)
        rule: Any = tuple(float(w) for w in wanted)
    elif isinstance(to, str):
        ways = {"n": n, "average": sums / k, "equal": np.full(k, sums.sum() / k)}
        if to not in ways:
            raise DesignError(
                "An unknown way to scale weights.", got=to, expected=f"{shorten(ways)}, a number or a mapping"
            )
        wanted, rule = ways[to], to
    elif isinstance(to, Real) and not isinstance(to, bool):
        wanted, rule = sums / sums.sum() * float(to), float(to)
    else:
        raise DesignError("An unknown way to scale weights.", got=to, expected="a way, a number or a mapping")
    if not (np.isfinite(wanted) & (wanted > 0)).all():
        raise DesignError("The sum of weights must be positive.", got=shorten(wanted), expected="numbers above 0")
    told = f"to {to if isinstance(to, str) else shorten(f'{w:,.6g}' for w in wanted)}" + (f" by {by}" if by else "")
    step = Adjustment("scale", settings=MappingProxyType({"to": rule, "by": columns_of(by)}))
    return reweighted(whole, self.weights * (wanted / sums)[group], into, step, told)


def _named_groups(labels: Any) -> list[tuple[Any, ...]]:
    return [tuple(plain(v) for v in row) for row in labels.to_numpy(dtype=object)]


def _named(to: Mapping[Any, float], groups: list[tuple[Any, ...]], n: np.ndarray) -> np.ndarray:
    bad = [key for key, total in to.items() if not isinstance(total, Real) or isinstance(total, bool)]
    if bad:
        raise DesignError(
            "The sum of weights must be a positive number.",
            where=f"scale_weights(to=...), {shorten(bad)}",
            expected="numbers above 0",
        )
    known = {
        tuple(plain(v) for v in (key if isinstance(key, tuple) else (key,))): float(total) for key, total in to.items()
    }
    nobody = [g for g in known if g not in set(groups)]
    if nobody:
        raise DesignError(
            "A sum of weights was given for an empty group.",
            got=shorten(nobody),
            expected=describe_groups(groups, n),
            fix="correct the group's name, or remove it",
        )
    absent = [i for i, g in enumerate(groups) if g not in known]
    if absent:
        raise DesignError(
            "No sum of weights was given for some groups.",
            got=describe_groups([groups[i] for i in absent], n[absent]),
            expected="a number for every group of by=",
        )
    return np.array([known[g] for g in groups])
