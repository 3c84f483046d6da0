"""One variance for everything: squared deviations of unit totals, stage by stage.

A statistic with influence values u has unit totals z = sum of w * u; its variance is a weighted sum of squared
deviations of z within strata (see `structure`). Stacking the weighted deviations of many statistics gives a matrix A
with covariance A'A: variances cost one pass, and the full covariance is computed only if asked for. Where elements are
the last stage the rows deviate themselves: they are centred before they are squared, so that no digits cancel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, gram
from survey.base.codes import Ints
from survey.design.coded_design import CodedDesign, Stage

__all__ = ["Elements", "Linearized", "unit_sums"]


def unit_sums(z: NDArray[Any], code: Ints, k: int) -> NDArray[Any]:
    """Sums of the rows of z (n, s) by code: (k, s); of truths, whether any holds."""
    if len(code) == k and np.array_equal(code, np.arange(k)):
        return z
    order = np.argsort(code, kind="stable")
    sorted_code = code[order]
    starts = np.flatnonzero(np.r_[True, np.diff(sorted_code) > 0])
    out = np.zeros((k, z.shape[1]), z.dtype)
    out[sorted_code[starts]] = np.add.reduceat(z[order], starts, axis=0)
    return out


@dataclass(frozen=True, slots=True)
class Elements:
    """What rows deviate from where they are the units of the last stage, and what their deviations count for.

    Parameters
    ----------
    centre : array (units, statistics)
        Mean of w * u over everyone drawn in a unit; of a lonely element as its rule says.
    root : array (units, statistics)
        Square root of what a squared deviation counts for.
    """

    centre: Array
    root: Array

    def deviations(self, values: Array, unit: Ints) -> Array:
        """Weighted deviations of values w * u (rows, statistics) of rows that are counted in `unit` (rows,)."""
        return (values - self.centre[unit]) * self.root[unit]

    def part(self, at: slice) -> Elements:
        """The same for some of the statistics."""
        return Elements(self.centre[:, at], self.root[:, at])


Second = Callable[[bool, Elements], Array]
"""Sum over everyone drawn of the deviations' products: its diagonal (statistics,) for False, whole for True."""


@dataclass(frozen=True, slots=True)
class Linearized:
    """Statistics as weighted deviations of their influence: covariance = A'A + products of the elements' deviations.

    Parameters
    ----------
    deviations : array (..., statistics)
        A, from the stages whose units are sums.
    elements : Elements or None
        Where elements are the last stage.
    second : function or None
        Gives the elements' part; see `Second`.
    of_item : function or None
        The elements' part of the statistics of one item alone, and where these stand; None where all are of one item.
    """

    deviations: Array
    elements: Elements | None = None
    second: Second | None = None
    of_item: Callable[[int], tuple[slice, Array]] | None = None

    @classmethod
    def of(
        cls, structure: CodedDesign, z: Array, second: Second | None = None, members: NDArray[Any] | None = None
    ) -> Linearized:
        """From sums z of w * u in the counted units (units, statistics).

        `members` (units, statistics) says whether a unit has members in the statistic's domain; None where every unit
        is in the estimate. The lonely rule "average" alone looks at it.
        """
        return cls(*_parts(structure, z, members), second)

    def variance(self) -> Array:
        """Variances (statistics,)."""
        out: Array = np.einsum("ij,ij->j", self.deviations, self.deviations)
        if self.elements is not None and self.second is not None:
            out = out + self.second(False, self.elements)
        return out

    def block(self, rows: Ints) -> Array:
        """Covariance matrix of some of the statistics, without that of the others where they are of one item."""
        if self.elements is not None:
            at, second = (None, None) if self.of_item is None else self.of_item(int(rows[0]))
            if at is None or second is None or (rows < at.start).any() or (rows >= at.stop).any():
                return self.covariance()[np.ix_(rows, rows)]
            own = rows - at.start
            part = self.deviations[:, rows]
            return gram(part) + second[np.ix_(own, own)]
        return gram(self.deviations[:, rows])

    def covariance(self) -> Array:
        """Covariance matrix (statistics, statistics)."""
        out = self.deviations.T @ self.deviations
        if self.elements is not None and self.second is not None:
            out = out + self.second(True, self.elements)
        return out


