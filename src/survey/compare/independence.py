"""Whether two questions are associated: tests of independence for tables of weighted counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import one_of
from survey.base.arrays import Array
from survey.base.catalogue import Note, listed
from survey.base.expressions import Where
from survey.base.tails import chi2_tail, f_tail, wald, weighted_tail
from survey.compare.asked import groups_to_compare
from survey.compare.joint import everybody, pair_rows, pairs, rows_needed
from survey.core.sample_data import SampleData
from survey.counting.cells import Cells, Coded, Grouping
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates
from survey.estimation.estimators import Estimator
from survey.estimation.inferred import scale_notes
from survey.estimation.items import Names, answers_of, count_item, each_item, item_names
from survey.estimation.linearize import LinearizedItem
from survey.estimation.results import check_level, group_notes, joint_covariance
from survey.estimation.set_notes import list_notes, option_notes

__all__ = ["STATISTICS", "independence"]

STATISTICS = ("F", "Chisq", "lincom", "Wald", "adjWald")
_MOST_CELLS = 5_000
_LEAST_EXPECTED, _MOST_SPARSE = 5, 0.2
"""Cochran (1954), Biometrics 10: no more than a fifth of the cells with fewer than five expected."""
_EMPTY, _MOST_EMPTY = 1, 1 / 3
"""With more cells of fewer expected no test is made: with no association, tables of four answers a group were called
associated in six of ten simulated samples, those of eight never."""
_NO_ERROR = 1e-12
"""Of the variance that simple random sampling would give: less is what rounding left of none."""
_SINGULAR = 1e-12
_MOST_NAMED = 6


def independence(
    self: SampleData,
    items: Names,
    by: Names,
    where: Where = None,
    statistic: str = "F",
    level: float = 0.95,
    variance: str | None = None,
) -> Estimates:
    """Test whether the answers to items are independent of groups, as the design allows: Rao-Scott and Wald tests.

    Parameters
    ----------
    items : str or list of str
        Columns of answers of any type; each is tested by itself.
    by : str or list of str
        The other question; of several columns, their combinations.
    where : str, bool array or callable, optional
        A domain, as an expression ("kind == 'business'").
    statistic : {"F", "Chisq", "lincom", "Wald", "adjWald"}
        "F": Pearson's statistic with the second-order correction of Rao & Scott, referred to F with Satterthwaite's
        degrees of freedom; for most purposes. "Chisq": their first-order correction (the mean design effect), referred
        to chi-squared. "lincom": Pearson's statistic referred to its asymptotic distribution, a weighted sum of
        chi-squared variables (saddlepoint). "Wald": of Koch, Freeman & Freeman; "adjWald": the same for few clusters.
    level : float
        1 - level is the error that sentences allow.
    variance : {"taylor", "replicate"}, optional
        As for `mean`.

    Returns
    -------
    Estimates
        item, with (the other question), test (the statistic), estimate (Cramer's V, 0-1, corrected for what chance
        alone gives under the design), std_error (empty), statistic, df, ddf (empty for "Chisq"), p_value, cramers_v
        (uncorrected), deff (mean generalised design effect), n. Rows without an answer to either question leave the
        domain; answers nobody gave are left out.

    Raises
    ------
    EstimationError
        As for `mean`; also if there is one group only, an item is compared with itself, or the table is too large.

    Notes
    -----
    Agrees with R's svychisq, whose "Chisq" gives the statistic before its correction (statistic * deff here). The
    interaction contrasts are projected unweighted, as there. V is corrected as by Bergsma (2013) for simple random
    samples, with the effective n, n / deff, in the place of n.

    References
    ----------
    Rao & Scott (1981), JASA 76, 221-230, (1984), Ann. Stat. 12, 46-60, and (1987), Ann. Stat. 15, 385-397; Thomas & Rao
    (1987), JASA 82, 630-636; Koch, Freeman & Freeman (1975), Int. Stat. Review 43, 59-78; Bergsma (2013), J. Korean
    Stat. Soc. 42, 323-328.

    Examples
    --------
    >>> sample.independence(["OV01", "OV02"], "pilot")  # doctest: +SKIP
    """
    one_of(statistic, STATISTICS, "statistic of a test of independence", EstimationError)
    check_level(level)
    names = list(dict.fromkeys(item_names(items, self)))
    grouping = groups_to_compare(self, by, where)
    groups = [str(name) for name in grouping.labels.columns]
    same = [name for name in names if name in groups]
    if same:
        raise EstimationError("An item cannot be tested against itself.", where=shorten(same), expected="two questions")
    whole = everybody(grouping)

    def counted(name: str) -> tuple[Coded, Cells]:
        coded = answers_of(self, name)
        _refuse_large(name, len(grouping), len(coded.answers))
        return coded, count_item(self, name, grouping, coded)

    # the algebra comes after the threads: it has threads of its own, and both would wait for each other
    counts = each_item(self, grouping, counted, names)
    tests = [_tested(self, *count, grouping, whole, statistic, variance) for count in counts]
    grouping.forget()
    table = pd.DataFrame({"item": names, "with": "/".join(groups), "test": statistic})
    for column in ("estimate", "std_error", "statistic", "df", "ddf", "p_value", "cramers_v", "deff"):
        table[column] = [test.values.get(column, np.nan) for test in tests]
    table["n"] = [test.n for test in tests]
    keys = {key: [t.item for t in tests if key in t.notes] for key in dict.fromkeys(k for t in tests for k in t.notes)}
    about = [Note(f"notes.{key}", items=listed(which, _MOST_NAMED)) for key, which in keys.items()]
    asked = [*names, *groups]
    told = [*scale_notes(self, asked, shown=True), *option_notes(self, names), *list_notes(self, names)]
    spec = self.design.replicates if self.uses_replicates(variance) else None
    replicates = [spec.note] if spec is not None and spec.note else []
    return Estimates(
        table,
        "independence",
        level=level,
        codebook=self.codebook,
        notes=(*group_notes(grouping), *replicates, *about, *told),
        source=self.source,
        simulated=self.simulated,
    )


@dataclass(frozen=True, slots=True)
class _Test:
    """The row of an item: its numbers by column, its answers, and keys of the notes on it."""

    item: str
    values: dict[str, float]
    n: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Shares:
    """Shares of a two-way table without empty rows and columns, and its interaction contrasts.

    Parameters
    ----------
    p : array (rows, columns)
    kept : int array (rows * columns,)
        Where the cells of p are among all pairs.
    contrasts : array (rows * columns, contrasts)
        An orthonormal basis of what has no row and no column sums.
    """

    p: Array
    kept: NDArray[np.int64]
    contrasts: Array

    @classmethod
    def of(cls, totals: Array) -> _Shares | None:
        """From weighted counts (rows, columns); None where they have one row or column."""
        rows, columns = np.flatnonzero(totals.sum(axis=1) > 0), np.flatnonzero(totals.sum(axis=0) > 0)
        if len(rows) < 2 or len(columns) < 2:
            return None
        kept = np.add.outer(rows * totals.shape[1], columns).ravel()
        p: Array = totals[np.ix_(rows, columns)] / totals.sum()
        return cls(p, kept, np.asarray(np.kron(_helmert(len(rows)), _helmert(len(columns)))))

    @property
    def expected(self) -> Array:
        """Shares under independence: (rows, columns)."""
        return np.asarray(np.outer(self.p.sum(axis=1), self.p.sum(axis=0)))

    @property
    def over_shares(self) -> Array:
        """Contrasts divided by the shares of their cells, 0 in empty cells: (cells, contrasts)."""
        p = self.p.reshape(-1, 1)
        return np.asarray(np.divide(self.contrasts, p, out=np.zeros_like(self.contrasts), where=p > 0))

    @property
    def slopes(self) -> Array:
        """How contrasts of counts less those expected change with each count: (cells, contrasts)."""
        row, column = self.p.sum(axis=1), self.p.sum(axis=0)
        c = self.contrasts.reshape(*self.p.shape, -1)
        by_row, by_column = np.einsum("ijs,j->is", c, column), np.einsum("ijs,i->js", c, row)
        own = c - by_row[:, None] - by_column[None] + row @ by_row  # the last is what the sum of all adds
        return np.asarray(own.reshape(len(self.contrasts), -1))

    def pearson(self) -> float:
        """Pearson's statistic over n: the sum of squared departures over expected shares."""
        return float(((self.p - self.expected) ** 2 / self.expected).sum())


