"""One answer down the page: harmless where it is consistent, telling where it contradicts reversed items."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from survey.base.arrays import Array
from survey.codebook import Variable
from survey.quality._table import Table

__all__ = ["MIN_LINE", "Lines", "batteries", "straight_lines"]

MIN_LINE = 4
"""So few answers may agree by chance."""


@dataclass(frozen=True)
class Lines:
    """Of each row.

    Parameters
    ----------
    code : array (rows,)
        The code given throughout a battery although it has reversed items; NaN where there is none.
    answers : array (rows,)
        How many answers hold it.
    longest : array (rows,)
        Longest run of one code over consecutive items of one scale (longstring; Johnson 2005).
    irv : array (rows,)
        Intra-individual response variability: standard deviation of the answers on one scale, its ends at 0 and 1
        (Dunn et al. 2018). NaN with fewer than `MIN_LINE` answers.
    batteries : tuple of tuple of str
        Batteries with reversed items.
    """

    code: Array
    answers: Array
    longest: Array
    irv: Array
    batteries: tuple[tuple[str, ...], ...]


def batteries(table: Table) -> list[list[int]]:
    """Runs of neighbouring ordinal items with one scale, by position."""
    variables = [table.codebook[n] for n in table.items]

    def scale(k: int) -> tuple[object, ...]:
        v = variables[k]
        return (v.type, v.dimension, v.codes)

    runs = [list(run) for _, run in groupby(range(len(variables)), key=scale)]
    return [run for run in runs if variables[run[0]].type == "ordinal" and len(variables[run[0]].codes) > 2]


def straight_lines(table: Table) -> Lines:
    """Who gave one code, not the middle one, to items and to their opposites.

    A straight line along items of one direction, or down the middle, is what a person may well think (Curran 2016 on
    why a run of equal answers alone proves nothing): neither is flagged.
    """
    rows = len(table)
    code, answers = np.full(rows, np.nan), np.zeros(rows)
    longest, irv = np.full(rows, np.nan), np.full(rows, np.nan)
    variables = [table.codebook[n] for n in table.items]
    given = table.answers
    found = []
    for run in batteries(table):
        part = given[:, run]
        longest = np.fmax(longest, np.where((part >= 0).any(axis=1), _longest(part), np.nan))
        direction = np.array([variables[k].direction for k in run])
        if not ((direction > 0).any() and (direction < 0).any()):
            continue
        found.append(tuple(table.items[k] for k in run))
        known = part >= 0
        high = np.where(known, part, -1).max(axis=1)
        low = np.where(known, part, 999).min(axis=1)
        n = known[:, direction != 0].sum(axis=1)
        turned = known[:, direction < 0].any(axis=1) & known[:, direction > 0].any(axis=1)
        codes = np.array(variables[run[0]].codes, dtype=float)
        middle = (len(codes) - 1) / 2
        line = (high == low) & turned & (n >= MIN_LINE) & (high != middle)
        more = line & (known.sum(axis=1) > answers)
        code[more] = codes[np.clip(high, 0, len(codes) - 1)][more]
        answers[more] = known.sum(axis=1)[more]
    for run in _scales(variables):
        part = np.where(given[:, run] >= 0, given[:, run] / (len(variables[run[0]].codes) - 1), np.nan)
        n = np.isfinite(part).sum(axis=1)
        enough = n >= MIN_LINE
        if enough.any():
            spread = np.full(rows, np.nan)
            spread[enough] = np.nanstd(part[enough], axis=1, ddof=1)
            irv = np.fmin(irv, spread)  # the flattest scale tells
    return Lines(code, answers, longest, irv, tuple(found))


def _scales(variables: list[Variable]) -> list[list[int]]:
    by_codes: dict[tuple[object, ...], list[int]] = {}
    for k, v in enumerate(variables):
        if v.type == "ordinal" and len(v.codes) > 2:
            by_codes.setdefault(v.codes, []).append(k)
    return [run for run in by_codes.values() if len(run) >= MIN_LINE]


def _longest(part: NDArray[np.int16]) -> Array:
    """Longest run of one answer; questions without an answer do not break a run."""
    rows = len(part)
    last, run, best = np.full(rows, -1), np.zeros(rows), np.zeros(rows)
    for k in range(part.shape[1]):
        here = part[:, k] >= 0
        run = np.where(here, np.where(part[:, k] == last, run + 1, 1), run)
        last = np.where(here, part[:, k], last)
        best = np.maximum(best, run)
    return best