def _parts(structure: CodedDesign, z: Array, members: NDArray[Any] | None) -> tuple[Array, Elements | None]:
    """Deviations of the units that are sums, and what elements deviate from."""
    centered = structure.lonely_rule == "centered"
    inflation = _inflation(structure, z, members)
    blocks = []
    for stage, member, more in zip(structure.stages, structure.member, inflation, strict=False):
        block = _stage_deviations(stage, unit_sums(z, member, len(stage.parent)), centered)
        if more is not None:
            block *= np.sqrt(more)[stage.parent]
        blocks.append(block)
    deviations = np.vstack(blocks) if blocks else np.zeros((0, z.shape[1]))
    last, more = structure.elements, inflation[-1]
    if last is None:
        return deviations, None
    centre = z / np.maximum(last.size, 1)[:, None]
    if last.lonely.any():
        centre[last.lonely] = z.sum(axis=0) / last.size.sum() if centered else 0.0
    root = np.broadcast_to(np.sqrt(last.coef)[:, None], z.shape)
    return deviations, Elements(centre, root if more is None else root * np.sqrt(more))


def _inflation(structure: CodedDesign, z: Array, members: NDArray[Any] | None) -> list[Array | None]:
    """Lonely rule "average": what the variance of each stage is multiplied by in each parent (parents, statistics).

    At the first stage strata over strata with more than one cluster, of those in the estimate. At the second the same
    among the strata of each cluster, and where nothing is known of a cluster's second stage it gets the average of the
    clusters where something is: clusters over those clusters.
    """
    stages = [*structure.stages, *([] if structure.elements is None else [structure.elements])]
    if structure.lonely_rule != "average":
        return [None] * len(stages)
    present = np.ones(z.shape, bool) if members is None else members > 0
    found: list[Array | None] = []
    for i, stage in enumerate(stages):
        if not stage.lonely.any():
            found.append(None)
            continue
        parents = len(stage.size)
        if i == 0:
            inside = unit_sums(present, structure.stratum, parents)
            factor = _over(inside.sum(axis=0), (inside & ~stage.lonely[:, None]).sum(axis=0))
            found.append(np.broadcast_to(factor, inside.shape))
            continue
        cluster = np.zeros(parents, np.int64)
        cluster[stage.parent] = structure.member[0]
        inside = unit_sums(present, stage.parent, parents)
        clusters = len(structure.stages[0].parent)
        total = unit_sums(inside.astype(float), cluster, clusters)
        known = unit_sums((inside & ~stage.lonely[:, None]).astype(float), cluster, clusters)
        within = np.where(known > 0, _over(total, known), 0.0)
        found.append(within[cluster] * _over((total > 0).sum(axis=0), (known > 0).sum(axis=0)))
    return found


def _over(all_: NDArray[Any], known: NDArray[Any]) -> Array:
    """How many there are for each one that is known; NaN where none is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known > 0, all_ / known, np.nan)


def _stage_deviations(stage: Stage, z: Array, centered: bool) -> Array:
    """Deviations from the parent's mean; of a lonely unit from zero ("adjust") or the mean of all ("centered")."""
    parents = len(stage.size)
    mean = unit_sums(z, stage.parent, parents) / np.maximum(stage.size, 1)[:, None]
    if stage.lonely.any():
        mean[stage.lonely] = z.mean(axis=0) if centered else 0.0
    out = mean[stage.parent]
    np.subtract(z, out, out=out)
    out *= np.sqrt(stage.coef)[stage.parent][:, None]
    return out
