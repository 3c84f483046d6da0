"""Ranks of groups with their intervals: which groups cannot be told apart, and which quarter each is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import in_range, listed, one_of
from survey.base.arrays import Array, t_interval_factor
from survey.base.catalogue import Note
from survey.base.catalogue import listed as listed_names
from survey.base.max_t import max_t_of_pairs
from survey.base.max_t_of_each import max_t_of_each
from survey.core.contrasts import WITHIN, alike_in, answers_behind
from survey.core.estimates_data import E, EstimatesData
from survey.core.letters import compact_letters
from survey.errors import EstimationError, shorten

__all__ = ["METHODS", "ranks"]

METHODS = ("simultaneous", "marginal", "bootstrap")
FIRST = ("highest", "lowest")
_SAME = 1e-12
"""Estimates that differ by less of their size are the same."""
_QUARTERS = 4
_MOST_LETTERS = 60
_MOST_NAMED = 5

Bools = NDArray[np.bool_]


def ranks(
    self: E,
    *,
    within: str | Sequence[str] | None = None,
    first: str = "highest",
    method: str = "simultaneous",
    critical: float | None = None,
    draws: int = 10_000,
    seed: int = 1,
) -> E:
    """Rank groups, each with an interval of the ranks that it may have.

    A group's best possible rank is 1 plus the number of groups that are significantly better, its worst the number of
    groups minus those that are significantly worse; the differences have the covariance of the estimates. Groups with
    the same value share the better rank, and intervals hold every rank that such a group can be given.

    Parameters
    ----------
    within : str or list of str, optional
        Grouping columns within which groups are ranked (a wave, a kind of respondent); items, answers, quantiles and
        breakdowns are always ranked separately.
    first : {"highest", "lowest"}
        Which estimate has rank 1. Where the codebook says that a low answer is good, a note says that rank 1 is not
        the best.
    method : {"simultaneous", "marginal", "bootstrap"}
        "simultaneous": all intervals of an item hold at once with the level of the estimates; the differences of every
        two groups are judged by the quantile of the largest of them (max-t). "marginal": each interval holds for its
        own group, by its differences from the others. "bootstrap": quantiles of the ranks of normal draws with the
        estimates' covariance, each for its own group; where groups are nearly equal they cover less than they claim.
    critical : float, optional
        A critical value of one's own in place of the quantile: differences of more standard errors are significant.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    Estimates
        item, <by...>, estimate (the rank, 1 is `first`), conf_low, conf_high (the ranks it may have), quartile,
        quartile_low, quartile_high (1 for the first quarter; missing with fewer than four groups), alike (how many of
        the other groups it cannot be told from), value (what was ranked), letters (groups that share one cannot be told
        apart; empty for more than 60 groups), n. Groups without an estimate have no rank.

    Raises
    ------
    EstimationError
        If there are fewer than two groups with an estimate, or `within` is not a grouping column.

    References
    ----------
    Al Mohamad, Goeman & van Zwet (2022), Biometrics 78; Klein, Wright & Wieczorek (2020), J. R. Stat. Soc. A 183;
    Mogstad, Romano, Shaikh & Wilhelm (2024), Review of Economic Studies 91; on the bootstrap Xie, Singh & Zhang
    (2009), J. Am. Stat. Assoc. 104.

    Examples
    --------
    >>> sample.mean("friendliness", by="ward").ranks()  # doctest: +SKIP
    """
    one_of(first, FIRST, "first rank", EstimationError, where="ranks(first=...)")
    one_of(method, METHODS, "method for ranks", EstimationError, where="ranks(method=...)")
    if critical is not None:
        message, where = "A critical value must be a positive number.", "ranks(critical=...)"
        in_range(critical, message, EstimationError, where=where, expected="above 0", fits=lambda v: v > 0)
    in_range(
        draws,
        "The bootstrap needs draws.",
        EstimationError,
        where="ranks(draws=...)",
        expected="100 or more",
        fits=lambda v: v >= 100,
    )
    if self.kind.ranks:
        raise EstimationError("These are already ranks.", got="the result of ranks()", expected="estimates")
    inside = listed(within)
    absent = [name for name in inside if name not in self.by]
    if absent:
        raise EstimationError(
            "Ranks can only be made within grouping columns.",
            where="ranks(within=...)",
            got=shorten(absent),
            expected=shorten(self.by) or "none, as these estimates have no groups",
        )
    keep = alike_in(self)
    if self.by and "contrast" in self.table.columns:  # a change of each ward: wards are ranked, not changes
        keep.append("contrast")
    if not _varies(self, [*keep, *inside]) and "item" in keep:
        keep.remove("item")  # without groups the items themselves are ranked
    told = [c for c in self.table.columns if c in (*WITHIN, *self.by, "contrast")]
    if "term" in self.table.columns or self.table[told].duplicated().any():
        raise EstimationError(
            "Only groups, items and differences can be ranked.",
            got=f"a {self.statistic}",
            expected="estimates with by=, one row a group",
            fix="rank the means or shares of groups: sample.mean(items, by=...).ranks()",
        )
    settings = _Settings(tuple(dict.fromkeys([*keep, *inside])), first, method, critical, draws, seed)
    return _ranked(self, settings, np.zeros(len(self.table), bool))


@dataclass(frozen=True, slots=True)
class _Settings:
    """What was asked for."""

    within: tuple[str, ...]
    first: str
    method: str
    critical: float | None
    draws: int
    seed: int


def _varies(e: EstimatesData, within: Sequence[str]) -> bool:
    """Whether some block has more than one row."""
    return len(e.table) > 1 and (not within or int(_blocks(e.table, within).value_counts().max()) > 1)


def _blocks(table: pd.DataFrame, within: Sequence[str]) -> pd.Series:
    if not within:
        return pd.Series(0, index=range(len(table)))
    return table.groupby(list(within), sort=False, dropna=False, observed=True).ngroup().reset_index(drop=True)


def _ranked(e: E, asked: _Settings, left_out: Bools) -> E:
    """The ranks of the rows that are not left out, as if there were no others."""
    value = e.table["estimate"].to_numpy(float)
    ranked = ~np.isnan(value) & ~left_out
    block = _blocks(e.table, asked.within).to_numpy()
    rank, low, high, alike, size = (np.full(len(value), np.nan) for _ in range(5))
    letters = np.full(len(value), "", dtype=object)
    ties = False
    for number in range(int(block.max()) + 1):
        at = np.flatnonzero((block == number) & ranked)
        if len(at) < 2:
            continue
        better = _better(value[at], asked.first)
        rank[at], size[at] = 1 + better.sum(axis=1), len(at)
        ties |= bool((~better & ~better.T).sum() > len(at))
        if asked.method == "bootstrap":
            low[at], high[at] = _drawn(e, at, asked)
            apart = (high[at][:, None] < low[at]) | (low[at][:, None] > high[at])
        else:
            apart = _apart(e, at, asked)
            low[at] = 1 + (apart & better).sum(axis=1)
            high[at] = len(at) - (apart & better.T).sum(axis=1)
        alike[at] = len(at) - 1 - apart.sum(axis=1)
        letters[at] = _letters(apart, np.argsort(rank[at], kind="stable"))
    if np.isnan(rank).all() and not left_out.any():
        raise EstimationError(
            "There is nothing to rank.",
            got="one group with an estimate" if ranked.any() else "no estimates",
            expected="two or more groups with an estimate",
            fix="estimate with by=, and check within=",
        )
    quarters = {
        name: np.where(size >= _QUARTERS, np.floor((x - 1) * _QUARTERS / size) + 1, np.nan)
        for name, x in (("quartile", rank), ("quartile_low", low), ("quartile_high", high))
    }
    labels = [c for c in e.table.columns if c in (*WITHIN, *e.by, "contrast")]
    if "contrast" in asked.within and e.table["contrast"].nunique() == 1:
        labels.remove("contrast")
    results = {"estimate": rank, "conf_low": low, "conf_high": high, **quarters, "alike": alike, "value": value}
    table = e.table[labels].assign(**results, letters=pd.Series(letters, dtype="str"))
    if "n" in e.table.columns:
        table["n"] = e.table["n"]
    return e.derived(
        table,
        "rank",
        by=e.by,
        notes=(*e.notes, *_notes(e, asked, size, ties, int((np.isnan(rank) & ~left_out).sum()))),
        behind=answers_behind(e),
        hidden=e.hidden,
        complementary=e.complementary,
        unordered=(),
        _hiding=lambda own, hidden: _anew(own, _ranked(e, asked, hidden)) if hidden.any() else own,
    )


def _anew(e: E, without: E) -> E:
    """Ranks with the numbers of those that some rows were left out of."""
    return replace(e, table=without.table, notes=without.notes, _hiding=None)


def _better(value: Array, first: str) -> Bools:
    """[i, j]: whether j comes before i."""
    scale = _SAME * np.maximum(np.abs(value)[:, None], np.abs(value))
    gap = value - value[:, None] if first == "highest" else value[:, None] - value
    return np.asarray(gap > scale)


def _apart(e: EstimatesData, at: NDArray[np.int64], asked: _Settings) -> Bools:
    """[i, j]: whether the difference between two rows is significant; whether it is one at all where both are known."""
    value = e.table["estimate"].to_numpy(float)[at]
    covariance = e.covariance[np.ix_(at, at)]
    diagonal = np.diag(covariance)
    whole = diagonal[:, None] + diagonal
    variance = whole - 2 * covariance
    known = variance <= _SAME * whole  # of numbers that are known, or that move together, rounding is left
    unknown = e.table["std_error"].isna().to_numpy()[at]
    error = np.where(known, 0.0, np.sqrt(np.clip(variance, 0, None)))
    error[unknown, :] = error[:, unknown] = np.nan
    np.fill_diagonal(error, np.nan)
    df = np.where(np.isnan(error), np.nan, _joint_df(e, at))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.abs(value[:, None] - value) / error
    apart: Bools = (statistic > _limits(covariance, error, df, e.level, asked)) & (error > 0)
    apart |= (error == 0) & (_better(value, asked.first) | _better(value, asked.first).T)
    return apart


def _limits(covariance: Array, error: Array, df: Array, level: float, asked: _Settings) -> Array:
    """Critical value of the difference between every two groups: (groups, groups)."""
    if asked.critical is not None:
        return np.full(error.shape, float(asked.critical))
    covariance = np.where(np.isfinite(covariance), covariance, 0.0)
    differs = np.nan_to_num(error) > 0
    if asked.method == "simultaneous":
        first, second = np.nonzero(np.triu(differs))
        if not len(first):
            return np.full(error.shape, np.nan)
        return t_interval_factor(max_t_of_pairs(covariance, first, second).each_level(level), df)
    levels = [level if own is None else own.each_level(level) for own in max_t_of_each(covariance, differs)]
    return np.stack([t_interval_factor(own, d) for own, d in zip(levels, df, strict=True)])


def _joint_df(e: EstimatesData, at: NDArray[np.int64]) -> Array:
    """Degrees of freedom of the difference between every two rows: (rows, rows)."""
    if e.support is None:
        df = e.table["df"].to_numpy(float)[at] if "df" in e.table.columns else np.full(len(at), np.inf)
        return np.asarray(np.minimum(df[:, None], df))
    first, second = np.triu_indices(len(at), 1)
    found = np.full((len(at), len(at)), np.nan)
    found[first, second] = found[second, first] = e.support.pair_df(at[first], at[second])
    return found


def _drawn(e: EstimatesData, at: NDArray[np.int64], asked: _Settings) -> tuple[Array, Array]:
    """Quantiles of the ranks of normal draws around the estimates."""
    value = e.table["estimate"].to_numpy(float)[at]
    unknown = e.table["std_error"].isna().to_numpy()[at]
    covariance = np.where(np.isfinite(e.covariance), e.covariance, 0.0)[np.ix_(at, at)]
    values, vectors = np.linalg.eigh(covariance)
    factor = vectors * np.sqrt(np.clip(values, 0, None))
    normal = np.random.default_rng(asked.seed).standard_normal((asked.draws, len(at)))
    drawn = value + normal @ factor.T
    order = np.argsort(-drawn if asked.first == "highest" else drawn, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(1, len(at) + 1), order.shape), axis=1)
    tail = (1 - e.level) / 2
    low, high = np.quantile(rank, [tail, 1 - tail], axis=0, method="inverted_cdf")
    low[unknown], high[unknown] = 1, len(at)
    own = 1 + _better(value, asked.first).sum(axis=1)
    return np.minimum(low, own), np.maximum(high, own)


def _letters(apart: Bools, order: NDArray[np.int64]) -> list[str]:
    """Letters of the groups, the first one's first; empty where there are more groups than anybody reads them for."""
    if len(apart) > _MOST_LETTERS:
        return [""] * len(apart)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    pairs = np.argwhere(np.triu(apart[np.ix_(order, order)])).tolist()
    found = compact_letters(len(apart), [(int(i), int(j)) for i, j in pairs])
    return [found[p] for p in place]


