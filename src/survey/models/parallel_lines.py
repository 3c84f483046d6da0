"""Whether the lines are parallel: whether one slope holds at every cut of the answers, tested under the design.

The model says that a term moves the odds of every top part of the scale (5 against 1-4, 4-5 against 1-3, ...) by the
same factor. The alternative gives each cut a slope of its own. Its score at the fitted model says which way the slopes
would part; it needs no fit of its own, so cuts at which few answers lie do no harm, where separate logits (Brant 1990)
run off to infinity.

The statistic is the score test's, in the metric of the information that independent answers would give. Under a design
it is a weighted sum of chi-squared variables, whose weights are the eigenvalues of generalised design effects, and is
compared with F by Rao and Scott's second-order correction, with the scatter taken out that a covariance of few clusters
has. Nothing of the design is inverted, so the test keeps its size when contrasts are as many as clusters, where Wald's
statistic does not (docs/models-ordinal.md has both).

References
----------
Peterson & Harrell (1990), Applied Statistics 39, 205-217: the score test. Brant (1990), Biometrics 46, 1171-1178.
Rao, Scott & Skinner (1998), Statistica Sinica 8, 1059-1070: quasi-score tests. Rao & Scott (1984), Annals of
Statistics 12, 46-60. Bai & Saranadasa (1996), Statistica Sinica 6, 311-329: the squares of a covariance that was
estimated, without its scatter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey.base.arrays import Array
from survey.base.codes import Ints
from survey.base.tails import f_tail
from survey.models.ordinal_fitting import OrdinalFit, cumulative, shares

__all__ = ["Departures", "ScoreTest", "departures"]

_EMPTY = 1e-10
"""Of the largest: smaller eigenvalues of the information are directions in which nothing can be told."""


@dataclass(frozen=True, slots=True)
class ScoreTest:
    """A test of parallel lines.

    Parameters
    ----------
    statistic : float
        F: the score statistic over the sum of the design effects.
    df, ddf : float
        Of F: Satterthwaite's, and times the degrees of freedom of the design.
    p_value : float
        NaN where nothing can be tested: two answers, no degrees of freedom.
    contrasts : int
        Slopes that could part: terms times cuts beyond the first.
    deff : float
        Mean generalised design effect, times the mean weight: over it where answers in a cluster are alike or weights
        differ.
    score : float
        The score statistic itself, chi-squared with `contrasts` degrees of freedom for independent answers of weight 1.
    """

    statistic: float
    df: float
    ddf: float
    p_value: float
    contrasts: int
    deff: float
    score: float


@dataclass(frozen=True, slots=True)
class Departures:
    """Scores of slopes of their own at every cut but the first, at a fitted model.

    Parameters
    ----------
    total : array (k * (cuts - 1),)
        Weighted score, cut by cut.
    rows : array (rows, k * (cuts - 1))
        What each row adds to it per unit of weight, less what the fitted parameters explain.
    information : array (k * (cuts - 1), k * (cuts - 1))
        Expected, of what the fitted parameters leave.
    cuts : int
    """

    total: Array
    rows: Array
    information: Array
    cuts: int

    def columns(self, terms: Sequence[int]) -> list[int]:
        """Places of some terms' slopes."""
        k = len(self.total) // max(self.cuts - 1, 1)
        return [cut * k + term for cut in range(self.cuts - 1) for term in terms]

    def test(self, covariance: Array, terms: Sequence[int], ddf: float) -> ScoreTest:
        """Test whether the slopes of some terms part, all others staying parallel.

        Parameters
        ----------
        covariance : array
            Of `total` under the design.
        terms : sequence of int
            Columns of the model's matrix.
        ddf : float
            Degrees of freedom of the design.
        """
        at = np.array(self.columns(terms), dtype=int)
        nothing = ScoreTest(np.nan, np.nan, np.nan, np.nan, len(at), np.nan, np.nan)
        if not len(at):
            return nothing
        own = np.ix_(at, at)
        values, vectors = np.linalg.eigh(self.information[own])
        keep = values > _EMPTY * values[-1]
        basis = vectors[:, keep] / np.sqrt(values[keep])
        effects = np.clip(np.linalg.eigvalsh(basis.T @ covariance[own] @ basis), 0, None)
        score = float(((basis.T @ self.total[at]) ** 2).sum())
        total = float(effects.sum())
        if not (ddf > 0 and total > 0):
            return nothing
        df = _satterthwaite(effects, ddf)
        f = score / total
        return ScoreTest(f, df, df * ddf, f_tail(f, df, df * ddf), int(keep.sum()), total / int(keep.sum()), score)


