"""What an interval of shares must know of the clusters behind them, from the counts of its items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array, weighted_count
from survey.core.sample_data import SampleData
from survey.core.support import Clustering
from survey.design.coded_design import CodedDesign
from survey.errors import EstimationError
from survey.estimation.clustered import LEAST, carried, empty_cluster_size
from survey.estimation.linearized_item import LinearizedItem, PairedItem
from survey.estimation.paired_clusters import of_pairs
from survey.estimation.variance import unit_sums

__all__ = ["clustering_of", "kish_n"]


def clustering_of(
    sample: SampleData, pieces: Sequence[LinearizedItem], share: Array, at_end: NDArray[np.bool_]
) -> Clustering:
    """The clusters behind each share (k,), items and groups in the order of the pieces.

    Parameters
    ----------
    share : array (k,)
    at_end : bool array (k,)
        Shares of 0 or 1: what an empty cluster tells is counted for them alone.
    """
    structure = sample.structure
    squared = structure.squares
    found, start = [], 0
    for piece in pieces:
        at = slice(start, start + piece.size)
        found.append(_of_item(structure, squared, piece, share[at], bool(at_end[at].any())))
        start = at.stop
    parts = [np.concatenate(part) for part in zip(*found, strict=True)]
    calibrated = any(a.calibrates for a in sample.design.adjustments)
    least = 0.0 if calibrated else LEAST * _unsampled(structure)
    kish, clusters, carrying, size, empty = parts
    return Clustering(kish, clusters, carrying, size, empty, least)


def _of_item(
    structure: CodedDesign, squared: Array, piece: LinearizedItem, share: Array, ends: bool
) -> tuple[Array, ...]:
    """Kish's n, clusters, clusters that carry the rarer answer, size of a cluster, n behind a share of 0 or 1."""
    statistics = piece.estimate.shape[1]

    def repeat(part: Array) -> Array:
        return np.repeat(part, statistics)

    by_answer = _squares(squared, piece)
    squares = by_answer.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = np.where(squares > 0, piece.population**2 / squares, np.nan)
    gave = piece.sums if piece.features is None else piece.sums[..., 1:2]
    whole = piece.sums.sum(axis=-1) if piece.features is None else piece.sums[..., 0]
    end = (share <= 1e-12) | (share >= 1 - 1e-12) | np.isnan(share)  # rounding is left of whom no one, or everyone, is
    if structure.elements is not None and not structure.stages:  # every respondent is a cluster
        own = by_answer if piece.features is None else by_answer @ piece.features[:, 1:2] ** 2
        total, every = piece.over_units(gave).reshape(-1), repeat(piece.over_units(whole))
        carrying = _rarer(total, own.reshape(-1), every, repeat(squares), share)
        clusters, size, empty = repeat(piece.n.astype(float)), np.ones(len(share)), repeat(kish)
    elif isinstance(piece, PairedItem):
        clusters, carrying, size, empty = of_pairs(structure, squared, piece, share, squares, (whole, gave))
        clusters, size = repeat(clusters), repeat(size)
        empty = repeat(empty if ends else kish)
    else:
        psus = len(structure.stages[0].parent)
        whole = unit_sums(whole, structure.psu, psus)
        gave = unit_sums(gave.reshape(len(gave), -1), structure.psu, psus)
        carrying = carried(np.where(share > 0.5, np.repeat(whole, statistics, axis=1) - gave, gave))
        with np.errstate(divide="ignore", invalid="ignore"):
            size = repeat(np.where(squares > 0, (whole**2).sum(axis=0) / squares, np.nan))
        clusters = repeat(np.count_nonzero(whole, axis=0).astype(float))
        empty = repeat(_empty(structure, squared, piece, whole) if ends else kish)
    carrying[end] = 0.0
    return repeat(kish), clusters, carrying, size, empty


def _rarer(total: Array, squares: Array, every: Array, every_squares: Array, share: Array) -> Array:
    """Effective number of respondents who gave the rarer answer, T^2 / sum w^2."""
    flip = share > 0.5
    total, squares = np.where(flip, every - total, total), np.where(flip, every_squares - squares, squares)
    some = squares > 1e-12 * every_squares
    return np.where(some, total**2 / np.where(some, squares, 1.0), 0.0)


def _squares(squared: Array, piece: LinearizedItem) -> Array:
    """Sum of w squared of those of each group who gave each answer: (groups, answers)."""
    if piece.squares is not None:
        return piece.over_units(piece.squares)
    key, slots = _key(piece)
    counts = weighted_count(key, squared, (len(piece.estimate) + 1) * slots)
    return np.asarray(counts.reshape(-1, slots)[:-1, :-1])


def _empty(structure: CodedDesign, squared: Array, piece: LinearizedItem, whole: Array) -> Array:
    """Effective answers behind a share of 0 or 1: clusters weigh as their weights, each as its own answers tell."""
    psus = len(whole)
    if piece.squares is not None:
        squares = unit_sums(piece.squares.sum(axis=2), structure.psu, psus)
    else:
        key, slots = _key(piece)
        groups = len(piece.estimate) + 1
        cluster = structure.psu[structure.unit]
        counts = weighted_count(cluster * (groups * slots) + key, squared, psus * groups * slots)
        squares = counts.reshape(psus, groups, slots)[:, :-1, :-1].sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        answers = np.where(squares > 0, whole**2 / squares, 0.0)
        size = empty_cluster_size(answers)
        spread = np.where(squares > 0, whole**2 / np.where(size > 0, size, 1.0), 0.0).sum(axis=0)
        return np.where(spread > 0, whole.sum(axis=0) ** 2 / spread, np.nan)


def _key(piece: LinearizedItem) -> tuple[Array, int]:
    """Group and answer of every row in one number, and how many numbers a group has."""
    coded = piece.own.coded
    if coded is None:
        raise EstimationError("Shares must be counted from answers.", where=piece.item)
    slots = len(coded.answers) + 1
    return piece.own.grouping.code * slots + coded.code, slots


def _unsampled(structure: CodedDesign) -> float:
    """The smallest part that any stratum's first stage left out: 1 without an fpc, 0 where one was taken whole."""
    first = structure.stages[0] if structure.stages else structure.elements
    if first is None:
        return 1.0
    several = (first.size > 1) & ~first.lonely
    if not several.any():
        return 1.0
    return float((first.coef * (first.size - 1) / np.maximum(first.size, 1))[several].min())


def kish_n(structure: CodedDesign, piece: LinearizedItem) -> Array:
    """(sum w)^2 / sum w^2 of the valid answers of each group: (groups,)."""
    squares = _squares(structure.squares, piece).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(squares > 0, piece.population**2 / squares, np.nan)