def _helmert(k: int) -> Array:
    """Orthonormal contrasts of k numbers: (k, k - 1)."""
    j = np.arange(1, k)
    out: Array = np.triu(np.ones((k, k - 1))) / np.sqrt(j * (j + 1))
    out[j, j - 1] = -j / np.sqrt(j * (j + 1))
    return out


def _tested(
    sample: SampleData,
    coded: Coded,
    counts: Cells,
    grouping: Grouping,
    whole: Grouping,
    statistic: str,
    variance: str | None,
) -> _Test:
    name = counts.item
    n = int(counts.n_groups.sum())
    shares = _Shares.of(np.einsum("ugb->gb", counts.sums))
    if shares is None:
        return _Test(name, {}, n, ("one_row",))
    rows = pair_rows(grouping, whole, coded) if rows_needed(sample, variance) else None
    cells = pairs(counts, np.arange(len(grouping) * len(coded.answers)))

    def covariance(estimator: Estimator) -> tuple[Array, float]:
        joint, df = joint_covariance(sample, [LinearizedItem.of(estimator, cells, rows)], whole, variance)
        return joint, float(df.min())

    weights, width = shares.over_shares, cells.sums.shape[2]
    joint, ddf = covariance(_shares_of(weights, shares.kept, width))
    effects = _effects(shares.contrasts.T @ weights, n * joint)
    if effects is None or not ddf > 0:
        return _Test(name, _v(shares, np.nan, n), n, ("empty_table" if effects is None else "no_df",))
    deff = float(effects.mean())
    if deff <= _NO_ERROR:
        return _Test(name, _v(shares, 0.0, n), n, ("no_error",))
    values, expected = _v(shares, deff, n) | {"deff": deff}, shares.expected * n / deff
    if (expected < _EMPTY).mean() > _MOST_EMPTY:
        return _Test(name, values, n, ("too_sparse",))
    if statistic.endswith("Wald"):
        departures = counts.sums.sum() * (shares.p - shares.expected).ravel() @ shares.contrasts
        joint, _ = covariance(_counts_of(shares.slopes, shares.kept, width))
        found = _wald(departures, joint, ddf, statistic.startswith("adj"))
    else:
        found = _rao_scott(n * shares.pearson(), effects, ddf, statistic)
    sparse = ("sparse_table",) if (expected < _LEAST_EXPECTED).mean() > _MOST_SPARSE else ()
    return _Test(name, values | found, n, sparse if found else (*sparse, "no_wald"))