def _satterthwaite(effects: Array, ddf: float) -> float:
    """Degrees of freedom of a weighted sum of chi-squared variables, from weights that were estimated.

    A covariance of few clusters scatters its eigenvalues, so that their squares alone give too few degrees of freedom,
    and a test that hardly ever finds anything. What scatter adds to the sum of squares is known for a Wishart matrix.
    """
    total, squares, k = float(effects.sum()), float((effects**2).sum()), len(effects)
    if np.isfinite(ddf) and ddf > 1:
        squares = ddf**2 / ((ddf + 2) * (ddf - 1)) * (squares - total**2 / ddf)
    return float(k) if squares <= total**2 / k else total**2 / squares


def departures(fitted: OrdinalFit, x: Array, answer: Ints, w: Array) -> Departures:
    """Scores and information of slopes that part, at the fitted model.

    Parameters
    ----------
    fitted : OrdinalFit
    x : array (rows, k)
    answer : int array (rows,)
    w : array (rows,)
    """
    cuts, k = len(fitted.thresholds), x.shape[1]
    z = x - w @ x / w.sum()  # the same test: thresholds of their own take up what is constant
    own, beside = _blocks(fitted, x, w)
    row = own.copy()  # of each row: the sums of its block's columns
    row[:, :-1] += beside
    row[:, 1:] += beside
    size, j = (cuts - 1) * k, np.arange(cuts)
    common = np.zeros((cuts + k, cuts + k))
    common[j, j] = own.sum(axis=0)
    common[j[:-1], j[1:]] = common[j[1:], j[:-1]] = beside.sum(axis=0)
    common[cuts:, :cuts] = -z.T @ row
    common[:cuts, cuts:] = common[cuts:, :cuts].T
    common[cuts:, cuts:] = z.T @ (z * row.sum(axis=1)[:, None])
    crossed = np.zeros((cuts + k, cuts - 1, k))
    among = np.zeros((cuts - 1, k, cuts - 1, k))
    for c in range(1, cuts):
        crossed[c, c - 1] = -own[:, c] @ z
        crossed[c - 1, c - 1] = -beside[:, c - 1] @ z
        crossed[cuts:, c - 1] = z.T @ (z * row[:, c, None])
        among[c - 1, :, c - 1] = z.T @ (z * own[:, c, None])
        if c + 1 < cuts:
            crossed[c + 1, c - 1] = -beside[:, c] @ z
            among[c - 1, :, c] = among[c, :, c - 1] = z.T @ (z * beside[:, c, None])
    joint = crossed.reshape(cuts + k, size)
    scale = np.sqrt(np.diag(common))
    explained = np.linalg.solve(common / np.outer(scale, scale), joint / scale[:, None]) / scale[:, None]
    information = among.reshape(size, size) - joint.T @ explained
    at_cuts = fitted.scores[:, 1:cuts]
    rows = -(at_cuts[:, :, None] * z[:, None, :]).reshape(len(x), size)
    score = fitted.scores.copy()
    score[:, cuts:] = -fitted.scores[:, :cuts].sum(axis=1)[:, None] * z
    rows -= score @ explained
    return Departures(w @ rows, rows, (information + information.T) / 2, cuts)


def _blocks(fitted: OrdinalFit, x: Array, w: Array) -> tuple[Array, Array]:
    """Expected information of each row on the log odds at the cuts, a matrix of three diagonals.

    Returns
    -------
    tuple of array
        (rows, cuts) on the diagonal, and (rows, cuts - 1) beside it.
    """
    below = cumulative(x, fitted.thresholds, fitted.slopes)
    p = shares(x, fitted.thresholds, fitted.slopes)
    slope = below * (1 - below)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.nan_to_num(slope / p[:, :-1]), np.nan_to_num(slope / p[:, 1:])
    own = slope * (each[0] + each[1])
    return w[:, None] * own, -w[:, None] * each[1][:, :-1] * slope[:, 1:]
