"""One variance for everything: squared deviations of unit totals, stage by stage.

A statistic with influence values u has unit totals z = sum of w * u; its variance is a weighted sum of squared
deviations of z within strata (see `structure`). Stacking the weighted deviations of many statistics gives a matrix A
with covariance A'A: variances cost one pass, and the full covariance is computed only if asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey._linalg import Array
from survey.structure import Ints, Stage, Structure

__all__ = ["Linearized", "element_coef", "unit_sums"]


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
class Linearized:
    """Statistics as weighted deviations of their influence: covariance = A'A + second moments - B'B.

    Parameters
    ----------
    deviations : array (..., statistics)
        A, from the stages whose units are sums.
    taken : array (..., statistics)
        B, what the means take off where elements are the last stage.
    inflation : array (statistics,)
        Lonely rule "average"; otherwise ones.
    second : function or None
        Where elements are the last stage: gives sum over rows of coef * (w u)(w u)', as its diagonal
        (statistics,) for `second(False)` and whole (statistics, statistics) for `second(True)`; coef is
        `element_coef(structure)` of the row's unit.
    """

    deviations: Array
    taken: Array
    inflation: Array
    second: Callable[[bool], Array] | None = None

    @classmethod
    def of(
        cls,
        structure: Structure,
        z: Array,
        second: Callable[[bool], Array] | None = None,
        members: Array | None = None,
    ) -> Linearized:
        """From sums z of w * u in the counted units (units, statistics).

        `members` (units, statistics) says whether a unit has members in the statistic's domain; the lonely rule
        "average" alone looks at it.
        """
        deviations, taken = _parts(structure, z)
        return cls(deviations, taken, _inflation(structure, z, members), second)

    def variance(self) -> Array:
        """Variances (statistics,)."""
        out = np.einsum("ij,ij->j", self.deviations, self.deviations)
        if self.second is not None:
            out = out + self.second(False) - np.einsum("ij,ij->j", self.taken, self.taken)
        return np.clip(out, 0, None) * self.inflation

    def covariance(self) -> Array:
        """Covariance matrix (statistics, statistics)."""
        out = self.deviations.T @ self.deviations
        if self.second is not None:
            out = out + self.second(True) - self.taken.T @ self.taken
        if (self.inflation != 1).any():
            root = np.sqrt(self.inflation)
            out *= np.outer(root, root)
        return out


def _parts(structure: Structure, z: Array) -> tuple[Array, Array]:
    """A and B of `Linearized`."""
    centered = structure.lonely_rule == "centered"
    blocks = []
    for i, (stage, member) in enumerate(zip(structure.stages, structure.member, strict=True)):
        sums = unit_sums(z, member, len(stage.parent))
        blocks.append(_stage_deviations(stage, sums, centered and i == 0))
    last = structure.elements
    taken = np.zeros((0, z.shape[1]))
    if last is not None:
        several = np.where(last.size > 1, last.coef, 0.0)
        taken = z * np.sqrt(several / np.maximum(last.size, 1))[:, None]
        if centered and not structure.stages and last.lonely.any():
            # a lonely element deviates from the mean of all elements
            grand = z.sum(axis=0) / last.size.sum()
            alone = last.lonely
            blocks.append((z[alone] - grand) * np.sqrt(last.coef[alone])[:, None])
    return (np.vstack(blocks) if blocks else np.zeros((0, z.shape[1]))), taken


def _inflation(structure: Structure, z: Array, members: Array | None) -> Array:
    """Lonely rule "average": strata over strata with more than one cluster, of those in the estimate."""
    stage = structure.stages[0] if structure.stages else structure.elements
    if structure.lonely_rule != "average" or stage is None or not stage.lonely.any():
        return np.ones(z.shape[1])
    present = np.ones(z.shape) if members is None else members > 0
    strata = unit_sums(present.astype(float), structure.stratum, len(stage.size)) > 0
    counted, lonely = strata.sum(axis=0), (strata & stage.lonely[:, None]).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(counted > lonely, counted / (counted - lonely), np.nan)


def element_coef(structure: Structure) -> Array:
    """What the square of a row's w * u counts for, by the unit it is counted in (units,)."""
    stage = structure.elements
    if stage is None:
        return np.zeros(structure.units)
    return np.where(stage.size > 1, stage.coef, 0.0 if structure.lonely_rule == "centered" else stage.coef)


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
