"""Replicate weights made by us, as multipliers of clusters.

Every method says what each cluster's weights are multiplied by in each replicate. Estimates of all replicates are then
a matrix product with the cluster totals: there never is a table of respondents by replicates.

References
----------
Wolter (2007), Introduction to Variance Estimation, ch. 3-4 (balanced repeated replication, jackknife).
Judkins (1990), J. Official Statistics 6 (Fay's method). Rao & Wu (1988), JASA 83; Rao, Wu & Yue (1992), Survey
Methodology 18 (bootstrap). Beaumont & Emond (2022), Stats 5 (bootstrap with finite populations and two stages).
"""

from __future__ import annotations

import numpy as np

from survey.base.arrays import Array
from survey.base.catalogue import Note
from survey.base.codes import Ints
from survey.design.coded_design import CodedDesign, Stage
from survey.design.design import Replicates
from survey.design.hadamard import hadamard
from survey.errors import DesignError, shorten

__all__ = ["METHODS", "first_stage", "make", "suits_jackknife"]

METHODS = ("jackknife", "JK1", "JKn", "BRR", "Fay", "bootstrap", "rwyb")
MOST = 2**28
"""Multipliers that are made at most: 2 GB of them."""


def make(structure: CodedDesign, method: str, n: int | None, seed: int | None, rho: float, mse: bool) -> Replicates:
    """Replicates of a design; see `Sample.replicates`.

    Raises
    ------
    DesignError
        If the method is unknown, needs what the design lacks, or `n` or `rho` make no sense.
    """
    lower = {m.lower(): m for m in METHODS}
    name = lower.get(method.lower())
    if name is None:
        raise DesignError(
            "An unknown replication method.",
            where="method",
            got=repr(method),
            expected=shorten(METHODS),
            fix="choose one of these",
        )
    stage, stratum = first_stage(structure)
    if name == "jackknife":
        name = "JK1" if len(stage.size) == 1 else "JKn"
    df = float(len(stratum) - len(stage.size))
    within = len(structure.stages) + (structure.elements is not None) > 1
    if name in ("BRR", "Fay") or (name in ("JK1", "JKn") and within):
        _no_fraction(stage, name, within)
    if name in ("JK1", "JKn", "BRR", "Fay") and n is not None:
        raise DesignError(
            f"{name} is not random: the design determines the number of replicates.",
            got=f"n={n}",
            fix="omit n=, or use method 'bootstrap'",
        )
    if name in ("JK1", "JKn"):
        _room(len(stratum), len(stratum))
    if name == "JK1":
        return _jk1(stage, mse)
    if name == "JKn":
        return _jkn(structure, stage, stratum, mse)
    if name in ("BRR", "Fay"):
        return _balanced(stage, stratum, mse, name, rho if name == "Fay" else 0.0)
    count = 1000 if n is None else n
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 2:
        raise DesignError(
            "The number of replicates must be a whole number of at least 2.",
            got=count,
            expected="2 or more; 500 to 2,000 are usual",
        )
    if stage.lonely.any():
        raise DesignError(
            "The bootstrap needs at least two clusters in every stratum.",
            where=_lonely(structure, stage),
            fix="merge them with similar strata",
        )
    _room(max(len(stratum), structure.units), count)
    rng = np.random.default_rng(seed)
    multipliers = _rescaled(stage, stratum, count, rng, finite=name == "rwyb")
    if name == "rwyb" and (structure.elements is not None and structure.stages):
        raise DesignError(
            "This bootstrap resamples clusters at both stages, but the second stage consists of individuals.",
            got="psu = [cluster, person]",
            fix="use method 'bootstrap' on the first stage, or Taylor linearisation, which handles both stages",
        )
    if name == "rwyb" and len(structure.stages) == 2:
        multipliers = _second_stage(structure, multipliers, count, rng)
        return Replicates(name, (), multipliers, 1 / count, np.ones(count), mse, df=min(df, count - 1.0), per="unit")
    ignored = name == "bootstrap" and _has_fraction(stage)
    note = Note("notes.bootstrap_infinite") if ignored else ""
    return Replicates(name, (), multipliers, 1 / count, np.ones(count), mse, df=min(df, count - 1.0), note=note)


def first_stage(structure: CodedDesign) -> tuple[Stage, Ints]:
    """The first stage of sampling and the stratum of each of its units (everyone drawn, where elements are)."""
    if structure.stages:
        return structure.stages[0], structure.stages[0].parent
    if structure.elements is None:
        raise DesignError("The design has no sampling stage.")
    return structure.elements, structure.drawn


def suits_jackknife(structure: CodedDesign, most: int) -> bool:
    """Whether at most so many replicates are enough to leave out each cluster once, and tell the whole variance."""
    stage, stratum = first_stage(structure)
    within = len(structure.stages) + (structure.elements is not None) > 1
    return len(stratum) <= most and not (within and _has_fraction(stage)) and bool((stage.coef[stratum] > 0).any())


def _lonely(structure: CodedDesign, stage: Stage) -> str:
    names = structure.strata.iloc[np.flatnonzero(stage.lonely)].astype(str).agg(" / ".join, axis=1)
    return f"strata with one cluster: {shorten(names)}"


def _room(units: int, count: int) -> None:
    if units * count > MOST:
        raise DesignError(
            "The replicates would not fit in memory.",
            got=f"{units:,} units by {count:,} replicates",
            expected=f"at most {MOST:,} multipliers in all",
            fix="use a bootstrap with fewer replicates (n=), or Taylor linearisation, which needs none",
        )


def _has_fraction(stage: Stage) -> bool:
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = stage.size / (stage.size - 1.0)
    several = stage.size > 1
    return not np.allclose(stage.coef[several], plain[several], rtol=1e-12)


