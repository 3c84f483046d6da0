"""From linearised pieces to `Estimates`: standard errors, degrees of freedom, intervals, labels and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import in_range
from survey.base.arrays import Array, t_interval_factor
from survey.base.catalogue import Note, listed
from survey.calibration.residuals import Residuals
from survey.core.domains import MOST_PEOPLE, Domains
from survey.core.sample_data import SampleData
from survey.core.statistics import kind_of
from survey.core.support import Clustering, Support
from survey.counting.cells import Grouping
from survey.design.coded_design import CodedDesign
from survey.errors import EstimationError
from survey.estimates import Estimates
from survey.estimation.breakdowns import Groupings
from survey.estimation.clustered import at_an_end
from survey.estimation.equality import equality
from survey.estimation.intervals import share_interval
from survey.estimation.joined import PART, Joint, joined, members_of
from survey.estimation.linearized_item import LinearizedItem, PairedItem
from survey.estimation.replicate_variance import Replicated, by_clusters, replicated
from survey.estimation.share_clusters import clustering_of, kish_n
from survey.estimation.variance import Elements
from survey.words.notes import ALIKE, BY_DESIGN, CALIBRATED, CLUSTERED_END, KORN_GRAUBARD_END

__all__ = ["assemble", "check_level", "group_notes", "joint_covariance", "joint_variance", "variance_of"]

_ALIKE = 1e-28
"""Sum of squares of the influence values over the estimate's square: less is rounding, and all answers are the same.

One answer of much weight near the mean makes small influence values of answers that differ: 1e-24 in numbers of 300,000
that differ by 0.001.
"""
_ROUNDING, _REPLICATED = 1e-22, 1e-15
"""A variance that is a smaller part than this of what the influence values would give is what rounding left of zero;
the second for replicates.