def _low_is_good(e: EstimatesData) -> list[str]:
    """Items whose means or quantiles, or changes of them, are better the lower they are, by the codebook."""
    base = e
    while base.kind.combines and base.origin is not None:
        base = base.origin
    if base.kind.unit != "item" or "item" not in base.table.columns:
        return []
    items = dict.fromkeys(base.table["item"].astype(str))
    return [name for name in items if name in e.codebook and e.codebook[name].direction < 0]


def _notes(e: EstimatesData, asked: _Settings, size: Array, ties: bool, absent: int) -> list[str]:
    level = f"{100 * e.level:g}"
    found: list[str] = [
        Note("notes.ranks_bootstrap", draws=asked.draws, seed=asked.seed, level=level)
        if asked.method == "bootstrap"
        else Note(f"notes.ranks_{'given' if asked.critical is not None else asked.method}", level=level)
    ]
    if asked.first == "lowest":
        found.append(Note("notes.ranks_lowest"))
    elif worst := _low_is_good(e):
        found.append(Note("notes.ranks_low_is_good", items=listed_names(worst, _MOST_NAMED)))
    if ties:
        found.append(Note("notes.rank_ties"))
    if np.isfinite(size).any() and np.nanmin(size) < _QUARTERS:
        found.append(Note("notes.no_quartiles"))
    if absent:
        found.append(Note("notes.unranked", groups=absent))
    return found