def _no_fraction(stage: Stage, name: str, within: bool) -> None:
    if _has_fraction(stage):
        raise DesignError(
            f"{name} does not support a finite population correction"
            + (" when clusters are subsampled." if within else "."),
            got="a design with fpc" + (" and two stages" if within else ""),
            fix="use method 'rwyb', Taylor linearisation, or a design without fpc",
        )


def _jk1(stage: Stage, mse: bool) -> Replicates:
    if len(stage.size) > 1:
        raise DesignError("JK1 is for designs without strata.", got=f"{len(stage.size)} strata", fix="use 'JKn'")
    n = int(stage.size[0])
    if n < 2:
        raise DesignError("A jackknife needs at least two clusters.", got=n)
    multipliers = np.full((n, n), n / (n - 1))
    np.fill_diagonal(multipliers, 0.0)
    return Replicates("JK1", (), multipliers, float(_left(stage)[0]), np.ones(n), mse, df=n - 1.0)


def _left(stage: Stage) -> Array:
    """What squared deviations count for in each stratum: (1 - f) (n - 1) / n, as R's as.svrepdesign has it."""
    return stage.coef * ((stage.size - 1) / stage.size) ** 2


def _jkn(structure: CodedDesign, stage: Stage, stratum: Ints, mse: bool) -> Replicates:
    if stage.lonely.any():
        raise DesignError(
            "The stratified jackknife needs at least two clusters in every stratum.",
            where=_lonely(structure, stage),
            fix="merge them with similar strata",
        )
    # a stratum that was taken whole does not vary: no replicate leaves out a cluster of it
    dropped = np.flatnonzero(stage.coef[stratum] > 0)
    if not len(dropped):
        raise DesignError(
            "Every cluster of the population is in the sample, so there is no sampling variance to replicate.",
            got="a census",
            fix="use Taylor linearisation, which gives standard errors of 0",
        )
    df = float((stage.size - 1)[stage.coef > 0].sum())
    size = stage.size[stratum[dropped]].astype(float)
    multipliers = np.ones((len(stratum), len(dropped)))
    same = stratum[:, None] == stratum[dropped][None, :]
    multipliers = np.where(same, (size / (size - 1))[None, :], multipliers)
    multipliers[dropped, np.arange(len(dropped))] = 0.0
    return Replicates("JKn", (), multipliers, 1.0, _left(stage)[stratum[dropped]], mse, df=df)


def _balanced(stage: Stage, stratum: Ints, mse: bool, name: str, rho: float) -> Replicates:
    if not 0 <= rho < 1:
        raise DesignError(
            "Fay's rho must be between 0 and 1.", got=rho, expected="at least 0 and below 1; 0.5 is usual"
        )
    odd = np.flatnonzero(stage.size != 2)
    if len(odd):
        raise DesignError(
            f"{name} needs exactly two clusters in every stratum.",
            where=f"{len(odd)} strata",
            got=shorten(stage.size[odd]),
            expected="2",
            fix="use 'JKn' or 'bootstrap'",
        )
    strata = len(stage.size)
    signs = hadamard(strata + 1)[:, 1 : strata + 1].astype(float)
    order = np.argsort(stratum, kind="stable")
    multipliers = np.empty((len(stratum), len(signs)))
    multipliers[order[0::2]] = 1 + (1 - rho) * signs.T
    multipliers[order[1::2]] = 1 - (1 - rho) * signs.T
    scale = 1 / (len(signs) * (1 - rho) ** 2)
    return Replicates(name, (), multipliers, scale, np.ones(len(signs)), mse, df=float(strata))


def _rescaled(stage: Stage, stratum: Ints, count: int, rng: np.random.Generator, finite: bool) -> Array:
    """Rao-Wu: n_h - 1 clusters drawn with replacement in each stratum, rescaled; with fpc, Rao-Wu-Yue-Beaumont."""
    out = np.ones((len(stratum), count))
    order = np.argsort(stratum, kind="stable")
    starts = np.concatenate([[0], np.cumsum(stage.size)])
    for h, size in enumerate(stage.size):
        if size < 2:
            continue
        rows = order[starts[h] : starts[h + 1]]
        drawn = rng.multinomial(size - 1, np.full(size, 1 / size), count).T
        # coef = (1 - f) m / (m - 1): the fraction left over by a finite population
        left = stage.coef[h] * (size - 1) / size if finite else 1.0
        root = np.sqrt(left)
        out[rows] = 1 - root + root * size / (size - 1) * drawn
    return out


def _second_stage(structure: CodedDesign, first: Array, count: int, rng: np.random.Generator) -> Array:
    """Multipliers of second-stage units: the cluster's, times their own draw within it, so that none is negative.

    A cluster's multiplier a has E[a] = 1 and E[a^2] = 1 + its variance; the draw within is scaled down by the latter,
    and the product adds to the first stage's variance just the second's (Beaumont & Emond 2022, section 7).
    """
    clusters, stage = structure.stages
    out = first[structure.member[0]]
    squared = 1 + (clusters.coef * (clusters.size - 1) / clusters.size)[clusters.parent]
    order = np.argsort(stage.parent, kind="stable")
    starts = np.concatenate([[0], np.cumsum(stage.size)])
    for p, size in enumerate(stage.size):
        if size < 2 or stage.coef[p] == 0:
            continue
        rows = order[starts[p] : starts[p + 1]]
        drawn = rng.multinomial(size - 1, np.full(size, 1 / size), count).T
        cluster = structure.member[0][rows[0]]
        root = np.sqrt(stage.coef[p] * (size - 1) / size / squared[cluster])
        out[rows] *= 1 + root * (size / (size - 1) * drawn - 1)
    return out