Rounding leaves about 1e-28. A real departure leaves far more: numbers of 1e9 that differ in their last digit leave
1e-19. Replicates that are raked again stop at a relative gap of 1e-9 and leave 1e-18.
"""


def check_level(level: float) -> None:
    """Raise unless a confidence level is a share."""
    in_range(
        level,
        "The confidence level must be between 0 and 1.",
        EstimationError,
        where="level=",
        expected="between 0 and 1, such as 0.95",
        fits=lambda v: 0 < v < 1,
    )


def assemble(
    sample: SampleData,
    statistic: str,
    pieces: Sequence[LinearizedItem],
    names: Sequence[str],
    grouping: Grouping | Groupings,
    level: float,
    interval: str | None = None,
    variance: str | None = None,
) -> Estimates:
    """Put pieces together: table, intervals, covariance on demand, degrees of freedom.

    There is one piece an item and part of the grouping, items outermost.
    """
    check_level(level)
    kind, grouping = kind_of(statistic), Groupings.of(grouping)
    for part in grouping.parts:
        part.forget()
    estimate = np.concatenate([p.estimate.reshape(-1) for p in pieces])
    n = np.concatenate([np.repeat(p.n, p.estimate.shape[1]) for p in pieces]).astype(float)
    notes = group_notes(grouping)
    joint, support = joint_variance(sample, pieces, grouping, variance)
    df = support.df()
    std_error = np.where(np.isnan(estimate), np.nan, np.sqrt(joint.variance()))
    certain = np.zeros(len(estimate), bool)
    if not isinstance(joint, Replicated):
        certain = _certain(sample, pieces) & ~np.isnan(estimate)
        # one cluster says nothing of the spread between clusters; a total still varies by whether it is drawn
        several = max(sample.structure.rows, sample.structure.elsewhere) > 1
        alone = (support.clusters() <= 1) & several & (not kind.total) & ~certain
        std_error[alone] = np.nan
        if (alone & (n > 0)).any():
            notes.append(Note("notes.one_cluster"))
    else:
        spec = sample.design.replicates
        notes += [spec.note] if spec is not None and spec.note else []
    if isinstance(joint, Replicated) and (np.isnan(std_error) & ~np.isnan(estimate)).any():
        notes.append(Note("notes.empty_replicate"))
    srs = np.concatenate([p.srs.reshape(-1) for p in pieces])
    rounding = _REPLICATED if isinstance(joint, Replicated) else _ROUNDING
    known, alike, exact = _without_error(sample, pieces, estimate, std_error, srs, df, rounding)
    if certain.any():
        known, alike = known | certain, alike & ~certain
        exact[certain] = BY_DESIGN
    std_error[known | alike] = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        # answers that are all alike: 0 over 0, whatever rounding left below
        deff = np.where((srs > 0) & ~known & ~alike, std_error**2 / srs, np.nan)
        n_eff = np.where(deff > 0, n / deff, np.nan)
    clustering: Clustering | None = None
    if interval is None:
        half = t_interval_factor(level, df) * std_error
        low, high = estimate - half, estimate + half
        known |= alike
        exact[alike] = ALIKE
    else:
        low, high, at_end, clustering = _share_limits(sample, pieces, estimate, std_error, df, n, level, interval)
        if (at_end & ~known).any():
            notes.append(CLUSTERED_END if clustering is not None else KORN_GRAUBARD_END)
    # a number without sampling error has no interval: one of no width would claim to be an estimate beyond doubt
    low, high = np.where(known, np.nan, low), np.where(known, np.nan, high)
    notes += sorted(set(exact) - {""}, key=lambda note: (note == ALIKE, note))
    table = _labels(pieces, names, grouping, kind.per_answer)
    results = {
        "estimate": estimate,
        "std_error": std_error,
        "conf_low": low,
        "conf_high": high,
        "df": df,
        "n": n.astype(np.int64),
        "n_eff": n_eff,
        "deff": deff,
    }
    table = pd.concat([table, pd.DataFrame(results)], axis=1)
    population = np.concatenate([np.repeat(p.population, p.estimate.shape[1]) for p in pieces])
    return Estimates(
        table,
        statistic,
        tuple(grouping.labels.columns),
        level,
        (),
        sample.codebook,
        tuple(notes),
        sample.source,
        sample.simulated,
        support,
        _Covariance(joint, known),
        population=population,
        clustering=clustering,
        exact=tuple(exact),
        breakdowns=grouping.breakdowns,
        _domains=_domains(sample, pieces),
        _tests=None if grouping.breakdowns is None else partial(equality, support),
    )


def _domains(sample: SampleData, pieces: Sequence[LinearizedItem]) -> Domains | None:
    """Whose answers the rows stand on; None where rows are not kept, or are very many."""
    rows = [piece.respondents for piece in pieces]
    structure = sample.structure
    if structure.rows > MOST_PEOPLE or structure.people is not None or any(own is None for own in rows):
        return None
    groups = tuple(own.answered for own in rows if own is not None)
    answered = tuple(own.valid for own in rows if own is not None)
    part = np.repeat(np.arange(len(pieces)), [piece.size for piece in pieces])
    group = [np.repeat(np.arange(len(piece.estimate)), piece.estimate.shape[1]) for piece in pieces]
    return Domains(partial(_people, sample), groups, part, np.concatenate(group), partial(_weights, sample), answered)


def _weights(sample: SampleData) -> NDArray[Any]:
    return sample.weights


def _people(sample: SampleData) -> bytes:
    """What tells the people of one data set from those of another: how many, and what stands in the first column."""
    first = sample.data.iloc[:, :1].astype(str)
    return sha256(
        f"{len(first)}".encode() + pd.util.hash_pandas_object(first, index=False).to_numpy().tobytes()
    ).digest()


def _certain(sample: SampleData, pieces: Sequence[LinearizedItem]) -> NDArray[np.bool_]:
    """Which estimates stand on people alone who were all drawn, whatever they answered: a census, or a part of one."""
    structure = sample.structure
    left_out = np.zeros(structure.units)
    for stage, member in zip(structure.stages, structure.member, strict=True):
        left_out += (stage.coef + stage.lonely)[stage.parent][member]
    if structure.elements is not None:
        left_out += structure.elements.coef + structure.elements.lonely
    sampled = left_out > 0
    if sampled.all() or (sampled.any() and sample.residuals.steps):  # after calibration everyone is in every estimate
        return np.zeros(sum(piece.size for piece in pieces), bool)
    return np.concatenate([~piece.among(sampled) for piece in pieces])


def _without_error(
    sample: SampleData,
    pieces: Sequence[LinearizedItem],
    estimate: Array,
    std_error: Array,
    srs: Array,
    df: Array,
    rounding: float,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[Any]]:
    """Which estimates have no sampling error: numbers that are known, answers that are all alike; and why the first.

    A standard error is compared with what it would be had nothing been taken off the influence values: neither what
    calibration explains nor the means of strata.
    """
    known, alike = np.zeros(len(estimate), bool), np.zeros(len(estimate), bool)
    exact = np.full(len(estimate), "", dtype=object)
    variance = std_error**2
    near = variance <= 1e-8 * (np.nan_to_num(estimate) ** 2 + np.nan_to_num(srs))
    if not near.any():
        return known, alike, exact
    structure, start = sample.structure, 0
    for piece in pieces:
        at = slice(start, start + piece.size)
        start += piece.size
        if not near[at].any():
            continue
        raw = _raw(structure, piece)
        # of answers that are all the same their mean leaves nothing but rounding
        alike[at] = near[at] & (raw <= _ALIKE * estimate[at] ** 2)
        known[at] = near[at] & ~alike[at] & (variance[at] <= rounding * raw)
        if known[at].any():
            plain = joined(structure, Residuals(()), [piece]).variance()
            by_design = plain <= _ROUNDING * raw
            # lonely clusters that count for nothing leave no variance, and no one knows it: no degrees of freedom
            known[at] &= ~(by_design & ~(df[at] > 0))
            exact[at] = np.where(known[at], np.where(by_design, BY_DESIGN, CALIBRATED), "")
    return known, alike, exact


def _raw(structure: CodedDesign, piece: LinearizedItem) -> Array:
    """Sums of squares of what is summed in units, and of elements where they are the last stage: (statistics,)."""
    if isinstance(piece, PairedItem):
        if structure.elements is None:
            return np.asarray(piece.over_units(piece.pair_totals() ** 2).reshape(-1))
        return np.concatenate([_raw(structure, part) for part in piece.parts(PART)])
    z = piece.totals()
    raw = np.einsum("us,us->s", z, z)
    if structure.elements is not None:
        nothing = Elements(np.zeros_like(z), np.ones_like(z))
        raw = raw + piece.second(structure, nothing, False)
    return np.asarray(raw)


@dataclass(frozen=True)
class _Covariance:
    """The covariance, whole or of some rows, with zeros where rounding would be left."""

    joint: Joint
    known: NDArray[np.bool_]

    def __call__(self) -> Array:
        out = self.joint.covariance()
        out[self.known], out[:, self.known] = 0.0, 0.0
        return out

    def block(self, rows: NDArray[np.int64]) -> Array:
        out = self.joint.block(rows)
        out[self.known[rows]], out[:, self.known[rows]] = 0.0, 0.0
        return out


def _share_limits(
    sample: SampleData,
    pieces: Sequence[LinearizedItem],
    estimate: Array,
    std_error: Array,
    df: Array,
    n: Array,
    level: float,
    interval: str,
) -> tuple[Array, Array, NDArray[np.bool_], Clustering | None]:
    ends = at_an_end(estimate, std_error)
    if interval == "clustered":
        clustering = clustering_of(sample, pieces, estimate, ends)
        return *share_interval(estimate, std_error, df, n, n, level, interval, clustering), clustering
    kish = np.full(len(estimate), np.nan)
    if ends.any():
        kish = np.concatenate([np.repeat(kish_n(sample.structure, p), p.estimate.shape[1]) for p in pieces])
    return *share_interval(estimate, std_error, df, n, kish, level, interval), None


def joint_variance(
    sample: SampleData, pieces: Sequence[LinearizedItem], grouping: Grouping | Groupings, variance: str | None
) -> tuple[Joint, Support]:
    """Linearised or replicate variance, and what degrees of freedom are counted from."""
    joint, structure, grouping = variance_of(sample, pieces, variance), sample.structure, Groupings.of(grouping)
    places = _places(grouping, len(pieces))
    groups = np.concatenate([np.repeat(at, p.estimate.shape[1]) for at, p in zip(places, pieces, strict=True)])
    partitions = None
    if len(grouping.parts) > 1:
        which = np.arange(len(pieces)) % len(grouping.parts)
        partitions = np.repeat(which, [p.size for p in pieces])
    if structure.elements is not None and not structure.stages:
        support = Support(members_of(structure, pieces), structure.stratum, True, groups, partitions=partitions)
    else:
        parent = structure.stages[0].parent
        support = Support(members_of(structure, pieces), parent, False, groups, partitions=partitions)
    spec = sample.design.replicates
    if not isinstance(joint, Replicated) or spec is None:
        return joint, support
    if spec.multipliers is not None and structure.stages:
        return joint, replace(support, most=sample.replicate_df)
    # of a producer's replicates the clusters are not known: their rank stands in, for domains too
    return joint, replace(support, fixed=sample.replicate_df)


def variance_of(sample: SampleData, pieces: Sequence[LinearizedItem], variance: str | None) -> Joint:
    """Linearised or replicate variance of statistics."""
    if not sample.uses_replicates(variance):
        return joined(sample.structure, sample.residuals, pieces)
    spec = sample.design.replicates
    if spec is None:
        raise EstimationError("The sample has no replicates.")
    readjusted = None if by_clusters(sample.structure, sample.design) else sample.readjusted
    return replicated(sample.structure, spec, pieces, readjusted)


def _places(grouping: Groupings, pieces: int) -> list[NDArray[np.int64]]:
    """The rows of `grouping.labels` that the groups of each piece are."""
    ends = np.cumsum([len(part) for part in grouping.parts])
    own = [np.arange(end - len(part), end) for end, part in zip(ends, grouping.parts, strict=True)]
    return [own[i % len(own)] for i in range(pieces)]


def _labels(pieces: Sequence[LinearizedItem], names: Sequence[str], grouping: Groupings, answers: bool) -> pd.DataFrame:
    """The first columns of the table: item, groups, answer."""
    per_group = [piece.estimate.shape[1] for piece in pieces]
    places = _places(grouping, len(pieces))
    group = np.concatenate([np.repeat(at, k) for at, k in zip(places, per_group, strict=True)])
    which = np.repeat(np.arange(len(pieces)) // len(grouping.parts), [piece.size for piece in pieces])
    item = pd.Series(list(names), dtype=str).take(which)
    columns: dict[str, Any] = {"item": item.array}
    columns |= {name: grouping.labels[name].array.take(group) for name in grouping.labels.columns}
    if answers:
        # cumulative shares have none of the last answer: it would be everyone
        each = [np.tile(p.answers[: p.estimate.shape[1]], len(p.estimate)) for p in pieces if p.answers is not None]
        columns["answer"] = np.concatenate(each)
    return pd.DataFrame(columns)


def joint_covariance(
    sample: SampleData, pieces: Sequence[LinearizedItem], grouping: Grouping | Groupings, variance: str | None = None
) -> tuple[Array, Array]:
    """Covariance of the statistics of some pieces, and the degrees of freedom of each, for what tests make of them."""
    joint, support = joint_variance(sample, pieces, grouping, variance)
    return joint.covariance(), support.df()


def group_notes(grouping: Grouping | Groupings) -> list[str]:
    """What a reader must know of groups and their domain."""
    found: list[str] = []
    for part in Groupings.of(grouping).parts:
        found += part.notes
        if part.n_outside:
            found.append(Note("notes.no_group", n=int(part.n_outside), columns=listed(part.labels.columns, 8)))
    return list(dict.fromkeys(found))
