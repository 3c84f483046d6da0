"""Interviews of one hand that are more alike than interviews of different hands ever are.

A fixed share of identical answers condemns people who are truly content and think alike (Simmons, Mercer, Schwarzer &
Kennedy 2016, on Kuriakose & Robbins 2016). What is rare among honest interviews is learnt from the data themselves:
two interviews by different interviewers cannot be copies made by one of them, so their likeness is the null.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.quality._table import Table

__all__ = ["CLOSE", "MIN_ITEMS", "Near", "near_duplicates"]

MIN_ITEMS = 10
"""Two interviews are compared where at least so many questions were answered in both."""
CLOSE = 0.01
"""An interview whose closest twin has a smaller chance counts in its interviewer's excess."""
_REFERENCE = 2500
"""Rows whose pairs make the null; more are drawn at random from a larger cell."""
_DRAWS = 400
_LEAST_PAIRS = 2000
_TAIL, _FEW = 250, 10
_BLOCK = 1024

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Near:
    """Of each row: its closest twin by the same interviewer.

    Parameters
    ----------
    twin : int array (rows,)
        Position of the twin, -1 where there is nothing to compare.
    share : array (rows,)
        Identical answers over questions answered in both, 0-1.
    joint : array (rows,)
        Questions answered in both.
    p : array (rows,)
        Chance that the closest of as many interviews by other interviewers is as close; NaN where there is no twin.
    close, expected, group_p : arrays (teams,)
        Interviews with p below `CLOSE`, how many there would be by chance, and the chance of so many.
    cells : int
        Waves that could be looked at.
    """

    twin: Ints
    share: Array
    joint: Array
    p: Array
    close: Array
    expected: Array
    group_p: Array
    cells: int


class _Likeness:
    """How alike two interviews of one cell are, beyond what their answers make likely.

    For rows i and j: identical answers minus those expected by chance, over their standard deviation; chance takes
    every answer to be drawn with the shares of the cell. Being in the mainstream, or using one end of the scale,
    makes an interview like many others, so this is standardised once more by the row's own mean and standard deviation
    over interviews of other hands.
    """

    def __init__(self, answers: NDArray[np.int16], who: Ints, ids: Ints | None, tame: Bools) -> None:
        n, items = answers.shape
        known = answers >= 0
        blocks, chance = [], np.zeros((n, items), dtype=np.float32)
        for k in range(items):
            counts = np.bincount(answers[known[:, k], k], minlength=1)
            blocks.append(answers[:, [k]] == np.arange(len(counts)))
            share = counts / max(counts.sum(), 1)
            chance[:, k] = np.where(known[:, k], share[np.maximum(answers[:, k], 0)], 0)
        self.codes: Any = np.concatenate(blocks, axis=1).astype(np.float32)
        self.known: Any = known.astype(np.float32)
        self.chance: Any = chance
        self.spread: Any = chance * (1 - chance)
        self.who, self.ids, self.tame = who, ids, tame
        self.mean = np.full(n, np.nan)
        self.sd = np.full(n, np.nan)

    def raw(self, rows: Ints, others: Ints) -> tuple[Array, Array, Array]:
        """z, identical answers, answered in both: (rows, others); z is NaN where too little was answered."""
        both = self.known[rows] @ self.known[others].T
        same = self.codes[rows] @ self.codes[others].T
        expected = self.chance[rows] @ self.known[others].T + self.known[rows] @ self.chance[others].T
        spread = self.spread[rows] @ self.known[others].T + self.known[rows] @ self.spread[others].T
        with np.errstate(invalid="ignore", divide="ignore"):
            z = (same - expected / 2) / np.sqrt(spread / 2)
        z[(both < MIN_ITEMS) | (spread <= 1e-6)] = np.nan
        return z, same, both

    def different_hands(self, rows: Ints, others: Ints) -> Bools:
        """Pairs that no interviewer can have copied; two who tick one column down the page are alike for another
        reason and say nothing about honest people."""
        apart: Bools = self.who[rows][:, None] != self.who[others][None, :]
        apart &= self.tame[rows][:, None] | self.tame[others][None, :]
        if self.ids is not None:
            apart &= self.ids[rows][:, None] != self.ids[others][None, :]
        return apart

    def fit(self, reference: Ints) -> None:
        """Each row's own mean and standard deviation over interviews of other hands."""
        for rows in _blocks(np.arange(len(self.who))):
            z, _, _ = self.raw(rows, reference)
            z[~self.different_hands(rows, reference)] = np.nan
            seen = np.isfinite(z)
            n = seen.sum(axis=1)
            total = np.where(seen, z, 0).sum(axis=1, dtype=float)
            with np.errstate(invalid="ignore", divide="ignore"):
                mean = total / n
                square = np.where(seen, (z - mean[:, None]) ** 2, 0).sum(axis=1, dtype=float)
                sd = np.sqrt(square / (n - 1))
            enough = (n >= 20) & (sd > 1e-6)
            self.mean[rows], self.sd[rows] = np.where(enough, mean, np.nan), np.where(enough, sd, np.nan)

    def standard(self, z: Array, rows: Ints, others: Ints) -> Array:
        """z on the scale of both interviews."""
        one = (z - self.mean[rows][:, None]) / self.sd[rows][:, None]
        other = (z - self.mean[others][None, :]) / self.sd[others][None, :]
        mean: Array = (one + other) / 2
        return mean