def _rao_scott(pearson: float, effects: Array, ddf: float, asked: str) -> dict[str, float]:
    """Pearson's statistic, corrected by the eigenvalues of the generalised design effects matrix."""
    total, k = float(effects.sum()), len(effects)
    if asked == "F":
        f, df = pearson / total, total**2 / float((effects**2).sum())
        return {"statistic": f, "df": df, "ddf": df * ddf, "p_value": f_tail(f, df, df * ddf)}
    if asked == "Chisq":
        x = pearson * k / total
        return {"statistic": x, "df": float(k), "p_value": chi2_tail(x, k)}
    df = total**2 / float((effects**2).sum())
    p = weighted_tail(pearson, effects, df * ddf)
    return {"statistic": pearson, "df": float(k), "ddf": df * ddf, "p_value": p}


def _wald(departures: Array, joint: Array, ddf: float, adjusted: bool) -> dict[str, float]:
    """Counts less those expected in the metric of their covariance, the sum of all being estimated too, not shares.

    Nothing where that cannot be inverted.
    """
    k, f = len(departures), wald(departures, joint)
    if k > ddf or np.isnan(f):
        return {}
    if adjusted:
        f, ddf = f * (ddf - k + 1) / ddf, ddf - k + 1
    return {"statistic": f, "df": float(k), "ddf": ddf, "p_value": f_tail(f, k, ddf)}


