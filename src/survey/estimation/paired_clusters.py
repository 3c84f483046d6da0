"""The clusters behind shares whose counts are pairs of unit and group; see `survey.estimation.share_clusters`."""

from __future__ import annotations

import numpy as np

from survey.base.arrays import Array, weighted_count
from survey.counting.pairs import summed
from survey.design.coded_design import CodedDesign
from survey.errors import EstimationError
from survey.estimation.clustered import empty_cluster_size
from survey.estimation.linearized_item import PairedItem

__all__ = ["of_pairs"]


def of_pairs(
    structure: CodedDesign, squared: Array, piece: PairedItem, share: Array, squares: Array, given: tuple[Array, Array]
) -> tuple[Array, Array, Array, Array]:
    """Clusters (groups,), clusters that carry the rarer answer (k,), size of a cluster and n behind an end (groups,).

    Parameters
    ----------
    squared : array (rows,)
        Squares of weights.
    share : array (k,)
    squares : array (groups,)
        Their sums, of valid answers.
    given : arrays (pairs,) and (pairs, statistics)
        Weights of all valid answers, and of those that are counted.
    """
    pairs, at = piece.pairs.in_clusters(structure.psu, len(structure.stages[0].parent))
    whole, gave = (summed(at, part, len(pairs)) for part in given)
    flip = share.reshape(len(piece.estimate), -1) > 0.5
    rarer = np.where(flip[pairs.group], whole[:, None] - gave, gave)
    total, square = pairs.over_units(rarer), pairs.over_units(rarer**2)
    carrying = np.where(square > 0, total**2 / np.where(square > 0, square, 1.0), 0.0)
    own = summed(at, _squares(piece, squared), len(pairs))
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(squares > 0, pairs.over_units(whole**2) / squares, np.nan)
        answers = np.where(own > 0, whole**2 / own, 0.0)
        independent = empty_cluster_size(answers)
        spread = pairs.over_units(np.where(own > 0, whole**2 / np.where(independent > 0, independent, 1.0), 0.0))
        empty = np.where(spread > 0, pairs.over_units(whole) ** 2 / spread, np.nan)
    clusters = pairs.over_units(whole != 0).astype(float)
    return clusters, carrying.reshape(-1), size, empty


def _squares(piece: PairedItem, squared: Array) -> Array:
    """Sum of squares of weights of the valid answers of each pair: (pairs,)."""
    if piece.squares is not None:
        return np.asarray(piece.squares.sum(axis=1))
    if piece.pairs.row is None:
        raise EstimationError("Shares must be counted from answers.", where=piece.item)
    row = np.where(piece.own.valid(), piece.pairs.row, len(piece.pairs))
    return weighted_count(row, squared, len(piece.pairs) + 1)[:-1]