def near_duplicates(table: Table, tame: Bools, seed: int, progress: bool = True) -> Near:
    """Compare all interviews of one hand and wave with one another, and all of different hands for the null.

    Parameters
    ----------
    table : Table
    tame : bool array (rows,)
        False for those who gave one code down the page.
    seed : int
        For the rows that make the null where a wave has more than 2,500, and for the simulated interviewers.
    progress : bool
        A bar where it takes long.

    Notes
    -----
    The chance of a pair is the share of pairs of different hands that are at least as alike (see `_chance`); of an
    interview with m others of its hand, 1 - (1 - that)^m (Sidak 1967) for the closest of them. Interviewers: 400
    workloads of the same size are made of interviews of different hands, and the number of close ones in them gives
    mean and variance of a negative binomial.
    """
    rows, teams = len(table), len(table.teams)
    twin, joint = np.full(rows, -1), np.zeros(rows)
    share, p = np.full(rows, np.nan), np.full(rows, np.nan)
    close, expected, group_p = (np.full(teams, np.nan) for _ in range(3))
    rng = np.random.default_rng(seed)
    looked = 0
    for at in _cells(table, progress):
        ids = None if table.ids is None else table.ids[at]
        alike = _Likeness(table.answers[at], table.who[at], ids, tame[at])
        n = len(at)
        reference = np.arange(n) if n <= _REFERENCE else np.sort(rng.choice(n, _REFERENCE, replace=False))
        alike.fit(reference)
        null = alike.standard(alike.raw(reference, reference)[0], reference, reference)
        null[~alike.different_hands(reference, reference)] = np.nan
        pairs = np.sort(null[np.triu_indices(len(reference), 1)])
        pairs = pairs[np.isfinite(pairs)]
        if len(pairs) < _LEAST_PAIRS:
            continue
        looked += 1
        team, known = table.team[at], {}
        for t in np.unique(team):
            own = np.flatnonzero(team == t)
            best, m = _closest(alike, own, at, twin, share, joint)
            p[at[own]] = np.where(m > 0, _chance(best, m, pairs), np.nan)
            tested = int((m > 0).sum())
            if tested:
                size = min(-4 * (-len(own) // 4), len(null))  # rounded up to fours, so that few sizes are drawn
                if size not in known:
                    known[size] = _in_a_workload(size, null, pairs, rng)
                close[t] = (p[at[own]] < CLOSE).sum()
                expected[t], group_p[t] = _excess(close[t], *known[size], tested)
    return Near(twin, share, joint, p, close, expected, group_p, looked)


def _cells(table: Table, progress: bool) -> Iterator[Ints]:
    cells = [np.flatnonzero((table.cell == c) & (table.who >= 0)) for c in range(len(table.cells))]
    cells = [at for at in cells if len(np.unique(table.who[at])) > 1]
    if not (progress and sum(len(at) for at in cells) > 4 * _REFERENCE):
        yield from cells
        return
    from tqdm import tqdm

    yield from tqdm(cells, desc="near-duplicates", leave=False, disable=None)


def _closest(alike: _Likeness, own: Ints, at: Ints, twin: Ints, share: Array, joint: Array) -> tuple[Array, Array]:
    """How close the closest interview of the same hand is, and how many there are; notes which it is."""
    best, m = np.full(len(own), -np.inf), np.zeros(len(own))
    for part in _blocks(np.arange(len(own))):
        rows = own[part]
        z, same, both = alike.raw(rows, own)
        u = alike.standard(z, rows, own)
        u[rows[:, None] == own[None, :]] = np.nan
        if alike.ids is not None:
            u[alike.ids[rows][:, None] == alike.ids[own][None, :]] = np.nan
        seen = np.isfinite(u)
        u[~seen] = -np.inf
        k = u.argmax(axis=1)
        line = np.arange(len(rows))
        best[part], m[part] = u[line, k], seen.sum(axis=1)
        found = m[part] > 0
        twin[at[rows]] = np.where(found, at[own[k]], -1)
        joint[at[rows]] = np.where(found, both[line, k], 0)
        share[at[rows]] = np.where(found, same[line, k] / np.maximum(both[line, k], 1), np.nan)
    return best, m


def _chance(best: Array, m: Array, pairs: Array) -> Array:
    """Chance that the closest of m pairs of different hands is as close.

    Where fewer than ten pairs are, an exponential tail through the 250 closest pairs goes on from there (Knijnenburg,
    Wessels, Reinders & Shmulevich 2009, Bioinformatics 25, i161-i168, with shape 0: likeness has an upper end, so the
    true tail is shorter and the chance told is too large rather than too small).
    """
    n = len(pairs)
    count = n - np.searchsorted(pairs, best - 1e-6, "left")
    beyond = (count + 1) / (n + 1)
    start = pairs[-_TAIL - 1]
    mean = float((pairs[-_TAIL:] - start).mean())
    if mean > 0:
        smooth = _TAIL / n * np.exp(-np.maximum(best - start, 0) / mean)
        beyond = np.where((count < _FEW) & (best > start), np.minimum(smooth, (_FEW + 1) / (n + 1)), beyond)
    return np.asarray(-np.expm1(m * np.log1p(-np.minimum(beyond, 1 - 1e-12))))


def _in_a_workload(size: int, null: Array, pairs: Array, rng: np.random.Generator) -> tuple[float, float]:
    """Mean and variance of the number of close interviews in a workload made of interviews of different hands."""
    found = np.zeros(_DRAWS)
    for d in range(_DRAWS):
        drawn = rng.choice(len(null), size, replace=False)
        part = null[np.ix_(drawn, drawn)]
        m = np.isfinite(part).sum(axis=1)
        best = np.nan_to_num(part, nan=-np.inf).max(axis=1)
        found[d] = (_chance(best, m, pairs)[m > 0] < CLOSE).sum()
    return float(found.mean()), float(found.var(ddof=1))


def _excess(close: float, mean: float, variance: float, tested: int) -> tuple[float, float]:
    """Close interviews expected, and the chance of as many as were found."""
    from scipy import stats

    # never less than what the test itself lets through, so that a lucky set of draws condemns no one
    mean = max(mean, CLOSE * tested)
    variance = max(variance, 1.05 * mean)
    p = stats.nbinom.sf(close - 1, mean**2 / (variance - mean), mean / variance) if close else 1.0
    return mean, float(p)


def _blocks(places: Ints) -> Iterator[Ints]:
    for start in range(0, len(places), _BLOCK):
        yield places[start : start + _BLOCK]