def _shares_of(weights: Array, kept: NDArray[np.int64], width: int) -> Estimator:
    """Sums of the shares of pairs times weights (pairs kept, statistics) that are known."""
    full = np.zeros((width, weights.shape[1]))
    full[kept] = weights

    def evaluate(sums: Array) -> Array:
        out: Array = (sums @ full) / sums.sum(axis=1, keepdims=True)
        return out

    def gradient(sums: Array) -> Array:
        out: Array = (full.T[None] - evaluate(sums)[:, :, None]) / sums.sum(axis=1)[:, None, None]
        return out

    return Estimator("shares", 0, evaluate, gradient, _no_srs)


def _counts_of(weights: Array, kept: NDArray[np.int64], width: int) -> Estimator:
    """Sums of the counts of pairs times weights (pairs kept, statistics) that are known."""
    full = np.zeros((width, weights.shape[1]))
    full[kept] = weights
    return Estimator(
        "counts", 0, lambda sums: np.asarray(sums @ full), lambda sums: np.stack([full.T] * len(sums)), _no_srs
    )


def _no_srs(sums: Array, n: NDArray[np.float64]) -> Array:
    return np.full((len(sums), 1), np.nan)


def _effects(simple: Array, joint: Array) -> Array | None:
    """Eigenvalues of simple^-1 joint, 0 or more; contrasts of empty cells alone, which `simple` lacks, are left out."""
    if not np.isfinite(joint).all():
        return None
    root = _cholesky(simple)
    if root is not None:
        own = np.linalg.solve(root, np.linalg.solve(root, joint).T)
    else:
        values, vectors = np.linalg.eigh(simple)
        keep = values > _SINGULAR * values[-1]
        basis = vectors[:, keep] / np.sqrt(values[keep])
        own = basis.T @ joint @ basis
    return np.asarray(np.clip(np.linalg.eigvalsh(own), 0, None))


def _cholesky(matrix: Array) -> Array | None:
    """The lower root of a matrix; None where it is singular, or nearly."""
    try:
        root = np.asarray(np.linalg.cholesky(matrix), dtype=float)
    except np.linalg.LinAlgError:
        return None
    size = np.diag(root) / np.sqrt(np.diag(matrix))
    return root if size.min() ** 2 > _SINGULAR else None


def _v(shares: _Shares, deff: float, n: int) -> dict[str, float]:
    """Cramer's V, and V without what chance alone gives (Bergsma 2013) of an effective n of n / deff."""
    square, (r, c) = shares.pearson(), shares.p.shape
    plain = float(np.sqrt(square / (min(r, c) - 1)))
    found = {"cramers_v": plain, "estimate": plain}
    if np.isnan(deff):
        return found
    lost = deff / (n - deff) if n > deff else np.inf  # 1 / (effective n - 1)
    left = square - (r - 1) * (c - 1) * lost
    least = min(r - (r - 1) ** 2 * lost, c - (c - 1) ** 2 * lost) - 1
    return found | {"estimate": float(np.sqrt(left / least)) if left > 0 and least > 0 else 0.0}


def _refuse_large(name: str, groups: int, answers: int) -> None:
    if groups * answers > _MOST_CELLS:
        raise EstimationError(
            "The table of an item by groups is too large for a test of independence.",
            where=name,
            got=f"{answers:,} answers by {groups:,} groups",
            expected=f"at most {_MOST_CELLS:,} cells",
            fix="group its values with responses.band(...), or test numbers with rank_test or linear",
        )
