"""One variance for everything: squared deviations of unit totals, stage by stage.

A statistic with influence values u has unit totals z = sum of w * u; its variance is a weighted sum of squared
deviations of z within strata (see `structure`). Stacking the weighted deviations of many statistics gives a matrix A
with covariance A'A: variances cost one pass, and the full covariance is computed only if asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from survey._linalg import Array
from survey.structure import Ints, Stage, Structure

__all__ = ["Linearized", "element_coef", "unit_sums"]


def unit_sums(z: Array, code: Ints, k: int) -> Array:
    """Sums of the rows of z (n, s) by code: (k, s)."""
    if len(code) == k and np.array_equal(code, np.arange(k)):
        return z
    order = np.argsort(code, kind="stable")
    sorted_code = code[order]
    starts = np.flatnonzero(np.r_[True, np.diff(sorted_code) > 0])
    out = np.zeros((k, z.shape[1]))
    out[sorted_code[starts]] = np.add.reduceat(z[order], starts, axis=0)
    return out


@dataclass(frozen=True, slots=True)
class Linearized:
    """Statistics with their influence summed in the units of the design.

    Parameters
    ----------
    structure : Structure
    z : array (units, statistics)
        Sums of w * u in the counted units.
    second : function or None
        Where elements are the last stage: gives sum over rows of coef * (w u)(w u)', as its diagonal
        (statistics,) for `second(False)` and whole (statistics, statistics) for `second(True)`; coef is
        `element_coef(structure)` of the row's unit.
    members : array (units, statistics), optional
        Whether a unit has members in the statistic's domain; the lonely rule "average" alone looks at it.
    """

    structure: Structure
    z: Array
    second: Callable[[bool], Array] | None = None
    members: Array | None = None

    def variance(self) -> Array:
        """Variances (statistics,)."""
        deviations, taken = self._parts()
        out = np.einsum("ij,ij->j", deviations, deviations)
        if self.second is not None:
            out = out + self.second(False) - np.einsum("ij,ij->j", taken, taken)
        return np.clip(out, 0, None) * self._inflation()

    def covariance(self) -> Array:
        """Covariance matrix (statistics, statistics)."""
        deviations, taken = self._parts()
        out = deviations.T @ deviations
        if self.second is not None:
            out = out + self.second(True) - taken.T @ taken
        root = np.sqrt(self._inflation())
        return out * np.outer(root, root)

    def _parts(self) -> tuple[Array, Array]:
        """A (..., statistics) and B with covariance = A'A + second moments - B'B."""
        structure = self.structure
        centered = structure.lonely_rule == "centered"
        blocks = []
        for i, (stage, member) in enumerate(zip(structure.stages, structure.member, strict=True)):
            sums = unit_sums(self.z, member, len(stage.parent))
            blocks.append(_stage_deviations(stage, sums, centered and i == 0))
        last = structure.elements
        taken = np.zeros((0, self.z.shape[1]))
        if last is not None:
            several = np.where(last.size > 1, last.coef, 0.0)
            taken = self.z * np.sqrt(several / np.maximum(last.size, 1))[:, None]
            if centered and not structure.stages and last.lonely.any():
                # a lonely element deviates from the mean of all elements
                grand = self.z.sum(axis=0) / last.size.sum()
                alone = last.lonely
                blocks.append((self.z[alone] - grand) * np.sqrt(last.coef[alone])[:, None])
        return (np.vstack(blocks) if blocks else np.zeros((0, self.z.shape[1]))), taken

    def _inflation(self) -> Array:
        """Lonely rule "average": strata over strata with more than one cluster, of those in the estimate."""
        structure = self.structure
        stage = structure.stages[0] if structure.stages else structure.elements
        if structure.lonely_rule != "average" or stage is None or not stage.lonely.any():
            return np.ones(self.z.shape[1])
        present = np.ones(self.z.shape) if self.members is None else self.members > 0
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
    return (z - mean[stage.parent]) * np.sqrt(stage.coef)[stage.parent][:, None]
